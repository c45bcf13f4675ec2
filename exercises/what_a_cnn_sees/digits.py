"""The digits of home work 07: 28x28 grey images (uint8, 0 to 255) and their labels 0 to 9.

    (x_train, y_train), (x_val, y_val) = digits.load("digits")

Sources:

    "digits"    1797 handwritten digits that come with scikit-learn (8x8, enlarged to 28x28): needs no network;
                1080 for training, 270 for validation, the rest for the test
    "mnist"     the real MNIST, fetched once and kept; its hash is checked
    a path      an .npz file with x_train, y_train (and, for the test, x_test, y_test)

The last two are split as in the lecture: 2400 training, 600 validation and 1000 test images, in the file's own order.
With no source (None or "") the environment variable REFEREE_DATA names it; without that, it is "digits".
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np

ENVIRONMENT = "REFEREE_DATA"
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
MNIST_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
SHUFFLE_SEED = 7  # the order of the embedded digits: fixed, so that everybody has the same split
EMBEDDED_SPLIT = (1080, 270, 447)
DECK_SPLIT = (2400, 600, 1000)

Part = tuple[np.ndarray, np.ndarray]


class DataMissing(FileNotFoundError):
    """The data, or a part of it, is not there."""


class DataInvalid(ValueError):
    """The data is there, but it is not what the exercise needs."""


def load(source: str | os.PathLike[str] | None = "digits") -> tuple[Part, Part]:
    """The training and the validation digits: (x_train, y_train), (x_val, y_val).

    x : (N, 28, 28), uint8.   y : (N,), int64.

    Raises
    ------
    DataMissing : there is no such file, or MNIST cannot be fetched.
    DataInvalid : the file does not hold what it should.
    """
    source = _chosen(source)
    split = EMBEDDED_SPLIT if source == "digits" else DECK_SPLIT
    train, validation = split[:2]
    images, labels = _read(source, "train", train + validation)
    return (images[:train], labels[:train]), (images[train:], labels[train:])


def load_test(source: str | os.PathLike[str] | None = "digits") -> Part:
    """The test digits: (x_test, y_test), as in `load`. For the very end: nothing may be chosen by looking at them.

    Raises
    ------
    DataMissing : also where a file holds no test digits, because they are kept back.
    DataInvalid : as in `load`.
    """
    source = _chosen(source)
    return _read(source, "test", EMBEDDED_SPLIT[2] if source == "digits" else DECK_SPLIT[2])


def _chosen(source: str | os.PathLike[str] | None) -> str:
    """The source by its name or path."""
    return os.fspath(source or os.environ.get(ENVIRONMENT) or "digits")


def _read(source: str, part: str, wanted: int) -> Part:
    """The first `wanted` digits of the part "train" or "test"."""
    if source == "digits":
        images, labels = _embedded()
        start = 0 if part == "train" else len(images) - wanted
        return images[start : start + wanted], labels[start : start + wanted]
    path = _fetch_mnist() if source == "mnist" else Path(source)
    return _read_file(path, part, wanted)


def _read_file(path: Path, part: str, wanted: int) -> Part:
    """The first `wanted` digits of one part of an .npz file."""
    names = f"x_{part}", f"y_{part}"
    if not path.is_file():
        raise DataMissing(
            f"wanted: an .npz file of digits; found: no file {str(path)!r}; "
            'next: mend the path, or use the source "digits" or "mnist"'
        )
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = sorted(arrays.files)
            images, labels = (arrays[name] if name in found else None for name in names)
    except (ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataInvalid(f"wanted: an .npz file of digits; found: {path}, which cannot be read ({error})") from error
    if images is None or labels is None:
        raise DataMissing(
            f"wanted: {names[0]} and {names[1]} in {path}; found: {', '.join(found) or 'nothing'}; "
            "next: use a file that holds them (test digits may be kept back on purpose)"
        )
    _check(images, labels, wanted, path, names)
    return images[:wanted], labels[:wanted].astype(np.int64)


def _check(images: np.ndarray, labels: np.ndarray, wanted: int, path: Path, names: tuple[str, str]) -> None:
    """Raise DataInvalid unless these are at least `wanted` labelled 28x28 images of uint8."""
    if images.ndim != 3 or images.shape[1:] != (28, 28) or images.dtype != np.uint8:
        raise DataInvalid(
            f"wanted: {names[0]} as (N, 28, 28) uint8; found: {images.shape} {images.dtype} in {path}; "
            "next: save raw grey values from 0 to 255"
        )
    if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu" or len(labels) < wanted:
        raise DataInvalid(
            f"wanted: {names[1]} as at least {wanted} whole numbers, one for each image; "
            f"found: {labels.shape} {labels.dtype} for {len(images)} images in {path}"
        )
    if len(labels) and (labels.min() < 0 or labels.max() > 9):
        raise DataInvalid(f"wanted: labels from 0 to 9; found: {labels.min()} to {labels.max()} in {path}")


def _embedded() -> Part:
    """All of scikit-learn's digits, enlarged, in the fixed order of SHUFFLE_SEED."""
    from sklearn.datasets import load_digits  # noqa: PLC0415 - takes a second, and only this source needs it

    bunch = load_digits()
    order = np.random.default_rng(SHUFFLE_SEED).permutation(len(bunch.target))
    grey = enlarge(bunch.images[order], 28) * (255 / 16)
    return np.rint(grey).astype(np.uint8), bunch.target[order].astype(np.int64)


def enlarge(images: np.ndarray, size: int) -> np.ndarray:
    """Resize (N, H, W) images to (N, size, size), bilinear; pixels are squares and their values sit in the centres."""
    rows, columns = (_weights(n, size) for n in images.shape[1:])
    return rows @ images @ columns.T


def _weights(old: int, new: int) -> np.ndarray:
    """How much each of the old pixels counts for each of the new ones: (new, old), rows add up to 1."""
    centres = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    return np.maximum(0.0, 1.0 - np.abs(centres[:, np.newaxis] - np.arange(old)))


def _fetch_mnist() -> Path:
    """The path of MNIST in the cache; fetched on the first call."""
    import pooch  # noqa: PLC0415 - only this source needs it

    try:
        return Path(pooch.retrieve(MNIST_URL, known_hash=f"sha256:{MNIST_SHA256}", path=pooch.os_cache("referee")))
    except ValueError as error:
        raise DataInvalid(
            f"wanted: MNIST as published (sha256 {MNIST_SHA256[:12]}...); found: other content ({error}); "
            f"next: delete it in {pooch.os_cache('referee')} and fetch again"
        ) from error
    except OSError as error:
        raise DataMissing(
            f"wanted: MNIST from {MNIST_URL}; found: it cannot be fetched ({error}); "
            f'next: use data = "digits", or name a local file in {ENVIRONMENT}'
        ) from error
