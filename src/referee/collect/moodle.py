"""The names in the zip of Moodle's "Download all submissions".

The rule, as `mod/assign/classes/downloader.php` of moodle/moodle has it, and before 4.1 `mod/assign/locallib.php`
(`download_submissions`):

    <full name>_<id>_assignsubmission_<plugin>/[<folder>/...]<file name>      since 3.1; for years with one more `_`
    <full name>_<id>_assignsubmission_<plugin>_<file name>                    before, and where folders are switched off

In the full name every `_` is a space. Under blind marking it is "Participant" in the site's language, and the id is the
participant's; a group's is its name and the group's id (older: `<group>-<full name>_<id>`). The plugin `onlinetext` is
what was typed into Moodle. The zip holds the last attempt alone and does not say whether it was late.
"""

from __future__ import annotations

import re

from referee.collect.interface import Named
from referee.collect.naming import student_id

_FILE = re.compile(
    r"(?P<name>[^/_]*)_(?P<id>[0-9]{1,20})_assignsubmission_(?P<plugin>[a-z0-9]+)"
    r"(?:_?/(?P<path>.+)|_(?P<flat>[^/]+))"
)


def read(path: str) -> Named | str:
    """What a name says; a reason where it says nothing.

    >>> read("Jane Doe_12_assignsubmission_file/work/intro.ipynb").student
    'Jane Doe_12'
    """
    parts = _FILE.fullmatch(path)
    if parts is None:
        return "its name does not follow Moodle's rule"
    if parts["plugin"] == "onlinetext":
        return "text, typed into Moodle"
    *folders, file = (parts["path"] or parts["flat"]).split("/")
    student = student_id(parts["name"], parts["id"])
    return Named(spelled=parts["id"], student=student, file=file, depth=len(folders))
