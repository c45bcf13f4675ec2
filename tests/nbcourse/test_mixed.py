"""A notebook whose test cells are of both kinds: in the kernel, as nbgrader has it, and outside."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import nbformat
import pytest

from referee.errors import CourseError, UsageError
from referee.nbcourse.book import Book
from referee.workflow.either import grade_any, make_any_pages
from referee.workflow.opening import open_course
from referee.workflow.remake import PageWishes
from tests.nbcourse import cells, every, two_ways
from tests.nbcourse.book import scores

GRADER = '''"""Checks on double."""

import pytest

from referee.checks import assert_matches


@pytest.mark.check("double_test")
def test_any(student, rng):
    """Your double doubles any number."""
    x = float(rng.normal())
    assert_matches(student.call("double", x), 2 * x)


@pytest.mark.check("double_test")
def test_text(student):
    """Your double doubles a text as well."""
    assert_matches(student.call("double", "ab"), "abab")
'''
HIDDEN = "### BEGIN HIDDEN TESTS\nassert triple(5) == 15\n### END HIDDEN TESTS"
RIGHT = {"double": "def double(x):\n    return 2 * x", "triple": "def triple(x):\n    return 3 * x"}
LIAR = """
class Same:
    def __eq__(self, other): return True
    def __call__(self, *a): return self
    def __getattr__(self, name): return self
import ast
class Nothing(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
get_ipython().ast_transformers.append(Nothing())
double = triple = Same()
"""
CLASS = {
    "right": RIGHT,
    "half": {**RIGHT, "double": "def double(x):\n    return x + x if isinstance(x, float) else x"},
    "liar": {"double": LIAR, "triple": "pass"},
    "blank": {},
    "teller": {**RIGHT, "double": "seen = []\ndef double(x):\n    seen.append(x)\n    return 2 * x", "last": "seen[0]"},
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """A course with one such notebook, released by nbgrader, with its class and its grader."""
    course = tmp_path_factory.mktemp("mixed") / "course"
    setup = cells.code('from referee import exercise\ncheck = exercise("ps/mix")')
    book = cells.notebook(
        "mix",
        cells.locked("setup", setup),
        cells.answer("double", "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"),
        cells.test("double_test", 2, 'check("double_test")'),
        cells.answer("triple", "### BEGIN SOLUTION\ndef triple(x):\n    return 3 * x\n### END SOLUTION"),
        cells.test(
            "triple_test",
            3,
            "assert triple(2) == 6\n### BEGIN HIDDEN TESTS\nassert triple(5) == 15\n### END HIDDEN TESTS",
        ),
        cells.answer("last", "pass"),
    )
    every.write(course / "source" / "ps" / "mix.ipynb", nbformat.writes(book))
    every.write(course / "nbgrader_config.py", 'c = get_config()\nc.CourseDirectory.course_id = "mixed"\n')
    every.write(course / "graders" / "hidden" / "ps" / "mix.py", GRADER)
    two_ways.release(course, "ps")
    released = nbformat.read(course / "release" / "ps" / "mix.ipynb", as_version=4)
    for student, texts in CLASS.items():
        for cell in released.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = texts.get(name, cell.source)
        every.write(course / "submitted" / student / "ps" / "mix.ipynb", nbformat.writes(released))
        released = nbformat.read(course / "release" / "ps" / "mix.ipynb", as_version=4)
    return course


@pytest.fixture(scope="module")
def graded(mixed):
    """The class, graded."""
    return grade_any(open_course(mixed), "ps", progress=lambda _words: None, workers=2)


def test_both_kinds_score_in_one_notebook(mixed, graded):
    """The scores of checks outside, in parts, and of tests inside stand in nbgrader's gradebook."""
    found = scores(mixed / "gradebook.db")
    points = {(student, cell): score for (_, student, _, cell), (score, _) in found.items()}
    assert {
        (who, what): points[who, what] for who in ("right", "half", "blank") for what in ("double_test", "triple_test")
    } == {
        ("right", "double_test"): 2,
        ("right", "triple_test"): 3,
        ("half", "double_test"): 1,
        ("half", "triple_test"): 3,
        ("blank", "double_test"): 0,
        ("blank", "triple_test"): 0,
    }


def test_what_defeats_a_test_inside_earns_nothing_outside(mixed, graded):
    """An object that equals everything, and asserts that are taken out, win the test in the kernel and no check."""
    found = scores(mixed / "gradebook.db")
    assert found["ps", "liar", "mix", "triple_test"][0] == 3
    assert found["ps", "liar", "mix", "double_test"][0] == 0


def test_what_a_check_gave_is_in_no_output(mixed, graded):
    """A later cell that shows the input of a hidden check shows nothing in autograded/ and in nbgrader's feedback."""
    executed = nbformat.read(mixed / "autograded" / "teller" / "ps" / "mix.ipynb", as_version=4)
    last = next(cell for cell in executed.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "last")
    text = "(not shown: it repeats what a check gave to the code)"
    assert [output.text.strip() for output in last.outputs] == [text]
    assert text in (mixed / "feedback" / "teller" / "ps" / "mix.html").read_text()


def test_the_reports_say_which_check_failed(graded):
    """A cell that checks decide has their results; one that its tests decide has one result."""
    half = next(report for report in graded.reports if report.student == "half").notebooks[0]
    results = {cell.grade_id: [result.name for result in cell.results if result.verdict.passed] for cell in half.graded}
    assert results == {"double_test": ["test_any"], "triple_test": ["cell"]}
    assert half.answers == ()
    assert [pause.cell for pause in half.pauses] == ["double_test"]


def test_no_grader_is_an_error_of_the_course(mixed, graded, tmp_path):
    """Without its grader a check cell would earn nothing for anybody: that is said before anything runs."""
    grader = mixed / "graders" / "hidden" / "ps" / "mix.py"
    away = grader.rename(tmp_path / "mix.py")
    try:
        with pytest.raises(CourseError, match="a grader for the check cells double_test of ps/mix"):
            grade_any(open_course(mixed), "ps", progress=lambda _words: None)
    finally:
        away.rename(grader)


def test_nbgraders_own_kernels_know_no_checks(mixed, graded):
    """`kernel = "nbgrader"` is refused where there are check cells, to which nobody would listen."""
    every.write(mixed / "course.toml", '[nbgrader]\nkernel = "nbgrader"\n')
    try:
        with pytest.raises(UsageError, match="check cells in mix"):
            grade_any(open_course(mixed), "ps", progress=lambda _words: None, trust=True)
    finally:
        (mixed / "course.toml").unlink()


# --- what is there already --------------------------------------------------------------------------------------------


@pytest.fixture
def again(mixed, graded, tmp_path):
    """A copy of the graded course, to be graded again; what is said meanwhile."""
    root = every.copied(mixed, tmp_path / "course")
    lines: list[str] = []
    return root, lines, lambda: grade_any(open_course(root), "ps", progress=lines.append, workers=2)


def test_a_gradebook_that_others_changed_is_noticed(again):
    """Scores that `nbgrader autograde` put in place of a check's, and a submission that is gone, are entered again."""
    root, lines, grade = again
    grade()
    assert not [line for line in lines if line.startswith("to grade: ")]
    before = scores(root / "gradebook.db")
    with closing(sqlite3.connect(root / "gradebook.db")) as gradebook, gradebook:
        gradebook.execute("UPDATE grade SET auto_score = 0 WHERE auto_score = 2")  # `right` and `teller`
        gradebook.execute("DELETE FROM submitted_assignment WHERE student_id = 'half'")
    assert scores(root / "gradebook.db") != before
    grade()
    assert [line for line in lines if line.startswith("to grade: ")] == [
        "to grade: 2 (the gradebook has other scores)",
        "to grade: 1 (the gradebook lacks it)",
    ]
    assert scores(root / "gradebook.db") == before


def test_who_has_nothing_to_grade_is_known(again):
    """A submission without a cell that carries points is no row that lacks: nobody is graded again for that."""
    root, _, _ = again
    with closing(sqlite3.connect(root / "gradebook.db")) as gradebook, gradebook:
        gradebook.execute("DELETE FROM grade")
    with closing(Book(open_course(root).database, kept=True)) as opened:
        assert opened.recorded("ps") == {student: {} for student in CLASS}


def test_a_gradebook_that_was_made_anew_is_filled(again):
    """Where neither the gradebook nor a report has anything, an old autograded/ is no reason to leave anybody out."""
    root, _, grade = again
    before = scores(root / "gradebook.db")
    (root / "gradebook.db").unlink()
    shutil.rmtree(root / "reports")
    shutil.rmtree(root / "release")
    two_ways.release(root, "ps")
    grade()
    assert scores(root / "gradebook.db") == before


def test_points_of_an_earlier_hand_in_are_named(again):
    """Who hands in a file that cannot be read has no score from us; what the gradebook keeps is said."""
    root, _, grade = again
    every.write(root / "submitted" / "right" / "ps" / "mix.ipynb", "{")
    report = next(each for each in grade().reports if each.student == "right")
    notes = {note.code: note.words for note in report.notebooks[0].notes}
    assert notes["earlier"].startswith("the gradebook has 5 points for it all the same")


def test_feedback_that_cannot_be_written_is_an_error(again):
    """The command names the cause, makes the others' pages, and does not end well."""
    root, _, _ = again
    shutil.rmtree(root / "feedback" / "right")
    every.write(root / "feedback" / "right", "a file where a folder should be")
    lines: list[str] = []
    with pytest.raises(CourseError, match="1 could not be made"):
        make_any_pages(open_course(root), "ps", PageWishes(students=("right", "half")), lines.append)
    (line,) = [line for line in lines if "has none" in line]
    assert line.startswith("feedback: right has none: ")
    assert "Error: " in line
    assert str(root / "feedback" / "right") in line
