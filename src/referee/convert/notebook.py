"""An author's notebook of an nbgrader course: its cells by what they are for, and itself with converted cells."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Sequence

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from referee import authoring
from referee.convert.configured import Marks, split
from referee.convert.draft import Cell
from referee.convert.known import Role, Source
from referee.convert.names import early

_SETUP = "setup"
_OURS = re.compile(r"\bexercise\(\s*[\"']")


def role_of(cell: NotebookNode) -> Role:
    """What a code cell is for, by nbgrader's rules."""
    metadata = cell.metadata.get("nbgrader", {})
    if metadata.get("solution"):
        return "answer"
    if metadata.get("grade"):
        return "test"
    return "locked" if metadata.get("locked") else "open"


def sources(notebook: NotebookNode, marks: Marks, *, hidden: bool = True) -> list[Source]:
    """The code of a notebook, cell by cell, with its hidden tests or without, and without their marks."""
    return [
        Source(place, authoring.grade_id(cell), role_of(cell), split(cell.source, marks)[hidden])
        for place, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
    ]


def is_ours(cell: NotebookNode) -> bool:
    """Whether a cell is one that checks decide already."""
    return bool(authoring.is_check(cell)) and cell.source.strip() == f'check("{authoring.grade_id(cell)}")'


def tests(notebook: NotebookNode) -> list[NotebookNode]:
    """The autograded test cells that run inside the kernel."""
    return [cell for cell in notebook.cells if authoring.is_check(cell) and not is_ours(cell)]


def cell_of(cell: NotebookNode, marks: Marks) -> Cell:
    """A test cell as it is to be drafted."""
    shown, whole = split(cell.source, marks)
    points = float(cell.metadata["nbgrader"].get("points", 0) or 0)
    return Cell(authoring.grade_id(cell), shown, whole, points, marks.autotest)


def converted(notebook: NotebookNode, cells: Collection[str], name: str) -> NotebookNode:
    """The notebook in which these test cells ask for their checks; the first cell says where those are."""
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        if authoring.is_check(cell) and authoring.grade_id(cell) in cells:
            cell.source = f'check("{authoring.grade_id(cell)}")'
            cell.outputs, cell.execution_count = [], None
            cell.metadata["nbgrader"]["locked"] = True
    if cells and not any(_OURS.search(cell.source) for cell in made.cells if cell.cell_type == "code"):
        made.cells.insert(0, _setup(made, name))
    return made


def _setup(notebook: NotebookNode, name: str) -> NotebookNode:
    """The locked cell that makes `check`."""
    taken = {authoring.grade_id(cell) for cell in notebook.cells}
    grade_id = next(each for each in (_SETUP, "referee", *(f"referee_{n}" for n in range(2, 100))) if each not in taken)
    cell: NotebookNode = new_code_cell(f'from referee import exercise\n\ncheck = exercise("{name}")')
    cell.metadata["nbgrader"] = NotebookNode(
        grade=False, grade_id=grade_id, locked=True, schema_version=3, solution=False, task=False
    )
    cell["id"] = f"referee-{grade_id}"
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        del cell["id"]
    return cell


def as_tried(notebook: NotebookNode) -> NotebookNode:
    """The notebook in which only our own checks decide points: other tests run as cells that carry none."""
    made = copy.deepcopy(notebook)
    for cell in tests(made):
        cell.metadata["nbgrader"] |= {"grade": False, "locked": True}
        cell.metadata["nbgrader"].pop("points", None)
    return made


def leaned_on(cell: NotebookNode, notebook: NotebookNode, others: Collection[str], marks: Marks) -> str:
    """Why a test cell has to stay: a later cell reads what it binds; empty where none does.

    others : the cells that are converted with it.
    """
    known = sources(notebook, marks)
    place = notebook.cells.index(cell)
    own = next(source for source in known if source.place == place)
    binds = {name for piece in own.pieces for name in piece.bound}
    before = {name for each in known if each.place < place for piece in each.pieces for name in piece.bound}
    for later in known:
        if later.place <= place or (later.role == "test" and later.grade_id in others):
            continue
        if names := early([piece.node for piece in later.pieces]) & binds - before:
            where = f"the cell {later.grade_id!r}" if later.grade_id else f"cell {later.place + 1}"
            return f"{where} uses `{min(names)}`, which this cell defines: define that in a locked cell first"
    return ""


def known_names(cells: Sequence[NotebookNode]) -> str:
    """The names of test cells, for a message."""
    return ", ".join(map(authoring.grade_id, cells)) or "(there are none)"
