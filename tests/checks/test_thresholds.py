"""Accuracy with its noise: what passes, what fails, and what nobody can tell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referee.checks.signals import CheckFailed
from referee.checks.thresholds import Accuracy, accuracy, binomial_error, judge
from referee.errors import GraderError

LABELS = np.array([0, 1, 2, 1])
WANTED = "wanted is (4, classes) or (4,): one row for each example"


def test_words_as_a_picture():
    """The share, how many it was measured on, and its standard error."""
    assert Accuracy(429, 450).words("digits") == "accuracy 95.3 % of 450 digits (standard error 1.0 points)"


def test_standard_error():
    """93 % of 600 images are known to about 1.0 points; the design's 1.1 is at 92 %."""
    assert binomial_error(0.92, 600) == pytest.approx(0.011, abs=1e-4)
    assert Accuracy(300, 600).standard_error == pytest.approx(0.5 / 600**0.5)


def test_standard_error_by_simulation():
    """The formula is the spread of simulated accuracies."""
    draws = np.random.default_rng(0).binomial(600, 0.9, size=20_000) / 600
    assert draws.std() == pytest.approx(binomial_error(0.9, 600), rel=0.03)


@pytest.mark.parametrize(
    "predictions",
    [
        np.eye(3)[[0, 1, 2, 0]],
        np.float32(np.eye(3)[[0, 1, 2, 0]]),
        (np.eye(3)[[0, 1, 2, 0]] * 9 - 4).tolist(),
        [0, 1, 2, 0],
        np.array([0.0, 1.0, 2.0, 0.0]),
    ],
)
def test_scores_and_indices(predictions):
    """Class scores and class indices, as arrays or lists, give the same accuracy."""
    assert accuracy(predictions, LABELS) == Accuracy(3, 4)


@pytest.mark.parametrize(
    ("predictions", "picture"),
    [
        (None, "the predictions are nothing (None), not an array of numbers"),
        ("0121", "the predictions are a text, not an array of numbers"),
        ([1j, 1, 2, 0], "the predictions are a list, not an array of numbers"),
        ([0, 1, 2], f"the predictions have shape (3,); {WANTED}"),
        (np.zeros((4, 3, 1)), f"the predictions have shape (4, 3, 1); {WANTED}"),
        (3, f"the predictions have shape (); {WANTED}"),
        ([0, 1, np.nan, np.inf], "2 of 4 predictions are NaN or infinite"),
        (np.zeros((4, 2)), "the predictions have scores for 2 classes; there are more"),
        (np.zeros((4, 0)), "the predictions have scores for 0 classes; there are more"),
        ([0.2, 1, 2, 1], "the predictions have one number for each example, but it is not the index of a class"),
    ],
)  # fmt: skip
def test_unusable_predictions_fail_in_words(predictions, picture):
    """A hostile or mistaken prediction is a failed check that says what was wrong with it."""
    with pytest.raises(CheckFailed) as failure:
        accuracy(predictions, LABELS)
    assert failure.value.evidence.words == picture


@pytest.mark.parametrize("labels", [[], [0.5, 1.0], np.eye(3), [-1, 0], "01", None, [True, False]])
def test_bad_labels_are_the_authors(labels):
    """Labels come from the course: wrong ones are a grader's error."""
    with pytest.raises(GraderError):
        accuracy([0, 1], labels)


def test_judge():
    """At the floor passed; within two standard errors a person; below failed."""
    assert judge(Accuracy(558, 600), 0.93) == "passed"
    assert judge(Accuracy(557, 600), 0.93) == "person"
    assert judge(Accuracy(546, 600), 0.93) == "person"
    assert judge(Accuracy(545, 600), 0.93) == "failed"


def test_judge_allows_for_few_examples():
    """None right of twenty is no proof against a floor of 5 %, though its own standard error is zero."""
    assert judge(Accuracy(0, 20), 0.05) == "person"
    assert judge(Accuracy(0, 2000), 0.05) == "failed"
    assert judge(Accuracy(20, 20), 1.0) == "passed"
    assert judge(Accuracy(19, 20), 1.0) == "failed"


@settings(deadline=None)
@given(st.integers(1, 5000), st.floats(0.01, 1.0), st.data())
def test_more_right_answers_never_hurt(total, floor, data):
    """The verdict is monotonic in the number of right answers."""
    order = ["failed", "person", "passed"]
    low, high = sorted(data.draw(st.integers(0, total)) for _ in range(2))
    assert order.index(judge(Accuracy(low, total), floor)) <= order.index(judge(Accuracy(high, total), floor))


@pytest.mark.parametrize("floor", [0, -0.1, 94, float("nan")])
def test_a_floor_is_a_share(floor):
    """94 is no share, and neither is NaN."""
    with pytest.raises(GraderError):
        judge(Accuracy(1, 2), floor)
