"""Failures by what really happened, so that an instructor reads a cause once and not once for each student.

The first of these that is known names the cause:

    the misconception that the answer equals
    the limit that was exceeded
    the kernel that died
    the error that was raised, by the student's function or by the broken cell above the check
    the wrong shape, but for its sizes
    the words of the check, with numbers and quoted names made anonymous

The last three say little without the cell: a ValueError in one and a ValueError in another have nothing in common. So
the cell that broke, else the check cell, is a part of them. What a student failed in a cell in which a misconception
of the same student was recognised is put down to that misconception.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from referee.classroom.interface import LABEL, NAME, Cluster, Example, named
from referee.classroom.items import key_of, label_of
from referee.feedback.measures import LIMITS
from referee.feedback.roster import unread
from referee.feedback.text import block, plain
from referee.report import (
    CellRun,
    CellStatus,
    CheckResult,
    Evidence,
    Fault,
    GradedCell,
    NotebookReport,
    Outcome,
    Report,
    Verdict,
)

TITLE = 160
MOST = 80  # causes: what has more is a class in which (nearly) everybody's failure is their own
_VALUE = 1_200  # characters of the example's values
_ABOVE = re.compile(r"before it, cell (\d{1,5})[^:]{0,200}? did not end well: ")
_RAISED = re.compile(r"\braised ([A-Za-z_]\w{0,80})")
_DEAD = re.compile(r"(?:^|: )(?:the kernel has died|(?P<ended>the kernel was ended: [^;]{1,200}))")
_SHAPE = re.compile(r"shape \([\d, ]{0,80}\) where (?:\([\w, ]{0,80}\)|a single number) was wanted")
_QUOTED = re.compile(r"`[^`]{1,200}`|'[^']{1,200}'|\"[^\"]{1,200}\"")
_NUMBER = re.compile(r"(?<![A-Za-z_])[-+]?\d+(?:[_,]\d+)*(?:\.\d+)?(?:e[-+]?\d+)?%?", re.IGNORECASE)
DIED = "the kernel died"
_UNANSWERED = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.STUDENT)
_EXPLAINED = ("error", "shape", "words")  # a limit, or a dead kernel, is no matter of what a function computes
_CLIP = 2_000  # of words that are looked at: they may be long, and regular expressions slow


class Cause(NamedTuple):
    """What happened: how it was recognised, its name, and in which cell where it is a matter of one."""

    kind: str
    title: str
    where: str = ""

    @property
    def name(self) -> str:
        return f"{self.title}, in {self.where}" if self.where else self.title


class _Failure(NamedTuple):
    """One failed check, or a notebook that could not be read: `label` as it is shown, `lost` in points.

    explained : the cause was recognised on another check of the same cell.
    """

    cause: Cause
    label: str
    book: NotebookReport
    result: CheckResult | None
    lost: float
    explained: bool = False


@dataclass
class _Found:
    """The failures of one cause: the students in order, the points lost, how many students each check concerns.

    shows : the example is one on which the cause was recognised.
    """

    example: Example
    shows: bool = True
    lost: float = 0.0
    students: dict[str, None] = field(default_factory=dict)
    checks: Counter[str] = field(default_factory=Counter)


def clusters(reports: Sequence[Report]) -> tuple[tuple[Cluster, ...], dict[str, tuple[int, ...]]]:
    """The failures by cause, by students and then by points lost; and the places in that list, by student."""
    found: dict[Cause, _Found] = {}
    for report in reports:
        for failure in _failures(report):
            if failure.cause not in found:
                found[failure.cause] = _Found(_example(report, failure), shows=not failure.explained)
            one = found[failure.cause]
            if not one.shows and not failure.explained:
                one.example, one.shows = _example(report, failure), True
            one.students[report.student] = None
            one.checks[failure.label] += 1
            one.lost += failure.lost
    ordered = _bounded(sorted(found.items(), key=lambda pair: (*_size(pair[1]), pair[0])))
    places: dict[str, list[int]] = {}
    for place, (_, one) in enumerate(ordered):
        for student in one.students:
            places.setdefault(student, []).append(place)
    made = tuple(_cluster(cause, one) for cause, one in ordered)
    return made, {student: tuple(some) for student, some in places.items()}


def _size(found: _Found) -> tuple[int, float]:
    """What causes are put in order by, the largest first."""
    return -len(found.students), -round(found.lost, 6)  # sums of the same points differ by rounding alone


def _bounded(ordered: list[tuple[Cause, _Found]]) -> list[tuple[Cause, _Found]]:
    """The causes; the smallest of very many become one, so that no class makes a page that nobody can open."""
    if len(ordered) <= MOST:
        return ordered
    rest = _Found(ordered[MOST - 1][1].example)
    for _, one in ordered[MOST - 1 :]:
        rest.students |= one.students
        rest.checks += one.checks
        rest.lost += one.lost
    rest.students = dict.fromkeys(sorted(rest.students))
    return [*ordered[: MOST - 1], (Cause("rest", f"{len(ordered) - MOST + 1} more causes, of few students each"), rest)]


def cause_of(notebook: NotebookReport, result: CheckResult) -> Cause:
    """What made a check fail."""
    evidence, words = result.evidence, result.evidence.words[:_CLIP]
    where = _place(notebook, result.check)
    bad = _broken(notebook, words)
    if evidence.misconception:
        return Cause("misconception", plain(evidence.misconception, TITLE))
    if result.verdict.fault is Fault.LIMIT or (bad is not None and bad.status is CellStatus.LIMIT):
        return Cause("limit", _limit(notebook, bad) or anonymous(words))
    if (end := _end(result)) or (bad is not None and bad.status is CellStatus.DIED):
        return Cause("died", end or DIED)
    if (raised := _RAISED.search(words.partition("before it, cell ")[0])) is not None:
        return Cause("error", plain(raised[1], TITLE), where)
    if bad is not None and bad.error:
        return Cause("error", plain(bad.error, TITLE), _place(notebook, bad.grade_id))
    if (shape := _SHAPE.search(words)) is not None:
        return Cause("shape", anonymous(shape[0]), where)
    return Cause("words", anonymous(words or result.sentence or result.name), where)


def died(notebook: NotebookReport) -> bool:
    """Whether the kernel ended before its time: while a cell ran, or while a check asked."""
    cells = any(run.status is CellStatus.DIED for run in notebook.cells)
    return cells or any(_end(result) for result in notebook.results)


def _end(result: CheckResult) -> str:
    """How the kernel ended that a check asked in vain, as a title; empty where it did not, or by a limit."""
    if result.verdict != _UNANSWERED or (dead := _DEAD.search(result.evidence.words[:_CLIP])) is None:
        return ""
    return anonymous(dead["ended"]) if dead["ended"] else DIED


def _place(notebook: NotebookReport, cell: str) -> str:
    return plain(f"{notebook.notebook} · {cell}" if cell else notebook.notebook, LABEL)


def anonymous(words: str) -> str:
    """Words without what differs between students: numbers become N, quoted names an ellipsis.

    >>> anonymous("`f`: 3 of 12 values differ, the worst by 1.5e-3")
    '…: N of N values differ, the worst by N'
    """
    own = _ABOVE.split(words[:_CLIP])[0].rstrip("; ")
    return plain(_NUMBER.sub("N", _QUOTED.sub("…", own)), TITLE) or "no words"


def _failures(report: Report) -> Iterator[_Failure]:
    """The failures of one submission."""
    for book in report.notebooks:
        if unread(book):
            why = book.refused.rpartition(".ipynb is ")[2].partition(";")[0]  # without the file's name and the remedy
            label = plain(f"{book.notebook}.ipynb", LABEL)
            yield _Failure(Cause("not read", anonymous(why)), label, book, None, book.points - book.earned)
        for cell in book.graded:
            yield from _in_cell(book, cell)


def _in_cell(book: NotebookReport, cell: GradedCell) -> Iterator[_Failure]:
    """The failures in one check cell; what a misconception that was recognised there may explain is put down to it."""
    failed = [each for each in cell.results if not each.verdict.passed and not each.verdict.needs_person]
    causes = [cause_of(book, each) for each in failed]
    main = Counter(cause for cause in causes if cause.kind == "misconception").most_common(1)
    worth = sum(map(cell.worth, failed))
    lost = min(1.0, max(cell.points - cell.earned, 0.0) / worth) if worth else 0.0  # a person may have given some back
    for cause, result in zip(causes, failed, strict=True):
        explained = bool(main) and cause.kind in _EXPLAINED and result.verdict.outcome is Outcome.FAILED
        label = label_of(key_of(book.notebook, result))
        yield _Failure(main[0][0] if explained else cause, label, book, result, lost * cell.worth(result), explained)


def _example(report: Report, failure: _Failure) -> Example:
    result = failure.result
    evidence = Evidence(words=failure.book.refused) if result is None else result.evidence
    return Example(
        student=plain(report.student, NAME),
        check=failure.label,
        words=plain(evidence.words or (result.sentence if result is not None else "")),
        hint=plain(evidence.hint),
        actual=block(evidence.actual, _VALUE),
        expected=block(evidence.expected, _VALUE),
    )


def _broken(notebook: NotebookReport, words: str) -> CellRun | None:
    """The cell above that a check's words blame; None where they blame none that did end badly."""
    if (blamed := _ABOVE.search(words)) is None:
        return None
    runs = {run.index + 1: run for run in notebook.cells}
    run = runs.get(int(blamed[1]))
    return run if run is not None and run.status not in (CellStatus.OK, CellStatus.NOT_RUN) else None


def _limit(notebook: NotebookReport, bad: CellRun | None) -> str:
    """The limit that was exceeded: in the blamed cell, else in the notebook where it was only one; else empty."""
    exceeded = notebook.timings.exceeded
    there = {each.limit for each in exceeded if bad is not None and each.cell == bad.index}
    names = there or {each.limit for each in exceeded}
    if len(names) != 1:
        return ""
    (name,) = names
    return LIMITS[name][0] if name in LIMITS else plain(name, TITLE)


def _cluster(cause: Cause, found: _Found) -> Cluster:
    return Cluster(
        kind=cause.kind,
        title=cause.name,
        lost=found.lost,
        students=tuple(named(student) for student in found.students),
        checks=tuple(sorted(found.checks.items(), key=lambda pair: (-pair[1], pair[0]))),
        example=found.example,
    )
