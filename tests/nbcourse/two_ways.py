"""The real commands on two copies of a course: nbgrader's own, and `referee grade`."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.nbcourse import every

_PATIENCE = 900  # seconds for one command
_REFEREE = (str(Path(sys.executable).with_name("referee")),)
_MOST_STOPS = 5
#: nbgrader's own commands one after the other in one process, which spares the start of each.
_COMMANDS = """
import json, sys
from nbgrader.apps import AutogradeApp, GenerateAssignmentApp, GenerateFeedbackApp

KINDS = {"generate_assignment": GenerateAssignmentApp, "autograde": AutogradeApp, "feedback": GenerateFeedbackApp}
for kind, *words in json.loads(sys.argv[1]):
    print(kind, *words, file=sys.stderr)
    app = KINDS[kind]()
    app.initialize(words)
    try:
        app.start()
    except SystemExit as error:
        print(f"STATUS {error.code}", file=sys.stderr)
"""


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


def release(course: Path, *assignments: str) -> Path:
    """Let nbgrader generate assignments."""
    said = commands(course, *(["generate_assignment", name] for name in assignments))
    assert "STATUS" not in said.err, said.err
    return course


def commands(course: Path, *each: Sequence[str]) -> Said:
    """nbgrader's commands, in one process: the kind (`generate_assignment`, `autograde`, `feedback`), its words."""
    said = run(course, [sys.executable, "-c", _COMMANDS, json.dumps(each)])
    assert said.status == 0, said.err
    return said


def nbgrader(course: Path, *words: str) -> Said:
    """An nbgrader command as a user types it."""
    return run(course, [sys.executable, "-m", "nbgrader", *words])


def autograde(course: Path, *assignments: str, words: Sequence[str] = ()) -> list[str]:
    """nbgrader's autograde and feedback until it ends by itself; the students at whom it ended early.

    One notebook whose marks nbgrader takes for old ones ends its whole command. A person then leaves that submission
    out (`CourseDirectory.student_id_exclude`), and calls it again.
    """
    stopped: list[str] = []
    for _ in range(_MOST_STOPS):
        without = ["--CourseDirectory.student_id_exclude=" + ",".join(stopped)] if stopped else []
        kinds = [[kind, name] for name in assignments for kind in ("autograde", "feedback")]
        said = commands(course, *([*each, *words, *(without if each[0] == "autograde" else ())] for each in kinds))
        stops = _stops(said.err, assignments)
        if not stops:
            return stopped
        stopped += stops
    raise AssertionError(f"nbgrader ended early again and again: {stopped}")


def _stops(log: str, assignments: Sequence[str]) -> list[str]:
    """At whom nbgrader ended its command, by what it said; of a folder's last two names one is the student's."""
    lines = log.splitlines()
    places = [place for place, line in enumerate(lines) if "use an old version" in line]
    before = ([line for line in lines[:place] if "Removing failed assignment" in line] for place in places)
    folders = [Path(failed[-1].rpartition(": ")[2]) for failed in before]
    return [folder.parent.name if folder.name in assignments else folder.name for folder in folders]


def referee(course: Path, *words: str) -> Said:
    """A command of Referee's as a user types it."""
    return run(course, [*_REFEREE, *words])


def python(course: Path, code: str, *words: str) -> Said:
    """A program, in a course's folder."""
    said = run(course, [sys.executable, "-c", code, *words])
    assert said.status == 0, said.err
    return said


def killed(course: Path, assignment: str, after: int) -> int:
    """`referee grade`, killed when it has written so many reports; how many there are."""
    process = start(course, (*_REFEREE, "grade", assignment))
    folder = course / "reports" / assignment
    while process.poll() is None and len(list(folder.glob("*.json"))) < after:
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=_PATIENCE)
    return len(list(folder.glob("*.json")))


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
