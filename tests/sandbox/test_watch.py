"""What the watch sees of a process tree that hides or crowds, and what it does to it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from referee.sandbox import watch
from referee.sandbox.watch import Watch, kill_tree

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the watch reads Linux's /proc")

_CROWD = """
import os, signal
for _ in range({number}):
    if os.fork() == 0:
        signal.pause()
print("ready", flush=True)
signal.pause()
"""
# The first thread ends by itself, so that the system's files about the process itself show nothing any more
_WITHOUT_ITS_FIRST_THREAD = """
import ctypes, platform, socket, threading, time
held = [socket.socketpair() for _ in range(300)]
block = b"x" * (64 << 20)
def stay():
    time.sleep(0.3)
    print("ready", flush=True)
    time.sleep(600)
threading.Thread(target=stay).start()
ctypes.CDLL(None).syscall(60 if platform.machine() == "x86_64" else 93, 0)
"""


@contextmanager
def program(source: str) -> Iterator[int]:
    """The process number of a program that has said that it is ready; ended with all its children."""
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield process.pid
        finally:
            kill_tree(process.pid)


@pytest.mark.parametrize(("number", "nice"), [(watch._FEW + 4, 19), (watch._FEW - 4, 0)])
def test_a_crowd_of_processes_gives_way(number, nice):
    """More than a few processes of a notebook get the lowest priority, but for its kernel; a few keep theirs."""
    with program(_CROWD.format(number=number)) as pid:
        guard = Watch(pid, lambda: psutil.pid_exists(pid), memory_mb=100_000, disk_mb=100_000)
        guard.close()
        children = [child.pid for child in psutil.Process(pid).children()]
        assert len(children) == number
        assert {os.getpriority(os.PRIO_PROCESS, child) for child in children} == {nice}
        assert os.getpriority(os.PRIO_PROCESS, pid) == 0


def test_a_process_whose_first_thread_has_ended_is_seen():
    """A process without its first thread hides neither its memory nor its sockets from the watch."""
    with program(_WITHOUT_ITS_FIRST_THREAD) as pid:
        deadline = time.monotonic() + 10
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not watch._fields(f"/proc/{pid}/status", (b"RssAnon",))
        assert watch._sockets_mb(pid) >= (600 - watch._USUAL_SOCKETS) * watch._SOCKET_BYTES >> 20
        assert watch._resident(pid) >= 64
        assert watch._share(pid) >= 64
