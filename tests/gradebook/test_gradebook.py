"""Reports into nbgrader's database, read back through nbgrader itself."""

import datetime
import sqlite3
from typing import Any

import msgspec
import pytest

from referee.errors import GradebookError
from referee.gradebook import manual_scores, read_scores, record
from referee.report import (
    Outline,
    Report,
)
from tests.gradebook.factories import MONDAY, cell, faulty, notebook, outline, report, spec


def contents(path) -> list[str]:
    with sqlite3.connect(path) as database:
        return list(database.iterdump())


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/gradebook.db"


@pytest.fixture
def database(tmp_path):
    return tmp_path / "gradebook.db"


def grades(database) -> dict[tuple[str, str], tuple[Any, ...]]:
    query = """SELECT submitted_assignment.student_id, base_cell.name, auto_score, manual_score, needs_manual_grade
        FROM grade JOIN base_cell ON base_cell.id = grade.cell_id
        JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id"""
    with sqlite3.connect(database) as connection:
        return {(row[0], row[1]): row[2:] for row in connection.execute(query)}


def set_manual(database, column="manual_score", value=1.5, cell_name="essay", table="grade") -> None:
    with sqlite3.connect(database) as connection:
        connection.execute(
            f"UPDATE {table} SET {column} = ? WHERE cell_id IN (SELECT id FROM base_cell WHERE name = ?)",
            (value, cell_name),
        )


def test_scores_come_back_as_recorded(url):
    """What was earned is the score, and the points of the outline are the maximum."""
    recorded = record(url, outline(), [report("ada"), report("bo", conv=cell("conv", 1.5, 3.0))])
    assert recorded.students == ("ada", "bo")
    rows = [(row.student, row.score, row.max_score, row.needs_manual_grade) for row in read_scores(url, "cnn")]
    assert rows == [("ada", 4.0, 6.0, True), ("bo", 2.5, 6.0, True)]


def test_an_answer_for_a_person_has_no_automatic_score(url, database):
    """A cell that only a person can grade waits, without a zero that looks like a grade."""
    recorded = record(url, outline(), [report("ada")])
    assert grades(database)["ada", "essay"] == (None, None, 1)
    assert recorded.needs_person == ("ada",)


def test_a_fault_of_ours_costs_nothing(url, database):
    """A cell with a broken check keeps what the other checks earned, and waits for a person."""
    record(url, outline(), [faulty()])
    assert grades(database)["bo", "conv"] == (1.0, None, 1)


def test_a_fault_of_ours_is_no_zero(url, database):
    """Where a broken check leaves nothing earned there is no automatic score at all."""
    record(url, outline(), [faulty(earned=0.0)])
    assert grades(database)["bo", "conv"] == (None, None, 1)


def test_a_notebook_without_scores_waits(url, database):
    """A cell that the report says nothing about waits for a person instead of scoring zero."""
    book = notebook("basics")
    record(url, outline(), [Report(student="ada", assignment="cnn", notebooks=(book,))])
    assert grades(database)["ada", "conv"] == (None, None, 1)


def test_a_notebook_not_handed_in_scores_zero(url, database):
    """nbgrader's own rule for a missing notebook holds."""
    record(url, outline(), [faulty()])
    assert grades(database)["bo", "more"] == (0.0, None, 0)


def test_recording_twice_changes_nothing(url, database):
    """The same reports leave the same database, row by row."""
    reports = [report("ada"), faulty()]
    record(url, outline(), reports, submitted_at={"ada": MONDAY})
    once = contents(database)
    record(url, outline(), reports, submitted_at={"ada": MONDAY})
    assert contents(database) == once


def test_a_manual_score_survives_a_regrade(url, database):
    """What a person decided stays, and the cell no longer waits."""
    record(url, outline(), [report("ada")])
    set_manual(database)
    recorded = record(url, outline(), [report("ada")])
    assert grades(database)["ada", "essay"] == (None, 1.5, 0)
    assert recorded.review == ()


def test_extra_credit_counts_without_a_score_of_a_persons(url, database):
    """What a person adds to an automatic score is part of what they gave, as in nbgrader's own sum; nothing else is."""
    record(url, outline(), [report("ada")])
    assert manual_scores(url, "cnn") == {}
    set_manual(database, "extra_credit", 0.5, "conv")
    assert manual_scores(url, "cnn") == {("ada", "basics", "conv"): (3.5, "")}
    assert manual_scores(url, "cnn", extra=False) == {}
    assert [row.score for row in read_scores(url, "cnn")] == [4.5]
    set_manual(database, "extra_credit", 0.5, "essay")  # nobody has graded it yet
    assert manual_scores(url, "cnn").keys() == {("ada", "basics", "conv")}


def test_a_newer_hand_in_asks_for_another_look(url, database):
    """A manual score that was given for an earlier hand-in is kept and named."""
    record(url, outline(), [report("ada")], submitted_at={"ada": MONDAY})
    set_manual(database)
    later = MONDAY + datetime.timedelta(hours=1)
    recorded = record(url, outline(), [report("ada")], submitted_at={"ada": later})
    assert recorded.review == ("ada basics/essay",)


def test_times_are_kept_in_utc(url, database):
    """A hand-in time of any zone is stored as nbgrader stores it: naive, in UTC."""
    zone = datetime.timezone(datetime.timedelta(hours=2))
    record(url, outline(), [report("ada")], submitted_at={"ada": MONDAY.astimezone(zone)})
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT timestamp FROM submitted_assignment").fetchall() == [
            ("2026-03-02 09:30:00.000000",)
        ]


def test_comments_hold_the_authors_words(url, database):
    """The comment on a solution names the checks after it that did not pass, and holds no markup."""
    record(url, outline(), [faulty()])
    with sqlite3.connect(database) as connection:
        comments = [row[0] for row in connection.execute("SELECT auto_comment FROM comment") if row[0]]
    assert comments == ["conv: could not be checked: It works on ‹any› image."]


def test_changed_points_reach_everyone(url):
    """New points are taken over where everyone who handed in is graded again."""
    record(url, outline(), [report("ada")])
    record(url, outline(points=5.0), [report("ada", points=5.0)])
    assert read_scores(url, "cnn")[0].max_score == 8.0


def test_changed_points_for_a_part_of_the_class_are_refused(url, database):
    """Nobody is left with a score on the old scale: nothing changes, and the message names who is missing."""
    record(url, outline(), [report("ada"), report("bo")])
    before = contents(database)
    with pytest.raises(GradebookError) as caught:
        record(url, outline(points=5.0), [report("ada", points=5.0)])
    assert str(caught.value) == (
        "wanted: reports by everyone who handed in cnn, because its points changed\n"
        "found:  basics/conv changed, and no report by bo\n"
        "next:   grade the whole class again, and record it together"
    )
    assert contents(database) == before


def test_cells_come_and_go(url, database):
    """Cells that the author added get their rows for earlier submissions, and removed ones lose theirs."""
    record(url, outline(), [report("ada")])
    added = (spec("pool_solution", solution=True), spec("pool", 1.0, grade=True, locked=True))
    with_pool = report("ada")
    first = msgspec.structs.replace(
        with_pool.notebooks[0], graded=(*with_pool.notebooks[0].graded, cell("pool", 1.0, 1.0))
    )
    record(url, outline(extra=added), [msgspec.structs.replace(with_pool, notebooks=(first, with_pool.notebooks[1]))])
    assert grades(database)["ada", "pool"] == (1.0, None, 0)
    assert read_scores(url, "cnn")[0].max_score == 7.0
    record(url, outline(), [report("ada")])
    assert ("ada", "pool") not in grades(database)


def test_notebooks_come_and_go(url, database):
    """A notebook that left the assignment leaves the gradebook too."""
    record(url, outline(), [report("ada")])
    whole = outline()
    smaller = Outline(assignment="cnn", notebooks={"basics": whole.notebooks["basics"]})
    record(url, smaller, [report("ada", more=None)])
    assert read_scores(url, "cnn")[0].max_score == 5.0
    record(url, whole, [report("ada")])
    assert grades(database)["ada", "more"] == (1.0, None, 0)


@pytest.mark.parametrize(
    ("table", "column", "value"), [("grade", "manual_score", 2.0), ("comment", "manual_comment", "ok")]
)
def test_a_persons_work_is_never_dropped(url, database, table, column, value):
    """A cell that a person graded or commented cannot be removed, and nothing changes."""
    record(url, outline(), [report("ada")])
    set_manual(database, column, value, table=table)
    before = contents(database)
    whole = outline()
    basics = tuple(each for each in whole.notebooks["basics"] if each.grade_id != "essay")
    smaller = Outline(assignment="cnn", notebooks={**whole.notebooks, "basics": basics})
    changed = Report(student="ada", assignment="cnn", notebooks=(notebook("basics", cell("conv", 3.0, 3.0)),))
    with pytest.raises(GradebookError, match="which a person entered"):
        record(url, smaller, [changed])
    assert contents(database) == before


@pytest.mark.parametrize(
    ("reports", "found"),
    [
        ([report("ada"), report("ada")], "two by ada"),
        ([msgspec.structs.replace(report("ada"), assignment="other")], "one on other"),
        ([report("ada", points=4.0)], "conv with 4.0 points is not a cell of it"),
        ([Report(student="ada", assignment="cnn", notebooks=(notebook("extra"),))], "notebook extra is not part of it"),
    ],
)
def test_reports_that_do_not_fit_are_refused(url, database, reports, found):
    """Reports that contradict the outline or one another are refused before a file is made."""
    with pytest.raises(GradebookError) as caught:
        record(url, outline(), reports)
    assert caught.value.found == found
    assert not database.exists()


def test_a_raw_cell_with_points_is_refused(url):
    """nbgrader cannot hold points on a raw cell."""
    with pytest.raises(GradebookError, match="answer is raw"):
        record(url, outline(extra=(spec("answer", 1.0, "raw", grade=True),)), [])


def test_an_error_midway_leaves_nothing(url, database):
    """A report that the database refuses undoes the ones before it, and the outline with them."""
    broken = msgspec.structs.replace(report("bo"), student="\ud800")
    with pytest.raises(GradebookError):
        record(url, outline(), [report("ada"), broken])
    assert not any("INSERT" in line for line in contents(database))


def test_a_locked_database(url, database):
    """A database that another program writes to is an error in words, after a bounded wait."""
    record(url, outline(), [report("ada")])
    with sqlite3.connect(database) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(GradebookError) as caught:
            record(f"{url}?timeout=0.1", outline(), [report("ada")])
        other.rollback()
    assert caught.value.found == "database is locked"
    assert caught.value.remedy == "end the program that writes to it, and run the same command again"


def test_a_file_that_is_no_database(url, database):
    """Another kind of file is left as it is."""
    database.write_text("grades are in the drawer " * 100)
    for attempt in (lambda: record(url, outline(), [report("ada")]), lambda: read_scores(url, "cnn")):
        with pytest.raises(GradebookError, match="file is not a database"):
            attempt()
    assert database.read_text().startswith("grades are in the drawer")


def test_a_database_of_something_else(url, database):
    """A database that nbgrader did not make gets no tables from us."""
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(GradebookError, match="nbgrader did not make"):
        record(url, outline(), [report("ada")])


def test_a_database_of_an_older_nbgrader(url, database):
    """An old schema is named, with the command that mends it."""
    record(url, outline(), [report("ada")])
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '50a4d84c131a'")
    with pytest.raises(GradebookError, match="nbgrader db upgrade"):
        record(url, outline(), [report("ada")])


@pytest.mark.parametrize("bad", ["drawer://grades", "not a url", "postgresql+nosuchdriver://me:secret@host/grades", ""])
def test_a_url_of_an_unknown_kind(bad):
    """A URL that nothing understands is an error in words, and a password in it stays out of them."""
    with pytest.raises(GradebookError) as caught:
        record(bad, outline(), [report("ada")])
    assert "secret" not in str(caught.value)
    assert "sqlite:///gradebook.db" in caught.value.remedy


def test_a_folder_that_does_not_exist(tmp_path):
    """A database cannot be made in a missing folder."""
    with pytest.raises(GradebookError, match="unable to open database file"):
        record(f"sqlite:///{tmp_path}/nowhere/gradebook.db", outline(), [report("ada")])


def test_reading_makes_no_database(url, database):
    """Asking for scores that were never recorded creates no file."""
    with pytest.raises(GradebookError, match="no such file"):
        read_scores(url, "cnn")
    assert not database.exists()


def test_reading_an_unknown_assignment(url):
    """An assignment that was never recorded is named."""
    record(url, outline(), [report("ada")])
    with pytest.raises(GradebookError, match="scores for rnn"):
        read_scores(url, "rnn")
