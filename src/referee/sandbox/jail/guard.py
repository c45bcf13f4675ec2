"""The guard: the small process that stays behind when the parent enters its namespaces."""

from __future__ import annotations

import os
import select
import signal
import traceback
from typing import NoReturn

from . import resources


def wait(child: int, starter: int) -> NoReturn:
    """Wait for the parent and end as it did; end it when the process that started us is gone.

    It names no path: the parent is changing the root of the mount namespace that both share.
    """
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        resources.keep_only({0, 1, 2})  # a pipe to the parent must close when the parent ends
        watched, watch = os.pidfd_open(child), select.poll()
        watch.register(watched, select.POLLIN)
        if starter:  # 0 where it lives outside this pid namespace
            watch.register(os.pidfd_open(starter), select.POLLIN)
        if watched not in {descriptor for descriptor, _ in watch.poll()}:
            os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os._exit(code if code >= 0 else 128 - code)
    except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on as if it were the parent
        traceback.print_exc()
    finally:
        os._exit(1)
