"""What every format takes: a class with its reports, as their readers should see them.

ExportedClass
└── ExportedStudent     a student, the report, and what is known about the hand-in
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Literal, TypeAlias

from referee.collect.note import Kind
from referee.feedback.interface import Policy
from referee.report import GradedCell, NotebookReport, Record, Report

Lms: TypeAlias = Kind | Literal[""]
Given: TypeAlias = tuple[tuple[str, str], ...]
Policies: TypeAlias = Callable[[str], Policy]  # the one that holds for a notebook, by its name

_ROUNDING = 1e-4  # reports hold what a cell earned to four places


class ExportedStudent(Record, frozen=True):
    """One student's results.

    report : without its recordings, with what persons gave in place of what waited for them.
    by_person : the cells whose scores a person gave, each as its notebook and its grade_id.
    late : None where nobody said.
    lms : where the submission was collected from; empty where it was not collected.
    name, number : of whom the LMS speaks, as the name of the folder has them; empty where it was not collected.
    """

    student: str
    report: Report
    by_person: Given = ()
    late: bool | None = None
    lms: Lms = ""
    name: str = ""
    number: str = ""

    @property
    def waiting(self) -> float:
        """The points that wait for a person."""
        return sum(waiting(notebook) for notebook in self.report.notebooks)


class ExportedClass(Record, frozen=True):
    """Everybody who has a report on an assignment, by student."""

    assignment: str
    students: tuple[ExportedStudent, ...]
    course: str = ""

    @property
    def notebooks(self) -> tuple[str, ...]:
        """The notebooks of the assignment, in the order of the reports."""
        names = (book.notebook for student in self.students for book in student.report.notebooks)
        return tuple(dict.fromkeys(names))


State: TypeAlias = Literal["graded", "not handed in", "not run"]


def state(notebook: NotebookReport) -> State:
    """What became of a notebook."""
    return "not handed in" if notebook.missing else "not run" if notebook.refused else "graded"


def waiting(notebook: NotebookReport) -> float:
    """The points of a notebook that wait for a person."""
    return sum(cell.undecided for cell in notebook.graded)


def by_checks(cell: GradedCell) -> bool:
    """Whether the checks alone make up what a cell earned: not so where there are none, or something else was given."""
    passed = sum(cell.worth(result) for result in cell.results if result.verdict.passed)
    return bool(cell.results) and abs(passed - cell.earned) < _ROUNDING


def cents(amounts: Sequence[float], whole: float) -> list[float]:
    """Amounts to the two places that pages show, so that they add up to a whole; one of 0 stays 0.

    What an amount loses by rounding, a later one gets. The whole is their sum but for its own rounding; where that
    makes a difference, the largest amount takes it.

    >>> cents([5 / 3, 0, 5 / 3, 5 / 3], 5.0)
    [1.67, 0.0, 1.66, 1.67]
    """
    ends = [_cents(each) for each in accumulate(amounts, initial=0.0)]
    shares = [after - before for before, after in pairwise(ends)]
    if shares:
        largest = max(range(len(shares)), key=shares.__getitem__)
        shares[largest] += _cents(whole) - ends[-1]
    return [share / 100 for share in shares]


def _cents(points: float) -> int:
    """Points as whole cents; a half goes up, so that whole points more never change how it falls."""
    return math.floor(round(points * 100, 6) + 0.5)


def rounded(points: float) -> float:
    """Points to the two places that pages show, too."""
    return round(points, 2) + 0.0  # no minus before a zero
