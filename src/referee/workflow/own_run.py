"""A student's own run: the notebook from top to bottom in a fresh kernel, and its public checks."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from referee import authoring, grading, student
from referee import course as courses
from referee.errors import UsageError
from referee.report import NotebookReport, Record
from referee.sandbox.limits import Limits
from referee.tasks import Task
from referee.workflow import elsewhere


class Checked(Record, frozen=True):
    """A student's own run: the report on the public checks, and what is only checked after submission, by cell."""

    report: NotebookReport
    later: dict[str, str]

    @property
    def failed(self) -> bool:
        return bool(self.report.refused) or any(not result.verdict.passed for result in self.report.results)


def check_notebook(path: Path) -> Checked:
    """Run a notebook from top to bottom in a fresh kernel and grade its public checks.

    Raises
    ------
    UsageError : no such notebook, or nothing that says how to check it.
    """
    path = path.resolve()
    if not path.is_file():
        found = f"{path} is a folder" if path.is_dir() else f"no file at {path}"
        raise UsageError("a notebook to check", found, "give the path of the .ipynb file")
    name = path.stem
    grader, manifest = _found(path)
    if grader is None:
        names = ", ".join(f"{known}.ipynb" for known in manifest) or "the name under which it was handed out"
        raise UsageError(f"public checks for {path.name}", "none under this name", f"call the notebook {names}")
    authoring.read_submission(path, Limits().submission_bytes)
    report = grading.grade_notebook(_own_task(path, grader)).report
    later = {cell: student.remark(known, cell in _checked(report)) for cell, known in manifest.get(name, {}).items()}
    return Checked(report=report, later={cell: words for cell, words in later.items() if words})


def _found(path: Path) -> tuple[Path | None, dict[str, Any]]:
    """The public grader and the manifest that came with a notebook; what it is, where it is another program's."""
    try:
        grader, manifest = student.find(f"{path.parent.name}/{path.stem}", path.parent)
    except UsageError as error:
        raise _foreign(path) or error from error
    if grader is None and (foreign := _foreign(path)):
        raise foreign
    return grader, manifest


def _foreign(path: Path) -> UsageError | None:
    there = elsewhere.look_at(path)
    if there is None:
        return None
    return UsageError(f"checks of Referee's that came with {path.name}", there.what, there.remedy)


def _checked(report: NotebookReport) -> set[str]:
    return {result.check for result in report.results}


def _own_task(path: Path, grader: Path) -> Task:
    """The task of a student's own run: the notebook is its own truth, under the course's limits where there are any."""
    others = [other for other in sorted(path.parent.iterdir()) if other.is_file() or other.is_dir()]
    files = [other for other in others if other.suffix != ".ipynb" and other.name != "checks"]
    task = Task(
        student="you",
        assignment=path.parent.name,
        notebook=path.stem,
        submitted=path,
        authored=path,
        graders=(grader,),
        root=path.parent,
        files=tuple(other for other in files if not other.name.startswith((".", "__pycache__"))),
        threads=os.cpu_count() or 1,
    )
    try:
        policy = courses.load(path.parent).policy
    except UsageError:
        return task
    return replace(task, limits=policy.limits_of(path.parent.name))
