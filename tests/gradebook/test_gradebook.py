"""Reports into nbgrader's database, read back through nbgrader itself."""

import csv
import datetime
import http.client
import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from referee.errors import GradebookError
from referee.gradebook import read_scores, record
from referee.report import (
    PASSED,
    CellSpec,
    CheckResult,
    Environment,
    Fault,
    GradedCell,
    NotebookReport,
    Outcome,
    Outline,
    Report,
    Verdict,
)

FAILED = Verdict(outcome=Outcome.FAILED, fault=Fault.STUDENT)
CHECK_FAULT = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.CHECK)
MONDAY = datetime.datetime(2026, 3, 2, 9, 30, tzinfo=datetime.UTC)
TOKEN = "only-for-this-test"


def spec(grade_id, points=0.0, cell_type="code", **flags) -> CellSpec:
    source = f"# {grade_id}"
    return CellSpec(
        grade_id=grade_id, cell_type=cell_type, source=source, checksum="c" + grade_id, points=points, **flags
    )


def outline(points=3.0, extra=()) -> Outline:
    basics = (
        spec("intro", cell_type="markdown", locked=True),
        spec("conv_solution", solution=True),
        spec("conv", points, grade=True, locked=True),
        spec("essay", 2.0, "markdown", grade=True, solution=True),
        *extra,
    )
    more = (spec("more_solution", solution=True), spec("more", 1.0, grade=True, locked=True))
    return Outline(assignment="cnn", notebooks={"basics": basics, "more": more}, kernelspec={"name": "python3"})


def result(verdict=PASSED, sentence="The map of the deck's image.", check="conv") -> CheckResult:
    return CheckResult(check=check, name="test_it", sentence=sentence, weight=1.0, public=True, verdict=verdict)


def cell(grade_id, earned, points, *, score=0.0, kind="check", results=()) -> GradedCell:
    score = earned if score is not None else None
    return GradedCell(grade_id=grade_id, kind=kind, points=points, earned=earned, score=score, results=results)


def notebook(name, *cells) -> NotebookReport:
    environment = Environment(referee="0", python="3.11", platform="Linux")
    return NotebookReport(notebook=name, fingerprint="f", environment=environment, graded=cells)


ESSAY = cell("essay", 0.0, 2.0, score=None, kind="person")


def report(student, *, conv=None, essay=ESSAY, more=1.0, points=3.0) -> Report:
    conv = conv or cell("conv", points, points, results=(result(),))
    books = [notebook("basics", conv, essay)]
    if more is not None:
        books.append(notebook("more", cell("more", more, 1.0)))
    return Report(student=student, assignment="cnn", notebooks=tuple(books))


def faulty(student="bo", earned=1.0) -> Report:
    results = (result(), result(CHECK_FAULT, "It works on <any> image."))
    return report(student, conv=cell("conv", earned, 3.0, score=None, results=results), more=None)


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
    assert caught.value.remedy == "end the program that writes to it, then record again"


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


def environment(home) -> dict[str, str]:
    binaries = str(Path(sys.executable).parent)
    return {
        "PATH": f"{binaries}:/usr/bin:/bin",
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "LANG": "C.UTF-8",
    }


def course(tmp_path: Path) -> Path:
    """The least that the formgrader needs on disk: the assignment's source folder, and each graded notebook."""
    folder = tmp_path / "course"
    for student, books in {"ada": ["basics", "more"], "bo": ["basics"]}.items():
        handed_in = folder / "submitted" / student / "cnn"
        graded = folder / "autograded" / student / "cnn"
        for each in (handed_in, graded):
            each.mkdir(parents=True)
        (handed_in / "timestamp.txt").write_text("2026-03-02 09:30:00 UTC")
        for name in books:
            (graded / f"{name}.ipynb").write_text(json.dumps(autograded(outline().notebooks[name])))
    (folder / "source" / "cnn").mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.root = '" + str(folder) + "'\n")
    return folder


def autograded(specs) -> dict[str, Any]:
    cells = []
    for each in specs:
        flags = {"grade": each.grade, "solution": each.solution, "locked": each.locked, "task": each.task}
        mark = {"schema_version": 3, "grade_id": each.grade_id, "cell_type": each.cell_type, **flags}
        if each.grade:
            mark["points"] = each.points
        made = {"cell_type": each.cell_type, "id": each.grade_id, "metadata": {"nbgrader": mark}, "source": each.source}
        if each.cell_type == "code":
            made |= {"outputs": [], "execution_count": None}
        cells.append(made)
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def recorded_course(tmp_path) -> Path:
    folder = course(tmp_path)
    stamps = {"ada": MONDAY, "bo": MONDAY}
    record(f"sqlite:///{folder}/gradebook.db", outline(), [report("ada"), faulty()], submitted_at=stamps)
    return folder


def test_nbgrader_export_reads_what_we_wrote(tmp_path):
    """The real `nbgrader export` lists everyone with the scores that were recorded."""
    folder = recorded_course(tmp_path)
    url = f"sqlite:///{folder}/gradebook.db"
    command = [sys.executable, "-m", "nbgrader", "export", "--db", url, "--to", "grades.csv"]
    done = subprocess.run(
        command, cwd=folder, env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    with (folder / "grades.csv").open() as file:
        rows = [(row["student_id"], row["score"], row["max_score"], row["timestamp"]) for row in csv.DictReader(file)]
    assert rows == [("ada", "4.0", "6.0", "2026-03-02 09:30:00"), ("bo", "1.0", "6.0", "2026-03-02 09:30:00")]


@contextmanager
def formgrader(folder, home) -> Iterator[Callable[..., Any]]:
    """A real Jupyter server with nbgrader's formgrader, on loopback, ended whatever happens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = {"ip": "127.0.0.1", "port": port, "port_retries": 0, "root_dir": str(folder), "open_browser": False}
    extensions = dict.fromkeys(
        ("jupyterlab", "jupyter_lsp", "jupyter_server_terminals", "notebook", "notebook_shim"), False
    )
    server |= {"allow_root": True, "jpserver_extensions": {**extensions, "nbgrader": True}}
    (home / "config").mkdir()
    config = {"ServerApp": server, "IdentityProvider": {"token": TOKEN}}
    (home / "config" / "jupyter_server_config.json").write_text(json.dumps(config))
    with (home / "server.log").open("w") as log:
        command = [sys.executable, "-m", "jupyter", "server"]
        process = subprocess.Popen(command, cwd=folder, env=environment(home), stdout=log, stderr=log)
    try:
        yield lambda path, method="GET", body=None: ask(process, port, path, method, body)
    finally:
        process.kill()
        process.wait(timeout=30)


def ask(server, port, path, method, body) -> tuple[int, bytes]:
    """One request to the server; until it listens, again for a bounded while."""
    for _ in range(300):
        assert server.poll() is None, "the server ended"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except ConnectionRefusedError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise AssertionError("the server never listened")


def test_the_formgrader_shows_what_we_wrote(tmp_path):
    """The real formgrader lists the assignment, its submissions and their scores, and grades the rest by hand."""
    folder = recorded_course(tmp_path)
    with formgrader(folder, tmp_path) as get:
        assignments = json.loads(get("/formgrader/api/assignments")[1])
        assert [(each["name"], each["max_score"], each["num_submissions"]) for each in assignments] == [("cnn", 6.0, 2)]
        submissions = json.loads(get("/formgrader/api/submissions/cnn")[1])
        keys = ("student", "score", "max_score", "needs_manual_grade", "autograded")
        assert [tuple(each[key] for key in keys) for each in submissions] == [
            ("ada", 4.0, 6.0, True, True),
            ("bo", 1.0, 6.0, True, True),
        ]
        books = json.loads(get("/formgrader/api/submitted_notebooks/cnn/basics")[1])
        basics = {each["student"]: each for each in books}
        assert {name: each["score"] for name, each in basics.items()} == {"ada": 3.0, "bo": 1.0}
        assert [each["student"] for each in json.loads(get("/formgrader/api/submitted_notebooks/cnn/more")[1])] == [
            "ada"
        ]
        page = get(f"/formgrader/submissions/{basics['ada']['id']}/")
        assert page[0] == 200
        assert b'id="essay"' in page[1]
        waiting = json.loads(get(f"/formgrader/api/grades?submission_id={basics['ada']['id']}")[1])
        essay = next(each for each in waiting if each["name"] == "essay")
        assert essay["needs_manual_grade"]
        status, answer = get(f"/formgrader/api/grade/{essay['id']}", "PUT", {"manual_score": 1.5})
        assert (status, json.loads(answer)["needs_manual_grade"]) == (200, False)
    ada = read_scores(f"sqlite:///{folder}/gradebook.db", "cnn")[0]
    assert (ada.score, ada.needs_manual_grade) == (5.5, False)


def test_nbgrader_feedback_follows_what_we_wrote(tmp_path):
    """The real `nbgrader generate_feedback` makes its pages from the graded files and the database."""
    folder = recorded_course(tmp_path)
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", "cnn"]
    done = subprocess.run(
        command, cwd=folder, env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    shown = (folder / "feedback" / "bo" / "cnn" / "basics.html").read_text()
    assert "could not be checked: It works on ‹any› image." in shown


def test_nbgrader_finds_the_cells_that_it_would_have_saved(tmp_path):
    """The real `nbgrader generate_assignment` accepts our outline as its own, submissions and all."""
    folder = recorded_course(tmp_path)
    source = folder / "source" / "cnn"
    for name, specs in outline().notebooks.items():
        (source / f"{name}.ipynb").write_text(json.dumps(autograded(specs)))
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "cnn", "--force"]
    before = read_scores(f"sqlite:///{folder}/gradebook.db", "cnn")
    done = subprocess.run(
        command, cwd=folder, env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert read_scores(f"sqlite:///{folder}/gradebook.db", "cnn") == before
