"""Gradescope's `results.json`, one for each student: what an autograder there leaves in /autograder/results.

The fields are those of Gradescope's autograder specification. What a hidden check says is shown as far as the course's
disclosure allows, so every test is "visible". A score that waits for a person is what is earned so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from referee.exports.interface import ExportedStudent, Policies, cents, rounded
from referee.exports.shown import Result, results
from referee.feedback.text import counted, plain
from referee.report import NotebookReport


def write(student: ExportedStudent, policies: Policies) -> bytes:
    """The results of one student as indented JSON, with a newline at the end."""
    several = len(student.report.notebooks) > 1
    found = [
        (book, result)
        for book in student.report.notebooks
        for result in results(book, policies(book.notebook), student.by_person)
    ]
    points = iter(_points(student, [result for _book, result in found if result.points is not None]))
    tests = [
        _test(book, result, None if result.points is None else next(points), several=several) for book, result in found
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


def _points(student: ExportedStudent, counted_ones: Sequence[Result]) -> list[tuple[float, float]]:
    """What each result earned, and of how many points: they add up to what the whole submission did.

    A passed check has earned all of its points, however these were rounded: so what was earned and what was lost are
    rounded, each for itself.
    """
    earned = [each.earned or 0.0 for each in counted_ones]
    lost = [(each.points or 0.0) - score for each, score in zip(counted_ones, earned, strict=True)]
    score, most = rounded(student.report.earned), rounded(student.report.points)
    both = zip(cents(earned, score), cents(lost, most - score), strict=True)
    return [(theirs, rounded(theirs + others)) for theirs, others in both]


def _test(book: NotebookReport, result: Result, points: tuple[float, float] | None, *, several: bool) -> dict[str, Any]:
    where = [plain(book.notebook)] if several else []
    test: dict[str, Any] = {
        "name": ": ".join(dict.fromkeys([*where, result.cell, result.name])),
        "name_format": "text",
        "output": result.text,
        "output_format": "text",
        "visibility": "visible",
        "tags": ["public" if result.public else "hidden"],
    }
    if points is not None:
        test |= dict(zip(("score", "max_score"), points, strict=True))
    if result.end in ("passed", "failed"):  # the specification has no word for what waits
        test["status"] = result.end
    return test


def _said(student: ExportedStudent) -> list[str]:
    """What stands above the tests: what waits, what was not run, and notes on the submission."""
    waits = [f"so far: {counted(student.waiting)} wait for a person"] if student.waiting else []
    refused = [f"{plain(book.notebook)}: {plain(book.refused)}" for book in student.report.notebooks if book.refused]
    notes = [f"{plain(book.notebook)}: {plain(note.words)}" for book in student.report.notebooks for note in book.notes]
    return [*waits, *refused, *notes]
