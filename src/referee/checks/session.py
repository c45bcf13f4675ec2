"""One pytest session for all submissions that a process grades by the same graders.

    graders_for(paths, root)    the graders of one notebook, for one submission
    Graders.run("feature_map")  runs the checks of one check cell, as pytest items, and returns their results

A session stands open in a thread of its own until a file behind it changes, `close_all` is called, or the process ends.
"""

from __future__ import annotations

import atexit
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager
from functools import partial
from pathlib import Path
from threading import RLock
from typing import TypeAlias

import msgspec
import numpy as np

from referee.checks.aside import Aside
from referee.checks.modules import CourseModules
from referee.checks.plugin import Asked, Check, Ended, Plugin, own_environment
from referee.checks.verdicts import NOT_RUN, conclude, unchecked, with_remarks
from referee.errors import GraderError
from referee.report import CheckResult, Evidence, Fault

#: Is shown a check without a conclusion, and may give one.
Keep: TypeAlias = Callable[[CheckResult], CheckResult | None]
_MOST_OPEN = 16  # sessions of one process; with more, the one that was idle longest is closed


class Graders:
    """The collected checks of one notebook, ready to run for one submission; `seconds` says how long each took."""

    def __init__(self, session: _Session | None) -> None:
        self._session = session
        self.checks = session.checks if session is not None else ()
        self.seconds: dict[str, float] = {}

    def run(self, cell: str, asked: Asked, keep: Keep = lambda _check: None) -> list[CheckResult]:
        """Run the checks of one check cell, public ones first, and conclude what became of each.

        keep : is shown a check without a conclusion, and may give one: then it is not run.
        """
        checks = [check for check in self.checks if check.cell == cell]
        if self._session is None or not checks:
            return []
        with self._session.at_work():
            blank = ((check, check.result(NOT_RUN, Evidence())) for check in checks)
            return [keep(empty) or self._run_one(self._session, check, asked) for check, empty in blank]

    def _run_one(self, session: _Session, check: Check, asked: Asked) -> CheckResult:
        seed = asked.seed_of(f"{check.cell}/{check.name}")
        began = time.monotonic()
        ended = session.run(check, asked, seed)
        self.seconds[f"{check.cell}/{check.name}"] = time.monotonic() - began
        verdict, evidence = conclude(ended.error, check.grader)
        if not ended.reached and ended.error is None:
            verdict = unchecked(Fault.CHECK)
            evidence = Evidence(words="the check did not run; this costs no point", log=evidence.log)
        return check.result(verdict, with_remarks(session.without_paths(evidence), ended.remarks), seed)


def graders_for(paths: Sequence[Path], root: Path) -> Graders:
    """The graders at `paths`, from a session that is open, or from a new one.

    Parameters
    ----------
    paths : grader files.   root : the course's root; graders may import what lies there (`reference`).

    Raises
    ------
    GraderError : a grader cannot be loaded, or breaks a rule.
    """
    if not paths:  # pytest without paths would collect whatever lies in the current folder
        return Graders(None)
    key = (root, *paths)
    with _turn:
        session = _sessions.pop(key, None)
        if session is not None and not session.usable:
            session.close()
            session = None
        _sessions[key] = session or _Session(root, paths)  # the one that was used last stands last
        while len(_sessions) > _MOST_OPEN:
            _sessions.pop(next(iter(_sessions))).close()
        return Graders(_sessions[key])


def close_all() -> None:
    """End every session that is open in this process."""
    with _turn:
        while _sessions:
            _sessions.popitem()[1].close()


_sessions: dict[tuple[Path, ...], _Session] = {}
_turn = RLock()  # where a process grades in several threads: imports and random numbers are the whole process's
atexit.register(close_all)
if hasattr(os, "register_at_fork"):  # the threads of the sessions are not there in a forked process
    os.register_at_fork(after_in_child=_sessions.clear)


class _Session:
    """One pytest session that stands open. Raises `GraderError` where the graders cannot be collected."""

    def __init__(self, root: Path, paths: Sequence[Path]) -> None:
        self._root = root
        self._modules = CourseModules(root, paths)
        self._aside = Aside()
        self._plugin = Plugin(self._aside)
        with self.at_work(), own_environment():
            _seed(0)
            self._aside.start(partial(self._plugin.main, root, paths))
        if self._aside.ended:
            wanted = f"graders that pytest can run: {', '.join(path.name for path in paths)}"
            raise self._plugin.error or GraderError(wanted, "pytest ended early")
        self.checks = tuple(self._plugin.checks)

    def without_paths(self, evidence: Evidence) -> Evidence:
        """The evidence without the place of the course, which differs between machines and runs."""
        if f"{self._root}/" not in evidence.log:
            return evidence
        return msgspec.structs.replace(evidence, log=evidence.log.replace(f"{self._root}/", ""))

    @property
    def usable(self) -> bool:
        return not self._aside.ended and self._modules.current

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While checks run: no other session's do, and what they import from the course is there."""
        with _turn, self._modules.present(), _draws_kept():
            yield

    def run(self, check: Check, asked: Asked, seed: int) -> Ended:
        """Run one check. Raises what is no check's end: Ctrl-C, or `pytest.exit`; then the session has ended."""
        _seed(seed)
        return self._aside.do(partial(self._plugin.run, check.item, asked, seed))

    def close(self) -> None:
        if not self._aside.ended:
            with self.at_work(), own_environment(), chdir(os.curdir):  # pytest goes back to where it began
                self._aside.close()


def _seed(seed: int) -> None:
    """Let `random` and NumPy's global generator begin here: a check draws the same, whoever was graded before."""
    random.seed(seed)
    np.random.seed(seed % 2**32)


@contextmanager
def _draws_kept() -> Iterator[None]:
    """Leave the global generators as they were: this process may have draws of its own."""
    ours, numpys = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(ours)
        np.random.set_state(numpys)
