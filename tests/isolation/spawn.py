"""Starts the runner as root and as an ordinary user, both at a time, and collects what became of the attacks."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.isolation.judges import Verdict
from tests.isolation.victims import OTHER_USER, SECRET
from tests.sandbox.ordinary import USER, missing, ordinary

_ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 900


@dataclass(frozen=True)
class Setting:
    """Where attacks are run: which layers are on ("watch" among them), or `outside` any sandbox."""

    layers: frozenset[str] = frozenset()
    outside: bool = False


@dataclass
class Results:
    """What one user's runner said. missing : layers that do not work for that user here, and why."""

    missing: dict[str, str] = field(default_factory=dict)
    verdicts: dict[tuple[str, Setting], Verdict] = field(default_factory=dict)
    seconds: dict[tuple[str, Setting], float] = field(default_factory=dict)
    last_words: str = ""

    def of(self, attack: str, setting: Setting) -> Verdict:
        """What became of an attack; "unclear" where the runner ended before it."""
        return self.verdicts.get((attack, setting), Verdict("unclear", f"the runner ended early: {self.last_words}"))


def users() -> dict[str, str]:
    """The users as whom attacks can be run, and why not: "" where they can."""
    if os.geteuid() != 0:
        return {"root": "needs root", "user": ""}
    return {"root": "", "user": missing()}


def run(wanted: Mapping[Setting, Iterable[str]], which: Iterable[str] = ("root", "user")) -> dict[str, Results]:
    """Run attacks, for each of the users that can be had: {setting: names of attacks}."""
    possible = [user for user in which if not users()[user]]
    with _folder() as folder:
        runs = [
            {"layers": sorted(setting.layers), "outside": setting.outside, "attacks": list(names)}
            for setting, names in wanted.items()
        ]
        order = json.dumps({"setuid": _setuid_program(folder), "runs": runs})
        started = {user: _start(user, folder, order) for user in possible}
        try:
            return {user: _collect(user, folder, process) for user, process in started.items()}
        finally:
            for process in started.values():
                process.kill()
                process.wait()


def prefix() -> str:
    """How the names of all files begin that a run of this process makes outside of its own folder."""
    return f"referee-attacks-{os.getpid()}"


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that every user can reach, with one for each user's temporary files."""
    folder = Path(tempfile.mkdtemp(prefix=f"{prefix()}-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        for user in ("root", "user"):
            (folder / user).mkdir(0o755)
        if os.geteuid() == 0:
            os.chown(folder / "user", USER, USER)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _setuid_program(folder: Path) -> str:
    """A program that says as whom it runs, which is somebody else; "" where only root could make it."""
    if os.geteuid() != 0:
        return ""
    program = folder / "who"
    shutil.copy(shutil.which("id") or "/usr/bin/id", program)
    os.chown(program, OTHER_USER, OTHER_USER)
    program.chmod(0o4755)
    return str(program)


def _start(user: str, folder: Path, order: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.isolation.runner"]
    place = str(folder / user)
    environment = {**os.environ, "TMPDIR": place, "HOME": place, SECRET: f"proof-{secrets.token_hex(12)}"}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    (folder / f"{user}.order").write_text(order, encoding="utf-8")
    with (
        (folder / f"{user}.order").open(encoding="utf-8") as given,
        (folder / f"{user}.said").open("w", encoding="utf-8") as said,
        (folder / f"{user}.words").open("w", encoding="utf-8") as words,
    ):
        command = ordinary(command) if user == "user" else command
        return subprocess.Popen(command, cwd=_ROOT, env=environment, stdin=given, stdout=said, stderr=words, text=True)


def _collect(user: str, folder: Path, process: subprocess.Popen[str]) -> Results:
    """All that a runner has said when it has ended."""
    results = Results()
    try:
        process.wait(_SECONDS)
    finally:
        results.last_words = (folder / f"{user}.words").read_text(encoding="utf-8", errors="replace")[-2000:]
    for line in (folder / f"{user}.said").read_text(encoding="utf-8").splitlines():
        _note(json.loads(line), results)
    return results


def _note(said: dict[str, Any], results: Results) -> None:
    if "missing" in said:
        results.missing = said["missing"]
        return
    setting = Setting(frozenset(said["layers"]), said["outside"])
    results.seconds[said["attack"], setting] = said["seconds"]
    results.verdicts[said["attack"], setting] = Verdict(said["how"], said["why"])
