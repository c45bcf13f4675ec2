"""Frozen records of what is known about one graded submission, to and from JSON.

The tree of records:

    Report                      one submission of one student to one assignment
    └── NotebookReport          one notebook of it
        ├── CellRun             what happened when a cell ran
        ├── GradedCell          a cell with points: checked, or for a person
        │   └── CheckResult     one claim, its Verdict and its Evidence (with pictures: see `pictures`)
        ├── Note                something about the submission that a reader should know
        ├── Basis               what determined the result: two gradings with the same basis give the same
        ├── Pause               a check cell that was reached
        ├── RecordedAnswer      one question to the kernel and its answer
        ├── Steadiness          what a check concluded with several seeds
        └── Timings             what was measured, apart from the rest: two gradings differ here only
            ├── Usage           the most that the notebook used of each kind
            └── Exceeded        a limit that was exceeded: what it was, what was used, in which cell

    Outline                     what the author set: the cells with their points (for the gradebook)
    └── CellSpec
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from referee.errors import HarnessError
from referee.pictures import Pictures
from referee.record import Record as Record  # noqa: PLC0414 - others import it from here

SCHEMA = 4
_READABLE = (3, SCHEMA)  # what came new with 4 has defaults: nobody has to grade again for it
NOT_HANDED_IN = "not handed in"
SET_ASIDE = "set-aside"  # the code of a note


def clip(text: str, limit: int) -> str:
    """A text within a bound, as every record holds it; a cut one ends with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


class Outcome(enum.Enum):
    """What a check concluded."""

    PASSED = "passed"
    FAILED = "failed"
    UNCHECKED = "could not be checked"
    PERSON = "needs a person"


class Fault(enum.Enum):
    """Whose fault it is that a check did not pass."""

    STUDENT = "student"
    LIMIT = "limit"
    CHECK = "check"
    HARNESS = "harness"


class Verdict(Record, frozen=True):
    """An outcome and whose fault it is; `fault` is None for a pass and for what needs a person by design."""

    outcome: Outcome
    fault: Fault | None = None

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.PASSED

    @property
    def needs_person(self) -> bool:
        """True where no automatic score is fair: a person decides, and nothing is lost until then."""
        return self.outcome is Outcome.PERSON or self.fault in (Fault.CHECK, Fault.HARNESS)


PASSED = Verdict(outcome=Outcome.PASSED)


class LayerRow(Record, frozen=True):
    """One line of a layer-by-layer comparison; `expected` or `actual` is None where that side has no layer."""

    state: Literal["same", "missing", "extra", "different"]
    expected: str | None
    actual: str | None
    differs: str = ""


class Evidence(Record, frozen=True):
    """Why a verdict is what it is.

    words : what happened; holds no reference value, so every disclosure level may show it.
    hint : what to try; written by the course or by a misconception.
    expected, actual : bounded renderings of the two values; shown as far as the disclosure level allows.
    tolerance : the tolerance that the comparison used, in words.
    misconception : the name of the wrong reference that the answer equals; `foreseen` where the course names it.
    table : a layer-by-layer comparison, for models.
    log : a bounded log (traceback, printed text), for the curious.
    near : a measured value lies so near its threshold that another seed might decide otherwise.
    pictures : what is better looked at than read; each is shown as far as the disclosure level allows.
    """

    words: str = ""
    hint: str = ""
    expected: str = ""
    actual: str = ""
    tolerance: str = ""
    misconception: str = ""
    foreseen: bool = False
    table: tuple[LayerRow, ...] = ()
    log: str = ""
    near: bool = False
    pictures: Pictures = ()


class CheckResult(Record, frozen=True):
    """One claim about a student's work and what became of it.

    check : the grade_id of the check cell.   name : the test function's name.   sentence : its docstring.
    weight : share of the cell's points.   seed : what the check's `rng` was seeded with.
    depends : the SHA-256 of what of the course its conclusion depends on, beside the answers.
    """

    check: str
    name: str
    sentence: str
    weight: float
    public: bool
    verdict: Verdict
    evidence: Evidence = Evidence()
    seed: int = 0
    depends: str = ""


class GradedCell(Record, frozen=True):
    """A cell that carries points. `score` is None while a person has to grade (a part of) it.

    `earned` is what the passed checks alone are worth, whatever a person decides about the rest.
    """

    grade_id: str
    kind: Literal["check", "person"]
    points: float
    earned: float
    score: float | None
    words: str = ""
    results: tuple[CheckResult, ...] = ()

    @property
    def undecided(self) -> float:
        """The points that a person decides about: those of the checks at fault, or all that is left of the cell."""
        if self.score is not None:
            return 0.0
        return sum(self.worth(each) for each in self.results if each.verdict.needs_person) or self.points - self.earned

    def worth(self, result: CheckResult) -> float:
        """What one of its checks is worth in points."""
        weights = sum(each.weight for each in self.results)
        return self.points * result.weight / weights if weights else 0.0


class CellStatus(enum.Enum):
    """What happened to one code cell."""

    OK = "ok"
    RAISED = "raised"
    LIMIT = "limit"
    DIED = "died"
    NOT_RUN = "not run"


class CellRun(Record, frozen=True):
    """One executed code cell: `index` counts all cells of the notebook as it was handed in, from 0."""

    index: int
    grade_id: str
    status: CellStatus
    error: str = ""
    words: str = ""
    traceback: str = ""


class Note(Record, frozen=True):
    """Something about a submission that its reader should know; `code` is stable, `words` are for people."""

    code: str
    words: str


class RecordedAnswer(Record, frozen=True):
    """One question to the kernel and what came back, as bytes of the wire format of `referee.answers.codec`.

    cell : the check cell at which it was asked, for a later cell may change the answer.
    """

    question: str
    answer: bytes
    buffers: tuple[bytes, ...] = ()
    cell: str = ""


class Pause(Record, frozen=True):
    """A check cell that was reached, when the first `ran` cells of the report's `cells` had run."""

    cell: str
    ran: int


class Basis(Record, frozen=True):
    """All that determines the result of one notebook, each part as the SHA-256 of its content.

    submission : the handed-in file, under its name, and how it was handed in.
    exercise : the released notebook but for its points, and the files beside it.
    policy : limits, parameters, data and what is withheld of it, threads, seeds.
    environment : versions of packages, and what holds the kernel.
    graders : the checks, and what of the course they import.
    points : which cells carry how many points.
    """

    submission: str = ""
    exercise: str = ""
    policy: str = ""
    environment: str = ""
    graders: str = ""
    points: str = ""

    def changes(self, now: Basis) -> tuple[str, ...]:
        """The parts in which another basis differs from this one."""
        return tuple(name for name in self.__struct_fields__ if getattr(self, name) != getattr(now, name))


class Steadiness(Record, frozen=True):
    """What one check concluded when the submission was graded with several seeds: outcome -> the seeds."""

    check: str
    name: str
    outcomes: dict[str, tuple[int, ...]]

    @property
    def flaky(self) -> bool:
        """Whether the seed decides what the check concludes."""
        return len(self.outcomes) > 1


Amount: TypeAlias = Annotated[float, msgspec.Meta(ge=0)]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class Usage(Record, frozen=True):
    """What a notebook used; all zero where nothing was measured.

    seconds : wall clock of the whole notebook.   cell_seconds, question_seconds : of its slowest cell and question.
    cpu_seconds : of the kernel and its children.   memory_mb, processes, disk_mb : the most at any time.
    output_bytes : of the noisiest cell.   notebook_output_bytes : of all cells.
    """

    seconds: Amount = 0.0
    cell_seconds: Amount = 0.0
    question_seconds: Amount = 0.0
    cpu_seconds: Amount = 0.0
    memory_mb: Count = 0
    processes: Count = 0
    disk_mb: Count = 0
    output_bytes: Count = 0
    notebook_output_bytes: Count = 0

    def most(self, other: Usage) -> Usage:
        """The larger of the two in each field."""
        pairs = ((name, getattr(self, name), getattr(other, name)) for name in self.__struct_fields__)
        return Usage(**{name: max(ours, theirs) for name, ours, theirs in pairs})


class CellUse(Record, frozen=True):
    """What one cell used: seconds of wall clock, and MiB of memory (0 where that was not measured)."""

    seconds: Amount = 0.0
    memory_mb: Count = 0


class Exceeded(Record, frozen=True):
    """A limit that a notebook exceeded: `limit` is a field of `Limits`, `cell` an index as in `CellRun`, or None."""

    limit: str
    allowed: float
    used: float
    cell: int | None = None


class Timings(Record, frozen=True):
    """What was measured, in seconds of wall clock. `cells` is by cell index, `checks` by test name.

    memory : by cell index, the most MiB of the kernel's own that were seen while the cell ran or when it ended.
    usage : the most that was used.   exceeded : the limits that were.   kernel : "warm" or "cold", as it was started.
    """

    total: float = 0.0
    kernel_start: float = 0.0
    cells: dict[str, float] = {}
    checks: dict[str, float] = {}
    memory: dict[str, Count] = {}
    usage: Usage = Usage()
    exceeded: tuple[Exceeded, ...] = ()
    kernel: str = ""


class Environment(Record, frozen=True):
    """Where a grading happened. `isolation` names the layers that held the student's kernel."""

    referee: str
    python: str
    platform: str
    packages: dict[str, str] = {}
    isolation: tuple[str, ...] = ()


class NotebookReport(Record, frozen=True):
    """Everything known about one graded notebook; `refused` says why it could not be run at all.

    fingerprint : the SHA-256 of the handed-in file.   basis : that of all that determines the result.
    pauses, answers : the recording, from which the notebook can be graded again without being run.
    repeats : with how many seeds it was graded; `steadiness` says what came of it.
    revealing : the indexes of cells whose output repeats what hidden checks gave to the student's code.
    penalty : points that are taken off for lateness, in an nbgrader course.
    """

    notebook: str
    fingerprint: str
    environment: Environment
    basis: Basis = Basis()
    parameters: dict[str, str | int | float | bool | None] = {}
    seed: int = 0
    refused: str = ""
    refused_by: Fault | None = None
    cells: tuple[CellRun, ...] = ()
    graded: tuple[GradedCell, ...] = ()
    notes: tuple[Note, ...] = ()
    pauses: tuple[Pause, ...] = ()
    answers: tuple[RecordedAnswer, ...] = ()
    repeats: int = 1
    steadiness: tuple[Steadiness, ...] = ()
    revealing: tuple[Count, ...] = ()
    penalty: Amount = 0.0
    timings: Timings = Timings()

    @property
    def missing(self) -> bool:
        """True where there is no such file: its points are not earned, and nobody has to look at it."""
        return self.refused == NOT_HANDED_IN

    @property
    def set_aside(self) -> bool:
        """True where it was given up because it ended its worker twice: it is tried again only when asked for."""
        return any(note.code == SET_ASIDE for note in self.notes)

    @property
    def earned(self) -> float:
        return max(0.0, sum(cell.earned for cell in self.graded) - self.penalty)

    @property
    def points(self) -> float:
        return sum(cell.points for cell in self.graded)

    @property
    def needs_person(self) -> tuple[GradedCell, ...]:
        """The graded cells that wait for a person."""
        return tuple(cell for cell in self.graded if cell.score is None)

    @property
    def ours_failed(self) -> bool:
        """True where something could not be graded because a check or the harness failed."""
        return any(fault in (Fault.CHECK, Fault.HARNESS) for fault in self.faults)

    @property
    def faults(self) -> frozenset[Fault | None]:
        """Whose faults there are: why it was refused, or why checks did not pass."""
        return frozenset([self.refused_by, *(result.verdict.fault for result in self.results)])

    @property
    def results(self) -> Iterator[CheckResult]:
        for cell in self.graded:
            yield from cell.results


class Report(Record, frozen=True):
    """Everything known about one graded submission."""

    student: str
    assignment: str
    notebooks: tuple[NotebookReport, ...]
    course: str = ""
    schema: int = SCHEMA

    @property
    def earned(self) -> float:
        return sum(notebook.earned for notebook in self.notebooks)

    @property
    def points(self) -> float:
        return sum(notebook.points for notebook in self.notebooks)

    @property
    def ours_failed(self) -> bool:
        """True where something could not be graded because a check or the harness failed."""
        return any(notebook.ours_failed for notebook in self.notebooks)

    @property
    def seconds(self) -> float:
        """Wall clock of all its notebooks."""
        return sum(notebook.timings.total for notebook in self.notebooks)

    @property
    def memory_mb(self) -> int:
        """The most that one of its notebooks used within its limit, in MiB: 0 where nothing was measured."""
        runs = (notebook.timings for notebook in self.notebooks)
        within = (run for run in runs if all(each.limit != "memory_mb" for each in run.exceeded))
        return max((run.usage.memory_mb for run in within), default=0)

    def without_answers(self) -> Report:
        """The same report without its recordings, of which a class may have gigabytes."""
        light = tuple(msgspec.structs.replace(notebook, answers=()) for notebook in self.notebooks)
        return msgspec.structs.replace(self, notebooks=light)

    def without_timings(self) -> Report:
        """The same report with all that was measured removed: what two gradings must agree on to the byte."""
        bare = tuple(msgspec.structs.replace(notebook, timings=Timings()) for notebook in self.notebooks)
        return msgspec.structs.replace(self, notebooks=bare)


class CellSpec(Record, frozen=True):
    """One nbgrader cell as the author set it; the truth about points, whatever a submission's metadata says."""

    grade_id: str
    cell_type: Literal["code", "markdown", "raw"]
    source: str
    checksum: str
    grade: bool = False
    solution: bool = False
    locked: bool = False
    task: bool = False
    points: float = 0.0


class Outline(Record, frozen=True):
    """What the author set for one assignment: notebook name -> its nbgrader cells, in order."""

    assignment: str
    notebooks: dict[str, tuple[CellSpec, ...]]
    kernelspec: dict[str, str] = {}


def to_json(report: Report) -> bytes:
    """The report as indented JSON, the same bytes for equal reports; half surrogate pairs become question marks."""
    try:
        text = msgspec.json.encode(report, order="deterministic")
    except UnicodeEncodeError:
        text = msgspec.json.encode(_valid(msgspec.to_builtins(report)), order="deterministic")
    return msgspec.json.format(text, indent=1)


def _valid(value: Any) -> Any:
    """Plain data whose every text a file can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_valid(key): _valid(item) for key, item in value.items()}
    return [_valid(item) for item in value] if isinstance(value, list | tuple) else value


def from_json(text: bytes) -> Report:
    """Read a report written by `to_json`, by this version or the one before; it is one of this version then.

    Raises
    ------
    HarnessError : the text is not a report, or one of another schema version.
    """
    try:
        version = msgspec.json.decode(text, type=_Versioned).schema
        if version not in _READABLE:
            raise HarnessError(f"a report of schema {SCHEMA}", f"one of schema {version}", "grade the submission again")
        return msgspec.structs.replace(msgspec.json.decode(text, type=Report), schema=SCHEMA)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise HarnessError("a report as `referee grade` writes it", str(error), "grade it again") from error


class _Versioned(msgspec.Struct):
    """The one field that is read before the rest is trusted."""

    schema: int
