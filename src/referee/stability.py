"""The same submission with several seeds: which checks come out the same, and which are luck.

The first grading counts: its answers are recorded, its seeds are the course's own. In each further one the notebook's
seed, and the numbers that checks draw, are other ones. A check that passes with one seed and fails with another is
decided by a person: its score would be a coin toss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

import msgspec
from nbformat import NotebookNode

from referee import grading
from referee.checks.verdicts import PERSON
from referee.course import Parameter
from referee.judging import scored
from referee.report import CheckResult, Fault, GradedCell, NotebookReport, Record, Report, Steadiness
from referee.tasks import Task

_SEEDS = 2**32


class Repeats(Record, frozen=True):
    """With how many seeds to grade, and which submissions: all, or those with an accuracy near its threshold."""

    count: int = 1
    of: Literal["all", "near"] = "all"

    def wanted(self, notebook: NotebookReport) -> int:
        """With how many seeds a notebook should be graded whose first grading came to this."""
        if notebook.refused or (self.of == "near" and not near(notebook)):
            return 1
        return self.count


ONCE = Repeats()


def near(notebook: NotebookReport) -> bool:
    """Whether an accuracy lies so near its threshold that another seed might decide otherwise."""
    return any(result.evidence.near for result in notebook.results)


def grade(
    tasks: Sequence[Task], course: str, repeats: Repeats, doing: Callable[[str], None]
) -> tuple[Report, dict[str, NotebookNode]]:
    """Grade the notebooks of a submission, each with as many seeds as wanted; raises as `grading.grade` does."""
    notebooks, executed = [], dict[str, NotebookNode]()
    for task in tasks:
        done = grading.grade_notebook(task, doing)
        notebooks.append(_repeated(task, done.report, repeats.wanted(done.report), doing))
        if done.executed is not None:
            executed[task.notebook] = done.executed
    return grading.report_of(tasks, course, notebooks), executed


def _repeated(task: Task, first: NotebookReport, count: int, doing: Callable[[str], None]) -> NotebookReport:
    reports = [first]
    for repeat in range(1, count):
        again = replace(task, repeat=repeat, parameters=_parameters(task, repeat))
        reports.append(grading.grade_notebook(again, partial(_tell, doing, f"seed {repeat + 1} of {count}")).report)
    return judged(first, reports) if count > 1 else first


def _tell(doing: Callable[[str], None], where: str, words: str) -> None:
    doing(f"{where}: {words}")


def _parameters(task: Task, repeat: int) -> dict[str, Parameter]:
    return {**task.parameters, "seed": (int(task.parameters.get("seed", 0)) + repeat) % _SEEDS}


def judged(first: NotebookReport, reports: Sequence[NotebookReport]) -> NotebookReport:
    """The report on the first grading, with what came of all of them; a person decides what the seed decided."""
    found = {(result.check, result.name): _steadiness(result, reports) for result in first.results}
    flaky = {key: each for key, each in found.items() if each.flaky}

    def result(before: CheckResult) -> CheckResult:
        each = flaky.get((before.check, before.name))
        return before if each is None else _undecided(before, each, len(reports))

    def cell(before: GradedCell) -> GradedCell:
        if not any((each.check, each.name) in flaky for each in before.results):
            return before
        return scored(before.grade_id, before.points, [result(each) for each in before.results])

    graded = tuple(cell(each) for each in first.graded)
    return msgspec.structs.replace(first, graded=graded, repeats=len(reports), steadiness=tuple(found.values()))


def _steadiness(result: CheckResult, reports: Sequence[NotebookReport]) -> Steadiness:
    """What one check concluded with each seed; what the harness or the check could not decide says nothing of it."""
    outcomes: dict[str, tuple[int, ...]] = {}
    for place, report in enumerate(reports):
        for other in report.results:
            ours = other.verdict.fault in (Fault.HARNESS, Fault.CHECK)
            if (other.check, other.name) == (result.check, result.name) and not ours:
                words = other.verdict.outcome.value
                outcomes[words] = (*outcomes.get(words, ()), reports[0].seed + place)
    return Steadiness(check=result.check, name=result.name, outcomes=outcomes)


def _undecided(result: CheckResult, each: Steadiness, count: int) -> CheckResult:
    """The result of a check whose outcome depends on the seed."""
    told = ", ".join(f"{outcome} with {len(seeds)}" for outcome, seeds in each.outcomes.items())
    words = f"another seed decides otherwise: of {count} seeds, {told}"
    evidence = msgspec.structs.replace(
        result.evidence, words="; ".join(text for text in (words, result.evidence.words) if text)
    )
    return msgspec.structs.replace(result, verdict=PERSON, evidence=evidence)
