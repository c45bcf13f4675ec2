"""Checks on the causal convolution: the deck's toy example, unseen series, and no look into the future."""

import numpy as np
import pytest

from referee.checks import Misconception, assert_causal, assert_matches, assert_shape, assert_true
from reference import causal

X, KERNEL = [10.0, 20.0, 30.0], [1.0, 2.0]
CASES = ((2, 1), (3, 1), (4, 2), (2, 5), (1, 3), (5, 3))  # kernel sizes and dilations

FLIPPED = "the kernel is read backwards: does its last number belong to the present, or to the past?"
SAME = "this looks one or more steps ahead: where do all the zeros belong, at the beginning or at both ends?"
UNPADDED = "the result is shorter than the series: what stands before its beginning?"
UNDILATED = "this is the result without dilation: how far apart are the steps that the kernel looks at?"


def misconceptions(x, kernel, dilation=1):
    """The usual wrong results, for any series and kernel."""
    return [
        Misconception("flipped kernel", FLIPPED, causal.flipped_causal_conv1d(x, kernel, dilation)),
        Misconception("'same' instead of causal", SAME, causal.same_conv1d(x, kernel, dilation)),
        Misconception("unpadded", UNPADDED, causal.unpadded_conv1d(x, kernel, dilation)),
        Misconception("no dilation", UNDILATED, causal.causal_conv1d(x, kernel)),
    ]


def through_layer(student, series, kernel, dilation):
    """What the student's layer makes of series (N, T), as (N, T), whatever its framework's layout."""
    axis = 2 if str(student["framework"]) == "keras" else 1  # where the channel is
    batch = np.expand_dims(np.asarray(series, dtype=np.float32), axis)
    outputs = student.build("causal_layer", kernel, dilation).predict(batch)
    assert_true(
        outputs.ndim == 3 and outputs.shape[axis] == 1,
        f"the layer's result has the shape {outputs.shape}, for an input of the shape {batch.shape}",
        "series, steps and one channel go in and come out; how many filters are there?",
    )
    return np.squeeze(outputs, axis=axis)


@pytest.mark.check("y_by_hand")
def test_toy_values(student):
    """The three numbers of the toy example."""
    assert_matches(student["y_by_hand"], causal.causal_conv1d(X, KERNEL), misconceptions=misconceptions(X, KERNEL))


@pytest.mark.check("causal_conv1d")
def test_function_toy(student):
    """Your causal_conv1d gives the three numbers of the toy example as float64, for whole numbers as well."""
    for kind in (np.float64, np.int16, np.uint8):
        x, kernel = np.array(X, dtype=kind), np.array(KERNEL, dtype=kind)
        assert_matches(
            student.call("causal_conv1d", x, kernel),
            causal.causal_conv1d(x, kernel),
            dtype="float64",
            misconceptions=misconceptions(x, kernel),
        )


@pytest.mark.check("causal_conv1d", weight=2)
def test_function_any_series(student, rng):
    """Your causal_conv1d works for other series, kernels and dilations."""
    for size, dilation in CASES:
        x, kernel = rng.normal(size=17), rng.normal(size=size)
        assert_matches(
            student.call("causal_conv1d", x, kernel, dilation),
            causal.causal_conv1d(x, kernel, dilation),
            misconceptions=misconceptions(x, kernel, dilation),
            what=f"causal_conv1d for a kernel of size {size} and dilation {dilation}",
        )


@pytest.mark.check("causal_conv1d")
def test_function_short_series(student, rng):
    """Your causal_conv1d also works where the kernel reaches back beyond the whole series."""
    x, kernel = rng.normal(size=3), rng.normal(size=4)
    assert_matches(student.call("causal_conv1d", x, kernel, 2), causal.causal_conv1d(x, kernel, 2))


@pytest.mark.check("causal_conv1d")
def test_function_looks_not_ahead(student, rng):
    """Changing x[t] changes no result of your causal_conv1d before t, and does change the one at t."""
    x, kernel = rng.normal(size=12), rng.uniform(0.5, 1.5, size=3)
    t = int(rng.integers(4, 9))
    changed = x.copy()
    changed[t] += 10.0
    before, after = (student.call("causal_conv1d", series, kernel, 2) for series in (x, changed))
    assert_looks_not_ahead(before, after, t, len(x))


@pytest.mark.check("causal_layer")
def test_layer_toy(student):
    """Your layer gives the three numbers of the toy example."""
    actual = through_layer(student, [X], np.array(KERNEL), 1)
    wrong = [
        Misconception(mistake.name, mistake.hint, np.asarray(mistake.value)[np.newaxis])
        for mistake in misconceptions(X, KERNEL)
    ]
    assert_matches(actual, causal.causal_conv1d(X, KERNEL)[np.newaxis], rtol=1e-4, atol=1e-3, misconceptions=wrong)


@pytest.mark.check("causal_layer", weight=2)
def test_layer_any_series(student, rng):
    """Your layer works for a batch of other series, and for other kernels and dilations."""
    for size, dilation in CASES:
        series, kernel = rng.normal(size=(3, 17)), rng.normal(size=size)
        wrong = [misconceptions(x, kernel, dilation) for x in series]
        assert_matches(
            through_layer(student, series, kernel, dilation),
            np.stack([causal.causal_conv1d(x, kernel, dilation) for x in series]),
            rtol=1e-4,
            atol=1e-4,
            misconceptions=[
                Misconception(same[0].name, same[0].hint, np.stack([mistake.value for mistake in same]))
                for same in zip(*wrong, strict=True)
            ],
            what=f"your layer for a kernel of size {size} and dilation {dilation}",
        )


@pytest.mark.check("causal_layer")
def test_layer_looks_not_ahead(student, rng):
    """Changing x[t] changes no result of your layer before t, and does change the one at t."""
    x, kernel = rng.normal(size=12), rng.uniform(0.5, 1.5, size=3)
    t = int(rng.integers(4, 9))
    changed = x.copy()
    changed[t] += 10.0
    before, after = (through_layer(student, [series], kernel, 2)[0] for series in (x, changed))
    assert_looks_not_ahead(before, after, t, len(x))


@pytest.mark.check("affected")
def test_affected(student):
    """The steps at which the result changes."""
    wrong = [
        Misconception("no dilation", UNDILATED, causal.affected_steps(12, 5, 3, 1)),
        Misconception(
            "the steps that y[5] depends on",
            "these are the steps that influence y[5]; asked is the other direction: which results does x[5] influence?",
            [1, 3, 5],
        ),
        Misconception("centred", "some of these lie before the change: can a causal convolution know?", [3, 5, 7]),
        Misconception("without the present", "does the kernel's last number see the changed step itself?", [7, 9]),
    ]
    assert_matches(student["affected"], causal.affected_steps(12, 5, 3, 2), misconceptions=wrong, what="affected")


def assert_looks_not_ahead(before, after, t, length):
    """Nothing before t differs, and something at t does: a result of zeros alone would be causal, too."""
    for values in (before, after):
        assert_shape(values, (length,), what="the result")
    assert_causal(before, after, t, what="the result", hint=SAME)
    assert_true(
        np.asarray(after)[t] != np.asarray(before)[t],
        "the result at the changed step itself is the same as before",
        "the present belongs to what a causal convolution sees",
    )
