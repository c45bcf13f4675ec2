"""Reports to the content of the class page: what needs a person first, then the causes, the checks, the students."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

from referee.classroom.clusters import DIED, clusters, died
from referee.classroom.interface import LABEL, NAME, Book, Likeness, Matter, Named, Outliers, Overview, Row, named
from referee.classroom.items import Key, items, key_of, marks, notebooks, scores, share_of, twins
from referee.classroom.outliers import outliers, over_limits
from referee.feedback import roster
from referee.feedback.measures import LIMITS
from referee.feedback.text import amount, counted, plain
from referee.report import CellStatus, GradedCell, NotebookReport, Report

_NOTABLE = 7  # phrases about one student
_PLACES, _PLACE = 3, 60  # cells that are named where a student has more that wait, and their characters
_NOTES = {"late": "handed in late", "several": "several files: look again"}


def overview(
    reports: Sequence[Report],
    assignment: str,
    *,
    course: str = "",
    likeness: Sequence[Likeness] = (),
    pages: Callable[[str], str] | None = None,
    unreadable: Sequence[str] = (),
    waiting: Sequence[str] = (),
    unknown: str = "",
) -> Overview:
    """The content of the page about a class; the order of the reports does not matter.

    pages : where the page finds the folder of a student's pages, as the beginning of a URL; in
        `feedback/` by default, as nbgrader has it.
    unreadable : files of reports that cannot be read.   waiting : students without a report.
    unknown : why what persons gave is not known, and so not in the reports; empty where it is.
    """
    ordered = sorted(reports, key=lambda report: report.student)
    found = marks(ordered)
    causes, by_student = clusters(ordered)
    names = notebooks(ordered)
    places = {key: place for place, key in enumerate(found)}
    far = outliers(ordered)
    used = _used(far, names)
    rows = (
        _row(
            report,
            names,
            places,
            pages(report.student) if pages else address("feedback", report.student, report.assignment),
            used=used.get(report.student, ()),
            causes=by_student.get(report.student, ()),
        )
        for report in ordered
    )
    return Overview(
        assignment=plain(assignment, NAME),
        course=plain(course, NAME),
        notebooks=tuple(plain(name, NAME) for name in names),
        scores=scores(ordered),
        matters=tuple(_matters(ordered, several=len(names) > 1)),
        checks=items(found),
        twins=twins(found),
        clusters=causes,
        outliers=far,
        limits=over_limits(ordered),
        likeness=tuple(likeness),
        rows=tuple(rows),
        unreadable=tuple(plain(name, NAME) for name in sorted(unreadable)),
        waiting=tuple(plain(name, NAME) for name in sorted(waiting)),
        unknown=plain(unknown, LABEL),
    )


def row_key(student: str) -> str:
    """A short name for a student's row, which no other student's has and which needs no escaping."""
    return "s" + hashlib.sha256(student.encode("utf-8", "replace")).hexdigest()[:10]


def address(*parts: str) -> str:
    """The URL of a path of these parts, whatever is in their names."""
    return "/".join(quote(part, safe="", errors="replace") for part in parts)


def page_of(folder: str, notebook: str) -> str:
    """The URL of the page of a notebook in a folder."""
    return f"{folder}/{address(notebook)}.html"


def _matters(reports: Sequence[Report], *, several: bool) -> Iterator[Matter]:
    """What needs a person, by reason: faults of ours and answers to read, files nobody could read, luck, choices.

    several : the assignment has several notebooks, so that a cell is named with its own.
    """
    for why, students in sorted(_waiting(reports).items()):
        told = tuple(named(student, _waits(cells, several=several)) for student, cells in students.items())
        all_cells = [cell for cells in students.values() for _, cell in cells]
        points = sum(cell.undecided for cell in all_cells)
        yield Matter(reason=why[:1].upper() + why[1:], students=told, cells=len(all_cells), points=points)
    refused = [
        named(report.student, "; ".join(words))
        for report in reports
        if (words := [f"{book.notebook}: {book.refused}" for book in report.notebooks if roster.unread(book)])
    ]
    if refused:
        yield Matter(reason="What was handed in could not be read", students=tuple(refused))
    for check, outcomes in sorted(roster.flaky(reports).items()):
        told = tuple(named(student, words) for student, words in outcomes.items())
        yield Matter(reason=f"Flaky, the seed decides: {check}", students=told)
    choices: tuple[Named, ...] = tuple(named(student, words) for student, words in roster.look_again(reports))
    if choices:
        yield Matter(reason="Look again: we had to choose between files", students=choices)


def _waiting(reports: Sequence[Report]) -> dict[str, dict[str, list[tuple[str, GradedCell]]]]:
    """What waits for a person: reason -> student -> the cells, each with its notebook."""
    found = defaultdict[str, dict[str, list[tuple[str, GradedCell]]]](dict)
    for report in reports:
        for book in report.notebooks:
            for cell in book.needs_person:
                found[roster.reason(book, cell)].setdefault(report.student, []).append((book.notebook, cell))
    return found


def _waits(cells: Sequence[tuple[str, GradedCell]], *, several: bool) -> str:
    """How much of a student's waits, and where: of many the first ones, so that the sum is always to be read."""
    points = counted(sum(cell.undecided for _, cell in cells))
    places = [plain(f"{book} · {cell.grade_id}" if several else cell.grade_id, _PLACE) for book, cell in cells]
    if len(places) == 1:
        return f"{places[0]}, {points}"
    more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
    return f"{len(places)} cells, {points}: {', '.join(places[:_PLACES])}{more}"


def _used(far: Sequence[Outliers], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Who used much more than the others, by student, in short phrases."""
    found = defaultdict[str, tuple[str, ...]](tuple)
    for each in far:
        what = f"{each.notebook}: {each.what}" if len(names) > 1 else each.what
        for one in each.students:
            found[one.student] += (f"{what} {one.words}",)
    return found


def _row(
    report: Report,
    names: Sequence[str],
    places: Mapping[Key, int],
    pages: str,
    *,
    used: Sequence[str],
    causes: tuple[int, ...],
) -> Row:
    books = {book.notebook: book for book in report.notebooks}
    failed = (
        places[key_of(book.notebook, result)]
        for book in report.notebooks
        for result in book.results
        if not result.verdict.passed and not result.verdict.needs_person
    )
    return Row(
        key=row_key(report.student),
        shown=plain(report.student, NAME),
        earned=report.earned,
        points=report.points,
        share=share_of(report),
        books=tuple(_book(books.get(name), pages) for name in names),
        notable=tuple(dict.fromkeys((*_notable(report), *used)))[:_NOTABLE],
        person=any(book.needs_person for book in report.notebooks),
        limit=any(book.timings.exceeded for book in report.notebooks),
        missing=any(book.missing for book in report.notebooks),
        unread=any(roster.unread(book) for book in report.notebooks),
        late=any(note.code == "late" for book in report.notebooks for note in book.notes),
        broken=any(_broken(book) or died(book) for book in report.notebooks),
        checks=tuple(sorted(set(failed))),
        clusters=causes,
    )


def _book(book: NotebookReport | None, pages: str) -> Book:
    if book is None:
        return Book(score="none", number=-1.0, page="")
    page = page_of(pages, book.notebook)
    if book.missing:
        return Book(score="not handed in", number=-1.0, page=page)
    if book.refused:
        return Book(score="not run", number=-1.0, page=page)
    return Book(score=amount(book.earned), number=book.earned, page=page)


def _notable(report: Report) -> Iterator[str]:
    """What a reader should know about a student, in short phrases; the most urgent first."""
    if report.notebooks and all(book.missing for book in report.notebooks):
        yield "nothing was handed in"
        return
    for book in report.notebooks:
        yield from (roster.reason(book, cell) for cell in book.needs_person)
    for book in report.notebooks:
        if roster.unread(book):
            yield f"{plain(book.notebook, NAME)} could not be read"
    if any(died(book) for book in report.notebooks):
        yield DIED
    for book in report.notebooks:
        for each in book.timings.exceeded:
            name = LIMITS[each.limit][0] if each.limit in LIMITS else plain(each.limit, NAME)
            yield f"limit: {name}"
    if broken := sum(map(_broken, report.notebooks)):
        yield f"{broken} cell{'s' * (broken != 1)} did not end well"
    for book in report.notebooks:
        yield from (_NOTES[note.code] for note in book.notes if note.code in _NOTES)


def _broken(book: NotebookReport) -> int:
    """How many cells did not end well, but for one that ended the kernel, of which more is said."""
    return sum(run.status not in (CellStatus.OK, CellStatus.NOT_RUN, CellStatus.DIED) for run in book.cells)
