"""The command `ci/parity [--keep FOLDER] [NAME ...]`: whole classes by nbgrader and by Referee, and what differs."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path

from tests.nbcourse import compare, deeds, documented, every, parity, quickstart
from tests.nbcourse.parity import Pair

_FEW = ("anna", "ben", "david", "jan", "karl", "max", "tina", "willi")
_ONE = [person for person in deeds.gate() if person.assignment == every.ONE and person.name in _FEW]
#: Options of which one course can have one setting only: what is added to its configuration.
OPTIONS = {
    "missing": "c.OverwriteCells.add_missing_cells = True",
    "unrun": "c.Execute.enabled = False",
    "shared": "c.CourseDirectory.groupshared = True\nc.Autograde.permissions = 664",
    "plain": "c.ClearMetadataPreprocessor.enabled = c.IgnorePattern.enabled = False\nc.LimitOutput.max_lines = -1",
    "unsaved": "c.SaveAutoGrades.enabled = False\nc.AssignLatePenalties.enabled = False",
    "own": 'c.Autograde.sanitize_preprocessors = ["eigene.OhneLeere", *["nbgrader.preprocessors." + name for name in '
    '("ClearOutput", "DeduplicateIds", "OverwriteKernelspec", "OverwriteCells", "CheckCellMetadata")]]',
}
STANDARD = 'c.AssignLatePenalties.plugin_class = "nbgrader.plugins.LateSubmissionPlugin"'
OWN = '''"""A preprocessor of the course's own: cells without a text are gone."""

from nbgrader.preprocessors import NbGraderPreprocessor


class OhneLeere(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        nb.cells = [cell for cell in nb.cells if cell.source.strip() and not cell.source.startswith("Zwischendurch")]
        return nb, resources
'''


def _every(folder: Path) -> Pair:
    course = parity.released(folder, every.ONE, every.TWO, every.THREE)
    return parity.every_option(course, folder / "graded", deeds.CLASS)


def _standard(folder: Path) -> Pair:
    """No code of the course's own works on the database: nbgrader's is on our connection."""
    course = parity.released(folder, every.ONE)
    every.write(course / "nbgrader_config.py", f"{every.CONFIG}\n{STANDARD}\n")
    return parity.every_option(
        course, folder / "graded", [each for each in deeds.CLASS if each.assignment == every.ONE]
    )


def _example(folder: Path) -> Pair:
    return parity.example(folder, quickstart.CLASS, whole=True)


def _option(lines: str) -> Callable[[Path], Pair]:
    def build(folder: Path) -> Pair:
        course = parity.released(folder, every.ONE)
        every.write(course / "verwaltung" / "eigene.py", OWN)
        every.write(course / "nbgrader_config.py", f"{every.CONFIG}\n{lines}\n")
        return parity.every_option(course, folder / "graded", _ONE)

    return build


#: By name: what is graded, and the differences that are documented there.
CASES: dict[str, tuple[Callable[[Path], Pair], Mapping[str, str]]] = {
    "every": (_every, documented.CLASS),
    "standard": (_standard, documented.STANDARD),
    "example": (_example, {}),
    **{name: (_option(lines), documented.OPTIONS.get(name, {})) for name, lines in OPTIONS.items()},
}


def main(arguments: list[str] | None = None) -> int:
    """Grade, compare, print; the exit code."""
    options = _parser().parse_args(arguments)
    names = options.names or list(CASES)
    if unknown := sorted(set(names) - CASES.keys()):
        sys.stderr.write(f"ci/parity: wanted some of {', '.join(CASES)}, found {', '.join(unknown)}\n")
        return 2
    kept = nullcontext(options.keep) if options.keep else tempfile.TemporaryDirectory(prefix="parity-")
    with kept as place:
        results = [_compared(name, Path(place).resolve() / name) for name in names]
    return 0 if all(results) else 1


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="ci/parity", description=__doc__)
    made.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(CASES)}")
    made.add_argument("--keep", type=Path, help="a new folder for the graded courses")
    return made


def _compared(name: str, folder: Path) -> bool:
    build, known = CASES[name]
    folder.mkdir(parents=True)
    began = time.monotonic()
    pair = build(folder)
    failed = [said.err[-3000:] for said in pair.grade().values() if said.status]
    people = [person.name for person in deeds.CLASS if person.ours]
    found = pair.differences(people)
    others, unused = compare.unexplained(found, known), compare.unused(found, known)
    counts = f"{len(pair.theirs.submissions())} submissions, {len(found)} differences, {len(others)} not documented"
    lines = [f"{name}: {counts} ({time.monotonic() - began:.0f} s)", *map(str, others)]
    lines += [*(f"documented, and not met: {each}" for each in unused), *failed]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    return not others and not unused and not failed


if __name__ == "__main__":
    sys.exit(main())
