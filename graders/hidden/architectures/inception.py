"""Checks on the inception module: the concatenation, the module's weights and results, and its parameters."""

import numpy as np
import pytest

from referee.checks import Misconception, assert_matches, assert_shape, assert_true
from reference import image_layers, inception

LARGEST = 100.0  # of a weight in a new layer, generously
CHANNELS, FILTERS = 8, inception.Filters(f1=6, r3=4, f3=9, r5=2, f5=5, fp=3)  # the notebook's `module`

CORNER = "the zeros are all below and on the right: where is the middle of the larger area?"
ODD = "almost: where an odd number of rows or columns is missing, on which side is one zero more?"
CUT = "the larger tensors were cut: nothing is lost, zeros are added to the smaller ones"
EDGE = "the border repeats the edge of the tensor: wanted are zeros"
ORDER = "all channels are there, in another order: which tensor comes first?"

BRANCHES = "the four results are right, but in another order: which branch comes first?"
NO_REDUCTION = "the large kernels see all the channels: what makes the depth smaller before them?"
NO_PROJECTION = "the pooling hands on all its channels: what follows it in branch 4?"
BIAS = "each filter has a bias, too"
REDUCTIONS = "the reductions are convolutions, too: what do they cost?"
PROJECTION = "the 1x1 convolution after the pooling is a convolution, too: what does it cost?"
FULL_DEPTH = "how many channels reach the 3x3 and the 5x5 convolution?"
LAST = "which of the six convolutions end in the concatenation?"
POOLED = "the pooled input is concatenated as it is: what does a pooling cost?"
HANDED_ON = "the pooling hands on its channels, too"
NO_BIAS = "there are kernels without a bias; each of the six convolutions has one"
NO_RELU = "is every one of the six convolutions followed by a ReLU, the reductions, too?"
AVERAGE = "branch 4 takes the mean of each window: which pooling is wanted?"
ZERO_POOL = "zeros take part in your max-pooling at the border: a maximum of negative numbers is negative"


def uneven(rng):
    """Lists of tensors: equal ones, even and odd differences, and the height of one with the width of another."""
    sizes = (
        [(14, 14, 2), (16, 16, 3)],
        [(5, 9, 1), (8, 4, 2), (3, 3, 3)],
        [(4, 5, 2), (4, 5, 1)],
        [(7, 7, 1), (6, 2, 4), (1, 1, 2), (7, 4, 1)],
        [(3, 6, 2)],
    )
    return [[rng.normal(size=size) for size in row] for row in sizes]


def laid(tensors, place, mode="constant"):
    """The tensors concatenated after zeros (or copies of the edge) around them, so many first as `place` says."""
    height, width = (max(tensor.shape[axis] for tensor in tensors) for axis in (0, 1))
    parts = []
    for tensor in tensors:
        missing = height - tensor.shape[0], width - tensor.shape[1]
        pads = [(place(m), m - place(m)) for m in missing]
        parts.append(np.pad(tensor, (*pads, (0, 0)), mode=mode))
    return np.concatenate(parts, axis=2)


def cut(tensors):
    """The middle of every tensor, as large as the smallest one."""
    height, width = (min(tensor.shape[axis] for tensor in tensors) for axis in (0, 1))
    starts = [((tensor.shape[0] - height) // 2, (tensor.shape[1] - width) // 2) for tensor in tensors]
    parts = [t[row : row + height, column : column + width] for t, (row, column) in zip(tensors, starts, strict=True)]
    return np.concatenate(parts, axis=2)


def concat_misconceptions(tensors):
    """The usual wrong results of a concatenation along the depth."""
    return [
        Misconception("zeros at the end", CORNER, laid(tensors, lambda _: 0)),
        Misconception("the odd zero on the wrong side", ODD, laid(tensors, lambda missing: (missing + 1) // 2)),
        Misconception("cut to the smallest", CUT, cut(tensors)),
        Misconception("edge repeated", EDGE, laid(tensors, lambda missing: missing // 2, "edge")),
        Misconception("order of the tensors", ORDER, inception.depth_concat(tensors[::-1])),
    ]


@pytest.mark.check("depth_concat", weight=2)
def test_concat_any_size(student, rng):
    """Your depth_concat works for tensors of other sizes, alone or together, with even and odd differences."""
    for tensors in uneven(rng):
        assert_matches(
            student.call("depth_concat", tensors),
            inception.depth_concat(tensors),
            misconceptions=concat_misconceptions(tensors),
            what=f"depth_concat of {', '.join(str(tensor.shape) for tensor in tensors)}",
        )


@pytest.mark.check("depth_concat")
def test_concat_changes_nothing(student, rng):
    """Your depth_concat leaves its tensors as they are."""
    answer = student.outcome("depth_concat", [rng.normal(size=(3, 4, 2)), rng.normal(size=(4, 4, 1))])
    assert_true(not answer.changed, "the tensors are changed in place", "a caller may still need its tensors")
    assert_shape(answer.value, (4, 4, 3))


def module_of(student, framework, *numbers):
    """A module of the student's for these numbers, built anew."""
    return student.build("inception" if framework == "keras" else "Inception", *numbers)


def results(model, framework, batch):
    """What a model makes of a batch (N, H, W, C), as (N, H, W, filters), whatever its framework's layout."""
    if framework == "keras":
        return model.predict(np.ascontiguousarray(batch, dtype=np.float32))
    outputs = model.predict(np.ascontiguousarray(batch.transpose(0, 3, 1, 2), dtype=np.float32))
    assert_true(outputs.ndim == 4, f"the module's result has {outputs.ndim} axes, for a batch of images with 4")
    return outputs.transpose(0, 2, 3, 1)


def layout(weights, framework):
    """The weights with kernels as (height, width, in, filters)."""
    return [w.transpose(2, 3, 1, 0) if framework == "torch" and w.ndim == 4 else w for w in weights]


def with_biases(kernels):
    """The shapes of kernels and of their biases, sorted."""
    return sorted(shape for kernel in kernels for shape in (kernel, kernel[-1:]))


def assert_weights(weights, channels, filters):
    """The weights are those of the six convolutions, in any order."""
    found, wanted = sorted(weight.shape for weight in weights), inception.shapes(channels, filters)
    f1, _, f3, _, f5, fp = filters
    naive = inception.naive_shapes(channels, f1, f3, f5)
    expected = with_biases(wanted)
    assert_matches(
        [list(shape) for shape in found],
        [list(shape) for shape in expected],
        misconceptions=[
            Misconception("no reductions", NO_REDUCTION, with_biases([*naive, (1, 1, channels, fp)])),
            Misconception("no projection", NO_PROJECTION, with_biases(wanted[:-1])),
            Misconception("naive module", NO_REDUCTION, with_biases(naive)),
            Misconception("no biases", NO_BIAS, sorted(wanted)),
        ],
        what="the shapes of your module's weights",
        hint="compare each convolution with the table: its kernel size, the channels it gets, its filters, its bias",
    )


@pytest.mark.check("module_weights", weight=2)
def test_module_weights(student, framework, rng):
    """Your module has the kernels and biases of six convolutions, also for other numbers of channels and filters."""
    for _ in range(2):
        channels, *numbers = (int(number) for number in 1 + rng.permutation(12)[:7])
        weights = module_of(student, framework, channels, *numbers).weights()
        assert_weights(layout(weights, framework), channels, inception.Filters(*numbers))


@pytest.mark.check("module_weights")
def test_module_any_size(student, framework, rng):
    """Your module keeps any height and width, and concatenates along the depth."""
    channels, *numbers = (int(number) for number in 1 + rng.permutation(8)[:7])
    filters = inception.Filters(*numbers)
    _, depth = inception.count_inception(channels, filters)
    for height, width in ((9, 6), (3, 8)):
        batch = rng.normal(size=(2, height, width, channels))
        answer = results(module_of(student, framework, channels, *numbers), framework, batch)
        assert_shape(answer, (2, height, width, depth), what="the result of your module, channels last")


def without_relu(module, batch, *linear):
    """The result of a module in which the named convolutions have no ReLU."""

    def layer(x, name):
        convolution = getattr(module, name)
        values = image_layers.convolve(x, convolution.kernel, convolution.bias)
        return values if name in linear else image_layers.relu(values)

    pooled = image_layers.max_pool(batch, 3)
    parts = [layer(batch, "one"), layer(layer(batch, "reduce3"), "three"), layer(layer(batch, "reduce5"), "five")]
    return np.concatenate([*parts, layer(pooled, "project")], axis=3)


def module_misconceptions(module, batch):
    """The usual wrong results of a module with the right weights."""
    parts = inception.branches(module, batch)
    reductions, all_six = ("reduce3", "reduce5"), inception.Module._fields
    others = tuple(name for name in all_six if name not in reductions)
    rows = np.pad(batch, ((0, 0), (1, 1), (1, 1), (0, 0)))
    averages = (image_layers.average_pool(batch, 3), image_layers.windows(batch, (3, 3), 1, 1, 0.0).mean(axis=(3, 4)))
    zeros = image_layers.max_pool(rows, 3, padding=0)

    def pooled_by(pooled):
        return np.concatenate([*parts[:3], inception.layer(pooled, module.project)], axis=3)

    return [
        *(
            Misconception("order of the branches", BRANCHES, np.concatenate([parts[i] for i in order], axis=3))
            for order in ((3, 0, 1, 2), (0, 2, 1, 3), (3, 2, 1, 0), (0, 3, 1, 2))
        ),
        Misconception("no ReLU", NO_RELU, without_relu(module, batch, *all_six)),
        Misconception("no ReLU after the reductions", NO_RELU, without_relu(module, batch, *reductions)),
        Misconception("no ReLU after the branches", NO_RELU, without_relu(module, batch, *others)),
        *(Misconception("no ReLU", NO_RELU, without_relu(module, batch, name)) for name in all_six),
        *(Misconception("average pooling", AVERAGE, pooled_by(pooled)) for pooled in averages),
        Misconception("zeros in the pooling", ZERO_POOL, pooled_by(zeros)),
    ]


@pytest.mark.check("module_values", weight=3)
def test_module_values(student, framework, rng):
    """With your weights, a reference module gives what yours gives, on inputs that it has never seen."""
    model = student.model("module")
    weights = layout(model.weights(), framework)
    assert_weights(weights, CHANNELS, FILTERS)
    assert_true(
        all(weight.dtype.kind == "f" and bool((np.abs(weight) < LARGEST).all()) for weight in weights),
        "the weights of your module are not the small numbers that a new layer gets",
    )
    module = inception.from_arrays(weights, CHANNELS, FILTERS)
    for size in ((3, 7, 6, CHANNELS), (2, 2, 5, CHANNELS)):
        batch = rng.normal(size=size)
        right = inception.forward(module, batch)
        scale = branch_by_branch(right)
        answer = results(model, framework, batch)
        assert_shape(answer, right.shape, what="the result of your module, channels last")
        assert_matches(
            answer / scale,
            right / scale,
            rtol=1e-2,
            atol=1e-2,
            misconceptions=[
                Misconception(wrong.name, wrong.hint, wrong.value / scale)
                for wrong in module_misconceptions(module, batch)
            ],
            what=f"the result of your module for a batch of {size[1]}x{size[2]}, each branch by its largest number",
            hint="compare the branches one by one: the padding, the pooling, the ReLU, and what is concatenated",
        )


def branch_by_branch(right):
    """The largest number of each branch, for each of its channels: a branch of small numbers counts as much. (23,)."""
    ends = np.cumsum([FILTERS.f1, FILTERS.f3, FILTERS.f5, FILTERS.fp])
    parts = np.split(right, ends[:-1], axis=3)
    assert_true(
        all(bool(part.max() > 0) for part in parts),
        "a branch of your module gives zeros alone, with the weights that it has",
        "are the weights those that a new layer gets?",
    )
    return np.concatenate([np.full(part.shape[3], part.max()) for part in parts])


def draws(rng):
    """GoogLeNet's first module and three unseen ones: channels, and the six numbers of filters."""
    unseen = [[int(number) for number in rng.integers(2, 200, size=7)] for _ in range(3)]
    return [[192, 64, 96, 128, 16, 32, 32], *unseen]


@pytest.mark.check("counting")
def test_count_inception(student, rng):
    """Your count_inception is right for GoogLeNet's first module, and for unseen ones."""
    for channels, *numbers in draws(rng):
        filters = inception.Filters(*numbers)
        kernels = inception.shapes(channels, filters)
        total, depth = inception.count_inception(channels, filters)
        unreduced = inception.parameters([kernels[i] for i in (0, 2, 4, 5)])
        f1, r3, f3, r5, f5, fp = filters
        full = inception.parameters(inception.naive_shapes(channels, f1, f3, f5))
        full += inception.parameters([(1, 1, channels, r3 + r5 + fp)])
        answer, deep = two_numbers(student.call("count_inception", channels, *numbers))
        wrong = [
            Misconception("no biases", BIAS, total - sum(filters)),
            Misconception("reductions not counted", REDUCTIONS, unreduced),
            Misconception("projection not counted", PROJECTION, total - (channels + 1) * fp),
            Misconception("large kernels at full depth", FULL_DEPTH, full),
        ]
        assert_matches(answer, total, misconceptions=wrong, what="the parameters that count_inception gives")
        wrong = [Misconception("reductions in the result", LAST, depth + r3 + r5)]
        assert_matches(deep, depth, misconceptions=wrong, what="the depth that count_inception gives")


@pytest.mark.check("counting")
def test_count_naive(student, rng):
    """Your count_naive is right for GoogLeNet's first module, and for unseen ones."""
    for channels, f1, _, f3, _, f5, _ in draws(rng):
        total, depth = inception.count_naive(channels, f1, f3, f5)
        answer, deep = two_numbers(student.call("count_naive", channels, f1, f3, f5))
        wrong = [
            Misconception("no biases", BIAS, total - f1 - f3 - f5),
            Misconception("a projection", POOLED, total + channels * channels + channels),
        ]
        assert_matches(answer, total, misconceptions=wrong, what="the parameters that count_naive gives")
        wrong = [Misconception("pooled channels forgotten", HANDED_ON, f1 + f3 + f5)]
        assert_matches(deep, depth, misconceptions=wrong, what="the depth that count_naive gives")


def two_numbers(answer):
    """The parameters and the depth."""
    assert_shape(answer, (2,), what="what the function returns")
    parameters, depth = np.asarray(answer).tolist()
    return parameters, depth
