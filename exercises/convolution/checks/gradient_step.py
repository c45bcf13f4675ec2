"""Checks that run in your own notebook: the small examples of the text, worked out by hand."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape, assert_true

X, Y = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0]])
W, B = np.zeros((2, 2)), np.zeros(2)


def two_of(answer, name):
    """The two arrays that a function returns."""
    two = isinstance(answer, list | tuple) and len(answer) == 2
    assert_true(two, f"{name} does not return two arrays", "end with: return ..., ...")
    return answer


@pytest.mark.check("dense")
def test_dense_example(student):
    """Your dense gives the logits 5, 2 and 9 for the small example."""
    w, b = np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]), np.array([0.0, 0.0, 10.0])
    assert_matches(student.call("dense", X, w, b), np.array([[5.0, 2.0, 9.0]]))


@pytest.mark.check("softmax")
def test_softmax_example(student):
    """Your softmax gives 1/6, 1/3 and 1/2 for the logits ln 1, ln 2 and ln 3."""
    assert_matches(student.call("softmax", np.log([[1.0, 2.0, 3.0]])), np.array([[1 / 6, 1 / 3, 1 / 2]]))


@pytest.mark.check("cross_entropy")
def test_cross_entropy_example(student):
    """Your cross_entropy gives 2 ln 2 for the two examples of the text."""
    p, y = np.array([[0.5, 0.25, 0.25], [0.375, 0.5, 0.125]]), np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert_matches(student.call("cross_entropy", p, y), 2 * np.log(2))


@pytest.mark.check("gradients")
def test_gradients_example(student):
    """Your gradients are those of the small example."""
    by_weights, by_biases = two_of(student.call("gradients", X, W, B, Y), "gradients")
    assert_matches(by_weights, np.array([[-0.5, 0.5], [-1.0, 1.0]]), what="the gradient by the weights")
    assert_matches(by_biases, np.array([-0.5, 0.5]), what="the gradient by the biases")


@pytest.mark.check("step")
def test_step_example(student):
    """Your step goes where the small example goes."""
    weights, biases = two_of(student.call("step", X, W, B, Y, 0.1), "step")
    assert_matches(weights, np.array([[0.05, -0.05], [0.1, -0.1]]), what="the new weights")
    assert_matches(biases, np.array([0.05, -0.05]), what="the new biases")


@pytest.mark.check("train")
def test_train_shapes(student):
    """There are 50 losses, the last one is smaller than the first, and the weights and biases have their shapes."""
    losses = student["losses"]
    assert_shape(losses, (50,), what="losses")
    assert_shape(student["weights"], (2, 3), what="weights")
    assert_shape(student["biases"], (3,), what="biases")
    fallen = bool(np.asarray(losses)[-1] < np.asarray(losses)[0])
    assert_true(fallen, "the cost has not fallen from the first step to the last", "which way does the gradient point?")
