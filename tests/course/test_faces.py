"""The drawn faces: sizes, determinism, eight people who can be told apart, and others who are none of them."""

import importlib
from dataclasses import asdict, replace

import numpy as np
import pytest


@pytest.fixture(scope="module")
def faces():
    """The loader, imported as a notebook beside it would."""
    return importlib.import_module("faces")


@pytest.fixture(scope="module")
def drawn(faces):
    """The default source: training, validation and test."""
    (train, validation), test = faces.load("drawn"), faces.load_test("drawn")
    return train, validation, test


def nearest(images: np.ndarray, labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The label of the training image that is nearest to each of the others, pixel by pixel."""
    a, b = (x.reshape(len(x), -1).astype(np.float64) for x in (others, images))
    distance = (a**2).sum(1)[:, None] - 2 * a @ b.T + (b**2).sum(1)
    return np.asarray(labels[distance.argmin(axis=1)])


def test_the_parts_have_their_sizes(drawn):
    """125 faces of each of eight people for training, 50 for validation, 50 for the test; uint8 and int64."""
    for (images, labels), count in zip(drawn, (125, 50, 50), strict=True):
        assert images.shape == (8 * count, 48, 48, 3)
        assert images.dtype == np.uint8
        assert labels.dtype == np.int64
        assert np.bincount(labels).tolist() == [count] * 8


def test_everybody_has_the_same_faces(faces, drawn):
    """The default source is the same on every call."""
    images, labels = faces.load_test("drawn")
    np.testing.assert_array_equal(images, drawn[2][0])
    np.testing.assert_array_equal(labels, drawn[2][1])


def test_no_face_is_in_two_parts(drawn):
    """All pictures of all parts differ from one another."""
    assert len({image.tobytes() for images, _ in drawn for image in images}) == 8 * 225


def test_the_generator_decides(faces):
    """The same generator draws the same faces, another one others."""
    one, same, other = (faces.draw(2, np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one[0], same[0])
    np.testing.assert_array_equal(one[1], same[1])
    assert (one[0] != other[0]).any(axis=(1, 2, 3)).all()


def test_any_number_can_be_drawn(faces):
    """None, one, and more than are drawn at a time."""
    rng = np.random.default_rng(0)
    for number in (0, 1, 20):
        images, labels = faces.draw(number, rng)
        assert images.shape == (8 * number, 48, 48, 3)
        assert np.bincount(labels, minlength=8).tolist() == [number] * 8
    assert faces.draw(3, rng, [])[0].shape == (0, 48, 48, 3)


def test_the_order_is_mixed(drawn):
    """A part is not sorted by person, so that its first half has everybody in it."""
    for _, labels in drawn:
        assert set(labels[: len(labels) // 4].tolist()) == set(range(8))


def test_pictures_use_the_range_and_differ(drawn):
    """No picture is of one colour, and together they use all values from 0 to 255."""
    images = drawn[0][0]
    assert images.min() == 0
    assert images.max() == 255
    assert images.std(axis=(1, 2, 3)).min() > 10


def test_pixels_alone_tell_little(drawn):
    """Pose, light and background vary so much that the nearest training image is a poor guess, but more than luck."""
    (images, labels), (others, truth), _ = drawn
    share = (nearest(images, labels, others) == truth).mean()
    assert 0.15 < share < 0.6


def test_people_can_be_told_apart(faces):
    """Without any variation, all eight people look different."""
    quiet = Quiet()
    images = np.stack([faces.draw(1, quiet, [person])[0][0] for person in faces.PEOPLE]).astype(int)
    for i in range(8):
        for j in range(i):
            assert (np.abs(images[i] - images[j]).max(axis=-1) > 40).sum() > 20, (i, j)


def test_a_face_is_not_its_mirror_image(faces):
    """Turned upside down, nobody is the same; left and right differ by the parting or a mole, but much less."""
    for person in faces.PEOPLE:
        image = faces.draw(1, Quiet(), [person])[0][0].astype(float)
        sideways, upside = (np.abs(image - other).mean() for other in (image[:, ::-1], image[::-1]))
        assert upside > 6
        assert sideways < upside / 2
    assert sum(person.parting != 0 or person.mole > 0 for person in faces.PEOPLE) >= 6


def test_features_are_drawn(faces):
    """Glasses, a beard, a moustache, a mole and longer hair each change the picture where they belong."""
    plain = faces.Person()
    before = faces.draw(1, Quiet(), [plain])[0][0].astype(int)
    for feature, rows in (("glasses", (16, 32)), ("beard", (28, 44)), ("moustache", (28, 36)), ("mole", (24, 34))):
        changed = np.flatnonzero(
            (faces.draw(1, Quiet(), [replace(plain, **{feature: 1.0})])[0][0] != before).any((1, 2))
        )
        assert changed.size, feature
        assert rows[0] <= changed.min() <= changed.max() < rows[1], (feature, changed)
    longer = faces.draw(1, Quiet(), [replace(plain, sides=0.4)])[0][0]
    assert np.flatnonzero((longer != before).any((1, 2))).min() >= 20


def test_invented_people_are_others(faces):
    """As many as asked for, from the generator alone, no two alike and none of the eight."""
    people = faces.invent(30, np.random.default_rng(5))
    assert people == faces.invent(30, np.random.default_rng(5))
    assert len(set(people)) == 30
    assert not set(people) & set(faces.PEOPLE)
    images, labels = faces.draw(2, np.random.default_rng(5), people)
    assert images.shape == (60, 48, 48, 3)
    assert set(labels.tolist()) == set(range(30))
    for person in people:
        for value in (*person.skin, *person.hair, person.beard, person.moustache, person.glasses, person.mole):
            assert 0 <= value <= 1
        assert all(isinstance(value, float | tuple) for value in asdict(person).values())


class Quiet:
    """A generator without chance: the middle of every range, no noise, and the given order."""

    def uniform(self, low: float, high: float, size: tuple[int, ...]) -> np.ndarray:
        return np.full(size, (low + high) / 2)

    def standard_normal(self, shape: tuple[int, ...], dtype: type) -> np.ndarray:
        return np.zeros(shape, dtype=dtype)

    def permutation(self, values: np.ndarray) -> np.ndarray:
        return values
