"""The ways to run a light notebook: each is a process of its own that runs notebooks when it is asked to.

    python -m ci.benchmarks.ways WAY TOPIC FOLDER     (`measure.Driver` starts it)

Requests and replies (`runs`) are a line of JSON each, on standard input and output; where something fails, the reply is
its traceback.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import nbformat
from nbformat import NotebookNode

from ci.benchmarks import notebooks, runs
from ci.benchmarks.floor import floor
from ci.benchmarks.notebooks import ASSIGNMENT, NOTEBOOK, Topic
from ci.benchmarks.runs import Answer, Reply, Request

Way: TypeAlias = Callable[[Topic, Path], AbstractContextManager[Answer]]

_MEMORY = "memory"  # the assignment whose notebooks tell their kernel's memory


@contextmanager
def nbgrader(topic: Topic, folder: Path) -> Iterator[Answer]:
    """`nbgrader autograde` of a real course; one student for each notebook that is asked for.

    It runs inside this process, which spares nbgrader its start for each command; `do: command` runs the command.
    """
    from nbgrader.converters import Autograde, GenerateAssignment  # noqa: PLC0415 - in its own process alone
    from nbgrader.coursedir import CourseDirectory  # noqa: PLC0415 - the same
    from traitlets.config import Config  # noqa: PLC0415 - the same

    def convert(verb: Any, assignment: str) -> None:
        config = Config({"CourseDirectory": {"root": str(folder), "assignment_id": assignment}})
        verb(coursedir=CourseDirectory(config=config), config=config).start()

    (folder / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "bench"\n')
    for assignment in (ASSIGNMENT, _MEMORY):
        runs.write(folder / "source" / assignment, notebooks.notebook(topic, memory=assignment == _MEMORY))
        convert(GenerateAssignment, assignment)
    shutil.copy(folder / "gradebook.db", folder / "released.db")

    def answer(request: Request) -> Reply:
        assignment = _MEMORY if request.get("memory") else ASSIGNMENT
        for name in ("autograded", "submitted"):
            shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copy(folder / "released.db", folder / "gradebook.db")
        students = [f"student{number}" for number in range(request["notebooks"])]
        for student in students:
            shutil.copytree(folder / "release" / assignment, folder / "submitted" / student / assignment)
        command = [sys.executable, "-m", "nbgrader", "autograde", assignment]

        def autograde() -> None:
            if request["do"] == "command":
                subprocess.run(command, cwd=folder, check=True)
            else:
                convert(Autograde, assignment)

        reply = runs.measured(request["notebooks"], autograde)
        graded = (folder / "autograded" / student / assignment / f"{NOTEBOOK}.ipynb" for student in students)
        return runs.checked(reply, [nbformat.read(path, as_version=4) for path in graded])

    yield answer


@contextmanager
def papermill(topic: Topic, folder: Path) -> Iterator[Answer]:  # noqa: ARG001 - as for all ways
    """papermill's Python API: a new python3 kernel for each notebook, no file written, this process already there."""
    import papermill  # noqa: PLC0415 - in its own process alone

    def answer(request: Request) -> Reply:
        source, executed = notebooks.notebook(topic, memory=bool(request.get("memory"))), list[NotebookNode]()

        def run() -> None:
            for _ in range(request["notebooks"]):
                made = papermill.execute_notebook(
                    copy.deepcopy(source), None, kernel_name="python3", progress_bar=False
                )
                executed.append(made)

        return runs.checked(runs.measured(request["notebooks"], run), executed)

    yield answer


@contextmanager
def referee(topic: Topic, folder: Path) -> Iterator[Answer]:
    """Referee's engine, and its grading."""
    from ci.benchmarks import warm  # noqa: PLC0415 - in its own process alone

    with warm.referee(topic, folder) as answer:
        yield answer


WAYS: dict[str, Way] = {"nbgrader": nbgrader, "papermill": papermill, "referee": referee, "floor": floor}


def main() -> None:
    """Answer requests until there are no more."""
    way, topic, folder = WAYS[sys.argv[1]], notebooks.TOPICS[sys.argv[2]], Path(sys.argv[3])
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no reply
    os.chdir(folder)
    with contextlib.ExitStack() as stack:
        answer: Answer | None = None
        for line in sys.stdin:
            try:
                answer = answer or stack.enter_context(way(topic, folder))
                reply = answer(json.loads(line))
            except Exception:  # noqa: BLE001 - reported to whoever asked
                reply = {"error": traceback.format_exc()}
            replies.write(json.dumps(reply) + "\n")
            replies.flush()


if __name__ == "__main__":
    main()
