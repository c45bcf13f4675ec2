"""Which row of an LMS's file is whose: by the LMS's own number, else by a name that is exactly equal; never a guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias
from unicodedata import category, normalize

from referee.errors import UsageError
from referee.exports.interface import ExportedStudent, Lms
from referee.feedback.text import plain
from referee.report import Record

Kind: TypeAlias = Literal["student", "row"]
_NUMBERS: Mapping[str, str] = {"canvas": "ID", "moodle": "Identifier"}  # the columns of their numbers


class Left(Record, frozen=True):
    """A student or a row that was left alone, and why. `who` is spelled safely."""

    kind: Kind
    who: str
    why: str


@dataclass(frozen=True)
class Row:
    """A row of a person: its place in the file, and how it can be told.

    number : the LMS's number of the person.   keys : other values that name the person, such as a login.
    name : as the file has it; empty where it has none.   locked : why its score may not be changed.
    """

    line: int
    name: str
    number: str = ""
    keys: tuple[str, ...] = ()
    locked: str = ""

    @property
    def shown(self) -> str:
        """The row for a reader, who counts rows from 1."""
        return f"row {self.line + 1} ({plain(self.name or self.number or ' '.join(self.keys), 80)})"


@dataclass(frozen=True)
class Matched:
    """Who has which row; and the students without one, with the reason. `free` are the rows of nobody here."""

    pairs: tuple[tuple[ExportedStudent, Row], ...]
    left: tuple[Left, ...]
    free: tuple[Row, ...]


def match(students: Sequence[ExportedStudent], rows: Sequence[Row], lms: Lms, *, names: bool = True) -> Matched:
    """Find each student's row.

    lms : whose numbers `rows` have; a student whose folder was not collected from there has none of them.
    names : whether a row that was found by its number must also have the student's name, as far as both are known.

    Raises
    ------
    UsageError : two rows have the same number.
    """
    _require_once(rows)
    by_number, by_key = _indexed(rows)
    found = {student.student: _rows_of(student, lms, by_number, by_key) for student in students}
    claims = defaultdict[int, list[str]](list)
    for who, theirs in found.items():
        for row in theirs:
            claims[row.line].append(who)
    pairs, left = list[tuple[ExportedStudent, Row]](), list[Left]()
    for student in students:
        theirs = found[student.student]
        if why := _why_not(student, theirs, claims, _NUMBERS.get(lms, "") if names else ""):
            left.append(Left(kind="student", who=plain(student.student), why=why))
        else:
            pairs.append((student, theirs[0]))
    return Matched(tuple(pairs), tuple(left), tuple(row for row in rows if row.line not in claims))


def letters(name: str) -> str:
    """The letters of a name in one order, so that "Doe, Jane", "Jane Doe" and "doejane" are equal.

    >>> letters("Doé, Jane") == letters("janedoe")
    True
    """
    plain_ones = (each for each in normalize("NFD", name.casefold()) if category(each)[0] == "L")
    return "".join(sorted(plain_ones))


Index: TypeAlias = Mapping[str, Sequence[Row]]


def _indexed(rows: Sequence[Row]) -> tuple[Index, Index]:
    """The rows by their numbers, and by their other keys."""
    by_number, by_key = defaultdict[str, list[Row]](list), defaultdict[str, list[Row]](list)
    for row in rows:
        by_number[row.number].append(row)
        for key in dict.fromkeys(row.keys):
            by_key[key].append(row)
    return by_number, by_key


def _rows_of(student: ExportedStudent, lms: Lms, by_number: Index, by_key: Index) -> Sequence[Row]:
    """By the number where there is one, whatever else the row says; else by the exact name of the folder."""
    numbered = by_number.get(student.number, ()) if student.number and student.lms == lms else ()
    return numbered or by_key.get(student.student, ())


def _why_not(student: ExportedStudent, theirs: Sequence[Row], claims: dict[int, list[str]], ids: str) -> str:
    """Why a student has no row; empty where there is one. `ids` is the column of numbers, where names must agree."""
    if not theirs:
        return f"no row has the number {student.number} or this name" if student.number else "no row has this name"
    if len(theirs) > 1:
        return f"several rows: {_listed(row.shown for row in theirs)}"
    row = theirs[0]
    if len(claims[row.line]) > 1:
        return (
            f"{row.shown} is also that of {_listed(plain(who) for who in claims[row.line] if who != student.student)}"
        )
    known = ids and row.number and row.number == student.number and letters(row.name) and letters(student.name)
    if known and letters(row.name) != letters(student.name):
        remedy = f"--id-column {ids} takes numbers alone, where all are the same persons"
        return f"{row.shown} has the number {row.number}, but another name ({remedy})"
    return ""


def _require_once(rows: Iterable[Row]) -> None:
    """Raise `UsageError` where two rows have one number: a file that says so is not to be trusted."""
    lines = defaultdict[str, list[int]](list)
    for row in rows:
        if row.number:
            lines[row.number].append(row.line + 1)
    twice = [f"{number} in rows {', '.join(map(str, where))}" for number, where in lines.items() if len(where) > 1]
    if twice:
        raise UsageError("a file in which each number stands once", _listed(twice), "export it from the LMS again")


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
