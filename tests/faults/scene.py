"""A small class that is graded by the real command, in processes that are killed, starved and kept waiting."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from referee.gradebook import read_scores
from referee.report import from_json, to_json
from tests.conftest import CONFIG, PUBLIC, TOML, MiniCourse, mini_cells

STUDENTS = ("ada", "ben", "cleo", "dan", "eve", "fay")
#: What a submission returns; `eve` is "evil": a grader may end its worker for her.
ANSWERS = {"ada": "2 * x", "ben": "3 * x", "cleo": "x + x", "dan": "6", "eve": "2 * x + 0", "fay": "x * 2"}
HIDDEN = '''"""Hidden checks; for whoever says so, one of them ends its own process."""
import os, signal
from pathlib import Path

import pytest

from referee.checks import assert_matches


@pytest.mark.check("double", weight=3)
def test_any(student, rng):
    """Your double works for any number."""
    value = int(rng.integers(10, 1000))
    assert_matches(student.call("double", value), 2 * value)


@pytest.mark.check("double")
def test_evil(student):
    """Your notebook is not evil."""
    if student["evil"]:
        os.kill(os.getpid(), signal.SIGKILL)
'''
_LONGEST = 90.0  # seconds until a run that does not end is an error

Results = dict[str, tuple[bytes, float]]


def make(folder: Path) -> MiniCourse:
    """The class before anything is graded: each submission takes a fifth of a second."""
    mini = MiniCourse(folder)
    for path, text in (("course.toml", TOML), ("nbgrader_config.py", CONFIG), ("graders/public/week/mini.py", PUBLIC)):
        mini.write(path, text)
    mini.write("graders/hidden/week/mini.py", HIDDEN)
    cells = mini_cells()
    cells[1].source = "seed = 0\nevil = False"
    mini.notebook(cells)
    mini.release()
    for student in STUDENTS:
        hand_in(mini, student)
    return mini


def hand_in(mini: MiniCourse, student: str) -> None:
    """Hand in a student's notebook."""
    mini.hand_in(student, "SECRET = 2 * x", f"import time; time.sleep(0.1); SECRET = {ANSWERS[student]}")


def again(mini: MiniCourse, folder: Path) -> MiniCourse:
    """Another copy of a class."""
    shutil.copytree(mini.root, folder)
    return MiniCourse(folder)


@dataclass
class Command:
    """`referee ...` in a process group of its own, and everything that it starts, by a mark in the environment."""

    arguments: tuple[str, ...]
    mini: MiniCourse
    environment: dict[str, str] = field(default_factory=dict)
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        code = "from referee.cli import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *self.arguments, "--course", str(self.mini.root)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.environment, "REFEREE_TEST_MARK": self.mark},
            start_new_session=True,
        )

    def end(self) -> tuple[int, str, str]:
        """Wait for its end: exit code, standard output, standard error."""
        try:
            out, said = self.process.communicate(timeout=_LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise
        return self.process.returncode, out, said

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds while the command runs."""
        deadline = time.monotonic() + _LONGEST
        while not holds():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def kernels(self) -> list[psutil.Process]:
        """The kernels that are there now: what the warm parents have forked and has forked nothing itself."""
        parents = [process for process in self._children() if "parent.main" in _line(process)]
        return [each for parent in parents for each in _of(parent, recursive=True) if not _of(each)]

    def workers(self) -> list[psutil.Process]:
        """The worker processes that are there now: the children of the process that forks them."""
        return [worker for server in self._children() if "forkserver" in _line(server) for worker in _of(server)]

    def _children(self) -> list[psutil.Process]:
        return _of(psutil.Process(self.process.pid))

    def left(self) -> list[str]:
        """What of its processes is still there."""
        return [_line(process) for process in psutil.process_iter() if self.mark in _variables(process)]


def _of(process: psutil.Process, *, recursive: bool = False) -> list[psutil.Process]:
    try:
        return process.children(recursive=recursive)
    except psutil.Error:
        return []


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _variables(process: psutil.Process) -> Iterator[str]:
    try:
        yield from process.environ().values()
    except psutil.Error:
        return


def grade(mini: MiniCourse, *more: str, **environment: str) -> Command:
    """The command that grades the class with two workers."""
    return Command(("grade", "week", "--workers", "2", *more), mini, environment)


def results(mini: MiniCourse) -> Results:
    """By student: the one report, without what was measured, and the score in the gradebook."""
    folder = mini.root / "reports" / "week"
    assert all(path.suffix == ".json" and not path.name.startswith(".") for path in folder.iterdir())
    reports = {path.stem: from_json(path.read_bytes()) for path in folder.iterdir()}
    assert {name: report.student for name, report in reports.items()} == {name: name for name in reports}
    rows = read_scores(f"sqlite:///{mini.root / 'gradebook.db'}", "week")
    assert sorted(row.student for row in rows) == sorted(reports)
    scores = {row.student: row.score for row in rows}
    return {name: (to_json(report.without_timings()), scores[name]) for name, report in reports.items()}


def graded(mini: MiniCourse) -> list[str]:
    """The students who have a report by now."""
    return sorted(path.stem for path in (mini.root / "reports" / "week").glob("[!.]*.json"))
