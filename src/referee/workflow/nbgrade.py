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
from concurrent.futures import Executor, Future
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any, Unpack
from urllib.parse import quote

import msgspec

from referee.basis import fingerprint_of
from referee.batch import room, store
from referee.batch.crew import Local
from referee.batch.running import Run
from referee.batch.slots import prepare
from referee.course import STATE, Course, usable
from referee.errors import ClusterLost, CourseError, DataError, GradebookError, MissingExtra, NoRoom, UsageError
from referee.events import Listener, Planned
from referee.feedback.text import counted
from referee.gradebook import manual_scores
from referee.lock import locked
from referee.nbcourse import basis, outcome
from referee.nbcourse.ahead import learn
from referee.nbcourse.altered import changed_answers
from referee.nbcourse.book import Book, Late, Outline
from referee.nbcourse.converter import Begun, Halves, NotGraded, Played
from referee.nbcourse.course import NbCourse
from referee.nbcourse.orders import Desk, in_order, other_kernels
from referee.nbcourse.running import Ran, run
from referee.report import Basis, Fault, Note, NotebookReport, Report, to_json
from referee.sandbox import isolation
from referee.workflow import ready
from referee.workflow.grade import Done, GradedClass, Replaced, Wishes, ended
from referee.workflow.nbpages import lacking, write_all, write_pages
from referee.workflow.persons import with_manual_scores
from referee.workflow.ready import Progress

_ALL = (CourseError, DataError, MissingExtra, ClusterLost, GradebookError, NoRoom)
_AHEAD = 1  # submissions that are prepared while all workers are busy
_WHAT = {"submission": "handed in anew", "points": "points changed"}


@dataclass(frozen=True)
class Entry:
    """A submission that is to be graded: its notebooks, and why."""

    student: str
    notebooks: tuple[Path, ...]
    why: str


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


@dataclass
class _Class:
    course: NbCourse
    assignment: str
    book: Book
    outlines: Mapping[str, Outline]
    halves: Halves
    progress: Progress
    hear: Listener
    wishes: Wishes

    def graded(self, walls: str) -> GradedClass:
        """Grade whoever has to be; all reports there are."""
        course, assignment = self.course, self.assignment
        found = self._chosen()
        for folder in (_begun_folder(course, assignment), store.report_path(course, assignment, "x").parent):
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
        if _mark(self.course, self.assignment, student).exists():
            return "not finished before"
        if report is None:
            return _LEFT if self.halves.left_alone(student) else "not graded yet"
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
        gone = not self.course.autograded(student, self.assignment).exists()
        return "autograded/ lacks it" if gone and not _lost(report) else ""

    def _say(self, made: _Plan) -> None:
        todo = {entry.student for entry in made.todo}
        given = manual_scores(self.course.database, self.assignment) if todo else {}
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
        prepare(("referee.nbcourse.running", "referee.nbcourse.pages"))
        with ExitStack() as stack:
            plans = desk.plans if self.course.rules.kernel == "warm" and self.halves.executes else ()
            gpu = self.course.policy.needs_gpu(self.assignment)
            crew = Local(plans, self.wishes.get("workers"), gpu=gpu, say=self.progress, stack=stack)
            executor, width = crew.start(len(made.todo), room.used_by(made.earlier.values()))
            self.hear(self._planned(made, width, expected))
            replaced = Replaced(self.course, self.assignment, made.earlier)
            entering = _Entering(self, desk, executor, shared)
            stack.callback(entering.close)
            stop = self.wishes.get("stop_on_error", False)
            going = _Run(self.course, entering, width + _AHEAD, self.hear, expected, stop, replaced, entering=entering)
            crew.heard = going.heard
            for report in going.grade(made.todo):
                done.reports.append(report)
                crew.needs(max(room.used_by(done.reports), room.used_by(made.earlier.values())))
            if self.course.rules.feedback:
                whole = [report.student for report in done.reports[done.kept :] if not _lost(report)]
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
        return lacking(self.course, self.assignment, [report.student for report in kept if not _lost(report)])

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


_LEFT = "left alone"


class _Entering(Executor):
    """Hands a submission to a worker when nbgrader has prepared it, and lets nbgrader score what came back."""

    def __init__(self, of: _Class, desk: Desk, inner: Executor, shared: Mapping[str, Basis]) -> None:
        self._of, self._desk, self._inner, self._shared = of, desk, inner, shared
        self._begun: dict[str, Begun] = {}

    def submit(self, fn: Callable[..., Any], /, entry: Entry) -> Future[Any]:  # type: ignore[override] # entries alone
        """Prepare a submission and hand it on. The future holds `NotGraded` where nbgrader could not prepare it."""
        of = self._of
        _mark(of.course, of.assignment, entry.student).touch()
        future: Future[Any] = Future()
        try:
            begun = self._begun.get(entry.student)
            if begun is None or not begun.folder.exists():
                begun = self._begun[entry.student] = of.halves.begin(entry.student, entry.notebooks, of.book)
        except NotGraded as error:
            future.set_result(error)
            return future
        if not of.halves.executes:
            future.set_result(tuple(_unrun(name, notebook) for name, notebook in begun.notebooks.items()))
            return future
        return self._inner.submit(fn, self._desk.order(begun))

    def report(self, entry: Entry, result: Any) -> Report:
        """The report on a submission; one that cannot be entered because of what it is stays with a person."""
        try:
            return self.entered(entry, result)
        except _ALL:
            raise
        except Exception as error:  # noqa: BLE001 - one submission is no reason to stop
            words = f"the harness failed ({type(error).__name__}: {error}); this costs no point"
            self._of.halves.give_up(entry.student)
            return self._report(entry, None, {}, words, Fault.HARNESS)

    def close(self) -> None:
        """Leave nothing half done behind: what was prepared and not run is not there, as after nbgrader's own end."""
        for student in self._begun:
            self._of.halves.give_up(student)

    def entered(self, entry: Entry, result: Any) -> Report:
        """The report on a submission; scores, autograded/ and all that nbgrader writes are there when it is."""
        if isinstance(result, _ALL):
            raise result
        begun = self._begun.pop(entry.student, None)
        lost: str = ""
        fault, runs = Fault.STUDENT, dict[str, Ran]()
        if isinstance(result, NotGraded):
            lost = str(result)
        elif isinstance(result, BaseException):
            lost, fault = f"the harness failed ({result}); this costs no point", Fault.HARNESS
        else:
            runs = {ran.name: ran for ran in result}
            lost, fault = next(((ran.lost, ran.fault or Fault.STUDENT) for ran in result if ran.lost), ("", fault))
        if begun is not None:
            lost = self._scored(begun, runs, lost)
        return self._report(entry, begun, runs, lost, fault)

    def _scored(self, begun: Begun, runs: Mapping[str, Ran], lost: str) -> str:
        """Let nbgrader score what ran; why it did not, where it did not."""
        halves, book = self._of.halves, self._of.book
        if lost and not runs:
            halves.give_up(begun.student)
            return lost
        for ran in runs.values():
            _lay(begun, ran)
        played = {
            name: Played(ran.notebook, {cell.grade_id: cell.score for cell in ran.graded})
            for name, ran in runs.items()
            if not ran.lost
        }
        try:
            halves.finish(begun, played, book)
        except NotGraded as error:
            return lost or str(error)
        return lost

    def _report(self, entry: Entry, begun: Begun | None, runs: Mapping[str, Ran], lost: str, fault: Fault) -> Report:
        of = self._of
        submission = basis.of_submission(of.course.submission(entry.student, of.assignment))
        scores = of.book.scores(of.assignment, entry.student)
        penalties = of.book.penalties(of.assignment, entry.student)
        folder, most = of.course.submission(entry.student, of.assignment), of.course.nb_limits(of.assignment)
        prints = {name: fingerprint_of(folder / f"{name}.ipynb", most.submission_bytes) for name in of.outlines}
        known_names = ", ".join(sorted(of.outlines))
        odd = [path.name for path in entry.notebooks if path.stem not in of.outlines]
        unknown = [f"{name!r} is none of the notebooks {known_names}; it was not graded" for name in odd]
        notebooks = []
        for name, outline in sorted(of.outlines.items()):
            known = msgspec.structs.replace(self._shared[name], submission=submission)
            if lost and name in {path.stem for path in entry.notebooks}:
                ended = next((ran.name for ran in runs.values() if ran.lost), name)
                words = lost if ended == name else f"{ended} did not run to its end, which ends its submission: {lost}"
                made = outcome.lost_report(name, outline, words, fault, basis=known, fingerprint=prints[name])
                if name in runs:
                    made = msgspec.structs.replace(made, cells=runs[name].cells, timings=runs[name].timings)
            else:
                mine = {cell: score for (book, cell), score in scores.items() if book == name}
                made = outcome.notebook_report(
                    name,
                    outline,
                    runs.get(name),
                    mine,
                    basis=known,
                    fingerprint=prints[name],
                    hidden=of.halves.hidden_begins,
                )
            made = self._noted(made, name, begun, runs, 0.0 if lost else penalties.get(name, Late()).penalty)
            notes = (*made.notes, *(Note(code="unknown", words=words) for words in unknown))
            if (late := penalties.get(name, Late())).seconds > 0:
                notes = (*notes, Note(code="late", words=late.words))
            notebooks.append(msgspec.structs.replace(made, notes=notes))
        return Report(
            course=of.course.policy.name, student=entry.student, assignment=of.assignment, notebooks=tuple(notebooks)
        )

    def _noted(
        self, made: NotebookReport, name: str, begun: Begun | None, runs: Mapping[str, Ran], penalty: float
    ) -> NotebookReport:
        said = [*begun.said.get(name, ()), *begun.said.get("", ())] if begun is not None else []
        notes = [*made.notes, *outcome.said(said, self._of.outlines[name], self._of.halves.hidden_begins)]
        if begun is not None and name in begun.notebooks:
            notes += outcome.not_run(begun.notebooks[name], self._of.outlines[name])
        if self._of.course.rules.note_changed_answers and name in runs and runs[name].text:
            notes += changed_answers(runs[name].notebook, self._of.outlines[name].cells)
        return msgspec.structs.replace(made, notes=tuple(notes), penalty=penalty)


def _writable(student: str) -> bool:
    """Whether files of ours can have this name, and nbgrader's patterns mean it alone."""
    return usable(student) and student.isprintable() and not set(student) & set("/*?[]")


def _lost(report: Report) -> bool:
    """Whether nbgrader has nothing of a submission but the hand-in itself."""
    return any(book.refused and not book.missing for book in report.notebooks)


def _unrun(name: str, notebook: Any) -> Ran:
    return Ran(name=name, text=msgspec.json.encode(notebook))


def _lay(begun: Begun, ran: Ran) -> None:
    """Put the files that a notebook wrote beside it, as they would lie there if it had run in that place."""
    for name, content in ran.left.items():
        if "/" not in name and (name.endswith(".ipynb") or name == "timestamp.txt"):
            continue  # the notebooks and the time are those that were handed in
        target = begun.folder / name
        try:
            if any((begun.folder / part).is_symlink() for part in (Path(name), *Path(name).parents)):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.write_bytes(content)
        except OSError:
            continue  # a file where a folder is, a path that is too long here: it stays in the kernel that made it


@dataclass
class _Run(Run):
    """A run over the submissions of an nbgrader course."""

    entering: Any = None

    @property
    def work(self) -> Callable[[Any], Any]:
        return run

    def written(self, order: Any, result: Any) -> Report:
        report: Report = self.entering.report(order, result)
        with store.no_room(self.course.root):
            self.replacing(report)
            store.replace(store.report_path(self.course, report.assignment, report.student), to_json(report) + b"\n")
            _mark(self.course, report.assignment, report.student).unlink(missing_ok=True)
        return report.without_answers()


def _begun_folder(course: Course, assignment: str) -> Path:
    return course.root / STATE / "begun" / quote(assignment, safe="")


def _mark(course: Course, assignment: str, student: str) -> Path:
    """A file that is there while a submission is being graded: of one that was cut short nothing counts."""
    return _begun_folder(course, assignment) / quote(student, safe="")
