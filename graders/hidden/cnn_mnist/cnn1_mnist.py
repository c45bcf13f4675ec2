"""Checks on the first CNN: counts, layers, standardizing, the gap of overfitting, and two honest runs."""

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
    assert_shape,
    assert_true,
)
from reference import cnn1, networks

AGREE = 0.98  # of the images: an input far out of range (a pixel that never varied) may round to another class
SETTINGS = {
    "Conv2D": {"kernel_size": (3, 3), "dilation_rate": (1, 1), "use_bias": True},
    "Dense": {"use_bias": True},
}
SOFTMAX = {
    "keras": ("no softmax", "do the ten numbers add up to 1?"),
    "torch": ("softmax in front of the loss", "the loss takes the softmax already: twice is once too often"),
}
EDGES = "what happens at the edge of the image, if the height and the width are to stay 28?"
PEEKED = "whose statistics are these? The validation images must have no say in them"
PER_PIXEL = "each pixel has a mean and a standard deviation of its own"
FAITHFUL = "which images did this network see when it was trained, and which ones when it was measured?"


def batch(images, framework):
    """Images (N, 28, 28, 1) in the layout of the framework."""
    return images if framework == "keras" else np.ascontiguousarray(images.transpose(0, 3, 1, 2))


def specs(stack, framework, *, usual_end=True):
    """The layers of a stack as the checks want them; Keras' network usually ends with a softmax, PyTorch's does not."""
    rows = stack if (framework == "keras") == usual_end else stack[:-1]
    return [
        LayerSpec(
            type=row.type,
            shape=row.shape,
            trainable=row.trainable,
            frozen=row.frozen,
            config=SETTINGS.get(row.type, {}),
        )
        for row in rows
    ]


def summary_of(student, framework):
    """The layers of a new network of the student's, as one image flows through them."""
    return student.build("make_model").layers(batch(np.zeros((1, *cnn1.INPUT), dtype=np.float32), framework))


@pytest.mark.check("conv_parameters", weight=2)
def test_any_convolution(student, rng):
    """Your conv_parameters is right for kernels of any size, channels and filters."""
    for h, w, c, f in [(1, 1, 1, 1), (3, 3, 1, 32), *rng.integers(2, 12, size=(3, 4)).tolist()]:
        assert_matches(
            student.call("conv_parameters", h, w, c, f),
            cnn1.conv_parameters(h, w, c, f),
            misconceptions=[
                Misconception("no bias", "each filter also has one number that belongs to no pixel", h * w * c * f),
                Misconception("one channel", "at how many channels does a filter look?", h * w * f + f),
                Misconception("a bias for each channel", "how many biases does one filter have?", (h * w + 1) * c * f),
                Misconception("one bias for all", "how many biases does the layer have?", h * w * c * f + 1),
            ],
            what=f"conv_parameters({h}, {w}, {c}, {f})",
        )


@pytest.mark.check("layers", weight=3)
def test_layers(student, framework):
    """Your network has the layers of the table, in this order, with these shapes and parameters."""
    valid = specs(cnn1.layers(padding="valid"), framework)
    linear = specs(cnn1.layers(relu=False), framework)
    assert_layers(
        summary_of(student, framework),
        specs(cnn1.layers(), framework),
        misconceptions=[
            StructureMisconception("no padding", EDGES, valid),
            StructureMisconception("no activation", "what comes between the convolution and Flatten?", linear),
            StructureMisconception(*SOFTMAX[framework], specs(cnn1.layers(), framework, usual_end=False)),
        ],
        what="your network",
    )


@pytest.mark.check("parameter_count", weight=2)
def test_parameters(student, framework):
    """Your network has as many parameters as the formulas say."""
    total, trainable, frozen = networks.parameters(cnn1.layers())
    valid, _, _ = networks.parameters(cnn1.layers(padding="valid"))
    assert_parameters(
        summary_of(student, framework),
        total=total,
        trainable=trainable,
        frozen=frozen,
        misconceptions=[Misconception("no padding", EDGES, valid)],
        what="your network",
    )


@pytest.mark.check("statistics", weight=2)
def test_statistics_of_the_training_images(student, data):
    """x_mean and x_std are those of the training images, and of no others, pixel by pixel."""
    (x_train, _), (x_val, _) = digits.load(data)
    right = cnn1.statistics(x_train)
    everything = cnn1.statistics(np.concatenate([x_train, x_val]))
    whole = np.full((2, 28, 28), [[[x_train.mean()]], [[x_train.std()]]])
    for name, place in (("x_mean", 0), ("x_std", 1)):
        assert_matches(
            student[name],
            right[place],
            rtol=2e-3,
            atol=1e-2,
            misconceptions=[
                Misconception("statistics of all data", PEEKED, everything[place]),
                Misconception("statistics of the validation images", PEEKED, cnn1.statistics(x_val)[place]),
                Misconception("one number for all pixels", PER_PIXEL, whole[place]),
                Misconception("variance", "the square root is missing", right[1] ** 2),
            ],
            what=name,
        )


@pytest.mark.check("standardize", weight=3)
def test_standardize_unseen_images(student, rng, data, framework):
    """Your standardize treats unseen images by the training images' statistics, were it a single image."""
    (x_train, _), (x_val, _) = digits.load(data)
    mean, std = cnn1.statistics(x_train)
    everything, validation = cnn1.statistics(np.concatenate([x_train, x_val])), cnn1.statistics(x_val)
    for number in (6, 1):
        images = rng.integers(0, 256, size=(number, 28, 28), dtype=np.uint8)

        def through(center, spread, images=images):
            return batch(cnn1.standardize(images, center, spread), framework)

        actual = student.call("standardize", images)
        expected = through(mean, std)
        assert_shape(actual, expected.shape, what=f"standardize of {number} images", hint="use as_input")
        assert_true(
            bool(np.isfinite(actual).all()),
            "some standardized values are no finite numbers",
            "what is the standard deviation of a pixel that is the same in all training images?",
        )
        assert_matches(
            actual,
            expected,
            rtol=2e-3,
            atol=2e-2,
            dtype="float32",
            misconceptions=[
                Misconception("statistics of all data", PEEKED, through(*everything)),
                Misconception("statistics of the validation images", PEEKED, through(*validation)),
                Misconception(
                    "statistics of the images themselves",
                    "an image that comes alone would always give zeros: whose mean and spread are meant?",
                    through(*cnn1.statistics(images)),
                ),
                Misconception("one number for all pixels", PER_PIXEL, through(x_train.mean(), x_train.std())),
                Misconception("not divided", "centred is not yet scaled", through(mean, 1 - cnn1.SMALL)),
                Misconception("not standardized", "these are the grey values", through(0, 1 - cnn1.SMALL)),
                Misconception("divided by 255", "a range from 0 to 1 is another treatment", through(0, 255)),
            ],
            what=f"standardize of {number} unseen image{'s' if number > 1 else ''}",
        )


@pytest.mark.check("overfitting_gap", weight=2)
def test_gap_of_any_history(student, rng):
    """Your overfitting_gap is right for other histories, also where the validation digits are read better."""
    for epochs in (7, 3):
        shares = {key: rng.uniform(0.2, 1.0, size=epochs) for key in ("accuracy", "val_accuracy")}
        losses = {key: rng.uniform(0.1, 3.0, size=epochs) for key in ("loss", "val_loss")}
        history = {key: series.tolist() for key, series in (shares | losses).items()}
        gap = cnn1.overfitting_gap(history)
        assert_matches(
            student.call("overfitting_gap", history),
            gap,
            atol=1e-6,
            misconceptions=[
                Misconception("the other way round", "overfitting is a gap above zero: what minus what?", -gap),
                Misconception("never below zero", "validation digits may be read better: is that a gap, too?",
                              np.abs(gap)),
                Misconception("gap of the losses", "asked is for the accuracies", losses["val_loss"] - losses["loss"]),
                Misconception("last epoch alone", "wanted is one number for each epoch", gap[-1]),
                Misconception("in percent", "wanted are shares", 100 * gap),
            ],
            what=f"the gap over {epochs} epochs",
        )  # fmt: skip


@pytest.mark.check("after_training", weight=2)
def test_after_the_last_epoch(student, rng):
    """Your after_training gives the validation accuracy and the gap of other histories, after their last epoch."""
    for epochs in (6, 4):
        falling = np.sort(rng.uniform(0.3, 0.9, size=epochs))[::-1]  # so that the best epoch is not the last one
        history = {
            "loss": rng.uniform(0.1, 3.0, size=epochs).tolist(),
            "accuracy": rng.uniform(0.3, 0.9, size=epochs).tolist(),
            "val_loss": rng.uniform(0.1, 3.0, size=epochs).tolist(),
            "val_accuracy": falling.tolist(),
        }
        gap = cnn1.overfitting_gap(history)
        answer = student.call("after_training", history)
        assert_matches(
            list(answer) if isinstance(answer, tuple) else answer,
            [falling[-1], gap[-1]],
            atol=1e-6,
            misconceptions=[
                Misconception(
                    "first epoch", "a list begins with the first epoch: where is the last one?", [falling[0], gap[0]]
                ),
                Misconception(
                    "best epoch",
                    "asked is for the last epoch, whether it was the best or not",
                    [falling[0], gap[-1]],
                ),
                Misconception(
                    "training instead of validation",
                    "which of the two kinds of digits did the network not know?",
                    [history["accuracy"][-1], gap[-1]],
                ),
                Misconception("swapped", "the accuracy comes first, the gap second", [gap[-1], falling[-1]]),
            ],
            what=f"after_training of {epochs} epochs",
        )


def last_of(student, name):
    """The accuracies (training, validation) after the last epoch of a history of one entry per epoch."""
    history, epochs = student.history(name), student["epochs"]
    assert_true(
        sorted(history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
        and all(len(series) == epochs for series in history.values())
        and bool(np.isfinite(list(history.values())).all()),
        f"`{name}` does not have four finite numbers for each epoch",
        "keep what `fit` returns as it is",
    )
    return [history["accuracy"][-1], history["val_accuracy"][-1]]


def forms_of(data):
    """(training, validation) images as the raw run, the standardized run and another one would see them."""
    (x_train, _), (x_val, _) = digits.load(data)
    mean, std = cnn1.statistics(x_train)
    return {
        "raw": (cnn1.as_input(x_train), cnn1.as_input(x_val)),
        "standardized": (cnn1.standardize(x_train, mean, std), cnn1.standardize(x_val, mean, std)),
        "from 0 to 1": (cnn1.as_input(x_train / 255), cnn1.as_input(x_val / 255)),
    }


def measured(student, name, forms, data, framework):
    """The accuracies of a trained network on training and validation images in some form."""
    labels = [part[1] for part in digits.load(data)]
    model = student.model(name)
    return [accuracy(model.predict(batch(x, framework)), y).share for x, y in zip(forms, labels, strict=True)]


@pytest.mark.check("runs", weight=2)
def test_raw_run(student, data, framework):
    """The raw network was trained and measured on the grey values as they are."""
    forms = {form: measured(student, "raw_model", images, data, framework) for form, images in forms_of(data).items()}
    (_, y_train), (_, y_val) = digits.load(data)
    assert_matches(
        last_of(student, "raw_history"),
        forms["raw"],
        rtol=0,
        atol=2.5 / len(y_val),
        misconceptions=[
            Misconception("raw run on standardized images", FAITHFUL, forms["standardized"]),
            Misconception("raw run from 0 to 1", FAITHFUL, forms["from 0 to 1"]),
        ],
        what="the last accuracies in `raw_history`, against those of `raw_model` on grey values,",
        hint=FAITHFUL,
    )
    commonest = np.bincount(y_train).max() / len(y_train)
    assert_true(
        forms["raw"][0] > 2 * commonest,
        f"the raw network reads {forms['raw'][0]:.1%} of its own training digits: hardly more than guessing",
        "was it trained at all?",
    )


@pytest.mark.check("runs", weight=2)
def test_standardized_run(student, data, framework):
    """The other network was trained and measured on standardized images."""
    forms = {form: measured(student, "model", images, data, framework) for form, images in forms_of(data).items()}
    (_, y_val) = digits.load(data)[1]
    assert_matches(
        last_of(student, "history"),
        forms["standardized"],
        rtol=0,
        atol=2.5 / len(y_val),
        misconceptions=[
            Misconception("standardized run on raw images", FAITHFUL, forms["raw"]),
            Misconception("standardized run from 0 to 1", FAITHFUL, forms["from 0 to 1"]),
        ],
        what="the last accuracies in `history`, against those of `model` on standardized images,",
        hint=FAITHFUL,
    )


@pytest.mark.check("forward_pass", weight=2)
def test_same_weights_same_predictions(student, rng, framework):
    """With your weights, a reference network predicts what both of yours predict, on images that they never saw."""
    images = rng.normal(size=(24, *cnn1.INPUT)).astype(np.float32)
    for name in ("raw_model", "model"):
        outputs, expected = predictions(student, name, images, framework)
        assert_matches(
            outputs,
            expected,
            rtol=1e-3,
            atol=1e-3,
            what=f"the class probabilities that `{name}` predicts",
            hint="the layers have the right weights, but they compute something else: look at their settings",
        )


@pytest.mark.check("accuracy", weight=4)
def test_unseen_digits(student, data, framework, calibration):
    """The network of your standardized run reads unseen digits about as well as the reference does."""
    (x_train, _), _ = digits.load(data)
    x_test, y_test = digits.load_test(data)
    outputs, expected = predictions(student, "model", cnn1.standardize(x_test, *cnn1.statistics(x_train)), framework)
    same = np.mean(np.isclose(outputs, expected, rtol=1e-3, atol=1e-3).all(axis=1))
    assert_true(same >= AGREE, "your network does not predict what its weights say", "see the check before")
    assert_accuracy(expected, y_test, band=calibration("accuracy"), what="unseen digits")


def predictions(student, name, images, framework):
    """The class probabilities (N, 10) of the student's network, and those that its weights give in the reference.

    Accuracies are measured on the latter: a nudge below the tolerance would be enough to decide the class where all
    others are equal.
    """
    stack = cnn1.layers()
    weights = student.model(name).weights()
    assert_true(
        [weight.shape for weight in weights] == networks.weight_shapes(stack, framework)
        and all(weight.dtype.kind == "f" for weight in weights),
        f"the weights of `{name}` do not fit into the reference network",
        "compare your layers with the table: one is missing, is one too many, or has another size",
    )
    outputs = student.model(name).predict(batch(images, framework))
    assert_true(
        outputs.shape == (len(images), cnn1.CLASSES) and outputs.dtype.kind == "f" and bool(np.isfinite(outputs).all()),
        f"the predictions of `{name}` are of the shape {outputs.shape}, or not all of them are finite numbers",
        f"for {len(images)} images, wanted are {cnn1.CLASSES} numbers each",
    )
    if framework == "torch":
        weights = networks.from_torch(stack, weights)
    with np.errstate(all="ignore"):  # weights may be anything
        expected = networks.forward(stack, weights, images, networks.EPSILON[framework])
    return networks.as_probabilities(outputs), expected
