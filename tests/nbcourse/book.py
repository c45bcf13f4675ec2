"""A gradebook of nbgrader's as plain rows, by the names of things: what two of them are compared by."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

_SUBMITTED = """
    FROM {table}
    JOIN submitted_notebook ON submitted_notebook.id = {table}.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
    JOIN notebook ON notebook.id = submitted_notebook.notebook_id
    JOIN base_cell ON base_cell.id = {table}.cell_id
"""
_NAMES = "assignment.name, submitted_assignment.student_id, notebook.name, base_cell.name, base_cell.type"
#: What a table is called here, how many of its columns name a row, and the query.
_QUERIES = {
    "student": (1, "SELECT id, first_name, last_name, email, lms_user_id FROM student"),
    "course": (1, "SELECT id FROM course"),
    "assignment": (1, "SELECT name, duedate, course_id FROM assignment"),
    "notebook": (
        2,
        "SELECT assignment.name, notebook.name, kernelspec FROM notebook "
        "JOIN assignment ON assignment.id = notebook.assignment_id",
    ),
    "source cell": (
        3,
        "SELECT assignment.name, notebook.name, source_cell.name, cell_type, locked, source, checksum FROM source_cell "
        "JOIN notebook ON notebook.id = source_cell.notebook_id "
        "JOIN assignment ON assignment.id = notebook.assignment_id",
    ),
    "submission": (
        2,
        "SELECT assignment.name, student_id, timestamp, extension FROM submitted_assignment "
        "JOIN assignment ON assignment.id = submitted_assignment.assignment_id",
    ),
    "submitted notebook": (
        3,
        "SELECT assignment.name, submitted_assignment.student_id, notebook.name, flagged, late_submission_penalty "
        "FROM submitted_notebook "
        "JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id "
        "JOIN assignment ON assignment.id = submitted_assignment.assignment_id "
        "JOIN notebook ON notebook.id = submitted_notebook.notebook_id",
    ),
    "grade": (
        5,
        f"SELECT {_NAMES}, auto_score, manual_score, extra_credit, needs_manual_grade"
        + _SUBMITTED.format(table="grade"),
    ),
    "comment": (5, f"SELECT {_NAMES}, auto_comment, manual_comment" + _SUBMITTED.format(table="comment")),
}
_COUNTED = {"grade": "grade", "comment": "comment", "submitted_notebook": "submitted notebook"}
_COUNTED |= {"submitted_assignment": "submission", "notebook": "notebook", "source_cell": "source cell"}
Rows = dict[tuple[str, ...], dict[str, Any]]


def rows(database: Path, without: Iterable[str] = ()) -> Rows:
    """Every row of a gradebook: (table, names...) -> {column: value}; and how many rows have no name.

    without : students who are left out.
    """
    found: Rows = {}
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as book:
        for table, (names, query) in _QUERIES.items():
            cursor = book.execute(query)
            columns = [column[0] for column in cursor.description]
            for row in cursor:
                found[table, *map(str, row[:names])] = dict(zip(columns[names:], row[names:], strict=True))
        for table, kind in _COUNTED.items():
            count = book.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            named = sum(names[0] == kind for names in found)
            found["rows that belong to nothing", table] = {"count": count - named}
    return {names: row for names, row in found.items() if not set(without) & set(names)}


def scores(database: Path) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """What each cell of each submission got: (assignment, student, notebook, cell) -> auto score, needs a person."""
    return {
        names[1:5]: (row["auto_score"], row["needs_manual_grade"])
        for names, row in rows(database).items()
        if names[0] == "grade"
    }
