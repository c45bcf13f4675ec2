"""The code that students handed in, for comparing it: read with the limits of grading, and never run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from referee import authoring
from referee.classroom.export import Handed, Kind, dolos, jplag
from referee.course import Course, Exercise, top_of
from referee.errors import CourseError, SubmissionError, UsageError
from referee.nbcourse.course import NbCourse
from referee.sandbox.limits import Limits
from referee.tasks import tasks_of, templates
from referee.workflow.ready import times


@dataclass(frozen=True)
class Handout:
    """What an exercise gives: the sources of its code cells, and the names of those that nobody may change."""

    sources: tuple[str, ...]
    locked: frozenset[str]


def given(exercise: Exercise) -> Handout:
    """What an exercise gives; nothing where it was never released."""
    try:
        notebook = authoring.authored(exercise.released).notebook
    except CourseError:
        return Handout((), frozenset())
    locked = frozenset(authoring.grade_id(cell) for cell in notebook.cells if authoring.is_locked(cell))
    return Handout(code_cells(notebook), locked)


def files(course: Course, assignment: str) -> Iterator[tuple[str, str, Path]]:
    """The handed-in files: the student, the notebook, the path. A file of another name is known by its cells.

    In an nbgrader course only the name counts, as nbgrader has it.
    """
    names = [exercise.notebook for exercise in course.exercises(assignment)]
    known, by_cells = None, not isinstance(course, NbCourse)
    for student in course.submitted(assignment):
        folder = course.submission(student, assignment)
        named = [(name, path) for name in names if (path := folder / f"{name}.ipynb").exists()]
        missing = by_cells and len(named) < len(names)
        if missing and any(path.stem not in names for path in folder.glob("*.ipynb")):
            known = known or templates(course, assignment)
            tasks = tasks_of(known, folder, student)
            named = [(task.notebook, task.submitted) for task in tasks if task.submitted.exists()]
        yield from ((student, name, path) for name, path in named)


def own_cells(path: Path, exercise: Handout) -> tuple[str, ...] | None:
    """The code cells of a submission that are not the exercise's; None where it cannot be read."""
    notebook = read(path)
    if notebook is None:
        return None
    theirs = (cell for cell in notebook.cells if authoring.grade_id(cell) not in exercise.locked)
    same = set(exercise.sources)
    return tuple(cell.source for cell in theirs if cell.cell_type == "code" and cell.source not in same)


def read(path: Path) -> NotebookNode | None:
    """A handed-in notebook; None where it cannot be read."""
    try:
        return authoring.read_submission(path, Limits().submission_bytes)
    except (SubmissionError, OSError):
        return None


def code_cells(notebook: NotebookNode) -> tuple[str, ...]:
    """The sources of the code cells."""
    return tuple(cell.source for cell in notebook.cells if cell.cell_type == "code")


def write_export(course: Course, assignment: str, kind: Kind, folder: Path) -> int:
    """Write all submissions to an assignment into a new folder, as JPlag or Dolos reads them; how many there are.

    Raises
    ------
    UsageError : no such assignment, nobody handed in anything that can be read, or something is in that folder.
    """
    base = {exercise.notebook: given(exercise).sources for exercise in course.exercises(assignment)}
    found = _handed(course, assignment)
    if not found:
        where = top_of(course.submission, assignment)
        raise UsageError(f"notebooks to {assignment} in {where}", "none that can be read", "collect them first")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("a new or empty folder to export to", str(folder), "name another one with --out")
    content = jplag(found, base) if kind == "jplag" else dolos(assignment, found, base)
    for name, text in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return len(found)


def _handed(course: Course, assignment: str) -> list[Handed]:
    sources: dict[str, dict[str, tuple[str, ...]]] = {}
    for student, notebook, path in files(course, assignment):
        if (found := read(path)) is not None:
            sources.setdefault(student, {})[notebook] = code_cells(found)
    when = times(course, assignment, list(sources))
    return [
        Handed(student=student, sources=books, when=when[student].isoformat() if student in when else "")
        for student, books in sources.items()
    ]
