"""Deleted cells come back."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from referee import authoring
from referee.nbcourse.restoring import restored


def cell(name: str, kind: str) -> NotebookNode:
    """A cell with nbgrader's marks."""
    marks = {"grade_id": name, "grade": kind == "test", "solution": kind == "answer", "locked": kind != "answer"}
    return new_code_cell(f"# {name}", metadata={"nbgrader": {**marks, "points": 1, "schema_version": 3}})


RELEASED = new_notebook(
    cells=[
        cell("given", "locked"),
        cell("a", "answer"),
        cell("test a", "test"),
        cell("b", "answer"),
        cell("test b", "test"),
    ]
)
NAMES = [authoring.grade_id(each) for each in RELEASED.cells]


def handed_in(*names: str) -> NotebookNode:
    """A submission with these cells, and one of the student's own in front."""
    kept = [copy.deepcopy(each) for each in RELEASED.cells if authoring.grade_id(each) in names]
    return new_notebook(cells=[new_code_cell("mine"), *kept])


def order(notebook: NotebookNode) -> list[str]:
    """The names of the cells that have one."""
    return [name for each in notebook.cells if (name := authoring.grade_id(each))]


@given(kept=st.sets(st.sampled_from(NAMES)))
def test_test_cells_come_back_where_they_belong(kept):
    """Whatever was deleted, the test cells are there, each behind what comes before it; nothing else is added."""
    made, notes = restored(RELEASED, handed_in(*kept), everything=False)
    wanted = [name for name in NAMES if name in kept or name.startswith("test")]
    assert order(made) == wanted
    assert len(notes) == len(wanted) - len(kept)


@given(kept=st.sets(st.sampled_from(NAMES)))
def test_everything_comes_back(kept):
    """With `everything` the notebook has the form of its exercise."""
    made, _ = restored(RELEASED, handed_in(*kept), everything=True)
    assert order(made) == NAMES


def test_a_submission_is_not_changed():
    """What was handed in stays as it is."""
    submitted = handed_in("a")
    before = copy.deepcopy(submitted)
    restored(RELEASED, submitted, everything=True)
    assert submitted == before


@pytest.mark.parametrize("marks", [3, "text", {"grade_id": 7}, ["grade_id"], None])
def test_nonsense_in_the_marks_is_dropped(marks):
    """Metadata of a kind that no notebook has is no error of ours."""
    submitted = handed_in(*NAMES)
    submitted.cells[0].metadata["nbgrader"] = marks
    made, _ = restored(RELEASED, submitted, everything=True)
    assert order(made) == NAMES


@pytest.mark.parametrize("everything", [False, True])
def test_an_older_format_gets_no_ids(everything):
    """A notebook of nbformat 4.4 has no cell ids, also where cells come back."""
    submitted = handed_in("a")
    submitted.nbformat_minor = 4
    for each in submitted.cells:
        each.pop("id", None)
    made, _ = restored(RELEASED, submitted, everything=everything)
    assert not any("id" in each for each in made.cells)
