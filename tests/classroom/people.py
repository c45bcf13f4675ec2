"""A class made by hand: reports in which only what a test is about differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from referee.report import (
    NOT_HANDED_IN,
    PASSED,
    CheckResult,
    Environment,
    Evidence,
    Fault,
    GradedCell,
    NotebookReport,
    Outcome,
    Report,
    Verdict,
)

FAILED = Verdict(outcome=Outcome.FAILED, fault=Fault.STUDENT)
OVER_LIMIT = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.LIMIT)
PERSON = Verdict(outcome=Outcome.PERSON)
ENVIRONMENT = Environment(referee="0.1", python="3.11", platform="Linux")
VERDICTS = {"1": PASSED, "0": FAILED, "L": OVER_LIMIT, "P": PERSON}


def result(verdict: Verdict, name: str = "test_a", check: str = "conv", **evidence: Any) -> CheckResult:
    """What one check concluded."""
    return CheckResult(
        check=check,
        name=name,
        sentence="It is right.",
        weight=1.0,
        public=False,
        verdict=verdict,
        evidence=Evidence(**evidence),
    )


def cell(results: Iterable[CheckResult], points: float | None = None, name: str = "conv") -> GradedCell:
    """A cell with its checks; each is worth a point where nothing else is said."""
    results = tuple(results)
    worth = float(len(results)) if points is None else points
    earned = worth * sum(each.verdict.passed for each in results) / len(results) if results else 0.0
    undecided = any(each.verdict.needs_person for each in results)
    return GradedCell(
        grade_id=name,
        kind="check",
        points=worth,
        earned=earned,
        score=None if undecided else earned,
        results=results,
    )


def book(*cells: GradedCell, name: str = "a", **fields: Any) -> NotebookReport:
    """A notebook that ran."""
    return NotebookReport(notebook=name, fingerprint="f", environment=ENVIRONMENT, graded=cells, **fields)


def missing(name: str = "a", points: float = 1.0) -> NotebookReport:
    """A notebook that was not handed in."""
    lost = GradedCell(grade_id="conv", kind="check", points=points, earned=0.0, score=0.0)
    return book(lost, name=name, refused=NOT_HANDED_IN, refused_by=Fault.STUDENT)


def report(student: str, *books: NotebookReport) -> Report:
    """A student's submission."""
    return Report(student=student, assignment="week", notebooks=books)


def answers(pattern: Mapping[str, str]) -> list[Report]:
    """A class by what each student's checks say: 1 passed, 0 failed, L over a limit, P needs a person."""
    return [
        report(student, book(cell(result(VERDICTS[sign], f"test_{i}") for i, sign in enumerate(signs))))
        for student, signs in pattern.items()
    ]
