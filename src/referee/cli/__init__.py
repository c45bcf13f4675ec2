"""The command `referee`: parses, calls one verb, prints, exits.

group     what all commands share
author    release, check, verify, calibrate, doctor
classes   demo, collect, grade, regrade
"""

from referee.cli import author, classes
from referee.cli.group import main

__all__ = ["author", "classes", "main"]
