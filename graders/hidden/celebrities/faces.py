"""Checks on two networks for faces: how pictures are prepared, the rules of both designs, and unseen faces."""

import math
from itertools import pairwise

import faces
import numpy as np
import pytest

from referee.checks import Misconception, accuracy, assert_accuracy, assert_matches, assert_true, canonical
from reference import celebrities

EACH = 50  # unseen faces of each person
MOST_PARAMETERS, LEAST_PARAMETERS, MOST_INPUTS = 100_000, 100_000, 2000
PLAIN = {"Flatten", "Reshape", "Dense", "Dropout", "AlphaDropout", "BatchNormalization", "LayerNormalization"}
LAST = {"keras": "Activation:softmax", "torch": "Dense"}
LINEAR = "two linear maps in a row are one linear map: what has to stand between them?"


def unseen(data, rng):
    """Faces that no student has: newly drawn ones, or those that are kept back."""
    return faces.draw(EACH, rng) if data == "drawn" else faces.load_test(data)


def prepared(student, images):
    """What the student's `prepare` makes of pictures, if that is an array of finite numbers for as many."""
    answer = student.call("prepare", images)
    sound = isinstance(answer, np.ndarray) and answer.dtype.kind == "f" and answer.ndim == 4
    assert_true(
        sound and len(answer) == len(images) and bool(np.isfinite(answer).all()),
        "your prepare gives something else than an array of finite numbers with a row for each picture",
        "first let the check of prepare pass",
    )
    return answer


def rows(student, name, framework):
    """The layers of a network in canonical form, and all its parameters; torch's without those that never run."""
    example = celebrities.prepare(np.zeros((1, 48, 48, 3)), framework)
    summary = student.model(name).layers(example)
    layers = canonical(summary)
    assert_true(bool(layers), f"your {name} has no layers")
    return [row for row in layers if framework == "keras" or row.shape is not None], summary.parameters


def is_activation(row):
    """Whether a layer is an activation that bends: anything but a softmax."""
    return row.type.startswith("Activation:") and row.type not in ("Activation:softmax", "Activation:log_softmax")


def is_weighted(row):
    """Whether a layer is a convolution or dense."""
    return "Conv" in row.type or row.type == "Dense"


def bent(layers):
    """For each convolution and hidden dense layer, whether an activation follows it before the next one."""
    places = [i for i, row in enumerate(layers) if is_weighted(row)]
    return [any(map(is_activation, layers[i:j])) for i, j in pairwise(places)]


def assert_bent(layers):
    """An activation stands between any two layers with weights."""
    missing = bent(layers).count(False)
    assert_matches(
        missing,
        0,
        misconceptions=[Misconception("no activation", LINEAR, missing)],
        what="how many layers with weights are followed by another one without an activation between them",
    )


def assert_ends(layers, framework):
    """The last layer is dense, with eight units; after it comes a softmax in Keras, and nothing in torch."""
    dense = [row for row in layers if row.type == "Dense"]
    assert_true(
        bool(dense) and dense[-1].shape == (celebrities.CLASSES,),
        f"the last dense layer gives {dense[-1].shape if dense else 'nothing, for there is none'}",
        "one number for each person",
    )
    last = layers[-1].type
    assert_matches(
        last,
        LAST[framework],
        misconceptions=[
            Misconception(
                "softmax before the loss",
                "PyTorch's cross-entropy does the softmax itself; what does the training see if both do it?",
                lambda: "Activation:softmax" if framework == "torch" else None,
            ),
            Misconception(
                "no softmax",
                "this training's loss takes what comes out for probabilities: do they add up to 1?",
                lambda: "Dense" if framework == "keras" else None,
            ),
        ],
        what="what your network ends with",
        hint="what does the loss of the training below want to be given?",
    )


def assert_answers(student, name, framework, rng):
    """The network gives eight finite numbers for each picture; in Keras they are probabilities."""
    images = celebrities.prepare(rng.integers(0, 256, (5, 48, 48, 3)), framework)
    outputs = student.model(name).predict(images)
    sound = outputs.shape == (5, celebrities.CLASSES) and outputs.dtype.kind == "f" and bool(np.isfinite(outputs).all())
    assert_true(sound, f"your {name} gives {outputs.dtype} of the shape {outputs.shape}, where (5, 8) was wanted")
    if framework == "keras":
        assert_matches(outputs.sum(axis=1), np.ones(5), atol=1e-3, what="the sums of the probabilities")


@pytest.mark.check("prepare", weight=2)
def test_any_pictures(student, rng, framework):
    """Your prepare brings any pictures to numbers from -1 to 1, in float32 and in the right layout."""
    for kind in (np.uint8, np.float64):
        images = rng.integers(0, 256, (3, 48, 48, 3)).astype(kind)
        scaled = images / 127.5 - 1
        shape = (3, 48, 48, 3) if framework == "keras" else (3, 3, 48, 48)
        plain = {name: celebrities.prepare(values, framework) for name, values in wrong_values(images).items()}
        assert_matches(
            student.call("prepare", images),
            celebrities.prepare(images, framework),
            atol=1e-5,
            dtype="float32",
            misconceptions=[
                Misconception(
                    "from 0 to 1", "this goes from 0 to 1: where is the middle of your numbers?", plain["unit"]
                ),
                Misconception(
                    "standardized by these pictures",
                    "the result for a picture depends on which others come with it: will two calls agree?",
                    plain["standard"],
                ),
                Misconception(
                    "reshaped, not transposed",
                    "the shape is right, but colours and places are mixed up: does reshape move any number?",
                    scaled.reshape(shape) if framework == "torch" else plain["unit"],
                ),
            ],
            what="the prepared faces",
        )


def wrong_values(images):
    """Wrong ways to scale, undone such that the right `prepare` gives them: by their names."""
    standard = (images - images.mean()) / (images.std() + 1e-12)
    return {"unit": (images / 255 + 1) * 127.5, "standard": (standard + 1) * 127.5}


@pytest.mark.check("prepare")
def test_pictures_are_left_alone(student, rng, framework):
    """Your prepare does not change the pictures that it is given."""
    images = rng.uniform(0, 255, (2, 48, 48, 3)).astype(np.float32)
    outcome = student.outcome("prepare", images)
    assert_matches(outcome.value, celebrities.prepare(images, framework), atol=1e-5, what="the prepared faces")
    assert_true(not outcome.changed, "your prepare changes the pictures in place", "which operation makes a new array?")


@pytest.mark.check("fcn_design")
def test_fcn_layers(student, framework):
    """Your fcn is one row, then dense layers with activations, and eight units at the end."""
    layers, _ = rows(student, "fcn", framework)
    odd = sorted(
        {row.type for row in layers} - PLAIN - {row.type for row in layers if row.type.startswith("Activation:")}
    )
    assert_true(not odd, f"there is {', '.join(odd)[:80]} in your fcn", "which layers do the rules allow?")
    dense = sum(row.type == "Dense" for row in layers)
    assert_true(dense >= 2, f"your fcn has {dense} dense layers", "there is a hidden one, and the last one")
    assert_ends(layers, framework)
    assert_bent(layers)


@pytest.mark.check("fcn_design")
def test_fcn_answers(student, rng, framework):
    """Your fcn has 100,000 parameters or more, and gives eight finite numbers for each picture."""
    _, parameters = rows(student, "fcn", framework)
    assert_true(
        parameters >= LEAST_PARAMETERS,
        f"your fcn has {parameters:,} parameters",
        "how many weights does a hidden unit have that sees the whole picture? And how many units are there?",
    )
    assert_answers(student, "fcn", framework, rng)


@pytest.mark.check("cnn_design", weight=2)
def test_cnn_layers(student, framework):
    """Your cnn has two convolutions or more, with activations, smaller maps, and a remedy against overfitting."""
    layers, _ = rows(student, "cnn", framework)
    large = sum("Conv" in row.type and kernel(row) > 1 for row in layers)
    assert_true(large >= 2, f"your cnn has {large} convolutions with kernels larger than 1x1")
    assert_ends(layers, framework)
    assert_bent(layers)
    remedies = [row.type for row in layers if "Dropout" in row.type or row.type == "BatchNormalization"]
    assert_true(
        bool(remedies), "your cnn has neither dropout nor batch normalization", "what helps against overfitting?"
    )
    reaching = inputs_of_dense(layers)
    assert_matches(
        reaching <= MOST_INPUTS,
        True,
        misconceptions=[
            Misconception(
                "maps that stay large",
                f"{reaching:,} numbers reach the first dense layer: what makes maps smaller, and how often?",
                False,
            )
        ],
        what="whether few numbers reach the first dense layer",
    )


def kernel(row):
    """The number of places in a convolution's kernel; 0 where that is not known."""
    size = row.config.get("kernel_size")
    whole = isinstance(size, tuple) and all(isinstance(n, int) for n in size)
    return math.prod(size) if whole else 0


def inputs_of_dense(layers):
    """How many numbers reach the first dense layer."""
    before = layers[: [row.type for row in layers].index("Dense")]
    shape = before[-1].shape if before else None
    sound = shape is not None and all(isinstance(n, int) for n in shape)
    assert_true(sound, "the shape of what reaches the first dense layer is not known", "flatten the maps before it")
    return math.prod(shape)


@pytest.mark.check("cnn_design")
def test_cnn_is_small(student, framework):
    """Your cnn has fewer parameters than your fcn, and fewer than 100,000."""
    (_, own), (_, others) = (rows(student, name, framework) for name in ("cnn", "fcn"))
    assert_matches(
        own < min(others, MOST_PARAMETERS),
        True,
        misconceptions=[
            Misconception(
                "a large CNN",
                f"it has {own:,} parameters: which layer has most of them, and how large is its input?",
                False,
            )
        ],
        what="whether your cnn is small enough",
    )


@pytest.mark.check("cnn_design")
def test_cnn_answers(student, rng, framework):
    """Your cnn gives eight finite numbers for each picture."""
    assert_answers(student, "cnn", framework, rng)


@pytest.mark.check("fcn_accuracy")
def test_fcn_learned(student, data, rng, calibration):
    """Your trained fcn recognises unseen faces, at least three quarters as well as the course's own one."""
    images, labels = unseen(data, rng)
    predictions = student.model("fcn").predict(prepared(student, images))
    band = calibration("fcn")
    assert_accuracy(predictions, labels, floor=0.75 * band.lowest, band=band, what="unseen faces")


@pytest.mark.check("cnn_accuracy", weight=2)
def test_cnn_accuracy(student, data, rng, calibration):
    """Your trained cnn recognises unseen faces about as well as the course's own small one."""
    images, labels = unseen(data, rng)
    assert_accuracy(
        student.model("cnn").predict(prepared(student, images)),
        labels,
        band=calibration("cnn"),
        what="unseen faces",
        hint="compare the two curves of your cnn: does it overfit, or does it learn too slowly?",
    )


@pytest.mark.check("cnn_accuracy")
def test_cnn_beats_fcn(student, data, rng):
    """On the same unseen faces, your cnn is better than your fcn, by more than two standard errors."""
    images, labels = unseen(data, rng)
    inputs = prepared(student, images)
    right = []
    for name in ("cnn", "fcn"):
        scores = student.model(name).predict(inputs)
        accuracy(scores, labels)  # ends in a verdict where these are no scores
        right.append((scores.argmax(axis=1) if scores.ndim == 2 else scores) == labels)
    assert_true(
        celebrities.margin(*right) > 2,
        f"your cnn recognises {right[0].mean():.1%} of {len(labels)} unseen faces, and your fcn {right[1].mean():.1%}",
        "what can small kernels do that one long row cannot?",
    )
