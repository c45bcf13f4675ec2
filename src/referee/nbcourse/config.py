"""nbgrader's own configuration of a course, read by nbgrader's own application: folders, database, plugins, hooks."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from referee.course import POLICY, Policy, read_policy, sound
from referee.errors import CourseError, MissingExtra
from referee.nbcourse.course import NbCourse

try:
    from nbgrader.apps import AutogradeApp
    from nbgrader.preprocessors import Execute
    from traitlets import TraitError
    from traitlets.config import Config
except ImportError as error:
    raise MissingExtra("nbgrader, for its courses", str(error), "pip install nbgrader") from error

CONFIG = "nbgrader_config.py"
_NO_TIMEOUT = 86_400.0  # seconds: nbgrader's None is no limit at all, and a class has to end


def open_course(folder: Path, database: str | None = None) -> NbCourse:
    """The nbgrader course in a folder, as `nbgrader autograde` would see it there.

    database : the gradebook's URL, in place of the configured one.

    Raises
    ------
    CourseError : nbgrader_config.py or course.toml cannot be read.
    """
    app = configured(folder, database)
    with sound_config("a layout of folders that nbgrader can use"):
        app.coursedir.format_path("step", "student", "assignment")
    with sound_config("a configuration of how notebooks are executed that nbgrader can use"):
        timeout = Execute(parent=app).timeout
    root = Path(app.coursedir.root).resolve()
    policy = read_policy(root / POLICY) if (root / POLICY).is_file() else Policy()
    if not policy.name:
        policy = _named(policy, str(app.coursedir.course_id))
    return sound(NbCourse(root, policy, app, _NO_TIMEOUT if not timeout or timeout < 0 else float(timeout)))


def configured(folder: Path, database: str | None = None) -> Any:
    """nbgrader's application `autograde`, configured as in this folder. Raises `CourseError` for a broken file."""
    own = Config()
    if database is not None:
        own.CourseDirectory.db_url = database
    app = AutogradeApp(raise_config_file_errors=True)
    app.log.handlers.clear()
    app.log.propagate = False
    app.log.addHandler(logging.NullHandler())
    try:
        with contextlib.chdir(folder), _own_hook(), contextlib.redirect_stdout(sys.stderr):
            app.initialize([])
    except (Exception, SystemExit) as error:
        wanted, found = f"a readable {CONFIG} in {folder}", f"{type(error).__name__}: {error}"
        raise CourseError(wanted, found, "mend it; `nbgrader autograde` reads the same file") from error
    app.update_config(own)
    app.coursedir.update_config(own)
    return app


@contextlib.contextmanager
def sound_config(wanted: str) -> Iterator[None]:
    """What nbgrader makes of a configuration that it cannot use, as a `CourseError`."""
    try:
        yield
    except (TraitError, ImportError, TypeError, AttributeError, KeyError, ValueError, SystemExit) as error:
        found = f"{type(error).__name__}: {error}"
        raise CourseError(wanted, found, f"mend {CONFIG}; `nbgrader autograde` reads it, too") from error


@contextlib.contextmanager
def _own_hook() -> Iterator[None]:
    """nbgrader's application puts its own handler of exceptions in place: not here."""
    hook, path = sys.excepthook, list(sys.path)
    try:
        yield
    finally:
        sys.excepthook = hook
        added = [entry for entry in sys.path if entry not in path]
        sys.path[:] = [*path, *added]  # plugins and hooks of the course are imported from there, after all else


def _named(policy: Policy, name: str) -> Policy:
    from msgspec.structs import replace  # noqa: PLC0415 - one name from a small module

    return replace(policy, name=name)
