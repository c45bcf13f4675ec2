"""Checks on the highway layer: its values, its special cases, its Jacobian, and the same in a framework."""

import numpy as np
import pytest

from referee.checks import Misconception, assert_matches, assert_shape, assert_true
from referee.errors import StudentFault
from reference import highway

X, H, T = np.array([2.0, -1.0, 4.0]), np.array([0.5, 1.0, -1.0]), np.array([0.25, 1.0, 0.0])

SIDES = "H and x have changed places: which of them remains where the gate is closed?"
NO_CARRY = "this is H times T alone: what happens to the rest of the input?"
RESIDUAL = "the whole input is added: how much of it is carried while the gate is partly open?"
TRANSPOSED = "the weights are used transposed: which index of W belongs to the input?"
SWAPPED = "the weights of the transform and of the gate have changed places"
FUNCTIONS = "tanh and the sigmoid have changed places: which one gives a share between 0 and 1?"
NO_BIAS = "the biases are missing"
NO_TANH = "H is linear here: what follows the weighted sum?"
FIXED_GATE = "here the gate is held fixed: it depends on x, too, so the product rule has one more term"
NO_IDENTITY = "x itself also depends on x: what is its derivative, and by how much is it carried?"
JACOBIAN_T = "this is the transpose: does the first index belong to the result, or to the input?"
GATE_ONLY = "H depends on x: where is its derivative?"
MEASURED = "these are differences, which fail where the function is steep: wanted is the formula"
OPENED = "with this bias, so much is transformed: asked is how much is carried"
NATURAL = "is this the bias, or the share itself? Solve 1 - sigmoid(b) = carried for b"


def unseen(rng, size, bias=None):
    """Weights of a layer of this size; with `bias`, a gate that this bias alone decides."""
    weights = highway.Weights(*(rng.normal(size=shape) for shape in ((size, size), (size,), (size, size), (size,))))
    return weights if bias is None else weights._replace(b_t=np.full(size, bias))


def mixtures(h, t, x):
    """The wrong ways to mix."""
    return [
        Misconception("H and x on the wrong sides", SIDES, h * (1 - t) + x * t),
        Misconception("nothing carried", NO_CARRY, h * t),
        Misconception("all of x added", RESIDUAL, h * t + x),
    ]


def wrong_results(x, weights):
    """The usual wrong results of a layer, for any batch and weights."""
    w_h, b_h, w_t, b_t = weights
    h, t = highway.transform(x, weights), highway.gate(x, weights)
    other, zeros = highway.Weights(w_h.T, b_h, w_t.T, b_t), np.zeros_like(b_h)
    h_sigmoid, t_tanh = highway.sigmoid(x @ w_h + b_h), np.tanh(x @ w_t + b_t)
    return [
        *mixtures(h, t, x),
        Misconception("transposed weights", TRANSPOSED, highway.highway(x, other)),
        Misconception("gate and transform swapped", SWAPPED, highway.highway(x, highway.Weights(w_t, b_t, w_h, b_h))),
        Misconception("tanh and sigmoid swapped", FUNCTIONS, h_sigmoid * t_tanh + x * (1 - t_tanh)),
        Misconception("no biases", NO_BIAS, highway.highway(x, highway.Weights(w_h, zeros, w_t, zeros))),
        Misconception("no tanh", NO_TANH, (x @ w_h + b_h) * t + x * (1 - t)),
    ]


@pytest.mark.check("y_by_hand")
def test_by_hand(student):
    """The three numbers of the small layer."""
    assert_matches(student["y_by_hand"], H * T + X * (1 - T), misconceptions=mixtures(H, T, X), what="y_by_hand")


@pytest.mark.check("highway", weight=2)
def test_highway_any_weights(student, rng):
    """Your highway works for other batches, sizes and weights."""
    for number, size in ((5, 3), (1, 6), (4, 1)):
        x, weights = rng.normal(size=(number, size)), unseen(rng, size)
        assert_matches(
            student.call("highway", x, *weights),
            highway.highway(x, weights),
            misconceptions=wrong_results(x, weights),
            what=f"highway for a batch of shape {x.shape}",
        )


@pytest.mark.check("highway")
def test_highway_closed_and_open(student, rng):
    """With a closed gate your highway gives x, and with an open one H(x)."""
    x = rng.normal(size=(3, 4))
    for bias, name in ((-60.0, "a closed gate"), (60.0, "an open gate")):
        weights = unseen(rng, 4, bias)
        expected = x if bias < 0 else highway.transform(x, weights)
        wrong = [Misconception("H and x on the wrong sides", SIDES, highway.transform(x, weights) if bias < 0 else x)]
        assert_matches(student.call("highway", x, *weights), expected, misconceptions=wrong, what=f"y with {name}")


@pytest.mark.check("highway")
def test_highway_measured(student, rng):
    """Measured on your highway, the Jacobian is I with a closed gate, and H' with an open one."""
    x = rng.normal(size=4)
    for bias, name in ((-60.0, "a closed gate"), (60.0, "an open gate")):
        weights = unseen(rng, 4, bias)
        answers = student.call("highway", highway.probes(x, 1e-3), *weights)
        assert_shape(answers, (8, 4), what="the result for eight inputs")
        expected = np.eye(4) if bias < 0 else highway.transform_jacobian(x, weights)
        measured = highway.measured_jacobian(np.real(answers), 1e-3)
        assert_matches(measured, expected, rtol=1e-3, atol=1e-3, what=f"dy/dx, measured with {name}")


def wrong_jacobians(x, weights):
    """The usual wrong Jacobians."""
    t, right = highway.gate(x, weights), highway.jacobian(x, weights)
    h, by_h = highway.transform(x, weights), highway.transform_jacobian(x, weights)
    by_t = (h - x)[:, np.newaxis] * highway.gate_jacobian(x, weights)
    opened, carried = t[:, np.newaxis] * by_h, np.diag(1 - t)
    transposed = highway.Weights(weights.w_h.T, weights.b_h, weights.w_t.T, weights.b_t)
    factors = t[:, np.newaxis] * (1 - h**2)[:, np.newaxis] * transposed.w_h.T
    gates = ((h - x) * t * (1 - t))[:, np.newaxis] * transposed.w_t.T
    return [
        Misconception("gate held fixed", FIXED_GATE, opened + carried),
        Misconception("carried x forgotten", NO_IDENTITY, opened + by_t),
        Misconception("derivative of H forgotten", GATE_ONLY, by_t + carried),
        Misconception("transposed Jacobian", JACOBIAN_T, right.T),
        Misconception("transposed weights", TRANSPOSED, factors + gates + carried),
    ]


@pytest.mark.check("jacobian", weight=3)
def test_jacobian_any_weights(student, rng):
    """Your jacobian is right for other inputs and weights."""
    for size in (3, 5, 1):
        x, weights = rng.normal(size=size), unseen(rng, size)
        assert_matches(
            student.call("jacobian", x, *weights),
            highway.jacobian(x, weights),
            misconceptions=wrong_jacobians(x, weights),
            what=f"the Jacobian for {size} units",
            hint="compare with finite differences, as the cell above does: which term is off?",
        )


@pytest.mark.check("jacobian")
def test_jacobian_measured(student, rng):
    """Your jacobian is what finite differences measure on your own highway."""
    x, weights = rng.normal(size=4), unseen(rng, 4)
    answers = student.call("highway", highway.probes(x, 1e-3), *weights)
    assert_shape(answers, (8, 4), what="the result of your highway for eight inputs")
    answer = student.call("jacobian", x, *weights)
    assert_shape(answer, (4, 4), what="the Jacobian for four units")
    measured = highway.measured_jacobian(np.real(answers), 1e-3)
    assert_matches(answer, measured, rtol=1e-3, atol=1e-3, misconceptions=wrong_jacobians(x, weights))


@pytest.mark.check("jacobian")
def test_jacobian_steep(student, rng):
    """Your jacobian is a formula: it is also right for tiny inputs and huge weights, where differences fail."""
    x, (w_h, b_h, w_t, b_t) = 1e-6 * rng.normal(size=3), unseen(rng, 3)
    weights = highway.Weights(1e6 * w_h, b_h, 1e6 * w_t, b_t)
    differences = [
        highway.numerical_jacobian(lambda batch: highway.highway(batch, weights), x, 10.0**power)
        for power in range(-8, -2)
    ]
    assert_matches(
        student.call("jacobian", x, *weights),
        highway.jacobian(x, weights),
        misconceptions=[Misconception("measured instead of derived", MEASURED, value) for value in differences],
    )


@pytest.mark.check("jacobian")
def test_jacobian_closed_and_open(student, rng):
    """With a closed gate your jacobian is the identity, and with an open one H'."""
    x = rng.normal(size=4)
    for bias, name in ((-60.0, "a closed gate"), (60.0, "an open gate")):
        weights = unseen(rng, 4, bias)
        expected = np.eye(4) if bias < 0 else highway.transform_jacobian(x, weights)
        assert_matches(student.call("jacobian", x, *weights), expected, what=f"the Jacobian with {name}")


def layer_of(student, framework, weights):
    """The student's layer with these weights, built anew."""
    return student.build("highway_layer" if framework == "keras" else "HighwayLayer", *weights)


@pytest.mark.check("layer", weight=2)
def test_layer_any_weights(student, framework, rng):
    """Your layer computes the same for other batches, sizes and weights."""
    for number, size in ((5, 3), (2, 6)):
        x, weights = rng.normal(size=(number, size)), unseen(rng, size)
        assert_matches(
            layer_of(student, framework, weights).predict(x.astype(np.float32)),
            highway.highway(x, weights),
            rtol=1e-2,
            atol=2e-2,
            misconceptions=wrong_results(x, weights),
            what=f"the result of your layer for a batch of shape {x.shape}",
        )


@pytest.mark.check("layer")
def test_layer_weights(student, framework, rng):
    """Your layer holds two matrices and two biases as weights of its own, so that it could be trained."""
    weights = unseen(rng, 3)
    layer = layer_of(student, framework, weights)
    held, left = layer.weights(), list(weights)
    for array in held:
        fits = [w for w in left if any(_close(array, form) for form in (w, w.T))]
        left = [w for w in left if not any(w is found for found in fits[:1])]
    assert_true(
        len(held) == 4 and not left,
        f"your layer holds {len(held)} weights, and {len(left)} of the four arrays are not among them",
        "load the arrays as the weights of two layers, one for H and one for T",
    )
    assert_true(
        _trainable(layer, weights) == sum(array.size for array in weights),
        "not all weights of your layer can be trained",
        "the weights of both layers are to be learned later",
    )


def _trainable(layer, weights):
    """How many numbers can be trained; of a layer of the student's own that cannot be listed, all are believed to."""
    try:
        return layer.layers(np.zeros((1, len(weights.b_h)), dtype=np.float32)).trainable
    except StudentFault:
        return sum(array.size for array in weights)


def _close(array, form):
    """Whether a weight is this array, as float32 would hold it."""
    return (
        array.shape == form.shape and array.dtype.kind == "f" and bool(np.allclose(array, form, rtol=1e-4, atol=1e-5))
    )


@pytest.mark.check("gate_bias")
def test_gate_bias(student, rng):
    """Your gate_bias carries the share that is asked for."""
    for carried in (0.9, 0.02, *rng.uniform(0.05, 0.95, size=3).tolist()):
        wrong = [
            Misconception("transformed instead of carried", OPENED, highway.gate_bias(1 - carried)),
            Misconception("share instead of bias", NATURAL, float(highway.sigmoid(-carried))),
            Misconception("share instead of bias", NATURAL, 1 - carried),
        ]
        assert_matches(
            student.call("gate_bias", carried),
            highway.gate_bias(carried),
            rtol=1e-6,
            misconceptions=wrong,
            what=f"the bias that carries {carried:.2f}",
        )
