"""Cells that define again what an answer cell has defined (the switch `note_changed_answers`).

Read from the text of the notebook, never run: a name that an answer cell binds at its top level, and that another cell
of the student's binds or deletes later, is no longer what was asked for when a test reads it. A note, and no verdict.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from nbformat import NotebookNode

from referee import authoring
from referee.report import CellSpec, Note

_LONGEST = 200_000  # characters of a cell that are read
_MOST = 20  # notes of one notebook


def changed_answers(notebook: NotebookNode, cells: Mapping[str, CellSpec]) -> tuple[Note, ...]:
    """A note for each cell that changes what an earlier answer cell defined.

    Parameters
    ----------
    notebook : as it was run.   cells : the author's cells by grade_id.
    """
    owner: dict[str, str] = {}
    notes: list[Note] = []
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        name = authoring.grade_id(cell)
        spec = cells.get(name)
        bound = set(_bound(str(cell.source)))
        if spec is not None and not spec.solution:
            continue  # the author's own cells may do as they like
        for each in sorted(bound & owner.keys()):
            if owner[each] != name:
                words = f"cell {place + 1} defines {each!r} again, which the answer cell {owner[each]!r} had defined"
                notes.append(Note(code="altered", words=words))
        if spec is not None:
            owner |= dict.fromkeys(bound, name)
    return tuple(notes[:_MOST])


def _bound(source: str) -> Iterator[str]:
    """The names that a cell binds or deletes at its top level; none where it is no Python."""
    try:
        tree = ast.parse("\n".join(_plain(source[:_LONGEST])))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    open_ones: list[ast.AST] = list(tree.body)
    while open_ones:
        node = open_ones.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            open_ones += ast.iter_child_nodes(node)


def _plain(source: str) -> Iterator[str]:
    """The lines without magics."""
    return ("" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.splitlines())
