"""Checks on receptive fields: the formula on unseen stacks, the weights, and what the student's model really sees."""

import math

import numpy as np
import pytest

from referee.checks import (
    LayerSpec,
    Misconception,
    assert_layers,
    assert_matches,
    assert_true,
    field_picture,
)
from reference import receptive_field as truth
from reference.receptive_field import conv, pool

BY_HAND = ([conv(7)], [conv(3)] * 3, [conv(3, stride=2), conv(3)], [conv(3), conv(3, dilation=4)])
# Kernels larger than strides, so that the fields of neighbouring units overlap as in real networks
STACKS = (
    [conv(5, stride=2), conv(3), conv(3, stride=3), conv(2)],
    [conv(3, stride=2), pool(2), conv(3, dilation=2), pool(3, stride=2), conv(2, dilation=3)],
    [pool(2), pool(3), conv(4)],
    [conv(1), conv(3, dilation=5), conv(1, stride=2), conv(3)],
)

JUMP = "behind a layer with a stride, one step is more than one pixel: how many, and from which layer on?"
POOLING = (
    "a pooling looks at a window, too, and it moves on by more than one: what does that do to the layers behind it?"
)
DILATION = "a dilated kernel has gaps: how far apart are its first and its last input?"
SUM = "two kernels of 3 in a row see 5 pixels, not 6: by how many pixels does the second one widen the field?"
EARLY = "a layer's stride makes the steps of the layers *behind* it longer, not its own"
GAPS = "between the first and the last input of a kernel of 3 with dilation d are 2 steps of d, not 3"


def plain(stack, **settings):
    """The stack with some settings replaced in each layer."""
    return [{**layer, **settings} for layer in stack]


def early(stack):
    """The field where each layer's own stride counts for itself."""
    field, jump = 1, 1
    for layer in stack:
        jump *= layer["stride"]
        field += (layer["kernel"] - 1) * layer["dilation"] * jump
    return field


def times_dilation(stack):
    """The field where a dilated kernel is taken to be kernel * dilation long."""
    return truth.receptive_field(
        {**layer, "kernel": layer["kernel"] * layer["dilation"], "dilation": 1} for layer in stack
    )


def whole_kernels(stack):
    """The field where each layer adds its whole kernel instead of the steps in it."""
    jumps = [math.prod(layer["stride"] for layer in stack[:depth]) for depth in range(len(stack))]
    return sum(layer["kernel"] * layer["dilation"] * jump for layer, jump in zip(stack, jumps, strict=True))


def field_misconceptions(stack):
    """The usual wrong fields of any stack."""
    convolutions = truth.convolutions(stack)
    windows_only = [{**layer, "stride": 1} if layer["kind"] == "pool" else layer for layer in stack]
    strides_only = [{**layer, "kernel": 1} if layer["kind"] == "pool" else layer for layer in stack]
    return [
        Misconception("forgotten jump", JUMP, truth.receptive_field(plain(stack, stride=1))),
        Misconception("pooling ignored", POOLING, truth.receptive_field(convolutions)),
        Misconception("pooling without its stride", POOLING, truth.receptive_field(windows_only)),
        Misconception("pooling without its window", POOLING, truth.receptive_field(strides_only)),
        Misconception("dilation ignored", DILATION, truth.receptive_field(plain(stack, dilation=1))),
        Misconception("kernels added up", SUM, sum(layer["kernel"] for layer in stack)),
        Misconception("kernels added up", SUM, whole_kernels(stack)),
        Misconception("kernel times number of layers", SUM, stack[0]["kernel"] * len(stack) if stack else 0),
        Misconception("stride too early", EARLY, early(stack)),
        Misconception("kernel times dilation", GAPS, times_dilation(stack)),
    ]


def assert_whole(value, what):
    """A whole number came back: a plain one, or one of NumPy's."""
    whole = value.shape == () and value.dtype.kind in "iu" if isinstance(value, np.ndarray) else type(value) is int
    assert_true(whole, f"{what} is not a whole number", "it returns one int, not a float, a list or None")


def random_stack(rng, length, largest=34):
    """An unseen stack with a stride, a dilation and a pooling in it, whose field is small enough to be measured."""
    while True:
        stack = [conv(int(rng.integers(2, 5)), int(rng.integers(1, 3)), int(rng.integers(1, 4))) for _ in range(length)]
        stack.insert(int(rng.integers(1, length)), pool(int(rng.integers(2, 4)), 2))
        telling = any(layer["dilation"] > 1 for layer in stack) and any(layer["stride"] > 1 for layer in stack[:-1])
        if telling and truth.receptive_field(stack) <= largest:
            return stack


def random_kernels(rng, stack):
    """One kernel for each convolution, without zeros and negative numbers: an impulse in the field always shows."""
    return [rng.uniform(0.5, 1.5, size=(layer["kernel"],) * 2) for layer in truth.convolutions(stack)]


def through_model(student, framework, stack, kernels, images):
    """What the student's model makes of images (N, H, W, 1), as (N, H', W', 1), whatever its framework's layout."""
    images = np.asarray(images, dtype=np.float32)
    batch = images if framework == "keras" else np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    outputs = student.build("build_stack", stack, kernels).predict(batch)
    assert_true(
        outputs.ndim == 4 and outputs.dtype.kind == "f" and bool(np.isfinite(outputs).all()),
        f"the model's outputs have the shape {outputs.shape}, or are not all finite numbers",
        "images with one channel go in, and maps with one channel come out",
    )
    return outputs if framework == "keras" else outputs.transpose(0, 2, 3, 1)


@pytest.mark.check("by_hand")
def test_by_hand(student):
    """The receptive fields of the four stacks."""
    right = [truth.receptive_field(stack) for stack in BY_HAND]
    columns = zip(*(field_misconceptions(stack) for stack in BY_HAND), strict=True)
    wrong = [Misconception(row[0].name, row[0].hint, [mistake.value for mistake in row]) for row in columns]
    assert_matches(student["fields_by_hand"], right, misconceptions=wrong, what="fields_by_hand")


@pytest.mark.check("receptive_field", weight=2)
def test_any_stack(student, rng):
    """Your receptive_field is right for unseen stacks of convolutions and poolings, strides and dilations."""
    for stack in (*STACKS, *(random_stack(rng, length, largest=10**6) for length in (3, 4, 6))):
        answer = student.call("receptive_field", stack)
        assert_whole(answer, "what your receptive_field returns")
        assert_matches(
            answer,
            truth.receptive_field(stack),
            misconceptions=field_misconceptions(stack),
            what=f"the receptive field of {[tuple(layer.values()) for layer in stack]}",
        )


@pytest.mark.check("receptive_field")
def test_one_thing_at_a_time(student):
    """Your receptive_field is right where only the strides, only the dilations, or only the poolings matter."""
    for stack in (
        [conv(3, stride=2)] * 4,
        [conv(3, dilation=d) for d in (1, 2, 4, 8)],
        [pool(2)] * 3,
        [pool(3, 1)] * 2,
    ):
        assert_matches(
            student.call("receptive_field", stack),
            truth.receptive_field(stack),
            misconceptions=field_misconceptions(stack),
            what=f"the receptive field of {[tuple(layer.values()) for layer in stack]}",
        )


@pytest.mark.check("receptive_field")
def test_image_itself(student):
    """Without any layer, a unit is a pixel and sees itself; convolutions of 1x1 see no more."""
    hint = "what does a pixel of the image see, and what does a kernel of 1 add to it?"
    assert_matches(student.call("receptive_field", []), 1, what="the receptive field of an empty stack", hint=hint)
    assert_matches(student.call("receptive_field", [conv(1, 2)] * 3), 1, what="three convolutions of 1x1", hint=hint)


@pytest.mark.check("count_weights")
def test_weights(student, rng):
    """Your count_weights is right for unseen stacks and numbers of channels."""
    for length in (1, 3, 5):
        stack, channels = random_stack(rng, max(length, 2)), int(rng.integers(3, 200))
        convolutions = truth.convolutions(stack)
        answer = student.call("count_weights", stack, channels)
        assert_whole(answer, "what your count_weights returns")
        right, per_pair = truth.weights(stack, channels), truth.weights(stack)
        reach = [(layer["kernel"] - 1) * layer["dilation"] + 1 for layer in convolutions]
        wrong = [
            Misconception(
                "channels counted once",
                "each filter looks at every input channel: how many pairs of a channel and a filter are there?",
                per_pair * channels,
            ),
            Misconception("channels forgotten", "how many kernels does a layer have with several channels?", per_pair),
            Misconception(
                "kernel not squared",
                "a kernel has rows and columns: how many numbers does it hold?",
                sum(layer["kernel"] for layer in convolutions) * channels**2,
            ),
            Misconception(
                "weights for the pooling",
                "what would a max-pooling have to learn?",
                truth.weights([{**layer, "kind": "conv"} for layer in stack], channels),
            ),
            Misconception(
                "weights in the gaps",
                "a dilated kernel reaches farther, but what lies between its weights?",
                sum(size**2 for size in reach) * channels**2,
            ),
            Misconception("with biases", "biases are not counted here", right + channels * len(convolutions)),
        ]
        assert_matches(answer, right, misconceptions=wrong, what=f"the weights for {channels} channels")


@pytest.mark.check("count_weights")
def test_small_filters_cost_less(student):
    """Three layers of 3x3 see as far as one of 7x7, with 27 C^2 weights instead of 49 C^2."""
    for channels in (1, 48):
        for stack in ([conv(7)], [conv(3)] * 3):
            assert_matches(student.call("count_weights", stack, channels), truth.weights(stack, channels))


@pytest.mark.check("vgg16")
def test_vgg16_stack(student):
    """vgg16_stack holds VGG16's convolutions and poolings in order."""
    assert_matches(
        student["vgg16_stack"],
        truth.vgg16_stack(),
        what="vgg16_stack",
        hint="2, 2, 3, 3 and 3 convolutions of 3x3 with stride 1, and a pooling after each block",
    )


@pytest.mark.check("vgg16", weight=2)
def test_vgg16_fields(student):
    """The receptive fields in VGG16, from the first convolution to the last pooling."""
    stack = truth.vgg16_stack()
    prefixes = [stack[: depth + 1] for depth in range(len(stack))]
    columns = zip(*(field_misconceptions(prefix) for prefix in prefixes), strict=True)
    wrong = [Misconception(row[0].name, row[0].hint, [mistake.value for mistake in row]) for row in columns]
    right = [truth.receptive_field(prefix) for prefix in prefixes]
    jumps = [math.prod(layer["stride"] for layer in prefix) for prefix in prefixes]
    wrong.append(Misconception("jumps instead of fields", "these are the jumps: how far does a unit *see*?", jumps))
    assert_matches(student["vgg16_fields"], right, misconceptions=wrong, what="vgg16_fields")


@pytest.mark.check("build_stack")
def test_layers(student, framework, rng):
    """Your model has one framework layer for each layer of the stack, with its kernel, stride and dilation."""
    stack = buildable(random_stack(rng, 3))
    size = truth.receptive_field(stack)
    example = np.zeros((1, size, size, 1) if framework == "keras" else (1, 1, size, size), dtype=np.float32)
    summary = student.build("build_stack", stack, random_kernels(rng, stack)).layers(example)
    assert_layers(summary, [spec(layer) for layer in stack], what="your model")


def spec(layer):
    """The framework's layer for a layer of a stack."""
    size, stride = layer["kernel"], layer["stride"]
    if layer["kind"] == "pool":
        return LayerSpec(type="MaxPooling2D", trainable=0, frozen=0, config={"pool_size": size, "strides": stride})
    config = {"filters": 1, "kernel_size": size, "strides": stride, "dilation_rate": layer["dilation"]}
    config |= {"padding": "valid", "use_bias": False}
    return LayerSpec(type="Conv2D", trainable=size**2, frozen=0, config=config)


@pytest.mark.check("build_stack", weight=2)
def test_maps(student, framework, rng):
    """Your model computes the right maps, for unseen stacks, kernels and images."""
    for stack in ([conv(3, stride=2), pool(2), conv(2, dilation=3)], [pool(3, 1), conv(4), pool(2, 3), conv(1)]):
        kernels = [rng.normal(size=kernel.shape) for kernel in random_kernels(rng, stack)]
        images = rng.normal(size=(3, 27, 24, 1))
        wrong = [
            Misconception(
                "flipped kernel",
                "the kernels were turned around: load them as they are",
                truth.apply(stack, [kernel[::-1, ::-1] for kernel in kernels], images),
            ),
            Misconception(
                "transposed kernel",
                "rows and columns of the kernels changed places: the first axis counts the rows",
                truth.apply(stack, [kernel.T for kernel in kernels], images),
            ),
            Misconception(
                "ReLU in between",
                "the stack has no activations",
                lambda stack=stack, kernels=kernels, images=images: with_relu(stack, kernels, images),
            ),
        ]
        assert_matches(
            through_model(student, framework, stack, kernels, images),
            truth.apply(stack, kernels, images),
            rtol=1e-3,
            atol=1e-3,
            misconceptions=wrong,
            what="the maps of your model",
        )


def with_relu(stack, kernels, images):
    """The maps where each convolution ends with a ReLU."""
    left = iter(kernels)
    for layer in stack:
        own = [next(left)] if layer["kind"] == "conv" else []
        images = truth.apply([layer], own, images)
        images = np.maximum(images, 0) if own else images
    return images


@pytest.mark.check("build_stack", weight=2)
def test_measured_on_your_model(student, framework, rng):
    """The receptive field, measured on your model by lighting up pixels, is the one that the formula gives."""
    for _ in range(3):
        stack = buildable(random_stack(rng, 3))
        field = truth.receptive_field(stack)
        size = field + 3
        images = np.concatenate([truth.impulses(size), np.zeros((1, size, size, 1))])
        kernels = random_kernels(rng, stack)
        outputs = through_model(student, framework, stack, kernels, images)
        assert_true(
            len(outputs) == size + 1 and outputs.size > 0 and outputs.shape[3] == 1,
            f"{size + 1} images of {size}x{size} pixels became outputs of the shape {outputs.shape}",
            "nothing is padded, and every layer has one filter",
        )
        seen = truth.changed(outputs[:-1], outputs[-1:])
        right = truth.apply(stack, kernels, images)
        picture = field_picture(
            "the pixels on the image's diagonal that the upper left unit of your model sees",
            np.isin(np.arange(size), seen),
            np.isin(np.arange(size), truth.changed(right[:-1], right[-1:])),
        )
        assert_matches(
            truth.span(seen),
            field,
            misconceptions=field_misconceptions(stack),
            what="the field that is measured on your model",
            picture=picture,
        )
        assert_matches(
            seen[:1],
            [0],
            what="the first pixel that the upper left unit sees",
            hint="nothing is padded",
            picture=picture,
        )


def buildable(stack):
    """The stack as Keras can build it: a dilated layer's stride is 1."""
    return [{**layer, "stride": 1} if layer["dilation"] > 1 else layer for layer in stack]


@pytest.mark.check("measured_field", weight=2)
def test_experiment_agrees(student, rng):
    """Your experiment finds what the formula gives, in images of just the right size and in larger ones."""
    for extra in (0, 6):
        stack = buildable(random_stack(rng, 3, largest=26))
        kernels = random_kernels(rng, stack)
        size = truth.receptive_field(stack) + extra
        assert_measured(student, stack, kernels, size)


@pytest.mark.check("measured_field", weight=2)
def test_experiment_is_real(student, rng):
    """Your experiment finds out where kernels have zeros at their border, at the beginning or at the end."""
    stack = [conv(4), pool(2), conv(3)]
    for first, second in ((slice(1, 3), slice(0, 2)), (slice(0, 2), slice(1, 2)), (slice(2, 3), slice(0, 2))):
        kernels = [np.zeros((4, 4)), np.zeros((3, 3))]
        kernels[0][first, first], kernels[1][second, second] = rng.uniform(0.5, 1.5), rng.uniform(0.5, 1.5)
        assert_measured(student, stack, kernels, truth.receptive_field(stack) + 2)
    assert_measured(student, stack, [np.zeros((4, 4)), np.ones((3, 3))], 12)
    faint = rng.permutation([1.5e-6, 0.7e-6])  # one is more than 1e-6, one is less
    assert_measured(student, [conv(3)], [np.diag([faint[0], 1.0, faint[1]])], 4)


@pytest.mark.check("measured_field")
def test_experiment_with_gaps(student, rng):
    """A dilated kernel leaves gaps in its field: what counts is how far its first and last pixel are apart."""
    stack = [conv(3, dilation=int(rng.integers(3, 6)))]
    assert_measured(student, stack, random_kernels(rng, stack), truth.receptive_field(stack) + 1)


def assert_measured(student, stack, kernels, size):
    """The student's measured_field agrees with the reference's experiment."""
    outputs = truth.apply(stack, kernels, np.concatenate([truth.impulses(size), np.zeros((1, size, size, 1))]))
    seen = truth.changed(outputs[:-1], outputs[-1:])
    anywhere = [int(i) for i in np.flatnonzero(np.abs(outputs[:-1]).max(axis=(1, 2, 3)) > 1e-6)]
    wrong = [
        Misconception(
            "theory instead of experiment",
            "this is what the formula says; but with these kernels, the unit does not look at all of it",
            truth.receptive_field(stack),
        ),
        Misconception(
            "all units instead of one",
            "which pixels change *any* answer? Asked is about the upper left unit alone",
            truth.span(anywhere),
        ),
        Misconception(
            "pixels counted",
            "dilation leaves gaps: how far is it from the first to the last pixel?",
            len(seen),
        ),
        Misconception("one pixel too few", "from pixel 2 to pixel 4 these are three pixels", truth.span(seen) - 1),
        Misconception(
            "counted from the border", "the field may begin later than at pixel 0", max(seen, default=-1) + 1
        ),
    ]
    answer = student.call("measured_field", stack, kernels, size)
    assert_whole(answer, "what your measured_field returns")
    assert_matches(answer, truth.span(seen), misconceptions=wrong, what="measured_field")
