"""A kernel's folder on our side, the environment that it is given, and the sweep of what killed runs left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psutil

_PREFIX = "referee-"
_ENV_ALLOWED = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "SYSTEMROOT")
_ENV_SET = {
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_DETERMINISTIC_OPS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "MPLBACKEND": "agg",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
_COUNTED = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENBLAS_NUM_THREADS")


class Scratch:
    """A kernel's own folder on our side: its sockets, which it never sees.

    Where a kernel has no file tree of its own, also what it writes: `work` for the notebook, `home` and `tmp` for its
    environment (`furnish`).

    The path is short on purpose: Unix socket names hold about 100 characters.
    """

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        self.work, self.home, self.tmp = (self.root / name for name in ("work", "home", "tmp"))

    def furnish(self) -> Scratch:
        """Make the folders that a kernel without a root of its own works in."""
        for folder in (self.work, self.home, self.tmp):
            folder.mkdir()
        return self

    def close(self) -> None:
        """Remove the folder and all that the notebook wrote there."""
        remove(self.root)

    def environment(self, threads: int) -> dict[str, str]:
        """The environment variables of a kernel that lives here."""
        own = {"HOME": self.home, "IPYTHONDIR": self.home / ".ipython", "TMPDIR": self.tmp}
        own["JUPYTER_RUNTIME_DIR"] = self.root
        return environment(threads, {name: str(path) for name, path in own.items()})


def environment(threads: int, more: Mapping[str, str]) -> dict[str, str]:
    """The environment variables of a kernel: an allow-list, never the caller's secrets."""
    kept = {name: os.environ[name] for name in _ENV_ALLOWED if name in os.environ}
    return {**kept, **_ENV_SET, **dict.fromkeys(_COUNTED, str(threads)), **more}


def remove(folder: Path) -> None:
    """Remove a folder, however deep a notebook made it."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:
        subprocess.run(["rm", "-rf", "--", str(folder)], check=False)


def sweep() -> None:
    """Remove the scratch folders of processes that are gone: what a killed run left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdigit() and _gone(int(owner)):
            remove(folder)


def _gone(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False
