"""The author's own notebooks: readable, with rules that are kept, and clear about what is wrong."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from referee.authoring import authored, parameter_defaults, read_authored, restore
from referee.errors import CourseError
from tests.conftest import nbgrader_cell as cell
from tests.conftest import python_notebook


def author(folder: Path, *cells: Any) -> Path:
    path = folder / "week.ipynb"
    for number, each in enumerate(cells):
        each["id"] = f"cell-{number}"
    nbformat.write(python_notebook(list(cells)), path)
    return path


def test_a_missing_authored_notebook(tmp_path):
    """A notebook that was never released is the author's to make, and the message says how."""
    with pytest.raises(CourseError) as caught:
        read_authored(tmp_path / "no.ipynb")
    assert str(caught.value) == (
        f"wanted: the notebook {tmp_path / 'no.ipynb'}\nfound:  no such file\nnext:   make it with `referee release`"
    )


def test_an_unreadable_authored_notebook(tmp_path):
    """An authored notebook that is no notebook is said to be unreadable, with the reason."""
    (tmp_path / "no.ipynb").write_text("{")
    with pytest.raises(CourseError, match="a readable notebook at"):
        read_authored(tmp_path / "no.ipynb")


def test_a_grade_id_stands_for_one_cell(tmp_path):
    """Two cells with one grade_id break a rule of the course."""
    with pytest.raises(CourseError) as caught:
        read_authored(author(tmp_path, cell("x", "a", "locked"), cell("y", "a", "solution")))
    assert str(caught.value) == (
        "wanted: grade_ids that are used once in week.ipynb\nfound:  'a' twice\nnext:   rename one of them"
    )


def test_a_check_cell_says_its_own_name(tmp_path):
    """A check cell that checks another name, or does anything else, breaks a rule of the course."""
    with pytest.raises(CourseError) as caught:
        read_authored(author(tmp_path, cell('check("b")', "a", "check", 1)))
    assert str(caught.value) == ("wanted: the check cell 'a' of week.ipynb to say check(\"a\")\nfound:  'check(\"b\")'")


def test_parameters_are_the_names_that_their_cell_assigns():
    """The names of the cell tagged `parameters` may be injected, and no others."""
    tagged = new_code_cell("seed = 0  # x\nepochs: int = 3\na = b = 1\nprint(seed)", metadata={"tags": ["parameters"]})
    assert parameter_defaults(new_notebook(cells=[new_code_cell("x = 1"), tagged])) == {
        "seed": 0,
        "a": 1,
        "b": 1,
        "epochs": 3,
    }
    assert parameter_defaults(new_notebook(cells=[new_code_cell("x = 1")])) == {}


def test_a_parameters_cell_that_is_no_python_is_a_course_error():
    """A parameters cell with a syntax error is said to be one."""
    tagged = new_code_cell("seed = = 0", metadata={"tags": ["parameters"]})
    with pytest.raises(CourseError) as caught:
        parameter_defaults(new_notebook(cells=[tagged]))
    assert str(caught.value) == (
        "wanted: a cell tagged `parameters` in Python\nfound:  line 1: invalid syntax\nnext:   mend that cell"
    )


def test_an_authored_notebook_is_read_once(tmp_path):
    """Many submissions share one reading of their exercise, and putting one in order does not change it."""
    path = author(tmp_path, cell("seed = 0", "parameters", tags=["parameters"]), cell("x = 1", "a", "solution"))
    kept = authored(path)
    before = nbformat.writes(kept.notebook)
    restored, _ = restore(kept.notebook, python_notebook([cell("x = 2", "a", "solution", tags=["mine"])]))
    restored.cells[0].metadata.tags.append("changed")
    assert authored(path) is kept
    assert nbformat.writes(kept.notebook) == before
    assert [spec.grade_id for spec in kept.specs] == ["parameters", "a"]
    assert kept.parameter_names == ("seed",)


def test_an_authored_notebook_that_was_written_again_is_read_again(tmp_path):
    """A new release counts from the next submission, and a mistake in it is said each time."""
    path = author(tmp_path, cell("x = 1", "a", "locked"))
    assert len(authored(path).specs) == 1
    author(tmp_path, cell("x = 1", "a", "locked"), cell("y = 1", "b", "locked"))
    assert len(authored(path).specs) == 2
    author(tmp_path, cell("x", "a", "locked"), cell("y", "a", "solution"))
    for _ in range(2):
        with pytest.raises(CourseError, match="'a' twice"):
            authored(path)
