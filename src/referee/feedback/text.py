"""Text from anywhere made safe to show: bounded, and without a character that acts rather than shows."""

from __future__ import annotations

import unicodedata

LINE_LIMIT = 600
BLOCK_LIMIT = 20_000
_JOINERS = "\u200c\u200d"  # Persian, Hindi and emoji are spelled with these, and they move nothing


def plain(text: str, limit: int = LINE_LIMIT) -> str:
    r"""One bounded line of text in which every character that acts rather than shows is spelled out.

    >>> plain("red: \x1b[31m\nback: \u202e")
    'red: \\x1b[31m back: \\u202e'
    """
    return "".join(map(_spell, " ".join(_cut(text, limit).split())))


def block(text: str, limit: int = BLOCK_LIMIT) -> str:
    """A bounded text of several lines, neutralised like `plain`; a carriage return ends a line."""
    lines = _cut(text, limit).replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).strip("\n").split("\n")
    return "\n".join("".join(map(_spell, line)) for line in lines)


def amount(points: float) -> str:
    """Points as people write them.

    >>> amount(2.0), amount(4 / 3)
    ('2', '1.33')
    """
    return f"{points:.2f}".rstrip("0").rstrip(".")


def counted(points: float, noun: str = "point") -> str:
    """An amount with its noun.

    >>> counted(1), counted(0.5)
    ('1 point', '0.5 points')
    """
    return f"{amount(points)} {noun}" if amount(points) == "1" else f"{amount(points)} {noun}s"


def _cut(text: str, limit: int) -> str:
    """The text within a limit; of a longer one its head and its tail, for the last line of a traceback counts most."""
    if len(text) <= limit:
        return text
    tail = limit // 3
    return f"{text[: limit - tail]} … {len(text) - limit} characters left out … {text[-tail:]}"


def _spell(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    return character.encode("unicode_escape").decode("ascii")
