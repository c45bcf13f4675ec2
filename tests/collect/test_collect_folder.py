"""Folders as sources: notebooks named by student, nbgrader's own tree, and zips that a browser has unpacked."""

from __future__ import annotations

import os

import pytest

from referee.collect import collect
from referee.errors import UsageError
from tests.collect.zips import moodle, notebook, reasons, snapshot, taken, write_zip


@pytest.fixture
def course(mini):
    return mini.course


@pytest.fixture
def folder(tmp_path):
    """Makes a folder of files, by path."""

    def make(*paths):
        for path in paths:
            target = tmp_path / "given" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(notebook(path))
        return tmp_path / "given"

    return make


def test_a_folder_of_notebooks(course, folder):
    """Every documented form of a name tells the student."""
    given = folder("ann.ipynb", "bob_mini.ipynb", "cy-mini.ipynb", "dee/any.ipynb", "eve/week/mini.ipynb")
    done = collect(course, "week", given)
    assert done.kind == "folder"
    wanted = ["ann/mini.ipynb", "bob/mini.ipynb", "cy/mini.ipynb", "dee/any.ipynb", "eve/mini.ipynb"]
    assert [*taken(done)] == wanted
    assert {each.late for each in done.students} == {None}
    assert (course.submission("dee", "week") / "any.ipynb").read_bytes() == notebook("dee/any.ipynb")


def test_names_that_do_not_tell_enough(mini, folder):
    """A file whose name tells no student, no notebook, or whose place is too deep is left out."""
    mini.notebook([], "solutions/week/other.ipynb")
    done = collect(
        mini.course, "week", folder("mini.ipynb", "ann.ipynb", "bob_mini.ipynb", "c/d/e.ipynb", "notes.txt", "...ipynb")
    )
    assert [*taken(done)] == ["bob/mini.ipynb"]
    assert reasons(done) == {
        "...ipynb": "a hidden file",
        "ann.ipynb": "its name does not say which notebook it is",
        "c/d/e.ipynb": "it lies too deep: wanted is <student>/<notebook>.ipynb",
        "mini.ipynb": "its name does not say whose it is",
        "notes.txt": "its name does not say which notebook it is",
    }


def test_links_and_special_files_are_left_out(course, folder, tmp_path):
    """A link is not followed, to a file or to a folder, and a pipe is not waited for."""
    given = folder("ann.ipynb")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "mini.ipynb").write_text("secret")
    (given / "bob.ipynb").symlink_to(tmp_path / "secret" / "mini.ipynb")
    (given / "cy").symlink_to(tmp_path / "secret")
    os.mkfifo(given / "dee.ipynb")
    (given / ".git").mkdir()
    done = collect(course, "week", given)
    assert [*taken(done)] == ["ann/mini.ipynb"]
    assert reasons(done) == {
        ".git": "a hidden folder",
        "bob.ipynb": "a link",
        "cy": "a link",
        "dee.ipynb": "no regular file",
    }


@pytest.mark.parametrize(
    "pair", [("Ann.ipynb", "ann.ipynb"), ("e\u0301.ipynb", "\u00e9.ipynb"), ("a!b.ipynb", "ab.ipynb")]
)
def test_students_who_cannot_be_told_apart(course, folder, pair):
    """Names that differ in case, normal form or dropped signs alone are an error of those two, and the others go on."""
    done = collect(course, "week", folder(*pair, "zoe.ipynb"))
    assert [*taken(done)] == ["zoe/mini.ipynb"]
    assert {each.reason.split(":")[0] for each in done.left_out} == {"these students' names cannot be told apart here"}
    assert len(done.left_out) == 2


def test_a_student_who_is_there_in_another_spelling(course, folder):
    """A folder that a file system may hold for the same one is not written beside."""
    (course.root / "submitted" / "Ann").mkdir(parents=True)
    done = collect(course, "week", folder("ann.ipynb"))
    assert not done.students
    assert done.left_out[0].reason == "the folder of 'ann' exists as 'Ann': rename one"


def test_a_notebook_that_is_there_twice(course, folder):
    """Of two files that are the same student's same notebook none is chosen by chance."""
    done = collect(course, "week", folder("ann_mini.ipynb", "ann/mini.ipynb", "bob.ipynb"))
    assert [*taken(done)] == ["bob/mini.ipynb"]
    assert {each.reason for each in done.left_out} == {
        "mini.ipynb is there 2 times, and which is the newest is not known"
    }


def test_a_moodle_zip_that_a_browser_unpacked(course, folder):
    """A folder with Moodle's names is read as Moodle's."""
    done = collect(course, "week", folder(moodle("Jane Doe", 12, "mini.ipynb")))
    assert (done.kind, [*taken(done)]) == ("moodle", ["Jane Doe_12/mini.ipynb"])


def test_a_folder_that_may_be_canvas_asks(course, folder):
    """`doe_2026_01_mini.ipynb` may be Canvas's or a person's name for it: the person says which."""
    given = folder("doe_2026_01_mini.ipynb")
    with pytest.raises(UsageError, match="say which: --format canvas or --format folder"):
        collect(course, "week", given)
    assert [*taken(collect(course, "week", given, "canvas", dry_run=True))] == ["doe_2026/mini.ipynb"]
    assert [*taken(collect(course, "week", given, "folder", dry_run=True))] == ["doe_2026_01/mini.ipynb"]


def test_a_zip_of_a_folder(course, tmp_path):
    """A folder that somebody packed is read as one where that is stated."""
    path = write_zip(tmp_path / "s.zip", {"ann.ipynb": notebook("a"), "bob/x.ipynb": notebook("b")})
    assert [*taken(collect(course, "week", path, "folder"))] == ["ann/mini.ipynb", "bob/x.ipynb"]


@pytest.mark.parametrize("path", ["submitted", "submitted/ann/week", "attempts/week"])
def test_the_course_does_not_collect_from_itself(course, path):
    """A course's own submissions are no source: they are graded as they are."""
    (course.root / path).mkdir(parents=True)
    before = snapshot(course.root)
    with pytest.raises(UsageError, match="submissions from elsewhere"):
        collect(course, "week", course.root / path)
    assert snapshot(course.root) == before


def test_a_folder_without_notebooks(course, folder, tmp_path):
    """The wrong folder is a mistake of the command, not an empty class."""
    with pytest.raises(UsageError, match="none among the 1 files of given"):
        collect(course, "week", folder("a.txt"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="none among the 0 files of empty"):
        collect(course, "week", tmp_path / "empty")
