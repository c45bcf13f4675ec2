"""What `referee collect` leaves beside the notebooks it took: where each comes from, and whether it was late.

This file imports records alone, so that grading can read a note. What it reads may be a student's forgery (nbgrader's
exchange takes any file that a student hands in): it is bounded and typed, and it is a note, never a grade.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec

from referee.report import Record

NOTE = "collected.json"
_MOST_BYTES = 1_000_000
Kind: TypeAlias = Literal["canvas", "moodle", "folder"]
Name: TypeAlias = Annotated[str, msgspec.Meta(max_length=2000)]
Digest: TypeAlias = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class CollectedFile(Record, frozen=True):
    """One notebook: its name here, the source's name for it, and what the source says about it.

    late : None where the format does not say.   attempt : which of the student's it is, from 1.
    upload : the LMS's running number of the upload; 0 where there is none.
    sha256 : of its content; where the notebook has another by now, this note is not about it.
    """

    name: Name
    member: Name
    late: bool | None
    attempt: Annotated[int, msgspec.Meta(ge=1)]
    sha256: Digest
    upload: Annotated[int, msgspec.Meta(ge=0)] = 0


class CollectedNote(Record, frozen=True):
    """What a folder's notebooks were collected from; `source` is the zip's (or folder's) own name."""

    kind: Kind
    source: Name
    files: Annotated[tuple[CollectedFile, ...], msgspec.Meta(max_length=1000)]

    @property
    def late(self) -> bool | None:
        """True where a notebook was late; None where that is not known."""
        known = [file.late for file in self.files if file.late is not None]
        return any(known) if known else None

    def about(self, name: str) -> CollectedFile | None:
        """What is known about the notebook of this file name."""
        return next((file for file in self.files if file.name == name), None)


def encode(note: CollectedNote) -> bytes:
    """The note as its file holds it: the same bytes for equal notes."""
    return msgspec.json.format(msgspec.json.encode(note, order="deterministic"), indent=1) + b"\n"


def read_note(folder: Path) -> CollectedNote | None:
    """The note in a submission's folder; None where there is none, or none that can be trusted to be one."""
    with contextlib.suppress(OSError, ValueError, msgspec.MsgspecError, RecursionError):
        if stat.S_ISDIR(folder.lstat().st_mode):
            return msgspec.json.decode(_bytes(folder / NOTE), type=CollectedNote)
    return None


def _bytes(path: Path) -> bytes:
    """The content of a small regular file. Raises `OSError` for a link, `ValueError` for anything else that it is."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            raise ValueError(f"{path} is no note")
        return file.read(_MOST_BYTES)
