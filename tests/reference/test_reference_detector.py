"""The reference detector agrees with the deck, with SciPy, and with what a correlation has to be."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import signal, stats

from reference import detector

FILTER = [
    [0, 0, 0, 0, 0, 30, 0],
    [0, 0, 0, 0, 30, 0, 0],
    [0, 0, 0, 30, 0, 0, 0],
    [0, 0, 0, 30, 0, 0, 0],
    [0, 0, 0, 30, 0, 0, 0],
    [0, 0, 0, 30, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0],
]
CURVE = [
    [0, 0, 0, 0, 0, 0, 30],
    [0, 0, 0, 0, 50, 50, 50],
    [0, 0, 0, 20, 50, 0, 0],
    [0, 0, 0, 50, 50, 0, 0],
    [0, 0, 0, 50, 50, 0, 0],
    [0, 0, 0, 50, 50, 0, 0],
    [0, 0, 0, 50, 50, 0, 0],
]
OTHER = [
    [0, 0, 0, 0, 0, 0, 0],
    [0, 40, 0, 0, 0, 0, 0],
    [40, 0, 40, 0, 0, 0, 0],
    [40, 20, 0, 0, 0, 0, 0],
    [0, 50, 0, 0, 0, 0, 0],
    [0, 0, 50, 0, 0, 0, 0],
    [25, 25, 0, 50, 0, 0, 0],
]
grids = arrays(np.float64, (3, 4), elements=st.integers(-100, 100).map(float))


def test_the_responses_of_the_deck():
    """The curve detector answers 6600 to the curve and 0 to the other patch, as the slides say."""
    assert detector.response(CURVE, FILTER) == 6600
    assert detector.response(OTHER, FILTER) == 0


def test_a_white_wall_is_louder_than_the_curve():
    """A constant patch has a large response and no correlation; the curve has the larger correlation."""
    wall = np.full((7, 7), 255, dtype=np.uint8)
    assert detector.response(wall, FILTER) == 255 * 30 * 6
    assert detector.correlation(wall, FILTER) == 0
    assert detector.correlation(CURVE, FILTER) > detector.correlation(OTHER, FILTER)


@given(grids, grids)
def test_the_response_is_a_convolution_at_one_place(patch, kernel):
    """SciPy's cross-correlation has the response as its only valid number."""
    assert detector.response(patch, kernel) == pytest.approx(signal.correlate2d(patch, kernel, "valid")[0, 0])


@given(grids, grids)
def test_the_correlation_is_pearsons(patch, kernel):
    """SciPy's Pearson correlation of the flattened numbers is the same, where it exists."""
    assume(np.ptp(patch) > 0 and np.ptp(kernel) > 0)
    expected = stats.pearsonr(patch.ravel(), kernel.ravel()).statistic
    assert detector.correlation(patch, kernel) == pytest.approx(expected, abs=1e-9)


@given(grids, grids, st.floats(0.1, 10), st.floats(-50, 50))
def test_brightness_and_contrast_change_no_correlation(patch, kernel, contrast, brightness):
    """Adding to all pixels, or stretching them, changes nothing; the negative has the opposite correlation."""
    right = detector.correlation(patch, kernel)
    changed = contrast * patch + brightness
    assume(np.ptp(patch) > 0)
    assert detector.correlation(changed, kernel) == pytest.approx(right, abs=1e-9)
    assert detector.correlation(-changed, kernel) == pytest.approx(-right, abs=1e-9)


def test_constant_numbers_are_centred_exactly():
    """A constant patch leaves no dust of rounding behind that could pass for a pattern."""
    assert not detector.centred(np.full((3, 3), 0.1)).any()
    assert detector.correlation(np.full((3, 3), 0.1), np.arange(9).reshape(3, 3)) == 0


@given(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_a_planted_kernel_is_found(row, column, seed):
    """A copy of the kernel, brighter and with less contrast, is found where it was put."""
    rng = np.random.default_rng(seed)
    image, kernel = rng.normal(size=(8, 7)), rng.normal(size=(3, 4))
    image[row : row + 3, column : column + 4] = 5 + 0.5 * kernel
    assert detector.find(image, kernel) == (row, column)


def test_the_misconceptions_are_what_their_names_say():
    """A response searches for brightness, a cosine keeps the means, a covariance keeps the contrast."""
    image = np.array([[9, 9, 0, 1], [9, 9, 2, 3]])
    kernel = np.array([[0, 1], [2, 3]])
    assert detector.find(image, kernel) == (0, 2)
    assert detector.find(image, kernel, detector.response) == (0, 0)
    assert detector.cosine(kernel, kernel) == pytest.approx(1)
    assert detector.cosine(kernel, np.zeros((2, 2))) == 0
    assert detector.covariance(kernel, 2 * kernel) == pytest.approx(2 * np.var(kernel))
