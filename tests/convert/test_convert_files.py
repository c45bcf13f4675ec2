"""What a conversion writes and says: all of its files or none, what is there is kept, and how to take it back."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from nbgrader import api

from referee.batch import store
from referee.cli import main
from referee.convert import Tried, convert, trying, writing
from referee.errors import CourseError, GraderError, UsageError
from tests.convert.courses import CONFIG, opened, read
from tests.convert.drafting import NUMPY, code_cell, notebook, write

TWICE = code_cell("def twice(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION", "twice", "answer")
SHOWN = code_cell("assert twice(1) == 2\nassert np.allclose(twice(np.ones(2)), 2)", "shown", "test", 2)
HIDDEN = code_cell(
    "assert twice(1) == 2\n### BEGIN HIDDEN TESTS\nassert twice(21) == 42\n### END HIDDEN TESTS", "more", "test", 3
)


@pytest.fixture
def course(tmp_path):
    """A small nbgrader course."""
    (tmp_path / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    write(notebook(code_cell(NUMPY), TWICE, SHOWN, HIDDEN), tmp_path / "source" / "ps1" / "p.ipynb")
    return tmp_path


@pytest.fixture
def _not_tried(monkeypatch):
    """The trial in kernels, which others test, left out."""
    right = {"shown": Tried(earned=2, decided=True), "more": Tried(earned=3, decided=True)}
    nothing = {name: Tried(earned=0, decided=True) for name in right}
    monkeypatch.setattr(trying, "tried", lambda *_args: trying.Trial(right, nothing))


def snapshot(folder: Path) -> dict[str, bytes]:
    """All files of a course, without what Referee keeps for itself."""
    paths = (path for path in folder.rglob("*") if path.is_file() and ".referee" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def run(folder: Path, *args: str) -> Any:
    """The command in this course."""
    return CliRunner().invoke(main, ["convert", *args, "--course", str(folder)])


def test_the_command_converts_and_says_what_comes_next(course):
    """The draft, the notebook, what travels to students and a course.toml are written; the points are tried."""
    before = snapshot(course)
    done = run(course, "ps1/p")
    assert done.exit_code == 0, done.output
    assert "shown  solution 2 of 2, blank 0: right" in done.output
    assert "more   solution 3 of 3, blank 0: right" in done.output
    for words in ("nbgrader generate_assignment ps1 --force", "referee grade ps1", "students need the package"):
        assert words in done.output
    made = snapshot(course)
    assert set(made) - set(before) == {
        "course.toml",
        "graders/before/ps1/p.ipynb",
        "graders/hidden/ps1/p.py",
        "graders/public/ps1/p.py",
        "source/ps1/checks/manifest.json",
        "source/ps1/checks/p.py",
    }
    assert made["graders/before/ps1/p.ipynb"] == before["source/ps1/p.ipynb"]
    assert made["source/ps1/checks/p.py"] == made["graders/public/ps1/p.py"]
    shown = [cell["source"] for cell in read(course / "source/ps1/p.ipynb")["cells"]]  # random cell ids hold any digits
    assert "21" not in made["source/ps1/checks/p.py"].decode() + "".join(shown)
    manifest = json.loads(made["source/ps1/checks/manifest.json"])["p"]
    assert manifest["more"] == {"points": 3.0, "public": 1, "hidden": 1, "person": False}


@pytest.mark.usefixtures("_not_tried")
def test_the_notebook_keeps_all_but_its_tests(course):
    """Converted cells keep names, points and places; the new first cell is locked; all else is as it was."""
    before = read(course / "source/ps1/p.ipynb")
    convert(opened(course), "ps1/p")
    setup, *cells = read(course / "source/ps1/p.ipynb").cells
    assert setup.source == 'from referee import exercise\n\ncheck = exercise("ps1/p")'
    assert setup.metadata["nbgrader"] == {
        "grade": False,
        "grade_id": "setup",
        "locked": True,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    assert [cell.source for cell in cells[2:]] == ['check("shown")', 'check("more")']
    assert cells[:2] == before.cells[:2]
    assert [cell.metadata for cell in cells] == [cell.metadata for cell in before.cells]


@pytest.mark.usefixtures("_not_tried")
def test_who_has_handed_in_is_counted_where_that_matters(course):
    """nbgrader adds no cell to a notebook with submissions: said where one is added, and not where none is."""
    write(notebook(TWICE), course / "submitted" / "ada" / "ps1" / "p.ipynb")
    assert "1 student handed in ps1" in run(course, "ps1/p", "shown").output
    assert "handed in" not in run(course, "ps1/p", "more").output


@pytest.mark.usefixtures("_not_tried")
@pytest.mark.filterwarnings("ignore:Object of type")  # of the way in which nbgrader adds its objects
def test_a_class_that_has_handed_in_is_not_converted(course, monkeypatch):
    """With submissions in the gradebook no first cell is added unasked; where it is there, cells can be converted."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")  # nbgrader calls alembic
    with api.Gradebook(opened(course).database) as book:
        book.add_assignment("ps1")
        book.add_notebook("p", "ps1")
        book.add_student("ada")
    assert convert(opened(course), "ps1/p", dry=True).in_book == 0
    with api.Gradebook(opened(course).database) as book:
        book.add_submission("ps1", "ada")
    before = snapshot(course)
    refused = run(course, "ps1/p", "shown")
    assert refused.exit_code == 2
    assert "1 submission of ps1/p in nbgrader's gradebook" in refused.output
    assert "--anyway" in refused.output
    assert "test cells would be" in run(course, "ps1/p", "--dry-run").output
    assert snapshot(course) == before
    _, steps = run(course, "ps1/p", "shown", "--anyway").output.split("\nnext:\n")
    assert steps.index("removes the release of ps1") < steps.index("nbgrader generate_assignment")
    done = run(course, "ps1/p", "more")
    assert done.exit_code == 0
    assert "submission" not in done.output


@pytest.mark.usefixtures("_not_tried")
def test_a_dry_run_prints_the_drafts_and_writes_nothing(course):
    """--dry-run shows the checks and what they are worth."""
    before = snapshot(course)
    done = run(course, "ps1/p", "--dry-run")
    assert 'assert_equal(student.call("twice", 21), 42' in done.output
    assert "nothing was written" in done.output
    assert snapshot(course) == before


@pytest.mark.usefixtures("_not_tried")
@pytest.mark.parametrize("number", range(6))
def test_all_files_are_written_or_none(course, monkeypatch, number):
    """Whichever file cannot be written, the course is as it was."""
    before, written = snapshot(course), list[Path]()

    def failing(path: Path, content: bytes) -> None:
        if len(written) == number:
            written.append(path)
            raise OSError(28, "No space left on device", str(path))
        written.append(path)
        store.replace(path, content)

    monkeypatch.setattr(writing, "replace", failing)
    with pytest.raises(OSError, match="No space"):
        convert(opened(course), "ps1/p")
    assert snapshot(course) == before


@pytest.mark.usefixtures("_not_tried")
def test_cell_by_cell_a_grader_grows(course):
    """A second conversion adds to the graders that are there, with what they lack, and changes nothing of them."""
    convert(opened(course), "ps1/p", ["more"])
    grader = course / "graders/public/ps1/p.py"
    first = grader.read_text(encoding="utf-8") + "\n\nOWN = 3  # the author's\n"
    grader.write_text(first, encoding="utf-8")
    result = convert(opened(course), "ps1/p", ["shown"])
    text = grader.read_text(encoding="utf-8")
    assert all(line in text for line in first.split("\n") if line.strip())
    assert text.count("import pytest") == 1
    assert "import numpy as np" in text
    assert "assert_by" in text
    compile(text, "p.py", "exec")
    assert result.before == "graders/before/ps1/p-2.ipynb"
    assert [cell.source for cell in read(course / "source/ps1/p.ipynb").cells if "exercise" in cell.source] == [
        'from referee import exercise\n\ncheck = exercise("ps1/p")'
    ]


@pytest.mark.usefixtures("_not_tried")
def test_again_only_what_travels_is_brought_up_to_date(course):
    """When all cells are converted, the command tries the graders as they are now, and ships them."""
    convert(opened(course), "ps1/p")
    grader = course / "graders/public/ps1/p.py"
    grader.write_text(grader.read_text(encoding="utf-8") + "# finished\n", encoding="utf-8")
    result = convert(opened(course), "ps1/p")
    assert result.written == ("source/ps1/checks/p.py",)
    assert (course / "source/ps1/checks/p.py").read_text(encoding="utf-8").endswith("# finished\n")
    assert [cell.right for cell in result.cells] == [True, True]
    assert convert(opened(course), "ps1/p").written == ()


@pytest.mark.usefixtures("_not_tried")
def test_it_can_be_taken_back_as_it_says(course):
    """The commands that the message names bring the course back to what it was."""
    before = snapshot(course)
    said = run(course, "ps1/p").output
    (line,) = [line for line in said.split("\n") if line.startswith("to take it back: ")]
    copy, remove = line.removeprefix("to take it back: ").split(" && ")
    _, source, target = copy.split()
    shutil.copy(course / source, course / target)
    for path in [*remove.split()[1:], source]:
        (course / path).unlink()
    assert snapshot(course) == before


@pytest.mark.usefixtures("_not_tried")
def test_no_two_checks_share_a_name(course):
    """Cells whose names are one as a function, and what stands in the other grader, get names that are counted up."""
    cells = [code_cell("assert twice(1) == 2", name, "test") for name in ("a-b", "a_b", "a_b_hidden")]
    write(notebook(TWICE, *cells), course / "source/ps1/p.ipynb")
    hidden = course / "graders/hidden/ps1/p.py"
    hidden.parent.mkdir(parents=True)
    hidden.write_text("test_a_b_hidden = 1\n", encoding="utf-8")
    convert(opened(course), "ps1/p", ["a-b"])
    convert(opened(course), "ps1/p")
    text = (course / "graders/public/ps1/p.py").read_text(encoding="utf-8")
    names = [line.split("(")[0] for line in text.split("\n") if line.startswith("def ")]
    assert names == ["def test_a_b_2", "def test_a_b_3", "def test_a_b_hidden_2"]


@pytest.mark.usefixtures("_not_tried")
def test_what_was_extended_is_named_where_it_is_taken_back(course):
    """A second conversion names each file that the first one made, and counts all test cells of the notebook."""
    assert "1 of 2 test cells are checks" in run(course, "ps1/p", "shown").output
    said = run(course, "ps1/p", "more").output
    assert "2 of 2 test cells are checks" in said
    assert "take the new checks out of graders/public/ps1/p.py, source/ps1/checks/p.py\n" in said
    assert "and more (under 'p') out of source/ps1/checks/manifest.json" in said


@pytest.mark.usefixtures("_not_tried")
@pytest.mark.parametrize("number", range(1, 6))
def test_a_conversion_that_was_killed_goes_on(course, tmp_path, monkeypatch, number):
    """Whatever it had written, the same command writes the rest, and all is as if it had never been killed."""
    whole = tmp_path / "whole"
    shutil.copytree(course / "source", whole / "source")
    shutil.copy(course / "nbgrader_config.py", whole)
    convert(opened(whole), "ps1/p")

    def killed(files: dict[Path, bytes]) -> None:
        for path in list(files)[:number]:
            store.replace(path, files[path])

    with monkeypatch.context() as patched:
        patched.setattr(writing, "write", killed)
        convert(opened(course), "ps1/p")
    convert(opened(course), "ps1/p")
    made = {name: content for name, content in snapshot(course).items() if not name.startswith("whole/")}
    assert made == snapshot(whole)


@pytest.mark.usefixtures("_not_tried")
def test_an_existing_check_is_never_overwritten(course):
    """A grader that holds another check for that cell is an error that says so."""
    text = "import pytest\n\n@pytest.mark.check('shown')\ndef test_x(student):\n    pass\n"
    grader = course / "graders/public/ps1/p.py"
    grader.parent.mkdir(parents=True)
    grader.write_text(text, encoding="utf-8")
    before = snapshot(course)
    with pytest.raises(GraderError, match="leave that cell out"):
        convert(opened(course), "ps1/p", ["shown"])
    assert snapshot(course) == before


@pytest.mark.parametrize(
    ("name", "cells", "words"),
    [
        ("ps1", [], "ps1/p"),
        ("ps1/q", [], "one of the notebooks p of ps1"),
        ("ps2/p", [], "one of the assignments ps1"),
        ("ps1/p", ["twice"], "test cells of ps1/p out of shown, more"),
    ],
)
def test_what_is_not_there_is_said(course, name, cells, words):
    """A name that is no notebook or test cell is an error with those that are."""
    with pytest.raises(UsageError, match=words):
        convert(opened(course), name, cells)


def test_a_course_of_our_own_has_nothing_to_convert(mini):
    """In one of Referee's own courses the tests are outside the kernel."""
    with pytest.raises(UsageError, match="outside the kernel already"):
        convert(mini.course, "week/mini")


@pytest.mark.usefixtures("_not_tried")
def test_a_cell_that_others_lean_on_stays(course):
    """A test cell whose names a later cell reads is left in the notebook, and the reason is said."""
    leaned = code_cell("data = [1, 2]\nassert twice(data[0]) == 2", "leaned", "test")
    path = write(notebook(TWICE, leaned, code_cell("print(data)"), SHOWN), course / "source/ps1/p.ipynb")
    result = convert(opened(course), "ps1/p")
    assert {cell.cell: bool(cell.left) for cell in result.cells} == {"leaned": True, "shown": False}
    assert "cell 3 uses `data`" in result.cells[0].left
    assert read(path).cells[2].source == leaned.source


@pytest.mark.usefixtures("_not_tried")
def test_the_courses_own_delimiters_are_read(course):
    """Where hidden tests begin and end, nbgrader's configuration says."""
    config = CONFIG + 'c.ClearHiddenTests.begin_test_delimeter = "VVV"\nc.ClearHiddenTests.end_test_delimeter = "AAA"\n'
    (course / "nbgrader_config.py").write_text(config, encoding="utf-8")
    own = code_cell("assert twice(1) == 2\n# VVV\nassert twice(21) == 42\n# AAA", "shown", "test", 2)
    write(notebook(TWICE, own), course / "source/ps1/p.ipynb")
    result = convert(opened(course), "ps1/p")
    assert "21" not in result.drafts["public"]
    assert "21" in result.drafts["hidden"]


def test_hidden_tests_without_an_end_are_an_error(course):
    """A region that is not closed would ship: nothing is converted."""
    write(
        notebook(TWICE, code_cell("### BEGIN HIDDEN TESTS\nassert 1", "shown", "test")), course / "source/ps1/p.ipynb"
    )
    with pytest.raises(CourseError, match="END HIDDEN TESTS"):
        convert(opened(course), "ps1/p")


def test_a_draft_that_the_solution_fails_is_pointed_at(course):
    """Where the solution does not get its points, or the blank gets some, the author is told to look."""
    wrong = code_cell("assert twice(1) == 3", "wrong", "test")
    free = code_cell("try:\n    twice(1)\nexcept Exception:\n    pass", "free", "test")
    write(notebook(TWICE, wrong, free), course / "source/ps1/p.ipynb")
    said = run(course, "ps1/p").output
    assert "wrong  solution 0 of 1, blank 0: LOOK AT IT: what `twice(1)` returns: the value differs" in said
    assert "free   solution 1 of 1, blank 1: LOOK AT IT: the blank earns points" in said
