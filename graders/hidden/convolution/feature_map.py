"""Checks on conv2d, relu and max_pool2d, and on the feature map of the deck's 6x6 image."""

import numpy as np
import pytest

from referee.checks import Misconception, assert_matches
from reference import convolution

# Source: "CNNs part II", the slides with the 6x6 image; a corner pixel of 175 on two of them is a misprint for 170.
IMAGE = np.array(
    [
        [255, 220, 150, 200, 110, 100],
        [240, 50, 35, 45, 200, 130],
        [0, 20, 245, 250, 230, 120],
        [170, 180, 235, 145, 170, 255],
        [190, 185, 170, 165, 130, 120],
        [255, 255, 245, 190, 200, 170],
    ],
    dtype=np.uint8,
)
KERNEL = np.array([[-0.7, 0.2, 0.1], [0.3, 0.5, 0.4], [-0.2, -0.4, 0.2]])

SLIDE = "this is the slide's map, which is transposed: which index counts the rows, and which the columns?"
FLIPPED = "the kernel was turned by 180 degrees: put your finger on its first number; which pixel does it meet first?"
VALID = "look at the padding: here no zeros surround the image, and the kernel stays inside"
SAME = 'look at the padding: with "same", zeros surround the image before the kernel moves'


def conv2d_misconceptions(image, kernel, padding):
    """The usual wrong maps, for any image and kernel."""
    other = "same" if padding == "valid" else "valid"
    return [
        Misconception("flipped kernel", FLIPPED, lambda: convolution.flipped_conv2d(image, kernel, padding)),
        Misconception("wrong padding", VALID if padding == "valid" else SAME, convolution.conv2d(image, kernel, other)),
        Misconception(
            "transposed map",
            "rows and columns changed places: the first index of the result counts its rows",
            lambda: convolution.conv2d(image, kernel, padding).T,
        ),
    ]


def assert_conv2d(student, image, kernel, padding):
    """The student's conv2d agrees with the reference."""
    answer = student.call("conv2d", image, kernel, padding)
    assert_matches(
        answer,
        convolution.conv2d(image, kernel, padding),
        misconceptions=conv2d_misconceptions(image, kernel, padding),
        what=f"conv2d of a {image.shape} image and a {kernel.shape} kernel, {padding!r}",
    )


@pytest.mark.check("conv2d_valid", weight=2)
def test_conv2d_any_image(student, rng):
    """Your conv2d works on images and kernels of any size, square or not."""
    for image, kernel in (((9, 7), (2, 3)), ((5, 8), (3, 3)), ((6, 6), (4, 1)), ((7, 5), (5, 5))):
        assert_conv2d(student, rng.normal(size=image), rng.normal(size=kernel), "valid")


@pytest.mark.check("conv2d_valid")
def test_conv2d_one_by_one(student, rng):
    """A kernel of a single number multiplies every pixel by it."""
    assert_conv2d(student, rng.normal(size=(4, 6)), rng.normal(size=(1, 1)), "valid")


@pytest.mark.check("conv2d_valid")
def test_conv2d_default(student, rng):
    """Without a third argument, your conv2d does not pad."""
    image, kernel = rng.normal(size=(6, 5)), rng.normal(size=(3, 2))
    assert_matches(
        student.call("conv2d", image, kernel),
        convolution.conv2d(image, kernel),
        misconceptions=conv2d_misconceptions(image, kernel, "valid"),
    )


@pytest.mark.check("conv2d_valid")
def test_conv2d_uint8(student, rng):
    """Your conv2d calculates with float64, also where pixels and kernel are uint8."""
    image = rng.integers(100, 256, size=(5, 6), dtype=np.uint8)
    kernel = rng.integers(1, 4, size=(2, 2), dtype=np.uint8)
    right = convolution.conv2d(image, kernel)
    wrapped = Misconception(
        "integer overflow",
        "uint8 ends at 255 and begins again at 0: of which type are your numbers while you multiply and add?",
        convolution.wrapped(right),
    )
    assert_matches(
        student.call("conv2d", image, kernel),
        right,
        dtype="float64",
        misconceptions=[wrapped, *conv2d_misconceptions(image, kernel, "valid")],
    )


@pytest.mark.check("conv2d_same", weight=2)
def test_conv2d_same_odd(student, rng):
    """With "same" and a kernel of odd size, the map is as large as the image and has the right values."""
    for image, kernel in (((6, 9), (3, 3)), ((7, 5), (5, 3)), ((4, 4), (1, 1))):
        assert_conv2d(student, rng.normal(size=image), rng.normal(size=kernel), "same")


@pytest.mark.check("conv2d_same")
def test_conv2d_same_even(student, rng):
    """With a kernel of even size, the odd row of zeros goes below and the odd column to the right."""
    for shape in ((2, 2), (4, 3), (1, 2)):
        image, kernel = rng.normal(size=(6, 5)), rng.normal(size=shape)
        (above, below), (left, right) = convolution.pads("same", shape)
        shifted = Misconception(
            "extra zeros on the wrong side",
            "the shape is right, the place is not: on which side of the image does the odd zero belong?",
            convolution.conv2d(image, kernel, ((below, above), (right, left))),
        )
        assert_matches(
            student.call("conv2d", image, kernel, "same"),
            convolution.conv2d(image, kernel, "same"),
            misconceptions=[shifted, *conv2d_misconceptions(image, kernel, "same")],
        )


@pytest.mark.check("relu")
def test_relu_any_shape(student, rng):
    """Your relu works on arrays of any shape, and gives float64 for whole numbers, too."""
    for shape in ((7,), (4, 5), (2, 3, 4)):
        values = rng.normal(size=shape)
        absolute = Misconception(
            "absolute value",
            "a negative number does not become positive: what is the larger of it and 0?",
            np.abs(values),
        )
        assert_matches(student.call("relu", values), convolution.relu(values), misconceptions=[absolute])
    whole = rng.integers(-9, 10, size=(3, 4))
    assert_matches(student.call("relu", whole), convolution.relu(whole), dtype="float64", what="relu of whole numbers")


@pytest.mark.check("max_pool2d", weight=2)
def test_max_pool2d_any_size(student, rng):
    """Your max_pool2d works for maps and windows of other sizes, and leaves incomplete windows out."""
    for shape, size in (((6, 8), 2), ((7, 9), 3), ((5, 4), 2), ((3, 6), 1)):
        values = rng.normal(size=shape)
        average = Misconception(
            "average pooling",
            "this is the mean of each window: what does the 'max' stand for?",
            convolution.average_pool2d(values, size),
        )
        assert_matches(
            student.call("max_pool2d", values, size),
            convolution.max_pool2d(values, size),
            misconceptions=[average],
            what=f"max_pool2d of a {shape} map with windows of {size}",
        )


@pytest.mark.check("max_pool2d")
def test_max_pool2d_negative(student, rng):
    """The largest of negative numbers is negative."""
    values = -1.0 - rng.random(size=(4, 6))
    clipped = Misconception(
        "at least zero",
        "a window of negative numbers has a negative maximum: with what does your search for the largest begin?",
        np.zeros((2, 3)),
    )
    assert_matches(student.call("max_pool2d", values), convolution.max_pool2d(values), misconceptions=[clipped])


@pytest.mark.check("feature_map", weight=2)
def test_feature_map(student):
    """The feature map of the deck's image."""
    right = convolution.conv2d(IMAGE, KERNEL)
    slide = right.T.copy()
    slide[-1, -1] = 37.5
    misconceptions = [
        Misconception("the slide's map", SLIDE, right.T),
        Misconception("the slide's map", SLIDE, slide),
        Misconception("flipped kernel", FLIPPED, convolution.flipped_conv2d(IMAGE, KERNEL)),
        Misconception("wrong padding", VALID, convolution.conv2d(IMAGE, KERNEL, "same")),
        Misconception("ReLU too early", "this is the map after the ReLU: that comes next", convolution.relu(right)),
    ]
    assert_matches(student["feature_map"], right, misconceptions=misconceptions, what="feature_map")


@pytest.mark.check("feature_map")
def test_activation(student):
    """The activation of the deck's image: its feature map after the ReLU."""
    right = convolution.conv2d(IMAGE, KERNEL)
    slide = right.T.copy()
    slide[-1, -1] = 37.5
    misconceptions = [
        Misconception("the slide's map", SLIDE, convolution.relu(right.T)),
        Misconception("the slide's map", SLIDE, convolution.relu(slide)),
        Misconception("no ReLU", "there are negative numbers left: what does the ReLU do to them?", right),
        Misconception("absolute value", "a negative number becomes 0, not positive", np.abs(right)),
        Misconception("flipped kernel", FLIPPED, convolution.relu(convolution.flipped_conv2d(IMAGE, KERNEL))),
    ]
    assert_matches(student["activation"], convolution.relu(right), misconceptions=misconceptions, what="activation")


@pytest.mark.check("feature_map")
def test_pooled(student):
    """The pooled map of the deck's image."""
    before = convolution.conv2d(IMAGE, KERNEL)
    right = convolution.max_pool2d(convolution.relu(before))
    flipped = convolution.relu(convolution.flipped_conv2d(IMAGE, KERNEL))
    misconceptions = [
        Misconception("the slide's map", SLIDE, right.T),
        Misconception(
            "average pooling",
            "this is the mean of each window, not its largest number",
            convolution.average_pool2d(convolution.relu(before)),
        ),
        Misconception(
            "average pooling before the ReLU",
            "this is the mean of each window of the map before the ReLU: two steps differ",
            convolution.average_pool2d(before),
        ),
        Misconception("flipped kernel", FLIPPED, convolution.max_pool2d(flipped)),
    ]
    assert_matches(student["pooled"], right, misconceptions=misconceptions, what="pooled")


@pytest.mark.check("feature_map_same")
def test_feature_map_same(student):
    """The zero-padded feature map of the deck's image."""
    right = convolution.conv2d(IMAGE, KERNEL, "same")
    misconceptions = [
        Misconception("the slide's map", SLIDE, right.T),
        Misconception("flipped kernel", FLIPPED, convolution.flipped_conv2d(IMAGE, KERNEL, "same")),
        Misconception("wrong padding", SAME, convolution.conv2d(IMAGE, KERNEL)),
        Misconception(
            "padded afterwards",
            "the zeros lie around the map: they belong around the image, before the convolution",
            np.pad(convolution.conv2d(IMAGE, KERNEL), 1),
        ),
        Misconception(
            "border pixels repeated",
            "the border was filled with copies of the edge pixels: wanted are zeros",
            convolution.conv2d(np.pad(IMAGE, 1, mode="edge"), KERNEL),
        ),
    ]
    assert_matches(student["feature_map_same"], right, misconceptions=misconceptions, what="feature_map_same")
