"""One submission to one Report: each notebook is put in order, run, and checked while it runs.

grade_notebook  Task -> Graded (its report and the executed notebook)
grade_tasks     the tasks of a submission -> Report and executed notebooks
grade           the same for a student of a course
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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import msgspec
from nbformat import NotebookNode

from referee import __version__, authoring, basis, data, outputs
from referee.answers.given import Given
from referee.answers.live import LiveSource
from referee.answers.recorded import Recorder
from referee.authoring import Authored
from referee.checks.session import Graders, graders_for
from referee.course import Course, Parameter
from referee.errors import HarnessError, SubmissionError
from referee.execution import Job, execute
from referee.imports import Needs, needs
from referee.judging import Judge
from referee.report import (
    NOT_HANDED_IN,
    CellSpec,
    Environment,
    Fault,
    GradedCell,
    Note,
    NotebookReport,
    Report,
    Timings,
)
from referee.sandbox import isolation
from referee.sandbox.forkserver import KernelLost
from referee.tasks import Task, tasks_of, templates

#: Told what is being done, in words for whoever waits: "cell 7", "the checks of feature_map".
Doing = Callable[[str], None]

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


@dataclass(frozen=True)
class Graded:
    """A notebook's report, and the notebook as it ran (None where it could not run).

    modules : names of what was loaded at its end, where the task is trusted.
    """

    report: NotebookReport
    executed: NotebookNode | None
    modules: tuple[str, ...] = ()


def grade(course: Course, assignment: str, student: str, threads: int = 1) -> tuple[Report, dict[str, NotebookNode]]:
    """Grade what a student handed in for an assignment.

    Returns
    -------
    The report, and the executed notebooks by name.

    Raises
    ------
    CourseError, GraderError, DataError : the course is wrong; no report would be fair.
    """
    known = templates(course, assignment, threads)
    tasks = tasks_of(known, course.submission(student, assignment), student)
    return grade_tasks(tasks, course.policy.name)


def grade_tasks(
    tasks: Sequence[Task], course: str, doing: Doing | None = None
) -> tuple[Report, dict[str, NotebookNode]]:
    """Grade the notebooks of one submission; raises as `grade` does."""
    graded = {task.notebook: grade_notebook(task, doing) for task in tasks}
    report = report_of(tasks, course, (result.report for result in graded.values()))
    return report, {name: result.executed for name, result in graded.items() if result.executed is not None}


def report_of(tasks: Sequence[Task], course: str, notebooks: Iterable[NotebookReport]) -> Report:
    """The report on a submission with these notebooks."""
    return Report(course=course, student=tasks[0].student, assignment=tasks[0].assignment, notebooks=tuple(notebooks))


def grade_notebook(task: Task, doing: Doing | None = None) -> Graded:
    """Grade one notebook; whatever is wrong with the submission or the harness becomes part of its report.

    Raises
    ------
    CourseError, GraderError, DataError : the course is wrong; no report would be fair.
    """
    authored = authoring.authored(task.authored)
    cells = graded_cells(authored)
    if not task.submitted.exists():
        return Graded(_refused(task, cells, NOT_HANDED_IN, Fault.STUDENT), None)
    fingerprint = ""
    try:
        content = authoring.submitted_bytes(task.submitted, task.limits.submission_bytes)
        fingerprint = hashlib.sha256(content).hexdigest()
        submitted = authoring.parse_submission(task.submitted.name, content, task.limits.submission_bytes)
    except SubmissionError as error:
        words = f"{task.submitted.name} is {error.found}; {error.remedy}"
        return Graded(_refused(task, cells, words, Fault.STUDENT, fingerprint), None)
    notebook, notes = authoring.restore(authored.notebook, submitted)
    task = dataclasses.replace(task, notes=(*task.notes, *notes))
    parameters, files = _parameters(task, authored)
    needed = needs(authored.notebook, notebook, task.late, task.ahead)

    def attempt(*, last: bool) -> Graded:
        grading = _Grading(task, graders_for(task.graders, task.root), fingerprint, doing, last)
        return grading.run(notebook, parameters, files, needed)

    try:
        return attempt(last=False)
    except KernelLost:  # that is not the notebook's fault, and may not be again
        return attempt(last=True)


def graded_cells(authored: Authored) -> tuple[CellSpec, ...]:
    """The cells of an exercise that carry points."""
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
    copy = data.withheld_copy(source, withhold, Path(tempfile.mkdtemp(dir=_data_folder())))
    _copies[key] = copy, copy.stat().st_ctime_ns
    return copy


_folders: dict[int, Path] = {}  # by process: a forked one must not remove its parent's


def _data_folder() -> Path:
    """A folder of this process that is removed at its end."""
    if os.getpid() not in _folders:
        _folders[os.getpid()] = Path(tempfile.mkdtemp(prefix=f"referee-{os.getpid()}-data-"))
    return _folders[os.getpid()]


def close_data() -> None:
    """Remove the copies of data that this process has made for its kernels."""
    if (folder := _folders.pop(os.getpid(), None)) is not None:
        shutil.rmtree(folder, ignore_errors=True)


atexit.register(close_data)


def data_fingerprint(source: str) -> str:
    """What a report says about the data, read once for as long as its file stays the same."""
    return _data_fingerprint(source, authoring.stamp(Path(source)))


@lru_cache(maxsize=8)
def _data_fingerprint(source: str, _version: authoring.Stamp) -> str:
    return data.fingerprint(source)


class _Grading:
    """The grading of one notebook while it runs: what was asked, answered and concluded so far."""

    def __init__(self, task: Task, graders: Graders, fingerprint: str, doing: Doing | None, last: bool) -> None:
        self._task, self._fingerprint, self._last = task, fingerprint, last
        self._doing = doing or (lambda _words: None)
        self._judge = Judge(task, graders)
        self._recorder: Recorder | None = None
        self._job = Job(
            limits=task.limits,
            threads=task.threads,
            at_check=self._at_check,
            doing=self._doing,
            want_modules=task.trusted,
        )

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
            self._judge.give_up(error)
        cells = graded_cells(authoring.authored(self._task.authored))
        shown = revealing(executed, self._judge.given)
        timings = Timings(
            total=sum(self._job.seconds.values()) + self._job.kernel_start,
            kernel_start=self._job.kernel_start,
            cells=self._job.seconds,
            memory=self._job.memory,
            usage=self._job.usage,
            exceeded=tuple(self._job.exceeded),
            kernel=self._job.kernel,
            checks=self._judge.seconds,
        )
        report = msgspec.structs.replace(
            _empty(self._task, self._recorded_parameters(parameters), self._fingerprint),
            cells=tuple(self._job.cells),
            graded=self._judge.graded(cells, lambda cell: _for_person(cell, notebook)),
            pauses=tuple(self._judge.pauses),
            answers=self._recorder.answers if self._recorder is not None else (),
            revealing=shown,
            notes=(*self._task.notes, *map(revealed, shown)),
            timings=timings,
        )
        return Graded(report, executed, self._job.modules)

    def _recorded_parameters(self, parameters: dict[str, Parameter]) -> dict[str, Parameter]:
        """The parameters with the data's fingerprint in place of its path, which differs between machines."""
        if "data" not in parameters:
            return parameters
        return {**parameters, "data": data_fingerprint(str(self._task.parameters["data"]))}

    def _at_check(self, cell: str, source: LiveSource) -> str:
        """Ask and conclude everything about one check cell; the text is what stands below it afterwards."""
        enough = self._task.enough
        if enough is not None and cell in enough.known:
            return ""
        self._doing(f"the checks of {cell}")
        self._recorder = self._recorder or Recorder(source, self._task.limits)
        results = self._judge.at(cell, self._recorder, tuple(self._job.cells))
        self._job.enough = enough is not None and enough.reached(self._judge.results)
        return "".join(f"{result.verdict.outcome.value}: {result.sentence}\n" for result in results)


_PIECE = 1_000_000  # characters: what one cell may put out, and more than a page shows of all of them


def revealing(executed: NotebookNode | None, given: Given) -> tuple[int, ...]:
    """The cells of a notebook that put out what hidden checks gave to its functions, by their places in it.

    Each cell is judged by itself. Then those that are left are judged together, for an input may be handed out in
    small parts: all of them that put out a number are meant where it is.
    """
    own = [] if executed is None else [cell for cell in executed.cells if not authoring.is_injected(cell)]
    texts = {place: outputs.texts(cell) for place, cell in enumerate(own) if not authoring.is_check(cell)}
    found = {place for place, forms in texts.items() if any(map(given.within, forms))}
    rest = {
        place: forms[-1] for place, forms in texts.items() if place not in found and any(map(str.isdigit, forms[-1]))
    }
    whole = "\n".join(rest.values())
    pieces = (whole[at : at + _PIECE] for at in range(0, len(whole), _PIECE * 9 // 10))
    if len(rest) > 1 and any(map(given.within, pieces)):
        found |= set(rest)
    return tuple(sorted(found))


def revealed(place: int) -> Note:
    """The note about a cell that puts out what hidden checks gave."""
    words = f"cell {place + 1} puts out what a hidden check gave to the code; its output is not shown to the student"
    return Note(code="revealing", words=words)


def _for_person(cell: CellSpec, notebook: NotebookNode) -> GradedCell:
    """A cell that a person grades; an answer that was left as released is a zero by itself, as in nbgrader."""
    sources = [other.source for other in notebook.cells if authoring.grade_id(other) == cell.grade_id]
    answered = bool(sources) and sources[0].strip() not in ("", cell.source.strip())
    words = "waits for a person" if answered else "no answer was given"
    score = None if answered else 0.0
    return GradedCell(grade_id=cell.grade_id, kind="person", points=cell.points, earned=0.0, score=score, words=words)


def not_graded(tasks: Sequence[Task], course: str, words: str) -> Report:
    """The report of a submission that could not be graded for our reasons: no point is lost, and a person is asked."""
    refused = []
    for task in tasks:
        fingerprint = basis.fingerprint_of(task.submitted, task.limits.submission_bytes)
        cells = graded_cells(authoring.authored(task.authored))
        refused.append(_refused(task, cells, words, Fault.HARNESS, fingerprint))
    return report_of(tasks, course, refused)


def _refused(task: Task, cells: Sequence[CellSpec], words: str, fault: Fault, fingerprint: str = "") -> NotebookReport:
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
    return msgspec.structs.replace(_empty(task, {}, fingerprint), graded=graded, refused=words, refused_by=fault)


def _empty(task: Task, parameters: dict[str, Parameter], fingerprint: str) -> NotebookReport:
    here = environment()
    return NotebookReport(
        notebook=task.notebook,
        fingerprint=fingerprint,
        environment=here,
        basis=basis.completed(task, fingerprint, here),
        parameters=dict(parameters),
        seed=int(parameters.get("seed", 0)),
        notes=task.notes,
    )


def environment() -> Environment:
    """Where a grading in this process happens."""
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
