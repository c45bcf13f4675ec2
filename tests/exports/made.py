"""Small classes for the tests of exports, and texts that a hostile student may use."""

from __future__ import annotations

from typing import Any

from referee.exports.interface import ExportedClass, ExportedStudent
from referee.report import (
    PASSED,
    CellRun,
    CellStatus,
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
OURS = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.HARNESS)
PERSON = Verdict(outcome=Outcome.PERSON)
HERE = Environment(referee="0", python="3.11", platform="Linux")
NASTY = (
    "=cmd|' /C calc'!A0",
    "@everyone",
    "+1",
    '"quoted", "twice"',
    "new\nline\r\nand\ttab",
    "\u202ereversed\u2066",
    "half \ud83d pair \udcff",
    "]]> & < > <script>alert(1)</script>",
    "bell\x07 nul\x00 escape\x1b[31m \ufffe",
    "a|b `code` *bold* [link](https://evil.example) ![](x) #12 www.evil.example",
    "::error file=x::forged",
    "100% : , ::",
)


def check(verdict: Verdict = PASSED, *, weight: float = 1.0, public: bool = True, **evidence: Any) -> CheckResult:
    return CheckResult(
        check="conv",
        name="test_it",
        sentence="The map of the deck's image.",
        weight=weight,
        public=public,
        verdict=verdict,
        evidence=Evidence(**evidence),
    )


def cell(*results: CheckResult, points: float = 4.0, name: str = "conv") -> GradedCell:
    """A checked cell whose score follows from its results."""
    weights = sum(result.weight for result in results)
    earned = sum(points * result.weight / weights for result in results if result.verdict.passed)
    waits = any(result.verdict.needs_person for result in results)
    score = None if waits else earned
    return GradedCell(grade_id=name, kind="check", points=points, earned=earned, score=score, results=results)


def answer(earned: float = 0.0, points: float = 2.0, *, waits: bool = False) -> GradedCell:
    """An answer that a person grades."""
    score = None if waits else earned
    return GradedCell(grade_id="essay", kind="person", points=points, earned=earned, score=score)


def book(*cells: GradedCell, name: str = "maps", **more: Any) -> NotebookReport:
    return NotebookReport(notebook=name, fingerprint="f", environment=HERE, graded=cells, **more)


def student(who: str, *books: NotebookReport, **more: Any) -> ExportedStudent:
    report = Report(student=who, assignment="convolution", notebooks=books or (book(cell(check())),))
    return ExportedStudent(student=who, report=report, **more)


def scored(who: str, earned: float, points: float = 10.0, **more: Any) -> ExportedStudent:
    """A student with a score of one cell."""
    one = GradedCell(grade_id="conv", kind="check", points=points, earned=earned, score=earned)
    return student(who, book(one), **more)


def waiting(who: str, **more: Any) -> ExportedStudent:
    """A student of whom 2 of 10 points wait, with 5 earned."""
    graded = GradedCell(grade_id="conv", kind="check", points=8.0, earned=5.0, score=5.0)
    return student(who, book(graded, answer(waits=True)), **more)


def klass(*students: ExportedStudent) -> ExportedClass:
    return ExportedClass(assignment="convolution", students=students, course="Deep Learning")


def nasty(text: str) -> ExportedStudent:
    """A student of whom every text is this one."""
    failed = check(FAILED, words=text, hint=text, actual=text, expected=text, misconception=text, log=text)
    run = CellRun(index=0, grade_id=text, status=CellStatus.RAISED, error=text, words=text, traceback=text)
    return student(text, book(cell(failed, check(OURS, words=text), name=text), name=text, cells=(run,)))
