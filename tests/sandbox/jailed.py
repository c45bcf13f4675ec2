"""Runs code in real kernels behind the layers, in processes of their own, and brings back what it said."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from referee.sandbox.jail import layers
from tests.sandbox.ordinary import ordinary

JAIL = Path(layers.__file__).parents[1]

_DRIVER = """
import json, os, sys
order = json.loads(sys.argv[1])
sys.path.insert(0, order["jail"])
from jail import layers
del sys.path[0]
files = os.open(order["files"], os.O_RDONLY | os.O_DIRECTORY) if order["files"] else None
os.dup2(1, 63)  # a descriptor that a kernel should not have
house = layers.House(layers.runtime_paths() + tuple(order["readable"]), layers=frozenset(order["layers"]))
layers.enter_parent(house)
prepared = layers.Prepared(house)
done, going = os.pipe()
children = []
for number, code in enumerate(order["codes"]):
    said, saying = os.pipe()
    child = layers.fork(prepared)
    if not child:
        def say(value):
            os.write(saying, json.dumps(value).encode() + b"\\n")
        try:
            room = layers.Room(number=number, scratch=order["scratch"], files=files, **order["room"])
            names = {"say": say, "work": layers.enter_kernel(prepared, room, {1, 2, saying, done}), "order": order}
            exec(code, names)
        except BaseException as error:
            say({"error": repr(error)})
        if "daemon" not in code:
            os.close(saying)
            os.read(done, 1)  # stay until the last one has spoken
        os._exit(0)
    os.close(saying)
    with open(said) as pipe:
        if "daemon" in code:
            sys.stdout.write(pipe.readline())
            sys.stdout.flush()
            os.waitpid(child, 0)
        sys.stdout.write(pipe.read())  # until nobody holds the other end
        sys.stdout.flush()
    children.append(child)
os.close(going)
sys.stdout.flush()
os._exit(0)
"""

ROOM = {"disk_bytes": 1 << 20, "file_bytes": 4 << 20, "processes": 40, "open_files": 64}


def arguments(who: str, command: list[str]) -> list[str]:
    """The arguments that run a command as root (or whoever runs the tests), or as an ordinary user."""
    return ordinary(command) if who == "ordinary" else command


@functools.cache
def absent(who: str) -> dict[str, str]:
    """Why layers do not work here for a user; probed as that user."""
    code = f"import sys; sys.path.insert(0, {str(JAIL)!r}); from jail import trial; trial.main()"
    command = arguments(who, [sys.executable, "-sPS", "-c", code])
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd="/")
    return {layer: words for layer, (words, _) in json.loads(done.stdout).items() if words}


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that everybody may enter and write to, as no fixture of pytest is."""
    with tempfile.TemporaryDirectory(prefix="referee-test-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o777)
        yield Path(name)


@contextmanager
def started(who: str, on: str, *codes: str, readable: tuple[str, ...] = (), files: str = "",
            through: str = "", **room: Any) -> Iterator[subprocess.Popen[str]]:  # fmt: skip
    """A guard, its parent and a kernel for each code, started one after the other, all alive until the last is done.

    With `through`, code of a process that starts the guard, whose arguments are its own.
    """
    with open_folder() as scratch:
        for name in ("work", "home", "tmp"):
            (scratch / name).mkdir()
            (scratch / name).chmod(0o777)
        order = {"jail": str(JAIL), "layers": on.split(), "codes": codes, "readable": readable, "files": files,
                 "scratch": str(scratch), "room": ROOM | room}  # fmt: skip
        command = arguments(who, [sys.executable, "-sPS", "-c", _DRIVER, json.dumps(order)])
        if through:
            command = [sys.executable, "-sPS", "-c", through, *command]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=-1, stderr=-1, text=True, cwd="/") as process:
            try:
                yield process
            finally:
                process.kill()


def run(who: str, on: str, *codes: str, **more: Any) -> list[Any]:
    """What the kernels said, in order; a line on stderr is a failure of the harness."""
    with started(who, on, *codes, **more) as process:
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return [json.loads(line) for line in output.splitlines()]
