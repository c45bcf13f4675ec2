"""Cells with nbgrader's marks, one function for each kind that its formgrader's menu has."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}


def text(source: str) -> NotebookNode:
    """Words, without marks."""
    made: NotebookNode = new_markdown_cell(source)
    return made


def code(source: str) -> NotebookNode:
    """Code, without marks."""
    made: NotebookNode = new_code_cell(source)
    return made


def answer(name: str, source: str) -> NotebookNode:
    """Autograded answer."""
    return _marked(code(source), name, solution=True)


def test(name: str, points: float, source: str) -> NotebookNode:
    """Autograder tests."""
    return _marked(code(source), name, points, grade=True, locked=True)


def person(name: str, points: float, cell: NotebookNode) -> NotebookNode:
    """Manually graded answer, in code or words."""
    return _marked(cell, name, points, grade=True, solution=True)


def task(name: str, points: float, source: str) -> NotebookNode:
    """Manually graded task."""
    return _marked(text(source), name, points, task=True, locked=True)


def locked(name: str, cell: NotebookNode) -> NotebookNode:
    """Read-only."""
    return _marked(cell, name, locked=True)


def notebook(name: str, *cells: NotebookNode) -> NotebookNode:
    """A Python notebook whose cells have ids that are the same each time."""
    made: NotebookNode = new_notebook(cells=list(cells))
    made.metadata["kernelspec"] = dict(PYTHON)
    made.metadata["language_info"] = {"name": "python"}
    for place, cell in enumerate(made.cells):
        cell["id"] = f"{name}-{place}"
    return made


def _marked(cell: NotebookNode, name: str, points: float | None = None, **marks: bool) -> NotebookNode:
    found: dict[str, Any] = {"grade": False, "locked": False, "solution": False, "task": False, **marks}
    found |= {"grade_id": name, "schema_version": 3, "cell_type": cell.cell_type}
    if points is not None:
        found["points"] = points
    cell.metadata["nbgrader"] = found
    return cell
