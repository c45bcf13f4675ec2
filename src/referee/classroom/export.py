"""The students' code as other programs read it that compare programs: JPlag and Dolos.

JPlag: a folder for each student with a .py file for each notebook, and a folder of the exercise as base code.
Dolos: a .py file for each student, the exercise as the file to ignore, and info.csv with the columns that Dolos reads.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from referee.feedback.text import plain
from referee.report import Record

Kind: TypeAlias = Literal["jplag", "dolos"]
#: notebook -> the sources of its code cells
Sources: TypeAlias = Mapping[str, Sequence[str]]
_LONGEST = 80  # of a file's name
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")  # no names of files on Windows
_MAGIC = re.compile(r"(?m)^(\s*)([%!?])")


class Handed(Record, frozen=True):
    """What a student handed in: the code cells by notebook, and when, as ISO 8601; empty where that is not known."""

    student: str
    sources: dict[str, tuple[str, ...]]
    when: str = ""


def jplag(handed: Sequence[Handed], base: Sources) -> dict[str, str]:
    """The files by path: submissions/<student>/<notebook>.py and base/<notebook>.py."""
    books = file_names([*base, *(name for each in handed for name in each.sources)])
    folders = file_names(each.student for each in handed)
    files = {f"base/{books[name]}.py": code(cells) for name, cells in base.items()}
    for each in handed:
        for name, cells in each.sources.items():
            files[f"submissions/{folders[each.student]}/{books[name]}.py"] = code(cells)
    return files


def dolos(assignment: str, handed: Sequence[Handed], base: Sources) -> dict[str, str]:
    """The files by path: submissions/<student>.py, exercise.py, and info.csv, which names the latter as given."""
    names = file_names(each.student for each in handed)
    files = {"exercise.py": _whole(base)}
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["filename", "full_name", "id", "label", "created_at", "ignored"])
    rows.writerow(["exercise.py", "the exercise", "exercise", plain(assignment), "", "true"])
    for each in handed:
        path = f"submissions/{names[each.student]}.py"
        files[path] = _whole(each.sources)
        rows.writerow([path, plain(each.student), names[each.student], plain(assignment), each.when, ""])
    return {**files, "info.csv": table.getvalue()}


def next_command(kind: Kind, folder: str) -> str:
    """What compares the exported files."""
    if kind == "jplag":
        return f"java -jar jplag.jar -l python3 -bc {folder}/base {folder}/submissions"
    return f"dolos run -f web -l python {folder}/info.csv"


def code(cells: Iterable[str]) -> str:
    """Code cells as one file; lines for IPython alone become comments."""
    text = "\n\n".join(_MAGIC.sub(r"\1# \2", cell) for cell in cells)
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8") + "\n"


def file_names(names: Iterable[str]) -> dict[str, str]:
    """A name for each that every system takes as a file's, different from all others even where case does not count.

    >>> file_names(["ada", "Ada", "../x y", "nul"])
    {'../x y': 'x_y', 'Ada': 'Ada', 'ada': 'ada-2', 'nul': '_nul'}
    """
    made: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(set(names)):
        safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name)[:_LONGEST].strip("._") or "_"
        safe = f"_{safe}" if _RESERVED.match(safe) else safe
        free, number = safe, 2
        while free.casefold() in taken:
            free, number = f"{safe}-{number}", number + 1
        taken.add(free.casefold())
        made[name] = free
    return made


def _whole(sources: Sources) -> str:
    """All notebooks of a student as one file, in which a comment says where each begins."""
    return "\n".join(f"# {plain(name, _LONGEST)}\n{code(cells)}" for name, cells in sorted(sources.items()))
