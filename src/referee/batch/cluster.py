"""Workers of a Dask cluster behind `concurrent.futures.Executor`.

A Dask worker needs this package and nothing else: it is sent the course's graders (`parcel`) once, and with each order
the files that were handed in. In it a `Hub` keeps worker processes of ours, so that a notebook that ends its process
ends neither the Dask worker nor what else is graded there. What is told while it works comes back as Dask events.

GPUs are resources of Dask workers (`dask worker --resources GPU=2`): an order that needs one waits for one, and each
kernel sees one; all others see none, and wait for none.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from referee import authoring, grading
from referee.batch import room
from referee.batch.parcel import Parcel
from referee.batch.slots import Room, WorkerDied, Workers, harness
from referee.batch.work import Order, Outcome
from referee.errors import ClusterLost, MissingExtra, SubmissionError, UsageError
from referee.events import Doing
from referee.report import Environment
from referee.sandbox import isolation
from referee.tasks import Task, parent_of

try:
    from distributed import Client, KilledWorker, get_worker
except ImportError as error:
    raise MissingExtra("Dask, for --cluster", str(error), "pip install 'referee[cluster]'") from error

_CONNECT = 15  # seconds
_AHEAD = 2  # orders for each place: one is graded, one is on its way
GPU = "GPU"


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


class Cluster(Executor):
    """The workers of the Dask cluster whose scheduler is at `address`.

    heard : called with what workers tell.   gpu : whether each order needs a GPU.

    Raises
    ------
    UsageError : there is no scheduler, or no worker that could carry out an order.
    """

    def __init__(self, address: str, parcel: Parcel, *, gpu: bool, heard: Callable[[Any], None]) -> None:
        self._quiet = ExitStack()
        self._quiet.enter_context(_without_logs())
        try:
            self._client = Client(address, timeout=_CONNECT, set_as_default=False, name="referee")
        except (OSError, ValueError, TimeoutError) as error:
            wanted = f"a Dask scheduler at {address}"
            self._quiet.close()
            raise UsageError(wanted, str(error) or type(error).__name__, "start one: dask scheduler") from error
        try:
            self._address, self._gpu, self._topic = address, gpu, f"referee-{uuid.uuid4().hex}"
            self.each_mb = 0
            self._relative = {task.notebook: task for task in parcel.tasks}
            self.places = self._places()
            self._client.subscribe_topic(self._topic, lambda event: heard(msgspec.convert(event[1]["told"], Doing)))
            self._parcel = self._client.scatter(parcel, hash=False)
            resources = {GPU: 1} if gpu else {}
            self._inner = self._client.get_executor(pure=False, retries=0, resources=resources)
        except BaseException:
            self.shutdown(cancel_futures=True)
            raise

    def _places(self) -> int:
        """How many orders can be carried out at a time: threads of workers, or GPUs."""
        known = self._client.scheduler_info(n_workers=-1)["workers"].values()
        found = sum(int(each["resources"].get(GPU, 0)) if self._gpu else each["nthreads"] for each in known)
        if not found:
            what = "a worker with GPUs" if self._gpu else "a worker"
            start = f"dask worker {self._address}" + " --resources GPU=1" * self._gpu
            raise UsageError(f"{what} in the cluster", "none", f"start one: {start}")
        return found

    @property
    def width(self) -> int:
        """How many orders to hand out at a time."""
        return _AHEAD * self.places

    def environments(self) -> dict[str, tuple[Environment, Mapping[str, str]]]:
        """By the address of a worker: where its gradings happen, and which layers of the sandbox are missing there."""
        try:
            found: dict[str, tuple[Environment, Mapping[str, str]]] = self._client.run(_describe)
        except Exception as error:
            wanted = "workers with this version of Referee"
            raise UsageError(wanted, f"{type(error).__name__}: {error}", "install it where the workers run") from error
        return found

    def submit(self, fn: Callable[..., Any], /, order: Order) -> Future[Any]:  # type: ignore[override] # orders alone
        """Call `fn` on an order somewhere. The future raises `WorkerDied` where its worker did."""
        sent = Sent(self._travelling(order), _files(order), self.each_mb, self._gpu, self._topic)
        future: Future[Any] = Future()
        inner = self._inner.submit(_carry, self._parcel, fn, sent)
        inner.add_done_callback(lambda done: _pass_on(done, future))
        return future

    def _travelling(self, order: Order) -> Order:
        """The order with paths that hold wherever the parcel is unpacked."""
        tasks = (
            replace(
                self._relative[task.notebook],
                student=task.student,
                submitted=Path("submitted", task.submitted.name),
                notes=task.notes,
            )
            for task in order.tasks
        )
        return replace(order, tasks=tuple(tasks))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster; with `cancel_futures` what is under way there ends at once."""
        with contextlib.suppress(Exception):  # it may be gone
            if cancel_futures:
                self._client.run(close_hub, self._topic)
            self._client.unsubscribe_topic(self._topic)
            self._inner.shutdown(wait=wait)
        self._client.close()
        self._quiet.close()


@contextlib.contextmanager
def _without_logs() -> Iterator[None]:
    """What Dask would log about the end of a connection is said by our errors, in three lines."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def _pass_on(done: Future[Any], future: Future[Any]) -> None:
    """Let a future of ours end as one of Dask's did."""
    if not future.set_running_or_notify_cancel():
        return  # nobody waits for it any more
    try:
        future.set_result(done.result())
    except KilledWorker as error:
        future.set_exception(WorkerDied(f"Dask workers died: {error}"))
    except CancelledError:
        lost = ClusterLost(
            "a cluster that answers", "it is gone", "run the same command again: it goes on where it was"
        )
        future.set_exception(lost)
    except Exception as error:  # noqa: BLE001 - raised again where the result is asked for
        future.set_exception(error)


def _files(order: Order) -> dict[str, bytes | int | None]:
    """What was handed in, as it is sent."""
    found: dict[str, bytes | int | None] = {}
    for task in order.tasks:
        path = task.submitted
        if path.exists():
            try:
                found[path.name] = authoring.submitted_bytes(path, task.limits.submission_bytes)
            except SubmissionError:
                found[path.name] = path.stat().st_size if path.is_file() and not path.is_symlink() else None
    return found


# --- on a worker ------------------------------------------------------------------------------------------------------


def _describe() -> tuple[Environment, Mapping[str, str]]:
    return grading.environment(), dict(isolation.missing())


class Hub:
    """The worker processes that one Dask worker keeps for one course's parcel."""

    def __init__(self, parcel: Parcel, threads: int, gpus: tuple[str, ...], heard: Callable[[Any], None]) -> None:
        self._root = Path(tempfile.mkdtemp(prefix=f"referee-{os.getpid()}-course-"))
        self._tasks = {task.notebook: task for task in parcel.unpack(self._root)}
        about = harness([parent_of(task) for task in self._tasks.values()])
        self._room = Room(room.free_mb())
        unseen = {"CUDA_VISIBLE_DEVICES": ""}
        self._cpu = Workers([unseen] * threads, about, self._room, heard)
        self._gpu = (
            Workers([{"CUDA_VISIBLE_DEVICES": name} for name in gpus], about, self._room, heard) if gpus else None
        )
        self.topics: set[str] = set()

    def carry(self, fn: Callable[[Order], Outcome], sent: Sent) -> Outcome:
        """Call `fn` on an order in one of the processes."""
        self._room.each = room.needed_mb(sent.memory_mb)
        workers = self._gpu if sent.gpu and self._gpu is not None else self._cpu
        with _handed_in(sent.files) as folder:
            tasks = tuple(self._here(task, folder) for task in sent.order.tasks)
            return workers.submit(fn, replace(sent.order, tasks=tasks)).result()

    def _here(self, task: Task, folder: Path) -> Task:
        mine = self._tasks[task.notebook]
        return replace(mine, student=task.student, submitted=folder / task.submitted.name, notes=task.notes)

    def close(self) -> None:
        """End the processes at once."""
        for workers in filter(None, (self._cpu, self._gpu)):
            workers.shutdown(cancel_futures=True)
        shutil.rmtree(self._root, ignore_errors=True)


_hubs: dict[str, Hub] = {}
_turn = threading.Lock()


def _carry(parcel: Parcel, fn: Callable[[Order], Outcome], sent: Sent) -> Outcome:
    """Call `fn` on an order on a Dask worker."""
    return _hub(parcel, sent).carry(fn, sent)


def _hub(parcel: Parcel, sent: Sent) -> Hub:
    """The hub for a parcel; that of another one, which an earlier run needed, is closed."""
    worker = get_worker()
    with _turn:
        if parcel.digest not in _hubs:
            close_hubs()
            count = int(worker.state.total_resources.get(GPU, 0))
            hub = Hub(parcel, worker.state.nthreads, room.gpus()[:count], lambda news: _told(worker, news))
            _hubs[parcel.digest] = hub
        _hubs[parcel.digest].topics = {sent.topic}
        return _hubs[parcel.digest]


def _told(worker: Any, news: Any) -> None:
    for topic in {topic for hub in _hubs.values() for topic in hub.topics}:
        worker.log_event(topic, {"told": msgspec.to_builtins(news)})


def close_hub(topic: str) -> None:
    """End what a run has under way on this worker."""
    with _turn:
        if any(topic in hub.topics for hub in _hubs.values()):
            close_hubs()


def close_hubs() -> None:
    """End all that is under way on this worker."""
    while _hubs:
        _hubs.popitem()[1].close()


atexit.register(close_hubs)


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
