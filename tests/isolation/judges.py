"""How an attack ended: what the cell says, checked against what the harness and the victims saw."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Callable
from dataclasses import dataclass, field

from referee.report import CellRun, CellStatus, Exceeded
from tests.isolation.attack import Attack
from tests.isolation.victims import Victims, ended, running

_MUCH_OUTPUT = 1_000_000


@dataclass(frozen=True)
class Verdict:
    """How it ended: "stopped", "through", "unclear", or "skipped" where it cannot be tried; and the reason."""

    how: str
    why: str


@dataclass
class Run:
    """What the harness saw of an attack.

    text : what the cell printed.   kept : characters of output that were kept.
    cells, exceeded : what became of the cells, of a notebook in a kernel.   guarded : the watch was on.
    code : the exit code of a process outside the sandbox.   error : what failed in the harness.
    """

    text: str
    kept: int = 0
    cells: list[CellRun] = field(default_factory=list)
    exceeded: list[Exceeded] = field(default_factory=list)
    guarded: bool = True
    code: int | None = None
    error: str = ""


def judge(attack: Attack, run: Run, victims: Victims) -> Verdict:
    """How an attack ended."""
    return _JUDGES.get(attack.judge, _cell)(run, victims)


def _cell(run: Run, _victims: Victims) -> Verdict:
    """What the cell itself says, or that a limit ended it."""
    lines = [line for line in run.text.splitlines() if line.startswith(("SUCCEEDED ", "STOPPED "))]
    if lines:
        word, _, why = lines[-1].partition(" ")
        return Verdict("through" if word == "SUCCEEDED" else "stopped", why)
    if run.exceeded:
        return Verdict("stopped", f"limit: {run.exceeded[0].limit}")
    if run.error:
        return Verdict("unclear", run.error)
    if run.cells:
        return Verdict("unclear", f"{run.cells[0].status.value}: {run.cells[0].words}\n{run.cells[0].traceback}")
    return Verdict("unclear", f"exit code {run.code}: {run.text[-300:]!r}")


def _proved(harm: Callable[[Run, Victims], str]) -> Callable[[Run, Victims], Verdict]:
    """A judge that looks for harm; where the cell says that it did some and there is none, nothing is proved."""

    def found(run: Run, victims: Victims) -> Verdict:
        if done := harm(run, victims):
            return Verdict("through", done)
        said = _cell(run, victims)
        return Verdict("unclear", f"it says: {said.why}; no harm is to be seen") if said.how == "through" else said

    return found


def _heard(_run: Run, victims: Victims) -> str:
    return "the service received the word" if victims.word.encode() in victims.heard() else ""


def _canary(_run: Run, victims: Victims) -> str:
    whole = victims.canary.exists() and victims.canary.read_text() == "whole"
    return "" if whole else "the file has changed"


def _planted(_run: Run, victims: Victims) -> str:
    return "the file is there" if (victims.open_folder / "planted").exists() else ""


def _kills(which: str) -> Callable[[Run, Victims], Verdict]:
    """Whether one of them is dead, which may take a moment after a cell that says that it killed it."""

    def harm(run: Run, victims: Victims) -> str:
        seconds = 0.05 if "STOPPED" in run.text else 5.0
        return f"the {which} is dead" if ended(victims.attacked[which], seconds) else ""

    return _proved(harm)


def _daemon(run: Run, victims: Victims) -> Verdict:
    """Whether it lives when its kernel has ended; whoever is found is ended."""
    if "started a daemon" not in run.text:
        return _cell(run, victims)
    if ended(running(victims.word) or [2**30], 1.0):
        return Verdict("stopped", "it ended with its kernel")
    for pid in running(victims.word):
        os.kill(pid, signal.SIGKILL)
    return Verdict("through", "it runs on")


def _clock(run: Run, victims: Victims) -> Verdict:
    """Whether its own limit ended it, or only that by which the test itself ends."""
    if any(item.limit == "cell_seconds" for item in run.exceeded):
        return Verdict("stopped", "limit: cell_seconds") if run.guarded else Verdict("through", "it went on")
    return _cell(run, victims)


def _kept(run: Run, victims: Victims) -> Verdict:
    if run.kept >= _MUCH_OUTPUT:
        return Verdict("through", f"{run.kept:,} characters were kept")
    if any(item.limit == "output_bytes" for item in run.exceeded):
        return Verdict("stopped", f"limit: output_bytes; {run.kept:,} characters were kept")
    return Verdict("unclear", f"{run.kept:,} characters were kept; {_cell(run, victims).why}")


def _fate(run: Run, _victims: Victims) -> Verdict:
    if run.code is not None:
        if "WENT ON" in run.text:
            return Verdict("unclear", "it went on")
        return Verdict("through", f"the harness that ran it in its own process ended with code {run.code}")
    states = [cell.status for cell in run.cells]
    if states == [CellStatus.DIED, CellStatus.NOT_RUN]:
        return Verdict("stopped", "the verdict is that the kernel died")
    return Verdict("unclear", f"{run.error} {states} {run.text}")


def _links(run: Run, victims: Victims) -> Verdict:
    keep = victims.open_folder / "keep"
    if not keep.exists() or keep.read_text() != "whole" or stat.S_IMODE(keep.stat().st_mode) != 0o666:
        return Verdict("through", "what the links lead to was changed")
    said = _cell(run, victims)
    return said if said.how == "stopped" else Verdict("unclear", said.why)


_JUDGES: dict[str, Callable[[Run, Victims], Verdict]] = {
    "heard": _proved(_heard),
    "canary": _proved(_canary),
    "planted": _proved(_planted),
    "kill_parent": _kills("parents"),
    "kill_sibling": _kills("sibling"),
    "kill_victim": _kills("victim"),
    "daemon": _daemon,
    "clock": _clock,
    "kept": _kept,
    "fate": _fate,
    "links": _links,
}
