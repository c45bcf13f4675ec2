"""Notebooks in which some test cells ask a grader outside the kernel: the attacks run against these, too."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from referee import authoring, grading
from referee.audit.judging import End
from referee.audit.source import Subject
from referee.course import Exercise
from referee.errors import HarnessError
from referee.report import CellRun, GradedCell
from referee.sandbox.limits import Limits
from referee.tasks import Task


def is_converted(cell: NotebookNode, exercise: Exercise) -> bool:
    """Whether a test cell says `check("...")` and has a grader."""
    return bool(exercise.graders) and cell.source.strip() == f'check("{authoring.grade_id(cell)}")'


def converted(subject: Subject) -> bool:
    """Whether a notebook has such cells."""
    return any(is_converted(cell, subject.exercise) for cell in subject.tests)


def graded(
    subject: Subject, notebook: NotebookNode, limits: Limits, files: Sequence[Path], folder: Path
) -> tuple[NotebookNode, tuple[CellRun, ...], float, dict[str, End]]:
    """Grade a notebook whose check cells ask graders, while its other tests run in the kernel as locked cells.

    Returns
    -------
    The executed notebook; its cells' fates; the seconds of the slowest; how the check cells ended.
    """
    authored, submitted = folder / "authored.ipynb", folder / "submitted.ipynb"
    authored.write_text(nbformat.writes(_demoted(subject, subject.blank)), encoding="utf-8")
    submitted.write_text(nbformat.writes(_demoted(subject, notebook)), encoding="utf-8")
    done = grading.grade_notebook(
        Task(
            student="(audit)",
            assignment=subject.exercise.assignment,
            notebook=subject.exercise.notebook,
            submitted=submitted,
            authored=authored,
            graders=subject.exercise.graders,
            root=subject.exercise.root,
            files=tuple(files),
            limits=limits,
        )
    )
    report = done.report
    if done.executed is None:
        raise HarnessError("a notebook that runs", report.refused or "none", "run the audit again")
    ends = {cell.grade_id: _end(cell) for cell in report.graded if cell.kind == "check"}
    return done.executed, report.cells, max(report.timings.cells.values(), default=0.0), ends


def _demoted(subject: Subject, notebook: NotebookNode) -> NotebookNode:
    """The notebook with those tests that run in the kernel as locked cells without points."""
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        if authoring.is_check(cell) and not is_converted(cell, subject.exercise):
            cell.metadata["nbgrader"].update(grade=False, locked=True, solution=False)
            cell.metadata["nbgrader"].pop("points", None)
    return made


def _end(cell: GradedCell) -> End:
    verdicts = [result.verdict.outcome.value for result in cell.results]
    said = next((result.evidence.words for result in cell.results if not result.verdict.passed), "")
    return End(cell.earned, f"{', '.join(verdicts) or 'not asked'}: {said or cell.words}"[:160].rstrip(": "))
