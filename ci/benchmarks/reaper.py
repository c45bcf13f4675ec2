"""Runs a command, and waits for everything that it started: how long the one took, and how much CPU all of it.

    python reaper.py REPORT COMMAND...      (`command.run` starts it)

The system counts the CPU of a process for whoever waits for its end. One that outlives its parent (multiprocessing's
fork server does, and with it go the workers that it waited for) would be waited for by the system's first process, and
be lost to us: here this process adopts it (`PR_SET_CHILD_SUBREAPER`), on Linux.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of linux/prctl.h
_SETTLED = 30  # seconds for what the command left behind


def main() -> int:
    """Run the command; its exit status."""
    report, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    began = time.monotonic()
    process = subprocess.Popen(command)
    process.wait()
    wall = time.monotonic() - began
    signal.alarm(_SETTLED)  # what does not end ends this, and there is no report
    _wait_for_all()
    signal.alarm(0)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    Path(report).write_text(json.dumps({"wall": wall, "cpu": used.ru_utime + used.ru_stime}), encoding="utf-8")
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _wait_for_all() -> None:
    try:
        while True:
            os.wait()
    except ChildProcessError:  # nobody is left
        return


if __name__ == "__main__":
    sys.exit(main())
