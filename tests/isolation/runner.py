"""Runs attacks as the user that it is started as, and prints what became of each: one line of JSON for each.

It reads {"setuid": path, "runs": [{"layers": [...], "outside": false, "attacks": [...]}]} from its input. The layers
are those that are on, "watch" among them or not; `outside` runs an attack in a process without any sandbox instead, to
show that it works. The first line that it prints says what is missing here: {"missing": {"landlock": "why"}}.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from nbformat.v4 import new_code_cell, new_notebook

from referee import execution
from referee.errors import HarnessError
from referee.execution import Job, execute
from referee.sandbox import running
from referee.sandbox.jail import machine
from referee.sandbox.limits import Limits
from referee.sandbox.nursery import Nursery
from referee.sandbox.scratch import Scratch
from referee.sandbox.watch import Watch
from tests.isolation.attack import Attack
from tests.isolation.attacks import ATTACKS
from tests.isolation.forging import answered
from tests.isolation.judges import Run, Verdict, judge
from tests.isolation.victims import Victims

_LIMITS: dict[str, Any] = {"memory_mb": 400, "disk_mb": 32, "processes": 64, "cell_seconds": 20, "notebook_seconds": 40,
                           "output_bytes": 100_000}  # fmt: skip
#: Without the watch: limits that no attack reaches; a cell ends all the same, some seconds after it should have.
_UNWATCHED = {"memory_mb": 1 << 20, "output_bytes": 10**9, "notebook_output_bytes": 10**9}
_LONGER = 3.0
_WENT_ON = 'print("WENT ON")'
_OUTSIDE_SECONDS = 30


class _Blind(Watch):
    """A watch that sees nothing."""

    def _watch(self) -> None:
        return

    def _look(self) -> None:
        return


def in_kernel(attack: Attack, nursery: Nursery, victims: Victims, watched: bool) -> Run:
    """The attack in a notebook of a kernel of this nursery."""
    limits = {**_LIMITS, **attack.limits}
    if not watched:
        limits |= _UNWATCHED
        if "cell_seconds" in attack.limits:
            limits["cell_seconds"] = attack.limits["cell_seconds"] + _LONGER
    job = Job(nursery=nursery, limits=Limits(**limits))
    notebook = new_notebook(cells=[new_code_cell(attack.cell(victims.facts())), new_code_cell(_WENT_ON)])
    run = Run("", cells=job.cells, exceeded=job.exceeded, guarded=watched)
    watch = Watch if watched else _Blind
    # A kernel that does not stop when it is interrupted gets some more seconds: here fewer
    with mock.patch.object(running, "Watch", watch), mock.patch.object(execution, "_GRACE", 1):
        try:
            done = execute(notebook, job, {})
        except HarnessError as error:
            run.error = str(error)
            return run
    outputs = done.cells[0].outputs
    run.text = "".join(output.get("text", "") for output in outputs)
    run.kept = len(json.dumps(outputs))
    return run


def outside(attack: Attack, victims: Victims) -> Run:
    """The attack in a process as a careless harness would start it: with its environment and its descriptors."""
    scratch = Scratch().furnish()
    source = f"{attack.cell(victims.facts())}\n{_WENT_ON}\n"
    place = scratch.root / "cell.py"
    place.write_text(source)
    leaked = os.open(victims.folder / "course", os.O_RDONLY | os.O_DIRECTORY)
    try:
        if attack.judge == "inherited":
            return _forked(source, scratch.root / "said")
        said = scratch.root / "said"
        with said.open("w") as file:  # no pipe, because a daemon would hold it open
            done = subprocess.run([sys.executable, str(place)], cwd=scratch.work, pass_fds=(leaked,), stdout=file,
                                  stderr=subprocess.STDOUT, timeout=_OUTSIDE_SECONDS, check=False)  # fmt: skip
        if attack.judge == "links":
            _tidy_carelessly(scratch.work)
        return Run(said.read_text(), kept=said.stat().st_size, code=done.returncode)
    finally:
        os.close(leaked)
        scratch.close()


def _forked(source: str, place: Path) -> Run:
    """The attack in a child of this process, which has the secret."""
    pid = os.fork()
    if pid == 0:
        with place.open("w") as file:
            os.dup2(file.fileno(), 1)
            sys.stdout = file
            with contextlib.suppress(BaseException):
                exec(source, {"__name__": "__main__"})
        os._exit(0)
    os.waitpid(pid, 0)
    return Run(place.read_text(), code=0)


def _tidy_carelessly(folder: Path) -> None:
    """Empty a folder as one should not: through the links in it."""
    for root, _folders, files in os.walk(folder, followlinks=True):
        for name in files:
            Path(root, name).write_text("")


def attempt(attack: Attack, nursery: Nursery, victims: Victims, watched: bool, bare: bool) -> Verdict:
    """Try an attack on victims that are whole."""
    if attack.judge == "answers":
        return answered(attack, nursery, careful=not bare)
    if attack.name == "setuid_program" and not victims.can_change_user:
        return Verdict("skipped", "only root can make a setuid program")
    victims.restore()
    run = outside(attack, victims) if bare else in_kernel(attack, nursery, victims, watched)
    return judge(attack, run, victims)


def run_all(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What became of each attack."""
    missing = {layer: words for layer, words in machine.probe().items() if words}
    yield {"missing": missing}
    for run in order["runs"]:
        on = frozenset(run["layers"]) - {"watch", *missing}
        with contextlib.closing(Nursery(on, spares=0)) as nursery, Victims(nursery, order["setuid"]) as victims:
            for name in run["attacks"]:
                began = time.monotonic()
                try:
                    found = attempt(ATTACKS[name], nursery, victims, "watch" in run["layers"], run["outside"])
                except Exception as error:  # noqa: BLE001 - whatever it is, the other attacks are still to be tried
                    found = Verdict("unclear", f"{type(error).__name__}: {error}")
                seconds = round(time.monotonic() - began, 2)
                said = {"attack": name, "layers": run["layers"], "outside": run["outside"]}
                yield {**said, "how": found.how, "why": found.why, "seconds": seconds}


def main() -> None:
    """Run what the input says."""
    for line in run_all(json.load(sys.stdin)):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
