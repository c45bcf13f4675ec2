"""Handed-in notebooks, looked through for signs of attacks: read as a stranger's files, and never run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from referee import authoring, batch
from referee.audit import signs
from referee.audit.records import Sign, Unread
from referee.audit.signs import Found
from referee.course import Exercise
from referee.errors import SubmissionError
from referee.nbcourse.course import NbCourse

_PATIENCE = 60.0  # seconds for one notebook
_LINE = 120
_SKIPPED = "skip-execution"
_AUTHORED = 100_000_000  # bytes


@dataclass(frozen=True)
class Handed:
    """A handed-in notebook, and what of it is the author's.

    locked : the cells that nbgrader overwrites.   given : lines that stand in the author's notebook, too.
    skipped : the cells that the author himself tags so that they do not run.
    """

    student: str
    exercise: Exercise
    path: Path
    max_bytes: int
    locked: frozenset[str]
    given: frozenset[str]
    skipped: frozenset[str] = frozenset()
    patience: float = _PATIENCE


Looked = tuple[tuple[Sign, ...], tuple[Unread, ...]]


def handed_in(course: NbCourse, exercises: Sequence[Exercise]) -> Iterator[Handed]:
    """The notebooks of these exercises that lie among the submissions."""
    for exercise in exercises:
        authored = [cell for path in (exercise.solution, exercise.released) for cell in _cells(path)]
        locked = frozenset(authoring.grade_id(cell) for cell in authored if authoring.is_locked(cell))
        given = frozenset(line.strip() for cell in authored for line in cell.source.splitlines())
        skipped = frozenset(authoring.grade_id(each) for each in authored if _SKIPPED in each.metadata.get("tags", []))
        most = course.limits_of(exercise).submission_bytes
        for student in course.submitted(exercise.assignment):
            path = course.submission(student, exercise.assignment) / f"{exercise.notebook}.ipynb"
            if path.exists() or path.is_symlink():
                yield Handed(student, exercise, path, most, locked, given, skipped)


def _cells(path: Path) -> list[NotebookNode]:
    """The cells of an author's notebook; none where there is none that can be read."""
    try:
        cells: list[NotebookNode] = authoring.read_submission(path, _AUTHORED).cells
    except SubmissionError:
        return []
    return cells


def looked_through(handed: Sequence[Handed], workers: int | None, say: Callable[[str], None]) -> Looked:
    """Look through handed-in notebooks in worker processes, which a hostile one may end."""
    found, unread = list[Sign](), list[Unread]()
    count = batch.workers(workers, len(handed))
    for done, (item, result) in enumerate(batch.in_parallel(look, handed, count, slots=[{}] * count), 1):
        if isinstance(result, Exception):
            unread.append(_unread(item, f"it could not be looked through: {result}"))
        elif isinstance(result, BaseException):
            raise result
        else:
            found += result[0]
            unread += result[1]
        if done % 100 == 0:
            say(f"looked through {done} of {len(handed)} notebooks")
    found.sort(key=lambda each: (each.assignment, each.student, each.notebook, each.cell, each.line, each.sign))
    unread.sort(key=lambda each: (each.assignment, each.student, each.notebook, each.why))
    return tuple(found), tuple(unread)


def look(handed: Handed) -> Looked:
    """The signs in one handed-in notebook."""
    try:
        notebook = authoring.read_submission(handed.path, handed.max_bytes)
    except SubmissionError as error:
        return (), (_unread(handed, f"{error.found}; {error.remedy}"),)
    return tuple(_signs(handed, notebook)), ()


def _signs(handed: Handed, notebook: NotebookNode) -> Iterator[Sign]:
    imported: dict[str, str] = {}
    last = {authoring.grade_id(cell): place for place, cell in enumerate(notebook.cells, 1)}
    for place, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        here = signs.signs_of(cell.source, imported)
        name = authoring.grade_id(cell)
        if _SKIPPED in cell.metadata.get("tags", []) and name not in handed.skipped:
            yield _sign(handed, place, Found(1, f"is tagged {_SKIPPED}, so that it does not run"), name)
        if name in handed.locked and last[name] == place:  # nbgrader overwrites it; of several, the last alone
            continue
        lines = cell.source.splitlines() or [""]
        for found in here:
            text = lines[min(found.line, len(lines)) - 1].strip()
            if text in handed.given:
                continue
            yield _sign(handed, place, found, text)


def _sign(handed: Handed, place: int, found: Found, text: str) -> Sign:
    return Sign(
        student=handed.student,
        assignment=handed.exercise.assignment,
        notebook=handed.exercise.notebook,
        cell=place,
        line=found.line,
        sign=found.sign,
        text=text[:_LINE],
    )


def _unread(handed: Handed, why: str) -> Unread:
    exercise = handed.exercise
    return Unread(student=handed.student, assignment=exercise.assignment, notebook=exercise.notebook, why=why)
