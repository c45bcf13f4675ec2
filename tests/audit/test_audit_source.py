"""What is attacked: the author's notebook as nbgrader makes it, and the attack in no cell but the student's own."""

from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from referee.audit import judging, names
from referee.audit.attacks import ANSWER, ATTACKS
from referee.audit.planting import planted
from referee.audit.source import Subject, Untried, subject
from referee.cli import main
from referee.nbcourse.config import open_course
from tests.audit import courses
from tests.conftest import nbgrader_cell, python_notebook


def made(root: Path) -> Subject:
    course = open_course(root)
    return subject(course, course.exercises()[0])


def test_the_blank_is_what_a_student_gets_with_hidden_tests(tmp_path):
    """Solutions are cleared with the course's own stub and delimiters; hidden tests stay, and are known as hidden."""
    root = courses.course(tmp_path / "course")
    with (root / "nbgrader_config.py").open("a") as file:
        file.write("c.ClearSolutions.code_stub = {'python': '...'}\n")
    found = made(root)
    cells = {cell.metadata.nbgrader.grade_id: cell.source for cell in found.blank.cells}
    assert cells["double_answer"] == "def double(x):\n    ..."
    assert "assert double(21) == 42" in cells["double"]
    assert found.hidden == {"double"}


def test_the_names_that_the_task_asks_for(tmp_path):
    """The attacks know the names of the answers, and no import of theirs or name of a test's own."""
    found = made(courses.course(tmp_path / "course"))
    assert found.known.names == ("age", "area", "double", "mood", "root", "step", "table", "words")
    assert found.known.helpers == ("near",)
    assert found.known.modules == ("math", "unittest", "numpy", "numpy.testing")


def test_names_that_only_tests_mention():
    """A name that tests use and nobody defines is asked for; arguments, loops and given names are not."""
    tests = ["for i in range(3):\n    assert f(i, key=lambda a: a + GIVEN) == [b for b in c]"]
    assert names.asked_for(["def g():\n    inner = 1"], tests, ["GIVEN = 1"]) == ("c", "f", "g")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_stands_in_the_students_cells_alone(tmp_path, attack):
    """Locked cells and tests are the author's, letter for letter, but for tags; cells come before them."""
    root = courses.course(tmp_path / "course")
    own = [nbgrader_cell("TOL = 1", "given"), *courses.cells(courses.KINDS)]
    courses.write(root / "source" / "ps1" / "kinds.ipynb", own)
    found = made(root)
    first, *rest = planted(found, attack, "7").cells
    assert attack.name in first.source
    added = [cell for cell in rest if cell.id.startswith("before-")]
    assert {(cell.source, *cell.metadata) for cell in added} == {(ANSWER,)}
    assert len(added) == len(found.tests)
    rest = [cell for cell in rest if cell not in added]
    for cell, before in zip(rest, found.blank.cells, strict=True):
        if cell.metadata.nbgrader.solution:
            assert cell.source.endswith(ANSWER)
        else:
            tags = cell.metadata.pop("tags", [])
            assert tags == ([attack.tag] if attack.tag and cell.metadata.nbgrader.grade else [])
            assert cell == before


def test_imports_of_an_answer_stay(tmp_path):
    """Where the solution imports what tests use, so does the attack."""
    found = made(courses.course(tmp_path / "course"))
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in planted(found, ATTACKS[0], "7").cells}
    assert cells["table_answer"].source == f"import numpy as np\n{ANSWER}"


def test_cells_that_only_show_are_emptied(tmp_path):
    """A cell of nobody's that only shows something could end an attack too early; one that defines something stays."""
    root = courses.course(tmp_path / "course")
    own = courses.cells(courses.KINDS)
    plain = [nbformat.v4.new_code_cell(text) for text in ("double(3)", "data = double(3)")]
    courses.write(root / "source" / "ps1" / "kinds.ipynb", [own[0], *plain, *own[1:]])
    assert [cell.source for cell in planted(made(root), ATTACKS[0], "7").cells[2:4]] == ["", "data = double(3)"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"language": "R"}, "only Python is tried"),
        ({"test": "### AUTOTEST double(2)"}, "its autotests cannot be instantiated"),
        ({"solution": "### BEGIN SOLUTION\n1"}, "nbgrader cannot make an assignment of it"),
        ({"text": "{"}, "nbgrader cannot read it"),
    ],
)
def test_what_nbgrader_makes_no_assignment_of_is_said(tmp_path, change, why):
    """A notebook that cannot be tried is named with the reason, and the command ends with 2."""
    root = courses.course(tmp_path / "course")
    notebook = python_notebook(courses.cells({"double": courses.KINDS["double"]}))
    notebook.metadata.kernelspec["language"] = change.get("language", "python")
    notebook.cells[0].source = change.get("solution", notebook.cells[0].source)
    notebook.cells[1].source = change.get("test", notebook.cells[1].source)
    path = root / "source" / "ps1" / "kinds.ipynb"
    path.write_text(change.get("text", nbformat.writes(notebook)))
    with pytest.raises(Untried, match=why):
        made(root)
    done = CliRunner().invoke(main, ["audit", str(root)])
    assert done.exit_code == 2
    assert f"ps1/kinds: not tried: {why}" in done.stdout or why in done.stdout


def test_a_course_of_another_kind_is_refused(mini):
    """A course whose checks all run outside the kernel has nothing to audit."""
    done = CliRunner().invoke(main, ["audit", str(mini.root)])
    assert done.exit_code == 2
    assert "a course of nbgrader's" in done.stderr


@pytest.mark.parametrize("arguments", [["--assignment", "ps9"], ["--notebook", "none"], ["--submitted", "ps9"]])
def test_what_there_is_not_is_refused(tmp_path, arguments):
    """An assignment or a notebook that the course does not have ends the command with 2 and names those it has."""
    done = CliRunner().invoke(main, ["audit", str(courses.course(tmp_path / "course")), *arguments])
    assert done.exit_code == 2
    assert "ps1" in done.stderr or "kinds" in done.stderr


def test_a_digest_holds_for_one_run():
    """A digest proves the text of one test in one run: another number, or another text, gives another one."""
    assert judging.digests_of("assert 1", "7") == judging.digests_of("assert 1\n", "7")
    assert not judging.digests_of("assert 1", "7") & judging.digests_of("assert 1", "8")
    assert not judging.digests_of("assert 1", "7") & judging.digests_of("assert 2", "7")
