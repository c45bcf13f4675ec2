"""What the ways to run a notebook have in common: requests, replies, and how a run is measured.

A request says what to `do`, how many at a time (`width`), and how many `notebooks` each of those runs in a row. The
reply says when that `began` and `ended`, by the clock that all processes share, and the seconds of CPU of the kernels
and of the processes that drive them. Requests with `memory` are not timed: their kernels also tell what they use.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import nbformat
from nbformat import NotebookNode

from ci.benchmarks import notebooks
from ci.benchmarks.notebooks import NOTEBOOK

Request: TypeAlias = dict[str, Any]
Reply: TypeAlias = dict[str, Any]
Answer: TypeAlias = Callable[[Request], Reply]


def write(folder: Path, made: NotebookNode) -> Path:
    """Save a notebook under the exercise's name in a new folder."""
    folder.mkdir(parents=True)
    path = folder / f"{NOTEBOOK}.ipynb"
    nbformat.write(made, path)
    return path


def measured(count: int, work: Callable[[], Sequence[float | None] | None]) -> Reply:
    """Do the work for `count` notebooks; when that was, and with how much CPU.

    `work` returns the CPU of each kernel where it knows it; else it is that of the processes that have ended meanwhile.
    """
    own, others = _cpu(resource.RUSAGE_SELF), _cpu(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    known = work() or ()
    ended = time.monotonic()
    own, others = _cpu(resource.RUSAGE_SELF) - own, _cpu(resource.RUSAGE_CHILDREN) - others
    seconds = [each for each in known if each is not None]
    kernels = sum(seconds) if seconds and len(seconds) == len(known) else others or None
    return {"began": began, "ended": ended, "notebooks": count, "kernel_cpu": kernels, "driver_cpu": own, "memory": []}


def _cpu(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def checked(reply: Reply, executed: list[NotebookNode]) -> Reply:
    """The reply, with what memory cells printed; an error in a cell is an error here."""
    bad = [words for made in executed for words in notebooks.failures(made)]
    claim(not bad, "; ".join(bad))
    reply["memory"] = [found for made in executed if (found := notebooks.memory_of(notebooks.printed(made)))]
    return reply


def claim(holds: bool, words: str) -> None:
    """End a run whose result is not what it has to be: its time would mean nothing."""
    if not holds:
        raise RuntimeError(words)


def merged(replies: Sequence[Reply]) -> Reply:
    """The replies of processes that worked at the same time, as one."""
    known = [reply["kernel_cpu"] for reply in replies]
    return {
        "began": min(reply["began"] for reply in replies),
        "ended": max(reply["ended"] for reply in replies),
        "notebooks": sum(reply["notebooks"] for reply in replies),
        "kernel_cpu": None if None in known else sum(known),
        "driver_cpu": sum(reply["driver_cpu"] for reply in replies),
        "memory": [found for reply in replies for found in reply["memory"]],
        "kernels": replies[0].get("kernels", ""),
    }
