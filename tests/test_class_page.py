"""`referee report`: from reports and submissions on disk to a page, an export, a page that follows a class."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import urllib.request
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from referee import gradebook, workflow
from referee.batch import store
from referee.cli import main
from referee.errors import UsageError
from referee.lock import locked
from referee.report import PASSED, RecordedAnswer, Report, to_json
from referee.workflow import class_page, handed
from tests.classroom.people import FAILED, PERSON, book, cell, report, result
from tests.classroom.test_class_tokens import CODE, RENAMED
from tests.conftest import MiniCourse


def one(student: str, passed: bool = True) -> Report:
    """A student's report on the notebook of the mini course, with a recorded answer."""
    graded = cell([result(PASSED if passed else FAILED, "test_any", "double", words="wrong")], 4.0, "double")
    answer = RecordedAnswer(question="q", answer=b"SECRET" * 1000)
    return report(student, book(graded, name="mini", answers=(answer,)))


def put(mini: MiniCourse, made: Report) -> Path:
    """Lay a report where grading lays it."""
    path = store.report_path(mini.course, "week", made.student)
    store.replace(path, to_json(made), durable=False)
    return path


def run(mini: MiniCourse, *arguments: str, code: int = 0) -> str:
    """The command's output."""
    done = CliRunner().invoke(main, ["report", *arguments, "--course", str(mini.root)])
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.output


def everything(root: Path) -> dict[str, tuple[int, int]]:
    """All files of a course with their times and sizes."""
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in found}


# --- the page as a file -----------------------------------------------------------------------------------------------


def test_the_page_lies_beside_the_reports(mini):
    """It is written to reports/<assignment>.html, leads to the students' pages from there, and holds no recording."""
    put(mini, one("ada"))
    put(mini, one("b en", passed=False))
    path = Path(run(mini, "week").strip())
    assert path == mini.root.resolve() / "reports" / "week.html"
    text = path.read_text(encoding="utf-8")
    assert 'href="../feedback/b%20en/week/mini.html"' in text
    assert "2 of 4" in text
    assert "SECRET" not in text
    assert "connect-src" not in text


def test_the_page_can_lie_anywhere(mini, tmp_path):
    """With --out its links still lead into the course; the same reports give the same bytes."""
    put(mini, one("ada"))
    out = tmp_path / "else where" / "deep" / "class.html"
    run(mini, "week", "--out", str(out))
    link = re.search(r'href="([^"]+mini\.html)"', out.read_text(encoding="utf-8"))
    assert link is not None
    assert (out.parent / link[1]).resolve() == mini.root.resolve() / "feedback" / "ada" / "week" / "mini.html"
    before = out.read_bytes()
    run(mini, "week", "--out", str(out))
    assert out.read_bytes() == before


def test_a_report_that_cannot_be_read_is_listed(mini):
    """A broken file, one of another student and one of another assignment are named, and the rest is shown."""
    put(mini, one("ada"))
    mini.write("reports/week/broken.json", "{")
    mini.write("reports/week/thief.json", to_json(one("ada")).decode())
    mini.write("reports/week/moved.json", to_json(Report(student="moved", assignment="other", notebooks=())).decode())
    mini.write("reports/week/.123.new", "{")
    _, shown = workflow.write_class_page(mini.course, "week")
    assert shown.unreadable == ("broken.json", "moved.json", "thief.json")
    assert [row.shown for row in shown.rows] == ["ada"]


def test_what_is_no_file_hides_nobody(mini):
    """A circle of links, a folder and a pipe among the reports are none, and everybody else is shown."""
    folder = put(mini, one("ada")).parent
    (folder / "circle.json").symlink_to("circle.json")
    (folder / "nowhere.json").symlink_to("nothing.json")
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "pipe.json")
    _, shown = workflow.write_class_page(mini.course, "week")
    assert [row.shown for row in shown.rows] == ["ada"]
    assert shown.unreadable == ()


def test_who_has_no_report_yet_is_named(mini):
    """Somebody who handed in and is not graded yet stands beside the scores."""
    put(mini, one("ada"))
    mini.hand_in("ada")
    mini.hand_in("zoe")
    assert workflow.write_class_page(mini.course, "week")[1].waiting == ("zoe",)


def test_the_result_as_data(mini):
    """--json prints the content of the page and where it lies."""
    put(mini, one("ada", passed=False))
    found = json.loads(run(mini, "week", "--json"))
    assert Path(found["page"]).is_file()
    assert found["class"]["scores"]["count"] == 1
    assert found["class"]["checks"][0]["label"] == "mini · double · test_any"
    assert found["class"]["clusters"][0]["title"] == "wrong, in mini · double"


def test_similar_code_is_found_on_disk(mini):
    """Two with the same code under other names are listed; who left the exercise as it is has nothing to compare."""
    mini.release()
    body = json.dumps(CODE)[1:-1]
    for student, source in {"ada": body, "ben": json.dumps(RENAMED)[1:-1]}.items():
        mini.hand_in(student, "SECRET = 2 * x", f"SECRET = 2 * x\\n{source}")
        put(mini, one(student))
    mini.hand_in("cat", start="exercises")
    mini.write("submitted/dan/week/mini.ipynb", "no notebook")
    (found,) = workflow.write_class_page(mini.course, "week")[1].likeness
    assert [[each.student for each in group.students] for group in found.groups] == [["ada", "ben"]]
    assert (found.compared, found.little, found.unread) == (2, 1, 1)


def test_copies_of_what_all_share_are_found_on_disk(mini):
    """Where everybody has the one answer, only those who have it to the byte are listed, and the page says the rest."""
    mini.release()
    for number in range(12):
        source = CODE if number < 2 else f"{CODE}# {number}"
        mini.hand_in(f"s{number:02}", "SECRET = 2 * x", f"SECRET = 2 * x\\n{json.dumps(source)[1:-1]}")
    put(mini, one("s00"))
    path, shown = workflow.write_class_page(mini.course, "week")
    (found,) = shown.likeness
    assert [[each.student for each in group.students] for group in found.groups] == [["s00", "s01"]]
    text = path.read_text(encoding="utf-8")
    assert "12 consist of what more than 20 % of the class share" in text
    assert "the same to the byte: " in text
    assert "fingerprint" not in text


def test_a_file_of_another_name_is_compared_too(mini):
    """It is known by its cells, as for grading."""
    mini.release()
    path = mini.hand_in("ada")
    path.rename(path.with_name("mine.ipynb"))
    assert [(student, name, file.name) for student, name, file in handed.files(mini.course, "week")] == [
        ("ada", "mini", "mine.ipynb")
    ]


def test_a_course_that_is_being_graded_can_be_looked_at(mini):
    """The page takes no lock: it is made while another process writes to the course."""
    put(mini, one("ada"))
    with locked(mini.course, "a test"):
        assert workflow.write_class_page(mini.course, "week")[0].is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["month"], "wanted: one of the assignments week\nfound:  'month'"),
        (["week"], "found:  none\nnext:   grade first: `referee grade week`"),
        (["month", "--serve", "0"], "wanted: one of the assignments week\nfound:  'month'"),
        (["week", "--similar", "jplag"], "--similar goes with --out FOLDER"),
        (["week", "--serve", "--json"], "--serve writes nothing: not with --out or --json"),
        (["week", "--similar", "dolos", "--out", "x"], "none that can be read"),
    ],
)
def test_what_cannot_be_done_is_said(mini, arguments, words):
    """No such assignment, nothing graded yet, options that do not go together: what was wanted, and what is next."""
    assert words in run(mini, *arguments, code=2)


def test_a_folder_is_no_page(mini, tmp_path):
    """A folder where the file should be is named, with a name that would do."""
    put(mini, one("ada"))
    with pytest.raises(UsageError, match=r"class\.html"):
        workflow.write_class_page(mini.course, "week", tmp_path)


def test_the_page_is_opened_only_where_asked(mini, monkeypatch):
    """--open yes opens a browser, --open no does not, and neither does a run that nobody sits before."""
    put(mini, one("ada"))
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    run(mini, "week", "--open", "no")
    run(mini, "week")
    assert opened == []
    run(mini, "week", "--open", "yes")
    assert opened == [(mini.root.resolve() / "reports" / "week.html").as_uri()]


# --- the export -------------------------------------------------------------------------------------------------------


@pytest.fixture
def handed_in(mini: MiniCourse) -> MiniCourse:
    mini.release()
    mini.hand_in("ada")
    mini.hand_in("../../b".replace("/", "_"))
    mini.write("submitted/ada/week/timestamp.txt", "2026-01-02 03:04:05 UTC")
    return mini


def test_the_code_for_jplag(handed_in, tmp_path):
    """A folder for each student, the exercise as base code, and the command that compares them."""
    out = tmp_path / "out"
    assert f"next:  java -jar jplag.jar -l python3 -bc {out}/base {out}/submissions" in run(
        handed_in, "week", "--similar", "jplag", "--out", str(out)
    )
    files = sorted(str(path.relative_to(out)) for path in out.rglob("*.py"))
    assert files == ["base/mini.py", "submissions/ada/mini.py", "submissions/b/mini.py"]
    assert "SECRET" in (out / "submissions" / "ada" / "mini.py").read_text(encoding="utf-8")
    assert "SECRET" not in (out / "base" / "mini.py").read_text(encoding="utf-8")


def test_the_code_for_dolos(handed_in, tmp_path):
    """info.csv says who handed in which file, and when where that is known."""
    out = tmp_path / "out"
    found = json.loads(run(handed_in, "week", "--similar", "dolos", "--out", str(out), "--json"))
    assert found["submissions"] == 2
    lines = (out / "info.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "filename,full_name,id,label,created_at,ignored"
    assert any(line.startswith("submissions/ada.py,ada,ada,week,2026-01-02T03:04:05") for line in lines)


def test_nothing_is_exported_over_what_there_is(handed_in, tmp_path):
    """A folder with something in it stays as it is."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    words = run(handed_in, "week", "--similar", "jplag", "--out", str(tmp_path), code=2)
    assert "a new or empty folder to export to" in words
    assert not (tmp_path / "base").exists()


# --- the page that follows --------------------------------------------------------------------------------------------


@pytest.fixture
def hurried(monkeypatch) -> None:
    """The page looks at the files each time that it is asked."""
    monkeypatch.setattr(class_page, "_PAUSE", -1.0)
    monkeypatch.setattr(class_page, "_REST", 0.0)


def test_the_page_follows_the_reports(mini, hurried):
    """A report that is added, changed or removed makes another version; without a change it is the same."""
    put(mini, one("ada"))
    live = workflow.LivePage(mini.course, "week")
    seen = [live.version(), live.version()]
    assert seen[0] == seen[1]
    assert f'data-live="{seen[0]}"' in live.page().decode()
    assert "connect-src &#39;self&#39;" in live.page().decode()
    put(mini, one("ben"))
    assert "ben" in live.page().decode()
    seen.append(live.version())
    os.utime(put(mini, one("ben", passed=False)), ns=(1, 1))
    seen.append(live.version())
    store.report_path(mini.course, "week", "ben").unlink()
    assert len(set(seen)) == 3
    assert live.version() == seen[0]


def test_only_what_changed_is_read_again(mini, hurried, monkeypatch):
    """A class of hundreds is not read anew for each report that is added."""
    put(mini, one("ada"))
    live = workflow.LivePage(mini.course, "week")
    read: list[str] = []
    original = store.read_report

    def reading(path: Path, student: str = "") -> Report | None:
        read.append(student)
        return original(path, student)

    monkeypatch.setattr(store, "read_report", reading)
    put(mini, one("ben"))
    live.version()
    live.version()
    assert read == ["ben"]


def test_code_that_did_not_change_is_not_compared_again(mini, hurried, monkeypatch):
    """While a class is graded its submissions stay what they are; a new one is compared."""
    mini.release()
    mini.hand_in("ada")
    put(mini, one("ada"))
    live = workflow.LivePage(mini.course, "week")
    read: list[str] = []
    original = handed.own_cells

    def reading(path: Path, given: handed.Handout) -> tuple[str, ...] | None:
        read.append(path.parent.parent.name)
        return original(path, given)

    monkeypatch.setattr(handed, "own_cells", reading)
    put(mini, one("ben"))
    live.version()
    assert read == []
    mini.hand_in("cat")
    put(mini, one("cat"))
    live.version()
    assert read == ["cat"]


def test_a_page_that_took_long_is_not_made_at_once_again(mini, monkeypatch):
    """Beside a batch the page rests, but for the first one: what changed is shown when it has rested."""
    monkeypatch.setattr(class_page, "_PAUSE", -1.0)
    monkeypatch.setattr(class_page, "_REST", 1e9)
    monkeypatch.setattr(class_page, "_LONGEST_REST", 1e6)
    put(mini, one("ada"))
    live = workflow.LivePage(mini.course, "week")
    seen = [live.version()]
    put(mini, one("ben"))
    seen.append(live.version())
    put(mini, one("cat"))
    seen.append(live.version())
    assert seen[0] != seen[1] == seen[2]
    live._not_before = 0.0
    assert live.version() != seen[2]


def test_serving_writes_nothing(mini, hurried):
    """The course holds the same files afterwards, with the same times."""
    mini.release()
    mini.hand_in("ada")
    put(mini, one("ada"))
    mini.course.exercises("week")
    before = everything(mini.root)
    live = workflow.LivePage(mini.course, "week")
    live.page()
    live.student_page(("feedback", "ada", "week", "mini.html"))
    assert everything(mini.root) == before


def test_only_pages_that_the_page_leads_to(mini, hurried):
    """A student's page is found for each report; no other path of four parts is."""
    put(mini, one("ada"))
    live = workflow.LivePage(mini.course, "week")
    path = mini.root.resolve() / "feedback" / "ada" / "week" / "mini.html"
    assert live.student_page(("feedback", "ada", "week", "mini.html")) == path
    for parts in (
        ("feedback", "ada", "week", "mini"),
        ("feedback", "ada", "week", "other.html"),
        ("feedback", "ben", "week", "mini.html"),
        ("feedback", "ada", "..", "mini.html"),
        ("reports", "ada", "week", "mini.html"),
        ("feedback", "ada", "week", "mini.html", ""),
        ("feedback",),
    ):
        assert live.student_page(parts) is None


@pytest.mark.parametrize("name", ["../../../../secret", "..", "", "a\0b"])
def test_a_report_of_a_notebook_called_dots_leads_nowhere(mini, hurried, name):
    """Even a report whose notebook is a path gives out no file above the pages."""
    put(mini, report("ada", book(name=name)))
    live = workflow.LivePage(mini.course, "week")
    assert live.student_page(("feedback", "ada", "week", f"{name}.html")) is None


def test_before_the_first_report(mini, hurried):
    """The page is there before anybody has handed in, waits, and then follows; meanwhile nothing is called decided."""
    shutil.rmtree(mini.root / "submitted", ignore_errors=True)
    live = workflow.LivePage(mini.course, "week")
    waits = live.page().decode()
    assert "Nothing is graded yet: this page waits for <code>referee grade week</code>" in waits
    assert not re.search("every point is decided|No check failed", waits)
    mini.hand_in("ada")
    put(mini, one("ada"))
    assert "Nothing is graded yet" not in live.page().decode()
    assert "every point is decided" in live.page().decode()


@pytest.fixture
def served(mini) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command itself, in a process of its own and before anybody is graded, and its address."""
    command = [sys.executable, "-c", "from referee.cli import main; main()", "report", "week", "--serve", "0"]
    process = subprocess.Popen(
        [*command, "--open", "no", "--course", str(mini.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_end(served, how):
    """It prints its address, answers there, and ends in good order by Ctrl-C or SIGTERM."""
    process, address = served
    with urllib.request.urlopen(address, timeout=30) as answer:
        assert b"this page waits for <code>referee grade week" in answer.read()
    process.send_signal(how)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "the page is no longer served" in errors
    assert "Traceback" not in errors


# --- what persons gave ------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(mini: MiniCourse) -> MiniCourse:
    """A class of one whose check waits for a person, recorded in the gradebook."""
    mini.release()
    mini.hand_in("ada")
    undecided = cell([result(PERSON, "test_any", "double")], 4.0, "double")
    made = report("ada", book(undecided, name="mini"))
    put(mini, made)
    outline = workflow.outline(mini.course, "week")
    gradebook.record(f"sqlite:///{mini.root / 'gradebook.db'}", outline, [made])
    return mini


def give(mini: MiniCourse, score: float) -> None:
    """Do what the formgrader does when a person has decided."""
    with contextlib.closing(sqlite3.connect(mini.root / "gradebook.db")) as database:
        database.execute("UPDATE grade SET manual_score = ?, needs_manual_grade = 0", (score,))
        database.commit()


def test_what_a_person_gave_is_decided(waiting):
    """Before, the student waits for a person; afterwards the score is the person's, and nobody waits."""
    before = workflow.write_class_page(waiting.course, "week")[1]
    assert [matter.reason for matter in before.matters] == ["Too close to a threshold to tell"]
    give(waiting, 3.0)
    after = workflow.write_class_page(waiting.course, "week")[1]
    assert after.matters == ()
    assert (after.rows[0].earned, after.rows[0].person, after.unknown) == (3.0, False, "")


def test_the_page_follows_the_gradebook(waiting, hurried):
    """A score that is given while the page is served makes another version of it; reading it writes nothing."""
    live = workflow.LivePage(waiting.course, "week")
    before = live.version()
    give(waiting, 2.5)
    files = everything(waiting.root)
    assert live.version() != before
    assert "2.5 of 4" in live.page().decode()
    assert everything(waiting.root) == files


def test_a_gradebook_that_cannot_be_read_is_said(mini):
    """The page is made all the same, and says what it does not know and why."""
    put(mini, one("ada"))
    mini.write("gradebook.db", "no database")
    shown = workflow.write_class_page(mini.course, "week")[1]
    assert "file is not a database" in shown.unknown
    assert "What persons gave in the formgrader is not known here" in (mini.root / "reports" / "week.html").read_text(
        encoding="utf-8"
    )


def test_another_gradebook(waiting, tmp_path):
    """--db names the gradebook, as for `referee grade`."""
    give(waiting, 1.0)
    moved = (waiting.root / "gradebook.db").rename(tmp_path / "other.db")
    found = json.loads(run(waiting, "week", "--json", "--db", f"sqlite:///{moved}"))
    assert found["class"]["rows"][0]["earned"] == 1.0
    assert json.loads(run(waiting, "week", "--json"))["class"]["rows"][0]["earned"] == 0.0
