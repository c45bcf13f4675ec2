"""The first lines of every page: the score, what waits for a person, and what to do next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from referee.feedback.interface import Disclosure, Policy
from referee.feedback.text import amount, counted, plain
from referee.report import CheckResult, NotebookReport, Record, Report

_MOST_NOTES = 50
_MOST_NAMES = 5
_EARLIER = re.compile(r"before it, cell (\d{1,6})(?: \([^)]{0,200}\))? did not end well: (.*)", re.DOTALL)


class Summary(Record, frozen=True):
    """The first lines of every page. `waiting` is empty where no person is needed.

    share : of the points that were earned, from 0 to 1.
    next_check, next_cell : the check cell, or the number of the cell, that the next step is about.
    """

    score: str
    waiting: str
    next_step: str
    notes: tuple[str, ...] = ()
    share: float = 0.0
    next_check: str = ""
    next_cell: int = 0


class Sibling(Record, frozen=True):
    """Another notebook of the same submission, and what it earned."""

    notebook: str
    score: str


def summarise(notebook: NotebookReport, policy: Policy) -> Summary:
    """The score line, the points that wait for a person, what to do next, and the notes on the submission."""
    step, check, cell = _next(notebook, policy)
    return Summary(
        score=f"{amount(notebook.earned)} of {counted(notebook.points)}",
        waiting=_waiting(notebook),
        next_step=step,
        notes=tuple(plain(note.words) for note in notebook.notes[:_MOST_NOTES]),
        share=min(1.0, max(0.0, notebook.earned / notebook.points)) if notebook.points else 0.0,
        next_check=check,
        next_cell=cell,
    )


def whole(report: Report, notebook: NotebookReport) -> tuple[str, tuple[Sibling, ...]]:
    """The score of the whole submission and its other notebooks; nothing where there are none."""
    if len(report.notebooks) < 2:
        return "", ()
    siblings = tuple(
        Sibling(notebook=plain(each.notebook), score=f"{amount(each.earned)} of {amount(each.points)}")
        for each in report.notebooks
        if each is not notebook and each.notebook != notebook.notebook
    )
    return f"{amount(report.earned)} of {counted(report.points)}", siblings


def first_problem(results: Iterable[CheckResult]) -> CheckResult | None:
    """The first check that did not pass for a reason of the student's; None where there is none."""
    return next(iter(_problems(results)), None)


def _problems(results: Iterable[CheckResult]) -> list[CheckResult]:
    return [each for each in results if not each.verdict.passed and not each.verdict.needs_person]


def _waiting(notebook: NotebookReport) -> str:
    cells = notebook.needs_person
    if not cells:
        return ""
    points = sum(cell.undecided for cell in cells)
    names = [plain(cell.grade_id, 60) for cell in cells[:_MOST_NAMES]]
    more = f" and {len(cells) - _MOST_NAMES} more" if len(cells) > _MOST_NAMES else ""
    verb = "waits" if amount(points) == "1" else "wait"
    return f"{counted(points)} {verb} for a person ({', '.join(names)}{more})"


def _next(notebook: NotebookReport, policy: Policy) -> tuple[str, str, int]:
    """What to do next: a cell that ended badly first, then the mistake that explains most, then the first claim."""
    if notebook.missing:
        return "hand this notebook in: there is none of this name in what was handed in", "", 0
    if notebook.refused:
        return f"the notebook was not run: {plain(notebook.refused)}", "", 0
    problems = _problems(notebook.results)
    if not problems:
        rest = "nothing: a person looks at the rest" if notebook.needs_person else "nothing: everything passed"
        return rest, "", 0
    open_ones = [each for each in problems if policy.of(each).shows(Disclosure.HINT)]
    for problem in open_ones:
        if earlier := _EARLIER.search(problem.evidence.words):
            return f"look at cell {earlier[1]} first: {plain(earlier[2])}", "", int(earlier[1])
    problem = _telling(open_ones) or problems[0]
    claim = f"make this true: {plain(problem.sentence) or plain(problem.name)}"
    return _explained(claim, problem, open_ones), plain(problem.check), 0


def _telling(problems: list[CheckResult]) -> CheckResult | None:
    """The first check that fails by the mistake that is recognised most often; else the first that fails."""
    mistakes = Counter(each.evidence.misconception for each in problems if each.evidence.misconception)
    if not mistakes:
        return next(iter(problems), None)
    often = mistakes.most_common(1)[0][0]
    return next(each for each in problems if each.evidence.misconception == often)


def _explained(claim: str, problem: CheckResult, problems: list[CheckResult]) -> str:
    """The claim, with what the reader may know of why it does not hold."""
    evidence = problem.evidence
    if problem not in problems or not (evidence.misconception or evidence.hint):
        return claim
    same = sum(each.evidence.misconception == evidence.misconception for each in problems)
    alike = f" ({same} checks fail by it)" if evidence.misconception and same > 1 else ""
    looks = f"It looks like this: {plain(evidence.misconception)}{alike}. " if evidence.misconception else ""
    hint = f"Hint: {plain(evidence.hint)}" if evidence.hint else ""
    return f"{claim.rstrip('.')}. {looks}{hint}".rstrip()
