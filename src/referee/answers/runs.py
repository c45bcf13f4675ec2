"""Ways to find known numbers among printed ones: in order, in order with few digits, and in any order.

All of them work on whole arrays, so that a text of hundreds of thousands of numbers is looked through in a moment.
"""

from __future__ import annotations

import math

import numpy as np

from referee.answers.interface import Array
from referee.answers.printed import Printed

_ENOUGH = 12.0  # decimal digits that agree: by chance that happens to one run of numbers in a million million
_MOST_PLACES = 20  # of an input at which one printed number may stand
_LONGEST = 24  # numbers in a run, which is more than enough
_TOLD = 7.0  # the same for each place in numbers of few levels, by what mostly follows what among them
_PRIOR = 8.0  # pairs: as many as these are needed before they say more than how common a level is by itself
_LEAST_LEVELS = 4  # in a run of pixels
_CHUNK = 20_000  # printed numbers that are looked at together
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, and its bits are well mixed
_ROUNDED = (0, 1, 2)  # decimals with which arrays are printed roughly
_NEIGHBOURS = 8
_LEAST_FOUND = 6.0  # different numbers of three digits; one of two counts half
_SURE = 7.0  # decimal digits of surprise, beyond what the choice of a stretch explains
_CHOICE = math.log10(4)  # what each number found may owe to the choice of a stretch of which half is found


class Distinct:
    """Finds runs among numbers of which most are unlike the others: each digit that agrees tells something."""

    def __init__(self, values: Array) -> None:
        self._values = np.concatenate([values, np.full(_LONGEST, np.nan)])
        places = np.argsort(values, kind="stable")
        self._places = places[: values.size - int(np.isnan(values).sum())]
        self._ordered = values[self._places]

    def within(self, printed: Printed) -> bool:
        off = printed.off * 1.01
        low = np.searchsorted(self._ordered, printed.values - off)
        high = np.minimum(np.searchsorted(self._ordered, printed.values + off, side="right"), low + _MOST_PLACES)
        starts = np.flatnonzero((high > low) & (printed.digits >= 3))
        chunks = range(0, starts.size, _CHUNK)
        return any(self._run(starts[at : at + _CHUNK], low, high, printed) for at in chunks)

    def _run(self, starts: Array, low: Array, high: Array, printed: Printed) -> bool:
        """Whether a run begins at one of these printed numbers, at one of its places."""
        counts = high[starts] - low[starts]
        first = np.repeat(starts, counts)
        nth = np.arange(first.size) - np.repeat(np.cumsum(counts) - counts, counts)
        place = self._places[low[first] + nth]
        total = np.zeros(first.size)
        for step in range(_LONGEST):
            inside = first + step < printed.values.size
            first, place, total = first[inside], place[inside], total[inside]
            value, at = self._values[place + step], first + step
            agree = np.abs(printed.values[at] - value) <= printed.off[at] * 1.01
            first, place, total, value, at = (each[agree] for each in (first, place, total, value, at))
            new = np.ones(first.size, dtype=bool)  # a value that stands there again says nothing new
            for before in range(step):
                new &= self._values[place + before] != value
            total = total + np.where(new, printed.digits[at], 0)
            if not first.size or (total >= _ENOUGH).any():
                return bool(first.size)
        return False


class Levels:
    """Finds runs among numbers of few levels, such as pixels, where that one of them agrees says little.

    Each level is a letter, and runs are compared as words, by their hashes.
    """

    def __init__(self, values: Array) -> None:
        self._levels = np.unique(values[np.isfinite(values)])
        letters = np.searchsorted(self._levels, np.nan_to_num(values, nan=self._levels[0]))
        letters[~np.isfinite(values)] = self._levels.size  # stands in no word
        self.length = math.ceil(_ENOUGH / math.log10(max(2, self._levels.size)))
        self._words = np.unique(_hashes(letters, self.length))
        count = self._levels.size + 2
        pairs, often = np.unique(letters[:-1] * count + letters[1:], return_counts=True)
        follows = np.bincount(letters, minlength=count)
        self._pairs, self._count = pairs, count
        before, alone = follows[pairs // count], follows[pairs % count] / letters.size
        self._says = -np.log10((often + _PRIOR * alone) / (before + _PRIOR))
        self._told = _TOLD + math.log10(letters.size)

    def within(self, printed: Printed, off: Array | None = None) -> bool:
        if printed.values.size < self.length:
            return False
        off = printed.off * 1.01 if off is None else off
        place = _nearest(self._levels, printed.values)
        fits = np.abs(self._levels[place] - printed.values) <= off
        letters = np.where(fits, place, self._levels.size + 1)
        words = _hashes(letters, self.length)
        if not self._words.size:
            return False
        met = np.flatnonzero(
            self._words[np.minimum(np.searchsorted(self._words, words), self._words.size - 1)] == words
        )
        return bool(met.size) and self._surprising(letters, met)

    def _surprising(self, letters: Array, met: Array) -> bool:
        """Whether a run that was met tells enough: next to nothing where each number is what mostly follows there."""
        pairs = letters[:-1] * self._count + letters[1:]
        place = np.minimum(np.searchsorted(self._pairs, pairs), self._pairs.size - 1)
        says = np.concatenate([[0.0], np.cumsum(np.where(self._pairs[place] == pairs, self._says[place], 0.0))])
        breaks = np.flatnonzero(np.diff(met) > 1)
        first = met[np.concatenate([[0], breaks + 1])]
        last = met[np.concatenate([breaks, [met.size - 1]])] + self.length - 1
        runs = zip(
            first[says[last] - says[first] >= self._told], last[says[last] - says[first] >= self._told], strict=True
        )
        return any(np.unique(letters[one : other + 1]).size >= _LEAST_LEVELS for one, other in runs)


def _nearest(ordered: Array, values: Array) -> Array:
    """For each value the place of the one that is nearest to it."""
    place = np.searchsorted(ordered, values)
    left, right = np.maximum(place - 1, 0), np.minimum(place, ordered.size - 1)
    return np.where(np.abs(ordered[left] - values) < np.abs(ordered[right] - values), left, right)


def _hashes(letters: Array, length: int) -> Array:
    """A hash of each word of this length."""
    count = letters.size - length + 1
    total = np.zeros(max(0, count), dtype=np.uint64)
    for step in range(length if count > 0 else 0):
        total = (total ^ letters[step : step + count].astype(np.uint64)) * _BASE
        total ^= total >> np.uint64(29)
    return total


class Coarse:
    """Finds runs of numbers that were printed with few decimals: those are of few levels."""

    def __init__(self, values: Array) -> None:
        self._values = values
        self._made: dict[tuple[int, bool], Levels] = {}

    def within(self, printed: Printed) -> bool:
        return any(self._with(decimals, printed) for decimals in _ROUNDED)

    def _with(self, decimals: int, printed: Printed) -> bool:
        # NumPy prints 0.5 as such among two decimals only where it is told to: then all have the same
        which = (printed.decimals == decimals) | ((printed.decimals == -1) & (decimals == 0))
        if int(which.sum()) < _LEAST_LEVELS:
            return False
        chosen = Printed(*(field[which] for field in printed))
        off = np.full(chosen.values.size, 0.01 * 10.0**-decimals)
        return any(self._levels(decimals, cut).within(chosen, off) for cut in (False, True))

    def _levels(self, decimals: int, cut: bool) -> Levels:
        if (decimals, cut) not in self._made:
            scaled = self._values * 10.0**decimals
            rounded = np.trunc(scaled) if cut else np.round(scaled)
            self._made[decimals, cut] = Levels(rounded / 10.0**decimals)
        return self._made[decimals, cut]


class Scattered:
    """Finds numbers in any order: in a stretch of text at least half of those that could tell are among the known.

    A number could tell where few of its kind would agree by chance, as the known ones lie around it.
    """

    def __init__(self, values: Array) -> None:
        self._ordered = np.unique(values[np.isfinite(values)])

    def within(self, printed: Printed) -> bool:
        if self._ordered.size < _LEAST_FOUND:
            return False
        surprise = self._surprise(printed) - _CHOICE
        near = _nearest(self._ordered, printed.values)
        # rounded, or cut off: then it is nearer to zero than what it was
        gap = (self._ordered[near] - printed.values) * np.where(printed.values < 0, -1, 1)
        whole = (printed.decimals == -1) & (printed.steps == 1)
        found = np.where(whole, gap == 0, (gap >= -0.52 * printed.steps) & (gap <= 1.01 * printed.steps))
        tells = np.flatnonzero((surprise > 0) & (printed.digits >= 2))
        return int(found[tells].sum()) >= _LEAST_FOUND and _stretch(
            np.where(found, near, -1)[tells], surprise[tells], printed.digits[tells]
        )

    def _surprise(self, printed: Printed) -> Array:
        """Of how many numbers like this one agrees by chance: the decimal logarithm of one in so many."""
        place = np.searchsorted(self._ordered, printed.values)
        low = np.maximum(np.minimum(place - _NEIGHBOURS, self._ordered.size - 1), 0)
        high = np.minimum(np.maximum(place + _NEIGHBOURS, 0), self._ordered.size - 1)
        span = np.maximum(self._ordered[high] - self._ordered[low], 1e-100)
        chance = np.minimum(1.0, 1.6 * printed.steps * np.maximum(1, high - low) / span)
        surprise: Array = -np.log10(np.maximum(chance, 1e-20))
        return surprise


def _stretch(found: Array, surprise: Array, digits: Array) -> bool:
    """Whether a stretch holds enough different numbers that are found, and no more that are not."""
    balance, count, total, met = 0, 0.0, 0.0, set[int]()
    for which, says, many in zip(found.tolist(), surprise.tolist(), digits.tolist(), strict=True):
        balance += 1 if which >= 0 else -1
        if balance < 0:
            balance, count, total, met = 0, 0.0, 0.0, set()
        elif which >= 0 and which not in met:
            met.add(which)
            count += 1.0 if many >= 3 else 0.5
            total += min(says, many)
            if count >= _LEAST_FOUND and total >= _SURE:
                return True
    return False
