"""A kernel while a notebook runs in it: alive or not, interrupted, killed, and why."""

from __future__ import annotations

import contextlib
from typing import Any

from referee.sandbox.limits import Limits
from referee.sandbox.watch import Seen, Watch


class RunningKernel:
    """A running kernel with a watch on what it uses; remembers why it was ended."""

    def __init__(self, manager: Any, client: Any, limits: Limits) -> None:
        self.client = client
        self._manager = manager
        self._limits = limits
        self._why = ""
        held = manager.provisioner
        bare = held.folder  # where no file system of its own bounds what it writes
        self._watch = Watch(held.pid, held.alive, limits.memory_mb, limits.disk_mb, bare)

    @property
    def killed_because(self) -> str:
        if self._watch.flooded:
            return "its messages filled the memory of the grader"
        if self._watch.exceeded is not None:
            limit, _used = self._watch.exceeded
            what, allowed = (
                ("memory", self._limits.memory_mb) if limit == "memory_mb" else ("disk", self._limits.disk_mb)
            )
            return f"it used more {what} than the limit of {allowed:,} MiB"
        return self._why

    @property
    def exceeded(self) -> tuple[str, int] | None:
        return self._watch.exceeded

    def disk_is_full(self) -> bool:
        """Whether the kernel has used, by now or before, most of what it may write."""
        self._watch.look()
        return self.seen.disk_mb >= self._limits.disk_mb // 2

    @property
    def seen(self) -> Seen:
        return self._watch.seen

    def lap(self) -> int:
        """MiB that the kernel was seen to use at most since the last call."""
        return self._watch.lap()

    async def alive(self) -> bool:
        # a process that was killed a moment ago still counts as alive for the system
        return not self.killed_because and bool(await self._manager.is_alive())

    async def interrupt(self) -> None:
        with contextlib.suppress(Exception):  # a kernel that died meanwhile cannot be interrupted
            await self._manager.interrupt_kernel()

    async def kill(self, why: str) -> None:
        self._why = self._why or why
        with contextlib.suppress(Exception):  # it may be gone already; what matters is that it does not live
            await self._manager.provisioner.kill()

    def close(self) -> None:
        self._watch.close()
