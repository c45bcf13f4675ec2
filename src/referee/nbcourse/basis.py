"""What determines the result of a submission to an nbgrader course, as SHA-256: what stays is not run again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from referee import grading
from referee.basis import digest, of_files
from referee.course import Exercise
from referee.errors import CourseError
from referee.nbcourse import walking
from referee.nbcourse.book import Outline
from referee.nbcourse.course import NbCourse
from referee.nbcourse.owncode import own_code
from referee.report import Basis

_CHUNK = 1 << 20
_NO_RESULT = ("feedback",)  # switches that no result depends on
_CACHES = {"__pycache__", ".ipynb_checkpoints"}


def of_assignment(course: NbCourse, assignment: str, outlines: Mapping[str, Outline]) -> dict[str, Basis]:
    """By notebook, what all submissions to it have in common.

    Raises
    ------
    CourseError : a file of the course cannot be read.
    """
    exercises = {each.notebook: each for each in course.exercises(assignment)}
    beside = _digest_of(course.source(assignment), without=(".ipynb",))
    environment = digest(msgspec.to_builtins(grading.environment()))
    rules = {name: value for name, value in msgspec.to_builtins(course.rules).items() if name not in _NO_RESULT}
    policy = digest([rules, plain(course.app.config), own_code(course.app.config)])
    return {
        name: Basis(
            exercise=digest([_cells(outline), dict(outline.kernelspec), beside]),
            policy=policy,
            environment=environment,
            graders=_graders(course, exercises.get(name)),
            points=digest(sorted((cell.grade_id, cell.points) for cell in outline.cells.values())),
        )
        for name, outline in outlines.items()
    }


def of_submission(folder: Path) -> str:
    """All that was handed in for an assignment: the notebooks, the files beside them, the time."""
    return _digest_of(folder)


def plain(value: Any) -> Any:
    """A configuration as plain data that is the same in the next run: functions and classes by their names."""
    if isinstance(value, Mapping):
        return {str(key): plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, set | frozenset):
        return sorted((plain(each) for each in value), key=repr)  # their own order is another in each process
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, str | int | float | bool | None):
        return value
    named = getattr(value, "__qualname__", "")
    return f"{getattr(value, '__module__', '')}.{named}" if named else type(value).__name__


def _cells(outline: Outline) -> list[Any]:
    kept = ("grade_id", "cell_type", "source", "checksum", "grade", "solution", "locked", "task")
    return [[getattr(cell, name) for name in kept] for _, cell in sorted(outline.cells.items())]


def _graders(course: NbCourse, exercise: Exercise | None) -> str:
    """The graders outside the kernel, and whatever of the course they may import."""
    if exercise is None or not exercise.graders:
        return of_files({})
    folders = (course.root / "graders", course.root / "reference")
    modules = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    try:
        return of_files({path.relative_to(course.root).as_posix(): path.read_bytes() for path in modules})
    except OSError as error:
        raise CourseError("readable graders", str(error), "mend their permissions") from error


def _digest_of(folder: Path, without: tuple[str, ...] = ()) -> str:
    """All plain files below a folder by name and content; links by where they lead."""
    found = {}
    for name, path in _below(folder):
        if path.suffix in without:
            continue
        found[name] = f"-> {path.readlink()}" if path.is_symlink() else _sha256(path)
    return digest(found)


def _below(folder: Path) -> Iterator[tuple[str, Path]]:
    for name, entry, _ in walking.below(folder):
        if entry.is_dir(follow_symlinks=False) or _CACHES & set(name.split("/")):
            continue
        yield os.fsencode(name).decode("utf-8", "backslashreplace"), Path(entry.path)


def _sha256(path: Path) -> str:
    found = hashlib.sha256()
    try:
        if not path.is_file():
            return "no file"
        with path.open("rb") as file:
            while part := file.read(_CHUNK):
                found.update(part)
    except OSError as error:
        return f"unread: {error.errno}"
    return found.hexdigest()
