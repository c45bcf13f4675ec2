"""Tries attacks for real: a kernel for each attack on each notebook, several at a time, as `referee grade` runs them.

subjects  ->  solutions and blanks run  ->  attacks run where they can show anything  ->  Audited
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
from nbformat import NotebookNode

from referee import authoring, batch
from referee.audit import judging
from referee.audit.attacks import ATTACKS, Attack
from referee.audit.judging import End
from referee.audit.planting import planted
from referee.audit.records import Audited, Outcome, State, Try, Where
from referee.audit.source import Subject
from referee.imports import needs
from referee.nbcourse import running
from referee.nbcourse.course import NbCourse
from referee.nbcourse.running import VARIABLES, Order, Sheet
from referee.sandbox.limits import Limits
from referee.sandbox.nursery import Plan
from referee.tasks import task_for

_SLOW = 8  # times the solution's slowest cell, after which an attack has no end
_LEAST = 5.0  # seconds that every cell has
_TIMEOUT = {"ename": "CellTimeoutError", "evalue": "", "traceback": []}
_NOBODY = "(audit)"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """One notebook in one kernel.

    what : "solution", "blank", or the attack's name.   order : what is run.   nonce : the number of this run.
    beside : put the notebook into the kernel's folder, where nbgrader keeps it.
    """

    subject: Subject
    what: str
    order: Order
    stderr_costs: bool
    nonce: str = ""
    beside: bool = False

    @property
    def patience(self) -> float:
        """The seconds within which something must be heard of it."""
        return self.order.patience


@dataclass(frozen=True)
class Ran:
    """What came of a run: how its test cells ended, whose text was read, how long its slowest cell took."""

    ends: Mapping[str, End] = field(default_factory=dict)
    read: frozenset[str] = frozenset()
    slowest: float = 0.0
    trouble: str = ""


@dataclass
class Tried:
    """What is known of a notebook by now; `attacks` by name, and by whether the notebook lay beside the kernel."""

    subject: Subject
    solution: Ran = field(default_factory=Ran)
    blank: Ran = field(default_factory=Ran)
    attacks: dict[tuple[str, bool], Ran] = field(default_factory=dict)

    def state(self, cell: NotebookNode) -> tuple[State, str]:
        """What can be said of a test cell before anything attacks it."""
        name, points = authoring.grade_id(cell), judging.points_of(cell)
        if points <= 0:
            return "worthless", ""
        if trouble := self.solution.trouble or self.blank.trouble:
            return "untried", trouble
        end, blank = self.solution.ends.get(name), self.blank.ends.get(name)
        if end is None or blank is None:
            return "untried", "it did not run"
        if end.earned < points:
            return "failed", f"{end.earned:g} of {points:g} points: {end.words}"
        if blank.earned >= points:
            return "free", blank.words
        part = f"it earns {blank.earned:g} of {points:g} points: {blank.words}" if blank.earned else ""
        return ("grader" if self.subject.is_converted(cell) else "kernel"), part

    @property
    def open(self) -> bool:
        """Whether an attack can show anything."""
        return any(self.state(cell)[0] in ("kernel", "grader") for cell in self.subject.tests)


def audited(course: NbCourse, subjects: Sequence[Subject], workers: int | None, say: Say) -> tuple[list[Audited], int]:
    """Try all attacks on all test cells of these notebooks; what was found, and how many kernels it took."""
    known = {subject.exercise.name: Tried(subject) for subject in subjects if subject.tests}
    first = [run for each in known.values() for run in _first(course, each.subject)]
    for run, ran in _run(first, workers, say):
        setattr(known[run.subject.exercise.name], run.what, ran)
    second = [run for each in known.values() if each.open for run in _second(course, each)]
    for run, ran in _run(second, workers, say):
        known[run.subject.exercise.name].attacks[run.what, run.beside] = ran
    return [found for each in known.values() for found in _found(each)], len(first) + len(second)


def _first(course: NbCourse, subject: Subject) -> Iterator[Run]:
    limits, costs = course.limits_of(subject.exercise), course.rules.stderr_costs
    for what, notebook in (("solution", subject.solution), ("blank", subject.blank)):
        yield Run(subject, what, _order(course, subject, notebook, limits), costs)


def _second(course: NbCourse, tried: Tried) -> Iterator[Run]:
    """A run for each attack, with limits that one without end reaches soon."""
    subject, costs = tried.subject, course.rules.stderr_costs
    limits = course.limits_of(subject.exercise)
    seconds = min(limits.cell_seconds, max(_LEAST, _SLOW * tried.solution.slowest))
    limits = msgspec.structs.replace(limits, cell_seconds=seconds)
    for attack in ATTACKS:
        for beside in (False, True) if attack.beside else (False,):
            nonce = secrets.token_hex(8)
            notebook = planted(subject, attack, nonce, restored=course.rules.restore_locked)
            order = _order(course, subject, notebook, limits)
            yield Run(subject, attack.name, order, costs, nonce, beside)


def _order(course: NbCourse, subject: Subject, notebook: NotebookNode, limits: Limits) -> Order:
    """What `referee grade` does with a submission of this one notebook; a dead kernel fails what comes after it."""
    exercise = subject.exercise
    points = {authoring.grade_id(cell): judging.points_of(cell) for cell in subject.tests if subject.is_converted(cell)}
    task = replace(task_for(course, exercise, _NOBODY, exercise.solution), authored=exercise.solution)
    text = json.dumps(notebook).encode("utf-8", "replace")
    needed = needs(subject.solution, subject.solution)
    return Order(
        student=_NOBODY,
        sheets=(Sheet(exercise.notebook, text, needed, points, task if points else None),),
        files=exercise.support,
        folder=exercise.solution.parent,
        root=course.root,
        database=course.database,
        limits=limits,
        timeout_error=_TIMEOUT,
        rest=True,
        seed=course.policy.seed,
    )


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
    needed = run.order.sheets[0].needs
    return Plan(
        preload=needed.preload, late=needed.late, variables=tuple(sorted({*needed.variables, *VARIABLES})), lean=True
    )


def _try(run: Run) -> Ran:
    """Run one notebook, in a worker process."""
    sheet = run.order.sheets[0]
    with tempfile.TemporaryDirectory(prefix=f"referee-{os.getpid()}-audit-") as folder:
        order = run.order
        if run.beside:
            path = Path(folder) / f"{sheet.name}.ipynb"
            path.write_bytes(sheet.text)
            order = replace(order, files=(*order.files, path))
        ran = running.run(order)[0]
    if not ran.text:
        return Ran(trouble=ran.lost or "it did not run")
    executed, tests = ran.notebook, {authoring.grade_id(cell): cell for cell in run.subject.tests}
    shown = judging.digests(executed)
    read = {name for name, cell in tests.items() if judging.digests_of(cell.source, run.nonce) & shown}
    ends = {
        **judging.ends(executed, ran.cells, tests, stderr_costs=run.stderr_costs),
        **{cell.grade_id: judging.checked(cell) for cell in ran.graded},
    }
    return Ran(ends, frozenset(read & run.subject.hidden), max(ran.timings.cells.values(), default=0.0))


def _found(tried: Tried) -> Iterator[Audited]:
    """What is to be said of each test cell of a notebook."""
    for cell in tried.subject.tests:
        state, why = tried.state(cell)
        name = authoring.grade_id(cell)
        yield Audited(
            assignment=tried.subject.exercise.assignment,
            notebook=tried.subject.exercise.notebook,
            cell=name,
            points=judging.points_of(cell),
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
