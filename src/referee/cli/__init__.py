"""The command `referee`: parses, calls one verb, prints, exits.

group     what all commands share
author    release, check, verify, calibrate, doctor
classes   demo, collect, grade, regrade
report    report
"""

from referee.cli import author, classes, report
from referee.cli.group import main

__all__ = ["author", "classes", "main", "report"]
