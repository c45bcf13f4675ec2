"""CSV for a spreadsheet: a row for each student, and no cell that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from referee.exports.interface import ExportedClass, ExportedStudent, state
from referee.feedback.text import amount, plain

_ACTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LATE = {True: "yes", False: "no", None: ""}


def write(klass: ExportedClass) -> bytes:
    """The class in UTF-8, with commas and CRLF: student, earned, points, waiting, late, and each notebook's score.

    A notebook that was not handed in, or not run, has an empty cell. Points have two decimals at most, with a point.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["student", "earned", "points", "waiting", "late", *map(harmless, klass.notebooks)])
    writer.writerows(_row(student, klass.notebooks) for student in klass.students)
    return file.getvalue().encode()


def harmless(text: str) -> str:
    """A text of one line that no spreadsheet computes: one that begins like a formula gets an apostrophe in front.

    >>> harmless("=1+1"), harmless("Doe, Jane")
    ("'=1+1", 'Doe, Jane')
    """
    shown = plain(text)
    return f"'{shown}" if shown.startswith(_ACTS) else shown


def _row(student: ExportedStudent, notebooks: Iterable[str]) -> list[str]:
    report, late = student.report, _LATE[student.late]
    scores = {book.notebook: amount(book.earned) for book in report.notebooks if state(book) == "graded"}
    numbers = map(amount, (report.earned, report.points, student.waiting))
    return [harmless(student.student), *numbers, late, *(scores.get(name, "") for name in notebooks)]
