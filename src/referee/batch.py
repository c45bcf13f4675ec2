"""Many submissions to Reports: local worker processes, each report written as soon as it is there.

Workers grade and return; this process alone writes. What lands where, in the course:

    reports/<assignment>/<student>.json                     everything known, complete
    autograded/<student>/<assignment>/<notebook>.ipynb      the notebook as it ran, for nbgrader's formgrader
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook, new_raw_cell

from referee import course as courses
from referee import grading
from referee.checks.session import close_all
from referee.course import Course
from referee.errors import RefereeError
from referee.report import NotebookReport, Report, to_json
from referee.sandbox import nursery
from referee.sandbox.forkserver import Door
from referee.sandbox.isolation import can_fork
from referee.sandbox.nursery import Nursery, ParentKey, Plan
from referee.sandbox.scratch import sweep
from referee.sandbox.watch import kill_tree

T = TypeVar("T")
Item = TypeVar("Item")

_THREADS = 1  # in each kernel, whatever the number of workers: so that both give the same numbers
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "OMP_NUM_THREADS": "1"}


def workers(wanted: int | None, items: int) -> int:
    """How many worker processes to use: as wanted, or one for each core; never more than there are items."""
    return max(1, min(wanted or os.cpu_count() or 1, items))


def grade_class(course: Course, assignment: str, students: Sequence[str], count: int) -> Iterator[Report]:
    """Grade the submissions of these students, `count` at a time, and yield each report when its files are written.

    Raises
    ------
    CourseError, GraderError, DataError : the course is wrong; what was graded before is kept.
    """
    exercises = course.exercises(assignment)
    sweep()
    jobs = [(course.root, assignment, student) for student in students]
    no_notebooks: dict[str, NotebookNode] = {}
    plans = [grading.parent_of(grading.task_for(course, each, "", each.released)) for each in exercises]
    for (_, _, student), result in in_parallel(_grade, jobs, count, plans):
        if isinstance(result, RefereeError):
            raise result
        if isinstance(result, BaseException):
            report, executed = grading.not_graded(course, assignment, student, result), no_notebooks
        else:
            report, executed = result
        try:
            write(course, report, executed)
        except Exception as error:  # noqa: BLE001 - one report that cannot be written is no reason to stop
            report = grading.not_graded(course, assignment, student, error)
        yield report
    sweep()


def in_parallel(
    function: Callable[[Item], T], items: Sequence[Item], count: int, plans: Collection[Plan] = ()
) -> Iterator[tuple[Item, T | BaseException]]:
    """Call `function` on each item in `count` worker processes; yield results, or what was raised, as they come.

    With one worker the items are done in this process, one after the other. When a worker process is killed, the items
    that were under way or waiting are done again, each in a process of its own: one that kills it again is to blame.
    The workers share the warm parents for `plans`, which start while the workers do.
    """
    if count == 1:
        try:
            yield from ((item, _caught(function, item)) for item in items)
        finally:
            close_all()  # a worker process closes its sessions when it ends
        return
    environment = dict(os.environ)
    os.environ.update(_QUIET)  # spawned workers inherit it
    try:
        again: list[Item] = []
        harness = _harness(plans)
        for item, result in _results(function, items, count, harness):
            if isinstance(result, BrokenProcessPool):
                again.append(item)
            else:
                yield item, result
        for item in again:
            yield from _results(function, [item], 1, harness)
    finally:
        os.environ.clear()
        os.environ.update(environment)


@dataclass(frozen=True)
class _Harness:
    """What a worker process learns from the one that grades: who that is, and where warm kernels come from."""

    parent: int
    layers: frozenset[str]
    doors: Mapping[ParentKey, Door]


def _harness(plans: Collection[Plan]) -> _Harness:
    if not can_fork():
        return _Harness(os.getpid(), frozenset(), {})
    ours = nursery.shared()
    for plan in plans:
        ours.open(plan)
    return _Harness(os.getpid(), ours.layers, ours.doors())


def _results(
    function: Callable[[Item], T], items: Iterable[Item], count: int, harness: _Harness
) -> Iterator[tuple[Item, T | BaseException]]:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=spawn, initializer=_settle_in, initargs=(harness,)) as pool:
        futures: dict[Future[T], Item] = {pool.submit(function, item): item for item in items}
        try:
            for future in as_completed(futures):
                error = future.exception()
                yield futures[future], future.result() if error is None else error
        finally:
            for future in futures:
                future.cancel()


def _settle_in(harness: _Harness) -> None:
    """Let this worker die with the process that grades, and take its kernels where that process does."""
    threading.Thread(target=_watch_parent, args=(harness.parent,), name="parent watch", daemon=True).start()
    if can_fork():
        nursery.share(Nursery(harness.layers, harness.doors))


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    kill_tree(os.getpid())


def _caught(function: Callable[[Item], T], item: Item) -> T | BaseException:
    try:
        return function(item)
    except Exception as error:  # noqa: BLE001 - handed to the caller, as a worker process would
        return error


def _grade(job: tuple[Path, str, str]) -> tuple[Report, dict[str, NotebookNode]]:
    root, assignment, student = job
    return grading.grade(courses.load(root), assignment, student, _THREADS)


def write(course: Course, report: Report, executed: dict[str, NotebookNode]) -> None:
    """Write a report, and the notebooks as they ran; a report is there whole or not at all."""
    folder = course.root / "autograded" / report.student / report.assignment
    unread = {book.notebook: _placeholder(book) for book in report.notebooks if book.refused and not book.missing}
    for name, notebook in {**unread, **executed}.items():
        _replace(folder / f"{name}.ipynb", (nbformat.writes(notebook) + "\n").encode("utf-8", "replace"))
    _replace(report_path(course, report.assignment, report.student), to_json(report) + b"\n")


def _placeholder(report: NotebookReport) -> NotebookNode:
    """What the formgrader shows in place of a notebook that could not be run."""
    words = f"This notebook was not run: {report.refused}"
    return new_notebook(cells=[new_raw_cell(words, id="refused")])


def report_path(course: Course, assignment: str, student: str) -> Path:
    """Where the report of one student's submission lies."""
    return course.root / "reports" / assignment / f"{student}.json"


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{os.getpid()}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
