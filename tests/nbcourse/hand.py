"""A student's hand: opens a released notebook, changes its cells by their names, and hands it in."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tests.nbcourse import every


@dataclass
class Hand:
    """One submission while it is written. folder : where it lies.   books : its notebooks, by name."""

    folder: Path
    books: dict[str, NotebookNode]

    @property
    def book(self) -> NotebookNode:
        """The only notebook, or the first."""
        return next(iter(self.books.values()))

    def cell(self, name: str) -> NotebookNode:
        """The cell with this grade_id; in the first notebook that has it."""
        found: NotebookNode = next(
            cell for book in self.books.values() for cell in book.cells if marks(cell).get("grade_id") == name
        )
        return found

    def at(self, name: str) -> tuple[NotebookNode, int]:
        """The notebook that has this cell, and the cell's place in it."""
        cell = self.cell(name)
        book = next(book for book in self.books.values() if any(each is cell for each in book.cells))
        return book, next(place for place, each in enumerate(book.cells) if each is cell)

    def write(self, **sources: str) -> None:
        """New texts for cells."""
        for name, source in sources.items():
            self.cell(name)["source"] = source

    def drop(self, *names: str) -> None:
        """Delete cells."""
        for name in names:
            book, place = self.at(name)
            del book.cells[place]

    def double(self, *names: str, **changed: str) -> None:
        """Copy cells, as a notebook editor does, to right after themselves; `changed` are texts of the copies."""
        for name in names:
            book, place = self.at(name)
            twin = copy.deepcopy(book.cells[place])
            if "id" in twin:  # notebooks before 4.5 have none
                twin["id"] = f"{twin['id']}-twin"
            twin["source"] = changed.get(name, twin["source"])
            book.cells.insert(place + 1, twin)

    def add(self, after: str, cell: NotebookNode) -> None:
        """Put a new cell after one that has a name."""
        book, place = self.at(after)
        if (book.nbformat, book.nbformat_minor) < (4, 5):
            cell.pop("id", None)
        book.cells.insert(place + 1, cell)

    def mark(self, name: str, **changed: Any) -> None:
        """Change nbgrader's marks of a cell; None takes one away."""
        found = marks(self.cell(name))
        for key, value in changed.items():
            if value is None:
                found.pop(key, None)
            else:
                found[key] = value

    def file(self, name: str, words: str) -> None:
        """A file beside the notebooks."""
        every.write(self.folder / name, words)


def marks(cell: NotebookNode) -> dict[str, Any]:
    """nbgrader's marks of a cell."""
    found: dict[str, Any] = cell.metadata.get("nbgrader", {})
    return found


def hand_in(released: Path, folder: Path, *deeds: Callable[[Hand], None]) -> None:
    """Hand in a released assignment, after some deeds."""
    books = {path.name: nbformat.read(path, as_version=4) for path in sorted(released.glob("*.ipynb"))}
    hand = Hand(folder, books)
    for path in released.rglob("*"):
        if path.is_file() and path.suffix != ".ipynb":
            target = folder / path.relative_to(released)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    for deed in deeds:
        deed(hand)
    for name, book in hand.books.items():
        if not (folder / name).exists():  # a deed may have written it in its own way
            every.save(folder / name, book)
