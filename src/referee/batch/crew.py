"""Whoever grades a class: the worker processes of this machine, or those of a cluster; how many, and where they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from typing import Any, Protocol

from referee import batch, grading
from referee.batch import room
from referee.batch.parcel import Parcel
from referee.batch.slots import Room
from referee.errors import UsageError
from referee.events import Event
from referee.feedback.text import counted
from referee.report import Environment
from referee.sandbox.nursery import Plan

Say = Callable[[str], None]


class Crew(Protocol):
    """Workers that are known before they are needed, and started when there is something to do.

    environments : where they grade.   heard : called with what they tell while they work.
    """

    heard: Callable[[Event], None]

    @property
    def environments(self) -> Sequence[Environment]: ...

    def start(self, items: int, kernel_mb: int) -> tuple[Executor, int]:
        """The executor, and how many orders to hand out at a time, for kernels that need so much memory."""

    def needs(self, kernel_mb: int) -> None:
        """A kernel needed so much memory: let no more run from now on than fit."""


class Local:
    """The worker processes of this machine: as many as wanted, or as cores, GPUs and memory allow.

    plans : the kernels that they will fork.
    """

    def __init__(self, plans: Sequence[Plan], wanted: int | None, *, gpu: bool, say: Say, stack: ExitStack) -> None:
        self.environments = (grading.environment(),)
        self.heard: Callable[[Event], None] = lambda _event: None
        self._plans, self._wanted, self._say, self._stack = plans, wanted, say, stack
        self._gpus = room.gpus() if gpu else None
        self._room = Room(0)

    def start(self, items: int, kernel_mb: int) -> tuple[Executor, int]:
        if self._gpus is not None and not self._gpus:
            wanted = "a GPU: course.toml says that this assignment needs one"
            raise UsageError(wanted, "none on this machine", "use --cluster, or take `gpu = true` out of course.toml")
        fit = room.fit(self._wanted, items, kernel_mb, len(self._gpus) if self._gpus is not None else None)
        self._say(f"workers: {fit.count} at a time ({fit.words})")
        if self._wanted is not None and fit.count < min(self._wanted, items):
            self._say(f"workers: {self._wanted} were asked for, and no more than {fit.count} fit")
        self._room = Room(fit.free_mb, fit.each_mb)
        seen = [{"CUDA_VISIBLE_DEVICES": name} for name in self._gpus or ()]
        slots = seen[: fit.count] if seen else [_WITHOUT_GPU if room.gpus() else {}] * fit.count
        workers = batch.local_workers(slots, self._plans, self._room, self._hear)
        return self._stack.enter_context(workers), fit.count

    def needs(self, kernel_mb: int) -> None:
        self._room.each = room.needed_mb(kernel_mb)

    def _hear(self, event: Any) -> None:
        self.heard(event)


_WITHOUT_GPU = {"CUDA_VISIBLE_DEVICES": ""}


class Remote:
    """The workers of a Dask cluster. Raises `UsageError` where there is none, or its layers are not enough.

    check : told which layers of the sandbox are missing on a worker, and where that is.
    """

    def __init__(self, address: str, parcel: Parcel, *, gpu: bool, say: Say, check: Any, stack: ExitStack) -> None:
        from referee.batch.cluster import Cluster  # noqa: PLC0415 - Dask is an extra

        self.heard: Callable[[Event], None] = lambda _event: None
        self._say, self._stack = say, stack
        self._cluster = stack.enter_context(batch.ending(Cluster(address, parcel, gpu=gpu, heard=self._hear)))
        found = self._cluster.environments()
        for worker, (_, missing) in found.items():
            say(f"kernels on {worker}: {check(missing, f' on {worker}')}")
        self.environments = tuple(environment for environment, _ in found.values())
        if len({str(environment) for environment in self.environments}) > 1:
            say("the workers differ in their packages: results may depend on where a submission was graded")

    def start(self, items: int, kernel_mb: int) -> tuple[Executor, int]:
        self.needs(kernel_mb)
        places = self._cluster.places
        self._say(f"workers: {min(places, items)} at a time, on {counted(len(self.environments), 'Dask worker')}")
        return self._cluster, self._cluster.width

    def needs(self, kernel_mb: int) -> None:
        self._cluster.each_mb = kernel_mb

    def _hear(self, event: Any) -> None:
        self.heard(event)
