"""Checks on the memory of stacked causal convolutions: by formula, and measured on what the student built."""

import msgspec
import numpy as np
import pytest

from referee.checks import (
    LayerSpec,
    Misconception,
    StructureMisconception,
    assert_causal,
    assert_layers,
    assert_matches,
    assert_shape,
    assert_true,
    field_picture,
)
from reference import causal, causal_stack

FIELD = "this counts the present step, too: which of the two words means the steps that lie in the past?"
NOT_BACK = "this counts the past steps alone: does the receptive field include the present one?"
UNDILATED = "this is the result without dilation: how far apart are the steps that a kernel looks at?"
SIZES = "a kernel of size 2 with dilation 1 looks one step back, not two: how many gaps has a kernel of size K?"
LAST = "this is what one layer sees by itself: where does the layer below it begin to look?"
PRODUCT = "do the steps of two layers multiply or add up? Follow the lines of the picture from the top to the bottom"
FLIPPED = "a kernel is read backwards: does its last number belong to the present, or to the past?"
SAME = "this looks ahead: where do all the zeros belong, at the beginning or at both ends?"
GAP = "behind a step at which nothing changes there may be more that do change: do you stop at the first one?"


def random_stack(rng, layers):
    """A stack of that many layers whose kernel sizes and dilations are no pattern."""
    return [(int(rng.integers(2, 6)), int(rng.integers(2, 7))) for _ in range(layers)]


def random_kernels(rng, stack):
    """Kernels for a stack without a weight near 0."""
    return [rng.uniform(0.5, 2.0, size=size) * rng.choice((-1.0, 1.0), size=size) for size, _ in stack]


def memory_misconceptions(stack):
    """What the usual mistakes give for the memory of a stack."""
    return [
        Misconception("receptive field instead of memory", FIELD, causal_stack.receptive_field(stack)),
        Misconception("no dilation", UNDILATED, causal_stack.memory([(size, 1) for size, _ in stack])),
        Misconception("kernel size instead of its gaps", SIZES, sum(size * dilation for size, dilation in stack)),
        Misconception("only one layer", LAST, max(causal_stack.memory([layer]) for layer in stack)),
        Misconception("only one layer", LAST, causal_stack.memory(stack[-1:])),
        Misconception("product instead of sum", PRODUCT, int(np.prod([causal_stack.memory([each]) for each in stack]))),
        Misconception("product instead of sum", PRODUCT, int(np.prod([size for size, _ in stack]))),
    ]


@pytest.mark.check("memory")
def test_lecture_stacks(student):
    """The lecture's two stacks look 4 and 15 steps back."""
    for stack in (causal_stack.PLAIN, causal_stack.DILATED):
        wrong = memory_misconceptions(stack)
        answer = student.call("memory", list(stack))
        assert_whole(answer, "memory")
        assert_matches(answer, causal_stack.memory(stack), misconceptions=wrong, what="memory of the lecture's stack")


@pytest.mark.check("memory", weight=2)
def test_memory_any_stack(student, rng):
    """Your memory is right for other stacks, whatever their number of layers, kernel sizes and dilations."""
    for layers in (2, 3, 5, 9):
        stack = random_stack(rng, layers)
        answer = student.call("memory", stack)
        wrong = memory_misconceptions(stack)
        assert_matches(answer, causal_stack.memory(stack), misconceptions=wrong, what=f"memory({stack})")


@pytest.mark.check("memory", weight=2)
def test_receptive_field_any_stack(student, rng):
    """Your receptive_field is right for other stacks, whatever their number of layers, kernel sizes and dilations."""
    for layers in (1, 2, 4, 7):
        stack = random_stack(rng, layers)
        answer = student.call("receptive_field", stack)
        assert_whole(answer, "receptive_field")
        wrong = [
            Misconception("memory instead of receptive field", NOT_BACK, causal_stack.memory(stack)),
            *(Misconception(each.name, each.hint, each.value + 1) for each in memory_misconceptions(stack)[1:]),
        ]
        assert_matches(
            answer, causal_stack.receptive_field(stack), misconceptions=wrong, what=f"receptive_field({stack})"
        )


@pytest.mark.check("memory")
def test_small_stacks(student):
    """No layer at all has no memory, and a kernel of size 1 looks at the present step alone, whatever its dilation."""
    for stack in ([], [(1, 7)], [(1, 3), (2, 1), (1, 2)]):
        field = [Misconception("receptive field instead of memory", FIELD, causal_stack.receptive_field(stack))]
        back = [Misconception("memory instead of receptive field", NOT_BACK, causal_stack.memory(stack))]
        memory, seen = student.call("memory", stack), student.call("receptive_field", stack)
        assert_matches(memory, causal_stack.memory(stack), misconceptions=field, what=f"memory({stack})")
        assert_matches(seen, causal_stack.receptive_field(stack), misconceptions=back, what=f"receptive_field({stack})")


@pytest.mark.check("doubling_dilations", weight=2)
def test_doubling_any_steps(student, rng):
    """Your list is the shortest one for other kernel sizes and steps, exactly at the limit as well."""
    cases = [(2, 16), (2, 1), (2, 7), (5, 60), (5, 61), (3, 2)]
    cases += [(int(rng.integers(2, 7)), int(rng.integers(20, 5000))) for _ in range(4)]
    for size, steps in cases:
        right = causal_stack.doubling_dilations(size, steps)
        answer = student.call("doubling_dilations", size, steps)
        assert_whole(answer, "doubling_dilations")
        wrong = [
            Misconception(
                "receptive field instead of memory",
                "this list gives a receptive field of that many steps: is that the same as looking back so far?",
                causal_stack.doubling_dilations(size, steps - 1),
            ),
            Misconception(
                "only the last layer counted",
                "the layers below the last one look back, too: how far do all of them together?",
                last_alone(size, steps),
            ),
            Misconception(
                "one layer too many",
                "with the last layer left out, your list would still reach far enough",
                [*right, 2 ** len(right)],
            ),
            Misconception(
                "not doubled",
                "each dilation is twice the one before it: 1, 2, 4, ...",
                list(range(1, len(right) + 1)),
            ),
        ]
        assert_matches(answer, right, misconceptions=wrong, what=f"doubling_dilations({size}, {steps})")


@pytest.mark.check("doubling_dilations")
def test_doubling_nothing(student, rng):
    """Where no step has to be looked back, no layer is needed, whatever the kernel size."""
    answer = student.call("doubling_dilations", int(rng.integers(2, 9)), 0)
    assert_shape(answer, (0,), what="the list of dilations for 0 steps")


@pytest.mark.check("make_stack", weight=2)
def test_layers(student, rng, framework):
    """Your stack has one convolution for each kernel, of its size and with its dilation, in this order, and no bias."""
    stack = random_stack(rng, 4)
    series = np.zeros((1, 12, 1) if framework == "keras" else (1, 1, 12), dtype=np.float32)
    model = student.build("make_stack", random_kernels(rng, stack), [dilation for _, dilation in stack])
    summary = model.layers(series)
    wrong = [
        StructureMisconception("no dilation", UNDILATED, convolutions([(size, 1) for size, _ in stack])),
        StructureMisconception(
            "from the output to the input",
            "the first kernel belongs to the layer that sees the input",
            convolutions(stack[::-1]),
        ),
    ]
    assert_layers(only_convolutions(summary), convolutions(stack), misconceptions=wrong, what="your stack")


@pytest.mark.check("make_stack", weight=2)
def test_output_any_series(student, rng, framework):
    """Your stack computes one causal convolution after the other, for a batch of unseen series."""
    for layers in (1, 2, 4):
        stack = [(int(rng.integers(2, 5)), int(rng.integers(1, 4))) for _ in range(layers)]
        kernels, dilations, series = random_kernels(rng, stack), [d for _, d in stack], rng.normal(size=(3, 30))
        right = np.stack([causal_stack.output(x, kernels, dilations) for x in series])
        assert_matches(
            through_stack(student, series, kernels, dilations, framework),
            right,
            rtol=1e-3,
            atol=1e-3 * float(np.abs(right).max()),
            misconceptions=[
                Misconception("flipped kernel", FLIPPED, stacked(causal.flipped_causal_conv1d, series, kernels, stack)),
                Misconception("'same' instead of causal", SAME, stacked(causal.same_conv1d, series, kernels, stack)),
                Misconception("no dilation", UNDILATED, stacked(causal.causal_conv1d, series, kernels, stack, 1)),
                Misconception(
                    "activation between the layers",
                    "negative numbers are lost on their way: wanted are convolutions and nothing else",
                    stacked(rectified, series, kernels, stack),
                ),
                Misconception(
                    "unpadded",
                    "the output is shorter than the series: what stands before its beginning?",
                    stacked(causal.unpadded_conv1d, series, kernels, stack),
                ),
            ],
            what=f"the output of your stack of {layers} layers",
        )


@pytest.mark.check("make_stack")
def test_stack_sees_its_memory(student, rng, framework):
    """A change of the input is seen by your stack at once, for as long as the formula says, and no earlier."""
    stack = [(2, 1), (3, 2), (2, 5)]
    memory, length, t = causal_stack.memory(stack), 24, int(rng.integers(3, 7))
    series = rng.normal(size=(1, length))
    changed = series.copy()
    changed[0, t] += 100.0
    kernels, dilations = [np.abs(kernel) for kernel in random_kernels(rng, stack)], [d for _, d in stack]
    before, after = (through_stack(student, each, kernels, dilations, framework)[0] for each in (series, changed))
    for values in (before, after):
        assert_shape(values, (length,), what="the output")
    assert_causal(before, after, t, rtol=1e-3, atol=1e-2, what="the output of your stack", hint=SAME)
    steps = np.flatnonzero(np.abs(after - before) > 1.0)  # the weights are positive, and change it by more than 10
    assert_true(steps.size > 0 and int(steps[0]) == t, "a change of the input is not seen at the same step", FLIPPED)
    right = np.flatnonzero(causal_stack.response(kernels, dilations)) + t
    picture = field_picture(
        f"the steps at which the output of your stack changes with the input at step {t}",
        np.isin(np.arange(length), steps),
        np.isin(np.arange(length), right),
    )
    assert_matches(int(steps[-1]) - t, memory, what="the memory, as measured on your stack", picture=picture)


@pytest.mark.check("measured_memory", weight=2)
def test_measured_all_weights(student, rng):
    """Without a zero among the weights, your measured memory is that of the formula, however long that is."""
    for layers in (1, 3, 5):
        stack = random_stack(rng, layers)
        assert_measured(student, random_kernels(rng, stack), [dilation for _, dilation in stack])


@pytest.mark.check("measured_memory", weight=3)
def test_measured_zeros(student, rng):
    """Where kernels begin or end with zeros, your measured memory is what these weights do see."""
    for zeros in ((1, 0), (0, 2), (2, 1), (1, 1)):
        stack = random_stack(rng, 3)
        kernels = [
            np.concatenate([np.zeros(zeros[0]), kernel, np.zeros(zeros[1])]) for kernel in random_kernels(rng, stack)
        ]
        assert_measured(student, kernels, [dilation for _, dilation in stack])


@pytest.mark.check("measured_memory")
def test_measured_gaps(student, rng):
    """Steps in between that the stack leaves out do not end the search."""
    for sizes, dilations in (((2,), (9,)), ((2, 2), (1, 7)), ((2, 3), (8, 2))):
        assert_measured(student, [rng.uniform(0.5, 2.0, size=size) for size in sizes], list(dilations))
    assert_measured(student, [np.array([1.0, 1.0]), np.array([1.0, -1.0])], [1, 1])  # the middle cancels


def assert_measured(student, kernels, dilations):
    """The student's measured memory of this stack is the reference's."""
    stack = [(len(kernel), dilation) for kernel, dilation in zip(kernels, dilations, strict=True)]
    seen = np.flatnonzero(causal_stack.response(kernels, dilations))
    answer = student.call("measured_memory", kernels, dilations)
    assert_whole(answer, "measured_memory")
    right = causal_stack.measured_memory(kernels, dilations)
    unbroken = int(np.argmax(np.diff(np.append(seen, np.inf)) > 1))
    wrong = [
        Misconception("receptive field instead of memory", FIELD, right + 1),
        Misconception(
            "the formula instead of a measurement",
            "this is what the stack could see with other weights: which changes of the input does its output notice?",
            causal_stack.memory(stack),
        ),
        Misconception("stopped at the first gap", GAP, int(seen[unbroken])),
        Misconception(
            "counted instead of measured",
            "this counts the steps at which the output changes: how far is the last of them from the change?",
            int(seen.size),
        ),
        Misconception("counted instead of measured", "how far from the change is the last step?", int(seen.size) - 1),
        Misconception(
            "not from the present on",
            "how far back the output looks is counted from the present step, also where that one has no weight",
            int(seen[-1] - seen[0]),
        ),
    ]
    assert_matches(answer, right, misconceptions=wrong, what=f"measured_memory of a stack of {len(stack)} layers")


def assert_whole(answer, name):
    """Steps are counted: a whole number, or a list of some."""
    numbers = answer if isinstance(answer, list) else [answer]
    array = [np.asarray(number) for number in numbers if isinstance(number, (bool, int, float, np.ndarray))]
    whole = len(array) == len(numbers) and all(each.ndim == 0 and each.dtype.kind in "iu" for each in array)
    assert_true(whole, f"{name} does not return whole numbers", "steps are counted: return int")


def last_alone(size, steps):
    """The first list 1, 2, 4, ... whose last layer looks that far by itself."""
    dilations = [1]
    while (size - 1) * dilations[-1] < steps:
        dilations.append(2 * dilations[-1])
    return dilations


def convolutions(stack):
    """The convolutions of a stack, as its layers are expected."""
    return [
        LayerSpec(
            type="Conv1D",
            trainable=size,
            frozen=0,
            config={"filters": 1, "kernel_size": size, "dilation_rate": dilation, "use_bias": False},
        )
        for size, dilation in stack
    ]


def only_convolutions(summary):
    """The layers that have a kernel, under the framework's name even where they are of a class of the student's own."""
    kind = "Conv1D" if summary.framework == "keras" else "Conv1d"
    kept = (layer for layer in summary.layers if layer.parameters and "kernel_size" in layer.config)
    return msgspec.structs.replace(summary, layers=tuple(msgspec.structs.replace(layer, type=kind) for layer in kept))


def through_stack(student, series, kernels, dilations, framework):
    """What the student's stack makes of series (N, T), as (N, T), whatever the framework's layout."""
    axis = 2 if framework == "keras" else 1  # where the channel is
    batch = np.expand_dims(np.asarray(series, dtype=np.float32), axis)
    outputs = student.build("make_stack", kernels, dilations).predict(batch)
    assert_true(
        outputs.ndim == 3 and outputs.shape[axis] == 1 and outputs.dtype.kind == "f",
        f"the stack's output has the shape {outputs.shape}, for an input of the shape {batch.shape}",
        "series, steps and one channel go in and come out; how many filters has each layer?",
    )
    return np.squeeze(outputs, axis=axis)


def stacked(layer, series, kernels, stack, dilation=None):
    """The output (N, T) of a wrong stack: `layer` is what each of its layers computes."""
    outputs = []
    for x in series:
        values = x
        for kernel, (_, own) in zip(kernels, stack, strict=True):
            values = layer(values, kernel, dilation or own)
        outputs.append(values)
    return np.stack(outputs)


def rectified(x, kernel, dilation):
    """A causal convolution with a ReLU after it, as is usual elsewhere."""
    return np.maximum(causal.causal_conv1d(x, kernel, dilation), 0.0)
