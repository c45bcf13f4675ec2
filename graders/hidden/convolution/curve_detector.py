"""Checks on the response, the correlation and the search of a kernel, and on the deck's two patches."""

import numpy as np
import pytest

from referee.checks import Misconception, assert_matches, assert_shape, assert_true
from reference import convolution, detector

# Source: "CNNs part II", the slides "One kernel or filter searches for specific local feature". The text version of the
# deck has a stray eighth column in its grids; the slides' own are 7x7.
FILTER = np.zeros((7, 7), dtype=np.uint8)
FILTER[[0, 1, 2, 3, 4, 5], [5, 4, 3, 3, 3, 3]] = 30
CURVE = np.zeros((7, 7), dtype=np.uint8)
CURVE[0, 6], CURVE[1, 4:], CURVE[2, 3], CURVE[2, 4], CURVE[3:, 3:5] = 30, 50, 20, 50, 50
OTHER = np.zeros((7, 7), dtype=np.uint8)
OTHER[[1, 2, 2, 3], [1, 0, 2, 0]], OTHER[3, 1], OTHER[6, :2] = 40, 20, 25
OTHER[[4, 5, 6], [1, 2, 3]] = 50

MEAN = "this is the mean of the products: what becomes of them when the kernel is laid on the patch?"
MATRIX = "these are products of rows with columns: which number of the kernel lies on which pixel?"
FLIPPED = "the kernel was turned by 180 degrees: its first number belongs to the first pixel"
APART = "all pixels were added up before anything was multiplied: multiply first, pixel by pixel"
LARGEST = "this is the largest product: what about the others?"
OVERFLOW = "uint8 ends at 255 and begins again at 0: of which type are your numbers when you multiply?"
COSINE = "the means of the patch and of the kernel are still in it"
COVARIANCE = "this still grows with the contrast of the patch: by what does the formula divide?"
ONE_MEAN = "the mean of one of the two is still in it: both lose their own"
ABSOLUTE = "the sign is lost: what does the correlation say of a picture and its negative?"
ROOT = "numerator and product are right: what does the formula do with the product before it divides?"


def response_misconceptions(patch, kernel):
    """The usual wrong responses, for any patch and kernel."""
    x, k = patch.astype(np.float64), kernel.astype(np.float64)
    wrong = [
        Misconception("mean instead of sum", MEAN, np.mean(x * k)),
        Misconception("flipped kernel", FLIPPED, detector.response(x, k[::-1, ::-1])),
        Misconception("summed before multiplying", APART, np.sum(x) * np.sum(k)),
        Misconception("largest product", LARGEST, np.max(x * k)),
    ]
    if patch.shape[0] == patch.shape[1]:
        wrong.append(Misconception("matrix product", MATRIX, np.sum(x @ k)))
    if patch.dtype == kernel.dtype == np.uint8:
        products = patch * kernel
        wrong.append(Misconception("integer overflow", OVERFLOW, int(np.sum(products, dtype=np.int64))))
        wrong.append(Misconception("integer overflow", OVERFLOW, int(convolution.wrapped(np.sum(x * k)))))
    return wrong


def correlation_misconceptions(patch, kernel):
    """The usual wrong correlations, for any patch and kernel."""
    right = detector.correlation(patch, kernel)
    x, k = detector.centred(patch), detector.centred(kernel)
    pixels, numbers = patch.astype(np.float64), kernel.astype(np.float64)
    top = np.sum(x * k)
    return [
        Misconception("means not taken away", COSINE, detector.cosine(patch, kernel)),
        Misconception("covariance", COVARIANCE, detector.covariance(patch, kernel)),
        Misconception("covariance", COVARIANCE, top),
        Misconception("one mean only", ONE_MEAN, top / np.sqrt(np.sum(x**2) * np.sum(numbers**2))),
        Misconception("one mean only", ONE_MEAN, top / np.sqrt(np.sum(pixels**2) * np.sum(k**2))),
        Misconception("root forgotten", ROOT, top / (np.sum(x**2) * np.sum(k**2))),
        Misconception("sign lost", ABSOLUTE, abs(right)),
        Misconception("sign lost", ABSOLUTE, right**2),
    ]


@pytest.mark.check("response", weight=2)
def test_response_any_patch(student, rng):
    """Your response works for patches and kernels of any shape."""
    for shape in ((3, 3), (2, 5), (4, 1), (7, 7)):
        patch, kernel = rng.normal(size=shape), rng.normal(size=shape)
        assert_matches(
            student.call("response", patch, kernel),
            detector.response(patch, kernel),
            misconceptions=response_misconceptions(patch, kernel),
            what=f"the response to a {shape} patch",
        )


@pytest.mark.check("response")
def test_response_uint8(student, rng):
    """Your response calculates with float64, also where patch and kernel are uint8."""
    patch = rng.integers(50, 256, size=(5, 5), dtype=np.uint8)
    kernel = rng.integers(10, 31, size=(5, 5), dtype=np.uint8)
    assert_matches(
        student.call("response", patch, kernel),
        detector.response(patch, kernel),
        misconceptions=response_misconceptions(patch, kernel),
    )


@pytest.mark.check("deck_responses")
def test_response_curve(student):
    """The response of the curve detector to the curve."""
    right, wrong = detector.response(CURVE, FILTER), response_misconceptions(CURVE, FILTER)
    assert_matches(student["response_curve"], right, misconceptions=wrong, what="response_curve")


@pytest.mark.check("deck_responses")
def test_response_other(student):
    """The response of the curve detector to the other patch."""
    right, wrong = detector.response(OTHER, FILTER), response_misconceptions(OTHER, FILTER)
    assert_matches(student["response_other"], right, misconceptions=wrong, what="response_other")


@pytest.mark.check("correlation", weight=2)
def test_correlation_any_patch(student, rng):
    """Your correlation works for patches and kernels of any shape, brightness and contrast."""
    for shape in ((3, 3), (2, 5), (4, 4)):
        for scale in (1.0, 50.0):
            patch, kernel = rng.normal(2.0, scale, size=shape), rng.normal(-1.0, 1.0, size=shape)
            assert_correlation(student, patch, kernel)


@pytest.mark.check("correlation")
def test_correlation_uint8(student, rng):
    """Your correlation calculates with float64, also where patch and kernel are uint8."""
    patch = rng.integers(0, 256, size=(5, 4), dtype=np.uint8)
    kernel = rng.integers(0, 256, size=(5, 4), dtype=np.uint8)
    assert_correlation(student, patch, kernel)


@pytest.mark.check("correlation")
def test_correlation_constant(student, rng):
    """Your correlation is 0 for a constant patch, and for a constant kernel."""
    varied = rng.integers(0, 256, size=(4, 3), dtype=np.uint8)
    constant = np.full((4, 3), rng.integers(1, 256), dtype=np.uint8)
    hint = "a constant patch goes neither up nor down: what does the text define where the formula says 0 / 0?"
    for patch, kernel, which in ((constant, varied, "patch"), (varied, constant, "kernel")):
        answer = student.call("correlation", patch, kernel)
        assert_matches(answer, 0.0, what=f"the correlation with a constant {which}", hint=hint)


def assert_correlation(student, patch, kernel):
    """The student's correlation agrees with the reference."""
    assert_matches(
        student.call("correlation", patch, kernel),
        detector.correlation(patch, kernel),
        misconceptions=correlation_misconceptions(patch, kernel),
        what=f"the correlation of two {patch.shape} arrays of {patch.dtype}",
    )


def picture(rng, shape, kernel, place):
    """A uint8 picture of noise and a white wall, with a faint copy of the kernel at a place."""
    image = rng.integers(0, 40, size=shape, dtype=np.uint8)
    image[rng.integers(0, 2) * (shape[0] - 5) :][:5] = 255
    row, column = place
    image[row : row + kernel.shape[0], column : column + kernel.shape[1]] = 20 + kernel
    return image


@pytest.mark.check("find", weight=2)
def test_find_at_every_border(student, rng):
    """Your find works for images and kernels of other shapes, wherever the pattern lies."""
    for shape, size in (((12, 17), (4, 3)), ((18, 11), (3, 5))):
        last = shape[0] - size[0], shape[1] - size[1]
        inside = tuple(int(rng.integers(1, end)) for end in last)
        for place in ((0, 0), (0, last[1]), (last[0], 0), last, inside):
            kernel = rng.permutation(np.arange(np.prod(size), dtype=np.uint8) * 5).reshape(size)
            image = picture(rng, shape, kernel, place)
            row, column = detector.find(image, kernel)
            wrong = [
                Misconception(
                    "the brightest place",
                    "this is where the response is largest: is that the curve, or only a bright wall?",
                    detector.find(image, kernel, detector.response),
                ),
                Misconception("column before row", "the first number counts the rows", (column, row)),
                Misconception(
                    "the middle of the patch",
                    "this is the middle of the right patch: asked is its upper left pixel",
                    (row + size[0] // 2, column + size[1] // 2),
                ),
                Misconception(
                    "the smallest correlation",
                    "here is the negative of the pattern: which correlation does the best match have?",
                    detector.find(image, kernel, lambda x, k: -detector.correlation(x, k)),
                ),
            ]
            assert_matches(
                student.call("find", image, kernel),
                (row, column),
                misconceptions=wrong,
                what=f"the place of a {size} kernel in a {shape} image",
            )


@pytest.mark.check("find")
def test_place(student):
    """place is where FILTER is found in PICTURE."""
    image = student["PICTURE"]
    assert_shape(image, (20, 30), what="PICTURE")
    assert_true(
        np.asarray(image).dtype == np.uint8, "PICTURE is no longer of uint8", "leave the given picture as it is"
    )
    assert_matches(student["place"], detector.find(image, FILTER), what="place")
