"""Reports into nbgrader's database, for `nbgrader export` and the formgrader; the only writer of it.

    record(url, outline, reports)
      ├── the outline      assignment, notebooks, grade, solution, task and source cells
      └── each report      student, submission, submitted notebooks, grades, comments

All of it happens in one transaction: an error leaves the database as it was. What a person entered (manual scores,
extra credit, manual comments) is never changed. A score that only a person can decide is never written as a zero.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    from sqlalchemy import create_engine, func, inspect, text
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError
    from sqlalchemy.orm import scoped_session, sessionmaker
except ImportError as error:
    raise MissingExtra("nbgrader, for the gradebook", str(error), "pip install nbgrader") from error

COMMENT_LIMIT = 600


class Recorded(Record, frozen=True):
    """What `record` wrote. `review`: cells whose manual score was given for an earlier hand-in or for other points."""

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
        changed = _write_outline(book, outline, {report.student for report in reports})
        review: set[str] = set()
        for report in reports:
            review |= _write_report(book, outline, report, (submitted_at or {}).get(report.student), changed)
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


def rehearse(url: str, outline: Outline, students: Iterable[str], course: str = "") -> None:
    """Refuse now what `record` would refuse later, so that nobody waits for a grading that cannot be recorded.

    Raises
    ------
    GradebookError : the database cannot be opened or written, or the outline changed and students who already have a
        submission are not among `students`.
    """
    with _gradebook(url, course or "default_course", write=True) as book:
        known = [each for each in book.assignments if each.name == outline.assignment]
        for assignment in known:
            _refuse_a_part(assignment, outline, set(students))


def manual_scores(url: str, assignment: str, *, extra: bool = True) -> dict[tuple[str, str, str], tuple[float, str]]:
    """What persons gave: (student, notebook, grade_id) -> the score with extra credit, and the comment.

    extra : whether extra credit on an automatic score is something given, too; nbgrader asks for no other look at it.

    Raises
    ------
    GradebookError : there is no such database or assignment, or it cannot be read.
    """
    given: dict[tuple[str, str, str], tuple[float, str]] = {}
    with _gradebook(url, "", write=False) as book:
        _known(book, assignment)
        given_by_hand = api.Grade.manual_score.is_not(None)
        if extra:
            given_by_hand |= func.coalesce(api.Grade.extra_credit, 0) != 0
        decided = given_by_hand & ~api.Grade.needs_manual_grade
        grades = book.db.query(api.Grade).join(api.Grade.notebook).join(api.SubmittedNotebook.assignment)
        here = grades.join(api.SubmittedAssignment.assignment).filter(api.Assignment.name == assignment)
        for grade in here.filter(decided):  # few of a class's thousands: the others are never loaded
            notebook = grade.notebook
            comments = {each.cell.name: each.manual_comment or "" for each in notebook.comments}
            key = (notebook.student.id, notebook.name, grade.cell.name)
            given[key] = (float(grade.score), str(comments.get(grade.cell.name, "")))
    return given


def read_scores(url: str, assignment: str) -> tuple[ScoreRow, ...]:
    """The scores of everyone who handed in an assignment, by student, as nbgrader computes them.

    Raises
    ------
    GradebookError : there is no such database or assignment, or it cannot be read.
    """
    with _gradebook(url, "", write=False) as book:
        _known(book, assignment)
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
                    book.db.commit()
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
        return "end the program that writes to it, and run the same command again"
    if isinstance(error, ImportError) or "dialect" in reason or "parse" in reason:
        return "use a URL such as sqlite:///gradebook.db, or install the driver that this one needs"
    return "check that it is nbgrader's database, and that its folder exists and can be written"


def _known(book: Any, assignment: str) -> None:
    try:
        book.find_assignment(assignment)
    except api.MissingEntry as error:
        raise GradebookError(f"scores for {assignment}", "no such assignment", "grade and record it first") from error


def _check(outline: Outline, reports: Sequence[Report]) -> None:
    """Refuse reports that do not fit the outline, before anything is opened."""
    points = {(name, spec.grade_id): spec.points for name in outline.notebooks for spec in _graded(outline, name)}
    seen: set[str] = set()
    for report in reports:
        if report.assignment != outline.assignment:
            raise GradebookError(f"a report on {outline.assignment}", f"one on {report.assignment}")
        if report.student in seen:
            raise GradebookError("one report per student", f"two by {report.student}", "keep the one that counts")
        seen.add(report.student)
        for notebook in report.notebooks:
            if notebook.notebook not in outline.notebooks:
                raise _unfit(report, f"notebook {notebook.notebook} is not part of it")
            for cell in notebook.graded:
                if points.get((notebook.notebook, cell.grade_id)) != cell.points:
                    raise _unfit(report, f"{cell.grade_id} with {cell.points} points is not a cell of it")


def _unfit(report: Report, found: str) -> GradebookError:
    wanted = f"a report by {report.student} that fits {report.assignment} as its author set it"
    return GradebookError(wanted, found, "grade the submission again")


def _graded(outline: Outline, notebook: str) -> Iterator[CellSpec]:
    for spec in outline.notebooks[notebook]:
        if spec.cell_type == "raw" and (spec.grade or spec.task or spec.solution):
            raise GradebookError(
                "code and markdown cells", f"{spec.grade_id} is raw", "change its type in the notebook"
            )
        if spec.grade or spec.task:
            yield spec


def _rows(specs: Sequence[CellSpec]) -> Iterator[tuple[str, CellSpec, dict[str, Any]]]:
    """What nbgrader's own `generate_assignment` would save for these cells: kind of row, cell, attributes."""
    for spec in specs:
        worth = {"max_score": float(spec.points), "cell_type": spec.cell_type}
        locked = (spec.grade or spec.locked) and not spec.solution
        if spec.grade:
            yield "grade", spec, worth
        if spec.solution:
            yield "solution", spec, {}
        if spec.task:
            yield "task", spec, worth
        if (spec.grade or spec.solution or spec.task or locked) and spec.cell_type != "raw":
            source = {"source": spec.source, "checksum": spec.checksum, "locked": locked, "cell_type": spec.cell_type}
            yield "source", spec, source


_MODELS = {"grade": api.GradeCell, "solution": api.SolutionCell, "task": api.TaskCell}


def _write_outline(book: Any, outline: Outline, students: set[str]) -> set[str]:
    """Bring the assignment to its outline; returns the cells of which the points changed, or that are new or gone."""
    assignment = book.update_or_create_assignment(outline.assignment)
    changed = _refuse_a_part(assignment, outline, students)
    for notebook in list(assignment.notebooks):
        wanted = {
            (_MODELS.get(kind), spec.grade_id) for kind, spec, _ in _rows(outline.notebooks.get(notebook.name, ()))
        }
        for cell in [*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells]:
            if (type(cell), cell.name) not in wanted:
                _remove_cell(book, notebook.name, cell)
        book.db.flush()
        book.db.expire_all()
        if notebook.name not in outline.notebooks:
            book.remove_notebook(notebook.name, outline.assignment)
    for name, specs in outline.notebooks.items():
        _write_cells(book, outline, name, specs)
    book.db.expire_all()
    return changed


def _refuse_a_part(assignment: Any, outline: Outline, students: set[str]) -> set[str]:
    """The changed cells; where there are any, everyone who handed in has to be recorded together."""
    changed = _changed(assignment, outline)
    left_out = {each.student.id for each in assignment.submissions} - students
    if changed and left_out:
        raise GradebookError(
            f"reports by everyone who handed in {outline.assignment}, because its points changed",
            f"{', '.join(sorted(changed))} changed, and no report by {', '.join(sorted(left_out))}",
            "grade the whole class again, and record it together",
        )
    return changed


def _changed(assignment: Any, outline: Outline) -> set[str]:
    had = {
        (notebook.name, cell.name, float(cell.max_score), type(cell) is api.TaskCell)
        for notebook in assignment.notebooks
        for cell in [*notebook.grade_cells, *notebook.task_cells]
    }
    wants = {
        (name, spec.grade_id, float(spec.points), spec.task and not spec.grade)
        for name in outline.notebooks
        for spec in _graded(outline, name)
    }
    return {f"{notebook}/{cell}" for notebook, cell, _, _ in had ^ wants}


def _remove_cell(book: Any, notebook: str, cell: Any) -> None:
    for grade in cell.grades or ():
        if grade.manual_score is not None or grade.extra_credit is not None:
            raise _lost(f"the score of {grade.student.id} for {notebook}/{cell.name}")
        book.db.delete(grade)
    for comment in cell.comments or ():
        if comment.manual_comment:
            raise _lost(f"the comment for {comment.student.id} on {notebook}/{cell.name}")
        book.db.delete(comment)
    book.db.delete(cell)


def _lost(what: str) -> GradebookError:
    return GradebookError(
        f"to keep {what}, which a person entered",
        "the cell is no longer in the notebook",
        "put the cell back, or clear what was entered in the formgrader",
    )


def _write_cells(book: Any, outline: Outline, name: str, specs: Sequence[CellSpec]) -> None:
    kernelspec = json.dumps(outline.kernelspec)
    notebook = book.update_or_create_notebook(name, outline.assignment, kernelspec=kernelspec)
    rows = list(_rows(specs))
    for kind, spec, attributes in rows:
        getattr(book, f"update_or_create_{kind}_cell")(spec.grade_id, name, outline.assignment, **attributes)
    sources = {spec.grade_id for kind, spec, _ in rows if kind == "source"}
    for source in [each for each in notebook.source_cells if each.name not in sources]:
        book.db.delete(source)
    book.db.flush()


def _write_report(book: Any, outline: Outline, report: Report, when: datetime | None, changed: set[str]) -> set[str]:
    """Write one report; returns the cells of which a person should look again at the manual score."""
    book.update_or_create_student(report.student)
    submission = _submission(book, outline.assignment, report.student)
    newer = when is not None and submission.timestamp not in (None, parse_utc(when))
    if when is not None:
        submission.timestamp = parse_utc(when)
    notebooks = {notebook.notebook: notebook for notebook in report.notebooks}
    review = set()
    for submitted in submission.notebooks:
        notebook = notebooks.get(submitted.name)
        for grade in submitted.grades:
            _write_grade(grade, notebook)
            where = f"{submitted.name}/{grade.name}"
            if grade.manual_score is not None and (newer or where in changed):
                review.add(f"{report.student} {where}")
        comments = _comments(outline.notebooks[submitted.name], notebook)
        for comment in submitted.comments:
            comment.auto_comment = comments.get(comment.name)
    return review


def _submission(book: Any, assignment: str, student: str) -> Any:
    """The student's submission with a row for every notebook and cell, those that were added later too."""
    parent = book.find_assignment(assignment)
    try:
        submission = book.find_submission(assignment, student)
    except api.MissingEntry:
        submission = _add(book, api.SubmittedAssignment(assignment_id=parent.id, student_id=student))
    have = {each.notebook_id: each for each in submission.notebooks}
    for notebook in parent.notebooks:
        submitted = have.get(notebook.id)
        if submitted is None:
            submitted = _add(book, api.SubmittedNotebook(notebook_id=notebook.id, assignment_id=submission.id))
        graded, noted = {each.cell_id for each in submitted.grades}, {each.cell_id for each in submitted.comments}
        for cell in [*notebook.grade_cells, *notebook.task_cells]:
            if cell.id not in graded:
                book.db.add(api.Grade(cell_id=cell.id, notebook_id=submitted.id))
        for cell in [*notebook.solution_cells, *notebook.task_cells]:
            if cell.id not in noted:
                book.db.add(api.Comment(cell_id=cell.id, notebook_id=submitted.id))
    book.db.flush()
    book.db.expire_all()
    return submission


def _add(book: Any, row: Any) -> Any:
    book.db.add(row)
    book.db.flush()
    return row


def _write_grade(grade: Any, notebook: NotebookReport | None) -> None:
    """nbgrader's rule for what was not handed in is zero; what was not decided keeps what it earned, and waits."""
    cell = next((each for each in notebook.graded if each.grade_id == grade.name), None) if notebook else None
    waits = notebook is not None and (cell is None or cell.score is None)
    earned = cell.earned if cell else 0.0
    grade.auto_score = earned or None if waits else earned
    grade.needs_manual_grade = waits and grade.manual_score is None


def _comments(specs: Sequence[CellSpec], notebook: NotebookReport | None) -> dict[str, str]:
    """Solution cell -> what became of the check cells that follow it: nbgrader keeps comments on solutions only."""
    graded = {cell.grade_id: cell for cell in notebook.graded} if notebook else {}
    lines: dict[str, list[str]] = {}
    solution = ""
    for spec in specs:
        solution = spec.grade_id if spec.solution or spec.task else solution
        if solution and spec.grade_id in graded:
            lines.setdefault(solution, []).extend(_problems(graded[spec.grade_id]))
    return {grade_id: "\n\n".join(words)[:COMMENT_LIMIT] for grade_id, words in lines.items() if words}


def _problems(cell: GradedCell) -> Iterator[str]:
    """The author's sentences only: nbgrader's feedback page renders a comment as Markdown, so no student text here."""
    for result in cell.results:
        if not result.verdict.passed:
            sentence = (result.sentence or result.name).translate({ord("<"): "‹", ord(">"): "›"})
            words = f"{cell.grade_id}: {result.verdict.outcome.value}: {sentence}"
            yield "".join(character for character in words if character.isprintable())
