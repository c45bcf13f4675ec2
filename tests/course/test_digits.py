"""The data loader that ships to students: every source, the fixed split, and errors that say what to do."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

SOURCE = Path(__file__).parents[2] / "datasets" / "digits.py"


@pytest.fixture(scope="module")
def digits():
    """The loader, imported from its file, as a notebook beside it would."""
    spec = importlib.util.spec_from_file_location("digits_under_test", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def raw(n: int) -> tuple[np.ndarray, np.ndarray]:
    """n images whose first pixel is their number, modulo 256."""
    images = np.zeros((n, 28, 28), dtype=np.uint8)
    images[:, 0, 0] = np.arange(n) % 256
    return images, (np.arange(n) % 10).astype(np.uint8)


@pytest.fixture
def file(tmp_path):
    """A file as MNIST's: 3100 training and 1100 test images."""
    (x_train, y_train), (x_test, y_test) = raw(3100), raw(1100)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return path


def test_the_embedded_digits_have_a_fixed_split(digits):
    """1080 training, 270 validation and 447 test digits, the same on every call, and none twice."""
    pytest.importorskip("sklearn")
    (x_train, y_train), (x_val, y_val) = digits.load("digits")
    x_test, y_test = digits.load_test("digits")
    assert [len(part) for part in (x_train, x_val, x_test)] == [1080, 270, 447]
    assert [len(part) for part in (y_train, y_val, y_test)] == [1080, 270, 447]
    assert x_train.shape[1:] == (28, 28)
    assert x_train.dtype == np.uint8
    assert y_train.dtype == np.int64
    np.testing.assert_array_equal(digits.load("digits")[0][0], x_train)
    assert y_train[:8].tolist() == digits.load("digits")[0][1][:8].tolist()
    for labels in (y_train, y_val, y_test):
        assert set(labels.tolist()) == set(range(10))


def test_embedded_digits_use_the_whole_range_of_grey(digits):
    """Sixteen shades become 0 to 255."""
    pytest.importorskip("sklearn")
    (images, _), _ = digits.load("digits")
    assert images.min() == 0
    assert images.max() == 255


def test_a_file_is_split_as_in_the_lecture(digits, file):
    """Training 0 to 2400, validation 2400 to 3000, test 0 to 1000, in the file's own order."""
    (x_train, y_train), (x_val, y_val) = digits.load(file)
    x_test, y_test = digits.load_test(str(file))
    assert (len(x_train), len(x_val), len(x_test)) == (2400, 600, 1000)
    assert x_val[0, 0, 0] == 2400 % 256
    assert y_val[0] == 2400 % 10
    assert (x_train[1, 0, 0], x_test[-1, 0, 0], y_test[-1], y_train[13]) == (1, 999 % 256, 9, 3)


def test_a_file_without_test_digits_can_be_trained_on(digits, file):
    """Where the test digits are kept back, load works, and load_test says that they are missing."""
    with np.load(file) as arrays:
        np.savez(file.with_name("withheld.npz"), x_train=arrays["x_train"], y_train=arrays["y_train"])
    withheld = file.with_name("withheld.npz")
    assert len(digits.load(withheld)[0][0]) == 2400
    with pytest.raises(digits.DataMissing, match=r"wanted: x_test and y_test .* found: x_train, y_train; next:"):
        digits.load_test(withheld)


@pytest.mark.parametrize("nothing", [None, ""])
def test_the_environment_names_the_default_file(digits, file, monkeypatch, nothing):
    """No source means the file in REFEREE_DATA; a named source wins over it."""
    monkeypatch.setenv("REFEREE_DATA", str(file))
    assert len(digits.load(nothing)[0][0]) == 2400
    pytest.importorskip("sklearn")
    assert len(digits.load("digits")[0][0]) == 1080


def test_no_source_at_all_means_the_embedded_digits(digits, monkeypatch):
    """Without REFEREE_DATA the embedded digits are the default."""
    pytest.importorskip("sklearn")
    monkeypatch.delenv("REFEREE_DATA", raising=False)
    assert len(digits.load(None)[0][0]) == 1080


def test_a_missing_file_says_what_to_do(digits, tmp_path):
    """A wrong path names the path and the other sources."""
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.npz.*next: .*\"digits\" or \"mnist\""):
        digits.load(tmp_path / "nowhere.npz")


def test_a_file_that_is_no_npz_is_refused(digits, tmp_path):
    """Neither text nor pickles are read."""
    (tmp_path / "text.npz").write_text("not an archive")
    with pytest.raises(ValueError, match="cannot be read"):
        digits.load(tmp_path / "text.npz")
    np.savez(tmp_path / "pickle.npz", x_train=np.array([{}], dtype=object), y_train=np.zeros(1, dtype=int))
    with pytest.raises(ValueError, match="cannot be read"):
        digits.load(tmp_path / "pickle.npz")
    np.save(tmp_path / "single.npy", np.zeros(3))
    with pytest.raises(ValueError, match="cannot be read"):
        digits.load(tmp_path / "single.npy")


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.zeros((3000, 784), np.uint8), np.zeros(3000, int), r"\(N, 28, 28\) uint8"),
        (np.zeros((3000, 28, 28)), np.zeros(3000, int), "float64"),
        (np.zeros((3000, 28, 28), np.uint8), np.zeros(2999, int), "one for each image"),
        (np.zeros((2999, 28, 28), np.uint8), np.zeros(2999, int), "at least 3000"),
        (np.zeros((3000, 28, 28), np.uint8), np.zeros(3000), "whole numbers"),
        (np.zeros((3000, 28, 28), np.uint8), np.full(3000, 10), "labels from 0 to 9"),
    ],
)
def test_wrong_arrays_are_refused(digits, tmp_path, x, y, words):
    """Each way in which a file can be wrong is told."""
    np.savez(tmp_path / "wrong.npz", x_train=x, y_train=y)
    with pytest.raises(digits.DataInvalid, match=words):
        digits.load(tmp_path / "wrong.npz")


def test_enlarging_keeps_constants_corners_and_axes(digits):
    """A constant image stays constant, corners keep their values, and rows stay rows."""
    np.testing.assert_allclose(digits.enlarge(np.full((1, 8, 8), 5.0), 28), 5.0)
    image = np.arange(64.0).reshape(1, 8, 8)
    large = digits.enlarge(image, 28)
    assert large.shape == (1, 28, 28)
    assert large[0, 0, 0] == 0
    assert large[0, -1, -1] == 63
    np.testing.assert_allclose(digits.enlarge(image.transpose(0, 2, 1), 28), large.transpose(0, 2, 1))
    np.testing.assert_allclose(digits.enlarge(image, 8), image)


def test_mnist_is_fetched_with_its_hash(digits, file, monkeypatch):
    """The real MNIST goes through pooch, with the published SHA-256."""
    pooch = pytest.importorskip("pooch")
    asked: dict[str, object] = {}

    def retrieve(url, known_hash, path):
        asked.update(url=url, known_hash=known_hash, path=path)
        return str(file)

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    assert len(digits.load("mnist")[0][0]) == 2400
    assert asked["url"] == digits.MNIST_URL
    assert asked["known_hash"] == "sha256:731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ConnectionError("no route"), FileNotFoundError, r"cannot be fetched \(no route\).*REFEREE_DATA"),
        (ValueError("hash differs"), ValueError, r"MNIST as published.*delete it"),
    ],
)
def test_a_failed_fetch_says_what_to_do(digits, monkeypatch, error, kind, words):
    """No network and a wrong hash are different troubles."""
    pooch = pytest.importorskip("pooch")

    def retrieve(*args, **kwargs):
        raise error

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(kind, match=words):
        digits.load("mnist")
