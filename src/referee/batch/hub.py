"""What happens on a worker of a Dask cluster: worker processes of ours carry out the orders that are sent there.

A notebook that ends its process then ends neither the Dask worker nor what else is graded there. Each run has a hub of
its own; all hubs of a Dask worker share its memory and its GPUs.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from distributed import get_worker

from referee import grading
from referee.batch import room
from referee.batch.parcel import Parcel
from referee.batch.slots import Room, Workers, harness
from referee.batch.work import Order, Outcome
from referee.report import Environment
from referee.sandbox import isolation
from referee.tasks import Task, parent_of

GPU = "GPU"  # the resource of Dask workers that an order for a GPU needs


@dataclass(frozen=True)
class Sent:
    """An order as it travels: tasks with paths in the parcel, and what was handed in.

    files : by name its content; a size where it is too large to be read; None for what is no file.
    memory_mb : what its kernel is expected to need.   gpu : whether it needs a GPU of its own.
    """

    order: Order
    files: Mapping[str, bytes | int | None]
    memory_mb: int
    gpu: bool
    topic: str


class Machine:
    """What the hubs of one Dask worker share: memory, and GPUs of which each is used by one kernel at a time."""

    def __init__(self, gpus: tuple[str, ...]) -> None:
        self.room = Room(room.free_mb())
        self.gpus = gpus
        self._free: queue.SimpleQueue[str] = queue.SimpleQueue()
        for name in gpus:
            self._free.put(name)

    @contextlib.contextmanager
    def gpu(self) -> Iterator[str]:
        """A GPU that nobody else has."""
        name = self._free.get()
        try:
            yield name
        finally:
            self._free.put(name)


class Hub:
    """The worker processes of one run: as many for CPUs as the Dask worker has threads, and one for each GPU."""

    def __init__(self, parcel: Parcel, threads: int, machine: Machine, heard: Callable[[Any], None]) -> None:
        self._root = Path(tempfile.mkdtemp(prefix=f"referee-{os.getpid()}-course-"))
        self._tasks = {task.notebook: task for task in parcel.unpack(self._root)}
        about = harness([parent_of(task) for task in self._tasks.values()])
        self._machine = machine
        self._cpu = Workers([{"CUDA_VISIBLE_DEVICES": ""}] * threads, about, machine.room, heard)
        self._gpu = {
            name: Workers([{"CUDA_VISIBLE_DEVICES": name}], about, machine.room, heard) for name in machine.gpus
        }
        self.users = 0

    def carry(self, fn: Callable[[Order], Outcome], sent: Sent) -> Outcome:
        """Call `fn` on an order in one of the processes."""
        self._machine.room.each = room.needed_mb(sent.memory_mb)
        with _handed_in(sent.files) as folder:
            order = replace(sent.order, tasks=tuple(self._here(task, folder) for task in sent.order.tasks))
            if not sent.gpu:
                return self._cpu.submit(fn, order).result()
            with self._machine.gpu() as name:
                return self._gpu[name].submit(fn, order).result()

    def _here(self, task: Task, folder: Path) -> Task:
        mine = self._tasks[task.notebook]
        return replace(mine, student=task.student, submitted=folder / task.submitted.name, notes=task.notes)

    def close(self) -> None:
        """End the processes at once."""
        for workers in (self._cpu, *self._gpu.values()):
            workers.shutdown(cancel_futures=True)
        shutil.rmtree(self._root, ignore_errors=True)


_hubs: dict[str, Hub] = {}
_machines: list[Machine] = []
_turn = threading.Lock()


def received(parcel: Parcel) -> Parcel:
    """The parcel, on a Dask worker."""
    return parcel


def carry(parcel: Parcel, fn: Callable[[Order], Outcome], sent: Sent) -> Outcome:
    """Call `fn` on an order in a process of the hub of its run."""
    hub = _enter(parcel, sent.topic)
    try:
        return hub.carry(fn, sent)
    finally:
        with _turn:
            hub.users -= 1


def describe() -> tuple[Environment, Mapping[str, str]]:
    """Where a grading on this Dask worker happens, and which layers of the sandbox are missing here."""
    return grading.environment(), dict(isolation.missing())


def close(topic: str) -> None:
    """End what a run has on this Dask worker."""
    with _turn:
        if (hub := _hubs.pop(topic, None)) is not None:
            hub.close()


def _enter(parcel: Parcel, topic: str) -> Hub:
    """The hub of a run, for one more order. Those that are idle are closed for a new one: their runs may be dead."""
    worker = get_worker()
    with _turn:
        if not _machines:
            count = int(worker.state.total_resources.get(GPU, 0))
            _machines.append(Machine(room.gpus()[:count]))
        if topic not in _hubs:
            for idle in [name for name, hub in _hubs.items() if not hub.users]:
                _hubs.pop(idle).close()
            told = _Told(worker, topic)
            _hubs[topic] = Hub(parcel, worker.state.nthreads, _machines[0], told)
        _hubs[topic].users += 1
        return _hubs[topic]


@dataclass(frozen=True)
class _Told:
    """Passes on what worker processes tell, to whoever follows the run."""

    worker: Any
    topic: str

    def __call__(self, news: Any) -> None:
        self.worker.log_event(self.topic, {"told": msgspec.to_builtins(news)})


def _close_all() -> None:
    while _hubs:
        _hubs.popitem()[1].close()


atexit.register(_close_all)


@contextlib.contextmanager
def _handed_in(files: Mapping[str, bytes | int | None]) -> Iterator[Path]:
    """A folder that looks as the one that was handed in."""
    folder = Path(tempfile.mkdtemp(prefix=f"referee-{os.getpid()}-order-"))
    try:
        for name, content in files.items():
            path = folder / name
            if content is None:
                path.mkdir()
            elif isinstance(content, int):
                path.touch()
                os.truncate(path, content)  # too large to be read: nobody does
            else:
                path.write_bytes(content)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
