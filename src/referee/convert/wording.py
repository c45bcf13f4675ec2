"""How a claim is written down: calls laid out on lines, and what is compared in the student's words."""

from __future__ import annotations

from referee.convert.scope import Roots

_LINE = 110


def what_of(roots: Roots, *, hidden: bool) -> str:
    """What is compared, in the student's words: the name that is asked, of several the outermost question's."""
    root = max(roots, key=lambda each: (each.called, len(each.text), each.text))
    return root.words(hidden=hidden)


def hinted(hint: str | None) -> list[str]:
    """The argument for a hint, where there is one."""
    return [f"hint={hint}"] if hint else []


def laid_out(name: str, parts: list[str], column: int = 0) -> str:
    """A call on one line, or with a line for each argument where that is too long; it begins at `column`."""
    line = f"{name}({', '.join(parts)})"
    if column + len(line) <= _LINE and "\n" not in line:
        return line
    margin = " " * column
    return f"{name}(\n" + "".join(f"{margin}    {part},\n" for part in parts) + f"{margin})"
