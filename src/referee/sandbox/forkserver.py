"""Our side of the warm parent: starts it, asks it for kernels, restarts it when it dies, ends it with its owner.

    ForkServer(House(...), preload)     one warm parent, shared by the harness processes of one run
        .begin(Order)                   asks for a kernel without waiting for it
        .launched(...) -> Launched      the kernel, forked, with a pidfd and a pipe that says when it listens
        .exited(Launched) -> Exited     how it ended and what it used, from wait4

Nothing listens: the channel is an inherited socket pair. Another harness process joins over a `Door`, which may be
handed to it when it is spawned; it gets a channel of its own, and its kernels die with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

from referee.errors import HarnessError
from referee.sandbox.jail.layers import House

_MESSAGE = 200_000
_START = 120.0  # seconds for a parent to import its packages on a busy machine
_REPLY = 120.0  # seconds for a parent to fork
_PROCESS_GROUP = 1 << 2  # PIDFD_SIGNAL_PROCESS_GROUP of linux/pidfd.h, since Linux 6.9
_SANDBOX = Path(__file__).parent
_PROGRAM = (
    "import sys; sys.path.insert(0, {folder!r}); from jail import parent; del sys.path[0]; parent.main({descriptor})"
)


class KernelLost(HarnessError):
    """A kernel has ended for no fault of its notebook's; another one may live longer."""


class ParentGone(KernelLost):
    """The warm parent has ended, and its kernels with it; a fresh one can be started."""


@dataclass(frozen=True)
class Order:
    """What a kernel is asked to be.

    key : signs its messages.   environment : all of its variables but HOME, IPYTHONDIR and TMPDIR.
    listening : a descriptor for each of the channels shell, iopub, stdin, control, hb.
    files : a descriptor of the folder whose content is put beside the notebook, or None.
    room : bounds for the disk, processes and files of this kernel (`jail.layers.Room`).
    lean : only the channels shell, iopub and stdin will be opened.
    """

    key: str
    environment: Mapping[str, str]
    listening: Sequence[int]
    room: Mapping[str, Any]
    files: int | None = None
    seed: int = 0
    threads: int = 1
    lean: bool = False


@dataclass(frozen=True)
class Exited:
    """How a kernel ended: its exit status, and the CPU seconds of its whole tree."""

    status: int
    cpu: float


@dataclass
class Launched:
    """A kernel on its way: `pidfd` becomes readable when it ends, `ready` when it listens or could not start."""

    number: int
    pid: int
    pidfd: int
    ready: int

    def alive(self) -> bool:
        """True until the process has ended."""
        return self.pidfd >= 0 and not readable(self.pidfd, 0)

    def send_signal(self, number: int) -> None:
        """Signal the kernel and, where the system can, its process group, as a terminal would."""
        if self.pidfd < 0:
            return
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                signal.pidfd_send_signal(self.pidfd, number)
                return
            try:
                signal.pidfd_send_signal(self.pidfd, number, None, _PROCESS_GROUP)
            except OSError:
                signal.pidfd_send_signal(self.pidfd, number)

    def wait_ready(self, seconds: float) -> None:
        """Wait until the kernel listens. Raises `HarnessError` with what it said where it could not start."""
        if self.ready < 0:
            return
        said = b""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and readable(self.ready, left):
            piece = os.read(self.ready, 4096)
            if not piece:
                break
            said += piece
        os.close(self.ready)
        self.ready = -1
        if said != b"ready":
            words = said.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it ended, or said nothing in time"]
            raise HarnessError("a kernel that starts behind its walls", words[0], "referee doctor")

    def close(self) -> None:
        """Kill the kernel and let go of its descriptors; its exit is still reported to the server."""
        self.send_signal(signal.SIGKILL)
        for descriptor in (self.pidfd, self.ready):
            if descriptor >= 0:
                os.close(descriptor)
        self.pidfd = self.ready = -1


class Door:
    """Lets a spawned harness process join a warm parent; it is pickled while that process is started."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __reduce__(self) -> Any:
        return _door, (DupFd(self._descriptor),)

    def channel(self) -> socket.socket:
        """A new channel to the parent."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        through = socket.socket(fileno=os.dup(self._descriptor))
        try:
            with theirs, through:
                socket.send_fds(through, [json.dumps({"op": "attach"}).encode()], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise ParentGone("a warm parent to join", str(error), "it is started again") from error
        return ours


def _door(duplicate: Any) -> Door:
    return Door(duplicate.detach())


class ForkServer:
    """A warm parent process, from the side of the harness.

    Parameters
    ----------
    house : what its kernels may see and which layers hold them.
    preload : modules that it imports before it forks.
    environment : the parent's variables; a framework reads some of them only when it is imported.
    door : join the parent behind this door instead of starting one.

    Raises
    ------
    HarnessError : the parent cannot be started; its last words are in the message.
    """

    def __init__(
        self, house: House, preload: Sequence[str], environment: Mapping[str, str], door: Door | None = None
    ) -> None:
        self.house, self.preload = house, tuple(preload)
        self.absent: tuple[str, ...] = ()
        self.threads = 1
        self._numbers = 0
        self._replies: dict[int, tuple[dict[str, Any], list[int]]] = {}
        self._exits: dict[int, Exited] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch = ""
        self._ready, self._joined = False, door is not None
        if door is not None:
            self._channel = door.channel()
        else:
            self._start(environment)

    def _start(self, environment: Mapping[str, str]) -> None:
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        # descriptors on their way through sockets are counted per user: kernels, which have fewer, cannot use up ours
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._scratch = tempfile.mkdtemp(prefix=f"referee-{os.getpid()}-parent-")
        program = _PROGRAM.format(folder=str(_SANDBOX), descriptor=theirs.fileno())
        # without -I, which would ignore PYTHONHASHSEED: the order of a set should be the same in every grading
        self._process = subprocess.Popen(
            [sys.executable, "-sP", "-c", program],
            env=dict(environment),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        order = {
            "readable": [*self.house.readable, str(_SANDBOX / "jail")],
            "devices": list(self.house.devices),
            "layers": sorted(self.house.layers),
            "scratch": self._scratch,
            "env": dict(environment),
            "preload": list(self.preload),
            "agent": (_SANDBOX / "inside.py").read_text(encoding="utf-8"),
        }
        self._channel.send(json.dumps(order).encode())

    def wait_ready(self) -> None:
        """Wait until the parent has imported its packages. Raises `HarnessError` with its last words."""
        if self._ready:
            return
        try:
            reply, _ = self._expect(("ready",), _START)
        except HarnessError:
            self.close()
            raise
        self._note(reply)
        self._ready = True

    @property
    def joined(self) -> bool:
        """True where another harness process has started the parent."""
        return self._joined

    @property
    def pid(self) -> int:
        """The process that was started; 0 where another harness process owns the parent."""
        return self._process.pid if self._process is not None else 0

    def door(self) -> Door:
        """A door for spawned harness processes."""
        return Door(self._channel.fileno())

    def _note(self, reply: dict[str, Any]) -> None:
        self.absent, self.threads = tuple(reply["absent"]), int(reply["threads"])

    def begin(self, order: Order) -> int:
        """Ask for a kernel without waiting for it; `launched` takes it."""
        self.wait_ready()
        self._numbers += 1
        files = [order.files] if order.files is not None else []
        message = {
            "op": "launch",
            "id": self._numbers,
            "env": dict(order.environment),
            "room": dict(order.room),
            "seed": order.seed,
            "threads": order.threads,
            "lean": order.lean,
        }
        reading, writing = os.pipe()  # the key goes past the parent, whose memory all later kernels inherit
        try:
            os.write(writing, order.key.encode())
            self._send(message, [reading, *order.listening, *files])
        finally:
            os.close(reading)
            os.close(writing)
        return self._numbers

    def launched(self, number: int) -> Launched:
        """The kernel that `begin` asked for."""
        while number not in self._replies:
            self._receive(_REPLY)
        reply, fds = self._replies.pop(number)
        if reply["op"] == "refused":
            raise HarnessError("a parent that can fork", reply["words"], "close other programs, or use fewer --workers")
        pidfd, ready = fds
        return Launched(number, _pid_of(pidfd), pidfd, ready)

    def exited(self, launched: Launched, seconds: float = 5.0) -> Exited | None:
        """How a kernel ended, which its parent learns when it has reaped it; None where that is not known in time."""
        deadline = time.monotonic() + seconds
        with contextlib.suppress(ParentGone):
            while launched.number not in self._exits and (left := deadline - time.monotonic()) > 0:
                self._receive(left)
        return self._exits.pop(launched.number, None)

    def gone(self) -> bool:
        """True when the parent has ended: the last of its messages may still be there to read."""
        try:
            while readable(self._channel.fileno(), 0):
                self._receive(0)
        except (ParentGone, ValueError, OverflowError, OSError):
            return True
        return False

    def close(self) -> None:
        """Let go of the parent; the last harness process to do so ends it and all its kernels."""
        self._channel.close()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self._process.kill()
            self._process.wait()
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._process = None

    def _send(self, message: dict[str, Any], fds: Sequence[int]) -> None:
        try:
            socket.send_fds(self._channel, [json.dumps(message).encode()], list(fds))
        except OSError as error:
            raise ParentGone("a warm parent that answers", f"{error}", "it is started again") from error

    def _expect(self, wanted: Sequence[str], seconds: float) -> tuple[dict[str, Any], list[int]]:
        while True:
            message, fds = self._receive(seconds)
            if message["op"] in wanted:
                return message, fds

    def _receive(self, seconds: float) -> tuple[dict[str, Any], list[int]]:
        """The next message of the parent; replies and exits that somebody else waits for are kept."""
        if self._channel.fileno() < 0:
            raise ParentGone("a warm parent that answers", "it was let go", "it is started again")
        if not readable(self._channel.fileno(), seconds):
            raise ParentGone("a warm parent that answers", f"nothing in {seconds:g} s", "referee doctor")
        try:
            text, fds, _flags, _address = socket.recv_fds(self._channel, _MESSAGE, 16)
        except OSError as error:
            text, fds = b"", []
            found = str(error)
        else:
            found = "it has ended"
        if not text:
            raise ParentGone("a warm parent that answers", found, "it is started again")
        message: dict[str, Any] = json.loads(text)
        if message["op"] == "failed":
            raise HarnessError("a warm parent that starts", message["words"].strip()[-1500:], "referee doctor")
        if message["op"] in ("launched", "refused"):
            self._replies[message["id"]] = message, fds
        elif message["op"] == "exit":
            self._exits[message["id"]] = Exited(message["status"], message["cpu"])
        return message, fds


def readable(descriptor: int, seconds: float) -> bool:
    """Wait until a descriptor has something to read, or has ended; any number of descriptors may be open."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(1000 * seconds))


def _pid_of(pidfd: int) -> int:
    """The process behind a pidfd, as this side of the walls counts processes."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text(encoding="ascii").splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return 0
