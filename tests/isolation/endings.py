"""Attacks on how a kernel ends: it outlives its run, never ends, passes its end off as success, leaves traps."""

from __future__ import annotations

from tests.isolation.attack import BOTH, Attack, layers

_WATCH = layers("watch")
_FATE = "the harness is another process; a kernel that dies is a verdict, and what it was asked after that is not run"

ATTACKS = (
    Attack(
        "daemon",
        "endings",
        "leave a daemon behind that outlives its kernel",
        """
        program = "import time; time.sleep(40) # " + V["word"]
        read, write = os.pipe()
        def first():
            os.setsid()
            def second():
                os.write(write, b"started")
                os.close(write)
                os.execv(sys.executable, [sys.executable, "-c", program])
            forked(second)
        os.waitpid(forked(first), 0)
        os.read(read, 7)
        return "started a daemon"
        """,
        layers("namespaces"),
        judge="daemon",
    ),
    Attack(
        "stops_itself",
        "endings",
        "stop itself (SIGSTOP), so that nobody ever hears of it",
        "os.kill(os.getpid(), signal.SIGSTOP)",
        _WATCH | {"namespaces"},
        judge="clock",
        limits={"cell_seconds": 1},
    ),
    Attack(
        "never_ends",
        "endings",
        "run for ever, and ignore interrupts",
        """
        while True:
            try:
                time.sleep(60)
            except KeyboardInterrupt:
                pass
        """,
        _WATCH,
        judge="clock",
        limits={"cell_seconds": 1},
    ),
    Attack("exit", "endings", "end with the exit code of success (os._exit(0))", "os._exit(0)", always=BOTH,
           because=_FATE, judge="fate"),
    Attack("crash", "endings", "crash by ctypes", "ctypes.string_at(0)", always=BOTH, because=_FATE, judge="fate"),
    Attack(
        "links_left_behind",
        "endings",
        "leave links to a folder outside, for a harness that cleans up, counts or collects and follows them",
        """
        for folder in (".", os.environ.get("TMPDIR", "."), os.environ.get("HOME", ".")):
            with contextlib.suppress(FileExistsError):
                os.symlink(V["open_folder"], folder + "/images")
                os.symlink(V["open_folder"] + "/keep", folder + "/results.txt")
        return ""
        """,
        always=BOTH,
        because="the harness follows no link, and removes a folder below its descriptor",
        judge="links",
    ),
)  # fmt: skip
