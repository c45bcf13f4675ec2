"""Collecting again: what counted before is kept, the same again changes nothing, and no crash loses anything."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from referee import course as courses
from referee.collect import collect, read_note
from referee.course import Course
from referee.errors import UsageError
from referee.lock import locked
from tests.collect.zips import notebook, snapshot, taken, write_zip


@pytest.fixture
def course(mini):
    return mini.course


@pytest.fixture
def zip_of(tmp_path):
    """Makes a Canvas zip of one student's uploads, by upload id, file and content."""

    def make(*uploads):
        members = {f"jane_12_{number}_{file}": notebook(text) for number, file, text in uploads}
        return write_zip(tmp_path / "s.zip", members)

    return make


def kept(course: Course) -> dict[str, bytes]:
    """The attempts of the student, by path."""
    found = snapshot(course.root / "attempts" / "week" / "jane_12")
    return {path: content for path, content in found.items() if not path.endswith(("/", ".json"))}


def test_the_same_again_changes_nothing(course, zip_of):
    """A second collect of the same zip says so, and no file changes."""
    path = zip_of((1, "mini.ipynb", "a"), (2, "mini-1.ipynb", "b"))
    first = collect(course, "week", path)
    before = snapshot(course.root)
    times = {each: each.stat().st_mtime_ns for each in course.root.rglob("*") if ".referee" not in each.parts}
    second = collect(course, "week", path)
    assert (taken(first), taken(second)) == ({"jane_12/mini.ipynb": "new"}, {"jane_12/mini.ipynb": "as before"})
    assert second.students[0].state == "as before"
    assert not second.students[0].kept
    assert snapshot(course.root) == before
    assert {each: each.stat().st_mtime_ns for each in times} == times


def test_a_newer_submission_replaces_and_keeps(course, zip_of):
    """Other content takes the place of the old, which is kept with its note."""
    collect(course, "week", zip_of((1, "mini.ipynb", "a")))
    done = collect(course, "week", zip_of((5, "mini-1.ipynb", "b")))
    assert taken(done) == {"jane_12/mini.ipynb": "changed"}
    assert done.students[0].kept == ("attempts/week/jane_12/1/mini.ipynb",)
    assert kept(course) == {"1/mini.ipynb": notebook("a")}
    folder = course.submission("jane_12", "week")
    assert (folder / "mini.ipynb").read_bytes() == notebook("b")
    old, new = read_note(course.root / "attempts/week/jane_12/1"), read_note(folder)
    assert old is not None
    assert new is not None
    assert (old.files[0].attempt, new.files[0].attempt) == (1, 2)


def test_an_older_attempt_is_kept_once(course, zip_of):
    """A zip that also holds what counted before adds no second copy of it."""
    collect(course, "week", zip_of((1, "mini.ipynb", "a")))
    collect(course, "week", zip_of((1, "mini.ipynb", "a"), (2, "mini-1.ipynb", "b")))
    assert kept(course) == {"1/mini.ipynb": notebook("a")}


def test_back_and_forth(course, zip_of):
    """An older zip takes nothing back: what was uploaded later counts, and the older upload is named."""
    old, new = ((1, "mini.ipynb", "a")), ((2, "mini.ipynb", "b"))
    for upload in (old, new):
        collect(course, "week", zip_of(upload))
    there = snapshot(course.root)
    done = collect(course, "week", zip_of(old))
    assert [each.reason for each in done.left_out] == ["older than what is there, which was uploaded later"]
    assert snapshot(course.root) == there
    assert kept(course) == {"1/mini.ipynb": notebook("a")}


def test_a_submission_by_other_means(course, zip_of):
    """What nbgrader collected is kept as an attempt, and its timestamp goes with it; other files stay."""
    folder = course.submission("jane_12", "week")
    folder.mkdir(parents=True)
    for name in ("mini.ipynb", "timestamp.txt", "data.csv"):
        (folder / name).write_text(name)
    collect(course, "week", zip_of((1, "mini.ipynb", "a")))
    assert kept(course) == {"1/mini.ipynb": b"mini.ipynb", "1/timestamp.txt": b"timestamp.txt"}
    assert sorted(each.name for each in folder.iterdir()) == ["collected.json", "data.csv", "mini.ipynb"]


def test_a_timestamp_stays_with_what_it_is_about(course, zip_of):
    """Where nothing is replaced, nbgrader's timestamp stays."""
    folder = course.submission("jane_12", "week")
    folder.mkdir(parents=True)
    (folder / "mini.ipynb").write_bytes(notebook("a"))
    (folder / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    assert taken(collect(course, "week", zip_of((1, "mini.ipynb", "a")))) == {"jane_12/mini.ipynb": "as before"}
    assert (folder / "timestamp.txt").exists()


def test_a_newer_file_of_another_name(course, zip_of):
    """In an assignment of one notebook an older file does not stay to be graded beside a newer one of another name."""
    collect(course, "week", zip_of((1, "mini.ipynb", "a")))
    done = collect(course, "week", zip_of((2, "mini (1).ipynb", "b")))
    assert taken(done) == {"jane_12/mini 1.ipynb": "changed"}
    assert kept(course) == {"1/mini.ipynb": notebook("a")}
    assert not (course.submission("jane_12", "week") / "mini.ipynb").exists()


def test_other_notebooks_of_an_assignment_stay(mini, zip_of):
    """Where an assignment has several notebooks, those that a source does not have stay as they are, and are named."""
    mini.notebook([], "solutions/week/more.ipynb")
    collect(mini.course, "week", zip_of((1, "mini.ipynb", "a")))
    done = collect(mini.course, "week", zip_of((2, "more.ipynb", "b")))
    assert done.students[0].beside == ("mini.ipynb",)
    assert not done.students[0].kept
    assert [*snapshot(mini.course.submission("jane_12", "week"))] == ["collected.json", "mini.ipynb", "more.ipynb"]


def test_one_at_a_time(course, zip_of):
    """A collect waits for nobody who writes to the same course: it says who that is, and changes nothing."""
    with locked(course, "referee grade week"), pytest.raises(UsageError, match="referee grade week"):
        collect(course, "week", zip_of((1, "mini.ipynb", "a")))
    assert not (course.root / "submitted").exists()
    assert collect(course, "week", zip_of((1, "mini.ipynb", "a"))).students


def eventful(course: Course, zip_of: Callable[..., Path]) -> Path:
    """A course and a zip in which everything that a collect can do has to be done."""
    folder = course.submission("jane_12", "week")
    folder.mkdir(parents=True)
    for name in ("mini.ipynb", "other.ipynb", "Mini.ipynb", "timestamp.txt", "collected.json"):
        (folder / name).write_text(f"old {name}")
    files = ["mini.ipynb", "mini-1.ipynb", "mini-2.ipynb", "extra.ipynb"]
    uploads = {
        f"{student}_{upload}_{file}": notebook(student + file)
        for student in ("jane_12", "kim_14")
        for upload, file in enumerate(files)
    }
    return write_zip(zip_of().parent / "all.zip", uploads)


def undisturbed(course: Course, path: Path) -> tuple[Path, dict[str, bytes]]:
    """The course before a collect, as a copy; and everything in it after one."""
    start = course.root.parent / "start"
    shutil.copytree(course.root, start)
    collect(course, "week", path)
    return start, snapshot(course.root)


STEPS = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "open"}


def killed_at(moment: int, root: Path, path: Path) -> bool:
    """Collect in a process that kills itself before its n-th step on the file system; whether it was killed."""
    if (pid := os.fork()) == 0:
        course, steps = courses.load(root), iter(range(moment))

        def watch(event: str, args: object) -> None:
            if event in STEPS and next(steps, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            collect(course, "week", path)
        finally:
            os._exit(0)
    return os.waitpid(pid, 0)[1] == signal.SIGKILL


def test_a_crash_at_any_moment(course, zip_of):
    """Killed before any of its steps, a collect has lost nothing, and the same command again ends as if undisturbed."""
    path = eventful(course, zip_of)
    start, wanted = undisturbed(course, path)
    precious = {content for name, content in snapshot(start / "submitted").items() if not name.endswith("/")}
    root, moments = course.root.parent / "again", 0
    for moments in range(10_000):
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(start, root)
        if not killed_at(moments, root, path):
            break
        assert precious <= set(snapshot(root).values())
        collect(courses.load(root), "week", path)
        assert snapshot(root) == wanted
    assert moments > 50


def test_a_crash_of_a_crash(course, zip_of):
    """Killed again and again at moments of chance, and run to the end at last, it ends as if undisturbed."""
    path = eventful(course, zip_of)
    start, wanted = undisturbed(course, path)
    chance = random.Random(7)
    killed = sum(killed_at(chance.randrange(10, 120), start, path) for _ in range(20))
    assert killed
    collect(courses.load(start), "week", path)
    assert snapshot(start) == wanted


SCRIPT = """
import sys
from pathlib import Path
from referee import course
from referee.collect import collect
root, path = map(Path, sys.argv[1:])
print("go", flush=True)
collect(course.load(root), "week", path)
"""


def test_a_command_that_is_killed(course, zip_of):
    """A process that is killed from outside, at whatever it does, is made good by the same command."""
    path = eventful(course, zip_of)
    start, wanted = undisturbed(course, path)
    chance = random.Random()
    for _ in range(8):
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, start, path], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0, 0.02))
        process.kill()
        process.communicate()
    collect(courses.load(start), "week", path)
    assert snapshot(start) == wanted
