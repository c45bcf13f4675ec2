"""What the words of a hidden check may repeat of an error of the student's code."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.answers.discretion import discreet, hush
from referee.errors import StudentFault

VALUES = np.random.default_rng(5).normal(size=(9, 7))
WITHHELD = "(its message holds numbers and is not shown)"


@pytest.mark.parametrize(
    "words",
    [
        "`k` is not defined",
        "it raised NotImplementedError: later",
        "it raised ValueError: operands could not be broadcast together with shapes (9,7) (2,3) ",
        "it raised RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x3136 and 1568x10)",
        "it raised RuntimeError: Given groups=1, weight of size [32, 3, 3, 3], expected input[64, 1, 28, 28] to have 3 "
        "channels, but got 1 channels instead",
        "it raised UFuncTypeError: Cannot cast ufunc 'add' output from dtype('float64') to dtype('uint8')",
        "it raised ValueError: cannot reshape array of size 63 into shape (9,8)",
        "an answer of 1,234,567,890 bytes",
        "it is an array of 1,000,000,000 bytes, shape (12500, 10000); at most 64,000,000 bytes are taken",
        "it is an array of 1,000,000,000 bytes, shape (125000000,); at most 64,000,000 bytes are taken",
        "it took longer than the limit of 0.5 s for one question",
        "all questions together took longer than 1200 s",
    ],
)
def test_honest_words_stay(words):
    """What a library says about shapes, names and dtypes, and what the harness says about limits, is told."""
    assert discreet(words) == words


@pytest.mark.parametrize(
    "message",
    [
        str(VALUES.T.round(3).tolist()),
        str(VALUES[0, 0]),
        f"{VALUES[0, 0]:.1f}",
        "x = .5",
        "48213576",
        str(np.arange(63)),
        "\u0663\u0664\u0665",
        "3 . 5",
        "1e5",
    ],
)
def test_a_message_full_of_numbers_is_withheld(message):
    """Of a message that may repeat an input only the type of its error is told."""
    assert discreet(f"it raised ValueError: {message}") == f"it raised ValueError {WITHHELD}"
    assert discreet(message) == f"there is no usable answer {WITHHELD}"


@pytest.mark.parametrize("name", ["E0345584", "E0.345584", "E" + "123_" * 20])
def test_a_type_that_is_named_by_numbers_is_not_named(name):
    """A type may be made while the check asks, with the input in its name."""
    assert discreet(f"it raised {name}: no") == f"it raised an error {WITHHELD}"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1), st.text())
def test_no_printed_float_is_told(values, before):
    """However floats are put into a message, none of its digits is in the words."""
    told = discreet(f"it raised E: {before}{values}")
    assert told in (f"it raised E {WITHHELD}", f"it raised an error {WITHHELD}")


def test_the_whole_message_goes_to_the_log():
    """What is taken out of the words stands in the log where there is none yet; a log that is there stays."""
    for log, after in (("", "it raised E: 0.123"), ("a traceback", "a traceback")):
        error = StudentFault("what `f` returns", "it raised E: 0.123")
        error.log = log
        hush(error)
        assert (error.found, error.log) == (f"it raised E {WITHHELD}", after)
