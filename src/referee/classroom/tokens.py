r"""Python code to fingerprints: what two pieces of code share although names, numbers, comments and layout differ.

Winnowing (Schleimer, Wilkerson & Aiken, Winnowing: Local Algorithms for Document Fingerprinting, SIGMOD 2003): of the
hashes of all runs of `GRAM` tokens, the smallest in each window of `WINDOW`. Whoever shares `GRAM + WINDOW - 1` tokens
in a row with somebody shares a fingerprint. The code is never run, and need not be Python: what is no token of any
other kind is an operator. The standard library's `tokenize` stops where a cell is broken, gives other tokens for a
formatted string from Python 3.12 on, and is four times slower in 3.11.
"""

from __future__ import annotations

import keyword
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

GRAM, WINDOW = 10, 6
_MOST_CHARACTERS = 200_000  # of all cells of a notebook: what comes after is not compared
_TOKEN = re.compile(
    r"""
      (?P<space>  [^\S\n]+ | \\\n | \#[^\n]* )
    | (?P<line>   \n )
    | (?P<string> [A-Za-z]{0,3} (?: \"{3} (?: \\. | (?!\"{3}). )* (?:\"{3})? | '{3} (?: \\. | (?!'{3}). )* (?:'{3})?
                                  | \" (?: \\. | [^\"\\\n] )* \"?          | ' (?: \\. | [^'\\\n] )* '? ) )
    | (?P<number> \.?\d (?: [eE][-+]\d | [\w.] )* )
    | (?P<name>   \w+ )
    | (?P<sign>   \*\*=? | //=? | >>=? | <<=? | [-+*/%&|^@=!<>:]= | -> | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_BASE = 0x9E3779B97F4A7C15  # odd, so that no power of it is 0 modulo 2^64
_KEYWORDS = frozenset(keyword.kwlist)


def fingerprints(cells: Iterable[str]) -> frozenset[int]:
    """The fingerprints of some cells; in whatever order they stand, they are the same."""
    return frozenset[int]().union(*(winnow(_hashes(normalised(source))) for source in _bounded(cells)))


def all_grams(cells: Iterable[str]) -> frozenset[int]:
    """Every hash that a fingerprint of these cells could be, in whatever code they stand."""
    return frozenset[int]().union(*(_hashes(normalised(source)).tolist() for source in _bounded(cells)))


def normalised(source: str) -> list[str]:
    """The tokens of a cell: names are N but for keywords and attributes, numbers 0, strings S; no comments, no layout.

    An attribute, after a dot, is a library's name far more often than a student's own. A string that is a line of its
    own is a comment.

    >>> normalised("total = np.sum(x[1:])  # all of it")
    ['N', '=', 'N', '.', 'sum', '(', 'N', '[', '0', ':', ']', ')']
    """
    made, fresh, alone = list[str](), True, False  # fresh: nothing stands in this line yet; alone: but a string
    for match in _TOKEN.finditer(source):
        kind = match.lastgroup
        if kind == "space":
            continue
        if kind == "line":
            if alone:
                made.pop()
            fresh, alone = True, False
            continue
        made.append(_normal(kind, match[0], made[-1] if made else ""))
        fresh, alone = False, fresh and kind == "string"
    if alone:
        made.pop()
    return made


def _normal(kind: str | None, text: str, before: str) -> str:
    if kind == "name":
        return text if text in _KEYWORDS or before == "." else "N"
    return {"number": "0", "string": "S"}.get(kind or "", text)


def winnow(hashes: NDArray[np.uint64]) -> frozenset[int]:
    """The smallest hash of each window of `WINDOW`; of fewer, the smallest of all."""
    if not len(hashes):
        return frozenset()
    return frozenset(sliding_window_view(hashes, min(WINDOW, len(hashes))).min(axis=1).tolist())


def _bounded(cells: Iterable[str]) -> Iterator[str]:
    """The cells as far as they have a size that people write."""
    left = _MOST_CHARACTERS
    for source in cells:
        if left <= 0:
            return
        yield source[:left]
        left -= len(source)


def _hashes(tokens: Sequence[str]) -> NDArray[np.uint64]:
    """The hash of each run of `GRAM` tokens, the same in every process; of a shorter code one for all of it."""
    values = np.array(list(map(_number, tokens)), dtype=np.uint64)
    if not len(values):
        return values
    size = min(GRAM, len(values))
    powers = np.array([pow(_BASE, place, 1 << 64) for place in range(size)], dtype=np.uint64)
    mixed: NDArray[np.uint64] = sliding_window_view(values, size) @ powers  # modulo 2^64
    return (mixed ^ (mixed >> np.uint64(32))) * np.uint64(_BASE)  # which of them is the smallest depends on every bit


@lru_cache(maxsize=4096)
def _number(token: str) -> int:
    """A token as a number, the same in every process; never 0, which would let a hash forget it."""
    return zlib.crc32(token.encode("utf-8", "replace")) + 1
