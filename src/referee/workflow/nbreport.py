"""The report on a submission to an nbgrader course: from what became of it, and what nbgrader's database has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import msgspec

from referee.basis import fingerprint_of
from referee.nbcourse import basis, outcome
from referee.nbcourse.altered import changed_answers
from referee.nbcourse.book import Book, Late, Outline, Score
from referee.nbcourse.converter import Begun, Halves
from referee.nbcourse.course import NbCourse
from referee.nbcourse.running import Ran
from referee.report import Basis, Fault, Note, NotebookReport, Report

#: What the gradebook has for a student, by notebook and cell.
Scores: TypeAlias = Mapping[tuple[str, str], Score]


@dataclass(frozen=True)
class Assigned:
    """An assignment, and what all submissions to it are graded with.

    outlines : of its notebooks, by name, in the order in which they run.
    """

    course: NbCourse
    assignment: str
    book: Book
    outlines: Mapping[str, Outline]
    halves: Halves


@dataclass(frozen=True)
class Entry:
    """A submission that is to be graded: its notebooks, and why."""

    student: str
    notebooks: tuple[Path, ...]
    why: str


@dataclass(frozen=True)
class Came:
    """What became of a submission.

    begun : as nbgrader prepared it; None where it could not.   runs : its notebooks that ran, by name.
    lost : why it was not graded to its end, empty where it was; `fault` says whose fault that is.
    ended : the notebook at which it ended, where it was at one.
    """

    entry: Entry
    begun: Begun | None = None
    runs: Mapping[str, Ran] = field(default_factory=dict)
    lost: str = ""
    ended: str = ""
    fault: Fault = Fault.STUDENT


def report_of(assigned: Assigned, came: Came, shared: Mapping[str, Basis]) -> Report:
    """The report on a submission that nbgrader is through with.

    Parameters
    ----------
    shared : by notebook what determines every report on it, without the submission.
    """
    course, assignment, student = assigned.course, assigned.assignment, came.entry.student
    late, scores = assigned.book.penalties(assignment, student), assigned.book.scores(assignment, student)
    notebooks = []
    for made in _notebooks(assigned, came, shared, scores):
        mine = late.get(made.notebook, Late())
        notes = [*made.notes, *_notes(assigned, came, made.notebook), *_from_before(came, made.notebook, scores)]
        if mine.seconds > 0:
            notes.append(Note(code="late", words=mine.words))
        penalty = 0.0 if came.lost else mine.penalty
        notebooks.append(msgspec.structs.replace(made, notes=tuple(notes), penalty=penalty))
    return Report(course=course.policy.name, student=student, assignment=assignment, notebooks=tuple(notebooks))


def _notebooks(assigned: Assigned, came: Came, shared: Mapping[str, Basis], scores: Scores) -> Iterator[NotebookReport]:
    """For each notebook of the assignment what nbgrader has for it, or why it has nothing."""
    folder = assigned.course.submission(came.entry.student, assigned.assignment)
    submission, most = basis.of_submission(folder), assigned.course.nb_limits(assigned.assignment).submission_bytes
    handed_in = {path.stem for path in came.entry.notebooks}
    for name, outline in sorted(assigned.outlines.items()):
        known = msgspec.structs.replace(shared[name], submission=submission)
        print_ = fingerprint_of(folder / f"{name}.ipynb", most)
        if came.lost and name in handed_in:
            made = outcome.lost_report(name, outline, _why(came, name), came.fault, basis=known, fingerprint=print_)
            if (ran := came.runs.get(name)) is not None:
                made = msgspec.structs.replace(made, cells=ran.cells, timings=ran.timings)
            yield made
        else:
            mine = {cell: score for (book, cell), score in scores.items() if book == name}
            hidden = assigned.halves.hidden_begins
            ran = came.runs.get(name)
            yield outcome.notebook_report(name, outline, ran, mine, basis=known, fingerprint=print_, hidden=hidden)


def _why(came: Came, name: str) -> str:
    """Why a notebook has no scores: what ended it, or the notebook that ended its submission."""
    if came.ended in ("", name):
        return came.lost
    return f"{came.ended} could not be graded, which ends its submission: {came.lost}"


def _notes(assigned: Assigned, came: Came, name: str) -> Iterator[Note]:
    """What nbgrader said of a notebook, what of it did not run, and what it changed."""
    outline, begun = assigned.outlines[name], came.begun
    if begun is not None:
        said = (*begun.said.get(name, ()), *begun.said.get("", ()))
        yield from outcome.said(said, outline, assigned.halves.hidden_begins)
        if name in begun.notebooks:
            yield from outcome.not_run(begun.notebooks[name], outline)
    ran = came.runs.get(name)
    if assigned.course.rules.note_changed_answers and ran is not None and ran.text:
        yield from changed_answers(ran.notebook, outline.cells)
    names = ", ".join(sorted(assigned.outlines))
    for path in came.entry.notebooks:
        if path.stem not in assigned.outlines:
            yield Note(code="unknown", words=f"{path.name!r} is none of the notebooks {names}; it was not graded")


def _from_before(came: Came, name: str, scores: Scores) -> Iterator[Note]:
    """What the gradebook has for a notebook that has no scores from us."""
    mine = [score for (book, _), score in scores.items() if book == name] if came.lost else []
    if any(score.auto is not None or score.manual is not None for score in mine):
        points = f"{sum(score.total for score in mine):g} points"
        words = f"the gradebook has {points} for it all the same, from before: nbgrader leaves them there"
        yield Note(code="earlier", words=words)
