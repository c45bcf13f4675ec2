"""The names in the zip of Canvas's "Download Submissions".

The rule, as `lib/content_zipper.rb` of instructure/canvas-lms has it (`get_filename`, `add_upload_submission`):

    <name>[_LATE]_<user id>_<upload id>_<file name>          the sortable name in small letters, word characters alone
    [LATE_]anon_<anonymous id>_<upload id>_<file name>       where graders do not see names
    <name>[_LATE]_<user id>_text.html, ..._link.html         what was typed into Canvas: no file

Older versions write `late` in small letters. A name holds no `_<digits>_` (`sanitize_user_name`), so the first two
numbers are the ids. A second upload of `file.ipynb` is called `file-1.ipynb` (`Attachment.make_unique_filename`, which
takes the first number that is free: after a deletion a lower one can be newer). Upload ids only grow: they say which
upload is the newest, and the number after the dash only where they do not.
"""

from __future__ import annotations

import re

from referee.collect.interface import Named
from referee.collect.naming import student_id

_FILE = re.compile(
    r"(?:(?:(?P<hidden_late>LATE|late)_)?anon_(?P<hidden>[A-Za-z0-9]{1,40})"
    r"|(?P<name>[^/\s]*?)_(?:(?P<late>LATE|late)_)?(?P<user>[0-9]{1,20}))"
    r"_(?P<upload>[0-9]{1,20})_(?P<file>[^/]+)"
)
_TYPED = re.compile(r"[^/\s]*_[A-Za-z0-9]{1,40}_(?:text|link)\.html")


def read(path: str) -> Named | str:
    """What a name says; a reason where it says nothing.

    >>> read("doejane_LATE_12_345_intro.ipynb").student
    'doejane_12'
    """
    parts = _FILE.fullmatch(path)
    if parts is None:
        return (
            "text or a link, typed into Canvas" if _TYPED.fullmatch(path) else "its name does not follow Canvas's rule"
        )
    name, number = ("anon", parts["hidden"]) if parts["hidden"] else (parts["name"], parts["user"])
    return Named(
        spelled=number,
        student=student_id(name, number),
        file=parts["file"],
        late=bool(parts["late"] or parts["hidden_late"]),
        upload=int(parts["upload"]),
    )
