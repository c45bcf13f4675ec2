"""nbgrader courses on disk, one of them nbgrader's own example, and their notebooks run as nbgrader would run them."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import nbformat
import nbgrader
from nbformat import NotebookNode
from nbgrader.utils import determine_grade, is_grade, is_solution

from referee import authoring, grading
from referee.convert.configured import blank
from referee.convert.notebook import as_tried
from referee.course import Course
from referee.execution import Job, execute
from referee.nbcourse.config import open_course
from referee.nbcourse.course import NbCourse, NbExercise
from referee.sandbox.limits import Limits
from referee.tasks import task_for

CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "course101"\n'
_EXAMPLE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "source"


def quickstart(folder: Path) -> Path:
    """The course that `nbgrader quickstart` makes."""
    shutil.copytree(_EXAMPLE, folder / "source")
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    return folder


def opened(folder: Path) -> NbCourse:
    """The course in a folder."""
    return open_course(folder)


def read(path: Path) -> NotebookNode:
    """A notebook."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def answered(notebook: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """The notebook with these answers in its cells, by grade_id; `first` goes into a new cell at its top."""
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        cell.source = answers.get(authoring.grade_id(cell), cell.source)
    if "first" in answers:
        top = nbformat.v4.new_code_cell(answers["first"])
        top.pop("id", None)
        made.cells.insert(0, top)
    return made


def in_kernel(notebook: NotebookNode, files: tuple[Path, ...] = ()) -> dict[str, float]:
    """The points of its autograded test cells by nbgrader's own rule, when all run inside the kernel."""
    ran = execute(notebook, Job(limits=Limits(), files=files), {})
    cells = [cell for cell in ran.cells if is_grade(cell) and not is_solution(cell) and cell.cell_type == "code"]
    return {authoring.grade_id(cell): float(determine_grade(cell)[0] or 0) for cell in cells}


class Outside:
    """The graders of a converted notebook, for any submission to it."""

    def __init__(self, course: NbCourse, name: str, folder: Path) -> None:
        (exercise,) = course.chosen(name)
        assert isinstance(exercise, NbExercise)
        self.blank = blank(as_tried(read(exercise.solution)), course.app, exercise.notebook)
        self._folder = folder
        authored = folder / "authored.ipynb"
        nbformat.write(self.blank, authored)
        base: Course = course
        self._task = replace(task_for(base, exercise, "student", authored), authored=authored)

    def earned(self, answers: Mapping[str, str]) -> dict[str, float]:
        """What a submission with these answers earns, by check cell."""
        path = self._folder / "submission.ipynb"
        nbformat.write(answered(self.blank, answers), path)
        report = grading.grade_notebook(replace(self._task, submitted=path)).report
        return {cell.grade_id: cell.earned for cell in report.graded if cell.kind == "check"}
