"""What lies where no course is: Otter's assignments, pytest files, notebooks of no course. Referee grades none of them.

Only as much is looked at as tells them apart, by names and by what files say of themselves: nothing is run.
"""

from __future__ import annotations

import os
import re
import shlex
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from referee.course import POLICY
from referee.feedback.text import plain

_DEEPEST = 2  # folders below the one that is looked at
_MOST_ENTRIES, _MOST_FILES = 600, 40
_MOST_BYTES = 4_000_000  # of a file that is read
_SKIPPED = ("__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist")
_OTTER_FILES = ("otter_config.json", ".OTTER_LOG")
_OTTER_ZIP = ("otter_config.json", "run_otter.py")
_OK_FORMAT = re.compile(rb"^OK_FORMAT[ \t]*=|^test[ \t]*=[ \t]*\{[^{]*[\"']suites[\"']:", re.MULTILINE)
_ASSIGN = re.compile(
    r"(```otter\s+)?#\s+(ASSIGNMENT\s+CONFIG|BEGIN\s+QUESTION)\b", re.IGNORECASE
)  # cells of Otter Assign
_OURS = "from referee import"  # what the first cell of an exercise of ours says
_PYTEST = re.compile(r"test_.*\.py|.*_test\.py|conftest\.py")

_OTTER = (
    "grade it with Otter (`otter run NOTEBOOK`, `otter grade`); "
    "for checks from outside the kernel, begin a course with `referee new FOLDER` and move the exercises there"
)
_NBGRADER = (
    "put them into source/ASSIGNMENT/ beside an nbgrader_config.py (`nbgrader quickstart NAME` makes both), "
    "and run this there"
)


@dataclass(frozen=True)
class There:
    """What is there instead of a course, in words, and the next step."""

    what: str
    remedy: str


@dataclass
class _Found:
    """The first file of each kind, with what gives it away."""

    otter: str = ""
    nbgrader: str = ""
    pytest: str = ""
    notebook: str = ""
    course: str = ""


def look(start: Path) -> There | None:
    """What lies in a folder that no course is around; None where it is nothing that we know."""
    found = _Found()
    read = 0
    for path in _files(start):
        name = plain(path.relative_to(start).as_posix())
        if path.name in (POLICY, "nbgrader_config.py"):
            found.course = found.course or plain(str(path.parent))
        if _says_something(path):
            read += 1
            _note(found, name, path)
        if read >= _MOST_FILES or found.otter:
            break
    return _there(found)


def look_at(path: Path) -> There | None:
    """What a notebook is that no check of ours came with; None where it is nothing that we know."""
    notebook, name = _notebook(path), plain(path.name)
    if sign := _otter_sign(notebook):
        return There(f"{name} {sign}: Referee does not check Otter's notebooks", "`grader.check_all()` in it does")
    if notebook.nbgrader and not any(_OURS in cell.text for cell in notebook.cells):
        what = f"{name} has nbgrader's cells, and its tests in the notebook itself"
        return There(what, f"`nbgrader validate {shlex.quote(path.name)}` runs them")
    return None


def _there(found: _Found) -> There | None:
    if found.otter:
        return There(f"{found.otter}: an assignment of Otter, which Referee does not grade", _OTTER)
    if found.course:
        return There(f"a course lies below it, {found.course}", f"say --course {found.course}, or change into it")
    if found.nbgrader:
        return There(f"{found.nbgrader} has nbgrader's cells, but there is no course around it", _NBGRADER)
    if found.pytest:
        what = f"{found.pytest} is for pytest: Referee grades notebooks, and runs no test files of their own"
        return There(what, "run them with `pytest`; a course whose checks are pytest files begins with `referee new`")
    if found.notebook:
        what = f"{found.notebook} is a notebook of no course: no cell of it says what it is worth"
        return There(what, "`referee new FOLDER` makes a course with an exercise that shows how one is written")
    return None


# --- looking at one file ----------------------------------------------------------------------------------------------


class _Cell(msgspec.Struct):
    """As much of a cell as tells whose it is."""

    cell_type: str = ""
    source: str | list[str] = ""
    metadata: dict[str, Any] = {}

    @property
    def text(self) -> str:
        return self.source if isinstance(self.source, str) else "".join(self.source)


class _Notebook(msgspec.Struct):
    """As much of a notebook as tells whose it is; empty where it cannot be read as one."""

    cells: list[_Cell] = []
    metadata: dict[str, Any] = {}

    @property
    def nbgrader(self) -> bool:
        """Whether it has nbgrader's cells."""
        return any(isinstance(cell.metadata.get("nbgrader"), dict) for cell in self.cells)


def _says_something(path: Path) -> bool:
    return path.suffix in (".ipynb", ".py", ".zip", ".otter") or path.name in _OTTER_FILES


def _note(found: _Found, name: str, path: Path) -> None:
    """Take note of a file, if it is the first of its kind."""
    if path.suffix == ".ipynb":
        notebook = _notebook(path)
        sign = _otter_sign(notebook)
        found.otter = found.otter or (f"{name} {sign}" if sign else "")
        found.nbgrader = found.nbgrader or (name if notebook.nbgrader else "")
        found.notebook = found.notebook or (name if notebook.cells else "")
    elif path.name in _OTTER_FILES or path.suffix == ".otter":
        found.otter = found.otter or f"{name} is Otter's"
    elif path.suffix == ".zip":
        found.otter = found.otter or (f"{name} is an autograder of Otter's" if _is_autograder(path) else "")
    elif _OK_FORMAT.search(_bytes(path)):
        found.otter = found.otter or f"{name} is a test of Otter's"
    elif _PYTEST.fullmatch(path.name):
        found.pytest = found.pytest or name


def _otter_sign(notebook: _Notebook) -> str:
    """What shows that a notebook is Otter's, as the end of a sentence about it."""
    if isinstance(notebook.metadata.get("otter"), dict):
        return "has Otter's metadata"
    for cell in notebook.cells:
        if cell.cell_type in ("raw", "markdown") and _ASSIGN.match(cell.text):
            return "is written for Otter Assign (`# ASSIGNMENT CONFIG`, `# BEGIN QUESTION`)"
        if cell.cell_type == "code" and "otter.Notebook(" in cell.text:
            return "calls otter.Notebook()"
        tags = cell.metadata.get("tags")
        if isinstance(tags, list) and any(str(tag).startswith("otter_") for tag in tags):
            return "has cells with Otter's tags"
    return ""


def _notebook(path: Path) -> _Notebook:
    try:
        return msgspec.json.decode(_bytes(path), type=_Notebook)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Notebook()


def _bytes(path: Path) -> bytes:
    """The content of a regular file that is not too large; nothing where there is none."""
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return b""
        return path.read_bytes()
    except OSError:
        return b""


def _is_autograder(path: Path) -> bool:
    """Whether a zip is what `otter generate` makes: others call theirs autograder.zip, too."""
    try:
        if path.stat().st_size > _MOST_BYTES * 100:
            return False
        with zipfile.ZipFile(path) as archive:
            return any(name.rpartition("/")[2] in _OTTER_ZIP for name in archive.namelist())
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _files(start: Path) -> Iterator[Path]:
    """Files in a folder and a little below it, the nearest first; no link is followed, and no hidden folder entered."""
    waiting, seen = [(start, 0)], 0
    while waiting:
        folder, depth = waiting.pop(0)
        for entry in _entries(folder):
            if (seen := seen + 1) > _MOST_ENTRIES:
                return
            if entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST and not entry.name.startswith(".") and entry.name not in _SKIPPED:
                    waiting.append((Path(entry.path), depth + 1))
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []
