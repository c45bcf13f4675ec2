"""The same class of light notebooks by nbgrader autograde, by a papermill loop, and by Referee, in one run.

    ci/bench throughput [--students 60] [--only keras,torch,numpy] [--rounds 1] [--json]

The class is spread over the topics, each an assignment of its own. All ways are whole commands, as a user types them.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ci.benchmarks import command, light_class, machine, measure
from ci.benchmarks.command import NBGRADER, REFEREE, Ran
from ci.benchmarks.notebooks import TOPICS
from ci.benchmarks.table import NOTHING, Parser, aligned, count, one_of, shown, summary
from referee.errors import UsageError

SCHEMA, VERSION = "referee/bench/throughput", 1
WAYS = {
    "nbgrader": "nbgrader autograde",
    "papermill": "papermill loop",
    "referee-1": "Referee, one worker",
    "referee-2": "Referee, two workers",
}
CLASS = "class"  # the rows of all topics together
PACKAGES = ("numpy", "keras", "tensorflow-cpu", "tensorflow", "torch", "papermill", "nbclient", "ipykernel", "nbgrader")
_WIDTH = 120  # of the remarks, in characters
METHOD = (
    "each way is a whole command for the submissions of one topic, its own start included: `nbgrader autograde TOPIC`; "
    "a script that calls papermill.execute_notebook for each, with a new kernel each; `referee grade TOPIC --again "
    "--workers 1` and 2. They run one after the other, in each round once",
    "wall: of the command, divided by its submissions. CPU: of everything that the command started, until the last of "
    "it has ended, divided in the same way. Median (quartiles) of the rounds",
    "x: how many times as fast as that way, and CPU x, how many times less CPU it takes; within a round, medians",
    "nbgrader and papermill run one notebook at a time: neither has an option for more",
    "nbgrader starts with a gradebook in which nothing is graded. Referee grades everybody again (--again); what the "
    "solution uses was measured before, as in a course that was verified. Each command ran once before, untimed: "
    "nbgrader's and papermill's for one submission",
    "checked, outside of the time: full marks for everybody in nbgrader's and in Referee's gradebook, and notebooks of "
    "papermill's that ran to their end",
)


def main(arguments: list[str]) -> dict[str, Any]:
    """Parse, measure; what was measured, as data."""
    options = parser().parse_args(arguments)
    _require(options)
    start = machine.others()
    rows: list[dict[str, Any]] = []
    shares = _shares(options.students, options.only)
    with measure.workshop() as folder:
        for topic, students in shares.items():
            rows += _topic(_Ways(folder / topic, topic, students), options.rounds)
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "machine": machine.describe(PACKAGES),
        "start": start,
        "end": machine.others(),
        "settings": {"students": options.students, "only": list(options.only), "rounds": options.rounds},
        "method": list(METHOD),
        "rows": rows + (together(rows) if len(shares) > 1 else []),
    }


def parser() -> Parser:
    """The options."""
    made = Parser(prog="ci/bench throughput", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--students", type=count, default=60, help="submissions of all topics together (%(default)s)")
    made.add_argument("--only", type=one_of(TOPICS), default=tuple(TOPICS), help=f"some of {','.join(TOPICS)}")
    made.add_argument("--rounds", type=count, default=1, help="how often each way is measured (%(default)s)")
    made.add_argument("--json", action="store_true", help="print data instead of a table")
    return made


def _require(options: argparse.Namespace) -> None:
    needed = ["nbgrader", *(module for topic in options.only for module in TOPICS[topic].modules)]
    if missing := sorted({module for module in needed if importlib.util.find_spec(module) is None}):
        raise UsageError(f"the packages {', '.join(needed)}", f"no {', '.join(missing)}", "ci/setup, or --only")
    if options.students < len(options.only):
        wanted = f"a student for each of the topics {', '.join(options.only)}"
        raise UsageError(wanted, f"--students {options.students}", "more --students, or --only")


def _shares(students: int, topics: Sequence[str]) -> dict[str, int]:
    """How many submissions each topic has."""
    each, more = divmod(students, len(topics))
    return {topic: each + (place < more) for place, topic in enumerate(topics)}


class _Ways:
    """The courses of one topic, and the commands that grade them."""

    def __init__(self, folder: Path, topic: str, students: int) -> None:
        self.topic, self.students = topic, students
        self._nbgrader, self._referee = folder / "nbgrader", folder / "referee"
        self._files, self._executed = folder / "submitted", folder / "executed"
        light_class.for_nbgrader(self._nbgrader, [topic], students)
        light_class.for_referee(self._referee, [topic], students)
        light_class.as_files(self._files, topic, students)

    def warm_up(self) -> None:
        """Run each command once, so that all files have been read and the solution has been measured."""
        command.run([*NBGRADER, "autograde", self.topic, f"--student={light_class.names(1)[0]}"], self._nbgrader)
        few = self._files.with_name("one")
        light_class.as_files(few, self.topic, 1)
        self._loop(few)
        command.run([*REFEREE, "grade", self.topic, "--workers", "2"], self._referee)

    def run(self, way: str) -> Ran:
        """Run one of the ways, and see that it did what it has to do."""
        return {"nbgrader": self._autograde, "papermill": self._papermill}.get(way, lambda: self._grade(way[-1]))()

    def _autograde(self) -> Ran:
        light_class.afresh(self._nbgrader)
        ran = command.run([*NBGRADER, "autograde", self.topic], self._nbgrader)
        light_class.claim_graded(self._nbgrader, self.topic, self.students)
        return ran

    def _papermill(self) -> Ran:
        ran = self._loop(self._files)
        light_class.claim_executed(self._executed, self.students)
        return ran

    def _loop(self, submitted: Path) -> Ran:
        shutil.rmtree(self._executed, ignore_errors=True)
        self._executed.mkdir()
        return command.run([*command.script("papermill_loop"), str(submitted), str(self._executed)], submitted)

    def _grade(self, workers: str) -> Ran:
        ran = command.run([*REFEREE, "grade", self.topic, "--again", "--workers", workers, "--json"], self._referee)
        scores = [each["earned"] for each in ran.data["scores"]]
        fresh = scores == [1.0] * self.students and ran.data["kept"] == 0
        command.claim(fresh, f"{self.students} submissions graded anew, with full marks", f"{scores}")
        light_class.claim_graded(self._referee, self.topic, self.students)
        return ran


def _topic(ways: _Ways, rounds: int) -> list[dict[str, Any]]:
    """Measure one topic in all ways."""
    print(f"{ways.topic}: warm-up", file=sys.stderr, flush=True)
    ways.warm_up()
    found: dict[str, list[Ran]] = {way: [] for way in WAYS}
    for number in range(rounds):
        for way, ran in found.items():
            print(f"{ways.topic}: round {number + 1} of {rounds}, {WAYS[way]}", file=sys.stderr, flush=True)
            ran.append(ways.run(way))
    return [_row(ways.topic, way, ways.students, ran) for way, ran in found.items()]


def _row(topic: str, way: str, students: int, ran: Sequence[Ran]) -> dict[str, Any]:
    return {
        "topic": topic,
        "way": way,
        "submissions": students,
        "wall": summary([each.wall / students for each in ran]),
        "cpu": summary([each.cpu / students for each in ran]),
    }


# --- what the rows say ------------------------------------------------------------------------------------------------


def together(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the whole class: in each round, the time of all topics for all submissions."""
    made = []
    for way in dict.fromkeys(row["way"] for row in rows):
        parts = [row for row in rows if row["way"] == way]
        total = sum(row["submissions"] for row in parts)
        row = {"topic": CLASS, "way": way, "submissions": total}
        for name in ("wall", "cpu"):
            seconds = ([each * part["submissions"] for each in part[name]["samples"]] for part in parts)
            row[name] = summary([sum(each) / total for each in zip(*seconds, strict=True)])
        made.append(row)
    return made


def times(rows: list[dict[str, Any]], row: dict[str, Any], other: str, name: str) -> float | None:
    """How many times less than another way a row takes of `name` (wall, cpu); None for that way itself."""
    found = [each for each in rows if (each["topic"], each["way"]) == (row["topic"], other)]
    if not found or row["way"] == other:
        return None
    pairs = zip(row[name]["samples"], found[0][name]["samples"], strict=True)
    ratios = summary([others / mine for mine, others in pairs])
    return None if ratios is None else float(ratios["median"])


# --- the table --------------------------------------------------------------------------------------------------------


def text(data: dict[str, Any]) -> str:
    """The data as a table for a person."""
    lines = machine.lines(data["machine"], data["start"], data["end"])
    for topic in dict.fromkeys(row["topic"] for row in data["rows"]):
        rows = [row for row in data["rows"] if row["topic"] == topic]
        words = TOPICS[topic].words if topic in TOPICS else "all topics together"
        lines += ["", f"{topic}: {words}; {rows[0]['submissions']} submissions", *_table(rows)]
    remarks = [f"rounds: {data['settings']['rounds']}", *data["method"]]
    wrapped = (textwrap.wrap(remark, _WIDTH, initial_indent="- ", subsequent_indent="  ") for remark in remarks)
    return "\n".join([*lines, "", *(line for remark in wrapped for line in remark)])


def _table(rows: list[dict[str, Any]]) -> list[str]:
    cells: list[Sequence[str]] = [("  way", "wall s", "CPU s", "x nbgrader", "CPU x", "x papermill", "CPU x")]
    ratio: Callable[..., str] = lambda found: NOTHING if found is None else f"{found:.1f}"  # noqa: E731 - a format
    for row in rows:
        ratios = (times(rows, row, other, name) for other in ("nbgrader", "papermill") for name in ("wall", "cpu"))
        cells.append((f"  {WAYS[row['way']]}", shown(row["wall"]), shown(row["cpu"]), *map(ratio, ratios)))
    return aligned(cells)
