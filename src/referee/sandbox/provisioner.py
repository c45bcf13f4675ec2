"""Jupyter's door to a student's kernel: kernel provisioners, found by their entry points.

Everything above this door sees a Jupyter kernel and nothing else. `ColdProvisioner` starts a new interpreter for each
kernel, with an environment of its own and a scratch folder, and ends its whole process tree. It does not isolate the
kernel from the machine's files and network.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict, Unicode

from referee.sandbox.watch import kill_tree

#: The layers that hold a cold kernel, as reports name them.
COLD_LAYERS = ("own process group", "own environment", "scratch folder")

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


class Scratch:
    """A kernel's own folder: `work` for the notebook, `home` and `tmp` for its environment, sockets beside them.

    The path is short on purpose: Unix socket names hold about 100 characters.
    """

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        self.work, self.home, self.tmp = (self.root / name for name in ("work", "home", "tmp"))
        for folder in (self.work, self.home, self.tmp):
            folder.mkdir()

    def close(self) -> None:
        """Remove the folder and all that the notebook wrote there."""
        remove(self.root)

    def environment(self, threads: int) -> dict[str, str]:
        """The environment variables of a kernel that lives here: an allow-list, never the caller's secrets."""
        kept = {name: os.environ[name] for name in _ENV_ALLOWED if name in os.environ}
        own = {"HOME": self.home, "IPYTHONDIR": self.home / ".ipython", "TMPDIR": self.tmp}
        own["JUPYTER_RUNTIME_DIR"] = self.root
        counts = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), str(threads))
        return {**kept, **_ENV_SET, **counts, **{name: str(path) for name, path in own.items()}}


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


class ColdProvisioner(LocalProvisioner):  # type: ignore[misc] # jupyter_client has no types for its traits
    """Starts a kernel as a new process in a scratch folder and ends its whole tree with it."""

    scratch_work = Unicode("").tag(config=True)
    kernel_env = Dict({}).tag(config=True)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        kwargs = await super().pre_launch(**kwargs)
        kwargs.update(cwd=self.scratch_work, env=dict(self.kernel_env))
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel; what it writes below Python's own streams goes nowhere."""
        kwargs.update(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return await super().launch_kernel(cmd, **kwargs)

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and every process that it started."""
        if self.pid:
            kill_tree(self.pid)
        with contextlib.suppress(ProcessLookupError):
            await super().kill(restart)


class _OneKernelSpec(KernelSpecManager):  # type: ignore[misc] # jupyter_client has no types for its traits
    """Knows one kernel, whatever name a notebook asks for: ours."""

    def __init__(self, spec: KernelSpec) -> None:
        super().__init__()
        self._spec = spec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002 - whatever its name
        return self._spec


def kernel_manager(scratch: Scratch, threads: int) -> AsyncKernelManager:
    """A manager for one kernel in `scratch` that talks over Unix sockets (over loopback TCP on Windows)."""
    spec = KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--HistoryManager.enabled=False"],
        display_name="Referee",
        language="python",
        metadata={
            "kernel_provisioner": {
                "provisioner_name": "referee-cold",
                "config": {"scratch_work": str(scratch.work), "kernel_env": scratch.environment(threads)},
            }
        },
    )
    manager = AsyncKernelManager(
        kernel_name="referee",
        kernel_spec_manager=_OneKernelSpec(spec),
        connection_file=str(scratch.root / "k.json"),
    )
    if os.name == "posix":
        manager.transport = "ipc"
        manager.ip = str(scratch.root / "k")
    return manager


def inside_source() -> str:
    """Code for a kernel's first, silent execution: it loads `inside.py` out of the student's sight and starts it."""
    text = Path(__file__).with_name("inside.py").read_text(encoding="utf-8")
    return (
        f"exec(compile({json.dumps(text)}, '<referee>', 'exec'), (_ := {{'__name__': 'referee_inside'}}))\n"
        "_['serve'](get_ipython().user_ns)\ndel _"
    )
