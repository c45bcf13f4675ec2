"""What hidden checks gave to a student's code, found again in what that code puts out.

A function that is called with a hidden input may print it, keep it for a later cell, or raise an error that quotes it.
The input is drawn for this submission alone, and a changed one gets another; still, no page should repeat it. Found is
what is printed as numbers: in the order of the input or down its columns, even with few digits; and in any order, where
the digits are too many to agree by chance. Whoever encodes numbers otherwise passes, and gains numbers that no other
grading uses.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from referee.answers.interface import Array, Question, Value
from referee.answers.printed import printed
from referee.answers.runs import Coarse, Distinct, Levels, Scattered

_MOST_GIVEN = 1_000_000  # numbers that are remembered
_MOST_COARSE = 250_000  # of them that are looked for with few digits too
_LARGEST = 1e300  # so that sums and products stay numbers
_MOST_LEVELS = 50_000
_LEAST_DIGITS = 8  # what says less is not worth making ready for: most words of a check


class Given:
    """The numbers in the arguments of questions, in order."""

    def __init__(self) -> None:
        self._parts: list[Array] = []
        self._size = 0
        self._finders: list[Levels | Coarse | Distinct | Scattered] | None = None

    def note(self, question: Question) -> None:
        """Remember what this question gives away; a check is running, so it has to be quick."""
        for value in (*question.args, *question.kwargs.values(), *(question.build or ())):
            for part in _numbers(value, 0):
                if part.size <= _MOST_GIVEN - self._size and not np.isnan(part).all():
                    self._parts.append(np.clip(part, -_LARGEST, _LARGEST))
                    self._size += part.size
                    self._finders = None

    def within(self, text: str) -> bool:
        """Whether a text repeats numbers that were given."""
        if not self._parts:
            return False
        numbers = printed(text)
        if int(numbers.digits.sum()) + numbers.digits.size < _LEAST_DIGITS:
            return False
        if self._finders is None:
            self._finders = list(_finders(self._parts))
        return any(finder.within(numbers) for finder in self._finders)


def _finders(parts: list[Array]) -> Iterator[Levels | Coarse | Distinct | Scattered]:
    """What looks for these numbers: those of few levels, such as pixels, apart from those that are all different."""
    few = [part for part in parts if _few(part.reshape(-1))]
    others = [part for part in parts if not _few(part.reshape(-1))]
    if others and _few(np.concatenate([part.reshape(-1) for part in others])):
        few, others = parts, []
    if few:
        yield Levels(_joined(few))
    if others:
        values = _joined(others)
        yield Distinct(values)
        yield Scattered(np.concatenate([np.zeros(0), *(part.reshape(-1) for part in others if not _on_steps(part))]))
        if values.size <= _MOST_COARSE:
            yield Coarse(values)


def _few(values: Array) -> bool:
    known = values[np.isfinite(values)]
    levels = np.unique(known).size
    return 2 * levels <= known.size and 1 < levels <= _MOST_LEVELS


def _on_steps(part: Array) -> bool:
    """Whether all values are whole, or parts of 100, 255 or 256: then others' numbers are among them by chance."""
    finite = part[np.isfinite(part)]
    return any(bool(np.all(np.abs(finite * n - np.round(finite * n)) < 1e-4)) for n in (1, 100, 255, 256))


def _joined(parts: list[Array]) -> Array:
    """The numbers of all arrays, row by row and column by column; no run reaches from one array to the next."""
    pieces = []
    for part in parts:
        pieces += [part.reshape(-1), np.array([np.nan])]
        if part.ndim > 1 and min(part.shape[-2:]) > 1:
            pieces += [np.swapaxes(part, -1, -2).reshape(-1), np.array([np.nan])]
    return np.concatenate(pieces)


def _numbers(value: Value, depth: int) -> Iterator[Array]:
    """The numbers in an argument, each array or list of numbers by itself."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        yield value.astype(np.float64)
    elif isinstance(value, float | int) and not isinstance(value, bool) and abs(value) < 2**1000:
        yield np.array([float(value)])
    elif isinstance(value, list | tuple) and depth < 4:
        if value and all(isinstance(each, float | int) and abs(each) < 2**1000 for each in value):
            yield np.array(value, dtype=np.float64)
        else:
            for each in value:
                yield from _numbers(each, depth + 1)
    elif isinstance(value, dict) and depth < 4:
        for each in value.values():
            yield from _numbers(each, depth + 1)
