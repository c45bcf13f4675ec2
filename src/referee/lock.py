"""The lock of a course: one process at a time writes to it, and everybody else is told who that is.

.referee/lock    held while somebody writes; the system lets go of it when the process ends, however it does
"""

from __future__ import annotations

import contextlib
import datetime
import os
import socket
from collections.abc import Iterator

import msgspec

from referee.course import STATE, Course
from referee.errors import UsageError

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment] # then nobody is kept out


class Holder(msgspec.Struct):
    """Who holds the lock of a course."""

    pid: int
    host: str
    doing: str
    since: str

    def words(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}: {self.doing}"


@contextlib.contextmanager
def locked(course: Course, doing: str) -> Iterator[None]:
    """While this course is written by us alone; `doing` is what others are told that we do.

    Raises
    ------
    UsageError : somebody else writes; nothing was changed.
    """
    folder = course.root / STATE
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    _held.add(descriptor)
    try:
        _lock(descriptor, course)
        since = datetime.datetime.now().astimezone().isoformat(" ", "seconds")
        holder = Holder(pid=os.getpid(), host=socket.gethostname(), doing=doing, since=since)
        os.ftruncate(descriptor, 0)
        with contextlib.suppress(OSError):  # a full disk: the lock holds without the words
            os.pwrite(descriptor, msgspec.json.encode(holder), 0)
        yield
    finally:
        _held.discard(descriptor)
        os.close(descriptor)


_held = set[int]()


def _let_go() -> None:
    """In a forked process: only the one that took a lock holds it."""
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


def _lock(descriptor: int, course: Course) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            who = msgspec.json.decode(os.pread(descriptor, 4096, 0), type=Holder).words()
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            who = "another process"
        wanted = f"nobody else who writes to the course {course.root}"
        raise UsageError(wanted, who, "wait for its end, or end it; nothing was changed") from None
    except OSError as error:
        wanted = f"a file system that can lock files, at {course.root}"
        raise UsageError(wanted, error.strerror or str(error), "move the course to a local disk") from error
