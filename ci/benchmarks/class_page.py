"""The page about a class: what each part of making it takes, and how large it is.

ci/bench class_page [--students 1000] [--notebooks 4] [--checks 12] [--json]
"""

from __future__ import annotations

import argparse
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ci.benchmarks import chromium, machine, measure, synthetic_class
from ci.benchmarks.synthetic_class import ASSIGNMENT
from ci.benchmarks.table import Parser, aligned, count
from referee import course as courses
from referee import workflow
from referee.batch import store
from referee.classroom import items, outliers, page
from referee.classroom.clusters import clusters
from referee.classroom.overview import overview
from referee.classroom.similar import Prints, likeness
from referee.classroom.tokens import all_grams, fingerprints
from referee.workflow import handed

SCHEMA, VERSION = "referee/bench/class_page", 1
PACKAGES = ("msgspec", "nbformat", "jinja2")
LARGEST = 2_000_000  # bytes of a page that a browser opens at once
_WIDTH = 120  # of the remarks, in characters
METHOD = (
    "the class is synthetic (`synthetic_class`): every part is timed once, in one process, on files that were just "
    "written; reports hold 2 kB of recorded answer for each check",
    "the whole: `workflow.write_class_page`, which does all of it anew",
    "Chromium, where it is installed: from the key or the address until the next frame is painted, headless",
)
Made = TypeVar("Made")


def main(arguments: list[str]) -> dict[str, Any]:
    """Parse, measure; what was measured, as data."""
    options = parser().parse_args(arguments)
    settings = {name: getattr(options, name) for name in ("students", "notebooks", "checks")}
    start = machine.others()
    with measure.workshop() as folder:
        print("the class is written", file=sys.stderr, flush=True)
        synthetic_class.write(folder, **settings)
        found = _measured(folder)
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "machine": machine.describe(PACKAGES),
        "start": start,
        "end": machine.others(),
        "settings": settings,
        "method": list(METHOD),
        **found,
    }


def parser() -> Parser:
    """The options."""
    made = Parser(prog="ci/bench class_page", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--students", type=count, default=1000, help="how many students (1000)")
    made.add_argument("--notebooks", type=count, default=4, help="how many notebooks each has (4)")
    made.add_argument("--checks", type=count, default=12, help="how many checks a notebook has (12)")
    made.add_argument("--json", action="store_true", help="print data instead of a table")
    return made


def _measured(root: Path) -> dict[str, Any]:
    course = courses.load(root)
    exercises = course.exercises(ASSIGNMENT)
    given = {exercise.notebook: handed.given(exercise) for exercise in exercises}
    seconds: dict[str, float] = {}

    def timed(name: str, do: Callable[[], Made]) -> Made:
        began = time.perf_counter()
        made = do()
        seconds[name] = time.perf_counter() - began
        return made

    paths = sorted((root / "reports" / ASSIGNMENT).glob("*.json"))
    read = timed("reading the reports", lambda: [store.read_report(path) for path in paths])
    reports = [report.without_answers() for report in read if report is not None]
    marks = timed("what checks decided", lambda: items.marks(reports))
    timed("statistics of checks", lambda: (items.scores(reports), items.items(marks), items.twins(marks)))
    timed("causes", lambda: clusters(reports))
    timed("time and memory", lambda: (outliers.outliers(reports), outliers.over_limits(reports)))
    files = list(handed.files(course, ASSIGNMENT))
    cells = timed("reading notebooks", lambda: [handed.own_cells(path, given[name]) or () for _, name, path in files])
    prints = timed("fingerprints", lambda: [fingerprints(each) for each in cells])
    by_book: dict[str, dict[str, frozenset[int]]] = {name: {} for name in given}
    for (student, name, _), some in zip(files, prints, strict=True):
        by_book[name][student] = some
    timed(
        "similar pairs",
        lambda: [
            likeness(name, Prints(students=some, base=all_grams(given[name].sources))) for name, some in by_book.items()
        ],
    )
    shown = timed("the content, all but similarity", lambda: overview(reports, ASSIGNMENT))
    timed("rendering", lambda: page.render(shown))
    path, whole = timed("the whole", lambda: workflow.write_class_page(course, ASSIGNMENT))
    seconds.update(chromium.class_page(path))
    return {
        "seconds": seconds,
        "bytes": path.stat().st_size,
        "largest": LARGEST,
        "alike": sum(len(each.groups) for each in whole.likeness),
    }


def text(data: dict[str, Any]) -> str:
    """The data as a table for a person."""
    settings = data["settings"]
    lines = machine.lines(data["machine"], data["start"], data["end"])
    size = (f"{settings[name]} {name}" for name in ("students", "notebooks", "checks"))
    lines += ["", f"{', '.join(size)} in each notebook"]
    lines += aligned([(f"  {name}", f"{seconds:.2f} s") for name, seconds in data["seconds"].items()])
    met = "met" if data["bytes"] <= data["largest"] else "MISSED"
    lines += ["", f"the page: {data['bytes']:,} bytes, at most {data['largest']:,} wanted: {met}"]
    lines += [f"groups of near-identical code: {data['alike']}"]
    wrapped = (textwrap.wrap(words, _WIDTH, initial_indent="- ", subsequent_indent="  ") for words in data["method"])
    return "\n".join([*lines, "", *(line for words in wrapped for line in words)])
