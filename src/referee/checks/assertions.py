"""What graders call: each function claims one thing, and raises `CheckFailed` (or `NeedsPerson`) with its evidence.

Whatever a student's value is, it ends in a verdict; only a grader's own mistake raises `GraderError`.
"""

from __future__ import annotations

import reprlib
from collections.abc import Collection, Sequence
from typing import NoReturn

import msgspec
import numpy as np

from referee.answers.interface import Array, ModelSummary, Value
from referee.answers.remarks import depict, remark
from referee.calibration import Band
from referee.checks import depicting, thresholds
from referee.checks.compare import (
    Difference,
    Kind,
    Tolerance,
    as_array,
    brief,
    compare,
    describe,
    words,
    wrong_cells,
)
from referee.checks.misconceptions import Misconception, recognise
from referee.checks.signals import CheckFailed, NeedsPerson
from referee.checks.structure import FinalSoftmax, LayerSpec, diff_layers
from referee.errors import GraderError
from referee.pictures import Picture
from referee.report import Evidence

BUDGET = 600  # characters of one rendering
_ROWS = 5  # of a window


class StructureMisconception(msgspec.Struct, frozen=True):
    """A wrong model with a name and a hint: `layers` are what the mistake gives, such as an unfilled skeleton."""

    name: str
    hint: str
    layers: Sequence[LayerSpec]


def assert_matches(
    actual: Value,
    expected: Value,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    dtype: str | None = None,
    misconceptions: Sequence[Misconception] = (),
    what: str = "the answer",
    hint: str = "",
    picture: Picture | None = None,
) -> None:
    """`actual` equals `expected`, within `rtol` times the value or `atol`; None is the default of the dtypes.

    dtype : a NumPy dtype that is wanted exactly ("float32"); without it, only the values and the shape count.
    misconceptions : wrong references; the first that the answer equals gives the hint, then the generic probes do.
    what : what is compared, in the student's words.   hint : what to try where no misconception is recognised.
    picture : shown where the two differ, in place of the two themselves; such as `field_picture(...)`.
    """
    tolerance = Tolerance(rtol, atol)
    difference = compare(actual, expected, tolerance, dtype)
    if difference.equal:
        return
    finding = None if difference.kind is Kind.DTYPE else recognise(actual, expected, misconceptions, tolerance)
    shown_actual, shown_expected = renderings(actual, expected, difference)
    _fail(
        f"{what}: {words(difference)}",
        hint=finding.hint if finding else hint,
        expected=shown_expected,
        actual=shown_actual,
        tolerance=difference.tolerance.words() if difference.tolerance else "",
        misconception=finding.name if finding else "",
        foreseen=finding is not None and finding.foreseen,
        pictures=_some(picture or depicting.heat(what, actual, expected, difference)),
    )


def assert_shape(actual: Value, shape: Sequence[int | None], *, what: str = "the answer", hint: str = "") -> None:
    """`actual` is an array of `shape` (None stands for any size); a list of numbers counts as one."""
    array, wanted = as_array(actual), tuple(shape)
    if array is None:
        _fail(f"{what}: {describe(actual)} where an array of numbers was wanted", hint=hint, expected=f"shape {wanted}")
    if len(array.shape) != len(wanted) or any(w not in (None, n) for n, w in zip(array.shape, wanted, strict=True)):
        _fail(
            f"{what}: shape {array.shape} where {wanted} was wanted",
            hint=hint,
            expected=f"shape {wanted}",
            actual=f"shape {array.shape}",
        )


def assert_layers(
    summary: ModelSummary,
    expected: Sequence[LayerSpec],
    *,
    final_softmax: FinalSoftmax = "required",
    optional: Collection[str] = (),
    misconceptions: Sequence[StructureMisconception] = (),
    what: str = "the model",
    hint: str = "",
) -> None:
    """The model has the expected layers, in order; see `structure.diff_layers` for the options."""
    difference = diff_layers(summary, expected, final_softmax=final_softmax, optional=optional)
    if difference.equal:
        return
    for wrong in misconceptions:
        if diff_layers(summary, wrong.layers, final_softmax=final_softmax, optional=optional).equal:
            text = f"{what}: {difference.words()}"
            _fail(text, hint=wrong.hint, misconception=wrong.name, foreseen=True, table=difference.rows)
    _fail(f"{what}: {difference.words()}", hint=hint, table=difference.rows)


def assert_parameters(
    summary: ModelSummary,
    *,
    total: int | None = None,
    trainable: int | None = None,
    frozen: int | None = None,
    misconceptions: Sequence[Misconception] = (),
    what: str = "the model",
    hint: str = "",
) -> None:
    """The model has so many parameters; a misconception's `value` is the total that the mistake gives."""
    counts = [("in total", summary.parameters, total), ("trainable", summary.trainable, trainable)]
    counts.append(("not trainable", summary.frozen, frozen))
    wrong = [(name, have, want) for name, have, want in counts if want is not None and have != want]
    if not wrong:
        remark(", ".join(f"{have:,} parameters {name}" for name, have, want in counts if want is not None))
        return
    finding = None if total is None else recognise(summary.parameters, total, misconceptions)
    texts = (f"{_count(have)} parameters {name}, too {'many' if have > want else 'few'}" for name, have, want in wrong)
    _fail(
        f"{what}: {'; '.join(texts)}",
        hint=finding.hint if finding else hint,
        expected=", ".join(f"{want:,} {name}" for name, _, want in counts if want is not None),
        actual=", ".join(f"{_count(have)} {name}" for name, have, want in counts if want is not None),
        misconception=finding.name if finding else "",
        foreseen=finding is not None and finding.foreseen,
    )


def assert_accuracy(
    predictions: Value,
    labels: Value,
    *,
    floor: float | None = None,
    band: Band | None = None,
    what: str = "examples",
    hint: str = "",
) -> None:
    """The predictions, class scores (N, K) or class indices (N,), reach the accuracy `floor` on `labels` (N,).

    floor : a share; where there is none, it follows from the band: see `thresholds.floor_of`.
    band : the accuracies that the reference reaches, from the fixture `calibration`.
    what : what was classified, such as "digits".
    The accuracy on the band stands as a picture in the evidence of the check, whatever it concludes.
    Raises `NeedsPerson` less than two standard errors below the floor, where a rerun might pass.
    """
    found = thresholds.accuracy(predictions, labels)
    if floor is None:
        if band is None:
            raise GraderError("a floor, or the reference's band", "neither", 'band=calibration("accuracy")')
        floor = thresholds.floor_of(band.lowest, found.total)
    verdict = thresholds.judge(found, floor)
    depict(depicting.level(what, found, floor, band))
    text = found.words(what)
    if verdict == "passed":
        remark(text, near=thresholds.near(found, floor))
        return
    if band is not None:
        text += f"; the reference reaches {band.words()}"
    if verdict == "person":
        raise NeedsPerson(Evidence(words=f"{text}; too close to the threshold to tell from luck", hint=hint, near=True))
    _fail(text, hint=hint, expected=f"at least {100 * floor:.1f} %", actual=f"{100 * found.share:.1f} %")


def assert_true(condition: object, words: str, hint: str = "") -> None:
    """The condition holds; `words` say what is wrong where it does not. Raises `GraderError` for an array condition."""
    if not isinstance(condition, bool | np.bool_):
        raise GraderError("a condition that is True or False", type(condition).__name__, "use assert_matches")
    if not condition:
        _fail(words, hint=hint)


def assert_causal(
    y: Value,
    y_changed: Value,
    t: int,
    *,
    axis: int = 0,
    rtol: float | None = None,
    atol: float | None = None,
    what: str = "the output",
    hint: str = "",
) -> None:
    """No output before time step `t` depends on the input at `t`.

    y, y_changed : the outputs for an input and for the same input changed at step `t` (and later, if you like).
    axis : the time axis of the outputs: 0 for a series (T,) or (T, channels), 1 for a batch (N, T, channels).
    """
    if not isinstance(t, int) or t < 1:
        raise GraderError("a time step t >= 1", brief(t))
    before, after = (_series(value, t, axis, what) for value in (y, y_changed))
    if before.shape != after.shape:
        _fail(f"{what}: shape {after.shape} after the input changed, and {before.shape} before", hint=hint)
    tolerance = Tolerance(rtol, atol).of(before.dtype, after.dtype)
    bad, _ = wrong_cells(after[:t], before[:t], tolerance)
    steps = np.flatnonzero(bad.reshape(t, -1).any(axis=1))
    if steps.size:
        first = int(steps[0])
        far = f"{t - first} step{'s' if t - first > 1 else ''}"
        text = (
            f"{what}: changing the input at time step {t} changes the output at step {first}: it looks ahead by {far}"
        )
        everywhere, _ = wrong_cells(after, before, tolerance)
        changed: Array = np.asarray(everywhere.reshape(len(after), -1).any(axis=1))
        title = f"{what}: the steps that change with the input at step {t}"
        picture = depicting.field_picture(title, changed, changed & (np.arange(len(changed)) >= t))
        hint = hint or "a causal layer pads on the left only"
        _fail(text, hint=hint, tolerance=tolerance.words(), pictures=(picture,))


def _series(value: Value, t: int, axis: int, what: str) -> Array:
    """The output with its time axis first."""
    array = as_array(value)
    if array is None or not -array.ndim <= axis < array.ndim:
        found = describe(value) if array is None else f"shape {array.shape}"
        _fail(f"{what}: {found} where an array with a time axis was wanted")
    series = np.moveaxis(array, axis, 0)
    if len(series) <= t:
        _fail(f"{what}: {len(series)} time steps, where more than {t} were wanted")
    return series


def _count(number: int) -> str:
    return f"{number:,}" if number.bit_length() < 128 else brief(number)


def _some(picture: Picture | None) -> tuple[Picture, ...]:
    return () if picture is None else (picture,)


def _fail(text: str, **evidence: object) -> NoReturn:
    raise CheckFailed(msgspec.structs.replace(Evidence(words=text), **evidence))


def renderings(actual: Value, expected: Value, difference: Difference) -> tuple[str, str]:
    """Pictures of both values where they differ, at most 600 characters each: numbers as a window around the worst.

    Wrong cells of the actual value are marked with *; the expected picture of an array ends with the largest error.
    """
    if difference.kind is Kind.DTYPE:
        return difference.actual_type, difference.expected_type
    place, sides = "", [actual, expected]
    for step in difference.path if difference.kind is not Kind.NESTING else ():
        sides, place = [side[step] for side in sides], f"{place}[{brief(step)}]"  # type: ignore[index] # compare found the path
    a, e = (as_array(side) for side in sides)
    if a is None or e is None or a.shape != e.shape or difference.tolerance is None:
        pictures = [_sketch(side) for side in sides]
    else:
        where = difference.where or (0,) * a.ndim
        digits, columns = (6, 5) if _cell(a[where].item(), 6) != _cell(e[where].item(), 6) else (17, 3)
        window = _window(e.shape, where, columns)
        marks, _ = wrong_cells(a[window].reshape(-1), e[window].reshape(-1), difference.tolerance)
        # of two single numbers it is seen
        error = f"\nlargest error {difference.absolute:.6g} at {list(where)}" if e.ndim else ""
        pictures = [_grid(a, window, digits, marks), f"{_grid(e, window, digits)}{error}"]
    shown = [f"at {place}: {picture}"[:BUDGET] if place else picture[:BUDGET] for picture in pictures]
    return shown[0], shown[1]


class _Sketch(reprlib.Repr):
    """A bounded `repr` of nested data that never fails, with control characters escaped."""

    def repr_int(self, x: int, level: int) -> str:
        return super().repr_int(x, level) if x.bit_length() < 256 else "a number"

    def repr_ndarray(self, x: Array, _: int) -> str:
        return f"<{describe(x)} of shape {x.shape}>"


def _sketch(value: Value) -> str:
    array, sketch = as_array(value), _Sketch()
    sketch.maxstring, sketch.maxlist, sketch.maxtuple, sketch.maxother = 400, 20, 20, 100
    return (
        sketch.repr(value)
        if array is None or not array.size
        else _grid(array, _window(array.shape, (0,) * array.ndim, 5))
    )


def _window(shape: tuple[int, ...], where: tuple[int, ...], columns: int) -> tuple[int | slice, ...]:
    """An index for a few rows and columns around a place in the last two axes, and fixed in the others."""
    sizes = (_ROWS, columns)[-len(shape) :] if shape else ()
    places = zip(where[-2:], shape[-2:], sizes, strict=True)
    starts = [max(0, min(place - size // 2, whole - size)) for place, whole, size in places]
    return (*where[:-2], *(slice(start, start + size) for start, size in zip(starts, sizes, strict=True)))


def _grid(array: Array, window: tuple[int | slice, ...], digits: int = 6, marks: Array | None = None) -> str:
    """The cells in a window, aligned, below a line that says what they are a part of."""
    if array.ndim == 0:
        return _cell(array.item(), digits)
    part = np.atleast_2d(array[window])
    stars = np.zeros(part.shape, dtype=bool) if marks is None else marks.reshape(part.shape)
    cells = [_cell(x.item(), digits) + "*" * bool(star) for x, star in zip(part.flat, stars.flat, strict=True)]
    width, columns = max(map(len, cells)), part.shape[1]
    lines = ["  ".join(cell.rjust(width) for cell in cells[i : i + columns]) for i in range(0, len(cells), columns)]
    spans = [str(i) if isinstance(i, int) else f"{i.start}:{i.stop}" for i in window]
    piece = f", part [{', '.join(spans)}]" if part.size < array.size else ""
    return "\n".join([f"shape {array.shape}, {array.dtype.name}{piece}", *lines])


def _cell(value: Value, digits: int) -> str:
    if isinstance(value, complex):
        return f"{value:.4g}"
    return f"{value:.{digits}g}" if isinstance(value, float | np.floating) else str(value)
