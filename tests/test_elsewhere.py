"""Where no course is, the error says what is there: Otter's assignments, pytest files, notebooks of no course."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import writes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from referee.cli import main
from referee.errors import UsageError
from referee.workflow import elsewhere
from referee.workflow.opening import open_course
from tests.conftest import nbgrader_cell

OTTER_TEST = 'OK_FORMAT = True\n\ntest = {"name": "q1", "points": 1, "suites": []}\n'
EXCEPTIONS = "from otter.test_files import test_case\n\nOK_FORMAT = False\n\nname = 'q1'\n"


def notebook(*cells: Any, **metadata: Any) -> str:
    return str(writes(new_notebook(cells=list(cells), metadata=metadata)))


def autograder(path: Path, *members: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in members:
            archive.writestr(name, "{}")


OTTER = {
    "hw.ipynb of otter assign": ("hw.ipynb", notebook(new_raw_cell("# ASSIGNMENT CONFIG\ninit_cell: true"))),
    "a question": ("hw.ipynb", notebook(new_raw_cell("# BEGIN QUESTION\nname: q1"))),
    "a fenced config": ("hw.ipynb", notebook(new_markdown_cell("```otter\n# ASSIGNMENT CONFIG\n```"))),
    "metadata": ("hw.ipynb", notebook(new_code_cell("x = 1"), otter={"OK_FORMAT": True, "tests": {}})),
    "a call": ("hw.ipynb", notebook(new_code_cell('import otter\ngrader = otter.Notebook("hw.ipynb")'))),
    "tags": ("hw.ipynb", notebook(new_code_cell("x = 1", metadata={"tags": ["otter_answer_cell"]}))),
    "an OK test": ("tests/q1.py", OTTER_TEST),
    "an older OK test": ("tests/q1.py", OTTER_TEST.partition("\n\n")[2]),
    "an exception test": ("tests/q1.py", EXCEPTIONS),
    "a config": ("otter_config.json", "{}"),
    "a notebook's config": ("hw.otter", "{}"),
}


@pytest.mark.parametrize("kind", OTTER)
def test_otters_assignments_are_known(tmp_path, kind):
    """Each form in which Otter keeps an assignment is named, with the file that shows it and Otter's own command."""
    name, text = OTTER[kind]
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError) as raised:
        open_course(tmp_path)
    assert f"{name} " in raised.value.found
    assert "Otter" in raised.value.found
    assert "does not grade" in raised.value.found
    assert "`otter grade`" in raised.value.remedy
    assert "referee new" in raised.value.remedy


def test_an_autograder_is_known_by_what_is_in_it(tmp_path):
    """autograder.zip is Otter's where Otter's files are in it; Gradescope's others are called so, too."""
    autograder(tmp_path / "autograder.zip", "run_autograder", "setup.sh")
    assert elsewhere.look(tmp_path) is None
    autograder(tmp_path / "autograder.zip", "run_autograder", "otter_config.json")
    assert "autograder.zip is an autograder of Otter's" in found(tmp_path)


def found(folder: Path) -> str:
    there = elsewhere.look(folder)
    assert there is not None
    return there.what


@pytest.mark.parametrize("name", ["test_a.py", "a_test.py", "conftest.py", "tests/test_a.py"])
def test_pytest_files_are_known(tmp_path, name):
    """A folder of pytest files is not our job, and pytest is named."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("def test_a(): pass\n")
    done = CliRunner().invoke(main, ["grade", "week", "--course", str(tmp_path)])
    assert done.exit_code == 2
    assert f"{name} is for pytest" in done.stderr
    assert "next:   run them with `pytest`" in done.stderr


def test_notebooks_without_a_course(tmp_path):
    """Notebooks with nbgrader's cells need a course around them; others are nobody's."""
    (tmp_path / "plain.ipynb").write_text(notebook(new_code_cell("x = 1")))
    assert "plain.ipynb is a notebook of no course" in found(tmp_path)
    (tmp_path / "ps1.ipynb").write_text(notebook(nbgrader_cell("assert x == 1", "x", "check")))
    there = elsewhere.look(tmp_path)
    assert there is not None
    assert "ps1.ipynb has nbgrader's cells" in there.what
    assert "source/ASSIGNMENT/" in there.remedy


@pytest.mark.parametrize("file", ["course.toml", "nbgrader_config.py"])
def test_a_course_below_is_named(tmp_path, file):
    """Who stands above a course is told where it is."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / file).write_text("")
    (tmp_path / "test_a.py").write_text("")
    with pytest.raises(UsageError, match=f"next:   say --course {tmp_path / 'mine'}"):
        open_course(tmp_path)


def test_nothing_is_known_of_other_folders(tmp_path):
    """An empty folder is told how to begin."""
    (tmp_path / "notes.txt").write_text("OK_FORMAT = True")
    with pytest.raises(UsageError, match=r"none at .*\nnext:   change into a course.*`referee new FOLDER`"):
        open_course(tmp_path)


def test_looking_is_bounded(tmp_path, monkeypatch):
    """Only so many files are read, none that is large or behind a link, in no hidden or deep folder; nothing waits."""
    (tmp_path / "far.ipynb").symlink_to(tmp_path / "none")
    os.mkfifo(tmp_path / "a.ipynb")
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    for folder in ("a/b/c", ".hidden"):
        (tmp_path / folder / "test_a.py").write_text(OTTER_TEST)
    (tmp_path / "large.ipynb").write_text(notebook(new_code_cell("otter.Notebook()")) + " " * 4_000_000)
    assert elsewhere.look(tmp_path) is None
    monkeypatch.setattr(elsewhere, "_MOST_FILES", 5)
    for number in range(9):
        (tmp_path / f"n{number}.py").write_text(OTTER_TEST if number == 8 else "")
    assert elsewhere.look(tmp_path) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    content=st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda each: st.lists(each) | st.fixed_dictionaries(
        {"cells": each, "metadata": each, "source": each, "cell_type": st.just("code"), "tags": each}), max_leaves=20,
    ).map(lambda value: json.dumps(value).encode()),
    name=st.sampled_from(["a.ipynb", "tests.py", "autograder.zip", "test_a.py"]),
)  # fmt: skip
def test_nothing_in_a_file_breaks_the_look(tmp_path, content, name):
    """Whatever a file holds, looking at it ends with words or with nothing."""
    (tmp_path / name).write_bytes(content)
    elsewhere.look(tmp_path)
    elsewhere.look_at(tmp_path / name)


@pytest.mark.parametrize(
    ("cell", "found", "remedy"),
    [
        (new_code_cell("grader = otter.Notebook()"), "calls otter.Notebook()", "grader.check_all()"),
        (
            nbgrader_cell("assert x == 1", "x", "check"),
            "its tests in the notebook itself",
            "nbgrader validate hw.ipynb",
        ),
        (
            nbgrader_cell('from referee import exercise\ncheck = exercise("a/hw")', "setup"),
            "none at",
            "keep the notebook",
        ),
    ],
)
def test_checking_a_notebook_of_another_program(tmp_path, cell, found, remedy):
    """`referee check` says whose a notebook is that came without our checks; of one of ours it says what is missing."""
    (tmp_path / "hw.ipynb").write_text(notebook(cell))
    done = CliRunner().invoke(main, ["check", str(tmp_path / "hw.ipynb")])
    assert done.exit_code == 2
    assert found in done.stderr
    assert remedy in done.stderr
