"""What a worker does with one submission: it grades it, and puts everything into the form in which it is written.

Order    -> carry_out ->  Outcome
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook, new_raw_cell

from referee import grading, stability
from referee.batch import slots
from referee.checks.session import close_all
from referee.events import Doing
from referee.report import NotebookReport, Report, to_json
from referee.stability import ONCE, Repeats
from referee.tasks import Task

_MARGIN = 300.0  # seconds, for graders that load
slots.AT_END[:] = [close_all, grading.close_data]


@dataclass(frozen=True)
class Order:
    """One submission to grade: its notebooks' tasks, the course's name, and with how many seeds."""

    student: str
    tasks: tuple[Task, ...]
    course: str
    repeats: Repeats = ONCE

    @property
    def patience(self) -> float:
        """The seconds within which something must be heard of it: all that cells and questions may take."""
        limits = [task.limits for task in self.tasks]
        return max((2 * each.notebook_seconds + each.start_seconds + _MARGIN for each in limits), default=_MARGIN)


@dataclass(frozen=True)
class Outcome:
    """A graded submission: its report without recordings, the whole of it as text, and the notebooks as they ran."""

    report: Report
    text: bytes
    notebooks: Mapping[str, bytes]


def carry_out(order: Order) -> Outcome:
    """Grade a submission in a worker process, which tells what it does.

    Raises
    ------
    CourseError, GraderError, DataError : the course is wrong; nobody's report would be fair.
    """
    return graded(order, lambda words: slots.tell(Doing(student=order.student, words=words)))


def graded(order: Order, doing: Callable[[str], None]) -> Outcome:
    """Grade a submission in this process."""
    return packed(*stability.grade(order.tasks, order.course, order.repeats, doing))


def packed(report: Report, executed: Mapping[str, NotebookNode]) -> Outcome:
    """A report and notebooks, ready to be written."""
    unread = {book.notebook: _placeholder(book) for book in report.notebooks if book.refused and not book.missing}
    notebooks = {
        name: (nbformat.writes(notebook) + "\n").encode("utf-8", "replace")
        for name, notebook in {**unread, **executed}.items()
    }
    return Outcome(report.without_answers(), to_json(report) + b"\n", notebooks)


def given_up(order: Order, words: str) -> Outcome:
    """The outcome for a submission that could not be graded for our reasons."""
    return packed(grading.not_graded(order.tasks, order.course, words), {})


def _placeholder(report: NotebookReport) -> NotebookNode:
    """What the formgrader shows in place of a notebook that could not be run."""
    words = f"This notebook was not run: {report.refused}"
    return new_notebook(cells=[new_raw_cell(words, id="refused")])
