"""Jupyter's doors to a student's kernel: kernel provisioners, found by their entry points, and a manager for them.

Everything above sees a Jupyter kernel and nothing else, so papermill and nbclient need no patch. A kernel that is
restarted is another one, with sockets of its own: who talked to the first has to connect anew.

    WarmProvisioner   "referee-warm": a kernel forked from a process that has imported the frameworks, behind the walls
    ColdProvisioner   "referee-cold": a new interpreter in a scratch folder, not isolated; where nothing can be forked
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase, LocalProvisioner
from jupyter_client.session import Session
from traitlets import Any as AnyTrait
from traitlets import Dict, Integer, List, Type, Unicode
from zmq.asyncio import Context

from referee.errors import HarnessError
from referee.sandbox import nursery
from referee.sandbox.forkserver import Exited, KernelLost
from referee.sandbox.isolation import can_fork
from referee.sandbox.nursery import Berth, Nursery, Plan
from referee.sandbox.scratch import Scratch
from referee.sandbox.watch import kill_tree

_HEADER = 65_536  # bytes of a message's header, parent and metadata, each
_CONTENT = 2_000_000  # bytes of a message's content that are parsed without a look
_NESTED, _PARTS = 200_000, 4_000_000
_START = 60  # seconds for a kernel to start, where Jupyter does not say
_SILENCE = 1.0  # seconds without a word, after which a kernel is asked whether it is ready
_SETTLED = 0.05  # seconds without a message, after which a dead kernel's last words have been read


class WarmProvisioner(KernelProvisionerBase):  # type: ignore[misc] # jupyter_client has no types for its traits
    """Takes a kernel from the nursery of this process.

    In a kernelspec: `"metadata": {"kernel_provisioner": {"provisioner_name": "referee-warm", "config": {"preload":
    ["torch"]}}}`. Its sockets are Unix sockets, whatever transport the manager was configured for.
    """

    preload = List(Unicode()).tag(config=True)
    variables = Dict().tag(config=True)
    threads = Integer(1).tag(config=True)
    plan = AnyTrait()
    nursery = AnyTrait()
    berth: Berth | None = None
    _ended: Berth | None = None
    used: Exited | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        kwargs = await super().pre_launch(cmd=[], **kwargs)
        if self.plan is None:
            self.plan = Plan(
                preload=tuple(self.preload), variables=tuple(sorted(self.variables.items())), threads=self.threads
            )
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002 - nothing is executed
        """Take a kernel and say how it is reached."""
        if not can_fork():
            raise HarnessError("Linux, for warm kernels", sys.platform, "use the kernel python3")
        source: Nursery = self.nursery or nursery.shared()
        self.berth = source.take(self.plan, _START)
        self.connection_info = self.berth.connection
        return self.berth.connection

    @property
    def has_process(self) -> bool:
        return self.berth is not None

    @property
    def pid(self) -> int | None:
        """The kernel's process, as this process counts them."""
        return self.berth.kernel.pid if self.berth is not None else None

    @property
    def folder(self) -> Path | None:
        """What the kernel writes to, where no file system of its own bounds it."""
        source: Nursery = self.nursery or nursery.shared()
        return None if "namespaces" in source.layers or self.berth is None else self.berth.scratch.root

    @property
    def lost(self) -> bool:
        """True where the kernel's parent has ended, and the kernel with it: for no fault of its own."""
        ended = self.berth or self._ended
        return ended is not None and ended.server.gone()

    def alive(self) -> bool:
        """True while the kernel's process is there."""
        return self.berth is not None and self.berth.kernel.alive()

    async def poll(self) -> int | None:
        """None while the kernel lives, and also before it was started; else its exit status, 1 where it is unknown."""
        if self.berth is None or self.berth.kernel.alive():
            return None
        return self.used.status if self.used is not None else 1

    async def died(self) -> None:
        """Wait until the kernel's process has ended: the system says so at once."""
        if self.berth is None or not self.berth.kernel.alive():
            return
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        descriptor = os.dup(self.berth.kernel.pidfd)
        loop.add_reader(descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)

    async def wait(self) -> int | None:
        await self.died()
        return await self.poll()

    async def send_signal(self, signum: int) -> None:
        if self.berth is not None:
            self.berth.kernel.send_signal(signum)

    async def terminate(self, restart: bool = False) -> None:
        await self.kill(restart)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002 - a restart takes a new kernel
        if self.berth is not None:
            if self.folder is not None:
                kill_tree(self.berth.kernel.pid)  # without namespaces its children would live on
            self.berth.kernel.send_signal(signal.SIGKILL)

    async def cleanup(self, restart: bool = False) -> None:  # noqa: ARG002 - a restart takes a new kernel
        """End the kernel, whatever it is doing; its end is waited for in `settle`."""
        if self.berth is not None:
            self.berth.close()
            self._ended, self.berth = self.berth, None

    def settle(self) -> None:
        """Wait until the kernel has ended, and note what it used."""
        if self.berth is not None:
            self.berth.close()
            self._ended, self.berth = self.berth, None
        if self._ended is not None:
            self.used, self._ended = self._ended.exited(), None


class ColdProvisioner(LocalProvisioner):  # type: ignore[misc] # jupyter_client has no types for its traits
    """Starts a kernel as a new process in a scratch folder and ends its whole tree with it."""

    lost = False  # it has no parent but this process
    scratch_work = Unicode("").tag(config=True)
    kernel_env = Dict({}).tag(config=True)
    used: Exited | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        kwargs = await super().pre_launch(**kwargs)
        kwargs.update(cwd=self.scratch_work, env=dict(self.kernel_env))
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel; what it writes below Python's own streams goes nowhere."""
        kwargs |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return await super().launch_kernel(cmd, **kwargs)

    def alive(self) -> bool:
        """True while the kernel's process is there."""
        return self.process is not None and self.process.poll() is None

    @property
    def folder(self) -> Path:
        """What the kernel writes to."""
        return Path(self.scratch_work).parent

    async def died(self) -> None:
        """Wait until the kernel's process has ended; it is looked for once in a while."""
        while await self.poll() is None:
            await asyncio.sleep(_SETTLED)

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and every process that it started."""
        if self.pid:
            kill_tree(self.pid)
        with contextlib.suppress(ProcessLookupError):
            await super().kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Let the system forget the process, which has ended or is about to."""
        await self.wait()
        await super().cleanup(restart)


class _Session(Session):  # type: ignore[misc] # jupyter_client has no types for its traits
    """Reads messages within bounds: JSON of megabytes takes seconds to parse, and many times its size in memory."""

    def deserialize(self, msg_list: list[Any], content: bool = True, copy: bool = True) -> dict[str, Any]:
        frames = [memoryview(getattr(frame, "buffer", frame)) for frame in msg_list[:5]]
        if len(frames) < 5 or any(len(frame) > _HEADER for frame in frames[1:4]) or _costly(frames[4]):
            raise ValueError("a message that no kernel writes: too short, or its JSON too large")
        return dict(super().deserialize(msg_list, content=content, copy=copy))


def _costly(content: memoryview) -> bool:
    """Whether JSON has so many parts that parsing it would hold up the grader; one long text has few."""
    if len(content) <= _CONTENT:
        return False
    text = bytes(content)
    return text.count(b"[") + text.count(b"{") > _NESTED or text.count(b",") > _PARTS


class _Channel(AsyncZMQSocketChannel):  # type: ignore[misc] # jupyter_client has no types for its traits
    """A channel on which a kernel cannot keep its reader: messages that lie there already stop no clock.

    Between two of them everybody else has a turn, and when the time for waiting is up, there is nothing to read.
    """

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        await asyncio.sleep(0)
        if timeout is not None and timeout <= 0:
            raise Empty
        message: dict[str, Any] = await super().get_msg(timeout)
        return message


class _PatientClient(AsyncKernelClient):  # type: ignore[misc] # jupyter_client has no types for its traits
    """A client that a flood of messages does not hold up."""

    shell_channel_class = Type(_Channel)
    iopub_channel_class = Type(_Channel)


class _Client(_PatientClient):
    """A client that opens the channels that grading needs and waits for what the kernel says, not for the clock."""

    def start_channels(self, **_channels: bool) -> None:
        super().start_channels(shell=True, iopub=True, stdin=False, hb=False, control=False)  # noqa: S604 - a channel

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel has heard our subscription: any message says so, its iopub_welcome (JEP 65) or another.

        A kernel that says nothing for a second is asked something, which it reports as it reports all that it does.
        Raises `KernelLost` where it ends, before anything of a notebook has run; `HarnessError` where it stays silent.
        """
        seconds = _START if timeout is None else timeout
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(Empty):
                await self.iopub_channel.get_msg(timeout=min(left, _SILENCE))
                return
            if not await self.parent.is_alive():
                raise KernelLost("a kernel that starts", "it ended before it answered", "referee doctor")
            self.kernel_info()
        raise HarnessError(f"a kernel that answers within {seconds:g} s", "silence", "referee doctor")


class _WarmManager(AsyncKernelManager):  # type: ignore[misc] # jupyter_client has no types for its traits
    """Starts a kernel without the pauses that jupyter_client makes for its own tests."""

    def client(self, **kwargs: Any) -> _Client:
        """A client of this kernel."""
        return _Client(**{**self.get_connection_info(session=True), "parent": self, **kwargs})

    async def start_kernel(self, **_arguments: Any) -> None:
        """Take a kernel; no connection file is written, for nobody else connects to it."""
        self.load_connection_info(await self.provisioner.launch_kernel([]))


class _OneKernelSpec(KernelSpecManager):  # type: ignore[misc] # jupyter_client has no types for its traits
    """Knows one kernel, whatever name a notebook asks for: ours."""

    def __init__(self, spec: KernelSpec) -> None:
        super().__init__()
        self._spec = spec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002 - whatever its name
        return self._spec


@cache
def _context() -> Any:
    """The ZeroMQ context of this process: one for all its kernels in turn, for each brings threads of its own."""
    made = Context()
    atexit.register(made.destroy, linger=0)
    return made


@contextlib.contextmanager
def warm_kernel(plan: Plan, source: Nursery | None = None) -> Iterator[AsyncKernelManager]:
    """A manager for one kernel of a plan, from the nursery of this process where none is given."""
    spec = KernelSpec(argv=[], display_name="Referee", language="python")
    spec.metadata = {"kernel_provisioner": {"provisioner_name": "referee-warm", "config": {}}}
    specs = _OneKernelSpec(spec)
    manager = _WarmManager(
        kernel_name="referee", kernel_spec_manager=specs, transport="ipc", context=_context(), session=_Session()
    )
    manager.provisioner = WarmProvisioner(
        parent=manager, kernel_spec=spec, kernel_id="referee", plan=plan, nursery=source
    )
    try:
        yield manager
    finally:
        manager.provisioner.settle()


@contextlib.contextmanager
def cold_kernel(plan: Plan) -> Iterator[AsyncKernelManager]:
    """A manager for a new interpreter that talks over Unix sockets (over loopback TCP on Windows)."""
    scratch = Scratch().furnish()
    environment = {**scratch.environment(plan.threads), **dict(plan.variables)}
    config = {"scratch_work": str(scratch.work), "kernel_env": environment}
    spec = KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--HistoryManager.enabled=False"],
        display_name="Referee",
        language="python",
        metadata={"kernel_provisioner": {"provisioner_name": "referee-cold", "config": config}},
    )
    try:
        for path in plan.files:
            nursery.copy(path, scratch.work / path.name)
        manager = AsyncKernelManager(
            kernel_name="referee",
            kernel_spec_manager=_OneKernelSpec(spec),
            connection_file=str(scratch.root / "k.json"),
            client_factory=_PatientClient,
            session=_Session(),
        )
        if os.name == "posix":
            manager.transport = "ipc"
            manager.ip = str(scratch.root / "k")
        yield manager
    finally:
        scratch.close()


def inside_source() -> str:
    """Code for a cold kernel's first, silent execution: it loads `inside.py` and starts it, unseen by the student."""
    text = Path(__file__).with_name("inside.py").read_text(encoding="utf-8")
    return (
        f"exec(compile({json.dumps(text)}, '<referee>', 'exec'), (_ := {{'__name__': 'referee_inside'}}))\n"
        "_['serve'](get_ipython().user_ns)\ndel _"
    )
