"""Failures by what really happened, so that an instructor reads a cause once and not once for each student.

The first of these that is known names the cause:

    the misconception that the answer equals
    the limit that was exceeded
    the error that was raised, by the student's function or by the broken cell above the check
    the wrong shape, but for its sizes
    the words of the check, with numbers and quoted names made anonymous
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
from referee.report import CellRun, CellStatus, CheckResult, Evidence, Fault, NotebookReport, Report

TITLE = 160
MOST = 80  # causes: what has more is a class in which (nearly) everybody's failure is their own
_VALUE = 1_200  # characters of the example's values
_ABOVE = re.compile(r"before it, cell (\d{1,5})[^:]{0,200}? did not end well: ")
_RAISED = re.compile(r"\braised ([A-Za-z_]\w{0,80})")
_SHAPE = re.compile(r"shape \([\d, ]{0,80}\) where (?:\([\w, ]{0,80}\)|a single number) was wanted")
_QUOTED = re.compile(r"`[^`]{1,200}`|'[^']{1,200}'|\"[^\"]{1,200}\"")
_NUMBER = re.compile(r"(?<![A-Za-z_])[-+]?\d+(?:[_,]\d+)*(?:\.\d+)?(?:e[-+]?\d+)?%?", re.IGNORECASE)
_CLIP = 2_000  # of words that are looked at: they may be long, and regular expressions slow


class Cause(NamedTuple):
    """What happened: how it was recognised, and its name."""

    kind: str
    title: str


@dataclass
class _Found:
    """The failures of one cause: the students in order, and how many of them each check concerns."""

    example: Example
    students: dict[str, None] = field(default_factory=dict)
    checks: Counter[str] = field(default_factory=Counter)


def clusters(reports: Sequence[Report]) -> tuple[tuple[Cluster, ...], dict[str, tuple[int, ...]]]:
    """The failures by cause, the largest first; and the places in that list, by student."""
    found: dict[Cause, _Found] = {}
    for report in reports:
        for cause, label, book, result in _failures(report):
            if cause not in found:
                found[cause] = _Found(_example(report, label, book, result))
            found[cause].students[report.student] = None
            found[cause].checks[label] += 1
    ordered = _bounded(sorted(found.items(), key=lambda pair: (-len(pair[1].students), pair[0])))
    places: dict[str, list[int]] = {}
    for place, (_, one) in enumerate(ordered):
        for student in one.students:
            places.setdefault(student, []).append(place)
    made = tuple(_cluster(cause, one) for cause, one in ordered)
    return made, {student: tuple(some) for student, some in places.items()}


def _bounded(ordered: list[tuple[Cause, _Found]]) -> list[tuple[Cause, _Found]]:
    """The causes; the smallest of very many become one, so that no class makes a page that nobody can open."""
    if len(ordered) <= MOST:
        return ordered
    rest = _Found(ordered[MOST - 1][1].example)
    for _, one in ordered[MOST - 1 :]:
        rest.students |= one.students
        rest.checks += one.checks
    rest.students = dict.fromkeys(sorted(rest.students))
    return [*ordered[: MOST - 1], (Cause("rest", f"{len(ordered) - MOST + 1} more causes, of few students each"), rest)]


def cause_of(notebook: NotebookReport, result: CheckResult) -> Cause:
    """What made a check fail."""
    evidence, words = result.evidence, result.evidence.words[:_CLIP]
    bad = _broken(notebook, words)
    if evidence.misconception:
        return Cause("misconception", plain(evidence.misconception, TITLE))
    if result.verdict.fault is Fault.LIMIT or (bad is not None and bad.status is CellStatus.LIMIT):
        return Cause("limit", _limit(notebook, bad) or anonymous(words))
    if bad is not None and bad.status is CellStatus.DIED:
        return Cause("error", "the kernel died")
    if (raised := _RAISED.search(words.partition("before it, cell ")[0])) is not None:
        return Cause("error", plain(raised[1], TITLE))
    if bad is not None and bad.error:
        return Cause("error", plain(bad.error, TITLE))
    if (shape := _SHAPE.search(words)) is not None:
        return Cause("shape", anonymous(shape[0]))
    return Cause("words", anonymous(words or result.sentence or result.name))


def anonymous(words: str) -> str:
    """Words without what differs between students: numbers become N, quoted names an ellipsis.

    >>> anonymous("`f`: 3 of 12 values differ, the worst by 1.5e-3")
    '…: N of N values differ, the worst by N'
    """
    own = _ABOVE.split(words[:_CLIP])[0].rstrip("; ")
    return plain(_NUMBER.sub("N", _QUOTED.sub("…", own)), TITLE) or "no words"


def _failures(report: Report) -> Iterator[tuple[Cause, str, NotebookReport, CheckResult | None]]:
    """The failures of one submission: the cause, what failed as shown, and its result where a check failed."""
    for book in report.notebooks:
        if unread(book):
            why = book.refused.rpartition(".ipynb is ")[2].partition(";")[0]  # without the file's name and the remedy
            yield Cause("not read", anonymous(why)), plain(f"{book.notebook}.ipynb", LABEL), book, None
        for result in book.results:
            if not result.verdict.passed and not result.verdict.needs_person:
                yield cause_of(book, result), label_of(key_of(book.notebook, result)), book, result


def _example(report: Report, label: str, book: NotebookReport, result: CheckResult | None) -> Example:
    evidence = Evidence(words=book.refused) if result is None else result.evidence
    return Example(
        student=plain(report.student, NAME),
        check=label,
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
        title=cause.title,
        students=tuple(named(student) for student in found.students),
        checks=tuple(sorted(found.checks.items(), key=lambda pair: (-pair[1], pair[0]))),
        example=found.example,
    )
