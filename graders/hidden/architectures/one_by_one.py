"""Checks on 1x1 convolutions: along the fiber, as a convolution, as a dense layer, and what they save."""

import numpy as np
import pytest

from referee.checks import (
    LayerSpec,
    Misconception,
    StructureMisconception,
    assert_layers,
    assert_matches,
    assert_parameters,
    assert_true,
)
from reference import one_by_one as truth

WEIGHTS, BIAS, FIBER = [[1.0, 0.0], [2.0, -1.0], [0.0, 1.0]], [0.5, 0.0], [4.0, -1.0, 2.0]
SIZES = ((4, 7, 3, 5), (6, 5, 4, 4), (3, 3, 1, 2), (1, 8, 6, 1))  # height, width, channels, filters
# channels, reduced, filters, kernel size; the last one saves nothing
BOTTLENECKS = ((192, 16, 32, 5), (256, 64, 96, 3), (40, 7, 11, 7), (30, 28, 16, 1))

LOST_BIAS = "each filter adds its bias: where has it gone?"
TRANSPOSED = "the first axis of the weights belongs to the channels, the second to the filters: which layout is wanted?"
RELU = "negative answers are answers, too: nothing was said of an activation here"
MEAN = "the weighted numbers of a fiber are added up, not averaged"


def misconceptions(image, weights, bias):
    """The usual wrong results, for any image (..., C)."""
    right = truth.conv1x1(image, weights, bias)
    wrong = [
        Misconception("forgotten bias", LOST_BIAS, truth.conv1x1(image, weights)),
        Misconception("ReLU too early", RELU, np.maximum(right, 0.0)),
        Misconception("mean instead of sum", MEAN, truth.conv1x1(image, weights) / len(weights) + np.asarray(bias)),
        Misconception("bias subtracted", LOST_BIAS, truth.conv1x1(image, weights) - np.asarray(bias)),
    ]
    if weights.shape[0] == weights.shape[1]:
        wrong.append(Misconception("transposed weights", TRANSPOSED, truth.conv1x1(image, weights.T, bias)))
    else:
        mixed = np.reshape(weights, weights.shape[::-1]).T
        wrong.append(Misconception("weights out of order", TRANSPOSED, truth.conv1x1(image, mixed, bias)))
    return wrong


def batch(framework, images):
    """Images (N, H, W, C) in the framework's own layout, float32."""
    images = np.asarray(images, dtype=np.float32)
    return images if framework == "keras" else np.ascontiguousarray(images.transpose(0, 3, 1, 2))


def channels_last(framework, outputs, images, filters):
    """A model's outputs as (N, H, W, F), once they have that shape in the framework's layout, and are finite."""
    height, width = images.shape[1:3]
    wanted = (len(images), height, width, filters) if framework == "keras" else (len(images), filters, height, width)
    assert_true(
        outputs.shape == wanted and outputs.dtype.kind == "f" and bool(np.isfinite(outputs).all()),
        f"the model's outputs have the shape {outputs.shape}, or are not all finite numbers; wanted is {wanted}",
        "height and width stay; the depth becomes the number of filters",
    )
    return outputs if framework == "keras" else outputs.transpose(0, 2, 3, 1)


def drawn(rng, channels, filters):
    """Random weights (C, F) and biases (F,), float32."""
    return rng.normal(size=(channels, filters)).astype(np.float32), rng.normal(size=filters).astype(np.float32)


def through(student, framework, name, images, loaded):
    """What the student's model with these weights and biases makes of images (N, H, W, C), as (N, H, W, F)."""
    outputs = student.build(name, *loaded).predict(batch(framework, images))
    return channels_last(framework, outputs, images, loaded[0].shape[1])


@pytest.mark.check("by_hand")
def test_by_hand(student):
    """The new fiber of the second pixel."""
    weights = np.array(WEIGHTS)
    assert_matches(
        student["fiber_by_hand"],
        truth.conv1x1(FIBER, weights, BIAS),
        misconceptions=misconceptions(np.array(FIBER), weights, BIAS),
        what="fiber_by_hand",
    )


@pytest.mark.check("conv1x1", weight=2)
def test_any_image(student, rng):
    """Your conv1x1 works for images of any size, and any numbers of channels and filters."""
    for height, width, channels, filters in SIZES:
        image, (weights, bias) = rng.normal(size=(height, width, channels)), drawn(rng, channels, filters)
        assert_matches(
            student.call("conv1x1", image, weights.astype(np.float64), bias.astype(np.float64)),
            truth.conv1x1(image, weights, bias),
            misconceptions=misconceptions(image, weights, bias),
            what=f"conv1x1 of a {image.shape} image with {filters} filters",
        )


@pytest.mark.check("conv1x1")
def test_uint8(student, rng):
    """Your conv1x1 calculates with float64, also where pixels and weights are uint8."""
    image = rng.integers(100, 256, size=(4, 5, 3), dtype=np.uint8)
    weights, bias = rng.integers(1, 4, size=(3, 2), dtype=np.uint8), rng.integers(1, 4, size=2, dtype=np.uint8)
    right = truth.conv1x1(image, weights, bias)
    wrapped = Misconception(
        "integer overflow",
        "uint8 ends at 255 and begins again at 0: of which type are your numbers while you multiply and add?",
        np.mod(right, 256).astype(np.uint8),
    )
    assert_matches(student.call("conv1x1", image, weights, bias), right, dtype="float64", misconceptions=[wrapped])


@pytest.mark.check("conv_layer")
def test_conv_structure(student, framework, rng):
    """Your model is one convolution with kernels of 1x1, with and without biases."""
    for channels, filters in ((5, 3), (2, 7)):
        weights, bias = drawn(rng, channels, filters)
        for given in (bias, None):
            summary = student.build("conv_layer", weights, given).layers(
                batch(framework, np.zeros((1, 4, 6, channels)))
            )
            config = {"filters": filters, "kernel_size": 1, "use_bias": given is not None, "strides": 1}
            count = truth.parameters(channels, filters, 1, bias=given is not None)
            wanted = LayerSpec(type="Conv2D", trainable=count, frozen=0, config=config)
            assert_layers(summary, [wanted], what="your convolution")


@pytest.mark.check("conv_layer", weight=2)
def test_conv_any_image(student, framework, rng):
    """Your convolution gives the right results for unseen images, weights and biases, and without biases, too."""
    for height, width, channels, filters in SIZES:
        images, (weights, bias) = rng.normal(size=(3, height, width, channels)), drawn(rng, channels, filters)
        for given in (bias, None):
            assert_matches(
                through(student, framework, "conv_layer", images, (weights, given)),
                truth.conv1x1(images, weights, given),
                rtol=1e-3,
                atol=1e-3,
                misconceptions=misconceptions(images, weights, np.zeros(filters) if given is None else bias),
                what="the results of your convolution",
            )


@pytest.mark.check("dense_layer")
def test_dense_structure(student, framework, rng):
    """Your model has one dense layer with as many parameters as the 1x1 convolution, and no convolution."""
    for channels, filters in ((5, 3), (2, 7)):
        weights, bias = drawn(rng, channels, filters)
        summary = student.build("dense_layer", weights, bias).layers(batch(framework, np.zeros((1, 4, 6, channels))))
        kinds = [layer.type for layer in summary.layers if layer.parameters]
        dense = "Dense" if framework == "keras" else "Linear"
        assert_true(
            kinds == [dense],
            f"the layers with parameters are {', '.join(kinds)[:200] or 'none'}",
            f"wanted is one layer of the type {dense}, and no other layer with weights",
        )
        assert_parameters(summary, total=truth.parameters(channels, filters, 1), what="your dense layer")


@pytest.mark.check("dense_layer", weight=2)
def test_dense_any_image(student, framework, rng):
    """Your dense layer gives the same as the 1x1 convolution, for unseen images, weights and biases."""
    for height, width, channels, filters in SIZES:
        images, (weights, bias) = rng.normal(size=(3, height, width, channels)), drawn(rng, channels, filters)
        across = Misconception(
            "not along the fiber",
            "the inputs of a unit must be one pixel's channels: were the axes moved, or only counted anew?",
            lambda images=images, weights=weights, bias=bias: misread(images, weights, bias),
        )
        assert_matches(
            through(student, framework, "dense_layer", images, (weights, bias)),
            truth.conv1x1(images, weights, bias),
            rtol=1e-3,
            atol=1e-3,
            misconceptions=[*misconceptions(images, weights, bias), across],
            what="the results of your dense layer",
        )


def misread(images, weights, bias):
    """Numbers that lie channels first, read as if they lay channels last, and the other way round."""
    number, height, width, channels = images.shape
    mixed = images.transpose(0, 3, 1, 2).reshape(number, height, width, channels)
    values = truth.conv1x1(mixed, weights, bias)
    return values.reshape(number, weights.shape[1], height, width).transpose(0, 2, 3, 1)


@pytest.mark.check("dense_layer")
def test_both_agree(student, framework, rng):
    """Your convolution and your dense layer agree with each other on the same unseen images."""
    images, (weights, bias) = rng.normal(size=(2, 5, 6, 4)), drawn(rng, 4, 6)
    both = [through(student, framework, name, images, (weights, bias)) for name in ("conv_layer", "dense_layer")]
    assert_true(
        bool(np.ptp(both[0]) > 0), "your convolution gives the same number everywhere", "are the weights loaded?"
    )
    assert_matches(both[1], both[0], rtol=1e-3, atol=1e-3, what="your dense layer, compared with your convolution")


@pytest.mark.check("saved_parameters", weight=2)
def test_conv_parameters(student, rng):
    """Your conv_parameters counts right for unseen convolutions, with and without biases."""
    for size in (1, 3, 5):
        channels, filters = (int(n) for n in rng.permutation(np.arange(3, 300))[:2])
        weights = truth.parameters(channels, filters, size, bias=False)
        wrong = [
            Misconception("forgotten bias", LOST_BIAS, weights),
            Misconception("one bias", "how many biases does a layer of several filters have?", weights + 1),
            Misconception(
                "a bias for each channel", "does a bias belong to a channel or to a filter?", weights + channels
            ),
            Misconception(
                "kernel not squared", "how many pixels does a kernel cover?", size * channels * filters + filters
            ),
            Misconception(
                "channels forgotten", "a filter has weights for every input channel", size**2 * filters + filters
            ),
        ]
        right = truth.parameters(channels, filters, size)
        case = f"a {size}x{size} convolution from {channels} channels to {filters} filters"
        assert_matches(student.call("conv_parameters", channels, filters, size), right, misconceptions=wrong, what=case)
        unbiased = Misconception("with biases", "bias=False was asked for", right)
        answer = student.call("conv_parameters", channels, filters, size, False)
        assert_matches(answer, weights, misconceptions=[unbiased, *wrong], what=f"{case}, without biases")
        assert_matches(
            student.call("conv_parameters", channels, filters, size, True), right, what=f"{case}, with biases"
        )


@pytest.mark.check("saved_parameters", weight=2)
def test_saved(student, rng):
    """Your saved_parameters is right for unseen bottlenecks, also where nothing is saved."""
    unseen = [int(n) for n in rng.permutation(np.arange(9, 200))[:3]]
    for channels, reduced, filters, size in (*BOTTLENECKS, (*unseen, 3)):
        direct = truth.parameters(channels, filters, size)
        right = truth.saved_parameters(channels, reduced, filters, size)
        wrong = [
            Misconception("the other way round", "saved is what the direct way costs *more*", -right),
            Misconception(
                "1x1 for nothing",
                "the 1x1 convolution has parameters, too",
                direct - truth.parameters(reduced, filters, size),
            ),
            Misconception("what is left", "this is what the two layers cost: how much less is that?", direct - right),
            Misconception(
                "without biases",
                "all three convolutions have biases",
                right + reduced,
            ),
            Misconception(
                "not reduced",
                "how many channels does the larger convolution see behind the 1x1 convolution?",
                -truth.parameters(channels, reduced, 1),
            ),
        ]
        assert_matches(
            student.call("saved_parameters", channels, reduced, filters, size),
            right,
            misconceptions=wrong,
            what=f"what is saved from {channels} over {reduced} channels to {filters} filters of {size}x{size}",
        )


def specs(reduced, filters, channels, size, *, relu_between=True, padding="same"):
    """The layers of a bottleneck."""
    first = LayerSpec(
        type="Conv2D",
        trainable=truth.parameters(channels, reduced, 1),
        frozen=0,
        config={"filters": reduced, "kernel_size": 1, "strides": 1},
    )
    second = LayerSpec(
        type="Conv2D",
        trainable=truth.parameters(reduced, filters, size),
        frozen=0,
        config={"filters": filters, "kernel_size": size, "strides": 1, "padding": padding},
    )
    relu = LayerSpec(type="Activation:relu", trainable=0, frozen=0)
    return [first, *([relu] if relu_between else []), second, relu]


@pytest.mark.check("bottleneck")
def test_bottleneck_layers(student, framework, rng):
    """Your bottleneck has the wanted layers in order, for unseen numbers of channels and filters."""
    for size in (3, 5):
        channels, reduced, filters = (int(n) for n in rng.permutation(np.arange(2, 20))[:3])
        example = batch(framework, np.zeros((1, 6, 7, channels)))
        summary = student.build("bottleneck", channels, reduced, filters, size).layers(example)
        wrong = [
            StructureMisconception(
                "no ReLU in between",
                "two convolutions without a nonlinearity between them are not more than one",
                specs(reduced, filters, channels, size, relu_between=False),
            ),
            StructureMisconception(
                "no padding",
                "the larger convolution loses a border: what keeps height and width?",
                specs(reduced, filters, channels, size, padding="valid"),
            ),
        ]
        assert_layers(summary, specs(reduced, filters, channels, size), misconceptions=wrong, what="your bottleneck")
        assert_parameters(summary, total=truth.bottleneck_parameters(channels, reduced, filters, size))


@pytest.mark.check("bottleneck", weight=2)
def test_bottleneck_forward(student, framework, rng):
    """With your model's weights, the reference gives what your bottleneck gives, on unseen images."""
    channels, reduced, filters = 7, 4, 5
    seed = int(rng.integers(2**31))
    images = 3.0 * rng.normal(size=(4, 6, 8, channels))
    model = student.build("seeded", "bottleneck", seed, channels, reduced, filters, 3)
    weights = [w.transpose(2, 3, 1, 0) if framework == "torch" and w.ndim == 4 else w for w in model.weights()]
    wanted = [(1, 1, channels, reduced), (reduced,), (3, 3, reduced, filters), (filters,)]
    assert_true(
        [w.shape for w in weights] == wanted and all(w.dtype.kind == "f" for w in weights),
        "the weights of your bottleneck do not fit into the reference",
        "a 1x1 convolution comes first, then the larger one; both have biases",
    )
    outputs = channels_last(framework, model.predict(batch(framework, images)), images, filters)
    with np.errstate(all="ignore"):  # weights may be anything
        expected = truth.bottleneck(weights, images)
    assert_matches(
        outputs,
        expected,
        rtol=1e-3,
        atol=1e-3,
        what="what your bottleneck computes",
        hint="the weights are right, but something else happens to the numbers: look at the ReLUs and at the padding",
    )
    assert_true(bool(np.ptp(outputs) > 0), "your bottleneck gives the same number everywhere", "are weights drawn?")
