"""nbgrader's Autograde in two halves: all that comes before a submission's notebooks run, and all that comes after.

    Halves.begin(student)        -> Begun: files copied, database entries made, notebooks sanitized
                                    (the notebooks run, elsewhere)
    Halves.finish(begun, ran)       scores, comments, penalties, autograded/ as nbgrader writes them
    Halves.give_up(student)         as nbgrader leaves a submission that it could not autograde

Everything in between is nbgrader's own code and the course's own configuration: preprocessors, hooks, plugins.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import ExecutePreprocessor
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError
from nbgrader.preprocessors import AssignLatePenalties, ClearHiddenTests, Execute, SaveAutoGrades
from traitlets.utils.importstring import import_item

from referee.errors import RefereeError
from referee.nbcourse import accepting, switches
from referee.nbcourse.book import Book, DatabaseFailed
from referee.nbcourse.config import sound_config
from referee.nbcourse.course import NbCourse

_OWN = ("nbgrader.", "nbconvert.")
_NOTED = logging.WARNING


class NotGraded(Exception):
    """nbgrader would not have graded this submission; the message says why. notebook : at which it ended, if at one."""

    def __init__(self, why: str, notebook: str = "") -> None:
        super().__init__(why)
        self.notebook = notebook


@dataclass(frozen=True)
class Begun:
    """A submission that is ready to be run.

    folder : where it lies, sanitized.   notebooks : by name, as each would be executed.
    ended : why nbgrader could not sanitize the notebook after these; those before it run and are scored all the same.
    paths : of these notebooks as they were handed in, for the hooks.
    said : by notebook what nbgrader warned of; under "" what concerns all of them.
    """

    student: str
    folder: Path
    notebooks: dict[str, NotebookNode]
    said: dict[str, list[str]]
    paths: tuple[str, ...] = ()
    ended: NotGraded | None = None


@dataclass(frozen=True)
class Played:
    """A notebook that ran: as it is now, and the points of cells that checks outside the kernel decided."""

    notebook: NotebookNode
    checked: Mapping[str, float | None]


class Halves:
    """nbgrader's converter for one assignment.

    Raises
    ------
    CourseError : the configuration names preprocessors that cannot be had.
    """

    def __init__(self, course: NbCourse, assignment: str) -> None:
        self._course, self._assignment = course, assignment
        with sound_config("a configuration of Autograde, its preprocessors, hooks and plugins, that can be used"):
            course.app.coursedir.assignment_id = assignment
            self._converter = _Converter(coursedir=course.app.coursedir, parent=course.app)
            self._converter.force = True
            self._converter.opened()
            self._before, self._execute, self._after = self._converter.parts()
            self._converter.standard()
        self._heard = _Heard()
        self._converter.log.addHandler(self._heard)

    @property
    def standard(self) -> bool:
        """Whether nothing but nbgrader's own code works on the database."""
        return self._converter.standard()

    @cached_property
    def executes(self) -> bool:
        """Whether notebooks are run at all: the configuration may have switched it off."""
        return self._execute is not None and bool(self._execute(parent=self._converter).enabled)

    @property
    def timeout_error(self) -> dict[str, Any]:
        """What nbgrader puts under a cell whose time is up."""
        return dict(Execute(parent=self._converter).error_on_timeout)

    @cached_property
    def hidden_begins(self) -> str:
        """The line with which this course begins a hidden test."""
        return str(ClearHiddenTests(parent=self._converter).begin_test_delimeter)

    def submissions(self) -> dict[str, tuple[Path, ...]]:
        """By student the notebooks that nbgrader would autograde; none where it finds no submission."""
        try:
            self._converter.init_notebooks()
        except NbGraderException:
            return {}
        excluded = self._converter.coursedir.student_id_exclude.split(",")
        found = {}
        for folder, notebooks in sorted(self._converter.assignments.items()):
            student = self._student_of(folder)
            if student not in excluded:
                found[student] = tuple(map(Path, sorted(notebooks)))
        return found

    def _student_of(self, folder: str) -> str:
        pattern = self._converter._format_source("(?P<assignment_id>.*)", "(?P<student_id>.*)", escape=True)
        match = re.match(pattern, folder)
        return match["student_id"] if match is not None else folder  # whoever reads the name sees that it is none

    def left_alone(self, student: str) -> bool:
        """Whether nbgrader would skip a submission: it was autograded, and no newer one has come."""
        done = self._course.autograded(student, self._assignment)
        if not done.exists():
            return False
        source = self._course.submission(student, self._assignment)
        try:
            new, old = (self._converter.coursedir.get_existing_timestamp(str(path)) for path in (source, done))
        except Exception:  # noqa: BLE001 - nbgrader fails over a file that holds no time; to be said when it is graded
            return False
        return not (new is not None and old is not None and new > old)

    def begin(self, student: str, notebooks: tuple[Path, ...], book: Book) -> Begun:
        """Copy, register and sanitize a submission. Raises `NotGraded` where nbgrader could not."""
        converter = self._converter
        folder = self._course.autograded(student, self._assignment)
        said: dict[str, list[str]] = {"": []}
        source, limits = self._course.submission(student, self._assignment), self._course.nb_limits(self._assignment)
        with self._guarded(folder), _in(self._course.root):
            if why := accepting.refused(source, notebooks, limits):
                raise NotGraded(why)
            converter.notebooks = [str(path) for path in notebooks]
            converter.use([], sanitizing=True)  # its files and time are those that were handed in
            converter.init_destination(self._assignment, student)
            converter.run_pre_convert_hook()
            with book.step(), self._heard.into(said, ""):
                converter.init_assignment(self._assignment, student)
                ready, ended = self._prepared(list(converter.notebooks), said)
                if ended is not None and not ready:
                    raise ended
        return Begun(student, folder, ready, said, tuple(converter.notebooks), ended)

    def _prepared(
        self, paths: list[str], said: dict[str, list[str]]
    ) -> tuple[dict[str, NotebookNode], NotGraded | None]:
        """The notebooks before the first that nbgrader cannot sanitize, and why: it gets there when they have run."""
        ready: dict[str, NotebookNode] = {}
        for path in paths:
            name = Path(path).stem
            try:
                with self._heard.into(said, name):
                    ready[name] = self._sanitized(path)
            except (DatabaseFailed, RefereeError):
                raise
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a hostile notebook, or a preprocessor
                return ready, _refusal(error, name)
        return ready, None

    def _sanitized(self, path: str) -> NotebookNode:
        converter = self._converter
        restoring = switches.restoring_from(self._released, self._course.rules)
        converter.use([*restoring, *converter.sanitizing()], sanitizing=True)
        BaseConverter.convert_single_notebook(converter, path)
        converter.use([*self._before, switches.capturing()], sanitizing=False)
        try:
            with utils.setenv(NBGRADER_EXECUTION="autograde"):
                BaseConverter.convert_single_notebook(converter, self._built(path))
        except switches.Captured as captured:
            return captured.notebook
        raise NotGraded("a preprocessor ended the conversion before the notebook ran")

    def _released(self, notebook: str) -> Path:
        folder = self._converter.coursedir.format_path(
            self._converter.coursedir.release_directory, ".", self._assignment
        )
        return Path(folder, f"{notebook}.ipynb")

    def _built(self, path: str) -> str:
        return str(Path(self._converter.writer.build_directory, Path(path).name))

    def finish(self, begun: Begun, ran: Mapping[str, Played], book: Book) -> None:
        """Save scores, comments and penalties, and write autograded/. Raises `NotGraded` where nbgrader could not.

        A notebook that is not among those that ran ends it, as an exception ends nbgrader's own loop: what was saved of
        notebooks before it stays saved.
        """
        converter = self._converter
        with self._guarded(begun.folder), _in(self._course.root):
            for name in begun.notebooks:
                if name not in ran:
                    raise NotGraded(f"{name} did not run to its end", name)
                with _at(name), self._heard.into(begun.said, name), book.step():
                    self._saved(str(begun.folder / f"{name}.ipynb"), ran[name])
            if begun.ended is not None:
                raise begun.ended
            with self._heard.into(begun.said, ""):
                converter.notebooks = list(begun.paths)  # not those of whoever was prepared meanwhile
                converter.set_permissions(self._assignment, begun.student)
                converter.run_post_convert_hook()

    def _saved(self, path: str, played: Played) -> None:
        costs = self._course.rules.stderr_costs
        after = [
            switches.scoring(each, stderr_costs=costs, checked=played.checked)
            if issubclass(each, SaveAutoGrades)
            else each
            for each in self._after
        ]
        execute = switches.replayed(played.notebook) if self.executes else None
        self._converter.use([*([execute] if execute else []), *after], sanitizing=False)
        with utils.setenv(NBGRADER_EXECUTION="autograde"):
            BaseConverter.convert_single_notebook(self._converter, path)

    def give_up(self, student: str) -> None:
        """Leave a submission as nbgrader leaves one that it could not autograde: nothing of it in autograded/."""
        self._remove(self._course.autograded(student, self._assignment))

    def _remove(self, folder: Path) -> None:
        notebook = self._converter.coursedir.notebook_id
        if notebook != "*":  # this one is graded alone: what lies there of others is theirs
            for path in folder.glob(f"{notebook}.ipynb"):
                utils.remove(str(path))
        elif folder.exists():
            utils.rmtree(str(folder))

    @contextlib.contextmanager
    def _guarded(self, folder: Path) -> Iterator[None]:
        """What nbgrader does about errors: this submission is not autograded, and the others are."""
        try:
            yield
        except BaseException as error:
            self._remove(folder)
            if _is_refusal(error):
                raise _refusal(error) from error
            raise


def _is_refusal(error: BaseException) -> bool:
    """Whether an error concerns a submission alone: a hostile notebook, or code of the course; no interruption."""
    return isinstance(error, Exception | SystemExit) and not isinstance(error, RefereeError | NotGraded)


def _refusal(error: BaseException, notebook: str = "") -> NotGraded:
    """Why nbgrader does not grade a submission, in words."""
    if isinstance(error, NotGraded):
        return NotGraded(str(error), notebook)
    if isinstance(error, SchemaTooOldError | SchemaTooNewError):
        words = f"a notebook has nbgrader metadata of another version: {error}; `nbgrader update` mends it"
    elif isinstance(error, SystemExit):  # of a hook, or a plugin
        words = f"code of the course ended with sys.exit({error.code!r})"
    elif isinstance(error, OSError):
        words = f"{error.strerror or error} ({error.filename or notebook or 'a file of the submission'})"
    else:
        words = f"{type(error).__name__}: {str(error)[:300]}"
    return NotGraded(words, notebook)


@contextlib.contextmanager
def _at(notebook: str) -> Iterator[None]:
    """An error in this block is one of this notebook."""
    try:
        yield
    except BaseException as error:
        if _is_refusal(error):
            raise _refusal(error, notebook) from error
        raise


class _Converter(Autograde):  # type: ignore[misc] # nbgrader has no types
    """nbgrader's Autograde, driven from outside: it registers the preprocessors that it is told to."""

    def opened(self) -> None:
        """What `start` does before it converts anything."""
        from nbconvert.writers import FilesWriter  # noqa: PLC0415 - as nbgrader does

        self.writer = FilesWriter(parent=self, config=self.config)
        self.exporter = self.exporter_class(parent=self, config=self.config)

    def use(self, preprocessors: list[Any], *, sanitizing: bool) -> None:
        """Let the next conversion use these."""
        self._sanitizing = sanitizing
        self.exporter._preprocessors = []
        for each in preprocessors:
            self.exporter.register_preprocessor(each)

    def sanitizing(self) -> list[Any]:
        """The preprocessors that sanitize."""
        return [_imported(each) for each in self.sanitize_preprocessors]

    def parts(self) -> tuple[list[Any], Any, list[Any]]:
        """The preprocessors that autograde: before execution, the executing one, after it."""
        chosen = [_imported(each) for each in self.autograde_preprocessors]
        place = next((place for place, each in enumerate(chosen) if issubclass(each, ExecutePreprocessor)), None)
        if place is None:
            return [], None, chosen
        return chosen[:place], chosen[place], chosen[place + 1 :]

    def standard(self) -> bool:
        """Whether preprocessors and the plugin for late submissions are nbgrader's own; hooks run outside of a step."""
        chosen = [_imported(each) for each in (*self.sanitize_preprocessors, *self.autograde_preprocessors)]
        plugin = AssignLatePenalties(parent=self).plugin_class
        return all(f"{each.__module__}.".startswith(_OWN) for each in [*chosen, plugin])


def _imported(preprocessor: Any) -> Any:
    return import_item(preprocessor) if isinstance(preprocessor, str) else preprocessor


class _Heard(logging.Handler):
    """Keeps what nbgrader warns of, for the report."""

    def __init__(self) -> None:
        super().__init__(_NOTED)
        self._into: list[list[str]] = []

    @contextlib.contextmanager
    def into(self, said: dict[str, list[str]], name: str) -> Iterator[None]:
        self._into.append(said.setdefault(name, []))
        try:
            yield
        finally:
            self._into.pop()

    def emit(self, record: logging.LogRecord) -> None:
        if self._into:
            self._into[-1].append(record.getMessage())


@contextlib.contextmanager
def _in(folder: Path) -> Iterator[None]:
    """nbgrader works in the course's root: paths and URLs of its configuration may be relative to it."""
    before = os.getcwd()  # noqa: PTH109 - to be gone back to, whatever it is called
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
