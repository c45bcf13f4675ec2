"""Grading again: what a person gave stays and is shown, and what cannot be recorded is said before anything runs."""

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from referee import workflow
from referee.cli import main
from referee.errors import UsageError
from tests.conftest import MiniCourse, mini_cells, nbgrader_cell

ESSAY = nbgrader_cell("### BEGIN SOLUTION\nBecause.\n### END SOLUTION", "why", "person", 3)


@pytest.fixture
def graded(mini: MiniCourse):
    """The small course with an essay, released, and Ada's answer graded once."""
    mini.notebook([*mini_cells(), ESSAY])
    mini.release()
    mini.hand_in("ada")
    return mini, grade(mini)


def grade(mini: MiniCourse, *students: str) -> workflow.GradedClass:
    return workflow.grade_assignment(mini.course, "week", progress=lambda _words: None, students=students, workers=1)


def give(mini: MiniCourse, score: float, comment: str) -> None:
    """What the formgrader does when a person enters a score and a comment."""
    with Gradebook(f"sqlite:///{mini.root}/gradebook.db") as book:
        row = book.find_grade("why", "mini", "week", "ada")
        row.manual_score, row.needs_manual_grade = score, False
        book.find_comment("why", "mini", "week", "ada").manual_comment = comment
        book.db.commit()


def page(mini: MiniCourse, student: str = "ada") -> str:
    return (mini.root / "feedback" / student / "week" / "mini.html").read_text(encoding="utf-8")


def test_a_persons_score_is_shown_when_graded_again(graded):
    """What a person gave in the formgrader stands on the page and in the next grading's result, with the comment."""
    mini, first = graded
    assert first.reports[0].earned == 4
    assert "waits for a person" in page(mini)
    give(mini, 2.5, "Well <argued>.")
    (report,) = grade(mini).reports
    assert report.earned == 6.5
    assert not report.notebooks[0].needs_person
    assert "graded by a person: Well &lt;argued&gt;." in page(mini)
    assert "waits for a person" not in page(mini)


def test_the_report_on_disk_is_of_the_machine_alone(graded):
    """A person's score changes no byte of the recorded report, which has to be the same for the same submission."""
    mini, _ = graded
    path = mini.root / "reports" / "week" / "ada.json"
    before = [line for line in path.read_text(encoding="utf-8").splitlines() if '"earned"' in line or '"score"' in line]
    give(mini, 2.5, "")
    grade(mini)
    after = [line for line in path.read_text(encoding="utf-8").splitlines() if '"earned"' in line or '"score"' in line]
    assert before == after


def test_changed_points_for_one_student_are_refused_before_anything_runs(graded):
    """Points that changed concern the whole class: grading one student again is refused, and their page stays."""
    mini, _ = graded
    mini.hand_in("ben")
    grade(mini)
    before = page(mini, "ben")
    cells = mini_cells()
    cells[3].metadata["nbgrader"]["points"] = 9
    mini.notebook([*cells, ESSAY])
    mini.release()
    with pytest.raises(UsageError, match="grade the whole class again"):
        grade(mini, "ben")
    assert page(mini, "ben") == before


def test_a_gradebook_that_cannot_be_opened_is_said_before_anything_runs(graded):
    """A wrong --db ends with exit code 2 and its reason, without a notebook being run."""
    mini, _ = graded
    arguments = ["grade", "week", "--course", str(mini.root), "--workers", "1", "--db", "sqlite:////nope/x.db"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "unable to open database file" in result.stderr
    assert "1/1" not in result.stderr


def test_a_failing_check_is_ours_and_ends_with_three(graded):
    """A hidden check that breaks costs nothing, is named with its line, and the command ends with exit code 3."""
    mini, _ = graded
    mini.write(
        "graders/hidden/week/mini.py",
        'import pytest\n\n\n@pytest.mark.check("double")\ndef test_it(student):\n    """It."""\n    1 / 0\n',
    )
    result = CliRunner().invoke(main, ["grade", "week", "--course", str(mini.root), "--workers", "1"])
    assert result.exit_code == 3, result.output
    assert "the check itself failed (ZeroDivisionError in mini.py, line 7)" in " ".join(result.stdout.split())


def test_a_misspelt_mark_is_refused_before_grading(graded):
    """A check for a cell that there is not would silently count for nothing; `grade` refuses the grader instead."""
    mini, _ = graded
    path = mini.root / "graders" / "hidden" / "week" / "mini.py"
    path.write_text(path.read_text(encoding="utf-8").replace('check("double"', 'check("duoble"'), encoding="utf-8")
    result = CliRunner().invoke(main, ["grade", "week", "--course", str(mini.root)])
    assert result.exit_code == 2
    assert "one for 'duoble'" in result.stderr


def test_an_empty_hand_in_is_named(graded):
    """A folder without a notebook earns nothing, and the class list says why."""
    mini, _ = graded
    (mini.root / "submitted" / "cleo" / "week").mkdir(parents=True)
    result = CliRunner().invoke(main, ["grade", "week", "--course", str(mini.root), "--workers", "1"])
    assert result.exit_code == 0, result.output
    assert "cleo  0 of 7\n  ?  nothing was handed in" in result.stdout


def test_a_students_own_run_names_the_cell_that_raised(graded):
    """`referee check` says which cell raised, where it shows only up in a later one."""
    mini, _ = graded
    path = mini.root / "exercises" / "week" / "mini.ipynb"
    path.write_text(
        path.read_text(encoding="utf-8").replace("seed = 0", "raise RuntimeError('boom')"), encoding="utf-8"
    )
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 1
    assert "! cell 2: RuntimeError: boom" in result.stdout


def test_a_students_own_run_shows_both_values_of_a_public_check(graded):
    """Public checks show the expected and the actual value in the terminal, as they do in the notebook."""
    mini, _ = graded
    path = mini.root / "exercises" / "week" / "mini.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("# YOUR CODE HERE", "return 3 * x"), encoding="utf-8")
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 1
    assert "Expected:" in result.stdout
    assert "Yours:" in result.stdout


def test_a_policy_for_an_assignment_that_there_is_not_is_refused(mini):
    """A misspelt assignment in course.toml would never apply; it is refused with the names that there are."""
    mini.write("course.toml", "[assignment.weak.parameters]\nepochs = 3\n")
    result = CliRunner().invoke(main, ["release", "--course", str(mini.root)])
    assert result.exit_code == 2
    assert "wanted: assignments of course.toml out of week\nfound:  weak" in result.stderr
