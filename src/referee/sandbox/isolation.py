"""Which layers hold the kernels of this machine, which are missing, and why."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from functools import cache

from referee.sandbox.jail import machine
from referee.sandbox.jail.layers import LAYERS

#: The layers that hold a cold kernel, as reports name them.
COLD_LAYERS = ("own process group", "own environment", "scratch folder")
#: What each layer is for, in words for a person who decides whether to go on without it.
PURPOSES: Mapping[str, str] = {
    "namespaces": "a file tree, process table and network of its own, and a quota on the disk",
    "landlock": "reading and writing nothing but its own files; no TCP, no signals to others",
    "seccomp": "no network, no tracing of others, no new namespaces",
    "limits": "a user of its own, and bounds on processes and files",
}


def can_fork() -> bool:
    """True where kernels can be forked from a warm parent: on Linux."""
    return sys.platform == "linux"


@cache
def missing() -> Mapping[str, str]:
    """The layers that do not work here, each with the reason; none where a stranger's notebook can be run."""
    if not can_fork():
        return dict.fromkeys(LAYERS, f"kernels can be isolated on Linux alone; this is {platform.system()}")
    return {layer: why for layer, why in machine.probe().items() if why}


def layers() -> frozenset[str]:
    """The layers that hold kernels here."""
    return frozenset(LAYERS) - frozenset(missing())


def names(on: frozenset[str] | None = None) -> tuple[str, ...]:
    """What holds a kernel, as reports name it, in the order in which it is applied."""
    on = layers() if on is None else on
    return tuple(layer for layer in LAYERS if layer in on) if can_fork() else COLD_LAYERS
