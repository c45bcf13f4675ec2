"""The pictures that checks leave in their evidence: which part of the arrays they show, and when there are any."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from referee.answers.interface import Answer, Question, Student
from referee.answers.remarks import depict, listening
from referee.checks import Band, CheckFailed, NeedsPerson, assert_accuracy, assert_causal, assert_matches, field_picture
from referee.checks.verdicts import with_remarks
from referee.errors import GraderError
from referee.pictures import Curves, Field, Heat, Level, Picture, numbers
from referee.report import Evidence

BAND = Band(lowest=0.9, highest=0.96, mean=0.93, spread=0.02, seeds=5)


def failed(actual: Any, expected: Any, **settings: Any) -> Evidence:
    """The evidence of a comparison that fails."""
    with pytest.raises(CheckFailed) as caught:
        assert_matches(actual, expected, **settings)
    return caught.value.evidence


def heat(actual: Any, expected: Any, **settings: Any) -> Heat:
    """The map in the evidence of a comparison that fails."""
    (found,) = failed(actual, expected, **settings).pictures
    assert isinstance(found, Heat)
    return found


def changed(shape: tuple[int, ...], *places: tuple[int, ...]) -> np.ndarray:
    """Zeros, but for ones at some places."""
    values = np.zeros(shape)
    for place in places:
        values[place] = 1.0
    return values


def test_a_small_map_is_shown_whole():
    """Both maps, which of their values are wrong, and what they are of."""
    assert heat([[1, 2], [3, 7]], [[1, 2], [3, 4]], what="the feature map") == Heat(
        title="the feature map",
        shape=(2, 2),
        axes=(0, 1),
        place=(0, 0),
        step=(1, 1),
        actual=("1 2", "3 7"),
        expected=("1 2", "3 4"),
        wrong=("..", ".#"),
    )


@pytest.mark.parametrize(
    ("shape", "where", "axes", "place"),
    [
        ((4, 6, 6), (2, 1, 1), (1, 2), (2, 0, 0)),
        ((4, 6, 6, 3), (2, 1, 1, 1), (1, 2), (2, 0, 0, 1)),
        ((4, 3, 6, 6), (2, 1, 1, 1), (2, 3), (2, 1, 0, 0)),
        ((3, 3, 1, 8), (1, 1, 0, 5), (0, 1), (0, 0, 0, 5)),
        ((20, 10), (3, 3), (0, 1), (0, 0)),
        ((8,), (3,), (0,), (0,)),
        ((1, 8, 1), (0, 3, 0), (1,), (0, 0, 0)),
    ],
    ids=str,
)
def test_which_axes_are_shown(shape, where, axes, place):
    """An image's rows and columns are, whatever the layout; batch and channel stand where the worst value is."""
    found = heat(changed(shape, where), np.zeros(shape))
    assert (found.shape, found.axes, found.place) == (shape, axes, place)
    assert "".join(found.wrong).count("#") == 1


def test_a_large_map_with_one_wrong_spot():
    """Where all that is wrong lies close together, a window around it is shown, value by value."""
    found = heat(changed((100, 80), (60, 70), (65, 79)), np.zeros((100, 80)))
    assert (found.step, found.place, len(found.wrong), len(found.wrong[0])) == ((1, 1), (47, 48), 32, 32)
    assert (found.wrong[13][22], found.wrong[18][31], "".join(found.wrong).count("#")) == ("#", "#", 2)


def test_a_large_map_that_is_wrong_everywhere():
    """Where wrong values lie far apart, the whole is shown as means of blocks, wrong where one of a block is."""
    expected = np.arange(40 * 70, dtype=float).reshape(40, 70)
    found = heat(expected + changed((40, 70), (0, 0), (39, 69)), expected)
    assert (found.step, len(found.actual), found.actual[0].count(" ") + 1) == ((2, 3), 20, 24)
    assert numbers(found.expected[0])[:2] == (36, 39)
    assert numbers(found.actual[-1])[-1] == pytest.approx(expected[38:, 69:].mean() + 0.5, rel=1e-3)
    assert [row.count("#") for row in found.wrong] == [1, *[0] * 18, 1]


@pytest.mark.parametrize(("shape", "start"), [((1000, 10), (684, 0)), ((10, 300), (0, 268)), ((300, 300), (268, 268))])
def test_a_large_table_that_is_wrong_everywhere(shape, start):
    """Rows of a batch have no mean worth looking at, nor have many values: shown is what lies around the worst one."""
    expected = np.zeros(shape)
    actual = expected + 1
    actual[min(700, shape[0] - 1), shape[1] - 1] = 9
    found = heat(actual, expected)
    assert (found.step, found.place) == ((1, 1), start)
    assert "9" in " ".join(found.actual).split(" ")


def test_a_huge_map_is_looked_at_near_the_worst_value():
    """Of a map of millions of values only a part is looked at, and the place that is named is that of the whole."""
    expected = np.zeros((2, 3000, 2500), dtype=np.float32)
    actual = expected + 1
    actual[1, 2000, 2400] = 7
    found = heat(actual, expected)
    assert (found.shape, found.place, found.step) == ((2, 3000, 2500), (1, 1984, 2384), (1, 1))
    assert numbers(found.actual[16])[16] == 7


@pytest.mark.parametrize(("length", "step"), [(33, 2), (256, 8), (257, 1), (10_000, 1)])
def test_a_long_series_that_is_wrong_everywhere(length, step):
    """A series of up to 256 values is shown as a whole, by means; of a longer one a part."""
    assert heat(np.arange(length) + 1, np.arange(length)).step == (1, step)


def test_a_long_series():
    """A series is one row: around what is wrong, with its place."""
    found = heat(changed((500,), (300,)), np.zeros(500))
    assert (found.axes, found.place, found.step, len(found.wrong)) == ((0,), (284,), (1, 1), 1)
    assert found.wrong[0].index("#") == 16


def test_values_that_are_not_finite_are_left_out():
    """NaN and infinity have no colour; they are wrong where they were not wanted."""
    found = heat([[np.nan, 1], [np.inf, 2]], [[np.nan, 1], [3, 2]])
    assert (found.actual, found.wrong) == (("? 1", "? 2"), ("..", "#."))


def test_inside_nested_data():
    """In a list of arrays the picture is of the first one that differs."""
    found = heat([np.ones((2, 2)), np.ones((2, 3))], [np.ones((2, 2)), np.zeros((2, 3))])
    assert found.shape == (2, 3)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (3, 4),
        ([1, 2], [1, 3]),
        (np.ones((2, 1)), np.zeros((2, 1))),
        (np.ones((2, 2)), np.ones((2, 3))),
        ("a", "b"),
        (np.ones((2, 2)) * 1j, np.ones((2, 2))),
        (None, np.ones((2, 2))),
    ],
    ids=str,
)
def test_what_is_no_picture(actual, expected):
    """Single numbers, a few of them, other shapes, text and complex numbers are told in words alone."""
    assert failed(actual, expected).pictures == ()


def test_the_graders_own_picture_comes_first():
    """A grader that measured something shows that, not the numbers that it compared."""
    field = field_picture("the field", [True, False], [True, True])
    assert failed(1, 2, picture=field).pictures == (field,)
    assert_matches(2, 2, picture=field)


any_array = hnp.arrays(
    dtype=st.sampled_from(["float64", "float32", "float16", "int64", "uint8", "bool"]),
    shape=hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=40).filter(lambda shape: np.prod(shape) < 5000),
    elements={"allow_nan": True, "allow_infinity": True},
)


@settings(deadline=None, max_examples=150)
@given(any_array, st.randoms(use_true_random=False))
def test_any_array_gives_a_picture_that_a_report_takes(actual, random):
    """Whatever a student's array, its picture is within the bounds that a report is read with."""
    expected = actual.astype(np.float64)
    for _ in range(3 if actual.size else 0):
        expected.reshape(-1)[random.randrange(actual.size)] = random.choice([0.0, 1e300, -1e300, np.nan, 5])
    try:
        assert_matches(actual, expected)
    except CheckFailed as error:
        for picture in error.evidence.pictures:
            assert msgspec.convert(msgspec.to_builtins(picture), type=Picture) == picture
            assert isinstance(picture, Heat)
            assert "#" in "".join(picture.wrong)


def test_long_titles_are_cut():
    """What a student named may be long; a report takes it none the less."""
    found = heat(np.ones((2, 2)), np.zeros((2, 2)), what="x" * 1000)
    assert msgspec.convert(msgspec.to_builtins(found), type=Picture) == found


def test_fields():
    """A field is a row for a series, and rows for an image; large ones are marked block by block."""
    assert field_picture("f", [True, False, True], [True] * 3) == Field(
        title="f", shape=(3,), step=(1, 1), actual=("#.#",), expected=("###",)
    )
    large = field_picture("f", np.eye(130, 300, dtype=bool), np.ones((130, 300), dtype=bool))
    assert (large.step, len(large.actual), len(large.actual[0])) == ((3, 5), 44, 60)
    assert large.actual[0] == "#" + "." * 59
    assert large.actual[1] == "##" + "." * 58
    assert msgspec.convert(msgspec.to_builtins(large), type=Picture) == large


@pytest.mark.parametrize(("actual", "expected"), [([True], [True, False]), ([], []), (True, True)])
def test_fields_of_nothing_are_the_graders_mistake(actual, expected):
    """Masks that do not fit each other, or hold no cell, are refused."""
    with pytest.raises(GraderError):
        field_picture("f", actual, expected)


def test_looking_ahead_is_shown():
    """A layer that is not causal: the steps that change, and which of them may."""
    before, after = np.zeros(6), np.array([0, 0, 1.0, 1.0, 0, 1.0])
    with pytest.raises(CheckFailed) as caught:
        assert_causal(before, after, 3, what="the output")
    (found,) = caught.value.evidence.pictures
    assert isinstance(found, Field)
    assert (found.actual, found.expected) == (("..##.#",), ("...#.#",))


@pytest.mark.parametrize(
    ("right", "ending"), [(95, None), (85, NeedsPerson), (50, CheckFailed)], ids=["passed", "person", "failed"]
)
def test_an_accuracy_is_shown_whatever_the_verdict(right, ending):
    """The share with its error on the band, against the floor that was used."""
    labels = np.zeros(100, dtype=int)
    predictions = (np.arange(100) >= right).astype(int)
    with listening() as remarks, pytest.raises(ending) if ending else nullcontext():
        assert_accuracy(predictions, labels, band=BAND, floor=0.9, what="digits")
    (found,) = remarks.pictures
    assert isinstance(found, Level)
    assert (found.title, found.share, found.total, found.floor) == ("digits", right / 100, 100, 0.9)
    assert (found.lowest, found.mean, found.highest) == (0.9, 0.93, 0.96)


class History:
    """A source that answers with one training."""

    def ask(self, _question: Question) -> Answer:
        return Answer(value={"loss": [1.0, 0.5], "val_loss": [1.0, 0.75]})


def test_a_history_is_shown_once():
    """A check that asks for a training shows its curves, however often it asks."""
    student = Student(History())
    with listening() as remarks:
        assert student.history("history")["loss"] == [1.0, 0.5]
        student.history("history")
    (found,) = remarks.pictures
    assert isinstance(found, Curves)
    assert (found.title, found.gap, found.best) == ("history", 0.25, 2)


def test_nobody_listens():
    """Outside of a check nothing is shown, and nothing goes wrong."""
    depict(field_picture("f", [True], [True]))
    with listening() as remarks:
        depict(None)
    assert remarks.pictures == []


def test_pictures_join_the_evidence():
    """What the check fails with comes first, what was remarked after it, and never more than a report takes."""
    fields = [field_picture(f"f{i}", [True], [True]) for i in range(9)]
    with listening() as remarks:
        for field in fields[1:]:
            depict(field)
    found = with_remarks(Evidence(words="wrong", pictures=(fields[0],)), remarks)
    assert found.pictures == tuple(fields[:6])
