"""Checks on the residual block, with and without projection, and on the gradient that reaches a first layer."""

import numpy as np
import pytest

from referee.checks import Misconception, assert_matches, assert_shape, assert_true
from referee.errors import StudentFault
from reference import image_layers, residual

SLOPES = np.array([0.5, -0.2, 0.1, 0.4])

PLAIN = "this is the derivative of the plain stack: what does the shortcut add to each layer's derivative?"
ADDED = "the chain rule multiplies: a stack is one function after the other"
ONE_SHORTCUT = "this is one shortcut around the whole stack; here each layer has its own"
LAST_RELU = "a ReLU follows the addition: the text wants the shortcut left clean"
RELU_BEFORE = "F is never negative here: what follows the second convolution?"
NO_RELU = "F is linear here: what stands between the two convolutions?"
NO_SHORTCUT = "this is F(x) alone: what is added to it?"
NO_BIAS = "the biases are missing"
KERNELS = "the two convolutions have changed places"
STRIDE = "the second convolution takes the steps: which of the two has the stride?"
SHORT_ONLY = "this is the shortcut alone: where is F?"
NO_MEAN = "every example of the batch is counted in full: the cost is their mean"
MEAN_OF_ALL = "the outputs of one example are summed, not averaged"
LAST = "this is the gradient of the last layer: asked is the first one"
OTHER_STACK = "this is the gradient of the other stack: what does `residual` say?"
FROM_INPUT = "the shortcuts all come from the input x: what does each layer add to?"
SQUARED = "this is the sum of all squares: what is its root?"
ANOTHER = "this is another norm of the matrix: wanted is the root of the sum of all squares"
REVERSED = "the two norms are in the wrong order"


@pytest.mark.check("slopes")
def test_plain_slope(student):
    """The derivative of the plain stack."""
    wrong = [Misconception("sum instead of product", ADDED, SLOPES.sum())]
    assert_matches(student["plain_slope"], np.prod(SLOPES), misconceptions=wrong, what="plain_slope")


@pytest.mark.check("slopes")
def test_residual_slope(student):
    """The derivative of the residual stack."""
    wrong = [
        Misconception("shortcuts forgotten", PLAIN, np.prod(SLOPES)),
        Misconception("one shortcut around all", ONE_SHORTCUT, 1 + np.prod(SLOPES)),
        Misconception("sum instead of product", ADDED, np.sum(1 + SLOPES)),
        Misconception("sum instead of product", ADDED, 1 + np.sum(SLOPES)),
    ]
    assert_matches(student["residual_slope"], np.prod(1 + SLOPES), misconceptions=wrong, what="residual_slope")


def unseen(rng, channels, filters, *, projection=False):
    """Weights of a block, of a size at which the results are about as large as the input."""
    kernels = (3, 3, channels, filters), (3, 3, filters, filters), (1, 1, channels, filters)
    first, second, short = (rng.normal(size=shape) / np.sqrt(np.prod(shape[:3])) for shape in kernels)
    biases = rng.normal(size=(2, filters))
    return residual.Block(first, biases[0], second, biases[1], short if projection else None)


def build(student, framework, weights, *stride):
    """The student's block with these weights, in the layout of the framework, and the arrays that it was given."""
    given = [w.transpose(3, 2, 0, 1) if framework == "torch" and w.ndim == 4 else w for w in weights if w is not None]
    if weights.projection is None and stride:
        given.append(None)
    return student.build("residual_block" if framework == "keras" else "ResidualBlock", *given, *stride), given


def results(model, framework, batch):
    """What a block makes of a batch (N, H, W, C), as (N, H, W, filters), whatever its framework's layout."""
    if framework == "keras":
        return model.predict(np.ascontiguousarray(batch, dtype=np.float32))
    outputs = model.predict(np.ascontiguousarray(batch.transpose(0, 3, 1, 2), dtype=np.float32))
    assert_true(outputs.ndim == 4, f"the block's result has {outputs.ndim} axes, for a batch of images with 4")
    return outputs.transpose(0, 2, 3, 1)


def wrong_blocks(batch, weights, stride, padding):
    """The usual wrong results of a block."""
    zero = np.zeros_like(weights.bias1)
    right, short = residual.block(batch, weights, stride, padding), residual.shortcut(batch, weights, stride)
    hidden = image_layers.convolve(batch, weights.kernel1, weights.bias1, stride, padding)
    wide = image_layers.relu(image_layers.convolve(batch, weights.kernel1, weights.bias1, 1, padding))
    late = image_layers.convolve(wide, weights.kernel2, weights.bias2, stride, padding)
    linear = image_layers.convolve(hidden, weights.kernel2, weights.bias2, 1, padding)
    unbiased = residual.block(batch, weights._replace(bias1=zero, bias2=zero), stride, padding)
    found = [
        Misconception("ReLU after the addition", LAST_RELU, image_layers.relu(right)),
        Misconception("ReLU before the addition", RELU_BEFORE, short + image_layers.relu(right - short)),
        Misconception("no ReLU in between", NO_RELU, short + linear),
        Misconception("no shortcut", NO_SHORTCUT, right - short),
        Misconception("shortcut alone", SHORT_ONLY, short),
        Misconception("no biases", NO_BIAS, unbiased),
        Misconception("stride in the second convolution", STRIDE, short + late),
    ]
    if weights.kernel1.shape == weights.kernel2.shape:
        swapped = residual.Block(weights.kernel2, weights.bias2, weights.kernel1, weights.bias1, weights.projection)
        found.append(Misconception("convolutions swapped", KERNELS, residual.block(batch, swapped, stride, padding)))
    return found


def assert_block(student, framework, rng, weights, size, *stride):
    """The student's block gives what the reference gives, on a batch of unseen images."""
    steps, padding = stride[0] if stride else 1, "same" if framework == "keras" else 1
    batch = rng.normal(size=(2, *size, weights.kernel1.shape[2]))
    model, _ = build(student, framework, weights, *stride)
    assert_matches(
        results(model, framework, batch),
        residual.block(batch, weights, steps, padding),
        rtol=1e-2,
        atol=2e-2,
        misconceptions=wrong_blocks(batch, weights, steps, padding),
        what=f"the result of your block for a {size[0]}x{size[1]} image, stride {steps}",
        hint="compare with the text: convolution, ReLU, convolution, and the shortcut",
    )


def assert_holds(model, given, example):
    """The block holds the given arrays as weights of its own, which can be trained."""
    held, wanted = model.weights(), [array for array in given if array is not None]
    left = [array for array in wanted if not any(_close(weight, array) for weight in held)]
    assert_true(
        len(held) == len(wanted) and not left,
        f"your block holds {len(held)} weights, {len(wanted)} arrays were given, and {len(left)} of those are missing",
        "each convolution keeps its kernel (and bias) as its weights, without copies and without others",
    )
    try:
        trainable = model.layers(example).trainable
    except StudentFault:  # a layer of the student's own that cannot be listed: believed
        return
    assert_true(trainable == sum(array.size for array in wanted), "not all weights of your block can be trained")


def _close(weight, array):
    """Whether a weight is this array, as float32 would hold it."""
    alike = weight.shape == array.shape and weight.dtype.kind == "f"
    return alike and bool(np.allclose(weight, array, rtol=1e-4, atol=1e-5))


@pytest.mark.check("same_shape")
def test_identity(student, framework, rng):
    """Where F is zero, your block gives back x, negative numbers, too."""
    weights = unseen(rng, 3, 3)
    silent = weights._replace(kernel2=np.zeros_like(weights.kernel2), bias2=np.zeros(3))
    batch = rng.normal(size=(2, 5, 6, 3))
    model, _ = build(student, framework, silent)
    wrong = [Misconception("ReLU after the addition", LAST_RELU, image_layers.relu(batch))]
    assert_matches(results(model, framework, batch), batch, rtol=1e-3, atol=1e-3, misconceptions=wrong)


@pytest.mark.check("same_shape", weight=2)
def test_same_shape(student, framework, rng):
    """Your block computes x + F(x) for other images and weights."""
    assert_block(student, framework, rng, unseen(rng, 3, 3), (6, 7))
    assert_block(student, framework, rng, unseen(rng, 2, 2), (9, 4), 1)


@pytest.mark.check("same_shape")
def test_same_shape_weights(student, framework, rng):
    """Your block holds the four arrays as weights that can be trained."""
    model, given = build(student, framework, unseen(rng, 2, 2))
    assert_holds(model, given, np.zeros((1, 4, 4, 2) if framework == "keras" else (1, 2, 4, 4), dtype=np.float32))


@pytest.mark.check("projection", weight=2)
def test_projection(student, framework, rng):
    """With a projection, your block is right for other numbers of channels, with stride 1."""
    assert_block(student, framework, rng, unseen(rng, 2, 5, projection=True), (6, 7), 1)
    assert_block(student, framework, rng, unseen(rng, 4, 3, projection=True), (5, 5))
    assert_block(student, framework, rng, unseen(rng, 3, 3, projection=True), (5, 6))


@pytest.mark.check("projection", weight=2)
def test_stride(student, framework, rng):
    """With stride 2, your block is right for images of odd and even sizes."""
    for size in ((7, 9), (8, 6)):
        assert_block(student, framework, rng, unseen(rng, 2, 4, projection=True), size, 2)


@pytest.mark.check("projection")
def test_projection_weights(student, framework, rng):
    """Your block holds the projection, too, as a weight that can be trained."""
    model, given = build(student, framework, unseen(rng, 2, 3, projection=True), 2)
    assert_holds(model, given, np.zeros((1, 4, 4, 2) if framework == "keras" else (1, 2, 4, 4), dtype=np.float32))


def from_input(weights, x):
    """The first gradient where every shortcut comes from the input: h -> x + tanh(h W). (D, D), by backpropagation."""
    h = [x]
    for w in weights:
        h.append(x + np.tanh(h[-1] @ w))
    arriving, gradient = np.full_like(x, 1 / len(x)), np.zeros_like(weights[0])
    for number in reversed(range(len(weights))):
        before_tanh = arriving * (1 - np.tanh(h[number] @ weights[number]) ** 2)
        gradient, arriving = h[number].T @ before_tanh, before_tanh @ weights[number].T
    return gradient


@pytest.mark.check("first_gradient", weight=3)
def test_first_gradient(student, rng):
    """Your first_gradient is what backpropagation by hand gives, for unseen stacks of both kinds."""
    for layers, number, size in ((4, 3, 5), (1, 2, 4), (12, 5, 3)):
        weights, x = residual.stack(rng, layers, size, 1.0), rng.normal(size=(number, size))
        for shortcuts in (False, True):
            right = residual.gradients(weights, x, shortcuts=shortcuts)
            other = residual.gradients(weights, x, shortcuts=not shortcuts)[0]
            assert_matches(
                student.call("first_gradient", weights, x, shortcuts),
                right[0],
                rtol=1e-3,
                atol=1e-3 * np.abs(right[0]).max(),
                misconceptions=[
                    Misconception("no mean over the batch", NO_MEAN, right[0] * number),
                    Misconception("mean over the outputs", MEAN_OF_ALL, right[0] / size),
                    Misconception("gradient of the last layer", LAST, right[-1]),
                    Misconception("the other stack", OTHER_STACK, other),
                    *([Misconception("shortcuts from the input", FROM_INPUT, from_input(weights, x))] * shortcuts),
                ],
                what=f"the gradient at the first of {layers} {'residual' if shortcuts else 'plain'} layers",
            )


@pytest.mark.check("first_gradient")
def test_first_gradient_of_fifty(student, rng):
    """Of fifty layers, too, your first_gradient is right, down to the tiny numbers of the plain stack."""
    weights, x = residual.stack(rng, 50, 12), rng.normal(size=(6, 12))
    for shortcuts in (False, True):
        right = residual.gradients(weights, x, shortcuts=shortcuts)[0]
        assert_matches(
            student.call("first_gradient", weights, x, shortcuts),
            right,
            rtol=1e-3,
            atol=1e-3 * np.abs(right).max(),
            what=f"the gradient at the first of 50 {'residual' if shortcuts else 'plain'} layers",
            hint="very small numbers: of which type are those that you compute with?",
        )


@pytest.mark.check("gradient_norms", weight=2)
def test_gradient_norms(student, rng):
    """Measured with your functions on fifty unseen layers, next to nothing reaches the first one without shortcuts."""
    for layers in (50, 8):
        weights, x = residual.stack(rng, layers, 16), rng.normal(size=(8, 16))
        right = residual.gradient_norms(weights, x)
        both = [residual.gradients(weights, x, shortcuts=way)[0] for way in (False, True)]
        answer = student.call("gradient_norms", weights, x)
        assert_shape(answer, (2,), what="what gradient_norms returns")
        assert_matches(
            answer,
            right,
            rtol=1e-3,
            atol=0.0,
            misconceptions=[
                Misconception("order of the norms", REVERSED, right[::-1]),
                Misconception("root forgotten", SQUARED, [norm**2 for norm in right]),
                Misconception("another norm", ANOTHER, [float(np.linalg.norm(array, 2)) for array in both]),
                Misconception("another norm", ANOTHER, [float(np.abs(array).sum()) for array in both]),
                Misconception("another norm", ANOTHER, [float(np.abs(array).max()) for array in both]),
            ],
            what=f"the two norms for {layers} layers",
        )
