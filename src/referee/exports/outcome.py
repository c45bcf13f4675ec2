"""What an export came to, as a record and in words."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias, get_args

from referee.exports.filling import Filled
from referee.exports.matching import Left
from referee.feedback.text import counted, plain
from referee.report import Record

Format: TypeAlias = Literal["csv", "json", "canvas", "moodle", "gradescope", "junit", "github", "nbgrader"]
FORMATS: tuple[Format, ...] = get_args(Format)
FILLING = ("canvas", "moodle")
_MOST = 12  # names in one line


class Exported(Record, frozen=True):
    """What an export came to.

    out : where it was written; empty for standard output, and for a dry run.   files : how many were.
    unread : students whose reports cannot be read.   ungraded : those who handed in and have no report.
    stale : those who handed in another notebook since theirs was graded: it is the old one's score.
    filled : what changed in an instructor's file.   left : whose pages nbgrader cannot release.
    """

    assignment: str
    format: Format
    students: int
    dry_run: bool = False
    out: str = ""
    files: int = 0
    unread: tuple[str, ...] = ()
    ungraded: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    filled: Filled | None = None
    left: tuple[Left, ...] = ()


def lines(said: Exported) -> Iterator[str]:
    """The export for a reader: of a filled file each score that changes, what was left alone, and where things are."""
    yield f"{plain(said.assignment)} for {said.format}: {counted(said.students, 'student')}"
    if said.filled is not None:
        yield from _filled(said.filled, dry_run=said.dry_run)
    for each in said.left:
        yield f"    not released: {each.who}: {each.why}"
    yield from missing(said)
    if said.dry_run:
        yield "nothing was written: this is a dry run"
    elif said.out:
        yield f"written: {counted(said.files, 'file')}, {plain(said.out)}"
    if said.format == "nbgrader" and not said.dry_run:
        yield from _release(said)


def missing(said: Exported) -> Iterator[str]:
    """Who is not in the export although there is a submission, or is in it with an earlier one."""
    if said.ungraded:
        yield f"not graded yet, and left out: {_listed(said.ungraded)}"
    if said.unread:
        yield f"reports that cannot be read, left out: {_listed(said.unread)}; grade them again"
    if said.stale:
        yield f"handed in anew since, with the score of before: {_listed(said.stale)}; grade them first"


def _filled(filled: Filled, *, dry_run: bool) -> Iterator[str]:
    points = "" if filled.possible is None else f" of {counted(filled.possible)}"
    yield f"column {filled.column}{points}"
    if filled.scale:
        yield f"scores are scaled: {filled.scale}"
    for change in filled.changes:
        yield f"    row {change.row}  {change.student}: {change.old or '(empty)'} -> {change.new}"
    verb = "would change" if dry_run else "changed"
    yield f"scores that {verb}: {len(filled.changes)}, right already: {filled.same}, left alone: {len(filled.left)}"
    for each in filled.left:
        yield f"    left alone: {each.who}: {each.why}"
    for note in filled.notes:
        yield f"note: {note}"


def _release(said: Exported) -> Iterator[str]:
    """The command that publishes the pages; it ends at the first page that it cannot release, so these are named."""
    command = ["nbgrader", "release_feedback", plain(said.assignment)]
    if said.left:
        command.append(f"--CourseDirectory.student_id_exclude={','.join(each.who for each in said.left)}")
    yield (
        f"next: {shlex.join(command)}"
        if len(said.left) < said.students
        else "nobody handed in through nbgrader's exchange"
    )


def _listed(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + rest
