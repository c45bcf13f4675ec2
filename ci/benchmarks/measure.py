"""Drives the processes of `ways`: starts them, asks several at the same time, ends them whatever happens."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from ci.benchmarks import floor, runs
from ci.benchmarks.runs import Reply, Request
from referee.errors import HarnessError

_ROOT = Path(__file__).resolve().parent.parent.parent
_PATIENCE = 900  # seconds for one reply; the longest, the first of Keras by nbgrader, takes about 30
_LOG = 2000  # characters of a driver's log that are shown


class Driver:
    """A process that runs notebooks in one way."""

    def __init__(self, way: str, topic: str, folder: Path) -> None:
        self.way = way
        folder.mkdir()
        (folder / "tmp").mkdir()
        self._log = folder / "driver.log"
        own = floor.ENVIRONMENT if way == "floor" else {}
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ci.benchmarks.ways", way, topic, str(folder)],
                cwd=_ROOT,
                env={**environment(folder / "tmp"), **own},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                bufsize=1,
                start_new_session=True,  # Ctrl-C is for the benchmark, which ends this in order
            )

    def send(self, request: Request) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # then there is no reply either, and that is reported
            self._process.stdin.write(json.dumps(request) + "\n")

    def receive(self) -> Reply:
        """The reply to the request. Raises `HarnessError` where there is none."""
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            line = self._process.stdout.readline() if selector.select(_PATIENCE) else ""
        reply: Reply = json.loads(line) if line else {"error": f"no reply within {_PATIENCE} s, or its process ended"}
        if "error" in reply:
            log = self._log.read_text(errors="replace")[-_LOG:].strip()
            raise HarnessError(
                f"a notebook that {self.way} runs", f"{reply['error'].strip()}\n{log}", "mend it, or --ways"
            )
        return reply

    def close(self, *, gently: bool) -> None:
        """End the process and all that it started; gently: after it has put away its own things."""
        assert self._process.stdin is not None
        if gently:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                self._process.stdin.close()
                self._process.wait(timeout=30)
        if self._process.poll() is None:
            kill_tree(self._process.pid)
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                stream.close() if stream is not None else None


def environment(folder: Path) -> dict[str, str]:
    """The user's environment, but for what processes leave behind: that lies in a folder of the benchmark's."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # nbgrader calls alembic
    return {**os.environ, "TMPDIR": str(folder), "JUPYTER_RUNTIME_DIR": str(folder), "PATH": path}


def kill_tree(pid: int) -> None:
    """Kill a process and all that it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in (*root.children(recursive=True), root):
            with contextlib.suppress(psutil.Error):
                process.kill()


class Fleet:
    """The drivers of one topic, started when they are needed first."""

    def __init__(self, topic: str, folder: Path) -> None:
        self._topic = topic
        self._folder = folder
        self._drivers: dict[tuple[str, int], Driver] = {}

    def ask(self, way: str, drivers: int, request: Request) -> dict[str, Any]:
        """One request to several drivers of a way at the same time; their replies as one, per notebook."""
        asked = [self._driver(way, number) for number in range(drivers)]
        for driver in asked:
            driver.send(request)
        return together([driver.receive() for driver in asked])

    def _driver(self, way: str, number: int) -> Driver:
        if (way, number) not in self._drivers:
            folder = self._folder / f"{self._topic}-{way}-{number}"
            self._drivers[way, number] = Driver(way, self._topic, folder)
        return self._drivers[way, number]

    def close(self, *, gently: bool) -> None:
        for driver in self._drivers.values():
            driver.close(gently=gently)


def together(replies: Sequence[Reply]) -> dict[str, Any]:
    """Replies of drivers that worked at the same time, as figures per notebook."""
    all_ = runs.merged(replies)
    count, memory = all_["notebooks"], all_["memory"]
    return {
        "notebooks": count,
        "wall": (all_["ended"] - all_["began"]) / count,
        "kernel_cpu": None if all_["kernel_cpu"] is None else all_["kernel_cpu"] / count,
        "driver_cpu": all_["driver_cpu"] / count,
        "memory": {key: statistics.fmean(each[key] for each in memory) for key in memory[0]} if memory else None,
        "kernels": all_["kernels"],
    }


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fleet(topic: str, folder: Path) -> Iterator[Fleet]:
    """The drivers of one topic, ended afterwards: gently after success, at once after anything else."""
    made, gently = Fleet(topic, folder), False
    try:
        yield made
        gently = True
    finally:
        made.close(gently=gently)
