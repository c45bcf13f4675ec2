"""Attacks that use up the machine. Each stops by itself at a size beyond the tests' limits that harms nobody."""

from __future__ import annotations

from tests.isolation.attack import Attack, layers

_WATCH = layers("watch")
_HOLD = 1.5  # seconds that what was taken is held, longer than the watch takes to look
_MANY_FILES = """
made = []
try:
    for number in range({count}):
        path = {folder} + f"/bomb-{{os.getpid()}}-{{number}}"
        with open(path, "wb") as file:
            made.append(path)
            for _ in range({megabytes}):
                file.write(bytes(1 << 20))
    time.sleep({hold})
    return f"wrote {{len(made)}} files"
finally:
    for path in made:
        os.unlink(path)
"""


def _memory(name: str, tries: str, code: str, stopped: frozenset[str] = _WATCH) -> Attack:
    return Attack(name, "resources", tries, code.replace("HOLD", str(_HOLD)), stopped)


ATTACKS = (
    Attack(
        "fork_bomb",
        "resources",
        "start processes (300, at a limit of 64)",
        """
        children = []
        try:
            for _ in range(300):
                children.append(forked(signal.pause))
            return f"{len(children)} processes"
        finally:
            for pid in children:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        """,
        layers("limits"),
    ),
    Attack(
        "thread_bomb",
        "resources",
        "start threads (300, at a limit of 64)",
        """
        end, threads = threading.Event(), []
        try:
            for _ in range(300):
                thread = threading.Thread(target=end.wait, daemon=True)
                thread.start()
                threads.append(thread)
            return f"{len(threads)} threads"
        except RuntimeError as error:
            raise OSError(str(error)) from None
        finally:
            end.set()
        """,
        layers("limits"),
    ),
    _memory("memory", "hold 700 MB (at a limit of 400)", 'block = b"x" * (700 << 20)\ntime.sleep(HOLD)\nreturn "held"'),
    _memory(
        "memory_in_children",
        "hold 720 MB in eight processes",
        """
        read, write = os.pipe()
        def work():
            block = b"x" * (90 << 20)
            os.write(write, b"!")
            time.sleep(20)
        children = [forked(work) for _ in range(8)]
        for _ in children:  # on a busy machine it takes seconds until all of them have theirs
            os.read(read, 1)
        time.sleep(HOLD)
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        return "held"
        """,
    ),
    _memory(
        "memory_behind_a_zombie",
        "hold 700 MB in a process whose first thread has ended, so that /proc shows no memory of it",
        """
        read, write = os.pipe()
        def hold():
            time.sleep(0.3)  # the first thread has to be gone before there is anything to see
            block = b"x" * (700 << 20)
            time.sleep(HOLD)
            os.write(write, b"held")
            time.sleep(10)
        def work():
            threading.Thread(target=hold).start()
            libc.syscall(60, 0)
        child = forked(work)
        said = os.read(read, 4)
        os.kill(child, signal.SIGKILL)
        return said == b"held" and "held"
        """,
    ),
    _memory(
        "memory_in_page_tables",
        "hold 700 MB in page tables: read one byte in every 2 MiB of 350 GiB",
        """
        count = 350 * 512
        space = mmap.mmap(-1, count << 21, flags=0x2 | 0x20 | 0x4000, prot=mmap.PROT_READ)
        space.madvise(15)
        for place in range(count):
            space[place << 21]
        time.sleep(HOLD)
        with open("/proc/self/status") as status:
            size = next(int(line.split()[1]) for line in status if line.startswith("VmPTE")) // 1024
        return size > 600 and f"{size} MiB of page tables"
        """,
    ),
    _memory(
        "memory_unmapped",
        "hold 700 MB in shared memory whose pages no process maps",
        """
        pieces = []
        for _ in range(44):
            piece = mmap.mmap(-1, 16 << 20)
            piece.write(b"x" * (16 << 20))
            piece.madvise(mmap.MADV_DONTNEED)
            pieces.append(piece)
        time.sleep(HOLD)
        return all(piece[12345] == 120 for piece in pieces) and "held"
        """,
        layers("seccomp"),
    ),
    _memory(
        "memory_of_dev_zero",
        "hold 700 MB in shared mappings of /dev/zero that no process maps",
        """
        pieces, zero = [], os.open("/dev/zero", os.O_RDWR)
        for _ in range(44):
            piece = mmap.mmap(zero, 16 << 20)
            piece.write(b"x" * (16 << 20))
            piece.madvise(mmap.MADV_DONTNEED)
            pieces.append(piece)
        time.sleep(HOLD)
        return all(piece[12345] == 120 for piece in pieces) and "held"
        """,
        layers("namespaces", "landlock"),
    ),
    _memory(
        "memory_in_sockets",
        "hold 450 MB in the buffers of sockets",
        """
        read, write = os.pipe()
        def work():
            kept, size = [], 0
            for _ in range(450):
                for end in (pair := socket.socketpair()):
                    end.setblocking(False)
                    with contextlib.suppress(BlockingIOError):
                        while True:
                            size += end.send(bytes(32768))
                kept.append(pair)
            os.write(write, struct.pack("=q", size))
            time.sleep(20)
        children, size = [], 0
        while size < 450 << 20 and len(children) < 20:
            children.append(forked(work))
            size += struct.unpack("=q", os.read(read, 8))[0]
        time.sleep(HOLD)
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        return size >= 450 << 20 and f"{size >> 20} MiB in {len(children)} processes"
        """,
    ),
    _memory(
        "memory_files",
        "hold 700 MB in files that have no name (memfd_create)",
        """
        held = []
        for _ in range(28):
            held.append(os.memfd_create("bomb"))
            for _ in range(25):
                os.write(held[-1], bytes(1 << 20))
        time.sleep(HOLD)
        return f"held {len(held)} files"
        """,
        layers("seccomp"),
    ),
    _memory(
        "memory_segments",
        "hold 700 MB in System V segments that no process maps",
        """
        libc.shmat.restype = ctypes.c_void_p
        libc.shmat.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
        libc.shmdt.argtypes = (ctypes.c_void_p,)
        made = []
        try:
            for _ in range(44):
                made.append(called(libc.shmget(0, ctypes.c_size_t(16 << 20), 0o1600)))
                place = libc.shmat(made[-1], None, 0)
                ctypes.memset(place, 120, 16 << 20)
                libc.shmdt(place)
            time.sleep(HOLD)
            return "held"
        finally:
            for segment in made:
                libc.shmctl(segment, 0, None)
        """,
        layers("seccomp"),
    ),
    Attack(
        "shared_memory_bomb",
        "resources",
        "fill /dev/shm with files (100 MB, at a limit of 32)",
        _MANY_FILES.format(count=10, megabytes=10, folder='"/dev/shm"', hold=0),
        layers("namespaces"),
    ),
    Attack(
        "one_file",
        "resources",
        "write one file of 100 MB (at a limit of 32)",
        _MANY_FILES.format(count=1, megabytes=100, folder='"."', hold=_HOLD),
        layers("namespaces", "limits", "watch"),
    ),
    Attack(
        "many_files",
        "resources",
        "write 100 MB in ten files",
        _MANY_FILES.format(count=10, megabytes=10, folder='"."', hold=_HOLD),
        layers("namespaces", "watch"),
    ),
    Attack(
        "unlinked_files",
        "resources",
        "write 100 MB in ten files that have no name any more",
        """
        held = []
        for number in range(10):
            held.append(open(f"gone-{number}", "wb", buffering=0))
            os.unlink(f"gone-{number}")
            for _ in range(10):
                held[-1].write(bytes(1 << 20))
        time.sleep(1.5)
        return f"{len(held)} files" if all(os.fstat(file.fileno()).st_size == 10 << 20 for file in held) else ""
        """,
        layers("namespaces"),
    ),
    Attack(
        "empty_files",
        "resources",
        "make 5,000 files with nothing in them",
        _MANY_FILES.format(count=5000, megabytes=0, folder='"."', hold=0),
        layers("namespaces"),
    ),
    Attack(
        "terminals",
        "resources",
        "take pseudo-terminals (40), of which the machine has a number",
        """
        held = []
        for _ in range(40):
            held.append(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
        return f"{len(held)} terminals"
        """,
        layers("namespaces", "landlock"),
    ),
    Attack(
        "landlock_rulesets",
        "resources",
        "hold memory of the operating system that no process owns: Landlock rulesets (300)",
        """
        handled, held = ctypes.c_uint64(1), []
        for _ in range(300):
            held.append(called(libc.syscall(444, ctypes.byref(handled), ctypes.c_size_t(8), 0)))
        return f"{len(held)} rulesets"
        """,
        layers("seccomp"),
    ),
    Attack(
        "endless_output",
        "resources",
        "print without end (3 MB, at a limit of 0.1)",
        'for _ in range(300):\n    print("x" * 10000)\nreturn "printed"',
        _WATCH,
        judge="kept",
    ),
    Attack(
        "endless_display",
        "resources",
        "display without end",
        """
        from IPython.display import display
        for _ in range(300):
            display({"image/svg+xml": "x" * 10000}, raw=True)
        return "displayed"
        """,
        _WATCH,
        judge="kept",
    ),
    Attack(
        "iopub_flood",
        "resources",
        "send messages of its own on the kernel's iopub socket, from a thread, past the streams",
        """
        kernel = get_ipython().kernel
        parent = kernel.get_parent()
        def flood():
            for _ in range(300):
                kernel.session.send(kernel.iopub_socket, "stream", {"name": "stdout", "text": "x" * 10000}, parent,
                                    ident=b"stream.stdout")
        thread = threading.Thread(target=flood)
        thread.start()
        thread.join()
        return "sent"
        """,
        _WATCH,
        judge="kept",
    ),
)
