"""Runs a notebook with papermill: pauses at check cells, keeps going after errors, keeps limits, saves what happened.

    execute(notebook, job)  ->  papermill.execute_notebook(engine "referee")  ->  PausingEngine  ->  _Client
                                                                                       at each check cell: job.at_check

The engine is registered under papermill's entry point, so `papermill --engine referee in.ipynb out.ipynb` works too.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import papermill
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.parameterize import parameterize_notebook
from zmq.constants import SocketOption

from referee import authoring, outputs
from referee.answers.live import LiveSource
from referee.errors import HarnessError
from referee.report import CellRun, CellStatus, Exceeded, Usage, clip
from referee.sandbox import leavings
from referee.sandbox.forkserver import KernelLost, ParentGone
from referee.sandbox.inside import stable
from referee.sandbox.isolation import can_fork
from referee.sandbox.limits import Limits
from referee.sandbox.nursery import Nursery, Plan
from referee.sandbox.provisioner import cold_kernel, inside_source, warm_kernel
from referee.sandbox.running import RunningKernel

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_WORDS = 500
_OUTPUTS = ("stream", "display_data", "execute_result", "update_display_data", "error")
_LAG = 15  # seconds that the end of a cell's output may come after the cell's end: our reader may be slow
# errors by which the system keeps a limit for us, and the limit; a kernel that is not held by them may raise them too
_USED_UP = (
    (re.compile(r"\[Errno (28|27|122)\]"), "disk_mb"),
    (re.compile(r"\[Errno 11\]|can't start new thread"), "processes"),
    (re.compile(r"\[Errno 24\]"), "open_files"),
)
_NAMES = {"disk_mb": "MiB of disk", "processes": "processes and threads", "open_files": "open files"}
_GRACE = 5  # seconds that a cell gets to end when it was interrupted because its time was up
_LOST = 2  # seconds after a cell's end, after which a reply that is not there will not come
_LAST_WORDS = 0.05  # seconds without a message, after which what a dead kernel had sent has been read


@dataclass(kw_only=True)
class Job:
    """What a run needs and what it leaves behind; handed to the engine as one object.

    at_check : called with a check cell's grade_id and the running kernel; returns the text to show under the cell.
    checks : the grade_ids of the cells at which it is called; every check cell where this is None.
    doing : told what begins, in words.
    files : files or folders to put beside the notebook, in its scratch folder.
    preload, late, variables : what the kernel's parent has imported, and the environment variables that go with it.
    seed : what the kernel's random generators start from.
    kernel : "warm", forked and isolated, or "cold", a new interpreter that is not; by default what the system can do.
    nursery : where warm kernels come from; by default that of this process.
    enough : set at a check cell when the run need not go on.
    on_timeout : the error that a cell is said to end with when its time is up.
    on_executed : called as nbclient's hook of this name, when a cell has ended.
    whole_errors : whether long tracebacks and messages are kept, as far as the limits on output go.
    survived : whether the kernel lived when the last cell had run.
    keep_bytes : how much of what the notebook wrote beside itself is kept in `left`; nothing by default.
    modules : names of the modules that the cells loaded, where `want_modules` asks for them (trusted notebooks only).
    """

    limits: Limits = field(default_factory=Limits)
    threads: int = 1
    at_check: Callable[[str, LiveSource], str] | None = None
    checks: frozenset[str] | None = None
    doing: Callable[[str], None] = lambda _words: None
    files: Sequence[Path] = ()
    preload: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    seed: int = 0
    kernel: Literal["warm", "cold"] = field(default_factory=lambda: "warm" if can_fork() else "cold")
    nursery: Nursery | None = None
    want_modules: bool = False
    enough: bool = False
    on_timeout: dict[str, Any] = field(default_factory=lambda: {"ename": "Limit", "evalue": "", "traceback": []})
    on_executed: Callable[..., None] | None = None
    whole_errors: bool = False
    survived: bool = True
    keep_bytes: int = 0
    left: leavings.Leavings = field(default_factory=leavings.Leavings)
    cells: list[CellRun] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    kernel_start: float = 0.0
    usage: Usage = field(default_factory=Usage)
    exceeded: list[Exceeded] = field(default_factory=list)
    modules: tuple[str, ...] = ()
    executed: NotebookNode | None = None

    @property
    def plan(self) -> Plan:
        """The kernel that this run needs."""
        limits = self.limits
        return Plan(
            preload=self.preload,
            late=self.late,
            variables=self.variables,
            files=tuple(self.files),
            disk_mb=limits.disk_mb,
            processes=limits.processes,
            open_files=limits.open_files,
            seed=self.seed,
            threads=self.threads,
            lean=True,
        )


def execute(notebook: NotebookNode, job: Job, parameters: dict[str, Any]) -> NotebookNode:
    """Run a notebook from its first to its last cell, whatever its cells do.

    Parameters
    ----------
    notebook : nbformat 4; not changed.
    job : limits and hooks; afterwards also the cells' fates and durations.
    parameters : values injected after the cell tagged `parameters`.

    Returns
    -------
    The executed notebook.

    Raises
    ------
    HarnessError : no kernel could be started, or papermill failed for a reason that is not the notebook's.
    """
    try:
        # the steps of papermill.execute_notebook, but for those that read and write files: they cost milliseconds
        papermill_engines.execute_notebook_with_engine(
            "referee",
            _parameterized(notebook, parameters),
            "python3",
            progress_bar=False,
            autosave_cell_every=0,
            job=job,
        )
    except HarnessError:
        raise
    except Exception as error:
        raise HarnessError("papermill to run the notebook", f"{type(error).__name__}: {error}") from error
    if job.executed is None:
        raise HarnessError("an executed notebook", "none: the engine ended before its first cell")
    return job.executed


def _parameterized(notebook: NotebookNode, parameters: dict[str, Any]) -> NotebookNode:
    """A copy as papermill wants it: with room for its metadata, whatever stood there, and the parameters injected."""
    made = copy.deepcopy(notebook)
    made.metadata["papermill"] = NotebookNode(
        default_parameters={}, parameters={}, environment_variables={}, version=papermill.__version__
    )
    for cell in made.cells:
        cell.metadata["papermill"] = NotebookNode()
        if not isinstance(cell.metadata.get("tags"), list):
            cell.metadata["tags"] = []
    if not parameters:
        return made
    return parameterize_notebook(made, parameters, kernel_name="python3", language="python", engine_name="referee")


class PausingEngine(Engine):  # type: ignore[misc] # papermill has no types
    """The engine behind papermill's name "referee"; without a `job` it runs a notebook under the default limits."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:  # noqa: ARG003 - one kernel
        job = kwargs.pop("job", None) or Job()
        kernel = warm_kernel(job.plan, job.nursery) if job.kernel == "warm" else cold_kernel(job.plan)
        with kernel as manager:
            manager.context.setsockopt(SocketOption.MAXMSGSIZE, job.limits.answer_bytes + 64_000_000)
            client = _Client(nb_man, job, manager)
            client.run()
            job.executed = nb_man.nb
        client.require_own_end()
        client.account()


class _Client(PapermillNotebookClient):  # type: ignore[misc] # papermill has no types
    """Runs the cells of one notebook one by one and decides what each one's end means."""

    def __init__(self, nb_man: Any, job: Job, manager: Any) -> None:
        super().__init__(
            nb_man,
            km=manager,
            allow_errors=True,
            interrupt_on_timeout=True,
            error_on_timeout=job.on_timeout,
            on_cell_executed=job.on_executed,
            iopub_timeout=_LAG,
            startup_timeout=int(job.limits.start_seconds),
            shutdown_kernel="immediate",
        )
        self._job = job
        self.kc: Any = None  # nbclient's own: the client of the kernel, while there is one
        self._limit = ""
        self._printed = self._printed_in_all = self._noisiest = 0
        self._injected = self._index = 0
        self._reply_lost = False
        self._ended_early = False
        self._watching: asyncio.Task[Any] | None = None
        self._deadline = self._began = 0.0
        self._source: LiveSource | None = None

    def run(self) -> None:
        """Start the kernel, run all cells, stop the kernel."""
        self.reset_execution_trackers()
        started = time.monotonic()
        with self._running_kernel() as kernel:
            self._job.kernel_start = time.monotonic() - started
            self._source = LiveSource(kernel, self._job.limits)
            self._deadline = time.monotonic() + self._job.limits.notebook_seconds
            self._injected = _injected(self.nb.cells)
            before = self._modules() if self._job.want_modules else ()
            for index, cell in enumerate(self.nb.cells):
                if cell.cell_type == "code" and cell.source.strip():
                    began = time.monotonic()
                    self.nb_man.cell_start(cell, index)
                    self._one_cell(cell, index, kernel)
                    self.nb_man.cell_complete(cell, cell_index=index)
                    self._job.seconds[str(self._place(index))] = time.monotonic() - began
                    self._job.memory[str(self._place(index))] = kernel.lap()
                if self._job.enough:
                    break
            if self._job.want_modules and run_sync(kernel.alive)():
                known = set(before)
                self._job.modules = tuple(name for name in self._modules() if name not in known)
            if self._job.keep_bytes:
                root = self._provisioner.folder or Path(f"/proc/{self._provisioner.pid}/root/scratch")
                self._job.left = leavings.read(root / "work", self._job.files, self._job.keep_bytes)
            walled = self._provisioner.folder is None
            self._job.survived = run_sync(kernel.alive)()
            self._ended_early = walled and not self._job.survived and not kernel.killed_because
        self._seen = kernel.seen
        if kernel.exceeded is not None and kernel.exceeded[0] not in {each.limit for each in self._job.exceeded}:
            self._exceed(*kernel.exceeded)
        if self._provisioner.lost:
            raise ParentGone(
                "a warm parent that lives to the end of its kernels", "it has ended", "it is started again"
            )

    def require_own_end(self) -> None:
        """Raise `KernelLost` where somebody else has killed the kernel, which its parent tells when it has ended.

        Within its namespaces it is process 1, which no signal of its own can kill; without, this is not known.
        """
        used = self._provisioner.used
        if self._ended_early and used is not None and used.status == -signal.SIGKILL:
            raise KernelLost(
                "a kernel that lives until its notebook ends",
                "it was killed from outside, as the system does when memory is short",
                "make room, or grade fewer at a time with --workers",
            )

    def account(self) -> None:
        """Note what the whole run used, when the kernel has ended and its parent has said so."""
        used, seconds = self._provisioner.used, self._job.seconds
        self._job.usage = Usage(
            seconds=sum(seconds.values()),
            cell_seconds=max(seconds.values(), default=0.0),
            question_seconds=self._source.slowest if self._source is not None else 0.0,
            cpu_seconds=used.cpu if used is not None else 0.0,
            memory_mb=self._seen.memory_mb,
            processes=self._seen.processes,
            disk_mb=self._seen.disk_mb,
            output_bytes=self._noisiest,
            notebook_output_bytes=self._printed_in_all,
        )

    @contextlib.contextmanager
    def _running_kernel(self) -> Iterator[RunningKernel]:
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(self.setup_kernel(cleanup_kc=True))
                self._provisioner = self.km.provisioner
                kernel = RunningKernel(self.km, self.kc, self._job.limits)
                stack.callback(kernel.close)
                if self._job.kernel == "cold":
                    self._settle_in()
            except HarnessError:
                raise
            except Exception as error:
                raise HarnessError(
                    "a kernel that starts", f"{type(error).__name__}: {error}", "referee doctor"
                ) from error
            yield kernel

    def _settle_in(self) -> None:
        """Give a cold kernel what a warm one has before it is forked: the agent that answers questions."""
        reply = self.wait_for_reply(self.kc.execute(inside_source(), silent=True, store_history=False))
        if reply is None or reply["content"]["status"] != "ok":
            raise HarnessError("a kernel that answers questions", f"{reply and reply['content']}")

    async def _async_cleanup_kernel(self) -> None:
        """End the kernel at once; its end is waited for when there is nothing else to do."""
        await self.km.provisioner.kill()
        self.kc.stop_channels()
        await self.km.cleanup_resources()
        self.kc = None

    _cleanup_kernel = run_sync(_async_cleanup_kernel)

    def _modules(self) -> tuple[str, ...]:
        """The names of all modules that are loaded in the kernel: asked of trusted notebooks only."""
        names = {"names": "' '.join(__import__('sys').modules)"}
        reply = self.wait_for_reply(self.kc.execute("", silent=True, user_expressions=names))
        return tuple(reply["content"]["user_expressions"]["names"]["data"]["text/plain"].strip("'").split())

    async def _async_poll_kernel_alive(self) -> None:
        """Cancel the wait for a cell's end when the kernel dies: after its last words, which are on their way still."""
        self._watching = asyncio.current_task()
        await self.km.provisioner.died()
        if (kernel := self.kc) is None:
            return
        patience = time.monotonic() + _LOST  # a second reply of a dead kernel is not read by anybody
        while await kernel.iopub_channel.msg_ready() or (
            time.monotonic() < patience and await kernel.shell_channel.msg_ready()
        ):
            await asyncio.sleep(_LAST_WORDS)
        await asyncio.sleep(_LAST_WORDS)
        if self.task_poll_for_reply is not None:
            self.task_poll_for_reply.cancel()

    def _place(self, index: int) -> int:
        """The place of a cell in the notebook as it was handed in: without the cell that papermill injected."""
        return index - (index >= self._injected)

    def _one_cell(self, cell: NotebookNode, index: int, kernel: RunningKernel) -> None:
        grade_id = authoring.grade_id(cell)
        pauses = authoring.is_check(cell) and (self._job.checks is None or grade_id in self._job.checks)
        if pauses and self._job.at_check is not None and self._source is not None:
            cell.outputs = [new_output("stream", name="stdout", text=self._job.at_check(grade_id, self._source))]
            return
        self._job.doing(f"cell {self._place(index) + 1}" + f" ({grade_id})" * bool(grade_id))
        status, words = self._execute(cell, index, kernel)
        error = next((output for output in cell.get("outputs", []) if output.output_type == "error"), None)
        name = ""
        if error is not None and status is CellStatus.OK:
            status, name = CellStatus.RAISED, stable(clip(outputs.text_of(error, "ename"), 100))
            words = outputs.explain(outputs.text_of(error, "ename"), outputs.text_of(error, "evalue"))
            if (used_up := self._used_up(words, kernel)) is not None:
                status, words = CellStatus.LIMIT, f"{used_up}: {words}"
        shown = outputs.text_of(error, "traceback")[-4 * outputs.TRACEBACK :] if status is CellStatus.RAISED else ""
        if index == self._injected and status is CellStatus.OK:
            return  # it is no cell of the student's
        self._job.cells.append(
            CellRun(
                index=self._place(index),
                grade_id=grade_id,
                status=status,
                error=name,
                words=stable(clip(words, _WORDS)),
                traceback=stable(_ANSI.sub("", shown)[-outputs.TRACEBACK :]),
            )
        )

    def _used_up(self, words: str, kernel: RunningKernel) -> str | None:
        """What an error says of a limit that the system keeps for us, where the kernel is held by such limits."""
        if self._job.kernel == "cold":
            return None
        limit = next((limit for pattern, limit in _USED_UP if pattern.search(words)), None)
        if limit is None or (limit == "disk_mb" and not kernel.disk_is_full()):
            return None
        allowed, what = getattr(self._job.limits, limit), _NAMES[limit]
        self._exceed(limit, max(allowed, getattr(kernel.seen, limit, 0)))
        return f"it used up the limit of {allowed:,} {what}"

    def _exceed(self, limit: str, used: float) -> None:
        """Note that the cell that runs has exceeded a limit."""
        self._job.exceeded.append(self._job.limits.exceeded(limit, used, self._place(self._index)))

    def _execute(self, cell: NotebookNode, index: int, kernel: RunningKernel) -> tuple[CellStatus, str]:
        """Execute one cell; what its end means, before its own errors are looked at."""
        self._limit, self._printed, self._index, self._began = "", 0, index, time.monotonic()
        self._reply_lost = False
        if not run_sync(kernel.alive)():
            return CellStatus.NOT_RUN, kernel.killed_because or "the kernel had died"
        if time.monotonic() >= self._deadline:
            limit = self._job.limits.notebook_seconds
            return CellStatus.NOT_RUN, f"the notebook had used up its limit of {limit:g} s"
        try:
            self.execute_cell(cell, index)
        except DeadKernelError:
            if not self._reply_lost:
                return self._death(kernel)
        except CellTimeoutError:
            run_sync(kernel.kill)(
                f"cell {self._place(index) + 1} did not stop when it was interrupted: {self._limit or 'no more output'}"
            )
            return CellStatus.LIMIT, f"{self._limit or 'its output never ended'}; the kernel had to be ended"
        except Exception as error:  # noqa: BLE001 - a hostile kernel can break any message on its way to us
            run_sync(kernel.kill)(
                f"the messages of cell {self._place(index) + 1} cannot be read ({type(error).__name__})"
            )
            return CellStatus.DIED, f"the kernel's messages cannot be read ({type(error).__name__})"
        finally:
            self._noisiest = max(self._noisiest, self._printed)
        if self._limit:
            return CellStatus.LIMIT, self._limit
        return CellStatus.OK, ""

    def _death(self, kernel: RunningKernel) -> tuple[CellStatus, str]:
        if kernel.exceeded is not None:
            self._exceed(*kernel.exceeded)
        if kernel.killed_because:
            return CellStatus.LIMIT, f"the kernel was ended: {kernel.killed_because}"
        return CellStatus.DIED, "the process exited, crashed, or was killed while this cell ran"

    def _get_timeout(self, cell: NotebookNode | None) -> float:  # noqa: ARG002 - nbclient's hook
        left = self._deadline - time.monotonic() if self._deadline else self._job.limits.start_seconds
        return max(0.1, min(self._job.limits.cell_seconds, left))

    async def _async_handle_timeout(self, timeout: float, cell: NotebookNode | None = None) -> dict[str, Any] | None:
        limits = self._job.limits
        self.iopub_timeout: int = _GRACE
        if (now := time.monotonic()) >= self._deadline:
            self._limit = self._limit or f"the notebook used up its limit of {limits.notebook_seconds:g} s in this cell"
            self._exceed("notebook_seconds", now - self._deadline + limits.notebook_seconds)
        else:
            self._limit = self._limit or f"it ran longer than the limit of {limits.cell_seconds:g} s for a cell"
            self._exceed("cell_seconds", now - self._began)
        reply: dict[str, Any] | None = await super()._async_handle_timeout(timeout, cell)
        return reply

    def process_message(self, msg: Any, cell: NotebookNode, cell_index: int) -> Any:
        """Keep outputs within their limits; widgets' messages are dropped, for nobody looks at them."""
        if str(msg["msg_type"]).startswith("comm_"):
            return None
        size = outputs.size(msg["content"])  # what is nested too deep for a file ends the kernel here
        msg = {**msg, "content": outputs.counted(msg["content"])}
        if msg["msg_type"] in _OUTPUTS:
            msg = self._within_limits(msg, size)
        elif self._limit and msg["msg_type"] == "status" and msg["content"].get("execution_state") == "idle":
            asyncio.get_running_loop().call_later(_LOST, self._give_up_reply, self.task_poll_for_reply)
        return super().process_message(msg, cell, cell_index) if msg is not None else None

    def _give_up_reply(self, waiting: asyncio.Future[Any]) -> None:
        """End the wait for a reply that never comes: an interrupt that meets the cell's end takes its reply along."""
        if not waiting.done():
            self._reply_lost = True
            waiting.cancel()
            if self._watching is not None:
                self._watching.cancel()

    def _within_limits(self, msg: dict[str, Any], size: int) -> dict[str, Any] | None:
        """An output message, cut where it is too long; None beyond the limit, when the cell is interrupted as well."""
        content, limit = msg["content"], self._job.limits.output_bytes
        if msg["msg_type"] == "error":
            content = outputs.bounded_error(content, whole=self._job.whole_errors)
            size = outputs.size(content)
        room = max(0, limit - self._printed)
        self._printed += size
        self._printed_in_all += size
        whole = self._job.limits.notebook_output_bytes
        if self._printed <= limit and self._printed_in_all <= whole:
            return {**msg, "content": content}
        if not self._limit:
            if self._printed > limit:
                self._limit = f"it printed more than the limit of {limit:,} bytes"
                self._exceed("output_bytes", self._printed)
            else:
                self._limit = f"the notebook printed more than the limit of {whole:,} bytes"
                self._exceed("notebook_output_bytes", self._printed_in_all)
            self._interrupting = asyncio.ensure_future(self.km.interrupt_kernel())
        if msg["msg_type"] != "stream" or not room:
            return None
        return {**msg, "content": {**content, "text": str(content.get("text", ""))[:room]}}


def _injected(cells: list[NotebookNode]) -> int:
    """The place of the injected parameters; past the end where nothing was injected."""
    return next((place for place, cell in enumerate(cells) if authoring.is_injected(cell)), len(cells))
