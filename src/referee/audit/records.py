"""What an audit found, as records."""

from __future__ import annotations

from typing import Literal, TypeAlias

from referee.record import Record

#: What became of an attack on a cell: points without an answer, sight of hidden text, or neither.
Outcome: TypeAlias = Literal["defeated", "read", "held"]
#: Where an attack works: wherever tests run inside the kernel, or only with the notebook beside it, as nbgrader has it.
Where: TypeAlias = Literal["anywhere", "autograde"]
#: kernel: its tests run inside the kernel. grader: a check cell, whose checks run outside. failed: the solution itself
#: does not pass. free: it passes without an answer. worthless: it carries no points. untried: it could not be run.
State: TypeAlias = Literal["kernel", "grader", "failed", "free", "worthless", "untried"]


class Try(Record, frozen=True):
    """One attack on one cell, run for real.

    earned : what the cell gave, by nbgrader's own rule.   read : the hidden text was shown, as a digest.
    evidence : how the cell ended, in one line.
    """

    attack: str
    outcome: Outcome
    where: Where = "anywhere"
    earned: float = 0.0
    read: bool = False
    evidence: str = ""


class Audited(Record, frozen=True):
    """One test cell, and what was tried on it.

    hidden : it has text that students do not see.   blank : how it ends without an answer and without an attack.
    why : why nothing was tried, where nothing was; or what the blank earns of it.
    """

    assignment: str
    notebook: str
    cell: str
    points: float
    state: State
    hidden: bool = False
    blank: str = ""
    why: str = ""
    tries: tuple[Try, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.assignment}/{self.notebook}"

    @property
    def beaten(self) -> bool:
        """Whether it gives points without an answer."""
        return self.state == "free" or any(each.outcome == "defeated" for each in self.tries)

    @property
    def seen(self) -> bool:
        """Whether its hidden text was read."""
        return any(each.read for each in self.tries)


class Sign(Record, frozen=True):
    """Something in a handed-in notebook to look at: no verdict.

    cell : the number of the cell, from 1.   line : the number of the line in it, from 1.   text : that line.
    """

    student: str
    assignment: str
    notebook: str
    cell: int
    line: int
    sign: str
    text: str


class Unread(Record, frozen=True):
    """A handed-in file, or a cell of it, that could not be looked through, and why."""

    student: str
    assignment: str
    notebook: str
    why: str


class Audit(Record, frozen=True):
    """Everything that an audit found.

    troubles : notebooks that could not be tried, with the reason.   looked : how many handed-in notebooks were read.
    """

    cells: tuple[Audited, ...] = ()
    troubles: dict[str, str] = {}
    signs: tuple[Sign, ...] = ()
    unread: tuple[Unread, ...] = ()
    looked: int = 0
    kernels: int = 0
    seconds: float = 0.0
