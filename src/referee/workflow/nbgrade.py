"""`referee grade` for an nbgrader course: nbgrader prepares and scores, our workers run, nothing of a class is lost.

plan      whose report stands, what nbgrader left as it is, what is to be graded and why
prepare   nbgrader's first half, right before a worker is free               (this process, in the database)
run       the notebooks of the submission, in kernels                        (a worker)
enter     nbgrader's second half: scores, autograded/; then the report       (this process)
feedback  nbgrader's pages                                                   (the workers)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import Any, Unpack

import msgspec

from referee.batch import room, store
from referee.batch.crew import Local
from referee.batch.running import Run
from referee.batch.slots import prepare
from referee.course import usable
from referee.errors import UsageError
from referee.events import Listener, Planned
from referee.feedback.text import counted
from referee.gradebook import manual_scores
from referee.lock import locked
from referee.nbcourse import basis, outcome
from referee.nbcourse.ahead import learn
from referee.nbcourse.book import Book
from referee.nbcourse.converter import Halves
from referee.nbcourse.course import NbCourse
from referee.nbcourse.orders import Desk, in_order, other_kernels
from referee.nbcourse.running import run
from referee.report import Basis, Fault, Report, to_json
from referee.sandbox import isolation
from referee.workflow import ready
from referee.workflow.grade import Done, GradedClass, Replaced, Wishes, ended
from referee.workflow.nbentering import Entering, lost, mark, marks
from referee.workflow.nbpages import lacking, write_all, write_pages
from referee.workflow.nbreport import Assigned, Entry
from referee.workflow.persons import with_manual_scores
from referee.workflow.ready import Progress

_AHEAD = 1  # submissions that are prepared while all workers are busy
_LEFT = "left alone"
_WHAT = {"submission": "handed in anew", "points": "points changed"}


@dataclass
class _Plan:
    """Who is graded, whose report stands, and who was autograded by nbgrader itself and is left as that left it."""

    todo: list[Entry] = field(default_factory=list)
    kept: list[Report] = field(default_factory=list)
    earlier: dict[str, Report] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def grade_nbgrader(
    course: NbCourse,
    assignment: str,
    *,
    progress: Progress,
    hear: Listener = lambda _event: None,
    **wishes: Unpack[Wishes],
) -> GradedClass:
    """Grade the submissions to an assignment of an nbgrader course, as nbgrader would: see `referee.nbcourse`.

    Raises
    ------
    UsageError : no such assignment or student, nothing was handed in, a layer is missing, or somebody else grades.
    CourseError : its configuration, or a grader, is wrong.   GradebookError : the database cannot be read or written.
    NoRoom : the run cannot go on; the same command does, when the reason is gone.
    """
    ready.require_short_paths()
    _require_here(wishes)
    halves = Halves(course, assignment)
    with closing(Book(course.database, kept=halves.standard)) as book:
        outlines = in_order(course, assignment, book.outline(assignment))
        walls = _walls(course, trust=wishes.get("trust", False))
        with locked(course, f"referee grade {assignment}"):
            return _Class(course, assignment, book, outlines, halves, progress, hear, wishes).graded(walls)


def _require_here(wishes: Wishes) -> None:
    """Raise `UsageError` for what an nbgrader course is not graded with."""
    if wishes.get("cluster"):
        raise UsageError("workers of this machine, for an nbgrader course", "--cluster", "leave it out")
    repeats = wishes.get("repeats")
    if repeats is not None and repeats.count > 1:
        wanted = "one run of each notebook, for an nbgrader course"
        raise UsageError(wanted, f"--repeats {repeats.count}", "leave it out: its tests have no seeds")


def _walls(course: NbCourse, *, trust: bool) -> str:
    if course.rules.kernel == "warm":
        return ready.walls(trust, isolation.missing())
    if not trust:
        wanted = 'work that you trust, for `kernel = "nbgrader"`: notebooks then run without isolation'
        raise UsageError(wanted, "no --trust", 'say --trust, or take `kernel = "nbgrader"` out of course.toml')
    return "NOT held by anything, as in nbgrader: these submissions are trusted"


@dataclass(frozen=True)
class _Class(Assigned):
    """One run over the submissions to an assignment."""

    progress: Progress
    hear: Listener
    wishes: Wishes

    def graded(self, walls: str) -> GradedClass:
        """Grade whoever has to be; all reports there are."""
        course, assignment = self.course, self.assignment
        found = self._chosen()
        for folder in (marks(course, assignment), store.report_path(course, assignment, "x").parent):
            folder.mkdir(parents=True, exist_ok=True)
        store.sweep(course, assignment)
        self.progress(f"{assignment}: {counted(len(found), 'submission')}")
        self.progress(f"kernels: {walls}")
        for name in other_kernels(self.outlines) if course.rules.kernel == "warm" else ():
            self.progress(f"the kernel {name!r} of the notebooks is not used: they run in this environment's Python")
        shared = basis.of_assignment(course, assignment, self.outlines)
        made = self._plan(found, shared)
        self._say(made)
        done = self._run(made, shared)
        return GradedClass(
            assignment=assignment,
            reports=self._shown(done.reports),
            database=course.database,
            pages=str(course.feedback("<student>", assignment)) if course.rules.feedback else "",
            kept=done.kept,
            fresh=tuple(report.student for report in done.reports[done.kept :]),
            stopped=done.stopped,
            submissions=len(found) - len(made.left),
            replaced=done.replaced,
        )

    def _shown(self, reports: Sequence[Report]) -> tuple[Report, ...]:
        """The reports with what persons gave."""
        given = manual_scores(self.course.database, self.assignment)
        shown = (with_manual_scores(report, given) for report in reports)
        return tuple(sorted(shown, key=lambda report: report.student))

    def _chosen(self) -> dict[str, tuple[Path, ...]]:
        found = self.halves.submissions()
        for name in [student for student in found if not _writable(student)]:
            self.progress(f"left out: {name!a} is no name that a report can have (no text, too long, or a pattern)")
            del found[name]
        empty = sorted(set(self.course.submitted(self.assignment)) - found.keys())
        if empty:
            self.progress(f"without a notebook, and not graded, as in nbgrader: {', '.join(empty)}")
        wanted = self.wishes.get("students", ())
        if unknown := sorted(set(wanted) - found.keys()):
            names = f"students who handed in {self.assignment} ({len(found)} did)"
            raise UsageError(names, ", ".join(unknown), f"see {self.course.submission('*', self.assignment)}")
        if not found:
            wanted_path = self.course.submission("<student>", self.assignment)
            remedy = "collect them with `nbgrader collect`, `nbgrader zip_collect` or `referee collect`"
            raise UsageError(f"submissions at {wanted_path}", "none", remedy)
        return {student: notebooks for student, notebooks in found.items() if not wanted or student in wanted}

    def _plan(self, found: Mapping[str, tuple[Path, ...]], shared: Mapping[str, Basis]) -> _Plan:
        made, again = _Plan(), self.wishes.get("again", False)
        for student, notebooks in found.items():
            report = store.read_report(store.report_path(self.course, self.assignment, student), student)
            if report is not None:
                made.earlier[student] = report = report.without_answers()
            if self.wishes.get("only_failed", False):
                why = "failed before" if report is not None and report.ours_failed else ""
            else:
                why = self._why(student, report, shared) or ("asked for" if again else "")
                if why == _LEFT:
                    why = "asked for" if again else ""
                    if not why:
                        made.left.append(student)
            if why:
                made.todo.append(Entry(student, notebooks, why))
            elif report is not None:
                made.kept.append(report)
        return made

    def _why(self, student: str, report: Report | None, shared: Mapping[str, Basis]) -> str:
        """Why a submission is to be graded; empty where its report stands."""
        if mark(self.course, self.assignment, student).exists():
            return "not finished before"
        recorded = self.recorded.get(student)
        if report is None:
            return _LEFT if recorded is not None and self.halves.left_alone(student) else "not graded yet"
        if {book.notebook for book in report.notebooks} != shared.keys():
            return "notebooks added or removed"
        submission = basis.of_submission(self.course.submission(student, self.assignment))
        now = {name: msgspec.structs.replace(each, submission=submission) for name, each in shared.items()}
        changed = {part for book in report.notebooks for part in book.basis.changes(now[book.notebook])}
        if changed:
            return ", ".join(_WHAT.get(part, f"{part} changed") for part in sorted(changed))
        limits = self.course.nb_limits(self.assignment)
        if any(
            each.allowed != getattr(limits, each.limit) for book in report.notebooks for each in book.timings.exceeded
        ):
            return "limits changed"
        if any(Fault.HARNESS in book.faults and not book.set_aside for book in report.notebooks):
            return "failed before"
        if lost(report):
            return ""
        if not self.course.autograded(student, self.assignment).exists():
            return "autograded/ lacks it"
        if recorded is None:
            return "the gradebook lacks it"
        return "the gradebook has other scores" if outcome.differs(report, recorded) else ""

    @cached_property
    def recorded(self) -> Mapping[str, Mapping[tuple[str, str], float | None]]:
        """What the gradebook has before anybody is graded."""
        return self.book.recorded(self.assignment)

    def _say(self, made: _Plan) -> None:
        todo = {entry.student for entry in made.todo}
        given = manual_scores(self.course.database, self.assignment, extra=False) if todo else {}
        if again := sum(student in todo for student, _, _ in given):
            self.progress(f"scores that persons gave stay, and are marked for another look, as in nbgrader: {again}")
        if made.kept:
            self.progress(f"as before: {counted(len(made.kept), 'report')}: nothing that determines them has changed")
        if made.left:
            words = (
                "as nbgrader left them, for they were autograded before and no newer ones came (--again grades them)"
            )
            self.progress(f"{words}: {len(made.left)}")
        for why, count in Counter(entry.why for entry in made.todo).most_common():
            self.progress(f"to grade: {count} ({why})")

    def _run(self, made: _Plan, shared: Mapping[str, Basis]) -> Done:
        done = Done(list(made.kept), len(made.kept))
        known = [report.seconds for report in made.earlier.values() if report.seconds]
        expected = fmean(known) if known else 0.0
        pageless = self._without_pages(made.kept)
        if not made.todo:
            self.hear(self._planned(made, 0, expected))
            write_all(self.course, self.assignment, pageless, self.progress)
            self.hear(ended(done, 0.0))
            return done
        if self.course.rules.kernel == "warm" and self.halves.executes:
            learn(self.course, self.assignment, self.progress)
        desk = Desk(self.course, self.assignment, self.outlines, self.halves.timeout_error)
        prepare(ready.NB_WORKERS)
        with ExitStack() as stack:
            plans = desk.plans if self.course.rules.kernel == "warm" and self.halves.executes else ()
            gpu = self.course.policy.needs_gpu(self.assignment)
            crew = Local(plans, self.wishes.get("workers"), gpu=gpu, say=self.progress, stack=stack)
            executor, width = crew.start(len(made.todo), room.used_by(made.earlier.values()))
            self.hear(self._planned(made, width, expected))
            replaced = Replaced(self.course, self.assignment, made.earlier)
            entering = Entering(self, desk, executor, shared)
            stack.callback(entering.close)
            stop = self.wishes.get("stop_on_error", False)
            going = _Run(self.course, entering, width + _AHEAD, self.hear, expected, stop, replaced, entering=entering)
            crew.heard = going.heard
            for report in going.grade(made.todo):
                done.reports.append(report)
                crew.needs(max(room.used_by(done.reports), room.used_by(made.earlier.values())))
            if self.course.rules.feedback:
                whole = [report.student for report in done.reports[done.kept :] if not lost(report)]
                write_pages(self.course, self.assignment, [*pageless, *whole], (executor, width), self.progress)
            if going.stopped:
                executor.shutdown(cancel_futures=True)
        done.stopped, done.replaced = going.stopped, replaced.close(self.progress)
        self.hear(ended(done, going.elapsed))
        return done

    def _without_pages(self, kept: Sequence[Report]) -> list[str]:
        """Who was graded by an earlier run that ended before the feedback was there."""
        if not self.course.rules.feedback:
            return []
        return lacking(self.course, self.assignment, [report.student for report in kept if not lost(report)])

    def _planned(self, made: _Plan, width: int, expected: float) -> Planned:
        return Planned(
            assignment=self.assignment,
            total=len(made.todo) + len(made.kept) + len(made.left),
            kept=len(made.kept),
            to_grade=len(made.todo),
            reasons=dict(Counter(entry.why for entry in made.todo).most_common()),
            at_a_time=width,
            seconds=round(expected, 3),
        )


def _writable(student: str) -> bool:
    """Whether files of ours can have this name, and nbgrader's patterns mean it alone."""
    return usable(student) and student.isprintable() and not set(student) & set("/*?[]")


@dataclass
class _Run(Run):
    """A run over the submissions of an nbgrader course."""

    entering: Entering = field(kw_only=True)

    @property
    def work(self) -> Callable[[Any], Any]:
        return run

    def written(self, order: Any, result: Any) -> Report:
        report = self.entering.report(order, result)
        with store.no_room(self.course.root):
            self.replacing(report)
            store.replace(store.report_path(self.course, report.assignment, report.student), to_json(report) + b"\n")
            mark(self.course, report.assignment, report.student).unlink(missing_ok=True)
        return report.without_answers()
