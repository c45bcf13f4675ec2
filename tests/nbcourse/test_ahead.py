"""What kernels import before they are forked, learnt from the author's notebook."""

from __future__ import annotations

import nbformat
import pytest

from referee.nbcourse import ahead
from referee.nbcourse.config import open_course
from referee.sandbox.isolation import can_fork
from tests.nbcourse import cells, every

SOURCE = "import numpy\n### BEGIN SOLUTION\nimport numpy.polynomial\nimport wave\n### END SOLUTION"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of two notebooks, of which one imports what counts as a framework here."""
    monkeypatch.setattr(ahead, "_FRAMEWORKS", {"numpy"})
    for name, source in {"heavy": SOURCE, "light": "import math"}.items():
        book = cells.notebook(name, cells.answer("a", source))
        every.write(tmp_path / "source" / "ps" / f"{name}.ipynb", nbformat.writes(book))
    every.write(tmp_path / "nbgrader_config.py", "c = get_config()\n")
    return open_course(tmp_path)


@pytest.mark.skipif(not can_fork(), reason="kernels are forked nowhere else")
def test_the_authors_notebook_runs_once(course):
    """What it imported while it ran is known afterwards; a notebook without a framework does not run."""
    said: list[str] = []
    ahead.learn(course, "ps", said.append)
    ahead.learn(course, "ps", said.append)
    assert said == ["heavy: its author's notebook runs once, so that kernels know what it imports"]
    heavy, light = course.exercises("ps")
    assert "wave" in course.late_of(heavy)
    assert course.late_of(light) == ()


def test_a_notebook_that_cannot_be_read_is_no_reason_to_stop(course):
    """What is wrong with the author's notebook is said by whoever needs it."""
    (course.root / "source" / "ps" / "heavy.ipynb").write_text("{")
    ahead.learn(course, "ps", pytest.fail)
