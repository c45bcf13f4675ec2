"""What all loaders of this course share: two errors, named arrays out of a file, a download with a checked hash.

    digits.py, faces.py, ...    each knows one kind of data, and offers what `Loader` says
      └─ sources.py             chosen, read_arrays, check_labels, fetch

A message says what was wanted, what was found, and what to do next.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

Part = tuple[np.ndarray, np.ndarray]  # images and their labels

_UNREADABLE = (ValueError, TypeError, OSError, EOFError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)


class DataMissing(FileNotFoundError):
    """The data, or a part of it, is not there."""


class DataInvalid(ValueError):
    """The data is there, but it is not what the exercise needs."""


class Loader(Protocol):
    """What every module of data offers: a source is a name or a path; None or "" means the default one."""

    def load(self, source: str | os.PathLike[str] | None = None) -> tuple[Part, Part]:
        """The training and the validation data: (x_train, y_train), (x_val, y_val)."""

    def load_test(self, source: str | os.PathLike[str] | None = None) -> Part:
        """The test data. Raises DataMissing where a file holds none, because they are kept back."""


def chosen(source: str | os.PathLike[str] | None, environment: str, default: str) -> str:
    """The source by its name or path: what was asked for, else what the environment variable says, else the default."""
    return os.fspath(source or os.environ.get(environment) or default)


def read_arrays(path: Path, names: Sequence[str], what: str, remedy: str) -> list[np.ndarray]:
    """The named arrays of an .npz file, in this order. Plain numbers only: a pickle is never read.

    what : what the file holds, in the plural ("digits").   remedy : what to do where there is no such file.

    Raises
    ------
    DataMissing : there is no such file, or it lacks one of the arrays.
    DataInvalid : it is no .npz file of plain arrays.
    """
    if not path.is_file():
        raise DataMissing(f"wanted: an .npz file of {what}; found: no file {str(path)!r}; next: {remedy}")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = sorted(arrays.files)
            values = [arrays[name] for name in names if name in found]
    except _UNREADABLE as error:
        raise DataInvalid(
            f"wanted: an .npz file of {what}; found: {path}, which cannot be read ({error}); "
            "next: save plain arrays by their names with numpy.savez"
        ) from error
    if len(values) < len(names):
        raise DataMissing(
            f"wanted: {' and '.join(names)} in {path}; found: {', '.join(found) or 'nothing'}; "
            f"next: use a file that holds them (test {what} may be kept back on purpose)"
        )
    return values


def check_labels(labels: np.ndarray, images: int, classes: int, name: str, path: Path, *, wanted: int = 1) -> None:
    """Raise DataInvalid unless there is a label from 0 to classes - 1 for each of the images, `wanted` at least."""
    if labels.shape != (images,) or labels.dtype.kind not in "iu" or len(labels) < wanted:
        raise DataInvalid(
            f"wanted: {name} as at least {wanted} whole numbers, one for each image; "
            f"found: {labels.shape} {labels.dtype} for {images} images in {path}; next: save one label per image"
        )
    if labels.min() < 0 or labels.max() >= classes:
        raise DataInvalid(
            f"wanted: labels from 0 to {classes - 1}; found: {labels.min()} to {labels.max()} in {path}; "
            "next: number the classes from 0"
        )


def fetch(url: str, sha256: str, what: str, remedy: str) -> Path:
    """The path of a downloaded file in the user's cache; fetched on the first call, and its SHA-256 is checked.

    what : the file's content, by its name ("MNIST").   remedy : what to do where it cannot be fetched.

    Raises
    ------
    DataMissing : it cannot be fetched.   DataInvalid : it is not what was published.
    """
    import pooch  # noqa: PLC0415 - only what comes from elsewhere needs it

    cache = pooch.os_cache("referee")
    try:
        return Path(pooch.retrieve(url, known_hash=f"sha256:{sha256}", path=cache))
    except ValueError as error:
        raise DataInvalid(
            f"wanted: {what} as published (sha256 {sha256[:12]}...); found: other content ({error}); "
            f"next: delete it in {cache} and fetch again"
        ) from error
    except OSError as error:
        raise DataMissing(
            f"wanted: {what} from {url}; found: it cannot be fetched ({error}); next: {remedy}"
        ) from error
