"""Workers of a Dask cluster behind `concurrent.futures.Executor`.

A Dask worker needs this package and nothing else: it is sent the course's graders (`parcel`) once, and with each order
the files that were handed in (`hub` is what happens there). What is told meanwhile comes back as Dask events.

GPUs are resources of Dask workers (`dask worker --resources GPU=2`): an order that needs one waits for one, and each
kernel sees one; all others see none, and wait for none.
"""

from __future__ import annotations

import contextlib
import logging
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from referee import authoring
from referee.batch.parcel import Parcel
from referee.batch.slots import WorkerDied
from referee.batch.work import Order
from referee.errors import ClusterLost, MissingExtra, SubmissionError, UsageError
from referee.events import Doing
from referee.report import Environment

try:
    from distributed import Client, KilledWorker

    from referee.batch import hub
    from referee.batch.hub import Sent
except ImportError as error:
    raise MissingExtra("Dask, for --cluster", str(error), "pip install 'referee[cluster]'") from error

_CONNECT = 15  # seconds
_CLOSE = 3  # seconds
_AHEAD = 2  # orders for each place: one is graded, one is on its way


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
            self._parcel = self._send(parcel)
            resources = {hub.GPU: 1} if gpu else {}
            self._inner = self._client.get_executor(pure=False, retries=0, resources=resources)
        except BaseException:
            self.shutdown(cancel_futures=True)
            raise

    def _send(self, parcel: Parcel) -> Any:
        """The parcel as a task's result: Dask makes it once more where the last worker that had it is gone.

        Scattered data would be lost with that worker, and every order with it; Dask keeps no second copy for long.
        """
        with warnings.catch_warnings(category=UserWarning, action="ignore"):  # "large graph": with a data file it is
            return self._client.submit(hub.received, parcel, pure=False)

    def _places(self) -> int:
        """How many orders can be carried out at a time: threads of workers, or GPUs."""
        known = self._client.scheduler_info(n_workers=-1)["workers"].values()
        found = sum(int(each["resources"].get(hub.GPU, 0)) if self._gpu else each["nthreads"] for each in known)
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
            found: dict[str, tuple[Environment, Mapping[str, str]]] = self._client.run(hub.describe)
        except Exception as error:
            wanted = "workers with this version of Referee"
            raise UsageError(wanted, f"{type(error).__name__}: {error}", "install it where the workers run") from error
        return found

    def submit(self, fn: Callable[..., Any], /, order: Order) -> Future[Any]:  # type: ignore[override] # orders alone
        """Call `fn` on an order somewhere. The future raises `WorkerDied` where its worker did."""
        sent = Sent(self._travelling(order), _files(order), self.each_mb, self._gpu, self._topic)
        future: Future[Any] = Future()
        inner = self._inner.submit(hub.carry, self._parcel, fn, sent)
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
        lost = self._client.status != "running"
        if not lost:
            with contextlib.suppress(Exception):  # it may go meanwhile
                if not cancel_futures:
                    self._inner.shutdown(wait=wait)
                self._client.run(hub.close, self._topic)
                self._client.unsubscribe_topic(self._topic)
        self._client.close(timeout=_CLOSE)
        if not lost:  # else what was waited for in vain is still to come, and is logged when it does
            self._quiet.close()


@contextlib.contextmanager
def _without_logs() -> Iterator[None]:
    """What Dask would log about the end of a connection is said by our errors, in three lines."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]
    loggers = [logging.getLogger(name) for name in (*names, "asyncio")]  # Dask gives some a level of their own
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _pass_on(done: Future[Any], future: Future[Any]) -> None:
    """Let a future of ours end as one of Dask's did."""
    if not future.set_running_or_notify_cancel():
        return  # nobody waits for it any more
    try:
        future.set_result(done.result())
    except KilledWorker as error:
        future.set_exception(WorkerDied(f"Dask workers died: {error}"))
    except CancelledError:
        found = "the scheduler is gone, or its last worker"
        remedy = "see that both run, and give the same command again: it goes on where it was (without --again)"
        lost = ClusterLost("a cluster that answers", found, remedy)
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
