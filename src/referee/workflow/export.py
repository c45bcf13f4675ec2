"""`referee export`: the reports of a class, as persons completed them, in the format of another program."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypedDict, Unpack

import msgspec

from referee import authoring
from referee.batch import store
from referee.collect.note import read_note
from referee.course import Course
from referee.errors import SubmissionError, UsageError
from referee.exports import canvas, data, filling, github, gradescope, junit, moodle, table
from referee.exports.anchors import Place
from referee.exports.interface import ExportedClass, ExportedStudent
from referee.exports.matching import Left
from referee.exports.outcome import FILLING, Exported, Format
from referee.exports.sheet import MOST_BYTES
from referee.feedback.interface import Policy
from referee.feedback.text import plain
from referee.lock import locked
from referee.report import Report
from referee.sandbox.limits import Limits
from referee.workflow import actions, handing_back
from referee.workflow.out import require_file, require_folder, write_out
from referee.workflow.pages import disclosure, refresh_pages, write_pages
from referee.workflow.persons import Given, given_by_persons, with_manual_scores
from referee.workflow.ready import Progress

_ENDINGS = {"canvas": "csv", "moodle": "csv", "junit": "xml", "github": "md"}
_NUMBERED = re.compile(r"(?P<name>.*)_(?P<number>[0-9]{1,20})", re.DOTALL)


class ExportWishes(TypedDict, total=False):
    """What is to be written, and how.

    out : the file, or for gradescope the folder; standard output by default.   file : the instructor's own export.
    column, id_column, scale, partial : see `referee.exports.filling.Wishes`.
    dry_run : write nothing.   database : the gradebook's URL.
    """

    out: Path | None
    file: Path | None
    column: str
    id_column: str
    scale: bool
    partial: bool
    dry_run: bool
    database: str | None


@dataclass(frozen=True)
class Export:
    """What an export came to, and what of it is for standard output: a text, and commands for a runner."""

    said: Exported
    text: bytes = b""
    commands: tuple[str, ...] = ()


def export_assignment(
    course: Course, assignment: str, kind: Format, *, progress: Progress, **wishes: Unpack[ExportWishes]
) -> Export:
    """Write the results of an assignment in a format.

    Raises
    ------
    UsageError : no such assignment, nothing graded yet, an option that this format does not take or lacks, or an
        instructor's file that cannot be filled.   GradebookError : what persons gave cannot be read.
    """
    course.exercises(assignment)
    _require_fitting(kind, wishes)
    given = _manual_scores(course, assignment, wishes.get("database"), progress)
    klass, said = _gathered(course, assignment, given)
    said = msgspec.structs.replace(said, format=kind, dry_run=wishes.get("dry_run", False))
    return _WRITE[kind](_Work(course, assignment, wishes, klass, said))


@dataclass(frozen=True)
class _Work:
    """One export under way."""

    course: Course
    assignment: str
    wishes: ExportWishes
    klass: ExportedClass
    said: Exported

    @property
    def out(self) -> Path | None:
        return self.wishes.get("out")

    def policy(self, notebook: str) -> Policy:
        """What the readers of a notebook's results may see now."""
        return disclosure(self.course, self.assignment, notebook)

    def text(self, text: bytes) -> Export:
        """Put a text where it goes: into the file, or to standard output."""
        if self.said.dry_run or self.out is None:
            return self.end(text=b"" if self.said.dry_run else text)
        write_out(self.out, text)
        return self.end(out=str(self.out), files=1)

    def end(self, *, text: bytes = b"", **more: Any) -> Export:
        return Export(msgspec.structs.replace(self.said, **more), text)


def _csv(work: _Work) -> Export:
    return work.text(table.write(work.klass))


def _json(work: _Work) -> Export:
    return work.text(data.write(work.klass))


def _junit(work: _Work) -> Export:
    return work.text(junit.write(work.klass, work.policy))


def _gradescope(work: _Work) -> Export:
    """A folder for each student, with the file that Gradescope's autograder would leave."""
    texts = {each.student: gradescope.write(each, work.policy) for each in work.klass.students}
    if work.out is None or work.said.dry_run:
        return work.end()
    for student, text in texts.items():
        store.replace(work.out / student / "results.json", text, durable=False)
    return work.end(out=str(work.out), files=len(texts))


def _github(work: _Work) -> Export:
    """The summary goes to a file: --out, else the step's; annotations are lines for the runner to read."""

    def find(student: str, notebook: str) -> Place:
        return actions.place_of(work.course.submission(student, work.assignment) / f"{notebook}.ipynb")

    in_step = work.out is None and not work.said.dry_run and actions.summary_file() is not None
    room = actions.room() if in_step else github.SUMMARY_BYTES
    job = github.write(work.klass, work.policy, find, room)
    if in_step and actions.write_summary(job):
        done = work.end(out=str(actions.summary_file()), files=1)
    else:
        done = work.text(job.summary.encode())
    return replace(done, commands=() if work.said.dry_run else job.commands)


def _filled(work: _Work) -> Export:
    """An instructor's own file with the scores in it; it is changed itself only where --out names it."""
    file, wishes, kind = work.wishes.get("file"), work.wishes, work.said.format
    if file is None or not file.is_file():
        raise UsageError(f"an export of {kind.title()}'s gradebook", f"no file {file}", "give its path with --file")
    how = filling.Wishes(
        column=wishes.get("column", ""),
        id_column=wishes.get("id_column", ""),
        scale=wishes.get("scale", False),
        partial=wishes.get("partial", False),
    )
    write = canvas.write if kind == "canvas" else moodle.write
    with file.open("rb") as content:
        filled, text = write(work.klass, content.read(MOST_BYTES + 1), plain(file.name), how)
    done = work.text(text)
    return replace(done, said=msgspec.structs.replace(done.said, filled=filled))


def _nbgrader(work: _Work) -> Export:
    """Every page as it should be by now, with what `nbgrader release_feedback` needs beside it."""
    course, assignment = work.course, work.assignment
    names = [student.student for student in work.klass.students]
    why = {name: reason for name in names if (reason := handing_back.why_not(course, assignment, name))}
    left = tuple(Left(kind="student", who=plain(name), why=reason) for name, reason in why.items())
    if work.said.dry_run:
        return work.end(left=left)
    with locked(course, f"referee export {assignment}"):
        store.sweep(course, assignment)
        for student in work.klass.students:
            (write_pages if student.by_person else refresh_pages)(course, student.report)
    pages = sum(len(student.report.notebooks) for student in work.klass.students)
    return work.end(left=left, out=str(course.root / "feedback"), files=pages)


_WRITE: Mapping[Format, Callable[[_Work], Export]] = {
    "csv": _csv,
    "json": _json,
    "canvas": _filled,
    "moodle": _filled,
    "gradescope": _gradescope,
    "junit": _junit,
    "github": _github,
    "nbgrader": _nbgrader,
}


def _require_fitting(kind: Format, wishes: ExportWishes) -> None:
    """Raise `UsageError` for an option that a format lacks, or that it would not look at."""
    file, out, dry = wishes.get("file"), wishes.get("out"), wishes.get("dry_run", False)
    fills = kind in FILLING
    if fills and file is None:
        raise UsageError(f"your own export of {kind.title()}'s gradebook", "none", "name it with --file")
    if fills and out is None and not dry:
        raise UsageError(
            "a place for the filled file", "none", f"say --out FILE, or --dry-run; {file} may be FILE, too"
        )
    if kind == "gradescope" and out is None and not dry:
        raise UsageError("a folder for the results", "none", "say --out FOLDER")
    if kind == "nbgrader" and out is not None:
        raise UsageError("pages where nbgrader looks for them, in feedback/", f"--out {out}", "leave --out out")
    if out is not None and kind == "gradescope":
        require_folder(out)
    elif out is not None:
        require_file(out, f"scores.{_ENDINGS.get(kind, kind)}")
    names = ("file", "column", "id_column", "scale", "partial")
    useless = [f"--{name.replace('_', '-')}" for name in names if wishes.get(name)]
    if useless and not fills:
        raise UsageError("options of this format", ", ".join(useless), "they go with --to canvas and --to moodle")


def _gathered(course: Course, assignment: str, given: Given) -> tuple[ExportedClass, Exported]:
    """Everybody with a report, as `referee grade` shows them. Raises `UsageError` where there is nobody."""
    folder, students, unread = course.root / "reports" / assignment, list[ExportedStudent](), list[str]()
    for path in sorted(folder.glob("*.json")):
        report = store.read_report(path, path.stem)
        if report is None:
            unread.append(plain(path.stem))
        else:  # one recording at a time: a class may have gigabytes
            students.append(_student(course, report.without_answers(), given))
    if not students:
        found = "none that can be read" if unread else "none"
        raise UsageError(f"reports on {assignment} in {folder}", found, f"run `referee grade {assignment}`")
    there = {student.student for student in students}
    ungraded = tuple(plain(name) for name in course.submitted(assignment) if name not in there)
    klass = ExportedClass(assignment=assignment, students=tuple(students), course=course.policy.name)
    said = Exported(
        assignment=assignment,
        format="csv",
        students=len(students),
        unread=tuple(unread),
        ungraded=tuple(name for name in ungraded if name not in unread),
        stale=tuple(plain(each.student) for each in students if _handed_in_since(course, each.report)),
    )
    return klass, said


def _handed_in_since(course: Course, report: Report) -> bool:
    """Whether a notebook that lies there is another one than was graded."""
    folder = course.submission(report.student, report.assignment)
    for book in report.notebooks:
        with contextlib.suppress(SubmissionError, OSError):  # it is not there by this name, or is no file
            content = authoring.submitted_bytes(folder / f"{book.notebook}.ipynb", Limits().submission_bytes)
            if hashlib.sha256(content).hexdigest() != book.fingerprint:
                return True
    return False


def _manual_scores(course: Course, assignment: str, database: str | None, progress: Progress) -> Given:
    """What persons gave; nothing where nothing was ever recorded here, which is said."""
    path = course.gradebook
    if database is None and path is not None and not path.is_file():
        progress(f"no gradebook at {path}: without what persons gave; name another one with --db")
        return {}
    return given_by_persons(course, assignment, database)


def _student(course: Course, report: Report, given: Given) -> ExportedStudent:
    note = read_note(course.submission(report.student, report.assignment))
    lms = note.kind if note is not None else ""
    numbered = _NUMBERED.fullmatch(report.student) if lms in FILLING else None
    named = numbered is not None and (lms, numbered["name"]) != ("canvas", "anon")  # an anonymous id is no user's
    late = any(remark.code == "late" for book in report.notebooks for remark in book.notes)
    cells = {(book.notebook, cell.grade_id) for book in report.notebooks for cell in book.graded}
    return ExportedStudent(
        student=report.student,
        report=with_manual_scores(report, given),
        by_person=tuple(sorted(cell for cell in cells if (report.student, *cell) in given)),
        late=True if late else note.late if note is not None else None,
        lms=lms,
        name=numbered["name"] if numbered and named else "",
        number=numbered["number"] if numbered and named else "",
    )
