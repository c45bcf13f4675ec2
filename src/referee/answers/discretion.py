"""What the words of a hidden check may repeat of an error that the student's code raised while the check asked.

Whoever reads such words may be the one who wrote the code, and want the input: `raise ValueError(x)`.
They keep the error's type, and a message that holds no more numbers than an honest one about shapes does.
"""

from __future__ import annotations

import re

from referee.errors import AnswerError

_MOST_DIGITS = 36  # in a message: a few shapes, or two sizes in bytes and a shape
_LIMIT = re.compile(
    r"(?:limit of|longer than) \d{1,3}(?:,?\d{3}){0,3}(?:\.\d{1,2})? "
)  # the harness's own words about a limit
_SIZES = r"(?:\d{1,10}|None|-1)"
_SHAPE = re.compile(rf"[(\[]{_SIZES}(?:, ?{_SIZES}){{0,5}},?[)\]]|(?<!\d)\d{{1,6}} ?x ?\d{{1,6}}(?!\d)")
_RICH = re.compile(r"\d{4}|\d\s?\.\s?\d|\.\d|\d[eE][-+]?\d")
_RAISED = re.compile(r"it raised ([A-Za-z_]\w{0,60}): ")
_WITHHELD = "(its message holds numbers and is not shown)"


def hush(error: AnswerError) -> None:
    """Take a message that may hold a hidden input out of an error's words; it stays in its log, which is judged."""
    words = discreet(error.found)
    if words != error.found:
        error.log = error.log or error.found
        error.found = words


def discreet(words: str) -> str:
    """The words of a refusal, without a message that holds numbers other than a few small ones and shapes.

    >>> discreet("it raised ValueError: shapes (9,7) (2,3) do not fit")
    'it raised ValueError: shapes (9,7) (2,3) do not fit'
    >>> discreet("it raised ValueError: 0.345584")
    'it raised ValueError (its message holds numbers and is not shown)'
    """
    if _harmless(words):
        return words
    raised = _RAISED.match(words)
    if raised is None and not words.startswith("it raised "):
        return f"there is no usable answer {_WITHHELD}"
    kind = raised[1] if raised is not None and _harmless(raised[1]) else "an error"
    return f"it raised {kind} {_WITHHELD}"


def _harmless(words: str) -> bool:
    own = _LIMIT.sub(" ", words, count=1)
    numeric = [character for character in own if character.isnumeric()]
    plain = all(character.isascii() for character in numeric)  # ², ٣ and 三 count too
    return plain and len(numeric) <= _MOST_DIGITS and _RICH.search(_SHAPE.sub(" ", own)) is None
