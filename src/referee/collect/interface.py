"""The records of a collect: what was taken of each student, what was left out, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from referee.collect.note import Kind
from referee.report import Record

State: TypeAlias = Literal["new", "changed", "as before"]


class Taken(Record, frozen=True):
    """One notebook that counts.

    file : its name in the student's folder.   member : the source's name for it, spelled safely.
    late : None where the format does not say.   attempt : which of the student's it is, from 1.
    """

    file: str
    member: str
    state: State
    late: bool | None
    attempt: int


class CollectedStudent(Record, frozen=True):
    """One student's notebooks.

    kept : attempts that were put aside this time, as paths in the course.
    beside : notebooks that lay there before, that this source does not have, and that stay.
    """

    student: str
    files: tuple[Taken, ...]
    kept: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def late(self) -> bool | None:
        known = [file.late for file in self.files if file.late is not None]
        return any(known) if known else None

    @property
    def state(self) -> State:
        """New, or as before, where all of it is; else changed."""
        states = {file.state for file in self.files}
        return states.pop() if len(states) == 1 else "changed"


class LeftOut(Record, frozen=True):
    """Something that was not taken: its name, spelled safely, the reason, and whose it is where that is known."""

    member: str
    reason: str
    student: str = ""


class Collected(Record, frozen=True):
    """All that one collect did, or with `dry_run` would do; `kind` is the format, as stated or as found."""

    assignment: str
    kind: Kind
    source: str
    dry_run: bool
    students: tuple[CollectedStudent, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Named:
    """What a member's name says: whose it is, the file's own name, and its place among the student's attempts.

    spelled : the student as the name has it, before `student` was made of it.
    upload : the LMS's running number of the upload; 0 where there is none.   depth : folders above the file.
    """

    spelled: str
    student: str
    file: str
    late: bool | None = None
    upload: int = 0
    depth: int = 0
