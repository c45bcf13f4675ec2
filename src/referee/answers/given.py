"""What hidden checks gave to a student's code, found again in what that code puts out.

A function that is called with a hidden input may print it, keep it for a later cell, or raise an error that quotes it.
The input is drawn for this submission alone, and a changed one gets another; still, no page should repeat it. Found is
what is printed as numbers in the order of the input: at least two, or one with all its digits. Whoever encodes numbers
otherwise passes, and gains numbers that no other grading uses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from referee.answers.interface import Array, Question, Value

_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d{1,20}\.?\d{0,20}|\.\d{1,20})(?:[eE][-+]?\d{1,3})?(?![\w])")
_ENOUGH = 12.0  # decimal digits that agree: by chance that happens to one run of numbers in a million million
_MOST_GIVEN = 1_000_000  # numbers that are remembered
_MOST_PRINTED = 5_000  # numbers of a text that are looked at
_MOST_PLACES = 20  # of an input at which one printed number may stand
_LONGEST = 24  # numbers in a run, which is more than enough
_MOST_LEVELS = 50_000
_LEAST_LEVELS = 4  # in a run of pixels
_MOST_WORDS = 500
_NO_LETTER = "\U0010ffff"


class _Printed(NamedTuple):
    """A number in a text: its value, its significant digits, and how far off the rounding may have put it."""

    value: float
    digits: int
    off: float


class Given:
    """The numbers in the arguments of questions, in order."""

    def __init__(self) -> None:
        self._parts: list[Array] = []
        self._size = 0
        self._finder: _Distinct | _Levels | None = None

    def note(self, question: Question) -> None:
        """Remember what this question gives away; a check is running, so it has to be quick."""
        for value in (*question.args, *question.kwargs.values(), *(question.build or ())):
            for part in _numbers(value, 0):
                if 0 < part.size <= _MOST_GIVEN - self._size:
                    self._parts += [part, np.array([np.nan])]  # no run reaches from one input to the next
                    self._size += part.size
                    self._finder = None

    def within(self, text: str) -> bool:
        """Whether a text repeats numbers that were given."""
        if not self._parts:
            return False
        if self._finder is None:
            values = np.concatenate(self._parts)
            levels = np.unique(values[~np.isnan(values)])
            few = 2 * levels.size <= self._size and 1 < levels.size <= _MOST_LEVELS
            self._finder = _Levels(values, levels) if few else _Distinct(values)
        return self._finder.within(list(_printed(text)))


class _Distinct:
    """Finds runs among numbers of which most are unlike the others: each digit that agrees tells something."""

    def __init__(self, values: Array) -> None:
        self._values = values
        places = np.argsort(values, kind="stable")
        self._places = places[: values.size - int(np.isnan(values).sum())]
        self._ordered = values[self._places]

    def within(self, printed: Sequence[_Printed]) -> bool:
        for start, number in enumerate(printed):
            if number.digits < 3:
                continue
            low, high = np.searchsorted(self._ordered, [number.value - number.off, number.value + number.off])
            for place in self._places[low : min(int(high) + 1, int(low) + _MOST_PLACES)]:
                if _agreement(printed[start : start + _LONGEST], self._values[int(place) :]) >= _ENOUGH:
                    return True
        return False


def _agreement(printed: Sequence[_Printed], values: Array) -> float:
    """How many digits agree in the run that begins here; a value that stands there again says nothing new."""
    total, met = 0, set[float]()
    for number, value in zip(printed, values[: len(printed)], strict=False):
        if not abs(number.value - value) <= number.off * 1.01:
            break
        total += number.digits if value not in met else 0
        met.add(float(value))
    return total


class _Levels:
    """Finds runs among numbers of few levels, such as pixels, where that one of them agrees says little.

    Each level is a letter, so that a run is a word to be looked up.
    """

    def __init__(self, values: Array, levels: Array) -> None:
        self._levels = levels
        letters = np.searchsorted(levels, np.nan_to_num(values, nan=levels[0]))
        letters[np.isnan(values)] = levels.size  # stands in no word
        self._text = "".join(map(chr, letters.tolist()))
        self._length = math.ceil(_ENOUGH / math.log10(levels.size))

    def within(self, printed: Sequence[_Printed]) -> bool:
        word = "".join(self._letter(number) for number in printed)
        tried = 0
        for start in range(len(word) - self._length + 1):
            part = word[start : start + self._length]
            if _NO_LETTER in part or len(set(part)) < _LEAST_LEVELS:  # an empty corner is in every picture
                continue
            if part in self._text:
                return True
            tried += 1
            if tried == _MOST_WORDS:
                break
        return False

    def _letter(self, number: _Printed) -> str:
        place = int(np.searchsorted(self._levels, number.value - number.off * 1.01))
        fits = place < self._levels.size and self._levels[place] <= number.value + number.off * 1.01
        return chr(place) if fits else _NO_LETTER


def _printed(text: str) -> Iterator[_Printed]:
    """The numbers in a text, in order."""
    for count, found in enumerate(_NUMBER.finditer(text)):
        if count == _MOST_PRINTED:
            return
        mantissa, _, power = found[0].lower().partition("e")
        decimals = len(mantissa.partition(".")[2])
        digits = len(mantissa.lstrip("-+").replace(".", "").strip("0"))
        yield _Printed(float(found[0]), digits, 0.51 * 10.0 ** (int(power or 0) - decimals) if "." in mantissa else 0.0)


def _numbers(value: Value, depth: int) -> Iterator[Array]:
    """The numbers in an argument, each array or list of numbers by itself."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        yield value.reshape(-1).astype(np.float64)
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
