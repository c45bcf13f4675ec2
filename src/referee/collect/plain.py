"""The names in a folder of notebooks, or in another course's `submitted/`.

<student>.ipynb                                          where the assignment has one notebook
<student>_<notebook>.ipynb, <student>-<notebook>.ipynb
<student>/<any>.ipynb
<student>/<assignment>/<any>.ipynb                       nbgrader's own tree
"""

from __future__ import annotations

from collections.abc import Sequence

from referee.collect.interface import Named
from referee.collect.naming import SUFFIX, student_id


def read(path: str, assignment: str, notebooks: Sequence[str]) -> Named | str:
    """What a name says; a reason where it says nothing.

    >>> read("jane_intro.ipynb", "week", ["intro"]).student, read("jane/final.ipynb", "week", ["intro"]).student
    ('jane', 'jane')
    """
    *folders, file = path.split("/")
    if len(folders) > 2 or (len(folders) == 2 and folders[1] != assignment):
        return "it lies too deep: wanted is <student>/<notebook>.ipynb"
    found = (folders[0], file) if folders else _split(file, notebooks)
    if isinstance(found, str):
        return found
    student = student_id(found[0])
    return Named(spelled=found[0], student=student, file=found[1]) if student else "its name leaves no student's name"


def _split(file: str, notebooks: Sequence[str]) -> tuple[str, str] | str:
    """The student and the notebook in the name of a single file."""
    stem = file[: -len(SUFFIX)] if file.lower().endswith(SUFFIX) else file
    if stem in notebooks:
        return "its name does not say whose it is"
    for notebook in sorted(notebooks, key=len, reverse=True):
        for end in (f"_{notebook}", f"-{notebook}"):
            if stem.endswith(end) and stem != end:
                return stem.removesuffix(end), notebook + SUFFIX
    return (stem, notebooks[0] + SUFFIX) if len(notebooks) == 1 else "its name does not say which notebook it is"
