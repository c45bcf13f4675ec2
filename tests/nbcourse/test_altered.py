"""Cells that change what an earlier answer defined."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from referee.nbcourse.altered import changed_answers
from referee.report import CellSpec


def spec(name: str, *, solution: bool) -> CellSpec:
    """An author's cell."""
    return CellSpec(
        grade_id=name,
        cell_type="code",
        source="",
        checksum="",
        grade=not solution,
        solution=solution,
        locked=not solution,
        task=False,
        points=1.0,
    )


CELLS = {"answer": spec("answer", solution=True), "test": spec("test", solution=False)}


@pytest.fixture
def made():
    """A notebook of (name, source) pairs, and the notes on it."""

    def make(*sources):
        cells = []
        for name, text in sources:
            cell = new_code_cell(text)
            if name:
                cell.metadata["nbgrader"] = {"grade_id": name}
            cells.append(cell)
        return [note.words for note in changed_answers(new_notebook(cells=cells), CELLS)]

    return make


@pytest.mark.parametrize(
    "later",
    ["x = 2", "def x(): pass", "import os as x", "for x in range(2): pass", "del x", "with open('f') as x: pass"],
)
def test_a_later_definition_is_noted(made, later):
    """A cell that binds or deletes a name of an answer is named, with that answer."""
    assert made(("answer", "x = 1"), ("", later)) == [
        "cell 2 defines 'x' again, which the answer cell 'answer' had defined"
    ]


@pytest.mark.parametrize(
    "later",
    [
        "y = 2",
        "x.append(2)",
        "print(x)",
        "def f(): x = 2",
        "[x for x in range(2)]",
        "%matplotlib inline",
        "not Python at",
    ],
)
def test_what_leaves_the_answer_alone_is_not(made, later):
    """Reading an answer, names of functions' own, and what is no Python are no change."""
    assert made(("answer", "x = 1"), ("", later)) == []


def test_the_author_may_do_as_they_like(made):
    """A test cell that replaces an answer for a while is the author's own."""
    assert made(("answer", "x = 1"), ("test", "x = 3")) == []


def test_an_answer_may_change_itself(made):
    """Within the answer cell a name may be bound as often as wanted."""
    assert made(("answer", "x = 1\nx = 2")) == []


@given(st.text(max_size=60))
def test_whatever_stands_there_is_read(text):
    """No text of a cell is an error of ours."""
    answer = new_code_cell("x = 1", metadata={"nbgrader": {"grade_id": "answer"}})
    changed_answers(new_notebook(cells=[answer, new_code_cell(text)]), CELLS)
