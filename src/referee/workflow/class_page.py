"""`referee report`: the page about a class, from its reports, its submissions and what persons gave.

Nothing here takes the course's lock: every report lies there whole or not at all, so that a page can be made while a
class is being graded. What was read once is kept for as long as its file stays the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from referee import authoring
from referee.batch import store
from referee.classroom import page
from referee.classroom.interface import Likeness, Overview
from referee.classroom.overview import address, overview
from referee.classroom.similar import Prints, likeness
from referee.classroom.tokens import all_grams, fingerprints
from referee.course import Course, resolved
from referee.errors import RefereeError, UsageError
from referee.report import Report
from referee.workflow import handed
from referee.workflow.out import require_file, write_out
from referee.workflow.persons import Given, given_by_persons, with_manual_scores

_PAUSE = 1.0  # seconds between two looks at the files
_REST, _LONGEST_REST = 5.0, 10.0  # times as long as making a page took, and so many seconds at most, no other is made:
# a class may be being graded beside it. The first page reads everything and tells nothing about the next.
_NAMELESS = "-"  # the version of a page that has no name yet: the name is made of its content


class _Code(NamedTuple):
    """A student's own code in a notebook: its fingerprints, and a hash of every byte of it."""

    prints: frozenset[int]
    exact: str


@dataclass
class ClassPage:
    """What there is on disk about one assignment, read again only where a file has changed.

    database : the gradebook's URL; the course's own by default, where there is one.
    Raises `UsageError` for an assignment that there is not.
    """

    course: Course
    assignment: str
    database: str | None = None
    _reports: dict[Path, tuple[authoring.Stamp, Report | None]] = field(default_factory=dict)
    _prints: dict[tuple[Path, authoring.Stamp, handed.Handout], _Code | None] = field(default_factory=dict)
    _stamps: dict[Path, authoring.Stamp] = field(default_factory=dict)
    _alike: tuple[Likeness, ...] = ()

    def __post_init__(self) -> None:
        self._exercises = self.course.exercises(self.assignment)

    @property
    def folder(self) -> Path:
        return self.course.root / "reports" / self.assignment

    def stamps(self) -> dict[Path, authoring.Stamp]:
        """What changes where the page may have to: the reports, and the gradebook in which persons give scores."""
        book = self.course.gradebook
        return self.files() if book is None else {**self.files(), book: authoring.stamp(book)}

    def files(self) -> dict[Path, authoring.Stamp]:
        """The reports that there are, each with what changes when it is written again."""
        try:
            paths = [Path(entry.path) for entry in os.scandir(self.folder) if _is_report(entry)]
        except OSError:  # no folder yet
            return {}
        stamps = ((path, authoring.stamp(path)) for path in sorted(paths))
        return {path: stamp for path, stamp in stamps if stamp is not None}

    def overview(self, pages: Callable[[str], str]) -> Overview:
        """The content of the page; `pages` says where it finds the folder of a student's pages."""
        files = self.files()
        read = {path: self._report(path, stamp) for path, stamp in files.items()}
        self._reports = {path: (files[path], report) for path, report in read.items()}
        given, unknown = self._given()
        reports = [with_manual_scores(report, given) for report in read.values() if report is not None]
        graded = {path.stem for path in files}
        return overview(
            reports,
            self.assignment,
            course=self.course.policy.name,
            likeness=self._likeness(),
            pages=pages,
            unreadable=[path.name for path, report in read.items() if report is None],
            unknown=unknown,
            waiting=[student for student in self.course.submitted(self.assignment) if student not in graded],
        )

    def _given(self) -> tuple[Given, str]:
        """What persons gave in the formgrader, or why that is not known."""
        try:
            return given_by_persons(self.course, self.assignment, self.database), ""
        except RefereeError as error:  # not recorded yet, or being written to just now: the rest is as true
            return {}, f"{error.wanted}: {error.found}"

    def leads(self) -> Iterator[tuple[str, str]]:
        """The students' pages to which the last page leads: student and notebook."""
        for _, report in self._reports.values():
            if report is not None:
                yield from ((report.student, book.notebook) for book in report.notebooks)

    def _report(self, path: Path, stamp: authoring.Stamp) -> Report | None:
        """A report without its recordings, of which a class may have gigabytes."""
        known = self._reports.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        report = store.read_report(path, path.stem)
        return None if report is None or report.assignment != self.assignment else report.without_answers()

    def _likeness(self) -> tuple[Likeness, ...]:
        """How similar the own code of students is, notebook by notebook; the same for as long as no file changes."""
        files = list(handed.files(self.course, self.assignment))
        stamps = {path: authoring.stamp(path) for _, _, path in files}
        stamps |= {exercise.released: authoring.stamp(exercise.released) for exercise in self._exercises}
        if stamps != self._stamps:
            self._alike, self._stamps = self._compared(files, stamps), stamps
        return self._alike

    def _compared(
        self, files: Sequence[tuple[str, str, Path]], stamps: Mapping[Path, authoring.Stamp]
    ) -> tuple[Likeness, ...]:
        given = {exercise.notebook: handed.given(exercise) for exercise in self._exercises}
        found: dict[str, dict[str, _Code]] = {name: {} for name in given}
        unread = dict.fromkeys(given, 0)
        fresh: dict[tuple[Path, authoring.Stamp, handed.Handout], _Code | None] = {}
        for student, name, path in files:
            key = (path, stamps[path], given[name])
            if key not in self._prints:
                cells = handed.own_cells(path, given[name])
                self._prints[key] = None if cells is None else _Code(fingerprints(cells), _exact(cells))
            code = fresh[key] = self._prints[key]
            if code is None:
                unread[name] += 1
            else:
                found[name][student] = code
        self._prints = fresh
        return tuple(
            likeness(
                name,
                Prints(
                    students={student: code.prints for student, code in codes.items()},
                    base=all_grams(given[name].sources),
                    unread=unread[name],
                    codes={student: code.exact for student, code in codes.items()},
                ),
            )
            for name, codes in found.items()
        )


def _exact(cells: Sequence[str]) -> str:
    """The same for the same cells to the byte, in the same order, and for no others."""
    return hashlib.sha256(repr(tuple(cells)).encode("utf-8", "replace")).hexdigest()


def _is_report(entry: os.DirEntry[str]) -> bool:
    with contextlib.suppress(OSError):  # a circle of links: no report, and no reason to leave the others out
        return entry.name.endswith(".json") and not entry.name.startswith(".") and entry.is_file()
    return False


def write_class_page(
    course: Course, assignment: str, out: Path | None = None, database: str | None = None
) -> tuple[Path, Overview]:
    """Write the page about a class: to `out`, else beside the folder of its reports; `database` is the gradebook's URL.

    Raises
    ------
    UsageError : no such assignment, nothing graded yet, or a folder where the file should be.
    NoRoom : nothing can be written there.
    """
    there = ClassPage(course, assignment, database)
    require_reports(there)
    path = out.absolute() if out is not None else course.root / "reports" / f"{assignment}.html"
    require_file(path, "class.html")
    here = path.parent.resolve()
    shown = there.overview(lambda student: _url(os.path.relpath(resolved(course.feedback, student, assignment), here)))
    text = page.render(shown).encode("utf-8", "replace")
    if out is not None:
        write_out(path, text, durable=False)
    else:
        with store.no_room(path.parent):
            store.replace(path, text, durable=False)
        store.sweep_reports(course)
    return path, shown


def _url(path: str) -> str:
    return quote(Path(path).as_posix(), errors="replace")


def require_reports(there: ClassPage) -> None:
    """Raise `UsageError` where nothing is graded yet."""
    if not there.files():
        raise UsageError(f"reports in {there.folder}", "none", f"grade first: `referee grade {there.assignment}`")


class LivePage:
    """The page about a class as it is now, for `classroom.serving`. Nothing is written.

    It may be there before anybody is graded, and before anybody has handed in. Raises `UsageError` for an assignment
    that there is not.
    """

    def __init__(self, course: Course, assignment: str, database: str | None = None) -> None:
        self._there = ClassPage(course, assignment, database)
        self._lock = threading.Lock()
        self._looked = self._not_before = 0.0
        self._stamps: dict[Path, authoring.Stamp] | None = None
        self._leads: frozenset[tuple[str, str]] = frozenset()
        self._made = ("", b"")
        self._refresh()

    def version(self) -> str:
        self._refresh()
        return self._made[0]

    def page(self) -> bytes:
        self._refresh()
        return self._made[1]

    def student_page(self, parts: tuple[str, ...]) -> Path | None:
        """The page of a student's notebook, if there is a report on it."""
        if len(parts) != 4 or parts[0] != "feedback" or not parts[3].endswith(".html"):
            return None
        student, notebook = parts[1], parts[3].removesuffix(".html")
        if parts[2] != self._there.assignment or (student, notebook) not in self._leads:
            return None
        if any(name in ("", ".", "..") or "/" in name or "\0" in name for name in (student, notebook)):
            return None
        return resolved(self._there.course.feedback, student, parts[2]) / f"{notebook}.html"

    def _pages(self, student: str) -> str:
        """Where the server finds a student's pages, whatever their folder is called on the disk."""
        return address("feedback", student, self._there.assignment)

    def _refresh(self) -> None:
        """Make the page anew where reports have changed; whoever asks meanwhile gets the one from before."""
        if not self._lock.acquire(blocking=not self._made[0]):
            return
        try:
            now = time.monotonic()
            if self._made[0] and (now < self._not_before or now - self._looked < _PAUSE):
                return
            self._looked = now
            stamps = self._there.stamps()
            if stamps != self._stamps:
                first = self._stamps is None
                self._make()
                self._stamps = stamps
                ended = time.monotonic()
                self._not_before = ended if first else ended + min(_REST * (ended - now), _LONGEST_REST)
        except (RefereeError, OSError):  # somebody changes the course just now: the page from before stands
            if not self._made[0]:
                raise
        finally:
            self._lock.release()

    def _make(self) -> None:
        nameless = page.render(self._there.overview(self._pages), live=_NAMELESS)
        version = hashlib.sha256(nameless.encode("utf-8", "replace")).hexdigest()[:16]
        named = nameless.replace(f'data-live="{_NAMELESS}"', f'data-live="{version}"', 1)  # the first is the page's own
        self._leads = frozenset(self._there.leads())
        self._made = version, named.encode("utf-8", "replace")
