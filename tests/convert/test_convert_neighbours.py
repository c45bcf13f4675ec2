"""Test cells beside each other: what one of them claims costs nothing in another one."""

from __future__ import annotations

import pytest

from referee.convert.configured import Marks
from referee.convert.draft import Draft, draft
from referee.convert.known import Known
from referee.convert.notebook import cell_of, sources
from tests.convert.drafting import NUMPY, Drafted, code_cell, notebook

BOTH = "def f(x): return x\ndef g(x): return x"
ONLY_G = "def f(x): raise ValueError\ndef g(x): return x"
ONLY_F = "def f(x): return x\ndef g(x): raise ValueError"


def second(folder, first: str, test: str) -> Drafted:
    """The draft of a test cell behind another test cell."""
    cells = [code_cell(NUMPY), code_cell(BOTH, "answer", "answer"), code_cell(first, "first", "test")]
    own = notebook(*cells, code_cell(test, "claim", "test"))
    known = Known(sources(own, Marks()), 3, folder)
    made = Draft()
    draft(cell_of(own.cells[-1], Marks()), {"public": known, "hidden": known}, made)
    return Drafted(folder, made, test, "")


@pytest.mark.parametrize(
    ("first", "test"),
    [
        ("for n in [1, 2]:\n    assert f(n) == n", "for n in [1, 2]:\n    assert g(n) == n"),
        ("for n in [1, 2]:\n    r = f(n)\n    assert r == n", "for n in [1, 2]:\n    r = g(n)\n    assert r == n"),
        ("x = f(3)\nassert x == 3", "for x in [1]:\n    assert g(x) == 1"),
        ("x = f(3)\nassert x == 3", "x = g(3)\nassert x == 3"),
        ("x = f(3)", "def low():\n    return 1\nx = low()\nassert g(x) == 1"),
        ("x = f(3)", "try:\n    x = g(1)\nexcept KeyError:\n    x = 0\nassert x == 1"),
        ("data = [1, 2]\nfor n in data:\n    assert f(n) == n", "for n in data:\n    assert g(n) == n"),
    ],
)
def test_a_cell_gets_no_claims_of_another(tmp_path, first, test):
    """Who fails the first cell alone gets all points of the second, whose names it binds itself or copies."""
    made = second(tmp_path, first, test)
    assert not made.why
    assert '"f"' not in made.code
    assert made.earned(BOTH) == made.earned(ONLY_G) == 1
    assert made.earned(ONLY_F) == 0


@pytest.mark.parametrize(
    ("first", "test"),
    [
        ("x = f(3)", "assert g(x) == 3"),
        ("xs = []\nxs.append(f(3))", "assert g(xs) == [3]"),
        ("def asks():\n    return f(3)\nx = asks()", "assert g(x) == 3"),
        ("for x in [1, 3]:\n    assert f(x) == x", "assert g(x) == 3"),
        ("x = 1\nfor x in [1, 3]:\n    assert f(x) == x", "if g(0):\n    x = 2\nassert g(x) == 3"),
    ],
)
def test_what_only_another_cells_tests_give_is_left_to_a_person(tmp_path, first, test):
    """A value that can only be had by asking, or claiming, what another cell asks is finished by hand."""
    made = second(tmp_path, first, test)
    assert "comes from tests of another cell" in made.why
    assert made.earned(BOTH) is None
