"""The other commands in an nbgrader course: those that work find its own folders and gradebook, the rest say what does.

Each is tried in two courses: one as `nbgrader quickstart` lays it out, and one that has names of its own for everything
and keeps students below assignments.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import nbformat
import pytest
from click.testing import CliRunner, Result
from nbgrader.api import Gradebook

from referee import gradebook, workflow
from referee.cli import main
from referee.collect import collect
from referee.errors import CourseError
from referee.nbcourse.config import open_course
from referee.nbcourse.course import NbCourse
from referee.report import Outline, Report, to_json
from tests.collect.zips import canvas, notebook, write_zip
from tests.conftest import nbgrader_cell, python_notebook
from tests.exports.made import answer, book, cell, check
from tests.gradebook.factories import spec

USUAL = "c = get_config()\nc.CourseDirectory.course_id = 'usual'\n"
OWN = """c = get_config()
c.CourseDirectory.course_id = 'own'
c.CourseDirectory.source_directory = 'author'
c.CourseDirectory.release_directory = 'out'
c.CourseDirectory.submitted_directory = 'in'
c.CourseDirectory.autograded_directory = 'ran'
c.CourseDirectory.feedback_directory = 'back'
c.CourseDirectory.directory_structure = '{nbgrader_step}/{assignment_id}/{student_id}'
c.CourseDirectory.db_url = 'sqlite:///' + '%s/data/grades.db'
"""


@dataclass(frozen=True)
class Scene:
    """An nbgrader course with one assignment of one notebook, and two students with reports on it."""

    root: Path
    course: NbCourse

    def run(self, *arguments: Any) -> Result:
        return CliRunner().invoke(main, [*map(str, arguments), "--course", str(self.root)])

    def hand_in(self, student: str, *notebooks: str) -> None:
        for name in notebooks:
            path = self.course.submission(student, "ps1") / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(nbformat.writes(python_notebook([nbgrader_cell(f"x = '{student}'", "x", "solution")])))

    def report(self, student: str, **more: Any) -> None:
        path = self.course.submission(student, "ps1") / "maps.ipynb"
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "f"
        graded = msgspec.structs.replace(book(cell(check()), answer(waits=True), **more), fingerprint=found)
        target = self.root / "reports" / "ps1" / f"{student}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(to_json(Report(student=student, assignment="ps1", notebooks=(graded,))))

    def record(self, student: str, score: float) -> None:
        """Give a score for the essay, as a person in the formgrader does, where nbgrader's configuration says."""
        Path(self.course.database.removeprefix("sqlite:///")).parent.mkdir(exist_ok=True)
        essay = spec("essay", 2.0, "markdown", grade=True, solution=True)
        outline = Outline(assignment="ps1", notebooks={"maps": (essay,)}, kernelspec={"name": "python3"})
        report = Report(student=student, assignment="ps1", notebooks=(book(answer(waits=True)),))
        gradebook.record(self.course.database, outline, (report,))
        with Gradebook(self.course.database) as opened:
            grade = opened.find_grade("essay", "maps", "ps1", student)
            grade.manual_score, grade.needs_manual_grade = score, False
            opened.db.commit()


@pytest.fixture(params=["usual", "own"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    """The course, in one layout and the other."""
    root = (tmp_path / request.param).resolve()
    source = root / ("source" if request.param == "usual" else "author") / "ps1" / "maps.ipynb"
    source.parent.mkdir(parents=True)
    config = USUAL if request.param == "usual" else OWN % root
    (root / "nbgrader_config.py").write_text(config)
    cells = [nbgrader_cell("x = 1", "x", "solution"), nbgrader_cell("assert x == 1", "conv", "check", 4)]
    source.write_text(nbformat.writes(python_notebook(cells)))
    made = Scene(root, open_course(root))
    released = made.course.exercises("ps1")[0].released
    released.parent.mkdir(parents=True)
    released.write_text(nbformat.writes(python_notebook(cells)))
    for student in ("ada", "ben"):
        made.hand_in(student, "maps")
        made.report(student)
    return made


# --- what works -------------------------------------------------------------------------------------------------------


def test_collect_fills_nbgraders_folder(scene, tmp_path):
    """A zip's notebooks come where nbgrader looks for them; the same zip again changes nothing."""
    zipped = write_zip(
        tmp_path / "all.zip",
        {
            canvas("roecleo", 12, 900, "maps.ipynb"): notebook("1"),
            canvas("adam", 13, 901, "maps.ipynb", late=True): notebook("2"),
        },
    )
    done = scene.run("collect", "ps1", zipped)
    assert done.exit_code == 0, done.output
    assert scene.course.submitted("ps1") == ("ada", "adam_13", "ben", "roecleo_12")
    assert (scene.course.submission("roecleo_12", "ps1") / "maps.ipynb").read_bytes() == notebook("1")
    assert not (scene.course.submission("roecleo_12", "ps1") / "timestamp.txt").exists()
    assert "2 as before" in scene.run("collect", "ps1", zipped).stdout


def test_collect_keeps_the_attempt_before_with_its_timestamp(scene, tmp_path):
    """What counted until now goes to attempts/ with nbgrader's timestamp, which is not about the new notebook."""
    folder = scene.course.submission("ada", "ps1")
    (folder / "timestamp.txt").write_text("2026-03-02 09:30:00 UTC")
    old = (folder / "maps.ipynb").read_bytes()
    (tmp_path / "given" / "ada").mkdir(parents=True)
    (tmp_path / "given" / "ada" / "maps.ipynb").write_bytes(notebook("new"))
    assert scene.run("collect", "ps1", tmp_path / "given").exit_code == 0
    kept = scene.root / "attempts" / "ps1" / "ada" / "1"
    assert (kept / "maps.ipynb").read_bytes() == old
    assert (kept / "timestamp.txt").read_text() == "2026-03-02 09:30:00 UTC"
    assert not (folder / "timestamp.txt").exists()
    assert (folder / "maps.ipynb").read_bytes() == notebook("new")


def test_collect_knows_a_student_who_is_there(scene, tmp_path):
    """A name that differs from a student's in case alone is not taken for another student's folder."""
    (tmp_path / "given" / "ADA").mkdir(parents=True)
    (tmp_path / "given" / "ADA" / "maps.ipynb").write_bytes(notebook("new"))
    found = collect(scene.course, "ps1", tmp_path / "given")
    assert "ADA" not in scene.course.submitted("ps1")
    assert found.left_out or [each.student for each in found.students] == ["ada"]


def test_collect_takes_nothing_from_the_course_itself(scene):
    """The folder of submissions is no source, whatever it is called."""
    done = scene.run("collect", "ps1", scene.course.submission("ada", "ps1").parent)
    assert done.exit_code == 2
    assert "where this course keeps its own" in done.stderr


def test_collect_follows_no_link_out_of_the_course(scene, tmp_path):
    """A student's folder that is a link gets nothing, in the words of the course's own folders."""
    away = tmp_path / "away"
    away.mkdir()
    scene.course.submission("eve", "ps1").parent.mkdir(parents=True, exist_ok=True)
    scene.course.submission("eve", "ps1").symlink_to(away)
    (tmp_path / "given" / "eve").mkdir(parents=True)
    (tmp_path / "given" / "eve" / "maps.ipynb").write_bytes(notebook("1"))
    found = collect(scene.course, "ps1", tmp_path / "given")
    assert "is a link, or no folder" in found.left_out[0].reason
    assert not list(away.iterdir())


def test_report_makes_the_class_page(scene):
    """The page about the class leads to nbgrader's pages of each student, and shows what a person gave there."""
    scene.record("ada", 1.5)
    done = scene.run("report", "ps1", "--json")
    assert done.exit_code == 0, done.output
    said = msgspec.json.decode(done.stdout)
    rows = {row["shown"]: row for row in said["class"]["rows"]}
    assert (rows["ada"]["earned"], rows["ben"]["earned"]) == (5.5, 4.0)
    for student in ("ada", "ben"):
        link = rows[student]["books"][0]["page"]
        target = Path(said["page"]).parent / link
        assert Path(os.path.normpath(target)) == scene.course.feedback(student, "ps1") / "maps.html"


def test_the_page_that_is_served_finds_nbgraders_pages(scene, monkeypatch):
    """Under the address of a student's page the server gives out nbgrader's file, and a new manual score changes it."""
    from referee.workflow import class_page  # noqa: PLC0415 - its pause is taken away

    monkeypatch.setattr(class_page, "_PAUSE", 0.0)
    monkeypatch.setattr(class_page, "_REST", 0.0)
    live = workflow.LivePage(scene.course, "ps1")
    page = live.student_page(("feedback", "ada", "ps1", "maps.html"))
    assert page == scene.course.feedback("ada", "ps1") / "maps.html"
    assert b"feedback/ada/ps1/maps.html" in live.page()
    before = live.version()
    scene.record("ada", 2.0)
    assert live.version() != before


def test_report_and_its_export_with_a_file_of_another_name(scene, tmp_path):
    """A notebook under another name is nobody's in an nbgrader course: the others are compared all the same."""
    scene.hand_in("cleo", "my_maps")
    assert scene.run("report", "ps1").exit_code == 0
    done = scene.run("report", "ps1", "--similar", "dolos", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("2 submissions")


def test_export_reads_nbgraders_gradebook(scene):
    """Scores go out with what persons gave in nbgrader's own database, which is where its configuration says."""
    missing = scene.run("export", "ps1", "--to", "csv")
    assert missing.stdout.splitlines()[1:] == ["ada,4,6,2,,4", "ben,4,6,2,,4"]
    assert f"no gradebook at {scene.course.database.removeprefix('sqlite:///')}" in missing.stderr
    scene.record("ada", 1.5)
    done = scene.run("export", "ps1", "--to", "csv")
    assert done.stdout.splitlines()[1:] == ["ada,5.5,6,0,,5.5", "ben,4,6,2,,4"]
    assert "no gradebook" not in done.stderr


def test_export_says_who_handed_in_since(scene):
    """A notebook that was changed after it was graded, and a student without a report, are named."""
    scene.hand_in("cleo", "maps")
    (scene.course.submission("ben", "ps1") / "maps.ipynb").write_text("{}")
    done = scene.run("export", "ps1", "--to", "csv")
    assert "not graded yet, and left out: cleo" in done.stderr
    assert "ben" in done.stderr


@pytest.mark.parametrize("kind", ["json", "junit", "github", "gradescope"])
def test_export_writes_each_format(scene, tmp_path, kind):
    """Every format that needs no file of an LMS is written from an nbgrader course's reports."""
    done = scene.run("export", "ps1", "--to", kind, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out").exists()


# --- what does not, and says so ---------------------------------------------------------------------------------------

INSTEAD = {
    ("release", "ps1"): "`nbgrader generate_assignment ps1`",
    ("release",): "`nbgrader generate_assignment ASSIGNMENT`",
    ("verify",): "`nbgrader validate NOTEBOOK`",
    ("verify", "ps1/maps"): "`referee audit`",
    ("regrade", "ps1"): "`referee grade ps1 --again`",
    ("regrade", "ps1", "--undo"): "`referee grade ps1 --again`",
    ("pages", "ps1", "--as", "instructor", "--out", "look"): "its pages show what nbgrader shows",
    ("pages", "ps1", "--student", "nobody"): "`referee grade ps1`",
    ("export", "ps1", "--to", "nbgrader"): "`nbgrader release_feedback ps1`",
    ("calibrate",): "only exercises with a recipe are calibrated",
    ("demo", "--dir", "there"): "a checkout of Referee",
}


@pytest.mark.parametrize("command", INSTEAD, ids=" ".join)
def test_what_nbgrader_does_is_left_to_it(scene, tmp_path, monkeypatch, command):
    """A command for courses of ours says in three lines that this is nbgrader's, and what to run."""
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    done = scene.run(*command)
    assert done.exit_code == 2
    assert done.stderr.startswith("referee: UsageError\nwanted: ")
    assert len(done.stderr.splitlines()) == 4
    assert INSTEAD[command] in done.stderr.splitlines()[-1]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_broken_policy_is_said_as_such(scene):
    """Where course.toml cannot be read, nobody is told that the course is of one kind or the other."""
    (scene.root / "course.toml").write_text("[nbgrader\n")
    done = scene.run("release")
    assert (done.exit_code, CourseError.__name__ in done.stderr) == (2, True)


def test_the_section_makes_it_nbgraders(scene):
    """With a course.toml and a folder solutions/, the section [nbgrader] tells the two kinds apart."""
    (scene.root / "course.toml").write_text("[limits]\nmemory_mb = 3000\n")
    assert "generate_assignment" in scene.run("release", "ps1").stderr
    (scene.root / "solutions").mkdir()
    (scene.root / "course.toml").write_text("[nbgrader]\n")
    assert "generate_assignment" in scene.run("release", "ps1").stderr
    (scene.root / "course.toml").write_text("")
    assert "generate_assignment" not in scene.run("release", "ps1").stderr
