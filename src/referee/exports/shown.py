"""A notebook as a list of results, each as far as its student may see it: for formats that know only tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from referee.exports.interface import by_checks, state
from referee.feedback.interface import Policy, ShownCheck, disclose
from referee.feedback.text import amount, counted, plain
from referee.report import CheckResult, Fault, GradedCell, NotebookReport, Record

End: TypeAlias = Literal["passed", "failed", "error", "waits"]


class Result(Record, frozen=True):
    """One line of a result: a check, or a cell that no check decides.

    cell, name : the cell, and the claim or what the line is about.   end : how it came out; "error" is our fault.
    earned, points : None where the line carries no points of its own: a person gave them to the whole cell.
    text : why, in lines, as far as the policy shows it.
    """

    cell: str
    name: str
    end: End
    public: bool
    earned: float | None
    points: float | None
    text: str = ""


def results(book: NotebookReport, policy: Policy) -> Iterator[Result]:
    """The results of a notebook, in the order of its cells; their points add up to the notebook's."""
    for cell in book.graded:
        decided = by_checks(cell) or (cell.score is None and bool(cell.results))
        if not decided:
            yield _whole(book, cell)
        for result in cell.results:
            yield _one(cell, result, policy, decided=decided)


def _whole(book: NotebookReport, cell: GradedCell) -> Result:
    """A cell as one line: an answer, a score that a person gave, or a cell of a notebook that was not run."""
    name = plain(cell.grade_id)
    if state(book) != "graded" and cell.score is not None:
        why = plain(book.refused)
        return _of(cell, name, "failed", why)
    if cell.score is None:
        ours = book.refused_by in (Fault.HARNESS, Fault.CHECK)
        why = plain(book.refused) if ours else f"{counted(cell.undecided)} wait for a person"
        return _of(cell, name, "error" if ours else "waits", why)
    full = cell.earned >= cell.points - 1e-6
    why = plain(cell.words) or f"{amount(cell.earned)} of {counted(cell.points)}"
    return _of(cell, name, "passed" if full else "failed", why)


def _of(cell: GradedCell, name: str, end: End, text: str) -> Result:
    return Result(cell=name, name=name, end=end, public=True, earned=cell.earned, points=cell.points, text=text)


def _one(cell: GradedCell, result: CheckResult, policy: Policy, *, decided: bool) -> Result:
    shown, worth = disclose(result, policy), cell.worth(result)
    return Result(
        cell=plain(cell.grade_id),
        name=shown.sentence,
        end=_end(result),
        public=result.public,
        earned=(worth if result.verdict.passed else 0.0) if decided else None,
        points=worth if decided else None,
        text="" if result.verdict.passed else "\n".join(_lines(shown)),
    )


def _end(result: CheckResult) -> End:
    verdict = result.verdict
    if verdict.passed:
        return "passed"
    if verdict.fault in (Fault.CHECK, Fault.HARNESS):
        return "error"
    return "waits" if verdict.needs_person else "failed"


def _lines(shown: ShownCheck) -> Iterator[str]:
    """What a reader may see of a check that did not pass: the verdict where it is a special one, then the evidence."""
    if shown.mark.phrase != shown.mark.word:
        yield shown.mark.phrase
    if shown.words:
        yield shown.words
    labels = {"hint": "Hint", "misconception": "Looks like", "expected": "Expected", "actual": "Yours"}
    for name, label in labels.items():
        if text := getattr(shown, name):
            yield f"{label}: {text}" if "\n" not in text else f"{label}:\n{text}"
