"""Where the cells of a notebook stand in its own file, for programs that point at lines of it."""

from __future__ import annotations

import json
import re
from typing import Any

from referee.report import Record

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]:,]|[^\s"{}\[\]:,]++', re.DOTALL)


_MOST_TOKENS = 2_000_000  # about two seconds


class Place(Record, frozen=True):
    """A notebook's file: its path, and the line of each cell's source, by the cell's index and by its grade_id.

    Lines count from 1. A cell that cannot be found has none.
    """

    path: str
    lines: dict[int, int] = {}
    names: dict[str, int] = {}

    def of(self, cell: int | str) -> int | None:
        """The line of a cell, by its index or its grade_id."""
        return self.lines.get(cell) if isinstance(cell, int) else self.names.get(cell)


def place(path: str, content: bytes) -> Place:
    """Find the cells in the text of a notebook; of a file that is no notebook, only the path is known."""
    try:
        text = content.decode("utf-8")
        cells = json.loads(text)["cells"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return Place(path=path)
    lines = source_lines(text)
    known = cells if isinstance(cells, list) else []
    names = {name: lines[at] for at, cell in enumerate(known) if (name := _name(cell)) and at in lines}
    return Place(path=path, lines=lines, names=names)


def source_lines(text: str) -> dict[int, int]:
    r"""The line on which the source of each cell begins, by index, in the text of a notebook that is JSON.

    Of a list of lines it is the first of these. What repeats a key means its last value, as in Python's `json`. A text
    with more tokens than any honest notebook has gives none.

    >>> source_lines('{"cells": [\n{"source": "a"},\n{"source": [\n"b"]}]}')
    {0: 2, 1: 4}
    """
    found, walk = dict[int, int](), _Walk()
    at, line = 0, 1
    for count, token in enumerate(_TOKEN.finditer(text)):
        if count > _MOST_TOKENS:
            return {}
        line += text.count("\n", at, token.start())
        at = token.start()
        cell = walk.step(token[0])
        if walk.anew:
            found = {}
        if cell is not None:
            found[cell] = line
    return found


class _Walk:
    """Walks over the tokens of a JSON text, and knows at each whether the source of a cell begins there."""

    def __init__(self) -> None:
        self._open: list[str] = []  # the brackets around this token
        self._keys: list[Any] = []  # and in each the key of the value, or its index
        self._key = True  # a string is the key of an object, not a value
        self._awaits = False  # the source is a list whose first line has not come yet
        self.anew = False  # the list of cells begins: what an earlier one held does not count

    def step(self, piece: str) -> int | None:
        """Take in a token; the index of the cell whose source begins with it, else None."""
        self.anew = False
        if piece in "}]":
            self._open.pop()
            self._keys.pop()
            self._awaits = False
        elif piece == ",":
            self._next()
        elif piece == ":":
            self._key = False
        elif self._open and self._open[-1] == "{" and self._key:
            self._keys[-1] = _string(piece)
        else:
            return self._value(piece)
        return None

    def _next(self) -> None:
        self._key = True
        if self._open and self._open[-1] == "[":
            self._keys[-1] += 1

    def _value(self, piece: str) -> int | None:
        here = self._keys if len(self._keys) <= 3 else []
        self.anew = here == ["cells"]
        source = len(here) == 3 and here[0] == "cells" and isinstance(here[1], int) and here[2] == "source"
        first, cell = self._awaits, self._keys[1] if len(self._keys) > 1 else None
        self._awaits = source and piece == "["
        if piece in "{[":  # `here` is the same list, and has been read
            self._open.append(piece)
            self._keys.append(0 if piece == "[" else None)
            self._key = True
        return cell if source or first else None


def _string(token: str) -> Any:
    try:
        return json.loads(token, strict=False)
    except ValueError:
        return None


def _name(cell: Any) -> str:
    """The grade_id of a cell; empty where it says none."""
    for key in ("metadata", "nbgrader", "grade_id"):
        cell = cell.get(key) if isinstance(cell, dict) else None
    return cell if isinstance(cell, str) else ""
