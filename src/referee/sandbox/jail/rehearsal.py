"""What a piece of work imports: found by doing it in a child that ends."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable


def imports_of(work: Callable[[], object]) -> list[str]:
    """The names of the modules that `work` imports, as far as it comes; what else it does stays in the child."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        before = set(sys.modules)
        with contextlib.suppress(BaseException):  # whatever happens, this process must not go on as its parent
            work()
        os.write(writing, " ".join(name for name in sys.modules if name not in before).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        names = pipe.read().split()
    os.waitpid(pid, 0)
    return names
