"""How faces are prepared, and when one network is better than another, against slow and independent derivations."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import celebrities


def test_prepared_values_lie_on_a_straight_line():
    """0 becomes -1, 255 becomes 1, and every value between lies where NumPy's interpolation puts it."""
    images = np.arange(48 * 48 * 3).reshape(1, 48, 48, 3).astype(np.uint8)
    made = celebrities.prepare(images, "keras")
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, np.interp(images, [0, 255], [-1, 1]), atol=1e-6)


def test_torch_has_the_channels_first():
    """Every value of a picture is at (channel, row, column), pixel by pixel."""
    images = np.random.default_rng(0).integers(0, 256, (2, 4, 5, 3))
    made, last = celebrities.prepare(images, "torch"), celebrities.prepare(images, "keras")
    assert made.shape == (2, 3, 4, 5)
    for n, row, column, channel in product(range(2), range(4), range(5), range(3)):
        assert made[n, channel, row, column] == last[n, row, column, channel]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_a_margin_counts_the_pictures_that_differ(pairs):
    """The margin is the difference between won and lost pictures, in standard errors of as many tosses of a coin."""
    first, second = ([pair[i] for pair in pairs] for i in (0, 1))
    tosses = [1 if a else -1 for a, b in pairs if a != b]
    expected = sum(tosses) / math.sqrt(len(tosses)) if tosses else 0.0
    assert celebrities.margin(np.array(first, dtype=bool), np.array(second, dtype=bool)) == pytest.approx(expected)


def test_equal_networks_rarely_differ_by_two_standard_errors():
    """Two networks that are right in 70 % of cases, independently, exceed a margin of 2 in few of 100 trials."""
    rng = np.random.default_rng(0)
    margins = [celebrities.margin(rng.random(400) < 0.7, rng.random(400) < 0.7) for _ in range(500)]
    assert 0.005 < np.mean(np.array(margins) > 2) < 0.05
