"""A class that nobody is in: reports and notebooks of any number of students, the same for the same seed.

The students know more or less; the checks are easy or hard, one is dead, two decide the same. Some cells break, some
limits are exceeded, some answers wait for a person, a few hand in nothing, and of every fifty one copies another's code
and renames its variables.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from referee.report import (
    NOT_HANDED_IN,
    PASSED,
    CellRun,
    CellStatus,
    CheckResult,
    Environment,
    Evidence,
    Exceeded,
    Fault,
    GradedCell,
    NotebookReport,
    Outcome,
    RecordedAnswer,
    Report,
    Timings,
    Usage,
    Verdict,
    to_json,
)

ASSIGNMENT = "synthetic"
_ANSWER = 2_000  # bytes of one recorded answer
_CELLS = 4  # check cells of a notebook
_COPY = 50  # one student in so many copies the code of the one before
_FAILED = Verdict(outcome=Outcome.FAILED, fault=Fault.STUDENT)
_WRONG = (
    Evidence(
        words="`conv2d`: 12 of 36 values differ, the worst by 1.5",
        hint="a convolution turns its filter around",
        misconception="true convolution",
        actual="shape (6, 6), float64\n  1  2  3\n  4  5  6",
        expected="shape (6, 6), float64\n  1  2  9\n  4  5  6",
    ),
    Evidence(words="the answer: shape (5, 5) where (6, 6) was wanted", hint="pad the image"),
    Evidence(words="`predict`: it raised ValueError: operands could not be broadcast together"),
    Evidence(words="`history` is not defined; before it, cell 7 (train) did not end well: NameError: epochs"),
    Evidence(words="the answer: 3 of 10 values differ"),
)
_LINES = ("{a} = {x}", "for {i} in range({n}):\n    {a}[{i}] += {x}", "if {x} > {n}:\n    {b} = {x}", "{b} = {a}[{x}:]")
_EXPRESSIONS = (
    "{a}", "{b}.{f}({n})", "{x} + {x}", "np.{f}({x}, {a})", "{a}[{x}]", "{n} * {x}", "({x} - {x}).{f}()", "-{b}",
)  # fmt: skip
_FUNCTIONS = ("sum", "mean", "reshape", "clip", "pad", "dot", "sort", "where", "zeros", "max", "argmax", "stack")


def write(root: Path, students: int, notebooks: int, checks: int) -> None:
    """A course with the reports and the submissions of so many students; `checks` of each notebook."""
    (root / "course.toml").write_text('name = "Synthetic"\n', encoding="utf-8")
    names = [f"notebook{number}" for number in range(1, notebooks + 1)]
    for name in names:
        for folder in ("solutions", "exercises"):
            _put(root / folder / ASSIGNMENT / f"{name}.ipynb", _notebook(["# YOUR CODE HERE"] * _CELLS))
    for place, report in enumerate(reports(students, names, checks)):
        _put(root / "reports" / ASSIGNMENT / f"{report.student}.json", to_json(report))
        for number, book in enumerate(report.notebooks):
            if not book.missing:
                path = root / "submitted" / report.student / ASSIGNMENT / f"{book.notebook}.ipynb"
                _put(path, _notebook(code(place, number)))


def reports(students: int, notebooks: list[str], checks: int) -> Iterator[Report]:
    """The reports, by name."""
    for place in range(students):
        luck = random.Random(place)
        skill, name = luck.gauss(0, 1), f"student{place:04}"
        books = tuple(_book(luck, skill, notebook, checks) for notebook in notebooks)
        yield Report(student=name, assignment=ASSIGNMENT, course="Synthetic", notebooks=books)


def code(student: int, notebook: int) -> list[str]:
    """The cells of a student's notebook."""
    copies = student % _COPY == 1
    luck = random.Random(f"{student - copies} {notebook}")
    names = dict(zip("abi", ("left", "right", "index") if copies else "abi", strict=True))
    return ["\n".join(_filled(luck, luck.choice(_LINES), names) for _ in range(12)) for _ in range(_CELLS)]


def _filled(luck: random.Random, pattern: str, names: dict[str, str], depth: int = 0) -> str:
    """A pattern with names, numbers and, to some depth, expressions in its places."""
    while "{x}" in pattern:
        inner = luck.choice(_EXPRESSIONS if depth < 3 else _EXPRESSIONS[:2])
        pattern = pattern.replace("{x}", _filled(luck, inner, names, depth + 1), 1)
    return pattern.format(**names, n=luck.randint(2, 99), f=luck.choice(_FUNCTIONS))


def _book(luck: random.Random, skill: float, notebook: str, checks: int) -> NotebookReport:
    environment = Environment(referee="0", python="3", platform="Linux")
    bare = NotebookReport(notebook=notebook, fingerprint="0" * 64, environment=environment)
    if luck.random() < 0.02:
        cells = tuple(GradedCell(grade_id=f"cell{i}", kind="check", points=3, earned=0, score=0) for i in range(_CELLS))
        return NotebookReport(
            notebook=notebook,
            fingerprint="",
            environment=environment,
            refused=NOT_HANDED_IN,
            refused_by=Fault.STUDENT,
            graded=cells,
        )
    passed = [luck.gauss(0, 1) + skill > (place - checks / 2) / checks for place in range(checks)]
    passed[0], passed[1] = True, passed[2]  # one is dead, two decide the same
    graded = tuple(_cell(luck, number, passed[number::_CELLS]) for number in range(_CELLS))
    broken = luck.random() < 0.1
    status = CellStatus.RAISED if broken else CellStatus.OK
    run = CellRun(index=6, grade_id="train", status=status, error="NameError" * broken, words="NameError" * broken)
    seconds, slow = luck.lognormvariate(2, 0.2), luck.random() < 0.01
    return NotebookReport(
        notebook=bare.notebook,
        fingerprint=bare.fingerprint,
        environment=environment,
        cells=(run,),
        graded=graded,
        answers=tuple(RecordedAnswer(question=f"q{i}", answer=luck.randbytes(_ANSWER)) for i in range(checks)),
        timings=Timings(
            total=seconds * (10 if slow else 1),
            usage=Usage(seconds=seconds, memory_mb=luck.randint(180, 220)),
            exceeded=(Exceeded(limit="cell_seconds", allowed=60, used=61, cell=6),) * slow,
        ),
    )


def _cell(luck: random.Random, number: int, passed: list[bool]) -> GradedCell:
    waits = luck.random() < 0.01
    results = tuple(
        CheckResult(
            check=f"cell{number}",
            name=f"test_{place}",
            sentence=f"Your answer {place} of part {number} is right.",
            weight=1.0,
            public=place == 0,
            verdict=PASSED if ok else Verdict(outcome=Outcome.PERSON) if waits else _FAILED,
            evidence=Evidence() if ok else luck.choice(_WRONG),
        )
        for place, ok in enumerate(passed)
    )
    earned = 3 * sum(passed) / len(passed) if passed else 0.0
    undecided = any(result.verdict.needs_person for result in results)
    return GradedCell(
        grade_id=f"cell{number}",
        kind="check",
        points=3,
        earned=earned,
        score=None if undecided else earned,
        results=results,
    )


def _notebook(sources: list[str]) -> bytes:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for i, source in enumerate(["import numpy as np", *sources])
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}).encode()


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
