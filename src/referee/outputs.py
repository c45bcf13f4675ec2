"""What a cell puts out, as a hostile kernel may send it: its texts, its size, its errors within bounds."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode

_DEPTH = 50
_IN_CELL = re.compile(r"\(\d{1,12}\.py, line")  # IPython's name for a cell, which nobody knows
_MOST_OUTPUTS = 30  # this and the next two are at least what a page shows: see `feedback.notebook`
_END = 20_000  # characters at either end of a text
_LONGEST_HTML = 400_000  # characters of what is drawn or has tags
_TAG = re.compile(r"<[^<>]{0,1000}>")
_ACTS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[@-Z\\-_])")
_MARKED = dict.fromkeys(map(ord, "*_`~\\"))  # what Markdown sets words apart with
_PIXELS = ("image/png", "image/jpeg", "image/gif")
TRACEBACK = 4000  # characters of a traceback that are kept
_LINES = 50  # of one
_WHOLE = (5_000, 1_000_000)  # lines, and characters of each, where an error is kept as a whole


def explain(name: str, value: str) -> str:
    """The name and the message of an error, in words for the student."""
    if name == "StdinNotImplementedError":
        return "it waits for input(); a graded notebook runs without a person, so give the value in the code"
    if name == "RecursionError":
        return f"it calls itself without end: {value}"
    return f"{name}: {_IN_CELL.sub(r'(line', value)}" if value else name


def text_of(output: NotebookNode, field: str) -> str:
    """A text field of an output, or a list of lines; empty for what a hostile kernel may have sent instead.

    Half surrogate pairs, which no file can hold, become question marks.
    """
    value = output.get(field, "")
    lines = value if isinstance(value, list) else [value]
    return "\n".join(line for line in lines if isinstance(line, str)).encode("utf-8", "replace").decode("utf-8")


def texts(cell: NotebookNode) -> tuple[str, ...]:
    """All that a page may show of a cell's outputs, joined: as it came, and without its tags where there are some.

    Of what is long only that is looked at which a page shows: the first outputs, and the head and the tail of a text.
    """
    shown = [text for output in cell.get("outputs", [])[:_MOST_OUTPUTS] for text in _texts(output)]
    raw = "\n".join(map(_ends, shown))
    if "<" not in raw and "&" not in raw:
        return (raw,)
    whole = "\n".join(text[:_LONGEST_HTML] for text in shown)
    return (whole, *(html.unescape(_TAG.sub(between, whole)) for between in ("", " ")))


def _texts(output: NotebookNode) -> Iterator[str]:
    fields = ("text", "ename", "evalue", "traceback")
    data = output.get("data")
    values = {kind: text_of(data, kind) or _json(data[kind]) for kind in data} if isinstance(data, dict) else {}
    for kind, text in [(name, text_of(output, name)) for name in fields if name in output] + list(values.items()):
        if not str(kind).startswith(_PIXELS):
            yield _plain(text)
        if kind == "text/markdown":
            yield _plain(text).translate(_MARKED)


def _json(value: Any) -> str:
    """The text of JSON that is no text; empty for what is none."""
    try:
        return "" if isinstance(value, str | list) and not value else json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return ""


def _plain(text: str) -> str:
    """A text as it is seen: without what colours a terminal, without characters of no width, with usual digits."""
    text = _ACTS.sub("", text)
    if text.isascii():
        return text
    seen = (each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    return "".join(str(unicodedata.decimal(each, each)) for each in seen).replace("\u2212", "-")


def _ends(text: str) -> str:
    return text if len(text) <= 2 * _END else f"{text[:_END]}\n{text[-_END:]}"


def bounded_error(content: dict[str, Any], *, whole: bool = False) -> dict[str, Any]:
    """The content of an error output, short enough to keep: a message of megabytes tells no more than its start.

    whole : for whoever shortens it by rules of their own: only what no honest error has is cut.
    """
    count, most = _WHOLE if whole else (_LINES, TRACEBACK)
    lines = content.get("traceback", [])
    kept = [line[-most:] for line in lines[-count:] if isinstance(line, str)] if isinstance(lines, list) else []
    texts = {key: str(content.get(key, ""))[:most] for key in ("ename", "evalue")}
    return {**texts, "traceback": kept}


def size(content: Any) -> int:
    """About how many bytes an output takes: its text, its data, its metadata.

    Raises
    ------
    ValueError : it is nested deeper than any honest output, and than what can be written to a file.
    """
    total, level = 0, [content]
    for _ in range(_DEPTH):
        level, above = [], level
        for value in above:
            if isinstance(value, dict):
                total += sum(len(str(key)) for key in value)
                level += value.values()
            elif isinstance(value, list):
                level += value
            else:
                total += len(value) if isinstance(value, str) else 8
        if not level:
            return total
    raise ValueError(f"an output that is nested deeper than {_DEPTH} levels")


def counted(content: dict[str, Any]) -> dict[str, Any]:
    """The content of a message with an execution count that is one, or without."""
    count = content.get("execution_count")
    if "execution_count" not in content or (type(count) is int and 0 <= count < 2**31):
        return content
    return {key: value for key, value in content.items() if key != "execution_count"}
