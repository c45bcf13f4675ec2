"""`referee grade`: what is not graded yet is graded, everything is recorded, and what needs a person is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import Any, TypedDict, Unpack

import msgspec

from referee import batch, changes
from referee.batch import history, room, store
from referee.batch.crew import Crew, Local, Remote
from referee.batch.parcel import THREADS, Parcel, parcel
from referee.batch.plan import ClassPlan, plan
from referee.batch.running import Run
from referee.batch.work import Order
from referee.changes import Entry, Score
from referee.course import Course
from referee.errors import GradebookError, UsageError
from referee.events import Ended, Listener, Planned
from referee.feedback.text import counted
from referee.lock import locked
from referee.report import Record, Report, Usage
from referee.sandbox import isolation
from referee.stability import ONCE, Repeats
from referee.tasks import Task, parent_of, templates
from referee.workflow import ready
from referee.workflow.pages import never_met, refresh_pages, write_pages
from referee.workflow.persons import with_manual_scores
from referee.workflow.ready import Progress


class Wishes(TypedDict, total=False):
    """How a class is to be graded.

    students : only these; everybody by default.   workers : how many at a time; as many as fit by default.
    database : the gradebook's URL.   trust : run submissions although a layer of the sandbox is missing.
    cluster : the address of a Dask scheduler.   repeats : with how many seeds.
    again : also what did not change.   only_failed : only what could not be graded for our reasons.
    stop_on_error : end after the first of these.
    """

    students: Sequence[str]
    workers: int | None
    database: str | None
    trust: bool
    cluster: str | None
    repeats: Repeats
    again: bool
    only_failed: bool
    stop_on_error: bool


class GradedClass(Record, frozen=True):
    """What grading an assignment left behind: the reports without their recordings, by student, and where things are.

    kept : how many of them stand from earlier runs; `fresh` names the others.   stopped : why it ended early, if so.
    submissions : how many there are in all.   replaced : the entry in history, where results replaced other ones.
    """

    assignment: str
    reports: tuple[Report, ...]
    database: str
    pages: str
    kept: int = 0
    fresh: tuple[str, ...] = ()
    stopped: str = ""
    submissions: int = 0
    replaced: int | None = None

    @property
    def ours_failed(self) -> bool:
        return any(report.ours_failed for report in self.reports)


def grade_assignment(
    course: Course,
    assignment: str,
    *,
    progress: Progress,
    hear: Listener = lambda _event: None,
    **wishes: Unpack[Wishes],
) -> GradedClass:
    """Grade the submissions to an assignment, write reports, pages and executed notebooks, and fill the gradebook.

    progress : told in words what goes on.   hear : told the events of the run.

    Raises
    ------
    UsageError : no such assignment or student, a layer is missing, somebody else grades this course, or there is no
        such cluster.
    CourseError, GraderError, DataError : the course is wrong.
    GradebookError : the scores cannot be recorded (the reports are written all the same).
    NoRoom, ClusterLost : the run cannot go on; the same command does, when the reason is gone.
    """
    ready.require_short_paths()
    ready.require_in_step(course, assignment)
    students = ready.chosen(course, assignment, wishes.get("students", ()))
    trust, cluster = wishes.get("trust", False), wishes.get("cluster")
    walls = "" if cluster else ready.walls(trust, isolation.missing())
    if not cluster and anybody_new(course, assignment, students):  # what they need starts while the rest is looked at
        batch.prepare([parent_of(task) for task in templates(course, assignment, THREADS)])
    ledger = Ledger(course, assignment, wishes.get("database"))
    with locked(course, f"referee grade {assignment}"):
        store.sweep(course, assignment)
        ledger.rehearse(students)
        for name in course.left_out(assignment):
            progress(f"left out: the folder submitted/{name} has a name that is no text, or too long; rename it")
        progress(f"{assignment}: {counted(len(students), 'submission')}")
        if walls:
            progress(f"kernels: {walls}")
        ready.settle_limits(course, assignment, progress, wishes.get("workers"))
        run = _ClassRun(course, assignment, students, progress, hear, wishes)
        done = run.reports()
        shown = ledger.enter(done.reports, progress)
        for name in never_met(course, shown):
            progress(f"look again: [disclosure.check] names {name}, but no check of this class has that name")
    return GradedClass(
        assignment=assignment,
        reports=shown,
        database=ledger.url,
        pages=str(course.root / "feedback" / "<student>" / assignment),
        kept=done.kept,
        fresh=tuple(report.student for report in done.reports[done.kept :]),
        stopped=done.stopped,
        submissions=len(students),
        replaced=done.replaced,
    )


def anybody_new(course: Course, assignment: str, students: Sequence[str]) -> bool:
    """Whether somebody was never graded, so that there is something to run."""
    return not all(store.report_path(course, assignment, student).exists() for student in students)


class Ledger:
    """The gradebook of one assignment: tried before anything runs, filled in one go when everything has."""

    def __init__(self, course: Course, assignment: str, database: str | None) -> None:
        from referee import gradebook  # noqa: PLC0415 - nbgrader is an extra; a missing one costs no hour

        self._book: Any = gradebook
        self._course, self._assignment = course, assignment
        self._outline = ready.outline(course, assignment)
        self.url = database or course.database

    def rehearse(self, students: Sequence[str]) -> None:
        """Raise `UsageError` now where scores could not be recorded later."""
        try:
            self._book.rehearse(self.url, self._outline, students, self._course.policy.name)
        except GradebookError as error:  # before anything ran, this is a matter of the command, not of the grading
            raise UsageError(error.wanted, error.found, error.remedy) from error

    def enter(self, reports: Sequence[Report], progress: Progress) -> tuple[Report, ...]:
        """Record reports; as their readers should see them, with what persons gave, which their pages show too."""
        ordered = tuple(sorted(reports, key=lambda report: report.student))
        students = [report.student for report in ordered]
        when = ready.times(self._course, self._assignment, students)
        recorded = self._book.record(self.url, self._outline, ordered, submitted_at=when)
        for cell in recorded.review:
            progress(f"look again: {cell} has a manual score that was given for an earlier hand-in or for other points")
        given = self._book.manual_scores(self.url, self._assignment)
        shown = tuple(with_manual_scores(report, given) for report in ordered)
        for before, report in zip(ordered, shown, strict=True):
            if report != before:
                write_pages(self._course, report)
        return shown


@dataclass
class Done:
    """What a run came to: the reports, first those that stand from earlier runs."""

    reports: list[Report]
    kept: int
    stopped: str = ""
    replaced: int | None = None


class Replaced:
    """Keeps the reports whose results are replaced by other ones, and notes whose scores change."""

    def __init__(self, course: Course, assignment: str, earlier: Mapping[str, Report]) -> None:
        self._course, self._assignment, self._earlier = course, assignment, earlier
        self._scores: list[Score] = []
        self._entry: Entry | None = None

    def __call__(self, report: Report) -> None:
        before = self._earlier.get(report.student)
        if before is None or not any(changes.changes(before, report)):
            return
        if self._entry is None:
            new = Entry(number=0, kind="grade", state="open", assignment=self._assignment, at=history.now())
            self._entry = history.begin(self._course, new)
        history.keep(self._course, self._entry, report.student)
        self._scores.append(changes.score(before, report))

    def close(self, say: Progress) -> int | None:
        """Say and note what was replaced; the number of the entry."""
        if self._entry is None:
            return None
        gain = sum(score.after > score.before for score in self._scores)
        lose = sum(score.after < score.before for score in self._scores)
        place = f"history/{self._assignment}/{self._entry.number:04}"
        say(f"other results than before: {len(self._scores)}, {gain} gain, {lose} lose; the old reports are in {place}")
        history.close(self._course, msgspec.structs.replace(self._entry, scores=tuple(self._scores)))
        return self._entry.number


@dataclass
class _ClassRun:
    """One run over a class: what has to be graded is, by the workers that there are."""

    course: Course
    assignment: str
    students: Sequence[str]
    progress: Progress
    hear: Listener
    wishes: Wishes

    def reports(self) -> Done:
        """Grade what has to be graded; all reports."""
        cluster = self.wishes.get("cluster")
        packed = parcel(self.course, self.assignment, with_data=bool(cluster))
        with batch.workshop() as folder, ExitStack() as stack:
            templates = packed.unpack(folder)
            crew = self._crew(templates, packed, stack)
            made = plan(
                self.course,
                self.assignment,
                self.students,
                templates,
                crew.environments,
                repeats=self.wishes.get("repeats", ONCE),
                again=self.wishes.get("again", False),
                only_failed=self.wishes.get("only_failed", False),
            )
            for report in made.kept:
                refresh_pages(self.course, report)
            return self._grade(made, crew, packed.course)

    def _crew(self, templates: Sequence[Task], packed: Parcel, stack: ExitStack) -> Crew:
        cluster, gpu = self.wishes.get("cluster"), self.course.policy.needs_gpu(self.assignment)
        if cluster:
            check = partial(ready.walls, self.wishes.get("trust", False))
            return Remote(cluster, packed, gpu=gpu, say=self.progress, check=check, stack=stack)
        plans = [parent_of(task) for task in templates]
        return Local(plans, self.wishes.get("workers"), gpu=gpu, say=self.progress, stack=stack)

    def _grade(self, made: ClassPlan, crew: Crew, course: str) -> Done:
        done = Done(list(made.kept), len(made.kept))
        self._say_plan(made)
        repeats, expected = self.wishes.get("repeats", ONCE), self._expected(made)
        orders = [Order(item.student, item.tasks, course, repeats) for item in made.todo]
        if not orders:
            self.hear(self._planned(made, 0, expected))
            self.hear(ended(done, 0.0))
            return done
        memory_mb = max(room.used_by(made.earlier.values()), *(use.memory_mb for use in self._uses()), 0)
        executor, width = crew.start(len(orders), memory_mb)
        self.hear(self._planned(made, width, expected))
        replaced = Replaced(self.course, self.assignment, made.earlier)
        stop = self.wishes.get("stop_on_error", False)
        run = Run(self.course, executor, width, self.hear, expected, stop, replaced)
        crew.heard = run.heard
        for report in run.grade(orders):
            write_pages(self.course, report)
            done.reports.append(report)
            memory_mb = max(memory_mb, report.memory_mb)
            crew.needs(memory_mb)
        if run.stopped:
            executor.shutdown(cancel_futures=True)
        done.stopped, done.replaced = run.stopped, replaced.close(self.progress)
        self.hear(ended(done, run.elapsed))
        return done

    def _say_plan(self, made: ClassPlan) -> None:
        if self.wishes.get("only_failed", False) and not made.todo:
            self.progress("nothing to grade: no report says that something failed for our reasons")
        if made.kept:
            self.progress(f"as before: {counted(len(made.kept), 'report')}: nothing that determines them has changed")
        for why, count in made.reasons.items():
            self.progress(f"to grade: {count} ({why})")
        if "graders changed" in made.reasons:
            self.progress(f"`referee regrade {self.assignment}` would apply changed checks without running a notebook")

    def _planned(self, made: ClassPlan, width: int, expected: float) -> Planned:
        return Planned(
            assignment=self.assignment,
            total=len(self.students),
            kept=len(made.kept),
            to_grade=len(made.todo),
            reasons=made.reasons,
            at_a_time=width,
            seconds=round(expected, 3),
        )

    def _expected(self, made: ClassPlan) -> float:
        """The seconds that a submission is expected to take: as in earlier runs, or as the solutions took."""
        known = [report.seconds for report in made.earlier.values() if report.seconds]
        return fmean(known) if known else sum(use.seconds for use in self._uses())

    def _uses(self) -> list[Usage]:
        """What the solutions are known to use."""
        used = (self.course.usage_of(exercise) for exercise in self.course.exercises(self.assignment))
        return [use for use in used if use is not None]


def ended(done: Done, elapsed: float) -> Ended:
    """What is told at the end of a run."""
    return Ended(
        finished=len(done.reports) - done.kept,
        kept=done.kept,
        ours_failed=sum(report.ours_failed for report in done.reports),
        elapsed=round(elapsed, 3),
        stopped=done.stopped,
    )
