"""Recorded answers graded again: shown, applied, taken back; nothing runs but what the recordings do not answer."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from referee import workflow
from referee.batch import history, store
from referee.changes import Regraded
from referee.cli import main
from referee.errors import UsageError
from referee.gradebook import read_scores
from referee.report import from_json
from referee.workflow import RegradeWishes
from tests.conftest import HIDDEN, MiniCourse, mini_cells

#: student -> what `double` returns
ANSWERS = {"ada": "2 * x", "ben": "2 * x + 1", "cleo": "3 * x", "dan": "2 * x + 0.01"}
LENIENT = HIDDEN.replace("2 * value)", "2 * value, atol=0.1)")
#: Asks whoever is wrong one question more.
CURIOUS = (
    HIDDEN
    + '''

@pytest.mark.check("double")
def test_curious(student):
    """Your double makes 6 of 3, or at least a number of 4."""
    if student.call("double", 3) != 6:
        assert student.call("double", 4) > 0
'''
)


@pytest.fixture
def mini(mini, inline):
    """A class that was graded once."""
    mini.release()
    for student, answer in ANSWERS.items():
        mini.hand_in(student, "SECRET = 2 * x", f"SECRET = {answer}")
    grade(mini)
    return mini


def grade(mini: MiniCourse) -> workflow.GradedClass:
    return workflow.grade_assignment(mini.course, "week", progress=lambda _: None)


def regrade(mini: MiniCourse, said: list[str] | None = None, **wishes) -> Regraded:
    say = (said if said is not None else []).append
    return workflow.regrade_assignment(mini.course, "week", progress=say, wishes=RegradeWishes(**wishes))


def hidden(mini: MiniCourse, text: str) -> None:
    mini.write("graders/hidden/week/mini.py", text)


def files(mini: MiniCourse) -> dict[str, bytes]:
    """The reports on disk."""
    return {path.stem: path.read_bytes() for path in (mini.root / "reports" / "week").iterdir()}


def scores(mini: MiniCourse) -> dict[str, float]:
    rows = read_scores(f"sqlite:///{mini.root / 'gradebook.db'}", "week")
    return {row.student: round(row.score, 4) for row in rows}


def page(mini: MiniCourse, student: str) -> str:
    return (mini.root / "feedback" / student / "week" / "mini.html").read_text(encoding="utf-8")


@pytest.fixture
def nothing_runs(monkeypatch):
    """Any notebook that is run is an error."""
    monkeypatch.setattr("referee.grading.execute", lambda *_: 1 / 0)


def test_nothing_changed(mini, nothing_runs):
    """By the same checks everybody's recordings give the same reports, to the byte."""
    before = files(mini)
    assert regrade(mini, apply=True).reports == 4
    assert files(mini) == before
    assert not (mini.root / "history").exists()


def test_shown_before_it_is_applied(mini, nothing_runs):
    """A changed tolerance is shown with who gains how much on which check, and nothing is written."""
    before, given = files(mini), scores(mini)
    hidden(mini, LENIENT)
    found = regrade(mini)
    (change,) = found.changes
    assert (change.student, change.cell, change.check, change.was, change.now, change.gain) == (
        "dan", "double", "test_any", "failed", "passed", 3,
    )  # fmt: skip
    assert [(each.student, each.before, each.after) for each in found.scores] == [("dan", 0, 3)]
    assert (found.number, found.run_again, found.left_alone) == (None, (), ())
    assert (files(mini), scores(mini)) == (before, given)
    assert not (mini.root / "history").exists()


def test_applied(mini, nothing_runs):
    """Applied, reports, pages and the gradebook say the new points, and a second regrade finds nothing to change."""
    hidden(mini, LENIENT)
    assert regrade(mini, apply=True).number == 1
    assert scores(mini) == {"ada": 4, "ben": 0, "cleo": 0, "dan": 3}
    assert from_json(files(mini)["dan"]).earned == 3
    assert "3 of 4 points" in page(mini, "dan")
    assert not regrade(mini, apply=True).scores
    assert [entry.number for entry in history.entries(mini.course, "week")] == [1]


def test_after_a_regrade_nothing_is_graded_again(mini, nothing_runs):
    """A class that was regraded by the new checks stands: `referee grade` runs nobody."""
    hidden(mini, LENIENT)
    regrade(mini, apply=True)
    assert grade(mini).kept == 4


def test_undone(mini, nothing_runs):
    """Taken back, reports are what they were to the byte, the gradebook too, and history keeps both entries."""
    before, given = files(mini), scores(mini)
    hidden(mini, LENIENT)
    regrade(mini, apply=True)
    changed = files(mini)["dan"]
    done = workflow.undo_regrade(mini.course, "week", progress=lambda _: None)
    assert [(each.student, each.before, each.after) for each in done.scores] == [("dan", 3, 0)]
    assert files(mini) == before
    assert scores(mini) == given
    assert "0 of 4 points" in page(mini, "dan")
    entries = history.entries(mini.course, "week")
    assert [(entry.number, entry.kind, entry.state, entry.undoes) for entry in entries] == [
        (1, "regrade", "done", None), (2, "undo", "done", 1),
    ]  # fmt: skip
    assert history.before(mini.course, entries[1], "dan").read_bytes() == changed
    with pytest.raises(UsageError, match="a regrade of week to undo"):
        workflow.undo_regrade(mini.course, "week", progress=lambda _: None)


def test_two_regrades_are_undone_one_after_the_other(mini, nothing_runs):
    """Each undoing takes back the last regrade that still stands."""
    first = files(mini)
    hidden(mini, LENIENT)
    regrade(mini, apply=True)
    second = files(mini)
    hidden(mini, LENIENT.replace("weight=3", "weight=1"))
    regrade(mini, apply=True)
    workflow.undo_regrade(mini.course, "week", progress=lambda _: None)
    assert files(mini)["dan"] == second["dan"]
    workflow.undo_regrade(mini.course, "week", progress=lambda _: None)
    assert files(mini)["dan"] == first["dan"]


def test_graded_anew_since(mini):
    """Whoever was graded anew after a regrade keeps that report when the regrade is taken back."""
    hidden(mini, LENIENT)
    regrade(mini, apply=True)
    mini.hand_in("dan")
    grade(mini)
    now = files(mini)["dan"]
    done = workflow.undo_regrade(mini.course, "week", progress=lambda _: None)
    assert [(each.student, each.why) for each in done.left_alone] == [("dan", "graded anew since")]
    assert files(mini)["dan"] == now


def test_a_question_that_was_never_asked(mini):
    """Only the submissions whose recordings do not answer are run again: once, for the look and for applying it."""
    hidden(mini, CURIOUS)
    said: list[str] = []
    found = regrade(mini, said)
    assert {(each.student, each.why) for each in found.run_again} == {
        ("ben", "a question that was never asked"), ("cleo", "a question that was never asked"),
        ("dan", "a question that was never asked"),
    }  # fmt: skip
    assert "to run again: ben, cleo, dan" in said
    assert {each.student: each.after for each in found.scores} == {"ada": 4, "ben": 0.8, "cleo": 0.8, "dan": 0.8}
    assert scores(mini) == dict.fromkeys(ANSWERS, 0) | {"ada": 4}
    again: list[str] = []
    assert regrade(mini, again, apply=True).number == 1
    assert not [line for line in again if line.startswith("to run again")]
    assert scores(mini) == {"ada": 4, "ben": 0.8, "cleo": 0.8, "dan": 0.8}
    assert grade(mini).kept == 4
    assert not (mini.root / ".referee" / "regrade" / "week").exists()


def test_a_reference_value_that_changes(mini, nothing_runs):
    """A module of the course that a grader imports counts as the grader does."""
    mini.write("facts/__init__.py", "")
    mini.write("facts/truth.py", "TIMES = 2\n")
    text = HIDDEN.replace("2 * value", "truth.TIMES * value").replace(
        "import pytest", "import pytest\nfrom facts import truth"
    )
    hidden(mini, text)
    assert not regrade(mini, apply=True).scores
    mini.write("facts/truth.py", "TIMES = 3\n")
    assert {each.student: each.after for each in regrade(mini).scores} == {"ada": 1, "cleo": 3}


def test_points_that_change(mini, nothing_runs):
    """Points that the author changed are applied to everybody, and the gradebook's assignment is worth as much."""
    cells = mini_cells()
    cells[3].metadata["nbgrader"]["points"] = 8
    mini.notebook(cells)
    mini.release()
    assert {each.student: (each.before, each.after) for each in regrade(mini).scores} == {
        "ada": (4, 8), "ben": (0, 0), "cleo": (0, 0), "dan": (0, 0),
    }  # fmt: skip
    regrade(mini, apply=True)
    assert scores(mini)["ada"] == 8
    assert grade(mini).kept == 4


def test_cells_that_change(mini):
    """Where the exercise's own cells changed, the recordings are of another notebook: everybody runs again."""
    cells = mini_cells()
    cells[0].source += "\n# changed"
    mini.notebook(cells)
    mini.release()
    assert {each.why for each in regrade(mini).run_again} == {"the exercise's cells changed"}


def test_handed_in_anew(mini, nothing_runs):
    """A submission that is newer than its report is for `referee grade`; its report is left alone."""
    mini.hand_in("dan")
    hidden(mini, LENIENT)
    before = files(mini)["dan"]
    found = regrade(mini, apply=True)
    assert [(each.student, each.why) for each in found.left_alone] == [("dan", "handed in anew since")]
    assert files(mini)["dan"] == before


@pytest.mark.parametrize("by", ["flag", "policy"])
def test_never_lower(by, mini, nothing_runs):
    """Where no points may be lost, a cell that would lose some keeps its old result, and says what it would be."""
    hidden(mini, HIDDEN.replace("2 * value)", "2 * value + 0.01)"))
    assert {each.student: each.after for each in regrade(mini).scores} == {"ada": 1, "dan": 3}
    if by == "policy":
        toml = mini.root / "course.toml"
        toml.write_text(toml.read_text(encoding="utf-8") + "\n[regrade]\nnever_lower = true\n", encoding="utf-8")
    found = regrade(mini, apply=True, keep_best=by == "flag")
    assert {each.student: each.after for each in found.scores} == {"dan": 3}
    assert scores(mini) == {"ada": 4, "ben": 0, "cleo": 0, "dan": 3}
    (cell,) = from_json(files(mini)["ada"]).notebooks[0].graded
    assert cell.words == "kept from before a regrade, which would have given 1 of 4"
    assert grade(mini).kept == 4


def test_some_students_only(mini, nothing_runs):
    """With names given, the others' reports are neither looked at nor changed."""
    hidden(mini, LENIENT)
    before = files(mini)
    assert regrade(mini, apply=True, students=("ada",)).reports == 1
    assert files(mini)["dan"] == before["dan"]
    with pytest.raises(UsageError, match="students with a report on week"):
        regrade(mini, students=("zoe",))


def test_nothing_graded_yet(mini):
    """Before anything was graded there is nothing to regrade, and the error says what to run."""
    for path in (mini.root / "reports" / "week").iterdir():
        path.unlink()
    with pytest.raises(UsageError, match="run `referee grade week` first"):
        regrade(mini)


@contextmanager
def dying_after(steps: int, monkeypatch) -> Iterator[None]:
    """Whatever replaces files in this block ends, as by a kill, after so many of them."""
    left, replace = [steps], store.replace

    def dying(path: Path, content: bytes, **how: bool) -> None:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        replace(path, content, **how)

    with monkeypatch.context() as patch:
        patch.setattr(store, "replace", dying)
        yield


def interrupted_after(mini: MiniCourse, steps: int, monkeypatch) -> bool:
    """Apply a regrade that is interrupted; False where it came to its end."""
    try:
        with dying_after(steps, monkeypatch):
            regrade(mini, apply=True)
    except KeyboardInterrupt:
        return True
    return False


@pytest.mark.parametrize("after", ["--apply", "--undo"])
def test_interrupted_at_any_step(after, mini, nothing_runs, monkeypatch):
    """A regrade that was interrupted anywhere is one entry: applied again it is finished, undone all is as before."""
    before, given = files(mini), scores(mini)
    text = LENIENT.replace("weight=3", "weight=1")
    hidden(mini, text)
    expected = {"ada": 4, "ben": 0, "cleo": 0, "dan": 2}
    steps = 0
    while interrupted_after(mini, steps, monkeypatch):
        entry = history.interrupted(mini.course, "week")
        look = regrade(mini)
        assert look.interrupted == (entry.number if entry else None)
        if after == "--apply":
            regrade(mini, apply=True)
            assert scores(mini) == expected
            assert history.interrupted(mini.course, "week") is None
        if history.last_to_undo(mini.course, "week") is not None:
            workflow.undo_regrade(mini.course, "week", progress=lambda _: None)
        changed = {name for name, text in files(mini).items() if text != before[name]}
        for name in changed:  # those without a change of points may be by the new graders: their results are the same
            assert from_json(files(mini)[name]).earned == from_json(before[name]).earned
        assert scores(mini) == given
        assert history.interrupted(mini.course, "week") is None
        steps += 1
    assert steps >= 3


def test_the_command(mini, nothing_runs):
    """`referee regrade` shows, --apply applies, --undo takes back, --json is data; --undo goes with nothing else."""
    hidden(mini, LENIENT)

    def run(*more: str) -> str:
        result = CliRunner().invoke(main, ["regrade", "week", "--course", str(mini.root), *more])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "1 would gain, 0 would lose, 3 keep their points" in run()
    assert "mini/double/test_any: 1 student, 3 gained, 0 lost" in run()
    assert json.loads(run("--json"))["scores"] == [{"student": "dan", "before": 0.0, "after": 3.0, "points": 4.0}]
    assert "applied as regrade 1" in run("--apply")
    assert "dan  3 -> 0 of 4" in run("--undo")
    result = CliRunner().invoke(main, ["regrade", "week", "--undo", "--apply"])
    assert result.exit_code == 2
    assert "--undo takes back a whole regrade" in result.output


def test_no_hard_links(mini, nothing_runs, monkeypatch):
    """Where a file cannot have a second name, history keeps a copy."""
    before = files(mini)
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(1, "Operation not permitted")))
    hidden(mini, LENIENT)
    regrade(mini, apply=True)
    workflow.undo_regrade(mini.course, "week", progress=lambda _: None)
    assert files(mini)["dan"] == before["dan"]


def asked_again(mini: MiniCourse, monkeypatch) -> set[str]:
    """The checks that a regrade runs."""
    from referee.checks.session import Graders  # noqa: PLC0415 - patched here

    ran, run_one = set[str](), Graders._run_one

    def counting(self, session, check, asked):
        ran.add(check.name)
        return run_one(self, session, check, asked)

    with monkeypatch.context() as patch:
        patch.setattr(Graders, "_run_one", counting)
        regrade(mini)
    return ran


@pytest.mark.parametrize(
    ("old", "new", "checks"),
    [
        ("2 * value)", "2 * value, atol=0.1)", {"test_any"}),
        ("weight=3", "weight=1", set()),
        ("works for any number", "works", set()),
        ("import pytest", "import pytest\nprint('hello')", {"test_any"}),
    ],
)
def test_only_checks_that_could_conclude_otherwise_run(old, new, checks, mini, monkeypatch):
    """A regrade runs the checks that depend on what was changed; the others keep what they concluded."""
    hidden(mini, HIDDEN.replace(old, new))
    assert asked_again(mini, monkeypatch) == checks


def test_other_packages_repeat_every_check(mini, nothing_runs, monkeypatch):
    """Conclusions that were made with other versions of packages are made again."""
    from referee import grading  # noqa: PLC0415 - patched here

    monkeypatch.setattr(grading, "_versions", lambda: {"numpy": "99"})
    assert asked_again(mini, monkeypatch) == {"test_example", "test_any"}


@pytest.mark.parametrize("answer", ["calls.append(0) or len(calls)", "2 * x"])
def test_the_order_of_questions_counts_where_answers_vary(answer, mini, monkeypatch):
    """Where one question was answered in two ways at a cell, all its checks are replayed in their order."""
    both = (
        HIDDEN.replace("weight=3", "weight=1")
        + '''

@pytest.mark.check("double")
def test_once_more(student):
    """Once more."""
    assert_matches(student.call("double", 3), 6)
'''
    )
    hidden(mini, both)
    mini.hand_in("ada", "SECRET = 2 * x", f"SECRET = {answer}")
    text = (mini.root / "submitted/ada/week/mini.ipynb").read_text(encoding="utf-8")
    (mini.root / "submitted/ada/week/mini.ipynb").write_text(
        text.replace("def double(x):", "calls = []\\ndef double(x):", 1), encoding="utf-8"
    )
    grade(mini)
    hidden(mini, both.replace('student.call("double", 3), 6)', 'student.call("double", 3), 6.0)'))
    monkeypatch.setattr("referee.grading.execute", lambda *_: 1 / 0)
    for name in ("ben", "cleo", "dan"):
        (mini.root / "reports" / "week" / f"{name}.json").unlink()
    ran = asked_again(mini, monkeypatch)
    assert ran == ({"test_once_more"} if answer == "2 * x" else {"test_example", "test_any", "test_once_more"})


def test_a_larger_class_is_looked_at_by_several_processes(mini, monkeypatch):
    """With 40 reports and more, two processes replay them; what they find is what one finds."""
    for number in range(40):
        mini.hand_in(f"more{number:02}", "SECRET = 2 * x", f"SECRET = 2 * x + {number % 3}")
    grade(mini)
    hidden(mini, LENIENT.replace("atol=0.1", "atol=1.5"))
    one = regrade(mini)
    monkeypatch.undo()  # and with it what lets everything happen in this process
    two = regrade(mini, workers=2)
    assert (two.changes, two.scores) == (one.changes, one.scores)
    assert {each.student for each in two.scores} >= {"ben", "dan", "more01", "more04"}
