"""The commands for a class, from a zip to the gradebook: what they print, and what they are told not to do."""

import json

import pytest
from click.testing import CliRunner

from referee.batch import history
from referee.cli import main
from referee.gradebook import read_scores
from tests.collect.zips import canvas, write_zip
from tests.conftest import HIDDEN, MiniCourse


def run(mini: MiniCourse, *arguments: str, code: int = 0) -> str:
    """The command's standard output."""
    done = CliRunner().invoke(main, [*arguments, "--course", str(mini.root)])
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.fixture
def archive(mini, tmp_path):
    """Canvas's zip of a class: Ada is on time, Ben late and wrong at first, and somebody sends a picture."""
    mini.release()
    right = mini.solution.read_bytes()
    wrong = right.replace(b"SECRET = 2 * x", b"SECRET = 3 * x")
    return write_zip(
        tmp_path / "submissions.zip",
        {
            canvas("lovelaceada", 11, 101, "mini.ipynb"): right,
            canvas("benben", 12, 102, "mini.ipynb", late=True): wrong,
            canvas("benben", 12, 103, "mini-1.ipynb", late=True): right,
            canvas("cat", 13, 104, "cat.png"): b"png",
            "../../evil.ipynb": right,
        },
    )


def test_from_a_zip_to_the_gradebook(mini, archive, inline):
    """What Canvas gave is collected, graded with a note on who was late, and recorded; the newest attempt counts."""
    shown = run(mini, "collect", "week", str(archive), "--dry-run")
    assert "week: 2 students would be taken from submissions.zip (a Canvas zip): 2 new" in shown
    assert not (mini.root / "submitted").exists()
    shown = run(mini, "collect", "week", str(archive))
    assert "benben_12  new  LATE  attempt 2  mini.ipynb" in shown
    assert "left out: 2" in shown
    assert "../../evil.ipynb" in shown
    shown = run(mini, "grade", "week")
    assert "handed in late, as submissions.zip says" in shown
    rows = read_scores(f"sqlite:///{mini.root / 'gradebook.db'}", "week")
    assert {row.student: row.score for row in rows} == {"benben_12": 4, "lovelaceada_11": 4}
    assert "2 as before" in run(mini, "collect", "week", str(archive))
    again = json.loads(run(mini, "collect", "week", str(archive), "--json"))
    assert {student["student"] for student in again["students"]} == {"benben_12", "lovelaceada_11"}


def test_a_source_that_is_none(mini):
    """A zip that is not there is said in three lines, with exit code 2."""
    mini.release()
    done = CliRunner().invoke(main, ["collect", "week", "nowhere.zip", "--course", str(mini.root)])
    assert done.exit_code == 2
    assert done.stderr.startswith("referee: UsageError\nwanted: ")


def test_events(mini, inline, tmp_path):
    """--events writes a line of JSON for everything that happens, from the plan to the end."""
    mini.release()
    mini.hand_in("ada")
    run(mini, "grade", "week", "--events", str(tmp_path / "events"))
    lines = [json.loads(line) for line in (tmp_path / "events").read_text(encoding="utf-8").splitlines()]
    assert [line["type"] for line in lines if line["type"] not in ("doing", "pulse")] == [
        "planned", "begun", "finished", "ended",
    ]  # fmt: skip
    assert (lines[0]["to_grade"], lines[0]["reasons"]) == (1, {"not graded yet": 1})
    assert (lines[-1]["finished"], lines[-1]["ours_failed"]) == (1, 0)


def test_events_that_cannot_be_written(mini, inline, tmp_path):
    """A file for events in a folder that is not there is said before anything is graded."""
    mini.release()
    mini.hand_in("ada")
    done = CliRunner().invoke(
        main, ["grade", "week", "--course", str(mini.root), "--events", str(tmp_path / "no" / "events")]
    )
    assert done.exit_code == 3
    assert "No such file or directory" in done.stderr
    assert not (mini.root / "reports").exists()


BREAKS = '''"""A grader that breaks for one student."""
import pytest

@pytest.mark.check("double")
def test_it(student):
    """It."""
    assert {6: True, 9: False}[student.call("double", 3)]
'''


def test_the_first_failure_of_ours_ends_a_run_that_is_to_stop(mini, inline):
    """--stop-on-error ends after a submission that a broken check could not grade; --only-failed goes on with it."""
    mini.release()
    mini.write("graders/hidden/week/mini.py", BREAKS)
    for student, answer in (("ada", "2 * x"), ("ben", "4 * x"), ("cleo", "2 * x")):
        mini.hand_in(student, "SECRET = 2 * x", f"SECRET = {answer}")
    done = CliRunner().invoke(main, ["grade", "week", "--stop-on-error", "--course", str(mini.root)])
    assert done.exit_code == 3, done.output
    words = "Stopped early: ben could not be graded for our reasons; 1 of 3 submissions were not looked at"
    assert done.stdout.splitlines()[-1] == words
    assert sorted(path.stem for path in (mini.root / "reports" / "week").iterdir()) == ["ada", "ben"]
    shown = run(mini, "grade", "week", "--only-failed", code=3)
    assert shown.splitlines()[0].startswith("ben")
    assert "Submissions: 1," in shown
    assert "Needs a person, a check is at fault: ben (double)" in shown
    rows = read_scores(f"sqlite:///{mini.root / 'gradebook.db'}", "week")
    assert {row.student: row.needs_manual_grade for row in rows} == {"ada": False, "ben": True}
    assert "Submissions: 3," in run(mini, "grade", "week", code=3)


def test_only_some_students(mini, inline):
    """--student grades who is named and leaves the others for later."""
    mini.release()
    for student in ("ada", "ben"):
        mini.hand_in(student)
    assert "Submissions: 1," in run(mini, "grade", "week", "--student", "ben")
    done = CliRunner().invoke(main, ["grade", "week", "--course", str(mini.root)])
    assert "as before: 1 report: nothing" in done.stderr
    assert "to grade: 1 (not graded yet)" in done.stderr


def test_a_long_path_for_temporary_files(mini, inline, tmp_path, monkeypatch):
    """Where sockets would not fit into the folder for temporary files, that is said before anything runs."""
    mini.release()
    mini.hand_in("ada")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / ("x" * 80)))
    done = CliRunner().invoke(main, ["grade", "week", "--course", str(mini.root)])
    assert done.exit_code == 2
    assert "set TMPDIR to a shorter path" in done.stderr


def test_fixtures_of_the_course(mini, inline):
    """A fixture in a conftest.py beside the graders is there while a class is graded."""
    mini.release()
    mini.write("graders/hidden/week/conftest.py", "import pytest\n\n@pytest.fixture\ndef three():\n    return 3\n")
    text = HIDDEN.replace("(student, rng)", "(student, rng, three)").replace("2 * value", "(three - 1) * value")
    mini.write("graders/hidden/week/mini.py", text)
    mini.hand_in("ada")
    assert "ada  4 of 4" in run(mini, "grade", "week")


def test_results_that_replace_others_stay_in_history(mini, inline):
    """What a grading replaces by other results is kept as it was, and how many gain and lose is said."""
    mini.release()
    mini.hand_in("ada")
    mini.hand_in("ben")
    run(mini, "grade", "week")
    before = (mini.root / "reports/week/ben.json").read_bytes()
    mini.hand_in("ben", "SECRET = 2 * x", "SECRET = 3 * x")
    done = CliRunner().invoke(main, ["grade", "week", "--course", str(mini.root)])
    assert "other results than before: 1, 0 gain, 1 lose; the old reports are in history/week/0001" in done.stderr
    assert (mini.root / "history/week/0001/before/ben.json").read_bytes() == before
    assert not (mini.root / "history/week/0001/before/ada.json").exists()
    (entry,) = history.entries(mini.course, "week")
    assert [(each.student, each.before, each.after) for each in entry.scores] == [("ben", 4, 0)]
    run(mini, "grade", "week", "--again")
    assert len(history.entries(mini.course, "week")) == 1


def test_two_files_that_could_be_the_notebook(mini, inline):
    """Where two files of other names are the same exercise, which one was graded is said again at the end."""
    mini.release()
    path = mini.hand_in("ada")
    path.with_name("draft.ipynb").write_bytes(path.read_bytes())
    path.rename(path.with_name("final.ipynb"))
    words = " ".join(run(mini, "grade", "week").split())
    assert "Look again: ada ('final.ipynb' looks like mini.ipynb as well as 'draft.ipynb', which was graded)" in words


def test_of_a_large_class_only_the_new_ones_are_told(mini, inline):
    """With more than 30 submissions the list names those that were graded this time; the last lines are about all."""
    mini.release()
    for number in range(31):
        mini.hand_in(f"student{number:02}")
    assert run(mini, "grade", "week").count(" 4 of 4") == 31
    mini.hand_in("student07", "SECRET = 2 * x", "SECRET = 3 * x")
    shown = run(mini, "grade", "week")
    assert shown.startswith("student07  0 of 4")
    assert "student08" not in shown
    assert "Submissions: 31," in shown
