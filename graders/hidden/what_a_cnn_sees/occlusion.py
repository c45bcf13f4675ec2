"""Checks on occlusion maps: any mask, stride and grey, unseen images, the shipped network and others."""

import digits
import numpy as np
import pytest
import trained

from referee.checks import Misconception, assert_matches, assert_true
from reference import occlusion, small_cnn

# With TF32, a GPU's convolutions keep eleven bits: probabilities are then off by up to half a thousandth.
CLOSE = 3e-3
MASKS = ((8, 5, None), (11, 4, 0.2), (5, 7, 0.9), (12, 8, None))  # mask, stride, and the grey unless it is the default


def painted(rng, number):
    """Unseen digits (N, 28, 28, 3) in unseen colours, and their classes (N,)."""
    grey, labels = digits.load_test("digits")
    chosen = rng.choice(len(grey), size=number, replace=False)
    return trained.paint(grey[chosen], int(rng.integers(2**31))), labels[chosen]


def other_network(rng, height, width):
    """A network for images of another size that nobody has trained; a strong last layer keeps classes apart."""
    like = trained.weights()
    like[4] = np.zeros((height // 4 * (width // 4) * 16, 32))
    weights = small_cnn.random_weights(rng, like)
    return [*weights[:-2], 4 * weights[-2], weights[-1]]


def preferred(weights, image):
    """The class that the network prefers."""
    return int(small_cnn.scores(weights, image[np.newaxis])[0].argmax())


def probability(weights, label):
    """The score of this notebook: the probability of a class."""
    return lambda images: small_cnn.probabilities(weights, images)[:, label]


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


def mistaken_positions(height, width, mask, stride):
    """The usual wrong numbers of positions."""
    rows, columns = occlusion.positions(height, width, mask, stride)
    return [
        Misconception(
            "one position too few",
            "the stride says how many steps fit; how many places has somebody been at after one step?",
            (rows - 1, columns - 1),
        ),
        Misconception(
            "masks over the edge",
            "some of these masks stand partly outside: where is the last corner for which the whole mask is inside?",
            (-(-height // stride), -(-width // stride)),
        ),
        Misconception(
            "rounded up",
            "a last step that is cut short is no step: all moves have the same length",
            (-(-(height - mask) // stride) + 1, -(-(width - mask) // stride) + 1),
        ),
        Misconception(
            "rows and columns changed places", "which of the two numbers belongs to the height?", (columns, rows)
        ),
        Misconception("the total", "two numbers are wanted, that of the rows and that of the columns", rows * columns),
    ]


@pytest.mark.check("positions")
def test_positions_of_any_size(student, rng):
    """Your positions is right for images, masks and strides of any size, also where a rest remains."""
    for _ in range(4):
        height, width = (int(size) for size in rng.integers(20, 300, size=2))
        mask, stride = int(rng.integers(2, 19)), int(rng.integers(2, 12))
        assert_positions(student, height, width, mask, stride)


@pytest.mark.check("positions")
def test_positions_that_fit_exactly(student, rng):
    """Your positions counts the last one, where the mask touches the edge, and does so with any stride."""
    mask, stride, steps = int(rng.integers(3, 30)), int(rng.integers(2, 30)), rng.integers(2, 20, size=2)
    height, width = (mask + stride * int(number) for number in steps)
    assert_positions(student, height, width, mask, stride)
    assert_positions(student, height - 1, width - 1, mask, stride)
    assert_positions(student, height, width, mask, 1)


def assert_positions(student, height, width, mask, stride):
    """The student's `positions` gives the reference's numbers."""
    assert_matches(
        student.call("positions", height, width, mask, stride),
        occlusion.positions(height, width, mask, stride),
        misconceptions=mistaken_positions(height, width, mask, stride),
        what=f"positions({height}, {width}, {mask}, {stride})",
    )


@pytest.mark.check("n_positions")
def test_n_positions(student):
    """The number of positions in VGG16's image."""
    rows, columns = occlusion.positions(224, 224, 26, 18)
    wrong = [
        Misconception("one side only", "how many rows of positions are there, and how many in each of them?", rows),
        Misconception("one position too few for each side", "is the very first position counted?", 11 * 11),
        Misconception("a step for each stride", "the last masks stand partly outside the image", 13 * 13),
    ]
    assert_matches(student["n_positions"], rows * columns, misconceptions=wrong, what="n_positions")


def mistaken_squares(image, top, left, mask, grey):
    """The usual wrong images (H, W, C)."""
    covered = occlusion.occlude(image, top, left, mask, grey)
    inside = covered != image
    one_channel, rest = image.copy(), np.full_like(image, grey)
    one_channel[..., 0] = covered[..., 0]
    rest[top : top + mask, left : left + mask] = image[top : top + mask, left : left + mask]
    half = mask // 2
    centred = occlusion.occlude(image, max(top - half, 0), max(left - half, 0), mask, grey)
    larger = image.copy()
    larger[top : top + mask + 1, left : left + mask + 1] = grey
    return [
        Misconception("a black mask", "the square is not as grey as it should be", np.where(inside, 0, image)),
        Misconception(
            "row and column changed places",
            "`top` counts rows and `left` columns: which index of the array is which?",
            occlusion.occlude(image, left, top, mask, grey),
        ),
        Misconception("only one channel", "the square is to be grey in all channels", one_channel),
        Misconception("all but the square", "what is to be covered, the square or all around it?", rest),
        Misconception("around the corner", "(top, left) is the square's corner, not its centre", centred),
        Misconception("one pixel too large", "how many rows has a slice from `top` to `top + mask`?", larger),
    ]


@pytest.mark.check("occlude", weight=2)
def test_occlude_any_image(student, framework, rng):
    """Your occlude works for images of any size and number of channels, at any place, with any grey."""
    for channels, grey in ((3, 0.5), (1, 0.3), (4, 0.8)):
        image = rng.uniform(size=(17, 23, channels)).astype(np.float32)
        top, left, mask = (int(number) for number in rng.permutation([5, 7, 9]))
        wrong = [
            Misconception(mistake.name, mistake.hint, small_cnn.layout(mistake.value, framework))
            for mistake in mistaken_squares(image, top, left, mask, grey)
        ]
        assert_matches(
            student.call("occlude", small_cnn.layout(image, framework), top, left, mask, grey),
            small_cnn.layout(occlusion.occlude(image, top, left, mask, grey), framework),
            dtype="float32",
            misconceptions=wrong,
            what=f"an image with {channels} channels and a square at ({top}, {left})",
        )


@pytest.mark.check("occlude")
def test_occlude_default_grey(student, framework, rng):
    """Without a fifth argument, your mask has the grey 0.5; float64 stays float64."""
    for dtype in (np.float64, np.float32):
        image = rng.uniform(size=(9, 12, 3)).astype(dtype)
        assert_matches(
            student.call("occlude", small_cnn.layout(image, framework), 2, 6, 4),
            small_cnn.layout(occlusion.occlude(image, 2, 6, 4), framework),
            dtype=np.dtype(dtype).name,
            what=f"an image of {np.dtype(dtype).name} and a mask of the default grey",
        )


@pytest.mark.check("occlude")
def test_occlude_keeps_the_image(student, framework, rng):
    """Your occlude gives the right copy, and leaves the image as it was."""
    image = rng.uniform(size=(10, 8, 3)).astype(np.float32)
    answer = student.outcome("occlude", small_cnn.layout(image, framework), 3, 1, 5, 0.4)
    assert_true(not answer.changed, "the image itself has a grey square now", "work on a copy of the image")
    expected = small_cnn.layout(occlusion.occlude(image, 3, 1, 5, 0.4), framework)
    assert_matches(answer.value, expected, what="the copy")


def mistaken_maps(weights, image, label, size):
    """The usual wrong maps."""
    mask, stride, grey = size
    score = probability(weights, label)
    right = occlusion.occlusion_map(score, image, mask, stride, grey)
    rows, columns = right.shape

    def before_softmax(images):
        return small_cnn.scores(weights, images)[:, label]

    def mapped(score=score, grey=grey):
        return occlusion.occlusion_map(score, image, mask, stride, grey)

    wrong = [
        Misconception(
            "the score instead of its fall",
            "this is the probability that is left: the map says how much is lost",
            score(image[np.newaxis])[0] - right,
        ),
        Misconception(
            "a rise instead of a fall", "the map is positive where the probability gets smaller", lambda: -right
        ),
        Misconception(
            "no sign",
            "a probability may also rise when something is covered: that must be seen in the map",
            lambda: np.abs(right),
        ),
        Misconception(
            "the class that the network prefers",
            "the map was asked for the class `label`, whatever the network itself would choose",
            lambda: mapped(score=probability(weights, preferred(weights, image))),
        ),
        Misconception(
            "before the softmax",
            "here, the score is a probability: what comes out of the softmax, not what goes into it",
            lambda: mapped(score=before_softmax),
        ),
        Misconception(
            "masks pile up",
            "the squares of earlier positions are still there: every position begins with the image as it was",
            lambda: occlusion.piled_up(score, image, mask, stride, grey),
        ),
        Misconception("a black mask", "the mask is not as grey as it should be", lambda: mapped(grey=0.0)),
        Misconception("always the same grey", "which grey was the function asked to use?", lambda: mapped(grey=0.5)),
        Misconception(
            "the last row and column are missing",
            "the last mask touches the edge: how many positions has `positions` counted?",
            right[: rows - 1, : columns - 1],
        ),
        Misconception(
            "masks over the edge",
            "some masks stand partly outside",
            lambda: over_the_edge(score, image, size),
        ),
        Misconception(
            "rows and columns of the map changed places", "which index of the map belongs to the rows?", right.T
        ),
    ]
    if image.shape != (28, 28, 3):
        return wrong
    own_network = Misconception(
        "the notebook's own network",
        "your function was given a network; did it use that one, or the notebook's `model`?",
        lambda: mapped(score=probability(trained.weights(), label)),
    )
    return [*wrong, own_network]


def over_the_edge(score, image, size):
    """The map of masks that begin at every multiple of the stride, and are cut at the edge."""
    mask, stride, grey = size
    tops, lefts = (range(0, side, stride) for side in image.shape[:2])
    covered = [occlusion.occlude(image, top, left, mask, grey) for top in tops for left in lefts]
    return (score(image[np.newaxis])[0] - score(np.stack(covered))).reshape(len(tops), len(lefts))


def assert_map(student, framework, question, size, weights=None):
    """The student's map is the reference's, and image and network stay; no weights: the shipped network."""
    (image, label), (mask, stride, grey) = question, size
    used = trained.weights() if weights is None else weights
    arguments = (mask, stride) if grey is None else (mask, stride, grey)
    right = occlusion.occlusion_map(probability(used, label), image, *arguments)
    given = small_cnn.layout(image, framework)
    answer = student.outcome("with_network", "occlusion_map", weights, given, int(label), *arguments)
    assert_true(
        not answer.changed,
        "the image is not what it was before",
        "every position needs the image as it was, and so does whoever gave it",
    )
    assert_matches(
        answer.value,
        right,
        rtol=CLOSE,
        atol=CLOSE * float(np.abs(right).max()),
        misconceptions=mistaken_maps(used, image, label, (mask, stride, 0.5 if grey is None else grey)),
        what=f"the map for class {label} with a mask of {mask}, a stride of {stride}"
        + (" and the default grey" if grey is None else f" and the grey {grey}"),
    )


@pytest.mark.check("occlusion_map", weight=2)
def test_map_of_other_networks(student, framework, rng):
    """Your occlusion_map is right for other networks, other sizes of images, and classes that are not preferred."""
    for (height, width), size in zip(((28, 28), (20, 36)), MASKS[:2], strict=True):
        weights, image = other_network(rng, height, width), rng.uniform(size=(height, width, 3)).astype(np.float32)
        order = np.argsort(small_cnn.scores(weights, image[np.newaxis])[0])
        assert_map(student, framework, (image, order[-2]), size, weights)


@pytest.mark.check("occlusion_map", weight=2)
def test_map_of_unseen_digits(student, framework, rng):
    """Your occlusion_map is right for unseen digits and their own classes, with any mask, stride and grey."""
    images, labels = painted(rng, len(MASKS))
    for image, label, size in zip(images, labels, MASKS, strict=True):
        assert_map(student, framework, (image, label), size)


@pytest.mark.check("occlusion_map", weight=2)
def test_map_of_other_classes(student, framework, rng):
    """Your occlusion_map is right for classes that the network does not choose, and the network is the shipped one."""
    images, _ = painted(rng, 2)
    second = np.argsort(small_cnn.scores(trained.weights(), images), axis=1)[:, -2]
    for image, label in zip(images, second, strict=True):
        assert_map(student, framework, (image, label), (9, 6, 0.7))
    assert_shipped(student, framework)


@pytest.mark.check("most_important", weight=2)
def test_most_important_of_any_map(student, rng):
    """Your most_important is right for maps of any shape, and any stride."""
    for (rows, columns), row, column in (((4, 7), int(rng.integers(1, 4)), 5), ((9, 3), int(rng.integers(3, 9)), 2)):
        drops, stride = rng.normal(scale=0.3, size=(rows, columns)), int(rng.integers(2, 9))
        drops[row, column] = 1.5
        drops[row - 1, column - 1] = -2.0
        risen = occlusion.largest_drop(-drops, stride)
        wrong = [
            Misconception("positions instead of pixels", "how many pixels lie between two positions?", (row, column)),
            Misconception(
                "the largest change",
                "a large rise is not a fall: look at the sign",
                risen,
            ),
            Misconception("(left, top)", "which of the two comes first?", (column * stride, row * stride)),
            Misconception("a single number", "a row and a column are wanted", row * columns + column),
        ]
        assert_matches(
            student.call("most_important", drops, stride),
            occlusion.largest_drop(drops, stride),
            misconceptions=wrong,
            what=f"the most important square of a map of shape {drops.shape}",
        )
