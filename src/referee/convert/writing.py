"""What a conversion writes: all of its files, or none.

graders/public|hidden/<assignment>/<notebook>.py    the drafts
graders/before/<assignment>/<notebook>.ipynb        the notebook as it was; no command of nbgrader's looks there
source/<assignment>/<notebook>.ipynb                the notebook with check cells
source/<assignment>/checks/                         the public grader and what it decides, which travel to students
course.toml                                         with a section [nbgrader], where there is none
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from referee import authoring
from referee.batch.store import replace
from referee.convert.grader import counts
from referee.convert.notebook import is_ours
from referee.convert.records import Kind
from referee.course import POLICY, Course
from referee.errors import CourseError
from referee.nbcourse.course import NbExercise

_TOML = "# An nbgrader course of which some test cells are checks in graders/, outside the kernel.\n\n[nbgrader]\n"


def grader_path(course: Course, exercise: NbExercise, kind: Kind) -> Path:
    """Where a grader lies, or will lie."""
    return exercise.grader(kind) or course.root / "graders" / kind / exercise.assignment / f"{exercise.notebook}.py"


def before_path(course: Course, exercise: NbExercise) -> Path:
    """A place for the notebook as it was, where nothing lies yet, or the same."""
    own = exercise.solution.read_bytes()
    folder = course.root / "graders" / "before" / exercise.assignment
    names = [exercise.notebook, *(f"{exercise.notebook}-{number}" for number in range(2, 1000))]
    paths = (folder / f"{name}.ipynb" for name in names)
    return next(path for path in paths if not path.exists() or (path.is_file() and path.read_bytes() == own))


def policy(course: Course) -> dict[Path, bytes]:
    """The policy that makes the folder an nbgrader course with graders, where there is none."""
    path = course.root / POLICY
    return {} if path.exists() else {path: _TOML.encode()}


def travelling(
    exercise: NbExercise, notebook: NotebookNode, graders: Mapping[Kind, str], public: Path
) -> dict[Path, bytes]:
    """What goes to students beside the notebook, so that `check(...)` works there.

    Raises
    ------
    CourseError : there is a folder `checks` that holds something else.
    """
    folder = exercise.solution.parent / "checks"
    path = folder / "manifest.json"
    manifest = _manifest(path) if path.is_file() else {}
    numbers = {kind: counts(graders.get(kind, "")) for kind in ("public", "hidden")}
    manifest[exercise.notebook] = {
        spec.grade_id: {
            "points": spec.points,
            "public": numbers["public"].get(spec.grade_id, 0),
            "hidden": numbers["hidden"].get(spec.grade_id, 0),
            "person": False,
        }
        for spec, cell in ((authoring.specs(_only(cell))[0], cell) for cell in notebook.cells if is_ours(cell))
    }
    files = {path: (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()}
    if "public" in graders:
        files[folder / public.name] = graders["public"].encode()
    return files


def _only(cell: NotebookNode) -> NotebookNode:
    return NotebookNode(cells=[cell])


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise TypeError("it is no object")
    except (OSError, ValueError, TypeError) as error:
        wanted = f"a manifest of checks in {path}"
        raise CourseError(wanted, f"something else ({error})", "rename that folder") from error
    return found


def as_file(notebook: NotebookNode) -> bytes:
    """A notebook as its file."""
    text: str = nbformat.writes(notebook)
    return f"{text}\n".encode()


def write(files: Mapping[Path, bytes]) -> None:
    """Write all these files; where one cannot be written, the others are as they were."""
    before = {path: path.read_bytes() if path.exists() else None for path in files}
    with _undone(before) as written:
        for path, content in files.items():
            written.append(path)
            replace(path, content)


@contextlib.contextmanager
def _undone(before: Mapping[Path, bytes | None]) -> Iterator[list[Path]]:
    """Put back what was written in this block, when it raises."""
    written: list[Path] = []
    try:
        yield written
    except BaseException:
        for path in written:
            old = before[path]
            with contextlib.suppress(OSError):
                if old is None:
                    path.unlink(missing_ok=True)
                elif path.read_bytes() != old:
                    replace(path, old)
        raise
