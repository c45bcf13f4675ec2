"""Puts the audit of a small course into docs/audit.md, or holds an audit beside nbgrader's own execution."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import nbformat
from nbclient.exceptions import DeadKernelError
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade

from referee.audit import auditing, saying, source
from referee.audit.attacks import ATTACKS
from referee.audit.planting import planted
from referee.nbcourse.config import open_course
from referee.nbcourse.course import NbCourse
from tests.audit import courses

_PAGE = Path(__file__).resolve().parent.parent / "docs" / "audit.md"
_FENCE = "```text\n"


def say(words: str) -> None:
    """Progress goes to standard error."""
    print(words, file=sys.stderr)


def write() -> None:
    """Audit the small course and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        root = courses.mixed(Path(folder) / "course", courses.KINDS)
        found = auditing.attack(open_course(root), None, None, None, say)
    table = "\n".join(saying.table(found.cells)).rstrip("\n")
    lines = list(saying.lines(found))
    first = next(place for place, line in enumerate(lines) if line.startswith("ps1/kinds, double"))
    finding = "\n".join(lines[first : lines.index("", first)])
    page = _PAGE.read_text(encoding="utf-8").split(_FENCE)
    for place, text in ((1, table), (2, finding)):
        page[place] = text + "\n```" + page[place].partition("```")[2]
    _PAGE.write_text(_FENCE.join(page), encoding="utf-8")


def compare(root: Path) -> Counter[str]:
    """Run the attacks on a course by nbgrader's own Execute, too: how often a cell got the same points."""
    course = open_course(root)
    found = auditing.attack(course, None, None, None, say)
    ours = {(cell.name, cell.cell, each.attack): each.earned for cell in found.cells for each in cell.tries}
    counts: Counter[str] = Counter()
    for exercise in course.exercises():
        subject = source.subject(course, exercise)
        for attack in ATTACKS if subject.tests else ():
            theirs = _by_nbgrader(course, subject, planted(subject, attack, "0"))
            for cell in (cell.metadata.nbgrader.grade_id for cell in subject.tests):
                if (earned := ours.get((exercise.name, cell, attack.name))) is None:
                    continue
                kind = "not graded" if theirs is None else "same" if theirs[cell] == earned else "DIFFERENT"
                counts[f"{kind}, no points of ours" if theirs is None and not earned else kind] += 1
                if kind == "DIFFERENT":
                    say(f"{exercise.name} {cell} {attack.name}: ours {earned}, nbgrader's {theirs}")
    return counts


def _by_nbgrader(course: NbCourse, subject: source.Subject, notebook: nbformat.NotebookNode) -> dict[str, float] | None:
    """The points of each test cell, with the notebook beside the kernel; None where the kernel died."""
    tests = {cell.metadata.nbgrader.grade_id for cell in subject.tests}
    with tempfile.TemporaryDirectory() as folder:
        for path in subject.exercise.support:
            (Path(folder) / path.name).symlink_to(path)
        nbformat.write(notebook, Path(folder) / f"{subject.exercise.notebook}.ipynb")
        try:
            done, _ = Execute(parent=course.app).preprocess(notebook, {"metadata": {"path": folder}})
        except DeadKernelError:
            return None
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in done.cells}
    return {name: determine_grade(cells[name])[0] for name in tests}


def main() -> int:
    """Write the page, or compare; 1 where a cell got other points."""
    parser = argparse.ArgumentParser(prog="ci/audit", description="puts the audit of a small course into docs/audit.md")
    parser.add_argument("--beside-nbgrader", type=Path, metavar="COURSE", help="compare with nbgrader's own execution")
    options = parser.parse_args()
    if options.beside_nbgrader is None:
        write()
        return 0
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    counts = compare(options.beside_nbgrader)
    print(", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))
    return 1 if counts["DIFFERENT"] else 0


if __name__ == "__main__":
    sys.exit(main())
