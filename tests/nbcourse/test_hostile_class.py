"""A class of an nbgrader course in which some mean harm: each gets a verdict, and the others what they earn."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from referee.batch import store
from referee.nbcourse.course import NbCourse
from referee.sandbox.scratch import remove
from referee.workflow.either import grade_any
from referee.workflow.export import export_assignment
from referee.workflow.opening import open_course
from tests.nbcourse import cells, every, two_ways
from tests.nbcourse.book import scores

DEEP = "import os\nfor _ in range(19):\n    os.mkdir('d' * 220)\n    os.chdir('d' * 220)\nopen('f', 'w').close()"
HIDDEN = "### BEGIN HIDDEN TESTS\nassert double(3) == 6\n### END HIDDEN TESTS"
ANSWER = "def double(x):\n    return 2 * x"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A course with one test cell and one answer in words, its class, and who hands in what nobody should."""
    root = tmp_path_factory.mktemp("hostile") / "course"
    book = cells.notebook(
        "p",
        cells.answer("double", f"### BEGIN SOLUTION\n{ANSWER}\n### END SOLUTION"),
        cells.test("test", 2, f"assert double(2) == 4\n{HIDDEN}"),
        cells.person("words", 3, cells.text("YOUR ANSWER HERE")),
    )
    every.write(root / "source" / "ps" / "p.ipynb", nbformat.writes(book))
    every.write(root / "nbgrader_config.py", "c = get_config()\n")
    two_ways.release(root, "ps")
    for student in ("ada", "bob", "deep", "path", "skips", "misnamed", "[ab]ob"):
        hand_in(root, student)
    below = root / "submitted" / "deep" / "ps"
    with contextlib.chdir(below):
        for _ in range(1100):
            Path("d").mkdir()
            os.chdir("d")
    folder = root / "submitted" / "misnamed" / "ps"
    (folder / "p.ipynb").rename(folder / "p_final.ipynb")
    bad = root / "submitted" / os.fsdecode(b"bad\xff") / "ps"
    bad.mkdir(parents=True)
    (bad / "p.ipynb").write_bytes((root / "submitted" / "ada" / "ps" / "p.ipynb").read_bytes())
    yield root
    remove(root)  # pytest itself cannot remove folders that are so deep


def hand_in(root: Path, student: str) -> None:
    """What one of them hands in."""
    book = nbformat.read(root / "release" / "ps" / "p.ipynb", as_version=4)
    for cell in book.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name == "double":
            cell.source = {"path": f"{DEEP}\n{ANSWER}", "skips": "pass"}.get(student, ANSWER)
        elif name == "words":
            cell.source = "my words"
        elif name == "test" and student == "skips":
            cell.metadata["tags"] = ["skip-execution"]
    every.write(root / "submitted" / student / "ps" / "p.ipynb", nbformat.writes(book))


def opened(root: Path) -> NbCourse:
    """The course as a command opens it."""
    made = open_course(root)
    assert isinstance(made, NbCourse)
    return made


@pytest.fixture(scope="module")
def said(course: Path) -> list[str]:
    """What is said while the class is graded."""
    lines: list[str] = []
    grade_any(opened(course), "ps", progress=lines.append, workers=2)
    return lines


def notes(course: Path, student: str) -> list[str]:
    """What the report notes of a student."""
    report = store.read_report(store.report_path(opened(course), "ps", student), student)
    assert report is not None
    return [note.words for note in report.notebooks[0].notes]


def test_everybody_else_has_their_points(course, said):
    """Folders a thousand deep, paths that are too long, names that are none: nobody else loses anything."""
    found = scores(course / "gradebook.db")
    assert [found["ps", student, "p", "test"][0] for student in ("ada", "bob", "path")] == [2, 2, 2]


def test_names_that_are_none_are_left_out_and_said(course, said):
    """A name that no report can have, or that is a pattern to nbgrader, is named, and gets nobody else's points."""
    left = [line for line in said if line.startswith("left out: ")]
    assert len(left) == 2
    assert any(r"bad\udcff" in line for line in left)
    assert any("[ab]ob" in line for line in left)
    assert ("ps", "[ab]ob", "p", "test") not in scores(course / "gradebook.db")


def test_folders_without_end_are_refused(course, said):
    """Who hands in folders a thousand deep is told so."""
    report = store.read_report(store.report_path(opened(course), "ps", "deep"), "deep")
    assert report is not None
    assert report.notebooks[0].refused == "its folders are more than 64 deep"


def test_a_cell_that_does_not_run_is_noted(course, said):
    """The tag by which nbgrader takes silence for a right answer is named."""
    assert notes(course, "skips") == ["the cell 'test' is tagged 'skip-execution': it was not run; look at it"]


def test_an_honest_submission_has_no_notes(course, said):
    """That hidden tests were put back is nothing to say about a student."""
    assert notes(course, "ada") == []


def test_a_misnamed_notebook_is_named(course, said):
    """Whose notebook has another name reads which one was not graded."""
    assert "'p_final.ipynb' is none of the notebooks p; it was not graded" in notes(course, "misnamed")


def test_nobody_handed_in_anew(course, said, tmp_path):
    """An export right after grading knows that the files are those that were graded."""
    lines: list[str] = []
    done = export_assignment(opened(course), "ps", "csv", progress=lines.append, out=tmp_path / "out.csv")
    assert done.said.stale == ()


def test_what_a_person_gave_counts_while_it_waits(course, said):
    """After a second run the points of a person are in the report, as in the gradebook, and marked for another look."""
    from nbgrader.api import Gradebook  # noqa: PLC0415 - slow to import

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        grade = book.find_grade("words", "p", "ps", "bob")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        book.db.commit()
    lines: list[str] = []
    graded = grade_any(opened(course), "ps", progress=lines.append, workers=1, students=["bob"], again=True)
    assert graded.reports[0].earned == 4.5
    assert [cell.grade_id for cell in graded.reports[0].notebooks[0].needs_person] == ["words"]
    assert "scores that persons gave stay, and are marked for another look, as in nbgrader: 1" in lines


def test_a_limit_that_stopped_nobody_is_no_reason_to_grade_again(course, said):
    """A changed limit, and feedback switched off, leave every report as it stands."""
    every.write(course / "course.toml", "[limits]\nmemory_mb = 3000\n[nbgrader]\nfeedback = false\n")
    lines: list[str] = []
    graded = grade_any(opened(course), "ps", progress=lines.append, workers=1, students=["ada"])
    (course / "course.toml").unlink()
    assert (graded.kept, graded.fresh) == (1, ())
    assert json.dumps(lines).count("to grade") == 0
