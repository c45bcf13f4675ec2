"""JUnit XML, as CI systems read it: a suite for each notebook of each student, a case for each check.

A failure is the student's, an error is ours, and what waits for a person is skipped. A check says what its student may
see: results of a CI job have many readers.
"""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree as ET

from referee.exports.interface import ExportedClass, ExportedStudent, Policies
from referee.exports.shown import Result, results
from referee.feedback.interface import Policy
from referee.feedback.text import plain
from referee.report import NotebookReport

_TAGS = {"failed": "failure", "error": "error", "waits": "skipped"}
_COUNTED = {"failed": ("failures",), "error": ("errors",), "waits": ("skipped",)}
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(klass: ExportedClass, policies: Policies) -> bytes:
    """The class as an XML 1.0 document in UTF-8."""
    root = ET.Element("testsuites", name=legal(klass.assignment))
    total = Counter[str]()
    for student in klass.students:
        for book in student.report.notebooks:
            suite, counts = _suite(klass.assignment, student, book, policies(book.notebook))
            root.append(suite)
            total += counts
    _count(root, total)
    ET.indent(root, " ")
    text = str(ET.tostring(root, encoding="unicode"))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def legal(text: str) -> str:
    r"""A text without the characters that XML 1.0 cannot hold, however they are spelled.

    >>> legal("a\x00b\ud800c")
    'abc'
    """
    return _ILLEGAL.sub("", text)


def _suite(
    assignment: str, student: ExportedStudent, book: NotebookReport, policy: Policy
) -> tuple[ET.Element, Counter[str]]:
    name = legal(plain(f"{student.student}/{book.notebook}"))
    suite = ET.Element("testsuite", name=name, time=f"{book.timings.total:.3f}")
    counts = Counter[str]()
    for result in results(book, policy, student.by_person):
        suite.append(_case(legal(plain(f"{assignment}.{book.notebook}")), result))
        counts.update(["tests", *_COUNTED.get(result.end, ())])
    _count(suite, counts)
    return suite, counts


def _case(group: str, result: Result) -> ET.Element:
    name = f"{result.cell}: {result.name}" if result.name != result.cell else result.cell
    case = ET.Element("testcase", classname=group, name=legal(name))
    if tag := _TAGS.get(result.end):
        text = legal(result.text)
        below = ET.SubElement(case, tag, message=text.split("\n", 1)[0])
        if tag != "skipped":
            below.set("type", "check" if tag == "failure" else "referee")
            below.text = text
    return case


def _count(element: ET.Element, counts: Counter[str]) -> None:
    for name in ("tests", "failures", "errors", "skipped"):
        element.set(name, str(counts[name]))
