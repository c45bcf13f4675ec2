"""The class as data: JSON with a published schema, `docs/schema/class.schema.json`.

It is for the instructor. It holds what each check concluded and in which words, with hints and misconceptions; and
neither recorded answers, nor students' values, nor reference values, nor logs: those are in the reports. So it can go
to a colleague or a dashboard without taking the course's solutions along; students' names and scores it does hold.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from referee.exports.interface import ExportedClass, ExportedStudent, Given, State, rounded, state
from referee.feedback.text import plain
from referee.report import CheckResult, Fault, GradedCell, NotebookReport, Outcome, Record

SCHEMA: Final = 1
Points = Annotated[float, msgspec.Meta(ge=0)]


class CheckRow(Record, frozen=True):
    """One check and what it concluded. `points` is its share of the cell's; `fault` says whose it is, if anybody's."""

    name: str
    sentence: str
    public: bool
    points: Points
    outcome: Outcome
    fault: Fault | None = None
    words: str = ""
    hint: str = ""
    misconception: str = ""
    near: bool = False


class CellRow(Record, frozen=True):
    """One cell with points. `waiting` are those that a person decides about; `by_person` says that one gave the score.

    words : why the cell has its score, where no check says so; of a person, the comment.
    """

    cell: str
    kind: Literal["check", "person"]
    earned: float
    points: Points
    waiting: Points = 0.0
    by_person: bool = False
    words: str = ""
    checks: tuple[CheckRow, ...] = ()


class NotebookRow(Record, frozen=True):
    """One notebook. `refused` says why it was not run; `notes` are about the submission."""

    notebook: str
    state: State
    earned: float
    points: Points
    waiting: Points = 0.0
    refused: str = ""
    notes: tuple[str, ...] = ()
    cells: tuple[CellRow, ...] = ()


class StudentRow(Record, frozen=True):
    """One student, by the exact name of the folder. `late` is None where nobody said; `number` is the LMS's, if any."""

    student: str
    earned: float
    points: Points
    waiting: Points = 0.0
    late: bool | None = None
    number: str = ""
    notebooks: tuple[NotebookRow, ...] = ()


class ClassData(Record, frozen=True):
    """Everybody who has a report on one assignment, by student. `schema` is the version of this format."""

    assignment: str
    students: tuple[StudentRow, ...]
    course: str = ""
    schema: Literal[1] = SCHEMA


def write(klass: ExportedClass) -> bytes:
    """The class as indented JSON, in a fixed order, with a newline at the end."""
    data = ClassData(
        assignment=plain(klass.assignment), students=tuple(map(_student, klass.students)), course=plain(klass.course)
    )
    return msgspec.json.format(msgspec.json.encode(data, order="deterministic"), indent=1) + b"\n"


def _student(student: ExportedStudent) -> StudentRow:
    return StudentRow(
        student=_exact(student.student),
        earned=rounded(student.report.earned),
        points=rounded(student.report.points),
        waiting=rounded(student.waiting),
        late=student.late,
        number=student.number,
        notebooks=tuple(_notebook(book, student.by_person) for book in student.report.notebooks),
    )


def _exact(name: str) -> str:
    """A name as the folder has it, by which other data is joined; half surrogate pairs, of which no file is, go."""
    return name.encode("utf-8", "replace").decode("utf-8")


def _notebook(book: NotebookReport, by_person: Given) -> NotebookRow:
    return NotebookRow(
        notebook=plain(book.notebook),
        state=state(book),
        earned=rounded(book.earned),
        points=rounded(book.points),
        waiting=rounded(sum(cell.undecided for cell in book.graded)),
        refused=plain(book.refused),
        notes=tuple(plain(note.words) for note in book.notes),
        cells=tuple(_cell(cell, (book.notebook, cell.grade_id) in by_person) for cell in book.graded),
    )


def _cell(cell: GradedCell, by_person: bool) -> CellRow:
    return CellRow(
        cell=plain(cell.grade_id),
        kind=cell.kind,
        earned=rounded(cell.earned),
        points=rounded(cell.points),
        waiting=rounded(cell.undecided),
        by_person=by_person,
        words=plain(cell.words),
        checks=tuple(_check(cell, result) for result in cell.results),
    )


def _check(cell: GradedCell, result: CheckResult) -> CheckRow:
    evidence = result.evidence
    return CheckRow(
        name=plain(result.name),
        sentence=plain(result.sentence),
        public=result.public,
        points=rounded(cell.worth(result)),
        outcome=result.verdict.outcome,
        fault=result.verdict.fault,
        words=plain(evidence.words),
        hint=plain(evidence.hint),
        misconception=plain(evidence.misconception),
        near=evidence.near,
    )
