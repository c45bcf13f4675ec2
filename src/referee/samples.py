"""Sample submissions, each told as a story: the author's notebook with stated edits, and what grading must say of it.

A story is a folder with `story.toml`. Because a sample is made from the course's own notebooks when it is needed, it
never falls behind them; a story whose edit no longer fits says so.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from referee import authoring
from referee.course import Course
from referee.errors import CourseError
from referee.report import Record


class Replace(Record, frozen=True):
    """In the cell `cell`, `old` becomes `new`; without `old`, the whole source does."""

    cell: str
    new: str
    old: str = ""


class Insert(Record, frozen=True):
    """A code cell of the student's own, after the cell `after` (the empty name: at the top)."""

    source: str
    after: str = ""


class NotebookEdits(Record, frozen=True):
    """How one submitted notebook differs from the author's.

    exercise : "<assignment>/<notebook>".   start : from the solution, or from the released exercise.
    file : the name of the handed-in file, where it is not the notebook's.   content : the file's whole text instead.
    metadata : new nbgrader metadata by cell, merged over what is there.   kernelspec : in place of Python's.
    """

    exercise: str
    start: Literal["solution", "exercise"] = "solution"
    file: str = ""
    content: str | None = None
    megabytes: float = 0
    replace: tuple[Replace, ...] = ()
    insert: tuple[Insert, ...] = ()
    delete: tuple[str, ...] = ()
    duplicate: tuple[str, ...] = ()
    to_top: tuple[str, ...] = ()
    metadata: dict[str, dict[str, str | int | float | bool]] = {}
    kernelspec: dict[str, str] | None = None


class ExpectedCheck(Record, frozen=True):
    """What one check must have concluded; `words` are parts of its words or hint."""

    outcome: str
    fault: str = ""
    misconception: str = ""
    words: tuple[str, ...] = ()


class Expected(Record, frozen=True):
    """What grading must say of a story.

    earned : points by notebook.   checks : by "<cell>/<test>", or by "<notebook>/<cell>/<test>".
    notes : the codes of all notes.   refused : words of the refusal, by notebook.
    waits : the cells that a person decides.
    cells : the status of each cell that did not end well, by its grade_id, or "cell <number>" where it has none.
    says : words that stand somewhere in the notes, or in what is said of a cell.
    """

    earned: dict[str, float] = {}
    checks: dict[str, ExpectedCheck] = {}
    notes: tuple[str, ...] = ()
    refused: dict[str, str] = {}
    waits: tuple[str, ...] = ()
    cells: dict[str, str] = {}
    says: tuple[str, ...] = ()


class Story(Record, frozen=True):
    """One sample submission.

    tells : the sentence that it proves.   demo : whether `referee demo` shows it.   slow : it trains a network.
    limits, parameters : what holds for it in place of the course's and of derived ones; not in `referee demo`.
    """

    tells: str
    student: str
    notebook: tuple[NotebookEdits, ...]
    expect: Expected = Expected()
    limits: dict[str, float] = {}
    parameters: dict[str, str | int | float | bool] = {}
    demo: bool = False

    @property
    def assignments(self) -> tuple[str, ...]:
        return tuple(sorted({edits.exercise.split("/")[0] for edits in self.notebook}))


def stories(folder: Path) -> dict[str, Story]:
    """The stories in a folder, by the name of their own folder. Raises `CourseError` for one that cannot be read."""
    return {path.parent.name: _story(path) for path in sorted(folder.glob("*/story.toml"))}


def _story(path: Path) -> Story:
    try:
        return msgspec.convert(msgspec.toml.decode(path.read_bytes()), type=Story, strict=False)
    except msgspec.MsgspecError as error:
        raise CourseError(f"a readable story at {path}", str(error)) from error


def trim(root: Path, told: Iterable[Story]) -> None:
    """Remove from a copy of a course, of the assignments that stories are about, the notebooks that none hands in."""
    wanted = {edits.exercise for story in told for edits in story.notebook}
    for assignment in {name.split("/")[0] for name in wanted}:
        for path in (root / "solutions" / assignment).glob("*.ipynb"):
            if f"{assignment}/{path.stem}" not in wanted:
                path.unlink()


def hand_in(course: Course, story: Story) -> None:
    """Write a story's submission into the course's `submitted/` tree."""
    for edits in story.notebook:
        assignment, notebook = edits.exercise.split("/")
        path = course.submission(story.student, assignment) / (edits.file or f"{notebook}.ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_text(course, edits, assignment, notebook), encoding="utf-8")


def _text(course: Course, edits: NotebookEdits, assignment: str, notebook: str) -> str:
    if edits.content is not None:
        return edits.content
    folder = "solutions" if edits.start == "solution" else "exercises"
    authored = authoring.read_authored(course.root / folder / assignment / f"{notebook}.ipynb")
    return str(nbformat.writes(_edited(authored, edits))) + " " * int(edits.megabytes * 1_000_000)


def _edited(notebook: NotebookNode, edits: NotebookEdits) -> NotebookNode:
    notebook = copy.deepcopy(notebook)
    cells = notebook.cells
    for name in edits.duplicate:
        twin = copy.deepcopy(cells[_place(cells, name)])
        twin["id"] = f"{name}-twin"[:64]
        cells.insert(_place(cells, name) + 1, twin)
    for change in edits.replace:
        _replace(cells[_place(cells, change.cell)], change)
    for number, extra in enumerate(edits.insert):
        place = _place(cells, extra.after) + 1 if extra.after else 0
        cells.insert(place, new_code_cell(extra.source, id=f"own-{number}"))
    for name, metadata in edits.metadata.items():
        cells[_place(cells, name)].metadata["nbgrader"].update(metadata)
    for name in edits.to_top:
        cells.insert(0, cells.pop(_place(cells, name)))
    for name in edits.delete:
        del cells[_place(cells, name)]
    if edits.kernelspec is not None:
        notebook.metadata["kernelspec"] = edits.kernelspec
        notebook.metadata.pop("language_info", None)
    return notebook


def _place(cells: list[NotebookNode], name: str) -> int:
    for place, cell in enumerate(cells):
        if authoring.grade_id(cell) == name:
            return place
    raise CourseError(f"a cell {name!r}, which a story edits", "none in the notebook", "mend the story")


def _replace(cell: NotebookNode, change: Replace) -> None:
    if change.old and change.old not in cell.source:
        raise CourseError(f"{change.old!r} in the cell {change.cell!r}", "other text", "mend the story")
    cell.source = cell.source.replace(change.old, change.new) if change.old else change.new
