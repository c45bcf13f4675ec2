"""Every probe both ways: recognised where it is true, and not claimed where it is not."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from referee.checks.compare import Tolerance
from referee.checks.misconceptions import Finding, Misconception, recognise
from referee.errors import GraderError

rng = np.random.default_rng(7)
MAP = rng.normal(size=(4, 5)) * 50
CUBE = rng.normal(size=(3, 4, 5))
BATCH = rng.normal(size=(2, 3, 4, 5))
KERNEL = rng.normal(size=(3, 3, 4, 8))
LOGITS = rng.normal(size=(5, 4)) * 2
POWERS = np.exp(LOGITS)
SHARES = POWERS / POWERS.sum(axis=1, keepdims=True)
LABELS = np.array([0, 2, 1, 2, 3, 0])
SERIES = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.3, 5.8])


def hint(actual: Any, expected: Any) -> str:
    """The hint of what is recognised, or ''."""
    finding = recognise(actual, expected)
    return finding.hint if finding else ""


def name(actual: Any, expected: Any, misconceptions: Any = ()) -> str:
    """The name of what is recognised, or ''."""
    finding = recognise(actual, expected, misconceptions)
    return finding.name if finding else ""


RECOGNISED = [
    ("transposed", MAP.T, MAP),
    ("transposed", BATCH.swapaxes(1, 2), BATCH),
    ("transposed", CUBE.swapaxes(0, 1), CUBE),
    ("channels first", np.moveaxis(CUBE, -1, 0), CUBE),
    ("channels first", np.moveaxis(BATCH, -1, 1), BATCH),
    ("channels last", np.moveaxis(BATCH, 1, -1), BATCH),
    ("weight layout", KERNEL.transpose(3, 2, 0, 1), KERNEL),
    ("weight layout", KERNEL, KERNEL.transpose(3, 2, 0, 1)),
    ("flipped", SERIES[::-1], SERIES),
    ("flipped", MAP[:, ::-1], MAP),
    ("flipped", MAP[::-1, ::-1], MAP),
    ("sign", -MAP, MAP),
    ("sign", (-np.array([1, 5, 7])).tolist(), [1, 5, 7]),
    ("factor of 32", MAP * 32, MAP),
    ("factor of 32", MAP / 32, MAP),
    ("factor of 2", np.float32(MAP * 2), MAP),
    ("factor of 4", [4, 20, 28], [1, 5, 7]),
    ("constant factor", MAP * 1.37, MAP),
    ("value range", np.abs(MAP), np.abs(MAP) / 255),
    ("value range", np.abs(MAP) / 255, np.abs(MAP)),
    ("constant offset", MAP + 0.25, MAP),
    ("softmax missing", LOGITS, SHARES),
    ("log-probabilities", np.log(SHARES), SHARES),
    ("softmax applied", SHARES, LOGITS),
    ("ReLU missing", MAP, np.maximum(MAP, 0)),
    ("ReLU applied", np.maximum(MAP, 0), MAP),
    ("one-hot", np.eye(4)[LABELS], LABELS),
    ("scores", np.eye(4)[LABELS] * 0.6 + 0.1, LABELS),
    ("class index", LABELS, np.eye(4)[LABELS]),
    ("shifted by 1", np.r_[0.0, SERIES[:-1]], SERIES),
    ("shifted by 2", np.r_[SERIES[2:], 0.0, 0.0], SERIES),
    ("integer overflow", np.array([44, 12, 200], dtype=np.uint8), [300, 268, 200]),
    ("integer overflow", np.array([-56], dtype=np.int8), [200]),
    ("truncated", [32, -105, -44, 60], [32.5, -105.5, -44.0, 60.9]),
    ("truncated", [32, -106, -44, 60], [32.5, -105.5, -44.0, 60.9]),
    ("rounded", [33, -106, -44, 61], [32.6, -105.7, -44.0, 60.9]),
    ("single precision", float(np.float32(0.1)), 0.1),
    ("single precision", np.float32(MAP).astype(float), MAP),
]


@pytest.mark.parametrize(("wanted", "actual", "expected"), RECOGNISED, ids=[row[0] for row in RECOGNISED])
def test_recognised(wanted, actual, expected):
    """Each slip is recognised from what it does to the values."""
    assert name(actual, expected) == wanted


@pytest.mark.parametrize("array", [MAP, CUBE, BATCH, SERIES, LOGITS, SHARES, LABELS])
def test_never_claimed_of_a_right_answer(array):
    """A right answer has no misconception, even one that the author foresaw."""
    assert recognise(array, array, [Misconception("all", "", array)]) is None


@pytest.mark.parametrize(("wanted", "actual", "expected"), RECOGNISED, ids=[row[0] for row in RECOGNISED])
def test_not_claimed_when_spoiled(wanted, actual, expected):
    """The same slip with a mistake elsewhere explains nothing, and is not claimed."""
    spoiled = np.array(actual, dtype=np.float64)
    spoiled.flat[::2] += np.linspace(3.3, 77.7, -(-spoiled.size // 2))
    assert name(spoiled, expected) in (("",) if spoiled.size > 1 else ("", "constant offset"))


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (np.zeros((3, 3)), np.ones((3, 3))),
        (np.full(5, 2.0), np.full(5, 1.0)),
        (np.full(5, -1.0), np.full(5, 1.0)),
        (4.0, 2.0),
        ([4.0], [2.0]),
        ([0.0, 0.0, 6.0], [0.0, 0.0, 3.0]),
        ([2.0, 1.0], [1.0, 2.0]),
        ([1.0001, 1.0002, 1.0003], [1.0003, 1.0002, 1.0001]),
        ([0, 0], [0.4, 0.7]),
        ([3.0, 4.0, 5.0, 6.0], [2.0, 3.0, 4.0, 5.0]),
        ([1.0, 2.0, 4.0, 8.0], [2.0, 4.0, 8.0, 16.0]),
        ([[0.0, 1, -2], [-1, 0, 3], [2, -3, 0]], [[0.0, -1, 2], [1, 0, -3], [-2, 3, 0]]),
    ],
)
def test_trivial_or_ambiguous_answers_are_left_unnamed(actual, expected):
    """Constants, lone values and answers that two slips explain are no evidence for either."""
    assert recognise(actual, expected) is None


@settings(deadline=None, max_examples=40)
@given(hnp.arrays(np.float64, st.tuples(*[st.integers(2, 5)] * 2), elements=st.integers(-50, 50), unique=True))
def test_any_transposed_map_is_recognised_or_ambiguous(array):
    """A transposed map is called that, unless it is as well explained by another slip or hardly has values."""
    finding = name(array.T, array)
    assert finding in ("transposed", "") or np.array_equal(array, array.T)
    if array.shape[0] != array.shape[1] and np.unique(array[array != 0]).size > 3 and np.abs(array).min() > 0:
        assert finding == "transposed"


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_hostile_answers_never_raise(data):
    """Whatever the shapes, dtypes and values, a probe finds something or nothing."""
    dtypes = st.sampled_from(["?", "i1", "u1", "i8", "u8", "f2", "f4", "f8", "c8", "U2"])
    shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    actual, expected = (data.draw(dtypes.flatmap(lambda d: hnp.arrays(d, data.draw(shapes)))) for _ in range(2))
    assert isinstance(recognise(actual, expected), Finding | None)


def test_truth_values_are_no_class_labels():
    """A row of truth values beside a batch of scores is compared, not probed."""
    assert recognise(np.ones((4, 2)), np.array([True, False, True, True])) is None
    assert recognise(np.array([True, False, True, True]), np.eye(2)[[1, 0, 1, 1]]) is None


def test_the_authors_misconceptions_come_first():
    """A misconception of the course wins over a generic probe, and carries its own words."""
    slide = Misconception("the slide's map", "this is the slide's map, which is transposed", lambda: MAP.T)
    assert recognise(MAP.T, MAP, [slide]) == Finding(slide.name, slide.hint, foreseen=True)
    assert recognise(MAP + 1, MAP, [slide]) == recognise(MAP + 1, MAP)


def test_an_author_may_foresee_other_shapes():
    """The deck's toy: an unpadded or a 'same' convolution instead of a causal one."""
    toy = [
        Misconception("unpadded", "pad on the left", [50, 80]),
        Misconception("flipped kernel", "do not flip", [10, 40, 70]),
        Misconception("same", "pad on the left only", np.array([50.0, 80.0, 30.0])),
    ]
    assert name([50, 80], [20, 50, 80], toy) == "unpadded"
    assert name([10, 40, 70], [20, 50, 80], toy) == "flipped kernel"
    assert name([50, 80, 30], [20, 50, 80], toy) == "same"
    assert name([1, 2, 4], [20, 50, 80], toy) == ""


def test_a_misconception_that_is_right_is_no_misconception():
    """A wrong reference that equals the right one on this input explains nothing."""
    symmetric = np.array([[1.0, 2.0], [2.0, 5.0]])
    assert name(symmetric + np.diag([0, 9]), symmetric, [Misconception("transposed map", "", symmetric.T)]) == ""
    loose = recognise(symmetric + 0.5, symmetric, [Misconception("m", "", symmetric + 0.2)], Tolerance(0, 0.4))
    assert loose is None or loose.name != "m"


def test_a_misconception_that_raises_is_the_authors():
    """A callable that raises, or an object of another type, is a grader's error."""
    with pytest.raises(GraderError, match="ZeroDivisionError"):
        recognise(1, 2, [Misconception("broken", "", lambda: 1 / 0)])
    with pytest.raises(GraderError):
        name(1, 2, [("name", "hint", 3)])


def test_large_answers_are_not_probed():
    """Beyond a quarter of a million values the probes stay quiet; the author's references still speak."""
    large = np.arange(600 * 600.0).reshape(600, 600)
    assert recognise(large.T, large) is None
    assert name(large.T, large, [Misconception("mine", "", large.T)]) == "mine"


def test_hints_as_pictures():
    """Hints in the words of deep learning."""
    assert hint(MAP * 32, MAP) == "every value is too large by a factor of 32: a sum instead of a mean?"
    assert hint(MAP / 32, MAP) == "every value is too small by a factor of 32: a mean instead of a sum?"
    assert hint(np.r_[0.0, SERIES[:-1]], SERIES) == "your values come 1 position too late along axis 0"
    overflow = hint(np.array([44], dtype=np.uint8), [300])
    assert overflow == "integer overflow: uint8 arithmetic wrapped around; convert to float first"
