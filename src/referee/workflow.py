"""What each command does, as a list of verbs: release, hand in, run, grade, record, write pages."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from referee import authoring, batch, grading, samples, student
from referee import course as courses
from referee.course import Course, Exercise
from referee.errors import GradebookError, UsageError
from referee.feedback import html
from referee.feedback.interface import Disclosure, Policy
from referee.feedback.measures import quantity
from referee.feedback.text import amount, counted
from referee.grading import Task
from referee.report import GradedCell, NotebookReport, Outline, Record, Report
from referee.sandbox import isolation
from referee.sandbox.limits import Limits

_DEMO_PARTS = ("course.toml", "nbgrader_config.py", "solutions", "reference", "graders", ".referee/usage")
_DEMO_MARK = ".referee-demo"
STORIES = Path("tests") / "scenarios"

_TIMESTAMP_BYTES, _EPOCH = 200, 1970

Progress = Callable[[str], None]


class GradedClass(Record, frozen=True):
    """What grading an assignment left behind: the reports, by student, and where things are."""

    assignment: str
    reports: tuple[Report, ...]
    database: str
    pages: str

    @property
    def ours_failed(self) -> bool:
        return any(report.ours_failed for report in self.reports)


def grade_assignment(
    course: Course,
    assignment: str,
    *,
    progress: Progress,
    students: Sequence[str] = (),
    workers: int | None = None,
    database: str | None = None,
    trust: bool = False,
) -> GradedClass:
    """Grade the submissions to an assignment, write reports, pages and executed notebooks, and fill the gradebook.

    With `trust` they are run although a layer of the sandbox is missing on this machine.

    Raises
    ------
    UsageError : no such assignment or student, or a layer is missing.
    CourseError, GraderError, DataError : the course is wrong.
    GradebookError : the scores cannot be recorded (the reports are written all the same).
    """
    require_in_step(course, assignment)
    chosen = _chosen(course, assignment, students)
    walls = _walls(trust)
    url = database or f"sqlite:///{course.root / 'gradebook.db'}"
    book, plan = _gradebook(), outline(course, assignment)
    try:
        book.rehearse(url, plan, chosen, course.policy.name)
    except GradebookError as error:  # before anything ran, this is a matter of the command, not of the grading
        raise UsageError(error.wanted, error.found, error.remedy) from error
    for name in course.left_out(assignment):
        progress(f"left out: the folder submitted/{name} has a name that is no text, or too long; rename it")
    count = batch.workers(workers, len(chosen))
    progress(f"{assignment}: {counted(len(chosen), 'submission')}, {count} at a time")
    progress(f"kernels: {walls}")
    settle_limits(course, assignment, progress, workers)
    reports = []
    for report in batch.grade_class(course, assignment, chosen, count):
        reports.append(report)
        write_pages(course, report)
        progress(f"{len(reports)}/{len(chosen)}  {report.student}  {amount(report.earned)} of {amount(report.points)}")
    ordered = tuple(sorted(reports, key=lambda report: report.student))
    recorded = book.record(url, plan, ordered, submitted_at=_times(course, assignment, chosen))
    for cell in recorded.review:
        progress(f"look again: {cell} has a manual score that was given for an earlier hand-in or for other points")
    given = book.manual_scores(url, assignment)
    shown = tuple(with_manual_scores(report, given) for report in ordered)
    for before, report in zip(ordered, shown, strict=True):
        if report != before:
            write_pages(course, report)
    return GradedClass(assignment=assignment, reports=shown, database=url, pages=str(course.root / "feedback"))


def _walls(trust: bool) -> str:
    """What holds the students' kernels, in words. Raises `UsageError` where that is not enough for strangers' work."""
    missing = isolation.missing()
    if not missing:
        return f"held by {', '.join(isolation.names())}"
    if not trust:
        reasons = "; ".join(f"{layer}: {why}" for layer, why in missing.items())
        wanted = "every layer that holds a stranger's notebook, or work that you trust"
        raise UsageError(wanted, f"without {reasons}", "see `referee doctor`, or say --trust if all of it is trusted")
    return f"NOT held by {', '.join(missing)}: these submissions are trusted (see `referee doctor`)"


def settle_limits(course: Course, assignment: str, progress: Progress, workers: int | None) -> None:
    """See that each exercise's limits are known, by running the solutions of those that were never measured; say them.

    A solution that does not end well gives no limits: the course's own and the defaults hold.
    """
    from referee import verify  # noqa: PLC0415 - nbgrader is an extra

    exercises = course.exercises(assignment)
    unknown = [each for each in exercises if each.solution.is_file() and course.usage_of(each) is None]
    if unknown:
        names = ", ".join(exercise.notebook for exercise in unknown)
        progress(f"limits: what the solution uses is not known yet for {names}; it runs once")
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
    source = f"{courses.POLICY}, else {rest}" if stated else rest
    memory = quantity(limits.memory_mb, "MiB")
    return f"limits for {exercise.notebook}: {amounts}, {memory} (from {source})"


def with_manual_scores(report: Report, given: Mapping[tuple[str, str, str], tuple[float, str]]) -> Report:
    """The report as its readers should see it: what a person gave stands in place of what waited for one."""

    def cell(notebook: NotebookReport, graded: GradedCell) -> GradedCell:
        key = (report.student, notebook.notebook, graded.grade_id)
        if key not in given:
            return graded
        score, comment = given[key]
        words = f"graded by a person: {comment}" if comment else "graded by a person"
        return msgspec.structs.replace(graded, earned=score, score=score, words=words)

    notebooks = (
        msgspec.structs.replace(book, graded=tuple(cell(book, graded) for graded in book.graded))
        for book in report.notebooks
    )
    return msgspec.structs.replace(report, notebooks=tuple(notebooks))


def _chosen(course: Course, assignment: str, students: Sequence[str]) -> tuple[str, ...]:
    there = course.submitted(assignment)
    unknown = sorted(set(students) - set(there))
    if unknown:
        wanted = f"students who handed in {assignment}: {', '.join(there) or '(nobody)'}"
        raise UsageError(wanted, ", ".join(unknown), f"see {course.root / 'submitted'}")
    if not there:
        wanted = f"submissions at {course.root / 'submitted'}/<student>/{assignment}/"
        raise UsageError(wanted, "none", "collect them with nbgrader, or copy them there")
    return tuple(name for name in there if not students or name in students)


def _gradebook() -> Any:
    """The module that writes the gradebook; asked for before anything runs, so that a missing extra costs no hour."""
    from referee import gradebook  # noqa: PLC0415 - nbgrader is an extra

    return gradebook


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


def _times(course: Course, assignment: str, students: Sequence[str]) -> dict[str, datetime]:
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


def disclosure(course: Course) -> Policy:
    """The course's disclosure levels, for its pages."""
    levels = course.policy.disclosure
    return Policy(public=Disclosure(levels.public), hidden=Disclosure(levels.hidden))


def write_pages(course: Course, report: Report) -> list[Path]:
    """Write a page for each notebook of a report, where nbgrader expects feedback."""
    folder = course.root / "feedback" / report.student / report.assignment
    folder.mkdir(parents=True, exist_ok=True)
    pages = []
    for notebook in report.notebooks:
        path = folder / f"{notebook.notebook}.html"
        path.write_text(html.page(report, notebook, disclosure(course)), encoding="utf-8", errors="replace")
        pages.append(path)
    return pages


class Checked(Record, frozen=True):
    """A student's own run: the report on the public checks, and what is only checked after submission, by cell."""

    report: NotebookReport
    later: dict[str, str]

    @property
    def failed(self) -> bool:
        return bool(self.report.refused) or any(not result.verdict.passed for result in self.report.results)


def check_notebook(path: Path) -> Checked:
    """Run a notebook from top to bottom in a fresh kernel and grade its public checks.

    Raises
    ------
    UsageError : no such notebook, or nothing that says how to check it.
    """
    path = path.resolve()
    if not path.is_file():
        found = f"{path} is a folder" if path.is_dir() else f"no file at {path}"
        raise UsageError("a notebook to check", found, "give the path of the .ipynb file")
    name = path.stem
    grader, manifest = student.find(f"{path.parent.name}/{name}", path.parent)
    if grader is None:
        names = ", ".join(f"{known}.ipynb" for known in manifest) or "the name under which it was handed out"
        raise UsageError(f"public checks for {path.name}", "none under this name", f"call the notebook {names}")
    authoring.read_submission(path, Limits().submission_bytes)
    report = grading.grade_notebook(_own_task(path, grader)).report
    later = {cell: student.remark(known, cell in _checked(report)) for cell, known in manifest.get(name, {}).items()}
    return Checked(report=report, later={cell: words for cell, words in later.items() if words})


def _checked(report: NotebookReport) -> set[str]:
    return {result.check for result in report.results}


def _own_task(path: Path, grader: Path) -> Task:
    """The task of a student's own run: the notebook is its own truth, under the course's limits where there are any."""
    others = [other for other in sorted(path.parent.iterdir()) if other.is_file() or other.is_dir()]
    files = [other for other in others if other.suffix != ".ipynb" and other.name != "checks"]
    task = Task(
        student="you",
        assignment=path.parent.name,
        notebook=path.stem,
        submitted=path,
        authored=path,
        graders=(grader,),
        root=path.parent,
        files=tuple(other for other in files if not other.name.startswith((".", "__pycache__"))),
        threads=os.cpu_count() or 1,
    )
    try:
        policy = courses.load(path.parent).policy
    except UsageError:
        return task
    return replace(task, limits=policy.limits_of(path.parent.name))


def demo(course: Course, target: Path, *, progress: Progress) -> tuple[Course, list[GradedClass]]:
    """Make a course of its own in `target`, hand in the sample class, and grade it.

    Raises
    ------
    UsageError : `target` holds something that is not a demo, or the course has no sample stories.
    """
    stories = {name: story for name, story in samples.stories(course.root / STORIES).items() if story.demo}
    if not stories:
        raise UsageError(f"sample stories in {course.root / STORIES}", "none", "run this in a checkout of Referee")
    _copy_course(course, target)
    fresh = courses.load(target)
    from referee.release import release  # noqa: PLC0415 - nbgrader is an extra

    progress(f"released {len(release(fresh, None))} files into {fresh.root / 'exercises'}")
    for story in stories.values():
        samples.hand_in(fresh, story)
    assignments = sorted({name for story in stories.values() for name in story.assignments})
    return fresh, [grade_assignment(fresh, name, progress=progress, trust=True) for name in assignments]


def _copy_course(course: Course, target: Path) -> None:
    if target.exists() and any(target.iterdir()) and not (target / _DEMO_MARK).is_file():
        raise UsageError("an empty folder, or an earlier demo", f"{target} holds something else", "use --dir")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    (target / _DEMO_MARK).touch()
    for name in _DEMO_PARTS:
        source = course.root / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        elif source.exists():  # what the solutions use may not be known
            shutil.copy2(source, target / name)
