"""The file that somebody names with --out: put in place whole, through links; a pipe or a device is written into."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from referee.batch import store
from referee.errors import UsageError


def require_file(out: Path, example: str) -> None:
    """Raise `UsageError` where no file can be written: a folder, what lies in a file, a circle of links, a socket.

    example : how a file in the folder might be called.
    """
    status = _status(out)
    if status is None or stat.S_ISREG(status.st_mode) or _takes_a_stream(status):
        return
    if stat.S_ISDIR(status.st_mode):
        raise UsageError("a file to write to", f"the folder {out}", f"name one: --out {out / example}")
    raise UsageError("a file, a pipe or a terminal to write to", f"another thing, {out}", "name another --out")


def require_folder(out: Path) -> None:
    """Raise `UsageError` where there is something else than a folder, or no way to one."""
    status = _status(out)
    if status is not None and not stat.S_ISDIR(status.st_mode):
        raise UsageError("a folder to write to", f"no folder, {out}", "name another --out")


def write_out(out: Path, content: bytes, *, durable: bool = True) -> None:
    """Write what somebody asked for where they said. Who may read a file that is written over stays as it was.

    A link stays, and what it leads to is replaced; a pipe, a terminal or another stream is written into as it is.
    durable : as for `store.replace`.

    Raises
    ------
    UsageError : as `require_file`.   NoRoom : there is no room.   OSError : it cannot be written.
    """
    require_file(out, out.name)
    status = _status(out)
    with store.no_room(out.parent):
        if status is not None and not stat.S_ISREG(status.st_mode):
            with os.fdopen(os.open(out, os.O_WRONLY), "wb") as stream:
                stream.write(content)
            return
        mode = None if status is None else stat.S_IMODE(status.st_mode)
        store.replace(Path(os.path.realpath(out)), content, durable=durable, mode=mode)


def _takes_a_stream(status: os.stat_result) -> bool:
    """Whether something is made to be written into; a disk is not: that would destroy what is on it."""
    return stat.S_ISFIFO(status.st_mode) or stat.S_ISCHR(status.st_mode)


def _status(out: Path) -> os.stat_result | None:
    """What there is, behind all links; None where there is nothing yet."""
    try:
        return out.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError("a place to write to", f"{out}: {error.strerror or error}", "name another --out") from error
