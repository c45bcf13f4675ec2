"""A bound on what a check computes by itself: an answer must not make it loop for ever in the grader's own process.

Inside the kernel a test cell had its limit of time. Outside, what a cell did with an answer, `while x > 1: ...` say, is
done by the check. Time in which the kernel is asked does not count: that has limits of its own.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SECONDS = 20.0  # of the processor, in the check's thread
_POLL = 0.5


class TooLong(Exception):
    """The check has computed for too long over what it was answered."""


@contextmanager
def patience(seconds: float = SECONDS) -> Iterator[None]:
    """Raise `TooLong` in a block of Python that computes for longer; a single call into a library is not ended."""
    thread, used = threading.get_ident(), _clock()
    ended, turn = threading.Event(), threading.Lock()

    def watch() -> None:
        while not ended.wait(_POLL):
            if used() > seconds:
                with turn:
                    if not ended.is_set():
                        _raise(thread, TooLong)
                return

    watching = threading.Thread(target=watch, name="referee-patience", daemon=True)
    watching.start()
    try:
        yield
    finally:
        with turn:
            ended.set()
            _raise(thread, None)  # what was on its way is not for whoever comes next
        watching.join()


def _clock() -> Callable[[], float]:
    """How long this thread has computed from now on, in seconds; where that is not known, how long it is since now."""
    if not hasattr(time, "pthread_getcpuclockid"):  # not on macOS
        began = time.monotonic()
        return lambda: time.monotonic() - began
    clock = time.pthread_getcpuclockid(threading.get_ident())
    before = time.clock_gettime(clock)
    return lambda: time.clock_gettime(clock) - before


def _raise(thread: int, error: type[Exception] | None) -> None:
    """Let a thread raise an error at its next step; None takes back one that it has not raised yet."""
    raising = ctypes.py_object(error) if error is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raising)
