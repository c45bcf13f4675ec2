"""What trying a course shows, as records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from referee.report import Record, Usage

Kind = Literal["in step", "solution", "skeleton", "alternative", "misconception", "wrong", "proofs"]
Device = Literal["cpu", "cuda"]


class Wishes(Record, frozen=True):
    """How a course is to be tried.

    seeds : with how many seeds the solutions run.   quick : a part of it, in minutes; see `referee.verify`.
    device : where kernels compute; None leaves it to the course's policy and the machine.
    """

    seeds: int = 1
    quick: bool = False
    device: Device | None = None
    workers: int | None = None


class Finding(Record, frozen=True):
    """What one trial of one exercise showed; `problems` is empty when the course passed it.

    trial : what was tried; "proofs" is about trials that are missing, or explain what there is not.
    name : which one of its kind: a trial's name, or "seed 2".   earned, points : of the cells that checks decide.
    cpu_seconds : of the kernel, all its processes together.
    """

    exercise: str
    trial: Kind
    name: str = ""
    earned: float = 0.0
    points: float = 0.0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    problems: tuple[str, ...] = ()


class Tried(Record, frozen=True):
    """What became of one wrong variant of a solution.

    cell, line : where it was changed, the line within the cell.   before, after : the changed line.
    by : the check that noticed it; the reason, for one that is marked as equivalent.
    """

    exercise: str
    cell: str
    line: int
    operator: str
    before: str
    after: str
    state: Literal["killed", "survived", "equivalent", "broken"]
    by: str = ""
    seconds: float = 0.0


class Row(Record, frozen=True):
    """The variants of one exercise, counted."""

    exercise: str
    variants: int
    killed: int
    survived: int
    equivalent: int
    broken: int


class Measured(Record, frozen=True):
    """One run of a solution whose use was not known; `use` is None where the run did not end well."""

    exercise: str
    use: Usage | None
    seconds: float


#: The ends of a variant that an author has to look at.
HOLES = ("survived", "broken")


def table(tried: Sequence[Tried]) -> tuple[Row, ...]:
    """The variants by exercise, in the order of their names."""
    names = sorted({each.exercise for each in tried})
    return tuple(_row(name, (each.state for each in tried if each.exercise == name)) for name in names)


def _row(name: str, states: Iterable[str]) -> Row:
    found = list(states)
    kinds = ("killed", "survived", "equivalent", "broken")
    return Row(name, len(found), *(found.count(kind) for kind in kinds))
