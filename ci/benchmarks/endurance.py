"""Hundreds of trainings in a row in warm kernels: what hangs, fails, grows, or is left behind.

    ci/bench endurance [--notebooks 500] [--widths 1,2] [--json]

Each notebook trains a small Keras model and a small PyTorch model, in a kernel forked from one parent that has imported
both. With two at a time, two processes share that parent.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import psutil
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from ci.benchmarks import machine
from ci.benchmarks.table import Parser, aligned, count, one_of, shown, summary
from referee.execution import Job, execute
from referee.report import CellStatus
from referee.sandbox import nursery
from referee.sandbox.limits import Limits
from referee.sandbox.nursery import Nursery, Plan

SCHEMA, VERSION = "referee/bench/endurance", 1
PACKAGES = ("numpy", "keras", "tensorflow-cpu", "tensorflow", "torch", "papermill", "nbclient", "ipykernel")
PRELOAD = ("numpy", "torch", "tensorflow", "keras")
_SETTLED = 20.0  # seconds for processes that were told to end
CELLS = (
    "import keras, numpy as np, torch\nx, y = np.random.rand(64, 8, 8, 1), np.random.randint(0, 3, 64)",
    "net = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3, activation='relu'),"
    " keras.layers.Flatten(), keras.layers.Dense(3)])\n"
    "net.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True))\n"
    "keras_loss = net.fit(x, y, epochs=2, verbose=0).history['loss']",
    "import torch.nn as nn\n"
    "own = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3))\n"
    "steps, losses = torch.optim.Adam(own.parameters()), []\n"
    "images, labels = torch.tensor(x.transpose(0, 3, 1, 2), dtype=torch.float32), torch.tensor(y)\n"
    "for _ in range(4):\n"
    "    steps.zero_grad(); loss = nn.functional.cross_entropy(own(images), labels); loss.backward(); steps.step()\n"
    "    losses.append(loss.item())",
    "assert np.isfinite(keras_loss).all() and np.isfinite(losses).all()\nprint(len(keras_loss), len(losses))",
)


def main(arguments: list[str]) -> dict[str, Any]:
    """Parse, run; what was seen, as data."""
    options = parser().parse_args(arguments)
    start = machine.others()
    rows = [_row(int(width), options.notebooks) for width in options.widths]
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "machine": machine.describe(PACKAGES),
        "start": start,
        "end": machine.others(),
        "settings": {"notebooks": options.notebooks, "widths": list(options.widths)},
        "rows": rows,
    }


def parser() -> Parser:
    """The options."""
    made = Parser(prog="ci/bench endurance", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--notebooks", type=count, default=500, help="how many in a row (%(default)s)")
    made.add_argument("--widths", type=one_of(("1", "2")), default=("1", "2"), help="how many at a time: some of 1,2")
    made.add_argument("--json", action="store_true", help="print data instead of a table")
    return made


def _row(width: int, notebooks: int) -> dict[str, Any]:
    """Run the notebooks, so many at a time; what became of them, of their parent, and of the machine."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        before, tempfile.tempdir = _descendants(), folder
        owner = Nursery()
        try:
            plan = Job(preload=PRELOAD, nursery=owner).plan
            first = Job(preload=PRELOAD, nursery=owner, want_modules=True)
            execute(notebook(), first, {})
            plan = Job(preload=PRELOAD, late=first.modules).plan
            owner.open(plan).wait_ready()
            began = time.monotonic()
            grown, seconds, failed = [_parent_mib(owner, plan)], list[float](), list[str]()
            for number, (took, words) in enumerate(_runs(owner, plan, width, notebooks), 1):
                seconds.append(took)
                failed += [f"notebook {number}: {words}"] if words else []
                if number % max(1, notebooks // 10) == 0:
                    grown.append(_parent_mib(owner, plan))
                    print(f"{width} at a time: {number} of {notebooks}", file=sys.stderr, flush=True)
            wall = time.monotonic() - began
        finally:
            owner.close()
            tempfile.tempdir = None
        return {
            "at_a_time": width,
            "notebooks": notebooks,
            "wall": wall,
            "seconds": summary(seconds),
            "slowest": max(seconds),
            "failed": failed,
            "parent_mib": grown,
            "processes_left": len(_left(before)),
            "files_left": [str(path.relative_to(folder)) for path in Path(folder).rglob("*")],
        }


def notebook() -> NotebookNode:
    """A notebook that trains a small model in each framework."""
    return new_notebook(cells=[new_code_cell(cell) for cell in CELLS])


def _runs(owner: Nursery, plan: Plan, width: int, notebooks: int) -> Iterator[tuple[float, str]]:
    """The seconds of each notebook, and what went wrong in it."""
    if width == 1:
        nursery.share(owner)
        yield from (_run(plan.late) for _ in range(notebooks))
        return
    doors = {plan.parent: owner.doors()[plan.parent]}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(width, context, _join, (doors, tempfile.gettempdir())) as pool:
        yield from pool.map(_run, [plan.late] * notebooks)
        list(pool.map(_leave, [0.2] * 4 * width))  # each worker closes its nursery


def _join(doors: Any, folder: str) -> None:
    tempfile.tempdir = folder
    nursery.share(Nursery(doors=doors))


def _leave(pause: float) -> None:
    nursery.close_shared()
    time.sleep(pause)  # so that each worker gets its turn


def _run(late: tuple[str, ...]) -> tuple[float, str]:
    """Run one notebook; a hang ends at its limits, and is a failure as any other."""
    job = Job(preload=PRELOAD, late=late, limits=Limits(cell_seconds=60, notebook_seconds=120))
    began = time.monotonic()
    try:
        done = execute(notebook(), job, {})
    except Exception as error:  # noqa: BLE001 - it is counted
        return time.monotonic() - began, f"{type(error).__name__}: {error}"
    bad = [f"cell {cell.index + 1} {cell.status.value}: {cell.words}" for cell in job.cells if cell.status is not _OK]
    printed = "".join(str(output.get("text", "")) for output in done.cells[-1].outputs)
    return time.monotonic() - began, "; ".join(bad) or ("" if printed == "2 4\n" else f"it printed {printed!r}")


_OK = CellStatus.OK


def _parent_mib(owner: Nursery, plan: Plan) -> float:
    """The memory of the parent itself: pages that no file backs, whoever shares them."""
    guard = psutil.Process(owner.open(plan).pid)
    parent = next(iter(guard.children()), guard)
    fields = Path(f"/proc/{parent.pid}/status").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in fields if line.startswith(("RssAnon", "RssShmem"))) / 1024


def _descendants() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def _left(before: set[int]) -> set[int]:
    """The processes that were started meanwhile and still are, when they had time to end."""
    ours = {"resource_tracker"}  # multiprocessing's own, which stays with this process

    def left() -> set[int]:
        found = set()
        for pid in _descendants() - before:
            try:
                if not any(name in " ".join(psutil.Process(pid).cmdline()) for name in ours):
                    found.add(pid)
            except psutil.Error:
                continue
        return found

    deadline = time.monotonic() + _SETTLED
    while left() and time.monotonic() < deadline:
        time.sleep(0.1)
    return left()


def text(data: dict[str, Any]) -> str:
    """The data as a table for a person."""
    head = (
        "at once",
        "notebooks",
        "wall s",
        "s each",
        "slowest",
        "failed",
        "parent MiB",
        "processes left",
        "files left",
    )
    cells = [head]
    for row in data["rows"]:
        grown = row["parent_mib"]
        cells.append(
            (
                str(row["at_a_time"]),
                str(row["notebooks"]),
                f"{row['wall']:.0f}",
                shown(row["seconds"]),
                f"{row['slowest']:.2f}",
                str(len(row["failed"])),
                f"{grown[0]:.1f} to {grown[-1]:.1f}",
                str(row["processes_left"]),
                str(len(row["files_left"])),
            )
        )
    lines = [*machine.lines(data["machine"], data["start"], data["end"]), "", *aligned(cells, left=0), ""]
    lines += ["- s each: of one notebook, its kernel's start and end included; median (quartiles)"]
    lines += ["- parent: its memory that no file backs, at the start and at the end"]
    for row in data["rows"]:
        lines += [line for words in row["failed"][:10] for line in textwrap.wrap(words, 120)]
    return "\n".join(lines)
