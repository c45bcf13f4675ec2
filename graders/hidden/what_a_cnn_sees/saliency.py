"""Checks on scores and saliency maps: unseen digits and noise, any class, the shipped network and others."""

import digits
import numpy as np
import pytest
import trained

from referee.checks import Misconception, assert_matches, assert_true
from reference import saliency, small_cnn

# With TF32, a GPU's convolutions keep eleven bits: maps are then off by up to a thousandth of their largest value.
CLOSE = 3e-3

OWN_NETWORK = "your function was given a network; did it use that one, or the notebook's `model`?"


def painted(rng, number):
    """Unseen digits (N, 28, 28, 3) in unseen colours, and their classes (N,)."""
    grey, labels = digits.load_test("digits")
    chosen = rng.choice(len(grey), size=number, replace=False)
    return trained.paint(grey[chosen], int(rng.integers(2**31))), labels[chosen]


def noise(rng, number):
    """Images (N, 28, 28, 3) of colours drawn at random: here the derivatives of the channels differ in sign a lot."""
    return rng.uniform(size=(number, 28, 28, 3)).astype(np.float32)


def rival(weights, images):
    """For each image the second most likely class, which is a class that the network does not choose."""
    return np.argsort(small_cnn.scores(weights, images), axis=1)[:, -2]


def mistakes(weights, images, labels, framework):
    """The usual wrong maps (N, ...)."""
    scores = small_cnn.scores(weights, images)
    gradient = saliency.gradient(weights, images, labels)
    right, size = saliency.brightest(gradient), np.abs(gradient)

    def started(start):
        return saliency.brightest(small_cnn.gradient(weights, images, start(scores, labels)))

    return [
        Misconception(
            "the softmax's gradient",
            "this starts from the probability: it mixes in what changes the scores of other classes; which layer comes "
            "before the softmax?",
            started(saliency.from_softmax),
        ),
        Misconception(
            "the loss's gradient",
            "this is the gradient of a loss; wanted is that of the class score itself",
            started(saliency.from_loss),
        ),
        Misconception(
            "all classes at once",
            "this is the gradient of all ten scores together: which of them was asked for?",
            started(saliency.from_all_scores),
        ),
        Misconception(
            "the class that the network prefers",
            "the map was asked for the class `label`, whatever the network itself would choose",
            started(saliency.from_prediction),
        ),
        Misconception(
            "no absolute value",
            "a strong influence may be negative, too: what does the map do with the sign?",
            gradient.max(axis=-1),
        ),
        Misconception(
            "the absolute value comes too late",
            "a large negative derivative loses here against a small positive one: which comes first, the "
            "absolute value or the maximum?",
            np.abs(gradient.max(axis=-1)),
        ),
        Misconception(
            "the mean over the channels",
            "a pixel counts as much as the most important of its channels, not as their mean",
            size.mean(axis=-1),
        ),
        Misconception(
            "the sum over the channels",
            "a pixel counts as much as the most important of its channels, not as all together",
            size.sum(axis=-1),
        ),
        Misconception(
            "the length over the channels",
            "this is the length of the gradient over the channels: how large is the largest of them alone?",
            np.sqrt((gradient**2).sum(axis=-1)),
        ),
        Misconception(
            "the channels are still there",
            "one number for each pixel is wanted: what becomes of the channels?",
            small_cnn.layout(size, framework),
        ),
        Misconception(
            "gradient times image",
            "this is the gradient times the image, which is another map: wanted is the gradient alone",
            saliency.brightest(gradient * images),
        ),
        Misconception(
            "scaled",
            "the map is scaled by its largest value: wanted are the derivatives as they are",
            right / right.max(axis=(1, 2), keepdims=True),
        ),
        Misconception(
            "the notebook's own network",
            OWN_NETWORK,
            saliency.saliency(trained.weights(), images, labels),
        ),
    ]


def assert_maps(answer, weights, images, labels, framework, *, what, more=()):
    """The maps (N, 28, 28) are the reference's."""
    right = saliency.saliency(weights, images, labels)
    wrong = [*more, *mistakes(weights, images, labels, framework)]
    close = CLOSE * float(right.max())
    assert_matches(answer, right, rtol=CLOSE, atol=close, misconceptions=wrong, what=what)


def assert_map(answer, weights, image, label, framework, *, what):
    """The map (28, 28) of one image is the reference's."""
    batch = image[np.newaxis], [label]
    right = saliency.saliency(weights, *batch)[0]
    wrong = [
        Misconception(mistake.name, mistake.hint, mistake.value[0]) for mistake in mistakes(weights, *batch, framework)
    ]
    close = CLOSE * float(right.max())
    assert_matches(answer, right, rtol=CLOSE, atol=close, misconceptions=wrong, what=what)


def assert_each(student, framework, images, labels, weights=None):
    """The student's `saliency` gives the right map for each image and class; no weights: the shipped network."""
    for image, label in zip(images, labels, strict=True):
        answer = student.call("with_network", "saliency", weights, small_cnn.layout(image, framework), int(label))
        used = trained.weights() if weights is None else weights
        assert_map(answer, used, image, label, framework, what=f"the map of an image for class {label}")


def assert_shipped(student, framework):
    """The network in the notebook has the weights that it came with."""
    shipped = trained.to_torch(trained.weights()) if framework == "torch" else trained.weights()
    assert_matches(
        student.model("model").weights(),
        shipped,
        rtol=1e-6,
        what="the weights of `model`",
        hint="nothing in this notebook changes the network: run it again from the beginning",
    )


def assert_scores(student, framework, images, weights):
    """The student's `scores` are the reference's; no weights: the shipped network."""
    used = trained.weights() if weights is None else weights
    right = small_cnn.scores(used, images)
    shares = small_cnn.softmax(right)
    no_softmax = "these are what comes out of the softmax: what goes into it?"
    assert_matches(
        student.call("with_network", "scores", weights, small_cnn.layout(images, framework)),
        right,
        rtol=CLOSE,
        atol=CLOSE * float(np.abs(right).max()),
        misconceptions=[
            Misconception("probabilities instead of scores", no_softmax, shares),
            Misconception(
                "logarithms of the probabilities",
                "a softmax cannot be undone: what is the same for all classes got lost; take the layer before it",
                np.log(shares),
            ),
            Misconception(
                "the notebook's own network",
                OWN_NETWORK,
                small_cnn.scores(trained.weights(), images),
            ),
        ],
        what=f"the scores of {len(images)} images",
    )


@pytest.mark.check("scores")
def test_scores_of_other_networks(student, framework, rng):
    """Your scores are right for a network with other weights."""
    weights = small_cnn.random_weights(rng, trained.weights())
    assert_scores(student, framework, noise(rng, 5), weights)


@pytest.mark.check("scores")
def test_scores_of_unseen_digits(student, framework, rng):
    """Your scores are right for unseen digits, and the network is the one that came with the notebook."""
    assert_scores(student, framework, painted(rng, 20)[0], None)
    assert_shipped(student, framework)


@pytest.mark.check("saliency", weight=2)
def test_saliency_of_other_networks(student, framework, rng):
    """Your saliency is right for networks with other weights."""
    for _ in range(2):
        images, weights = noise(rng, 1), small_cnn.random_weights(rng, trained.weights())
        assert_each(student, framework, images, rival(weights, images), weights)


@pytest.mark.check("saliency", weight=2)
def test_saliency_of_other_classes(student, framework, rng):
    """Your saliency is right for classes that the network does not choose."""
    images, _ = painted(rng, 3)
    assert_each(student, framework, images, rival(trained.weights(), images))


@pytest.mark.check("saliency", weight=2)
def test_saliency_of_unseen_digits(student, framework, rng):
    """Your saliency is right for unseen digits and their own classes, and for noise."""
    images, labels = painted(rng, 3)
    assert_each(student, framework, images, labels)
    assert_each(student, framework, noise(rng, 1), rng.integers(10, size=1))


@pytest.mark.check("saliency")
def test_saliency_leaves_no_trace(student, framework, rng):
    """Your saliency changes neither the image nor the network, and gives the same map again."""
    image = noise(rng, 1)[0]
    given = small_cnn.layout(image, framework)
    first, second = (student.outcome("with_network", "saliency", None, given, 4) for _ in range(2))
    assert_true(
        not first.changed,
        "the image is not what it was before",
        "work on a copy, or on a tensor that does not share the array's memory",
    )
    for answer, what in ((first, "the map"), (second, "the map of the same image, asked for a second time")):
        assert_map(answer.value, trained.weights(), image, 4, framework, what=what)
    assert_shipped(student, framework)


@pytest.mark.check("saliency_batch", weight=2)
def test_batch_of_other_networks(student, framework, rng):
    """Your saliency_batch is right for a network with other weights, and a class of its own for each image."""
    images, weights = noise(rng, 4), small_cnn.random_weights(rng, trained.weights())
    assert_batch(student, framework, images, rng.permutation(10)[:4], weights)


@pytest.mark.check("saliency_batch", weight=2)
def test_batch_of_unseen_digits(student, framework, rng):
    """Your saliency_batch is right for unseen digits, for batches of any size, and changes no image."""
    for number in (1, 7):
        assert_batch(student, framework, *painted(rng, number))


def assert_batch(student, framework, images, labels, weights=None):
    """The student's `saliency_batch` gives the reference's maps; no weights: the shipped network."""
    used = trained.weights() if weights is None else weights
    right = saliency.saliency(used, images, labels)
    answer = student.outcome(
        "with_network", "saliency_batch", weights, small_cnn.layout(images, framework), np.asarray(labels)
    )
    assert_true(not answer.changed, "the images or the classes are not what they were before", "work on a copy")
    more = [
        Misconception(
            "one class for all images",
            "every image has its own class: whose did you take?",
            saliency.saliency(used, images, np.full(len(images), labels[0])),
        ),
        Misconception(
            "the mean over the images",
            "every map is too dark by the number of images: what is differentiated, a sum or a mean?",
            right / len(images),
        ),
        Misconception("the images are mixed", "one map for each image is wanted, not one for all", right.max(axis=0)),
    ]
    what = f"the maps of {len(images)} images"
    assert_maps(answer.value, used, images, labels, framework, what=what, more=more)
