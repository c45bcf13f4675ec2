"""Referee: its engine alone, and a whole grading, by workers that share a warm parent.

`job`, `parent` and `joined` are the only places that know how Referee keeps kernels warm.
"""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from ci.benchmarks import notebooks, runs
from ci.benchmarks.notebooks import ASSIGNMENT, NOTEBOOK, Topic
from ci.benchmarks.runs import Answer, Reply, Request
from referee import imports
from referee.execution import Job, execute
from referee.grading import Graded, grade_notebook
from referee.sandbox import nursery
from referee.sandbox.nursery import Nursery
from referee.tasks import Task


@cache
def _needed(topic: Topic) -> imports.Needs:
    made = notebooks.notebook(topic)
    return imports.needs(made, made)


def job(topic: Topic, late: tuple[str, ...] = ()) -> Job:
    """One run by Referee's engine, in a kernel whose parent has imported what the notebook imports."""
    needed = _needed(topic)
    return Job(preload=needed.preload, late=late, variables=needed.variables)


@dataclass(frozen=True)
class Home:
    """What a worker joins: the modules that a first run was seen to import late, and the doors of the parent."""

    late: tuple[str, ...] = ()
    doors: Any = None


@contextmanager
def parent(topic: Topic) -> Iterator[Home]:
    """The warm parent that the workers share; what they need to join it is pickled when they are spawned."""
    if job(topic).kernel == "cold":
        yield Home()
        return
    owner = Nursery()
    try:
        first = job(topic)
        first.nursery, first.want_modules = owner, True  # as the solution runs once before a class is graded
        execute(notebooks.notebook(topic), first, {})
        plan = job(topic, first.modules).plan
        owner.open(plan).wait_ready()
        yield Home(first.modules, {plan.parent: owner.doors()[plan.parent]})
    finally:
        owner.close()


@contextmanager
def joined(home: Home) -> Iterator[None]:
    """In a worker: kernels of this process come from the parent behind the doors."""
    if home.doors:
        nursery.share(Nursery(doors=home.doors))
    try:
        yield
    finally:
        nursery.close_shared()


@contextmanager
def referee(topic: Topic, folder: Path) -> Iterator[Answer]:
    """Referee's engine alone (`do: run`), and the grading of a submission with one check (`do: graded`).

    As many workers as run at a time share one warm parent.
    """
    workers: list[_Worker] = []
    with parent(topic) as home:

        def answer(request: Request) -> Reply:
            while len(workers) < request["width"]:
                workers.append(_Worker(topic, folder / f"worker-{len(workers)}", home))
            asked = workers[: request["width"]]
            for worker in asked:
                worker.connection.send(request)
            return runs.merged([worker.reply() for worker in asked])

        try:
            yield answer
        finally:
            for worker in workers:
                worker.close()


class _Worker:
    """A process that drives kernels, one after the other."""

    def __init__(self, topic: Topic, folder: Path, home: Home) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, topic.name, folder, home))
        self._process.start()
        theirs.close()

    def reply(self) -> Reply:
        reply: Reply = self.connection.recv()
        runs.claim("error" not in reply, reply.get("error", ""))
        return reply

    def close(self) -> None:
        self.connection.close()
        self._process.join(20)
        self._process.kill()
        self._process.join()


def _work(connection: Any, name: str, folder: Path, home: Home) -> None:
    """What a worker does: it answers until the connection is closed."""
    topic = notebooks.TOPICS[name]
    tasks = _tasks(topic, folder, home.late)
    with joined(home):
        while True:
            try:
                request = connection.recv()
            except EOFError:
                return
            try:
                reply = _run(topic, home.late, tasks, request)
            except Exception:  # noqa: BLE001 - reported to whoever asked
                reply = {"error": traceback.format_exc()}
            connection.send(reply)


def _run(topic: Topic, late: tuple[str, ...], tasks: dict[bool, Task], request: Request) -> Reply:
    memory, executed, kernels = bool(request.get("memory")), list[NotebookNode](), set[str]()
    source = notebooks.notebook(topic, memory=memory)

    def run() -> float | None:
        done = job(topic, late)
        executed.append(execute(source, done, {}))
        bad = [f"cell {cell.index + 1}: {cell.words}" for cell in done.cells if cell.status.value != "ok"]
        runs.claim(not bad, "; ".join(bad))
        kernels.add(done.kernel)
        return done.usage.cpu_seconds or None

    def grade() -> float | None:
        graded = grade_notebook(tasks[memory])
        score = [cell.score for cell in graded.report.graded]
        runs.claim(score == [1.0] and graded.executed is not None, _said(graded))
        executed.append(graded.executed)
        kernels.add(graded.report.timings.kernel)
        return graded.report.timings.usage.cpu_seconds or None

    one = grade if request["do"] == "graded" else run
    reply = runs.measured(request["notebooks"], lambda: [one() for _ in range(request["notebooks"])])
    return {**runs.checked(reply, executed), "kernels": " and ".join(sorted(kernels))}


def _said(graded: Graded) -> str:
    """Why a submission did not earn its point."""
    words = [result.evidence.words for result in graded.report.results]
    words += [cell.words for cell in graded.report.graded] + [cell.words for cell in graded.report.cells]
    return f"the submission did not earn its point: {'; '.join(filter(None, words))}"


def _tasks(topic: Topic, folder: Path, late: tuple[str, ...]) -> dict[bool, Task]:
    """The submissions that Referee grades: the timed one, and the one that also tells its kernel's memory."""
    grader = folder / "graders" / "hidden" / ASSIGNMENT / f"{NOTEBOOK}.py"
    grader.parent.mkdir(parents=True)
    grader.write_text(notebooks.grader(topic))
    tasks = {}
    for memory in (False, True):
        path = runs.write(
            folder / ("memory" if memory else "timed"), notebooks.notebook(topic, memory=memory, check=True)
        )
        tasks[memory] = Task(
            student="ada",
            assignment=ASSIGNMENT,
            notebook=NOTEBOOK,
            submitted=path,
            authored=path,
            graders=(grader,),
            root=folder,
            late=late,
        )
    return tasks
