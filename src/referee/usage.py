"""What an author's solution used when it ran, kept in the course, and the limits that follow from it.

    of_run(report)   the use of a run that ended well
    cells_of         the use of each of its cells; `beside` lays it next to the cells of another run
    save, load       .referee/usage/<assignment>/<notebook>.json: the use, and what it belongs to
    late             the modules that the run imported after its packages, to be imported ahead of the next runs
    derive           use -> Limits, for every limit that the course does not state
    roomy            the limits of a run that is measured

A record that cannot be read, or that belongs to another state of the exercise, counts as none: it is measured again.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec

from referee.report import CellRun, CellStatus, CellUse, NotebookReport, Record, Usage
from referee.sandbox.limits import Limits

#: The least that is ever derived, by limit. Every derived limit is its floor times 1, 1.5, 2, 3, 5, 7, 10, 15, ...
FLOORS = {
    "cell_seconds": 30,
    "notebook_seconds": 120,
    "question_seconds": 10,
    "memory_mb": 1024,
    "processes": 128,
    "disk_mb": 256,
    "output_bytes": 1_000_000,
    "notebook_output_bytes": 20_000_000,
}
_LADDER = (2, 3, 4, 6, 10, 14)  # halves, so that each step is a whole number, the same from wherever it is reached
_WHOLE_OF = {"notebook_seconds": "cell_seconds", "notebook_output_bytes": "output_bytes"}
_ROOM = 10  # times the defaults: for the author's own run, which is trusted


class Derivation(Record, frozen=True):
    """The section `[derived]` of course.toml: how limits that nothing states follow from the solution's own run.

    times : how many times the solution's use a student may use.   most : what no derived limit exceeds, by name.
    """

    times: Annotated[float, msgspec.Meta(ge=1, le=1000)] = 5
    most: dict[str, float] = {}


class Origin(Record, frozen=True):
    """What a record of use belongs to: `files` is the SHA-256 of the solution, its graders and what lies beside it."""

    files: str
    parameters: dict[str, str | int | float | bool]
    referee: str
    platform: str


class _Kept(Record, frozen=True):
    """A record of use as its file holds it."""

    origin: Origin
    usage: Usage
    late: tuple[str, ...] = ()
    cells: dict[str, CellUse] = {}


def derive(use: Usage, how: Derivation, stated: Mapping[str, float]) -> Limits:
    """The stated limits as they are, and each other one from the use of the solution: its share rounded up, coarsely.

    >>> derive(Usage(cell_seconds=7, memory_mb=700), Derivation(), {"cell_seconds": 20}).memory_mb
    5120
    """
    found: dict[str, float] = {name: step(how.times * _used(use, name), floor) for name, floor in FLOORS.items()}
    for whole, part in _WHOLE_OF.items():  # a notebook may use what a cell of it may
        found[whole] = max(found[whole], stated.get(part, found[part]))
    return _limits(found, how, stated)


def roomy(how: Derivation, stated: Mapping[str, float]) -> Limits:
    """The stated limits, and plenty of everything else: for the run that is measured."""
    return _limits({name: _ROOM * getattr(Limits(), name) for name in FLOORS}, how, stated)


def step(value: float, floor: int) -> int:
    """The first step of the ladder on `floor` that is not below a value, so that no small difference moves a limit."""
    scale = 1
    while floor * scale * _LADDER[-1] < 2 * value:
        scale *= 10
    return next(floor * scale * each // 2 for each in _LADDER if floor * scale * each >= 2 * value)


def _used(use: Usage, limit: str) -> float:
    return float(getattr(use, "seconds" if limit == "notebook_seconds" else limit))


def _limits(found: Mapping[str, float], how: Derivation, stated: Mapping[str, float]) -> Limits:
    capped = {name: min(value, how.most.get(name, value)) for name, value in found.items()}
    return msgspec.convert({**capped, **stated}, type=Limits, strict=False)


def of_run(report: NotebookReport) -> Usage | None:
    """What a run used; None for one that was not measured, or that ended early, and so tells too little."""
    ended_well = not report.refused and all(cell.status is CellStatus.OK for cell in report.cells)
    timings = report.timings
    return timings.usage if ended_well and timings.usage != Usage() and not timings.exceeded else None


def cells_of(report: NotebookReport) -> dict[str, CellUse]:
    """What each code cell of a run used, by a key that the same cell has in another run of the exercise.

    That is its grade_id. A cell without one is found by its place between two that have one, where as many stand there.
    """
    timings = report.timings
    used = {
        str(run.index): CellUse(
            seconds=timings.cells.get(str(run.index), 0.0), memory_mb=timings.memory.get(str(run.index), 0)
        )
        for run in report.cells
    }
    return {key: used[index] for index, key in _keys(report.cells).items()}


def beside(report: NotebookReport, reference: Mapping[str, CellUse]) -> dict[str, CellUse]:
    """What the reference's cells used, by the index of the cell of this run that stands in its place."""
    return {index: reference[key] for index, key in _keys(report.cells).items() if key in reference}


def _keys(runs: Sequence[CellRun]) -> dict[str, str]:
    """Cell index -> key. Cells without a grade_id are counted since the last one that has it, and of how many."""
    keys, gap, last = dict[str, str](), list[CellRun](), ""
    for run in (*runs, None):
        if run is not None and not run.grade_id:
            gap.append(run)
            continue
        keys |= {str(each.index): f"{last} +{place} of {len(gap)}" for place, each in enumerate(gap, 1)}
        gap = []
        if run is not None:
            keys[str(run.index)] = last = run.grade_id
    return keys


def origin(files: Iterable[Path], parameters: Mapping[str, Any]) -> Origin:
    """What a record belongs to that is made now, here, of these files (or folders) and parameters."""
    digest = hashlib.sha256()
    for path in files:
        for name, content in _contents(path):
            digest.update(f"{len(name)} {name} {len(content)} ".encode() + content)
    version, system = _here()
    return Origin(files=digest.hexdigest(), parameters=dict(parameters), referee=version, platform=system)


@cache
def _here() -> tuple[str, str]:
    """Our version, and what of this machine makes a notebook slow or quick."""
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return importlib.metadata.version("referee"), system


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    found = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    for each in found:
        if "__pycache__" not in each.parts:
            yield str(each.relative_to(path.parent)), each.read_bytes()


def load(path: Path, belongs_to: Origin) -> Usage | None:
    """The use that a file records; None where there is none, where it cannot be read, or where it is of other files."""
    kept = _kept(path, belongs_to)
    return kept.usage if kept is not None else None


def late(path: Path, belongs_to: Origin) -> tuple[str, ...]:
    """The names of modules that the run imported late; none where it was not measured."""
    kept = _kept(path, belongs_to)
    return kept.late if kept is not None else ()


def cells(path: Path, belongs_to: Origin) -> dict[str, CellUse]:
    """What each cell of the newest run used, by its key in `cells_of`; empty where it was not measured."""
    kept = _kept(path, belongs_to)
    return kept.cells if kept is not None else {}


def _kept(path: Path, belongs_to: Origin) -> _Kept | None:
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return kept if kept.origin == belongs_to else None


def save(
    path: Path,
    belongs_to: Origin,
    use: Usage,
    modules: tuple[str, ...] = (),
    cells: Mapping[str, CellUse] | None = None,
) -> Usage:
    """Record a use, and return what is recorded: never less than before, lest a limit that was given be taken back.

    The modules are those that were not imported ahead, so they too are added to what was recorded before.
    """
    earlier = _kept(path, belongs_to)
    if earlier is not None:
        use, modules = use.most(earlier.usage), tuple(dict.fromkeys([*earlier.late, *modules]))
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = _Kept(origin=belongs_to, usage=use, late=modules, cells=dict(cells or {}))
    text = msgspec.json.encode(kept, order="deterministic")
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    fresh.write_bytes(msgspec.json.format(text, indent=1) + b"\n")
    fresh.replace(path)
    return use
