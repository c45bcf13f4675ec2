"""Checks on the fully connected network: rows, counts, layers, what it computes, and how well it reads digits."""

from functools import partial

import digits
import numpy as np
import pytest

from referee.checks import (
    LayerSpec,
    Misconception,
    StructureMisconception,
    assert_accuracy,
    assert_layers,
    assert_matches,
    assert_parameters,
    assert_true,
)
from reference import fcn, networks

NETWORKS = ([784, 500, 50, 10], [2, 3, 1], [9, 4], [6, 5, 4, 3, 2])  # their sizes
ORDER = "compare the order with the table: what comes between a dense layer and its ReLU?"
UNWATCHED = "which layer keeps a running mean and variance?"
SOFTMAX = {
    "keras": ("no softmax", "do the ten numbers add up to 1?"),
    "torch": ("softmax in front of the loss", "the loss takes the softmax already: twice is once too often"),
}
REGULARIZED = "which layer of the table has no weights, and acts in the training only?"


def specs(stack):
    """The layers of a stack, as the checks want them."""
    config = {"Dropout": {"rate": fcn.RATE}, "Dense": {"use_bias": True}}
    return [
        LayerSpec(
            type=row.type, shape=row.shape, trainable=row.trainable, frozen=row.frozen, config=config.get(row.type, {})
        )
        for row in stack
    ]


def stack_of(*kinds):
    """The reference's network with other layers behind its hidden dense ones."""
    makers = {"norm": networks.batch_normalization, "dropout": networks.dropout, "relu": networks.relu}
    hidden = [make for n in fcn.HIDDEN for make in (partial(networks.dense, units=n), *(makers[k] for k in kinds))]
    end = partial(networks.dense, units=fcn.CLASSES), partial(networks.activation, name="softmax")
    return networks.grow((fcn.INPUTS,), *hidden, *end)


def summary_of(student):
    """The layers of a new network of the student's, as one row flows through them."""
    return student.build("make_model").layers(np.zeros((1, fcn.INPUTS), dtype=np.float32))


@pytest.mark.check("to_rows", weight=2)
def test_unseen_images(student, rng):
    """Any number of images become as many rows of float32, pixel by pixel, from 0 to 1."""
    for number in (1, 5):
        images = rng.integers(0, 256, size=(number, 28, 28), dtype=np.uint8)
        whole = np.zeros((number, fcn.INPUTS))
        whole[images.reshape(number, -1) == 255] = 1
        assert_matches(
            student.call("to_rows", images),
            fcn.to_rows(images),
            rtol=1e-5,
            atol=1e-6,
            dtype="float32",
            misconceptions=[
                Misconception("grey values up to 255", "how large is the value of white?", 255 * fcn.to_rows(images)),
                Misconception("column by column", "does the row begin with the first row of pixels, or with the first "
                              "column?", fcn.to_rows(images.transpose(0, 2, 1))),
                Misconception("whole numbers", "a division of whole numbers without a rest leaves 0 and 1 only", whole),
            ],
            what=f"to_rows of {number} image{'s' if number > 1 else ''}",
        )  # fmt: skip


@pytest.mark.check("counting", weight=2)
def test_dense_layers(student, rng):
    """Your dense_parameters is right for dense layers of any size."""
    for inputs, units in [(1, 1), *rng.integers(2, 2000, size=(3, 2)).tolist()]:
        assert_matches(
            student.call("dense_parameters", inputs, units),
            networks.dense((inputs,), units).trainable,
            misconceptions=[
                Misconception("no bias", "each unit also has one number that belongs to no input", inputs * units),
                Misconception("a bias for each input", "whose is the bias: the input's or the unit's?",
                              inputs * units + inputs),
                Misconception("one bias for all", "how many biases does a layer have?", inputs * units + 1),
            ],
            what=f"dense_parameters({inputs}, {units})",
        )  # fmt: skip


@pytest.mark.check("counting")
def test_batch_normalizations(student, rng):
    """Your batch_norm_parameters is right for any number of units."""
    for units in [1, *rng.integers(2, 2000, size=2).tolist()]:
        layer = networks.batch_normalization((units,))
        answer = student.call("batch_norm_parameters", units)
        assert_matches(
            list(answer) if isinstance(answer, tuple) else answer,
            [layer.trainable, layer.frozen],
            misconceptions=[
                Misconception("all learned", "two of the four numbers follow from the data alone", [4 * units, 0]),
                Misconception("one number each", "scale and shift are two numbers; so are mean and variance",
                              [units, units]),
            ],
            what=f"batch_norm_parameters({units})",
        )  # fmt: skip


@pytest.mark.check("layers", weight=3)
def test_order_of_layers(student, framework):
    """Your network has the layers of the table, in this order, with these shapes, parameters and dropout rates."""
    wrong = [
        ("activation before batch normalization", ORDER, ("relu", "norm", "dropout")),
        ("dropout behind the activation", ORDER, ("norm", "relu", "dropout")),
        ("dropout before batch normalization", ORDER, ("dropout", "norm", "relu")),
        ("no batch normalization", UNWATCHED, ("dropout", "relu")),
        ("no dropout", REGULARIZED, ("norm", "relu")),
    ]
    with_softmax, without = specs(fcn.layers()), specs(fcn.layers())[:-1]
    expected, other = (with_softmax, without) if framework == "keras" else (without, with_softmax)
    end = StructureMisconception(*SOFTMAX[framework], other)
    others = (
        StructureMisconception(name, hint, specs(stack_of(*kinds))[: len(stack_of(*kinds)) - (framework == "torch")])
        for name, hint, kinds in wrong
    )
    assert_layers(summary_of(student), expected, misconceptions=[end, *others], what="your network")


@pytest.mark.check("parameter_count", weight=2)
def test_parameters(student):
    """Your network has as many parameters as the formulas say, learned and observed ones."""
    total, trainable, frozen = networks.parameters(fcn.layers())
    bare, _, _ = networks.parameters(stack_of("dropout", "relu"))
    assert_parameters(
        summary_of(student),
        total=total,
        trainable=trainable,
        frozen=frozen,
        misconceptions=[Misconception("no batch normalization", UNWATCHED, bare)],
        what="your network",
    )


@pytest.mark.check("share", weight=2)
def test_share_of_any_network(student, rng):
    """Your share_of_first is right for networks with more and with fewer layers."""
    for sizes in (*NETWORKS, rng.integers(2, 300, size=4).tolist()):
        stack = fcn.layers(sizes)
        first, (total, learned, _) = stack[0].trainable, networks.parameters(stack)
        dense = sum(row.trainable for row in stack if row.type == "Dense")
        assert_matches(
            student.call("share_of_first", sizes),
            fcn.share_of_first(sizes),
            rtol=1e-6,
            misconceptions=[
                Misconception("share of all", "are the observed numbers of a batch normalization learned?",
                              first / total),
                Misconception("dense layers alone", "a batch normalization learns something, too", first / dense),
                Misconception("in percent", "wanted is a number between 0 and 1", 100 * first / learned),
                Misconception("with its batch normalization", "wanted is the dense layer alone, without what follows",
                              (first + 2 * sizes[1] * (len(sizes) > 2)) / learned),
                Misconception("batch normalization at the end", "is there a batch normalization behind the last dense "
                              "layer?", first / (learned + 2 * sizes[-1])),
            ],
            what=f"share_of_first({sizes})",
        )  # fmt: skip


@pytest.mark.check("accuracy_of", weight=2)
def test_accuracy_of_unseen_outputs(student, rng):
    """Your accuracy_of is right for other numbers of images and classes, for probabilities and for negative logits."""
    for number, classes in ((40, 10), (7, 3)):
        logits = rng.normal(size=(number, classes)) - 4.0
        labels = np.where(rng.random(number) < 0.6, logits.argmax(axis=1), rng.integers(classes, size=number))
        right = fcn.accuracy(logits, labels)
        for outputs in (logits, networks.softmax(logits)):
            assert_matches(
                student.call("accuracy_of", outputs, labels),
                right,
                rtol=1e-6,
                misconceptions=[
                    Misconception("in percent", "wanted is a share, between 0 and 1", 100 * right),
                    Misconception("a number of images", "how many are right, of how many?", right * number),
                    Misconception("the share of wrong ones", "is a high accuracy good or bad?", 1 - right),
                    Misconception("the smallest output", "for which class does the network decide?",
                                  float(np.mean(logits.argmin(axis=1) == labels))),
                ],
                what=f"the accuracy for outputs of the shape {outputs.shape}",
            )  # fmt: skip


@pytest.mark.check("standard_error")
def test_standard_error_of_any_accuracy(student, rng):
    """Your standard_error is right for other accuracies and numbers of images, a perfect accuracy included."""
    for accuracy, number in ((float(rng.uniform(0.3, 0.99)), int(rng.integers(50, 900))), (0.9, 600), (1.0, 270)):
        variance = accuracy * (1 - accuracy)
        assert_matches(
            student.call("standard_error", accuracy, number),
            fcn.standard_error(accuracy, number),
            rtol=1e-6,
            misconceptions=[
                Misconception("no square root", "this is the square of what was asked", variance / number),
                Misconception("standard deviation of one image", "the more images, the smaller the error: where is "
                              "their number?", variance**0.5),
                Misconception("root of the product alone", "does the number of images belong under the root?",
                              variance**0.5 / number),
            ],
            what=f"standard_error({accuracy:.3f}, {number})",
        )  # fmt: skip


@pytest.mark.check("forward_pass", weight=2)
def test_same_weights_same_predictions(student, rng, framework):
    """With your weights, a reference network predicts what yours predicts, on images that it has never seen."""
    assert_same_predictions(student, rng.uniform(size=(24, fcn.INPUTS)).astype(np.float32), framework)


@pytest.mark.check("accuracy", weight=4)
def test_unseen_digits(student, data, framework, calibration):
    """Your trained network reads unseen digits about as well as the reference does."""
    x_test, y_test = digits.load_test(data)
    outputs = assert_same_predictions(student, fcn.to_rows(x_test), framework)
    assert_accuracy(outputs, y_test, band=calibration("accuracy"), what="unseen digits")


def assert_same_predictions(student, rows, framework):
    """What the student's weights predict (N, 10), which the student's own predictions have to equal.

    The reference's forward pass is returned, not the student's outputs: a nudge below the tolerance would be enough to
    decide the class where all others are equal.
    """
    stack = fcn.layers()
    weights = student.model("model").weights()
    assert_true(
        [weight.shape for weight in weights] == networks.weight_shapes(stack, framework)
        and all(weight.dtype.kind == "f" for weight in weights),
        "the weights of your network do not fit into the reference network",
        "compare your layers with the table: one is missing, is one too many, or has another size",
    )
    outputs = student.model("model").predict(rows)
    assert_true(
        outputs.shape == (len(rows), fcn.CLASSES) and outputs.dtype.kind == "f" and bool(np.isfinite(outputs).all()),
        f"your network's predictions are of the shape {outputs.shape}, or not all of them are finite numbers",
        f"for {len(rows)} images, wanted are {fcn.CLASSES} numbers each",
    )
    if framework == "torch":
        weights = networks.from_torch(stack, weights)
    with np.errstate(all="ignore"):  # weights may be anything
        expected = networks.forward(stack, weights, rows, networks.EPSILON[framework])
    assert_matches(
        networks.as_probabilities(outputs),
        expected,
        rtol=1e-3,
        atol=1e-3,
        what="the class probabilities that your network predicts",
        hint="the layers have the right weights, but they compute something else: look at their order and settings",
    )
    return expected
