"""Tries each layer in a process that ends at once; run by `machine.probe` in an interpreter of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from . import landlock, resources, seccomp
from .layers import LAYERS, House, Prepared, Room, enter_kernel, enter_parent, fork
from .machine import runtime_paths

_WORKS = "works"
# Settings that switch user namespaces off: the value that does, and the words for it
_SWITCHES = (
    ("kernel/unprivileged_userns_clone", "0", "unprivileged user namespaces are switched off"),
    ("user/max_user_namespaces", "0", "user namespaces are switched off"),
    ("user/max_pid_namespaces", "0", "pid namespaces are switched off"),
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor restricts unprivileged user namespaces"),
)


def main() -> None:
    """Print, as JSON, for each layer the words why it does not work (or none) and what there is to say about it."""
    found = {layer: attempt(layer) for layer in LAYERS}
    if not found["namespaces"]:  # how limits count users depends on how namespaces are had: what matters is the two
        found["limits"] = attempt("limits", "namespaces")
    sys.stdout.write(json.dumps({layer: (words, _detail(layer)) for layer, words in found.items()}))


def attempt(*layers: str) -> str:
    """Go through both entrances with the layers on; "" where that works, else the words why the first does not."""
    scratch = tempfile.mkdtemp(prefix="referee-probe-")
    Path(scratch, "work").mkdir()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _enter(layers, scratch, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    shutil.rmtree(scratch, ignore_errors=True)
    return "" if said == _WORKS else said or "the process that tried it died"


def _enter(layers: tuple[str, ...], scratch: str, writing: int) -> None:
    """The process that tries layers, its parent and its kernel; it never returns."""
    try:
        house = House(runtime_paths(), layers=frozenset(layers))
        enter_parent(house)
        prepared = Prepared(house)
        child = fork(prepared)
        if not child:
            enter_kernel(prepared, Room(1 << 20, 1 << 20, 64, 64, 0, scratch), {writing})
            os.write(writing, _WORKS.encode())
        else:
            os.waitpid(child, 0)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
        with contextlib.suppress(OSError):
            os.write(writing, _words(layers[0], error).encode("utf-8", "replace"))
    finally:
        os._exit(0)


def _words(layer: str, error: BaseException) -> str:
    """Why a layer does not work, for a person who may switch it on."""
    said = (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
    if layer == "namespaces":
        return "; ".join([*_hidden(said), *_switched_off(), said])
    if layer == "landlock" and said.startswith("landlock_create_ruleset"):
        return f"this kernel has no Landlock, or it is not among those that are switched on (lsm=); {said}"
    if layer == "seccomp" and "libseccomp" in said:
        return f"libseccomp.so.2 is not installed; {said}"
    return said


def _switched_off() -> list[str]:
    found = []
    for name, value, words in _SWITCHES if not resources.privileged() else ():
        with contextlib.suppress(OSError):
            if Path("/proc/sys", name).read_text(encoding="ascii").strip() == value:
                found.append(f"{words} ({name.replace('/', '.')}={value})")
    return found


def _hidden(said: str) -> list[str]:
    if "mount(proc" not in said:
        return []
    return ["parts of /proc are covered, as containers do (docker: --security-opt systempaths=unconfined)"]


def _detail(layer: str) -> str:
    try:
        if layer == "namespaces":
            return "as root" if resources.privileged() else "in user namespaces"
        if layer == "landlock":
            version = landlock.abi()
            return f"ABI {version}" + ("" if version >= 6 else ", which does not bind signals and abstract sockets")
        if layer == "seccomp":
            return seccomp.version()
        return "a user for each kernel" if resources.many_users() else "by this user's processes"
    except OSError as error:
        return str(error.strerror)
