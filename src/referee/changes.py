"""What a regrade changes, as records: who would gain or lose how much on which check, and how it stays in history.

Regraded            one regrade of a class, shown or applied
├── Change          one check of one student
├── Score           one student's points, before and after
└── Odd             a submission that had to run again, or that was left alone, and why
Entry               an applied regrade, or its undoing, as history keeps it
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from referee.report import CheckResult, GradedCell, NotebookReport, Record, Report


class Change(Record, frozen=True):
    """One check that concludes something else, or that is worth something else; `earned` is its share of points."""

    student: str
    notebook: str
    cell: str
    check: str
    sentence: str
    was: str
    now: str
    earned_before: float
    earned_after: float

    @property
    def gain(self) -> float:
        """Points gained; negative for lost ones."""
        return round(self.earned_after - self.earned_before, 4)


class Score(Record, frozen=True):
    """The points of one student."""

    student: str
    before: float
    after: float
    points: float


class Odd(Record, frozen=True):
    """A submission out of line, and why."""

    student: str
    why: str


class Regraded(Record, frozen=True):
    """A regrade of a class.

    reports : how many were looked at.   changes, scores : what differs; nothing of the others.
    run_again : had to be run, because their recordings do not answer.   left_alone : `referee grade` is for them.
    number : of the entry in history, where it was applied.   interrupted : an entry that was never finished.
    """

    assignment: str
    reports: int
    changes: tuple[Change, ...] = ()
    scores: tuple[Score, ...] = ()
    run_again: tuple[Odd, ...] = ()
    left_alone: tuple[Odd, ...] = ()
    seconds: float = 0.0
    number: int | None = None
    interrupted: int | None = None
    undone: bool = False


class Entry(Record, frozen=True):
    """One change of a class's reports, as history keeps it; the reports as they were lie beside it.

    after : student -> the SHA-256 of the report that was written.   undoes : the entry that this one takes back.
    """

    number: int
    kind: Literal["regrade", "undo", "grade"]
    state: Literal["open", "done"]
    assignment: str
    at: str
    after: dict[str, str] = {}
    changes: tuple[Change, ...] = ()
    scores: tuple[Score, ...] = ()
    never_lower: bool = False
    undoes: int | None = None


def score(before: Report, after: Report) -> Score:
    """One student's points before and after."""
    return Score(
        student=after.student, before=round(before.earned, 4), after=round(after.earned, 4), points=after.points
    )


def changes(before: Report, after: Report) -> Iterator[Change]:
    """What two reports on the same submission say differently, check by check."""
    books = {book.notebook: book for book in before.notebooks}
    for book in after.notebooks:
        if book.notebook in books:
            yield from _of_notebook(after.student, books[book.notebook], book)


def _of_notebook(student: str, before: NotebookReport, after: NotebookReport) -> Iterator[Change]:
    old, new = _shares(before), _shares(after)
    for key in dict.fromkeys([*old, *new]):
        (was, earned_before, _), (now, earned_after, sentence) = old.get(key, _ABSENT), new.get(key, _ABSENT)
        if (was, earned_before) != (now, earned_after):
            yield Change(
                student=student,
                notebook=after.notebook,
                cell=key[0],
                check=key[1],
                sentence=sentence or old.get(key, _ABSENT)[2],
                was=was,
                now=now,
                earned_before=earned_before,
                earned_after=earned_after,
            )


_ABSENT = ("absent", 0.0, "")


def _shares(book: NotebookReport) -> dict[tuple[str, str, int], tuple[str, float, str]]:
    """(cell, check) -> what it concluded, its share of the points, its sentence; a cell without checks is one."""
    found: dict[tuple[str, str, int], tuple[str, float, str]] = {}
    for cell in book.graded:
        if not cell.results:
            found[cell.grade_id, "", 0] = ("for a person" if cell.kind == "person" else "no check", cell.earned, "")
        seen: Counter[str] = Counter()
        for result in cell.results:  # a public and a hidden check may have one name
            seen[result.name] += 1
            share = _share(cell, result)
            found[cell.grade_id, result.name, seen[result.name]] = result.verdict.outcome.value, share, result.sentence
    return found


def _share(cell: GradedCell, result: CheckResult) -> float:
    total = sum(each.weight for each in cell.results)
    return round(cell.points * result.weight / total, 4) if result.verdict.passed else 0.0
