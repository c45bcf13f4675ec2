"""What happens while a class is graded, as records: for whoever watches, a person or a program.

Planned     which submissions are to be graded, and which keep the report that they have
Begun       a submission is handed to a worker
Doing       what its worker does with it now
Again       its worker died; it is graded once more
Finished    its report is on disk
Pulse       nothing happened for a while, or something did: how things stand
Ended       the last one
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from referee.report import Record


class Planned(Record, frozen=True, tag="planned"):
    """The plan: `reasons` says why submissions are graded, with how many; `seconds` is what one is expected to take."""

    assignment: str
    total: int
    kept: int
    to_grade: int
    reasons: dict[str, int] = {}
    at_a_time: int = 1
    seconds: float = 0.0


class Begun(Record, frozen=True, tag="begun"):
    """A submission was handed to a worker."""

    student: str


class Doing(Record, frozen=True, tag="doing"):
    """What is being done with a submission."""

    student: str
    words: str


class Again(Record, frozen=True, tag="again"):
    """The worker of a submission died, which may have been its doing; it is graded once more."""

    student: str
    why: str


class Finished(Record, frozen=True, tag="finished"):
    """The report on a submission is on disk. `trouble` says why it could not be graded for our reasons."""

    student: str
    earned: float
    points: float
    seconds: float
    needs_person: bool = False
    trouble: str = ""


class Pulse(Record, frozen=True, tag="pulse"):
    """How things stand: `slowest` is the submission that has been under way for longest, `doing` what it does."""

    finished: int
    to_grade: int
    under_way: int
    elapsed: float
    left: float | None = None
    slowest: str = ""
    slowest_seconds: float = 0.0
    doing: str = ""


class Ended(Record, frozen=True, tag="ended"):
    """The end of a batch, early where `stopped` says why."""

    finished: int
    kept: int
    ours_failed: int
    elapsed: float
    stopped: str = ""


Event: TypeAlias = Planned | Begun | Doing | Again | Finished | Pulse | Ended
Listener: TypeAlias = Callable[[Event], None]
