"""`referee collect`: submissions come in while nobody grades."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Literal

from referee.batch import store
from referee.collect import Collected, collect
from referee.course import Course


def collect_submissions(
    course: Course,
    assignment: str,
    source: Path,
    kind: Literal["auto", "canvas", "moodle", "folder"] = "auto",
    *,
    dry_run: bool = False,
) -> Collected:
    """Take the notebooks of a zip or a folder; see `referee.collect`.

    Raises
    ------
    UsageError : no such assignment or source, one that cannot be read, or somebody else writes to this course.
    """
    with nullcontext() if dry_run else store.locked(course, f"referee collect {assignment}"):
        return collect(course, assignment, source, kind, dry_run=dry_run)
