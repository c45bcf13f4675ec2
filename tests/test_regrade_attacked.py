"""Regrades that were attacked: other data, lethal questions, halves of a regrade, functions with a memory."""

import json

import pytest
from click.testing import CliRunner

from referee import workflow
from referee.batch import history
from referee.cli import main
from tests import test_regrade
from tests.conftest import HIDDEN, mini_cells
from tests.test_regrade import (
    ANSWERS,
    CURIOUS,
    LENIENT,
    dying_after,
    files,
    grade,
    hidden,
    interrupted_after,
    regrade,
    scores,
)

mini, nothing_runs = test_regrade.mini, test_regrade.nothing_runs  # fixtures, here too


def test_other_data_are_no_regrade(mini, nothing_runs):
    """Recordings that were made with other data or another policy are left alone: they say nothing of these."""
    toml = mini.root / "course.toml"
    more = "\n[assignment.week.parameters]\nepochs = 3\n"
    toml.write_text(toml.read_text(encoding="utf-8") + more, encoding="utf-8")
    hidden(mini, LENIENT)
    before = files(mini)
    found = regrade(mini, apply=True)
    assert {each.student for each in found.left_alone} == set(ANSWERS)
    assert found.left_alone[0].why.startswith("graded with another policy or other data")
    assert files(mini) == before


def test_a_question_that_ended_the_kernel_is_taken_out(mini):
    """Who was refused everything after a lethal question runs again when the checks change: that was its doing."""
    mini.hand_in("dan", "SECRET = 2 * x", "SECRET = 2 * x if x != 3 else __import__('os')._exit(1)")
    assert {report.student: report.earned for report in grade(mini).reports}["dan"] == 0
    mini.write("graders/public/week/mini.py", "\n")
    found = regrade(mini, apply=True)
    assert [(each.student, each.why.split(",")[0]) for each in found.run_again] == [("dan", "its kernel ended")]
    assert scores(mini)["dan"] == 4


AT_21 = '''

@pytest.mark.check("double")
def test_21(student):
    """21."""
    assert student.call("double", 21) == 42
'''


def test_a_call_that_is_made_more_often(mini):
    """A function that is called more often than before may remember: its submission runs again."""
    remembers = "calls = []\\ndef double(x):\\n    calls.append(x)\\n    if calls.count(21) > 1: return 0"
    mini.hand_in("dan", "def double(x):", remembers)
    once = HIDDEN + AT_21
    hidden(mini, once)
    grade(mini)
    hidden(mini, once + '    assert student.call("double", 21) == 42\n')
    found = regrade(mini, apply=True)
    assert {each.student for each in found.run_again} >= {"ada", "dan"}
    fresh = {report.student: report.earned for report in
             workflow.grade_assignment(mini.course, "week", progress=lambda _: None, again=True).reports}  # fmt: skip
    assert scores(mini) == pytest.approx(fresh)


def test_never_lower_where_points_change_too(mini, nothing_runs):
    """A cell that is worth other points keeps at least what it had earned, within what it is worth now."""
    cells = mini_cells()
    cells[3].metadata["nbgrader"]["points"] = 5
    mini.notebook(cells)
    mini.release()
    hidden(mini, HIDDEN.replace("2 * value)", "3 * value)"))
    regrade(mini, apply=True, keep_best=True)
    assert scores(mini)["ada"] == 4


def test_graded_between_two_halves_of_a_regrade(mini, monkeypatch):
    """An interrupted regrade is over when somebody was graded meanwhile: undone, the new work's report returns."""
    hidden(mini, LENIENT.replace("weight=3", "weight=1"))
    assert interrupted_after(mini, 8, monkeypatch)
    mini.hand_in("ada", "SECRET = 2 * x", "SECRET = 4 * x")
    grade(mini)
    now = files(mini)["ada"]
    hidden(mini, LENIENT.replace("2 * value,", "4 * value,"))
    regrade(mini, apply=True)
    workflow.undo_regrade(mini.course, "week", progress=lambda _: None)
    assert files(mini)["ada"] == now


def test_an_undoing_that_is_interrupted(mini, nothing_runs, monkeypatch):
    """Interrupted and given again, an undoing is one entry, and the next regrade and undoing are whole."""
    before = files(mini)
    hidden(mini, LENIENT)
    regrade(mini, apply=True)
    with pytest.raises(KeyboardInterrupt), dying_after(3, monkeypatch):
        workflow.undo_regrade(mini.course, "week", progress=lambda _: None)
    workflow.undo_regrade(mini.course, "week", progress=lambda _: None)
    assert files(mini) == before
    assert [(entry.kind, entry.state) for entry in history.entries(mini.course, "week")] == [
        ("regrade", "done"), ("undo", "done"),
    ]  # fmt: skip
    regrade(mini, apply=True)
    workflow.undo_regrade(mini.course, "week", progress=lambda _: None)
    assert files(mini) == before


def test_notebooks_that_ran_again_are_put_back(mini):
    """Undone, the notebooks of those who had to run again are what they were."""
    mini.hand_in("ben", "def double(x):", "import time; print(time.time_ns())\\ndef double(x):")
    grade(mini)
    path = mini.root / "autograded" / "ben" / "week" / "mini.ipynb"
    before = path.read_bytes()
    hidden(mini, CURIOUS)
    regrade(mini, apply=True)
    workflow.undo_regrade(mini.course, "week", progress=lambda _: None)
    assert path.read_bytes() == before


def test_another_students_report(mini, nothing_runs):
    """A report that was copied over another's is none of that student's; the others are regraded."""
    path = mini.root / "reports" / "week"
    (path / "ben.json").write_bytes((path / "ada.json").read_bytes())
    hidden(mini, LENIENT)
    found = regrade(mini, apply=True)
    assert [(each.student, each.why) for each in found.left_alone] == [("ben", "its report cannot be read")]
    assert scores(mini)["dan"] == 3


def test_what_a_grader_prints_is_no_result(mini, nothing_runs):
    """With --json, standard output is one document, whatever a check prints meanwhile."""
    hidden(mini, LENIENT.replace("    value =", "    print('noise')\n    value ="))
    done = CliRunner().invoke(main, ["regrade", "week", "--json", "--course", str(mini.root)])
    assert json.loads(done.stdout)["reports"] == 4


def test_what_ran_for_other_checks_is_not_put_in_place(mini):
    """Notebooks of a run that was only looked at are dropped when the checks change again and nothing has to run."""
    path = mini.root / "autograded" / "ben" / "week" / "mini.ipynb"
    before = path.read_bytes()
    hidden(mini, CURIOUS)
    assert {each.student for each in regrade(mini).run_again} == {"ben", "cleo", "dan"}
    hidden(mini, LENIENT.replace("atol=0.1", "atol=1.5"))
    assert not regrade(mini, apply=True).run_again
    assert scores(mini)["ben"] == 3
    assert path.read_bytes() == before
