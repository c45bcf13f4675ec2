"""Solutions to exercises: what a student gets, made from what the author edits by nbgrader's own preprocessors.

exercises/<assignment>/<notebook>.ipynb       the solution without its solution regions
exercises/<assignment>/<support files>        copied as they are
exercises/<assignment>/checks/<notebook>.py   the public grader
exercises/<assignment>/checks/manifest.json   points and numbers of checks, so that a student's own run can say what
                                              is only checked after submission
"""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from traitlets.config import Config, PyFileConfigLoader

from referee import authoring
from referee.course import Course, Exercise
from referee.errors import CourseError, GraderError, MissingExtra

try:
    from nbgrader import preprocessors
except ImportError as error:
    raise MissingExtra("nbgrader, to make exercises", str(error), "pip install nbgrader") from error

_STEPS = ("LockCells", "ClearSolutions", "ClearOutput", "CheckCellMetadata", "ComputeChecksums", "ClearHiddenTests",
          "ClearMarkScheme", "ComputeChecksums", "CheckCellMetadata")  # fmt: skip
_FORBIDDEN = ("reference", "graders", "solutions")


def release(course: Course, assignment: str | None, target: Path | None = None) -> list[Path]:
    """Write the exercises of one assignment, or of all, and return what was written.

    Parameters
    ----------
    target : the folder to write to instead of the course's `exercises/`.

    Raises
    ------
    CourseError : a solution breaks a rule (nothing of that assignment is written).   GraderError : a grader does.
    """
    written: list[Path] = []
    for name in [assignment] if assignment else course.assignments:
        exercises = course.exercises(name)
        files = _assignment_files(course, exercises)
        folder = (target or course.root / "exercises") / name
        shutil.rmtree(folder, ignore_errors=True)
        for relative, content in files.items():
            path = folder / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            written.append(path)
    return written


def _assignment_files(course: Course, exercises: Sequence[Exercise]) -> dict[str, bytes]:
    """Every file of one released assignment, by its path in the assignment's folder."""
    files: dict[str, bytes] = {}
    manifest: dict[str, Any] = {}
    for exercise in exercises:
        notebook = released(exercise.solution, course.root)
        files[f"{exercise.notebook}.ipynb"] = (nbformat.writes(notebook) + "\n").encode()
        manifest[exercise.notebook] = _manifest(exercise, notebook)
        public = exercise.grader("public")
        if public is not None:
            require_shippable(public)
            files[f"checks/{public.name}"] = public.read_bytes()
        for path in exercise.support:
            files |= {str(file.relative_to(path.parent)): file.read_bytes() for file in _files(path)}
    files["checks/manifest.json"] = (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()
    return files


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [file for file in sorted(path.rglob("*")) if file.is_file() and "__pycache__" not in file.parts]


def released(solution: Path, root: Path) -> NotebookNode:
    """The student's version of an author's notebook, as `nbgrader generate_assignment` would make it."""
    notebook = authoring.read_authored(solution)
    resources: dict[str, Any] = {"nbgrader": {"notebook": solution.stem, "assignment": solution.parent.name}}
    config = _config(root)
    try:
        for step in _STEPS:
            notebook, resources = getattr(preprocessors, step)(parent=None, config=config).preprocess(
                notebook, resources
            )
    except Exception as error:  # nbgrader raises plain RuntimeErrors for what an author did wrong
        raise CourseError(f"{solution.name} in nbgrader's form", str(error), "mend that cell") from error
    return notebook


def _config(root: Path) -> Config:
    if not (root / "nbgrader_config.py").is_file():
        return Config()
    return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()


def checks_in(grader: Path) -> dict[str, int]:
    """How many checks a grader holds for each check cell, read from its text without running it."""
    counts: dict[str, int] = {}
    for name, _ in _marks(grader):
        counts[name] = counts.get(name, 0) + 1
    return counts


def _marks(grader: Path) -> Iterator[tuple[str, str]]:
    """The check cell and the name of each check of a grader."""
    for node in ast.walk(_parse(grader)):
        if isinstance(node, ast.FunctionDef):
            for call in (decorator for decorator in node.decorator_list if isinstance(decorator, ast.Call)):
                if (
                    ast.unparse(call.func) == "pytest.mark.check"
                    and call.args
                    and isinstance(call.args[0], ast.Constant)
                ):
                    yield str(call.args[0].value), node.name


def _manifest(exercise: Exercise, notebook: NotebookNode) -> dict[str, Any]:
    public, hidden = (
        checks_in(path) if path is not None else {} for path in (exercise.grader("public"), exercise.grader("hidden"))
    )
    _require_own_names(exercise)
    cells = [spec for spec in authoring.specs(notebook) if spec.grade]
    known = {spec.grade_id for spec in cells if not spec.solution}
    for name in {**public, **hidden}:
        if name not in known:
            wanted = f"checks of {exercise.name} for its check cells {', '.join(sorted(known))}"
            raise GraderError(wanted, f"one for {name!r}", "rename the mark, or add the cell")
    for name in sorted(known - {*public, *hidden}):
        wanted = f"a check for every check cell of {exercise.name}"
        raise GraderError(wanted, f"none for {name!r}", "write one: points without a check cannot be given")
    return {
        spec.grade_id: {
            "points": spec.points,
            "public": public.get(spec.grade_id, 0),
            "hidden": hidden.get(spec.grade_id, 0),
            "person": spec.solution,
        }
        for spec in cells
    }


def require_sound_graders(exercise: Exercise) -> None:
    """Raise `GraderError` where a grader is no Python, ships what it must not, or its checks do not fit the cells."""
    public = exercise.grader("public")
    if public is not None:
        require_shippable(public)
    _manifest(exercise, authoring.read_authored(exercise.solution))


def _require_own_names(exercise: Exercise) -> None:
    """The checks of a cell have names of their own: by these they draw numbers, and are compared at a regrade."""
    marks = [mark for grader in exercise.graders for mark in _marks(grader)]
    if twice := sorted({f"{name} for {cell!r}" for cell, name in marks if marks.count((cell, name)) > 1}):
        wanted = f"checks of {exercise.name} with a name of their own in each cell, public and hidden ones together"
        raise GraderError(wanted, f"two called {', '.join(twice)}", "rename one")


def require_shippable(grader: Path) -> None:
    """A public grader works at students, and tells them nothing."""
    _require_no_secrets(grader)
    _require_no_calibration(grader)


def _require_no_secrets(grader: Path) -> None:
    """A public grader ships to students: it may not import what holds the solution."""
    for node in ast.walk(_parse(grader)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            if name.split(".")[0] in _FORBIDDEN:
                raise GraderError(
                    f"a public grader ({grader.name}) without the solution: it ships to students",
                    f"an import of {name!r} in line {node.lineno}",  # type: ignore[attr-defined] # imports have a line
                    "compare with values that the exercise's text states, or make it a hidden grader",
                )


def _require_no_calibration(grader: Path) -> None:
    """Students have no calibrations: a public check that asks for one would break at each of them."""
    for node in ast.walk(_parse(grader)):
        if isinstance(node, ast.arg) and node.arg == "calibration":
            raise GraderError(
                f"a public grader ({grader.name}) of what students have",
                f"the fixture `calibration` in line {node.lineno}",
                "move that check to the hidden grader",
            )


def _parse(grader: Path) -> ast.Module:
    try:
        return ast.parse(grader.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise GraderError(
            f"the {grader.parent.parent.name} grader {grader.name} in Python",
            f"line {error.lineno}: {error.msg}",
            "mend that line",
        ) from error
