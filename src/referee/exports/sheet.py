r"""A CSV file that somebody else made, taken apart so that nothing but the chosen fields can change.

A file is lines, a line is fields and an ending, and a field is kept as it is spelled: what is put together again is
the same to the byte, whatever the quoting, the line ends, the separator and the encoding are.

>>> sheet = read(b'ID;Points\r\n1;"3,5"\r\n', "grades.csv")
>>> sheet.separator, sheet.lines[1].values
(';', ('1', '3,5'))
>>> sheet.written({(1, 1): "4"})
b'ID;Points\r\n1;"4"\r\n'
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice

from referee.errors import UsageError

MOST_BYTES = 32 * 2**20
SEPARATORS = (",", ";", "\t")
_LOOKED_AT = 50  # lines, for the separator
_BOM = "\ufeff"
_NUMBER = re.compile(r"\s*(-?[0-9]{1,12})(?:([.,])([0-9]{1,12}))?\s*")


@dataclass(frozen=True)
class Line:
    """One line of a file: its fields as they are spelled, and how it ends. A blank line has no fields."""

    raw: tuple[str, ...]
    ending: str

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(map(value_of, self.raw))

    def value(self, column: int) -> str:
        """The value in a column; empty where the line is too short for it."""
        return value_of(self.raw[column]) if column < len(self.raw) else ""


@dataclass(frozen=True)
class Sheet:
    """A whole file, its header first. `name` is what errors call it."""

    name: str
    lines: tuple[Line, ...]
    separator: str
    encoding: str
    bom: bool

    @property
    def header(self) -> tuple[str, ...]:
        return self.lines[0].values

    def written(self, changes: Mapping[tuple[int, int], str]) -> bytes:
        """The file with other values at some (line, column); every other byte is as it was."""
        wanted = defaultdict[int, dict[int, str]](dict)
        for (line, column), value in changes.items():
            wanted[line][column] = value
        lines = (
            self._changed(line, wanted[number]) if number in wanted else line for number, line in enumerate(self.lines)
        )
        return (_BOM * self.bom + join(lines, self.separator)).encode(self.encoding)

    def _changed(self, line: Line, values: Mapping[int, str]) -> Line:
        raw = list(line.raw)
        for column, value in values.items():
            raw[column] = spelled(value, self.separator, quoted=raw[column].startswith('"'))
        return Line(tuple(raw), line.ending)


def read(content: bytes, name: str) -> Sheet:
    """A file taken apart. Its separator is the one of comma, semicolon and tab that gives most lines as many fields.

    Raises
    ------
    UsageError : it is no CSV file.
    """
    text, encoding = _text(content, name)
    bom = text.startswith(_BOM)
    text = text.removeprefix(_BOM)
    separator = max(SEPARATORS, key=lambda each: _fits(text, each))
    lines = tokenise(text, separator)
    if not lines or len(lines[0].raw) < 2:
        raise _no_csv(name, "a first line without columns that commas, semicolons or tabs separate")
    if unclosed := next((n for n, line in enumerate(lines, 1) if any(map(_unclosed, line.raw))), 0):
        raise _no_csv(name, f"a quotation mark in row {unclosed} that nothing closes")
    return Sheet(name, lines, separator, encoding, bom)


def tokenise(text: str, separator: str) -> tuple[Line, ...]:
    r"""The lines of a text as Python's `csv.reader` reads them, each as it is spelled.

    >>> [line.values for line in tokenise('a,"b ""c"" d"\n', ",")]
    [('a', 'b "c" d')]
    """
    return tuple(_lines(text, separator))


def _lines(text: str, separator: str) -> Iterator[Line]:
    pattern, raw, at = _field(separator), list[str](), 0
    while at < len(text):
        found = pattern.match(text, at)
        assert found is not None, "the pattern matches the empty text, too"
        field, end = found["field"], found["end"]
        blank = not raw and not field and end != separator
        raw += [] if blank else [field]
        at = found.end()
        if end != separator:
            yield Line(tuple(raw), end)
            raw = []
    if raw:  # a separator was the last character: an empty field follows it
        yield Line((*raw, ""), "")


def join(lines: Iterable[Line], separator: str) -> str:
    """The text that `tokenise` took apart."""
    return "".join(separator.join(line.raw) + line.ending for line in lines)


def value_of(raw: str) -> str:
    """What a field means that is spelled so."""
    if not raw.startswith('"'):
        return raw
    found = _QUOTED.match(raw)
    assert found is not None, "the pattern matches all that begins with a quotation mark"
    return found["inner"].replace('""', '"') + raw[found.end() :]


def spelled(value: str, separator: str, *, quoted: bool) -> str:
    """A value as a field; quoted where the field was, or must be."""
    if quoted or separator in value or any(sign in value for sign in '"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


def number(text: str) -> float | None:
    """A number with a decimal point or comma; None for anything else.

    >>> number("3,5"), number(" 10.00 "), number("EX"), number("1,000.5")
    (3.5, 10.0, None, None)
    """
    found = _NUMBER.fullmatch(text)
    return None if found is None else float(f"{found[1]}.{found[3] or 0}")


def decimal_mark(sheet: Sheet, columns: Iterable[int]) -> str:
    """The sign before decimals: as in these columns, else as anywhere, else a comma where semicolons separate."""
    chosen = [line.value(column) for column in columns for line in sheet.lines[1:]]
    every = (value for line in sheet.lines[1:] for value in line.values)
    for values in (chosen, every):
        marks = {found[2] for value in values if (found := _NUMBER.fullmatch(value)) and found[2]}
        if len(marks) == 1:
            return marks.pop()
    return "," if sheet.separator == ";" else "."


_QUOTED = re.compile(r'"(?P<inner>(?:[^"]++|"")*+)(?P<close>"?)')


@cache
def _field(separator: str) -> re.Pattern[str]:
    sign = re.escape(separator)
    return re.compile(rf"(?P<field>(?:{_QUOTED.pattern})?[^{sign}\r\n]*+)(?P<end>{sign}|\r\n|\r|\n|\Z)")


def _unclosed(raw: str) -> bool:
    found = _QUOTED.match(raw)
    return found is not None and not found["close"]


def _fits(text: str, separator: str) -> tuple[bool, int, int]:
    """How well a separator fits: has the header columns, how many of the next lines have as many, how many are they."""
    header, *others = list(islice(_lines(text, separator), _LOOKED_AT)) or [Line((), "")]
    width = len(header.raw)
    return width > 1, sum(len(line.raw) == width for line in others), width


def _text(content: bytes, name: str) -> tuple[str, str]:
    """The text of a file, and the encoding that gives the same bytes back; Latin-1 does for all that is not UTF-8."""
    if len(content) > MOST_BYTES:
        raise _no_csv(name, f"{len(content)} bytes")
    if b"\0" in content:
        raise _no_csv(name, "zero bytes: a spreadsheet, or UTF-16 text")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1"


def _no_csv(name: str, found: str) -> UsageError:
    return UsageError(
        f"{name} as a CSV file (UTF-8)", found, "export it from the LMS again, and do not save it in a spreadsheet"
    )
