"""The one file of ours inside a student's kernel: it answers questions about the student's namespace with plain data.

It runs beside hostile code, so nothing here is trusted by anybody: it holds no secret, takes no decision, and whatever
it sends is decoded outside as hostile (`referee.answers.codec`). It captures what it needs when it is loaded, before
the student's first cell, so that a later `json.dumps = ...` or `type = ...` does not change what it does by accident.

It imports no other module of ours: its text is executed as it stands in kernels where Referee is not installed.

The wire format, in both directions, is one JSON text and a list of binary buffers. A value is a node:

    {"t": "none"}  {"t": "bool", "v": true}  {"t": "int", "v": "12"}  {"t": "float", "v": "0x1.8p+0"}
    {"t": "complex", "v": ["0x0p+0", "nan"]}  {"t": "str", "v": "..."}  {"t": "bytes", "b": 0}
    {"t": "array", "d": "<f4", "s": [2, 3], "b": 1}  {"t": "strings", "s": [2], "v": ["a", "b"]}
    {"t": "list", "v": [...]}  {"t": "tuple", "v": [...]}  {"t": "dict", "k": [...], "v": [...]}

Only objects of exactly these types are sent, never instances of subclasses: those may say one thing and hold another.
"""

from __future__ import annotations

import collections
import contextlib
import io
import json
import re
import sys
import traceback
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

_dumps, _loads, _type, _isinstance, _format = json.dumps, json.loads, type, isinstance, traceback.format_exception
_BATCH = 256
_PRINTED = 2000
_TRACEBACK = 4000
_UNSTABLE = (
    (re.compile(r"0x[0-9a-f]{6,}"), "0x…"),
    (re.compile(r"[^\s\"']{0,200}ipykernel_\d+[\\/]\d+\.py"), "<cell>"),
    (re.compile(r"/\S{0,200}referee-[\w-]+/(work|home|tmp)"), r"\1"),
    (re.compile(r"\btmp[a-z0-9_]{8}\b"), "tmp…"),
)
_LISTED = ("generator", "map", "zip", "filter", "range", "dict_values", "dict_keys")
_PLAIN_WITH = {
    **dict.fromkeys(_LISTED, "list(...)"),
    **dict.fromkeys(("set", "frozenset"), "sorted(...)"),
    **dict.fromkeys(("Series", "DataFrame"), ".to_numpy()"),
    "matrix": "numpy.asarray(...)",
    "MaskedArray": ".filled(...)",
}


class Refusal(Exception):
    """This question has no answer: `kind` is for programs, `words` for people."""

    def __init__(self, kind: str, words: str, log: str = "") -> None:
        super().__init__(words)
        self.kind, self.words, self.log = kind, words, log


class Encoder:
    """Turns values into nodes and buffers, within bounds of bytes, items and depth.

    Raises
    ------
    Refusal : "unsupported" for what is not plain data, "too_large" and "too_deep" beyond the bounds.
    """

    def __init__(self, max_bytes: int, max_items: int, max_depth: int) -> None:
        self.buffers: list[bytes] = []
        self._max_bytes, self._bytes, self._items, self._depth = max_bytes, max_bytes, max_items, max_depth

    def node(self, value: Any, depth: int = 0) -> dict[str, Any]:
        """The node of one value."""
        if depth > self._depth:
            raise Refusal("too_deep", f"it is nested more than {self._depth} levels deep")
        self._spend(items=1)
        kind = _type(value)
        if value is None:
            return {"t": "none"}
        if kind is bool:
            return {"t": "bool", "v": value}
        if kind is int:
            return self._int(value)
        if kind is float:
            return {"t": "float", "v": float.hex(value)}
        if kind is complex:
            return {"t": "complex", "v": [float.hex(value.real), float.hex(value.imag)]}
        if kind is str:
            return self._str(value)
        if kind is bytes:
            return {"t": "bytes", "b": self._buffer(value)}
        if kind is list or kind is tuple:
            return {"t": kind.__name__, "v": [self.node(item, depth + 1) for item in value]}
        if kind in (dict, collections.OrderedDict, collections.defaultdict):
            pairs = [(self.node(key, depth + 1), self.node(item, depth + 1)) for key, item in dict.items(value)]
            return {"t": "dict", "k": [key for key, _ in pairs], "v": [item for _, item in pairs]}
        return self._array(_as_ndarray(value))

    def _int(self, value: int) -> dict[str, Any]:
        if int.bit_length(value) > 4096:
            raise Refusal("too_large", f"it is an integer of {int.bit_length(value)} bits; at most 4096 are taken")
        return {"t": "int", "v": format(value, "d")}

    def _str(self, value: str) -> dict[str, Any]:
        self._spend(size=4 * len(value))
        return {"t": "str", "v": value.encode("utf-8", "replace").decode("utf-8")}

    def _array(self, array: Any) -> dict[str, Any]:
        shape, kind = [int(size) for size in array.shape], array.dtype.kind
        if array.nbytes > self._max_bytes:
            raise Refusal("too_large", f"it is an array of {array.nbytes:,} bytes, shape {tuple(shape)}; "
                                       f"at most {self._max_bytes:,} bytes are taken")  # fmt: skip
        if kind == "U":
            self._spend(size=array.nbytes, items=array.size)
            return {"t": "strings", "s": shape, "v": [str(item) for item in array.ravel().tolist()]}
        if array.dtype.name == "bfloat16":
            array = array.astype("f4")
        elif kind not in "biufc":
            raise Refusal("unsupported", f"it is an array of dtype {array.dtype}; an array of numbers is wanted")
        elif array.dtype.itemsize > (16 if kind == "c" else 8):
            array = array.astype("c16" if kind == "c" else "f8")
        array = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
        return {"t": "array", "d": array.dtype.str, "s": shape, "b": self._buffer(array.tobytes())}

    def _buffer(self, data: bytes) -> int:
        self._spend(size=len(data))
        self.buffers.append(data)
        return len(self.buffers) - 1

    def _spend(self, size: int = 0, items: int = 0) -> None:
        self._bytes, self._items = self._bytes - size, self._items - items
        if self._bytes < 0 or self._items < 0:
            raise Refusal("too_large", "it holds more data than an answer may hold")


def decode(node: dict[str, Any], buffers: Sequence[bytes]) -> Any:
    """The value of a node that the grader sent (trusted; arrays are writable copies)."""
    tag = node["t"]
    if tag == "array":
        numpy = _module("numpy", load=True)
        return numpy.frombuffer(bytearray(buffers[node["b"]]), dtype=node["d"]).reshape(node["s"])
    if tag == "strings":
        return _module("numpy", load=True).array(node["v"], dtype=str).reshape(node["s"])
    if tag in ("list", "tuple"):
        items = [decode(item, buffers) for item in node["v"]]
        return items if tag == "list" else tuple(items)
    if tag == "dict":
        return {decode(key, buffers): decode(item, buffers) for key, item in zip(node["k"], node["v"], strict=True)}
    if tag == "bytes":
        return bytes(buffers[node["b"]])
    if tag == "int":
        return int(node["v"])
    if tag == "float":
        return float.fromhex(node["v"])
    if tag == "complex":
        return complex(float.fromhex(node["v"][0]), float.fromhex(node["v"][1]))
    return node.get("v")


def answer(text: bytes, buffers: Sequence[bytes], namespace: dict[str, Any]) -> tuple[bytes, list[bytes]]:
    """Answer one question about `namespace`; whatever goes wrong becomes a typed refusal, never an exception."""
    request = _loads(bytes(text))
    limits = request["limits"]
    encoder = Encoder(limits["bytes"], limits["items"], limits["depth"])
    printed = _Printed()
    reply: dict[str, Any]
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(_Printed()):
            value, changed = _ask(request, buffers, namespace)
            reply = {"value": encoder.node(value), "changed": changed}
    except Refusal as refusal:
        reply = {"error": {"kind": refusal.kind, "words": refusal.words, "log": refusal.log}}
    except KeyboardInterrupt:
        reply = {"error": {"kind": "time", "words": "it took longer than the limit for one question"}}
    except BaseException as error:  # the student's code may raise anything, SystemExit included
        reply = {"error": {"kind": "raised", "words": _raised(error), "log": _traceback(error)}}
    if "error" in reply:
        encoder.buffers = []
    reply["printed"] = stable(printed.getvalue())
    # "replace", because half a surrogate pair in a message or in printed text is no reason to lose the answer
    return _dumps(reply, ensure_ascii=False).encode("utf-8", "replace"), encoder.buffers


def _ask(request: dict[str, Any], buffers: Sequence[bytes], namespace: dict[str, Any]) -> tuple[Any, list[str]]:
    """The value that answers a request, and the names of the arguments that the student's function changed."""
    name, ask = request["name"], request["ask"]
    if name not in namespace:
        raise Refusal("missing", f"`{name}` is not defined")
    target = namespace[name]
    if request["build"] is not None:
        _require_callable(target, name)
        target = target(*[decode(node, buffers) for node in request["build"]])
    if ask == "get":
        return target, []
    args = [decode(node, buffers) for node in request["args"]]
    if ask == "call":
        kwargs = {key: decode(node, buffers) for key, node in request["kwargs"].items()}
        return _call(target, name, args, kwargs)
    answers: dict[str, Callable[..., Any]]
    answers = {"layers": _layers, "predict": _predict, "weights": _weights, "history": _history}
    return answers[ask](target, *args), []


def _call(function: Any, name: str, args: list[Any], kwargs: dict[str, Any]) -> tuple[Any, list[str]]:
    _require_callable(function, name)
    given = {**{f"argument {place + 1}": value for place, value in enumerate(args)}, **kwargs}
    before = {key: _image(value) for key, value in given.items()}
    value = function(*args, **kwargs)
    return value, [key for key, value in given.items() if _image(value) != before[key]]


def _image(value: Any) -> Any:
    """The bytes of an argument, to notice whether a function changed it in place."""
    encoder = Encoder(1 << 40, 1 << 30, 100)
    try:
        return encoder.node(value), encoder.buffers
    except Refusal:
        return None


def _require_callable(value: Any, name: str) -> None:
    if not callable(value):
        raise Refusal("not_callable", f"`{name}` is of type {_type(value).__name__}, not a function")


def _as_ndarray(value: Any) -> Any:
    """A plain NumPy array of exactly the data of an array, a tensor or a NumPy scalar."""
    numpy, torch, tensorflow, keras = (_module(name) for name in ("numpy", "torch", "tensorflow", "keras"))
    kind = _type(value)
    if numpy and kind is numpy.ndarray:
        return value
    if numpy and _isinstance(value, numpy.generic) and kind.__module__ == "numpy":
        return numpy.array(value)
    if torch and kind in (torch.Tensor, torch.nn.Parameter):
        return _from_torch(value, torch)
    variable = (keras and _isinstance(value, getattr(keras, "Variable", ()))) or (
        tensorflow and _isinstance(value, getattr(tensorflow, "Variable", ()))
    )
    if variable or (tensorflow and kind.__name__ == "EagerTensor"):
        array = value.numpy()
        return array if numpy and _type(array) is numpy.ndarray else numpy.array(array)
    raise Refusal("unsupported", _unsupported(kind))


def _from_torch(tensor: Any, torch: Any) -> Any:
    tensor = torch.Tensor.detach(tensor)
    tensor = (tensor.to_dense() if tensor.layout is not torch.strided else tensor).resolve_conj().resolve_neg().cpu()
    return (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy()


def _unsupported(kind: Any) -> str:
    name = kind.__name__
    plain = next((base.__name__ for base in kind.__mro__[1:] if base in (int, float, str, list, tuple, dict)), "")
    arrays = [base.__name__ for base in kind.__mro__[1:] if base.__name__ in ("ndarray", "Tensor")]
    remedy = f"; turn it into plain data with {_PLAIN_WITH[name]}" if name in _PLAIN_WITH else ""
    if arrays or plain:
        return f"it is of type {name}, a subclass of {(arrays or [plain])[0]}; only the plain type is taken{remedy}"
    return f"it is of type {name}; numbers, strings, lists, dicts, arrays and tensors are taken{remedy}"


def _layers(model: Any, example: Any = None) -> dict[str, Any]:
    keras, torch = _module("keras"), _module("torch")
    if keras and _isinstance(model, keras.layers.Layer):
        return {"framework": "keras", "layers": [_keras_layer(layer) for layer in _keras_flat(model, keras)]}
    if torch and _isinstance(model, torch.nn.Module):
        return {"framework": "torch", "layers": _torch_layers(model, example, torch)}
    raise _not_a_model(model)


def _not_a_model(value: Any) -> Refusal:
    return Refusal("not_a_model", f"it is of type {_type(value).__name__}, not a Keras model or torch module")


def _keras_flat(model: Any, keras: Any) -> Iterator[Any]:
    if not _isinstance(model, keras.Model):
        yield model
        return
    if not model.built:
        raise Refusal("not_built", "the model is not built: give it an input shape (keras.Input) or call it on a batch")
    for layer in model.layers:
        if _isinstance(layer, keras.Model):
            yield from _keras_flat(layer, keras)
        else:
            yield layer


def _keras_layer(layer: Any) -> dict[str, Any]:
    def count(weights: Any) -> int:
        return sum(_product(weight.shape) for weight in weights)

    shape, config = None, {}
    with contextlib.suppress(Exception):  # a layer of the student's own may not say how it is configured
        config = _simple(layer.get_config())
    with contextlib.suppress(Exception):  # a layer that was never connected has no output
        shape = tuple(None if size is None else int(size) for size in layer.output.shape)
    return {
        "name": str(layer.name),
        "type": _class_name(layer, "keras."),
        "shape": shape,
        "trainable": count(layer.trainable_weights),
        "frozen": count(layer.non_trainable_weights),
        "config": config,
    }


def _torch_layers(model: Any, example: Any, torch: Any) -> list[dict[str, Any]]:
    """Leaf modules (and modules with parameters of their own) in the order in which they run on `example`."""
    rows = [(name, part) for name, part in model.named_modules() if not list(part.children()) or _own(part)]
    if any(_isinstance(own, torch.nn.parameter.UninitializedParameter) for _, part in rows for own in _own(part)):
        raise Refusal("not_built", "the model has lazy layers that never saw an input: call it on a batch first")
    runs: list[tuple[str, Any, Any]] = []
    if example is not None:
        hooks = [part.register_forward_hook(_noting(runs, name, torch)) for name, part in rows]
        try:
            _torch_predict(model, [example], torch)  # a model without weights ("meta") has outputs without numbers
        finally:
            for hook in hooks:
                hook.remove()
    seen = {name for name, _, _ in runs}
    runs += [(name, part, None) for name, part in rows if name not in seen]
    counted: set[int] = set()
    return [_torch_layer(name, part, shape, counted) for name, part, shape in runs]


def _uncounted(values: Any, counted: set[int]) -> list[Any]:
    """The tensors that no earlier row has counted: a layer that runs twice, or shares a weight, owns it once."""
    fresh = [value for value in values if value is not None and id(value) not in counted]
    counted.update(map(id, fresh))
    return fresh


def _noting(runs: list[tuple[str, Any, Any]], name: str, torch: Any) -> Callable[[Any, Any, Any], None]:
    def hook(part: Any, _inputs: Any, output: Any) -> None:
        shape = (None, *(int(size) for size in output.shape[1:])) if _isinstance(output, torch.Tensor) else None
        runs.append((name, part, shape))

    return hook


def _own(part: Any) -> list[Any]:
    return [value for value in part._parameters.values() if value is not None]


def _torch_layer(name: str, part: Any, shape: Any, counted: set[int]) -> dict[str, Any]:
    own = _uncounted(part._parameters.values(), counted)
    buffers = [value for value in _uncounted(part._buffers.values(), counted) if value.ndim > 0]
    return {
        "name": name,
        "type": _class_name(part, "torch."),
        "shape": shape,
        "trainable": sum(_product(value.shape) for value in own if value.requires_grad),
        "frozen": sum(_product(value.shape) for value in own if not value.requires_grad)
        + sum(_product(value.shape) for value in buffers),
        "config": {**_simple(vars(part)), "bias": part._parameters.get("bias") is not None},
    }


def _class_name(layer: Any, home: str) -> str:
    """The type's name; of a class that is not the framework's own, marked as such."""
    kind = _type(layer)
    return kind.__name__ if str(kind.__module__).startswith(home) else f"custom {kind.__name__}"


def _simple(config: dict[str, Any]) -> dict[str, Any]:
    """The entries of a configuration that are plain scalars, or short lists or tuples of them."""
    scalars = (bool, int, float, str, type(None))

    def plain(value: Any) -> bool:
        if _type(value) in (list, tuple):
            return len(value) <= 8 and all(_type(item) in scalars for item in value)
        return _type(value) in scalars

    return {key: value for key, value in config.items() if not key.startswith("_") and plain(value)}


def _predict(model: Any, inputs: Any) -> Any:
    keras, torch, numpy = _module("keras"), _module("torch"), _module("numpy", load=True)
    batches = [inputs[start : start + _BATCH] for start in range(0, len(inputs), _BATCH)]
    if keras and _isinstance(model, keras.layers.Layer):
        return numpy.concatenate([keras.ops.convert_to_numpy(model(batch, training=False)) for batch in batches])
    if torch and _isinstance(model, torch.nn.Module):
        return numpy.concatenate([_from_torch(output, torch) for output in _torch_predict(model, batches, torch)])
    raise _not_a_model(model)


def _torch_predict(model: Any, batches: list[Any], torch: Any) -> list[Any]:
    """Outputs in evaluation mode; every module's own mode is as before afterwards."""
    modes = [(part, part.training) for part in model.modules()]
    like = next(model.parameters(), None)
    model.eval()
    try:
        with torch.no_grad():
            return [model(_to_torch(batch, like, torch)) for batch in batches]
    finally:
        for part, training in modes:
            part.training = training


def _to_torch(batch: Any, like: Any, torch: Any) -> Any:
    tensor = torch.from_numpy(batch)
    if like is None:
        return tensor.float() if tensor.is_floating_point() else tensor
    return tensor.to(device=like.device, dtype=like.dtype if tensor.is_floating_point() else None)


def _weights(model: Any) -> list[Any]:
    keras, torch = _module("keras"), _module("torch")
    if keras and _isinstance(model, keras.layers.Layer):
        return list(model.get_weights())
    if torch and _isinstance(model, torch.nn.Module):
        return [_from_torch(value, torch) for value in model.state_dict().values() if value.ndim > 0]
    raise _not_a_model(model)


def _history(value: Any) -> dict[str, list[float]]:
    history: Any = value if _type(value) is dict else getattr(value, "history", None)
    if _type(history) is not dict:
        raise Refusal("unsupported", f"it is of type {_type(value).__name__}; a History or a dict of lists is wanted")
    return {str(key): [float(item) for item in series] for key, series in history.items()}


def _product(shape: Any) -> int:
    total = 1
    for size in shape:
        total *= int(size)
    return total


def _module(name: str, load: bool = False) -> Any:
    """A framework's module when the student's code has imported it; with `load`, import it."""
    if load:
        __import__(name)
    return sys.modules.get(name)


def _raised(error: BaseException) -> str:
    """What was raised, in bounded words; neither its class nor its message can break this."""
    if _type(error) is EOFError:
        return "it waits for input(); a graded notebook runs without a person, so give the value in the code"
    try:
        return stable(f"it raised {_type(error).__name__}: {str(error)[:2000]}")[:500]
    except BaseException:
        return "it raised an error that cannot be shown"


def _traceback(error: BaseException) -> str:
    """The student's part of a traceback: the frames of this file before it are left out."""
    try:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == _traceback.__code__.co_filename:
            trace = trace.tb_next
        return stable("".join(_format(_type(error), error, trace))[-4 * _TRACEBACK :])[-_TRACEBACK:]
    except BaseException:
        return ""


def stable(text: str) -> str:
    """`text` without what differs between two equal runs: memory addresses and names of temporary files."""
    for pattern, replacement in _UNSTABLE:
        text = pattern.sub(replacement, text)
    return text


class _Printed(io.TextIOBase):
    """A standard output that keeps only its first characters."""

    def __init__(self) -> None:
        self._text = ""

    def write(self, text: str) -> int:
        if len(self._text) < _PRINTED:
            self._text += str(text)[: _PRINTED - len(self._text)]
        return len(text)

    def getvalue(self) -> str:
        return self._text


def serve(namespace: dict[str, Any]) -> None:
    """Answer questions that arrive on the comm "referee" of this kernel; the notebook's own `check` becomes silent."""
    from comm import get_comm_manager  # noqa: PLC0415 - only inside a kernel

    def opened(comm: Any, _message: Any) -> None:
        def asked(message: Any) -> None:
            text, *buffers = [bytes(buffer) for buffer in message["buffers"]]
            reply, data = answer(text, buffers, namespace)
            comm.send({}, buffers=[reply, *data])

        comm.on_msg(asked)

    get_comm_manager().register_target("referee", opened)
    silent = types.ModuleType("referee", "Checked by the grader, from outside this kernel.")
    silent.exercise = lambda _name: lambda _check: None  # type: ignore[attr-defined] # a module made here
    sys.modules["referee"] = silent
