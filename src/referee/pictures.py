"""What of a check's evidence is better looked at than read: bounded data for pictures, no drawing.

    Picture
    ├── Heat      two maps of one shape, or two series, and where they differ
    ├── Curves    a training's learning curves
    ├── Field     the cells of an input that an output depends on
    └── Level     an accuracy on the band that the reference reaches

Rows of numbers are kept as text, "0.5 -2 ? 1e-05" ("?" stands for NaN, infinity and what is left out), and rows of
truth values as "..##.": so a report stays small and can be read, and one that was forged cannot make a page large.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeAlias

import msgspec

from referee.record import Record

SIDE = 32  # values along a side of a map
FIELD_ROWS, FIELD_COLUMNS, FIELD_CELLS = 64, 256, 4096
POINTS = 200  # of a learning curve
SERIES = 8
MOST = 6  # pictures of one check
_NUMBER = r"(?:\?|-?[0-9]{1,6}(?:\.[0-9]{1,9})?(?:e-?[0-9]{1,3})?)"

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Size: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Shape: TypeAlias = Annotated[tuple[Count, ...], msgspec.Meta(max_length=64)]
Title: TypeAlias = Annotated[str, msgspec.Meta(max_length=200)]
Name: TypeAlias = Annotated[str, msgspec.Meta(max_length=60)]
Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]
#: Numbers of one row as text; see `written` and `numbers`.
Row: TypeAlias = Annotated[str, msgspec.Meta(max_length=16 * SIDE, pattern=rf"\A{_NUMBER}(?: {_NUMBER}){{0,31}}\Z")]
Rows: TypeAlias = Annotated[tuple[Row, ...], msgspec.Meta(max_length=SIDE)]
MaskRow: TypeAlias = Annotated[str, msgspec.Meta(max_length=FIELD_COLUMNS, pattern=r"\A[.#]+\Z")]
Mask: TypeAlias = Annotated[tuple[MaskRow, ...], msgspec.Meta(max_length=FIELD_ROWS)]
Series: TypeAlias = Annotated[
    str, msgspec.Meta(max_length=16 * POINTS, pattern=rf"\A{_NUMBER}(?: {_NUMBER}){{0,199}}\Z")
]


class Heat(Record, frozen=True, tag_field="kind", tag="heat"):
    """Two maps of one shape and where they differ; a map of one row is a series.

    shape : of the whole arrays.   axes : which two of their axes are shown, for a series one.
    place : the index in each axis; for those that are shown it is that of the first value.
    step : how many values along rows and columns are one here, as their mean; (1, 1) where each value is shown.
    actual, expected : the rows, 32x32 numbers at most; `expected` is empty where it is not to be shown.
    wrong : where the two differ by more than the tolerance; empty where that is not to be shown.

    A record whose maps are ragged or do not fit each other is refused (ValueError).
    """

    title: Title
    shape: Shape
    axes: Annotated[tuple[Count, ...], msgspec.Meta(min_length=1, max_length=2)]
    place: Shape
    step: tuple[Size, Size]
    actual: Annotated[Rows, msgspec.Meta(min_length=1)]
    expected: Rows = ()
    wrong: Mask = ()

    def __post_init__(self) -> None:
        rows, columns = len(self.actual), {row.count(" ") + 1 for row in (*self.actual, *self.expected)}
        fitting = {len(self.expected), len(self.wrong)} <= {0, rows} and {len(row) for row in self.wrong} <= columns
        inside = len(self.place) == len(self.shape) and max(self.axes) < max(len(self.shape), 1)
        if len(columns) != 1 or not fitting or not inside or (len(self.axes) == 1 and rows > 1):
            raise ValueError("maps of one size, and a place in them")


class Curves(Record, frozen=True, tag_field="kind", tag="curves"):
    """A training's learning curves: the name of a series -> its values by epoch.

    epochs : how many there were; of more than 200 every `step`-th is kept, and the last.
    gap : validation minus training loss after the last epoch.   best : the epoch, from 1, with the lowest validation
    loss.   Both are None where there are no such series, or no finite numbers in them.
    """

    title: Title
    series: Annotated[dict[Name, Series], msgspec.Meta(min_length=1, max_length=SERIES)]
    epochs: Count
    step: Size = 1
    gap: float | None = None
    best: Size | None = None


class Field(Record, frozen=True, tag_field="kind", tag="field"):
    """Which cells of an input (one row, or rows and columns) an output depends on: as it is, and as it should be.

    shape : of the input.   step : how many of its cells along rows and columns are one here: marked if one of them is.
    expected : empty where it is not to be shown. Masks of more than 4096 cells, or that do not fit each other, are
    refused (ValueError).
    """

    title: Title
    shape: Annotated[tuple[Size, ...], msgspec.Meta(min_length=1, max_length=2)]
    step: tuple[Size, Size]
    actual: Annotated[Mask, msgspec.Meta(min_length=1)]
    expected: Mask = ()

    def __post_init__(self) -> None:
        ragged = len({len(row) for row in (*self.actual, *self.expected)}) != 1
        large = len(self.actual) * len(self.actual[0]) > FIELD_CELLS
        if ragged or large or len(self.expected) not in (0, len(self.actual)):
            raise ValueError("two masks of one size, of at most 4096 cells")


class Level(Record, frozen=True, tag_field="kind", tag="level"):
    """An accuracy that was measured on `total` examples, as a share with its standard error.

    lowest, mean, highest : what the reference reaches with several seeds; None where it was not calibrated.
    floor : what is wanted; None where it is not to be shown.
    """

    title: Title
    share: Share
    error: Share
    total: Size
    lowest: Share | None = None
    mean: Share | None = None
    highest: Share | None = None
    floor: Share | None = None


Picture: TypeAlias = Heat | Curves | Field | Level
Pictures: TypeAlias = Annotated[tuple[Picture, ...], msgspec.Meta(max_length=MOST)]


def written(values: Iterable[Any]) -> str:
    """Numbers as a row holds them, to four significant digits.

    >>> written([0.5, -0.0, float("nan"), 1234567])
    '0.5 0 ? 1.235e6'
    """
    return " ".join(_written(value) for value in values)


def numbers(row: str) -> tuple[float | None, ...]:
    """The numbers of a row; None for what is no finite number.

    >>> numbers("0.5 ? 1e6")
    (0.5, None, 1000000.0)
    """
    found = (None if text == "?" else float(text) for text in row.split(" "))
    return tuple(None if value is None or not math.isfinite(value) else value for value in found)


def mask(rows: Iterable[Iterable[object]]) -> tuple[str, ...]:
    """Truth values as rows of a mask.

    >>> mask([[True, False]])
    ('#.',)
    """
    return tuple("".join("#" if value else "." for value in row) for row in rows)


def curves(title: str, history: Mapping[str, Sequence[float]]) -> Curves | None:
    """The picture of a training history, of any content: metric -> a number per epoch; None where it holds none."""
    kept = sorted(name for name, values in history.items() if len(values))[:SERIES]
    if not kept:
        return None
    epochs = max(len(history[name]) for name in kept)
    step = math.ceil(epochs / (POINTS - 1)) if epochs > POINTS else 1
    validation, training = history.get("val_loss", ()), history.get("loss", ())
    finite = [(value, epoch) for epoch, value in enumerate(validation, 1) if math.isfinite(value)]
    gap = validation[-1] - training[-1] if validation and len(validation) == len(training) else math.nan
    return Curves(
        title=title[:200],
        series={name[:60]: written(_thinned(history[name], step)) for name in kept},
        epochs=epochs,
        step=step,
        gap=float(f"{gap:.4g}") if math.isfinite(gap) else None,
        best=min(finite)[1] if finite else None,
    )


def _thinned(values: Sequence[float], step: int) -> list[float]:
    """Every `step`-th value from the first on, and the last."""
    kept = list(values[::step])
    return kept if (len(values) - 1) % step == 0 else [*kept, values[-1]]


def _written(value: Any) -> str:
    try:
        number = float(value)
    except OverflowError:
        return "?"
    if not math.isfinite(number):
        return "?"
    text = f"{number + 0.0:.4g}"  # there are thousands of these in a report: 1e-5 is as good as 1e-05
    return text.replace("e+", "e").replace("e0", "e").replace("e-0", "e-")
