"""What a cell puts out, as a hostile kernel may send it: its texts, its size, its errors within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode

_DEPTH = 50
_IN_CELL = re.compile(r"\(\d{1,12}\.py, line")  # IPython's name for a cell, which nobody knows
TRACEBACK = 4000  # characters of a traceback that are kept


def explain(name: str, value: str) -> str:
    """The name and the message of an error, in words for the student."""
    if name == "StdinNotImplementedError":
        return "it waits for input(); a graded notebook runs without a person, so give the value in the code"
    if name == "RecursionError":
        return f"it calls itself without end: {value}"
    return f"{name}: {_IN_CELL.sub(r'(line', value)}"


def text_of(output: NotebookNode, field: str) -> str:
    """A text field of an output, or a list of lines; empty for what a hostile kernel may have sent instead.

    Half surrogate pairs, which no file can hold, become question marks.
    """
    value = output.get(field, "")
    lines = value if isinstance(value, list) else [value]
    return "\n".join(line for line in lines if isinstance(line, str)).encode("utf-8", "replace").decode("utf-8")


def texts(cell: NotebookNode) -> Iterator[str]:
    """The texts that a cell put out, in whatever form."""
    for output in cell.get("outputs", []):
        yield from (text_of(output, field) for field in ("text", "evalue", "traceback") if field in output)
        data = output.get("data")
        if isinstance(data, dict):
            yield from (text_of(data, kind) for kind in data if str(kind).startswith("text/"))


def bounded_error(content: dict[str, Any]) -> dict[str, Any]:
    """The content of an error output, short enough to keep: a message of megabytes tells no more than its start."""
    lines = content.get("traceback", [])
    kept = [line[-TRACEBACK:] for line in lines[-50:] if isinstance(line, str)] if isinstance(lines, list) else []
    texts = {key: str(content.get(key, ""))[:TRACEBACK] for key in ("ename", "evalue")}
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
