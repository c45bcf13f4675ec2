"""Names from outside made into names of ours: no path of a source is ever a path here.

A student's folder and a notebook's file get names that are made here, of letters, digits and a few signs; so what a
source calls its files cannot lead anywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import category, normalize

LONGEST = 128  # bytes; what nbgrader's databases hold
SUFFIX = ".ipynb"
_LONGEST_PATH = 1000
_SIGNS = " -_.'"
_PACKED = (".zip", ".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz")


def fold(name: str) -> str:
    """What two names share that a file system may hold for one: macOS knows no case and no normal form."""
    return normalize("NFC", normalize("NFD", name).casefold())


def tidy(text: str) -> str:
    r"""A text without what a name may not hold: no separator, no sign that acts, no dot or dash in front.

    >>> tidy("../Zo\u0065\u0308 \u202eO'Neill/")
    "Zoë O'Neill"
    """
    spaced = normalize("NFC", " ".join(text.split()))
    kept = "".join(each for each in spaced if each in _SIGNS or category(each)[0] in "LM" or category(each) == "Nd")
    return normalize("NFC", " ".join(kept.split())).lstrip(".- ").rstrip(". ")


def student_id(name: str, number: str = "") -> str:
    """A student's name and the LMS's number, in at most 128 bytes: the name is cut, the number never.

    >>> student_id("Doe, Jane", "12")
    'Doe Jane_12'
    """
    end = f"_{number}" if number else ""
    return _cut(tidy(name), LONGEST - len(end.encode())) + end


def target_name(file: str, notebooks: Sequence[str], numbered: bool) -> tuple[str, int]:
    """The name under which a notebook is filed, and the N of `<notebook>-N.ipynb` where `numbered` names are attempts.

    >>> target_name("intro-2.ipynb", ["intro"], True), target_name("final (1).ipynb", ["intro"], True)
    (('intro.ipynb', 2), ('final 1.ipynb', 0))
    """
    stem = file[: -len(SUFFIX)]
    known = {fold(name): name for name in notebooks} | {name: name for name in notebooks}
    if name := known.get(stem, known.get(fold(stem))):
        return name + SUFFIX, 0
    parts = re.fullmatch(r"(.+)-([0-9]{1,4})", stem) if numbered else None
    if parts and (name := known.get(parts[1], known.get(fold(parts[1])))):
        return name + SUFFIX, int(parts[2])
    return (_cut(tidy(stem), LONGEST - len(SUFFIX)) or "notebook") + SUFFIX, 0


def _cut(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore").rstrip(". ")


def strange(path: str) -> str:
    """Why nothing is taken under a path; empty where it is a plain relative one."""
    if not path:
        return "it has no name"
    if len(path.encode("utf-8", "surrogatepass")) > _LONGEST_PATH:
        return f"its name is longer than {_LONGEST_PATH} bytes"
    if any(category(each) in ("Cc", "Cs") for each in path):
        return "its name holds control characters, or is no text"
    if "\\" in path:
        return "its name holds a backslash"
    if path.startswith("/") or re.match("[A-Za-z]:", path):
        return "its name is an absolute path"
    if not {"", ".", ".."}.isdisjoint(path.split("/")):
        return "its name leads through '..', '.' or an empty folder name"
    return ""


def leftover(path: str) -> str:
    """Why a file is nobody's work: what Jupyter and macOS write for themselves; empty where it may be work."""
    *folders, name = path.split("/")
    if ".ipynb_checkpoints" in folders or name.endswith(f"-checkpoint{SUFFIX}"):
        return "Jupyter's own copy of a notebook"
    if name.startswith(".") or "__MACOSX" in folders:
        return "a hidden file"
    return ""


def no_notebook(file: str) -> str:
    """Why a file is no notebook, by its name; empty where it is one."""
    if file.lower().endswith(SUFFIX):
        return ""
    return "an archive inside: unpack it by hand" if file.lower().endswith(_PACKED) else f"no notebook ({SUFFIX})"
