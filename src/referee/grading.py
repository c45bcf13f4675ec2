"""One submission to one Report: each notebook is put in order, run, and checked while it runs.

Task            everything that determines the result of one notebook
grade_notebook  Task -> Graded (its report and the executed notebook)
grade           a student's submission to an assignment -> Report and executed notebooks
"""

from __future__ import annotations

import atexit
import dataclasses
import hashlib
import importlib.metadata
import os
import platform
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

import msgspec
from nbformat import NotebookNode

from referee import __version__, authoring, data
from referee.answers.live import LiveSource
from referee.answers.recorded import Recorder
from referee.authoring import Authored
from referee.checks.plugin import Asked
from referee.checks.session import Graders, graders_for
from referee.checks.verdicts import with_context
from referee.course import Course, Exercise, Parameter
from referee.errors import HarnessError, SubmissionError
from referee.execution import Job, execute
from referee.imports import Needs, needs
from referee.report import (
    NOT_HANDED_IN,
    CellRun,
    CellSpec,
    CellStatus,
    CheckResult,
    Environment,
    Evidence,
    Fault,
    GradedCell,
    Note,
    NotebookReport,
    Outcome,
    Report,
    Timings,
    Verdict,
)
from referee.sandbox import isolation
from referee.sandbox.forkserver import KernelLost
from referee.sandbox.limits import Limits
from referee.sandbox.nursery import Plan

_PACKAGES = (
    "numpy",
    "keras",
    "tensorflow-cpu",
    "tensorflow",
    "torch",
    "papermill",
    "nbclient",
    "ipykernel",
    "nbgrader",
)


@dataclass(frozen=True, kw_only=True)
class Task:
    """Everything that determines the result of one notebook.

    submitted : the handed-in file.   authored : the notebook that says which cells there are and what they are worth.
    graders : the grader files; `root` is where they import from.   files : what lies beside the notebook when it runs.
    late : modules that the solution was seen to import while it ran, to be imported ahead.
    trusted : the notebook is the course's own, so that the modules which it loaded may be asked for and believed.
    """

    student: str
    assignment: str
    notebook: str
    submitted: Path
    authored: Path
    graders: tuple[Path, ...]
    root: Path
    files: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    withhold: tuple[str, ...] = ()
    threads: int = 1
    late: tuple[str, ...] = ()
    trusted: bool = False
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Graded:
    """A notebook's report, and the notebook as it ran (None where it could not run).

    modules : names of what was loaded at its end, where the task is trusted.
    """

    report: NotebookReport
    executed: NotebookNode | None
    modules: tuple[str, ...] = ()


def task_for(course: Course, exercise: Exercise, student: str, submitted: Path, threads: int = 1) -> Task:
    """The task of grading one submitted notebook under the course's policy."""
    return Task(
        student=student,
        assignment=exercise.assignment,
        notebook=exercise.notebook,
        submitted=submitted,
        authored=exercise.released,
        graders=exercise.graders,
        root=course.root,
        files=exercise.support,
        limits=course.limits_of(exercise),
        late=course.late_of(exercise),
        parameters=course.policy.parameters_of(exercise.assignment),
        withhold=course.policy.data.withhold,
        threads=threads,
    )


def parent_of(task: Task) -> Plan:
    """The plan of the warm parent from which kernels for a task are forked, if the submission is as the author's is."""
    authored = authoring.authored(task.authored).notebook
    needed = needs(authored, authored, task.late)
    return Plan(preload=needed.preload, late=needed.late, variables=needed.variables, threads=task.threads)


def grade(course: Course, assignment: str, student: str, threads: int = 1) -> tuple[Report, dict[str, NotebookNode]]:
    """Grade what a student handed in for an assignment.

    Returns
    -------
    The report, and the executed notebooks by name.

    Raises
    ------
    CourseError, GraderError, DataError : the course is wrong; no report would be fair.
    """
    folder = course.submission(student, assignment)
    exercises = course.exercises(assignment)
    found, extra = _match(folder, exercises)
    graded = {}
    for exercise in exercises:
        path, notes = found.get(exercise.notebook, (folder / f"{exercise.notebook}.ipynb", ()))
        task = task_for(course, exercise, student, path, threads)
        graded[exercise.notebook] = grade_notebook(_with_notes(task, (*notes, *extra)))
    reports = tuple(result.report for result in graded.values())
    report = Report(course=course.policy.name, student=student, assignment=assignment, notebooks=reports)
    return report, {name: result.executed for name, result in graded.items() if result.executed is not None}


def _match(
    folder: Path, exercises: Sequence[Exercise]
) -> tuple[dict[str, tuple[Path, tuple[Note, ...]]], tuple[Note, ...]]:
    """Which file is which exercise: by name, and else by the grade_ids inside; and notes about the rest."""
    names = {exercise.notebook for exercise in exercises}
    found: dict[str, tuple[Path, tuple[Note, ...]]] = {}
    extra: list[Note] = []
    others = [path for path in sorted(folder.glob("*.ipynb")) if path.stem not in names]
    for path in (folder / f"{name}.ipynb" for name in names):
        if path.is_file():
            found[path.stem] = (path, ())
    open_ones = [exercise for exercise in exercises if exercise.notebook not in found]
    authored = [(exercise.notebook, authoring.authored(exercise.released).notebook) for exercise in open_ones]
    for path in others:
        name = _recognise(path, authored)
        if name is None or name in found:
            words = f"{path.name!r} is none of the notebooks {', '.join(sorted(names))}; it was not graded"
            extra.append(Note(code="unknown", words=words))
        else:
            words = f"the file is called {path.name!r}; it was taken for {name}.ipynb by the cells it holds"
            found[name] = (path, (Note(code="name", words=words),))
    return found, tuple(extra)


def _recognise(path: Path, authored: Sequence[tuple[str, NotebookNode]]) -> str | None:
    try:
        return authoring.recognise(authoring.read_submission(path, Limits().submission_bytes), authored)
    except SubmissionError:
        return None


def _with_notes(task: Task, notes: tuple[Note, ...]) -> Task:
    return dataclasses.replace(task, notes=notes)


def grade_notebook(task: Task) -> Graded:
    """Grade one notebook; whatever is wrong with the submission or the harness becomes part of its report.

    Raises
    ------
    CourseError, GraderError, DataError : the course is wrong; no report would be fair.
    """
    authored = authoring.authored(task.authored)
    cells = _graded_cells(authored)
    if not task.submitted.exists():
        return Graded(_refused(task, cells, NOT_HANDED_IN, Fault.STUDENT), None)
    try:
        submitted = authoring.read_submission(task.submitted, task.limits.submission_bytes)
    except SubmissionError as error:
        words = f"{task.submitted.name} is {error.found}; {error.remedy}"
        return Graded(_refused(task, cells, words, Fault.STUDENT), None)
    notebook, notes = authoring.restore(authored.notebook, submitted)
    task = _with_notes(task, (*task.notes, *notes))
    parameters, files = _parameters(task, authored)
    needed = needs(authored.notebook, notebook, task.late)
    try:
        return _Grading(task, cells, graders_for(task.graders, task.root)).run(notebook, parameters, files, needed)
    except KernelLost:  # that is not the notebook's fault, and may not be again
        again = _Grading(task, cells, graders_for(task.graders, task.root), last=True)
        return again.run(notebook, parameters, files, needed)


def _graded_cells(authored: Authored) -> tuple[CellSpec, ...]:
    return tuple(spec for spec in authored.specs if spec.grade or spec.task)


def _parameters(task: Task, authored: Authored) -> tuple[dict[str, Parameter], tuple[Path, ...]]:
    """The parameters to inject, and the files for the kernel: the data file without what is withheld."""
    names = authored.parameter_names
    parameters = {name: value for name, value in task.parameters.items() if name in names}
    source = str(parameters.get("data", ""))
    if not data.is_file(source):
        return parameters, task.files
    copy = _withheld(Path(source), task.withhold)
    return {**parameters, "data": copy.name}, (*task.files, copy)


_copies: dict[tuple[Path, authoring.Stamp, tuple[str, ...]], tuple[Path, int]] = {}


def _withheld(source: Path, withhold: tuple[str, ...]) -> Path:
    """The data file without what is withheld, made once: each kernel gets its own copy of this one."""
    key = (source, authoring.stamp(source), withhold)
    if key in _copies:
        copy, changed = _copies[key]
        # a kernel that is not isolated can write there; it cannot set back the time of its change
        if copy.is_file() and copy.stat().st_ctime_ns == changed:
            return copy
    copy = data.withheld_copy(source, withhold, Path(tempfile.mkdtemp(dir=_data_folder(os.getpid()))))
    _copies[key] = copy, copy.stat().st_ctime_ns
    return copy


@cache
def _data_folder(owner: int) -> Path:
    """A folder of this process that is removed at its end."""
    folder = Path(tempfile.mkdtemp(prefix=f"referee-{owner}-data-"))
    atexit.register(lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == owner else None)
    return folder


@lru_cache(maxsize=8)
def _data_fingerprint(source: str, _version: authoring.Stamp) -> str:
    return data.fingerprint(source)


class _Grading:
    """The grading of one notebook while it runs: what was asked, answered and concluded so far."""

    def __init__(self, task: Task, cells: Sequence[CellSpec], graders: Graders, last: bool = False) -> None:
        self._last = last
        self._task = task
        self._cells = cells
        self._graders = graders
        self._results: dict[str, list[CheckResult]] = {}
        self._recorder: Recorder | None = None
        self._ran = 0  # how many cells had run at the check cell before
        self._job = Job(limits=task.limits, threads=task.threads, at_check=self._at_check, want_modules=task.trusted)

    def run(
        self, notebook: NotebookNode, parameters: dict[str, Parameter], files: tuple[Path, ...], needs: Needs
    ) -> Graded:
        """Run the notebook to its end and put the report together."""
        self._job.files, self._job.seed = files, int(parameters.get("seed", 0))
        self._job.preload, self._job.late, self._job.variables = needs.preload, needs.late, needs.variables
        executed = None
        try:
            executed = execute(notebook, self._job, parameters)
        except HarnessError as error:
            if isinstance(error, KernelLost) and not self._last:
                raise
            self._give_up(error)
        graded = tuple(self._graded(cell, notebook) for cell in self._cells)
        timings = Timings(
            total=sum(self._job.seconds.values()) + self._job.kernel_start,
            kernel_start=self._job.kernel_start,
            cells=self._job.seconds,
            usage=self._job.usage,
            exceeded=tuple(self._job.exceeded),
            kernel=self._job.kernel,
            checks=self._graders.seconds,
        )
        report = msgspec.structs.replace(
            _empty(self._task, self._recorded_parameters(parameters)),
            cells=tuple(self._job.cells),
            graded=graded,
            answers=self._recorder.answers if self._recorder is not None else (),
            timings=timings,
        )
        return Graded(report, executed, self._job.modules)

    def _recorded_parameters(self, parameters: dict[str, Parameter]) -> dict[str, Parameter]:
        """The parameters with the data's fingerprint in place of its path, which differs between machines."""
        if "data" not in parameters:
            return parameters
        source = str(self._task.parameters["data"])
        return {**parameters, "data": _data_fingerprint(source, authoring.stamp(Path(source)))}

    def _at_check(self, cell: str, source: LiveSource) -> str:
        """Ask and conclude everything about one check cell; the text is what stands below it afterwards."""
        self._recorder = self._recorder or Recorder(source, self._task.limits)
        asked = Asked(self._recorder, self._seed_of, str(self._task.parameters.get("data", "digits")))
        bad = self._last_bad()
        recent = bad is not None and bad in self._job.cells[self._ran :]
        self._ran = len(self._job.cells)
        results = [_in_context(result, bad, recent) for result in self._graders.run(cell, asked)]
        self._results[cell] = results
        return "".join(f"{result.verdict.outcome.value}: {result.sentence}\n" for result in results)

    def _seed_of(self, check: str) -> int:
        """A seed that is the same at a regrade, and different between students and checks."""
        key = f"{self._task.student}\0{self._task.assignment}\0{self._task.notebook}\0{check}"
        return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "little")

    def _last_bad(self) -> CellRun | None:
        """The last cell before this check that did not end well."""
        bad = [cell for cell in self._job.cells if cell.status not in (CellStatus.OK, CellStatus.NOT_RUN)]
        return bad[-1] if bad else None

    def _give_up(self, error: HarnessError) -> None:
        """Nobody is to blame for what was not answered; what was concluded from answers stands."""
        verdict = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.HARNESS)
        evidence = Evidence(words=f"the harness failed ({error.found}); this costs no point")
        for cell in {check.cell for check in self._graders.checks} - set(self._results):
            checks = (check for check in self._graders.checks if check.cell == cell)
            self._results[cell] = [check.result(verdict, evidence) for check in checks]
        died = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.STUDENT)
        for results in self._results.values():
            for place, result in enumerate(results):
                if result.verdict == died:
                    results[place] = msgspec.structs.replace(result, verdict=verdict, evidence=evidence)

    def _graded(self, cell: CellSpec, notebook: NotebookNode) -> GradedCell:
        if cell.solution or cell.task:
            return _for_person(cell, notebook)
        results = tuple(self._results.get(cell.grade_id, ()))
        total = sum(result.weight for result in results)
        passed = sum(result.weight for result in results if result.verdict.passed)
        earned = round(cell.points * passed / total, 4) if total else 0.0
        undecided = any(result.verdict.needs_person for result in results) or not results
        return GradedCell(
            grade_id=cell.grade_id,
            kind="check",
            points=cell.points,
            earned=earned,
            score=None if undecided else earned,
            words="" if results else "only checked after submission",
            results=results,
        )


def _in_context(result: CheckResult, bad: CellRun | None, recent: bool) -> CheckResult:
    """The result, with the cell to look at where that may be the reason: it raised, or was stopped, before the check.

    `recent` says that no other check cell lies between the two.
    """
    words = result.evidence.words
    unanswered = "is not defined" in words or result.verdict.outcome is Outcome.UNCHECKED
    if bad is None or result.verdict.passed or result.verdict.needs_person or not (recent or unanswered):
        return result
    if bad.error and f"raised {bad.error}" in words:
        return result
    name = f" ({bad.grade_id})" if bad.grade_id else ""
    context = f"before it, cell {bad.index + 1}{name} did not end well: {bad.words}"
    return msgspec.structs.replace(result, evidence=with_context(result.evidence, context))


def _for_person(cell: CellSpec, notebook: NotebookNode) -> GradedCell:
    """A cell that a person grades; an answer that was left as released is a zero by itself, as in nbgrader."""
    sources = [other.source for other in notebook.cells if authoring.grade_id(other) == cell.grade_id]
    answered = bool(sources) and sources[0].strip() not in ("", cell.source.strip())
    words = "waits for a person" if answered else "no answer was given"
    score = None if answered else 0.0
    return GradedCell(grade_id=cell.grade_id, kind="person", points=cell.points, earned=0.0, score=score, words=words)


def _refused(task: Task, cells: Sequence[CellSpec], words: str, fault: Fault) -> NotebookReport:
    graded = tuple(
        GradedCell(
            grade_id=cell.grade_id,
            kind="person" if cell.solution or cell.task else "check",
            points=cell.points,
            earned=0.0,
            score=0.0 if fault is Fault.STUDENT else None,
            words=words,
        )
        for cell in cells
    )
    return msgspec.structs.replace(_empty(task, {}), graded=graded, refused=words, refused_by=fault)


def _empty(task: Task, parameters: dict[str, Parameter]) -> NotebookReport:
    return NotebookReport(
        notebook=task.notebook,
        fingerprint=_fingerprint(task.submitted, task.limits.submission_bytes),
        environment=_environment(),
        parameters=dict(parameters),
        seed=int(parameters.get("seed", 0)),
        notes=task.notes,
    )


def _fingerprint(path: Path, most: int) -> str:
    """The SHA-256 of a handed-in file; empty for what is no file of a size that is read."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > most:
            return ""
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _environment() -> Environment:
    return Environment(
        referee=__version__,
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        packages=_versions(),
        isolation=isolation.names(),
    )


@cache
def _versions() -> dict[str, str]:
    """The versions of the packages that matter to a result; of those that are installed."""
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def not_graded(course: Course, assignment: str, student: str, why: BaseException) -> Report:
    """The report of a submission that the harness could not grade: no point is lost, and a person is asked."""
    notebooks = []
    for exercise in course.exercises(assignment):
        task = task_for(
            course, exercise, student, course.submission(student, assignment) / f"{exercise.notebook}.ipynb"
        )
        cells = _graded_cells(authoring.authored(task.authored))
        words = f"the harness failed ({type(why).__name__}: {why}); this costs no point"
        notebooks.append(_refused(task, cells, words, Fault.HARNESS))
    return Report(course=course.policy.name, student=student, assignment=assignment, notebooks=tuple(notebooks))
