"""A worksheet or a gradebook of Moodle's, with one assignment's scores filled in.

The offline grading worksheet, as `mod/assign/gradingtable.php` of moodle/moodle writes it, has a row for each
participant: `Identifier` ("Participant 123", in the site's language), names where they are shown, `Status`, `Grade`,
right after it `Maximum Grade` (or `Scale`, where grades are words), `Grade can be changed`, and the times by which
Moodle sees what was changed since. The number is the assignment's own, and the one in its zip of submissions.

The gradebook's export has no such number. Its columns are names, an e-mail address, and `Assignment: Title (Real)`.
"""

from __future__ import annotations

import re

from referee.errors import UsageError
from referee.exports.canvas import same_name
from referee.exports.filling import Filled, Target, Wishes, chosen, fill, no_column
from referee.exports.interface import ExportedClass
from referee.exports.matching import Row, match
from referee.exports.sheet import Line, Sheet, number, read
from referee.feedback.text import plain

_IDENTIFIER, _GRADE, _MOST, _CHANGEABLE = "Identifier", "Grade", "Maximum Grade", "Grade can be changed"
_PARTICIPANT = re.compile(r"(?P<word>[^0-9]{3,}?)(?P<number>[0-9]{1,20})\s*")
_KEYS = ("ID number", "Username", "Email address")
_NAMES = (("Full name",), ("First name", "Last name"), ("First name", "Surname"))
_ITEM = re.compile(r"[^:]{1,80}:\s*(?P<title>.+?)\s*(?:\((?P<shown>[^()]*)\))?\s*", re.DOTALL)
_NOBODY = "download this assignment's grading worksheet, or name the column of the folders' names with --id-column"
_NOBODY_THERE = (
    "the numbers in folders' names are of the assignment, and this is the gradebook's export: download the assignment's"
    " grading worksheet, or name the column that holds the folders' names with --id-column"
)
_NO_NUMBERS = ("percentage", "letter", "feedback")


def write(klass: ExportedClass, content: bytes, name: str, wishes: Wishes) -> tuple[Filled, bytes]:
    """The worksheet or gradebook with the scores of a class; every byte but the changed scores is as it was.

    Raises
    ------
    UsageError : it is no such file, has no one column for the scores, or other points; or it repeats a person,
        or has none of the class.
    """
    sheet = read(content, name)
    ids = _ids(sheet, wishes.id_column)
    worksheet = ids is not None and _is_worksheet(sheet, ids)
    target = _worksheet(sheet, wishes.column) if worksheet else _gradebook(sheet, klass.assignment, wishes.column)
    rows = [_row(sheet, at, ids, worksheet) for at, line in enumerate(sheet.lines) if at and line.raw]
    told = [row for row in rows if row.number or row.keys]
    matched = match(klass.students, told, "moodle", names=not wishes.id_column)
    collected = any(student.lms == "moodle" for student in klass.students)
    return fill(sheet, target, matched, wishes, _NOBODY_THERE if collected and not worksheet else _NOBODY)


def _ids(sheet: Sheet, name: str) -> int | None:
    """The column that tells who is who; None where the gradebook's own do. Raises `UsageError` where none does."""
    if name or _IDENTIFIER in sheet.header:
        return chosen(sheet, name or _IDENTIFIER, "who is who", range(len(sheet.header)), "--id-column")
    if not set(_KEYS) & set(sheet.header):
        raise no_column(sheet, "a column that tells who is who", "none", range(len(sheet.header)), "--id-column")
    return None


def _is_worksheet(sheet: Sheet, ids: int) -> bool:
    """Whether a column is that of a worksheet: the first one, and in each row one word with a number."""
    found = [_PARTICIPANT.fullmatch(line.value(ids)) for line in sheet.lines[1:] if line.raw]
    words = {each["word"] if each else "" for each in found}
    return sheet.header[ids] == _IDENTIFIER or (ids == 0 and len(words) == 1 and "" not in words)


def _worksheet(sheet: Sheet, name: str) -> Target:
    """The column `Grade`, and the maximum right after it."""
    column = chosen(sheet, name or _GRADE, "the grades", range(len(sheet.header)), "--column")
    most = sheet.header.index(_MOST) if _MOST in sheet.header else column + 1
    lines = ((at, line) for at, line in enumerate(sheet.lines) if at and most < len(line.raw) <= len(sheet.header))
    values = {at: line.value(most) for at, line in lines}
    possible = {at: points for at, value in values.items() if (points := number(value)) is not None}
    if most >= len(sheet.header) or values.keys() != possible.keys():
        header = plain(sheet.header[most], 80) if most < len(sheet.header) else "no such column"
        wanted = f"a number in every row of {_MOST!r}, right after the grades"
        raise UsageError(wanted, f"{header}: not in every row", "an assignment that is graded in words takes no points")
    return Target(column=column, possible=possible, marks=(most,), notes=_about_locks(sheet))


def _about_locks(sheet: Sheet) -> tuple[str, ...]:
    if _CHANGEABLE in sheet.header:
        return ()
    return (f"the file has no column {_CHANGEABLE!r}: a grade that Moodle has locked is written, and Moodle skips it",)


def _gradebook(sheet: Sheet, assignment: str, name: str) -> Target:
    """The column of an assignment in the gradebook's export, which says nothing of its points."""
    items = {at: each for at, header in enumerate(sheet.header) if (each := _ITEM.fullmatch(header))}
    real = {at: each for at, each in items.items() if (each["shown"] or "").casefold() not in _NO_NUMBERS}
    if name:
        column = chosen(sheet, name, "the grades", real, "--column")
    else:
        found = [at for at, each in real.items() if same_name(assignment, each["title"])]
        if len(found) != 1:
            wanted, there = f"a column of the assignment {assignment!r}", str(len(found)) if found else "none"
            raise no_column(sheet, wanted, there, found or list(real), "--column")
        column = found[0]
    note = "this export does not say how many points the column has: ours are written as they are"
    return Target(column=column, notes=(note,))


def _row(sheet: Sheet, at: int, ids: int | None, worksheet: bool) -> Row:
    line = sheet.lines[at]
    found = _PARTICIPANT.fullmatch(line.value(ids)) if ids is not None and worksheet else None
    keys = [ids] if ids is not None else [sheet.header.index(key) for key in _KEYS if key in sheet.header]
    names = next((each for each in _NAMES if set(each) <= set(sheet.header)), ())
    return Row(
        line=at,
        name=" ".join(filter(None, (line.value(sheet.header.index(name)).strip() for name in names))),
        number=found["number"] if found else "",
        keys=tuple(filter(None, (line.value(key).strip() for key in keys))),
        locked=_locked(sheet, line),
    )


def _locked(sheet: Sheet, line: Line) -> str:
    if _CHANGEABLE in sheet.header and line.value(sheet.header.index(_CHANGEABLE)).strip().casefold() == "no":
        return "Moodle says that its grade cannot be changed"
    return ""
