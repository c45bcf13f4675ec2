"""What hidden checks gave to a student's code is found again where it is printed, and nothing else is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits

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
        str(IMAGE.T),
        str(IMAGE[:, 1]),
        str(IMAGE.round(1)),
        str(IMAGE.T.round(1)),
        str(IMAGE.T.round(3).tolist()),
        str(np.trunc(IMAGE * 10) / 10),
        str(IMAGE[::-1, ::-1]),
        "0 " * 5100 + str(IMAGE),
        "0 " * 100_000 + str(IMAGE.T),
    ],
)
def test_an_input_that_is_printed_is_found(text):
    """However an array, its part or one of its numbers is printed, in whatever order, it is found."""
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


def test_an_input_beside_pictures_is_found():
    """What few levels say little about does not hide numbers that were given beside them."""
    found = noted(PIXELS, IMAGE[:2, :3])
    assert found.within(str(IMAGE[:2, :3].T))
    assert found.within(str(PIXELS[3].T[12]))
    assert not found.within(str(PIXELS[3, 12, ::7]))


@pytest.mark.parametrize("size", [(2, 3), (9, 7), (200, 28, 28)])
def test_printouts_of_a_training_are_no_inputs(size):
    """An epoch table, a summary of layers and sizes are not among the given numbers, however many those are."""
    rng = np.random.default_rng(11)
    rows = (
        f"Epoch {i}/40 469/469 3s 7ms/step - loss: {np.exp(-i / 9):.4f} - acc: {rng.random():.4f}" for i in range(40)
    )
    table = "\n".join(rows)
    for values in (rng.normal(size=size), rng.random(size=size), rng.integers(0, 17, size=size) / 16):
        found = noted(values, 3, 0.001, [0.5, 0.25])
        assert not found.within(table)
        assert not found.within("conv2d (None, 26, 26, 32) 320\ndense (None, 128) 100,480\ndense (None, 10) 1,290")
        assert not found.within(str(np.linspace(0, 1, 11)))


def test_other_pictures_of_the_same_data_set_are_not_found():
    """Real digits are alike: a student who prints others than the check gave is left in peace; the same are found."""
    digits = load_digits().images / 16
    found = noted(digits[:50])
    assert all(found.within(str(each)) and found.within(str(each.T)) for each in digits[:20])
    assert not [place for place in range(1000, 1200) if found.within(str(digits[place]))]


PIECES = st.integers(0, 2**32 - 1)


@given(PIECES, st.integers(0, 8), st.integers(3, 8), st.booleans())
def test_numbers_are_found_in_any_order(seed, others, decimals, cut):
    """Shuffled, rounded or cut off, alone or between other numbers, what was given is found."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(5, 6))
    shown = rng.permutation(values.reshape(-1))
    shown = np.trunc(shown * 10**decimals) / 10**decimals if cut else shown
    own = [f"{value:.4f}" for value in rng.normal(size=others)]
    words = rng.permutation([*(f"{value:.{decimals}f}" for value in shown), *own])
    assert noted(values).within(" ".join(words))


@given(PIECES, st.sampled_from([6, 30, 63, 1000, 40_000]), st.integers(1, 8), st.sampled_from(["normal", "random"]))
def test_numbers_of_the_same_kind_are_not_found(seed, size, decimals, kind):
    """A student's own numbers, drawn as the input was and printed with any number of digits, are not flagged."""
    rng = np.random.default_rng(seed)
    draw = getattr(rng, kind)
    found = noted(draw(size=size))
    with np.printoptions(precision=decimals):
        assert not found.within(str(draw(size=300)))


@given(PIECES, st.integers(4, 9), st.booleans())
def test_pixels_of_few_levels_are_not_found_out_of_order(seed, levels, unit):
    """Where nearly any value is among the given, only runs count: shuffled pixels are anybody's."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, levels, size=(10, 8, 8)) / (levels - 1 if unit else 16)
    own = rng.integers(0, levels, size=(4, 4)) / (levels - 1 if unit else 16)
    assert not noted(values).within(str(own))
    assert not noted(*values[:, :3, :3]).within(str(own))


ODD = st.lists(st.floats() | st.integers(), min_size=1, max_size=40)


@given(ODD, ODD)
def test_no_number_is_an_error(given_ones, printed_ones):
    """Infinite, missing, huge and tiny numbers, given or printed, are numbers like others."""
    found = noted(given_ones, np.array([float(each) for each in given_ones if isinstance(each, float)] * 4))
    assert found.within(" ".join(map(str, printed_ones)) + " 0.1 1e308 -1e-308 1234567890") in (True, False)


@given(st.text(max_size=60), st.lists(st.floats() | st.integers() | st.text(max_size=3), max_size=5))
def test_no_text_and_no_input_is_an_error(text, values):
    """Whatever was given and whatever is printed, there is an answer."""
    found = noted(values, *values)
    assert found.within(text) in (True, False)
