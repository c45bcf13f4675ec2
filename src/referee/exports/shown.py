"""A notebook as a list of results, each as far as its student may see it: for formats that know only tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from referee.exports.interface import Given, by_checks
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


def results(book: NotebookReport, policy: Policy, by_person: Given = ()) -> Iterator[Result]:
    """The results of a notebook, in the order of its cells; their points add up to the notebook's.

    by_person : the cells whose scores a person gave, each as its notebook and its grade_id.

    A notebook that was not run is one result, beside the cells to which a person gave points nevertheless.
    """
    given = {grade_id for notebook, grade_id in by_person if notebook == book.notebook}
    if book.refused:
        yield from _refused(book, [cell for cell in book.graded if cell.grade_id not in given])
    for cell in book.graded:
        if book.refused and cell.grade_id not in given:
            continue
        decided = cell.grade_id not in given and by_checks(cell)
        if not decided:
            yield _whole(cell)
        for result in cell.results:
            yield _one(cell, result, policy, decided=decided)


def _refused(book: NotebookReport, cells: Sequence[GradedCell]) -> Iterator[Result]:
    """What was not run, as one line for all these cells, if there are any."""
    if not cells:
        return
    ours = book.refused_by in (Fault.HARNESS, Fault.CHECK)
    name, why = plain(book.notebook), plain(book.refused)
    yield Result(
        cell=name,
        name=name,
        end="error" if ours else "failed",
        public=True,
        earned=sum(cell.earned for cell in cells),
        points=sum(cell.points for cell in cells),
        text=why if ours or book.missing else f"could not be read: {why}",
    )


def _whole(cell: GradedCell) -> Result:
    """A cell as one line: an answer, or a score that a person gave."""
    name = plain(cell.grade_id)
    if cell.score is None:
        return _of(cell, name, "waits", f"{counted(cell.undecided)} wait for a person")
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
