"""What the runs of a course's own submissions show: a finding for each trial, and an end for each variant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from referee.course import Course, Exercise
from referee.report import CheckResult, Fault, GradedCell, NotebookReport
from referee.verify.jobs import Ran, broken, key, lost
from referee.verify.records import Finding, Tried
from referee.verify.trials import MISCONCEPTION, Equivalent, Trial, misconceptions_of, of_exercise
from referee.verify.variants import Variant


def finding(course: Course, ran: Ran) -> Finding:
    """What a solution, a skeleton or a trial came to."""
    job, report = ran.job, ran.report
    if report is None:
        return Finding(exercise=job.exercise.name, trial=job.kind, name=job.name, problems=(ran.trouble,))  # type: ignore[arg-type] # variants are not judged here
    cells = [cell for cell in report.graded if cell.kind == "check"]
    used = report.timings.usage.cpu_seconds if report.timings.usage is not None else 0.0
    problems = [*([report.refused] if report.refused else []), *_problems(course, ran, report, cells)]
    return Finding(
        exercise=job.exercise.name,
        trial=job.kind,  # type: ignore[arg-type] # the same
        name=job.name,
        earned=round(sum(cell.earned for cell in cells), 4),
        points=sum(cell.points for cell in cells),
        seconds=round(report.timings.total, 2),
        cpu_seconds=round(used, 2),
        problems=tuple(problems),
    )


def _problems(course: Course, ran: Ran, report: NotebookReport, cells: Sequence[GradedCell]) -> Iterator[str]:
    kind, trial = ran.job.kind, ran.job.trial
    if kind in ("solution", "alternative"):
        yield from (words for cell in cells for words in _short(cell))
        yield from (f"cell {cell.index + 1} {cell.status.value}: {cell.words}" for cell in report.cells if cell.words)
    if kind == "solution":
        yield from _over_budget(course, ran.job.exercise, report)
    elif kind == "skeleton":
        yield from (words for cell in cells for words in _undeserved(cell))
    elif trial is not None and kind != "alternative":
        yield from _as_expected(trial, report)


def _over_budget(course: Course, exercise: Exercise, report: NotebookReport) -> Iterator[str]:
    budget, used = course.policy.budget_of(exercise.assignment), report.timings.usage
    if budget and used is not None and used.cpu_seconds > budget:
        yield f"it used {used.cpu_seconds:.1f} s of the processor; its budget is {budget:g} s: train less, or raise it"


def _short(cell: GradedCell) -> Iterator[str]:
    """Why a solution does not get full marks for a cell."""
    for result in cell.results:
        if not result.verdict.passed:
            yield f"{cell.grade_id}: {result.sentence} {_came_to(result)}"
    if not cell.results:
        yield f"{cell.grade_id}: no check decides its {cell.points:g} points"


def _came_to(result: CheckResult) -> str:
    """What a check came to; where that is the check's fault or ours, with the error, which no student sees."""
    words = f"{result.verdict.outcome.value}: {result.evidence.words}"
    if result.verdict.fault not in (Fault.CHECK, Fault.HARNESS):
        return words
    error = re.split(r"\n +.*\n(?! )", f"\n{result.evidence.log.strip()}")[-1]  # what stands below the frames
    return f"{words}: {'; '.join(error.split(chr(10)))}" if error.strip() else words


def _undeserved(cell: GradedCell) -> Iterator[str]:
    """Why a blank skeleton earns something, or may: a point for work that was not done."""
    for result in cell.results:
        if result.verdict.passed:
            yield f"{cell.grade_id}: the blank skeleton passes {result.sentence!r}"
        elif result.verdict.needs_person:
            yield f"{cell.grade_id}: the blank skeleton {_came_to(result)}"


def _as_expected(trial: Trial, report: NotebookReport) -> Iterator[str]:
    """Whether a wrong submission loses points, and is told its misconceptions by their names."""
    named = {result.evidence.misconception for result in report.results} - {""}
    for wanted in trial.misconceptions:
        if wanted not in named:
            others = f"named were {', '.join(sorted(named))}" if named else "none was named"
            yield f"the misconception {wanted!r} was not recognised; {others}"
    if lost(report, frozenset()) is None:
        yield "it loses no point"
    if (result := broken(report)) is not None:
        yield f"{key(result)} {_came_to(result)}"


def proofs(course: Course, trials: Mapping[Exercise, Sequence[Trial]]) -> Iterator[Finding]:
    """What the policy wants of an exercise's trials, and is not there."""
    for exercise, own in trials.items():
        problems = []
        alternatives = sum(trial.kind == "alternative" for trial in own)
        if alternatives < course.policy.verify.alternatives:
            problems.append(f"{alternatives} alternative solutions; wanted are {course.policy.verify.alternatives}")
        if course.policy.verify.every_misconception:
            missing = misconceptions_of(exercise.graders) - _shown(course, exercise)
            problems += [f"no trial says `# expect: {MISCONCEPTION}{name}`" for name in sorted(missing)]
        if problems:
            yield Finding(exercise=exercise.name, trial="proofs", problems=tuple(problems))


def _shown(course: Course, exercise: Exercise) -> set[str]:
    """The misconceptions that some trial expects, of this exercise or of another one with the same graders."""
    same = (each for each in course.exercises(exercise.assignment) if each.graders == exercise.graders)
    return {name for each in same for trial in of_exercise(each) for name in trial.misconceptions}


def stale(exercise: Exercise, explained: Sequence[Equivalent], met: set[Equivalent]) -> Iterator[Finding]:
    """Explanations of variants that are not made any more."""
    old = [each for each in explained if each not in met]
    if old:
        problems = (f"equivalent.toml explains what is no variant: {each.cell}: {each.after!r}" for each in old)
        yield Finding(exercise=exercise.name, trial="proofs", problems=tuple(problems))


def untried(exercise: Exercise, cell: str, why: str) -> Finding:
    """A cell of the solution of which no variants can be made, so that nobody knows what its checks notice."""
    return Finding(exercise=exercise.name, trial="proofs", problems=(f"no variants of the cell {cell}: {why}",))


def of_variant(ran: Ran, but: frozenset[str]) -> Tried:
    """What became of a variant that ran; `but` names the checks that the solution itself does not pass like this."""
    job, report, variant = ran.job, ran.report, ran.job.variant
    assert variant is not None
    if report is None:
        return tried(job.exercise, variant, "broken", ran.trouble)
    seconds = round(report.timings.total, 2)
    if (failed := lost(report, but)) is not None:
        return tried(job.exercise, variant, "killed", key(failed), seconds)
    if (result := broken(report)) is not None and key(result) not in but:
        return tried(job.exercise, variant, "broken", f"{key(result)}: {_came_to(result)}", seconds)
    return tried(job.exercise, variant, "survived", "", seconds)


def tried(exercise: Exercise, variant: Variant, state: str, by: str, seconds: float = 0.0) -> Tried:
    """The record of a variant's end."""
    return Tried(
        exercise=exercise.name,
        cell=variant.cell,
        line=variant.line,
        operator=variant.operator,
        before=variant.before,
        after=variant.after,
        state=state,  # type: ignore[arg-type] # one of the four words
        by=by,
        seconds=seconds,
    )
