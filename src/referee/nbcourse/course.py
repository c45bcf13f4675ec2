"""The folders of an nbgrader course as a `Course`: what reports, pages and exports need to know of it."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from referee.course import Course, Exercise
from referee.rules import Rules
from referee.sandbox.limits import Limits

#: nbgrader limits the time of a cell alone: the rest is far from what an honest notebook uses.
ROOMY = {
    "notebook_seconds": 3600,
    "memory_mb": 4096,
    "disk_mb": 1024,
    "processes": 512,
    "output_bytes": 20_000_000,
    "notebook_output_bytes": 100_000_000,
    "submission_bytes": 50_000_000,
}


@dataclass(frozen=True)
class NbExercise(Exercise):
    """A notebook of an nbgrader course: `source` is what its author edits, `release` what students get."""

    source: Path = field(default_factory=Path)
    release: Path = field(default_factory=Path)

    @property
    def solution(self) -> Path:
        return self.source

    @property
    def released(self) -> Path:
        return self.release


@dataclass(frozen=True)
class NbCourse(Course):
    """An nbgrader course: its root and policy, and nbgrader's own configuration of it.

    app : nbgrader's application, configured as `nbgrader autograde` is in this folder.
    timeout : the seconds that nbgrader gives a cell.
    """

    app: Any = field(default=None, repr=False, compare=False)
    timeout: float = 30.0

    @property
    def rules(self) -> Rules:
        """The rules by which the course is graded: nbgrader's own where nothing is stated."""
        return self.policy.nbgrader or Rules()

    @property
    def database(self) -> str:
        """The URL of nbgrader's gradebook."""
        return str(self.app.coursedir.db_url)

    @property
    def assignments(self) -> tuple[str, ...]:
        every = sorted(self._matches(self._step("source"), ".", "*"))
        found = (path for path in every if any(Path(path).glob("*.ipynb")))
        return tuple(dict.fromkeys(self._assignment_of(path) for path in found))

    def _exercises(self, assignments: list[str] | tuple[str, ...]) -> Iterator[Exercise]:
        for assignment in assignments:
            source, release = self.source(assignment), self._folder(self._step("release"), ".", assignment)
            for path in sorted(source.glob("*.ipynb")):
                yield NbExercise(
                    self.root, assignment, path.stem, self._shared(assignment), source=path, release=release / path.name
                )

    def limits_of(self, exercise: Exercise) -> Limits:
        """Stated limits, nbgrader's own timeout, and else limits that no honest notebook meets."""
        return self.nb_limits(exercise.assignment)

    def nb_limits(self, assignment: str) -> Limits:
        """The limits of an assignment: those of all its notebooks."""
        self.policy.limits_of(assignment)  # names and values are checked where they stand
        stated = {**ROOMY, "cell_seconds": self.timeout, **self.policy.stated_limits(assignment)}
        return msgspec.convert(stated, Limits, strict=False)

    def source(self, assignment: str) -> Path:
        """The folder of what the author edits."""
        return self._folder(self._step("source"), ".", assignment)

    def submitted(self, assignment: str) -> tuple[str, ...]:
        """The students who handed in something, by name."""
        found = self._matches(self._step("submitted"), "*", glob.escape(assignment))
        return tuple(sorted(self._student_of(path, assignment) for path in found))

    def left_out(self, assignment: str) -> tuple[str, ...]:  # noqa: ARG002 - nbgrader takes any name
        return ()

    def submission(self, student: str, assignment: str) -> Path:
        return self._folder(self._step("submitted"), student, assignment)

    def autograded(self, student: str, assignment: str) -> Path:
        """Where nbgrader keeps a submission as it ran."""
        return self._folder(self._step("autograded"), student, assignment)

    def feedback(self, student: str, assignment: str) -> Path:
        """Where nbgrader puts a student's feedback."""
        return self._folder(self._step("feedback"), student, assignment)

    def _step(self, name: str) -> str:
        return str(getattr(self.app.coursedir, f"{name}_directory"))

    def _folder(self, step: str, student: str, assignment: str) -> Path:
        return Path(self.app.coursedir.format_path(step, student, assignment))

    def _matches(self, step: str, student: str, assignment: str) -> Iterator[str]:
        """The folders that there are, as nbgrader writes them: a path may end with the student "."."""
        pattern = str(self.app.coursedir.format_path(step, student, assignment))
        return (path for path in glob.glob(pattern) if Path(path).is_dir())  # noqa: PTH207 - see above

    def _assignment_of(self, path: str) -> str:
        return self._name_in(path, self._step("source"), ".", "(?P<name>.*)")

    def _student_of(self, path: str, assignment: str) -> str:
        return self._name_in(path, self._step("submitted"), "(?P<name>.*)", re.escape(assignment))

    def _name_in(self, path: str, step: str, student: str, assignment: str) -> str:
        """The name that stands in a path where nbgrader's `directory_structure` has the group `name`."""
        found = re.match(self.app.coursedir.format_path(step, student, assignment, escape=True), path)
        return found["name"] if found is not None else Path(path).name
