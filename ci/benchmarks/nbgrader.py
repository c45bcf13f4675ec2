"""The same class of an nbgrader course by nbgrader and by Referee, side by side in one run.

    ci/bench nbgrader [--submissions 30] [--rounds 1] [--json]

All ways are whole commands, as a user types them, each on a fresh copy of the course.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ci.benchmarks import command, machine, measure, nbgrader_class
from ci.benchmarks.command import NBGRADER, REFEREE, Ran
from ci.benchmarks.nbgrader_class import ASSIGNMENT
from ci.benchmarks.table import NOTHING, Parser, aligned, count, shown, summary
from referee.errors import UsageError

SCHEMA, VERSION = "referee/bench/nbgrader", 1
#: By what is measured: the ways, nbgrader's first, with the workers of Referee's.
PAIRS: dict[str, dict[str, int]] = {
    "scores": {"nbgrader autograde": 0, "Referee, one worker": 1, "Referee, two workers": 2},
    "scores and feedback": {
        "nbgrader autograde, generate_feedback": 0,
        "Referee, one worker": 1,
        "Referee, two workers": 2,
    },
}
PACKAGES = ("numpy", "nbclient", "nbconvert", "ipykernel", "nbgrader", "sqlalchemy")
_WIDTH = 120  # of the remarks, in characters
METHOD = (
    "each way is a whole command, its own start included, on a fresh copy of the course: `nbgrader autograde ps1` (and "
    "`nbgrader generate_feedback ps1`); `referee grade ps1 --workers 1` and 2, with `feedback = false` where only "
    "scores are wanted. They run one after the other, in each round once; each ran once before for two submissions, "
    "untimed",
    "wall: of the command. CPU: of everything that it started, until the last of it has ended. Median (quartiles) of "
    "the rounds",
    "x: how many times as fast as nbgrader, and CPU x, how many times less CPU; within a round, medians",
    "checked, outside of the time: everybody's score and what waits for a person are the same in all gradebooks, not "
    "all scores are the same, and every page of feedback is there",
)


def main(arguments: list[str]) -> dict[str, Any]:
    """Parse, measure; what was measured, as data."""
    options = parser().parse_args(arguments)
    if importlib.util.find_spec("nbgrader") is None:
        raise UsageError("the package nbgrader", "none", "ci/setup")
    start = machine.others()
    with measure.workshop() as folder:
        rows = _rows(folder, options.submissions, options.rounds)
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "machine": machine.describe(PACKAGES),
        "start": start,
        "end": machine.others(),
        "settings": {"submissions": options.submissions, "rounds": options.rounds},
        "method": list(METHOD),
        "rows": rows,
    }


def parser() -> Parser:
    """The options."""
    made = Parser(prog="ci/bench nbgrader", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--submissions", type=count, default=30, help="how many there are (%(default)s)")
    made.add_argument("--rounds", type=count, default=1, help="how often each way is measured (%(default)s)")
    made.add_argument("--json", action="store_true", help="print data instead of a table")
    return made


def _rows(folder: Path, submissions: int, rounds: int) -> list[dict[str, Any]]:
    """Measure all ways."""
    few, course = folder / "few", folder / "course"
    nbgrader_class.build(few, 2)
    nbgrader_class.build(course, submissions)
    slots = [(what, way) for what, ways in PAIRS.items() for way in ways]
    found: dict[tuple[str, str], list[Ran]] = {slot: [] for slot in slots}
    for what, way in slots:
        _say(f"warm-up: {what}, {way}")
        graded(few, what, way)
    for number in range(rounds):
        seen = []
        for what, way in slots:
            _say(f"round {number + 1} of {rounds}: {what}, {way}")
            ran, scores = graded(course, what, way)
            found[what, way].append(ran)
            seen.append(scores)
        claim_same(seen, submissions)
    return [_row(what, way, submissions, found[what, way]) for what, way in slots]


def graded(course: Path, what: str, way: str) -> tuple[Ran, list[tuple[str, float, bool]]]:
    """Grade a fresh copy of a course in one of the ways; what that took, and everybody's score."""
    copy = course.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(course, copy)
    pages = what != "scores"
    ran = _run(copy, PAIRS[what][way], pages=pages)
    if pages:
        handed_in = len(list((copy / "submitted").glob("*/*/*.ipynb")))
        made = len(list((copy / "feedback").glob("*/*/*.html")))
        command.claim(made == handed_in, f"{handed_in} pages of feedback", str(made))
    return ran, nbgrader_class.scores(copy)


def _run(copy: Path, workers: int, *, pages: bool) -> Ran:
    if workers:
        if not pages:
            (copy / "course.toml").write_text("[nbgrader]\nfeedback = false\n", encoding="utf-8")
        return command.run([*REFEREE, "grade", ASSIGNMENT, "--workers", str(workers), "--json"], copy)
    kinds = ("autograde", "generate_feedback") if pages else ("autograde",)
    each = [command.run([*NBGRADER, kind, ASSIGNMENT], copy) for kind in kinds]
    return Ran(sum(ran.wall for ran in each), sum(ran.cpu for ran in each), each[-1].printed)


def claim_same(seen: Sequence[list[tuple[str, float, bool]]], submissions: int) -> None:
    """End a benchmark unless all ways gave everybody the same."""
    first = seen[0]
    different = [place for place, scores in enumerate(seen) if scores != first]
    command.claim(not different, "the same scores by all ways", f"others by {different}: {first[:3]}, {seen[-1][:3]}")
    enough = len(first) == submissions and any(score for _, score, _ in first)
    varied = submissions < 3 or len({score for _, score, _ in first}) > 1
    command.claim(enough and varied, f"scores of {submissions}, not all the same", f"{first[:3]}")


def _row(what: str, way: str, submissions: int, ran: Sequence[Ran]) -> dict[str, Any]:
    return {
        "what": what,
        "way": way,
        "submissions": submissions,
        "wall": summary([each.wall for each in ran]),
        "cpu": summary([each.cpu for each in ran]),
    }


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


# --- what the rows say ------------------------------------------------------------------------------------------------


def times(rows: Sequence[dict[str, Any]], row: dict[str, Any], name: str) -> float | None:
    """How many times less than nbgrader a row takes of `name` (wall, cpu); None for nbgrader itself."""
    theirs = next(each for each in rows if each["what"] == row["what"])
    if theirs is row or theirs["way"] == row["way"]:
        return None
    pairs = zip(row[name]["samples"], theirs[name]["samples"], strict=True)
    found = summary([others / mine for mine, others in pairs])
    return None if found is None else float(found["median"])


# --- the table --------------------------------------------------------------------------------------------------------


def text(data: dict[str, Any]) -> str:
    """The data as a table for a person."""
    lines = machine.lines(data["machine"], data["start"], data["end"])
    for what in dict.fromkeys(row["what"] for row in data["rows"]):
        rows = [row for row in data["rows"] if row["what"] == what]
        lines += ["", f"{what}; {rows[0]['submissions']} submissions", *_table(rows)]
    remarks = [f"rounds: {data['settings']['rounds']}", *data["method"]]
    wrapped = (textwrap.wrap(remark, _WIDTH, initial_indent="- ", subsequent_indent="  ") for remark in remarks)
    return "\n".join([*lines, "", *(line for remark in wrapped for line in remark)])


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    cells: list[Sequence[str]] = [("  way", "wall s", "s each", "CPU s", "x nbgrader", "CPU x")]
    for row in rows:
        ratios = (times(rows, row, name) for name in ("wall", "cpu"))
        words = (NOTHING if found is None else f"{found:.1f}" for found in ratios)
        each = f"{row['wall']['median'] / row['submissions']:.3f}"
        cells.append((f"  {row['way']}", shown(row["wall"], ".1f"), each, shown(row["cpu"], ".1f"), *words))
    return aligned(cells)
