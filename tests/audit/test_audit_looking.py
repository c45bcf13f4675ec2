"""Handed-in notebooks are looked through: attackers are named with cell and line, honest students are not."""

import json

import pytest
from click.testing import CliRunner

from referee.audit import looking
from referee.cli import main
from referee.nbcourse.config import open_course
from tests.audit import courses


@pytest.fixture
def handed(tmp_path):
    """A course to which honest students and attackers have handed in; what looking through each notebook gives."""
    root = courses.course(tmp_path / "course")

    def look():
        course = open_course(root)
        return {each.student: looking.look(each) for each in looking.handed_in(course, course.exercises("ps1"))}

    return root, look


def test_each_attacker_is_named_and_nobody_else(handed):
    """Of a class in which each attack was handed in by one student, exactly these are listed, each with its sign."""
    root, look = handed
    for student, (source, _line, _sign) in courses.ATTACKS.items():
        courses.hand_in(root, student, source)
    for student, source in courses.HONEST.items():
        courses.hand_in(root, student, source)
    found = {student: signs for student, (signs, _unread) in look().items() if signs}
    assert found.keys() == courses.ATTACKS.keys()
    for student, (_source, line, sign) in courses.ATTACKS.items():
        assert (1, line, sign) in {(each.cell, each.line, each.sign) for each in found[student]}


def test_what_is_the_authors_is_no_sign(handed):
    """Locked cells, which nbgrader overwrites, and lines that the author gave are not the student's."""
    root, look = handed
    own = courses.cells(courses.KINDS)
    own[0].source = "import inspect\n### BEGIN SOLUTION\ndouble = abs\n### END SOLUTION"
    courses.write(root / "source" / "ps1" / "kinds.ipynb", own)
    path = courses.hand_in(root, "ada", "import inspect\nimport linecache")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][1]["source"] = "import os\nos._exit(0)"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    signs, unread = look()["ada"]
    assert [(each.line, each.text) for each in signs] == [(2, "import linecache")]
    assert unread == ()


def test_a_copy_under_a_locked_name_is_the_students(handed):
    """Of several cells with a test's name nbgrader overwrites the last; what stands in the others runs, and is seen."""
    root, look = handed
    own = courses.cells(courses.KINDS)
    copy = courses.cells({"double": ("", "import os\nos._exit(0)")})[1]
    copy.id = "copy"
    courses.write(root / "submitted" / "ada" / "ps1" / "kinds.ipynb", [copy, *own])
    signs, _unread = look()["ada"]
    assert [(each.cell, each.line, each.sign) for each in signs] == [(1, 2, "ends the kernel")]


def test_a_test_that_is_tagged_away_is_seen(handed):
    """A test cell with the tag by which it is not run is a sign, unless the author tagged it so."""
    root, look = handed
    own = courses.cells(courses.KINDS)
    for cell in own[:4]:
        cell.metadata["tags"] = ["skip-execution"]
    courses.write(root / "submitted" / "ada" / "ps1" / "kinds.ipynb", own)
    given = courses.cells(courses.KINDS)
    given[3].metadata["tags"] = ["skip-execution"]
    courses.write(root / "source" / "ps1" / "kinds.ipynb", given)
    signs, _unread = look()["ada"]
    assert [(each.cell, each.text) for each in signs] == [(1, "double_answer"), (2, "double"), (3, "root_answer")]


def test_a_name_means_what_an_earlier_cell_imported(handed):
    """A module that a cell replaces is known by the name that another cell, locked ones among them, gave it."""
    root, look = handed
    own = courses.cells(courses.KINDS)
    own[0].source, own[2].source = "np.allclose = print", "np.allclose = print"
    own[1].source = "import numpy as np"
    courses.write(root / "submitted" / "ada" / "ps1" / "kinds.ipynb", own)
    signs, _unread = look()["ada"]
    assert [(each.cell, each.sign) for each in signs] == [(3, "replaces what tests compare with")]


def test_what_cannot_be_read_is_said(handed):
    """A file that is no notebook, and a link, are listed as not read; nothing is raised."""
    root, look = handed
    courses.hand_in(root, "ada", "1").write_text("{", encoding="utf-8")
    path = courses.hand_in(root, "bob", "1")
    path.unlink()
    path.symlink_to("/etc/passwd")
    found = look()
    assert "not JSON" in found["ada"][1][0].why
    assert "not a regular file" in found["bob"][1][0].why


def test_only_looking(handed):
    """`--submitted` looks through what was handed in and runs no kernel; a stranger's text is shown harmless."""
    root, _look = handed
    courses.hand_in(root, "eve", "import os\nos._exit(0)  # \x1b[31m")
    courses.hand_in(root, "ada", courses.HONEST["ada"])
    done = CliRunner().invoke(main, ["audit", str(root), "--submitted", "ps1"])
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "Looked through 2 handed-in notebooks.",
        "To look at; what stands there may be honest:",
        "  eve  ps1/kinds  cell 1, line 2: ends the kernel: os._exit(0) # \\x1b[31m",
    ]
