"""The command `referee export`: what it writes where, and what it refuses."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import jsonschema
import msgspec
import pytest
from click.testing import CliRunner, Result

from referee.cli import export as cli_export
from referee.cli import main
from referee.collect.note import CollectedNote, encode
from referee.exports.outcome import FORMATS
from referee.report import Report, to_json
from tests.collect.zips import canvas, write_zip
from tests.conftest import MiniCourse
from tests.exports.made import FAILED, NASTY, answer, book, cell, check

SHEET = "Student,ID,Section,Week (77)\n    Points Possible,,,4\nLovelace Ada,11,A,\nOther One,12,A,1\n"


@pytest.fixture
def graded(mini: MiniCourse) -> MiniCourse:
    """A course with two reports: Ada has 4 of 4 points; of Ben's, a person decides about 2."""
    report("ada", mini, book(cell(check()), name="mini"))
    report("ben", mini, book(cell(check(FAILED, words="too small"), points=2.0), answer(waits=True), name="mini"))
    return mini


def report(student: str, mini: MiniCourse, *books) -> None:
    content = mini.notebook([], f"submitted/{student}/week/mini.ipynb").read_bytes()
    fingerprint = hashlib.sha256(content).hexdigest()
    books = tuple(msgspec.structs.replace(each, fingerprint=fingerprint) for each in books)
    text = to_json(Report(student=student, assignment="week", notebooks=books)).decode()
    mini.write(f"reports/week/{student}.json", text)


def export(mini: MiniCourse, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["export", *arguments, "--course", str(mini.root)])


def test_to_standard_output(graded):
    """CSV goes to standard output to the byte, and what is to be said to standard error."""
    graded.hand_in("cleo")
    done = export(graded, "week", "--to", "csv")
    assert done.exit_code == 0
    assert done.stdout_bytes == b"student,earned,points,waiting,late,mini\r\nada,4,4,0,,4\r\nben,0,4,2,,0\r\n"
    assert "not graded yet, and left out: cleo" in done.stderr
    assert "without what persons gave" in done.stderr


def test_to_a_file(graded, tmp_path):
    """With --out the same bytes are in the file, and standard output says where."""
    done = export(graded, "week", "--to", "csv", "--out", str(tmp_path / "a.csv"))
    assert (tmp_path / "a.csv").read_bytes() == export(graded, "week", "--to", "csv").stdout_bytes
    assert done.stdout == f"week for csv: 2 students\nwritten: 1 file, {tmp_path / 'a.csv'}\n"
    said = json.loads(export(graded, "week", "--to", "csv", "--out", str(tmp_path / "a.csv"), "--json").stdout)
    assert (said["format"], said["students"], said["files"]) == ("csv", 2, 1)
    assert export(graded, "week", "--to", "csv", "--json").exit_code == 2


@pytest.mark.parametrize("kind", ["csv", "json", "junit", "github"])
def test_a_dry_run_writes_nothing(graded, tmp_path, kind):
    """A dry run says that it is one, and leaves no file."""
    done = export(graded, "week", "--to", kind, "--out", str(tmp_path / "a"), "--dry-run")
    assert (done.exit_code, (tmp_path / "a").exists()) == (0, False)
    assert done.stdout.endswith("nothing was written: this is a dry run\n")


def test_gradescope(graded, tmp_path):
    """Each student has a folder with results.json."""
    assert export(graded, "week", "--to", "gradescope").exit_code == 2
    done = export(graded, "week", "--to", "gradescope", "--out", str(tmp_path / "g"))
    assert "written: 2 files" in done.stdout
    assert [json.loads((tmp_path / "g" / who / "results.json").read_bytes())["score"] for who in ("ada", "ben")] == [
        4,
        0,
    ]


def test_canvas(graded, tmp_path):
    """The filled gradebook goes to --out; the instructor's own file is as it was, and a dry run shows each score."""
    own = graded.write("own.csv", SHEET.replace("11", "ada").replace("12", "ben"))
    arguments = ("week", "--to", "canvas", "--file", str(own), "--id-column", "ID")
    for where in (("--dry-run",), ("--out", str(tmp_path / "nobody.csv"))):
        nobody = export(graded, *arguments, *where)
        assert nobody.exit_code == 2, nobody.output
        assert "found:  none: ada: no row has this name; ben: no row has this name\n" in nobody.stderr
        assert not (tmp_path / "nobody.csv").exists()
    own.write_text(SHEET.replace("ID", "Login").replace("11", "ada").replace("12", "ben"))
    arguments = (*arguments[:-1], "Login")
    changes = export(graded, *arguments, "--dry-run").stdout
    assert "    row 3  ada: (empty) -> 4\n" in changes
    assert "scores that would change: 1, right already: 0, left alone: 1\n" in changes
    assert "    left alone: ben: 2 points wait for a person (--partial writes what there is)\n" in changes
    before = own.read_bytes()
    done = export(graded, *arguments, "--out", str(tmp_path / "filled.csv"), "--partial")
    assert done.exit_code == 0, done.output
    assert own.read_bytes() == before
    filled = before.replace(b"Ada,ada,A,", b"Ada,ada,A,4").replace(b"One,ben,A,1", b"One,ben,A,0")
    assert (tmp_path / "filled.csv").read_bytes() == filled
    assert export(graded, *arguments, "--out", str(own), "--partial").exit_code == 0
    assert own.read_bytes() == filled


def test_from_a_zip_to_the_gradebook_of_canvas(mini, inline, tmp_path):
    """What Canvas's zip brought is graded, and its scores are found in Canvas's own gradebook by number and name."""
    mini.release()
    right = mini.solution.read_bytes()
    members = {
        canvas("lovelaceada", 11, 101, "mini.ipynb"): right,
        canvas("oneother", 12, 102, "mini.ipynb", late=True): right.replace(b"2 * x", b"3 * x"),
    }
    archive = write_zip(tmp_path / "zip.zip", members)
    course = ("--course", str(mini.root))
    for command in (["collect", "week", str(archive)], ["grade", "week"]):
        assert CliRunner().invoke(main, [*command, *course]).exit_code == 0
    own = mini.write("own.csv", SHEET)
    done = export(mini, "week", "--to", "canvas", "--file", str(own), "--out", str(tmp_path / "filled.csv"))
    assert done.exit_code == 0, done.output
    assert "row 3  lovelaceada_11: (empty) -> 4" in done.stdout
    assert (tmp_path / "filled.csv").read_text() == SHEET.replace("Ada,11,A,", "Ada,11,A,4").replace("12,A,1", "12,A,0")
    rows = list(csv.DictReader(io.StringIO(export(mini, "week", "--to", "csv").stdout)))
    assert [(row["student"], row["late"]) for row in rows] == [("lovelaceada_11", "no"), ("oneother_12", "yes")]


def test_an_anonymous_id_is_no_users(graded):
    """A folder that Canvas made of an anonymous id is not the user of that number."""
    report("anon_11", graded, book(cell(check()), name="mini"))
    note = CollectedNote(kind="canvas", source="a.zip", files=())
    graded.write("submitted/anon_11/week/collected.json", encode(note).decode())
    own = graded.write("own.csv", SHEET)
    done = export(graded, "week", "--to", "canvas", "--file", str(own), "--dry-run")
    assert "anon_11: no row has this name" in done.stderr


def test_what_persons_gave(mini, inline):
    """A score that a person gave is exported in place of what was graded, and its page is written anew."""
    mini.release()
    mini.hand_in("ada")
    course = ("--course", str(mini.root))
    assert CliRunner().invoke(main, ["grade", "week", *course]).exit_code == 0
    with closing(sqlite3.connect(mini.root / "gradebook.db")) as book:
        book.execute("UPDATE grade SET manual_score = 1.5, needs_manual_grade = 0")
        book.commit()
    (row,) = csv.DictReader(io.StringIO(export(mini, "week", "--to", "csv").stdout))
    assert (row["earned"], row["waiting"]) == ("1.5", "0")
    page = mini.root / "feedback" / "ada" / "week" / "mini.html"
    assert "graded by a person" not in page.read_text()
    assert export(mini, "week", "--to", "nbgrader").exit_code == 0
    assert "graded by a person" in page.read_text()


def test_real_reports_are_what_their_schema_says(mini, inline):
    """What `referee grade` writes, recordings and all, validates against the published schema."""
    mini.release()
    mini.hand_in("ada")
    mini.hand_in("ben", "2 * x", "[x] * 2")
    assert CliRunner().invoke(main, ["grade", "week", "--course", str(mini.root)]).exit_code == 0
    schema = json.loads((Path(__file__).resolve().parents[2] / "docs/schema/report.schema.json").read_bytes())
    for path in sorted(mini.root.glob("reports/week/*.json")):
        jsonschema.validate(json.loads(path.read_bytes()), schema)


def test_github(graded, tmp_path, monkeypatch):
    """In a step the summary is appended to the step's own, and annotations name files as the repository does."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(graded.root.parent))
    (tmp_path / "summary.md").write_text("before\n")
    done = export(graded, "week", "--to", "github")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "summary.md").read_text()
    assert text.startswith("before\n## week\n")
    assert "| ben | mini | 0 / 4 | 2 |" in text
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == [
        "::error file=course/submitted/ben/week/mini.ipynb",
        "::notice file=course/submitted/ben/week/mini.ipynb",
    ]
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    assert export(graded, "week", "--to", "github").stdout.startswith("## week\n")


def test_github_without_room(graded, tmp_path, monkeypatch):
    """A step's summary that is full already stays as it is."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_bytes(b"x" * 2**20)
    assert export(graded, "week", "--to", "github").exit_code == 0
    assert (tmp_path / "summary.md").stat().st_size == 2**20


def test_a_students_own_step(mini, inline, tmp_path, monkeypatch):
    """`referee check --github` points at the check's cell in the student's own notebook, and still fails."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    folder = mini.release()
    notebook = folder / "mini.ipynb"
    done = CliRunner().invoke(main, ["check", str(notebook), "--github"])
    assert done.exit_code == 1, done.output
    command = next(line for line in done.stdout.splitlines() if line.startswith("::error"))
    assert ",title=mini%3A double::" in command
    lines = notebook.read_text().splitlines()
    assert 'check(\\"double\\")' in lines[int(command.split("line=")[1].split(",")[0]) - 1]
    summary = (tmp_path / "summary.md").read_text()
    assert summary.startswith("## mini: 0 of 1 public checks pass\n")
    assert "| double | Your double makes 6 of 3&#46; | failed |" in summary
    assert "\n- double: Its 4 points are decided after submission" in summary
    assert CliRunner().invoke(main, ["check", str(notebook), "--github", "--json"]).exit_code == 2


@pytest.mark.parametrize("kind", ["class", "report"])
def test_schemas(kind):
    """--schema prints a JSON Schema, and needs no course."""
    done = CliRunner().invoke(main, ["export", "--schema", kind])
    assert json.loads(done.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("week",), f"--to FORMAT; the formats are {', '.join(FORMATS)}\n"),
        (("nothing", "--to", "csv"), "one of the assignments week"),
        (("week", "--to", "csv", "--scale"), "found:  --scale"),
        (("week", "--to", "canvas", "--out", "x"), "name it with --file"),
        (("week", "--to", "canvas", "--file", "x"), "say --out FILE"),
        (("week", "--to", "moodle", "--file", "nowhere.csv", "--dry-run"), "no file nowhere.csv"),
        (("week", "--to", "nbgrader", "--out", "x"), "leave --out out"),
        (("week", "--to", "csv", "--db", "sqlite:///nowhere.db"), "GradebookError"),
    ],
)
def test_what_is_refused(graded, arguments, said):
    """What cannot be done is said in words, with an exit code that is not 0."""
    done = export(graded, *arguments)
    assert done.exit_code in (2, 3)
    assert said in done.stderr


NAMES = [name for name in NASTY if (not set(name) & set("/\0") and name.isascii()) or name.startswith("\u202e")]


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind not in ("canvas", "moodle")])
def test_folders_with_any_name(mini, tmp_path, kind):
    """Students whose folders have hostile names are exported in every format, none is lost, and no line is forged."""
    for name in NAMES:
        report(name, mini, book(cell(check(FAILED, words=name)), name="mini"))
    out = () if kind == "nbgrader" else ("--out", str(tmp_path / "out"))
    done = export(mini, "week", "--to", kind, *out)
    assert done.exit_code == 0, done.output
    assert not [line for line in done.output.splitlines() if line.startswith("::") and "forged" in line[:20]]
    if kind == "csv":
        assert len(list(csv.reader(io.StringIO((tmp_path / "out").read_text(), newline="")))) == len(NAMES) + 1
    if kind == "json":
        assert {each["student"] for each in json.loads((tmp_path / "out").read_text())["students"]} == set(NAMES)


def test_nothing_graded(mini):
    """A class without reports is told to grade first."""
    done = export(mini, "week", "--to", "csv")
    assert done.exit_code == 2
    assert "next:   run `referee grade week`" in done.stderr


def test_another_notebook_since(graded):
    """Who handed in another notebook since is named: the score is that of the one before."""
    said = "handed in anew since, with the score of before: ben"
    assert said not in export(graded, "week", "--to", "csv").stderr
    graded.hand_in("ben")
    done = export(graded, "week", "--to", "csv")
    assert (done.exit_code, said in done.stderr) == (0, True)


def test_who_may_read_a_file_of_grades(graded, tmp_path):
    """A file that is written over keeps its permissions."""
    out = tmp_path / "grades.csv"
    out.touch(0o600)
    assert export(graded, "week", "--to", "csv", "--out", str(out)).exit_code == 0
    assert out.stat().st_mode & 0o777 == 0o600


def test_the_command_names_every_format():
    """The formats that the command offers are those that there are."""
    assert cli_export._FORMATS == FORMATS


def test_a_report_that_cannot_be_read(graded):
    """A report that is none is named, the others are exported, and the exit code says that something is missing."""
    graded.write("reports/week/zoe.json", "{}")
    done = export(graded, "week", "--to", "csv")
    assert done.exit_code == 3
    assert "reports that cannot be read, left out: zoe" in done.stderr
    assert done.stdout.count("\n") == 3
