"""A class that hands in the light notebooks: as a course of nbgrader's, as one of Referee's, and as plain files.

Each topic is an assignment of its own. Referee's notebooks have one cell more, which makes `check`, as any exercise of
its has; their last cell asks where nbgrader's asserts.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from ci.benchmarks import command, notebooks, runs
from ci.benchmarks.notebooks import NOTEBOOK, TOPICS, Topic
from referee.gradebook import read_scores

CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "light"\n'
_SOURCE = 'c.CourseDirectory.source_directory = "solutions"\n'
_LOCKED = {"grade": False, "locked": True, "solution": False, "task": False, "grade_id": "setup", "schema_version": 3}


def names(students: int) -> list[str]:
    """The students' names."""
    return [f"student{number:04}" for number in range(students)]


def for_nbgrader(folder: Path, topics: Sequence[str], students: int) -> None:
    """A course of nbgrader's with its submissions; what its gradebook is before a grading lies in released.db."""
    folder.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    for topic in topics:
        runs.write(folder / "source" / topic, notebooks.notebook(TOPICS[topic]))
        command.run([*command.NBGRADER, "generate_assignment", topic], folder)
        hand_in(folder, folder / "release" / topic / f"{NOTEBOOK}.ipynb", topic, students)
    shutil.copy(folder / "gradebook.db", folder / "released.db")


def afresh(folder: Path) -> None:
    """Let nothing be graded in a course of nbgrader's."""
    shutil.rmtree(folder / "autograded", ignore_errors=True)
    shutil.copy(folder / "released.db", folder / "gradebook.db")


def for_referee(folder: Path, topics: Sequence[str], students: int) -> None:
    """A course of Referee's with its submissions."""
    folder.mkdir(parents=True)
    (folder / "course.toml").write_text('name = "Light"\n')
    (folder / "nbgrader_config.py").write_text(CONFIG + _SOURCE)
    for topic in topics:
        runs.write(folder / "solutions" / topic, exercise(TOPICS[topic]))
        grader = folder / "graders" / "hidden" / topic / f"{NOTEBOOK}.py"
        grader.parent.mkdir(parents=True)
        grader.write_text(notebooks.grader(TOPICS[topic]))
    command.run([*command.REFEREE, "release"], folder)
    for topic in topics:
        hand_in(folder, folder / "exercises" / topic / f"{NOTEBOOK}.ipynb", topic, students)


def exercise(topic: Topic) -> NotebookNode:
    """The light notebook as an exercise of Referee's."""
    made = notebooks.notebook(topic, check=True)
    source = f'from referee import exercise\n\ncheck = exercise("{topic.name}/{NOTEBOOK}")'
    made.cells.insert(0, new_code_cell(source, id="setup", metadata={"nbgrader": _LOCKED}))
    return made


def as_files(folder: Path, topic: str, students: int) -> None:
    """The submissions as plain files in one folder, with nbgrader's assertions."""
    folder.mkdir(parents=True)
    for name in names(students):
        nbformat.write(_signed(notebooks.notebook(TOPICS[topic]), name), folder / f"{name}.ipynb")


def hand_in(course: Path, released: Path, topic: str, students: int) -> None:
    """Let so many students hand in a released exercise, each a file of their own."""
    source = nbformat.read(released, as_version=4)
    for name in names(students):
        path = course / "submitted" / name / topic / released.name
        path.parent.mkdir(parents=True)
        nbformat.write(_signed(source, name), path)


def _signed(made: NotebookNode, name: str) -> NotebookNode:
    """A copy with the student's name at its end: no two submissions are the same file."""
    signed: NotebookNode = copy.copy(made)
    signed["cells"] = [*made.cells, new_markdown_cell(name, id="name")]
    return signed


def claim_graded(folder: Path, topic: str, students: int) -> None:
    """End a benchmark unless everybody has full marks in the gradebook of a course."""
    rows = read_scores(f"sqlite:///{folder / 'gradebook.db'}", topic)
    good = [row for row in rows if row.score == row.max_score == 1 and not row.needs_manual_grade]
    command.claim(len(good) == students, f"full marks for {topic} in {folder.name} for {students}", f"{len(good)}")


def claim_executed(folder: Path, students: int) -> None:
    """End a benchmark unless so many notebooks in a folder ran to their end without an error."""
    made = [nbformat.read(path, as_version=4) for path in sorted(folder.glob("*.ipynb"))]
    bad = [words for each in made for words in notebooks.failures(each)]
    cells = [cell for each in made for cell in each.cells if cell.cell_type == "code"]
    ended = not bad and all(cell.execution_count for cell in cells) and len(made) == students
    command.claim(ended, f"{students} notebooks in {folder.name} that ran to their end", "; ".join(bad[:1]) or "others")
