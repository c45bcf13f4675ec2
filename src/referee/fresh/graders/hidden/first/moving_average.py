"""Checks that students never see: other signals than the example's, drawn anew for each student."""

import numpy as np
import pytest

from referee.checks import Misconception, assert_matches
from reference import moving

SIGNAL = np.array([3.0, 5.0, 4.0, 8.0, 7.0, 6.0, 9.0])
AROUND = "is the result as long as the signal? A window that hangs over an end has no `size` neighbours to average"


def assert_average(answer, signal, size):
    """An answer is the moving average; the usual mistake is known by its name."""
    misconceptions = [Misconception("zeros around", AROUND, moving.moving_average(signal, size, zeros_around=True))]
    assert_matches(answer, moving.moving_average(signal, size), misconceptions=misconceptions)


@pytest.mark.check("moving_average", weight=2)
def test_any_signal(student, rng):
    """Your moving_average works for signals and windows of any length."""
    for length, size in ((9, 3), (12, 4), (7, 7), (5, 1)):
        signal = rng.normal(size=length)
        assert_average(student.call("moving_average", signal, size), signal, size)


@pytest.mark.check("smooth")
def test_smooth(student):
    """smooth is the average of every 3 neighbours of SIGNAL."""
    assert_average(student["smooth"], SIGNAL, 3)
