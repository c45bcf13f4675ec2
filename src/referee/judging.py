"""From the checks of one notebook to its points: the same for answers of a kernel and for recorded ones.

A `Judge` is told of each check cell when it is reached; at the end it says what became of every cell with points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from referee import authoring, calibration, data
from referee.answers.discretion import hush
from referee.answers.given import Given
from referee.answers.interface import Answer, Question
from referee.calibration import Band
from referee.checks.plugin import Asked
from referee.checks.session import Graders
from referee.checks.verdicts import unchecked, with_context
from referee.course import framework_of
from referee.errors import AnswerError, HarnessError
from referee.report import (
    CellRun,
    CellSpec,
    CellStatus,
    CheckResult,
    Evidence,
    Fault,
    GradedCell,
    Outcome,
    Pause,
)
from referee.tasks import Task


class Answers(Protocol):
    """Whoever answers questions, and is told at which check cell they are asked."""

    cell: str

    def ask(self, question: Question) -> Answer: ...


class _Noting:
    """Passes questions on, and remembers what hidden checks give away with them.

    What is raised over such a question comes back without a message that may repeat it.
    """

    def __init__(self, answers: Answers, given: Given) -> None:
        self._answers, self._given = answers, given
        self.public = False

    def ask(self, question: Question) -> Answer:
        if self.public:
            return self._answers.ask(question)
        self._given.note(question)
        try:
            return self._answers.ask(question)
        except AnswerError as error:
            hush(error)
            raise


class Judge:
    """What the checks of one notebook conclude, cell by cell.

    known : by cell and name what checks concluded earlier from the same answers: those that depend on nothing that
        has changed since are not run again.
    """

    def __init__(
        self, task: Task, graders: Graders, known: Mapping[tuple[str, str], CheckResult] | None = None
    ) -> None:
        self._task = task
        self._known = known or {}
        self._graders = graders
        self._results: dict[str, list[CheckResult]] = {}
        self.pauses: list[Pause] = []
        self.given = Given()

    @property
    def results(self) -> list[CheckResult]:
        """What all checks so far concluded."""
        return [result for results in self._results.values() for result in results]

    @property
    def seconds(self) -> dict[str, float]:
        """How long each check took."""
        return self._graders.seconds

    def _data(self) -> str:
        """The data that the notebook is graded with: what is injected, else what its own parameters say."""
        defaults = authoring.authored(self._task.authored).parameter_defaults
        return str(self._task.parameters.get("data") or defaults.get("data") or "")

    def _band_of(self, quantity: str) -> Band:
        """What the reference reaches, for the framework and the data of this notebook."""
        task = self._task
        measured = calibration.read(calibration.path_of(task.root, task.assignment, task.notebook))
        name = f"{task.assignment}/{task.notebook}"
        return calibration.band(measured, name, framework_of(task.notebook), data.identity(self._data()), quantity)

    def at(self, cell: str, answers: Answers, ran: Sequence[CellRun]) -> list[CheckResult]:
        """Ask and conclude everything about one check cell, before which the cells `ran` have run."""
        answers.cell = cell
        noting = _Noting(answers, self.given)
        asked = Asked(
            noting,
            self._task.seed_of,
            self._data(),
            framework_of(self._task.notebook),
            self._band_of,
        )
        bad = _last_bad(ran)
        recent = bad is not None and bad in ran[self.pauses[-1].ran if self.pauses else 0 :]
        self.pauses.append(Pause(cell=cell, ran=len(ran)))
        kept = set[str]()

        def keep(check: CheckResult) -> CheckResult | None:
            noting.public = check.public
            old, now = self._known.get((cell, check.name)), self._task.depends_of(check)
            if old is None or not now or old.depends != now or old.public != check.public:
                return None
            kept.add(check.name)
            return msgspec.structs.replace(check, verdict=old.verdict, evidence=old.evidence, seed=old.seed)

        results = self._graders.run(cell, asked, keep)
        results = [each if each.name in kept else _in_context(each, bad, recent) for each in results]
        results = [self._discreet(each) for each in results]
        self._results[cell] = [msgspec.structs.replace(each, depends=self._task.depends_of(each)) for each in results]
        return self._results[cell]

    def _discreet(self, result: CheckResult) -> CheckResult:
        """The result without a message of the student's code that repeats what the check gave it."""
        evidence = result.evidence
        if self.given.within(evidence.words):
            words = f"{evidence.words.partition(': ')[0][:200]} (its message repeats the check's input)"
            evidence = msgspec.structs.replace(evidence, words=words)
        if self.given.within("\n".join(row.actual or "" for row in evidence.table)):
            evidence = msgspec.structs.replace(evidence, table=())
        if self.given.within(evidence.log):
            evidence = msgspec.structs.replace(evidence, log="not shown: it repeats what the check gave to the code")
        return result if evidence is result.evidence else msgspec.structs.replace(result, evidence=evidence)

    def give_up(self, error: HarnessError) -> None:
        """Nobody is to blame for what was not answered; what was concluded from answers stands."""
        verdict = unchecked(Fault.HARNESS)
        evidence = Evidence(words=f"the harness failed ({error.found}); this costs no point")
        for cell in {check.cell for check in self._graders.checks} - set(self._results):
            checks = (check for check in self._graders.checks if check.cell == cell)
            self._results[cell] = [check.result(verdict, evidence) for check in checks]
        died = unchecked(Fault.STUDENT)
        for results in self._results.values():
            for place, result in enumerate(results):
                if result.verdict == died:
                    results[place] = msgspec.structs.replace(result, verdict=verdict, evidence=evidence)

    def graded(self, cells: Sequence[CellSpec], for_person: Callable[[CellSpec], GradedCell]) -> tuple[GradedCell, ...]:
        """What became of these cells with points; `for_person` says it of those that no check decides."""
        return tuple(
            for_person(cell)
            if cell.solution or cell.task
            else scored(cell.grade_id, cell.points, self._results.get(cell.grade_id, ()))
            for cell in cells
        )


def scored(grade_id: str, points: float, results: Sequence[CheckResult]) -> GradedCell:
    """A cell whose checks came to these results: its points are shared out by weight."""
    total = sum(result.weight for result in results)
    passed = sum(result.weight for result in results if result.verdict.passed)
    earned = round(points * passed / total, 4) if total else 0.0
    undecided = any(result.verdict.needs_person for result in results) or not results
    return GradedCell(
        grade_id=grade_id,
        kind="check",
        points=points,
        earned=earned,
        score=None if undecided else earned,
        words="" if results else "only checked after submission",
        results=tuple(results),
    )


def _last_bad(ran: Sequence[CellRun]) -> CellRun | None:
    """The last cell before a check that did not end well."""
    bad = [cell for cell in ran if cell.status not in (CellStatus.OK, CellStatus.NOT_RUN)]
    return bad[-1] if bad else None


def _in_context(result: CheckResult, bad: CellRun | None, recent: bool) -> CheckResult:
    """The result, with the cell to look at where that may be the reason: it raised, or was stopped, before the check.

    `recent` says that no other check cell lies between the two.
    """
    words = result.evidence.words
    unanswered = "is not defined" in words or result.verdict.outcome is Outcome.UNCHECKED
    if bad is None or result.verdict.passed or result.verdict.needs_person or not (recent or unanswered):
        return result
    if bad.error and f"raised {bad.error}" in words:
        return result
    name = f" ({bad.grade_id})" if bad.grade_id else ""
    context = f"before it, cell {bad.index + 1}{name} did not end well: {bad.words}"
    return msgspec.structs.replace(result, evidence=with_context(result.evidence, context))
