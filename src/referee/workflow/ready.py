"""Whether a class can be graded: the course is in step, submissions are there, kernels are held, limits are known."""

from __future__ import annotations

import contextlib
import difflib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from referee import authoring, batch
from referee.course import POLICY, Course, Exercise, top_of
from referee.errors import UsageError
from referee.feedback.measures import quantity
from referee.report import Outline
from referee.sandbox import isolation

_TIMESTAMP_BYTES, _EPOCH = 200, 1970
_LONGEST = 65
NB_WORKERS = ("referee.nbcourse.running", "referee.nbcourse.pages")  # what workers import for an nbgrader course

Progress = Callable[[str], None]


def require_short_paths() -> None:
    """Raise `UsageError` where the folder for temporary files has a path that leaves no room for sockets in it."""
    folder = tempfile.gettempdir()
    if len(folder) > _LONGEST:
        wanted = f"a folder for temporary files whose path has at most {_LONGEST} characters, as sockets need it"
        raise UsageError(wanted, folder, "set TMPDIR to a shorter path")


def walls(trust: bool, missing: Mapping[str, str], where: str = "") -> str:
    """What holds the students' kernels, in words. Raises `UsageError` where that is not enough for strangers' work.

    missing : the layers of the sandbox that do not work there, with the reasons.   where : on which machine.
    """
    if not missing:
        return f"held by {', '.join(isolation.names())}"
    if not trust:
        reasons = "; ".join(f"{layer}: {why}" for layer, why in missing.items())
        wanted = "every layer that holds a stranger's notebook, or work that you trust"
        raise UsageError(
            wanted, f"without {reasons}{where}", "see `referee doctor`, or say --trust if all of it is trusted"
        )
    return f"NOT held by {', '.join(missing)}{where}: these submissions are trusted (see `referee doctor`)"


def settle_limits(course: Course, assignment: str, progress: Progress, workers: int | None) -> None:
    """See that each exercise's limits are known, by running the solutions of those that were never measured; say them.

    A solution that does not end well gives no limits: the course's own and the defaults hold.
    """
    from referee import verify  # noqa: PLC0415 - nbgrader is an extra

    exercises = course.exercises(assignment)
    unknown = [each for each in exercises if each.solution.is_file() and course.usage_of(each) is None]
    if unknown:
        names = ", ".join(exercise.notebook for exercise in unknown)
        progress(f"limits: what the solution uses is not known for {names} as it stands; it runs once")
    for each in verify.measure(course, unknown, batch.workers(workers, len(unknown))):
        why = "" if each.use else "; it did not end well and gives no limits (see `referee verify`)"
        progress(f"limits: the solution of {each.exercise.split('/')[1]} took {quantity(each.seconds, 's')}{why}")
    for exercise in exercises:
        progress(limits_line(course, exercise))


def limits_line(course: Course, exercise: Exercise) -> str:
    """The limits that hold for an exercise, and where they come from, in one line."""
    limits, stated = course.limits_of(exercise), course.policy.stated_limits(exercise.assignment)
    amounts = f"{quantity(limits.cell_seconds, 's')} per cell, {quantity(limits.notebook_seconds, 's')} in all"
    known = course.usage_of(exercise)
    record = exercise.usage_record.relative_to(course.root)
    rest = "the defaults" if known is None else f"the solution's own run: {record}"
    source = f"{POLICY}, else {rest}" if stated else rest
    memory = quantity(limits.memory_mb, "MiB")
    return f"limits for {exercise.notebook}: {amounts}, {memory} (from {source})"


def chosen(course: Course, assignment: str, students: Sequence[str]) -> tuple[str, ...]:
    """The students whose submissions are to be graded. Raises `UsageError` for one who handed in nothing."""
    there = course.submitted(assignment)
    unknown = sorted(set(students) - set(there))
    if unknown:
        near = [name for one in unknown for name in difflib.get_close_matches(one, there, cutoff=0.5)]
        meant = f"; names like these: {', '.join(dict.fromkeys(near))}" if near else ""
        wanted = f"students who handed in {assignment} ({len(there)} did)"
        raise UsageError(wanted, f"{', '.join(unknown)}{meant}", f"see {top_of(course.submission, assignment)}")
    if not there:
        wanted = f"submissions at {course.submission('<student>', assignment)}/"
        raise UsageError(wanted, "none", "collect them with `referee collect` or nbgrader, or copy them there")
    return tuple(name for name in there if not students or name in students)


def require_in_step(course: Course, assignment: str) -> None:
    """Raise `UsageError` where an exercise was never released, or its cells and points are not the solution's.

    A grader that breaks a rule raises `GraderError` here, not after an hour of grading.
    """
    from referee.release import require_sound_graders  # noqa: PLC0415 - nbgrader is an extra

    for exercise in course.exercises(assignment):
        if not exercise.released.is_file():
            raise UsageError(f"the released exercise {exercise.name}", "none", f"run `referee release {assignment}`")
        pair = (authoring.read_authored(path) for path in (exercise.solution, exercise.released))
        ours, theirs = ([(cell.grade_id, cell.points) for cell in authoring.specs(notebook)] for notebook in pair)
        if ours != theirs:
            wanted = f"the released {exercise.name} with the cells and points of its solution"
            raise UsageError(wanted, "others: the solution was changed since", f"run `referee release {assignment}`")
        require_sound_graders(exercise)


def outline(course: Course, assignment: str) -> Outline:
    """What the author set for an assignment, from its released notebooks."""
    notebooks = {
        exercise.notebook: authoring.specs(authoring.read_authored(exercise.released))
        for exercise in course.exercises(assignment)
    }
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return Outline(assignment=assignment, notebooks=notebooks, kernelspec=kernelspec)


def times(course: Course, assignment: str, students: Sequence[str]) -> dict[str, datetime]:
    """When each submission was handed in, where nbgrader's exchange left a timestamp.txt."""
    times = {}
    for name in students:
        path = course.submission(name, assignment) / "timestamp.txt"
        if path.is_file() and not path.is_symlink() and path.stat().st_size < _TIMESTAMP_BYTES:
            with contextlib.suppress(ValueError, OverflowError, OSError):  # what nobody can read is no timestamp
                when = datetime.fromisoformat(path.read_text(encoding="utf-8").strip().removesuffix(" UTC"))
                if when.astimezone(UTC).year >= _EPOCH:
                    times[name] = when
    return times
