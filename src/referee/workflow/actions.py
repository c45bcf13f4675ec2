"""A step of GitHub Actions: where its summary goes, and where notebooks lie for it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from referee import authoring
from referee.errors import SubmissionError
from referee.exports import github
from referee.exports.anchors import Place, place
from referee.exports.github import Job
from referee.sandbox.limits import Limits
from referee.workflow.own_run import Checked

_SUMMARY, _WORKSPACE = "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"


def summary_file() -> Path | None:
    """Where a step writes its summary; None outside of GitHub Actions."""
    named = os.environ.get(_SUMMARY, "")
    return Path(named) if named else None


def room() -> int:
    """How many bytes of summary the step has left."""
    path, used = summary_file(), 0
    with contextlib.suppress(OSError):
        used = path.stat().st_size if path else 0
    return github.SUMMARY_BYTES - used


def write_summary(job: Job) -> bool:
    """Write the summary where the step wants it, behind what is there; False where there is no such place."""
    path = summary_file()
    if path is None:
        return False
    with path.open("ab") as file:
        file.write(job.summary.encode())
    return True


def place_of(notebook: Path) -> Place:
    """Where the cells of a notebook stand, in a file that is named as the repository names it."""
    name = _in_repository(notebook)
    try:
        content = authoring.submitted_bytes(notebook, Limits().submission_bytes)
    except (SubmissionError, OSError):
        return Place(path=name)
    return place(name, content)


def own_step(notebook: Path, checked: Checked) -> Job:
    """A student's own run as a step says it."""
    return github.write_own(checked.report, checked.later, place_of(notebook.resolve()), room())


def _in_repository(path: Path) -> str:
    """The path from the root of the repository, with slashes; from the root of everything where there is none."""
    named = os.environ.get(_WORKSPACE, "")
    roots = [Path(named).resolve()] if named else []
    roots += [folder for folder in path.parents if (folder / ".git").exists()]
    inside = next((root for root in roots if path.is_relative_to(root)), None)
    return path.relative_to(inside).as_posix() if inside else path.as_posix()
