"""Numbers and how they are shown: medians with quartiles, aligned columns, options that explain themselves."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from referee.errors import UsageError

NOTHING = "-"


def summary(samples: Sequence[float]) -> dict[str, Any] | None:
    """The median and the quartiles of some samples, and the samples; None where there are none."""
    if not samples:
        return None
    if len(samples) == 1:
        first = middle = third = samples[0]
    else:
        first, middle, third = statistics.quantiles(samples, n=4, method="inclusive")
    return {"median": middle, "q1": first, "q3": third, "samples": list(samples)}


def shown(number: dict[str, Any] | None, form: str = ".3f", scale: float = 1) -> str:
    """A summary as text: `0.215 (0.210-0.231)`."""
    if number is None:
        return NOTHING
    middle, first, third = (f"{number[key] * scale:{form}}" for key in ("median", "q1", "q3"))
    return f"{middle} ({first} to {third})" if first.startswith("-") else f"{middle} ({first}-{third})"


def aligned(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Rows as lines with columns of the same width: the first `left` columns to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        parts = (
            text.ljust(width) if place < left else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(parts).rstrip())
    return lines


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints say what was wanted, what was found, and what to do next."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"options that {self.prog} has", message, f"{self.prog} --help")


def one_of(known: Iterable[str]) -> Callable[[str], tuple[str, ...]]:
    """The type of an option that takes some of the known words, with commas between them; in the order of `known`."""
    names = tuple(known)

    def parse(text: str) -> tuple[str, ...]:
        asked = [word.strip() for word in text.split(",") if word.strip()]
        if not asked or (wrong := [word for word in asked if word not in names]):
            found = repr(text) if not asked else ", ".join(map(repr, wrong))
            raise argparse.ArgumentTypeError(f"wanted some of {','.join(names)}, found {found}")
        return tuple(name for name in names if name in asked)

    return parse


def count(text: str) -> int:
    """The type of an option that takes a whole number from 1 on."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"wanted a whole number from 1 on, found {text!r}")
    return int(text)
