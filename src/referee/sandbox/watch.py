"""A watch on the memory of a process and all its children: whoever takes too much is ended, and it is said why."""

from __future__ import annotations

import contextlib
import threading

import psutil

_OWN_GROWTH = 1536 * 2**20  # bytes; graders that import a framework grow by about half of that
_INTERVAL = 0.1  # seconds between two looks; a look at a small tree costs well under a millisecond


class MemoryWatch:
    """Ends the process tree of `pid` when its resident memory exceeds `limit_mb` MiB; `exceeded` then says the use.

    It is also ended, and `flooded` set, when this process itself grows by more than a grader does: a kernel can send
    messages faster than anybody reads them.
    """

    def __init__(self, pid: int, limit_mb: int) -> None:
        self.exceeded: int | None = None
        self.flooded = False
        self._own = _resident(psutil.Process())
        self._pid = pid
        self._limit_mb = limit_mb
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, name="memory watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the watch; the processes are left alone."""
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(_INTERVAL):
            if _resident(psutil.Process()) - self._own > _OWN_GROWTH:
                self.flooded = True
                kill_tree(self._pid)
                return
            used = sum(_resident(process) for process in tree(self._pid)) // 2**20
            if used > self._limit_mb:
                self.exceeded = used
                kill_tree(self._pid)
                return


def tree(pid: int) -> list[psutil.Process]:
    """The living processes of `pid` and its children, the children first."""
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        return [*reversed(root.children(recursive=True)), root]
    return []


def kill_tree(pid: int) -> None:
    """Kill `pid` and all its children."""
    for process in tree(pid):
        with contextlib.suppress(psutil.Error):
            process.kill()


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
