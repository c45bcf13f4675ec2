"""The runs by which a course is tried: each is graded as a submission would be, against the exercise as it is now."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from referee import authoring, batch, grading, imports, tasks
from referee.batch import room
from referee.course import Course, Exercise, Parameter, framework_of
from referee.errors import GraderError, RefereeError
from referee.report import CheckResult, Fault, NotebookReport, Usage
from referee.sandbox import nursery
from referee.sandbox.limits import Limits
from referee.sandbox.nursery import Plan
from referee.tasks import Enough, Task
from referee.verify.records import Device, Kind
from referee.verify.trials import Trial, written
from referee.verify.variants import Variant

_SLOW = 8  # times the solution's use, after which a variant has no end
_LEAST = 5.0  # seconds that every variant has for a cell


@dataclass(frozen=True)
class Job:
    """One run.

    kind, name : what is tried.   variant : which change it is.
    shortened : it runs with the quick parameters, and is to be run at length where that does not tell enough.
    """

    exercise: Exercise
    kind: Kind | str
    task: Task
    name: str = ""
    trial: Trial | None = None
    variant: Variant | None = None
    shortened: bool = False


@dataclass(frozen=True)
class Ran:
    """What came of a run: a report, or words that say why there is none."""

    job: Job
    report: NotebookReport | None
    modules: tuple[str, ...] = ()
    trouble: str = ""


def run(jobs: Sequence[Job], workers: int | None, device: Device | None = None) -> Iterator[Ran]:
    """Run these jobs, several at a time, and yield what came of each as it comes.

    Raises
    ------
    GraderError : a grader breaks a rule.
    UsageError : a device that this machine does not have.
    """
    count = batch.workers(workers, len(jobs))
    for job, result in batch.in_parallel(_try, jobs, count, _parents(jobs), room.slots(device, count)):
        yield _ran(job, result)


def run_by_framework(jobs: Sequence[Job], workers: int | None, device: Device | None) -> Iterator[Ran]:
    """The same for many exercises, one framework after the other: memory is not for the parents of all of them."""
    for family in _families(jobs):
        try:
            yield from run(family, workers, device)
        finally:
            nursery.close_shared()


def _families(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """The jobs by framework; kernels of one framework are forked from one parent, which has what any of them imports.

    Solutions are left as they are, because what they import beyond their own packages is measured.
    """
    for framework in ("numpy", "torch", "keras"):
        family = [job for job in jobs if framework_of(job.exercise.notebook) == framework]
        if not family:
            continue
        notebooks = {job.task.authored: authoring.authored(job.task.authored).notebook for job in family}
        ahead = tuple(sorted(frozenset[str]().union(*(imports.packages(each) for each in notebooks.values()))))
        late = tuple(sorted({name for job in family for name in job.task.late}))
        yield [
            replace(job, task=replace(job.task, late=()))
            if job.task.trusted
            else replace(job, task=replace(job.task, ahead=ahead, late=late))
            for job in family
        ]


def _ran(job: Job, result: tuple[NotebookReport, tuple[str, ...]] | BaseException) -> Ran:
    if isinstance(result, GraderError):
        raise result  # nothing can be tried with such a grader
    if isinstance(result, RefereeError):
        return Ran(job, None, trouble=f"wanted {result.wanted}, found {result.found}")
    if isinstance(result, BaseException):
        return Ran(job, None, trouble=f"{type(result).__name__}: {result}")
    return Ran(job, *result)


def _try(job: Job) -> tuple[NotebookReport, tuple[str, ...]]:
    graded = grading.grade_notebook(job.task)
    return msgspec.structs.replace(graded.report, answers=()), graded.modules


def _parents(jobs: Collection[Job]) -> Collection[Plan]:
    return dict.fromkeys(tasks.parent_of(job.task) for job in jobs)


# --- what is run ------------------------------------------------------------------------------------------------------


def solution_task(course: Course, exercise: Exercise, fresh: Path | None = None, seed: int = 0) -> Task:
    """The solution as a submission, with room for what it needs: limits that follow from its use cannot hold for it.

    fresh : where the exercise was released to just now; else the released exercise of the course is taken.
    """
    task = tasks.task_for(course, exercise, "(solution)", exercise.solution)
    task = replace(task, limits=course.roomy_limits_of(exercise), trusted=True, repeat=seed)
    return _at_seed(task if fresh is None else replace(task, authored=_released(exercise, fresh)), seed)


def skeleton_task(course: Course, exercise: Exercise, fresh: Path) -> Task:
    """The released exercise as a submission."""
    released = _released(exercise, fresh)
    return replace(tasks.task_for(course, exercise, "(skeleton)", released), authored=released)


def trial_task(course: Course, exercise: Exercise, fresh: Path, trial: Trial) -> Task:
    """A trial as a submission; it ends when its misconceptions were named, or points were lost that it is to lose.

    Its limits are those of an exercise that was never measured: the solution is, at the same time.
    """
    target = fresh / "trials" / exercise.name / f"{trial.name}.ipynb"
    limits = course.policy.limits_of(exercise.assignment)
    task = replace(solution_task(course, exercise, fresh), trusted=False, limits=limits)
    enough = None
    if trial.kind != "alternative":
        but = None if trial.misconceptions else frozenset[str]()
        enough = Enough(frozenset(trial.misconceptions), but, known=_cells_before(exercise, trial.cells))
    return replace(task, student=f"({trial.name})", submitted=written(exercise, trial.cells, target), enough=enough)


def quick_parameters(course: Course, exercise: Exercise, task: Task) -> dict[str, Parameter]:
    """The parameters with which variants run first, as far as the notebook knows them; none where it has none."""
    policy = course.policy.assignment.get(exercise.assignment)
    names = authoring.authored(task.authored).parameter_defaults
    return {name: value for name, value in (policy.quick if policy else {}).items() if name in names}


def variant_task(base: Task, exercise: Exercise, variant: Variant, target: Path, use: Usage | None) -> Task:
    """A variant as a submission, with limits that an endless loop reaches soon."""
    limits = base.limits if use is None else _brisk(base.limits, use)
    path = written(exercise, {variant.cell: variant.source}, target)
    return replace(base, student="(solution)", submitted=path, trusted=False, limits=limits)


def enough_of(exercise: Exercise, variant: Variant, but: frozenset[str]) -> Enough:
    """A variant's run ends at the first lost point, apart from those of `but`; before its cell all is known."""
    return Enough(but=but, known=_cells_before(exercise, {variant.cell}))


def _cells_before(exercise: Exercise, changed: Collection[str]) -> frozenset[str]:
    """The cells before the first one that is not the solution's: the same is computed there."""
    specs = authoring.authored(exercise.solution).specs
    return frozenset(spec.grade_id for spec in itertools.takewhile(lambda spec: spec.grade_id not in changed, specs))


def _brisk(limits: Limits, use: Usage) -> Limits:
    """Limits that a variant with an endless loop reaches soon."""
    return msgspec.structs.replace(
        limits,
        cell_seconds=min(limits.cell_seconds, max(_LEAST, _SLOW * use.cell_seconds)),
        question_seconds=min(limits.question_seconds, max(_LEAST, _SLOW * use.question_seconds)),
        notebook_seconds=min(limits.notebook_seconds, max(4 * _LEAST, _SLOW * use.seconds)),
    )


def _released(exercise: Exercise, fresh: Path) -> Path:
    return fresh / exercise.assignment / f"{exercise.notebook}.ipynb"


def _at_seed(task: Task, seed: int) -> Task:
    """The task with the seed so many further on; the numbers that checks draw are other ones, too."""
    return replace(task, parameters={**task.parameters, "seed": int(task.parameters.get("seed", 0)) + seed})


# --- what came of it --------------------------------------------------------------------------------------------------


def not_passed(report: NotebookReport) -> frozenset[str]:
    """The checks that did not pass, by "cell/name"."""
    return frozenset(key(result) for result in report.results if not result.verdict.passed)


def key(result: CheckResult) -> str:
    """A check's name within its notebook."""
    return f"{result.check}/{result.name}"


def lost(report: NotebookReport, but: frozenset[str]) -> CheckResult | None:
    """The first check that costs a point, apart from those which cost the solution one, too."""
    results = (result for result in report.results if key(result) not in but)
    return next((each for each in results if not each.verdict.passed and not each.verdict.needs_person), None)


def broken(report: NotebookReport) -> CheckResult | None:
    """The first check that came to no conclusion for a reason of its own or of ours."""
    ours = (Fault.CHECK, Fault.HARNESS)
    return next((result for result in report.results if result.verdict.fault in ours), None)
