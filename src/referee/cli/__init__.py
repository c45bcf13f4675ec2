"""The command `referee`: parses, calls one verb, prints, exits.

group     what all commands share
author    release, check, verify, calibrate, doctor
classes   demo, collect, grade, regrade
pages     pages
report    report
export    export
convert   convert
"""

from referee.cli import author, classes, convert, export, pages, report
from referee.cli.group import main

__all__ = ["author", "classes", "convert", "export", "main", "pages", "report"]
