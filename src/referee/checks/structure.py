"""A model's layers against the wanted ones, row by row, whichever framework built it.

    ModelSummary -> canonical LayerSpecs -> aligned with the expected ones -> LayerDifference: rows, words, verdict

Canonical means: Keras names, channels last, no batch axis, a fused activation as a row of its own, no input layers.
Summaries come from students and are hostile; expected layers are the grader's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from referee.answers.interface import Layer, ModelSummary, Value
from referee.checks.compare import brief, compare
from referee.errors import GraderError
from referee.report import LayerRow

FinalSoftmax: TypeAlias = Literal["required", "optional", "forbidden"]
_MOST = 300  # rows of a student's model that are aligned
_ACTIVATIONS = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "GELU": "gelu", "SiLU": "silu"}
_ACTIVATIONS |= {"Softmax": "softmax", "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid", "Tanh": "tanh"}
_TORCH_TYPES = {"Linear": "Dense", "LayerNorm": "LayerNormalization"}
for _n in (1, 2, 3):
    _TORCH_TYPES |= {f"Conv{_n}d": f"Conv{_n}D", f"ConvTranspose{_n}d": f"Conv{_n}DTranspose"}
    _TORCH_TYPES |= {f"MaxPool{_n}d": f"MaxPooling{_n}D", f"AvgPool{_n}d": f"AveragePooling{_n}D"}
    _TORCH_TYPES |= {f"AdaptiveAvgPool{_n}d": f"GlobalAveragePooling{_n}D", f"ZeroPad{_n}d": f"ZeroPadding{_n}D"}
    _TORCH_TYPES |= {f"AdaptiveMaxPool{_n}d": f"GlobalMaxPooling{_n}D", f"Dropout{_n}d": f"SpatialDropout{_n}D"}
    _TORCH_TYPES |= {f"BatchNorm{_n}d": "BatchNormalization"}
_TORCH_KEYS = {"out_channels": "filters", "out_features": "units", "stride": "strides", "dilation": "dilation_rate"}
_TORCH_KEYS |= {"bias": "use_bias", "p": "rate", "kernel_size": "kernel_size", "padding": "padding"}
_CONV_KEYS = ("filters", "kernel_size", "strides", "padding", "dilation_rate", "use_bias")
_KEYS = {"Conv": _CONV_KEYS, "Pooling": ("pool_size", "strides", "padding"), "Dense": ("units", "use_bias")}
_KEYS |= {"Dropout": ("rate",)}  # what a layer of such a name is known by; other layers, by type and shape alone
_PER_AXIS = ("kernel_size", "pool_size", "strides", "dilation_rate")
_NAMES = {"kernel_size": "kernel", "pool_size": "window", "dilation_rate": "dilation", "use_bias": "bias"}


class LayerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One canonical layer; what is None, and what `config` leaves out, is not compared.

    type : "Conv2D", "BatchNormalization", "Activation:relu", "MaxPooling2D", "Flatten", "Dense", "Dropout", ...
    shape : the output's, without the batch axis, channels last.   trainable, frozen : scalars of either sort.
    config : any of filters, units, kernel_size, pool_size, strides, padding, dilation_rate, use_bias, rate.
    """

    type: str
    shape: tuple[int | None, ...] | None = None
    trainable: int | None = None
    frozen: int | None = None
    config: dict[str, Value] = {}


class LayerDifference(msgspec.Struct, frozen=True, kw_only=True):
    """An alignment of two lists of layers; `aspects` says for each row, without values, what differs in it."""

    rows: tuple[LayerRow, ...]
    aspects: tuple[tuple[str, ...], ...]

    @property
    def equal(self) -> bool:
        return all(row.state == "same" for row in self.rows)

    def words(self) -> str:
        """The difference in one sentence without what was wanted: '2 layers are missing, 1 differs: layer 3 (...)'."""
        states: list[str] = [row.state for row in self.rows]
        verbs = (("missing", "is missing", "are missing"), ("extra", "is extra", "are extra"))
        counts = [(states.count(state), one, many) for state, one, many in (*verbs, ("different", "differs", "differ"))]
        parts = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
        if not parts:
            return "equal"
        noun = " layer " if parts[0].startswith("1 ") else " layers "
        return ", ".join([parts[0].replace(" ", noun, 1), *parts[1:]]) + self._where()

    def _where(self) -> str:
        """Where the first rows are that differ, counted in the student's own layers."""
        numbered, number = [], 0
        for row, aspects in zip(self.rows, self.aspects, strict=True):
            number += row.actual is not None
            if row.state == "different":
                numbered.append(
                    f"layer {number} ({str(row.actual).split(',')[0].split(' (')[0]}) in its {' and '.join(aspects)}"
                )
        return f": {', '.join(numbered[:3])}{', ...' if len(numbered) > 3 else ''}" if numbered else ""


def canonical(summary: ModelSummary) -> tuple[LayerSpec, ...]:
    """The summary's layers in canonical form; a reference model's are ready to be expected of a student's.

    >>> layer = Layer(name="a", type="Linear", shape=(None, 5), trainable=15, frozen=0, config={"out_features": 5})
    >>> canonical(ModelSummary(framework="torch", layers=(layer,)))[0].type
    'Dense'
    """
    specs: list[LayerSpec] = []
    channels_first = summary.framework == "torch"
    for layer in summary.layers:
        kind = _type(layer, summary.framework)
        if summary.framework == "torch":
            channels_first = _keeps_channels_first(kind, channels_first)
        if kind not in ("InputLayer", "Identity", "Activation:linear"):
            specs += _rows(layer, kind, summary.framework, channels_first)
    return tuple(specs)


def diff_layers(
    summary: ModelSummary,
    expected: Sequence[LayerSpec],
    *,
    final_softmax: FinalSoftmax = "required",
    optional: Collection[str] = (),
) -> LayerDifference:
    """Align a student's layers with the expected ones.

    final_softmax : "required" takes `expected` at its word; "optional" ignores a softmax (or log-softmax) at the end of
        either, for models that give logits; "forbidden" wants none, even if `expected` has one.
    optional : types that may be missing: a torch model may call `torch.relu` or `flatten`, which leave no layer.

    Raises `GraderError` for another `final_softmax`, or an expected layer that is no LayerSpec.
    """
    if final_softmax not in ("required", "optional", "forbidden"):
        raise GraderError("final_softmax 'required', 'optional' or 'forbidden'", repr(final_softmax))
    if not all(isinstance(spec, LayerSpec) for spec in expected):
        raise GraderError("expected layers that are LayerSpecs", "something else")
    found, wanted = list(canonical(summary)), [_tidy(spec) for spec in expected]
    for specs, strip in ((found, final_softmax == "optional"), (wanted, final_softmax != "required")):
        if strip and specs and specs[-1].type in ("Activation:softmax", "Activation:log_softmax"):
            specs.pop()
    pairs = _align(found[:_MOST], wanted) + [(spec, None) for spec in found[_MOST:][:_MOST]]
    kept = [(a, e) for a, e in pairs if a is not None or (e is not None and e.type not in optional)]
    rows = [_row(a, e) for a, e in kept]
    return LayerDifference(rows=tuple(row for row, _ in rows), aspects=tuple(aspects for _, aspects in rows))


def _type(layer: Layer, framework: str) -> str:
    if layer.type == "Activation":
        return f"Activation:{_activation(layer)}"
    if layer.type in _ACTIVATIONS:
        return f"Activation:{_ACTIVATIONS[layer.type]}"
    return _TORCH_TYPES.get(layer.type, layer.type) if framework == "torch" else layer.type


def _activation(layer: Layer) -> str:
    name = layer.config.get("activation")
    return name if isinstance(name, str) else "linear" if name is None else "unknown"


def _keeps_channels_first(kind: str, so_far: bool) -> bool:
    """Whether a torch layer's output has its channels first: from a convolution on, until something flattens it."""
    if kind.startswith("Conv") or "Pooling" in kind:
        return True
    return so_far and kind not in ("Dense", "Flatten")


def _rows(layer: Layer, kind: str, framework: str, channels_first: bool) -> Iterator[LayerSpec]:
    """The layer, and its fused activation as a row of its own."""
    shape = None if layer.shape is None else tuple(layer.shape[1:])
    if shape and framework == "torch" and channels_first:
        shape = (*shape[1:], shape[0])
    if shape and kind.startswith("Global"):
        shape = shape[-1:]
    given: dict[str, Any] = dict(layer.config)
    config = _torch_config(given, kind) if framework == "torch" else given
    keys = next((keys for name, keys in _KEYS.items() if name in kind and "Global" not in kind), ())
    known = {key: config[key] for key in keys if key in config}
    yield _tidy(LayerSpec(type=kind, shape=shape, trainable=layer.trainable, frozen=layer.frozen, config=known))
    fused = _activation(layer) if framework == "keras" and ("Conv" in kind or kind == "Dense") else "linear"
    if fused != "linear":
        yield LayerSpec(type=f"Activation:{fused}", shape=shape, trainable=0, frozen=0)


def _torch_config(config: dict[str, Any], kind: str) -> dict[str, Any]:
    """A torch module's attributes in Keras' words; a padding that keeps the size is 'same', and none is 'valid'."""
    renamed = {_TORCH_KEYS[key]: value for key, value in config.items() if key in _TORCH_KEYS}
    if "Pooling" in kind:
        renamed["pool_size"] = renamed.pop("kernel_size", None)
    axes = {key: _per_axis(renamed.get(key), kind) for key in (*_PER_AXIS, "padding")}
    padding, kernel, steps, dilation = (axes[k] for k in ("padding", "kernel_size", "strides", "dilation_rate"))
    if isinstance(padding, tuple) and not any(padding):
        renamed["padding"] = "valid"
    elif all(_whole(part) for part in (padding, kernel, steps, dilation)) and "Conv" in kind:
        keeps = all(2 * p == d * (k - 1) for p, k, d in zip(padding, kernel, dilation, strict=False))
        renamed["padding"] = "same" if keeps and set(steps) == {1} else padding
    return renamed


def _whole(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, int) for item in value)


def _per_axis(value: Any, kind: str) -> Any:
    """One number for all axes as a tuple with one for each: 3 of a Conv2D as (3, 3)."""
    axes = next((int(digit) for digit in "123" if f"{digit}D" in kind), 1)
    return (value,) * axes if isinstance(value, int) else tuple(value) if isinstance(value, list) else value


def _tidy(spec: LayerSpec) -> LayerSpec:
    config = {key: _per_axis(value, spec.type) if key in _PER_AXIS else value for key, value in spec.config.items()}
    return msgspec.structs.replace(spec, config=config)


def _align(found: list[LayerSpec], wanted: list[LayerSpec]) -> list[tuple[LayerSpec | None, LayerSpec | None]]:
    """Needleman-Wunsch: the pairing, in order, that is worth most; a layer without a partner is paired with None."""
    worth = [[_worth(a, e) for e in wanted] for a in found]
    best = [[0.0] * (len(wanted) + 1) for _ in range(len(found) + 1)]
    for i in range(len(found) - 1, -1, -1):
        for j in range(len(wanted) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + worth[i][j])
    pairs: list[tuple[LayerSpec | None, LayerSpec | None]] = []
    i = j = 0
    while i < len(found) and j < len(wanted):
        if worth[i][j] and best[i][j] == best[i + 1][j + 1] + worth[i][j]:
            pairs.append((found[i], wanted[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:
            pairs.append((None, wanted[j]))
            j += 1
        else:
            pairs.append((found[i], None))
            i += 1
    return pairs + [(a, None) for a in found[i:]] + [(None, e) for e in wanted[j:]]


def _worth(found: LayerSpec, wanted: LayerSpec) -> float:
    if found.type == wanted.type:
        differs = len(_differs(found, wanted))
        return 2 + 2 / (1 + differs)
    return 0.75 if _family(found.type) == _family(wanted.type) else 0.0


def _family(kind: str) -> str:
    return "Pooling" if "Pooling" in kind else "Conv" if kind.startswith("Conv") else kind.split(":", 1)[0]


def _differs(found: LayerSpec, wanted: LayerSpec) -> list[tuple[str, str]]:
    """What differs between two layers: the aspect, and the words for it."""
    if found.type != wanted.type:
        return [("type", f"{_name(found.type)} instead of {wanted.type}")]
    differs = []
    for key, want in wanted.config.items():
        have = found.config.get(key)
        if not compare(have, want).equal:
            differs.append((_NAMES.get(key, key), _config_words(key, have, want)))
    if wanted.shape is not None and found.shape != wanted.shape:
        differs.append(("output shape", f"output {_shown(found.shape)} instead of {wanted.shape}"))
    for name, count, want in (
        ("trainable", found.trainable, wanted.trainable),
        ("frozen", found.frozen, wanted.frozen),
    ):
        if want is not None and count != want:
            differs.append((f"{name} parameters", f"{_shown(count)} {name} parameters instead of {want}"))
    return differs


def _config_words(key: str, have: Value, want: Value) -> str:
    if key in ("filters", "units"):
        return f"{_shown(have)} {key} instead of {_shown(want)}"
    if key == "use_bias":
        return "no bias" if want else "a bias, where none was wanted"
    return f"{_NAMES.get(key, key)} {_shown(have)} instead of {_shown(want)}"


def _shown(value: Any) -> str:
    """A student's value or name, bounded and escaped."""
    if isinstance(value, tuple):
        return f"({', '.join(brief(item) for item in value[:6])}{',' if len(value) == 1 else ''})"
    return brief(value)


def _name(kind: str) -> str:
    return repr(kind[:40])[1:-1]


def _row(found: LayerSpec | None, wanted: LayerSpec | None) -> tuple[LayerRow, tuple[str, ...]]:
    actual, expected = (None if spec is None else _rendered(spec) for spec in (found, wanted))
    differs = _differs(found, wanted) if found and wanted else []
    state: Literal["same", "missing", "extra", "different"]
    state = "missing" if found is None else "extra" if wanted is None else "different" if differs else "same"
    text = ", ".join(words for _, words in differs)[:300]
    return LayerRow(state=state, expected=expected, actual=actual, differs=text), tuple(name for name, _ in differs)


def _rendered(spec: LayerSpec) -> str:
    name = _name(spec.type)
    shape = "" if spec.shape is None else f" {_shown(spec.shape)}"
    known = [count for count in (spec.trainable, spec.frozen) if count is not None]
    return f"{name}{shape}, {_shown(sum(known))} parameters"[:120] if known else f"{name}{shape}"[:120]
