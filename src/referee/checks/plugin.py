"""Graders are pytest files: this plugin collects them, and runs a check when its session is told to.

`Plugin.main` is pytest's main function from its start to its end; in between, where pytest would run all that it has
collected, the session serves whoever holds the other end of its `Aside` (see `referee.checks.session`).
"""

from __future__ import annotations

import inspect
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from referee.answers.interface import Answer, Question, Source, Student
from referee.answers.remarks import Remarks, listening
from referee.calibration import Band
from referee.checks.aside import Aside
from referee.errors import GraderError
from referee.report import CheckResult, Evidence, Verdict

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


def never_calibrated(quantity: str) -> Band:
    """The band of a quantity where there is no calibration at all."""
    raise GraderError(f"a calibration of {quantity!r}", "none", "run `referee calibrate`")


@dataclass(frozen=True)
class Asked:
    """Whom the checks ask and with what: what is behind the fixtures `student`, `rng` (its seed) and so on.

    band_of : the band of a calibrated quantity; raises `GraderError` where it was never measured.
    """

    source: Source
    seed_of: Callable[[str], int]
    data: str
    framework: str = "numpy"
    band_of: Callable[[str], Band] = never_calibrated


@dataclass(frozen=True)
class Ended:
    """How a check ended: whether its function was reached, what it raised, and what was remarked."""

    reached: bool = False
    error: BaseException | None = None
    remarks: Remarks = field(default_factory=Remarks)


class _FromAside:
    """A student's answers for checks in the session's thread: the questions are asked in the caller's."""

    def __init__(self, source: Source, aside: Aside) -> None:
        self._source = source
        self._aside = aside

    def ask(self, question: Question) -> Answer:
        return self._aside.ask(lambda: self._source.ask(question))


class Plugin:
    """The pytest plugin of one session, all of it in the session's thread. Its state is the check that runs now."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside
        self._now: tuple[Asked, int] | None = None
        self._ends: dict[str, BaseException | None] = {}
        self.checks: list[Check] = []
        self.error: GraderError | None = None

    def main(self, root: Path, paths: Sequence[Path]) -> None:
        """Collect the graders at `paths`, serve, and end the session."""
        args = ["-c", os.devnull, f"--rootdir={root}", "--import-mode=importlib", *_OPTIONS]
        args += [part for name in _SWITCHED_OFF for part in ("-p", f"no:{name}")]
        pytest.main([*args, *map(str, paths)], plugins=[self])

    def run(self, item: pytest.Item, asked: Asked, seed: int) -> Ended:
        """Run one item, and forget the submission again."""
        self._now = asked, seed
        try:
            with listening() as remarks:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            error = next((end for end in self._ends.values() if end is not None), None)
            return Ended("call" in self._ends, error, remarks)
        finally:
            self._now, self._ends = None, {}
            for name in ("last_type", "last_value", "last_traceback"):  # pytest keeps them for a debugger
                vars(sys).pop(name, None)

    def _asked(self) -> tuple[Asked, int]:
        assert self._now is not None
        return self._now

    @pytest.fixture
    def student(self) -> Student:
        """The student's work."""
        return Student(_FromAside(self._asked()[0].source, self._aside))

    @pytest.fixture
    def rng(self) -> np.random.Generator:
        """Random numbers for hidden inputs: the same for the same submission and check."""
        return np.random.default_rng(self._asked()[1])

    @pytest.fixture
    def data(self) -> str:
        """The data set that the submission is graded with: a name or a path."""
        return self._asked()[0].data

    @pytest.fixture
    def framework(self) -> str:
        """The framework of the notebook, by its name: "keras", "torch" or "numpy"."""
        return self._asked()[0].framework

    @pytest.fixture
    def calibration(self) -> Callable[[str], Band]:
        """What the reference reaches: a function from the name of a quantity to its `Band`, for framework and data."""
        return self._asked()[0].band_of

    @pytest.fixture
    def tmp_path(self) -> Iterator[Path]:
        """An empty folder that is gone after the check; pytest's own would stay as long as the session."""
        with tempfile.TemporaryDirectory(prefix=f"referee-{os.getpid()}-check-") as folder:
            yield Path(folder)

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
        """Instead of running all items: let the caller decide which run when."""
        if self.error is None:
            try:
                self.checks = [_check(item) for item in session.items]
            except GraderError as error:
                self.error = error
            else:
                self._aside.serve()
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
def own_environment() -> Iterator[None]:
    """While pytest starts or ends: no settings of the caller's, and none of pytest's afterwards."""
    values = {"PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": ""}
    names = (*values, "PYTEST_VERSION")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
