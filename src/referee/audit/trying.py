"""Tries attacks for real: a kernel for each attack on each notebook, several at a time.

subjects  ->  solutions and blanks run  ->  attacks run where they can show anything  ->  Audited
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import nbformat
from nbformat import NotebookNode

from referee import authoring, batch
from referee.audit import judging, mixed
from referee.audit.attacks import ATTACKS, Attack
from referee.audit.judging import End
from referee.audit.planting import planted
from referee.audit.records import Audited, Outcome, State, Try, Where
from referee.audit.source import Subject
from referee.course import Course
from referee.execution import Job, execute
from referee.imports import Needs, needs
from referee.sandbox.limits import Limits
from referee.sandbox.nursery import Plan

_SLOW = 8  # times the solution's slowest cell, after which an attack has no end
_LEAST = 5.0  # seconds that every cell has
Say = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """One notebook in one kernel.

    what : "solution", "blank", or the attack's name.   notebook : as it runs.   nonce : the number of this run.
    beside : put the notebook into the kernel's folder, where nbgrader keeps it.
    """

    subject: Subject
    what: str
    notebook: NotebookNode
    limits: Limits
    needs: Needs
    nonce: str = ""
    beside: bool = False


@dataclass(frozen=True)
class Ran:
    """What came of a run: how its test cells ended, whose text was read, how long its slowest cell took."""

    ends: dict[str, End] = field(default_factory=dict)
    read: frozenset[str] = frozenset()
    slowest: float = 0.0
    trouble: str = ""


@dataclass
class Tried:
    """What is known of a notebook by now."""

    subject: Subject
    solution: Ran = field(default_factory=Ran)
    blank: Ran = field(default_factory=Ran)
    attacks: dict[tuple[str, bool], Ran] = field(default_factory=dict)

    def state(self, cell: NotebookNode) -> tuple[State, str]:
        """What can be said of a test cell before anything attacks it."""
        name, points = authoring.grade_id(cell), float(cell.metadata["nbgrader"].get("points") or 0)
        if trouble := self.solution.trouble or self.blank.trouble:
            return "untried", trouble
        end, blank = self.solution.ends.get(name), self.blank.ends.get(name)
        if end is None or blank is None:
            return "untried", "it did not run"
        if points <= 0:
            return "untried", "it carries no points"
        if end.earned < points:
            return "failed", f"the solution itself earns {end.earned:g} of {points:g} points: {end.words}"
        if blank.earned >= points:
            return "free", f"the blank earns all of its points: {blank.words}"
        part = f"the blank earns {blank.earned:g} of {points:g} points" if blank.earned else ""
        return ("grader" if mixed.is_converted(cell, self.subject.exercise) else "kernel"), part

    @property
    def open(self) -> bool:
        """Whether an attack can show anything."""
        return any(self.state(cell)[0] in ("kernel", "grader") for cell in self.subject.tests)


def audited(course: Course, subjects: Sequence[Subject], workers: int | None, say: Say) -> tuple[list[Audited], int]:
    """Try all attacks on all test cells of these notebooks; what was found, and how many kernels it took."""
    known = {subject.exercise.name: Tried(subject) for subject in subjects if subject.tests}
    first = [run for each in known.values() for run in _first(course, each.subject)]
    for run, ran in _run(first, workers, say):
        setattr(known[run.subject.exercise.name], run.what, ran)
    second = [run for each in known.values() if each.open for run in _second(course, each)]
    for run, ran in _run(second, workers, say):
        known[run.subject.exercise.name].attacks[run.what, run.beside] = ran
    return [found for each in known.values() for found in _found(each)], len(first) + len(second)


def _first(course: Course, subject: Subject) -> Iterator[Run]:
    limits, needed = course.limits_of(subject.exercise), needs(subject.solution, subject.solution)
    yield Run(subject, "solution", subject.solution, limits, needed)
    yield Run(subject, "blank", subject.blank, limits, needed)


def _second(course: Course, tried: Tried) -> Iterator[Run]:
    """A run for each attack, with limits that one without end reaches soon."""
    limits, subject = course.limits_of(tried.subject.exercise), tried.subject
    seconds = min(limits.cell_seconds, max(_LEAST, _SLOW * tried.solution.slowest))
    limits = msgspec.structs.replace(limits, cell_seconds=seconds)
    needed = needs(subject.solution, subject.solution)
    for attack in ATTACKS:
        for beside in (False, True) if attack.beside else (False,):
            nonce = secrets.token_hex(8)
            yield Run(subject, attack.name, planted(subject, attack, nonce), limits, needed, nonce, beside)


def _run(runs: Sequence[Run], workers: int | None, say: Say) -> Iterator[tuple[Run, Ran]]:
    """Run all of these; a run that fails for our reasons is one with a trouble."""
    plans = dict.fromkeys(_parent(run) for run in runs)
    count = batch.workers(workers, len(runs))
    results = batch.in_parallel(_try, runs, count, plans) if runs else ()
    for done, (run, result) in enumerate(results, 1):
        say(f"{done} of {len(runs)}: {run.subject.exercise.name}, {run.what}")
        if isinstance(result, Exception):
            yield run, Ran(trouble=f"{type(result).__name__}: {result}")
        elif isinstance(result, BaseException):
            raise result
        else:
            yield run, result


def _parent(run: Run) -> Plan:
    return Plan(preload=run.needs.preload, late=run.needs.late, variables=run.needs.variables)


def _try(run: Run) -> Ran:
    """Run one notebook, in a worker process."""
    with tempfile.TemporaryDirectory(prefix="referee-audit-") as folder:
        beside = Path(folder) / f"{run.subject.exercise.notebook}.ipynb"
        beside.write_text(nbformat.writes(run.notebook), encoding="utf-8")
        files = (*run.subject.exercise.support, *([beside] if run.beside else []))
        if mixed.converted(run.subject):
            executed, fates, slowest, ends = mixed.graded(run.subject, run.notebook, run.limits, files, Path(folder))
        else:
            job = Job(
                limits=run.limits,
                files=files,
                preload=run.needs.preload,
                late=run.needs.late,
                variables=run.needs.variables,
            )
            executed, ends = execute(run.notebook, job, {}), {}
            fates, slowest = tuple(job.cells), max(job.seconds.values(), default=0.0)
    tests = {authoring.grade_id(cell): cell for cell in run.subject.tests if authoring.grade_id(cell) not in ends}
    shown = judging.digests(executed)
    read = {name for name, cell in tests.items() if judging.digests_of(cell.source, run.nonce) & shown}
    return Ran({**judging.ends(executed, fates, tests), **ends}, frozenset(read & run.subject.hidden), slowest)


def _found(tried: Tried) -> Iterator[Audited]:
    for cell in tried.subject.tests:
        state, why = tried.state(cell)
        name = authoring.grade_id(cell)
        yield Audited(
            assignment=tried.subject.exercise.assignment,
            notebook=tried.subject.exercise.notebook,
            cell=name,
            points=float(cell.metadata["nbgrader"].get("points") or 0),
            state=state,
            hidden=name in tried.subject.hidden,
            why=why,
            blank=tried.blank.ends[name].words if name in tried.blank.ends else "",
            tries=tuple(_tries(tried, name)) if state in ("kernel", "grader") else (),
        )


def _tries(tried: Tried, name: str) -> Iterator[Try]:
    """What each attack came to; one that needs the notebook beside the kernel is shown as it went with it."""
    blank = tried.blank.ends[name].earned
    for attack in ATTACKS:
        found = _try_of(attack, tried.attacks.get((attack.name, False)), name, blank, "anywhere")
        if found.outcome == "held" and attack.beside:
            found = _try_of(attack, tried.attacks.get((attack.name, True)), name, blank, "autograde")
        yield found


def _try_of(attack: Attack, ran: Ran | None, name: str, blank: float, where: Where) -> Try:
    ran = ran or Ran(trouble="it was not tried")
    end = ran.ends.get(name, End(0.0, ran.trouble or "the cell did not run"))
    outcome: Outcome = "defeated" if end.earned > blank else "read" if name in ran.read else "held"
    return Try(
        attack=attack.name,
        outcome=outcome,
        where=where,
        earned=end.earned,
        read=name in ran.read,
        evidence=end.words,
    )
