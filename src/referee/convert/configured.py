"""What nbgrader's configuration says about an author's notebook: where hidden tests stand, and what a blank is."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from referee.errors import CourseError, MissingExtra

try:
    from nbgrader.preprocessors import ClearHiddenTests, ClearOutput, ClearSolutions, InstantiateTests
except ImportError as error:
    raise MissingExtra("nbgrader, to convert its test cells", str(error), "pip install nbgrader") from error


@dataclass(frozen=True)
class Marks:
    """The words that nbgrader looks for in test cells.

    begin, end : around hidden tests.   autotest : what begins a line that nbgrader makes tests of.
    """

    begin: str = "BEGIN HIDDEN TESTS"
    end: str = "END HIDDEN TESTS"
    autotest: str = "AUTOTEST"


def marks(app: Any) -> Marks:
    """The words as this course has configured them."""
    hidden, made = ClearHiddenTests(parent=app), InstantiateTests(parent=app)
    return Marks(str(hidden.begin_test_delimeter), str(hidden.end_test_delimeter), str(made.autotest_delimiter))


def blank(notebook: NotebookNode, app: Any, name: str) -> NotebookNode:
    """The notebook without its solutions, as `nbgrader generate_assignment` clears them.

    Raises
    ------
    CourseError : nbgrader cannot clear it.
    """
    made, resources = copy.deepcopy(notebook), {"nbgrader": {"notebook": name}}
    try:
        for step in (ClearSolutions, ClearOutput):
            made, resources = step(parent=app).preprocess(made, resources)
    except Exception as error:  # nbgrader raises plain RuntimeErrors for what an author did wrong
        raise CourseError(f"{name}.ipynb in nbgrader's form", str(error), "mend that cell") from error
    return made


def split(source: str, marks: Marks) -> tuple[str, str]:
    """What students see of a test cell, and all of it, both without the lines of the marks.

    Raises
    ------
    CourseError : a region of hidden tests has no end, or begins within another.
    """
    shown: list[str] = []
    whole: list[str] = []
    inside = False
    for line in source.split("\n"):
        if marks.begin in line:
            if inside:
                raise CourseError("hidden tests that begin once before they end", repr(line), "mend that cell")
            inside = True
        elif marks.end in line:
            inside = False
        else:
            whole.append(line)
            if not inside:
                shown.append(line)
    if inside:
        raise CourseError(f"a line with {marks.end!r} behind each with {marks.begin!r}", "none", "mend that cell")
    return "\n".join(shown), "\n".join(whole)
