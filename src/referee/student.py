"""What a student may call inside a notebook: `check("feature_map")` gives the verdict and words of `referee check`.

    from referee import exercise
    check = exercise("convolution/feature_map")
    check("feature_map")

The checks are the public graders that came with the exercise. They run here, in the student's own session; nothing that
happens in them raises at the student.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from referee.answers.interface import Student
from referee.answers.local import LocalSource
from referee.answers.remarks import listening
from referee.checks.verdicts import conclude, with_remarks
from referee.course import POLICY, framework_of, grader_stems
from referee.errors import RefereeError, UsageError
from referee.feedback.html import fragment
from referee.feedback.terminal import render_check
from referee.report import CheckResult

_EXECUTION = "NBGRADER_EXECUTION"  # says what nbgrader runs a notebook for
_WIDTHS = 40, 100  # of text: as wide as the terminal, within reason


class Shown:
    """What a check concluded: as HTML in JupyterLab and VS Code, as text elsewhere, coloured in a terminal."""

    def __init__(self, results: list[CheckResult], remark: str) -> None:
        self.results = tuple(results)
        self.remark = remark

    def __repr__(self) -> str:
        return self._text(color=False)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        printer.text(self._text(color=sys.stdout.isatty() and "NO_COLOR" not in os.environ))

    def _repr_html_(self) -> str:
        return fragment(self.results, self.remark)

    def _text(self, *, color: bool) -> str:
        least, most = _WIDTHS
        width = max(least, min(shutil.get_terminal_size((88, 24)).columns, most))
        parts = [render_check(result, width=width, color=color).rstrip() for result in self.results]
        wrap = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False)  # a path stays in one piece
        remark = map(wrap.fill, self.remark.splitlines())
        return "\n".join([*parts, *remark])


def exercise(name: str) -> Callable[[str], Shown]:
    """The `check` function for one notebook.

    Parameters
    ----------
    name : "<assignment>/<notebook>", as the notebook's first cell says it.

    Returns
    -------
    A function of a check cell's name. It looks at the names that the caller of `exercise` has defined by then.
    It never raises, but for `nbgrader autograde`, which would take a cell that raises nothing for a right answer.
    """
    frame = inspect.currentframe()
    namespace = frame.f_back.f_globals if frame is not None and frame.f_back is not None else {}

    def check(cell: str = "") -> Shown:
        if os.environ.get(_EXECUTION) == "autograde":
            wanted = f"the checks of {cell!r}, which no kernel can answer by itself"
            raise UsageError(wanted, "nbgrader autograde", "grade this assignment with `referee grade`")
        try:
            return _check(name, cell, namespace)
        except RefereeError as error:
            return Shown([], f"This check cannot run here.\n{error}")
        except KeyboardInterrupt:
            raise  # the student stopped it
        except BaseException as error:  # noqa: BLE001 - nothing that goes wrong in here may raise at the student
            return Shown([], f"This check cannot run here: {type(error).__name__}: {error}")

    return check


def _check(name: str, cell: str, namespace: dict[str, Any]) -> Shown:
    grader, manifest = find(name, Path.cwd())
    notebook = name.rpartition("/")[2]
    if manifest and notebook not in manifest:
        wanted = f"one of the notebooks {', '.join(manifest)}"
        raise UsageError(wanted, repr(notebook), "mend the name in exercise(...)")
    known = manifest.get(notebook, {})
    results = run_public(grader, cell, namespace, framework_of(name)) if grader is not None else []
    if not results and known and cell not in known:
        raise UsageError(f"one of the checks {', '.join(known)}", repr(cell))
    return Shown(results, remark(known.get(cell, {}), bool(results)))


def remark(known: dict[str, Any], checked: bool) -> str:
    """What a student should know about the points of a check cell that are decided only after submission."""
    hidden, points = known.get("hidden", 0), known.get("points", 0)
    if not known:
        return "" if checked else "There is nothing to check here."
    if known.get("person"):
        return f"Its {points:g} points are given by a person, after submission."
    if not checked:
        return f"Its {points:g} points are only checked after submission."
    if not hidden:
        return ""
    more = "one more check" if hidden == 1 else f"{hidden} more checks"
    return f"Its {points:g} points are decided after submission, by this and {more}."


def run_public(grader: Path, cell: str, namespace: dict[str, Any], framework: str = "numpy") -> list[CheckResult]:
    """Run the public checks of one check cell on the names in `namespace`, without pytest."""
    module = _load(grader)
    student = Student(LocalSource(namespace))
    data = namespace.get("data")
    found = [value for key, value in vars(module).items() if key.startswith("test_") and callable(value)]
    return [
        _run(test, mark, grader, student, {"data": data if type(data) is str else "", "framework": framework})
        for test in found
        if (mark := _mark(test)) and mark.args[0] == cell
    ]


def _run(test: Callable[..., None], mark: Any, grader: Path, student: Student, given: dict[str, str]) -> CheckResult:
    name = test.__name__
    seed = int.from_bytes(hashlib.sha256(f"{mark.args[0]}/{name}".encode()).digest()[:4], "little")
    fixtures = {"student": student, "rng": np.random.default_rng(seed), **given}
    error: BaseException | None = None
    with listening() as remarks:
        try:
            test(**{key: fixtures[key] for key in inspect.signature(test).parameters})
        except KeyboardInterrupt:
            raise  # the student stopped it
        except BaseException as raised:  # noqa: BLE001 - `conclude` says what each kind means; a skip is no Exception
            error = raised
    verdict, evidence = conclude(error, grader)
    return CheckResult(
        check=mark.args[0],
        name=name,
        sentence=(inspect.getdoc(test) or name).splitlines()[0],
        weight=float(mark.kwargs.get("weight", 1)),
        public=True,
        verdict=verdict,
        evidence=with_remarks(evidence, remarks),
        seed=seed,
    )


def _mark(test: Any) -> Any:
    return next((mark for mark in getattr(test, "pytestmark", []) if mark.name == "check" and mark.args), None)


def _load(grader: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"_referee_{grader.stem}", grader)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = writes
    return module


def find(name: str, start: Path) -> tuple[Path | None, dict[str, Any]]:
    """The public grader of a notebook and the manifest beside it: in `checks/` next to it, or in the course.

    Raises
    ------
    UsageError : neither is there, or the manifest is not as it was handed out.
    """
    assignment, _, notebook = name.rpartition("/")
    for folder in (start, *start.parents):
        checks = folder / "checks"
        if (checks / "manifest.json").is_file():  # the exercise as it was handed out
            return find_grader(checks, notebook), _manifest(checks / "manifest.json")
        if (folder / POLICY).is_file():
            return find_grader(folder / "graders" / "public" / assignment, notebook), {}
    raise UsageError(
        f"the folder `checks` that came with {name}",
        f"none at {start} or above",
        "keep the notebook in the folder that you downloaded, with everything in it",
    )


def _manifest(path: Path) -> dict[str, Any]:
    """What each check cell of each notebook is worth, and who decides it: {notebook: {cell: {...}}}."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not all(isinstance(cell, dict) for cells in found.values() for cell in cells.values()):
            raise TypeError("a cell of it is no object")
    except (OSError, ValueError, RecursionError, AttributeError, TypeError) as error:
        wanted = f"the file {path} as it was handed out"
        raise UsageError(wanted, f"one that cannot be read ({error})", "download the exercise again") from error
    return dict(found)


def find_grader(folder: Path, notebook: str) -> Path | None:
    """The grader of a notebook in one folder, by its name or its name without the framework."""
    return next((path for stem in grader_stems(notebook) if (path := folder / f"{stem}.py").is_file()), None)
