"""A watch on what a kernel and all its children use: whoever takes too much is ended, and it is said how much that was.

Memory is what belongs to the tree alone. A warm kernel shares hundreds of megabytes with its parent, so the watch adds
up each process's own kind of pages (a cheap upper bound), and only where that is beyond the limit it asks the system
for the exact share (PSS), which walks the page tables. Shared files and libraries do not count; page tables and the
buffers of sockets do, for a program can make them as large as it likes.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

_OWN_GROWTH = 1536  # MiB; graders that import a framework grow by about half of that
_USUAL_SOCKETS = 128
_FEW = 16  # processes of a notebook that may compete with those of others
_SOCKET_BYTES = 2 * 212_992  # the most that one may be made to hold (SO_SNDBUF with net.core.wmem_max as Linux has it)
_INTERVAL = 0.1  # seconds between two looks; a look at a small tree costs about a millisecond
_MIB = 2**20
_LINUX = Path("/proc/self/status").exists()


@dataclass
class Seen:
    """The most that was seen at any time: MiB of memory and disk, number of processes and threads."""

    memory_mb: int = 0
    processes: int = 0
    disk_mb: int = 0

    def note(self, memory_mb: int, processes: int, disk_mb: int) -> None:
        """Keep the larger numbers."""
        self.memory_mb = max(self.memory_mb, memory_mb)
        self.processes = max(self.processes, processes)
        self.disk_mb = max(self.disk_mb, disk_mb)


class Watch:
    """Ends the process tree of `pid` when it exceeds a limit; `exceeded` then names the limit and the use.

    Parameters
    ----------
    alive : whether the process still is; asked before each look, for its number may be another's a moment later.
    memory_mb, disk_mb : the limits in MiB.
    folder : what the kernel writes to, where nothing else bounds it; None where its file system has a size of its own.

    The tree is also ended, and `flooded` set, when this process itself grows by more than a grader does: a kernel can
    send messages faster than anybody reads them.
    """

    def __init__(
        self, pid: int, alive: Callable[[], bool], memory_mb: int, disk_mb: int, folder: Path | None = None
    ) -> None:
        self.exceeded: tuple[str, int] | None = None
        self.flooded = False
        self.seen = Seen()
        self._alive, self._yielded = alive, set[int]()
        self._pid, self._memory_mb, self._disk_mb, self._folder = pid, memory_mb, disk_mb, folder
        self._own, self._inherited = _resident(os.getpid()), _resident(pid)
        self._lap = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look a last time and end the watch; the processes are left alone."""
        self._stop.set()
        self._thread.join()
        if self.exceeded is None:
            self.look()

    def look(self) -> None:
        """Look now, beside the regular looks."""
        if self._alive():
            self._look()

    def lap(self) -> int:
        """The most MiB of its own that the tree was seen to use since the last call, its first process now included.

        That one number is cheap, so that a cell of a millisecond is seen as well.
        """
        most = max(self._lap, _resident(self._pid) - self._inherited if self._alive() else 0)
        self._lap = 0
        return most

    def _watch(self) -> None:
        while not self._stop.wait(_INTERVAL) and self._alive():
            if _resident(os.getpid()) - self._own > _OWN_GROWTH:
                self.flooded = True
            self._look()
            if self.flooded or self.exceeded is not None:
                kill_tree(self._pid)
                return

    def _look(self) -> None:
        pids = family(self._pid)
        sockets = _sockets_mb(self._pid) if self._folder is None else 0
        memory, disk = sum(map(_resident, pids)) + sockets, self._disk()
        own = memory - self._inherited if len(pids) == 1 else 0
        if memory > self._memory_mb or (len(pids) > 1 and memory - self._inherited > self.seen.memory_mb):
            own = sum(map(_share, pids)) + sockets
        self.seen.note(max(0, own), sum(map(_threads, pids)), disk)
        self._lap = max(self._lap, own)
        if len(pids) > _FEW:
            self._yield(pids)
        if memory > self._memory_mb and own > self._memory_mb:
            self.exceeded = "memory_mb", own
        elif self._folder is not None and disk > self._disk_mb:
            self.exceeded = "disk_mb", disk

    def _yield(self, pids: list[int]) -> None:
        """Let a crowd of processes give way to other kernels: each session of theirs counts as much as one of those."""
        for pid in set(pids) - self._yielded - {self._pid}:
            self._yielded.add(pid)
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, pid, 19)
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/autogroup").write_text("19", encoding="ascii")

    def _disk(self) -> int:
        if self._folder is not None:
            return _folder_mb(self._folder)
        with contextlib.suppress(OSError):  # the kernel has ended, or has no file system of its own
            found = os.statvfs(f"/proc/{self._pid}/root/scratch")
            return (found.f_blocks - found.f_bfree) * found.f_frsize // _MIB
        return 0


def family(pid: int) -> list[int]:
    """The living processes of `pid` and its children, children first."""
    if not _LINUX:
        with contextlib.suppress(psutil.Error):
            return [*(child.pid for child in reversed(psutil.Process(pid).children(recursive=True))), pid]
        return []
    found, open_ones = [pid], [pid]
    while open_ones and len(found) < 100_000:
        children = _children(open_ones.pop())
        found += children
        open_ones += children
    return found[::-1]


def _children(pid: int) -> list[int]:
    """The children of a process: the system keeps them by thread."""
    found: list[int] = []
    for thread in _threads_of(pid):
        with contextlib.suppress(OSError):
            found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text(encoding="ascii").split())
    return found


def kill_tree(pid: int) -> None:
    """Kill `pid` and all its children."""
    for member in family(pid):
        with contextlib.suppress(OSError):
            os.kill(member, 9)


def _resident(pid: int) -> int:
    """MiB of a process that no file backs, with the pages that it shares since a fork; 0 where it is gone."""
    if not _LINUX:
        with contextlib.suppress(psutil.Error):
            return int(psutil.Process(pid).memory_info().rss // _MIB)
        return 0
    return sum(_of_any_thread(pid, "status", (b"RssAnon", b"RssShmem", b"VmPTE"))) // 1024


def _share(pid: int) -> int:
    """MiB of a process's own share of memory that is not backed by a file, its page tables included."""
    fields = _of_any_thread(pid, "smaps_rollup", (b"Pss_Anon", b"Pss_Shmem"))
    return sum([*fields, *_of_any_thread(pid, "status", (b"VmPTE",))]) // 1024 if fields else _resident(pid)


def _of_any_thread(pid: int, file: str, names: tuple[bytes, ...]) -> list[int]:
    """Numbers about the memory of a process, which all its threads share: the first thread may have ended."""
    if fields := _fields(f"/proc/{pid}/{file}", names):
        return fields
    every = (_fields(f"/proc/{thread}/{file}", names) for thread in _threads_of(pid))
    return next(filter(None, every), [])


def _sockets_mb(pid: int) -> int:
    """MiB that the sockets of a kernel's own network namespace can hold at most, those aside that every kernel has."""
    for member in [pid, *_threads_of(pid)]:  # the first thread may have ended, and shows nothing then
        with contextlib.suppress(OSError, ValueError, IndexError):
            used = int(Path(f"/proc/{member}/net/sockstat").read_text(encoding="ascii").split()[2])
            return max(0, used - _USUAL_SOCKETS) * _SOCKET_BYTES // _MIB
    return 0


def _threads_of(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(thread.name) for thread in Path(f"/proc/{pid}/task").iterdir()]
    return []


def _threads(pid: int) -> int:
    return sum(_fields(f"/proc/{pid}/status", (b"Threads",))) if _LINUX else 1


def _fields(path: str, names: tuple[bytes, ...]) -> list[int]:
    """Numbers from one of the system's files about a process; none where it is gone or hidden."""
    with contextlib.suppress(OSError):
        lines = (line.split() for line in Path(path).read_bytes().splitlines())
        return [int(line[1]) for line in lines if line and line[0].rstrip(b":") in names]
    return []


def _folder_mb(folder: Path) -> int:
    """MiB of all files in a folder, links not followed."""
    total = 0
    for root, _folders, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += Path(root, name).lstat().st_blocks * 512
    return total // _MIB
