"""One difference: its verdict, its words, and that no answer, however odd, breaks it."""

import re
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from referee.checks.compare import Difference, Kind, Tolerance, as_array, brief, compare, describe, words
from referee.errors import GraderError

NAN, INF = float("nan"), float("inf")
quick = settings(deadline=None, max_examples=80)

dtypes = st.sampled_from(["?", "i1", "u1", "i8", "u8", "f2", "f4", "f8", "c8", "c16", "U3", "S2"])
arrays = dtypes.flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from([10**4000, -(10**400), 2**63, 2**64, -(2**63)]),
    st.floats(), st.complex_numbers(), st.text(max_size=5), st.binary(max_size=5),
)  # fmt: skip
keys = st.one_of(st.text(max_size=3), st.integers(), st.floats(), st.tuples(st.integers(), st.text(max_size=2)))
values = st.recursive(
    st.one_of(scalars, arrays),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.lists(inner, max_size=3).map(tuple), st.dictionaries(keys, inner, max_size=3)
    ),
    max_leaves=8,
)
numeric: Any = st.sampled_from([np.dtype("f4"), np.dtype("f8"), np.dtype("i4")])
finite: Any = hnp.arrays(
    numeric,
    hnp.array_shapes(max_dims=3, max_side=5),
    elements=st.integers(-1000, 1000),
)


@quick
@given(values)
def test_every_value_equals_itself(value):
    """Whatever a value is, NaN included, it equals itself."""
    assert compare(value, value).equal


@quick
@given(values, values)
def test_nothing_raises_and_verdict_and_words_agree(actual, expected):
    """Any two values give a verdict, and the words say 'equal' exactly when it is."""
    difference = compare(actual, expected)
    assert difference.equal == (words(difference) == "equal")
    assert len(words(difference)) < 2000


@quick
@given(finite, st.data())
def test_one_changed_value_is_found(array, data):
    """A single wrong value is counted, and its place is named."""
    where = tuple(data.draw(st.integers(0, size - 1)) for size in array.shape)
    wrong = array.astype(np.float64)
    wrong[where] += 5
    difference = compare(wrong, array)
    assert (difference.kind, difference.off, difference.where) == (Kind.VALUES, 1, where)
    assert difference.of == array.size
    assert difference.absolute == 5


@quick
@given(st.lists(st.integers(10_000, 99_999), min_size=2, max_size=8))
def test_words_hold_no_reference_value(expected):
    """No number of the reference, and no error from which it follows, is in the words."""
    answers: Any = ([0] * len(expected), [NAN] * len(expected), "x", None, [1], {"a": 1})
    for actual in answers:
        assert not re.search(r"\d{4}", words(compare(actual, expected)))
        assert not re.search(r"\d{4}", words(compare({"k": actual}, {"k": np.array(expected, dtype=float)})))


def test_words_withhold_the_keys_that_are_missing():
    """A missing key is counted, not named; a surplus one is the student's own and may be shown."""
    assert words(compare({"mine": 1}, {"secret": 1})) == "the keys differ: 1 missing, 1 not wanted ('mine')"


@pytest.mark.parametrize(
    ("actual", "expected", "picture"),
    [
        ([20, 50, 80], [20, 50, 81], "1 of 3 values differ, the worst at [2], by at most 5 %"),
        (np.ones((3, 1)), np.ones(3), "right values, but shape (3, 1) where (3,) was wanted"),
        (np.ones((1, 3)), np.ones(3), "right values, but shape (1, 3) where (3,) was wanted"),
        (np.zeros((1, 3)), np.ones(3), "shape (1, 3) where (3,) was wanted"),
        (np.array([5.0]), 5.0, "right values, but shape (1,) where a single number was wanted"),
        ([1, 2], [1, 2, 3], "length 2 where 3 was wanted"),
        ([], [1.0], "length 0 where 1 was wanted"),
        ([[1, 2], [3]], np.ones((2, 2)), "at [0]: 1 of 2 values differ, the worst at [1]"),
        ([[1, 1], [3]], np.ones((2, 2)), "at [1]: length 1 where 2 was wanted"),
        (True, 1, "a truth value where a number was wanted"),
        (np.array([True]), np.array([1]), "an array of truth values where an array of numbers was wanted"),
        (None, np.ones(3), "nothing (None) where an array of numbers was wanted"),
        ("3", 3, "a text where a number was wanted"),
        ({"a": 1}, [1], "a dictionary where a list was wanted"),
        ("yes\x00", "no", "the text differs"),
        (np.array(["a", "b"]), ["a", "c"], "at [1]: the text differs"),
        (np.array([["a", "b"]]), np.array([["a", "c"]]), "at [0][1]: the text differs"),
        (["a"], np.array([1.0]), "at [0]: a text where a number was wanted"),
        (
            [NAN, NAN, 1],
            [1.0, 2.0, 1.0],
            "2 of 3 values are NaN (not a number); 2 of 3 values differ, the worst at [0]",
        ),
        (INF, 1.0, "the value is infinite"),
        ([NAN], [1.0], "the value is NaN (not a number)"),
        (1.0, NAN, "the value differs"),
        ({"x": [1, {"y\n": 2.0}]}, {"x": [1, {"y\n": 3.0}]}, "at ['x'][1]['y\\n']: the value differs"),
        (10**5000, 3, "the value differs"),
        (10**30 + 1, 10**30, "the value differs"),
        (np.full((2, 2), 9.9), np.full((2, 2), 10.0), "4 of 4 values differ, the worst at [0, 0], by at most 5 %"),
        ([1, 10**400], [1, 2], "at [1]: the value differs"),
        (b"a", "a", "bytes where a text was wanted"),
        (np.array([object()]), 1, "something that is no plain data where a number was wanted"),
    ],
    ids=describe,
)
def test_words_as_pictures(actual, expected, picture):
    """Each sort of difference has its exact sentence."""
    assert words(compare(actual, expected)) == picture


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        ([20, 50, 80], np.array([20.0, 50.0, 80.0])),
        ((20, 50.0), [20, 50]),
        (50, 50.0),
        (np.float32(0.1), 0.1),
        (np.array([0.1, 1e3], dtype=np.float32), np.array([0.1, 1e3])),
        ([1, 0], np.array([True, False])),
        ([np.ones(2), np.zeros(2)], np.array([[1, 1], [0, 0]])),
        (INF, INF),
        ([NAN, 1.0], [NAN, 1.0]),
        (np.uint64(2**63), 2**63),
        (np.array(["a"]), ["a"]),
        ([], np.zeros(0)),
        ({"a": (1, 2)}, {"a": np.array([1.0, 2.0])}),
        (1 + 0j, 1.0),
    ],
)
def test_accepted(actual, expected):
    """What a fair reader would call the same is accepted."""
    assert compare(actual, expected).equal


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (0.1 + 1e-6, 0.1),
        (NAN, 1.0),
        (1.0, INF),
        (-INF, INF),
        (1e308, -1e308),
        (np.int64(2**63 - 1), np.uint64(2**63)),
        (2**53 + 1, 2**53),
        (10**5000, np.float32(0)),
        (10**5000, np.longdouble(1)),
        (1j, 10**400),
        (1 + 1j, 1.0),
        ([1, True], [1, 1]),
        (5, None),
    ],
    ids=describe,
)
def test_refused(actual, expected):
    """What is not the same is refused, at the edges of the number types too."""
    assert not compare(actual, expected).equal


def test_tolerance_by_the_coarser_side():
    """The default follows the less precise of the two dtypes, and says so."""
    difference = compare(np.array([1.00005], dtype=np.float32), np.array([1.0]))
    assert difference.equal
    assert difference.tolerance is not None
    assert difference.tolerance.words() == "float32: equal to 0.0001 relative or 1e-5 absolute"
    assert Tolerance().of(np.dtype(int), np.dtype(int)).words() == "integers: exactly equal"
    assert (
        Tolerance().of(np.dtype("c8"), np.dtype("c16")).words()
        == "complex64: equal to 0.0001 relative or 1e-5 absolute"
    )
    assert Tolerance().of(np.dtype("f2"), np.dtype("f8")).words().startswith("float32: ")
    assert Tolerance(1e-9, 1e-9).words() == "equal to 1e-9 relative or 1e-9 absolute"


def test_half_precision_loosens_nothing():
    """An answer rounded to float16 is compared as single precision: rounding is no way to a larger tolerance."""
    assert not compare(np.array([0.1], dtype=np.float16), np.array([0.1])).equal
    assert compare(np.array([0.5], dtype=np.float16), np.array([0.5])).equal


def test_tolerance_asked_for():
    """A tolerance that is asked for replaces the default, for integers too, and the other part keeps its default."""
    assert compare(101, 100, Tolerance(rtol=0.02)).equal
    assert not compare(103, 100, Tolerance(rtol=0.02)).equal
    assert compare(1.0 + 5e-10, 1.0, Tolerance(rtol=0.0)).equal
    assert not compare(1.0 + 5e-10, 1.0, Tolerance(0.0, 0.0)).equal


def test_dtype_only_when_asked():
    """A strict dtype is checked after the values, and named."""
    right = np.array([1.0, 2.0])
    assert compare(right.astype(np.float32), right).equal
    assert compare(right.astype(np.float32), right, dtype="float32").equal
    assert words(compare(right, right, dtype="float32")) == "right values, but float64 where float32 was wanted"
    assert words(compare(right + 1, right, dtype="float32")).startswith("2 of 2 values differ")


def test_counts_and_errors():
    """The record holds counts of NaN and infinity on both sides, and the largest errors."""
    difference = compare([NAN, INF, 3.0, 8.0], [1.0, 2.0, NAN, 4.0])
    counts = (difference.nans, difference.infs, difference.expected_nans, difference.expected_infs)
    assert counts == (1, 1, 1, 0)
    assert (difference.off, difference.of, difference.absolute) == (4, 4, INF)
    assert compare([3.0, 5.0], [2.0, 4.5]).relative == 0.5


def test_the_authors_mistakes_are_theirs():
    """A tolerance, dtype or expectation that makes no sense is a grader's error, never a wrong answer."""
    bad: Any
    for bad in (-1.0, NAN, INF, "1e-3"):
        with pytest.raises(GraderError):
            Tolerance(rtol=bad)
    with pytest.raises(GraderError):
        compare(1, 1, bad)
    with pytest.raises(GraderError):
        compare(1, 1, dtype="flaot32")
    for bad in ({1, 2}, object(), np.array([object()])):
        with pytest.raises(GraderError):
            compare("x", bad)


def test_deep_nesting_ends():
    """Nesting far beyond any answer's is a difference, not a crash."""
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    assert compare(deep, deep).kind is Kind.NESTING
    assert compare(deep, [1]).kind is Kind.TYPE
    assert not compare({"a": deep}, {"a": np.ones(3)}).equal


def test_big_arrays_are_compared_in_blocks():
    """64 MB of bytes need a few blocks of memory, and the worst place is found across blocks."""
    expected = np.zeros((8, 8, 2**20), dtype=np.uint8)
    actual = expected.copy()
    actual[3, 1, 7], actual[7, 7, 5] = 1, 9
    tracemalloc.start()
    difference = compare(actual, expected)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (difference.off, difference.where, difference.absolute) == (2, (7, 7, 5), 9.0)
    assert peak < 200e6


def test_describe_and_brief_are_bounded():
    """Names for values are short and free of control characters."""
    samples: Any = (1, 1.5, True, "a", (1,), np.float32(1), np.array(["a"]))
    wanted = ["a number", "a number", "a truth value", "a text", "a list", "a number", "an array of texts"]
    assert [describe(value) for value in samples] == wanted
    assert brief("\x1b[31m" + "x" * 1000) == repr("\x1b[31m" + "x" * 55)
    assert brief(10**5000) == "a number"


def test_as_array():
    """Regular lists of numbers are arrays; mixed, ragged and textual ones are none."""
    odd: Any = ("a", [1, "a"], [[1], [1, 2]], [True, 2], [10**400], None, {}, np.array(["a"]), [2**63, -1])
    assert [as_array(value) for value in odd] == [None] * len(odd)
    assert np.array_equal(as_array(((1, 2), (3, 4.0))), [[1, 2], [3, 4]])  # type: ignore[arg-type]


def test_equal_is_read_from_the_kind():
    """The verdict has one source."""
    assert Difference().equal
    assert not Difference(kind=Kind.TEXT).equal
