"""A light notebook by nbgrader autograde, papermill, Referee, and a bare fork, side by side.

    ci/bench kernels [--rounds 5] [--only keras,torch,numpy] [--ways nbgrader,inside,papermill,referee,...] [--json]

Each round runs every way once, one after the other, so that whatever else the machine does hits all alike.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from ci.benchmarks import machine, measure
from ci.benchmarks.notebooks import TOPICS
from ci.benchmarks.table import Parser, aligned, count, one_of, shown, summary
from referee.errors import UsageError

Sample: TypeAlias = dict[str, Any]

SCHEMA, VERSION = "referee/bench/kernels", 1
WAYS = {
    "nbgrader": "nbgrader autograde",
    "inside": "nbgrader in process",
    "papermill": "papermill, cold",
    "referee": "Referee",
    "graded": "Referee, graded",
    "floor": "floor: a bare fork",
}
PACKAGES = ("numpy", "keras", "tensorflow-cpu", "tensorflow", "torch", "papermill", "nbclient", "ipykernel", "nbgrader")
#: How many times as fast as nbgrader autograde a notebook has to be, by how many run at a time.
TIMES = {1: {"keras": 20, "torch": 30, "numpy": 18}, 2: {"keras": 35, "torch": 45, "numpy": 24}}
ABOVE_FLOOR = 0.035  # seconds
_SEQUENTIAL = ("nbgrader", "inside")
_WIDTH = 120  # of the remarks, in characters
_PAUSE = 0.3  # seconds between two ways: what the one leaves behind must not disturb the other
METHOD = (
    "wall: from the first start to the last end, divided by the notebooks; median (quartiles) of the rounds",
    "x nbgrader: how many times as fast; over floor: in ms; both taken within each round; medians of the rounds",
    "nbgrader autograde: the command, for a class of so many students (--students), its own start included once; in a "
    "process: its converter in a process that stays, which nobody runs, but which has nothing to start. The targets "
    "are against the command. Both are sequential: their figures are also what two at a time are compared with",
    "two at a time: two driver processes (Referee's share a warm parent; for the floor, two forks in flight)",
    "CPU: of the kernel's process tree; driver: CPU of the process that drives it; a warm parent's work is in neither",
    "PSS, in MiB: memory of the kernel's process after its last cell, shared pages divided among those who share them; "
    "own: the pages that no other process maps. From a run of its own that is not timed",
    "papermill: its Python API in a process that stays, no file written. No way's imports of its own are counted",
)


@dataclass(frozen=True)
class Slot:
    """One way with so many notebooks at a time; `notebooks` is how many each of its drivers runs in a round."""

    way: str
    width: int
    notebooks: int

    def request(self, *, memory: bool = False) -> tuple[str, int, dict[str, Any]]:
        """The driver's way, how many drivers, and what each is asked."""
        request = {"do": "run", "notebooks": 1 if memory else self.notebooks, "memory": memory, "width": 1}
        if self.way in ("referee", "graded", "floor"):  # one driver, which shares what is warm
            do = "graded" if self.way == "graded" else "run"
            return "floor" if self.way == "floor" else "referee", 1, {**request, "do": do, "width": self.width}
        if self.way in ("nbgrader", "inside"):  # one driver for both
            return "nbgrader", 1, {**request, "do": "command" if self.way == "nbgrader" else "run"}
        return self.way, self.width, request


def main(arguments: list[str]) -> dict[str, Any]:
    """Parse, measure; what was measured, as data."""
    options = parser().parse_args(arguments)
    _installed(options)
    start = machine.others()
    rows, notes = [], []
    with measure.workshop() as folder:
        for topic in options.only:
            found, remarks = _topic(topic, options, folder)
            rows += found
            notes += remarks
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "machine": machine.describe(PACKAGES),
        "start": start,
        "end": machine.others(),
        "settings": {name: getattr(options, name) for name in ("only", "ways", "rounds", "repeat", "students")},
        "method": list(METHOD),
        "notes": notes,
        "rows": rows,
        "targets": targets(rows),
    }


def parser() -> Parser:
    """The options."""
    made = Parser(prog="ci/bench kernels", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--rounds", type=count, default=5, help="how often each way is measured (%(default)s)")
    made.add_argument("--only", type=one_of(TOPICS), default=tuple(TOPICS), help=f"some of {','.join(TOPICS)}")
    made.add_argument("--ways", type=one_of(WAYS), default=tuple(WAYS), help=f"some of {','.join(WAYS)}")
    made.add_argument(
        "--repeat", type=count, default=5, help="notebooks in a row of a warm kernel and of the floor (%(default)s)"
    )
    made.add_argument("--students", type=count, default=8, help="submissions for one nbgrader autograde (%(default)s)")
    made.add_argument("--json", action="store_true", help="print data instead of a table")
    return made


def _installed(options: argparse.Namespace) -> None:
    needed = [module for topic in options.only for module in TOPICS[topic].modules]
    needed += ["nbgrader"] if {"nbgrader", "inside"} & set(options.ways) else []
    missing = sorted({module for module in needed if importlib.util.find_spec(module) is None})
    if missing:
        raise UsageError(
            f"the packages {', '.join(needed)}", f"no {', '.join(missing)}", "ci/setup, or --only, or --ways"
        )


def _topic(topic: str, options: argparse.Namespace, folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Measure one notebook in all ways: each once to warm up, then the rounds."""
    notes: list[str] = []
    slots = [
        Slot(way, width, {**dict.fromkeys(_SEQUENTIAL, options.students), "floor": options.repeat}.get(way, 1))
        for width in (1, 2)
        for way in options.ways
        if width == 1 or way not in _SEQUENTIAL
    ]
    with measure.fleet(topic, folder) as fleet:
        warm: dict[Slot, Sample] = {}
        # cold kernels first: their memory is shared with nobody as long as no process is warm
        for slot in sorted(slots, key=lambda slot: list(WAYS).index(slot.way)):
            _say(f"{topic}: warm-up, {WAYS[slot.way]}, {slot.width} at a time")
            warm[slot] = fleet.ask(*slot.request(memory=True))
        kernels = next((sample["kernels"] for sample in warm.values() if sample["kernels"]), "")
        if kernels == "cold":
            notes.append(f"{topic}: Referee had no warm kernels: its rows are of COLD kernels")
        runs = [(_repeated(slot, options.repeat, kernels), warm[slot]) for slot in slots]
        samples: dict[Slot, list[Sample]] = {slot: [] for slot, _ in runs}
        for number in range(options.rounds):
            _say(f"{topic}: round {number + 1} of {options.rounds}")
            for slot, measured in samples.items():
                time.sleep(_PAUSE)
                measured.append(fleet.ask(*slot.request()))
    return [_row(topic, slot, kernels, samples[slot], first["memory"]) for slot, first in runs], notes


def _repeated(slot: Slot, repeat: int, kernels: str) -> Slot:
    """The slot with the notebooks in a row that its kernels are fast enough for."""
    fast = slot.way in ("referee", "graded") and kernels == "warm"
    return Slot(slot.way, slot.width, repeat) if fast else slot


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _row(
    topic: str, slot: Slot, kernels: str, samples: list[Sample], memory: dict[str, float] | None
) -> dict[str, Any]:
    known = {
        name: summary([sample[name] for sample in samples if sample[name] is not None])
        for name in ("wall", "kernel_cpu", "driver_cpu")
    }
    ours = kernels if slot.way in ("referee", "graded") else ""
    notebooks = sum(sample["notebooks"] for sample in samples)
    place = {"topic": topic, "way": slot.way, "kernels": ours, "at_a_time": slot.width, "notebooks": notebooks}
    return {**place, **known, "memory": memory}


# --- what the rows say ------------------------------------------------------------------------------------------------


def compared(
    rows: list[dict[str, Any]], row: dict[str, Any], other: str, sign: Callable[[float, float], float]
) -> dict[str, Any] | None:
    """The wall clock of a row against another way's, round by round; None where that way was not measured."""
    width = 1 if other in _SEQUENTIAL else row["at_a_time"]
    found = [each for each in rows if (each["topic"], each["way"], each["at_a_time"]) == (row["topic"], other, width)]
    if not found or row["way"] == other:
        return None
    pairs = zip(row["wall"]["samples"], found[0]["wall"]["samples"], strict=True)
    return summary([sign(mine, others) for mine, others in pairs])


def times(rows: list[dict[str, Any]], row: dict[str, Any]) -> dict[str, Any] | None:
    """How many times as fast as nbgrader autograde."""
    return compared(rows, row, "nbgrader", lambda mine, others: others / mine)


def times_inside(rows: list[dict[str, Any]], row: dict[str, Any]) -> dict[str, Any] | None:
    """How many times as fast as nbgrader's converter in a process that stays."""
    return compared(rows, row, "inside", lambda mine, others: others / mine)


def above(rows: list[dict[str, Any]], row: dict[str, Any]) -> dict[str, Any] | None:
    """How many seconds above the floor."""
    return compared(rows, row, "floor", lambda mine, others: mine - others)


def targets(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What Referee's rows have to reach, and whether they do."""
    return [target for row in rows if row["way"] == "referee" for target in _targets(rows, row)]


def _targets(rows: list[dict[str, Any]], row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    place = {"topic": row["topic"], "at_a_time": row["at_a_time"]}
    wanted = TIMES.get(row["at_a_time"], {}).get(row["topic"])
    found = times(rows, row)
    if wanted is not None and found is not None:
        yield {**place, "what": "times nbgrader", "at_least": wanted, "found": found, "met": found["median"] >= wanted}
    found = above(rows, row)
    if found is not None:
        met = found["median"] <= ABOVE_FLOOR
        yield {**place, "what": "seconds above floor", "at_most": ABOVE_FLOOR, "found": found, "met": met}


# --- the table --------------------------------------------------------------------------------------------------------


def text(data: dict[str, Any]) -> str:
    """The data as a table for a person."""
    lines = machine.lines(data["machine"], data["start"], data["end"])
    for topic in dict.fromkeys(row["topic"] for row in data["rows"]):
        lines += ["", f"{topic}: {TOPICS[topic].words}", *_rows(data["rows"], topic)]
    if data["targets"]:
        lines += ["", "targets", *aligned([_target(target) for target in data["targets"]], left=3)]
    remarks = [f"{data['settings']['rounds']} rounds", *data["method"], *data["notes"]]
    wrapped = (textwrap.wrap(remark, _WIDTH, initial_indent="- ", subsequent_indent="  ") for remark in remarks)
    return "\n".join([*lines, "", *(line for remark in wrapped for line in remark)])


def _rows(rows: list[dict[str, Any]], topic: str) -> list[str]:
    head = (
        "  way",
        "at once",
        "wall s",
        "x nbgrader",
        "in process",
        "over floor",
        "CPU s",
        "driver s",
        "PSS",
        "own",
    )
    cells: list[Sequence[str]] = [head]
    for row in rows:
        if row["topic"] != topic:
            continue
        memory = row["memory"] or {}
        name = WAYS[row["way"]].replace("Referee", f"Referee {row['kernels']}".rstrip())
        cells.append(
            (
                f"  {name}",
                str(row["at_a_time"]),
                shown(row["wall"]),
                shown(times(rows, row), ".1f").split(" ", maxsplit=1)[0],
                shown(times_inside(rows, row), ".1f").split(" ", maxsplit=1)[0],
                shown(above(rows, row), ".0f", 1000).split(" ", maxsplit=1)[0],
                *(shown(row[name]).split(" ", maxsplit=1)[0] for name in ("kernel_cpu", "driver_cpu")),
                *(f"{memory[key]:.0f}" if key in memory else "-" for key in ("pss_mib", "own_mib")),
            )
        )
    return aligned(cells)


def _target(target: dict[str, Any]) -> tuple[str, ...]:
    if "at_least" in target:
        wanted, found = f"at least {target['at_least']}", shown(target["found"], ".1f")
    else:
        wanted, found = f"at most {target['at_most'] * 1000:.0f} ms", shown(target["found"], ".0f", 1000)
    what = target["what"].removeprefix("seconds ")
    width = {1: "one", 2: "two"}[target["at_a_time"]]
    return f"  {target['topic']}", f"{width} at a time", what, wanted, found, "met   " if target["met"] else "MISSED"
