"""Attacks that read what is not theirs, and that write where they may not."""

from __future__ import annotations

from tests.isolation.attack import BOTH, Attack, layers

_FILES = layers("namespaces", "landlock")
_READ = """
with open(V[{what!r}]) as file:
    return V["proof"] in (text := file.read()) and "read " + text
"""
_CAPABILITIES = "it holds no capabilities, and those of its target are more"


def _reads(name: str, what: str, tries: str) -> Attack:
    return Attack(name, "read", tries, _READ.format(what=what), _FILES)


ATTACKS = (
    _reads("hidden_grader", "grader", "read the hidden checks of the course"),
    _reads("labels", "labels", "read the file of the labels"),
    _reads("other_submission", "submission", "read what somebody else handed in"),
    Attack(
        "gradebook",
        "read",
        "query the gradebook, a SQLite file",
        """
        with contextlib.closing(sqlite3.connect("file:" + V["gradebook"] + "?mode=ro", uri=True)) as book:
            return "grades " + repr(book.execute("select * from grade").fetchall())
        """,
        _FILES,
    ),
    Attack(
        "list_course",
        "read",
        "list the course folder",
        'names = os.listdir(V["course"])\nreturn "hidden" in names and f"found {names}"',
        _FILES,
    ),
    Attack(
        "symbolic_link",
        "read",
        "read the hidden checks through a symbolic link in its own folder",
        """
        link = "link-" + str(os.getpid())
        os.symlink(V["grader"], link)
        with open(link) as file:
            return V["proof"] in (text := file.read()) and "read " + text
        """,
        _FILES,
    ),
    Attack(
        "sibling_files",
        "read",
        "read the files of a kernel that runs beside it",
        """
        failed = None
        for path in V["sibling_files"]:
            try:
                with open(path) as file:
                    return V["proof"] in (text := file.read()) and "read " + text
            except OSError as error:
                failed = error
        raise failed
        """,
        _FILES | {"limits"},
    ),
    Attack(
        "shared_memory",
        "read",
        "read somebody else's POSIX shared memory by its name",
        'with open(V["shared"]) as file:\n    return V["proof"] in file.read() and "read another\'s shared memory"',
        layers("namespaces"),
    ),
    Attack(
        "parent_memory",
        "read",
        "read the memory of the process that forked it",
        """
        failed = OSError("nobody was read")
        for pid in V["parents"]:
            try:
                with open(f"/proc/{pid}/maps") as maps:
                    start = int(next(line for line in maps if " r--p 00000000 " in line).split("-")[0], 16)
                with open(f"/proc/{pid}/mem", "rb") as memory:
                    memory.seek(start)
                    return memory.read(4) == bytes([127]) + b"ELF" and f"read the memory of {pid}"
            except OSError as error:
                failed = error
        raise failed
        """,
        _FILES,
        frozenset({"root"}),
        _CAPABILITIES,
    ),
    Attack(
        "harness_environment",
        "read",
        "read the environment of the harness, where its secrets are",
        """
        with open(f"/proc/{V['harness']}/environ", "rb") as file:
            return V["proof"].encode() in file.read() and "read the secret"
        """,
        _FILES,
        frozenset({"root"}),
        _CAPABILITIES,
    ),
    Attack(
        "harness_descriptors",
        "read",
        "open a file of the harness through /proc",
        """
        folder = f"/proc/{V['harness']}/fd"
        for name in os.listdir(folder):
            if os.readlink(f"{folder}/{name}") == V["opened"]:
                with open(f"{folder}/{name}") as file:
                    return V["proof"] in file.read() and "read a file that the harness holds open"
        """,
        _FILES,
        frozenset({"root"}),
        _CAPABILITIES,
    ),
    Attack(
        "command_lines",
        "read",
        "read the command line of a process of somebody else",
        """
        with open(f"/proc/{V['victim']}/cmdline", "rb") as file:
            return V["proof"].encode() in file.read() and "read it"
        """,
        layers("namespaces"),
    ),
    Attack(
        "own_environment",
        "read",
        "find a secret of the harness in its own environment",
        'return any(V["proof"] in value for value in os.environ.values()) and "found the secret"',
        always=BOTH,
        because="a kernel's environment is an allow-list",
    ),
    Attack(
        "own_descriptors",
        "read",
        "find a descriptor that leads out: a folder, or the channel of the fork server",
        """
        import stat
        for fd in map(int, os.listdir("/proc/self/fd")):
            try:
                mode = os.fstat(fd).st_mode
                if stat.S_ISDIR(mode) and "submitted" in os.listdir(fd):
                    return f"descriptor {fd} is the course"
                if stat.S_ISSOCK(mode):
                    kind = socket.socket(fileno=os.dup(fd)).getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)
                    if kind == socket.SOCK_SEQPACKET:
                        return f"descriptor {fd} is the channel of the fork server"
            except OSError:
                continue
        """,
        always=BOTH,
        because="a kernel closes every descriptor but its own",
    ),
    Attack(
        "own_memory",
        "read",
        "find a secret of the harness in its own memory, inherited by the fork",
        """
        import re
        wanted = re.compile(b"inherited" + b"-secret-" + b"[0-9a-f]{16}")
        with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
            for line in maps:
                place, rights = line.split()[:2]
                if rights.startswith("rw") and "[v" not in line:
                    start, end = (int(part, 16) for part in place.split("-"))
                    with contextlib.suppress(OSError):
                        memory.seek(start)
                        if wanted.search(memory.read(min(end - start, 1 << 27))):
                            return "found the secret"
        """,
        always=BOTH,
        because="kernels are forked from a process that never held a secret",
        judge="inherited",
    ),
    Attack(
        "write_outside",
        "write",
        "overwrite a file outside that anybody may write",
        'with open(V["canary"], "w") as file:\n    file.write("spoilt")\nreturn "wrote"',
        _FILES,
        judge="canary",
    ),
    Attack(
        "create_outside",
        "write",
        "make a file in a folder outside that anybody may write to",
        'with open(V["open_folder"] + "/planted", "w"):\n    return "made a file"',
        _FILES,
        judge="planted",
    ),
    Attack(
        "remove_outside",
        "write",
        "remove a file outside",
        'os.unlink(V["canary"])\nreturn "removed it"',
        _FILES,
        judge="canary",
    ),
    Attack(
        "hard_link",
        "write",
        "overwrite a file outside through a hard link in its own folder",
        """
        link = "hard-" + str(os.getpid())
        os.link(V["canary"], link)
        with open(link, "w") as file:
            file.write("spoilt")
        return "wrote"
        """,
        _FILES,
        judge="canary",
    ),
)
