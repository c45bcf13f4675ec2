"""Text from anywhere made harmless in GitHub's Markdown: it shows as it is, and is nothing but text."""

from __future__ import annotations

from referee.feedback.text import plain

_SAFE = frozenset(" ,;?'’…–·‹›")
_MENTIONS = "@#"  # GitHub looks for people and issues in the rendered text, where an entity is a sign again
_NOTHING = "&#8203;"


def inline(text: str, limit: int = 300) -> str:
    """One line for a paragraph or a cell of a table, without markup, links, HTML, mentions or references.

    >>> inline("a|b *c*")
    'a&#124;b &#42;c&#42;'
    """
    return "".join(map(_spelled, plain(text, limit)))


def _spelled(sign: str) -> str:
    if sign in _SAFE or sign.isalnum():
        return sign
    return f"&#{ord(sign)};" + (_NOTHING if sign in _MENTIONS else "")
