"""Runs a command as an ordinary user, also where the tests run as root and the interpreter lies in root's own home.

Root's home is closed to others. There, the command gets a private mount namespace in which closed folders above the
interpreter are covered by open ones that hold the interpreter and nothing else.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

USER = 12345

_SCRIPT = """
set -e
closed="$1" prefix="$2"; shift 2
if [ -n "$closed" ]; then
    mount -t tmpfs -o mode=755 none /mnt
    mkdir /mnt/prefix
    mount --bind "$prefix" /mnt/prefix
    mount -t tmpfs -o mode=755 none "$closed"
    mkdir -p "$prefix"
    mount --move /mnt/prefix "$prefix"
    umount /mnt
fi
exec setpriv --reuid=%(user)d --regid=%(user)d --clear-groups -- "$@"
"""


def missing() -> str:
    """Why no command can be run as an ordinary user here; "" where one can."""
    absent = [tool for tool in ("unshare", "setpriv", "mount") if os.geteuid() == 0 and not shutil.which(tool)]
    return f"needs {', '.join(absent)}" if absent else ""


def ordinary(command: Sequence[str]) -> list[str]:
    """The arguments that run `command` as user 12345; as the user of the tests where that is not root."""
    if os.geteuid() != 0:
        return list(command)
    prefix = os.path.realpath(sys.base_prefix)
    closed = next((str(above) for above in reversed(Path(prefix).parents) if not above.stat().st_mode & 0o001), "")
    script = _SCRIPT % {"user": USER}
    return ["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", closed, prefix, *command]
