"""nbgrader's gradebook while a class is graded: opened once, each step of a submission in one transaction.

nbgrader opens its database anew for each preprocessor and commits after each cell. Here its own classes get a session
on one connection, and what they call a commit is one when the step ends: nothing of it is there, or all. A course with
preprocessors or plugins of its own may open the database itself, beside us: it gets nbgrader's own way.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from nbgrader import api
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SAWarning, SQLAlchemyError
from sqlalchemy.orm import scoped_session, sessionmaker

from referee.errors import GradebookError, UsageError
from referee.report import CellSpec

_USERS = (
    "nbgrader.converters.autograde",
    "nbgrader.preprocessors.overwritecells",
    "nbgrader.preprocessors.overwritekernelspec",
    "nbgrader.preprocessors.saveautogrades",
    "nbgrader.preprocessors.latesubmissions",
)
_VALIDATES = "nbgrader.nbgraderformat.common.jsonschema"
#: The database itself failed: of a step in which that happens nothing is kept.
DatabaseFailed = OperationalError


@dataclass(frozen=True)
class Outline:
    """What the database knows of one notebook of an assignment.

    cells : those that carry points, and locked and answer cells, as nbgrader saved them; in no order.
    kernelspec : the kernel that its author chose; empty where that was not saved.
    """

    cells: Mapping[str, CellSpec]
    kernelspec: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Score:
    """What nbgrader has for one cell of a submission.

    total : what counts, as nbgrader computes it: what a person gave, extra credit included, else the automatic score.
    waiting : a person has to look at it.
    """

    auto: float | None
    manual: float | None
    total: float
    waiting: bool


@dataclass(frozen=True)
class Late:
    """How late a submission was, in seconds, and the points that nbgrader's plugin takes off a notebook for it."""

    seconds: float = 0.0
    penalty: float = 0.0

    @property
    def words(self) -> str:
        """Both, for people."""
        days, hours = divmod(self.seconds / 3600, 24)
        much = f"{days:g} d {hours:.1f} h" if days else f"{hours:.1f} h"
        return (
            f"handed in {much} late"
            + f"; that costs {self.penalty:g} {'point' if self.penalty == 1 else 'points'}" * bool(self.penalty)
        )


class Book:
    """The database of one course, for as long as a class is graded.

    kept : whether nbgrader's own classes work on our connection.

    Raises
    ------
    GradebookError : it cannot be opened or read.   UsageError : there is none yet.
    """

    def __init__(self, url: str, *, kept: bool) -> None:
        self.url, self._kept = url, kept
        with trouble(url):
            parsed = make_url(url)
            if parsed.get_backend_name() == "sqlite" and parsed.database and not Path(parsed.database).is_file():
                wanted, found = f"nbgrader's gradebook at {parsed.database}", "no such file"
                raise UsageError(wanted, found, "run `nbgrader generate_assignment` for the assignment first")
            self._engine = create_engine(url, future=True)
            with api.Gradebook(url) as book:  # nbgrader's own way in: it refuses what it cannot read
                book.db.query(api.Grade).first()

    @contextmanager
    def step(self) -> Iterator[None]:
        """What nbgrader does in this block is written when the block ends, or as nbgrader itself would write it.

        Where the block ends in an error, what nbgrader committed before it is written, as it is by nbgrader itself.
        """
        if not self._kept:
            with trouble(self.url, OperationalError), _quiet():
                yield
            return
        with trouble(self.url, OperationalError), _quiet(), self._connection() as connection, ExitStack() as stack:
            session = _session_of(connection)
            for module in _USERS:
                stack.enter_context(patch(f"{module}.Gradebook", session))
            stack.enter_context(patch(_VALIDATES, SimpleNamespace(validate=_validate)))
            yield

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        with self._engine.connect() as connection, connection.begin() as transaction:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # waits for the formgrader before reading, not after
            try:
                yield connection
            except DatabaseFailed:
                raise
            except Exception:
                transaction.commit()
                raise

    def outline(self, assignment: str) -> dict[str, Outline]:
        """The notebooks of an assignment by name. Raises `UsageError` where nbgrader does not know it."""
        with trouble(self.url), api.Gradebook(self.url) as book:
            try:
                found = book.find_assignment(assignment)
            except api.MissingEntry:
                known = ", ".join(sorted(each.name for each in book.assignments)) or "none"
                wanted = f"an assignment that the gradebook knows (it knows {known})"
                remedy = f'run `nbgrader generate_assignment "{assignment}"`, or mend the name'
                raise UsageError(wanted, repr(assignment), remedy) from None
            return {notebook.name: _outline(notebook) for notebook in found.notebooks}

    def scores(self, assignment: str, student: str) -> dict[tuple[str, str], Score]:
        """By notebook and cell what nbgrader has for a student."""
        with trouble(self.url), self._engine.connect() as connection:
            query = (
                _grades(connection)
                .filter(api.Assignment.name == assignment, api.Student.id == student)
                .with_entities(
                    api.Notebook.name,
                    api.BaseCell.name,
                    api.Grade.auto_score,
                    api.Grade.manual_score,
                    api.Grade.score,
                    api.Grade.needs_manual_grade,
                )
            )
            return {
                (book, cell): Score(auto, manual, float(total or 0.0), bool(waits))
                for book, cell, auto, manual, total, waits in query
            }

    def recorded(self, assignment: str) -> dict[str, dict[tuple[str, str], float | None]]:
        """By student who has a submission: the automatic scores, by notebook and cell; none where nothing is graded."""
        with trouble(self.url), self._engine.connect() as connection:
            submissions = (
                sessionmaker(bind=connection, future=True)()
                .query(api.SubmittedAssignment.student_id)
                .join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
                .filter(api.Assignment.name == assignment)
            )
            found: dict[str, dict[tuple[str, str], float | None]] = {student: {} for (student,) in submissions}
            grades = (
                _grades(connection)
                .filter(api.Assignment.name == assignment)
                .with_entities(api.Student.id, api.Notebook.name, api.BaseCell.name, api.Grade.auto_score)
            )
            for student, book, cell, auto in grades:
                found[student][book, cell] = auto
        return found

    def penalties(self, assignment: str, student: str) -> dict[str, Late]:
        """By notebook how late it was, and what that costs."""
        with trouble(self.url), self._engine.connect() as connection:
            query = (
                sessionmaker(bind=connection, future=True)()
                .query(api.Notebook.name, api.SubmittedNotebook.late_submission_penalty, api.SubmittedAssignment)
                .join(api.SubmittedNotebook, api.SubmittedNotebook.notebook_id == api.Notebook.id)
                .join(api.SubmittedAssignment, api.SubmittedAssignment.id == api.SubmittedNotebook.assignment_id)
                .join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
                .join(api.Student, api.Student.id == api.SubmittedAssignment.student_id)
                .filter(api.Assignment.name == assignment, api.Student.id == student)
            )
            return {name: Late(float(of.total_seconds_late), float(penalty or 0.0)) for name, penalty, of in query}

    def submissions(self, assignment: str, notebook: str) -> int:
        """How many submissions of a notebook the database holds: nbgrader then adds no cell to it."""
        with trouble(self.url), self._engine.connect() as connection:
            query = (
                sessionmaker(bind=connection, future=True)()
                .query(api.SubmittedNotebook)
                .join(api.Notebook, api.Notebook.id == api.SubmittedNotebook.notebook_id)
                .join(api.Assignment, api.Assignment.id == api.Notebook.assignment_id)
                .filter(api.Assignment.name == assignment, api.Notebook.name == notebook)
            )
            return int(query.count())

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without SQLAlchemy's warnings about the way in which nbgrader adds its objects."""
    with warnings.catch_warnings(category=SAWarning, action="ignore"):
        yield


def _validate(instance: Any, schema: Any) -> None:
    """`jsonschema.validate` for a schema that was looked at before: nbgrader validates each cell with the same one."""
    error = best_match(_validator(json.dumps(schema, sort_keys=True)).iter_errors(instance))
    if error is not None:
        raise error


@lru_cache(maxsize=8)
def _validator(schema: str) -> Any:
    made = json.loads(schema)
    kind = validator_for(made)
    kind.check_schema(made)
    return kind(made)


def _grades(connection: Any) -> Any:
    session = sessionmaker(bind=connection, future=True)()
    return (
        session.query(api.Grade)
        .join(api.BaseCell, api.BaseCell.id == api.Grade.cell_id)
        .join(api.SubmittedNotebook, api.SubmittedNotebook.id == api.Grade.notebook_id)
        .join(api.Notebook, api.Notebook.id == api.SubmittedNotebook.notebook_id)
        .join(api.SubmittedAssignment, api.SubmittedAssignment.id == api.SubmittedNotebook.assignment_id)
        .join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
        .join(api.Student, api.Student.id == api.SubmittedAssignment.student_id)
    )


def _session_of(connection: Any) -> type:
    """nbgrader's Gradebook, on this connection whoever makes one."""
    known = set[str]()

    class Session(api.Gradebook):  # type: ignore[misc] # nbgrader has no types
        def __init__(self, db_url: str, course_id: str = "default_course", authenticator: Any = None) -> None:  # noqa: ARG002 - nbgrader's signature
            self.engine = connection.engine
            self.db = scoped_session(  # what it commits is kept by the step's own transaction; what it does not is lost
                sessionmaker(bind=connection, future=True, autoflush=True, join_transaction_mode="create_savepoint")
            )
            if course_id not in known:
                self.check_course(course_id=course_id)
                known.add(course_id)
            self.course_id = course_id
            self.authenticator = authenticator

        def close(self) -> None:
            self.db.remove()

    return Session


def _outline(notebook: Any) -> Outline:
    sources = {cell.name: cell for cell in notebook.source_cells}
    graded = {cell.name: cell for cell in notebook.grade_cells}
    answers = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name: cell for cell in notebook.task_cells}
    names = sorted({*sources, *graded, *answers, *tasks})
    cells = {name: _spec(name, sources.get(name), graded.get(name), name in answers, tasks.get(name)) for name in names}
    return Outline(cells, json.loads(notebook.kernelspec) if notebook.kernelspec else {})


def _spec(name: str, source: Any, graded: Any, answer: bool, task: Any) -> CellSpec:
    worth = graded if graded is not None else task
    kind = next((str(each.cell_type) for each in (source, worth) if each is not None and each.cell_type), "code")
    return CellSpec(
        grade_id=name,
        cell_type=kind,  # type: ignore[arg-type] # the database has these and no other
        source=str(source.source or "") if source is not None else "",
        checksum=str(source.checksum or "") if source is not None else "",
        grade=graded is not None,
        solution=answer,
        locked=bool(source.locked) if source is not None else False,
        task=task is not None,
        points=float(worth.max_score or 0.0) if worth is not None else 0.0,
    )


@contextmanager
def trouble(url: str, *kinds: type[Exception]) -> Iterator[None]:
    """Trouble with the database as a `GradebookError`: any, or that of these kinds."""
    meant = kinds or (SQLAlchemyError, api.InvalidEntry, ImportError)
    try:
        yield
    except meant as error:
        cause = (str(getattr(error, "orig", error)).strip() or type(error).__name__).splitlines()[0]
        remedy = "run `nbgrader db upgrade` where it is of an older version (make a copy first)"
        if "locked" in cause:
            remedy = "end the program that writes to it, and run the same command again"
        raise GradebookError(f"nbgrader's gradebook {_shown(url)}", cause, remedy) from error


def _shown(url: str) -> str:
    try:
        return str(make_url(url).render_as_string(hide_password=True))
    except SQLAlchemyError:
        return "(its URL cannot be read)"
