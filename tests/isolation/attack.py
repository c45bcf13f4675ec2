"""What an attack is: the code of a notebook cell, how its end is judged, and what stops it.

The code is the body of a function `attack(V)`. `V` are the facts about its victims (`victims.Victims.facts`): an
attacker is assumed to know every path, port and process number. A text that is returned is the proof of success; an
OSError, a MemoryError or an empty return is a failure. Anything else that is raised is a mistake of ours: no verdict.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from referee.sandbox.jail.layers import LAYERS

#: What can be switched off: the layers of the sandbox, and what the harness holds from outside.
EVERY = frozenset({*LAYERS, "watch"})
USERS = ("root", "user")

_BEFORE = """
import contextlib, ctypes, json, mmap, os, signal, socket, sqlite3, struct, subprocess, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def called(result):
    "The result of a call of the C library; its error as an OSError."
    if result is None or result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
def forked(work):
    "A child that does `work` and never comes back."
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return pid
"""
_AFTER = """
try:
    said = attack(V)
except (OSError, MemoryError, sqlite3.OperationalError) as error:
    print("STOPPED", type(error).__name__ + ":", error, flush=True)
else:
    print(("SUCCEEDED " + said) if said else "STOPPED nothing came of it", flush=True)
"""


@dataclass(frozen=True)
class Attack:
    """One attack.

    name, group, tries : what it is called, where it stands in the table, and what it does, in one line.
    code : the body of `attack(V)`.
    layers : with these off it succeeds; each of them stops it, for one kind of user at least, or a part of it.
    always, because : users ("root", "user") whom something stops that cannot be switched off, and what that is.
        There, only a process outside the sandbox shows that the attack works.
    judge : who says how it ended; see `judges`.
    limits : limits that differ for it.
    """

    name: str
    group: str
    tries: str
    code: str
    layers: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    because: str = ""
    judge: str = "cell"
    limits: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if unknown := (self.layers - EVERY) | (self.always - set(USERS)):
            raise ValueError(f"{self.name}: unknown {sorted(unknown)}")
        if bool(self.always) != bool(self.because) or not (self.layers or self.always):
            raise ValueError(f"{self.name}: what stops it?")

    def cell(self, facts: Mapping[str, object]) -> str:
        """The source of the notebook cell that attacks."""
        body = textwrap.indent(textwrap.dedent(self.code).strip(), "    ")
        return f"{_BEFORE}V = {dict(facts)!r}\ndef attack(V):\n{body}\n{_AFTER}"


def layers(*names: str) -> frozenset[str]:
    """Names of layers, as attacks state them."""
    return frozenset(names)


BOTH = frozenset(USERS)
