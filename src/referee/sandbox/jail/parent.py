"""The warm parent: imports what notebooks import, once, and forks a kernel for whoever asks.

It is started by `referee.sandbox.forkserver` with one inherited socket pair (SOCK_SEQPACKET: whole messages, and
nothing that listens). The first message says what kind of house this is; it answers "ready" and from then on serves:

    {"op": "launch", ...} + sockets     ->  {"op": "launched"} + pidfd, readiness pipe;   later {"op": "exit"}
                                            or {"op": "refused"}: it could not fork
    {"op": "attach"} + a socket         another harness process joins, with a channel of its own

It holds no secret and never handles a student's data: it sees the exit status of its children and nothing else of them.
It runs no operation of a framework and touches no device, for what runs in threads or on a device does not survive a
fork. When the last harness process is gone, so is the parent, and with it (its process namespace) every kernel.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import itertools
import json
import os
import random
import select
import signal
import socket
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from . import CHANNELS, layers, namespaces

_MESSAGE = 200_000  # bytes; what a message over the socket pair may hold
_DESCRIPTORS = 16
_USER = "student"
#: As Jupyter starts a kernel: a notebook that reads its arguments finds these, and none of its own.
_ARGUMENTS = ("ipykernel_launcher.py", "-f", "kernel.json", "--HistoryManager.hist_file=:memory:")


def main(descriptor: int) -> None:
    """Become a warm parent that serves the channel `descriptor`; ends with the process."""
    channel = socket.socket(fileno=descriptor)
    try:
        order = json.loads(channel.recv(_MESSAGE))
        house = layers.House(
            readable=tuple(order["readable"]), devices=tuple(order["devices"]), layers=frozenset(order["layers"])
        )
        layers.enter_parent(house)
        parent = _Parent(channel, house, order)
    except BaseException as error:  # noqa: BLE001 - the harness must hear why there is no parent
        _send(channel, {"op": "failed", "words": "".join(traceback.format_exception(error))[-4000:]})
        os._exit(1)
    parent.serve()


class _Parent:
    """One warm process with its channels and its children."""

    def __init__(self, channel: socket.socket, house: layers.House, order: dict[str, Any]) -> None:
        self._home = _own_scratch(house, order["scratch"])
        os.environ.clear()
        os.environ.update(order["env"])
        os.environ.update(_surroundings(self._home))
        os.chdir(f"{self._home}/work")
        from . import kernel  # noqa: PLC0415 - behind the parent's walls, as all that it imports

        self._kernel = kernel
        absent = load(order["preload"])
        agent: dict[str, Any] = {"__name__": "referee_inside"}
        exec(compile(order["agent"], "<referee>", "exec"), agent)  # noqa: S102 - our own text: sandbox/inside.py
        self._agent = agent["serve"]
        self._app = kernel.prepare()
        self._prepared = layers.Prepared(house)
        self._poll = select.poll()
        self._channels: dict[int, socket.socket] = {}
        self._children: dict[int, _Child] = {}
        settle()
        self._ready = {"op": "ready", "threads": len(list(Path("/proc/self/task").iterdir())), "absent": absent}
        self._join(channel)

    def serve(self) -> None:
        """Answer until nobody is left to answer to; then end every kernel."""
        while self._channels:
            for descriptor, _events in self._poll.poll():
                if descriptor in self._children:
                    self._reap(descriptor)
                elif descriptor in self._channels:
                    self._hear(descriptor)
        for descriptor in list(self._children):
            self._end(descriptor)
        os._exit(0)

    def _join(self, channel: socket.socket) -> None:
        channel.setblocking(False)
        self._channels[channel.fileno()] = channel
        self._poll.register(channel.fileno(), select.POLLIN)
        self._tell(channel.fileno(), self._ready)

    def _hear(self, descriptor: int) -> None:
        try:
            text, fds, _flags, _address = socket.recv_fds(self._channels[descriptor], _MESSAGE, _DESCRIPTORS)
        except BlockingIOError:
            return
        except OSError:
            text, fds = b"", []
        if not text:
            self._leave(descriptor)
            return
        request = json.loads(text)
        if request["op"] == "launch":
            self._launch(descriptor, request, fds)
        elif request["op"] == "attach":
            self._join(socket.socket(fileno=fds[0]))

    def _leave(self, descriptor: int) -> None:
        """A harness process is gone: its kernels go with it."""
        self._poll.unregister(descriptor)
        self._channels.pop(descriptor).close()
        for pidfd, child in list(self._children.items()):
            if child.channel == descriptor:
                self._end(pidfd)

    def _launch(self, descriptor: int, request: dict[str, Any], fds: list[int]) -> None:
        taken = {child.number for child in self._children.values()}
        number = next(free for free in itertools.count() if free not in taken)
        opened = list(fds)
        try:
            opened += (pipe := os.pipe())
            ready, told = pipe
            pid = layers.fork(self._prepared)
            if pid == 0:
                self._become(request, fds, told, number)
            pidfd = os.pidfd_open(pid)
            opened.remove(ready)
        except OSError as error:  # no more processes, descriptors or memory: the next one may be luckier
            self._tell(descriptor, {"op": "refused", "id": request["id"], "words": str(error)})
            return
        finally:
            for fd in opened:
                os.close(fd)
        self._children[pidfd] = _Child(descriptor, request["id"], pid, number)
        self._poll.register(pidfd, select.POLLIN)
        self._tell(descriptor, {"op": "launched", "id": request["id"]}, [pidfd, ready])
        os.close(ready)

    def _become(self, request: dict[str, Any], fds: list[int], told: int, number: int) -> None:
        """In the child: enter the walls, become a kernel, and never return."""
        try:
            signal.set_wakeup_fd(-1)
            key, listening = os.read(fds[0], 1000), fds[1 : 1 + len(CHANNELS)]
            files = next(iter(fds[1 + len(listening) :]), None)
            room = layers.Room(files=files, number=number, **request["room"])
            work = layers.enter_kernel(self._prepared, room, {told, *listening})
            _settle_in(request, work)

            def ready() -> None:
                os.write(told, b"ready")
                os.close(told)

            sockets = dict(zip(CHANNELS, listening, strict=True))
            wiring = self._kernel.Wiring(sockets, key, request["lean"])
            self._kernel.start(self._app, wiring, self._agent, ready)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - the harness must hear why there is no kernel
            with contextlib.suppress(OSError):
                os.write(told, "".join(traceback.format_exception(error))[-3000:].encode("utf-8", "replace"))
            os._exit(70)

    def _end(self, pidfd: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        self._reap(pidfd)

    def _reap(self, pidfd: int) -> None:
        child = self._children.pop(pidfd)
        self._poll.unregister(pidfd)
        os.close(pidfd)
        _pid, status, used = os.wait4(child.pid, 0)
        told = {"op": "exit", "id": child.id, "status": os.waitstatus_to_exitcode(status)}
        self._tell(child.channel, {**told, "cpu": used.ru_utime + used.ru_stime})

    def _tell(self, descriptor: int, message: dict[str, Any], fds: list[int] | None = None) -> None:
        if descriptor in self._channels:
            _send(self._channels[descriptor], message, fds or [])


class _Child:
    """A running kernel: whose it is, how its owner calls it, and its number among those that live."""

    def __init__(self, channel: int, identity: int, pid: int, number: int) -> None:
        self.channel, self.id, self.pid, self.number = channel, identity, pid, number


def _send(channel: socket.socket, message: dict[str, Any], fds: list[int] | None = None) -> None:
    """Send one message; a harness process that does not read, or is gone, misses it."""
    with contextlib.suppress(OSError):
        socket.send_fds(channel, [json.dumps(message).encode()], fds or [])


def _own_scratch(house: layers.House, given: str) -> str:
    """A folder that the parent may write to, as its imports do; where kernels have their own root, so has it."""
    if "namespaces" in house.layers:
        return namespaces.SCRATCH
    for name in namespaces.FOLDERS:
        Path(given, name).mkdir(exist_ok=True)
    return given


def _surroundings(scratch: str) -> dict[str, str]:
    """The variables that say where programs put what is their own."""
    home, temporary = (str(Path(scratch, name)) for name in ("home", "tmp"))
    own = {"HOME": home, "IPYTHONDIR": f"{home}/.ipython", "TMPDIR": temporary}
    return {**own, "USER": _USER, "LOGNAME": _USER}  # a kernel's user has no entry in /etc/passwd


def settle() -> None:
    """Let what is loaded stay shared: a garbage collection in a child would write to each of its pages.

    OpenSSL is started here, which takes longer than to add entropy to it in each child.
    """
    if (ssl := sys.modules.get("ssl")) is not None:
        ssl.RAND_bytes(1)
    gc.collect()
    gc.freeze()


def load(modules: list[str]) -> list[str]:
    """Import modules by name; the names of those that cannot be imported here."""
    absent = []
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001 - a package may raise anything; a notebook that needs it will say so
            absent.append(name)
    if "numpy" in sys.modules:  # these come with their first use, in each child anew; and one of them is seeded
        for name in ("numpy.random", "numpy.linalg", "numpy.fft"):
            importlib.import_module(name)
    return absent


def _settle_in(request: dict[str, Any], work: str) -> None:
    """Make the child's surroundings its own: folder, environment, arguments, seeds."""
    os.chdir(work)
    os.environ.clear()
    os.environ.update(request["env"])
    os.environ.update(_surroundings(str(Path(work).parent)))
    sys.argv[:] = _ARGUMENTS
    _reseed(request["seed"], request["threads"])


def _reseed(seed: int, threads: int) -> None:
    """Give every generator that forking has copied a state that follows from `seed`, and secrets fresh entropy.

    Nothing here may rely on a changed process number, as OpenSSL and tempfile do to notice a fork: behind the walls the
    parent is process 1, and so is each of its children.
    """
    random.seed(seed)
    tempfile.tempdir = tempfile._name_sequence = None  # type: ignore[attr-defined] # its own: names drawn before
    if (numpy := sys.modules.get("numpy")) is not None:
        numpy.random.seed(seed % 2**32)
    if (torch := sys.modules.get("torch")) is not None:
        cards = Path("/dev/nvidiactl").exists()  # torch.manual_seed looks for devices of every kind, which takes long
        (torch.manual_seed if cards else torch.default_generator.manual_seed)(seed)
        torch.set_num_threads(threads)
    if (tensorflow := sys.modules.get("tensorflow")) is not None:
        tensorflow.random.set_seed(seed)
    if (ssl := sys.modules.get("ssl")) is not None:
        ssl.RAND_add(os.urandom(32), 32.0)
    if (multiprocessing := sys.modules.get("multiprocessing")) is not None:
        multiprocessing.current_process().authkey = os.urandom(32)
