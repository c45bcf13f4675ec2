"""What differs between `nbgrader autograde` and `referee grade`, and is meant to: each difference with its reason.

A pattern covers the whole place of a difference (`compare.Difference`). What no pattern covers is an error, and so is a
pattern that covers nothing.
"""

from __future__ import annotations

#: In the class that the tests grade.
GATE = {
    r"benotet/aufgabe-1/vera/hilfe\.py": "a file of the course that a notebook deletes is still in autograded/: "
    "what the notebook deleted was a copy",
    r"rückmeldung/aufgabe-1/vera/hilfe\.py": "and it is therefore beside the feedback as well",
}
#: In the whole class.
CLASS = GATE | {
    r"(benotet|rückmeldung)/aufgabe-1/nur-writes-files/hilfe\.py": "the same",
    r"gradebook/student/nur-bad-time": "a timestamp that cannot be read: refused before the student is registered",
    r"benotet/aufgabe-2/(ben|emma)/ergebnis": "an empty folder that a notebook makes is not kept",
}
#: In the part of it that is graded without code of the course's own.
STANDARD = {place: why for place, why in CLASS.items() if "aufgabe-2" not in place}
#: In the small class by options of which a course can have one setting only: none.
OPTIONS: dict[str, dict[str, str]] = {}
