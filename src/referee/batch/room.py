"""How many kernels fit: the machine's cores, its GPUs, and its memory, beside what one kernel is known to need."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterable
from pathlib import Path

import psutil

from referee.errors import UsageError
from referee.report import Record, Report

_SHARE = 0.9  # of what is free: the rest is for everybody else
_WORKER_MB = 350  # of a worker process beside its kernel; one whose graders import a framework takes twice that
_MIB = 2**20
_CGROUPS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes")),
)


class Fit(Record, frozen=True):
    """How many at a time, and why: `free_mb` is shared out in parts of `each_mb`."""

    count: int
    cores: int
    wanted: int | None
    free_mb: int
    each_mb: int
    gpus: int | None = None

    @property
    def words(self) -> str:
        """The reasons in one line."""
        limits = f"{self.wanted} wanted" if self.wanted is not None else f"{self.cores} cores"
        limits += f", {self.gpus} GPUs" if self.gpus is not None else ""
        return f"{limits}; {self.free_mb:,} MiB free, {self.each_mb:,} MiB for each"


def fit(wanted: int | None, items: int, kernel_mb: int, gpus: int | None = None) -> Fit:
    """How many worker processes to use: as wanted, or one a core (a GPU); never more than fit, or than there are items.

    kernel_mb : the most that a kernel of this assignment used.   gpus : how many there are, where each needs one.
    """
    free, each, found = free_mb(), needed_mb(kernel_mb), cores()
    most = found if wanted is None else wanted
    if gpus is not None:
        most = min(most if wanted is not None else gpus, gpus)
    count = max(1, min(most, items, free // each))
    return Fit(count=count, cores=found, wanted=wanted, free_mb=free, each_mb=each, gpus=gpus)


def needed_mb(kernel_mb: int) -> int:
    """The memory to set aside for a kernel and its worker."""
    return kernel_mb + _WORKER_MB


def used_by(reports: Iterable[Report]) -> int:
    """The most that a kernel used within its limit, in MiB; 0 where nothing was measured."""
    return max((report.memory_mb for report in reports), default=0)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_mb() -> int:
    """The memory that may be used, in MiB: of the machine, or of the container that this is."""
    free = psutil.virtual_memory().available
    for limit, used in _CGROUPS:
        with contextlib.suppress(OSError, ValueError):  # there is none, or it says "max"
            free = min(free, int(limit.read_text()) - int(used.read_text()))
    return max(0, int(free * _SHARE)) // _MIB


def slots(device: str | None, count: int) -> list[dict[str, str]] | None:
    """What the environment of each of `count` workers says of GPUs, for "cpu" or "cuda"; None where nothing is said.

    Raises
    ------
    UsageError : "cuda" on a machine without GPUs.
    """
    if device is None:
        return None
    if device == "cpu":
        return [{"CUDA_VISIBLE_DEVICES": ""}] * count
    names = gpus()
    if not names:
        raise UsageError("a CUDA device, for --device cuda", "none on this machine", "leave the option out")
    return [{"CUDA_VISIBLE_DEVICES": name} for name in names][:count]


def gpus() -> tuple[str, ...]:
    """The GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them."""
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:
        names = [name.strip() for name in given.split(",")]
        stated = itertools.takewhile(lambda name: name != "-1", names)  # CUDA looks no further
        return tuple(name for name in stated if name)
    nodes = [node.name.removeprefix("nvidia") for node in Path("/dev").glob("nvidia*")]
    return tuple(sorted((name for name in nodes if name.isdigit()), key=int))
