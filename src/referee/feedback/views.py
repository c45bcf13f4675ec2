"""One notebook of a report as every page shows it: the same words in a terminal and in a browser.

NotebookView                one notebook of a report, ready to show
├── Summary                 the score line, what waits for a person, what to do next
├── ShownCell               a cell with points
│   └── ShownCheck          one check, cut down to its disclosure level (`interface`)
└── ShownRun                what happened when a cell ran
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from referee.feedback.cells import NotebookPart
from referee.feedback.interface import Disclosure, Policy, ShownCheck, disclose
from referee.feedback.measures import limits_elsewhere, limits_in, quantity, usage_words
from referee.feedback.text import amount, block, counted, plain
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


class Summary(Record, frozen=True):
    """The first lines of every page. `waiting` is empty where no person is needed.

    share : of the points that were earned, from 0 to 1.   next_cell : the check cell that the next step is about.
    """

    score: str
    waiting: str
    next_step: str
    notes: tuple[str, ...] = ()
    share: float = 0.0
    next_cell: str = ""


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

    @property
    def usual(self) -> bool:
        """Whether it is known what cells of the reference used."""
        return any(run.usual_seconds for run in self.runs)


def summarise(notebook: NotebookReport) -> Summary:
    """The score line, the points that wait for a person, what to do next, and the notes on the submission."""
    waiting = sum(cell.undecided for cell in notebook.needs_person)
    return Summary(
        score=f"{amount(notebook.earned)} of {counted(notebook.points)}",
        waiting=_waiting(waiting) if notebook.needs_person else "",
        next_step=_next_step(notebook),
        notes=tuple(plain(note.words) for note in notebook.notes[:_MOST_NOTES]),
        share=min(1.0, max(0.0, notebook.earned / notebook.points)) if notebook.points else 0.0,
        next_cell=_next_cell(notebook),
    )


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
    withheld = () if policy.hidden is Disclosure.ALL else notebook.revealing
    runs = (_discreet(run) if run.index in withheld else run for run in notebook.cells[:_MOST_RUNS])
    return NotebookView(
        student=plain(report.student),
        name=plain(f"{report.assignment}/{notebook.notebook}"),
        summary=summarise(notebook),
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


def first_problem(results: Iterable[CheckResult]) -> CheckResult | None:
    """The first check that did not pass for a reason of the student's; None where there is none."""
    return next((r for r in results if not r.verdict.passed and not r.verdict.needs_person), None)


_MOST_NOTES = 50
_MOST_RUNS = 300
_STATUS = {
    CellStatus.LIMIT: "stopped at a limit",
    CellStatus.DIED: "the kernel died",
    CellStatus.RAISED: "raised an error",
}


def _once(cells: Iterable[ShownCell]) -> Iterator[ShownCell]:
    """The cells, where a picture that several checks share, such as that of a training, stands at the first alone."""
    met = set[bytes]()
    for cell in cells:
        checks = []
        for check in cell.checks:
            keys = {msgspec.json.encode(picture): picture for picture in check.pictures}
            checks.append(replace(check, pictures=tuple(keys[key] for key in keys if key not in met)))
            met |= keys.keys()
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
    return run if not run.error else replace(run, words=run.error, traceback="")


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


def _waiting(points: float) -> str:
    return f"{counted(points)} {'waits' if amount(points) == '1' else 'wait'} for a person"


def _next_step(notebook: NotebookReport) -> str:
    if notebook.refused:
        return f"the notebook was not run: {plain(notebook.refused)}"
    problem = first_problem(notebook.results)
    if problem is not None:
        return f"make this true: {plain(problem.sentence) or plain(problem.name)}"
    return "nothing: a person looks at the rest" if notebook.needs_person else "nothing: everything passed"


def _memory(memory_mb: float) -> str:
    return quantity(memory_mb, "MiB") if memory_mb else "under 1 MiB"


def _next_cell(notebook: NotebookReport) -> str:
    problem = None if notebook.refused else first_problem(notebook.results)
    return plain(problem.check) if problem is not None else ""


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
