"""`referee regrade`: current checks applied to recorded answers; first shown, then applied, and undone if need be.

Nothing is run, but for submissions whose recordings do not hold the answer to a question. What came of those is kept
until it is applied, so that they run once.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from referee import batch, changes
from referee.batch import history, room, store
from referee.batch.crew import Local
from referee.batch.history import Texts
from referee.batch.parcel import parcel
from referee.batch.plan import why_again
from referee.batch.running import Flow, outcome_of
from referee.batch.work import Order, Outcome, carry_out
from referee.changes import Change, Entry, Odd, Regraded, Score
from referee.checks.session import close_all
from referee.course import STATE, Course
from referee.errors import UsageError
from referee.lock import locked
from referee.report import Report, from_json, to_json
from referee.sandbox import isolation
from referee.stability import ONCE, Repeats
from referee.tasks import Task, parent_of, tasks_of
from referee.workflow import ready
from referee.workflow.grade import Ledger
from referee.workflow.looking import Looking, look, merciful
from referee.workflow.pages import write_pages
from referee.workflow.ready import Progress

_RUN = "report.json"  # of a submission that had to run again, until it is applied
_EACH = 20  # reports, for which another worker process is worth its start


@dataclass(frozen=True, kw_only=True)
class RegradeWishes:
    """How a class is to be regraded.

    students : only these.   apply : write what is found.   keep_best : no cell's points are lowered.
    workers, trust, database : as for `referee grade`, for submissions that have to run again.
    """

    students: Sequence[str] = ()
    apply: bool = False
    keep_best: bool = False
    workers: int | None = None
    trust: bool = False
    database: str | None = None


def regrade_assignment(
    course: Course, assignment: str, *, progress: Progress, wishes: RegradeWishes | None = None
) -> Regraded:
    """Grade the recordings of an assignment again, and say what differs; write it where `apply` is wished.

    Raises
    ------
    UsageError : no such assignment or student, nothing graded yet, or somebody else writes to this course.
    CourseError, GraderError, DataError : the course is wrong; nothing was changed.
    GradebookError : the scores cannot be recorded (the reports are written all the same).
    """
    wishes = wishes or RegradeWishes()
    ready.require_in_step(course, assignment)
    ledger = Ledger(course, assignment, wishes.database)
    with locked(course, f"referee regrade {assignment}"):
        store.sweep(course, assignment)
        students = _graded_before(course, assignment, wishes.students)
        if wishes.apply:
            ledger.rehearse(students)
        began = time.monotonic()
        found = _Found(course, assignment, wishes.apply, wishes.keep_best or course.policy.regrade.never_lower)
        packed = parcel(course, assignment)
        with batch.workshop() as folder, ExitStack() as stack:
            stack.callback(close_all)
            templates = packed.unpack(folder)
            plans = [parent_of(task) for task in templates]
            crew = Local(plans, wishes.workers, gpu=course.policy.needs_gpu(assignment), say=progress, stack=stack)
            _look(found, templates, students, wishes, crew)
            _run_again(found, crew, packed.course, wishes, progress)
        result = found.result(time.monotonic() - began)
        if not wishes.apply:
            return result
        with store.no_room(course.root):
            return _applied(found, result, ledger, wishes, progress)


def _graded_before(course: Course, assignment: str, wanted: Sequence[str]) -> tuple[str, ...]:
    there = [path.stem for path in sorted(store.report_path(course, assignment, "x").parent.glob("*.json"))]
    if not there:
        raise UsageError(f"reports on {assignment}", "none", f"run `referee grade {assignment}` first")
    if unknown := sorted(set(wanted) - set(there)):
        raise UsageError(f"students with a report on {assignment}", ", ".join(unknown), "grade them first")
    return tuple(name for name in there if not wanted or name in wanted)


@dataclass
class _Found:
    """What a regrade has found so far: new texts by student, and how the reports differ."""

    course: Course
    assignment: str
    apply: bool
    keep_best: bool
    reports: dict[str, Report] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    differ: list[Change] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    run_again: list[tuple[Odd, tuple[Task, ...], Report]] = field(default_factory=list)
    left_alone: list[Odd] = field(default_factory=list)

    def note(self, before: Report, after: Report, text: bytes, *, changed: bool = True) -> None:
        """Take note of a submission's new report; `text` is kept on the disk, for a class may have gigabytes of it."""
        self.reports[after.student] = after
        if not changed:
            return
        self.changed.add(after.student)
        if self.apply:
            store.replace(self.text(after.student), text)
        differ = list(changes.changes(before, after))
        self.differ += differ
        if differ or before.points != after.points:
            self.scores.append(changes.score(before, after))

    def note_run(self, before: Report, after: Report) -> None:
        """Take note of a submission that ran again."""
        after = merciful(before, after) if self.keep_best else after
        self.note(before, after.without_answers(), to_json(after) + b"\n")

    def text(self, student: str) -> Path:
        """Where a student's new report lies until it is put in place."""
        return _staged(self, student) / "new.json"

    def result(self, seconds: float) -> Regraded:
        """What was found, for whoever asked."""
        entry = history.interrupted(self.course, self.assignment)
        return Regraded(
            assignment=self.assignment,
            reports=len(self.reports),
            changes=tuple(self.differ),
            scores=tuple(self.scores),
            run_again=tuple(odd for odd, _, _ in self.run_again),
            left_alone=tuple(self.left_alone),
            seconds=round(seconds, 3),
            interrupted=entry.number if entry is not None else None,
        )


def _look(
    found: _Found, templates: Sequence[Task], students: Sequence[str], wishes: RegradeWishes, crew: Local
) -> None:
    """Replay each report, and note those that cannot be."""
    items = []
    for student in students:
        path = store.report_path(found.course, found.assignment, student)
        tasks = tasks_of(templates, found.course.submission(student, found.assignment), student)
        items.append(Looking(student, path, tasks, found.keep_best, wishes.apply))
        _drop_stale(found, student, tasks, crew)
    count = batch.workers(wishes.workers, len(items) // _EACH)
    looks = {item.student: (item, seen) for item, seen in batch.in_parallel(look, items, count)}
    for student in students:
        item, seen = looks[student]
        if isinstance(seen, BaseException):
            raise seen
        if seen.before is not None and seen.after is None:
            found.reports[student] = seen.before
        if seen.alone:
            found.left_alone.append(Odd(student=student, why=seen.alone))
        elif seen.again and seen.before is not None:
            found.run_again.append((Odd(student=student, why=seen.again), item.tasks, seen.before))
        elif seen.before is not None and seen.after is not None:
            found.note(seen.before, seen.after, seen.text, changed=seen.changed)


# --- what has to run again --------------------------------------------------------------------------------------------


def _run_again(found: _Found, crew: Local, course: str, wishes: RegradeWishes, progress: Progress) -> None:
    """Run the submissions whose recordings do not answer, unless that was done for an earlier look."""
    orders = []
    for _, tasks, before in found.run_again:
        staged = store.read_report(_staged(found, before.student) / _RUN)
        repeats = Repeats(count=max((book.repeats for book in before.notebooks), default=1))
        if staged is not None and all(book.repeats >= repeats.wanted(book) for book in staged.notebooks):
            found.note_run(before, staged)
        else:
            orders.append(Order(before.student, tasks, course, repeats))
    if not orders:
        return
    progress(f"kernels: {ready.walls(wishes.trust, isolation.missing())}")
    progress(f"to run again: {', '.join(order.student for order in orders)}")
    earlier = {before.student: before for _, _, before in found.run_again}
    executor, width = crew.start(len(orders), room.used_by(earlier.values()))
    for order, result in Flow(executor, carry_out, width).over(orders):
        after = _stage(found, outcome_of(order, result))
        found.note_run(earlier[order.student], after)
        progress(f"ran again: {order.student}")


def _staged(found: _Found, student: str) -> Path:
    return found.course.root / STATE / "regrade" / found.assignment / student


def _drop_stale(found: _Found, student: str, tasks: Sequence[Task], crew: Local) -> None:
    """Remove what came of an earlier run, where it would come out differently by now."""
    folder = _staged(found, student)
    if folder.exists() and why_again(store.read_report(folder / _RUN), tasks, crew.environments, ONCE):
        shutil.rmtree(folder)


def _stage(found: _Found, outcome: Outcome) -> Report:
    """Keep what came of a run until it is applied."""
    folder = _staged(found, outcome.report.student)
    for name, content in outcome.notebooks.items():
        store.replace(folder / f"{name}.ipynb", content)
    store.replace(folder / _RUN, outcome.text)
    report = store.read_report(folder / _RUN)
    assert report is not None
    return report


# --- applied, and undone ----------------------------------------------------------------------------------------------


def _applied(found: _Found, result: Regraded, ledger: Ledger, wishes: RegradeWishes, progress: Progress) -> Regraded:
    """Write what was found: reports that stay in history, pages, executed notebooks, scores."""
    course, mine = found.course, history.interrupted(found.course, found.assignment)
    if mine is not None and not history.untouched(course, mine):  # somebody was graded meanwhile: that one is over
        history.close(course, mine)
        mine = None
    entry = None
    if found.changed or mine is not None:
        entry = history.begin(course, _entry(found, result, wishes, mine))
        for student in (name for name in sorted(found.changed) if _ran_again(found, name)):
            history.keep_notebooks(course, entry, student)
        entry = history.change(course, entry, Texts({name: found.text(name) for name in sorted(found.changed)}))
    for student in sorted({*found.changed, *(entry.after if entry is not None else ())} & found.reports.keys()):
        for path in _ran_again(found, student):
            target = course.autograded(student, found.assignment) / path.name
            store.replace(target, path.read_bytes())
        write_pages(course, found.reports[student])
    ledger.enter(list(found.reports.values()), progress)
    if entry is not None:
        history.close(course, entry)
    shutil.rmtree(_staged(found, "x").parent, ignore_errors=True)
    return _numbered(result, entry)


def _ran_again(found: _Found, student: str) -> list[Path]:
    """The notebooks of a student who had to run again, as they ran."""
    return sorted(_staged(found, student).glob("*.ipynb"))


def _entry(found: _Found, result: Regraded, wishes: RegradeWishes, mine: Entry | None) -> Entry:
    """The entry for history: a new one, or the one that was left open with what is left of it."""
    return Entry(
        number=mine.number if mine else 0,
        kind="regrade",
        state="open",
        assignment=found.assignment,
        at=history.now(),
        after=mine.after if mine else {},
        changes=tuple(dict.fromkeys([*(mine.changes if mine else ()), *result.changes])),
        scores=tuple(dict.fromkeys([*(mine.scores if mine else ()), *result.scores])),
        never_lower=wishes.keep_best or found.course.policy.regrade.never_lower,
    )


def undo_regrade(course: Course, assignment: str, *, progress: Progress, database: str | None = None) -> Regraded:
    """Put back the reports as they were before the last regrade; what was graded anew since is left alone.

    Raises
    ------
    UsageError : nothing to undo, or somebody else writes to this course.
    GradebookError : the scores cannot be recorded (the reports are put back all the same).
    """
    ready.require_in_step(course, assignment)
    ledger = Ledger(course, assignment, database)
    with locked(course, f"referee regrade {assignment} --undo"), store.no_room(course.root):
        entry = history.last_to_undo(course, assignment)
        if entry is None:
            place = course.root / "history" / assignment
            raise UsageError(f"a regrade of {assignment} to undo", "none that still stands", f"see {place}")
        students = _graded_before(course, assignment, ())
        ledger.rehearse(students)
        began = time.monotonic()
        texts, left_alone = _as_before(course, entry)
        reports = {name: store.read_report(store.report_path(course, assignment, name)) for name in students}
        old = {name: from_json(text) for name, text in texts.items()}
        scores = tuple(changes.score(now, old[name]) for name in sorted(old) if (now := reports[name]) is not None)
        undo = Entry(
            number=_open_undo(course, assignment, entry.number),
            kind="undo",
            state="open",
            assignment=assignment,
            at=history.now(),
            scores=scores,
            undoes=entry.number,
        )
        undo = history.change(course, undo, texts)
        for name, report in old.items():
            _notebooks_back(course, entry, name)
            write_pages(course, report.without_answers())
            reports[name] = report
        ledger.enter([report.without_answers() for report in reports.values() if report is not None], progress)
        for each in (undo, *([entry] if entry.state == "open" else [])):
            history.close(course, each)
        while (stale := history.interrupted(course, assignment, "undo", entry.number)) is not None:
            history.close(course, stale)
    return Regraded(
        assignment=assignment,
        reports=len(texts),
        scores=tuple(score for score in scores if score.before != score.after),
        left_alone=left_alone,
        seconds=round(time.monotonic() - began, 3),
        number=undo.number,
        undone=True,
    )


def _notebooks_back(course: Course, entry: Entry, student: str) -> None:
    for name, content in history.kept_notebooks(course, entry, student).items():
        store.replace(course.autograded(student, entry.assignment) / f"{name}.ipynb", content)


def _as_before(course: Course, entry: Entry) -> tuple[dict[str, bytes], tuple[Odd, ...]]:
    """The reports as they were before an entry, and the students whose reports are no longer those that it wrote."""
    texts, left_alone = {}, []
    for student, after in entry.after.items():
        path, old = store.report_path(course, entry.assignment, student), history.before(course, entry, student)
        if not old.exists():
            continue  # the entry was interrupted before it came to this one
        if path.exists() and history.digest(path.read_bytes()) not in (after, history.digest(old.read_bytes())):
            left_alone.append(Odd(student=student, why="graded anew since"))
        elif store.read_report(old, student) is None:
            left_alone.append(Odd(student=student, why="the report that history keeps cannot be read"))
        else:
            texts[student] = old.read_bytes()
    return texts, tuple(left_alone)


def _open_undo(course: Course, assignment: str, undoes: int) -> int:
    """The number of an undoing that was interrupted; 0 where there is none."""
    entry = history.interrupted(course, assignment, "undo", undoes)
    return entry.number if entry is not None else 0


def _numbered(result: Regraded, entry: Entry | None) -> Regraded:
    return msgspec.structs.replace(result, number=entry.number if entry is not None else None, interrupted=None)
