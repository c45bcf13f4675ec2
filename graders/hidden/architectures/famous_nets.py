"""Checks on famous networks: tables of unseen nets, the models' layers in any width, and what they compute."""

import math

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
from reference import famous_nets as truth
from reference import forward

IMAGENET = (224, 224, 3)
ROUNDED = "what is left over at the end of a row is not looked at: round down"
PADDED = "zeros are added on *each* of the four sides: how much larger does the image become?"
SAME = 'with a stride, "same" pads less than the list says: how many places does a window find then?'
SOFTMAX = "the last layer gives logits: the softmax belongs to the loss or to whoever wants probabilities"


def random_net(rng):
    """An unseen net and the shape of its images, where windows leave something over."""
    net = [
        truth.conv(int(rng.integers(3, 9)), 5, stride=2, padding=int(rng.integers(1, 3))),
        truth.pool(3, 2),
        truth.conv(int(rng.integers(9, 20)), 4, padding=1),
        truth.conv(int(rng.integers(3, 9)), 2, stride=int(rng.integers(1, 3))),
        truth.pool(2, 1),
        truth.flatten(),
        truth.dense(int(rng.integers(20, 40))),
        truth.dense(int(rng.integers(2, 12))),
    ]
    return net, (int(rng.integers(33, 48)), int(rng.integers(50, 64)), int(rng.integers(2, 5)))


def table_of(student, net, shape):
    """The student's table as (kinds, shapes, parameters), once it has rows of three entries."""
    rows = student.call("layer_table", net, shape)
    well_formed = isinstance(rows, list | tuple) and all(
        isinstance(row, list | tuple) and len(row) == 3 for row in rows
    )
    assert_true(
        well_formed and len(rows) == len(net),
        f"for {len(net)} layers, what comes back is not a list of {len(net)} rows with three entries each",
        "one row for each layer, and in it the kind, the shape and the number of parameters",
    )
    kinds, shapes, parameters = zip(*rows, strict=True)
    return list(kinds), list(shapes), list(parameters)


def wrong_shapes(net, shape, places):
    """The shapes of a table if `places(layer, size)` windows found room along an axis."""
    shapes = []
    for layer in net:
        if layer["layer"] == "flatten":
            shape = (math.prod(shape),)
        elif layer["layer"] == "dense":
            shape = (layer["units"],)
        else:
            shape = (places(layer, shape[0]), places(layer, shape[1]), layer.get("filters", shape[2]))
        shapes.append(shape)
    return shapes


def shape_misconceptions(net, shape):
    """The usual wrong shapes of any net."""

    def size(sides=2, up=0, stride=True, over=1):
        def places(layer, whole):
            steps = layer["stride"] if stride else 1
            return (whole + sides * layer.get("padding", 0) - layer["kernel"] + up * (steps - 1)) // steps + over

        return wrong_shapes(net, shape, places)

    return [
        Misconception("rounded up", ROUNDED, size(up=1)),
        Misconception("padded on one side", PADDED, size(sides=1)),
        Misconception("padding ignored", PADDED, size(sides=0)),
        Misconception("stride ignored", "the window moves on by more than one pixel", size(stride=False)),
        Misconception("one place too few", "3 places of a window of 2 in 4 pixels: count them", size(over=0)),
    ]


def parameter_misconceptions(net, shape):
    """The usual wrong counts of any net."""
    rows = truth.layer_table(net, shape)
    before = [shape, *(row.shape for row in rows)]
    filters = [layer.get("filters", layer.get("units", 0)) for layer in net]

    def counts(convolution, bias=1):
        return [
            convolution(layer, before[place]) * filters[place] + bias * filters[place]
            if layer["layer"] == "conv"
            else (before[place][0] + bias) * filters[place]
            if layer["layer"] == "dense"
            else 0
            for place, layer in enumerate(net)
        ]

    return [
        Misconception(
            "forgotten biases",
            "each filter and each unit has a bias, too",
            counts(lambda layer, seen: layer["kernel"] ** 2 * seen[2], bias=0),
        ),
        Misconception(
            "channels of the image",
            "a filter sees all channels of the map before it, not those of the image",
            counts(lambda layer, _: layer["kernel"] ** 2 * shape[2]),
        ),
        Misconception(
            "channels forgotten",
            "a filter has a kernel for each channel of the map that it sees",
            counts(lambda layer, _: layer["kernel"] ** 2),
        ),
        Misconception(
            "kernel not squared",
            "a kernel has rows and columns",
            counts(lambda layer, seen: layer["kernel"] * seen[2]),
        ),
    ]


@pytest.mark.check("layer_table", weight=2)
def test_table_shapes(student, rng):
    """Your layer_table gives the right kinds and shapes for unseen nets, for images that are not square."""
    for _ in range(3):
        net, shape = random_net(rng)
        kinds, shapes, _ = table_of(student, net, shape)
        right = truth.layer_table(net, shape)
        assert_matches(kinds, [row.kind for row in right], what="the kinds of the layers")
        assert_matches(
            shapes,
            [row.shape for row in right],
            misconceptions=shape_misconceptions(net, shape),
            what=f"the shapes for images of {shape}",
        )


@pytest.mark.check("layer_table", weight=2)
def test_table_parameters(student, rng):
    """Your layer_table gives the right parameters for unseen nets."""
    for _ in range(3):
        net, shape = random_net(rng)
        _, _, parameters = table_of(student, net, shape)
        assert_matches(
            parameters,
            [row.parameters for row in truth.layer_table(net, shape)],
            misconceptions=parameter_misconceptions(net, shape),
            what=f"the parameters for images of {shape}",
        )


@pytest.mark.check("layer_table")
def test_famous_tables(student):
    """Your layer_table is right for LeNet-5, AlexNet and VGG16, too, and needs no second for it."""
    for net, shape in ((truth.lenet5(), (32, 32, 1)), (truth.alexnet(), IMAGENET), (truth.vgg16(), IMAGENET)):
        _, _, parameters = table_of(student, net, shape)
        assert_matches(
            parameters,
            [row.parameters for row in truth.layer_table(net, shape)],
            misconceptions=parameter_misconceptions(net, shape),
            what="the parameters of a famous network",
        )


@pytest.mark.check("dense_share")
def test_dense_share(student, rng):
    """Your dense_share is right for unseen nets, and for AlexNet and VGG16."""
    for net, shape in (random_net(rng), (truth.alexnet(), IMAGENET), (truth.vgg16(), IMAGENET)):
        right = truth.dense_share(net, shape)
        kinds = [layer["layer"] for layer in net]
        wrong = [
            Misconception("percent", "wanted is a number from 0 to 1", 100 * right),
            Misconception("the other layers", "this is the share of the convolutions", 1 - right),
            Misconception(
                "layers counted", "how many parameters, not how many layers?", kinds.count("dense") / len(kinds)
            ),
        ]
        assert_matches(
            student.call("dense_share", net, shape), right, rtol=1e-6, misconceptions=wrong, what="the share"
        )


def batch(framework, images):
    """Images (N, H, W, C) in the framework's own layout, float32."""
    images = np.asarray(images, dtype=np.float32)
    return images if framework == "keras" else np.ascontiguousarray(images.transpose(0, 3, 1, 2))


def without_padding_layers(summary):
    """The summary without layers that only pad: what they do is seen in the shapes, and in what is computed."""
    kept = tuple(layer for layer in summary.layers if layer.type not in ("ZeroPadding2D", "ZeroPad2d", "InputLayer"))
    return type(summary)(framework=summary.framework, layers=kept)


def specs(net, shape, *, activation="relu", pooling="MaxPooling2D", dropout=0.0, softmax=False):
    """A net's layers as the checks want them, with an activation behind each layer with weights but the last one."""
    rows, wanted = truth.layer_table(net, shape), []
    for place, (layer, row) in enumerate(zip(net, rows, strict=True)):
        common = {"shape": row.shape, "trainable": row.parameters, "frozen": 0}
        last = place == len(net) - 1
        if row.kind == "conv":
            config = {"filters": layer["filters"], "kernel_size": layer["kernel"], "strides": layer["stride"]}
            wanted.append(LayerSpec(type="Conv2D", config={**config, "use_bias": True}, **common))
        elif row.kind == "pool":
            config = {"pool_size": layer["kernel"], "strides": layer["stride"]}
            wanted.append(LayerSpec(type=pooling, config=config, **common))
        else:
            wanted.append(LayerSpec(type=row.kind.capitalize(), **common))
        if row.kind in ("conv", "dense") and not last:
            wanted.append(LayerSpec(type=f"Activation:{activation}", shape=row.shape, trainable=0, frozen=0))
        if row.kind == "dense" and dropout and not last:
            wanted.append(LayerSpec(type="Dropout", config={"rate": dropout}))
    return [*wanted, LayerSpec(type="Activation:softmax")] if softmax else wanted


def same_for_stride(net, shape):
    """The layers if a convolution with a stride gave size / stride places, as padding="same" does."""
    wanted = specs(net, shape, dropout=0.5)
    size = -(-shape[0] // net[0]["stride"])
    first = (size, size, net[0]["filters"])
    changed = [
        LayerSpec(type=spec.type, shape=first, trainable=spec.trainable, frozen=0, config=spec.config)
        for spec in wanted[:2]
    ]
    return [*changed, *wanted[2:]]


def assert_computes(student, framework, rng, question, subject, **settings):
    """With the weights of the student's model, the reference gives what the model gives, on unseen images."""
    net, shape = subject
    images = rng.normal(size=(2, *shape))
    model = student.build("seeded", question[0], int(rng.integers(2**31)), *question[1:])
    weights = model.weights()
    flattened = truth.layer_table(net, shape)[[layer["layer"] for layer in net].index("flatten") - 1].shape
    if framework == "torch":
        weights = truth.weights_from_torch(weights, flattened)
    inputs, wanted = [shape, *(row.shape for row in truth.layer_table(net, shape))], []
    for layer, seen in zip(net, inputs, strict=False):
        if layer["layer"] == "conv":
            wanted += [(layer["kernel"], layer["kernel"], seen[2], layer["filters"]), (layer["filters"],)]
        elif layer["layer"] == "dense":
            wanted += [(seen[0], layer["units"]), (layer["units"],)]
    assert_true(
        [weight.shape for weight in weights] == wanted and all(weight.dtype.kind == "f" for weight in weights),
        "the weights of your network do not fit into the reference network",
        "compare the layers with the list: one is missing, is one too many, or has another size",
    )
    outputs = model.predict(batch(framework, images))
    with np.errstate(all="ignore"):  # weights may be anything
        expected = truth.apply(net, weights, images, **settings)
    assert_close(outputs, expected, "what your network computes")


def assert_close(outputs, expected, what):
    """Equal up to what many layers in single precision lose, measured by the largest number."""
    assert_true(
        outputs.shape == expected.shape and outputs.dtype.kind == "f" and bool(np.isfinite(outputs).all()),
        f"{what} has the shape {outputs.shape}, or not all of it are finite numbers; wanted is {expected.shape}",
        "look at the order of the axes, at the padding, and at what is put together along which axis",
    )
    assert_true(
        bool(np.isfinite(expected).all()), "the weights are not all finite numbers", "are they drawn at random?"
    )
    scale = float(np.abs(expected).max()) or 1.0
    assert_matches(
        outputs / scale,
        expected / scale,
        rtol=0.0,
        atol=3e-3,
        what=what,
        hint="the weights fit, but something else is done with them: look at activations, padding and order",
    )
    assert_true(bool(np.ptp(outputs) > 0), f"{what} is the same number everywhere", "does the image reach the output?")


@pytest.mark.check("lenet5")
def test_lenet5_layers(student, framework):
    """Your LeNet-5 has the wanted layers in this order, with the right shapes and parameters."""
    net, shape = truth.lenet5(), (32, 32, 1)
    right = {"activation": "tanh", "pooling": "AveragePooling2D"}
    wrong = [
        StructureMisconception("softmax at the end", SOFTMAX, specs(net, shape, **right, softmax=True)),
        StructureMisconception(
            "max-pooling",
            "1998 was the time of averages: which pooling does the text want?",
            specs(net, shape, activation="tanh"),
        ),
        StructureMisconception(
            "ReLU instead of tanh",
            "1998 was the time of the tanh",
            specs(net, shape, pooling="AveragePooling2D"),
        ),
    ]
    summary = student.build("lenet5").layers(batch(framework, np.zeros((1, *shape))))
    assert_layers(summary, specs(net, shape, **right), misconceptions=wrong, what="your LeNet-5")


@pytest.mark.check("lenet5", weight=2)
def test_lenet5_computes(student, framework, rng):
    """With your LeNet-5's weights, a reference network gives the same answers, on unseen images."""
    settings = {"activation": np.tanh, "pooling": forward.average_pool2d}
    assert_computes(student, framework, rng, ("lenet5",), (truth.lenet5(), (32, 32, 1)), **settings)


def assert_network(student, framework, rng, name, make):
    """The student's function builds the right layers for unseen widths."""
    for _ in range(2):
        sizes = (int(rng.integers(1, 4)), int(rng.integers(5, 30)), int(rng.integers(2, 12)))
        net = make(*sizes)
        wrong = [
            StructureMisconception("softmax at the end", SOFTMAX, specs(net, IMAGENET, dropout=0.5, softmax=True)),
            StructureMisconception("no dropout", "dropout follows the first two dense layers", specs(net, IMAGENET)),
            StructureMisconception("'same' with a stride", SAME, same_for_stride(net, IMAGENET)),
        ]
        summary = without_padding_layers(student.build(name, *sizes).layers(batch(framework, np.zeros((1, *IMAGENET)))))
        assert_layers(
            summary,
            specs(net, IMAGENET, dropout=0.5),
            misconceptions=wrong,
            what=f"your network of width {sizes[0]} with {sizes[1]} hidden units and {sizes[2]} classes",
        )


@pytest.mark.check("alexnet")
def test_alexnet_layers(student, framework, rng):
    """Your AlexNet has the wanted layers in any width, with the right shapes and parameters."""
    assert_network(student, framework, rng, "alexnet", truth.alexnet)


@pytest.mark.check("alexnet")
def test_alexnet_computes(student, framework, rng):
    """With your AlexNet's weights, a reference network gives the same answers, on unseen images."""
    sizes = (2, 16, 7)
    assert_computes(student, framework, rng, ("alexnet", *sizes), (truth.alexnet(*sizes), IMAGENET))


@pytest.mark.check("vgg16")
def test_vgg16_layers(student, framework, rng):
    """Your VGG16 has the wanted layers in any width, with the right shapes and parameters."""
    assert_network(student, framework, rng, "vgg16", truth.vgg16)


@pytest.mark.check("vgg16")
def test_vgg16_computes(student, framework, rng):
    """With your VGG16's weights, a reference network gives the same answers, on unseen images."""
    sizes = (2, 16, 7)
    assert_computes(student, framework, rng, ("vgg16", *sizes), (truth.vgg16(*sizes), IMAGENET))


@pytest.mark.check("full_size", weight=2)
def test_full_size(student):
    """In full size, your networks have as many parameters as the formula says, layer by layer."""
    for name, net in (("alexnet_full", truth.alexnet()), ("vgg16_full", truth.vgg16())):
        right = [row.parameters for row in truth.layer_table(net, IMAGENET) if row.parameters]
        summary = student.model(name).layers()
        without = sum(right) - sum(layer.get("filters", layer.get("units", 0)) for layer in net)
        wrong = [
            Misconception("without biases", "each filter and each unit has a bias, too", without),
            Misconception(
                "convolutions only",
                "the dense layers belong to it",
                sum(row.parameters for row in truth.layer_table(net, IMAGENET) if row.kind == "conv"),
            ),
        ]
        assert_parameters(summary, total=sum(right), misconceptions=wrong, what=name)
        counts = [layer.parameters for layer in summary.layers if layer.parameters]
        assert_matches(counts, right, what=f"the parameters of {name}, layer by layer")


def unlike(rng, how_many, low=2, high=12):
    """Unseen numbers that all differ, so that every kernel is known by its shape."""
    return [int(n) for n in rng.permutation(np.arange(low, high))[:how_many]]


def convolutions_of(framework, weights):
    """A model's kernels as (k, k, C, F), each with what stands behind it (a bias, maybe); and all vectors in order."""
    kernels, vectors = [], []
    for place, weight in enumerate(weights):
        if weight.ndim == 4:
            kernel = weight if framework == "keras" else weight.transpose(2, 3, 1, 0)
            after = weights[place + 1] if place + 1 < len(weights) else np.zeros(0)
            kernels.append((kernel, after))
        elif weight.ndim == 1:
            vectors.append(weight)
    return kernels, vectors


def assert_convolutions(summary, wanted, bias):
    """The model's convolutions are these, (kernel, channels, filters), in whatever order, with or without biases."""
    found = [layer for layer in summary.layers if layer.type in ("Conv2D", "Conv2d")]
    assert_matches(
        sorted(layer.parameters for layer in found),
        sorted((kernel**2 * inputs + bias) * filters for kernel, inputs, filters in wanted),
        what="the parameters of the convolutions, from the smallest to the largest",
        hint="how many convolutions are there, with which kernels, on how many channels, and do they have biases?",
    )


@pytest.mark.check("inception", weight=2)
def test_inception_parts(student, framework, rng):
    """Your inception module has six convolutions and one pooling, with the right parameters, in any size."""
    channels, *sizes = unlike(rng, 7, 2, 40)
    summary = student.build("inception", channels, *sizes).layers(batch(framework, np.zeros((1, 6, 7, channels))))
    assert_convolutions(summary, truth.inception_convolutions(channels, sizes), 1)
    total = truth.inception_parameters(channels, sizes)
    assert_parameters(summary, total=total, frozen=0, what="your inception module")


@pytest.mark.check("inception", weight=2)
def test_inception_computes(student, framework, rng):
    """With your inception module's weights, the reference gives the same maps, on unseen maps."""
    channels, *sizes = unlike(rng, 7)
    images = rng.normal(size=(2, 6, 7, channels)) - 1.0  # rather negative: a pooling that pads with zeros is noticed
    model = student.build("seeded", "inception", int(rng.integers(2**31)), channels, *sizes)
    kernels, _ = convolutions_of(framework, model.weights())
    known = {(len(kernel), *kernel.shape[2:]): (kernel, bias) for kernel, bias in kernels}
    wanted = truth.inception_convolutions(channels, sizes)
    fit = all(key in known and known[key][1].shape == key[2:] for key in wanted)
    assert_true(
        fit and all(part.dtype.kind == "f" for pair in known.values() for part in pair),
        "the weights of your inception module do not fit into the reference",
        "which convolution sees the input of the module, and which the reduced map before it?",
    )
    outputs = model.predict(batch(framework, images))
    with np.errstate(all="ignore"):  # weights may be anything
        expected = truth.inception([known[key] for key in wanted], images)
    expected = expected if framework == "keras" else expected.transpose(0, 3, 1, 2)
    assert_close(outputs, expected, "what your inception module computes")


@pytest.mark.check("resnet_bottleneck", weight=2)
def test_bottleneck_parts(student, framework, rng):
    """Your bottleneck has three convolutions without biases and three batch normalizations, in any size."""
    channels, middle = unlike(rng, 2, 3, 30)
    example = batch(framework, np.zeros((1, 6, 7, channels)))
    summary = student.build("resnet_bottleneck", channels, middle).layers(example)
    trainable, frozen = truth.bottleneck_parameters(channels, middle)
    biases = channels + 2 * middle
    wrong = [
        Misconception(
            "biases before a batch normalization",
            "a batch normalization takes the mean away, and with it every bias before it",
            trainable + frozen + biases,
        ),
        Misconception(
            "no batch normalization",
            "a batch normalization belongs behind each convolution",
            trainable - frozen,
        ),
    ]
    assert_parameters(
        summary,
        total=trainable + frozen,
        trainable=trainable,
        frozen=frozen,
        misconceptions=wrong,
        what="your bottleneck",
    )
    parts = [(1, channels, middle), (3, middle, middle), (1, middle, channels)]
    kinds = [layer.type for layer in summary.layers if layer.type in ("BatchNormalization", "BatchNorm2d")]
    assert_matches(len(kinds), 3, what="the number of batch normalizations")
    assert_convolutions(summary, parts, 0)


@pytest.mark.check("resnet_bottleneck", weight=2)
def test_bottleneck_computes(student, framework, rng):
    """With your bottleneck's weights, the reference gives the same maps, on unseen maps."""
    channels, middle = unlike(rng, 2, 4, 12)
    images = rng.normal(size=(2, 6, 7, channels))
    model = student.build("seeded", "resnet_bottleneck", int(rng.integers(2**31)), channels, middle)
    kernels, vectors = convolutions_of(framework, model.weights())
    known = {kernel.shape: kernel for kernel, _ in kernels}
    wanted = [(1, 1, channels, middle), (3, 3, middle, middle), (1, 1, middle, channels)]
    sizes = [size for size in (middle, middle, channels) for _ in range(4)]
    assert_true(
        all(shape in known for shape in wanted)
        and [vector.size for vector in vectors] == sizes
        and all(part.dtype.kind == "f" for part in (*known.values(), *vectors)),
        "the weights of your bottleneck do not fit into the reference",
        "three convolutions without biases, a batch normalization behind each, created in the order of the steps",
    )
    norms = [vectors[place : place + 4] for place in (0, 4, 8)]
    outputs = model.predict(batch(framework, images))
    with np.errstate(all="ignore"):  # weights may be anything
        expected = truth.bottleneck([known[shape] for shape in wanted], norms, images, truth.EPSILON[framework])
    expected = expected if framework == "keras" else expected.transpose(0, 3, 1, 2)
    assert_close(outputs, expected, "what your bottleneck computes")
