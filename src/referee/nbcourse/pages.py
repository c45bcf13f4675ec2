"""nbgrader's feedback for one submission, made by nbgrader's own converter in a worker process."""

from __future__ import annotations

import contextlib
import glob
import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbconvert.writers import FilesWriter
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
    heard = _Errors()
    try:
        converter = _converter(wanted.root, wanted.database)
        converter.log.addHandler(heard)
        course = converter.coursedir
        course.assignment_id, course.student_id = wanted.assignment, glob.escape(wanted.student)
        with contextlib.chdir(wanted.root):
            converter.init_notebooks()
            converter.convert_notebooks()
    except NbGraderException as error:
        return (heard.cause or str(error))[:300]
    except Exception as error:  # noqa: BLE001 - one page that cannot be made is no reason to stop
        return f"{type(error).__name__}: {str(error)[:300]}"
    finally:
        with contextlib.suppress(Exception):  # where there is no converter, nothing was heard
            _converter(wanted.root, wanted.database).log.removeHandler(heard)
    return ""


@lru_cache(maxsize=2)
def _converter(root: Path, database: str) -> Any:
    """nbgrader's converter as its `start` sets it up: its templates are read once in this process."""
    app = application(root, database)
    made = GenerateFeedback(coursedir=app.coursedir, parent=app)
    made.force = True
    made.writer = FilesWriter(parent=made, config=made.config)
    made.exporter = made.exporter_class(parent=made, config=made.config)
    for each in made.preprocessors:
        made.exporter.register_preprocessor(each)
    return made


class _Errors(logging.Handler):
    """What nbgrader tells of errors: the last line of a traceback, else of the last thing that it said."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.cause = ""
        self._traced = False

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage().strip()
        traced = "Traceback" in text
        if text and (traced or not self._traced):
            self.cause, self._traced = text.splitlines()[-1], traced
