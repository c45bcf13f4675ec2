"""GitHub Actions: a summary of a job in Markdown, and annotations at the cells of notebooks.

GitHub shows of each step a summary of at most 1 MiB and ten annotations of each kind; what is more is counted in the
summary. Errors are a student's, warnings ours, and a notice says what waits for a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Literal, TypeAlias, TypeVar

from referee.exports.anchors import Place
from referee.exports.interface import ExportedClass, ExportedStudent, Given, Policies, state, waiting
from referee.exports.markdown import inline
from referee.exports.shown import Result, results
from referee.feedback.interface import Disclosure, Policy
from referee.feedback.text import amount, block, plain
from referee.report import CellStatus, NotebookReport, Record, clip

SUMMARY_BYTES = 2**20
MOST_OF_A_KIND = 10
_MESSAGE, _TITLE = 2000, 120
_RESERVE = 1000  # for the lines that say what is left out

Level: TypeAlias = Literal["error", "warning", "notice"]
Item = TypeVar("Item")
Find: TypeAlias = Callable[[str, str], Place]
_LEVELS: dict[str, Level] = {"failed": "error", "error": "warning", "waits": "notice"}
_BAD = {
    CellStatus.RAISED: "raised an error",
    CellStatus.LIMIT: "stopped at a limit",
    CellStatus.DIED: "the kernel died",
}


class Annotation(Record, frozen=True):
    """One annotation at a cell of a notebook, by its index or grade_id; None for the file as a whole."""

    level: Level
    cell: int | str | None
    title: str
    message: str

    def command(self, where: Place) -> str:
        """The annotation as a command for the runner, in one line; without a line where the cell is not in the file.

        >>> here = Place(path="a,b.ipynb", lines={0: 3})
        >>> Annotation(level="error", cell=0, title="x: y", message="50%").command(here)
        '::error file=a%2Cb.ipynb,line=3,title=x%3A y::50%25'
        """
        number = None if self.cell is None else where.of(self.cell)
        line = "" if number is None else f",line={number}"
        place = f"file={_property(where.path)}{line},title={_property(self.title)}"
        return f"::{self.level} {place}::{_data(self.message)}"


class Job(Record, frozen=True):
    """What a step says: the summary in Markdown, and its annotations as lines for standard output."""

    summary: str
    commands: tuple[str, ...]


def write(klass: ExportedClass, policies: Policies, find: Find, room: int = SUMMARY_BYTES) -> Job:
    """The class for a step of a job.

    find : student, notebook -> where the notebook's cells stand.   room : how many bytes the summary may have.
    """
    found = (
        (annotation, student.student, book.notebook)
        for student in klass.students
        for book in student.report.notebooks
        for annotation in marks(f"{klass.assignment}/{book.notebook}", book, policies(book.notebook), student.by_person)
    )
    chosen, over = shown(found, level=lambda each: each[0].level)
    where = cache(find)  # each reads a whole notebook
    commands = tuple(annotation.command(where(student, notebook)) for annotation, student, notebook in chosen)
    return Job(summary=summary(klass, policies, over, room), commands=commands)


def marks(name: str, book: NotebookReport, policy: Policy, by_person: Given = ()) -> Iterator[Annotation]:
    """What to point at in a notebook: cells that did not end well, then checks and answers without all their points."""
    if book.refused:
        yield _annotation("error", None, name, f"not run: {book.refused}")
        return
    withheld = () if policy.hidden is Disclosure.ALL else book.revealing
    for run in book.cells:
        if run.status in _BAD:
            words = "" if run.index in withheld else run.words or run.error
            message = f"{_BAD[run.status]}: {words}".rstrip(": ")
            yield _annotation("error", run.index, f"{name}: cell {run.index + 1}", message)
    for result in results(book, policy, by_person):
        if result.end in _LEVELS:
            message = "\n".join(filter(None, (result.name, result.text)))
            yield _annotation(_LEVELS[result.end], result.cell, f"{name}: {result.cell}", message)


def shown(found: Iterable[Item], level: Callable[[Item], Level]) -> tuple[list[Item], Counter[str]]:
    """What GitHub shows of a step's annotations, and how many more there are of each kind."""
    chosen, kinds = list[Item](), Counter[str]()
    for each in found:
        kinds[level(each)] += 1
        if kinds[level(each)] <= MOST_OF_A_KIND:
            chosen.append(each)
    over = {kind: count - MOST_OF_A_KIND for kind, count in kinds.items()}
    return chosen, Counter({kind: count for kind, count in over.items() if count > 0})


def summary(klass: ExportedClass, policies: Policies, over: Counter[str], room: int = SUMMARY_BYTES) -> str:
    """The summary: a line for each notebook of each student, as many as there is room for, and what is left out."""
    head = [
        f"## {inline(klass.assignment)}",
        "",
        "| student | notebook | score | waits | late | first problem |",
        "|---|---|--:|--:|---|---|",
    ]
    rows = [
        _row(student, book, policies(book.notebook)) for student in klass.students for book in student.report.notebooks
    ]
    return _document(head, rows, _not_shown(over), room)


def write_own(book: NotebookReport, later: Mapping[str, str], where: Place, room: int = SUMMARY_BYTES) -> Job:
    """A student's own run of the public checks: it names no points. `later` says by cell how they are decided."""
    found = (each for each in marks(book.notebook, book, Policy()) if each.level != "notice")
    chosen, over = shown(found, level=lambda each: each.level)
    checks = [result for result in results(book, Policy()) if result.name != result.cell]
    passed = sum(result.end == "passed" for result in checks)
    head = [f"## {inline(book.notebook)}: {passed} of {len(checks)} public checks pass", ""]
    head += [inline(f"not run: {book.refused}"), ""] if book.refused else []
    head += ["| cell | check | | why |", "|---|---|---|---|"]
    rows = [
        f"| {inline(each.cell)} | {inline(each.name)} | {each.end} | {inline(_first(each.text))} |" for each in checks
    ]
    tail = [f"- {inline(cell)}: {inline(words)}" for cell, words in later.items()]
    text = _document(head, rows, [*tail, "", *_not_shown(over)] if tail else _not_shown(over), room)
    return Job(summary=text, commands=tuple(each.command(where) for each in chosen))


def _document(head: Sequence[str], rows: Sequence[str], tail: Sequence[str], room: int) -> str:
    """A table between lines, cut where it does not fit; nothing where not even that fits."""
    kept = _fitting(rows, room - _RESERVE - sum(len(line.encode()) + 1 for line in (*head, *tail)))
    left = len(rows) - len(kept)
    cut = [f"{left} of {len(rows)} rows are left out: a summary has at most 1 MiB."] if left else []
    text = "\n".join([*head, *kept, "", *tail, *cut]).rstrip("\n") + "\n"
    return text if len(text.encode()) <= room else ""


def _not_shown(over: Counter[str]) -> list[str]:
    return [f"{count} more {kind} annotations are not shown: GitHub takes ten." for kind, count in over.items()]


def _row(student: ExportedStudent, book: NotebookReport, policy: Policy) -> str:
    score = f"{amount(book.earned)} / {amount(book.points)}" if state(book) == "graded" else state(book)
    waits, late = amount(waiting(book)), {True: "late", False: "", None: ""}[student.late]
    found = results(book, policy, student.by_person)
    first = next((each for each in found if each.end in ("failed", "error")), None)
    cells = (inline(student.student), inline(book.notebook), score, waits if waits != "0" else "", late)
    return f"| {' | '.join(cells)} | {_why(first) if first else ''} |"


def _why(result: Result) -> str:
    return inline(": ".join(filter(None, (result.name, _first(result.text)))))


def _first(text: str) -> str:
    return text.split("\n", 1)[0]


def _fitting(rows: Sequence[str], room: int) -> list[str]:
    kept = list[str]()
    for row in rows:
        room -= len(row.encode()) + 1
        if room < 0:
            break
        kept.append(row)
    return kept


def _annotation(level: Level, cell: int | str | None, title: str, message: str) -> Annotation:
    return Annotation(level=level, cell=cell, title=plain(title, _TITLE), message=clip(block(message), _MESSAGE))


def _data(text: str) -> str:
    safe = text.encode("utf-8", "replace").decode("utf-8")
    return safe.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
