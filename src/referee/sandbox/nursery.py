"""Warm kernels for one harness process: which parent forks which, and the spare that is forked ahead.

    Plan        what determines a kernel before its notebook is known: packages, files, bounds, seed
    Nursery     .take(Plan) -> Berth: a kernel that is ready, from a parent that is started on demand and restarted
    Berth       one kernel with its sockets: how to reach it, how to end it, what it used

While a notebook runs, the next kernel of the same plan is forked and waits: most of its start then costs nothing.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
import socket
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from referee.errors import HarnessError
from referee.sandbox import isolation
from referee.sandbox.forkserver import Door, Exited, ForkServer, Launched, Order, ParentGone
from referee.sandbox.jail import CHANNELS, machine
from referee.sandbox.jail.layers import House
from referee.sandbox.scratch import Scratch, environment
from referee.sandbox.watch import kill_tree

_SPARES = 4
_MIB = 2**20

#: Which parent forks a kernel: its packages and the variables that these read when they are imported.
ParentKey = tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Plan:
    """What determines a kernel before its notebook is known; two notebooks with equal plans can use each other's.

    preload : packages that its parent has imported.   late : modules that these import only when they are used.
    variables : environment variables beside the standard ones.
    files : files and folders to put beside the notebook.
    disk_mb, processes, open_files : bounds, as in `referee.sandbox.limits.Limits`.
    seed : what random generators start from.   threads : its share of the cores.
    lean : only the channels shell, iopub and stdin will be opened.
    """

    preload: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    files: tuple[Path, ...] = ()
    disk_mb: int = 1024
    processes: int = 256
    open_files: int = 1024
    seed: int = 0
    threads: int = 1
    lean: bool = False

    @property
    def parent(self) -> ParentKey:
        return self.preload, self.late, self.variables

    def stamp(self) -> tuple[Any, ...]:
        """What the files, and those in folders, were when this was asked: a spare with older ones is of no use."""
        found = [each for path in self.files for each in (path, *(sorted(path.rglob("*")) if path.is_dir() else ()))]
        stats = [path.lstat() if path.is_symlink() and path not in self.files else path.stat() for path in found]
        return tuple((entry.st_mtime_ns, entry.st_size, entry.st_ino) for entry in stats)


@dataclass(eq=False)
class Berth:
    """A kernel that was asked for: its sockets, its key and, once it is there, its process."""

    scratch: Scratch
    key: str
    server: ForkServer
    number: int
    kernel: Launched = field(init=False)
    _refused: bool = field(init=False, default=False)

    def arrive(self, seconds: float) -> None:
        """Wait until the kernel listens. Raises `HarnessError` where it cannot start."""
        try:
            self.kernel = self.server.launched(self.number)
        except HarnessError:
            self._refused = True
            raise
        self.kernel.wait_ready(seconds)

    @property
    def connection(self) -> dict[str, Any]:
        """What a Jupyter client needs to connect."""
        ports = {f"{name}_port": place for place, name in enumerate(CHANNELS, 1)}
        path = str(self.scratch.root / "k")
        return {"transport": "ipc", "ip": path, "key": self.key.encode(), "signature_scheme": "hmac-sha256", **ports}

    def close(self) -> None:
        """End the kernel and remove its folder; its end is not waited for."""
        with contextlib.suppress(HarnessError):
            if not hasattr(self, "kernel") and not self._refused:
                self.kernel = self.server.launched(self.number)
        if hasattr(self, "kernel"):
            if "namespaces" not in self.server.house.layers and self.kernel.alive():
                kill_tree(self.kernel.pid)  # elsewhere all that it started ends with it
            self.kernel.close()
        self.scratch.close()

    def exited(self, seconds: float = 5.0) -> Exited | None:
        """Wait for the end of a closed kernel; what it used, where its parent says so in time."""
        return self.server.exited(self.kernel, seconds) if hasattr(self, "kernel") else None


class Nursery:
    """The warm parents and the spare kernels of one harness process.

    Parameters
    ----------
    layers : the layers that hold its kernels; all that work here by default.
    doors : parents of another harness process, to join instead of starting one's own.
    spares : how many kernels may wait, forked ahead.
    """

    def __init__(
        self, layers: frozenset[str] | None = None, doors: Mapping[ParentKey, Door] | None = None, spares: int = _SPARES
    ) -> None:
        self.layers = isolation.layers() if layers is None else layers
        self._house = House(readable=machine.runtime_paths(), devices=_devices(), layers=self.layers)
        self._doors = dict(doors or {})
        self._servers: dict[ParentKey, ForkServer] = {}
        self._spares: dict[Plan, tuple[tuple[Any, ...], Berth]] = {}
        self._taken: weakref.WeakSet[Berth] = weakref.WeakSet()
        self._unfit: set[ParentKey] = set()
        self._limit = spares
        self._staged: dict[tuple[Any, ...], Path] = {}
        self._folder = tempfile.mkdtemp(prefix=f"referee-{os.getpid()}-files-")

    def open(self, plan: Plan) -> ForkServer:
        """The parent for a plan, started if need be, not waited for."""
        if plan.parent not in self._servers:
            door = self._doors.pop(plan.parent, None)
            variables = environment(plan.threads, dict(plan.variables))
            self._servers[plan.parent] = ForkServer(self._house, (*plan.preload, *plan.late), variables, door)
        return self._servers[plan.parent]

    def doors(self) -> dict[ParentKey, Door]:
        """Doors to the parents of this process, for harness processes that it spawns."""
        return {key: server.door() for key, server in self._servers.items()}

    def take(self, plan: Plan, seconds: float) -> Berth:
        """A kernel of its own for a notebook, ready; and the next one on its way.

        Raises
        ------
        HarnessError : no kernel could be started, with a second parent either.
        """
        try:
            return self._take(plan, seconds)
        except ParentGone:
            self._forget(plan.parent)
            return self._take(plan, seconds)

    def _take(self, plan: Plan, seconds: float) -> Berth:
        stamp = plan.stamp()
        before, berth = self._spares.pop(plan, ((), None))
        if berth is None or before != stamp or not _arrived(berth, seconds):
            if berth is not None:
                berth.close()
            berth = self._begin(plan)
            try:
                berth.arrive(seconds)
            except BaseException:
                berth.close()
                raise
        self._spare(plan, stamp)
        self._taken.add(berth)
        return berth

    def _spare(self, plan: Plan, stamp: tuple[Any, ...]) -> None:
        """Have the next kernel of this plan forked ahead; the oldest spare makes room for it."""
        if not self._limit:
            return
        while len(self._spares) >= self._limit:
            self._spares.pop(next(iter(self._spares)))[1].close()
        with contextlib.suppress(ParentGone):  # the kernel that was asked for is there; the next one will say so again
            self._spares[plan] = stamp, self._begin(plan)

    def _begin(self, plan: Plan) -> Berth:
        """Ask for a kernel: its sockets listen before it is there."""
        server = self._parent(plan)
        stage = self._stage(plan) if plan.files else None
        scratch = Scratch()
        if "namespaces" not in self.layers:
            scratch.furnish()
        files = os.open(stage, os.O_RDONLY | os.O_DIRECTORY) if stage is not None else None
        listening = [_listening(scratch.root / f"k-{place}") for place in range(1, len(CHANNELS) + 1)]
        key = secrets.token_hex(32)
        order = Order(
            key=key,
            environment=environment(plan.threads, dict(plan.variables)),
            listening=[sock.fileno() for sock in listening],
            room=_room(plan, scratch, self._staged_bytes(plan)),
            files=files,
            seed=plan.seed,
            threads=plan.threads,
            lean=plan.lean,
        )
        try:
            return Berth(scratch, key, server, server.begin(order))
        except BaseException:
            scratch.close()
            raise
        finally:
            for sock in listening:
                sock.close()
            if files is not None:
                os.close(files)

    def _parent(self, plan: Plan) -> ForkServer:
        """The parent that can fork this plan's kernels: one with fewer packages where these cannot be imported ahead.

        They cannot where they start threads, which a fork would not copy, and where importing them ends the process.
        """
        fewer = replace(plan, late=(), preload=plan.preload if plan.late else ())
        if plan.parent in self._unfit:
            return self._parent(fewer)
        server = self.open(plan)
        try:
            server.wait_ready()
        except HarnessError:
            if server.joined or plan.parent == fewer.parent:
                raise
            self._forget(plan.parent)
        else:
            if server.threads == 1 or plan.parent == fewer.parent:
                return server
        self._unfit.add(plan.parent)
        return self._parent(fewer)

    def _stage(self, plan: Plan) -> Path:
        """A folder that holds copies of the plan's files and nothing else."""
        key = (plan.files, plan.stamp())
        if key not in self._staged:
            folder = Path(self._folder) / str(len(self._staged))
            folder.mkdir()
            for path in plan.files:
                copy(path, folder / path.name)
            self._staged[key] = folder
        return self._staged[key]

    def _staged_bytes(self, plan: Plan) -> int:
        """The size of what is put beside the notebook, which is not the notebook's own use of the disk."""
        if not plan.files:
            return 0
        return sum(path.lstat().st_blocks * 512 for path in self._stage(plan).rglob("*"))

    def _forget(self, key: ParentKey) -> None:
        """Let go of a parent and of the spares that it has forked, for whatever plan."""
        if (server := self._servers.pop(key, None)) is not None:
            self._drop_spares(server)
            server.close()

    def _drop_spares(self, server: ForkServer) -> None:
        for plan in [plan for plan, (_, berth) in self._spares.items() if berth.server is server]:
            self._spares.pop(plan)[1].close()

    def close(self) -> None:
        """End the kernels and let go of the parents; parents that nobody else uses end."""
        for berth in list(self._taken):  # of somebody who went without ending it
            berth.close()
        for key in list(self._servers):
            self._forget(key)
        shutil.rmtree(self._folder, ignore_errors=True)


def _arrived(spare: Berth, seconds: float) -> bool:
    """Whether a spare is there and alive: it may have ended with its parent while it waited."""
    try:
        spare.arrive(seconds)
    except HarnessError:
        return False
    return spare.kernel.alive()


def _room(plan: Plan, scratch: Scratch, given: int) -> dict[str, Any]:
    return {
        "disk_bytes": plan.disk_mb * _MIB + given,
        "file_bytes": plan.disk_mb * _MIB,
        "processes": plan.processes,
        "open_files": plan.open_files,
        "scratch": str(scratch.root),
    }


def _listening(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(path))
    sock.listen(16)
    return sock


def copy(path: Path, target: Path) -> None:
    """Copy a file or a folder of the course; it may be a link itself, but links within a folder stay links.

    Sockets, pipes and devices in a folder are left out: they cannot be copied.
    """
    if path.is_dir():
        shutil.copytree(path, target, symlinks=True, ignore=_special)
    else:
        shutil.copy2(path, target)


def _special(folder: str, names: list[str]) -> list[str]:
    """What is neither a file nor a folder nor a link."""
    paths = [Path(folder, name) for name in names]
    return [path.name for path in paths if not (path.is_symlink() or path.is_dir() or path.is_file())]


def _devices() -> tuple[str, ...]:
    """The device nodes of NVIDIA cards, which kernels need where there are any."""
    return tuple(str(path) for path in sorted(Path("/dev").glob("nvidia*")))


_shared: list[Nursery] = []


def shared() -> Nursery:
    """The nursery of this process, opened when it is first needed and closed with the process."""
    if not _shared:
        share(Nursery())
    return _shared[0]


def share(nursery: Nursery) -> None:
    """Make `nursery` the one of this process."""
    close_shared()
    _shared.append(nursery)


def close_shared() -> None:
    """Close the nursery of this process, if there is one."""
    while _shared:
        _shared.pop().close()


atexit.register(close_shared)
