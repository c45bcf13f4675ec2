"""Puts an attack into the blank notebook, into no cell but those that students may write."""

from __future__ import annotations

import copy

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from referee import authoring
from referee.audit import names
from referee.audit.attacks import ANSWER, Attack, first_cell
from referee.audit.source import Subject, is_own, is_plain


def planted(subject: Subject, attack: Attack, nonce: str, *, restored: bool = False) -> NotebookNode:
    """The blank with a first cell that begins the attack, and with answers, and cells before tests, that go on with it.

    restored : locked cells have the author's marks and tags, whatever was handed in (the switch `restore_locked`).

    Cells without a mark of nbgrader that only show something are emptied: a student may delete them.
    """
    notebook = copy.deepcopy(subject.blank)
    solutions = {cell.metadata.nbgrader.grade_id: cell.source for cell in subject.solution.cells if is_own(cell)}
    for cell in notebook.cells:
        if is_own(cell):
            cell.source = names.imports_of(solutions[cell.metadata.nbgrader.grade_id]) + ANSWER
        elif is_plain(cell) and names.only_shows(cell.source):
            cell.source = ""
    cells = [new_code_cell(first_cell(attack, subject.known, nonce), id="begin")]
    for place, cell in enumerate(notebook.cells):
        if authoring.is_check(cell):
            cells.append(new_code_cell(ANSWER, id=f"before-{place}"))
            if attack.tag and not restored:
                cell.metadata["tags"] = [*cell.metadata.get("tags", []), attack.tag]
        cells.append(cell)
    notebook.cells = cells
    return notebook
