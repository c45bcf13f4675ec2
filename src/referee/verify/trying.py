"""Tries the course itself: solutions earn everything, blank skeletons nothing, wrong variants lose points.

The solutions run here, so this is also where their use is measured, from which limits follow (`referee.usage`).
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from referee import authoring, usage
from referee.course import Course, Exercise
from referee.release import release
from referee.report import NotebookReport, Usage
from referee.verify import jobs, judging, trials, variants
from referee.verify.jobs import Job, Ran
from referee.verify.records import Finding, Measured, Tried, Wishes
from referee.verify.step import in_step
from referee.verify.trials import Equivalent, Trial

_QUICK = 3  # variants of each light notebook in the quick mode
_BASE = "quick solution"


def verify(course: Course, exercises: Sequence[Exercise], wishes: Wishes) -> Iterator[Finding | Tried]:
    """Try these exercises, and yield what each trial and each variant shows.

    Raises
    ------
    CourseError, GraderError : a solution, a grader or a trial breaks a rule, so that nothing can be tried.
    UsageError : a device that this machine does not have.
    """
    known = {exercise.name: _Known(exercise) for exercise in exercises}
    for each in known.values():
        each.trials, each.equivalents = trials.of_exercise(each.exercise), trials.equivalents(each.exercise)
    with tempfile.TemporaryDirectory(prefix=f"referee-{os.getpid()}-verify-") as folder:
        fresh = Path(folder)
        for assignment in dict.fromkeys(exercise.assignment for exercise in exercises):
            release(course, assignment, fresh)
        yield from (in_step(exercise, fresh) for exercise in exercises)
        again: list[Job] = []
        for ran in jobs.run_by_framework(_first(course, known, fresh, wishes), wishes.workers, wishes.device):
            if ran.job.shortened and judging.finding(course, ran).problems:
                again.append(_unshortened(course, fresh, ran.job))
            else:
                yield from _noted(course, known[ran.job.exercise.name], ran)
        for ran in jobs.run_by_framework(again, wishes.workers, wishes.device):
            yield judging.finding(course, ran)
        yield from _variants(course, known, fresh, wishes)
    if not wishes.quick:
        yield from judging.proofs(course, {each.exercise: each.trials for each in known.values()})


@dataclass
class _Known:
    """What is known of an exercise by now.

    use : of its solution.   lost : what the solution loses with the quick parameters, which train less.
    """

    exercise: Exercise
    trials: list[Trial] = field(default_factory=list)
    equivalents: tuple[Equivalent, ...] = ()
    use: Usage | None = None
    lost: frozenset[str] = frozenset()
    base: bool = False
    met: set[Equivalent] = field(default_factory=set)
    untried: list[Finding] = field(default_factory=list)


def _first(course: Course, known: dict[str, _Known], fresh: Path, wishes: Wishes) -> list[Job]:
    """The solutions, skeletons and trials, and the solutions with quick parameters beside which variants are held."""
    found = []
    for each in known.values():
        exercise = each.exercise
        for seed in range(wishes.seeds):
            task = jobs.solution_task(course, exercise, fresh, seed)
            found.append(Job(exercise, "solution", task, f"seed {seed + 1}" if wishes.seeds > 1 else ""))
        found.append(Job(exercise, "skeleton", jobs.skeleton_task(course, exercise, fresh)))
        task = jobs.solution_task(course, exercise, fresh)
        quick = jobs.quick_parameters(course, exercise, task)
        each.base = bool(quick)
        if wishes.quick:
            continue
        if quick:
            found.append(Job(exercise, _BASE, replace(task, parameters={**task.parameters, **quick})))
        for trial in each.trials:
            task = jobs.trial_task(course, exercise, fresh, trial)
            shortened = bool(quick) and trial.kind == "misconception"  # most are named without a whole training
            if shortened:
                task = replace(task, parameters={**task.parameters, **quick})
            found.append(Job(exercise, trial.kind, task, trial.name, trial, shortened=shortened))
    return found


def _unshortened(course: Course, fresh: Path, job: Job) -> Job:
    """The same run with the parameters of a grading."""
    task = jobs.solution_task(course, job.exercise, fresh)
    return replace(job, task=replace(job.task, parameters=task.parameters), shortened=False)


def _noted(course: Course, known: _Known, ran: Ran) -> Iterator[Finding]:
    """Take note of what a first run came to, and say what it shows."""
    report = ran.report
    if ran.job.kind == _BASE:
        known.lost = jobs.not_passed(report) if report is not None else frozenset()
        known.base = report is not None
        return
    if report is not None and ran.job.kind == "solution" and ran.job.task.repeat == 0:
        known.use = _remember(course, known.exercise, report, ran.modules)
    yield judging.finding(course, ran)


# --- variants ---------------------------------------------------------------------------------------------------------


def _variants(course: Course, known: dict[str, _Known], fresh: Path, wishes: Wishes) -> Iterator[Finding | Tried]:
    """Run the variants: first with little training, where the policy says how, and what survives that as it is."""
    planned: list[Job] = []
    for each in known.values():
        for number, variant in enumerate(_of_solution(each, wishes)):
            explained = next((same for same in each.equivalents if _is(same, variant)), None)
            if explained is not None:
                each.met.add(explained)
                yield judging.tried(each.exercise, variant, "equivalent", explained.reason)
                continue
            planned.append(_variant_job(course, each, fresh, variant, number))
        yield from each.untried
    again = []
    for ran in jobs.run_by_framework(planned, wishes.workers, wishes.device):
        each = known[ran.job.exercise.name]
        result = judging.of_variant(ran, each.lost)
        if result.state == "survived" and each.base:
            again.append(_at_length(course, fresh, ran.job))
        else:
            yield result
    for ran in jobs.run_by_framework(again, wishes.workers, wishes.device):
        yield judging.of_variant(ran, frozenset())
    if not wishes.quick:
        yield from (
            stale for each in known.values() for stale in judging.stale(each.exercise, each.equivalents, each.met)
        )


def _of_solution(known: _Known, wishes: Wishes) -> list[variants.Variant]:
    """The variants of a solution with their cells; a few of a light one, in the quick mode.

    A cell of which none can be made is noted in `known.untried`.
    """
    if wishes.quick and known.base:
        return []
    notebook = authoring.read_authored(known.exercise.solution)
    found = list[variants.Variant]()
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            name = authoring.grade_id(cell)
            try:
                found += variants.of_cell(name, cell.source)
            except variants.NoPython as error:
                known.untried.append(judging.untried(known.exercise, name, str(error)))
    if not wishes.quick:
        return found
    return [found[place * len(found) // _QUICK] for place in range(_QUICK)] if len(found) > _QUICK else found


def _is(explained: Equivalent, variant: variants.Variant) -> bool:
    return (explained.cell, explained.before, explained.after) == (variant.cell, variant.before, variant.after)


def _variant_job(course: Course, known: _Known, fresh: Path, variant: variants.Variant, number: int) -> Job:
    exercise = known.exercise
    base = jobs.solution_task(course, exercise, fresh)
    base = replace(base, limits=course.policy.limits_of(exercise.assignment))  # as of a trial
    if known.base:
        quick = jobs.quick_parameters(course, exercise, base)
        base = replace(base, parameters={**base.parameters, **quick})
    target = fresh / "variants" / exercise.name / f"{number}.ipynb"
    task = jobs.variant_task(base, exercise, variant, target, known.use)
    task = replace(task, enough=jobs.enough_of(exercise, variant, known.lost))
    return Job(exercise, "variant", task, str(number), None, variant)


def _at_length(course: Course, fresh: Path, job: Job) -> Job:
    """The same variant with the parameters of a grading, where every check of the solution passes."""
    assert job.variant is not None
    whole = _unshortened(course, fresh, job)
    return replace(whole, task=replace(whole.task, enough=jobs.enough_of(job.exercise, job.variant, frozenset())))


# --- measuring --------------------------------------------------------------------------------------------------------


def measure(course: Course, exercises: Collection[Exercise], workers: int) -> Iterator[Measured]:
    """Run the solutions of these released exercises once each, and record what they use.

    Why a run did not end well is not said here: it costs nobody anything, and `referee verify` says it.
    """
    planned = [Job(exercise, "solution", jobs.solution_task(course, exercise)) for exercise in exercises]
    for ran in jobs.run(planned, workers):
        name = ran.job.exercise.name
        if ran.report is None:
            yield Measured(exercise=name, use=None, seconds=0.0)
        else:
            use = _remember(course, ran.job.exercise, ran.report, ran.modules)
            yield Measured(exercise=name, use=use, seconds=ran.report.timings.total)


def _remember(course: Course, exercise: Exercise, report: NotebookReport, modules: tuple[str, ...]) -> Usage | None:
    use = usage.of_run(report)
    if use is not None:
        with contextlib.suppress(OSError):  # a course that cannot be written can be tried all the same
            course.remember(exercise, use, modules, usage.cells_of(report))
    return use
