"""The students' pages: what each shows, to whom and when, and that nothing below its level is in them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell

from referee import workflow
from referee.cli import main
from referee.feedback.interface import EVERYTHING, Disclosure, Policy
from referee.workflow.pages import page_path, page_text, refresh_pages
from tests.conftest import HIDDEN, MiniCourse, mini_cells

SECRET = 48_213_576  # what the hidden check wants of the wrong answer
FIXED = HIDDEN.replace("int(rng.integers(10, 1000))", str(SECRET // 2)).replace("2 * value", str(SECRET))
TOML = "[limits]\ncell_seconds = 20\nnotebook_seconds = 60\nquestion_seconds = 10\n"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course in which ada's answer is wrong by one, and ben's raises an error, graded."""
    course = MiniCourse(tmp_path_factory.mktemp("pages") / "course")
    course.fill()
    course.write("course.toml", TOML)
    course.write("graders/hidden/week/mini.py", FIXED)
    course.release()
    course.hand_in("ada", "SECRET = 2 * x", "SECRET = 2 * x + 1")
    course.hand_in("ben", "SECRET = 2 * x", "SECRET = 2 * y")
    workflow.grade_assignment(course.course, "week", progress=lambda _words: None, workers=1)
    return course


def page_of(graded, student: str) -> str:
    return str((graded.root / "feedback" / student / "week" / "mini.html").read_text(encoding="utf-8"))


def run(graded, *arguments: str):
    return CliRunner().invoke(main, ["pages", "week", "--course", str(graded.root), *arguments])


def test_a_page_holds_the_notebook_and_leads_to_the_answer(graded):
    """The notebook as it ran is a part of the page, and each check leads to the student's own cell in it."""
    text = page_of(graded, "ada")
    assert "Your notebook as it ran" in text
    places = set(re.findall(r'href="#(cell-\d+)"', text))
    assert places
    assert places <= set(re.findall(r'id="(cell-\d+)"', text))
    answer = re.search(r'href="#(cell-\d+)">Your cell', text)
    assert answer is not None
    cell = text[text.index(f'id="{answer[1]}"') :]
    assert 'hl-nf">double' in cell[: cell.index("</pre>")]


def test_a_page_says_what_cells_used_beside_the_reference(graded):
    """Time and memory of each cell stand beside those of the same cell of the solution."""
    table = page_of(graded, "ada").partition("reference solution did")[2].partition("</table>")[0]
    assert table.count("MiB") >= 2


def test_what_is_hidden_shows_after_the_due_date(graded, tmp_path):
    """With --at a page is as it will be then: the reference's value stands in it only where it may."""
    graded.write("course.toml", TOML + "[disclosure.after]\nhidden = 'all'\n")
    for moment, there in (("before", False), ("after", True)):
        done = run(graded, "--student", "ada", "--at", moment, "--out", str(tmp_path / moment))
        assert done.exit_code == 0, done.output
        text = Path(done.output.strip()).read_text(encoding="utf-8")
        assert (str(SECRET) in text) is there
        assert f"Preview: what ada sees {moment} the due date." in text
    graded.write("course.toml", TOML)


def test_a_page_is_made_anew_when_its_moment_comes(graded):
    """A page from before the due date does not outlive it: the next grading writes what may be seen now."""
    report = workflow.graded_reports(graded.course, "week", ["ada"])[0]
    page = page_path(graded.course, report, report.notebooks[0])
    due = datetime.fromtimestamp(page.stat().st_mtime, UTC) + timedelta(microseconds=10)
    assert str(SECRET) not in page.read_text(encoding="utf-8")
    graded.write(
        "course.toml", f"{TOML}[assignment.week]\ndue = {due.isoformat()}\n[disclosure.after]\nhidden = 'all'\n"
    )
    refresh_pages(graded.course, report)
    assert str(SECRET) in page.read_text(encoding="utf-8")
    graded.write("course.toml", TOML)
    assert run(graded).exit_code == 0
    assert str(SECRET) not in page.read_text(encoding="utf-8")


def test_an_instructor_sees_everything_elsewhere(graded, tmp_path):
    """A page with everything is only made in a folder that is not the students'."""
    done = run(graded, "--as", "instructor", "--out", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert str(SECRET) in (tmp_path / "ada" / "week" / "mini.html").read_text(encoding="utf-8")
    for wrong in ((), ("--out", str(graded.root / "feedback" / "x"))):
        done = run(graded, "--as", "instructor", *wrong)
        assert done.exit_code == 2
        assert "feedback/" in done.output
    assert str(SECRET) not in page_of(graded, "ada")


def test_who_was_not_graded_has_no_page(graded):
    """For a student or an assignment without reports the next command is said."""
    done = run(graded, "--student", "zoe")
    assert (done.exit_code, "referee grade week" in done.output) == (2, True)
    done = CliRunner().invoke(main, ["pages", "weak", "--course", str(graded.root)])
    assert done.exit_code == 2


def test_a_broken_report_is_said(graded, tmp_path):
    """Where a report cannot be read the other pages are made, and whose is missing is said."""
    report = graded.root / "reports" / "week" / "ben.json"
    whole = report.read_bytes()
    report.write_bytes(whole[:200])
    done = run(graded, "--out", str(tmp_path))
    report.write_bytes(whole)
    assert done.exit_code == 0
    assert "the report of ben cannot be read" in done.output
    assert [path.parent.parent.name for path in tmp_path.rglob("*.html")] == ["ada"]


def test_single_checks_have_levels(graded):
    """A check may be shown less than the others, and a name that no check has is noticed."""
    graded.write("course.toml", TOML + "[disclosure.check]\n'week/mini/double/test_example' = 'nothing'\n")
    report = workflow.graded_reports(graded.course, "week", ["ada"])[0]
    policy = workflow.disclosure(graded.course, "week", "mini")
    assert policy == Policy(checks={"double/test_example": Disclosure.NOTHING})
    assert "Expected" in page_text(graded.course, report, report.notebooks[0], EVERYTHING)
    assert "Expected" not in page_text(graded.course, report, report.notebooks[0], policy)
    graded.write("course.toml", TOML + "[disclosure.check]\n'week/mini/dbl' = 'nothing'\n'week/mini/double' = 'all'\n")
    assert workflow.never_met(graded.course, [report]) == ["week/mini/dbl"]
    assert "[disclosure.check] names week/mini/dbl" in run(graded).output
    graded.write("course.toml", TOML)


LEAKY = """def double(x):
    SEEN.append(x)
    if len(SEEN) > 1:
        raise ValueError(f'bad {x}')
    return [0.0]


SEEN = []
"""


@pytest.fixture(scope="module")
def leaking(tmp_path_factory):
    """A course whose hidden check gives an array to a submission that quotes it in an error and prints it later."""
    course = MiniCourse(tmp_path_factory.mktemp("leaks") / "course")
    course.fill()
    drawn = HIDDEN.replace("int(rng.integers(10, 1000))", "rng.normal(size=(4, 4))")
    course.write("graders/hidden/week/mini.py", drawn)
    cells = mini_cells()
    course.notebook(cells)
    course.release()
    cells[2].source = LEAKY
    shown, raised = new_code_cell("print(SEEN)"), new_code_cell("print('safe')\nraise KeyError(SEEN)")
    course.notebook([*cells, shown, raised, new_code_cell("print(1 + 1)")], "submitted/ada/week/mini.ipynb")
    workflow.grade_assignment(course.course, "week", progress=lambda _words: None, workers=1)
    return course


def test_hidden_inputs_stay_hidden(leaking, tmp_path):
    """What a hidden check gives to a function is on no page below its level: not in words, outputs or tracebacks."""
    drawn = re.compile(r"-?[01]\.\d{6,}")
    ran = (leaking.root / "autograded" / "ada" / "week" / "mini.ipynb").read_text(encoding="utf-8")
    assert len(drawn.findall(ran)) >= 16
    text = page_of(leaking, "ada")
    assert not drawn.findall(text)
    assert "ValueError (its message holds numbers and is not shown)" in text
    assert text.count("not shown: it repeats what a hidden check gave to your code") == 2
    assert "cell 6 puts out what a hidden check gave to the code" in text
    assert "KeyError" in text
    assert ">2\n</pre>" in text or ">2</pre>" in text
    made = run(leaking, "--as", "instructor", "--out", str(tmp_path))
    assert made.exit_code == 0, made.output
    assert len(drawn.findall((tmp_path / "ada" / "week" / "mini.html").read_text(encoding="utf-8"))) >= 16
