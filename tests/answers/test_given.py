"""What hidden checks gave to a student's code is found again where it is printed, and nothing else is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.answers.given import Given
from referee.answers.interface import Question

RNG = np.random.default_rng(3)
IMAGE = RNG.normal(size=(9, 7))
PIXELS = RNG.integers(0, 17, size=(40, 28, 28)) / 16


def noted(*args, **kwargs) -> Given:
    found = Given()
    found.note(Question(ask="call", name="f", args=args, kwargs=kwargs))
    return found


@pytest.mark.parametrize(
    "text",
    [
        str(IMAGE),
        repr(IMAGE.tolist()),
        f"bad image {IMAGE[2]}!",
        "\n".join(f"{x:.4f}" for x in IMAGE[0]),
        f"{IMAGE[3, 3]!r} and {IMAGE[3, 4]!r}",
        repr(float(IMAGE[1, 1])),
        np.array2string(IMAGE.astype(np.float32)),
    ],
)
def test_an_input_that_is_printed_is_found(text):
    """However an array, its part or one of its numbers is printed, it is found with enough digits."""
    assert noted(IMAGE).within(text)
    assert noted({"x": [IMAGE]}).within(text)
    assert noted(1, image=IMAGE).within(text)


def test_whole_numbers_are_found_in_a_row():
    """A row of an image of whole numbers is found; a few of them say nothing."""
    image = RNG.integers(0, 256, size=(12, 12)).astype(np.uint8)
    assert noted(image).within(str(image))
    assert not noted(image).within(str(image[0, :2]))


@pytest.mark.parametrize("text", ["", "loss 0.1234 accuracy 0.9123", str(IMAGE.shape), str(RNG.normal(size=(30, 7)))])
def test_other_numbers_are_not_taken_for_inputs(text):
    """Losses, shapes and a student's own arrays are none of what was given."""
    assert not noted(IMAGE).within(text)
    assert not noted(PIXELS).within(text)
    assert not Given().within(text)


def test_pixels_with_few_levels_need_a_long_run():
    """Pictures have few levels, so that a few pixels agree with some picture; a whole row of one is found."""
    assert not noted(PIXELS).within(str(np.array([0.9375, 0.8125, 0.5625, 0.4375])))
    assert noted(PIXELS).within(str(PIXELS[5, 14]))


@given(st.text(max_size=60), st.lists(st.floats() | st.integers() | st.text(max_size=3), max_size=5))
def test_no_text_and_no_input_is_an_error(text, values):
    """Whatever was given and whatever is printed, there is an answer."""
    found = noted(values, *values)
    assert found.within(text) in (True, False)
