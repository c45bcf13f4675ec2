"""nbgrader's feedback for one submission, made by nbgrader's own converter in a worker process."""

from __future__ import annotations

import contextlib
import glob
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException

from referee.nbcourse.plain import application


@dataclass(frozen=True)
class Wanted:
    """Whose feedback is to be made, in which course."""

    root: Path
    database: str
    assignment: str
    student: str

    @property
    def patience(self) -> float:
        """The seconds within which it has to be there."""
        return 600.0


def write_feedback(wanted: Wanted) -> str:
    """Write a student's feedback pages in place of old ones; why that was not possible, where it was not."""
    app = application(wanted.root, wanted.database)
    course = app.coursedir
    course.assignment_id, course.student_id = wanted.assignment, glob.escape(wanted.student)
    converter = GenerateFeedback(coursedir=course, parent=app)
    converter.force = True
    heard: list[str] = []
    converter.log.error = lambda message, *args: heard.append(_said(message, args))
    try:
        with contextlib.chdir(wanted.root):
            converter.start()
    except NbGraderException as error:
        return next((line for line in reversed(heard) if line), str(error))[:300]
    except Exception as error:  # noqa: BLE001 - one page that cannot be made is no reason to stop
        return f"{type(error).__name__}: {str(error)[:300]}"
    return ""


def _said(message: Any, args: tuple[Any, ...]) -> str:
    text = str(message) % args if args else str(message)
    return text.strip().splitlines()[-1] if text.strip() else ""
