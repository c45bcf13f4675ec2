"""The command `referee`: parses, calls one verb, prints, exits.

group     what all commands share
author    release, check, verify, calibrate, doctor
new       new
classes   demo, collect, grade, regrade
pages     pages
report    report
export    export
audit     audit
convert   convert
"""

from referee.cli import audit, author, classes, convert, export, new, pages, report
from referee.cli.group import main

__all__ = ["audit", "author", "classes", "convert", "export", "main", "new", "pages", "report"]
