"""A draft is tried before anybody relies on it: by the author's notebook, with its solutions and without them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from referee import grading
from referee.convert.configured import blank
from referee.convert.notebook import as_tried
from referee.convert.records import Kind, Tried
from referee.course import Course
from referee.errors import GraderError
from referee.nbcourse.course import NbExercise
from referee.report import GradedCell, NotebookReport, Outcome
from referee.tasks import Task


@dataclass(frozen=True)
class Trial:
    """What both notebooks earned, by check cell; and what was wrong with the graders, if nothing could be tried."""

    solution: Mapping[str, Tried]
    blank: Mapping[str, Tried]
    trouble: str = ""


def tried(
    course: Course, exercise: NbExercise, notebook: NotebookNode, graders: Mapping[Kind, str], app: object
) -> Trial:
    """Grade the notebook and its blank by these graders.

    Parameters
    ----------
    notebook : the author's, with converted cells.   graders : their texts, by kind.   app : nbgrader's application.

    Raises
    ------
    CourseError : nbgrader cannot clear the solutions.
    """
    prepared = as_tried(notebook)
    empty = blank(prepared, app, exercise.notebook)
    with tempfile.TemporaryDirectory(prefix="referee-convert-") as scratch:
        folder = Path(scratch).resolve()
        task = _task(course, exercise, folder, graders)
        nbformat.write(empty, task.authored)
        try:
            found = [_earned(task, prepared, folder / "solution"), _earned(task, empty, folder / "blank")]
        except GraderError as error:
            return Trial({}, {}, f"wanted {error.wanted}, found {error.found}")
    return Trial(solution=found[0], blank=found[1])


#: What is known where there was nothing to try.
NOTHING = Trial({}, {})


def _task(course: Course, exercise: NbExercise, folder: Path, graders: Mapping[Kind, str]) -> Task:
    paths = []
    for kind, text in graders.items():
        path = folder / "graders" / kind / exercise.assignment / f"{exercise.notebook}.py"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    (folder / "authored").mkdir()
    return Task(
        student="author",
        assignment=exercise.assignment,
        notebook=exercise.notebook,
        submitted=folder,
        authored=folder / "authored" / f"{exercise.notebook}.ipynb",
        graders=tuple(paths),
        root=course.root,
        files=tuple(path for path in exercise.support if path.name != "checks"),
        limits=course.limits_of(exercise),
    )


def _earned(task: Task, notebook: NotebookNode, folder: Path) -> dict[str, Tried]:
    """What a notebook earns at each check cell."""
    folder.mkdir()
    path = folder / f"{task.notebook}.ipynb"
    nbformat.write(notebook, path)
    report = grading.grade_notebook(replace(task, submitted=path)).report
    return {cell.grade_id: _tried(cell, report) for cell in report.graded if cell.kind == "check"}


def _tried(cell: GradedCell, report: NotebookReport) -> Tried:
    bad = next((each for each in cell.results if not each.verdict.passed), None)
    words = cell.words or report.refused
    if bad is not None:
        kind = "waits for a person: " if bad.verdict.outcome is Outcome.PERSON else ""
        words = f"{kind}{bad.evidence.words}"
    return Tried(earned=cell.earned, decided=cell.score is not None, words=words)
