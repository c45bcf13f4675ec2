"""The author's notebook as nbgrader makes it: header and footer, autotests, solutions cleared, hidden tests kept."""

from __future__ import annotations

import contextlib
import copy
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from referee import authoring, imports
from referee.audit import names
from referee.audit.attacks import Known
from referee.course import Exercise
from referee.errors import MissingExtra
from referee.nbcourse.course import NbCourse

try:
    from nbgrader.nbgraderformat import read
    from nbgrader.preprocessors import (
        ClearHiddenTests,
        ClearOutput,
        ClearSolutions,
        IncludeHeaderFooter,
        InstantiateTests,
        LockCells,
    )
except ImportError as error:
    raise MissingExtra("nbgrader, for its courses", str(error), "pip install nbgrader") from error

# modules whose helpers tests compare with, and the package by which a notebook shows that it uses them
_HELPERS = (
    "math",
    "unittest",
    "numpy",
    "numpy.testing",
    "nose.tools",
    "pytest",
    "pandas.testing",
    "torch",
    "torch.testing",
)
_ALWAYS = ("math", "unittest")


class Untried(Exception):
    """A notebook that cannot be tried; the message says why."""


@dataclass(frozen=True)
class Subject:
    """An author's notebook that is to be attacked.

    solution : as its author wrote it, without outputs.   blank : its solutions cleared, its hidden tests kept.
    hidden : the grade_ids of cells with text that students do not see.   known : what students know.
    """

    exercise: Exercise
    solution: NotebookNode
    blank: NotebookNode
    hidden: frozenset[str]
    known: Known

    @property
    def tests(self) -> tuple[NotebookNode, ...]:
        """The autograded test cells, those that ask a grader among them."""
        return tuple(cell for cell in self.solution.cells if authoring.is_check(cell))

    def is_converted(self, cell: NotebookNode) -> bool:
        """Whether a test cell asks a grader outside the kernel: it says `check("...")`, and there is one."""
        return bool(self.exercise.graders) and cell.source.strip() == f'check("{authoring.grade_id(cell)}")'


def subject(course: NbCourse, exercise: Exercise) -> Subject:
    """Take an author's notebook, as `nbgrader generate_assignment` would. Raises `Untried` with the reason."""
    with _at_home(course.root):
        solution = _authored(course.app, exercise.solution)
        try:
            blank = _processed(ClearSolutions(parent=course.app), copy.deepcopy(solution), exercise.solution)
            hidden = _hidden(course.app, solution)
        except Exception as error:
            raise Untried(f"nbgrader cannot make an assignment of it: {error}") from error
    own = [cell for cell in solution.cells if is_own(cell)]
    tests = [cell for cell in solution.cells if authoring.is_check(cell)]
    given = [
        cell for cell in blank.cells if cell.cell_type == "code" and not is_own(cell) and not authoring.is_check(cell)
    ]
    text = "\n".join(names.python(cell.source) for cell in solution.cells if cell.cell_type == "code")
    used = {*_ALWAYS, *imports.imported(text)} if text else {*_ALWAYS}
    texts = [[cell.source for cell in cells] for cells in (own, tests, given)]
    known = Known(
        names=names.asked_for(*texts),
        helpers=names.called(*texts[1:]),
        modules=tuple(module for module in _HELPERS if module.partition(".")[0] in used),
    )
    return Subject(exercise, solution, blank, hidden, known)


def is_own(cell: NotebookNode) -> bool:
    """Whether a code cell is the student's to write."""
    return cell.cell_type == "code" and bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_plain(cell: NotebookNode) -> bool:
    """Whether a code cell is none of nbgrader's: a student may change it, or delete it."""
    return cell.cell_type == "code" and not authoring.grade_id(cell)


def _authored(app: Any, path: Path) -> NotebookNode:
    """The solution with header, footer, autotests and locks."""
    try:
        with path.open(encoding="utf-8") as file:
            notebook: NotebookNode = read(file, as_version=4)
    except Exception as error:  # nbformat and nbgrader raise many kinds
        raise Untried(f"nbgrader cannot read it: {type(error).__name__}: {error}") from error
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    if str(language).lower() != "python":
        raise Untried(f"it is in {language}: only Python is tried")
    tests = InstantiateTests(parent=app)
    for step, trouble in (
        (IncludeHeaderFooter(parent=app), "its header or footer cannot be read"),
        (tests, "its autotests cannot be instantiated"),
        (LockCells(parent=app), "its cells cannot be locked"),
        (ClearOutput(parent=app), "its outputs cannot be cleared"),
    ):
        try:
            notebook = _processed(step, notebook, path)
        except Exception as error:  # as above
            raise Untried(f"{trouble}: {type(error).__name__}: {error}") from error
    return notebook


def _processed(step: Any, notebook: NotebookNode, path: Path) -> NotebookNode:
    resources: dict[str, Any] = {"metadata": {"path": str(path.parent)}, "nbgrader": {"notebook": path.stem}}
    made: NotebookNode = step.preprocess(notebook, resources)[0]
    return made


def _hidden(app: Any, notebook: NotebookNode) -> frozenset[str]:
    """The grade_ids of the cells with text that nbgrader keeps from students."""
    shown = ClearHiddenTests(parent=app).preprocess(copy.deepcopy(notebook), {})[0]
    pairs = zip(notebook.cells, shown.cells, strict=True)
    return frozenset(authoring.grade_id(cell) for cell, other in pairs if cell.source != other.source)


@contextlib.contextmanager
def _at_home(root: Path) -> Iterator[None]:
    """nbgrader finds header, footer and autotests from the course's folder; what it prints is no result of ours."""
    with contextlib.chdir(root), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(sys.stderr):
        yield
