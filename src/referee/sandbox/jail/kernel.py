"""A Jupyter kernel in two halves: what can be built before the fork, and what only a child may do.

    prepare()  in the warm parent: the application, its IPython shell, every module that a kernel imports late
    start()    in the forked child, behind its walls: sockets, threads, streams, and the loop that never returns

It is an ordinary ipykernel. What differs: it is handed sockets that already listen, so that it needs to see no folder
of theirs; output of its own children comes to it over a Unix socket instead of TCP; and there is no debugger.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import secrets
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipykernel.debugger
from ipykernel.control import ControlThread
from ipykernel.heartbeat import Heartbeat
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.shellchannel import ShellChannelThread
from IPython.core.application import BaseIPythonApplication
from tornado.ioloop import IOLoop
from traitlets.config import Config
from zmq.constants import SocketOption, SocketType
from zmq.eventloop.zmqstream import ZMQStream
from zmq.sugar.context import Context

from .rehearsal import imports_of

# What libraries import when they are first used, whatever the notebook does
_LATE = ("tornado.platform.asyncio", "faulthandler")
_REHEARSAL = ("x = 1\nprint(x)", "x", "1 / 0", "!true")
_PROFILE = ("db", "log", "pid", "security", "startup", "static")


@dataclass(frozen=True)
class Wiring:
    """How a kernel is reached.

    sockets : a listening Unix socket for each channel.   key : signs its messages.
    lean : nobody opens the channels control and hb, so that they need no threads.
    """

    sockets: Mapping[str, int]
    key: bytes
    lean: bool = False


class _Streams(IOPubThread):  # type: ignore[misc] # ipykernel has no types
    """Publishes output; that of forked children arrives over a Unix socket in the kernel's own scratch folder.

    The socket that publishes also reads subscriptions, through a stream that looks only when libzmq signals that
    something has come. A send on that socket may take the signal: a subscription that arrived just then would lie there
    unread, and its client wait for a welcome, until the next one comes. So the stream looks again after each send.
    (The shell channel of ipykernel had the same fault until 7.4: ipython/ipykernel, issue 1554.)
    """

    _pipe_path = ""

    def _really_send(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        super()._really_send(msg, *args, **kwargs)
        if threading.current_thread() is self.thread:  # a forked child, or a kernel that ends, sends on its own
            self._xpub_stream.on_recv(self._handle_subscription)

    def _setup_pipe_in(self) -> None:
        self._pipe_uuid = os.urandom(16)
        self._pipe_path = f"ipc://{os.environ.get('TMPDIR', '/tmp')}/.out-{secrets.token_hex(4)}"  # noqa: S108 - as a last resort
        receiver = self.socket.context.socket(SocketType.PULL)
        receiver.linger = 0
        receiver.bind(self._pipe_path)
        self._pipe_in = ZMQStream(receiver, self.io_loop)
        self._pipe_in.on_recv(self._handle_pipe_msg)

    def _setup_pipe_out(self) -> tuple[Any, Any]:
        context = Context()  # a child that was forked must not use its parent's
        sender = context.socket(SocketType.PUSH)
        sender.linger = 3000
        sender.connect(self._pipe_path)
        return context, sender


class Stream(OutStream):  # type: ignore[misc] # ipykernel has no types
    """Standard output or error; a flush with nothing to flush does not wait for the thread that publishes."""

    _dirty = False

    def write(self, string: str) -> int:
        self._dirty = True
        return int(super().write(string) or 0)

    def flush(self) -> None:
        if self._dirty:
            self._dirty = False
            super().flush()


class _Beat(Heartbeat):  # type: ignore[misc] # ipykernel has no types
    """The heartbeat, on a socket that already listens."""

    descriptor = -1

    def _bind_socket(self) -> None:
        _listen(self.socket, self.descriptor)


class WarmKernelApp(IPKernelApp):  # type: ignore[misc] # ipykernel has no types
    """ipykernel's application, taken apart at the point where a process may be forked."""

    def prepare(self) -> None:
        """Everything that opens no socket and starts no thread."""
        BaseIPythonApplication.initialize(self, argv=[])
        self.init_pdb()
        # Nobody attaches a debugger to a graded notebook, and its sockets would stay half connected.
        ipykernel.debugger._is_debugpy_available = False
        self.kernel = IPythonKernel.instance(
            parent=self, session=self.session, log=self.log, profile_dir=self.profile_dir, user_ns=self.user_ns
        )
        self.init_path()
        _see_own_folder()
        self.init_shell()
        self.init_gui_pylab()
        self.init_extensions()
        self.init_code()

    def wire(self, wiring: Wiring) -> None:
        """Open the kernel's channels on the sockets that it was handed."""
        self._wiring = wiring
        self.session.key = wiring.key
        self.session.session = str(uuid.uuid4())
        self.session.pid = os.getpid()  # a session of another process drops its messages
        self.context = context = Context()
        self.shell_socket, self.stdin_socket = (self._router(context, name) for name in ("shell", "stdin"))
        self.shell_channel_thread = ShellChannelThread(context, daemon=True)
        self.init_iopub(context)
        if not wiring.lean:
            self.init_control(context)
            self.heartbeat = _Beat(Context(), ("ipc", "", 1))
            self.heartbeat.descriptor = wiring.sockets["hb"]
            self.heartbeat.start()

    def _router(self, context: Any, name: str) -> Any:
        router = context.socket(SocketType.ROUTER)
        router.linger = 1000
        router.router_handover = 1
        _listen(router, self._wiring.sockets[name])
        return router

    def init_control(self, context: Any) -> None:
        self.control_socket = self._router(context, "control")
        self.control_thread = ControlThread(daemon=True)

    def init_iopub(self, context: Any) -> None:
        self.iopub_socket = context.socket(SocketType.XPUB)
        self.iopub_socket.linger = 1000
        _listen(self.iopub_socket, self._wiring.sockets["iopub"])
        self.iopub_thread = _Streams(self.iopub_socket, pipe=True, session=self.session)
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket

    def connect(self) -> None:
        """Give the kernel, built before the fork, its streams and an identity of its own."""
        kernel, shell = self.kernel, self.shell
        kernel.ident = str(uuid.uuid4())
        kernel._stdout, kernel._stderr = sys.stdout, sys.stderr
        kernel.shell_stream = ZMQStream(self.shell_socket, self.shell_channel_thread.io_loop)
        self.shell_channel_thread.shell_stream = kernel.shell_stream
        kernel.shell_channel_thread = self.shell_channel_thread
        if not self._wiring.lean:
            kernel.control_stream = ZMQStream(self.control_socket, self.control_thread.io_loop)
            kernel.control_thread = self.control_thread
        kernel.iopub_thread, kernel.iopub_socket = self.iopub_thread, self.iopub_socket
        kernel.stdin_socket = self.stdin_socket
        shell.displayhook.pub_socket = shell.display_pub.pub_socket = self.iopub_socket
        shell.displayhook.topic = kernel._topic("execute_result")
        self.displayhook.get_execution_count = lambda: kernel.execution_count

    def listen(self) -> None:
        """Say what is done with requests, then let threads read them: a socket is for one thread at a time."""
        self.kernel.start()
        self.shell_channel_thread.start()
        if not self._wiring.lean:
            self.control_thread.start()


def prepare() -> WarmKernelApp:
    """The half of a kernel that is built once, before any fork."""
    config = Config()
    config.HistoryManager.enabled = False  # its thread and its database would be shared by all children
    config.IPKernelApp.log_level = 50
    config.InteractiveShell.cache_size = 1000
    config.IPKernelApp.outstream_class = f"{__name__}.Stream"
    config.IPythonKernel._execute_sleep = 0.0  # a pause that clients which read in order do not need
    app: WarmKernelApp = WarmKernelApp.instance(config=config)
    app.prepare()
    for name in (*_LATE, *imports_of(lambda: _rehearse(app))):
        with contextlib.suppress(Exception):  # what cannot be imported by its name is imported when it is used
            importlib.import_module(name)
    return app


def _rehearse(app: WarmKernelApp) -> None:
    """Run, show and fail, as a notebook does: it has no channel to show anything on."""
    for cell in _REHEARSAL:
        app.shell.run_cell(cell)


def start(
    app: WarmKernelApp, wiring: Wiring, agent: Callable[[dict[str, Any]], None], ready: Callable[[], None]
) -> None:
    """Become a kernel; returns only when the kernel is asked to shut down.

    Parameters
    ----------
    wiring : its sockets and its key.
    agent : is given the student's namespace, to answer questions about it.
    ready : called when the kernel listens.
    """
    _own_profile(app.profile_dir)
    app.wire(wiring)
    app.init_io()
    app.init_signal()
    app.connect()
    agent(app.shell.user_ns)
    # the first cell of a process is slow, for it touches pages that forking has shared; a spare has the time for it
    app.shell.run_cell("None", store_history=False, silent=True)
    app.listen()
    ready()
    IOLoop.current().start()


def _see_own_folder() -> None:
    """Let a notebook import what lies beside it, after Python's own modules; under `python -P` IPython does not."""
    if "" not in sys.path:
        places = (place for place, path in enumerate(sys.path) if Path(path).name in ("site-packages", "dist-packages"))
        sys.path.insert(next(places, len(sys.path)), "")


def _own_profile(profile: Any) -> None:
    """Move IPython's profile into this kernel's own home: the one that was prepared may be the parent's."""
    own = Path(os.environ["IPYTHONDIR"], "profile_default")
    for name in _PROFILE:
        (own / name).mkdir(parents=True, exist_ok=True)
    profile._location_isset = False  # it may be set once, which was before the fork
    profile.location = str(own)


def _listen(sock: Any, descriptor: int) -> None:
    """Serve connections to a Unix socket that listens already; the name that libzmq wants means nothing."""
    sock.setsockopt(SocketOption.USE_FD, descriptor)
    sock.bind("ipc:///listening")
