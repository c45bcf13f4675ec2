"""A class for its instructor, a few lines for each submission: who got what, why, and what needs a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from referee.feedback.interface import mark_of
from referee.feedback.measures import limits_elsewhere, troubles
from referee.feedback.text import amount, plain
from referee.report import CheckResult, Fault, GradedCell, NotebookReport, Record, Report

WHY_LIMIT = 240
_MOST = 12  # names in one line


class Line(Record, frozen=True):
    """One line below a student's name, with the sign in front of it."""

    sign: str
    text: str


class Entry(Record, frozen=True):
    """One submission: a head line with the score, and a line for everything that a reader should know."""

    head: str
    lines: tuple[Line, ...] = ()


def entry(report: Report) -> Entry:
    """The lines about one submission; a notebook's name stands in them only where there are several."""
    head = f"{plain(report.student)}  {amount(report.earned)} of {amount(report.points)}"
    several = sum(not each.missing for each in report.notebooks) > 1
    if len(report.notebooks) > 1:
        head += "  (" + ", ".join(f"{plain(each.notebook)} {_score(each)}" for each in report.notebooks) + ")"
    if report.notebooks and all(each.missing for each in report.notebooks):
        return Entry(head=head, lines=(Line(sign="?", text="nothing was handed in"),))
    lines = (
        Line(sign=sign, text=f"{plain(each.notebook)}: {text}" if several else text)
        for each in report.notebooks
        for sign, text in _notebook(each)
    )
    return Entry(head=head, lines=tuple(lines))


def _score(notebook: NotebookReport) -> str:
    if notebook.missing:
        return "not handed in"
    return "not read" if notebook.refused else f"{amount(notebook.earned)} of {amount(notebook.points)}"


def _notebook(notebook: NotebookReport) -> Iterator[tuple[str, str]]:
    """What to say of one notebook: why it was not run, what was put right, which cells ended badly, lost points."""
    if notebook.missing:
        return
    if notebook.refused:
        yield "?", f"not run: {plain(notebook.refused, WHY_LIMIT)}"
        return
    for note in notebook.notes:
        yield "·", plain(note.words, WHY_LIMIT)
    for run, words in troubles(notebook, WHY_LIMIT):
        name = f" ({plain(run.grade_id)})" if run.grade_id else ""
        yield "!", f"cell {run.index + 1}{name}: {words}"
    yield from (("!", words) for words in limits_elsewhere(notebook))
    told: set[str] = set()
    for cell in notebook.graded:
        if cell.score is None or cell.score < cell.points:
            yield from _why(cell, told)


def _why(cell: GradedCell, told: set[str]) -> Iterator[tuple[str, str]]:
    """Why a cell did not get all its points: the student's most telling problem, and what a person must decide."""
    where = f"{plain(cell.grade_id)} {amount(cell.earned)} of {amount(cell.points)}"
    open_ones = [result for result in cell.results if not result.verdict.passed]
    if not open_ones:
        waits = cell.score is None
        why = plain(cell.words, WHY_LIMIT) or ("a person grades this" if waits else "no check passed")
        yield "✋" if waits else "✗", f"{where}: {why}"
    problems = sorted((r for r in open_ones if not r.verdict.needs_person), key=_telling, reverse=True)
    for result in [*problems[:1], *[r for r in open_ones if r.verdict.needs_person][:1]]:
        mark, why = mark_of(result.verdict), _what_happened(result, told)
        yield mark.sign, f"{where}: {why if mark.phrase == 'failed' else f'{mark.phrase}: {why}'}"


def _telling(result: CheckResult) -> tuple[bool, bool]:
    """How much a failed check tells: most where the course foresaw the mistake, some where a mistake has a name."""
    return result.evidence.foreseen, bool(result.evidence.misconception)


def _what_happened(result: CheckResult, told: set[str]) -> str:
    """A recognised mistake in the course's words (once for each notebook), else what was found, else the claim."""
    evidence = result.evidence
    if not evidence.misconception:
        words = evidence.words or result.sentence
        return plain(f"{words}; {evidence.hint}" if evidence.hint else words, WHY_LIMIT).rstrip(".")
    if evidence.misconception in told:
        return f"{plain(evidence.misconception)} (as above)"
    told.add(evidence.misconception)
    named = evidence.misconception.casefold() in evidence.hint.casefold()
    words = evidence.hint if named else f"{evidence.misconception}: {evidence.hint}"
    return plain(words, WHY_LIMIT).rstrip(".: ")


def closing(reports: Sequence[Report]) -> tuple[str, ...]:
    """The last lines: how many submissions were graded, and which could not be read or need a person, and why."""
    unread_ones = [report for report in reports if any(unread(each) for each in report.notebooks)]
    waiting = [report for report in reports if any(each.needs_person for each in report.notebooks)]
    lines = [f"Submissions: {len(reports)}, could not be read: {len(unread_ones)}, need a person: {len(waiting)}"]
    if unread_ones:
        lines.append(f"Could not be read: {_listed([plain(report.student) for report in unread_ones])}")
    for why, students in sorted(reasons(waiting).items()):
        told = [f"{plain(student)} ({', '.join(cells)})" for student, cells in students.items()]
        lines.append(f"Needs a person, {why}: {_listed(told)}")
    looks = (f"Look again: {plain(student)} ({words})" for student, words in look_again(reports))
    return (*lines, *looks, *_flaky(reports))


def reasons(reports: Iterable[Report]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Why cells wait for a person: reason -> student -> the cells, as they are shown."""
    found = defaultdict[str, dict[str, tuple[str, ...]]](dict)
    for report in reports:
        for book in report.notebooks:
            for cell in book.needs_person:
                told = found[reason(book, cell)]
                known = told.get(report.student, ())
                told[report.student] = tuple(dict.fromkeys((*known, plain(cell.grade_id, 40))))
    return dict(found)


def unread(notebook: NotebookReport) -> bool:
    """Whether a notebook was handed in and could not be read, for a reason that is not ours."""
    return bool(notebook.refused) and not notebook.missing and notebook.refused_by is not Fault.HARNESS


def _listed(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + rest


def reason(notebook: NotebookReport, cell: GradedCell) -> str:
    """Why a cell waits for a person, the faults of ours first."""
    faults = {notebook.refused_by, *(result.verdict.fault for result in cell.results)}
    if notebook.set_aside:
        return "set aside because grading it ended our process"
    if Fault.HARNESS in faults:
        return "not graded because we failed"
    if Fault.CHECK in faults:
        return "a check is at fault"
    if notebook.refused:
        return "it did not run to its end"
    if cell.kind == "person":
        return "an answer to read"
    if not cell.results:
        return "no test of it ran"
    unsteady = {(each.check, each.name) for each in notebook.steadiness if each.flaky}
    luck = any((result.check, result.name) in unsteady for result in cell.results if result.verdict.needs_person)
    return "the seed decides" if luck else "too close to a threshold to tell"


def look_again(reports: Iterable[Report]) -> Iterator[tuple[str, str]]:
    """Submissions in which we had to choose between files: the student, and what to look at, as it is shown."""
    for report in reports:
        notes = (note for book in report.notebooks for note in book.notes if note.code == "several")
        yield from ((report.student, plain(note.words)) for note in dict.fromkeys(notes))


def flaky(reports: Iterable[Report]) -> dict[str, dict[str, str]]:
    """The checks that come out differently with another seed: check -> student -> outcomes, as they are shown."""
    found = defaultdict[str, dict[str, str]](dict)
    for report in reports:
        for book in report.notebooks:
            for each in book.steadiness:
                if each.flaky:
                    told = ", ".join(f"{outcome} {len(seeds)}" for outcome, seeds in each.outcomes.items())
                    found[f"{plain(book.notebook)} {plain(each.check)}/{plain(each.name)}"][report.student] = told
    return dict(found)


def _flaky(reports: Sequence[Report]) -> Iterator[str]:
    """The checks that come out differently with another seed, and for whom; that there are none, too."""
    repeated = sum(any(book.repeats > 1 for book in report.notebooks) for report in reports)
    found = flaky(reports)
    if repeated:
        yield f"Graded with several seeds: {repeated}, checks that the seed decides: {len(found)}"
    for check, students in sorted(found.items()):
        yield f"flaky: {check}: {_listed([f'{plain(student)} ({told})' for student, told in students.items()])}"
