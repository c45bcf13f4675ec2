"""One submission to one report: whose fault what is, and that neither our faults nor a dead kernel become a score."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from referee import data, grading, workflow
from referee.checks.session import close_all
from referee.cli import main
from referee.errors import GraderError, HarnessError
from referee.gradebook import ScoreRow, read_scores
from referee.report import Fault, NotebookReport, Outcome, to_json
from referee.tasks import Task
from tests.conftest import MiniCourse, mini_cells, nbgrader_cell

MORE = '''

@pytest.mark.check("double")
def test_more(student, rng):
    """{sentence}"""
    {body}
'''


def grade(mini: MiniCourse, student: str = "ann") -> NotebookReport:
    """The report on a student's one notebook."""
    report, _ = grading.grade(mini.course, "week", student)
    return report.notebooks[0]


def add_check(mini: MiniCourse, body: str, sentence: str = "One more claim.") -> None:
    """Let the hidden grader make one more claim, of weight 1 beside the others' 1 and 3."""
    path = mini.root / "graders/hidden/week/mini.py"
    path.write_text(path.read_text(encoding="utf-8") + MORE.format(body=body, sentence=sentence), encoding="utf-8")


def scores(mini: MiniCourse) -> dict[str, ScoreRow]:
    """What nbgrader computes after the class was graded in this process."""
    done = workflow.grade_assignment(mini.course, "week", progress=lambda _: None, workers=1)
    return {row.student: row for row in read_scores(done.database, "week")}


def test_right_answer(mini):
    """A right answer earns the cell's points, and nothing waits for a person."""
    mini.release()
    mini.hand_in("ann")
    (cell,) = grade(mini).graded
    assert (cell.earned, cell.score, cell.points) == (4, 4, 4)


def test_weights_split_the_points(mini):
    """A cell's points are split by the weights of its checks."""
    mini.release()
    mini.hand_in("ann", "SECRET = 2 * x", "SECRET = 6")
    (cell,) = grade(mini).graded
    assert [(result.name, result.verdict.passed) for result in cell.results] == [
        ("test_example", True),
        ("test_any", False),
    ]
    assert (cell.earned, cell.score) == (1, 1)


def test_kernel_dies_during_a_check(mini):
    """What a check concluded before the kernel died stays; what is asked of a dead kernel never passes."""
    mini.release()
    mini.hand_in("ann", "SECRET = 2 * x", "SECRET = 2 * x if x == 3 else __import__('os')._exit(0)")
    add_check(mini, "student.call('double', 3)")
    (cell,) = grade(mini).graded
    assert [result.verdict.passed for result in cell.results] == [True, False, False]
    assert [result.verdict.fault for result in cell.results] == [None, Fault.STUDENT, Fault.STUDENT]
    assert [result.verdict.outcome for result in cell.results[1:]] == [Outcome.UNCHECKED] * 2
    assert (cell.earned, cell.score) == (0.8, 0.8)


def test_kernel_dead_before_every_check(mini):
    """A kernel that died before its first check earns nothing, even with a grader that asks nothing of the answer."""
    mini.release()
    mini.hand_in("ann", "def double(x):", "import os; os._exit(0)\\ndef double(x):")
    add_check(mini, "student.outcome('double', 1)")
    (cell,) = grade(mini).graded
    assert {result.verdict.outcome for result in cell.results} == {Outcome.UNCHECKED}
    assert (cell.earned, cell.score) == (0, 0)


def test_check_at_fault(mini):
    """A check that raises for its own reasons takes no point: a person decides, and what else was earned stays."""
    mini.release()
    mini.hand_in("ann")
    add_check(mini, "assert_matches(student.call('double', 1), {}['no such key'])")
    (cell,) = grade(mini).graded
    broken = cell.results[-1]
    assert (broken.verdict.outcome, broken.verdict.fault) == (Outcome.UNCHECKED, Fault.CHECK)
    assert "this costs no point" in broken.evidence.words
    assert "KeyError" in broken.evidence.log
    assert (cell.earned, cell.score) == (3.2, None)


def test_check_at_fault_in_the_gradebook(mini):
    """nbgrader asks a person to grade where a check was at fault, and the command says so with exit code 3."""
    mini.release()
    mini.hand_in("ann")
    mini.hand_in("bob", "SECRET = 2 * x", "SECRET = x")
    add_check(mini, "raise RuntimeError('the author was tired')")
    rows = scores(mini)
    assert rows["ann"].needs_manual_grade
    assert rows["bob"].needs_manual_grade
    result = CliRunner().invoke(main, ["grade", "week", "--course", str(mini.root), "--workers", "1"])
    assert result.exit_code == 3, result.output


def test_assert_in_a_grader_is_a_claim(mini):
    """A bare assert that does not hold is a claim about the student, no fault of the check."""
    mini.release()
    mini.hand_in("ann")
    add_check(mini, "assert student.call('double', 1) == 3, 'wanted 3'")
    broken = grade(mini).graded[0].results[-1]
    assert (broken.verdict.outcome, broken.verdict.fault) == (Outcome.FAILED, Fault.STUDENT)


def test_harness_fails(mini, monkeypatch):
    """Where no kernel can be had, nothing is scored, nothing is lost, and the report says whose fault it is."""
    mini.release()
    mini.hand_in("ann")
    monkeypatch.setattr(grading, "execute", _no_kernel)
    report, _ = grading.grade(mini.course, "week", "ann")
    (cell,) = report.notebooks[0].graded
    assert {(r.verdict.outcome, r.verdict.fault) for r in cell.results} == {(Outcome.UNCHECKED, Fault.HARNESS)}
    assert all("this costs no point" in result.evidence.words for result in cell.results)
    assert (cell.earned, cell.score) == (0, None)
    assert report.ours_failed


def test_harness_fails_in_the_gradebook(mini, inline, monkeypatch):
    """A failure of ours is exit code 3 and a manual grade to give, never a zero in the gradebook."""
    mini.release()
    mini.hand_in("ann")
    monkeypatch.setattr(grading, "execute", _no_kernel)
    assert scores(mini)["ann"].needs_manual_grade
    result = CliRunner().invoke(main, ["grade", "week", "--course", str(mini.root), "--workers", "1"])
    assert result.exit_code == 3, result.output


def test_grading_itself_breaks(mini, inline, monkeypatch):
    """An unexpected error of ours for one student is that student's report without a score; the others are graded."""
    mini.release()
    mini.hand_in("ann")
    mini.hand_in("bob")
    honest = grading.grade_notebook

    def breaks(task: Task, doing: grading.Doing | None = None) -> grading.Graded:
        return honest(task, doing) if task.student == "bob" else 1 / 0  # type: ignore[return-value] # it raises

    monkeypatch.setattr(grading, "grade_notebook", breaks)
    rows = scores(mini)
    assert rows["ann"].needs_manual_grade
    assert (rows["bob"].score, rows["bob"].needs_manual_grade) == (4, False)


def test_broken_grader_gives_no_report(mini):
    """A grader that cannot be loaded is the course's fault: an error for its author, and no report that looks fair."""
    mini.release()
    mini.hand_in("ann")
    mini.write("graders/hidden/week/mini.py", "import no_such_module\n")
    with pytest.raises(GraderError, match="no_such_module"):
        grading.grade(mini.course, "week", "ann")


def test_nothing_handed_in(mini):
    """A notebook that was not handed in counts as zero of its points, and says so."""
    mini.release()
    notebook = grade(mini)
    assert (notebook.refused, notebook.refused_by) == ("not handed in", Fault.STUDENT)
    assert (notebook.graded[0].earned, notebook.graded[0].score) == (0, 0)


def test_hidden_inputs(mini):
    """Hidden inputs are the same at a regrade, and others for another student."""
    mini.release()
    for student in ("ann", "bob"):
        mini.hand_in(student)
    asked = {}
    for run, student in enumerate(("ann", "ann", "bob")):
        asked[run] = [answer.question for answer in grade(mini, student).answers]
    assert asked[0] == asked[1]
    assert asked[0] != asked[2]


def test_first_or_after_another(mini):
    """A submission has the same report to the byte whether it is graded first, after another one, or alone."""
    mini.release()
    mini.hand_in("ann", "SECRET = 2 * x", "SECRET = 3 * x")
    mini.hand_in("bob")
    draws = "numpy.random.normal() + random.random()"
    add_check(mini, f"import numpy, random; assert_matches(student.call('double', 1), {draws}); rng.integers(9)")

    def report() -> bytes:
        return to_json(grading.grade(mini.course, "week", "ann")[0].without_timings())

    alone = report()
    grade(mini, "bob")
    assert report() == alone
    close_all()
    assert report() == alone
    grade(mini, "bob")
    assert report() == alone


def test_a_corrected_check_counts_from_the_next_submission(mini):
    """A process that goes on grades by the graders and the exercise as they are now."""
    mini.release()
    mini.hand_in("ann")
    assert grade(mini).graded[0].earned == 4
    add_check(mini, "assert False")
    assert grade(mini).graded[0].earned == 3.2
    mini.notebook([*mini_cells()[:-1], nbgrader_cell('check("double")', "double", "check", 10)])
    mini.release()
    assert grade(mini).graded[0].points == 10


def test_a_data_file_is_prepared_once(mini, monkeypatch):
    """The copy without the withheld arrays is made once, and again when the file or the copy was changed."""
    path = mini.root / "digits.npz"
    made: list[Path] = []
    honest = data.withheld_copy

    def withheld_copy(source: Path, withhold: tuple[str, ...], folder: Path) -> Path:
        made.append(honest(source, withhold, folder))
        return made[-1]

    monkeypatch.setattr(data, "withheld_copy", withheld_copy)
    np.savez(path, x=np.zeros(3), y_test=np.ones(2))
    first, again = (grading._withheld(path, ("y_test",)) for _ in range(2))
    assert (first, again) == (made[0], made[0])
    assert np.load(first).files == ["x"]
    with first.open("ab") as file:
        file.write(b"from a kernel that is not isolated")
    assert grading._withheld(path, ("y_test",)) == made[1]
    np.savez(path, x=np.zeros(4), y_test=np.ones(2))
    assert np.load(grading._withheld(path, ("y_test",)))["x"].shape == (4,)
    assert len(made) == 3


def _no_kernel(*args):
    raise HarnessError("a kernel that starts", "TimeoutError", "referee doctor")
