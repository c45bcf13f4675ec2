"""Two values -> one `Difference`, from which the verdict (`equal`) and the sentence (`words`) are both made.

`actual` comes from a student and is hostile: nothing here raises for any `Value`. `expected` is the grader's; what
cannot be an expectation raises `GraderError`. Big arrays are compared block by block.
"""

from __future__ import annotations

import enum
import reprlib
from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec
import numpy as np

from referee.answers.interface import Array, Value
from referee.errors import GraderError

Steps: TypeAlias = tuple[Any, ...]
_BLOCK = 2**20  # values compared at a time
_LARGEST = 2**25  # values of a nested list that may become an array
_DEEPEST = 32  # levels of nesting; NumPy itself ends at 64
_DEFAULTS = {16: (1e-2, 1e-3), 32: (1e-4, 1e-5), 64: (1e-9, 1e-9)}  # bits of the coarser float -> rtol, atol
_KINDS = {bool: "b", int: "i", float: "f", complex: "c"}
_SORTS = {type(None): "nothing (None)", bool: "a truth value", int: "a number", float: "a number", complex: "a number"}
_SORTS |= {str: "a text", bytes: "bytes", list: "a list", tuple: "a list", dict: "a dictionary"}


class Tolerance(msgspec.Struct, frozen=True):
    """How far a value may be off: `rtol` times the right value, or `atol`, whichever is more; None means the default.

    Defaults by the coarser dtype of the two sides, of an answer float32 at most: float16 1e-2 or 1e-3, float32 1e-4 or
    1e-5, float64 1e-9 or 1e-9; complex like its parts; integers exactly. Raises `GraderError` unless finite and >= 0.
    """

    rtol: float | None = None
    atol: float | None = None
    dtype: str = ""

    def __post_init__(self) -> None:
        for part in (self.rtol, self.atol):
            if part is not None and not (isinstance(part, int | float) and 0 <= part < float("inf")):
                raise GraderError("a tolerance of finite numbers >= 0", reprlib.repr(part))

    @property
    def exact(self) -> bool:
        return self.rtol == 0 and self.atol == 0

    def words(self) -> str:
        """The tolerance as a person would state it: 'float64: equal to 1e-9 relative or 1e-9 absolute'."""
        rtol, atol = (f"{part or 0:g}".replace("e-0", "e-") for part in (self.rtol, self.atol))
        limits = "exactly equal" if self.exact else f"equal to {rtol} relative or {atol} absolute"
        return f"{self.dtype}: {limits}" if self.dtype else limits

    def of(self, actual: np.dtype[Any], expected: np.dtype[Any]) -> Tolerance:
        """This tolerance with the defaults for two dtypes filled in; an answer in float16 counts as float32."""
        if actual == np.float16 and expected != np.float16:
            actual = np.dtype(np.float32)
        floats = [dtype for dtype in (actual, expected) if dtype.kind in "fc"]
        coarse = min(floats, key=lambda dtype: np.finfo(dtype).bits) if floats else None
        rtol, atol = _DEFAULTS[min(np.finfo(coarse).bits, 64)] if coarse else (0.0, 0.0)
        rtol, atol = rtol if self.rtol is None else self.rtol, atol if self.atol is None else self.atol
        return Tolerance(rtol, atol, coarse.name if coarse else "integers")


class Kind(enum.Enum):
    """What sets two values apart; each reads as a sentence over the fields of a `Difference`."""

    NONE = "equal"
    TYPE = "{actual_type} where {expected_type} was wanted"
    DTYPE = "right values, but {actual_type} where {expected_type} was wanted"
    SHAPE = "shape {actual_shape} where {expected_shape} was wanted"
    LENGTH = "length {actual_shape[0]} where {expected_shape[0]} was wanted"
    KEYS = "the keys differ: {missing} missing"
    VALUES = "{off} of {of} values differ"
    TEXT = "the text differs"
    NESTING = "nested too deeply to be compared"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What sets two values apart; `path` leads into nested lists and dicts, and the rest is about what lies there.

    actual_type, expected_type : the dtype of an array; plain words for what is none.
    off, of : how many values are wrong, of how many.   where : index of the worst one.
    absolute, relative : the largest errors; inf where a finite number meets NaN, infinity or (relative) zero.
    same_values : the shape or dtype is wrong, but the values, in order, are right.
    missing : how many keys are missing.   surplus : the actual keys that nobody wanted, rendered.
    tolerance : the tolerance used, complete; None where no numbers were compared.
    """

    kind: Kind = Kind.NONE
    path: Steps = ()
    actual_type: str = ""
    expected_type: str = ""
    actual_shape: tuple[int, ...] = ()
    expected_shape: tuple[int, ...] = ()
    off: int = 0
    of: int = 0
    absolute: float = 0.0
    relative: float = 0.0
    where: tuple[int, ...] = ()
    nans: int = 0
    infs: int = 0
    expected_nans: int = 0
    expected_infs: int = 0
    same_values: bool = False
    missing: int = 0
    surplus: tuple[str, ...] = ()
    tolerance: Tolerance | None = None

    @property
    def equal(self) -> bool:
        return self.kind is Kind.NONE


def compare(actual: Value, expected: Value, tolerance: Tolerance | None = None, dtype: str | None = None) -> Difference:
    """The difference between a student's value and the right one; in nested data, the first one.

    Lists and tuples of numbers stand for arrays; 50 equals 50.0; float32 may stand for float64 unless `dtype` is named.
    True is not 1, but 0 and 1 are accepted where truth values were wanted. NaN equals NaN, and only NaN.
    Raises `GraderError` where `expected` is no plain data, or `tolerance` or `dtype` is none.

    >>> compare([20, 50, 80], np.array([20.0, 50.0, 80.0])).equal
    True
    >>> words(compare(np.zeros((3, 1)), np.zeros(3)))
    'right values, but shape (3, 1) where (3,) was wanted'
    """
    if tolerance is not None and not isinstance(tolerance, Tolerance):
        raise GraderError("a Tolerance or None", reprlib.repr(tolerance))
    try:
        wanted = "" if dtype is None else np.dtype(dtype).name
    except TypeError as error:
        raise GraderError("the name of a NumPy dtype", reprlib.repr(dtype)) from error
    difference, array = _compare(actual, expected, tolerance or Tolerance(), ()), as_array(actual) if dtype else None
    found = describe(actual) if array is None else array.dtype.name
    if not wanted or found == wanted or not difference.equal:
        return difference
    change = {"kind": Kind.DTYPE, "actual_type": found, "expected_type": wanted, "same_values": True}
    return msgspec.structs.replace(difference, **change)


def words(difference: Difference) -> str:
    """The difference as one sentence without any reference value (the size of an error would give it away)."""
    text = difference.kind.value.format(**msgspec.structs.asdict(difference))
    if difference.kind is Kind.VALUES:
        text = _values_words(difference, text)
    elif difference.kind is Kind.SHAPE:
        text = ("right values, but " if difference.same_values else "") + text.replace("() was", "a single number was")
    elif difference.surplus:
        text += f", {len(difference.surplus)} not wanted ({', '.join(difference.surplus[:5])})"
    place = "".join(f"[{brief(step)}]" for step in difference.path)
    return f"at {place}: {text}" if place else text


def as_array(value: Value) -> Array | None:
    """The value as an array of numbers or truth values; None where it is none (text, ragged, beyond 64 bits, ...)."""
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value) if value.dtype.kind in "biufc" else None
    kinds, size = set(), 0
    for leaf in _leaves(value, 0):
        kinds.add(leaf.dtype.kind if isinstance(leaf, np.ndarray | np.generic) else _KINDS.get(type(leaf), "?"))
        size += leaf.size if isinstance(leaf, np.ndarray) else 1
        if not kinds <= set("biufc") or ("b" in kinds and len(kinds) > 1) or size > _LARGEST:
            return None
    try:
        array: Array = np.asarray(value)
    except (ValueError, OverflowError):
        return None
    return array if array.dtype.kind in kinds | {"u"} or not kinds else None


def wrong_cells(actual: Array, expected: Array, tolerance: Tolerance) -> tuple[Array, Array]:
    """Which values are wrong, and each one's absolute error (inf beside NaN or infinity); arrays of one equal shape."""
    wide = np.result_type(actual, expected, np.float64)
    with np.errstate(all="ignore"):
        a, e = actual.astype(wide), expected.astype(wide)
        same = np.asarray((actual == expected) | (np.isnan(a) & np.isnan(e)))
        error = np.where(same, 0.0, np.abs(a - e))
        error = np.where(np.isfinite(error), error, np.inf)
        limit = np.maximum(tolerance.atol or 0.0, (tolerance.rtol or 0.0) * np.abs(e))
    return ~same if tolerance.exact else ~same & ~(np.isfinite(error) & (error <= limit)), error


def describe(value: Value) -> str:
    """What sort of value this is, in plain words and without its content."""
    if not isinstance(value, np.ndarray | np.generic):
        return _SORTS.get(type(value), "something that is no plain data")
    if value.dtype.kind not in "biufcUS":
        return "something that is no plain data"
    sort = {"b": "truth value", "U": "text", "S": "bytes"}.get(value.dtype.kind, "number")
    return f"an array of {sort}s" if value.ndim else f"a {sort}"


def _compare(actual: Value, expected: Value, tolerance: Tolerance, path: Steps) -> Difference:
    if len(path) > _DEEPEST:
        return Difference(kind=Kind.NESTING, path=path)
    left, right = as_array(actual), as_array(expected)
    if left is not None and right is not None:
        return _arrays(left, right, tolerance, path)
    if isinstance(actual, dict) and isinstance(expected, dict):
        return _dicts(actual, expected, tolerance, path)
    if _is_sequence(actual) and _is_sequence(expected):
        return _sequences(actual, expected, tolerance, path)
    sorts = describe(actual), describe(expected)
    if "no plain data" in sorts[1]:
        raise GraderError("an expected value that is plain data", type(expected).__name__, "convert it to NumPy")
    if sorts[0] != sorts[1]:
        return Difference(kind=Kind.TYPE, path=path, actual_type=sorts[0], expected_type=sorts[1])
    number = sorts[1] == "a number"  # one of them beyond 64 bits, which NumPy cannot compare
    if (type(actual) is type(expected) or not number) and actual == expected:
        return Difference(path=path, of=1)
    kind, error = (Kind.VALUES, float("inf")) if number else (Kind.TEXT, 0.0)
    return Difference(kind=kind, path=path, off=1, of=1, absolute=error, relative=error)


def _arrays(actual: Array, expected: Array, tolerance: Tolerance, path: Steps) -> Difference:
    if actual.dtype.kind == "b" and expected.dtype.kind != "b":
        return Difference(kind=Kind.TYPE, path=path, actual_type=describe(actual), expected_type=describe(expected))
    same_size = actual.size == expected.size
    found = _values(actual, expected, tolerance.of(actual.dtype, expected.dtype)) if same_size else {}
    common: dict[str, Any] = {"path": path, "actual_shape": actual.shape, "expected_shape": expected.shape}
    common |= {"actual_type": actual.dtype.name, "expected_type": expected.dtype.name}
    if actual.shape == expected.shape:
        return Difference(kind=Kind.VALUES if found["off"] else Kind.NONE, **common, **found)
    found = {"same_values": same_size and actual.size > 0 and not found["off"]}
    return Difference(kind=Kind.LENGTH if actual.ndim == expected.ndim == 1 else Kind.SHAPE, **found, **common)


def _values(actual: Array, expected: Array, tolerance: Tolerance) -> dict[str, Any]:
    """The fields of a `Difference` that are about values, gathered block by block."""
    left, right = actual.reshape(-1), expected.reshape(-1)
    counts, absolute, relative, worst = np.zeros(5, dtype=np.int64), 0.0, 0.0, 0
    for start in range(0, right.size, _BLOCK):
        a, e = left[start : start + _BLOCK], right[start : start + _BLOCK]
        bad, error = wrong_cells(a, e, tolerance)
        counts += [np.count_nonzero(x) for x in (bad, np.isnan(a), np.isinf(a), np.isnan(e), np.isinf(e))]
        where = np.flatnonzero(bad)
        if not where.size:
            continue
        with np.errstate(all="ignore"):
            ratios = error[where] / np.abs(e[where].astype(np.result_type(e, np.float64)))
        relative = max(relative, float(np.where(np.isnan(ratios), np.inf, ratios).max()))
        largest = where[np.argmax(error[where])]
        if error[largest] > absolute or counts[0] == where.size:
            absolute, worst = float(error[largest]), start + int(largest)
    names = ("off", "nans", "infs", "expected_nans", "expected_infs")
    found: dict[str, Any] = dict(zip(names, counts.tolist(), strict=True)) | {"of": right.size, "tolerance": tolerance}
    place = tuple(int(i) for i in np.unravel_index(worst, expected.shape)) if counts[0] else ()
    return found | {"absolute": absolute, "relative": relative, "where": place}


def _dicts(actual: dict[Any, Value], expected: dict[Any, Value], tolerance: Tolerance, path: Steps) -> Difference:
    surplus = tuple(brief(key) for key in actual if key not in expected)
    missing = sum(key not in actual for key in expected)
    if surplus or missing:
        return Difference(kind=Kind.KEYS, path=path, missing=missing, surplus=surplus)
    found = (_compare(actual[key], expected[key], tolerance, (*path, key)) for key in expected)
    return next((difference for difference in found if not difference.equal), Difference(path=path))


def _sequences(actual: Any, expected: Any, tolerance: Tolerance, path: Steps) -> Difference:
    if len(actual) != len(expected):
        lengths = (len(actual),), (len(expected),)
        return Difference(kind=Kind.LENGTH, path=path, actual_shape=lengths[0], expected_shape=lengths[1])
    arrays = isinstance(actual, np.ndarray) and isinstance(expected, np.ndarray)
    if arrays and actual.shape == expected.shape and describe(actual) == describe(expected):
        differ = np.argwhere(actual != expected)
        steps = (*path, *(int(step) for step in differ[0])) if differ.size else path
        return Difference(kind=Kind.TEXT if differ.size else Kind.NONE, path=steps, off=len(differ), of=expected.size)
    found = (_compare(actual[i], expected[i], tolerance, (*path, i)) for i in range(len(expected)))
    return next((difference for difference in found if not difference.equal), Difference(path=path))


def _is_sequence(value: Value) -> bool:
    return isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and "an array" in describe(value))


def _leaves(value: Value, depth: int) -> Iterator[Value]:
    if isinstance(value, list | tuple) and depth < _DEEPEST:
        for item in value:
            yield from _leaves(item, depth + 1)
    else:
        yield value


def _values_words(found: Difference, text: str) -> str:
    odd = [("NaN (not a number)", found.nans, found.expected_nans), ("infinite", found.infs, found.expected_infs)]
    parts = [f"{have} of {found.of} values are {name}" for name, have, want in odd if have > want]
    if found.of == 1:
        return next((f"the value is {name}" for name, have, want in odd if have > want), "the value differs")
    closeness = next((limit for limit in (0.1, 5) if found.relative <= limit / 100), None)
    where = f", the worst at {list(found.where)}"
    return "; ".join([*parts, text + where + (f", by at most {closeness:g} %" if closeness else "")])


def brief(value: Value) -> str:
    """A name or number in at most about a hundred characters, with control characters escaped; else what it is."""
    if isinstance(value, str | bytes):
        return repr(value[:60])[:100]
    small = isinstance(value, float | complex) or (isinstance(value, int) and value.bit_length() < 128)
    return repr(value) if small or value is None else describe(value)
