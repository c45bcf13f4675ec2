"""What this machine can do for Referee, with the remedy for what is missing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from referee.report import Record
from referee.sandbox import isolation
from referee.sandbox.jail import machine

_PYTHON = (3, 11)
_EXTRAS = {
    "nbgrader": ("nbgrader", "the gradebook and `referee release`", "pip install nbgrader"),
    "keras": ("keras", "exercises in Keras", "pip install keras tensorflow-cpu"),
    "tensorflow": ("tensorflow", "exercises in Keras", "pip install keras tensorflow-cpu"),
    "torch": ("torch", "exercises in PyTorch", "pip install torch"),
    "scikit-learn": ("sklearn", "the digits that need no network", "pip install scikit-learn pooch"),
    "distributed": ("distributed", "grading on a cluster", "pip install distributed"),
    "pooch": ("pooch", "fetching the real MNIST", "pip install scikit-learn pooch"),
}
_REMEDIES = {
    "namespaces": "run as root, or let users make user namespaces (sysctl user.max_user_namespaces and its kin)",
    "landlock": "use Linux 5.13 or newer with Landlock among its security modules (lsm=landlock,...)",
    "seccomp": "install libseccomp (Debian: apt-get install libseccomp2)",
    "limits": "open the folders of this Python to other users (chmod o+x), or run as an ordinary user",
}
_MEMORY_GB = 3.0  # what one kernel with TensorFlow and a training run may need


class Finding(Record, frozen=True):
    """One thing looked at: what was found, and what to do where it is not enough. `needed` says it must not miss."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    needed: bool = False


def examine() -> list[Finding]:
    """Look at this machine; nothing is changed."""
    return [_python(), *_packages(), _memory(), _cores(), _scratch(), _gpu(), _isolation(), *_layers()]


def _python() -> Finding:
    ok = sys.version_info >= _PYTHON
    return Finding(name="python", ok=ok, found=platform.python_version(), remedy="" if ok else "use 3.11+", needed=True)


def _packages() -> Iterator[Finding]:
    for name, (module, use, remedy) in _EXTRAS.items():
        if importlib.util.find_spec(module) is None:
            yield Finding(name=name, ok=False, found="not installed", remedy=f"{remedy}, for {use}")
        else:
            yield Finding(name=name, ok=True, found=_version(name))


def _version(name: str) -> str:
    for distribution in (name, f"{name}-cpu"):
        try:
            return importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "installed"


def _memory() -> Finding:
    free = psutil.virtual_memory().available / 2**30
    ok = free >= _MEMORY_GB
    remedy = "" if ok else f"close other programs, or grade with --workers 1: a kernel may need {_MEMORY_GB:g} GiB"
    return Finding(name="memory", ok=ok, found=f"{free:.1f} GiB free", remedy=remedy)


def _cores() -> Finding:
    cores = os.cpu_count() or 1
    return Finding(
        name="cores", ok=True, found=f"{cores}; `referee grade` runs as many notebooks at a time, if memory allows"
    )


def _scratch() -> Finding:
    folder = Path(tempfile.gettempdir())
    free = shutil.disk_usage(folder).free / 2**30
    name_ok = len(str(folder)) < 60  # a Unix socket's path holds about 100 characters
    remedy = "" if free > 1 and name_ok else "set TMPDIR to a short path on a disk with more than 1 GiB free"
    return Finding(name="scratch", ok=not remedy, found=f"{folder}, {free:.0f} GiB free", remedy=remedy, needed=True)


def _gpu() -> Finding:
    if shutil.which("nvidia-smi") is None:
        return Finding(name="gpu", ok=True, found="none; everything runs on the CPU")
    return Finding(name="gpu", ok=True, found="nvidia-smi is there")


def _isolation() -> Finding:
    missing = isolation.missing()
    if not missing:
        return Finding(name="isolation", ok=True, found=f"student kernels are held by {', '.join(isolation.names())}")
    return Finding(
        name="isolation",
        ok=False,
        found=f"student kernels are not held by {', '.join(missing)}",
        remedy="see below; until then grade only work that you trust (--trust), or in a virtual machine of its own",
    )


def _layers() -> Iterator[Finding]:
    """Each layer, tried by a process that ends at once."""
    missing = isolation.missing()
    details = machine.details() if len(missing) < len(isolation.PURPOSES) else {}
    for name, purpose in isolation.PURPOSES.items():
        if name in missing:
            yield Finding(name=name, ok=False, found=f"does not work here: {missing[name]}", remedy=_REMEDIES[name])
        else:
            yield Finding(name=name, ok=True, found=f"works ({details[name]}): {purpose}")
