"""Solutions become exercises: nothing of a solution leaks, the public checks travel, the same bytes each time."""

import json
from pathlib import Path

import nbformat
import pytest

from referee.authoring import grade_id, specs
from referee.errors import CourseError, GraderError
from referee.release import checks_in, release

MARK = 'import pytest\n\n@pytest.mark.check("{}")\ndef test_it(student):\n    """It."""\n'


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_nothing_of_a_solution_is_in_the_exercise(mini):
    """The lines of a solution region are replaced by the stub, and no released file holds a word of them."""
    folder = mini.release()
    notebook = nbformat.read(folder / "mini.ipynb", as_version=4)
    (cell,) = (each for each in notebook.cells if grade_id(each) == "double_solution")
    assert cell.source == "def double(x):\n    'Twice x.'\n    # YOUR CODE HERE"
    assert all(b"SECRET" not in content for content in files(folder).values())
    assert all(b"value works for any" not in content for content in files(folder).values())


def test_what_is_released(mini):
    """The exercise, its support files, the public grader and the manifest are released; the hidden grader is not."""
    mini.write("solutions/week/helper.py", "X = 1\n")
    mini.write("solutions/week/data/a/b.txt", "b")
    mini.write("solutions/week/data/__pycache__/b.pyc", "b")
    assert set(files(mini.release())) == {
        "mini.ipynb", "helper.py", "data/a/b.txt", "checks/mini.py", "checks/manifest.json"
    }  # fmt: skip


def test_the_manifest_says_what_is_checked_when(mini, cell_of):
    """For each cell with points the manifest holds the points and the numbers of public and hidden checks."""
    cells = nbformat.read(mini.solution, as_version=4).cells
    mini.notebook([*cells, cell_of("Why?", "essay", "person", 3)])
    manifest = json.loads((mini.release() / "checks" / "manifest.json").read_text())
    assert manifest == {
        "mini": {
            "double": {"points": 4, "public": 1, "hidden": 1, "person": False},
            "essay": {"points": 3, "public": 0, "hidden": 0, "person": True},
        }
    }


def test_the_exercise_keeps_cells_points_and_order(mini):
    """What the author set is in the exercise: names, points and kinds, with nbgrader's checksums."""
    released = specs(nbformat.read(mini.release() / "mini.ipynb", as_version=4))
    solution = specs(nbformat.read(mini.solution, as_version=4))
    assert [(each.grade_id, each.points, each.locked) for each in released] == [
        (each.grade_id, each.points, each.locked) for each in solution
    ]
    assert all(each.checksum for each in released if each.grade or each.solution or each.locked)


def test_releasing_twice_gives_the_same_bytes(mini):
    """A second release changes no byte, and leaves nothing of an earlier one."""
    folder = mini.release()
    first = files(folder)
    mini.write("exercises/week/stale.ipynb", "{}")
    assert files(mini.release()) == first


def test_outputs_do_not_travel(mini):
    """The author's outputs are no part of the exercise."""
    notebook = nbformat.read(mini.solution, as_version=4)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="the answer is 42")]
    notebook.cells[1].execution_count = 7
    mini.write("solutions/week/mini.ipynb", nbformat.writes(notebook))
    assert b"42" not in files(mini.release())["mini.ipynb"]


def test_a_target_of_ones_own(mini, tmp_path):
    """With a target, the course's own exercises are left alone."""
    written = release(mini.course, None, tmp_path / "fresh")
    assert all(path.is_relative_to(tmp_path / "fresh" / "week") for path in written)
    assert not (mini.root / "exercises").exists()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import reference", "reference"),
        ("import numpy, reference.convolution as truth", "reference.convolution"),
        ("from reference import convolution", "reference"),
        ("from reference.convolution import conv2d", "reference.convolution"),
        ("from graders.hidden import week", "graders.hidden"),
        ("import solutions", "solutions"),
    ],
)
def test_a_public_grader_may_not_import_the_solution(mini, line, name):
    """Every form of import of what holds the solution is refused, at any depth, with its line and a way out."""
    text = MARK.format("double") + f"    {line}\n"
    mini.write("graders/public/week/mini.py", text)
    with pytest.raises(GraderError) as caught:
        mini.release()
    assert str(caught.value) == (
        "wanted: a public grader (mini.py) without the solution: it ships to students\n"
        f"found:  an import of {name!r} in line 6\n"
        "next:   compare with values that the exercise's text states, or make it a hidden grader"
    )
    assert not (mini.root / "exercises" / "week").exists()


def test_a_hidden_grader_may_import_the_solution(mini):
    """The rule is for what ships to students alone."""
    mini.write("graders/hidden/week/mini.py", "import reference\n" + MARK.format("double"))
    mini.release()


@pytest.mark.parametrize("kind", ["public", "hidden"])
def test_a_mark_for_a_cell_that_is_not_there_is_refused(mini, kind):
    """A check for an unknown check cell is the author's slip, and the message names the cells that there are."""
    mini.write(f"graders/{kind}/week/mini.py", MARK.format("double") + MARK.format("dubble"))
    with pytest.raises(GraderError) as caught:
        mini.release()
    assert str(caught.value) == (
        "wanted: checks of week/mini for its check cells double\n"
        "found:  one for 'dubble'\n"
        "next:   rename the mark, or add the cell"
    )


def test_a_check_cell_without_a_check_is_refused(mini, cell_of):
    """Points that no check can give are refused before a student sees them."""
    cells = nbformat.read(mini.solution, as_version=4).cells
    mini.notebook([*cells, cell_of('check("lonely")', "lonely", "check", 2)])
    with pytest.raises(GraderError) as caught:
        mini.release()
    assert str(caught.value) == (
        "wanted: a check for every check cell of week/mini\n"
        "found:  none for 'lonely'\n"
        "next:   write one: points without a check cannot be given"
    )


def test_a_check_for_a_manually_graded_cell_is_refused(mini, cell_of):
    """A cell that a person grades takes no checks."""
    cells = nbformat.read(mini.solution, as_version=4).cells
    mini.notebook([*cells, cell_of("Why?", "essay", "person", 3)])
    mini.write("graders/hidden/week/mini.py", MARK.format("essay"))
    with pytest.raises(GraderError, match="one for 'essay'"):
        mini.release()


def test_a_solution_without_its_end_is_refused(mini, cell_of):
    """What nbgrader refuses is refused with nbgrader's reason."""
    mini.notebook([cell_of("### BEGIN SOLUTION\nx = 1", "a", "solution")])
    with pytest.raises(CourseError, match=r"mini.ipynb in nbgrader's form\nfound:  .*[Nn]o end solution"):
        mini.release()


def test_a_grader_that_is_no_python_is_refused(mini):
    """A grader with a syntax error is refused with its line."""
    mini.write("graders/public/week/mini.py", "def test(:\n")
    with pytest.raises(GraderError) as caught:
        mini.release()
    assert str(caught.value).startswith("wanted: the public grader mini.py in Python\nfound:  line 1: invalid syntax")


def test_checks_are_counted_without_running_the_grader(tmp_path):
    """The numbers come from the grader's text; marks of other kinds and marks without a cell do not count."""
    path = tmp_path / "g.py"
    path.write_text(
        "raise RuntimeError('it was run')\n" + MARK.format("a") + MARK.format("a") + MARK.format("b")
        + "@pytest.mark.slow\n@pytest.mark.check()\n@other('a')\ndef test_x(): ...\n"
    )  # fmt: skip
    assert checks_in(path) == {"a": 2, "b": 1}


def test_two_checks_of_one_name_are_refused(mini):
    """A public and a hidden check of one cell may not have the same name: each would be taken for the other."""
    path = mini.root / "graders/hidden/week/mini.py"
    path.write_text(path.read_text(encoding="utf-8").replace("test_any", "test_example"), encoding="utf-8")
    with pytest.raises(GraderError, match="two called test_example for 'double'"):
        mini.release()
