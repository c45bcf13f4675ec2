"""Small notebooks whose test cell is drafted, and both run: the cell as it was, and the draft, on students' code."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from referee.convert.configured import Marks
from referee.convert.draft import Draft, draft
from referee.convert.grader import text_of
from referee.convert.known import Known
from referee.convert.notebook import cell_of, sources
from referee.convert.records import Kind
from referee.judging import scored
from referee.report import CheckResult, Outcome
from referee.student import run_public

NUMPY = "import numpy as np\nimport math"


def code_cell(source: str, name: str = "", kind: str = "open", points: float = 1) -> NotebookNode:
    """A cell of an author's notebook: locked, answer, test or open."""
    cell: NotebookNode = new_code_cell(source.strip("\n"))
    if name:
        cell.metadata["nbgrader"] = NotebookNode(
            grade_id=name,
            grade=kind == "test",
            solution=kind == "answer",
            locked=kind in ("test", "locked"),
            schema_version=3,
            task=False,
        )
        if kind == "test":
            cell.metadata["nbgrader"]["points"] = points
    return cell


def notebook(*cells: NotebookNode) -> NotebookNode:
    """An author's notebook of these cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made: NotebookNode = new_notebook(cells=list(cells), metadata={"kernelspec": kernel})
    return made


def write(made: NotebookNode, path: Path) -> Path:
    """Write a notebook where an author would have it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)
    return path


@dataclass
class Drafted:
    """A test cell and its draft. given : code of a locked cell that runs before."""

    folder: Path
    draft: Draft
    test: str
    given: str
    points: float = 1

    @property
    def why(self) -> str:
        """Why something is to be finished by hand."""
        return "; ".join(each.why for check in self.draft.checks for each in check.unfinished)

    @property
    def code(self) -> str:
        """The functions of the draft."""
        return "\n\n".join(check.code for check in self.draft.checks)

    def results(self, student: str) -> list[CheckResult]:
        """What the draft concludes about a student's code."""
        names = self._names(student)
        found = []
        for kind in ("public", "hidden"):
            path = self.folder / f"{kind}.py"
            text, _ = text_of(self.draft, kind, "week/notebook", path)
            if text:
                path.write_text(text, encoding="utf-8")
                found += run_public(path, "claim", names)
                path.unlink()
        return found

    def earned(self, student: str) -> float | None:
        """The points by the draft; None where a person decides."""
        return scored("claim", self.points, self.results(student)).score

    def original(self, student: str) -> float:
        """The points by the test cell itself, as nbgrader gives them."""
        names = self._names(student)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(self.test, names)
        except BaseException:  # noqa: BLE001 - what pytest raises is no Exception
            return 0.0
        return self.points

    def _names(self, student: str) -> dict[str, Any]:
        names: dict[str, Any] = {}
        exec(f"{NUMPY}\n{self.given}", names)
        exec(student, names)
        return names


def drafted(folder: Path, test: str, *, solution: str = "", given: str = "", points: float = 1) -> Drafted:
    """The draft of a test cell `claim` behind a locked cell and an answer cell."""
    cells = [code_cell(NUMPY), code_cell(given, "given", "locked"), code_cell(solution, "answer", "answer")]
    own = notebook(*cells, code_cell(test, "claim", "test", points))
    kinds: tuple[Kind, Kind] = ("public", "hidden")
    known = {kind: Known(sources(own, Marks(), hidden=kind == "hidden"), 3, folder) for kind in kinds}
    made = Draft()
    draft(cell_of(own.cells[-1], Marks()), known, made)
    return Drafted(folder, made, test.strip("\n"), given, points)


def outcomes(results: list[CheckResult]) -> list[Outcome]:
    """How checks ended."""
    return [result.verdict.outcome for result in results]


def pairs(name: str) -> dict[str, str]:
    """The pairs of a file beside this one: a test cell, a line of hyphens, what is said of it, an empty line."""
    _, *blocks = (Path(__file__).parent / name).read_text(encoding="utf-8").strip("\n").split("\n\n")
    return dict(block.split("\n--------\n") for block in blocks)
