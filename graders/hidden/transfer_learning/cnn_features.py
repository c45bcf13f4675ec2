"""Checks on features from the pre-trained network: range, layer, unseen faces, the file, and the classifier."""

import io
import math

import backbone
import faces
import numpy as np
import pytest

from referee.checks import Misconception, accuracy, assert_accuracy, assert_matches, assert_shape, assert_true
from reference import backbone as truth

CLOSE = {"rtol": 2e-3, "atol": 2e-2}  # features are about 3; a GPU rounds more coarsely

ORDER = (
    "the first of the three colours is not the one that the network expects there: in which order did it learn them?"
)
MEANS = "each colour has a mean of its own: is each one subtracted from the colour that it belongs to?"
NO_MEANS = "the colours are not centred: what does VGG range subtract from each of them?"
SCALED = "the values are much too small: does VGG range divide by anything?"
STATISTICS = "these features depend on the other pictures in the batch: in which mode does batch normalization run?"
RELU = "there are negative numbers among your features: the feature layer ends with its activation"
BEYOND = "these are the network's opinions on 32 strangers: which layer comes before them?"
BEFORE = "these numbers come out of the last block: the feature layer lies further on"


def unseen(rng, number=1):
    """Pictures of people whom neither the student nor the network has ever met, and some noise: (N, 48, 48, 3)."""
    images, _ = faces.draw(number, rng, faces.invent(6, rng))
    noise = rng.integers(0, 256, size=(2, faces.SIZE, faces.SIZE, 3), dtype=np.uint8)
    return np.concatenate([images, noise])


def layout(framework, images):
    """A batch (N, H, W, C) in the layout of the framework."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)) if framework == "torch" else images


def feature_weights():
    """The shipped weights up to the feature layer."""
    return {name: arrays for name, arrays in backbone.weights("small").items() if name != "predictions"}


def features_of(images, mistake="", **wrong):
    """The reference's features of images (N, H, W, 3)."""
    ready = truth.preprocess(images, mistake)
    return truth.activations(backbone.weights("small"), ready, **wrong)["features_relu"].astype(np.float32)


def assert_shipped(student, framework):
    """The student's extractor has the weights that were shipped, to the last bit."""
    arrays = student.model("extractor").weights()
    if framework == "torch":
        arrays = truth.from_torch(arrays)
    shipped = feature_weights()
    shapes = {name: shape for name, shape in truth.weight_shapes().items() if name in shipped}
    found = truth.by_name(arrays, shapes)
    assert_true(
        truth.by_name(arrays, truth.weight_shapes()) is None,
        "your extractor still holds the layer `predictions`",
        BEYOND,
    )
    if found is None:
        assert_true(False, "your extractor has other layers with weights than wanted", "from the input to `features`")
    statistics = changed(found, shipped, slice(2, 4))
    other = changed(found, shipped, slice(0, 2))
    assert_matches(
        [len(other), len(statistics)],
        [0, 0],
        misconceptions=[
            Misconception(
                "running statistics moved",
                "nobody trained, yet the means and variances of the batch normalizations are not those that were "
                "shipped: in which mode does your network look at pictures?",
                [0, len(statistics)],
            )
        ],
        what="how many layers have other weights than the shipped ones, and how many other running statistics",
        hint="the weights stay as they were learned",
    )


def changed(found, shipped, part):
    """The layers in which one of some arrays is not bit-identical with the shipped one; statistics come third."""
    return [
        name
        for name, arrays in shipped.items()
        if not all(
            have.dtype == want.dtype and np.array_equal(have, want)
            for have, want in list(zip(found[name], arrays, strict=True))[part]
        )
    ]


@pytest.mark.check("preprocess", weight=2)
def test_range(student, rng, framework):
    """Your preprocess brings any image into the network's size and range."""
    for shape in ((3, 48, 48, 3), (2, 40, 56, 3)):
        images = rng.integers(0, 256, size=shape, dtype=np.uint8)

        def wrong(name, images=images):
            return lambda: layout(framework, truth.preprocess(images, name))

        assert_matches(
            student.call("preprocess", images),
            layout(framework, truth.preprocess(images)),
            **CLOSE,
            dtype="float32",
            misconceptions=[
                Misconception("RGB instead of BGR", ORDER, wrong("RGB instead of BGR")),
                Misconception("means in the wrong order", MEANS, wrong("the means in the wrong order")),
                Misconception("colours without their means", MEANS, wrong("the colours swapped without their means")),
                Misconception("means not subtracted", NO_MEANS, wrong("the means not subtracted")),
                Misconception("raw pixels", NO_MEANS, wrong("raw pixels")),
                Misconception("pixels from 0 to 1", SCALED, wrong("pixels from 0 to 1")),
                Misconception("divided by 255", SCALED, wrong("divided by 255 as well")),
            ],
            what=f"preprocess of {shape[0]} images of {shape[1]}x{shape[2]}",
        )


@pytest.mark.check("extractor", weight=2)
def test_extractor(student, rng, framework):
    """Your extractor gives what comes out of the feature layer, for inputs that it has never seen."""
    inputs = truth.preprocess(unseen(rng))
    right = truth.activations(backbone.weights("small"), inputs)
    assert_matches(
        student.model("extractor").predict(layout(framework, inputs)),
        right["features_relu"].astype(np.float32),
        **CLOSE,
        misconceptions=[
            Misconception("before the ReLU", RELU, right["features"]),
            Misconception("predictions instead of features", BEYOND, right["predictions"]),
            Misconception("the last block instead of features", BEFORE, last_block(framework, right["flatten"])),
        ],
        what="what comes out of your extractor",
    )


def last_block(framework, flat):
    """What comes out of "flatten", in the order of the framework."""
    if framework != "torch":
        return flat
    return flat.reshape(len(flat), -1, truth.FILTERS[-1]).swapaxes(1, 2).reshape(flat.shape)


@pytest.mark.check("extractor")
def test_extractor_keeps_weights(student, framework):
    """Your extractor has the layers up to the feature layer, with the weights that were learned."""
    assert_shipped(student, framework)


@pytest.mark.check("features", weight=3)
def test_features(student, rng):
    """Your features of unseen pictures are those of the reference network with the same weights."""
    images = unseen(rng)
    weights, ready = backbone.weights("small"), truth.preprocess(images)
    assert_matches(
        student.call("extract_features", images),
        features_of(images),
        **CLOSE,
        dtype="float32",
        misconceptions=[
            Misconception("batch statistics", STATISTICS, lambda: features_of(images, batch_statistics=True)),
            Misconception("before the ReLU", RELU, lambda: truth.activations(weights, ready)["features"]),
            Misconception(
                "not preprocessed",
                "these are the features of raw pixels: what does `preprocess` do to them first?",
                lambda: features_of(images, "raw pixels"),
            ),
        ],
        what="the features of unseen pictures",
    )


@pytest.mark.check("features")
def test_features_one_by_one(student, rng):
    """A picture has the same features alone and among others."""
    images = unseen(rng)
    for place in (0, len(images) - 1):
        assert_matches(
            student.call("extract_features", images[place : place + 1]),
            features_of(images)[place : place + 1],
            **CLOSE,
            misconceptions=[
                Misconception(
                    "batch statistics",
                    STATISTICS,
                    lambda place=place: features_of(images[place : place + 1], batch_statistics=True),
                )
            ],
            what="the features of a single picture",
        )


@pytest.mark.check("features")
def test_network_unchanged(student, rng, framework):
    """After looking at pictures, your network is the same as before."""
    assert_shape(student.call("extract_features", unseen(rng)), (None, truth.FEATURES), what="the features")
    assert_shipped(student, framework)


@pytest.mark.check("file")
def test_files(student, rng):
    """What your dump_features writes, your load_features reads, from several files."""
    first, second = (rng.normal(size=(number, truth.FEATURES)).astype(np.float32) for number in (5, 3))
    student.call("dump_features", "first.npy", first)
    student.call("dump_features", "second.npy", second)
    for path, written in (("first.npy", first), ("second.npy", second)):
        read = student.call("load_features", path)
        assert_matches(read, written, rtol=0, atol=0, dtype="float32", what=f"what load_features reads from {path}")
        assert_matches(content(student, path), written, rtol=0, atol=0, dtype="float32", what=f"the content of {path}")


@pytest.mark.check("file", weight=2)
def test_training_file(student, data):
    """The file features_train.npy holds the features of your training pictures, in their order."""
    images = training(data)[0]
    found = content(student, "features_train.npy")
    assert_matches(
        found,
        features_of(images),
        **CLOSE,
        dtype="float32",
        misconceptions=[
            Misconception(
                "pixels in the file",
                "the file holds the prepared pictures, not what the network finds in them",
                lambda: truth.preprocess(images).reshape(len(images), -1) if found.ndim == 2 else found,
            )
        ],
        what="the content of features_train.npy",
        hint="the features of x_train, in the order of x_train",
    )


def training(data, per_person=5):
    """The notebook's few training pictures and their labels."""
    (images, labels), _ = faces.load(data)
    few = np.sort(np.concatenate([np.flatnonzero(labels == person)[:per_person] for person in range(faces.CLASSES)]))
    return images[few], labels[few]


def content(student, path):
    """The array in a .npy file of the student's kernel, read from its bytes: these may be anything."""
    found = student.call("content_of", path)
    assert_true(isinstance(found, bytes) and found[:6] == b"\x93NUMPY", f"{path} is no file in NumPy's .npy format")
    file = io.BytesIO(found)
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(file)
    except (ValueError, OSError):
        shape, fortran, dtype = (), False, np.dtype(object)
    rest = found[file.tell() :]
    assert_true(
        dtype.kind in "biuf" and len(rest) == math.prod(shape) * dtype.itemsize,
        f"{path} holds something else than one array of numbers",
        "save the features alone, as a plain array",
    )
    return np.frombuffer(rest, dtype).reshape(shape, order="F" if fortran else "C")


def faces_to_recognise(data, rng):
    """Unseen pictures of the eight people: newly drawn, or of real data the test pictures that are held back."""
    return faces.draw(40, rng) if data == "drawn" else faces.load_test(data)


@pytest.mark.check("classifier", weight=3)
def test_accuracy(student, rng, data, calibration):
    """Your classifier recognises unseen pictures about as well as the reference's does."""
    images, labels = faces_to_recognise(data, rng)
    answer = student.call("recognise", images)
    assert_shape(answer, (len(images),), what="what recognise gives", hint="one whole number for each picture")
    assert_accuracy(
        answer,
        labels,
        band=calibration("accuracy"),
        what="unseen faces",
        hint="does each row of your features stand beside the right label?",
    )


@pytest.mark.check("classifier")
def test_better_than_from_scratch(student, rng, data, calibration):
    """With your features, it recognises more than a network that learned from scratch on the same pictures."""
    images, labels = faces_to_recognise(data, rng)
    found, scratch = accuracy(student.call("recognise", images), labels), calibration("scratch")
    assert_true(
        found.share > scratch.highest,
        f"{found.words('unseen faces')}; a network that learns from scratch reaches {scratch.words()}",
        "what do the features know that forty pictures do not tell?",
    )


@pytest.mark.check("classifier")
def test_follows_the_features(student, rng):
    """What recognise says of a picture does not depend on the others that it sees."""
    images, _ = faces.draw(2, rng)
    together = student.call("recognise", images)
    assert_shape(together, (len(images),), what="what recognise gives")
    alone = [student.call("recognise", images[place : place + 1]) for place in (1, 7)]
    for answer, place in zip(alone, (1, 7), strict=True):
        assert_matches(answer, np.asarray(together)[place : place + 1], what="the answer for a single picture")
