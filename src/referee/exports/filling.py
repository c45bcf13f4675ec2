"""One column of an LMS's file filled with the scores of a class; what is not changed, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from referee.errors import UsageError
from referee.exports.interface import ExportedStudent, rounded
from referee.exports.matching import Left, Matched, Row
from referee.exports.sheet import Sheet, decimal_mark, number
from referee.feedback.text import amount, counted, plain
from referee.report import Record

_MOST = 20  # columns in one message
_FEW = 3  # students in one message


class Change(Record, frozen=True):
    """One score that changes; `row` counts the rows of the file from 1, the header too."""

    student: str
    row: int
    old: str
    new: str


class Filled(Record, frozen=True):
    """What filling a column came to.

    column : its header.   possible : the points that the LMS has for it; None where the file does not say.
    same : how many rows have their score already.   left : students and rows that were left alone, with the reasons.
    scale : how scores were scaled; empty where they were not.   notes : what could not be checked.
    """

    column: str
    possible: float | None
    changes: tuple[Change, ...]
    same: int
    left: tuple[Left, ...]
    scale: str = ""
    notes: tuple[str, ...] = ()


class Wishes(Record, frozen=True):
    """How a column is to be filled.

    column, id_column : headers, where the file's own names do not say.
    scale : a score is scaled to the points that the LMS has.   partial : write scores of which a part still waits.
    """

    column: str = ""
    id_column: str = ""
    scale: bool = False
    partial: bool = False


class Target(Record, frozen=True):
    """The column to fill; what the LMS has for its points (by line, where rows differ); which columns show decimals."""

    column: int
    possible: dict[int, float] = {}
    default: float | None = None
    marks: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, row: Row) -> float | None:
        return self.possible.get(row.line, self.default)


def fill(sheet: Sheet, target: Target, matched: Matched, wishes: Wishes, nobody: str) -> tuple[Filled, bytes]:
    """The file with scores in a column, and what changed. `nobody` says what to do where no row is anybody's.

    Raises
    ------
    UsageError : no student has a row; or the LMS has other points for the assignment, and nobody said that scores are
        to be scaled.
    """
    if not matched.pairs:
        raise _nobody(sheet, matched.left, nobody)
    scale = _scale(sheet, target, matched, wishes)
    mark = decimal_mark(sheet, (target.column, *target.marks))
    changes, left, same = list[Change](), list(matched.left), 0
    for student, row in matched.pairs:
        old = sheet.lines[row.line].value(target.column)
        if why := _why_not(sheet, target, student, row, wishes):
            left.append(Left(kind="student", who=plain(student.student), why=why))
            continue
        score = rounded(_score(student, target.of(row), wishes))
        if number(old) == score:
            same += 1
            continue
        new = amount(score).replace(".", mark)
        changes.append(Change(student=plain(student.student), row=row.line + 1, old=plain(old, 80), new=new))
    for row in matched.free:
        why = _uneven(sheet, target, row) or row.locked or "no submission with a report"
        left.append(Left(kind="row", who=row.shown, why=why))
    even = (row for _student, row in matched.pairs if not _uneven(sheet, target, row))
    possible = [each for row in even if (each := target.of(row)) is not None]
    filled = Filled(
        column=plain(sheet.header[target.column]),
        possible=possible[0] if possible else target.default,
        changes=tuple(changes),
        same=same,
        left=tuple(left),
        scale=scale,
        notes=target.notes,
    )
    return filled, sheet.written({(change.row - 1, target.column): change.new for change in changes})


def chosen(sheet: Sheet, name: str, what: str, among: Iterable[int], option: str) -> int:
    """The one column with this header. Raises `UsageError`, which lists the columns, where there is not one."""
    among = list(among)
    found = [column for column in among if sheet.header[column].strip() == name.strip()]
    if len(found) == 1:
        return found[0]
    raise no_column(sheet, what, f"{len(found)} columns called {plain(name)!r}", among, option)


def no_column(sheet: Sheet, what: str, found: str, among: Sequence[int], option: str) -> UsageError:
    """That a column was not found, with those that it may be."""
    names = [plain(sheet.header[column], 80) for column in among]
    rest = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    there = f"; there are: {' | '.join(names[:_MOST])}{rest}" if names else "; there is none that it may be"
    return UsageError(f"{what} in {sheet.name}", f"{found}{there}", f"name it with {option}")


def _why_not(sheet: Sheet, target: Target, student: ExportedStudent, row: Row, wishes: Wishes) -> str:
    """Why a row is left as it is; empty where it is filled."""
    if why := _uneven(sheet, target, row):
        return f"{row.shown} {why}"
    if row.locked:
        return f"{row.shown}: {row.locked}"
    if student.waiting and not wishes.partial:
        waits = counted(student.waiting)
        return f"{waits} {'waits' if waits.startswith('1 ') else 'wait'} for a person (--partial writes what there is)"
    return ""


def _uneven(sheet: Sheet, target: Target, row: Row) -> str:
    """Why the fields of a row are not those of the header; empty where they are, as far as they are needed."""
    fields, columns = len(sheet.lines[row.line].raw), len(sheet.header)
    if fields > columns:
        return f"has {fields} fields, but the header {columns}: is there a {sheet.separator!r} without quotes in one?"
    return "ends before this column" if max((target.column, *target.marks)) >= fields else ""


def _nobody(sheet: Sheet, left: Sequence[Left], remedy: str) -> UsageError:
    """That no student has a row: the first few with the reasons."""
    first = "; ".join(f"{each.who}: {each.why}" for each in left[:_FEW])
    rest = f"; and {len(left) - _FEW} more" if len(left) > _FEW else ""
    wanted = f"a row in {sheet.name} for at least one of {counted(len(left), 'student')} with a report"
    return UsageError(wanted, f"none: {first}{rest}", remedy)


def _score(student: ExportedStudent, possible: float | None, wishes: Wishes) -> float:
    if not wishes.scale or possible is None or not student.report.points:
        return student.report.earned
    return student.report.earned * possible / student.report.points


def _scale(sheet: Sheet, target: Target, matched: Matched, wishes: Wishes) -> str:
    """How scores are scaled to the LMS's points, where these are not ours. Raises `UsageError` where nobody said so."""
    others = {
        (possible, student.report.points)
        for student, row in matched.pairs
        if not _uneven(sheet, target, row)
        and (possible := target.of(row)) is not None
        and abs(possible - student.report.points) > 0.005
    }
    if not others:
        return ""
    (possible, ours), column = min(others), plain(sheet.header[target.column], 80)
    if not wishes.scale:
        raise UsageError(
            f"a column of {counted(ours)}, as the assignment has",
            f"{column} of {counted(possible)}",
            f"set it to {amount(ours)} in the LMS and export anew, or say --scale to write earned * {amount(possible)}"
            f" / {amount(ours)}",
        )
    if any(not points for _possible, points in others):
        raise UsageError("points to scale from", "an assignment of 0 points", "leave --scale out")
    return "; ".join(f"earned * {amount(theirs)} / {amount(points)}" for theirs, points in sorted(others))
