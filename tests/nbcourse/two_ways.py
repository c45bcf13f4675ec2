"""The real commands on two copies of a course: nbgrader's own, and `referee grade`."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.nbcourse import every

_PATIENCE = 900  # seconds for one command
_MOST_STOPS = 5
_GENERATE = """
import sys
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.nbgraderapp import NbGraderApp

app = NbGraderApp()
app.initialize([])
api = NbGraderAPI(config=app.config)
for name in sys.argv[1:]:
    done = api.generate_assignment(name)
    if not done["success"]:
        sys.exit(done["log"])
"""


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


def release(course: Path, *assignments: str) -> Path:
    """nbgrader's own generate_assignment, in one process for all of them."""
    done = run(course, [sys.executable, "-c", _GENERATE, *assignments])
    assert done.status == 0, done.err + done.out
    return course


def nbgrader(course: Path, *words: str) -> Said:
    """An nbgrader command as a user types it."""
    return run(course, [sys.executable, "-m", "nbgrader", *words])


def autograde(course: Path, assignment: str, *words: str) -> list[str]:
    """`nbgrader autograde` until it ends by itself; the students at whom it ended early.

    One notebook whose marks nbgrader takes for old ones ends its whole command. A person then leaves that submission
    out (`CourseDirectory.student_id_exclude`), and calls it again.
    """
    stopped: list[str] = []
    while True:
        without = ["--CourseDirectory.student_id_exclude=" + ",".join(stopped)] if stopped else []
        said = nbgrader(course, "autograde", assignment, *words, *without)
        if "use an old version" not in said.err or len(stopped) > _MOST_STOPS:
            return stopped
        failed = [line for line in said.err.splitlines() if "Removing failed assignment" in line][-1]
        stopped.append(Path(failed.rpartition(": ")[2]).name)


def referee(course: Path, *words: str) -> Said:
    """A command of Referee's as a user types it."""
    return run(course, [str(Path(sys.executable).with_name("referee")), *words])


def run(course: Path, command: Sequence[str]) -> Said:
    """Run a command in a course's folder."""
    done = start(course, command)
    out, err = done.communicate(timeout=_PATIENCE)
    return Said(done.returncode, out, err)


def start(course: Path, command: Sequence[str]) -> subprocess.Popen[str]:
    """Start a command in a course's folder, with the environment's programs on its path: nbgrader calls `alembic`."""
    bin_folder = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.pop("PYTEST_CURRENT_TEST", None)
    return subprocess.Popen(
        command,
        cwd=course,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def set_due(database: Path, when: str) -> None:
    """Give every assignment of a gradebook a due date."""
    with closing(sqlite3.connect(database)) as book, book:
        book.execute("UPDATE assignment SET duedate = ?", (when,))


def policy(course: Path, text: str) -> None:
    """A course.toml for a copy of a course."""
    every.write(course / "course.toml", text)
