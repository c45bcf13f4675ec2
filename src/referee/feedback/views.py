"""One notebook of a report as every page shows it: the same words in a terminal and in a browser.

NotebookView                one notebook of a report, ready to show
├── Summary                 the score line, what waits for a person, what to do next (`summary`)
├── ShownCell               a cell with points
│   └── ShownCheck          one check, cut down to its disclosure level (`interface`)
└── ShownRun                what happened when a cell ran
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from referee.feedback.cells import NotebookPart
from referee.feedback.interface import Disclosure, Policy, ShownCheck, disclose
from referee.feedback.measures import limits_elsewhere, limits_in, quantity, usage_words
from referee.feedback.summary import Sibling, Summary, summarise, whole
from referee.feedback.text import amount, block, plain
from referee.report import (
    CellRun,
    CellStatus,
    CellUse,
    CheckResult,
    Environment,
    GradedCell,
    NotebookReport,
    Record,
    Report,
)


class ShownCell(Record, frozen=True):
    """A cell with points. `waiting` says that a person decides about it, or about a part of it.

    place : which of the notebook's graded cells it is, from 1.
    answer : the number of the student's own cell that it is about; 0 where the page does not show that.
    """

    grade_id: str
    score: str
    waiting: bool
    words: str
    checks: tuple[ShownCheck, ...]
    place: int = 0
    answer: int = 0


class ShownRun(Record, frozen=True):
    """What happened when one code cell ran; `index` counts all cells from 1. `limits` are those that it exceeded.

    seconds, memory : what it used.   usual_seconds, usual_memory : what that cell of the reference did.
    shown : whether the page shows the cell itself.
    """

    index: int
    grade_id: str
    status: str
    ok: bool
    words: str
    traceback: str
    seconds: str
    limits: tuple[str, ...] = ()
    memory: str = ""
    usual_seconds: str = ""
    usual_memory: str = ""
    shown: bool = False


class NotebookView(Record, frozen=True):
    """One notebook of a report, ready to show. `limits` are those that were exceeded where no run of a cell says so."""

    student: str
    name: str
    summary: Summary
    refused: str
    cells: tuple[ShownCell, ...]
    runs: tuple[ShownRun, ...]
    environment: str
    isolation: str
    seed: str
    timings: str
    usage: str = ""
    limits: tuple[str, ...] = ()
    assignment: str = ""
    siblings: tuple[Sibling, ...] = ()

    @property
    def hidden(self) -> bool:
        """Whether there are checks that a student cannot run."""
        return any(not check.public for cell in self.cells for check in cell.checks)

    @property
    def usual(self) -> bool:
        """Whether it is known what cells of the reference used."""
        return any(run.usual_seconds for run in self.runs)


def view(
    report: Report,
    notebook: NotebookReport,
    policy: Policy,
    ran: NotebookPart | None = None,
    reference: Mapping[str, CellUse] | None = None,
) -> NotebookView:
    """Everything that a page about one notebook shows, under a policy.

    ran : the notebook as it ran.   reference : what the cells of the reference used, by the index of this one's.
    """
    ran, reference = ran or NotebookPart(), reference or {}
    assignment, siblings = whole(report, notebook)
    withheld = () if policy.hidden is Disclosure.ALL else notebook.revealing
    runs = (_discreet(run) if run.index in withheld else run for run in notebook.cells[:_MOST_RUNS])
    return NotebookView(
        student=plain(report.student),
        name=plain(f"{report.assignment}/{notebook.notebook}"),
        summary=summarise(notebook, policy),
        assignment=assignment,
        siblings=siblings,
        refused=plain(notebook.refused),
        cells=()
        if notebook.refused
        else tuple(_once(_cell(cell, place, policy, ran) for place, cell in enumerate(notebook.graded, 1))),
        runs=tuple(_run(run, notebook, ran, reference.get(str(run.index))) for run in runs),
        environment=_environment(notebook.environment),
        isolation=", ".join(map(plain, notebook.environment.isolation)) or "none: the kernel was not held in a sandbox",
        seed=str(notebook.seed),
        timings=_timings(notebook),
        usage=usage_words(notebook.timings.usage),
        limits=limits_elsewhere(notebook),
    )


_MOST_RUNS = 300
_ERROR_NAME = re.compile(r"[A-Za-z_]{1,60}\d{0,3}")  # more digits may be what the run is discreet about
_STATUS = {
    CellStatus.LIMIT: "stopped at a limit",
    CellStatus.DIED: "the kernel died",
    CellStatus.RAISED: "raised an error",
}


def _once(cells: Iterable[ShownCell]) -> Iterator[ShownCell]:
    """The cells, where what several checks share stands at the first alone: a picture of a training, a hint."""
    met, told = set[bytes](), set[tuple[str, str]]()
    for cell in cells:
        checks = []
        for each in cell.checks:
            keys = {msgspec.json.encode(picture): picture for picture in each.pictures}
            check = replace(each, pictures=tuple(keys[key] for key in keys if key not in met))
            mistake = check.misconception, check.hint
            checks.append(replace(check, hint="as above") if check.misconception and mistake in told else check)
            met |= keys.keys()
            told.add(mistake)
        yield replace(cell, checks=tuple(checks))


def _cell(cell: GradedCell, place: int, policy: Policy, ran: NotebookPart) -> ShownCell:
    waiting = cell.score is None
    score = f"{amount(cell.earned)} of {amount(cell.points)}"
    return ShownCell(
        grade_id=plain(cell.grade_id),
        score=f"{score} so far, a person decides" if waiting else score,
        waiting=waiting,
        words=plain(cell.words),
        checks=tuple(_check(cell, result, policy) for result in cell.results),
        place=place,
        answer=number if (number := ran.answers.get(cell.grade_id, 0)) in ran.numbers else 0,
    )


def _check(cell: GradedCell, result: CheckResult, policy: Policy) -> ShownCheck:
    share = cell.worth(result)
    earned = amount(share) if result.verdict.passed else "?" if result.verdict.needs_person else "0"
    return replace(disclose(result, policy), points=f"{earned} of {amount(share)}")


def _discreet(run: CellRun) -> CellRun:
    """A run without its own message, which repeats what a hidden check gave to the code."""
    if not run.error:
        return run
    name = run.error if _ERROR_NAME.fullmatch(run.error) else "an error whose name is not shown"
    return replace(run, words=name, error=name, traceback="")


def _run(run: CellRun, notebook: NotebookReport, ran: NotebookPart, usual: CellUse | None) -> ShownRun:
    words = plain(run.words) or plain(run.error)
    took, memory = (kept.get(str(run.index)) for kept in (notebook.timings.cells, notebook.timings.memory))
    return ShownRun(
        index=run.index + 1,
        grade_id=plain(run.grade_id),
        status=_STATUS.get(run.status, run.status.value),
        ok=run.status is CellStatus.OK,
        words=words,
        traceback="" if run.index + 1 in ran.numbers else block(run.traceback),  # there it stands below the cell
        seconds="" if took is None else _seconds(took),
        limits=limits_in(notebook, run.index),
        memory="" if memory is None else _memory(memory),
        usual_seconds="" if usual is None else _seconds(usual.seconds),
        usual_memory="" if usual is None else _memory(usual.memory_mb),
        shown=run.index + 1 in ran.numbers,
    )


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.05 else "under 0.1 s"


def _memory(memory_mb: float) -> str:
    return quantity(memory_mb, "MiB") if memory_mb else "under 1 MiB"


def _environment(environment: Environment) -> str:
    base = f"Referee {environment.referee}, Python {environment.python}, {environment.platform}"
    packages = ", ".join(f"{name} {version}" for name, version in sorted(environment.packages.items()))
    return plain(f"{base}; {packages}" if packages else base)


def _timings(notebook: NotebookReport) -> str:
    timings = notebook.timings
    parts = {
        f"{plain(timings.kernel)} kernel".lstrip(): timings.kernel_start,
        "cells": sum(timings.cells.values()),
        "checks": sum(timings.checks.values()),
    }
    return f"{timings.total:.1f} s in all: " + ", ".join(f"{part} {seconds:.1f} s" for part, seconds in parts.items())
