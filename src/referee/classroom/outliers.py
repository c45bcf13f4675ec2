"""Who used much more time or memory than the others, and which limits were exceeded.

Much more: more than twice the median, and beyond 3.5 robust standard deviations on a logarithmic scale, of which the
spread is the median absolute deviation (Iglewicz & Hoaglin, How to Detect and Handle Outliers, 1993). A few extreme
values move neither the median nor that spread.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence

from referee.classroom.interface import ENOUGH, NAME, Named, Outliers, OverLimit, named
from referee.feedback.measures import LIMITS, exceeded_words, quantity
from referee.feedback.text import plain
from referee.report import NotebookReport, Report

#: Seconds and MiB below which nobody waits and no machine is full, whatever the others use.
WORTH = {"time": 5.0, "memory": 64.0}
_SCALE = 1.4826  # MAD to standard deviation, for a normal distribution
_FAR, _FACTOR = 3.5, 2.0
_LEAST = math.log(1.1)  # of the spread: where all are (nearly) the same, a little more is nothing


def outliers(reports: Sequence[Report]) -> tuple[Outliers, ...]:
    """Those who used much more, by notebook, time before memory; none where fewer than five were measured."""
    found = (_one(name, what, unit, used) for name, what, unit, used in _uses(reports))
    return tuple(each for each in found if each is not None)


def over_limits(reports: Sequence[Report]) -> tuple[OverLimit, ...]:
    """The limits that were exceeded, by notebook, with those who did and what they used."""
    found: dict[tuple[str, str], list[Named]] = {}
    for report in reports:
        for book in report.notebooks:
            for each in book.timings.exceeded:
                told = found.setdefault((book.notebook, each.limit), [])
                told.append(named(report.student, exceeded_words(each)))
    return tuple(
        OverLimit(
            notebook=plain(notebook, NAME),
            limit=LIMITS[limit][0] if limit in LIMITS else plain(limit, NAME),
            students=tuple(students),
        )
        for (notebook, limit), students in sorted(found.items())
    )


def far_above(values: Sequence[float]) -> tuple[int, ...]:
    """The places of positive values that are far above the others; the largest first.

    >>> far_above([10, 11, 9, 10, 12, 95])
    (5,)
    """
    if len(values) < ENOUGH:
        return ()
    logs = [math.log(value) for value in values]
    middle = statistics.median(logs)
    spread = max(_SCALE * statistics.median(abs(log - middle) for log in logs), _LEAST)
    least = max(_FAR * spread, math.log(_FACTOR))
    return tuple(sorted((i for i, log in enumerate(logs) if log - middle > least), key=lambda i: (-logs[i], i)))


def _uses(reports: Sequence[Report]) -> Iterator[tuple[str, str, str, dict[str, float]]]:
    """What each student used in each notebook: seconds, MiB; what was not measured is left out."""
    books: dict[str, dict[str, NotebookReport]] = {}
    for report in reports:
        for book in report.notebooks:
            books.setdefault(book.notebook, {})[report.student] = book
    for name, by_student in sorted(books.items()):
        yield name, "time", "s", {who: each.timings.total for who, each in by_student.items()}
        yield name, "memory", "MiB", {who: each.timings.usage.memory_mb for who, each in by_student.items()}


def _one(notebook: str, what: str, unit: str, used: dict[str, float]) -> Outliers | None:
    measured = {student: value for student, value in used.items() if value > 0}
    students, values = list(measured), list(measured.values())
    far = [i for i in far_above(values) if values[i] >= WORTH[what]]
    if not far:
        return None
    middle = statistics.median(values)
    told = (named(students[i], f"{quantity(values[i], unit)}, {values[i] / middle:.1f} times the median") for i in far)
    return Outliers(
        notebook=plain(notebook, NAME),
        what=what,
        median=quantity(middle, unit),
        count=len(values),
        students=tuple(told),
    )
