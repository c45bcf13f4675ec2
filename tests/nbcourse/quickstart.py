"""nbgrader's own example course, as `nbgrader quickstart` makes it, with the class of nbgrader's documentation."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import nbformat
import nbgrader

from tests.nbcourse import every, two_ways
from tests.nbcourse.deeds import Deed
from tests.nbcourse.hand import Hand, hand_in

ASSIGNMENT = "ps1"
_GUIDE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
#: What quickstart's configuration says beside comments, and late work that counts for nothing.
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "example"
c.IncludeHeaderFooter.header = "source/header.ipynb"
"""
ZERO = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
DUE = "2015-02-02 15:00:00.000000"  # between the two submissions of nbgrader's documentation


def build(folder: Path, *, whole: bool = False) -> Path:
    """Make the course. whole : by the command itself, which takes seconds to print all of nbgrader's options."""
    if whole:
        said = two_ways.nbgrader(folder.parent, "quickstart", folder.name)
        assert said.status == 0, said.err
    else:
        shutil.copytree(_GUIDE / "source", folder / "source", ignore=shutil.ignore_patterns("ps1_autotest", ".*"))
        every.write(folder / "nbgrader_config.py", CONFIG)
    config = folder / "nbgrader_config.py"
    config.write_text(f"{config.read_text(encoding='utf-8')}\n{ZERO}", encoding="utf-8")
    return folder


def enrol(course: Path, names: Sequence[str]) -> None:
    """The two of the documentation, and: `solved`, `untouched`, `half` (solved, but the second notebook is missing)."""
    shutil.copytree(_GUIDE / "submitted", course / "submitted", ignore=shutil.ignore_patterns(".*"))
    released = course / "release" / ASSIGNMENT
    for name in names:
        folder = course / "submitted" / name / ASSIGNMENT
        folder.mkdir(parents=True)
        if name == "untouched":
            hand_in(released, folder)
        else:
            hand_in(released, folder, _solved(course / "source" / ASSIGNMENT))
        if name == "half":
            (folder / "problem2.ipynb").unlink()


def _solved(source: Path) -> Deed:
    def deed(hand: Hand) -> None:
        for name, book in hand.books.items():
            whole = nbformat.read(source / name, as_version=4)
            answers = {
                cell.metadata.nbgrader.grade_id: cell.source for cell in whole.cells if "nbgrader" in cell.metadata
            }
            for cell in book.cells:
                marks = cell.metadata.get("nbgrader", {})
                if marks.get("solution") and marks["grade_id"] in answers:
                    cell["source"] = answers[marks["grade_id"]]

    return deed
