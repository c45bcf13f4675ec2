"""Worker processes of this machine behind `concurrent.futures.Executor`: each dies alone, and none without room.

The executors of the standard library give up on all that is under way when one process dies. Here each worker has a
thread of its own that waits for it, so that a death is the fault of one call only, and a fresh worker takes its place.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, ParamSpec, TypeVar

from referee.sandbox import nursery
from referee.sandbox.forkserver import Door
from referee.sandbox.isolation import can_fork
from referee.sandbox.nursery import Nursery, ParentKey, Plan
from referee.sandbox.watch import kill_tree

T = TypeVar("T")
P = ParamSpec("P")

_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "OMP_NUM_THREADS": "1"}
_PRELOAD = ["referee.lean", "referee.batch.work"]  # in this order
_turn = threading.Lock()
_GRACE = 5.0  # seconds for a worker to end by itself


class WorkerDied(BrokenExecutor):
    """The worker process ended while it carried out this call; nothing else is known."""


class Room:
    """The memory of a machine, shared out among kernels: `each` is what one is expected to need, in MiB.

    The first always fits: with too little memory for one, it is tried all the same.
    """

    def __init__(self, mb: int, each: int = 0) -> None:
        self.mb, self.each = mb, each
        self._taken: dict[object, int] = {}
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Wait until there is room for one more, and hold it."""
        me, need = object(), 0

        def fits() -> bool:
            nonlocal need
            need = self.each  # read once: it may be raised meanwhile
            return not self._taken or sum(self._taken.values()) + need <= self.mb

        with self._changed:
            self._changed.wait_for(fits)
            self._taken[me] = need
        try:
            yield
        finally:
            with self._changed:
                del self._taken[me]
                self._changed.notify_all()


@dataclass(frozen=True)
class Harness:
    """What a worker process learns from the one that started it.

    layers, doors : where warm kernels come from.   variables : its environment, and so that of its kernels.
    """

    layers: frozenset[str] = frozenset()
    doors: Mapping[ParentKey, Door] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


def harness(plans: Sequence[Plan]) -> Harness:
    """What workers need that fork kernels of these plans; the warm parents start now, and are not waited for."""
    variables = {**os.environ, **_QUIET}
    if not can_fork():
        return Harness(variables=variables)
    ours = nursery.shared()
    for plan in plans:
        ours.open(plan)
    return Harness(ours.layers, ours.doors(), variables)


def prepare(more: Sequence[str] = ()) -> None:
    """Begin to import what worker processes need, in the process that will fork them: nothing waits for it.

    more : modules beside those that every grading needs; only what is said first counts.
    """
    if can_fork():
        context: Any = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([*_PRELOAD, *more])
        with _turn:  # the variables are the whole process's
            before = {name: os.environ.get(name) for name in _QUIET}
            os.environ.update(_QUIET)
            resource_tracker.ensure_running()  # when it starts, it lets Ctrl-C through again
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # Ctrl-C is for us alone
            try:
                forkserver.ensure_running()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


class Workers(Executor):
    """Worker processes, one for each entry of `slots`: the variables that its kernels have beside the others.

    Parameters
    ----------
    about : what they learn when they start.   room : the memory for their kernels; None where it is not counted.
    heard : called with what a worker tells while it works (`tell`), in the thread that waits for it.
    """

    def __init__(
        self,
        slots: Sequence[Mapping[str, str]],
        about: Harness,
        room: Room | None = None,
        heard: Callable[[Any], None] | None = None,
    ) -> None:
        self._heard = heard or (lambda _news: None)
        self._room = room
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._all = [_Worker(about, variables) for variables in slots]
        for worker in self._all:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(len(self._all), thread_name_prefix="slot")

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call `fn` in a worker process. The future raises `WorkerDied` where that process ends meanwhile."""
        return self._threads.submit(self._call, fn, args, kwargs)

    def _call(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        with self._room.taken() if self._room is not None else contextlib.nullcontext():
            worker = self._idle.get()
            try:
                patience = getattr(args[0], "patience", None) if args else None
                result: T = worker.call((fn, args, kwargs), self._heard, patience)
                return result
            finally:
                self._idle.put(worker)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers: after the calls that are under way, or with `cancel_futures` at once."""
        if cancel_futures:
            for worker in self._all:
                worker.kill()
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        for worker in self._all:
            worker.close()


class Inline(Executor):
    """The calls in this process, one after the other: for what is trusted, and for tests."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            with contextlib.chdir(os.sep):  # as in a worker process: a check reads nothing beside whoever grades
                future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - handed to the caller, as a worker process would
            future.set_exception(error)
        return future


class _Worker:
    """Our end of one worker process, which is started when it is first needed, and again when it has died."""

    def __init__(self, about: Harness, variables: Mapping[str, str]) -> None:
        self._about = Harness(about.layers, about.doors, {**about.variables, **variables})
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._ended = False

    @property
    def pid(self) -> int:
        process = self._process
        return (process.pid or 0) if process is not None and process.is_alive() else 0

    def call(self, what: Any, heard: Callable[[Any], None], patience: float | None = None) -> Any:
        """Carry out one call; what it returns, or what it raises.

        patience : the seconds that the worker may be silent; then it is ended, for a check may never come to its end.
        """
        pipe = self._running()
        try:
            pipe.send(what)
        except OSError as error:
            raise WorkerDied(self._how_it_ended()) from error
        while (reply := self._reply(pipe, patience))[0] == "news":
            heard(reply[1])
        if reply[0] == "raised":
            raise reply[1]
        return reply[1]

    def _reply(self, pipe: Connection, patience: float | None) -> tuple[str, Any]:
        try:
            if pipe.poll(patience):
                reply: tuple[str, Any] = pipe.recv()
                return reply
        except (EOFError, OSError) as error:
            raise WorkerDied(self._how_it_ended()) from error
        if pid := self.pid:
            kill_tree(pid)
        self._how_it_ended()
        raise WorkerDied(f"the worker process said nothing for {patience:g} s, and was ended")

    def _running(self) -> Connection:
        if self._ended:
            raise WorkerDied("the workers were told to end")
        if self._process is None or self._pipe is None or not self._process.is_alive():
            self._start()
        if self._ended:  # meanwhile
            self.kill()
            raise WorkerDied("the workers were told to end")
        assert self._pipe is not None
        return self._pipe

    def _start(self) -> None:
        context: Any = multiprocessing.get_context("forkserver" if can_fork() else "spawn")
        prepare()
        multiprocessing.current_process().daemon = False  # Dask's workers are daemons, which may start no process
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._about), name="referee worker", daemon=True)
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours

    def _how_it_ended(self) -> str:
        process, self._process = self._process, None
        if process is None or process.pid is None:
            return "the worker process was ended"
        process.join(_GRACE)
        code = process.exitcode
        if code is not None and code < 0:
            return f"the worker process was killed by {signal.Signals(-code).name}"
        return f"the worker process ended with status {code}"

    def kill(self) -> None:
        """End the process at once, and whatever it started."""
        self._ended = True
        if self.pid:
            kill_tree(self.pid)

    def close(self) -> None:
        """Let the process end by itself, which it does when nobody is there to ask it for anything."""
        self._ended = True
        if self._pipe is not None:
            self._pipe.close()
        if (process := self._process) is not None and process.pid is not None:  # None: it could not be started
            process.join(_GRACE)
            if process.is_alive():
                kill_tree(process.pid or 0)
                process.join()


# --- inside a worker process ------------------------------------------------------------------------------------------

#: What a worker process closes when it ends; added to by the modules that open it.
AT_END: list[Callable[[], None]] = []
_pipe_of_this_worker: list[Connection] = []


def tell(news: Any) -> None:
    """Tell the process that waits for this worker something while it works; nothing happens elsewhere."""
    for pipe in _pipe_of_this_worker:
        with contextlib.suppress(OSError):
            pipe.send(("news", news))


def _serve(pipe: Connection, about: Harness) -> None:
    """Carry out calls until nobody asks for more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the first process decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if can_fork():
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # kernels of ours are interrupted by it
    os.chdir(os.sep)  # a check reads nothing beside whoever grades: a change there would go unnoticed
    os.environ.clear()
    os.environ.update(about.variables)
    os.dup2(2, 1)  # what a grader prints is no result of ours
    threading.Thread(target=_watch_parent, name="parent watch", daemon=True).start()
    if can_fork():
        nursery.share(Nursery(about.layers, about.doors))
    _pipe_of_this_worker[:] = [pipe]
    try:
        _carry_out(pipe)
    finally:  # a forked process runs no exit handlers
        nursery.close_shared()
        for close in AT_END:
            close()


def _carry_out(pipe: Connection) -> None:
    while True:
        try:
            fn, args, kwargs = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            reply: tuple[str, Any] = "done", fn(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - raised again where it was asked for
            reply = "raised", error
        try:
            pipe.send(reply)
        except OSError:
            return
        except Exception as error:  # noqa: BLE001 - what cannot be sent is an error of ours, and no death
            pipe.send(("raised", RuntimeError(f"a result that cannot be sent: {type(error).__name__}: {error}")))


def _watch_parent() -> None:
    """End this worker and its kernels when the process that started it has ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        kill_tree(os.getpid())
