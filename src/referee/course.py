"""What a course contains, found by its folders, and its policy, read from `course.toml`.

The limits of an exercise are, each by itself: what course.toml states for the assignment; what it states for the
course; what follows from the solution's own run, where that was measured (`referee.usage`); the default of `Limits`.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec

from referee import data, usage
from referee.disclosure import Disclosure
from referee.errors import CourseError, UsageError
from referee.report import CellUse, Record, Usage
from referee.rules import Rules
from referee.sandbox.limits import Limits
from referee.usage import Derivation

POLICY = "course.toml"
STATE = ".referee"  # what Referee keeps in a course for itself: it may be deleted at any time
_SQLITE = "sqlite:///"
_FRAMEWORKS = ("_keras", "_torch")
_LONGEST_NAME = 128  # bytes; what nbgrader's databases hold
_DUE = "2026-12-04T23:59:00+01:00"  # how one is written
_DUE_YEARS = range(2000, 2101)
C = TypeVar("C", bound="Course")
Parameter = str | int | float | bool
Seed: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]  # what every library takes
Budget: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=10**9)]


class DataPolicy(Record, frozen=True):
    """`withhold` names the arrays of a data file that never enter a student's kernel: test inputs and labels."""

    withhold: tuple[str, ...] = ()


class AssignmentPolicy(Record, frozen=True):
    """What one assignment sets differently: limits by name, and parameters injected when it is graded.

    gpu : each of its kernels needs a GPU of its own.
    budget_seconds : in place of the course's, where it is stated.
    files : files of the course that travel with its notebooks, by their paths from the course's root.
    data_variable : the environment variable that names the data which these notebooks are graded with.
    quick : parameters with which `referee verify` runs variants first: less training, where that is enough to tell.
    due : when it is due, with its time zone; from then on `[disclosure.after]` holds.
    """

    limits: dict[str, float] = {}
    gpu: bool = False
    parameters: dict[str, Parameter] = {}
    files: tuple[str, ...] = ()
    data_variable: str = "REFEREE_DATA"
    budget_seconds: Budget | None = None
    quick: dict[str, Parameter] = {}
    due: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class VerifyPolicy(Record, frozen=True):
    """What `referee verify` wants of every exercise.

    alternatives : how many other correct solutions.   every_misconception : a trial for each that a grader names.
    budget_seconds : of the processor, that a solution may use; 0 for any time.
    """

    alternatives: Annotated[int, msgspec.Meta(ge=0)] = 0
    every_misconception: bool = False
    budget_seconds: Budget = 0.0


class RegradePolicy(Record, frozen=True):
    """`never_lower`: a regrade takes no points away from a cell."""

    never_lower: bool = False


class Policy(Record, frozen=True):
    """The rules of a course, as `course.toml` states them; what it leaves out has a default.

    name, seed : the course's name, and the seed that is injected into notebooks.
    limits : limits by their names in `Limits`; those of `assignment` lie over them.
    derived : how the limits that neither of the two states follow from the solution's own run.
    disclosure, data : what students see of failed checks, and what of the data their kernels do not get.
    regrade, verify : what a regrade may do, and what `referee verify` wants.
    nbgrader : by which rules an nbgrader course is graded; this section makes the folder such a course.
    """

    name: str = ""
    seed: Seed = 0
    limits: dict[str, float] = {}
    derived: Derivation = Derivation()
    disclosure: Disclosure = Disclosure()
    data: DataPolicy = DataPolicy()
    regrade: RegradePolicy = RegradePolicy()
    verify: VerifyPolicy = VerifyPolicy()
    nbgrader: Rules | None = None
    assignment: dict[str, AssignmentPolicy] = {}

    def stated_limits(self, assignment: str) -> dict[str, float]:
        """The limits that are stated for an assignment: the course's, with its own on top."""
        return {**self.limits, **self.assignment.get(assignment, AssignmentPolicy()).limits}

    def limits_of(self, assignment: str) -> Limits:
        """The limits of an assignment where nothing was measured: those that are stated, and defaults."""
        return _limits(self.stated_limits(assignment), f"limits of {assignment}", Limits.__struct_fields__)

    def budget_of(self, assignment: str) -> float:
        """The seconds of the processor that a solution may use; 0 where that is not limited."""
        own = self.assignment.get(assignment, AssignmentPolicy()).budget_seconds
        return self.verify.budget_seconds if own is None else own

    def due_of(self, assignment: str) -> datetime | None:
        """When an assignment is due; None where that is not stated."""
        return self.assignment.get(assignment, AssignmentPolicy()).due

    def needs_gpu(self, assignment: str) -> bool:
        """Whether each kernel of an assignment needs a GPU of its own; one that does not sees none."""
        return self.assignment.get(assignment, AssignmentPolicy()).gpu

    def parameters_of(self, assignment: str) -> dict[str, Parameter]:
        """What is injected into an assignment's notebooks, where their `parameters` cell knows the name."""
        own = self.assignment.get(assignment, AssignmentPolicy())
        given = os.environ.get(own.data_variable)
        if given and data.is_file(given):
            given = str(Path(given).resolve())
        return {"seed": self.seed, **own.parameters, **({"data": given} if given else {})}


def _limits(stated: Mapping[str, float], what: str, names: Iterable[str]) -> Limits:
    """These limits over the defaults. Raises `CourseError` for a name that is not among the allowed, or a value."""
    try:
        if unknown := sorted(set(stated) - set(names)):
            raise msgspec.ValidationError(f"Object contains unknown field `{unknown[0]}`")
        return msgspec.convert(stated, type=Limits, strict=False)
    except msgspec.ValidationError as error:
        wanted = f"{what} in {POLICY}, out of {', '.join(names)}"
        raise CourseError(wanted, str(error), f"mend {POLICY}") from error


@dataclass(frozen=True)
class Exercise:
    """One notebook of one assignment and everything that belongs to it."""

    root: Path
    assignment: str
    notebook: str
    shared: tuple[Path, ...] = ()

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
    def usage_record(self) -> Path:
        """Where the use of the solution's own run is recorded."""
        return self.root / STATE / "usage" / self.assignment / f"{self.notebook}.json"

    @property
    def support(self) -> tuple[Path, ...]:
        """The author's files and folders that travel with the notebook: those beside it, and the policy's."""
        beside = (
            path
            for path in sorted(self.solution.parent.iterdir())
            if path.suffix != ".ipynb" and not path.name.startswith((".", "__pycache__"))
        )
        return (*beside, *self.shared)


def usable(name: str) -> bool:
    """Whether a student's name is one that reports and nbgrader's databases can hold: a text, and not too long."""
    try:
        return len(name.encode("utf-8")) <= _LONGEST_NAME
    except UnicodeEncodeError:
        return False


def framework_of(notebook: str) -> Literal["keras", "torch", "numpy"]:
    """The framework of a notebook, which its name says; without a suffix it is NumPy."""
    return "keras" if notebook.endswith("_keras") else "torch" if notebook.endswith("_torch") else "numpy"


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
                f"look into {self.root}",
            )
        return tuple(self._exercises([assignment] if assignment else self.assignments))

    def chosen(self, name: str | None) -> tuple[Exercise, ...]:
        """The exercises of `name`: all, those of an assignment, or the one called "<assignment>/<notebook>"."""
        assignment, _, notebook = (name or "").partition("/")
        found = self.exercises(assignment or None)
        if not notebook:
            return found
        if chosen := tuple(exercise for exercise in found if exercise.notebook == notebook):
            return chosen
        names = ", ".join(exercise.notebook for exercise in found)
        raise UsageError(f"one of the notebooks {names} of {assignment}", repr(notebook), f"name one: {found[0].name}")

    def _exercises(self, assignments: list[str] | tuple[str, ...]) -> Iterator[Exercise]:
        for assignment in assignments:
            for path in sorted((self.root / "solutions" / assignment).glob("*.ipynb")):
                yield Exercise(self.root, assignment, path.stem, self._shared(assignment))

    def _shared(self, assignment: str) -> tuple[Path, ...]:
        """The files that the policy names for an assignment. Raises `CourseError` for one that is not there."""
        paths = tuple(self.root / name for name in self.policy.assignment.get(assignment, AssignmentPolicy()).files)
        for path in paths:
            if not path.is_file() or not path.resolve().is_relative_to(self.root):
                wanted = f"a file of the course for [assignment.{assignment}] files"
                raise CourseError(wanted, f"no file {path}", f"mend {self.root / POLICY}")
        return paths

    def limits_of(self, exercise: Exercise) -> Limits:
        """The limits that hold for an exercise now: stated ones, else derived ones, else the defaults."""
        used = self.usage_of(exercise)
        if used is None:
            return self.policy.limits_of(exercise.assignment)
        return usage.derive(used, self.policy.derived, self.policy.stated_limits(exercise.assignment))

    def roomy_limits_of(self, exercise: Exercise) -> Limits:
        """The limits of the solution's own run: stated ones, and plenty of all that is measured."""
        return usage.roomy(self.policy.derived, self.policy.stated_limits(exercise.assignment))

    def usage_of(self, exercise: Exercise) -> Usage | None:
        """What the solution of an exercise is known to use as it stands; None where that was not measured."""
        if not exercise.usage_record.is_file() or not exercise.solution.is_file():
            return None
        return usage.load(exercise.usage_record, self._origin(exercise))

    def late_of(self, exercise: Exercise) -> tuple[str, ...]:
        """The modules that the solution of an exercise imported while it ran; none where that was not measured."""
        if not exercise.usage_record.is_file() or not exercise.solution.is_file():
            return ()
        return usage.late(exercise.usage_record, self._origin(exercise))

    def cells_of(self, exercise: Exercise) -> dict[str, CellUse]:
        """What each cell of the solution used, as `usage.cells_of` keys it; empty where it was not measured."""
        if not exercise.usage_record.is_file() or not exercise.solution.is_file():
            return {}
        return usage.cells(exercise.usage_record, self._origin(exercise))

    def remember(
        self,
        exercise: Exercise,
        used: Usage,
        modules: tuple[str, ...] = (),
        cells: Mapping[str, CellUse] | None = None,
    ) -> None:
        """Record what the solution of an exercise used, in a folder that no version control looks at."""
        usage.save(exercise.usage_record, self._origin(exercise), used, modules, cells)
        (self.root / STATE / ".gitignore").write_text("*\n", encoding="utf-8")

    def _origin(self, exercise: Exercise) -> usage.Origin:
        files = (exercise.solution, *exercise.graders, *exercise.support)
        return usage.origin(files, self.policy.parameters_of(exercise.assignment))

    def submitted(self, assignment: str) -> tuple[str, ...]:
        """The students who handed in something for an assignment, by nbgrader's tree `submitted/<student>/`."""
        folders = sorted((self.root / "submitted").glob(f"*/{glob.escape(assignment)}"))
        return tuple(folder.parent.name for folder in folders if folder.is_dir() and usable(folder.parent.name))

    def left_out(self, assignment: str) -> tuple[str, ...]:
        """Folders of students whose names no report or gradebook can hold: no text, or too long."""
        folders = sorted((self.root / "submitted").glob(f"*/{glob.escape(assignment)}"))
        return tuple(ascii(folder.parent.name) for folder in folders if not usable(folder.parent.name))

    def submission(self, student: str, assignment: str) -> Path:
        return self.root / "submitted" / student / assignment

    def autograded(self, student: str, assignment: str) -> Path:
        """Where a student's notebooks lie as they ran."""
        return self.root / "autograded" / student / assignment

    def feedback(self, student: str, assignment: str) -> Path:
        """Where a student's pages lie."""
        return self.root / "feedback" / student / assignment

    @property
    def database(self) -> str:
        """The URL of the gradebook."""
        return f"sqlite:///{self.root / 'gradebook.db'}"

    @property
    def gradebook(self) -> Path | None:
        """The file that the gradebook is; None where it is a database of another kind."""
        return _file_of(self.database)


def _file_of(url: str) -> Path | None:
    """The file of SQLite that a URL names, with or without options behind it; None for another database."""
    if not url.startswith(_SQLITE):
        return None
    path = Path(url.removeprefix(_SQLITE))
    return path if path.is_file() else Path(str(path).partition("?")[0])


def top_of(place: Callable[[str, str], Path], assignment: str) -> Path:
    """The folder in which a course keeps what belongs to all students, whichever way its folders are nested.

    place : `course.submission`, `course.autograded` or `course.feedback`.
    """
    return Path(os.path.commonpath([place(student, assignment) for student in ("a", "b")]))


def resolved(place: Callable[[str, str], Path], student: str, assignment: str) -> Path:
    """A student's folder, where no link is followed but on the way to the folder of all."""
    top = top_of(place, assignment)
    return top.resolve() / place(student, assignment).relative_to(top)


def load(start: Path) -> Course:
    """The course that `start` lies in: the nearest folder upwards with a `course.toml`.

    Raises
    ------
    UsageError : there is none.   CourseError : its policy cannot be read.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / POLICY).is_file():
            return sound(Course(folder, read_policy(folder / POLICY)))
    raise UsageError(f"a course: a folder with {POLICY}", f"none at {start} or above", "change into a course")


def sound(course: C) -> C:
    """The course, if its policy speaks only of assignments that there are: a misspelt one would never apply."""
    unknown = sorted(set(course.policy.assignment) - set(course.assignments))
    if unknown and course.assignments:
        wanted = f"assignments of {POLICY} out of {', '.join(course.assignments)}"
        raise CourseError(wanted, ", ".join(unknown), f"mend {course.root / POLICY}")
    for name in course.policy.disclosure.names() if course.assignments else ():
        _require_known(course, name)
    return course


def _require_known(course: Course, name: str) -> None:
    """Raise `CourseError` for a check's name in [disclosure.check] that begins with no assignment or notebook here."""
    assignment, *rest = name.split("/")
    if assignment not in course.assignments:
        known = ", ".join(course.assignments)
    else:
        stems = dict.fromkeys(stem for each in course.exercises(assignment) for stem in grader_stems(each.notebook))
        known = ", ".join(f"{assignment}/{stem}" for stem in stems)
        if not rest or (rest[0] in stems and len(rest) <= 3):
            return
    wanted = f"names of [disclosure.check] in {POLICY} that begin with one of {known}"
    raise CourseError(wanted, repr(name), "write assignment/notebook/cell/test, or less of it from the right")


def read_policy(path: Path) -> Policy:
    """The policy in a course.toml. Raises `CourseError` for one that cannot be read."""
    try:
        raw: Any = msgspec.toml.decode(path.read_bytes())
        msgspec.convert(raw, type=_WithLimits, strict=False)
        policy = msgspec.convert(raw, type=Policy, strict=False)
        for assignment, own in raw.get("assignment", {}).items():
            _require_moment(own.get("due"), assignment)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        levels = "; disclosure levels are nothing, hint, actual and all" if "$.disclosure" in str(error) else ""
        due = f"; a due date has a time and a zone: due = {_DUE}" if ".due`" in str(error) else ""
        remedy = f"mend that entry{levels}{due}"
        raise CourseError(f"a readable policy in {path}", str(error), remedy) from error
    for assignment, own in policy.assignment.items():
        policy.limits_of(assignment)
        _require_seed(own.parameters.get("seed", 0), assignment)
        _require_seed(own.quick.get("seed", 0), assignment)
    _limits(policy.derived.most, "[derived] most", usage.FLOORS)
    return policy


def _require_moment(due: Any, assignment: str) -> None:
    """Raise `msgspec.ValidationError` for a due date that TOML does not write as one, or that nobody can mean.

    Where numbers may stand for other types, one would count as seconds since 1970: due already, and all disclosed.
    """
    if due is None:
        return
    where = f"at `$.assignment[{assignment!r}].due`"
    if not isinstance(due, datetime):
        raise msgspec.ValidationError(f"Expected a TOML datetime, got `{type(due).__name__}` - {where}")
    if due.year not in _DUE_YEARS:
        years = f"from {_DUE_YEARS[0]} to {_DUE_YEARS[-1]}"
        raise msgspec.ValidationError(f"Expected a year {years}, got {due.year} - {where}")


def _require_seed(seed: Parameter, assignment: str) -> None:
    """Raise `CourseError` for a seed that some library's generator does not take."""
    try:
        msgspec.convert(seed, type=Seed)
    except msgspec.ValidationError as error:
        wanted = f"a seed in the parameters of {assignment}: a whole number from 0 to {2**32 - 1}"
        raise CourseError(wanted, f"{seed!r} ({error})", f"mend {POLICY}") from error


class _WithLimits(msgspec.Struct):
    """The one section whose values are checked twice: `Policy` keeps those that are stated and no defaults."""

    limits: Limits = Limits()
