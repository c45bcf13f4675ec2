"""Tries the course itself: solutions earn everything, blank skeletons nothing, exercises are in step with solutions.

The solutions run here, so this is also where their use is measured, from which limits follow (`referee.usage`).
"""

from __future__ import annotations

import ast
import contextlib
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from IPython.core.inputtransformer2 import TransformerManager

from referee import authoring, batch, grading, tasks, usage
from referee.course import Course, Exercise
from referee.errors import RefereeError
from referee.release import release
from referee.report import GradedCell, NotebookReport, Record, Usage
from referee.sandbox.nursery import Plan
from referee.tasks import Task

Trial = Literal["solution", "skeleton"]


class Finding(Record, frozen=True):
    """What one trial of one exercise showed; `problems` is empty when the course passed it.

    trial : "in step", "solution" or "skeleton".   earned, points : of the cells that checks decide.
    """

    exercise: str
    trial: str
    earned: float = 0.0
    points: float = 0.0
    seconds: float = 0.0
    problems: tuple[str, ...] = ()


def verify(course: Course, assignment: str | None, workers: int) -> Iterator[Finding]:
    """Try every exercise of one assignment, or of all, and yield what each trial shows.

    Raises
    ------
    CourseError, GraderError : a solution or a grader breaks a rule, so that nothing can be tried.
    """
    exercises = course.exercises(assignment)
    with tempfile.TemporaryDirectory(prefix="referee-verify-") as folder:
        fresh = Path(folder)
        release(course, assignment, fresh)
        yield from (_in_step(exercise, fresh) for exercise in exercises)
        jobs = [(_task(course, exercise, trial, fresh), trial) for exercise in exercises for trial in _trials()]
        by_name = {exercise.name: exercise for exercise in exercises}
        for (task, trial), result in batch.in_parallel(_try, jobs, batch.workers(workers, len(jobs)), _parents(jobs)):
            name = f"{task.assignment}/{task.notebook}"
            if not isinstance(result, BaseException) and trial == "solution":
                _remember(course, by_name[name], *result)
            if isinstance(result, RefereeError):
                yield Finding(exercise=name, trial=trial, problems=(f"wanted {result.wanted}, found {result.found}",))
            elif isinstance(result, BaseException):
                yield Finding(exercise=name, trial=trial, problems=(f"{type(result).__name__}: {result}",))
            else:
                yield _finding(name, trial, result[0])


class Measured(Record, frozen=True):
    """One run of a solution whose use was not known; `use` is None where the run did not end well."""

    exercise: str
    use: Usage | None
    seconds: float


def measure(course: Course, exercises: Collection[Exercise], workers: int) -> Iterator[Measured]:
    """Run the solutions of these released exercises once each, and record what they use.

    Why a run did not end well is not said here: it costs nobody anything, and `referee verify` says it.
    """
    by_name = {exercise.name: exercise for exercise in exercises}
    jobs: list[tuple[Task, Trial]] = [(_solution_task(course, exercise), "solution") for exercise in exercises]
    for (task, _), result in batch.in_parallel(_try, jobs, batch.workers(workers, len(jobs)), _parents(jobs)):
        name = f"{task.assignment}/{task.notebook}"
        if isinstance(result, BaseException):
            yield Measured(exercise=name, use=None, seconds=0.0)
        else:
            use = _remember(course, by_name[name], *result)
            yield Measured(exercise=name, use=use, seconds=result[0].timings.total)


def _remember(course: Course, exercise: Exercise, report: NotebookReport, modules: tuple[str, ...]) -> Usage | None:
    use = usage.of_run(report)
    if use is not None:
        with contextlib.suppress(OSError):  # a course that cannot be written can be tried all the same
            course.remember(exercise, use, modules)
    return use


def _parents(jobs: Collection[tuple[Task, Trial]]) -> Collection[Plan]:
    return dict.fromkeys(tasks.parent_of(task) for task, _ in jobs)


def _trials() -> tuple[Trial, Trial]:
    return ("solution", "skeleton")


def _task(course: Course, exercise: Exercise, trial: Trial, fresh: Path) -> Task:
    """A trial is graded as a submission would be, against the exercise as it is released now."""
    released = fresh / exercise.assignment / f"{exercise.notebook}.ipynb"
    if trial == "solution":
        return replace(_solution_task(course, exercise), authored=released)
    return replace(tasks.task_for(course, exercise, f"({trial})", released), authored=released)


def _solution_task(course: Course, exercise: Exercise) -> Task:
    """The solution as a submission, with room for what it needs: limits that follow from its use cannot hold for it."""
    task = tasks.task_for(course, exercise, "(solution)", exercise.solution)
    return replace(task, limits=course.roomy_limits_of(exercise), trusted=True)


def _try(job: tuple[Task, Trial]) -> tuple[NotebookReport, tuple[str, ...]]:
    graded = grading.grade_notebook(job[0])
    return graded.report, graded.modules


def _finding(name: str, trial: Trial, report: NotebookReport) -> Finding:
    cells = [cell for cell in report.graded if cell.kind == "check"]
    wrong = _short if trial == "solution" else _undeserved
    problems = [*([report.refused] if report.refused else []), *(words for cell in cells for words in wrong(cell))]
    if trial == "solution":
        problems += [f"cell {cell.index + 1} {cell.status.value}: {cell.words}" for cell in report.cells if cell.words]
    return Finding(
        exercise=name,
        trial=trial,
        earned=sum(cell.earned for cell in cells),
        points=sum(cell.points for cell in cells),
        seconds=round(report.timings.total, 2),
        problems=tuple(problems),
    )


def _short(cell: GradedCell) -> Iterator[str]:
    """Why a solution does not get full marks for a cell."""
    for result in cell.results:
        if not result.verdict.passed:
            yield f"{cell.grade_id}: {result.sentence} {result.verdict.outcome.value}: {result.evidence.words}"
    if not cell.results:
        yield f"{cell.grade_id}: no check decides its {cell.points:g} points"


def _undeserved(cell: GradedCell) -> Iterator[str]:
    """Why a blank skeleton earns something, or may: a point for work that was not done."""
    for result in cell.results:
        if result.verdict.passed:
            yield f"{cell.grade_id}: the blank skeleton passes {result.sentence!r}"
        elif result.verdict.needs_person:
            yield f"{cell.grade_id}: the blank skeleton {result.verdict.outcome.value}: {result.evidence.words}"


def _in_step(exercise: Exercise, fresh: Path) -> Finding:
    """Whether the released files of an exercise are what its solution gives now."""
    folder, new = exercise.released.parent, fresh / exercise.assignment
    names = [exercise.released.name, *(path.name for path in exercise.support), "checks"]
    problems = [words for name in names for words in _differences(folder / name, new / name, name)]
    problems += _unusable(exercise)
    return Finding(exercise=exercise.name, trial="in step", problems=tuple(problems))


def _unusable(exercise: Exercise) -> Iterator[str]:
    """What keeps a student from using an exercise: no `check` of its own to call, or cells that are no Python."""
    cells = [cell for cell in authoring.read_authored(exercise.released).cells if cell.cell_type == "code"]
    wanted = f'exercise("{exercise.name}")'
    if any(map(authoring.is_check, cells)) and not any(wanted in cell.source for cell in cells):
        yield f"no cell says `check = {wanted}`: its check cells would raise a NameError at the student"
    for cell in cells:
        try:
            ast.parse(TransformerManager().transform_cell(cell.source))
        except SyntaxError as error:
            name = authoring.grade_id(cell) or cell.source[:40]
            yield f"the released cell {name!r} is no Python ({error.msg}): leave more than a comment in it"


def _differences(old: Path, new: Path, name: str) -> Sequence[str]:
    def content(root: Path) -> dict[str, bytes]:
        files = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
        return {str(path.relative_to(root)): path.read_bytes() for path in files if "__pycache__" not in path.parts}

    ours, theirs = content(old), content(new)
    changed = sorted(key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key))
    return [f"{name if key == '.' else f'{name}/{key}'} is not in step: run `referee release`" for key in changed]
