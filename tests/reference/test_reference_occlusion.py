"""Occlusion by hand: positions by enumeration, maps by a black box whose answer is known, wrong maps that differ."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reference import occlusion
from reference.small_cnn import Array

sizes = st.integers(1, 40)


@given(sizes, sizes, sizes, sizes)
def test_positions_are_those_where_the_whole_mask_is_inside(height, width, mask, stride):
    """Corner by corner, the multiples of the stride from which the mask does not leave the image."""
    mask = min(mask, height, width)
    rows = [top for top in range(height) if top % stride == 0 and top + mask <= height]
    columns = [left for left in range(width) if left % stride == 0 and left + mask <= width]
    assert occlusion.positions(height, width, mask, stride) == (len(rows), len(columns))


def test_positions_of_the_text():
    """The example of six by eight pixels, and the 12 x 12 of the large image."""
    assert occlusion.positions(6, 8, 3, 2) == (2, 3)
    assert occlusion.positions(224, 224, 26, 18) == (12, 12)


@given(st.integers(0, 5), st.integers(0, 7), st.integers(1, 4), st.floats(0, 1))
def test_a_square_is_grey_and_all_else_stays(top, left, mask, grey):
    """Pixel by pixel, the copy is grey where row and column are both in the square, and the image elsewhere."""
    image = np.random.default_rng(0).uniform(size=(6, 8, 2))
    before = image.copy()
    covered = occlusion.occlude(image, top, left, mask, grey)
    for row, column in np.ndindex(6, 8):
        inside = 0 <= row - top < mask and 0 <= column - left < mask
        expected = [grey, grey] if inside else before[row, column].tolist()
        assert covered[row, column].tolist() == expected
    np.testing.assert_array_equal(image, before)


WEIGHTS = np.random.default_rng(1).normal(size=(10, 13, 3))


def linear(images: Array) -> Array:
    """A black box whose drops are known: a weighted sum of the pixels."""
    return np.asarray((images * WEIGHTS).sum(axis=(1, 2, 3)))


def test_the_map_of_a_linear_box_is_what_its_square_contributes():
    """The fall of a weighted sum is the sum of weight times (pixel minus grey) over the covered pixels."""
    image = np.random.default_rng(2).uniform(size=(10, 13, 3))
    drops = occlusion.occlusion_map(linear, image, mask=4, stride=3, grey=0.3)
    contributions = (WEIGHTS * (image - 0.3)).sum(axis=2)
    assert drops.shape == (3, 4)
    for row, column in np.ndindex(3, 4):
        expected = contributions[3 * row : 3 * row + 4, 3 * column : 3 * column + 4].sum()
        np.testing.assert_allclose(drops[row, column], expected)


def test_piled_up_masks_lose_ever_more():
    """For a linear box and a stride as long as the mask, the falls of piled-up masks are sums of the single ones."""
    image = np.random.default_rng(3).uniform(size=(10, 13, 3))
    single = occlusion.occlusion_map(linear, image, mask=3, stride=3)
    piled = occlusion.piled_up(linear, image, mask=3, stride=3)
    np.testing.assert_allclose(piled.ravel(), np.cumsum(single.ravel()))


def test_the_largest_drop_is_given_in_pixels():
    """Position (1, 2) with a stride of 5 begins at pixel (5, 10); a larger rise does not count."""
    drops = np.array([[0.1, 0.2, -0.9], [0.0, 0.3, 0.6]])
    assert occlusion.largest_drop(drops, 5) == (5, 10)
