"""What ran and what nbgrader made of it, as records: the report on a submission to an nbgrader course."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from nbformat import NotebookNode

from referee import authoring, grading
from referee.nbcourse.book import Outline, Score
from referee.nbcourse.running import Ran
from referee.report import (
    NOT_HANDED_IN,
    PASSED,
    Basis,
    CellRun,
    CellSpec,
    CellStatus,
    CheckResult,
    Evidence,
    Fault,
    GradedCell,
    Note,
    NotebookReport,
    Outcome,
    Report,
    Timings,
    Verdict,
    clip,
)

_WORDS = 300
_CELL = "cell"  # the name of the one claim that a test cell is
_AGAIN = "given by a person for an earlier run; to be looked at again"
_CHECKSUM = re.compile(r"Attribute 'checksum' for cell (?P<name>.+?) has changed!")
_LATE = re.compile(r" is [\d.]+ seconds late$|^Late submission penalty: ")
_SKIP = "skip-execution"
_SAID = 20  # lines of nbgrader's that are kept of a notebook


def notebook_report(
    name: str,
    outline: Outline,
    ran: Ran | None,
    scores: Mapping[str, Score],
    *,
    basis: Basis,
    fingerprint: str,
    hidden: str,
) -> NotebookReport:
    """The report on a notebook that nbgrader has scored.

    Parameters
    ----------
    ran : None where it was not handed in.   fingerprint : of the file, its SHA-256.
    scores : by cell what nbgrader has.
    hidden : the text that begins a hidden test, as this course marks it.
    """
    graded = tuple(
        _graded(spec, scores.get(spec.grade_id), ran, public=hidden not in spec.source)
        for spec in _with_points(outline)
    )
    return NotebookReport(
        notebook=name,
        fingerprint=fingerprint,
        environment=grading.environment(),
        basis=basis,
        refused="" if ran is not None else NOT_HANDED_IN,
        refused_by=None if ran is not None else Fault.STUDENT,
        cells=ran.cells if ran is not None else (),
        graded=graded,
        notes=ran.notes if ran is not None else (),
        pauses=ran.pauses if ran is not None else (),
        answers=ran.answers if ran is not None else (),
        timings=ran.timings if ran is not None else Timings(),
    )


def lost_report(
    name: str, outline: Outline, why: str, fault: Fault, *, basis: Basis, fingerprint: str
) -> NotebookReport:
    """The report on a notebook without scores: a person has to look at it."""
    graded = tuple(
        GradedCell(
            grade_id=spec.grade_id,
            kind=_kind(spec),
            points=spec.points,
            earned=0.0,
            score=None,
            words=clip(why, _WORDS),
        )
        for spec in _with_points(outline)
    )
    return NotebookReport(
        notebook=name,
        fingerprint=fingerprint,
        environment=grading.environment(),
        basis=basis,
        refused=clip(why, _WORDS),
        refused_by=fault,
        graded=graded,
    )


def differs(report: Report, recorded: Mapping[tuple[str, str], float | None]) -> bool:
    """Whether the gradebook has other automatic scores for the cells that checks outside the kernel decided.

    `nbgrader autograde` gives such cells nothing; all others get from it what they have.
    """
    return any(
        not _same(recorded.get((book.notebook, cell.grade_id)), cell.score)
        for book in report.notebooks
        for cell in book.graded
        if cell.score is not None and any(result.name != _CELL for result in cell.results)
    )


def _same(recorded: float | None, score: float) -> bool:
    """Whether a score is the same, as exactly as any database keeps it."""
    return recorded is not None and math.isclose(recorded, score, rel_tol=1e-6, abs_tol=1e-6)


def said(lines: Iterable[str], outline: Outline, hidden: str) -> tuple[Note, ...]:
    """What nbgrader warned of, as notes; but for what it warns of with everybody: hidden tests that it has put back."""
    found = dict.fromkeys(clip(line, _WORDS) for each in lines if (line := _worth_saying(each, outline, hidden)))
    return tuple(Note(code="nbgrader", words=line) for line in list(found)[:_SAID])


def not_run(notebook: NotebookNode, outline: Outline) -> tuple[Note, ...]:
    """A note for each test cell that is tagged not to run: nbgrader takes its silence for a right answer."""
    marked = (
        name
        for cell in notebook.cells
        if (name := authoring.grade_id(cell)) in outline.cells and _SKIP in cell["metadata"].get("tags", ())
    )
    return tuple(
        Note(code="skipped", words=f"the cell {name!r} is tagged {_SKIP!r}: it was not run; look at it")
        for name in marked
        if outline.cells[name].grade
    )


def _worth_saying(line: str, outline: Outline, hidden: str) -> str:
    """A line of nbgrader's in words; empty where it says nothing about this student."""
    if _LATE.search(line):
        return ""  # has a note of its own
    if (changed := _CHECKSUM.match(line)) is None:
        return line
    cell = outline.cells.get(changed["name"])
    if cell is not None and hidden in cell.source:
        return ""
    return f"the locked cell {changed['name']!r} was not the author's; the author's version ran"


def _with_points(outline: Outline) -> Iterator[CellSpec]:
    return (spec for spec in outline.cells.values() if spec.grade or spec.task)


def _kind(spec: CellSpec) -> Literal["check", "person"]:
    return "person" if spec.solution or spec.task or spec.cell_type != "code" else "check"


def _graded(spec: CellSpec, score: Score | None, ran: Ran | None, *, public: bool) -> GradedCell:
    decided = next((cell for cell in ran.graded if cell.grade_id == spec.grade_id), None) if ran is not None else None
    if decided is not None:
        return decided
    auto = score.auto if score is not None else None
    waiting = score is None or score.waiting or (auto is None and score.manual is None)
    given = score is not None and score.manual is not None
    earned = score.total if score is not None else 0.0
    person = _kind(spec) == "person"
    return GradedCell(
        grade_id=spec.grade_id,
        kind="person" if person else "check",
        points=spec.points,
        earned=earned,
        score=None if waiting else earned,
        words=_AGAIN if given and waiting else _words(auto, person=person, waiting=waiting, handed_in=ran is not None),
        results=() if person or auto is None else (_result(spec, auto, ran, public=public),),
    )


def _words(auto: float | None, *, person: bool, waiting: bool, handed_in: bool) -> str:
    if not handed_in:
        return NOT_HANDED_IN
    if person:
        return "waits for a person" if waiting else "no answer was given" if not auto else ""
    return "the test cell is not in the submission" if auto is None else ""


def _result(spec: CellSpec, auto: float, ran: Ran | None, *, public: bool) -> CheckResult:
    """The one claim that a test cell is: its tests pass."""
    run = next((cell for cell in ran.cells if cell.grade_id == spec.grade_id), None) if ran is not None else None
    passed = auto >= spec.points
    limit = run is not None and run.status is CellStatus.LIMIT
    failed = Verdict(outcome=Outcome.FAILED, fault=Fault.LIMIT if limit else Fault.STUDENT)
    return CheckResult(
        check=spec.grade_id,
        name=_CELL,
        sentence=f"The tests of {spec.grade_id} pass.",
        weight=1.0,
        public=public,
        verdict=PASSED if passed else failed,
        evidence=Evidence() if passed else _evidence(spec, auto, run, ran),
    )


def _evidence(spec: CellSpec, auto: float, run: CellRun | None, ran: Ran | None) -> Evidence:
    if 0 < auto < spec.points:
        return Evidence(words=f"partial credit: {auto:g} of {spec.points:g} points")
    if ran is None:
        return Evidence(words=NOT_HANDED_IN)
    if run is not None and run.status is not CellStatus.OK:
        return Evidence(words=run.words, log=run.traceback)
    if run is not None and _wrote_to_stderr(spec, ran):
        return Evidence(words="the cell wrote to stderr, which costs its points in nbgrader")
    return Evidence(words=f"{auto:g} of {spec.points:g} points")


def _wrote_to_stderr(spec: CellSpec, ran: Ran) -> bool:
    cell = next((each for each in ran.notebook.cells if authoring.grade_id(each) == spec.grade_id), None)
    return cell is not None and any(output.get("name") == "stderr" for output in cell.get("outputs", ()))
