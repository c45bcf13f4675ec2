"""From a submission that nbgrader has sanitized to what a worker needs to run it."""

from __future__ import annotations

import filecmp
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from nbformat import NotebookNode

from referee import authoring, imports
from referee.course import Exercise
from referee.errors import CourseError, UsageError
from referee.imports import Needs
from referee.nbcourse.book import Outline
from referee.nbcourse.converter import Begun
from referee.nbcourse.course import NbCourse
from referee.nbcourse.running import VARIABLES, Order, Sheet
from referee.sandbox.nursery import Plan
from referee.tasks import Task, task_for

_LEFT_OUT = ("timestamp.txt",)
_PYTHON = ("python", "ipython")


class Desk:
    """What is known of an assignment before its submissions are looked at.

    Raises
    ------
    UsageError : a notebook wants a kernel that cannot be forked.
    CourseError : a check cell has no grader.
    """

    def __init__(
        self, course: NbCourse, assignment: str, outlines: Mapping[str, Outline], timeout: Mapping[str, object]
    ) -> None:
        self._course, self._assignment, self._outlines = course, assignment, outlines
        self._exercises = {each.notebook: each for each in course.exercises(assignment)}
        self._limits, self._timeout = course.nb_limits(assignment), timeout
        self._authored = {name: _authored(exercise) for name, exercise in self._exercises.items()}
        self._late = {name: course.late_of(exercise) for name, exercise in self._exercises.items()}
        self._points = {name: self._checked(name, outline) for name, outline in outlines.items()}
        if course.rules.kernel == "warm":
            _require_python(outlines)
        elif checked := sorted(name for name, points in self._points.items() if points):
            wanted = 'test cells alone, for `kernel = "nbgrader"`: nobody pauses at check cells there'
            remedy = "take that line out of course.toml: checks ask warm kernels"
            raise UsageError(wanted, f"check cells in {', '.join(checked)}", remedy)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The kernels from which those of submissions are forked, where these import what the author does."""
        found = [
            imports.needs(each, each, self._late[name]) for name, each in self._authored.items() if each is not None
        ]
        return tuple(
            Plan(preload=each.preload, late=each.late, variables=tuple(sorted({*each.variables, *VARIABLES})))
            for each in found
        )

    def order(self, begun: Begun) -> Order:
        """What a worker is to do with a submission."""
        return Order(
            student=begun.student,
            sheets=tuple(self._sheet(begun, name, notebook) for name, notebook in sorted(begun.notebooks.items())),
            files=beside(begun.folder, self._course.source(self._assignment)),
            folder=begun.folder,
            root=self._course.root,
            database=self._course.database,
            limits=self._limits,
            timeout_error=dict(self._timeout),
            how=self._course.rules.kernel,
            rest=self._course.rules.dead_kernel == "rest",
            seed=self._course.policy.seed,
        )

    def _sheet(self, begun: Begun, name: str, notebook: NotebookNode) -> Sheet:
        authored = self._authored.get(name)
        needs = imports.needs(authored, notebook, self._late[name]) if authored is not None else Needs()
        points = self._points.get(name, {})
        task = self._task(begun, name) if points else None
        return Sheet(name, json.dumps(notebook).encode("utf-8", "replace"), needs, points, task)

    def _task(self, begun: Begun, name: str) -> Task:
        exercise = self._exercises[name]
        path = self._course.submission(begun.student, self._assignment) / f"{name}.ipynb"
        return task_for(self._course, exercise, begun.student, path)

    def _checked(self, name: str, outline: Outline) -> dict[str, float]:
        """The cells of a notebook that graders outside the kernel decide, and what they are worth."""
        found = {
            cell.grade_id: cell.points
            for cell in outline.cells.values()
            if cell.grade and not cell.solution and cell.source.strip() == f'check("{cell.grade_id}")'
        }
        exercise = self._exercises.get(name)
        if found and (exercise is None or not exercise.graders):
            wanted = f"a grader for the check cells {', '.join(sorted(found))} of {self._assignment}/{name}"
            remedy = f"write graders/hidden/{self._assignment}/{name}.py (`referee convert` makes a draft)"
            raise CourseError(wanted, "none", remedy)
        return found


def in_order(course: NbCourse, assignment: str, outlines: Mapping[str, Outline]) -> dict[str, Outline]:
    """The notebooks with their cells in the order of the author's notebook; nbgrader's database knows none."""
    exercises = {each.notebook: each for each in course.exercises(assignment)}
    made = {}
    for name, outline in sorted(outlines.items()):
        authored = _authored(exercises[name]) if name in exercises else None
        stand = [authoring.grade_id(cell) for cell in authored.cells] if authored is not None else []
        names = dict.fromkeys([*(each for each in stand if each in outline.cells), *sorted(outline.cells)])
        made[name] = replace(outline, cells={each: outline.cells[each] for each in names})
    return made


def _authored(exercise: Exercise) -> NotebookNode | None:
    """The author's notebook as students got it; else as the author has it."""
    path = next((path for path in (exercise.released, exercise.solution) if path.is_file()), None)
    return authoring.authored(path).notebook if path is not None else None


def beside(folder: Path, source: Path) -> tuple[Path, ...]:
    """The files and folders that lie beside a submission's notebooks.

    What is as the author's own is taken from there: kernels with the same files can be forked ahead for everybody. The
    notebooks themselves, which hold hidden tests, are not among them.
    """
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".ipynb" or path.name in _LEFT_OUT:
            continue
        own = source / path.name
        found.append(own if _same(own, path) else path)
    return tuple(found)


def _same(ours: Path, theirs: Path) -> bool:
    """Whether two files, or two folders, hold the same."""
    if theirs.is_file():
        return ours.is_file() and not ours.is_symlink() and filecmp.cmp(ours, theirs, shallow=False)
    if not ours.is_dir() or ours.is_symlink():
        return False
    names = {path.relative_to(theirs) for path in theirs.rglob("*")}
    if {path.relative_to(ours) for path in ours.rglob("*")} != names:
        return False
    return all(_same(ours / name, theirs / name) for name in names if not (theirs / name).is_dir())


def _require_python(outlines: Mapping[str, Outline]) -> None:
    for name, outline in outlines.items():
        kernel = outline.kernelspec
        language = str(kernel.get("language") or ("python" if "python" in str(kernel.get("name", "python")) else ""))
        if language.lower() not in _PYTHON:
            wanted = f"notebooks in Python, for warm kernels ({name})"
            remedy = 'say `kernel = "nbgrader"` under [nbgrader] in course.toml, and --trust: as nbgrader runs it'
            raise UsageError(wanted, f"the kernel {kernel.get('name')!r}", remedy)


def other_kernels(outlines: Mapping[str, Outline]) -> Iterable[str]:
    """The kernels that notebooks ask for by another name than that of the Python which runs them here."""
    names = {str(outline.kernelspec.get("name") or "python3") for outline in outlines.values()}
    return sorted(names - {"python3", "python", "ipython"})
