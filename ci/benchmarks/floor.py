"""The floor: a fork of a warm process that executes the cells without Jupyter, and ends.

The process is made warm by the same code as the parents of Referee's kernels.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ci.benchmarks import notebooks, runs
from ci.benchmarks.notebooks import Topic
from ci.benchmarks.runs import Answer, Reply, Request
from referee.sandbox.jail import parent
from referee.sandbox.jail.rehearsal import imports_of
from referee.sandbox.scratch import environment


def preload(topic: Topic) -> None:
    """Make this process like a warm parent: everything is imported, nothing has been computed, no page will move.

    The environment (`ENVIRONMENT`) is there from the start: TensorFlow reads it when it is imported.
    """
    parent.load(list(topic.modules))
    cells = notebooks.code(notebooks.notebook(topic))
    parent.load(imports_of(lambda: _rehearse(cells)))
    parent.settle()


def _rehearse(cells: list[str]) -> None:
    """Run the cells unseen, as Referee runs a solution before a class."""
    with Path(os.devnull).open("w") as sys.stdout:
        space: dict[str, Any] = {"__name__": "__main__"}
        for cell in cells:
            exec(compile(cell, "<cell>", "exec"), space)


#: What Referee's kernels have too: one thread each, and TensorFlow in the same numerical mode.
ENVIRONMENT = environment(1, {})


@contextmanager
def floor(topic: Topic, folder: Path) -> Iterator[Answer]:
    """The least there can be: a fork of a warm process executes the cells and ends; `width` of them at a time."""
    preload(topic)

    def answer(request: Request) -> Reply:
        source = notebooks.notebook(topic, memory=bool(request.get("memory")))
        count = request["notebooks"] * request["width"]
        files = [folder / f"{number}.txt" for number in range(count)]
        outputs = files if request.get("memory") else [Path(os.devnull)] * count
        reply = runs.measured(count, lambda: _forks(notebooks.code(source), outputs, request["width"]))
        if request.get("memory"):
            reply["memory"] = [found for file in files if (found := notebooks.memory_of(file.read_text()))]
        return reply

    yield answer


def _forks(cells: list[str], outputs: list[Path], width: int) -> list[float | None]:
    """Run the cells once for each output file, in forks; the CPU of each."""
    waiting, running, seconds = list(outputs), set[int](), list[float | None]()
    while waiting or running:
        while waiting and len(running) < width:
            output = waiting.pop()
            if (pid := os.fork()) == 0:
                _cells(cells, output)
            running.add(pid)
        pid, status, usage = os.wait4(-1, 0)
        running.discard(pid)
        runs.claim(status == 0, f"a fork ended with the status {status}; its traceback is above")
        seconds.append(usage.ru_utime + usage.ru_stime)
    return seconds


def _cells(cells: list[str], output: Path) -> None:
    """What a fork does; it does not return."""
    status = 1
    try:
        with output.open("w") as sys.stdout:
            space: dict[str, Any] = {"__name__": "__main__"}
            for cell in cells:
                exec(compile(cell, "<cell>", "exec"), space)
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on as its parent
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)
