"""Checks on one dense layer with a softmax: logits, probabilities, cost, gradients, one step, and a training."""

import numpy as np
import pytest

from referee.checks import Misconception, assert_matches, assert_shape, assert_true
from reference import softmax_regression as reference

SIZES = (
    (4, 3, 5),
    (7, 5, 2),
    (1, 2, 3),
)  # examples, inputs and classes; no two alike, so that no axis passes for another
RATE, STEPS = 0.5, 50

NO_BIAS = "where does the bias come in?"
OVERFLOW = "some power is too large for float64, or all of a row are 0: what may you take away from the logits first?"
ONE_MAXIMUM = "one number was taken away from the whole mini-batch: a row far below it has nothing but zeros left"
WRONG_AXIS = "the columns add up to 1: over which axis does each example have its own sum?"
WHOLE_BATCH = "the whole mini-batch together adds up to 1: each example needs its own sum"
NOT_NORMALIZED = "these are the powers: by what does the softmax divide them?"
SUM = "this is the sum over the mini-batch: the cost is its mean"
MEAN_OF_ALL = "the mean was taken over the classes, too: how many terms has the mean in the formula?"
OTHER_BASE = "this is the right cost in another unit: which logarithm does the formula have?"
NO_SIGN = "the logarithm of a probability is negative, the cost is not"
NAN = "a probability of a wrong class may be exactly 0: what has to become of 0 ln 0?"
BINARY = "this counts the wrong classes, too, with ln(1 - p): the formula has one term for each example"
BEST_GUESS = "this is the cost of the class that the network prefers: which class counts?"
UPHILL = "the sign is turned: does the cost grow or fall in the direction of the gradient?"
NOT_AVERAGED = "this is the gradient of the sum: what does the mean in the cost do to it?"
NO_LABELS = "the labels are missing: what is p compared with?"
LOGITS = "the labels are compared with the logits: what stands between logits and cost?"
AVERAGED_TWICE = "there is one division too many"
RATE_IGNORED = "how large is the step? The learning rate has no part in it"
ONE_STANDS_STILL = "weights and biases both take the step, here one of them stands still"
NEW_WEIGHTS = "the gradient by the biases was taken after the weights had changed: both belong to the old place"


def problem(rng, examples, inputs, classes):
    """An unseen mini-batch, weights, biases and one-hot labels."""
    x, w, b = rng.normal(size=(examples, inputs)), rng.normal(size=(inputs, classes)), rng.normal(size=classes)
    return x, w, b, np.eye(classes)[rng.integers(0, classes, size=examples)]


def two_of(answer, name):
    """The two arrays that a function returns."""
    two = isinstance(answer, list | tuple) and len(answer) == 2
    assert_true(two, f"{name} does not return two arrays", "end with: return ..., ...")
    return answer


@pytest.mark.check("dense")
def test_dense_any_batch(student, rng):
    """Your dense works for any mini-batch and any layer."""
    for sizes in SIZES:
        x, w, b, _ = problem(rng, *sizes)
        wrong = [Misconception("no bias", NO_BIAS, x @ w)]
        assert_matches(student.call("dense", x, w, b), reference.dense(x, w, b), misconceptions=wrong)


def softmax_misconceptions(z):
    """The usual wrong probabilities, for any logits."""
    with np.errstate(all="ignore"):
        powers = np.exp(z)
        lowered = np.exp(z - np.max(z))
        return [
            Misconception("overflow", OVERFLOW, powers / np.sum(powers, axis=1, keepdims=True)),
            Misconception("one maximum for all", ONE_MAXIMUM, lowered / np.sum(lowered, axis=1, keepdims=True)),
            Misconception("wrong axis", WRONG_AXIS, reference.softmax(z.T).T),
            Misconception("one sum for all", WHOLE_BATCH, lowered / np.sum(lowered)),
            Misconception("not normalized", NOT_NORMALIZED, powers),
            Misconception("not normalized", NOT_NORMALIZED, np.exp(z - np.max(z, axis=1, keepdims=True))),
        ]


def assert_softmax(student, z):
    """The student's softmax agrees with the reference."""
    answer = student.call("softmax", z)
    assert_matches(answer, reference.softmax(z), misconceptions=softmax_misconceptions(z), what="the probabilities")


@pytest.mark.check("softmax", weight=2)
def test_softmax_any_batch(student, rng):
    """Your softmax works for mini-batches of any size."""
    for shape in ((5, 3), (2, 6), (4, 4), (1, 2)):
        assert_softmax(student, rng.normal(scale=2.0, size=shape))


@pytest.mark.check("softmax", weight=2)
def test_softmax_large_logits(student, rng):
    """Your softmax is right for logits of 1000 and of -1000, also where one mini-batch holds both."""
    near = rng.normal(size=(3, 4))
    assert_softmax(student, near + 1000.0)
    assert_softmax(student, near - 1000.0)
    assert_softmax(student, near + np.array([[1000.0], [-1000.0], [0.0]]))


def cross_entropy_misconceptions(p, y):
    """The usual wrong costs, for any probabilities and labels."""
    right, (examples, classes) = reference.cross_entropy(p, y), p.shape
    with np.errstate(all="ignore"):
        naive = -np.sum(y * np.log(p)) / examples
        binary = -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)) / examples
    return [
        Misconception("0 ln 0", NAN, naive),
        Misconception("sum instead of mean", SUM, right * examples),
        Misconception("mean over the classes, too", MEAN_OF_ALL, right / classes),
        Misconception("other logarithm", OTHER_BASE, right / np.log(2)),
        Misconception("other logarithm", OTHER_BASE, right / np.log(10)),
        Misconception("sign", NO_SIGN, -right),
        Misconception("binary cross-entropy", BINARY, binary),
        Misconception("binary cross-entropy", BINARY, binary / classes),
        Misconception("the preferred class", BEST_GUESS, float(np.mean(-np.log(np.max(p, axis=1))))),
    ]


@pytest.mark.check("cross_entropy", weight=2)
def test_cross_entropy_any_batch(student, rng):
    """Your cross_entropy works for any probabilities and labels, and is a mean over the mini-batch."""
    for examples, _, classes in (*SIZES, (6, 1, 4)):
        p = reference.softmax(rng.normal(scale=2.0, size=(examples, classes)))
        y = np.eye(classes)[rng.integers(0, classes, size=examples)]
        assert_matches(
            student.call("cross_entropy", p, y),
            reference.cross_entropy(p, y),
            misconceptions=cross_entropy_misconceptions(p, y),
            what=f"the cost of {examples} examples and {classes} classes",
        )


@pytest.mark.check("cross_entropy")
def test_cross_entropy_certain(student, rng):
    """Your cross_entropy is a number also where wrong classes have a probability of exactly 0."""
    labels = rng.integers(0, 3, size=5)
    y = np.eye(3)[labels]
    p = reference.softmax(rng.normal(size=(5, 3)))
    p[np.arange(5), (labels + 1) % 3] = 0.0
    p /= p.sum(axis=1, keepdims=True)
    p[0] = y[0]
    assert_matches(
        student.call("cross_entropy", p, y),
        reference.cross_entropy(p, y),
        misconceptions=cross_entropy_misconceptions(p, y),
        what="the cost",
    )


def gradient_misconceptions(x, w, b, y):
    """The usual wrong gradients, as lists of mistakes in the one by the weights and in the one by the biases."""
    z = reference.dense(x, w, b)
    error, (examples, classes) = reference.softmax(z) - y, y.shape
    by_logits = [
        Misconception("sign", UPHILL, -error / examples),
        Misconception("sum instead of mean", NOT_AVERAGED, error),
        Misconception("mean over the classes, too", AVERAGED_TWICE, error / examples / classes),
        Misconception("divided twice", AVERAGED_TWICE, error / examples**2),
        Misconception("no labels", NO_LABELS, (error + y) / examples),
        Misconception("no softmax", LOGITS, (z - y) / examples),
    ]
    by_weights = [Misconception(wrong.name, wrong.hint, x.T @ wrong.value) for wrong in by_logits]
    by_biases = [Misconception(wrong.name, wrong.hint, np.sum(wrong.value, axis=0)) for wrong in by_logits]
    return by_weights, by_biases


def assert_gradients(student, x, w, b, y):
    """The student's gradients agree with the reference."""
    answer = two_of(student.call("gradients", x, w, b, y), "gradients")
    right, wrong = reference.gradients(x, w, b, y), gradient_misconceptions(x, w, b, y)
    for actual, expected, mistakes, name in zip(answer, right, wrong, ("weights", "biases"), strict=True):
        assert_matches(actual, expected, misconceptions=mistakes, what=f"the gradient by the {name}")


@pytest.mark.check("gradients", weight=3)
def test_gradients_any_batch(student, rng):
    """Your gradients are right for any mini-batch and any layer."""
    for sizes in SIZES:
        assert_gradients(student, *problem(rng, *sizes))


@pytest.mark.check("gradients")
def test_gradients_large_logits(student, rng):
    """Your gradients are numbers also where the logits are about 1000."""
    x, w, b, y = problem(rng, 6, 2, 3)
    assert_gradients(student, x, w, b + rng.permutation([1000.0, 999.0, -1000.0]), y)


@pytest.mark.check("step", weight=2)
def test_step_any_batch(student, rng):
    """Your step is right for any mini-batch, layer and learning rate."""
    for sizes, rate in zip(SIZES, (0.1, 2.0, 0.01), strict=True):
        x, w, b, y = problem(rng, *sizes)
        by_weights, by_biases = reference.gradients(x, w, b, y)
        new_w, new_b = w - rate * by_weights, b - rate * by_biases
        late = b - rate * reference.gradients(x, new_w, b, y)[1]
        early = w - rate * reference.gradients(x, w, new_b, y)[0]
        for_weights = [
            Misconception("uphill", UPHILL, w + rate * by_weights),
            Misconception("no learning rate", RATE_IGNORED, w - by_weights),
            Misconception("one stands still", ONE_STANDS_STILL, w),
            Misconception("gradient at the new place", NEW_WEIGHTS, early),
            Misconception("sum instead of mean", NOT_AVERAGED, w - rate * len(x) * by_weights),
        ]
        for_biases = [
            Misconception("uphill", UPHILL, b + rate * by_biases),
            Misconception("no learning rate", RATE_IGNORED, b - by_biases),
            Misconception("one stands still", ONE_STANDS_STILL, b),
            Misconception("gradient at the new place", NEW_WEIGHTS, late),
            Misconception("sum instead of mean", NOT_AVERAGED, b - rate * len(x) * by_biases),
        ]
        weights, biases = two_of(student.call("step", x, w, b, y, rate), "step")
        assert_matches(weights, new_w, misconceptions=for_weights, what=f"the new weights for the rate {rate}")
        assert_matches(biases, new_b, misconceptions=for_biases, what=f"the new biases for the rate {rate}")


@pytest.mark.check("step")
def test_step_leaves_the_old(student, rng):
    """Your step leaves the given weights and biases as they are."""
    x, w, b, y = problem(rng, 4, 3, 2)
    answer = student.outcome("step", x, w, b, y, 0.3)
    right = reference.step(x, w, b, y, 0.3)
    assert_true(
        not answer.changed,
        f"step changes its {' and its '.join(answer.changed)}",
        "w -= ... changes the array that was given; w = w - ... makes a new one",
    )
    for actual, expected in zip(two_of(answer.value, "step"), right, strict=True):
        assert_matches(actual, expected, what="what step returns")


@pytest.mark.check("train", weight=3)
def test_training(student):
    """losses, weights and biases are those of 50 steps from zeros with the learning rate 0.5."""
    x, y = student["X"], student["Y"]
    for values, shape, name in ((x, (60, 2), "X"), (y, (60, 3), "Y")):
        assert_shape(values, shape, what=name)
        fine = np.asarray(values).dtype == np.float64 and bool(np.all(np.abs(np.asarray(values)) < 100))
        assert_true(fine, f"{name} is not what it was", "leave the given points and labels as they are")
    x, y = np.asarray(x), np.asarray(y)
    right = reference.train(x, y, RATE, STEPS)
    one_more = reference.train(x, y, RATE, STEPS + 1)
    faster = reference.train(x, y, RATE * len(x), STEPS)
    wrong = [
        Misconception(
            "the cost after each step",
            "these are the costs after each step: asked are those before",
            one_more.losses[1:],
        ),
        Misconception("sum instead of mean", SUM, [len(x) * loss for loss in right.losses]),
        Misconception("gradient of the sum", NOT_AVERAGED, faster.losses),
    ]
    assert_matches(student["losses"], right.losses, rtol=1e-6, atol=1e-9, misconceptions=wrong, what="losses")
    missed = [
        Misconception("a step too few", "these belong to the step before the last", _after(x, y, STEPS - 1)),
        Misconception("a step too many", "these belong to a step after the last", _after(x, y, STEPS + 1)),
    ]
    weights, biases = student["weights"], student["biases"]
    assert_shape(weights, (2, 3), what="weights")
    assert_shape(biases, (3,), what="biases")
    together = np.vstack([np.asarray(weights), np.asarray(biases)[np.newaxis]])
    expected = np.vstack([right.weights, right.biases[np.newaxis]])
    assert_matches(together, expected, rtol=1e-6, atol=1e-9, misconceptions=missed, what="weights and biases")


def _after(x, y, steps):
    """The weights above the biases after so many steps."""
    training = reference.train(x, y, RATE, steps)
    return np.vstack([training.weights, training.biases[np.newaxis]])
