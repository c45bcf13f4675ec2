"""What differs between `nbgrader autograde` and `referee grade`, and is meant to: each difference with its reason.

A pattern covers the whole place of a difference (`compare.Difference`). What no pattern covers is an error, and so is a
pattern that covers nothing.
"""

from __future__ import annotations

#: In the course that uses every option.
EVERY = {
    r"benotet/aufgabe-1/xaver/hilfe\.py": "a file of the course that a notebook deletes is still in autograded/: the "
    "notebook had a copy of it",
    r"rückmeldung/aufgabe-1/xaver/hilfe\.py": "and therefore beside the feedback",
    r"benotet/aufgabe-2/ben/ergebnis": "an empty folder that a notebook makes is not kept",
}
