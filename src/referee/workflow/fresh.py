"""`referee new`: a small course of our own kind, from the template in `referee/fresh`; whole, or not at all."""

from __future__ import annotations

import importlib.metadata
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from referee import __version__
from referee import course as courses
from referee.course import POLICY
from referee.errors import UsageError
from referee.report import Record
from referee.workflow.opening import course_around

TEMPLATE = Path(__file__).parents[1] / "fresh"
NOWHERE = "referee[nbgrader] @ git+https://example.org/referee.git"  # nothing is there, and nobody can put it there
_NAME, _COURSE_ID, _TITLE = 'name = "A course"', 'course_id = "course"', "# A course"


class NewCourse(Record, frozen=True):
    """A course that was made: its folder, its files by their paths in it, and where its CI gets Referee from.

    requirement : the line of requirements.txt; empty where somebody has to write it.
    """

    root: str
    files: tuple[str, ...]
    requirement: str


def new_course(folder: Path, name: str = "") -> NewCourse:
    """Make a course that `referee verify` holds for sound as it is; `name` is the folder's by default.

    Raises
    ------
    UsageError : something is in that folder already, it lies in another course, or the name is no plain text.
    MissingExtra : nbgrader, which makes the exercises, is not installed.
    """
    from referee.release import release  # noqa: PLC0415 - nbgrader is an extra

    root = folder.resolve()
    _require_free(root)
    name = _plain(name) or (root.name if root.name.isprintable() else "A course")
    with _whole(root) as stage:
        for path in _template():
            target = stage / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((TEMPLATE / path).read_bytes())
        requirement = _requirement()
        _fill(stage / POLICY, _NAME, msgspec.toml.encode({"name": name}).decode().strip())
        _fill(stage / "nbgrader_config.py", _COURSE_ID, f'course_id = "{_course_id(root.name)}"')
        _fill(stage / "README.md", _TITLE, f"# {name}")
        _fill(stage / "requirements.txt", NOWHERE, requirement or NOWHERE)
        release(courses.load(stage), None)
        files = sorted(path.relative_to(stage).as_posix() for path in stage.rglob("*") if path.is_file())
    return NewCourse(root=str(root), files=tuple(files), requirement=requirement)


def _template() -> list[Path]:
    paths = (path for path in sorted(TEMPLATE.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return [path.relative_to(TEMPLATE) for path in paths]


def _require_free(root: Path) -> None:
    """Raise `UsageError` where no course can be made."""
    if root.exists() and not root.is_dir():
        raise UsageError("a new or empty folder for the course", f"a file, {root}", "name another folder")
    there = sorted(path.name for path in root.iterdir()) if root.is_dir() else []
    if there:
        found = f"{root} with {', '.join(there[:3])}{' and more' if len(there) > 3 else ''}"
        raise UsageError("a new or empty folder for the course", found, "name another folder")
    around = course_around(root)
    if around is not None:
        wanted, remedy = "a folder outside of any other course", "name a folder elsewhere"
        raise UsageError(wanted, f"{root}, which lies in the course {around}", remedy)


def _plain(name: str) -> str:
    """A name on one line. Raises `UsageError` for what no file can hold."""
    name = " ".join(name.split())
    if not name.isprintable():
        raise UsageError("a name of printable characters", ascii(name), 'say --name "Course name"')
    return name


def _course_id(name: str) -> str:
    """The name of a folder as nbgrader's exchange can use it for a folder of its own."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-") or "course"


def _fill(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


# --- where CI gets Referee from ---------------------------------------------------------------------------------------


def _requirement() -> str:
    """What pip needs to install this Referee elsewhere; empty where it came from a folder or file of this machine.

    The bare name is a requirement only where an index knows it: elsewhere anybody may have taken it.
    """
    try:
        text = importlib.metadata.distribution("referee").read_text("direct_url.json")
        origin: Any = msgspec.json.decode(text) if text else None
        return _origin(origin) if origin else f"referee[nbgrader]=={__version__}"
    except (importlib.metadata.PackageNotFoundError, msgspec.MsgspecError, KeyError, TypeError):
        return ""


def _origin(origin: Any) -> str:
    """The requirement for a recorded origin (PEP 610): a commit of a repository, or an archive of the network."""
    url, commit = str(origin["url"]), origin.get("vcs_info")
    if commit:
        return f"referee[nbgrader] @ {commit['vcs']}+{url}@{commit['commit_id']}"
    return f"referee[nbgrader] @ {url}" if url.startswith("https://") else ""


# --- whole, or not at all ---------------------------------------------------------------------------------------------


@contextmanager
def _whole(root: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `root` when the block ends well; else nothing is left of it."""
    there = root.is_dir()
    parent = root if there else root.parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".referee-new-", dir=parent) as folder:
        stage = Path(folder) / "course"
        stage.mkdir()
        yield stage
        if there:  # somebody's shell may be in it: it stays the same folder
            _move(stage, root)
        else:
            stage.rename(root)


def _move(stage: Path, root: Path) -> None:
    """Move everything; the policy comes last, by which a folder is a course."""
    moved = list[Path]()
    try:
        for path in sorted(stage.iterdir(), key=lambda each: (each.name == POLICY, each.name)):
            moved.append(path.rename(root / path.name))
    except BaseException:
        for path in moved:
            path.rename(stage / path.name)
        raise
