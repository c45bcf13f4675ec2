"""Nothing is lost: whatever ends a run, the same command goes on, and the result is that of an undisturbed run."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import MiniCourse
from tests.faults import scene
from tests.faults.scene import STUDENTS, Results, again, grade, graded, make, results

KILLS = 20


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> MiniCourse:
    """The class, with what its solution uses known, and nothing graded."""
    mini = make(tmp_path_factory.mktemp("fresh") / "course")
    measured = again(mini, tmp_path_factory.mktemp("measured") / "course")
    code, _, said = grade(measured).end()
    assert code == 0, said
    shutil.copytree(measured.root / ".referee" / "usage", mini.root / ".referee" / "usage")
    return mini


@pytest.fixture(scope="module")
def right(fresh: MiniCourse, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The results of an undisturbed run."""
    mini = again(fresh, tmp_path_factory.mktemp("right") / "course")
    code, _, said = grade(mini).end()
    assert code == 0, said
    found = results(mini)
    assert {name: score for name, (_, score) in found.items()} == {
        **dict.fromkeys(STUDENTS, 4),
        "ben": pytest.approx(0.8),
        "dan": pytest.approx(1.6),
    }
    return found


@pytest.fixture
def mini(fresh, tmp_path):
    """A class of one's own to disturb."""
    return again(fresh, tmp_path / "course")


def finish(mini: MiniCourse, *more: str) -> str:
    """Run the command to its end, which is a good one; what it said."""
    code, _, said = grade(mini, *more).end()
    assert code == 0, said
    return said


def test_killed_at_random_moments(fresh, right, tmp_path):
    """20 runs that are killed at random moments, some again and again on the same class, cost no result."""
    moments = random.Random(4)
    kills, number = 0, 0
    while kills < KILLS:
        mini = again(fresh, tmp_path / f"course{number}")
        number += 1
        while kills < KILLS:
            command = grade(mini)
            try:
                command.process.wait(moments.uniform(0.3, 4.0))
            except subprocess.TimeoutExpired:
                command.process.kill()
                kills += 1
            if command.end()[0] == 0:
                break  # it was quicker
        finish(mini)
        assert results(mini) == right
    assert not list(tmp_path.rglob("*.new"))


def test_what_a_killed_run_leaves(mini, right):
    """Workers and kernels end with the process that is killed, and the next run grades only what is not there yet."""
    command = grade(mini)
    command.until(lambda: len(graded(mini)) >= 2)
    command.process.kill()
    command.end()
    there = len(graded(mini))
    deadline = time.monotonic() + 20
    while command.left() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not command.left()
    said = finish(mini)
    assert f"as before: {there} reports: nothing that determines them has changed" in said
    assert f"to grade: {len(STUDENTS) - there} (not graded yet)" in said
    assert results(mini) == right


def test_a_killed_worker(mini, right):
    """A worker that somebody kills is replaced, and its submission is graded once more."""
    command = grade(mini)
    command.until(lambda: bool(graded(mini)) and bool(command.workers()))
    command.workers()[0].kill()
    code, _, said = command.end()
    assert code == 0, said
    assert results(mini) == right


def test_a_killed_kernel(mini, right):
    """A kernel that somebody kills is replaced, and its submission is graded once more."""
    command = grade(mini)
    killed = []

    def kill_one() -> bool:
        if graded(mini) and len(kernels := command.kernels()) >= 2:
            kernels[0].kill()
            killed.append(kernels[0])
        return bool(killed)

    command.until(kill_one)
    code, _, said = command.end()
    assert code == 0, said
    assert results(mini) == right


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_hand(number, mini, right):
    """Ctrl-C, which reaches the whole group, and a SIGTERM to the first process end a run at once; nothing is left."""
    mini.hand_in("fay", "SECRET = 2 * x", "import time; time.sleep(60); SECRET = 2 * x")
    command = grade(mini)
    command.until(lambda: len(graded(mini)) >= 2)
    (os.killpg if number == signal.SIGINT else os.kill)(command.process.pid, number)
    began = time.monotonic()
    code, _, said = command.end()
    assert code == 130, said
    assert time.monotonic() - began < 15, "a notebook that runs for a minute was waited for"
    assert "the same command goes on" in said
    assert "Traceback" not in said
    assert not command.left()
    scene.hand_in(mini, "fay")
    finish(mini)
    assert results(mini) == right


def test_two_at_once(mini, right):
    """A second grader on the same course is told of the first one, and changes nothing."""
    first = grade(mini)
    first.until(lambda: bool(graded(mini)))
    os.kill(first.process.pid, signal.SIGSTOP)
    try:
        code, out, said = grade(mini).end()
    finally:
        os.kill(first.process.pid, signal.SIGCONT)
    assert code == 2
    assert out == ""
    assert f"found:  process {first.process.pid} on " in said
    assert "referee grade week" in said
    assert "nothing was changed" in said
    code, _, said = first.end()
    assert code == 0, said
    assert results(mini) == right


def test_a_database_that_is_locked_before(mini, right):
    """A gradebook that another program holds is said before anything runs, and nothing is graded for nothing."""
    finish(mini)
    shutil.rmtree(mini.root / "reports")
    with closing(sqlite3.connect(mini.root / "gradebook.db")) as held:
        held.execute("BEGIN EXCLUSIVE")
        code, _, said = grade(mini).end()
        held.rollback()
    assert code == 2
    assert "database is locked" in said
    assert "end the program that writes to it" in said
    assert not graded(mini)
    finish(mini)
    assert results(mini) == right


def test_a_database_that_is_locked_meanwhile(mini, right):
    """A gradebook that is held when the scores are to be written costs no report: the same command records them."""
    command = grade(mini)
    command.until(lambda: bool(graded(mini)))
    os.kill(command.process.pid, signal.SIGSTOP)
    with closing(sqlite3.connect(mini.root / "gradebook.db")) as held:
        held.execute("BEGIN EXCLUSIVE")
        os.kill(command.process.pid, signal.SIGCONT)
        code, _, said = command.end()
        held.rollback()
    assert code == 3
    assert "database is locked" in said
    assert graded(mini) == sorted(STUDENTS)
    assert "as before: 6 reports" in finish(mini)
    assert results(mini) == right


def test_a_submission_that_ends_its_worker_is_set_aside(mini, right):
    """After two workers it is given up with a verdict, the others are graded, and it is tried again only on demand."""
    mini.hand_in("eve", "def double(x):", "evil = True\\ndef double(x):")
    code, out, said = grade(mini).end()
    assert code == 3
    words = "set aside: the worker process was killed by SIGKILL, 2 times while this was graded"
    assert words in " ".join(out.split())
    assert said.count("it is graded once more") == 1
    found = results(mini)
    assert {name: found[name] for name in STUDENTS if name != "eve"} == {
        name: right[name] for name in STUDENTS if name != "eve"
    }
    code, out, said = grade(mini).end()
    assert (code, "as before: 6 reports" in said) == (3, True)
    assert words in " ".join(out.split())
    code, _, said = grade(mini, "--only-failed").end()
    assert (code, "to grade: 1 (failed before)" in said) == (3, True)
    assert results(mini) == found
    mini.hand_in("eve")
    assert "to grade: 1 (handed in anew)" in finish(mini)


@pytest.fixture
def small_disk():
    """A file system of three megabytes, which only root can make, at a path that leaves room for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="small-"))
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=False)
    if made.returncode:
        folder.rmdir()
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


def test_a_full_disk(fresh, right, small_disk):
    """Where nothing can be written any more the run ends with what to do; the reports that there are stay whole."""
    mini = again(fresh, small_disk / "course")
    free = os.statvfs(small_disk)
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (free.f_bavail * free.f_frsize - 100_000))
    code, _, said = grade(mini).end()
    assert code in (2, 3), said
    assert "Traceback" not in said
    assert "No space left on device" in said or "disk is full" in said
    for path in (mini.root / "reports" / "week").glob("*.json"):
        assert path.read_bytes().endswith(b"}\n")
    filler.unlink()
    finish(mini)
    assert results(mini) == right


def test_no_room_for_kernels(mini, right, small_disk):
    """Where kernels find no room for temporary files nobody loses a point, and the same command goes on."""
    (small_disk / "filler").write_bytes(b"x" * (3 * 2**20 - 8192))
    code, _, said = grade(mini, TMPDIR=str(small_disk)).end()
    assert code == 3, said
    assert "Traceback" not in said
    (small_disk / "filler").unlink()
    finish(mini)
    assert results(mini) == right
