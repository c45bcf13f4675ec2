"""Cells that a student deleted come back where the released notebook has them (the switches `restore_...`).

The text of a locked cell is not taken from here: nbgrader overwrites it with what its database holds, hidden tests
included. What counts here is that the cell is there, under its name and with its marks, at its place.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from nbformat import NotebookNode

from referee import authoring
from referee.report import Note


def restored(
    released: NotebookNode, submitted: NotebookNode, *, everything: bool
) -> tuple[NotebookNode, tuple[Note, ...]]:
    """A submission with the test cells that were deleted; with `everything`, in the whole form of its exercise.

    Parameters
    ----------
    released : the notebook as students got it.
    submitted : what was handed in; not changed.
    everything : all locked cells come back, cells stand where they belong, and the marks of known cells are right.
    """
    made = copy.deepcopy(submitted)
    for cell in made.cells:
        _without_nonsense(cell)
    if not everything:
        return made, _with_tests(released, made)
    whole, notes = authoring.restore(released, made)
    if (whole.get("nbformat", 4), whole.get("nbformat_minor", 5)) < (4, 5):
        for cell in whole.cells:
            cell.pop("id", None)  # an older format has no such field
    return whole, notes


def _with_tests(released: NotebookNode, made: NotebookNode) -> tuple[Note, ...]:
    """Put the missing test cells in, each behind the cells that come before it in the exercise."""
    notes: list[Note] = []
    before: list[str] = []
    for cell in released.cells:
        name = authoring.grade_id(cell)
        if not name:
            continue
        places = {authoring.grade_id(other): place for place, other in enumerate(made.cells)}
        if authoring.is_check(cell) and name not in places:
            after = max((places[other] for other in before if other in places), default=-1)
            made.cells.insert(after + 1, _fitting(cell, made))
            notes.append(Note(code="missing", words=f"the test cell {name!r} was deleted; it ran where it belongs"))
        before.append(name)
    return tuple(notes)


def _fitting(cell: NotebookNode, notebook: NotebookNode) -> NotebookNode:
    fresh = copy.deepcopy(cell)
    if (notebook.get("nbformat", 4), notebook.get("nbformat_minor", 5)) < (4, 5):
        fresh.pop("id", None)
    return fresh


def _without_nonsense(cell: Any) -> None:
    """Drop marks of a kind that no notebook has: they would be taken for an error of ours."""
    marks = cell.metadata.get("nbgrader", {})
    if not (isinstance(marks, dict) and isinstance(marks.get("grade_id", ""), str)):
        del cell.metadata["nbgrader"]
    tags = cell.metadata.get("tags")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        del cell.metadata["tags"]


def words(notes: Sequence[Note]) -> list[str]:
    """The notes as lines."""
    return [note.words for note in notes]
