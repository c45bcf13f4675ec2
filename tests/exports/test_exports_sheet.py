"""A CSV file of somebody else's, taken apart and put together."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.errors import UsageError
from referee.exports import sheet

TEXTS = st.text(alphabet="ab1\",;\t\r\n '\ufeffé", max_size=40)
SEPARATORS = st.sampled_from(sheet.SEPARATORS)


@given(TEXTS, SEPARATORS)
def test_taken_apart_and_put_together_is_the_same(text, separator):
    """Whatever a text holds, its lines join to the same text."""
    assert sheet.join(sheet.tokenise(text, separator), separator) == text


@given(TEXTS, SEPARATORS)
def test_values_are_those_of_the_standard_reader(text, separator):
    """Rows and values are those that Python's csv module reads, quotes that close nowhere included."""
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    assert [list(line.values) for line in sheet.tokenise(text, separator)] == expected


@st.composite
def files(draw) -> tuple[str, str]:
    """A regular file of at least two columns with odd quoting: its text and its separator."""
    separator, end = draw(SEPARATORS), draw(st.sampled_from(("\n", "\r\n", "\r")))
    width, height = draw(st.integers(2, 5)), draw(st.integers(1, 6))

    def field() -> str:
        value: str = draw(st.text(alphabet="ab1 \"',;é\n", max_size=6))
        must = any(sign in value for sign in f'"\r\n,;\t{separator}')
        return '"' + value.replace('"', '""') + '"' if must or draw(st.booleans()) else value

    rows = [separator.join(f"c{column}" for column in range(width))]
    rows += [separator.join(field() for _ in range(width)) for _ in range(height)]
    last = end if draw(st.booleans()) else ""
    text: str = draw(st.sampled_from(("", "\ufeff"))) + end.join(rows) + last
    return text, separator


@given(files(), st.data(), st.text(alphabet='0123.,;"\n', min_size=1, max_size=5))
def test_one_field_changes_and_nothing_else(made, data, value):
    """A changed field reads as the new value; every other byte of the file is as it was."""
    text, separator = made
    before = sheet.read(text.encode(), "x.csv")
    line = data.draw(st.integers(1, len(before.lines) - 1)) if len(before.lines) > 1 else 0
    column = data.draw(st.integers(0, max(len(before.lines[line].raw) - 1, 0)))
    if not before.lines[line].raw:
        return
    after = sheet.read(before.written({(line, column): value}), "x.csv")
    assert (after.bom, after.separator) == (before.bom, separator)
    assert after.lines[line].value(column) == value
    kept = [list(each.raw) for each in before.lines]
    changed = [list(each.raw) for each in after.lines]
    kept[line][column] = changed[line][column] = ""
    assert kept == changed
    assert [each.ending for each in before.lines] == [each.ending for each in after.lines]
    assert before.written({}) == text.encode()


@given(st.binary(max_size=60))
def test_any_bytes(content):
    """Any file is read to the byte or refused in words."""
    try:
        read = sheet.read(content, "x.csv")
    except UsageError:
        return
    assert read.written({}) == content


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "without columns"),
        (b"one column\nonly", "without columns"),
        ("a,b\n".encode("utf-16"), "zero bytes"),
        (b"PK\x03\x04\0\0", "zero bytes"),
        (b'a,b\n1,"2\n3,4\n', "quotation mark in row 2"),
        (b"," * (sheet.MOST_BYTES + 1), "bytes"),
    ],
)
def test_what_is_no_csv_is_refused(content, found):
    """What is no CSV file is said to be none, with what was found."""
    with pytest.raises(UsageError, match=found):
        sheet.read(content, "x.csv")


def test_latin_1_comes_back():
    """A file in an old encoding comes back to the byte, too."""
    content = "ID;Note\r\n1;Zoë\r\n".encode("latin-1")
    assert sheet.read(content, "x.csv").written({(1, 0): "2"}) == content.replace(b"1;", b"2;")


def test_semicolons_in_a_title():
    """A header with more semicolons than commas does not hide that commas separate."""
    content = b"Student,ID,Parts 1; 2; 3; 4 (7)\nAda,1,\n"
    assert sheet.read(content, "x.csv").separator == ","


def test_numbers():
    """A number may have a decimal comma or point, and nothing that could mean thousands."""
    known = {"3": 3.0, " 3.50 ": 3.5, "3,5": 3.5, "-1": -1.0}
    assert {text: sheet.number(text) for text in known} == known
    assert [sheet.number(text) for text in ("", "EX", "1.000,5", "1e3", "٣", "nan", "9" * 40)] == [None] * 7


def test_decimal_mark():
    """Decimals are marked as in the column, else as anywhere in the file, else as semicolons suggest."""

    def mark(text: str) -> str:
        return sheet.decimal_mark(sheet.read(text.encode(), "x.csv"), (1,))

    assert mark('a,b\n1.5,"2,5"\n') == ","
    assert mark("a;b\n1.5;2\n") == "."
    assert mark("a;b\n1;2\n") == ","
    assert mark("a,b\n1,2\n") == "."
