"""Gradescope's `results.json`, one for each student: what an autograder there leaves in /autograder/results.

The fields are those of Gradescope's autograder specification. What a hidden check says is shown as far as the course's
disclosure allows, so every test is "visible". A score that waits for a person is what is earned so far.
"""

from __future__ import annotations

from typing import Any

import msgspec

from referee.exports.interface import ExportedStudent, Policies, rounded
from referee.exports.shown import Result, results
from referee.feedback.text import counted, plain
from referee.report import NotebookReport


def write(student: ExportedStudent, policies: Policies) -> bytes:
    """The results of one student as indented JSON, with a newline at the end."""
    several = len(student.report.notebooks) > 1
    tests = [
        _test(book, result, several=several)
        for book in student.report.notebooks
        for result in results(book, policies(book.notebook))
    ]
    made = {
        "score": rounded(student.report.earned),
        "execution_time": rounded(student.report.seconds),
        "output": "\n".join(_said(student)),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    return msgspec.json.format(msgspec.json.encode(made, order="deterministic"), indent=1) + b"\n"


def _test(book: NotebookReport, result: Result, *, several: bool) -> dict[str, Any]:
    where = [plain(book.notebook), result.cell] if several else [result.cell]
    name = ": ".join([*where, result.name] if result.name != result.cell else where)
    test: dict[str, Any] = {
        "name": name,
        "name_format": "text",
        "output": result.text,
        "output_format": "text",
        "visibility": "visible",
        "tags": ["public" if result.public else "hidden"],
    }
    if result.points is not None:
        test |= {"score": rounded(result.earned or 0.0), "max_score": rounded(result.points)}
    if result.end in ("passed", "failed"):  # the specification has no word for what waits
        test["status"] = result.end
    return test


def _said(student: ExportedStudent) -> list[str]:
    """What stands above the tests: what waits, what was not run, and notes on the submission."""
    waits = [f"so far: {counted(student.waiting)} wait for a person"] if student.waiting else []
    refused = [f"{plain(book.notebook)}: {plain(book.refused)}" for book in student.report.notebooks if book.refused]
    notes = [f"{plain(book.notebook)}: {plain(note.words)}" for book in student.report.notebooks for note in book.notes]
    return [*waits, *refused, *notes]
