"""Checks on the network cnn2: its layers, its parameters, what it computes, and how well it reads unseen digits."""

import digits
import numpy as np
import pytest

from referee.checks import (
    LayerSpec,
    Misconception,
    StructureMisconception,
    accuracy,
    assert_accuracy,
    assert_layers,
    assert_matches,
    assert_parameters,
    assert_true,
)
from reference import cnn2

ADD_THEM = 'the missing layers belong between "here is your code coming" and "end of your code"'


def batch(images, framework):
    """Images (N, 28, 28, 1) in the layout of the framework."""
    images = np.asarray(images, dtype=np.float32)
    return images if framework == "keras" else np.ascontiguousarray(images.transpose(0, 3, 1, 2))


def summary_of(student, framework):
    """The layers of the student's model, as one image flows through them."""
    return student.model("model").layers(batch(np.zeros((1, 28, 28, 1)), framework))


def assert_filled(student, images, labels, framework):
    """The student's layers are there: the network without them trains nearly as well, and is told how well."""
    unfilled, _, _ = cnn2.parameters(cnn2.layers(filled=False))
    if summary_of(student, framework).parameters == unfilled:
        reached = accuracy(student.model("model").predict(batch(images, framework)), labels).share
        assert_true(
            False,
            f"this is the network as it was handed out; it reads {reached:.1%} of {len(labels)} unseen digits without "
            "the missing layers, too: accuracy alone shows nothing",
            ADD_THEM,
        )


def specs(*, filled):
    """The reference's layers, as the checks want them."""
    convolution = {"kernel_size": (3, 3), "dilation_rate": (1, 1), "use_bias": True}
    config = {"Dropout": {"rate": 0.3}, "Conv2D": convolution, "MaxPooling2D": {"pool_size": (2, 2)}}
    return [
        LayerSpec(
            type=row.type, shape=row.shape, trainable=row.trainable, frozen=row.frozen, config=config.get(row.type, {})
        )
        for row in cnn2.layers(filled=filled)
    ]


@pytest.mark.check("layers")
def test_layers(student, framework):
    """Your network has the layers of cnn2, in this order, with these shapes and parameters."""
    unfilled = StructureMisconception("the network as it was handed out", ADD_THEM, specs(filled=False))
    assert_layers(
        summary_of(student, framework),
        specs(filled=True),
        final_softmax="required" if framework == "keras" else "optional",
        misconceptions=[unfilled],
        what="your network",
    )


@pytest.mark.check("parameter_count")
def test_parameters(student, framework):
    """Your network has as many parameters as the formulas say; all but the observed ones of batch norm are learned."""
    total, trainable, frozen = cnn2.parameters(cnn2.layers())
    unfilled, _, _ = cnn2.parameters(cnn2.layers(filled=False))
    no_pooling = total + (14 * 14 - 7 * 7) * 16 * cnn2.DENSE
    assert_parameters(
        summary_of(student, framework),
        total=total,
        trainable=trainable,
        frozen=frozen,
        misconceptions=[
            Misconception("the network as it was handed out", ADD_THEM, unfilled),
            Misconception(
                "no pooling",
                "how large is the map that reaches Flatten, and what does each of its numbers cost?",
                no_pooling,
            ),
        ],
        what="your network",
    )


@pytest.mark.check("forward_pass")
def test_same_weights_same_predictions(student, rng, framework):
    """With your weights, a reference network predicts what yours predicts, on images that it has never seen."""
    images = rng.normal(size=(24, 28, 28, 1)).astype(np.float32)
    assert_same_predictions(student, images, framework)


@pytest.mark.check("accuracy", weight=4)
def test_accuracy(student, data, framework, calibration):
    """Your trained network, with the missing layers in it, reads unseen digits about as well as the reference does."""
    (x_train, _), _ = digits.load(data)
    x_test, y_test = digits.load_test(data)
    images = cnn2.standardize(x_test, x_train)
    assert_filled(student, images, y_test, framework)
    assert_accuracy(
        assert_same_predictions(student, images, framework),
        y_test,
        band=calibration("accuracy"),
        what="unseen digits",
    )


def assert_same_predictions(student, images, framework):
    """What the student's weights predict (N, 10), which the student's own predictions have to equal.

    The reference's forward pass is returned, not the student's outputs: a nudge below the tolerance would be enough to
    decide the class where all others are equal.
    """
    weights = student.model("model").weights()
    wanted = cnn2.weight_shapes(framework)
    assert_true(
        [weight.shape for weight in weights] == wanted and all(weight.dtype.kind == "f" for weight in weights),
        "the weights of your network do not fit into the reference network",
        "compare your layers with the text: a layer is missing, is one too many, or has another size",
    )
    outputs = student.model("model").predict(batch(images, framework))
    assert_true(
        outputs.shape == (len(images), cnn2.CLASSES) and outputs.dtype.kind == "f" and bool(np.isfinite(outputs).all()),
        f"your network's predictions are of the shape {outputs.shape}, or not all of them are finite numbers",
        f"for {len(images)} images, wanted are {cnn2.CLASSES} numbers each",
    )
    if framework == "torch":
        weights = cnn2.from_torch(weights)
    with np.errstate(all="ignore"):  # weights may be anything
        expected = cnn2.forward(weights, images, cnn2.EPSILON[framework])
    assert_matches(
        cnn2.as_probabilities(outputs),
        expected,
        rtol=1e-3,
        atol=1e-3,
        what="the class probabilities that your network predicts",
        hint="the layers have the right weights, but they compute something else: look at their order and settings",
    )
    return expected
