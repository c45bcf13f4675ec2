"""The entries below a folder that a stranger made: however deep, however many, no link followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

DEEPEST = 64  # folders in one another: nobody hands in more, and Python's own walk calls itself for each


def below(folder: Path) -> Iterator[tuple[str, os.DirEntry[str], int]]:
    """Each entry below a folder with its path from there and its depth, as far down as `DEEPEST` and one more."""
    open_ones = [("", str(folder), 1)]
    while open_ones:
        prefix, path, depth = open_ones.pop()
        try:
            with os.scandir(path) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue  # it is gone, or not ours to read
        for entry in found:
            yield f"{prefix}{entry.name}", entry, depth
            if entry.is_dir(follow_symlinks=False) and depth <= DEEPEST:
                open_ones.append((f"{prefix}{entry.name}/", entry.path, depth + 1))
