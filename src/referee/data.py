"""The data that a student's kernel may see: the course's data file without the arrays that are withheld."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.lib.npyio import NpzFile

from referee.errors import DataError

REMEDY = "name an .npz file (of a folder of images, make one: see the assignment's loader), or unset the variable"


def is_file(source: str) -> bool:
    """Whether a data parameter names a local file (anything with a suffix or a folder), not a data set by name."""
    return Path(source).suffix != "" or Path(source).name != source


def fingerprint(source: str) -> str:
    """What a report says about the data: its name, and for a file the SHA-256 of its content.

    Raises
    ------
    DataError : there is no such file.
    """
    if not is_file(source):
        return source
    return f"{Path(source).name} sha256:{hashlib.sha256(_read(Path(source))).hexdigest()[:16]}"


def identity(source: str) -> str:
    """What a calibration calls the data: its name, or for a file the hash of its content, whatever the file's name.

    Raises
    ------
    DataError : there is no such file.
    """
    return fingerprint(source).rpartition(" ")[2]


def withheld_copy(source: Path, withhold: Sequence[str], folder: Path) -> Path:
    """A copy of an .npz file in `folder` without the arrays named in `withhold`: no test label enters a kernel.

    Raises
    ------
    DataError : the file is missing, or is not an .npz file of plain arrays.
    """
    _read(source)
    target = folder / source.name
    try:
        with source.open("rb") as file:  # opened here, because `np.load` leaves a broken file open
            arrays = np.load(file, allow_pickle=False)
            if not isinstance(arrays, NpzFile):
                raise ValueError("a single array without a name")
            kept = {name: arrays[name] for name in arrays.files if name not in withhold}
    except (ValueError, OSError, EOFError, BadZipFile, zlib.error) as error:
        raise DataError(
            f"an .npz file of plain arrays at {source}", str(error), "see digits.py for the form"
        ) from error
    np.savez(target, allow_pickle=False, **kept)
    return target


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        wanted = f"the data file {path}"
        raise DataError(wanted, error.strerror or str(error), REMEDY) from error
