"""Honest thresholds: an accuracy measured on n examples is one draw, and its noise is known.

Each example is right or wrong, so the number of right ones is binomial and its share p has the standard error
sqrt(p (1 - p) / n): 1.1 points for 93 % of 600 digits. A threshold that ignores this grades luck. (Any statistics book;
for instance Wasserman, All of Statistics, 2004, example 6.8.)
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec
import numpy as np

from referee.answers.interface import Array, Value
from referee.checks.compare import as_array, describe
from referee.checks.signals import CheckFailed
from referee.errors import GraderError
from referee.report import Evidence

BAND = 2  # standard errors below the floor, within which nobody can tell


class Accuracy(msgspec.Struct, frozen=True):
    """How many of `total` examples were classified correctly.

    >>> Accuracy(429, 450).words("digits")
    'accuracy 95.3 % of 450 digits (standard error 1.0 points)'
    """

    correct: int
    total: int

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.correct / self.total

    @property
    def standard_error(self) -> float:
        """Of `share`, between 0 and 0.5."""
        return binomial_error(self.share, self.total)

    def words(self, examples: str = "examples") -> str:
        error = f"standard error {100 * self.standard_error:.1f} points"
        return f"accuracy {100 * self.share:.1f} % of {self.total} {examples} ({error})"


def binomial_error(share: float, total: int) -> float:
    """The standard error of a share measured on `total` examples."""
    return math.sqrt(share * (1 - share) / total)


def accuracy(predictions: Value, labels: Value) -> Accuracy:
    """The accuracy of `predictions`: class scores (N, K) or class indices (N,); against `labels`, class indices (N,).

    Raises
    ------
    CheckFailed : the predictions have another shape, hold NaN or infinity, or are no classes at all.
    GraderError : the labels are not at least one class index each.
    """
    truth = as_array(labels)
    if truth is None or truth.ndim != 1 or truth.size == 0 or truth.dtype.kind not in "iu" or truth.min() < 0:
        raise GraderError("labels as class indices (N,), at least one", describe(labels))
    classes = _classes(predictions, truth)
    return Accuracy(int(np.count_nonzero(classes == truth)), truth.size)


def _classes(predictions: Value, truth: Array) -> Array:
    """The predicted class of each example, shape (N,)."""
    found, total = as_array(predictions), truth.size
    if found is None or found.dtype.kind not in "biuf":
        raise _failed(f"the predictions are {describe(predictions)}, not an array of numbers")
    if found.ndim not in (1, 2) or len(found) != total:
        shapes = f"({total}, classes) or ({total},)"
        raise _failed(f"the predictions have shape {found.shape}; wanted is {shapes}: one row for each example")
    if not np.isfinite(found).all():
        raise _failed(f"{np.count_nonzero(~np.isfinite(found))} of {found.size} predictions are NaN or infinite")
    if found.ndim == 2 and found.shape[1] <= int(truth.max()):
        raise _failed(f"the predictions have scores for {found.shape[1]} classes; there are more")
    if found.ndim == 1 and (found != np.rint(found)).any():
        raise _failed("the predictions have one number for each example, but it is not the index of a class")
    return found if found.ndim == 1 else found.argmax(axis=1)


def _failed(words: str) -> CheckFailed:
    return CheckFailed(Evidence(words=words))


def judge(accuracy: Accuracy, floor: float) -> Literal["passed", "person", "failed"]:
    """What an accuracy says about a floor (a share between 0 and 1).

    At the floor or above: passed. More than two standard errors below, as a model that is truly at the floor would
    have them: failed (such a model is that unlucky in about 2 % of draws). In between a person should look.

    >>> [judge(Accuracy(n, 600), 0.93) for n in (558, 550, 540)]
    ['passed', 'person', 'failed']
    """
    if not 0 < floor <= 1:
        raise GraderError("a floor as a share, over 0 and up to 1", repr(floor))
    if accuracy.correct >= floor * accuracy.total - 1e-9:
        return "passed"
    return "failed" if accuracy.share < floor - BAND * binomial_error(floor, accuracy.total) else "person"


def floor_of(lowest: float, total: int) -> float:
    """The floor that follows from the lowest accuracy of the reference, where it is measured on `total` examples.

    Two standard errors below it: a model as good as the reference's worst one stays under that in about 2 % of draws.

    >>> round(floor_of(0.95, 450), 3)
    0.929
    """
    if not 0 < lowest <= 1:
        raise GraderError("an accuracy of the reference as a share, over 0 and up to 1", repr(lowest))
    return max(lowest - BAND * binomial_error(lowest, total), 1 / total)


def near(accuracy: Accuracy, floor: float) -> bool:
    """Whether an accuracy lies within two standard errors of a floor, on either side: another draw may decide anew."""
    return abs(accuracy.share - floor) <= BAND * binomial_error(floor, accuracy.total)
