"""What the real `nbgrader export` and a real formgrader server read from a gradebook of ours."""

import csv
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from referee.gradebook import read_scores, record
from tests.gradebook.factories import (
    MONDAY,
    faulty,
    outline,
    report,
)

TOKEN = "only-for-this-test"


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
