"""Checks on the convolutional layer: what it is made of, what it computes, and where each weight lies.

Unseen images and kernels hold small whole numbers: they and their sums are exact in float32, and in the shorter
numbers that a GPU may multiply with, too.
"""

import numpy as np
import pytest

from referee.checks import (
    LayerSpec,
    Misconception,
    StructureMisconception,
    assert_layers,
    assert_matches,
    assert_parameters,
    assert_shape,
    assert_true,
)
from reference import convolution, filter_bank

# Source: "CNNs part II", the slides with the 6x6 image; a corner pixel of 175 on two of them is a misprint for 170.
IMAGE = np.array(
    [
        [255, 220, 150, 200, 110, 100],
        [240, 50, 35, 45, 200, 130],
        [0, 20, 245, 250, 230, 120],
        [170, 180, 235, 145, 170, 255],
        [190, 185, 170, 165, 130, 120],
        [255, 255, 245, 190, 200, 170],
    ],
    dtype=np.uint8,
)
KERNEL = np.array([[-0.7, 0.2, 0.1], [0.3, 0.5, 0.4], [-0.2, -0.4, 0.2]])
SHAPES = ((3, 3), (2, 3), (5, 1), (4, 4), (1, 1))  # of kernels

FLIPPED = "the kernel was turned by 180 degrees: the layer does not flip it, so you need not either"
TRANSPOSED = "rows and columns of the kernel changed places on the way into the layer"
VALID = "look at the padding: here no zeros surround the image, and the kernel stays inside"
SAME = 'look at the padding: with "same", the map is as large as the image'
SLIDE = "this is the slide's map, which is transposed: which index counts the rows, and which the columns?"
ACTIVATION = "there is a ReLU in it, which removes what is negative: asked is the plain convolution"
BIAS = "where does the bias of each filter come in?"
RESHAPED = "reshape has cut the numbers into the right shape, and most lie in the wrong place: move the axes instead"
SIDEWAYS = "height and width of the kernels changed places: which axis of your array is which in the layer's weights?"
NO_RELU = "there are negative numbers in the result, or there were before the pooling: what does the ReLU do to them?"
AVERAGE = "this is the mean of each window: what does the 'max' stand for?"
INCOMPLETE = "the incomplete windows at the border are in it: the text leaves them out"


def batch_of(images, framework):
    """Images (N, H, W, C) as the framework wants them."""
    batch = images.astype(np.float32)
    return batch if framework == "keras" else np.ascontiguousarray(batch.transpose(0, 3, 1, 2))


def maps_of(model, images, framework, maps):
    """What a model makes of images (N, H, W, C), as (N, H', W', maps)."""
    outputs = model.predict(batch_of(images, framework))
    anywhere = (len(images), None, None, maps) if framework == "keras" else (len(images), maps, None, None)
    assert_shape(outputs, anywhere, what="the result", hint="how many maps come out, and where is their axis?")
    return outputs if framework == "keras" else outputs.transpose(0, 2, 3, 1)


def numbers(rng, *shape):
    """Small whole numbers without 0, so that every one of them counts."""
    return rng.choice([-7, -5, -4, -3, -2, -1, 1, 2, 3, 5, 6, 8], size=shape).astype(np.float64)


def one_filter(kernel):
    """A kernel (h, w) as a bank of one filter on one channel."""
    return kernel[np.newaxis, :, :, np.newaxis]


def convolution_spec(filters, size, padding, *, bias):
    """The convolution that is asked for."""
    config = {"filters": filters, "kernel_size": tuple(size), "padding": padding, "use_bias": bias}
    return LayerSpec(type="Conv2D", config={**config, "strides": 1, "dilation_rate": 1})


@pytest.mark.check("conv_layer")
def test_layer_structure(student, framework, rng):
    """Your layer is one convolution with one filter of the kernel's size: no bias, no activation, the right padding."""
    for size, padding in (((3, 2), "valid"), ((5, 3), "same")):
        model = student.build("conv_layer", numbers(rng, *size), padding)
        spec = convolution_spec(1, size, padding, bias=False)
        wrong = [
            StructureMisconception(
                "a bias", "the layer has a bias: how is it told to do without?", [_with_bias(spec, size)]
            ),
            StructureMisconception("an activation", ACTIVATION, [spec, LayerSpec(type="Activation:relu")]),
        ]
        example = batch_of(np.ones((1, 8, 8, 1)), framework)
        assert_layers(model.layers(example), [spec], misconceptions=wrong, what="what conv_layer returns")


def _with_bias(spec, size):
    return LayerSpec(type=spec.type, config={**spec.config, "use_bias": True}, trainable=size[0] * size[1] + 1)


@pytest.mark.check("conv_layer", weight=2)
def test_layer_any_image(student, framework, rng):
    """Your layer works for a batch of images, and for kernels and images of any size."""
    for shape in SHAPES:
        images, kernel = numbers(rng, 2, 7, 9, 1), numbers(rng, *shape)
        assert_layer(student, framework, images, kernel, ("valid",))


@pytest.mark.check("conv_layer")
def test_layer_same(student, framework, rng):
    """With "same", your layer keeps the shape of the image and has the right values."""
    for shape in SHAPES:
        images, kernel = numbers(rng, 2, 6, 5, 1), numbers(rng, *shape)
        assert_layer(student, framework, images, kernel, ("same",))


@pytest.mark.check("conv_layer")
def test_layer_default(student, framework, rng):
    """Without a second argument, your layer does not pad."""
    assert_layer(student, framework, numbers(rng, 1, 6, 7, 1), numbers(rng, 3, 2), ())


def assert_layer(student, framework, images, kernel, padding):
    """The student's layer with this kernel agrees with the reference."""
    pad = padding[0] if padding else "valid"
    other, padding_hint = ("valid", SAME) if pad == "same" else ("same", VALID)
    bank = one_filter(kernel)
    right = filter_bank.conv_layer(images, bank, padding=pad)
    wrong = [
        Misconception("flipped kernel", FLIPPED, filter_bank.conv_layer(images, bank[:, ::-1, ::-1], padding=pad)),
        Misconception("wrong padding", padding_hint, filter_bank.conv_layer(images, bank, 0, other)),
        Misconception("an activation", ACTIVATION, convolution.relu(right)),
    ]
    if kernel.shape[0] == kernel.shape[1]:
        wrong.append(
            Misconception("transposed kernel", TRANSPOSED, filter_bank.conv_layer(images, one_filter(kernel.T), 0, pad))
        )
    assert_matches(
        maps_of(student.build("conv_layer", kernel, *padding), images, framework, 1),
        right,
        rtol=1e-3,
        atol=1e-3,
        misconceptions=wrong,
        what=f"the map of a {kernel.shape} kernel, {pad!r}",
        hint="does the layer hold the kernel's numbers, and nothing else?",
    )


@pytest.mark.check("deck_maps")
def test_map_valid(student):
    """The feature map of the deck's image."""
    assert_deck_map(student["feature_map"], "valid", "feature_map")


@pytest.mark.check("deck_maps")
def test_map_same(student):
    """The zero-padded feature map of the deck's image."""
    assert_deck_map(student["feature_map_same"], "same", "feature_map_same")


def assert_deck_map(actual, padding, name):
    """This is the deck's map; the tolerance leaves room for a GPU that multiplies with 10 bits of precision."""
    right = convolution.conv2d(IMAGE, KERNEL, padding)
    printed = right.T.copy()
    printed[-1, -1] = 37.5
    other = convolution.conv2d(IMAGE, KERNEL, "valid" if padding == "same" else "same")
    wrong = [
        Misconception("the slide's map", SLIDE, right.T),
        Misconception("the slide's map", SLIDE, printed),
        Misconception("flipped kernel", FLIPPED, convolution.flipped_conv2d(IMAGE, KERNEL, padding)),
        Misconception("an activation", ACTIVATION, convolution.relu(right)),
        Misconception("wrong padding", SAME if padding == "same" else VALID, other),
    ]
    assert_matches(actual, right, rtol=1e-3, atol=0.2, misconceptions=wrong, what=name)


@pytest.mark.check("filter_bank")
def test_bank_structure(student, framework, rng):
    """Your filter bank is one convolution with a bias for each filter, and has the right number of parameters."""
    kernels, biases = numbers(rng, 5, 2, 3, 4), numbers(rng, 5)
    example = batch_of(np.ones((1, 6, 6, 4)), framework)
    summary = student.build("filter_bank", kernels, biases).layers(example)
    spec = convolution_spec(5, (2, 3), "valid", bias=True)
    wrong = [StructureMisconception("an activation", ACTIVATION, [spec, LayerSpec(type="Activation:relu")])]
    assert_layers(summary, [spec], misconceptions=wrong, what="what filter_bank returns")
    assert_parameters(summary, total=filter_bank.parameters(5, 2, 3, 4), what="what filter_bank returns")


@pytest.mark.check("filter_bank")
def test_bank_weights(student, framework, rng):
    """Each number of your filter bank lies where the framework looks for it."""
    kernels, biases = numbers(rng, 4, 3, 2, 5), numbers(rng, 4)
    weights = student.build("filter_bank", kernels, biases).weights()
    layout = filter_bank.keras_layout if framework == "keras" else filter_bank.torch_layout
    right, turned = layout(kernels), layout(kernels[:, ::-1, ::-1])
    sideways = layout(kernels.transpose(0, 2, 1, 3))
    wrong = [
        Misconception("reshaped weights", RESHAPED, kernels.reshape(right.shape)),
        Misconception("flipped kernel", FLIPPED, turned),
        Misconception("height and width exchanged", SIDEWAYS, sideways),
    ]
    assert_true(len(weights) == 2, f"there are {len(weights)} arrays of weights", "kernels and biases are all there is")
    assert_matches(weights[0], right, rtol=1e-3, atol=1e-3, misconceptions=wrong, what="the kernels in the layer")
    assert_matches(weights[1], biases, rtol=1e-3, atol=1e-3, what="the biases in the layer")


@pytest.mark.check("filter_bank", weight=2)
def test_bank_any_image(student, framework, rng):
    """Your filter bank computes the right maps, for any number of filters and channels."""
    for shape in ((3, 3, 3, 2), (2, 2, 3, 4), (1, 3, 1, 3), (4, 1, 1, 1)):
        images, kernels, biases = numbers(rng, 2, 6, 7, shape[3]), numbers(rng, *shape), 10 * numbers(rng, shape[0])
        back = filter_bank.from_keras if framework == "keras" else filter_bank.from_torch
        layout = filter_bank.keras_layout if framework == "keras" else filter_bank.torch_layout
        cut = back(kernels.reshape(layout(kernels).shape))
        wrong = [
            Misconception("reshaped weights", RESHAPED, filter_bank.conv_layer(images, cut, biases)),
            Misconception("flipped kernel", FLIPPED, filter_bank.conv_layer(images, kernels[:, ::-1, ::-1], biases)),
            Misconception("no bias", BIAS, filter_bank.conv_layer(images, kernels)),
        ]
        if shape[1] == shape[2]:
            swapped = kernels.transpose(0, 2, 1, 3)
            wrong.append(
                Misconception("height and width exchanged", SIDEWAYS, filter_bank.conv_layer(images, swapped, biases))
            )
        assert_matches(
            maps_of(student.build("filter_bank", kernels, biases), images, framework, shape[0]),
            filter_bank.conv_layer(images, kernels, biases),
            rtol=1e-3,
            atol=1e-3,
            misconceptions=wrong,
            what=f"the maps of kernels of the shape {shape}",
        )


@pytest.mark.check("parameter_count")
def test_count_any_layer(student, rng):
    """Your parameter_count is right for other layers."""
    for _ in range(4):
        filters, height, width, channels = (int(number) for number in rng.permutation(np.arange(2, 40))[:4])
        block = height * width * channels
        wrong = [
            Misconception("no biases", "the biases are missing: how many has the layer?", filters * block),
            Misconception("one bias in all", "has the layer one bias, or one for each filter?", filters * block + 1),
            Misconception(
                "a bias for each channel",
                "a filter has one bias, not one for each channel that it lies on",
                filters * channels * (height * width + 1),
            ),
            Misconception(
                "channels forgotten",
                "a filter is a block: on how many channels does it lie at once?",
                filters * (height * width + 1),
            ),
        ]
        assert_matches(
            student.call("parameter_count", filters, height, width, channels),
            filter_bank.parameters(filters, height, width, channels),
            misconceptions=wrong,
            what=f"the parameters of {filters} filters of {height}x{width} on {channels} channels",
        )


@pytest.mark.check("conv_block")
def test_block_structure(student, framework, rng):
    """Your block is a convolution, a ReLU and a 2x2 max-pooling, in this order."""
    model = student.build("conv_block", numbers(rng, 3, 2))
    spec, relu = convolution_spec(1, (3, 2), "valid", bias=False), LayerSpec(type="Activation:relu")
    settings = {"pool_size": 2, "strides": 2}
    pooling = LayerSpec(type="MaxPooling2D", config=settings)
    average = LayerSpec(type="AveragePooling2D", config=settings)
    wrong = [
        StructureMisconception("average pooling", AVERAGE, [spec, relu, average]),
        StructureMisconception("no ReLU", NO_RELU, [spec, pooling]),
    ]
    example = batch_of(np.ones((1, 8, 8, 1)), framework)
    assert_layers(
        model.layers(example),
        [spec, relu, pooling],
        optional=("Activation:relu",) if framework == "torch" else (),
        misconceptions=wrong,
        what="what conv_block returns",
    )


@pytest.mark.check("conv_block", weight=2)
def test_block_any_image(student, framework, rng):
    """Your block works for a batch of images of any size, and for any kernel."""
    for shape, size in (((8, 9), (3, 3)), ((9, 8), (2, 5)), ((7, 6), (4, 2))):
        images, kernel = numbers(rng, 3, *shape, 1), numbers(rng, *size)
        bank = one_filter(kernel)
        plain = filter_bank.conv_layer(images, bank)
        activations = convolution.relu(plain)
        pool, average = convolution.max_pool2d, convolution.average_pool2d
        odd = np.pad(activations, ((0, 0), (0, plain.shape[1] % 2), (0, plain.shape[2] % 2), (0, 0)))
        same = convolution.relu(filter_bank.conv_layer(images, bank, padding="same"))
        turned = convolution.relu(filter_bank.conv_layer(images, bank[:, ::-1, ::-1]))
        wrong = [
            Misconception("no ReLU", NO_RELU, filter_bank.per_map(plain, pool)),
            Misconception("average pooling", AVERAGE, filter_bank.per_map(activations, average)),
            Misconception("average pooling", AVERAGE, convolution.relu(filter_bank.per_map(plain, average))),
            Misconception("incomplete windows", INCOMPLETE, filter_bank.per_map(odd, pool)),
            Misconception("wrong padding", VALID, filter_bank.per_map(same, pool)),
            Misconception("flipped kernel", FLIPPED, filter_bank.per_map(turned, pool)),
        ]
        assert_matches(
            maps_of(student.build("conv_block", kernel), images, framework, 1),
            filter_bank.conv_block(images, bank),
            rtol=1e-3,
            atol=1e-3,
            misconceptions=wrong,
            what=f"what your block makes of {shape} images with a {size} kernel",
        )
