"""Two copies of a course that were graded in two ways: every difference between them, as data.

What is not compared, because it differs between two runs of nbgrader's itself, `plain` says.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.nbcourse import book

_NO_SPACE = r"[^\s<>\"'\\]{0,200}"
_ALTERS = (  # what differs between two runs of one program: addresses, process numbers, names by chance, places
    ("0x", re.compile(r"0x[0-9a-fA-F]{6,}"), "0x-address"),
    ("/site-packages/", re.compile(f"/{_NO_SPACE}/site-packages/"), "/site-packages/"),  # by one of its names
    ("/ipykernel_", re.compile(rf"/{_NO_SPACE}/ipykernel_\d+/\d+\.py"), "/tmp/ipykernel/cell.py"),
    ("cell-id=", re.compile(r"cell-id=[0-9a-f]{8}\b"), "cell-id=by-chance"),
    ("-", re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "a-uuid"),
)
_PIECE = r'output_stream output_{} output_text">\s*<pre>'
_BETWEEN = (
    r'</pre>\s*</div>\s*</div>\s*<div class="output_area">\s*<div class="prompt"></div>\s*<div class="output_subarea '
)
_SPLITS = tuple(  # one stream in two outputs: a kernel sends what it has each 0.2 s, whatever has been printed by then
    re.compile(f"({piece}[^<]*){_BETWEEN}{piece}") for piece in map(_PIECE.format, ("stdout", "stderr"))
)
_RANDOM_ID = re.compile(r"[0-9a-f]{8}")  # what nbformat gives to a cell without an id


@dataclass(frozen=True, order=True)
class Difference:
    """One difference. place : where, as words with / between them.   theirs : by nbgrader.   ours : by Referee."""

    place: str
    theirs: str
    ours: str

    def __str__(self) -> str:
        return f"{self.place}\n    nbgrader: {self.theirs}\n    referee:  {self.ours}"


@dataclass(frozen=True)
class Copy:
    """A graded copy of a course. autograded, feedback : the names of these folders.   database : of the gradebook."""

    root: Path
    autograded: str = "autograded"
    feedback: str = "feedback"
    database: str = "gradebook.db"

    def submissions(self) -> set[tuple[str, ...]]:
        """Whatever was handed in and could be looked at: assignment and student."""
        return {names[1:3] for names in book.rows(self.root / self.database) if names[0] == "submission"}

    def plain(self, words: str) -> str:
        """Words without what differs between two runs, and without the place where a notebook ran."""
        words = words.replace(str(self.root), "COURSE").replace("/scratch/work/", "HERE/")
        places = re.compile(rf"(COURSE|/{_NO_SPACE})/{self.autograded}/[^/\n]+/[^/\n]+/")
        for sign, pattern, instead in ((f"/{self.autograded}/", places, "HERE/"), *_ALTERS):
            if sign in words:  # pages are long, and slow to search
                words = pattern.sub(instead, words)
        for split in _SPLITS if "output_stream" in words else ():
            while (joined := split.sub(r"\1", words)) != words:
                words = joined
        return words


def books(theirs: Copy, ours: Copy, without: Iterable[str] = ()) -> list[Difference]:
    """The two gradebooks, row by row and column by column. without : students who are left out of both."""
    one, other = (book.rows(copy.root / copy.database, without) for copy in (theirs, ours))
    found = []
    for names in sorted(one.keys() | other.keys()):
        place = "/".join(("gradebook", *names))
        if names not in one or names not in other:
            found.append(Difference(place, *("a row" if names in rows else "no row" for rows in (one, other))))
            continue
        found += _values(place, one[names], other[names])
    return found


def trees(theirs: Copy, ours: Copy, folder: str) -> list[Difference]:
    """A folder of both copies: which files there are, their permissions, and what stands in them."""
    one, other = (_files(copy.root / folder) for copy in (theirs, ours))
    found = []
    for name in sorted(one.keys() | other.keys()):
        place = f"{folder}/{name}"
        if name not in one or name not in other:
            found.append(Difference(place, *("there" if name in files else "not there" for files in (one, other))))
            continue
        modes = [oct(stat.S_IMODE(files[name].stat().st_mode)) for files in (one, other)]
        if modes[0] != modes[1]:
            found.append(Difference(f"{place}/permissions", *modes))
        if one[name].is_file() and other[name].is_file():
            found += _contents(place, (theirs, one[name]), (ours, other[name]))
    return found


def _files(folder: Path) -> dict[str, Path]:
    return {str(path.relative_to(folder)): path for path in folder.rglob("*")} if folder.is_dir() else {}


def _contents(place: str, theirs: tuple[Copy, Path], ours: tuple[Copy, Path]) -> Iterator[Difference]:
    if place.endswith(".ipynb"):
        yield from notebooks(place, theirs, ours)
        return
    texts = [copy.plain(path.read_bytes().decode("utf-8", "backslashreplace")) for copy, path in (theirs, ours)]
    if texts[0] != texts[1]:
        yield from _lines(place, *texts)


def _lines(place: str, theirs: str, ours: str) -> Iterator[Difference]:
    one, other = theirs.splitlines(), ours.splitlines()
    for number in range(max(len(one), len(other))):
        pair = [lines[number] if number < len(lines) else "no such line" for lines in (one, other)]
        if pair[0] != pair[1]:
            yield Difference(f"{place}/line {number + 1} and what follows", *(_short(each) for each in pair))
            return


def notebooks(place: str, theirs: tuple[Copy, Path], ours: tuple[Copy, Path]) -> Iterator[Difference]:
    """Two notebooks: their metadata, and their cells in every respect."""
    one, other = (_notebook(copy, path) for copy, path in (theirs, ours))
    yield from _values(place, *({key: made[key] for key in made if key != "cells"} for made in (one, other)))
    cells = [made["cells"] for made in (one, other)]
    if len(cells[0]) != len(cells[1]):
        yield Difference(f"{place}/number of cells", *(str(len(each)) for each in cells))
    for number, pair in enumerate(zip(*cells, strict=False)):
        name = pair[0].get("metadata", {}).get("nbgrader", {}).get("grade_id", "") or pair[0].get("id", "")
        yield from _values(f"{place}/cell {number} {name}", *pair)


def _notebook(copy: Copy, path: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(copy.plain(path.read_text(encoding="utf-8")))
    for cell in made["cells"]:
        cell["metadata"].pop("execution", None)  # when it ran
        if _RANDOM_ID.fullmatch(cell.get("id", "")):
            cell["id"] = "by chance"
        cell["outputs"] = _joined(cell["outputs"]) if "outputs" in cell else []
    return made


def _joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The outputs of a cell, with pieces of one stream as one; see `_SPLITS`."""
    made: list[dict[str, Any]] = []
    for output in outputs:
        last = made[-1] if made else {}
        if output["output_type"] == "stream" == last.get("output_type") and output["name"] == last["name"]:
            last["text"] = [*_lines_of(last["text"]), *_lines_of(output["text"])]
        else:
            made.append(dict(output))
    for output in made:
        if output["output_type"] == "stream":
            output["text"] = "".join(_lines_of(output["text"]))
    return made


def _lines_of(text: str | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else text


def _values(place: str, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[Difference]:
    for key in sorted(theirs.keys() | ours.keys()):
        if key not in theirs or key not in ours:
            yield Difference(f"{place}/{key}", *(_short(each.get(key, "nothing")) for each in (theirs, ours)))
        elif theirs[key] != ours[key]:
            yield Difference(f"{place}/{key}", _short(theirs[key]), _short(ours[key]))


def _short(value: Any) -> str:
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return words if len(words) < 1500 else f"{words[:1500]} ..."


def unexplained(found: list[Difference], known: Mapping[str, str]) -> list[Difference]:
    """The differences that none of the known ones covers. known : pattern of a place (all of it) -> the reason."""
    patterns = [re.compile(pattern) for pattern in known]
    return [each for each in found if not any(pattern.fullmatch(each.place) for pattern in patterns)]


def unused(found: list[Difference], known: Mapping[str, str]) -> list[str]:
    """The known differences that were not met: patterns that stand there for nothing."""
    return [pattern for pattern in known if not any(re.fullmatch(pattern, each.place) for each in found)]
