"""What is attacked: a course, services, processes, a kernel; all real, all made here and taken away again."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from referee.sandbox.nursery import Berth, Nursery, Plan

#: The environment variable of the harness that holds its secret: the proof of many attacks.
SECRET = "REFEREE_TEST_PROOF"
OTHER_USER = 23456
_SIBLING_FILE = "sibling.txt"
_PROCESS = (
    "import ctypes, sys, time\nctypes.CDLL(None).prctl(1, 9)\n"
    "held = ctypes.create_string_buffer(sys.argv[1].encode())\n"
    "print(ctypes.addressof(held), flush=True)\ntime.sleep(600)"
)
_POWERLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--")


class Victims:
    """The victims of one run of attacks; a context manager.

    Parameters
    ----------
    nursery : forks the sibling; its parent is a victim, too.
    setuid : a setuid program, which only root can make; "" where there is none.
    """

    def __init__(self, nursery: Nursery, setuid: str) -> None:
        self.proof = os.environ[SECRET]
        self.word = ""
        self.inherited = b"inherited-secret-" + secrets.token_hex(8).encode()
        self._nursery, self._setuid = nursery, setuid
        self._stack = contextlib.ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="victims-"))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)
        self.open_folder = self.folder / "open"
        self.canary = self.open_folder / "canary"
        self._victim: tuple[subprocess.Popen[str], int] | None = None
        self._sibling: Berth | None = None
        self.attacked: dict[str, list[int]] = {}
        try:
            self._make_course()
            self._make_services()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Victims:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Take everything away."""
        if self._victim is not None:
            _end(self._victim[0])
        if self._sibling is not None:
            self._sibling.close()
        self._stack.close()

    def _make_course(self) -> None:
        for name in ("hidden", "labels", "submitted"):
            path = self.folder / "course" / name / "file"
            path.parent.mkdir(parents=True)
            path.write_text(f"{name}: {self.proof}\n")
        with contextlib.closing(sqlite3.connect(self.folder / "course" / "gradebook.db")) as book, book:
            book.execute("create table grade (student, points)")
            book.execute("insert into grade values ('ada', 4)")
        (self.folder / _SIBLING_FILE).write_text(self.proof)
        self._opened = self._stack.enter_context((self.folder / "course" / "labels" / "file").open())
        self._shared = Path("/dev/shm", f"{_run()}-{secrets.token_hex(6)}")
        self._shared.write_text(self.proof)
        self._shared.chmod(0o666)
        self._stack.callback(self._shared.unlink, missing_ok=True)
        for path in (self.folder / "course").rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)

    def _make_services(self) -> None:
        self._streams: list[socket.socket] = []
        self._datagrams: list[socket.socket] = []
        self._addresses: dict[str, Any] = {}
        for name, family, host in (("4", socket.AF_INET, "127.0.0.1"), ("6", socket.AF_INET6, "::1")):
            for kind, protocol in ((socket.SOCK_STREAM, "tcp"), (socket.SOCK_DGRAM, "udp")):
                self._addresses[protocol + name] = self._serve(family, kind, (host, 0))[:2]
        self._addresses["abstract"] = f"referee-test-{secrets.token_hex(6)}"
        self._addresses["path"] = str(self.folder / "service")
        self._serve(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self._addresses["abstract"])
        self._serve(socket.AF_UNIX, socket.SOCK_STREAM, self._addresses["path"])
        (self.folder / "service").chmod(0o777)

    def _serve(self, family: int, kind: int, address: Any) -> Any:
        service = self._stack.enter_context(socket.socket(family, kind))
        service.bind(address)
        service.setblocking(False)
        (self._streams if kind == socket.SOCK_STREAM else self._datagrams).append(service)
        if kind == socket.SOCK_STREAM:
            service.listen(16)
        return service.getsockname()

    @property
    def can_change_user(self) -> bool:
        return bool(self._setuid)

    def restore(self) -> None:
        """Make every victim whole again, and take a new word, which nobody has said yet."""
        self.heard()
        self.word = f"word-{secrets.token_hex(8)}"
        shutil.rmtree(self.open_folder, ignore_errors=True)
        self.open_folder.mkdir()
        self.open_folder.chmod(0o777)
        for path in (self.canary, self.open_folder / "keep"):
            path.write_text("whole")
            path.chmod(0o666)
        if self._victim is None or self._victim[0].poll() is not None:
            if self._victim is not None:
                _end(self._victim[0])
            self._victim = self._start()
        if self._sibling is None or not self._sibling.kernel.alive():
            if self._sibling is not None:
                self._sibling.close()
            self._sibling = self._nursery.take(Plan(files=(self.folder / _SIBLING_FILE,), disk_mb=32), 30)

    def _start(self) -> tuple[subprocess.Popen[str], int]:
        """A process of this user that holds the proof in its arguments and its memory, and no capability."""
        command = [sys.executable, "-c", _PROCESS, self.proof]
        if os.geteuid() == 0 and shutil.which("setpriv"):
            command = [*_POWERLESS, *command]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        return process, int(process.stdout.readline())

    def _parents(self) -> list[int]:
        """The fork server: its guard, and the process that forks."""
        guard = self._nursery.open(Plan()).pid
        children = Path(f"/proc/{guard}/task/{guard}/children").read_text().split()
        return [guard, *map(int, children)]

    def facts(self) -> dict[str, Any]:
        """All that an attacker could wish to know."""
        assert self._sibling is not None
        assert self._victim is not None
        course, sibling, scratch = self.folder / "course", self._sibling.kernel.pid, self._sibling.scratch.root
        victim, address = self._victim
        self.attacked = {"parents": self._parents(), "sibling": [sibling], "victim": [victim.pid]}
        return {
            **self._addresses,
            "course": str(course),
            "grader": str(course / "hidden" / "file"),
            "labels": str(course / "labels" / "file"),
            "submission": str(course / "submitted" / "file"),
            "gradebook": str(course / "gradebook.db"),
            "opened": str(course / "labels" / "file"),
            "shared": str(self._shared),
            "open_folder": str(self.open_folder),
            "canary": str(self.canary),
            "harness": os.getpid(),
            "parents": self.attacked["parents"],
            "sibling": sibling,
            "sibling_files": [f"/proc/{sibling}/root/scratch/work/{_SIBLING_FILE}", f"{scratch}/work/{_SIBLING_FILE}"],
            "sibling_socket": str(scratch / "k-1"),
            "victim": victim.pid,
            "address": address,
            "setuid": self._setuid,
            "other_user": str(OTHER_USER),
            "proof": self.proof,
            "word": self.word,
        }

    def heard(self) -> bytes:
        """What the services have received since they were last asked."""
        said = b""
        for service in self._streams:
            with contextlib.suppress(BlockingIOError):
                while True:
                    peer, _address = service.accept()
                    with peer, contextlib.suppress(OSError):
                        peer.settimeout(1)
                        said += peer.recv(4096)
        for service in self._datagrams:
            with contextlib.suppress(BlockingIOError):
                while True:
                    said += service.recv(4096)
        return said


def _run() -> str:
    """The name of the folder that `spawn` made for this run: what is left behind can be told from another's."""
    return Path(tempfile.gettempdir()).parent.name or "referee-attacks"


def ended(pids: list[int], seconds: float = 2.0) -> bool:
    """Whether one of the processes ends, or has ended."""
    deadline = time.monotonic() + seconds
    while not any(_state(pid) in "ZX" for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def running(word: str) -> list[int]:
    """The processes with a word in their arguments."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                if word.encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
    return found


def _state(pid: int) -> str:
    """The state of a process, as /proc shows it; X where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def _end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
