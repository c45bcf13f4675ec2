"""Recordings of a whole class from one run of a notebook, for a class that would take an hour to run.

    python recordings.py COURSE ASSIGNMENT FIRST      (`regrade` starts it)

All have handed in the same notebook, and it starts from the same seed for all, so that it trains the same network for
all: it runs once, and at each of its check cells everybody's checks, with the numbers that are drawn for each, ask that
one kernel. What is written is what `referee grade` writes, but for the times. The FIRST so many students are left out.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
from nbformat import NotebookNode

from referee import authoring, basis, batch, course, grading
from referee.answers.live import LiveSource
from referee.answers.recorded import Recorder
from referee.batch import store
from referee.batch.parcel import parcel
from referee.batch.work import packed
from referee.checks.session import close_all, graders_for
from referee.course import Course
from referee.execution import Job, execute
from referee.judging import Judge
from referee.report import NotebookReport
from referee.tasks import Task, tasks_of

_HOUR = 3600.0


class Asker:
    """The checks of one student, and the recording of what they ask."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._judge = Judge(task, graders_for(task.graders, task.root))
        self._recorder: Recorder | None = None

    def at(self, cell: str, source: LiveSource, job: Job) -> None:
        """Ask everything about one check cell."""
        self._recorder = self._recorder or Recorder(source, self._task.limits)
        self._judge.at(cell, self._recorder, tuple(job.cells))

    def report(self, first: NotebookReport) -> NotebookReport:
        """The report on this student's notebook, which ran as the first one did."""
        known = {cell.grade_id: cell for cell in first.graded}
        cells = grading.graded_cells(authoring.authored(self._task.authored))
        here = grading.environment()
        return msgspec.structs.replace(
            first,
            fingerprint=basis.fingerprint_of(self._task.submitted, self._task.limits.submission_bytes),
            basis=basis.completed(self._task, first.fingerprint, here),
            graded=self._judge.graded(cells, lambda cell: known[cell.grade_id]),
            pauses=tuple(self._judge.pauses),
            answers=self._recorder.answers if self._recorder is not None else (),
        )


def make(held: Course, assignment: str, students: Sequence[str]) -> None:
    """Write the reports of students who handed in the same."""
    about = parcel(held, assignment)
    with batch.workshop() as folder:
        classes = [tasks_of(about.unpack(folder), held.submission(name, assignment), name) for name in students]
        books = [_notebook(tasks) for tasks in zip(*classes, strict=True)]
        close_all()
        for place, tasks in enumerate(classes):
            report = grading.report_of(tasks, about.course, [reports[place] for reports, _ in books])
            executed = {task.notebook: notebook for task, (_, notebook) in zip(tasks, books, strict=True)}
            outcome = packed(report, executed)
            store.write(held, outcome.report, outcome.text, outcome.notebooks)


def _notebook(tasks: Sequence[Task]) -> tuple[list[NotebookReport], NotebookNode]:
    """The reports of all students on one notebook, and the notebook as it ran."""
    askers = [Asker(task) for task in tasks[1:]]

    def crowded(notebook: NotebookNode, job: Job, parameters: dict[str, Any]) -> NotebookNode:
        own = job.at_check

        def at_check(cell: str, source: LiveSource) -> str:
            words = own(cell, source) if own is not None else ""
            for asker in askers:
                asker.at(cell, source, job)
            return words

        job.at_check = at_check
        return execute(notebook, job, parameters)

    patient = msgspec.structs.replace(tasks[0].limits, cell_seconds=_HOUR, notebook_seconds=_HOUR, memory_mb=16_384)
    with patch.object(grading, "execute", crowded):
        done = grading.grade_notebook(dataclasses.replace(tasks[0], limits=patient))
    if done.executed is None:
        raise RuntimeError(f"{tasks[0].notebook} did not run: {done.report.refused}")
    return [done.report, *(asker.report(done.report) for asker in askers)], done.executed


def main() -> None:
    """Make the recordings of everybody but the first."""
    root, assignment, first = sys.argv[1:]
    held = course.load(Path(root))
    make(held, assignment, held.submitted(assignment)[int(first) :])


if __name__ == "__main__":
    main()
