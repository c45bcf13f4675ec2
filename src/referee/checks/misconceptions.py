"""Wrong references with a name and a hint: when a wrong answer equals one, the feedback says so.

The author's come first. Then come generic probes, each of which undoes one common slip (a transposed map, a missing
softmax, a sum instead of a mean) and claims it only on evidence: several distinct values must fit, and where two
unrelated slips explain the answer equally well, none is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np

from referee.answers.interface import Array, Value
from referee.checks.compare import Tolerance, as_array, compare
from referee.errors import GraderError

_CAP = 2**18  # values; larger answers are compared, but not probed


class Misconception(msgspec.Struct, frozen=True):
    """A wrong reference: `value`, or what the callable `value` returns for no arguments, is what the mistake gives."""

    name: str
    hint: str
    value: Value | Callable[[], Value]


class Finding(msgspec.Struct, frozen=True):
    """A recognised mistake: its name, what to try, and whether the course's author foresaw it."""

    name: str
    hint: str
    foreseen: bool = False


Probe = Callable[[Array, Array, Tolerance], Finding | None]


def recognise(
    actual: Value,
    expected: Value,
    misconceptions: Sequence[Misconception] = (),
    tolerance: Tolerance | None = None,
) -> Finding | None:
    """The mistake that explains `actual`, or None where it is right or nothing explains it.

    Raises `GraderError` where a misconception cannot be computed.

    >>> recognise([[1, 4], [2, 5], [3, 6]], [[1, 2, 3], [4, 5, 6]]).name
    'transposed'
    """
    if compare(actual, expected, tolerance).equal:
        return None
    for misconception in misconceptions:
        wrong = _value(misconception)
        same_as_right = compare(wrong, expected, tolerance).equal
        if not same_as_right and compare(actual, wrong, tolerance).equal:
            return Finding(misconception.name, misconception.hint, foreseen=True)
    return _probe(as_array(actual), as_array(expected), tolerance or Tolerance())


def _value(misconception: Misconception) -> Value:
    if not isinstance(misconception, Misconception):
        raise GraderError("a Misconception(name, hint, value)", type(misconception).__name__)
    if not callable(misconception.value):
        return misconception.value
    try:
        return misconception.value()
    except Exception as error:
        found = f"{type(error).__name__}: {error}"[:300]
        raise GraderError(f"the misconception {misconception.name!r} to give a value", found) from error


def _probe(actual: Array | None, expected: Array | None, tolerance: Tolerance) -> Finding | None:
    """The one family of probes that explains the answer; None where none does, or more than one."""
    if actual is None or expected is None or not 0 < actual.size <= _CAP or not expected.size <= _CAP:
        return None
    if (
        not (np.isfinite(actual).all() and np.isfinite(expected).all())
        or "c" in actual.dtype.kind + expected.dtype.kind
    ):
        return None
    if finding := _single_precision(actual, expected, tolerance):
        return finding
    with np.errstate(all="ignore"):
        found = [finding for family in _FAMILIES if (finding := _first(family, actual, expected, tolerance))]
    return found[0] if len(found) == 1 else None


def _first(family: Sequence[Probe], actual: Array, expected: Array, tolerance: Tolerance) -> Finding | None:
    return next((finding for probe in family if (finding := probe(actual, expected, tolerance))), None)


def _matches(candidate: Array, expected: Array, tolerance: Tolerance) -> bool:
    """Whether the corrected answer is right, and not merely because there is little to get wrong."""
    return candidate.shape == expected.shape and compare(candidate, expected, tolerance).equal and _telling(expected)


def _telling(values: Array) -> bool:
    """Whether there are three distinct values that are not zero, apart by a thousandth of the largest at least."""
    largest = np.abs(values.astype(np.float64)).max(initial=0.0)
    levels = np.unique(np.rint(values.astype(np.float64) / largest * 1000)) if largest > 0 else np.zeros(0)
    return int(np.count_nonzero(levels)) >= 3


def _wide(values: Array) -> Array:
    """The values in double precision unless they come in a coarser one, whose tolerance then applies."""
    return values if values.dtype.kind == "f" else values.astype(np.float64)


def _softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def _distributions(values: Array) -> bool:
    """Whether the last axis holds probabilities."""
    rows = values.sum(axis=-1) if values.ndim else values
    return bool(values.ndim and values.shape[-1] > 1 and (values >= 0).all() and np.allclose(rows, 1, atol=1e-3))


def _transposed(a: Array, e: Array, t: Tolerance) -> Finding | None:
    axes = range(a.ndim - 1)
    swapped = [a.T, *(np.swapaxes(a, i, i + 1) for i in axes)] if a.ndim > 1 else []
    if sum(size > 1 for size in a.shape) > 1 and any(_matches(x, e, t) for x in swapped):
        return Finding(
            "transposed", "your answer looks transposed: two of its axes are swapped; which index is the row?"
        )
    return None


def _channels(a: Array, e: Array, t: Tolerance) -> Finding | None:
    if a.ndim < 3:
        return None
    for source, target, name in ((-1, -3, "channels last"), (-3, -1, "channels first")):
        if _matches(np.moveaxis(a, source, target), e, t):
            other = "first" if name.endswith("last") else "last"
            return Finding(name, f"your answer has its {name}; wanted are channels {other}: move that axis")
    if a.ndim == 4 and any(_matches(a.transpose(order), e, t) for order in ((2, 3, 1, 0), (3, 2, 0, 1))):
        return Finding("weight layout", "Keras keeps (height, width, in, out) and PyTorch (out, in, height, width)")
    return None


def _flipped(a: Array, e: Array, t: Tolerance) -> Finding | None:
    axes: list[tuple[int, ...]] = [(i,) for i in range(a.ndim)] + [(i, i + 1) for i in range(a.ndim - 1)]
    for axis in [*axes, tuple(range(a.ndim))]:
        if a.ndim and _matches(np.flip(a, axis), e, t):
            along = "axis " + " and ".join(str(i) for i in axis)
            return Finding("flipped", f"your answer is flipped along {along}: the values run in the opposite order")
    return None


def _negated(a: Array, e: Array, t: Tolerance) -> Finding | None:
    if a.dtype.kind in "iuf" and _matches(-_wide(a), e, t):
        return Finding("sign", "every value has the wrong sign")
    return None


def _scaled(a: Array, e: Array, t: Tolerance) -> Finding | None:
    ratio = _ratio(a, e)
    if not (ratio > 0 and _matches((_wide(a) / ratio).astype(_wide(a).dtype), e, t)):
        return None
    whole = round(max(ratio, 1 / ratio))
    if whole < 2 or abs(max(ratio, 1 / ratio) / whole - 1) > 1e-3:
        return Finding(
            "constant factor", "every value is off by the same factor: is a normalisation missing or doubled?"
        )
    if whole == 255:
        range_ = ("0 to 255", "0 to 1") if ratio > 1 else ("0 to 1", "0 to 255")
        return Finding("value range", f"your values are in the range {range_[0]}; wanted is {range_[1]}")
    size, swap = ("large", "a sum instead of a mean") if ratio > 1 else ("small", "a mean instead of a sum")
    return Finding(f"factor of {whole}", f"every value is too {size} by a factor of {whole}: {swap}?")


def _ratio(a: Array, e: Array) -> float:
    """The factor that fits best between two arrays of one shape; 0 where there is none."""
    if a.shape != e.shape or "b" in a.dtype.kind + e.dtype.kind:
        return 0.0
    x, y = a.astype(np.float64), e.astype(np.float64)
    scale = np.abs(y).max(initial=0.0)
    ratio = float(np.sum(x * (y / scale)) / scale / np.sum((y / scale) ** 2)) if scale > 0 else 0.0
    return ratio if 1e-9 < ratio < 1e9 else 0.0


def _shifted_by_constant(a: Array, e: Array, t: Tolerance) -> Finding | None:
    if a.shape != e.shape or "b" in a.dtype.kind + e.dtype.kind:
        return None
    offset = np.mean(a.astype(np.float64) - e)
    if _matches((_wide(a) - offset).astype(_wide(a).dtype), e, t):
        return Finding("constant offset", "every value is off by the same amount: is a bias added twice, or missing?")
    return None


def _probabilities(a: Array, e: Array, t: Tolerance) -> Finding | None:
    if a.shape != e.shape or a.ndim == 0 or a.shape[-1] < 2:
        return None
    if (e >= 0).all() and (e <= 1).all() and _matches(np.exp(_wide(a)), e, t):
        return Finding("log-probabilities", "these are logarithms of the probabilities; wanted are the probabilities")
    if _distributions(e) and not _distributions(a) and _matches(_softmax(_wide(a)), e, t):
        return Finding("softmax missing", "these are logits; the softmax that makes them probabilities is missing")
    if _distributions(a) and not _distributions(e) and _telling(a) and compare(a, _softmax(_wide(e)), t).equal:
        return Finding("softmax applied", "these are probabilities; wanted are the scores before the softmax (logits)")
    return None


def _rectified(a: Array, e: Array, t: Tolerance) -> Finding | None:
    if a.shape != e.shape or "b" in a.dtype.kind + e.dtype.kind:
        return None
    if (a < 0).any() and _matches(np.maximum(a, 0), e, t):
        return Finding("ReLU missing", "your answer has negative values where the ReLU should have set them to 0")
    if (e < 0).any() and _telling(a) and compare(a, np.maximum(e, 0), t).equal:
        return Finding(
            "ReLU applied", "your answer has 0 where negative values belong: wanted is the map before the ReLU"
        )
    return None


def _class_labels(a: Array, e: Array, t: Tolerance) -> Finding | None:
    if a.ndim == e.ndim + 1 and a.shape[-1] > 1 and _labels(e) and compare(a.argmax(axis=-1), e, t).equal:
        name, found = ("one-hot", "one-hot vectors") if _one_hot(a) else ("scores", "a score per class")
        return Finding(name, f"your answer has {found}; wanted is the index of the class (argmax)")
    if e.ndim == a.ndim + 1 and e.shape[-1] > 1 and _labels(a) and _one_hot(e):
        matches = compare(a, e.argmax(axis=-1), t).equal
        return Finding("class index", "your answer has class indices; wanted are one-hot vectors") if matches else None
    return None


def _one_hot(values: Array) -> bool:
    return bool(np.isin(values, (0, 1)).all() and (values.sum(axis=-1) == 1).all())


def _labels(values: Array) -> bool:
    """Whether these can be class indices, with enough of them to be evidence."""
    if values.size < 4 or values.dtype.kind == "b":
        return False
    return bool((values >= 0).all() and (values % 1 == 0).all() and values.min() < values.max())


def _late_or_early(a: Array, e: Array, t: Tolerance) -> Finding | None:
    if a.shape != e.shape:
        return None
    for axis, k in _shifts(a.shape):
        x, y = np.moveaxis(a, axis, 0), np.moveaxis(e, axis, 0)
        for first, second, word in ((x[:-k], y[k:], "early"), (x[k:], y[:-k], "late")):
            if _matches(first, second, t):
                steps = f"{k} position{'s' if k > 1 else ''}"
                return Finding(f"shifted by {k}", f"your values come {steps} too {word} along axis {axis}")
    return None


def _shifts(shape: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    for axis, size in enumerate(shape):
        yield from ((axis, k) for k in range(1, min(8, size // 2) + 1))


def _integer_arithmetic(a: Array, e: Array, _: Tolerance) -> Finding | None:
    if a.shape != e.shape or a.dtype.kind not in "iu" or not a.any():
        return None
    x, y = a.astype(np.float64), e.astype(np.float64)
    if a.dtype.itemsize <= 2 and not ((y - x) % 2 ** (8 * a.dtype.itemsize)).any():
        hint = f"integer overflow: {a.dtype.name} arithmetic wrapped around; convert to float first"
        return Finding("integer overflow", hint)
    for name, whole in (("truncated", np.trunc(y)), ("truncated", np.floor(y)), ("rounded", np.rint(y))):
        if e.dtype.kind == "f" and np.array_equal(x, whole):
            return Finding(
                name, f"values are {name} to integers: compute with floats, and mind the dtype of the result"
            )
    return None


def _single_precision(a: Array, e: Array, t: Tolerance) -> Finding | None:
    if a.dtype == np.float64 and t == Tolerance() and compare(a, e, Tolerance(1e-6, 0)).equal:
        return Finding("single precision", "the values agree to single precision (float32) only: compute with float64")
    return None


_FAMILIES: tuple[tuple[Probe, ...], ...] = (
    (_integer_arithmetic,),
    (_transposed, _channels),
    (_flipped,),
    (_negated,),
    (_scaled,),
    (_shifted_by_constant,),
    (_probabilities,),
    (_rectified,),
    (_class_labels,),
    (_late_or_early,),
)
