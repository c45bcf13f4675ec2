"""A whole command as a user types it: its wall clock, and the CPU of all that it started (`reaper`)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ci.benchmarks.measure import environment, kill_tree
from referee.errors import HarnessError

REFEREE = (str(Path(sys.executable).with_name("referee")),)
NBGRADER = (sys.executable, "-m", "nbgrader")
_PATIENCE = 4 * 3600  # seconds for one command
_SHOWN = 3000  # characters of what a failed command said


@dataclass(frozen=True)
class Ran:
    """What a command took, in seconds, and what it printed."""

    wall: float
    cpu: float
    printed: str

    @property
    def data(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.printed)


def script(name: str) -> tuple[str, ...]:
    """The command for a program beside this one, which finds no module of this repository but what is installed."""
    return sys.executable, "-P", str(Path(__file__).with_name(f"{name}.py"))


def run(command: Sequence[str], folder: Path) -> Ran:
    """Run a command in a folder, with nothing on its standard input; its temporary files lie beside that folder.

    Raises
    ------
    HarnessError : it failed, or left a process that does not end; its last words are in the message.
    """
    aside = folder.with_name(f"{folder.name}-aside")
    (aside / "tmp").mkdir(parents=True, exist_ok=True)
    report, out, log = aside / "report.json", aside / "out", aside / "log"
    report.unlink(missing_ok=True)
    with out.open("wb") as standard, log.open("wb") as errors:
        process = subprocess.Popen(
            [*script("reaper"), str(report), *command],
            cwd=folder,
            env=environment(aside / "tmp"),
            stdin=subprocess.DEVNULL,
            stdout=standard,
            stderr=errors,
            start_new_session=True,  # Ctrl-C is for the benchmark, which ends this in order
        )
        try:
            status = process.wait(_PATIENCE)
        except BaseException:
            kill_tree(process.pid)
            process.wait()
            raise
    if status != 0 or not report.is_file():
        words = f"status {status}: {log.read_text(errors='replace')[-_SHOWN:].strip()}"
        raise HarnessError(f"`{' '.join(command)}` that ends well", words, "mend it, and measure again")
    return Ran(**json.loads(report.read_text(encoding="utf-8")), printed=out.read_text(encoding="utf-8"))


def claim(holds: bool, wanted: str, found: str) -> None:
    """End a benchmark whose result is not what it has to be: its time would mean nothing."""
    if not holds:
        raise HarnessError(wanted, found, "mend it, and measure again")
