"""What the coordinator itself costs for each submission, from small classes to large ones.

    ci/bench scale [--sizes 100,300,1000,3000] [--json]

The coordinator is the process that plans, hands out, writes and records. Its workers run no notebook here: they answer
at once with the outcome of one real grading (`coordinator`).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ci.benchmarks import command, light_class, machine, measure
from ci.benchmarks.command import REFEREE
from ci.benchmarks.notebooks import NOTEBOOK
from ci.benchmarks.table import NOTHING, Parser, aligned

SCHEMA, VERSION = "referee/bench/scale", 1
PACKAGES = ("numpy", "msgspec", "nbformat", "nbgrader", "jinja2")
SIZES = (100, 300, 1000, 3000)
FLAT = 1.3  # how much more one submission may cost in the largest class than in the smallest
RUNS = {"first": "everybody is graded", "second": "nothing has changed"}
PHASES = ("plan", "write", "pages", "gradebook")
_TOPIC = "numpy"
_SMALL, _TRIES = 300, 3  # classes up to this size are measured so often: in them a slip of the clock counts for more
_WIDTH = 120  # of the remarks, in characters
METHOD = (
    "each run is `referee grade --workers 2` in a fresh process: its lock, plan, worker processes, files, pages, "
    "gradebook and table are real. In place of a grading, a worker answers with the outcome of a real one (one small "
    "notebook, one check), renamed, with the right basis. Submissions are different files",
    "per submission: what a class takes, less what a class of one takes, for each further submission. CPU: of the "
    "coordinator alone, all of its threads; its workers, and what it imports, are not in it. Wall: with workers that "
    "answer at once, so the wall clock is the coordinator's, its waiting for the disk included",
    "of that by phase, CPU of the main thread: plan (reading reports and submissions), write (reports and notebooks to "
    "disk), pages, gradebook; rest: handing out, receiving, progress, the table",
    "memory: the most that the process ever held; per submission: above that of a class of one",
    "classes of up to 300 are measured three times, of which the one in the middle, by its CPU, stands here",
    "flat: the CPU per submission of the largest class over that of the smallest",
)


def main(arguments: list[str]) -> dict[str, Any]:
    """Parse, measure; what was measured, as data."""
    options = parser().parse_args(arguments)
    start = machine.others()
    with measure.workshop() as folder:
        template = _template(folder)
        one = _runs(folder, template, 1)
        rows = [_row(size, _runs(folder, template, size), one) for size in options.sizes]
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "machine": machine.describe(PACKAGES),
        "start": start,
        "end": machine.others(),
        "settings": {"sizes": list(options.sizes)},
        "method": list(METHOD),
        "one": one,
        "rows": rows,
        "targets": list(targets(rows)),
    }


def parser() -> Parser:
    """The options."""
    made = Parser(prog="ci/bench scale", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shown = ",".join(map(str, SIZES))
    made.add_argument("--sizes", type=_sizes, default=SIZES, help=f"how many submissions the classes have ({shown})")
    made.add_argument("--json", action="store_true", help="print data instead of a table")
    return made


def _sizes(text: str) -> tuple[int, ...]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words or not all(word.isascii() and word.isdigit() and int(word) > 1 for word in words):
        raise argparse.ArgumentTypeError(f"wanted whole numbers from 2 on, with commas between them, found {text!r}")
    return tuple(sorted({int(word) for word in words}))


def _template(folder: Path) -> Path:
    """The outcome of one real grading, and beside it a course in which nobody has handed in anything."""
    course, template = folder / "course", folder / "template"
    light_class.for_referee(course, [_TOPIC], 1)
    command.run([*REFEREE, "grade", _TOPIC], course)
    light_class.claim_graded(course, _TOPIC, 1)
    template.mkdir()
    name = light_class.names(1)[0]
    shutil.copy(course / "reports" / _TOPIC / f"{name}.json", template / "report.json")
    shutil.copy(course / "autograded" / name / _TOPIC / f"{NOTEBOOK}.ipynb", template)
    for left in ("reports", "autograded", "feedback", "submitted"):
        shutil.rmtree(course / left)
    (course / "gradebook.db").unlink()
    return template


def _runs(folder: Path, template: Path, size: int) -> dict[str, Any]:
    """Grade a class of so many twice; what the coordinator used. Small classes are measured several times."""
    tries = [_run(folder, template, size) for _ in range(_TRIES if size <= _SMALL else 1)]
    return {run: sorted((each[run] for each in tries), key=_cpu)[len(tries) // 2] for run in RUNS}


def _cpu(run: dict[str, Any]) -> float:
    return float(run["cpu"])


def _run(folder: Path, template: Path, size: int) -> dict[str, Any]:
    course = folder / f"course-{size}"
    shutil.copytree(folder / "course", course)
    light_class.hand_in(course, course / "exercises" / _TOPIC / f"{NOTEBOOK}.ipynb", _TOPIC, size)
    found = {}
    for run, words in RUNS.items():
        print(f"{size} submissions: {words}", file=sys.stderr, flush=True)
        found[run] = command.run([*command.script("coordinator"), _TOPIC, str(template)], course).data
        numbers = [found[run][name] for name in ("reports", "full", "kept")]
        wanted = [size, size, size * (run == "second")]
        command.claim(numbers == wanted, f"reports, full marks, reports that stand: {wanted}", f"{numbers}")
    shutil.rmtree(course)
    return found


# --- what the runs say ------------------------------------------------------------------------------------------------


def _row(size: int, runs: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    """The two runs of a class as costs per submission."""
    return {"submissions": size, **{run: per_submission(size, runs[run], one[run]) for run in RUNS}}


def per_submission(size: int, run: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    """What each submission beyond the first costs: seconds, and KiB of memory where the system says so."""
    more = size - 1
    phases = {name: _phase(run, one, name) / more for name in PHASES}
    cpu = (run["cpu"] - one["cpu"]) / more
    memory = run["memory"].get("most")
    return {
        "wall": (run["wall"] - one["wall"]) / more,
        "cpu": cpu,
        "phases": {**phases, "rest": cpu - sum(phases.values())},
        "seconds": run["wall"],
        "memory_mib": memory,
        "memory_kib_each": None if memory is None else (memory - one["memory"]["most"]) * 1024 / more,
    }


def _phase(run: dict[str, Any], one: dict[str, Any], name: str) -> float:
    found = (each["phases"].get(name, {"cpu": 0.0})["cpu"] for each in (run, one))
    return float(next(found) - next(found))


def targets(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Whether the cost of a submission is the same in the largest class as in the smallest."""
    if len(rows) < 2:
        return
    for run in RUNS:
        found = rows[-1][run]["cpu"] / rows[0][run]["cpu"]
        yield {"run": run, "what": "CPU, largest over smallest", "at_most": FLAT, "found": found, "met": found <= FLAT}


# --- the table --------------------------------------------------------------------------------------------------------


def text(data: dict[str, Any]) -> str:
    """The data as a table for a person."""
    lines = machine.lines(data["machine"], data["start"], data["end"])
    for run, words in RUNS.items():
        lines += ["", f"{words}; ms per submission", *_table(data["rows"], run)]
    if data["targets"]:
        lines += ["", "targets", *aligned([_target(target) for target in data["targets"]], left=2)]
    wrapped = (textwrap.wrap(words, _WIDTH, initial_indent="- ", subsequent_indent="  ") for words in data["method"])
    return "\n".join([*lines, "", *(line for words in wrapped for line in words)])


def _table(rows: list[dict[str, Any]], run: str) -> list[str]:
    head = ("  submissions", "total s", "wall", "CPU", *PHASES, "rest", "most MiB", "KiB each")
    cells: list[Sequence[str]] = [head]
    for row in rows:
        cost = row[run]
        times = (cost["wall"], cost["cpu"], *(cost["phases"][name] for name in (*PHASES, "rest")))
        memory = (cost["memory_mib"], cost["memory_kib_each"])
        shown = (NOTHING if each is None else f"{each:.{digits}f}" for each, digits in zip(memory, (0, 1), strict=True))
        numbers = (f"{seconds * 1000:.2f}" for seconds in times)
        cells.append((f"  {row['submissions']}", f"{cost['seconds']:.1f}", *numbers, *shown))
    return aligned(cells, left=0)


def _target(target: dict[str, Any]) -> tuple[str, ...]:
    wanted, met = f"at most {target['at_most']:g}", "met   " if target["met"] else "MISSED"
    return f"  {RUNS[target['run']]}", target["what"], wanted, f"{target['found']:.2f}", met
