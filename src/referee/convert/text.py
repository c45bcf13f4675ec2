"""A piece of Python with some places written anew; all else, comments included, stays as its author wrote it."""

from __future__ import annotations

import ast
import io
import tokenize

_NO_SPACE = " \t\r\n\\"


class Text:
    """A source with replacements by place. A replacement within a larger one is not used."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = source.split("\n")
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._edits: dict[tuple[int, int], str] = {}

    @property
    def changed(self) -> bool:
        """Whether anything was replaced."""
        return bool(self._edits)

    def place(self, line: int, column: int) -> int:
        """The index of a place, which `ast` gives as a line from 1 and bytes of UTF-8."""
        return self._starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        """Where a node stands."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.place(node.lineno, node.col_offset), self.place(node.end_lineno, node.end_col_offset)

    def replace(self, start: int, end: int, text: str) -> None:
        """Write `text` in place of what stands there."""
        self._edits[start, end] = text

    def replace_node(self, node: ast.stmt | ast.expr, text: str) -> None:
        """Write `text` in place of a node."""
        self.replace(*self.span(node), text)

    def of(self, node: ast.stmt | ast.expr) -> str:
        """The text of a node, with what was replaced in it."""
        return self.between(*self.span(node))

    def between(self, start: int, end: int) -> str:
        """The text between two places, with what was replaced there."""
        edits = sorted(
            (span for span in self._edits if start <= span[0] and span[1] <= end),
            key=lambda span: (span[0], -span[1]),
        )
        parts, at = [], start
        for begin, stop in edits:
            if begin >= at:
                parts += [self.source[at:begin], self._edits[begin, stop]]
                at = stop
        return "".join([*parts, self.source[at:end]])

    def opening(self, called: ast.expr) -> int | None:
        """The index behind the parenthesis with which the arguments of a call begin; None where that is hidden."""
        at = self.span(called)[1]
        while at < len(self.source) and self.source[at] in _NO_SPACE:
            at += 1
        return at + 1 if self.source[at : at + 1] == "(" else None


def commented(text: str) -> str:
    """The text as comments."""
    return "\n".join(f"# {line}".rstrip() for line in text.split("\n"))


def indented(text: str, by: str = "    ") -> str:
    """The text moved to the right, but for what stands within its strings of several lines."""
    inside = _inside_strings(text)
    lines = text.split("\n")
    return "\n".join(
        line if number in inside or not line.strip() else by + line for number, line in enumerate(lines, 1)
    )


def _inside_strings(text: str) -> set[int]:
    """The numbers of the lines that begin within a string."""
    inside: set[int] = set()
    opened: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text + "\n").readline):
            name = tokenize.tok_name[token.type]
            if name == "STRING":
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
            elif name in ("FSTRING_START", "TSTRING_START"):
                opened.append(token.start[0])
            elif name in ("FSTRING_END", "TSTRING_END"):
                inside.update(range(opened.pop() + 1, token.end[0] + 1))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return inside
    return inside
