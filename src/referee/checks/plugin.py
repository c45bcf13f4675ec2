"""Graders are pytest files: this plugin collects them once and runs their checks when the notebook pauses.

    with_graders(paths, work)   starts one pytest session; `work` runs inside it and is handed `Graders`
    Graders.run("feature_map")  runs the checks of one check cell, as pytest items, and returns their results

One session can serve many submissions: `work` decides how long it lasts.
"""

from __future__ import annotations

import inspect
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import numpy as np
import pytest

from referee.answers.interface import Student
from referee.answers.remarks import listening
from referee.checks.verdicts import conclude, with_context
from referee.errors import GraderError
from referee.report import CheckResult, Evidence, Fault, Outcome, Verdict

T = TypeVar("T")

_OPTIONS = ("--capture=no", "--strict-markers", "--assert=plain")
_SWITCHED_OFF = (
    *("cacheprovider", "terminal", "doctest", "junitxml", "logging"),
    *("faulthandler", "warnings", "unraisableexception", "threadexception"),
)


@dataclass(frozen=True)
class Check:
    """One collected check: which check cell it belongs to and what it weighs."""

    cell: str
    name: str
    sentence: str
    weight: float
    grader: Path
    item: pytest.Item

    @property
    def public(self) -> bool:
        return "hidden" not in self.grader.parts

    def result(self, verdict: Verdict, evidence: Evidence, seed: int = 0) -> CheckResult:
        """What became of this check, as a record."""
        return CheckResult(
            check=self.cell,
            name=self.name,
            sentence=self.sentence,
            weight=self.weight,
            public=self.public,
            verdict=verdict,
            evidence=evidence,
            seed=seed,
        )


@dataclass(frozen=True)
class Asked:
    """Whom the checks ask and with what: the values of the fixtures `student`, `rng` (its seed) and `data`."""

    student: Student
    seed_of: Callable[[str], int]
    data: str


class Graders:
    """The collected checks of one notebook, ready to run."""

    def __init__(self, plugin: _Plugin[Any], checks: Sequence[Check]) -> None:
        self._plugin = plugin
        self.checks = tuple(checks)
        self.seconds: dict[str, float] = {}

    def run(self, cell: str, asked: Asked) -> list[CheckResult]:
        """Run the checks of one check cell, public ones first, and conclude what became of each."""
        return [self._run_one(check, asked) for check in self.checks if check.cell == cell]

    def _run_one(self, check: Check, asked: Asked) -> CheckResult:
        seed = asked.seed_of(f"{check.cell}/{check.name}")
        began = time.monotonic()
        with listening() as remarks:
            ended, error = self._plugin.run(check.item, asked.student, seed, asked.data)
        self.seconds[f"{check.cell}/{check.name}"] = time.monotonic() - began
        verdict, evidence = conclude(error, check.grader)
        if not ended and error is None:
            verdict = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.CHECK)
            evidence = Evidence(words="the check did not run; this costs no point", log=evidence.log)
        return check.result(verdict, with_context(evidence, *remarks), seed)


def with_graders(paths: Sequence[Path], root: Path, work: Callable[[Graders], T]) -> T:
    """Collect the graders at `paths` and call `work` with them, inside one pytest session.

    Parameters
    ----------
    paths : grader files.   root : the course's root; graders may import what lies there (`reference`).

    Returns
    -------
    What `work` returns.

    Raises
    ------
    GraderError : a grader cannot be loaded, or breaks a rule.   Whatever `work` raises.
    """
    plugin = _Plugin(work)
    if not paths:  # pytest without paths would collect whatever lies in the current folder
        return work(Graders(plugin, ()))
    args = ["-c", os.devnull, f"--rootdir={root}", "--import-mode=importlib", *_OPTIONS]
    args += [part for name in _SWITCHED_OFF for part in ("-p", f"no:{name}")]
    quiet = {"PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": ""}
    with _importable(root, paths), _environment(quiet):
        pytest.main([*args, *map(str, paths)], plugins=[plugin])
    if plugin.error is not None:
        raise plugin.error
    if plugin.result is None:
        raise GraderError(
            f"graders that pytest can run: {', '.join(path.name for path in paths)}", "pytest ended early"
        )
    return plugin.result.value


@dataclass(frozen=True)
class _Result(Generic[T]):
    value: T


class _Plugin(Generic[T]):
    """The pytest plugin of one session. Its state is the check that is running now."""

    def __init__(self, work: Callable[[Graders], T]) -> None:
        self._work = work
        self._now: tuple[Student, int, str] | None = None
        self._ends: dict[str, BaseException | None] = {}
        self.error: BaseException | None = None
        self.result: _Result[T] | None = None

    def run(self, item: pytest.Item, student: Student, seed: int, data: str) -> tuple[bool, BaseException | None]:
        """Run one item; whether its function was reached, and the exception that ended it."""
        self._now, self._ends = (student, seed, data), {}
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        error = next((end for end in self._ends.values() if end is not None), None)
        return "call" in self._ends, error

    def _fixture(self, place: int) -> Any:
        assert self._now is not None
        return self._now[place]

    @pytest.fixture
    def student(self) -> Student:
        """The student's work."""
        student: Student = self._fixture(0)
        return student

    @pytest.fixture
    def rng(self) -> np.random.Generator:
        """Random numbers for hidden inputs: the same for the same submission and check."""
        return np.random.default_rng(self._fixture(1))

    @pytest.fixture
    def data(self) -> str:
        """The data set that the submission is graded with: a name or a path."""
        return str(self._fixture(2))

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "check(cell, weight=1): this function is a check of that check cell")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed and self.error is None:  # a grader that skips itself checks nothing
            self.error = GraderError(
                f"a grader that loads: {report.nodeid}", _last_lines(str(report.longrepr)), "mend it"
            )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Keep how a phase ended. The report for pytest is bare: its own would parse and format what nobody reads."""
        error = call.excinfo.value if call.excinfo is not None else None
        if isinstance(error, (KeyboardInterrupt, pytest.exit.Exception)):
            raise error
        self._ends[call.when] = error
        outcome: Literal["passed", "failed"] = "passed" if error is None else "failed"
        when: Any = call.when
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, when)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of running all items: let `work` decide which run when."""
        if self.error is None:
            try:
                self.result = _Result(self._work(Graders(self, [_check(item) for item in session.items])))
            except BaseException as error:  # noqa: BLE001 - handed on to the caller of with_graders, as it is
                self.error = error
        return True


def _check(item: pytest.Item) -> Check:
    """The check behind a pytest item. Raises `GraderError` where the mark or the sentence is missing."""
    marks = list(item.iter_markers("check"))
    where = f"{item.path.name}: {item.name}"
    if len(marks) != 1 or len(marks[0].args) != 1 or not set(marks[0].kwargs) <= {"weight"}:
        raise GraderError(
            f'one mark @pytest.mark.check("cell", weight=1) on {where}', f"{[mark.args for mark in marks]}"
        )
    sentence = inspect.getdoc(getattr(item, "obj", None)) or ""
    if not sentence:
        raise GraderError(f"a docstring on {where}: the line that the student reads", "none", "write one sentence")
    weight = float(marks[0].kwargs.get("weight", 1))
    if weight <= 0:
        raise GraderError(f"a positive weight on {where}", f"{weight:g}", "leave out a check that counts for nothing")
    return Check(str(marks[0].args[0]), item.name, sentence.splitlines()[0], weight, item.path, item)


def _last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-8:])


@contextmanager
def _importable(root: Path, paths: Sequence[Path]) -> Iterator[None]:
    """Graders may import the course's `reference` and the support files of their assignment, while they run."""
    folders = [str(root), *sorted({str(root / "solutions" / path.parent.name) for path in paths})]
    before, writes = set(sys.modules), sys.dont_write_bytecode
    sys.path[:0], sys.dont_write_bytecode = folders, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes
        for folder in folders:
            sys.path.remove(folder)
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(root) and "site-packages" not in file:
                del sys.modules[name]


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
