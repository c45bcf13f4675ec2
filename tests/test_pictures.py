"""The records of what is better looked at than read: bounded, readable as text, and refused where they are forged."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referee.pictures import Curves, Field, Heat, Picture, curves, mask, numbers, written
from tests.depicted import numbers as any_numbers
from tests.depicted import pictures

HEAT = Heat(
    title="the answer", shape=(2, 3), axes=(0, 1), place=(0, 0), step=(1, 1), actual=("1 2 3", "4 ? 6"),
    expected=("1 2 3", "4 5 6"), wrong=("...", ".#."),
)  # fmt: skip
FIELD = Field(title="the field", shape=(3,), step=(1, 1), actual=("##.",), expected=(".##",))


@settings(deadline=None, max_examples=60)
@given(pictures)
def test_a_picture_comes_back_as_it_was(picture):
    """Writing a picture and reading it gives the same picture, of the same kind."""
    assert msgspec.json.decode(msgspec.json.encode(picture), type=Picture) == picture


@given(st.lists(any_numbers, min_size=1, max_size=32))
def test_numbers_are_kept_to_four_digits(values):
    """A row as text gives back its numbers to four significant digits, and None for what is not finite."""
    for value, read in zip(values, numbers(written(values)), strict=True):
        assert (read is None) == (not math.isfinite(float(f"{value:.4g}")))
        assert read is None or math.isclose(read, value, rel_tol=1e-3)


def test_what_is_no_number_that_a_float_holds():
    """Integers beyond every float, NaN and infinity are left out, and minus zero is zero."""
    assert written([10**400, math.nan, math.inf, -0.0, True, -2]) == "? ? ? 0 1 -2"


def test_numbers_are_short():
    """An exponent takes no more characters than it needs."""
    assert written([123456, 1.5e-7, -2e100, 1e-100, 0.0001]) == "1.235e5 1.5e-7 -2e100 1e-100 0.0001"


def test_masks():
    """A mask is a line of dots and hashes."""
    assert mask([[True, False], [0, 1]]) == ("#.", ".#")


@pytest.mark.parametrize(
    "change",
    [
        {"actual": ["1 2 3"]},
        {"actual": ["1 2 3", "4 5"]},
        {"actual": ["1 2 3", "4 5 <b>"]},
        {"actual": ["1 2 3", "4  5"]},
        {"actual": ["1 2 3", "4 5 6\n"]},
        {"actual": ["1 2 3", "4 5 1e99999"]},
        {"actual": []},
        {"actual": ["1"] * 33},
        {"actual": [" ".join("1" * 33)]},
        {"wrong": ["...", ".?."]},
        {"wrong": ["...", ".."]},
        {"axes": [0, 2]},
        {"axes": []},
        {"axes": [1]},
        {"place": [0]},
        {"step": [0, 1]},
        {"title": "x" * 201},
        {"shape": [2**70, 3]},
        {"kind": "movie"},
        {"extra": 1},
    ],
    ids=str,
)
def test_a_forged_map_is_refused(change):
    """A map that is ragged, too large, or holds anything but numbers is no picture."""
    forged = msgspec.json.encode(msgspec.to_builtins(HEAT) | change)
    assert msgspec.json.decode(msgspec.json.encode(HEAT), type=Picture) == HEAT
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(forged, type=Picture)


@pytest.mark.parametrize(
    "change",
    [{"expected": [".#"]}, {"actual": ["#" * 257]}, {"shape": []}, {"actual": []}, {"actual": ["#" * 65] * 64}],
)
def test_a_forged_field_is_refused(change):
    """A field whose masks do not fit each other, or are too large, is no picture."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(msgspec.to_builtins(FIELD) | change), type=Picture)


def test_learning_curves():
    """Curves keep every epoch, and say where the validation loss is lowest and how far the two losses end apart."""
    found = curves("history", {"val_loss": [0.9, 0.6, 0.75], "loss": [0.8, 0.5, 0.25], "accuracy": [0.1, 0.2, 0.3]})
    assert found == Curves(
        title="history",
        series={"accuracy": "0.1 0.2 0.3", "loss": "0.8 0.5 0.25", "val_loss": "0.9 0.6 0.75"},
        epochs=3,
        gap=0.5,
        best=2,
    )


@pytest.mark.parametrize(
    ("history", "gap", "best"),
    [
        ({"loss": [1.0]}, None, None),
        ({"loss": [1.0], "val_loss": [1.0, 0.5]}, None, 2),
        ({"loss": [1.0], "val_loss": [math.nan]}, None, None),
        ({"loss": [1.0], "val_loss": [math.inf]}, None, None),
        ({"loss": [0.25, 1.0], "val_loss": [0.5, math.nan]}, None, 1),
    ],
)
def test_curves_without_a_gap(history, gap, best):
    """Where a loss is missing, of another length or not finite there is no gap, and nothing is made up."""
    found = curves("h", history)
    assert found is not None
    assert (found.gap, found.best) == (gap, best)


def test_no_curves():
    """A history without any number is no picture."""
    assert curves("h", {}) is None
    assert curves("h", {"loss": []}) is None


@given(
    st.dictionaries(st.text(max_size=80), st.lists(any_numbers.map(float), max_size=5), max_size=12),
    st.integers(1, 3000),
)
def test_curves_of_any_history(history, repeated):
    """Whatever the history, its picture stays within the bounds that a report is read with."""
    long = {name: values * (repeated if i == 0 else 1) for i, (name, values) in enumerate(history.items())}
    found = curves("h", long)
    if found is not None:
        assert msgspec.convert(msgspec.to_builtins(found), type=Picture) == found
        assert max(len(numbers(values)) for values in found.series.values()) <= 200


def test_long_curves_keep_their_ends():
    """Of a thousand epochs some are left out, but neither the first nor the last."""
    found = curves("h", {"loss": [float(i) for i in range(1000)]})
    assert found is not None
    kept = numbers(found.series["loss"])
    assert (kept[0], kept[-1], kept[1], found.step, found.epochs) == (0, 999, 6, 6, 1000)
