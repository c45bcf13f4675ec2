"""One run of the coordinator over a class, in a process of its own, with workers that run no notebook.

    python coordinator.py ASSIGNMENT TEMPLATE      (`scale` starts it in the course's folder)

All of `referee grade` is real, its worker processes too, but for what these do: in place of `batch.work.carry_out` they
answer at once with the outcome of one real grading (TEMPLATE holds its report and notebook), under the student's name
and with the basis of the submission. It prints what this process used, as JSON: the workers and the warm parents are
other processes, and not counted; nor is what is imported.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import nbformat

from referee import basis, grading
from referee.batch import running, store
from referee.batch.work import Order, Outcome, packed
from referee.report import Report

_TEMPLATE = "REFEREE_BENCH_TEMPLATE"


def stub(order: Order) -> Outcome:
    """What a worker does here: the outcome of the template's grading, as if it were this order's."""
    report, executed = _template()
    books = []
    for task, book in zip(order.tasks, report.notebooks, strict=True):
        fingerprint = basis.fingerprint_of(task.submitted, task.limits.submission_bytes)
        now = basis.completed(task, fingerprint, grading.environment())
        books.append(msgspec.structs.replace(book, fingerprint=fingerprint, basis=now))
    return packed(grading.report_of(order.tasks, order.course, books), executed)


@functools.cache
def _template() -> tuple[Report, dict[str, Any]]:
    folder = Path(os.environ[_TEMPLATE])
    report = store.read_report(folder / "report.json")
    assert report is not None, folder
    return report, {path.stem: nbformat.read(path, as_version=4) for path in folder.glob("*.ipynb")}


class Clock:
    """Seconds of wall clock and of this thread's CPU, by phase; a phase within another one is not counted twice."""

    def __init__(self) -> None:
        self.phases: dict[str, dict[str, float]] = {}
        self._inside: list[list[float]] = []

    def timed(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed as a part of a phase."""

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            if threading.current_thread() is not threading.main_thread():
                return function(*args, **kwargs)
            self._inside.append([0.0, 0.0])
            began = time.monotonic(), time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                spent = time.monotonic() - began[0], time.thread_time() - began[1]
                within = self._inside.pop()
                if self._inside:
                    self._inside[-1] = [a + b for a, b in zip(self._inside[-1], spent, strict=True)]
                kept = self.phases.setdefault(phase, {"wall": 0.0, "cpu": 0.0})
                kept["wall"] += spent[0] - within[0]
                kept["cpu"] += spent[1] - within[1]

        return call


@contextlib.contextmanager
def watched(clock: Clock, kept: list[Any]) -> Iterator[None]:
    """While the coordinator's parts are timed, and its workers answer at once; what it returns is kept."""
    from referee import gradebook, release, verify, workflow  # noqa: F401, PLC0415 - not in the workers

    grade = sys.modules["referee.workflow.grade"]
    parts = [
        ("plan", grade, "plan"),
        ("write", store, "write"),
        ("pages", grade, "write_pages"),
        ("pages", grade, "refresh_pages"),
        ("gradebook", gradebook, "rehearse"),
        ("gradebook", gradebook, "record"),
        ("gradebook", gradebook, "manual_scores"),
    ]
    verb = workflow.grade_any

    def keeping(*args: Any, **kwargs: Any) -> Any:
        kept.append(verb(*args, **kwargs))
        return kept[-1]

    with contextlib.ExitStack() as stack:
        for phase, owner, name in parts:
            stack.enter_context(patch.object(owner, name, clock.timed(phase, getattr(owner, name))))
        stack.enter_context(patch.object(running, "carry_out", stub))
        stack.enter_context(patch.object(workflow, "grade_any", keeping))
        yield


def memory_mib() -> dict[str, float]:
    """The memory of this process, now and at its most, in MiB; nothing where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    fields = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmHWM", "VmRSS"))}
    return {"now": int(fields["VmRSS"]) / 1024, "most": int(fields["VmHWM"]) / 1024}


def main() -> None:
    """Grade the class once; what that took."""
    from referee.cli import classes  # noqa: F401, PLC0415 - imported before anything is measured
    from referee.cli import main as referee  # noqa: PLC0415 - not in the workers

    assignment, os.environ[_TEMPLATE] = sys.argv[1:]
    clock, graded, said = Clock(), list[Any](), io.StringIO()
    with watched(clock, graded), contextlib.redirect_stdout(said):
        before = memory_mib()
        began, used = time.monotonic(), _cpu()
        with contextlib.suppress(SystemExit):  # how the command ends, is said by what it graded
            referee(["grade", assignment, "--workers", "2"], standalone_mode=False)
        wall, cpu = time.monotonic() - began, _cpu() - used
    reports = graded[0].reports
    full = sum(report.earned == report.points for report in reports)
    counted = {"reports": len(reports), "full": full, "kept": graded[0].kept}
    used_up = {"wall": wall, "cpu": cpu, "phases": clock.phases, "before": before, "memory": memory_mib()}
    print(json.dumps({**counted, **used_up}))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
