"""An audit in words: a table of cells and attacks, each finding with its evidence, and how to move a cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from referee.audit.attacks import ATTACKS
from referee.audit.records import Audit, Audited, Try
from referee.feedback.text import amount, counted, plain

_MARKS = {"anywhere": "!", "autograde": "n"}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CELL = 34


def lines(audit: Audit) -> Iterator[str]:
    """Everything that an audit found, line by line."""
    if audit.cells or audit.troubles:
        yield from table(audit.cells)
        for name, why in audit.troubles.items():
            yield f"{plain(name)}: not tried: {plain(why)}"
        yield from _findings(audit.cells)
        yield from _moves(audit.cells)
        yield f"{counted(audit.kernels, 'kernel')} in {audit.seconds:.0f} s"
    yield from _signs(audit)


def table(cells: Sequence[Audited]) -> Iterator[str]:
    """A row for each cell, a column for each attack, and what the signs mean."""
    letters = "  ".join(_LETTERS[: len(ATTACKS)])
    for name, group in groupby(cells, key=lambda cell: cell.name):
        yield f"{plain(name):<{_CELL + 2}} points  {letters}"
        for cell in group:
            marks = "  ".join(map(_mark, cell.tries)) or _SAID[cell.state]
            yield f"  {plain(cell.cell):<{_CELL}} {amount(cell.points):>6}  {marks}{_beside(cell)}"
        yield ""
    if any(cell.tries for cell in cells):
        yield "! points without an answer   n only where the notebook lies beside the kernel: nbgrader autograde"
        yield "r hidden text is read        · held"
        for letter, attack in zip(_LETTERS, ATTACKS, strict=False):
            yield f"  {letter}  {attack.name:<17} {attack.sentence}"
        yield ""


_SAID = {
    "kernel": "nothing was tried",
    "grader": "nothing was tried",
    "failed": "the solution itself fails this test",
    "free": "passes without an answer",
    "worthless": "carries no points",
    "untried": "could not be tried",
}


def _mark(tried: Try) -> str:
    return _MARKS[tried.where] if tried.outcome == "defeated" else "r" if tried.outcome == "read" else "·"


def _beside(cell: Audited) -> str:
    """What stands at the end of a cell's line."""
    if cell.state == "grader":
        return "" if cell.beaten else "  out of reach"
    return f": {plain(cell.why)}" if cell.why and not cell.tries else ""


def _findings(cells: Sequence[Audited]) -> Iterator[str]:
    for cell in cells:
        found = [each for each in cell.tries if each.outcome != "held"]
        if not found:
            continue
        yield f"{plain(cell.name)}, {plain(cell.cell)}: the blank alone: {plain(cell.why or cell.blank)}"
        for each in found:
            gain = f"{amount(each.earned)} of {amount(cell.points)}" if each.outcome == "defeated" else "read"
            read = ", read" if each.read and each.outcome == "defeated" else ""
            yield f"  {each.attack:<17} {gain + read:<18} {each.where:<10} {plain(each.evidence)}"
        yield ""


def _moves(cells: Sequence[Audited]) -> Iterator[str]:
    """Which cells cannot be held in the kernel, and the commands that move them."""
    judged = [cell for cell in cells if cell.state in ("kernel", "grader", "free")]
    beaten = [cell for cell in judged if cell.state == "kernel" and (cell.beaten or cell.seen)]
    free = [cell for cell in judged if cell.state == "free"]
    yield f"{len(beaten)} of {len(judged)} test cells cannot be held in the kernel."
    if free:
        names = ", ".join(plain(f"{cell.name} {cell.cell}") for cell in free)
        yield f"Without an answer, and without any attack, pass: {names}. Mend these first."
    if weak := [cell for cell in judged if cell.state == "grader" and cell.beaten]:
        names = ", ".join(plain(f"{cell.name} {cell.cell}") for cell in weak)
        yield f"Checks outside the kernel gave points to an attack, so they ask too little: {names}."
    if beaten:
        yield "A grader outside the kernel holds them; this writes its first draft:"
    for name, group in groupby(beaten, key=lambda cell: cell.name):
        yield f"  referee convert {plain(name)} {' '.join(plain(cell.cell) for cell in group)}"


def _signs(audit: Audit) -> Iterator[str]:
    if not audit.looked:
        return
    yield f"Looked through {counted(audit.looked, 'handed-in notebook')}."
    if audit.signs:
        yield "To look at; what stands there may be honest:"
    for sign in audit.signs:
        who = f"{plain(sign.student)}  {plain(sign.assignment)}/{plain(sign.notebook)}"
        yield f"  {who}  cell {sign.cell}, line {sign.line}: {sign.sign}: {plain(sign.text)}"
    for unread in audit.unread:
        who = f"{plain(unread.student)}  {plain(unread.assignment)}/{plain(unread.notebook)}"
        yield f"  {who}  not read: {plain(unread.why)}"
