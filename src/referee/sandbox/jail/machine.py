"""What this machine has: the paths that an interpreter needs, and which layers work here.

A layer is probed by doing it, never by a version: containers, distributions and administrators switch things off in
ways that no version tells.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/sys/devices/system")
# Of /etc only what libraries read: it also holds keys and passwords.
_ETC = (
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "passwd", "group", "nsswitch.conf", "localtime", "timezone", "fonts",
    "ssl", "alternatives", "mime.types", "protocols", "services", "host.conf", "hosts", "magic", "terminfo",
)  # fmt: skip
_STORES = ("/nix/store", "/gnu/store")  # an interpreter there has its libraries beside it, under other prefixes
_TRIAL = "import sys; sys.path.insert(0, {folder!r}); from jail import trial; trial.main()"


def runtime_paths() -> tuple[str, ...]:
    """The absolute paths that kernels of this interpreter need to read: its prefixes, the system's programs, no home.

    Entries of sys.path outside the prefixes are left out: they are where a course or Referee itself may lie.
    """
    # The executable is a link, perhaps through other links: those on the way have to exist, too
    prefixes = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.executable, os.path.realpath(sys.executable)]
    libraries = [path for path in os.environ.get("LD_LIBRARY_PATH", "").split(":") if path.startswith("/")]
    stores = [store for store in _STORES if os.path.realpath(sys.executable).startswith(store)]
    wanted = [*prefixes, *_SYSTEM, *(f"/etc/{name}" for name in _ETC), *libraries, *stores]
    never = {"/", str(Path.home()), "/home", "/root", "/etc", "/tmp", "/var", str(Path.cwd())}  # noqa: S108 - kept out
    paths = (os.path.normpath(path) for path in wanted)
    return tuple(dict.fromkeys(path for path in paths if path not in never and Path(path).exists()))


def probe() -> dict[str, str]:
    """For each layer "" where it works here, else the words why not; tried by a process of its own."""
    return {layer: words for layer, (words, _) in _tried().items()}


def details() -> dict[str, str]:
    """For each layer what there is to say about it on this machine, such as the ABI of Landlock."""
    return {layer: detail for layer, (_, detail) in _tried().items()}


@functools.cache
def _tried() -> dict[str, tuple[str, str]]:
    """What the trial says; a new interpreter, because this process may have threads, and must not be locked in."""
    code = _TRIAL.format(folder=str(Path(__file__).parents[1]))
    command = [sys.executable, "-sPS", "-c", code]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True)
    return {layer: (words, detail) for layer, (words, detail) in json.loads(done.stdout).items()}
