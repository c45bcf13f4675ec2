"""Reports into nbgrader's database, for `nbgrader export` and the formgrader; the only writer of it.

    record(url, outline, reports)
      ├── the outline      assignment, notebooks, grade, solution, task and source cells
      └── each report      student, submission, submitted notebooks, grades, comments

All of it happens in one transaction: an error leaves the database as it was. What a person entered (manual scores,
extra credit, manual comments) is never changed. A score that only a person can decide is never written as a zero.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from referee.errors import GradebookError, MissingExtra
from referee.report import CellSpec, GradedCell, NotebookReport, Outline, Record, Report

try:
    from alembic.script import ScriptDirectory
    from nbgrader import api
    from nbgrader.dbutil import ALEMBIC_DIR
    from nbgrader.utils import parse_utc
    from sqlalchemy import create_engine, event, inspect, text
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError
    from sqlalchemy.orm import scoped_session, sessionmaker
except ImportError as error:
    raise MissingExtra("nbgrader, for the gradebook", str(error), "pip install 'referee[nbgrader]'") from error

COMMENT_LIMIT = 600


class Recorded(Record, frozen=True):
    """What `record` wrote. `review` names the cells whose manual score was given for another hand-in or other points."""

    assignment: str
    students: tuple[str, ...]
    needs_person: tuple[str, ...]
    review: tuple[str, ...] = ()


class ScoreRow(Record, frozen=True):
    """One student's score for one assignment, as nbgrader computes it."""

    student: str
    score: float
    max_score: float
    needs_manual_grade: bool


def record(
    url: str,
    outline: Outline,
    reports: Sequence[Report],
    *,
    submitted_at: Mapping[str, datetime] | None = None,
) -> Recorded:
    """Write the outline of an assignment and the reports on it; recording the same again changes nothing.

    Raises
    ------
    GradebookError : the database cannot be opened or written; the reports do not fit the outline; the outline changed
        and students who already have a submission are not among the reports, or a person's score would be lost.
    """
    _check(outline, reports)
    course = next((report.course for report in reports if report.course), "default_course")
    with _gradebook(url, course, write=True) as book:
        review = _write_outline(book, outline, {report.student for report in reports})
        for report in reports:
            review |= _write_report(book, outline, report, (submitted_at or {}).get(report.student))
        waiting = [
            each.student.id for each in book.assignment_submissions(outline.assignment) if each.needs_manual_grade
        ]
    students = tuple(sorted(report.student for report in reports))
    return Recorded(
        assignment=outline.assignment,
        students=students,
        needs_person=tuple(student for student in students if student in waiting),
        review=tuple(sorted(review)),
    )


def read_scores(url: str, assignment: str) -> tuple[ScoreRow, ...]:
    """The scores of everyone who handed in an assignment, by student, as nbgrader computes them.

    Raises
    ------
    GradebookError : there is no such database or assignment, or it cannot be read.
    """
    with _gradebook(url, "", write=False) as book:
        _find(book, assignment)
        rows = book.assignment_submissions(assignment)
        return tuple(
            ScoreRow(
                student=row.student.id,
                score=row.score,
                max_score=row.max_score,
                needs_manual_grade=bool(row.needs_manual_grade),
            )
            for row in sorted(rows, key=lambda row: str(row.student.id))
        )


class _Book(api.Gradebook):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's own gradebook on a connection of ours: its many commits are flushes until our transaction ends."""

    def __init__(self, connection: Any, course: str) -> None:
        self.engine = connection.engine
        self.db = scoped_session(
            sessionmaker(bind=connection, future=True, expire_on_commit=False, join_transaction_mode="rollback_only")
        )
        self.check_course(course_id=course)
        self.course_id = course
        self.authenticator = None


@contextmanager
def _gradebook(url: str, course: str, *, write: bool) -> Iterator[Any]:
    """A gradebook in one transaction, committed where the block ends well; any trouble is a GradebookError."""
    name = "a database"
    try:
        parsed = make_url(url)
        name = parsed.render_as_string(hide_password=True)
        if not write and parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
            raise GradebookError(f"the gradebook {name}", "no such file", "grade and record a submission first")
        engine = create_engine(url, future=True)
        try:
            with engine.connect() as connection, connection.begin():
                if write and engine.dialect.name == "sqlite":
                    connection.exec_driver_sql("BEGIN IMMEDIATE")  # waits for the formgrader before reading, not after
                _prepare(connection, name, write=write)
                with _Book(connection, course) as book:
                    yield book
        finally:
            engine.dispose()
    except (SQLAlchemyError, api.InvalidEntry, ImportError, UnicodeError) as error:
        raise GradebookError(f"the gradebook {name}", _reason(error), _remedy(error)) from error


def _prepare(connection: Any, name: str, *, write: bool) -> None:
    """Bring an empty database to nbgrader's schema; refuse one of another version of nbgrader, or of something else."""
    tables = inspect(connection).get_table_names()
    head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    if not tables and write:
        api.Base.metadata.create_all(bind=connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": head})
        return
    if "alembic_version" not in tables:
        raise GradebookError(
            f"nbgrader's gradebook at {name}", "a database that nbgrader did not make", "check the URL"
        )
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found != head:
        raise GradebookError(f"a gradebook of schema {head}", f"schema {found} at {name}", "run `nbgrader db upgrade`")


def _reason(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]


def _remedy(error: Exception) -> str:
    reason = _reason(error)
    if "locked" in reason:
        return "end the program that writes to it, then record again"
    if isinstance(error, ImportError) or "dialect" in reason or "parse" in reason:
        return "use a URL such as sqlite:///gradebook.db, or install the driver that this one needs"
    return "check that it is nbgrader's database, and that its folder exists and can be written"
