"""The numbers that stand in a text, as arrays: their values, and how exactly each is printed."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from referee.answers.interface import Array

_NUMBER = re.compile(r"(?<![\d.])[-+]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][-+]?\d{1,3})?(?!\d)")
_MOST = 500_000  # numbers of a text that are looked at: as many as a cell may put out


class Printed(NamedTuple):
    """Numbers in the order of a text.

    values : what each says.   digits : how many of its digits count.   steps : one unit of its last digit.
    decimals : how many digits follow its point; -1 where it has none, or a power of ten.
    """

    values: Array
    digits: Array
    steps: Array
    decimals: Array

    @property
    def off(self) -> Array:
        """How far rounding may have put each from what it was; a whole number is meant as it stands."""
        return np.where(self.decimals == -1, np.where(self.steps == 1, 0.0, 0.51 * self.steps), 0.51 * self.steps)


def printed(text: str) -> Printed:
    """The numbers in a text; a letter before or behind one does not hide it."""
    found = _NUMBER.findall(text)[:_MOST]
    parts = [_parts(word) for word in found]
    digits, decimals, powers = (np.array([part[place] for part in parts], dtype=np.int64) for place in range(3))
    steps = 10.0 ** np.clip(powers - np.maximum(decimals, 0), -150, 150)
    values = np.clip(np.array(list(map(float, found)), dtype=np.float64), -1e300, 1e300)
    return Printed(values, digits, steps, np.where(powers == 0, decimals, -1))


def _parts(word: str) -> tuple[int, int, int]:
    mantissa, _, power = word.lower().partition("e")
    whole, point, decimals = mantissa.lstrip("+-").partition(".")
    return len((whole + decimals).strip("0")), len(decimals) if point else -1, int(power or 0)
