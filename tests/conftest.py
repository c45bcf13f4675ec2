"""Shared fixtures: a course of one small notebook, made anew in a temporary folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import nbformat
import pytest
from hypothesis import settings
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from referee import course as courses
from referee.course import Course
from referee.report import Usage
from referee.tasks import Task

# Nothing here is about time; and in CI a property is tried on the same examples each time, so that a change is to blame
# for what fails. At a desk the examples are new ones.
settings.register_profile("house", deadline=None, derandomize="CI" in os.environ, database=None)
settings.load_profile("house")

# Files that take a minute or more come first: one that began last would run alone while the other process is idle.
LONG = ("faults/", "nbcourse/test_nb_", "test_benchmarks_class.", "test_scenarios.", "verify/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of long files first, in the order of `LONG`; all else stays as it is."""
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        name = item.path.relative_to(here).as_posix()
        return next((place for place, start in enumerate(LONG) if name.startswith(start)), len(LONG))

    items.sort(key=place)


PUBLIC = '''"""Public checks."""
import pytest

from referee.checks import assert_matches


@pytest.mark.check("double")
def test_example(student):
    """Your double makes 6 of 3."""
    assert_matches(student.call("double", 3), 6)
'''
HIDDEN = '''"""Hidden checks."""
import pytest

from referee.checks import assert_matches


@pytest.mark.check("double", weight=3)
def test_any(student, rng):
    """Your double works for any number."""
    value = int(rng.integers(10, 1000))
    assert_matches(student.call("double", value), 2 * value)
'''
TOML = 'name = "Mini"\n\n[limits]\ncell_seconds = 20\nnotebook_seconds = 60\nquestion_seconds = 10\n'
CONFIG = (
    "c = get_config()\n"
    'c.CourseDirectory.source_directory = "solutions"\n'
    'c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE"}\n'
)
SOLUTION = (
    "def double(x):\n    'Twice x.'\n"
    "    ### BEGIN SOLUTION\n    SECRET = 2 * x\n    return SECRET\n    ### END SOLUTION"
)


def nbgrader_cell(source: str, name: str, kind: str = "locked", points: float | None = None, **extra: Any) -> Any:
    """A cell with nbgrader metadata. kind: "locked", "solution", "check" or "person" (a manually graded answer)."""
    metadata: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": name,
        "locked": kind in ("locked", "check"),
        "solution": kind in ("solution", "person"),
        "grade": kind in ("check", "person"),
        "task": False,
    }
    if metadata["grade"]:
        metadata["points"] = 1 if points is None else points
    make = new_markdown_cell if kind == "person" else new_code_cell
    return make(source, id=name, metadata={"nbgrader": metadata, **extra})


def python_notebook(cells: list[Any]) -> NotebookNode:
    """A notebook of these cells that says it is Python."""
    notebook: NotebookNode = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


def mini_cells(assignment: str = "week", notebook: str = "mini") -> list[Any]:
    return [
        nbgrader_cell(f'from referee import exercise\ncheck = exercise("{assignment}/{notebook}")', "setup"),
        nbgrader_cell("seed = 0", "parameters", tags=["parameters"]),
        nbgrader_cell(SOLUTION, "double_solution", "solution"),
        nbgrader_cell('check("double")', "double", "check", 4),
    ]


@dataclass(frozen=True)
class MiniCourse:
    """A course in a folder of its own: assignment `week`, notebook `mini`, one check cell `double` of 4 points."""

    root: Path

    @property
    def course(self) -> Course:
        return courses.load(self.root)

    @property
    def solution(self) -> Path:
        return self.root / "solutions" / "week" / "mini.ipynb"

    def write(self, path: str, text: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def fill(self) -> None:
        """Write the course: one notebook, one public and one hidden check."""
        self.write("course.toml", TOML)
        self.write("nbgrader_config.py", CONFIG)
        self.notebook(mini_cells())
        self.write("graders/public/week/mini.py", PUBLIC)
        self.write("graders/hidden/week/mini.py", HIDDEN)

    def notebook(self, cells: list[Any], path: str = "solutions/week/mini.ipynb") -> Path:
        return self.write(path, nbformat.writes(python_notebook(cells)) + "\n")

    def release(self) -> Path:
        """Release the assignment; the folder that a student gets."""
        from referee.release import release  # noqa: PLC0415 - nbgrader takes a second to import

        release(self.course, "week")
        return self.root / "exercises" / "week"

    def hand_in(self, student: str, old: str = "", new: str = "", start: str = "solutions") -> Path:
        """Hand in the solution (or the exercise) with `old` replaced by `new`."""
        text = (self.root / start / "week" / "mini.ipynb").read_text(encoding="utf-8")
        assert json.dumps(old)[1:-1] in text
        return self.write(f"submitted/{student}/week/mini.ipynb", text.replace(json.dumps(old)[1:-1], new))


@pytest.fixture
def cell_of() -> Callable[..., Any]:
    """Makes a cell with nbgrader metadata."""
    return nbgrader_cell


@pytest.fixture
def notebook_of() -> Callable[[list[Any]], NotebookNode]:
    """Makes a Python notebook of cells."""
    return python_notebook


@pytest.fixture
def mini(tmp_path: Path) -> MiniCourse:
    """A small course: one notebook, one public and one hidden check."""
    course = MiniCourse(tmp_path / "course")
    course.fill()
    return course


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Submissions are graded in this process, where what a test has replaced is replaced for them too."""
    from referee import batch  # noqa: PLC0415 - nbclient takes a second to import
    from referee.batch.slots import Inline  # noqa: PLC0415 - the same

    @contextmanager
    def local_workers(*_args: Any) -> Iterator[Inline]:
        yield Inline()

    monkeypatch.setattr(batch, "local_workers", local_workers)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, inline: None) -> Usage:
    """What every notebook that is graded in this process uses, whatever the machine: 4 s in its slowest cell."""
    from referee import grading  # noqa: PLC0415 - nbclient takes a second to import

    use = Usage(seconds=10, cell_seconds=4, question_seconds=0.1, memory_mb=500, processes=20)
    grade = grading.grade_notebook

    def with_use(task: Task, doing: grading.Doing | None = None) -> grading.Graded:
        done = grade(task, doing)
        timings = msgspec.structs.replace(done.report.timings, usage=use, total=10.0)
        return replace(done, report=msgspec.structs.replace(done.report, timings=timings))

    monkeypatch.setattr(grading, "grade_notebook", with_use)
    return use
