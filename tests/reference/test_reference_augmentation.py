"""How a moved picture is measured, against SciPy's warps, drawn movements and plain flips."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import augmentation
from reference.augmentation import measure, move, ramps


def pattern(size: int, number: int = 1) -> np.ndarray:
    """The test pattern so many times."""
    return np.repeat(ramps(size)[np.newaxis], number, axis=0)


def test_the_pattern_says_where_a_pixel_is():
    """The first colour grows to the right, the second downwards, the third to the left, all within a byte."""
    for size in (2, 31, 48):
        picture = ramps(size).astype(int)
        assert (np.diff(picture[..., 0], axis=1) == 5).all()
        assert (np.diff(picture[..., 1], axis=0) == 5).all()
        np.testing.assert_array_equal(picture[..., 2], picture[:, ::-1, 0])
        assert picture.max() <= 255
    for size in (1, 49):
        with pytest.raises(ValueError, match="a size from 2 to 48"):
            ramps(size)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(20, 48),
    st.floats(-10, 10),
    st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1)),
    st.booleans(),
)
def test_what_was_done_is_measured(size, angle, shift, mirrored):
    """Angle, shift and mirror image come back as they were put in, whatever the size."""
    moves = measure(move(pattern(size), np.array([angle]), np.array([shift]), np.array([mirrored])))
    assert moves.angle[0] == pytest.approx(angle, abs=1e-6)
    np.testing.assert_allclose(moves.shift[0], shift, atol=1e-8)
    assert bool(moves.mirrored[0]) is mirrored
    assert not moves.upside_down[0]
    assert moves.stretch[0] == pytest.approx(1)
    assert moves.misfit[0] < 1e-6


def test_scipy_turns_and_shifts_in_the_same_way():
    """An independent warp: SciPy's rotation about the middle, then its shift of rows and columns."""
    ndimage = pytest.importorskip("scipy.ndimage")
    picture = ramps(40).astype(float)
    for angle, right, down in ((8.0, 3.0, -2.0), (-5.0, 0.0, 4.0)):
        turned = ndimage.rotate(picture, angle, reshape=False, order=1, mode="nearest")
        shifted = ndimage.shift(turned, (down, right, 0), order=1, mode="nearest")
        moves = measure(shifted[np.newaxis])
        np.testing.assert_allclose(moves.shift[0], [right / 40, down / 40], atol=1e-6)
        assert abs(moves.angle[0]) == pytest.approx(abs(angle), abs=1e-6)
        ours = move(picture[np.newaxis], moves.angle, moves.shift, moves.mirrored)[0]
        np.testing.assert_allclose(ours[12:28, 12:28], shifted[12:28, 12:28], atol=1e-6)


def test_a_shift_before_the_turn_is_measured_too():
    """Where the shift comes first, `earlier` has it."""
    ndimage = pytest.importorskip("scipy.ndimage")
    shifted = ndimage.shift(ramps(40).astype(float), (2, -3, 0), order=1, mode="nearest")
    turned = ndimage.rotate(shifted, 9, reshape=False, order=1, mode="nearest")
    np.testing.assert_allclose(measure(turned[np.newaxis]).earlier[0], [-3 / 40, 2 / 40], atol=1e-6)


def test_flips_are_told_apart():
    """Left and right exchanged is mirrored; above and below exchanged is upside down; both are a half turn."""
    picture = pattern(32)
    for changed, mirrored, upside_down in (
        (picture, False, False),
        (picture[:, :, ::-1], True, False),
        (picture[:, ::-1], True, True),
        (picture[:, ::-1, ::-1], False, True),
    ):
        moves = measure(changed)
        assert (bool(moves.mirrored[0]), bool(moves.upside_down[0])) == (mirrored, upside_down)
        assert moves.angle[0] == pytest.approx(0, abs=1e-6)


def test_stretching_shows():
    """A picture that is drawn out by a tenth, in one direction, is told by how much."""
    picture = pattern(32).astype(float)
    picture[..., 0] = (picture[..., 0] - 97.5) / 1.1 + 97.5
    picture[..., 2] = (picture[..., 2] - 97.5) / 1.1 + 97.5
    assert measure(picture).stretch[0] == pytest.approx(1.1)


def test_other_changes_do_not_fit():
    """Noise, other colours and a nearest-pixel warp show as a misfit, in this order of size."""
    rng = np.random.default_rng(0)
    picture = pattern(32).astype(float)
    noisy = picture + rng.normal(size=picture.shape) * 10
    swapped = picture[..., [2, 1, 0]] * [1, 1, 0.5]
    assert measure(picture).misfit[0] < 1e-9
    assert measure(noisy).misfit[0] == pytest.approx(2, abs=0.4)
    assert measure(swapped).misfit[0] > 1


def test_whole_pixels_and_rounding_are_within_the_slack():
    """Values rounded to whole colours change angles by 0.1 degree at most, but small ones, and shifts by 0.3 %."""
    rng = np.random.default_rng(1)
    angle, shift = rng.uniform(-10, 10, 50), rng.uniform(-0.1, 0.1, (50, 2))
    moves = measure(np.rint(move(pattern(32, 50), angle, shift, np.zeros(50, dtype=bool))))
    np.testing.assert_allclose(moves.angle, angle, atol=0.8)  # a slope below 1/13 vanishes in parts of the picture
    np.testing.assert_allclose(moves.angle[np.abs(angle) > 3], angle[np.abs(angle) > 3], atol=0.1)
    np.testing.assert_allclose(moves.shift, shift, atol=0.003)


def test_a_picture_without_any_pattern_is_measured_without_an_error():
    """A picture of one colour has no places to find: whatever comes out is a number, or infinite, and no exception."""
    moves = measure(np.zeros((2, 32, 32, 3)))
    assert (moves.stretch > 1.03).all()
    assert np.isfinite(moves.shift).all()


def test_a_correlation_is_found_with_either_sign():
    """1 for what goes together or against each other, about 0 for independent numbers, 0 for what never changes."""
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 400))
    assert augmentation.most_in_common(a, 3 * a + 1) == pytest.approx(1)
    assert augmentation.most_in_common(a, -a) == pytest.approx(1)
    assert augmentation.most_in_common(a, b) < 0.2
    assert augmentation.most_in_common(a, b) == pytest.approx(abs(np.corrcoef(a, b)[0, 1]))
    assert augmentation.most_in_common(a, np.ones(400)) == 0
