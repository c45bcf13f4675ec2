"""What a course contains, found by its folders, and its policy, read from `course.toml`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from referee.errors import CourseError, UsageError
from referee.report import Record
from referee.sandbox.limits import Limits

POLICY = "course.toml"
_FRAMEWORKS = ("_keras", "_torch")
_LONGEST_NAME = 128  # bytes; what nbgrader's databases hold
Parameter = str | int | float | bool


class Disclosure(Record, frozen=True):
    """How much a student sees of a check that did not pass; see `referee.feedback.interface`."""

    public: Literal["nothing", "hint", "actual", "all"] = "all"
    hidden: Literal["nothing", "hint", "actual", "all"] = "hint"


class DataPolicy(Record, frozen=True):
    """`withhold` names the arrays of a data file that never enter a student's kernel: test inputs and labels."""

    withhold: tuple[str, ...] = ()


class AssignmentPolicy(Record, frozen=True):
    """What one assignment sets differently: limits by name, and parameters injected when it is graded."""

    limits: dict[str, float] = {}
    parameters: dict[str, Parameter] = {}


class Policy(Record, frozen=True):
    """The rules of a course, as `course.toml` states them."""

    name: str = ""
    seed: int = 0
    limits: Limits = Limits()
    disclosure: Disclosure = Disclosure()
    data: DataPolicy = DataPolicy()
    assignment: dict[str, AssignmentPolicy] = {}

    def limits_of(self, assignment: str) -> Limits:
        """The limits of one assignment: the course's, with its own on top."""
        own = self.assignment.get(assignment, AssignmentPolicy()).limits
        merged = {**msgspec.to_builtins(self.limits), **own}
        try:
            return msgspec.convert(merged, type=Limits, strict=False)
        except msgspec.ValidationError as error:
            wanted = f"limits of {assignment} in {POLICY}, out of {', '.join(Limits.__struct_fields__)}"
            raise CourseError(wanted, str(error), f"mend {POLICY}") from error

    def parameters_of(self, assignment: str) -> dict[str, Parameter]:
        """What is injected into an assignment's notebooks, where their `parameters` cell knows the name."""
        own = self.assignment.get(assignment, AssignmentPolicy()).parameters
        given = os.environ.get("REFEREE_DATA")
        return {"seed": self.seed, **own, **({"data": str(Path(given).resolve())} if given else {})}


@dataclass(frozen=True)
class Exercise:
    """One notebook of one assignment and everything that belongs to it."""

    root: Path
    assignment: str
    notebook: str

    @property
    def name(self) -> str:
        return f"{self.assignment}/{self.notebook}"

    @property
    def solution(self) -> Path:
        return self.root / "solutions" / self.assignment / f"{self.notebook}.ipynb"

    @property
    def released(self) -> Path:
        return self.root / "exercises" / self.assignment / f"{self.notebook}.ipynb"

    @property
    def graders(self) -> tuple[Path, ...]:
        """The public and the hidden grader, as far as they exist."""
        found = (self.grader("public"), self.grader("hidden"))
        return tuple(path for path in found if path is not None)

    def grader(self, kind: Literal["public", "hidden"]) -> Path | None:
        """The grader of this notebook; one without the suffix `_keras` or `_torch` serves both frameworks."""
        folder = self.root / "graders" / kind / self.assignment
        return next((path for stem in grader_stems(self.notebook) if (path := folder / f"{stem}.py").is_file()), None)

    @property
    def support(self) -> tuple[Path, ...]:
        """The author's files and folders that lie beside the notebook and travel with it."""
        return tuple(
            path
            for path in sorted(self.solution.parent.iterdir())
            if path.suffix != ".ipynb" and not path.name.startswith((".", "__pycache__"))
        )


def _usable(name: str) -> bool:
    try:
        return len(name.encode("utf-8")) <= _LONGEST_NAME
    except UnicodeEncodeError:
        return False


def grader_stems(notebook: str) -> tuple[str, ...]:
    """The names that a notebook's grader may have, the most specific first."""
    bare = next((notebook.removesuffix(suffix) for suffix in _FRAMEWORKS if notebook.endswith(suffix)), None)
    return (notebook,) if bare is None else (notebook, bare)


@dataclass(frozen=True)
class Course:
    """A course: its root folder, its policy, and the exercises found in `solutions/`."""

    root: Path
    policy: Policy

    @property
    def assignments(self) -> tuple[str, ...]:
        folders = (path for path in sorted((self.root / "solutions").glob("*")) if path.is_dir())
        return tuple(path.name for path in folders if any(path.glob("*.ipynb")))

    def exercises(self, assignment: str | None = None) -> tuple[Exercise, ...]:
        """The exercises of one assignment, or of all. Raises `UsageError` for an assignment that there is not."""
        if assignment is not None and assignment not in self.assignments:
            raise UsageError(
                f"one of the assignments {', '.join(self.assignments) or '(there are none)'}",
                f"{assignment!r}",
                f"`ls {self.root / 'solutions'}` shows what this course holds",
            )
        return tuple(self._exercises([assignment] if assignment else self.assignments))

    def _exercises(self, assignments: list[str] | tuple[str, ...]) -> Iterator[Exercise]:
        for assignment in assignments:
            for path in sorted((self.root / "solutions" / assignment).glob("*.ipynb")):
                yield Exercise(self.root, assignment, path.stem)

    def submitted(self, assignment: str) -> tuple[str, ...]:
        """The students who handed in something for an assignment, by nbgrader's tree `submitted/<student>/`."""
        folders = sorted((self.root / "submitted").glob(f"*/{assignment}"))
        return tuple(folder.parent.name for folder in folders if folder.is_dir() and _usable(folder.parent.name))

    def left_out(self, assignment: str) -> tuple[str, ...]:
        """Folders of students whose names no report or gradebook can hold: no text, or too long."""
        folders = sorted((self.root / "submitted").glob(f"*/{assignment}"))
        return tuple(ascii(folder.parent.name) for folder in folders if not _usable(folder.parent.name))

    def submission(self, student: str, assignment: str) -> Path:
        return self.root / "submitted" / student / assignment


def load(start: Path) -> Course:
    """The course that `start` lies in: the nearest folder upwards with a `course.toml`.

    Raises
    ------
    UsageError : there is none.   CourseError : its policy cannot be read.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / POLICY).is_file():
            return _sound(Course(folder, _policy(folder / POLICY)))
    raise UsageError(f"a course: a folder with {POLICY}", f"none at {start} or above", "change into a course")


def _sound(course: Course) -> Course:
    """The course, if its policy speaks only of assignments that there are: a misspelt one would never apply."""
    unknown = sorted(set(course.policy.assignment) - set(course.assignments))
    if unknown and course.assignments:
        wanted = f"assignments of {POLICY} out of {', '.join(course.assignments)}"
        raise CourseError(wanted, ", ".join(unknown), f"mend {course.root / POLICY}")
    return course


def _policy(path: Path) -> Policy:
    try:
        raw: Any = msgspec.toml.decode(path.read_bytes())
        policy = msgspec.convert(raw, type=Policy, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        remedy = "mend that entry; disclosure levels are nothing, hint, actual and all"
        raise CourseError(f"a readable policy in {path}", str(error), remedy) from error
    for assignment in policy.assignment:
        policy.limits_of(assignment)
    return policy
