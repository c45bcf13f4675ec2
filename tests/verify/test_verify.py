"""`referee verify` passes a sound course and notices each way in which one can be unsound."""

import json

import pytest
from click.testing import CliRunner

from referee.cli import main
from tests.conftest import MiniCourse, mini_cells


@pytest.fixture
def verified(mini):
    """Runs `referee verify` on the small course: its exit code and what it found, by trial."""

    def run():
        result = CliRunner().invoke(main, ["verify", "--quick", "--course", str(mini.root), "--workers", "1", "--json"])
        if result.exit_code == 2:
            return result, {}
        return result, {each["trial"]: each for each in json.loads(result.stdout)["findings"]}

    mini.release()
    return run


def grader(mini: MiniCourse, kind: str, old: str, new: str) -> None:
    """Change one grader of the small course."""
    path = mini.root / "graders" / kind / "week" / "mini.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_sound_course(verified):
    """A course whose solution earns everything, whose skeleton earns nothing and whose exercise is in step passes."""
    result, found = verified()
    assert result.exit_code == 0, result.output
    assert {trial: (each["earned"], each["problems"]) for trial, each in found.items()} == {
        "in step": (0, []),
        "solution": (4, []),
        "skeleton": (0, []),
    }


def test_sound_course_in_words(mini):
    """For a person, each trial of each exercise is one line that says what holds."""
    mini.release()
    result = CliRunner().invoke(main, ["verify", "--quick", "--course", str(mini.root), "--workers", "1"])
    found, _, table = result.stdout.partition("\n\n")
    lines = [line.split() for line in found.splitlines()]
    assert [line[:2] for line in lines] == [["week/mini", "in"], ["week/mini", "solution"], ["week/mini", "skeleton"]]
    assert all("holds" in line for line in lines)
    assert table.splitlines()[0].split()[-5:] == ["variants", "killed", "survived", "equivalent", "broken"]
    assert table.splitlines()[1].split() == ["week/mini", "2", "2", "0", "0", "0"]


def test_no_check_to_call(mini, verified):
    """An exercise whose notebook never defines its own `check` would fail at the student's first check cell."""
    cells = [cell for cell in mini_cells() if cell.id != "setup"]
    mini.notebook(cells)
    mini.release()
    result, found = verified()
    assert result.exit_code == 1, result.output
    (problem,) = found["in step"]["problems"]
    assert problem.startswith('no cell says `check = exercise("week/mini")`')


def test_skeleton_that_is_no_python(mini, verified):
    """A solution region that leaves a function without a body is noticed before a student meets the SyntaxError."""
    cells = mini_cells()
    cells[2].source = cells[2].source.replace("'Twice x.'\n", "# two times x\n")
    mini.notebook(cells)
    mini.release()
    result, found = verified()
    assert result.exit_code == 1, result.output
    assert "'double_solution' is no Python" in found["in step"]["problems"][0]


def test_stale_exercise(mini, verified):
    """An exercise that somebody edited by hand is no longer what its solution gives."""
    path = mini.root / "exercises/week/mini.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("seed = 0", "seed = 1"), encoding="utf-8")
    result, found = verified()
    assert result.exit_code == 1, result.output
    assert found["in step"]["problems"] == ["mini.ipynb is not in step: run `referee release`"]
    assert found["solution"]["problems"] == found["skeleton"]["problems"] == []


def test_stale_public_checks(mini, verified):
    """A public grader that was changed since the release is noticed where students have the old one."""
    grader(
        mini, "public", 'assert_matches(student.call("double", 3), 6)', 'assert_matches(student.call("double", 4), 8)'
    )
    result, found = verified()
    assert result.exit_code == 1, result.output
    assert found["in step"]["problems"] == ["checks/mini.py is not in step: run `referee release`"]


def test_solution_misses_a_point(mini, verified):
    """A solution that is wrong for some inputs does not get full marks, and the check that noticed is named."""
    text = mini.solution.read_text(encoding="utf-8")
    mini.solution.write_text(text.replace("SECRET = 2 * x", "SECRET = 2 * min(x, 5)"), encoding="utf-8")
    mini.release()
    result, found = verified()
    assert result.exit_code == 1, result.output
    assert found["solution"]["earned"] == 1
    assert any("Your double works for any number." in words for words in found["solution"]["problems"])
    assert found["skeleton"]["problems"] == []


def test_grader_too_strict(mini, verified):
    """A grader that wants more than is right refuses the author's own solution."""
    grader(mini, "hidden", "2 * value", "2 * value + 1e-6")
    result, found = verified()
    assert result.exit_code == 1, result.output
    assert found["solution"]["earned"] == 1
    assert any("Your double works for any number." in words for words in found["solution"]["problems"])


def test_grader_at_fault(mini, verified):
    """A check that raises for its own reasons is noticed on the solution, although it would cost no student a point."""
    grader(mini, "hidden", "value = int(", "raise LookupError('why')\n    value = int(")
    result, found = verified()
    assert result.exit_code == 1, result.output
    assert any("costs no point: LookupError: why" in words for words in found["solution"]["problems"])
    assert any("costs no point: LookupError: why" in words for words in found["skeleton"]["problems"])


def test_grader_breaks_a_rule(mini, verified):
    """A test without its mark is one error of the command, not one of every trial and variant."""
    grader(mini, "hidden", '@pytest.mark.check("double"', "@pytest.mark.skipif(False, reason='')\n# (")
    result, _ = verified()
    assert result.exit_code == 2
    assert result.stderr.startswith("referee: GraderError\nwanted: one mark @pytest.mark.check")


def test_skeleton_earns_a_point(mini, verified):
    """A check that a blank skeleton passes is noticed: it gives points for nothing."""
    grader(mini, "public", 'assert_matches(student.call("double", 3), 6)', "assert student is not None")
    mini.release()
    result, found = verified()
    assert result.exit_code == 1, result.output
    assert found["skeleton"]["earned"] == 1
    assert found["skeleton"]["problems"] == ["double: the blank skeleton passes 'Your double makes 6 of 3.'"]
    assert found["solution"]["problems"] == []


def test_solution_cell_raises(mini, verified, cell_of):
    """A cell of the solution that raises is noticed, although every check passes."""
    mini.notebook([*mini_cells(), cell_of("raise ValueError('left over')", "last")])
    mini.release()
    result, found = verified()
    assert result.exit_code == 1, result.output
    assert found["solution"]["earned"] == 4
    assert found["solution"]["problems"] == ["cell 5 raised: ValueError: left over"]


def test_public_grader_imports_the_reference(mini, verified):
    """A public grader that imports the reference would ship the solution: a broken rule, exit code 2."""
    grader(mini, "public", "import pytest\n", "import pytest\nfrom reference import convolution\n")
    result, _ = verified()
    assert result.exit_code == 2, result.output
    assert "a public grader (mini.py) without the solution: it ships to students" in result.stderr


def test_check_without_a_check_cell(mini, verified):
    """A check for a cell that there is not can give nobody a point: a broken rule, exit code 2."""
    grader(mini, "hidden", '@pytest.mark.check("double"', '@pytest.mark.check("duble"')
    result, _ = verified()
    assert result.exit_code == 2, result.output
    assert "one for 'duble'" in result.stderr


# ----- what the solutions use


def test_the_use_of_a_sound_solution_is_kept(mini, verified, measured):
    """What the solution used is recorded in the course, and its exercise's limits follow from it."""
    result, _ = verified()
    assert result.exit_code == 0, result.output
    (exercise,) = mini.course.exercises()
    assert mini.course.usage_of(exercise) == measured
    assert mini.course.limits_of(exercise).memory_mb == 3072


def test_the_use_of_a_solution_that_ends_early_is_not_kept(mini, verified, cell_of, measured):
    """A solution with a cell that raises tells too little about its use."""
    mini.notebook([*mini_cells(), cell_of("raise ValueError('left over')", "last")])
    mini.release()
    verified()
    assert not (mini.root / ".referee").exists()


def test_a_course_that_cannot_be_written_is_tried_all_the_same(mini, verified, measured):
    """Where nothing can be recorded, `verify` says of the course what it would say anyway."""
    mini.write(".referee", "a file, where a folder would have to be")
    result, _ = verified()
    assert result.exit_code == 0, result.output


def test_a_solution_may_use_more_than_limits_that_follow_from_it(mini, verified, measured):
    """A solution that grew is not stopped by the limits that its earlier self gave."""
    (exercise,) = mini.course.exercises()
    mini.course.remember(exercise, measured)
    cells = mini_cells()
    cells[1].source += "\nprint('x' * 2_000_000)"
    mini.notebook(cells)
    mini.release()
    result, found = verified()
    assert result.exit_code == 0, result.output
    assert found["solution"]["problems"] == []
