"""What determines a result, as SHA-256: so that what has not changed is not graded again.

of_exercise(task, files)    the parts that all submissions to an exercise have in common
completed(task, ...)        the whole basis, where a notebook is graded
expected(task, ...)         the whole basis, as it would be, without grading anything
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from nbformat import NotebookNode

from referee import authoring
from referee.errors import SubmissionError
from referee.report import Basis, Environment
from referee.tasks import Task

_MISSING, _UNREAD = "no file", "no file that is read"


def digest(value: Any) -> str:
    """The SHA-256 of plain data."""
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()


def of_files(files: Mapping[str, bytes]) -> str:
    """The SHA-256 of some files under their names."""
    return digest({name: hashlib.sha256(content).hexdigest() for name, content in files.items()})


def of_exercise(
    task: Task, beside: Mapping[str, bytes], graders: Mapping[str, bytes], data: str, limits: Sequence[Any]
) -> Basis:
    """The parts of a basis that all submissions to an exercise have in common.

    beside : the files that lie beside the notebook.   graders : the checks, and what of the course they import.
    data : the fingerprint of the data.   limits : what the policy says of limits; what follows from a measurement
        concerns those alone whom such a limit stopped.
    """
    authored = authoring.authored(task.authored)
    policy = {
        "limits": limits,
        "parameters": {**task.parameters, "data": data},
        "withhold": task.withhold,
        "threads": task.threads,
    }
    return Basis(
        exercise=digest([_without_points(authored.notebook), of_files(beside)]),
        policy=digest(policy),
        graders=of_files(graders),
        points=digest([(spec.grade_id, spec.points) for spec in authored.specs if spec.grade or spec.task]),
    )


def _without_points(notebook: NotebookNode) -> list[Any]:
    """What of an exercise determines how a submission runs and is put in order."""
    kept = ("grade_id", "grade", "solution", "locked", "task")
    cells = []
    for cell in notebook.cells:
        metadata = cell.metadata.get("nbgrader", {})
        nbgrader = {name: metadata[name] for name in kept if name in metadata}
        cells.append([cell.cell_type, cell.source, nbgrader, list(cell.metadata.get("tags", []))])
    return cells


def completed(task: Task, fingerprint: str, environment: Environment) -> Basis:
    """The basis of a report on a file with this fingerprint; the empty one for what is no file that is read."""
    state = fingerprint or _unread(task.submitted, task.limits.submission_bytes)
    codes = [note.words for note in task.notes if note.code in ("unknown", "several", "name", "late")]
    return msgspec.structs.replace(
        task.basis,
        submission=digest([task.student, task.submitted.name, state, codes]),
        environment=digest(msgspec.to_builtins(environment)),
    )


def expected(task: Task, environment: Environment) -> Basis:
    """The basis that a report would have if the task were graded now, in such an environment."""
    return completed(task, fingerprint_of(task.submitted, task.limits.submission_bytes), environment)


def _unread(path: Path, most: int) -> str:
    """Why a file has no fingerprint; its report says so."""
    if not path.exists():
        return _MISSING
    try:
        authoring.submitted_bytes(path, most)
    except SubmissionError as error:
        return error.found
    return _UNREAD


def fingerprint_of(path: Path, most: int) -> str:
    """The SHA-256 of a handed-in file; empty for what is no file that is read."""
    try:
        return hashlib.sha256(authoring.submitted_bytes(path, most)).hexdigest()
    except SubmissionError:
        return ""
