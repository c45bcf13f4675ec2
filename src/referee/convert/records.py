"""What becomes of test cells when they are converted, as data."""

from __future__ import annotations

from typing import Literal, TypeAlias

from referee.record import Record

Kind: TypeAlias = Literal["public", "hidden"]


class Unfinished(Record, frozen=True):
    """Lines of a test cell that a person has to say anew: what they were, and why."""

    kind: Kind
    lines: str
    why: str


class Check(Record, frozen=True):
    """One check of a draft: its function, and what of it is left to do."""

    cell: str
    name: str
    kind: Kind
    code: str
    unfinished: tuple[Unfinished, ...] = ()


class Tried(Record, frozen=True):
    """What a notebook earned at a converted cell: None where a person has to decide, or nothing came of it."""

    earned: float
    decided: bool
    words: str = ""


class Converted(Record, frozen=True):
    """One test cell, and what the draft of its checks is worth.

    left : why the cell stays in the notebook as it is; empty where it was converted.
    solution, blank : what the author's notebook earns, with its solutions and without.
    """

    cell: str
    points: float
    left: str = ""
    unfinished: tuple[Unfinished, ...] = ()
    solution: Tried | None = None
    blank: Tried | None = None

    @property
    def right(self) -> bool:
        """Whether the solution earns all points here, and the blank none."""
        return (
            self.solution is not None
            and self.blank is not None
            and self.solution.decided
            and abs(self.solution.earned - self.points) < 1e-9
            and self.blank.earned == 0
        )


class Result(Record, frozen=True):
    """What `referee convert` did, or would do.

    cells : what became of each; those in `taken` became checks now.
    drafts : by kind, the text that was added to the grader.
    written : paths from the course's root; `fresh` are those that were not there.
    trouble : why nothing could be tried.
    handed_in, in_book : how many students have handed in already, and how many submissions nbgrader's gradebook
    holds, where the notebook gets a cell more.   tests : how many autograded test cells the notebook has.
    before : where the notebook lies as it was; empty where none changed.   dry : nothing is written.
    """

    exercise: str
    cells: tuple[Converted, ...] = ()
    taken: tuple[str, ...] = ()
    drafts: dict[Kind, str] = {}
    written: tuple[str, ...] = ()
    before: str = ""
    fresh: tuple[str, ...] = ()
    trouble: str = ""
    handed_in: int = 0
    in_book: int = 0
    tests: int = 0
    dry: bool = False
