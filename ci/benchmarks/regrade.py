"""A class graded again from its recordings after a changed tolerance, and by running every notebook again.

    ci/bench regrade [--students 300] [--sample 12] [--assignment cnn_mnist,convolution] [--json]

The class hands in the solutions of this repository's own course, copied to a temporary folder.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ci.benchmarks import command, light_class, machine, measure
from ci.benchmarks.command import REFEREE, Ran
from ci.benchmarks.table import Parser, aligned, count, one_of
from referee.errors import UsageError

SCHEMA, VERSION = "referee/bench/regrade", 1
PACKAGES = ("numpy", "keras", "tensorflow-cpu", "tensorflow", "torch", "pytest", "nbgrader")
TIMES, SECONDS = 100, 30.0  # how many times faster than grading again a regrade has to be, and how long it may take
_ROOT = Path(__file__).resolve().parent.parent.parent
_PARTS = ("course.toml", "nbgrader_config.py", "solutions", "reference", "graders", "datasets", "calibrations")
_FEW = 2  # submissions of the small grading, from which the command's own cost follows
_WORKERS = ("--workers", "2")
_WIDTH = 120  # of the remarks, in characters


@dataclass(frozen=True)
class Case:
    """One assignment, and the edit of its hidden grader after which the class is graded again.

    everybody : whether the edit changes everybody's score, or nobody's.
    trains : its notebooks train networks: a class would take an hour.
    """

    grader: str
    old: str
    new: str
    words: str
    everybody: bool
    trains: bool


CASES = {
    "cnn_mnist": Case(
        "cnn2_mnist",
        'band=calibration("accuracy")',
        'floor=0.99, band=calibration("accuracy")',
        "the accuracy that is wanted on unseen digits becomes 0.99, so that every score changes",
        everybody=True,
        trains=True,
    ),
    "convolution": Case(
        "feature_map",
        'right, misconceptions=misconceptions, what="feature_map")',
        'right, rtol=1e-3, misconceptions=misconceptions, what="feature_map")',
        "the tolerance of the feature map becomes 1e-3, which changes nobody's score",
        everybody=False,
        trains=False,
    ),
}
METHOD = (
    "regrade: the command without and with --apply, its start included. Its answer says that everybody was graded from "
    "the recordings, and that nothing ran",
    "again: `referee grade --again --workers 2`, its start included. A light class is graded whole. Of one that trains "
    "networks, two submissions and a sample are: from the two times follows what one more costs, and what the command "
    "itself does, and from these the time of the class",
    "the recordings of a light class are those of its grading. Of a class that trains, the sample's are; the others' "
    "were asked of one kernel: all have handed in the same notebook, which trains the same network from the same seed, "
    "so it ran once, and at each check cell everybody's checks, with the inputs that are drawn for each, asked it. "
    "`referee grade` then finds that all these reports stand, and enters them into the gradebook. (Such a report has "
    "been compared with one of a real grading: they are the same but for the times)",
)


def main(arguments: list[str]) -> dict[str, Any]:
    """Parse, measure; what was measured, as data."""
    options = parser().parse_args(arguments)
    if options.students < options.sample or options.sample <= _FEW:
        wanted = f"a sample of more than {_FEW}, out of as many --students or more"
        raise UsageError(wanted, f"--sample {options.sample} of --students {options.students}", "other numbers")
    start = machine.others()
    with measure.workshop() as folder:
        course = _course(folder / "course")
        rows = [_measured(_Class(course, name, options.students, options.sample)) for name in options.assignment]
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "machine": machine.describe(PACKAGES),
        "start": start,
        "end": machine.others(),
        "settings": {name: getattr(options, name) for name in ("students", "sample", "assignment")},
        "method": list(METHOD),
        "rows": rows,
        "targets": [target for row in rows for target in targets(row)],
    }


def parser() -> Parser:
    """The options."""
    made = Parser(prog="ci/bench regrade", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--students", type=count, default=300, help="how many have handed in (%(default)s)")
    made.add_argument("--sample", type=count, default=12, help="how many are really graded, of slow ones (%(default)s)")
    made.add_argument(
        "--assignment", type=one_of(CASES), default=tuple(CASES), help=f"some of {','.join(CASES)} (all of them)"
    )
    made.add_argument("--json", action="store_true", help="print data instead of a table")
    return made


def _course(folder: Path) -> Path:
    """This repository's course, released, with one exercise in each assignment that is measured."""
    folder.mkdir()
    for name in _PARTS:
        source = _ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy2(source, folder / name)
    for assignment, case in CASES.items():
        for path in (folder / "solutions" / assignment).glob("*.ipynb"):
            if not path.stem.startswith(case.grader):
                path.unlink()
    command.run([*REFEREE, "release"], folder)
    return folder


class _Class:
    """A class that has handed in the solutions of one assignment."""

    def __init__(self, course: Path, assignment: str, students: int, sample: int) -> None:
        self.course, self.assignment, self.case = course, assignment, CASES[assignment]
        self.students = light_class.names(students)
        self.sample = self.students[:sample] if self.case.trains else self.students
        for name in self.students:
            target = course / "submitted" / name / assignment
            target.mkdir(parents=True)
            for path in (course / "solutions" / assignment).glob("*.ipynb"):
                shutil.copy(path, target)

    def grade(self, students: Sequence[str], *options: str) -> Ran:
        """Grade some of the class."""
        _say(f"{self.assignment}: grading {len(students)}")
        only = [word for name in students for word in ("--student", name)] if students != self.students else []
        return command.run([*REFEREE, "grade", self.assignment, *_WORKERS, *only, *options, "--json"], self.course)

    def record(self) -> None:
        """Have a recording of everybody, and everybody in the gradebook."""
        if len(self.sample) < len(self.students):
            _say(f"{self.assignment}: asking for {len(self.students) - len(self.sample)} recordings")
            arguments = (str(self.course), self.assignment, str(len(self.sample)))
            command.run([*command.script("recordings"), *arguments], self.course)
        kept = self.grade(self.students).data["kept"]
        command.claim(kept == len(self.students), f"{len(self.students)} reports that stand", f"{kept}")

    def edit(self) -> None:
        """Change the hidden grader."""
        path = self.course / "graders" / "hidden" / self.assignment / f"{self.case.grader}.py"
        text = path.read_text(encoding="utf-8")
        command.claim(text.count(self.case.old) == 1, f"{self.case.old!r} once in {path.name}", "other text")
        path.write_text(text.replace(self.case.old, self.case.new), encoding="utf-8")

    def regrade(self, *options: str) -> Ran:
        """Regrade the class, and see that all were, and none ran."""
        _say(f"{self.assignment}: regrade {' '.join(options)}".rstrip())
        ran = command.run([*REFEREE, "regrade", self.assignment, *options, "--json"], self.course)
        found = ran.data
        changed = len(self.students) * self.case.everybody
        numbers = (found["reports"], len(found["scores"]), len(found["run_again"]), len(found["left_alone"]))
        wanted = f"{len(self.students)} regraded, {changed} scores changed, none run again or left alone"
        command.claim(numbers == (len(self.students), changed, 0, 0), wanted, ", ".join(map(str, numbers)))
        return ran


def _measured(group: _Class) -> dict[str, Any]:
    """Grade, record, edit, regrade."""
    group.grade(group.students[:_FEW])  # reads all files, and measures the solutions
    few, many = (group.grade(part, "--again") for part in (group.students[:_FEW], group.sample))
    group.record()
    group.edit()
    shown, applied = group.regrade(), group.regrade("--apply")
    return {
        "assignment": group.assignment,
        "change": group.case.words,
        "students": len(group.students),
        "graded": len(group.sample),
        **extrapolated(few.wall, many.wall, len(group.sample), len(group.students)),
        "shown": {"wall": shown.wall, "cpu": shown.cpu},
        "applied": {"wall": applied.wall, "cpu": applied.cpu},
    }


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


# --- what the rows say ------------------------------------------------------------------------------------------------


def extrapolated(few: float, many: float, sample: int, students: int) -> dict[str, float]:
    """The seconds of grading a class, from those of two and of a sample; what one costs, and the command itself."""
    each = (many - few) / (sample - _FEW)
    fixed = few - _FEW * each
    return {"each": each, "fixed": fixed, "again": fixed + students * each}


def targets(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What `referee regrade --apply` has to reach, and whether it does."""
    place, seconds = {"assignment": row["assignment"]}, row["applied"]["wall"]
    ratio = row["again"] / seconds
    yield {**place, "what": "times faster", "at_least": TIMES, "found": ratio, "met": ratio >= TIMES}
    yield {**place, "what": "seconds", "at_most": SECONDS, "found": seconds, "met": seconds <= SECONDS}


# --- the table --------------------------------------------------------------------------------------------------------


def text(data: dict[str, Any]) -> str:
    """The data as a table for a person."""
    cells: list[Sequence[str]] = [
        ("assignment", "students", "graded", "s each", "again s", "regrade s", "CPU s", "x", "--apply s", "CPU s", "x")
    ]
    for row in data["rows"]:
        numbers = (str(row["students"]), str(row["graded"]), f"{row['each']:.3f}", f"{row['again']:.0f}")
        regrades = (
            words
            for part in (row["shown"], row["applied"])
            for words in (f"{part['wall']:.1f}", f"{part['cpu']:.1f}", f"{row['again'] / part['wall']:.0f}")
        )
        cells.append((row["assignment"], *numbers, *regrades))
    lines = [*machine.lines(data["machine"], data["start"], data["end"]), "", *aligned(cells)]
    lines += ["", "targets of regrade --apply", *aligned([_target(target) for target in data["targets"]], left=2), ""]
    remarks = [f"{row['assignment']}: {row['change']}" for row in data["rows"]] + data["method"]
    wrapped = (textwrap.wrap(remark, _WIDTH, initial_indent="- ", subsequent_indent="  ") for remark in remarks)
    return "\n".join([*lines, *(line for remark in wrapped for line in remark)])


def _target(target: dict[str, Any]) -> tuple[str, ...]:
    wanted = f"at least {target['at_least']}" if "at_least" in target else f"at most {target['at_most']:g}"
    met = "met   " if target["met"] else "MISSED"
    return f"  {target['assignment']}", target["what"], wanted, f"{target['found']:.1f}", met
