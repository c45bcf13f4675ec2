"""The notebook as it ran, as a part of its page: every cell in order, its source and what it put out, made harmless.

A notebook comes from a kernel that ran a stranger's code: any part of it may be of any type and any size.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from markupsafe import Markup, escape

from referee.feedback import images, markup
from referee.feedback.cells import NotebookPart, ShownNotebookCell, ShownOutput
from referee.feedback.text import block, plain

ROOM = 900_000  # bytes of markup of a whole notebook; a page of one has to stay below 2 MB
_LEAST = 500  # with less room nothing is tried any more
_MOST_CELLS = 500
_MOST_OUTPUTS = 30  # of a cell
_LONGEST_TEXT = 20_000  # characters of one output
_MOST_PARSED = 120_000  # characters of a notebook that are parsed; what is beyond is shown as plain text
#: Sequences by which a terminal is told to colour, move or rename: an error's traceback is full of them.
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[@-Z\\-_])")
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/svg+xml")
#: Kinds that are not shown, and named.
_NAMED = {
    *("application/javascript", "application/json", "application/pdf", "application/geo+json"),
    *(
        "application/vnd.jupyter.widget-view+json",
        "application/vnd.plotly.v1+json",
        "application/vnd.bokehjs_exec.v0+json",
    ),
    *("application/vnd.vega.v5+json", "application/vnd.vegalite.v4+json", "application/vnd.vegalite.v5+json"),
    *("audio/mpeg", "audio/wav", "video/mp4", "video/webm", "text/html", *_IMAGES),
}
_NO_ROOM = "not shown: this page has no room for more; the notebook as it ran has it"
_WITHHELD = {"output_type": "withheld"}
Json: TypeAlias = Mapping[str, Any]


def part(executed: object, withheld: Collection[int] = ()) -> NotebookPart:
    """What a page shows of an executed notebook: nbformat 4 as JSON, of which nothing is believed.

    withheld : the places, from 0, of cells whose outputs are not shown.
    """
    cells = [cell for cell in _list(executed, "cells") if isinstance(cell, dict) and not _injected(cell)]
    room = _Room(ROOM)
    quiet = [{**cell, "outputs": [_WITHHELD]} if place in withheld else cell for place, cell in enumerate(cells)]
    shown = tuple(_cell(cell, number, room) for number, cell in enumerate(quiet[:_MOST_CELLS], 1))
    left = len(cells) - len(shown)
    return NotebookPart(
        cells=shown,
        left_out=f"{left} more cells are not shown; the notebook as it ran has them" if left else "",
        answers=_answers(cells),
        numbers=frozenset(cell.number for cell in shown),
    )


class _Room:
    """How many bytes of markup a page still has room for, and how much of a notebook is still parsed for it."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._parsed = 0

    @property
    def used_up(self) -> bool:
        return self._left < _LEAST

    def parses(self, text: str) -> bool:
        """Whether a text may still be parsed; if so, it counts."""
        self._parsed += len(text)
        return self._parsed <= _MOST_PARSED

    def take(self, html: Markup) -> bool:
        """Whether there is room for this; if so, it is taken."""
        size = len(html.encode("utf-8", "replace"))
        if size > self._left:
            return False
        self._left -= size
        return True


def _cell(cell: Json, number: int, room: _Room) -> ShownNotebookCell:
    kind, source = _kind(cell), _text(cell, "source")
    rich = kind != "raw" and room.parses(source)
    if kind == "code":
        html = markup.python(source) if rich else escape(block(source, _LONGEST_TEXT))
    else:
        html = markup.markdown(source) if rich else markup.plain_text(block(source, _LONGEST_TEXT))
    if not room.take(html):
        html = Markup("<em>{}</em>").format(_NO_ROOM)
    grade_id, marks = _grade_id(cell), _nbgrader(cell)
    own = kind == "code" and marks.get("locked") is not True
    return ShownNotebookCell(
        number=number,
        kind=kind,
        grade_id=plain(grade_id, 100),
        own=own,
        source=html,
        outputs=tuple(_outputs(cell, room)),
    )


def _outputs(cell: Json, room: _Room) -> Iterator[ShownOutput]:
    outputs = [each for each in _list(cell, "outputs") if isinstance(each, dict)]
    for output in outputs[:_MOST_OUTPUTS]:
        shown = ShownOutput() if room.used_up else _output(output, room)
        yield shown if not room.used_up and room.take(shown.html) else ShownOutput(omitted=_NO_ROOM)
    if len(outputs) > _MOST_OUTPUTS:
        yield ShownOutput(omitted=f"{len(outputs) - _MOST_OUTPUTS} more outputs are not shown")


def _output(output: Json, room: _Room) -> ShownOutput:
    kind = output.get("output_type")
    if kind == "stream":
        return ShownOutput(_pre(_text(output, "text")), error=output.get("name") == "stderr")
    if kind == "error":
        trace = _text(output, "traceback", "\n") or f"{_text(output, 'ename')}: {_text(output, 'evalue')}"
        return ShownOutput(_pre(trace), error=True)
    if output is _WITHHELD:
        return ShownOutput(omitted="not shown: it repeats what a hidden check gave to your code")
    data = output.get("data")
    return _data(data, room) if isinstance(data, dict) else ShownOutput(omitted="an output that cannot be read")


def _data(data: Json, room: _Room) -> ShownOutput:
    """The richest form of an output that is safe to show."""
    why = ""
    for kind in (kind for kind in _IMAGES if kind in data):
        try:
            url = images.data_url(kind, _text(data, kind))
        except images.UnfitImage as error:
            why = f"not shown: {error}"
        else:
            words = plain(_text(data, "text/plain"), 200) or "an image that this cell put out"
            return ShownOutput(Markup('<img src="{}" alt="{}">').format(url, words))
    if "text/html" in data and room.parses(html := _text(data, "text/html")):
        cleaned = markup.clean(html)
        if cleaned.striptags().strip():
            return ShownOutput(cleaned)
    if "text/markdown" in data and room.parses(_text(data, "text/markdown")):
        return ShownOutput(markup.markdown(_text(data, "text/markdown")))
    for kind in ("text/plain", "text/latex"):
        if kind in data:
            return ShownOutput(_pre(_text(data, kind)), omitted=why)
    return ShownOutput(omitted=why or f"not shown: {_kinds(data)}")


def _kinds(data: Json) -> str:
    """The kinds of an output that is not shown; a name that nobody knows may say anything, so it is not repeated."""
    known = [kind for kind in data if kind in _NAMED]
    others = ["an output of an unknown kind"] if len(known) < len(data) else []
    return ", ".join([*known, *others]) or "an empty output"


def _pre(text: str) -> Markup:
    return markup.plain_text(block(_TERMINAL.sub("", text), _LONGEST_TEXT))


def _answers(cells: Sequence[Json]) -> dict[str, int]:
    """For each check cell the student's own cell above it: the last one with an answer, or any that is not locked."""
    found, answer, own = dict[str, int](), 0, 0
    for number, cell in enumerate(cells, 1):
        marks = _nbgrader(cell)
        if marks.get("grade") is True and marks.get("solution") is not True:
            found[_grade_id(cell)] = answer or own or number
        elif marks.get("solution") is True:
            answer = found[_grade_id(cell)] = number
        elif _kind(cell) == "code" and marks.get("locked") is not True:
            own = number
    return found


def _injected(cell: Json) -> bool:
    tags = cell["metadata"].get("tags") if isinstance(cell.get("metadata"), dict) else None
    return isinstance(tags, list) and "injected-parameters" in tags


def _nbgrader(cell: Json) -> Json:
    found = cell["metadata"].get("nbgrader") if isinstance(cell.get("metadata"), dict) else None
    return found if isinstance(found, dict) else {}


def _grade_id(cell: Json) -> str:
    return str(_nbgrader(cell).get("grade_id", ""))[:200]


def _kind(cell: Json) -> Literal["code", "markdown", "raw"]:
    kind = cell.get("cell_type")
    return "code" if kind == "code" else "markdown" if kind == "markdown" else "raw"


def _list(value: object, name: str) -> list[Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _text(value: Json, name: str, between: str = "") -> str:
    """A text, or the lines of one; empty for anything else."""
    found = value.get(name)
    if isinstance(found, list):
        return between.join(line for line in found if isinstance(line, str))
    return found if isinstance(found, str) else ""
