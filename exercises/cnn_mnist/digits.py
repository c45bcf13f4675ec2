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
from pathlib import Path

import numpy as np
from sources import DataInvalid, DataMissing, Part, check_labels, chosen, fetch, read_arrays

__all__ = ["DataInvalid", "DataMissing", "enlarge", "load", "load_test"]

ENVIRONMENT = "REFEREE_DATA"
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
MNIST_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
SHUFFLE_SEED = 7  # the order of the embedded digits: fixed, so that everybody has the same split
EMBEDDED_SPLIT = (1080, 270, 447)
DECK_SPLIT = (2400, 600, 1000)


def load(source: str | os.PathLike[str] | None = "digits") -> tuple[Part, Part]:
    """The training and the validation digits: (x_train, y_train), (x_val, y_val).

    x : (N, 28, 28), uint8.   y : (N,), int64.

    Raises
    ------
    DataMissing : there is no such file, or MNIST cannot be fetched.
    DataInvalid : the file does not hold what it should.
    """
    source = chosen(source, ENVIRONMENT, "digits")
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
    source = chosen(source, ENVIRONMENT, "digits")
    return _read(source, "test", EMBEDDED_SPLIT[2] if source == "digits" else DECK_SPLIT[2])


def _read(source: str, part: str, wanted: int) -> Part:
    """The first `wanted` digits of the part "train" or "test"."""
    if source == "digits":
        images, labels = _embedded()
        start = 0 if part == "train" else len(images) - wanted
        return images[start : start + wanted], labels[start : start + wanted]
    path = _mnist() if source == "mnist" else Path(source)
    return _read_file(path, part, wanted)


def _read_file(path: Path, part: str, wanted: int) -> Part:
    """The first `wanted` digits of one part of an .npz file."""
    names = f"x_{part}", f"y_{part}"
    images, labels = read_arrays(path, names, "digits", 'mend the path, or use the source "digits" or "mnist"')
    if images.ndim != 3 or images.shape[1:] != (28, 28) or images.dtype != np.uint8:
        raise DataInvalid(
            f"wanted: {names[0]} as (N, 28, 28) uint8; found: {images.shape} {images.dtype} in {path}; "
            "next: save raw grey values from 0 to 255"
        )
    check_labels(labels, len(images), 10, names[1], path, wanted=wanted)
    return images[:wanted], labels[:wanted].astype(np.int64)


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


def _mnist() -> Path:
    """The path of MNIST in the cache; fetched on the first call."""
    return fetch(MNIST_URL, MNIST_SHA256, "MNIST", f'use data = "digits", or name a local file in {ENVIRONMENT}')
