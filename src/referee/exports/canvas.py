"""An instructor's own export of Canvas's gradebook, with one assignment's scores filled in.

What the file is, as `lib/gradebook_exporter.rb` of instructure/canvas-lms writes it: a header with `Student` (or
`LastName`, `FirstName`), `ID`, `SIS User ID` and others where they are wanted, `Section`, a column `Title (id)` for
each assignment, and totals; a row of nobody where scores are posted by hand ("Manual Posting"); a row that begins with
"    Points Possible", in which the columns that nobody can import are "(read only)"; and a row for each student, at the
end the one of Canvas's own test student. A cell is a number, empty, `EX` (excused) or `N/A` (not assigned).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from referee.errors import UsageError
from referee.exports.filling import Filled, Target, Wishes, chosen, fill, no_column
from referee.exports.interface import ExportedClass
from referee.exports.matching import Row, match
from referee.exports.sheet import Line, Sheet, number, read
from referee.feedback.text import plain

_ASSIGNMENT = re.compile(r"(?P<title>.*\S)\s*\((?P<id>[0-9]{1,20})\)\s*", re.DOTALL)
_ID = "ID"
_KEYS = ("SIS Login ID", "SIS User ID", "Integration ID")
_NAMES = (("Student",), ("LastName", "FirstName"))
_KEPT = {"EX": "excused in Canvas", "N/A": "not assigned to this student in Canvas"}
_TEST = ("Student, Test", "Test Student")
_POINTS = "points possible"
_NOBODY = "export this course's gradebook, or name the column that holds the folders' names with --id-column"


def write(klass: ExportedClass, content: bytes, name: str, wishes: Wishes) -> tuple[Filled, bytes]:
    """The gradebook with the scores of a class; every byte but the changed scores is as it was.

    Raises
    ------
    UsageError : it is no such file, has no one column for the assignment, or other points; or it repeats a person,
        or has none of the class.
    """
    sheet = read(content, name)
    column = _column(sheet, klass.assignment, wishes.column)
    target = _target(sheet, column)
    ids = chosen(sheet, wishes.id_column or _ID, "who is who", range(len(sheet.header)), "--id-column")
    rows = _rows(sheet, column, ids)
    matched = match(klass.students, rows, "canvas", names=not wishes.id_column)
    return fill(sheet, target, matched, wishes, _NOBODY)


def title(header: str) -> str | None:
    """The title of an assignment whose column this is; None for any other column.

    >>> title("Convolution (12345)"), title("Final Score")
    ('Convolution', None)
    """
    found = _ASSIGNMENT.fullmatch(header)
    return found["title"] if found else None


def same_name(ours: str, theirs: str) -> bool:
    """Whether two names differ in case and in what separates words alone.

    >>> same_name("cnn_mnist", "CNN MNIST"), same_name("cnn", "cnn2")
    (True, False)
    """
    return _folded(ours) == _folded(theirs) != ""


def _folded(name: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))


def _column(sheet: Sheet, assignment: str, name: str) -> int:
    """The assignment's column: as it is named, else the only one with the assignment's name."""
    titles = {column: each for column, header in enumerate(sheet.header) if (each := title(header)) is not None}
    if name:
        exact = [column for column in titles if sheet.header[column].strip() == name.strip()]
        found = exact or [column for column, each in titles.items() if each.strip() == name.strip()]
    else:
        found = [column for column, each in titles.items() if same_name(assignment, each)]
    if len(found) == 1:
        return found[0]
    wanted = f"a column of the assignment {plain(name or assignment)!r}"
    raise no_column(sheet, wanted, str(len(found)) if found else "none", found or list(titles), "--column")


def _is_points(line: Line) -> bool:
    return line.value(0).strip().casefold().startswith(_POINTS)


def _target(sheet: Sheet, column: int) -> Target:
    """The column and its points. Raises `UsageError` for one that Canvas does not import."""
    row = next(filter(_is_points, sheet.lines[1:]), None)
    said = row.value(column).strip() if row else ""
    possible = number(said)
    if said and possible is None:
        wanted, found = "a column that Canvas imports", f"{plain(sheet.header[column])}: {plain(said)}"
        raise UsageError(wanted, found, "name an assignment's column with --column")
    notes = () if said else ("the file does not say how many points the column has: ours are written as they are",)
    return Target(column=column, default=possible, notes=notes)


def _rows(sheet: Sheet, column: int, ids: int) -> list[Row]:
    """The rows of persons: those with a number or a name that are not the one of the points.

    Only `ID` holds Canvas's numbers: what stands in another column that was named is compared with folders' names.
    """
    header = {name.strip(): at for at, name in reversed(list(enumerate(sheet.header)))}
    names = next(([header[part] for part in each] for each in _NAMES if header.keys() >= set(each)), [])
    numbered = sheet.header[ids].strip() == _ID
    keys = [header[key] for key in _KEYS if key in header] if numbered else [ids]
    rows = (
        Row(
            line=at,
            name=" ".join(_values(line, names)),
            number=line.value(ids).strip() if numbered else "",
            keys=_values(line, keys),
            locked=_locked(line, names, column),
        )
        for at, line in enumerate(sheet.lines)
        if at and not _is_points(line)
    )
    return [row for row in rows if row.number or row.name or row.keys]


def _values(line: Line, columns: Iterable[int]) -> tuple[str, ...]:
    return tuple(value for column in columns if (value := line.value(column).strip()))


def _locked(line: Line, names: list[int], column: int) -> str:
    if any(line.value(each).strip() in _TEST for each in names[:1]):
        return "Canvas's test student"
    return _KEPT.get(line.value(column).strip().upper(), "")
