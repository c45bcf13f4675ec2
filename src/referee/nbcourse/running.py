"""What a worker does with one submission to an nbgrader course: its notebooks run, one after the other, in kernels.

Order -> run -> (Ran, ...)      nothing is judged here but the check cells that a grader outside the kernel decides
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import nbformat
from ipykernel.ipkernel import IPythonKernel
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute

from referee import grading
from referee.answers.given import Given
from referee.answers.live import LiveSource
from referee.answers.recorded import Recorder
from referee.batch import slots
from referee.checks.session import graders_for
from referee.errors import HarnessError
from referee.events import Doing
from referee.execution import Job, execute
from referee.imports import Needs
from referee.judging import Judge, scored
from referee.nbcourse import plain
from referee.report import (
    CellRun,
    CellStatus,
    Fault,
    GradedCell,
    Note,
    Pause,
    RecordedAnswer,
    Timings,
)
from referee.sandbox.forkserver import KernelLost
from referee.sandbox.limits import Limits
from referee.tasks import Task

_MARGIN = 300.0  # seconds, for graders that load
_KEPT = 50_000_000  # bytes that a submission's notebooks may leave behind for each other and for autograded/
_BAD = (CellStatus.DIED, CellStatus.LIMIT, CellStatus.NOT_RUN)
#: What nbgrader sets while it autogrades, and a kernel of Jupyter's when it starts: pictures stand under their cells.
VARIABLES = (
    ("CLICOLOR", "1"),
    ("CLICOLOR_FORCE", "1"),
    ("FORCE_COLOR", "1"),
    ("GIT_PAGER", "cat"),
    ("MPLBACKEND", "module://matplotlib_inline.backend_inline"),
    ("NBGRADER_EXECUTION", "autograde"),
    ("PAGER", "cat"),
    ("TERM", "xterm-color"),
)


@dataclass(frozen=True)
class Sheet:
    """A notebook as it is to be run.

    text : its JSON.   needs : what its kernel is forked from.
    points : of the cells that checks outside the kernel decide, by grade_id; `task` says by which graders.
    """

    name: str
    text: bytes
    needs: Needs = field(default_factory=Needs)
    points: Mapping[str, float] = field(default_factory=dict)
    task: Task | None = None


@dataclass(frozen=True)
class Order:
    """The notebooks of one submission, in the order in which they run.

    files : what lies beside them.   folder : where the submission lies, sanitized (for nbgrader's own execution).
    timeout_error : what nbgrader puts under a cell whose time is up.
    how : "warm": isolated, limited; "nbgrader": by nbgrader's own Execute, whose course is in `root`.
    rest : a kernel that dies fails what comes after it; else the whole submission is lost.
    """

    student: str
    sheets: tuple[Sheet, ...]
    files: tuple[Path, ...]
    folder: Path
    root: Path
    database: str
    limits: Limits
    timeout_error: dict[str, Any]
    how: Literal["warm", "nbgrader"] = "warm"
    rest: bool = False
    seed: int = 0

    @property
    def patience(self) -> float:
        """The seconds within which something must be heard of it."""
        return 2 * self.limits.notebook_seconds + self.limits.start_seconds + _MARGIN


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What became of a notebook.

    text : the JSON of the notebook as it ran; empty where it did not.
    lost : why it did not run to its end, where that is so; `fault` says whose fault that is.
    graded : the cells that checks outside the kernel decided.
    left : the files that it wrote, as far as they are kept.
    """

    name: str
    text: bytes = b""
    lost: str = ""
    fault: Fault | None = None
    cells: tuple[CellRun, ...] = ()
    graded: tuple[GradedCell, ...] = ()
    pauses: tuple[Pause, ...] = ()
    answers: tuple[RecordedAnswer, ...] = ()
    notes: tuple[Note, ...] = ()
    timings: Timings = field(default_factory=Timings)
    left: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def notebook(self) -> NotebookNode:
        """The notebook as it ran."""
        return nbformat.from_dict(json.loads(self.text))


def run(order: Order) -> tuple[Ran, ...]:
    """Run the notebooks of a submission; the first that is lost ends it, as it ends nbgrader's own loop.

    Raises
    ------
    CourseError, GraderError : the course is wrong.
    """
    done: list[Ran] = []
    given: list[Given] = []  # what hidden checks gave: a file carries it from one notebook to the next
    with _beside(order.files) as beside:
        for sheet in order.sheets:
            ran = _by_nbgrader(order, sheet) if order.how == "nbgrader" else _warm(order, sheet, beside(), given)
            done.append(ran)
            if ran.lost:
                break
            beside.add(ran.left)
    return tuple(done)


class _Beside:
    """The files that lie beside the notebooks of a submission; what one of them wrote lies there for the next."""

    def __init__(self, files: tuple[Path, ...], folder: Path) -> None:
        self._files, self._folder = {path.name: path for path in files}, folder
        self._room = _KEPT

    def __call__(self) -> tuple[tuple[Path, ...], int]:
        """The files, and how many bytes of others are kept."""
        return tuple(self._files.values()), self._room

    def add(self, left: Mapping[str, bytes]) -> None:
        """Lay what a notebook wrote over the files."""
        self._room -= sum(map(len, left.values()))
        for name, content in left.items():
            top = name.partition("/")[0]
            mine = self._folder / top
            if self._files.get(top, mine) != mine and self._files[top].is_dir():
                shutil.copytree(self._files[top], mine, symlinks=True)
            target = self._folder / name
            with contextlib.suppress(OSError):  # a file where another one has a folder: the first stays
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                self._files[top] = mine


@contextlib.contextmanager
def _beside(files: tuple[Path, ...]) -> Iterator[_Beside]:
    folder = Path(tempfile.mkdtemp(prefix=f"referee-{os.getpid()}-beside-"))
    try:
        yield _Beside(files, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _warm(order: Order, sheet: Sheet, beside: tuple[tuple[Path, ...], int], given: list[Given]) -> Ran:
    """Run a notebook in a warm kernel; once more where the system killed it."""
    files, room = beside
    try:
        return _Run(order, sheet, files, room, given).ran()
    except KernelLost:
        try:
            return _Run(order, sheet, files, room, given).ran()
        except HarnessError as error:
            return _ours(sheet, error)
    except HarnessError as error:
        return _ours(sheet, error)


def _by_nbgrader(order: Order, sheet: Sheet) -> Ran:
    """Run a notebook as nbgrader itself does, where it lies."""
    notebook = nbformat.from_dict(json.loads(sheet.text))
    began = time.monotonic()
    done, lost = plain.executed(order.root, order.database, order.folder, notebook)
    total = time.monotonic() - began
    text = json.dumps(done).encode("utf-8", "replace")
    fault = Fault.STUDENT if lost else None
    return Ran(name=sheet.name, text=text, lost=lost, fault=fault, timings=Timings(total=total, kernel="nbgrader"))


def _ours(sheet: Sheet, error: HarnessError) -> Ran:
    return Ran(name=sheet.name, lost=f"the harness failed ({error.found})", fault=Fault.HARNESS)


class _Run:
    """One run of one notebook."""

    def __init__(self, order: Order, sheet: Sheet, files: tuple[Path, ...], room: int, given: list[Given]) -> None:
        self._order, self._sheet, self._given = order, sheet, given
        self._notebook = nbformat.from_dict(json.loads(sheet.text))
        self._judge: Judge | None = None
        if sheet.task is not None:
            self._judge = Judge(sheet.task, graders_for(sheet.task.graders, sheet.task.root))
            given.append(self._judge.given)
        self._recorder: Recorder | None = None
        needs = sheet.needs
        self._job = Job(
            limits=order.limits,
            at_check=self._at_check if self._judge is not None else None,
            checks=frozenset(sheet.points),
            doing=lambda words: slots.tell(Doing(student=order.student, words=f"{sheet.name}: {words}")),
            files=files,
            preload=needs.preload,
            late=needs.late,
            variables=tuple(sorted({*needs.variables, *VARIABLES})),
            seed=order.seed,
            on_timeout=order.timeout_error,
            on_executed=_note_reply,
            whole_errors=True,
            keep_bytes=room,
        )

    def _at_check(self, cell: str, source: LiveSource) -> str:
        assert self._judge is not None
        self._job.doing(f"the checks of {cell}")
        self._recorder = self._recorder or Recorder(source, self._order.limits)
        results = self._judge.at(cell, self._recorder, tuple(self._job.cells))
        return "".join(f"{result.verdict.outcome.value}: {result.sentence}\n" for result in results)

    def ran(self) -> Ran:
        """Run it. Raises `HarnessError` where that failed for our reasons."""
        executed = execute(self._notebook, self._job, {})
        lost = self._lost()
        notebook = self._merged(executed, lost)
        notes = self._discreet(notebook)
        return Ran(
            name=self._sheet.name,
            text=json.dumps(notebook).encode("utf-8", "replace"),
            lost="" if self._order.rest else lost,
            fault=self._fault() if lost else None,
            cells=tuple(self._job.cells),
            graded=self._graded(),
            pauses=tuple(self._judge.pauses) if self._judge is not None else (),
            answers=self._recorder.answers if self._recorder is not None else (),
            notes=notes,
            timings=self._timings(),
            left=self._job.left.files,
        )

    def _lost(self) -> str:
        """Why the notebook did not run to its end; empty where it did."""
        bad = next((cell for cell in self._job.cells if cell.status in _BAD), None)
        unrun = any(cell.status is CellStatus.NOT_RUN for cell in self._job.cells)
        if self._job.survived and not unrun:
            return ""
        ended = [cell for cell in self._job.cells if cell.status is CellStatus.DIED or "kernel" in cell.words]
        cause = ended[0] if ended else bad
        return f"cell {cause.index + 1}: {cause.words}" if cause is not None else "its kernel ended"

    def _fault(self) -> Fault:
        return Fault.LIMIT if any(cell.status is CellStatus.LIMIT for cell in self._job.cells) else Fault.STUDENT

    def _merged(self, executed: NotebookNode, lost: str) -> NotebookNode:
        """The notebook as nbgrader would have it: its own cells, with what they put out."""
        made = self._notebook
        for cell, done in zip(made.cells, executed.cells, strict=True):
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = done.outputs, done.execution_count
                if "execution" in done.metadata:
                    cell.metadata["execution"] = done.metadata["execution"]
        made.metadata["language_info"] = dict(IPythonKernel.language_info)
        for each in self._job.cells:
            cell = made.cells[each.index]
            if each.status in _BAD and not any(output.output_type == "error" for output in cell.outputs):
                cell.outputs.append(_error(each, self._order.timeout_error if not lost else None))
        return made

    def _discreet(self, notebook: NotebookNode) -> tuple[Note, ...]:
        """Take out what repeats the inputs of checks outside the kernel: nbgrader's feedback shows all outputs."""
        places = sorted({place for given in self._given for place in grading.revealing(notebook, given)})
        for place in places:
            text = "(not shown: it repeats what a check gave to the code)\n"
            notebook.cells[place].outputs = [new_output("stream", name="stdout", text=text)]
        return tuple(map(grading.revealed, places))

    def _graded(self) -> tuple[GradedCell, ...]:
        if self._judge is None:
            return ()
        results = self._judge.results
        return tuple(
            scored(name, points, mine)
            for name, points in self._sheet.points.items()
            if (mine := [each for each in results if each.check == name])  # else the cell is not in the submission
        )

    def _timings(self) -> Timings:
        job = self._job
        return Timings(
            total=sum(job.seconds.values()) + job.kernel_start,
            kernel_start=job.kernel_start,
            cells=job.seconds,
            memory=job.memory,
            usage=job.usage,
            exceeded=tuple(job.exceeded),
            kernel=job.kernel,
            checks=self._judge.seconds if self._judge is not None else {},
        )


def _note_reply(**what: Any) -> None:
    """nbgrader's own hook: an error that a cell's reply tells of stands under the cell, whatever the cell displayed."""
    Execute.on_cell_executed(None, **what)


def _error(cell: CellRun, timeout: dict[str, Any] | None) -> NotebookNode:
    """What stands under a cell that did not end, and which said nothing itself."""
    if timeout is not None:
        return NotebookNode(output_type="error", **timeout)
    return NotebookNode(output_type="error", ename="DeadKernelError", evalue=cell.words, traceback=[cell.words])
