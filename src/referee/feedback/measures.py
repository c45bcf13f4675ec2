"""What was measured, in words: a limit that was exceeded, and what a notebook used."""

from __future__ import annotations

from collections.abc import Iterator

from referee.feedback.text import LINE_LIMIT, plain
from referee.report import CellRun, CellStatus, Exceeded, NotebookReport, Usage

#: What a limit is called, and its unit, by its name in `Limits`.
LIMITS = {
    "start_seconds": ("start of the kernel", "s"),
    "cell_seconds": ("time of a cell", "s"),
    "notebook_seconds": ("time of the notebook", "s"),
    "question_seconds": ("time of a question", "s"),
    "memory_mb": ("memory", "MiB"),
    "processes": ("processes and threads", ""),
    "disk_mb": ("disk", "MiB"),
    "open_files": ("open files", ""),
    "output_bytes": ("output of a cell", "bytes"),
    "notebook_output_bytes": ("output of the notebook", "bytes"),
    "submission_bytes": ("size of the submission", "bytes"),
    "answer_bytes": ("size of an answer", "bytes"),
    "answer_items": ("items of an answer", ""),
    "answer_depth": ("depth of an answer", ""),
    "recording_bytes": ("size of all answers", "bytes"),
}
_FINE = 100  # below it a number is said to two places, so that a use shows to be more than its limit


def exceeded_words(exceeded: Exceeded) -> str:
    """The limit, the use and the cell in one line; cells count from 1, as a reader does.

    >>> exceeded_words(Exceeded(limit="memory_mb", allowed=512, used=634, cell=6))
    'memory: limit 512 MiB, used 634 MiB, in cell 7'
    """
    amounts = limit_and_use(exceeded)
    return amounts if exceeded.cell is None else f"{amounts}, in cell {exceeded.cell + 1}"


def limit_and_use(exceeded: Exceeded) -> str:
    """The limit and the use alone, for where the cell is said already."""
    name, unit = LIMITS.get(exceeded.limit, (plain(exceeded.limit), ""))
    return f"{name}: limit {quantity(exceeded.allowed, unit)}, used {quantity(exceeded.used, unit)}"


def limits_in(notebook: NotebookReport, cell: int) -> tuple[str, ...]:
    """The limits that a cell exceeded, with what it used, to stand beside what is said of the cell."""
    return tuple(limit_and_use(each) for each in notebook.timings.exceeded if each.cell == cell)


def limits_elsewhere(notebook: NotebookReport) -> tuple[str, ...]:
    """The limits that were exceeded in no cell whose run is reported: by a question, or in a check cell."""
    told = {run.index for run in notebook.cells}
    return tuple(exceeded_words(each) for each in notebook.timings.exceeded if each.cell not in told)


def troubles(notebook: NotebookReport, longest: int = LINE_LIMIT) -> Iterator[tuple[CellRun, str]]:
    """The cells that did not end well or exceeded a limit, each with what happened, in one line."""
    for run in notebook.cells:
        limits = limits_in(notebook, run.index)
        if limits or run.status not in (CellStatus.OK, CellStatus.NOT_RUN):
            yield run, "; ".join(filter(None, (plain(run.words, longest), *limits)))


def usage_words(usage: Usage) -> str:
    """What a notebook used at most, in one line; empty where nothing was measured."""
    if usage == Usage():
        return ""
    parts = (
        f"slowest cell {quantity(usage.cell_seconds, 's')}",
        f"slowest question {quantity(usage.question_seconds, 's')}",
        f"CPU {quantity(usage.cpu_seconds, 's')}",
        f"memory {quantity(usage.memory_mb, 'MiB')}",
        f"{quantity(usage.processes)} processes and threads",
        f"disk {quantity(usage.disk_mb, 'MiB')}",
        f"output {quantity(usage.notebook_output_bytes, 'bytes')}",
    )
    return ", ".join(parts)


def quantity(value: float, unit: str = "") -> str:
    """A measured number with its unit, to as many places as tell something.

    >>> quantity(61.234, "s"), quantity(612.34, "s"), quantity(1_000_000, "bytes")
    ('61.23 s', '612.3 s', '1,000,000 bytes')
    """
    number = f"{round(value, 2 if abs(value) < _FINE else 1):,}".removesuffix(".0")
    return f"{number} {unit}".rstrip()
