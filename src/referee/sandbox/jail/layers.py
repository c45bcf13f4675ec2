"""The layers that lock a kernel in: their names, their order, and the two entrances, for the parent and for kernels.

guard -> `enter_parent` -> parent -> `fork` -> `enter_kernel` -> kernel

The guard is a small process that unshares and waits: it takes the parent with it when it dies, and the parent with it
when whoever started it dies. The parent is PID 1 of a pid namespace, and each kernel of one within that, so that
killing one kills all that it started. Everything runs as root, where a kernel gets a user of its own, and as an
ordinary user, where it gets a user namespace of its own: either way its processes are counted alone.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from . import files, guard, landlock, namespaces, resources, seccomp, system
from .machine import details, probe, runtime_paths

__all__ = (
    "LAYERS", "House", "Prepared", "Room", "details", "enter_kernel", "enter_parent", "fork", "probe", "runtime_paths",
)  # fmt: skip

#: Every layer, in the order of reports.
LAYERS: tuple[str, ...] = ("namespaces", "landlock", "seccomp", "limits")


@dataclass(frozen=True)
class House:
    """What all kernels of a parent share.

    readable : absolute paths that kernels may read and execute, such as `runtime_paths()`.
    devices : device nodes beyond the standard ones, such as /dev/nvidia0.
    layers : the layers that are on.
    """

    readable: tuple[str, ...]
    devices: tuple[str, ...] = ()
    layers: frozenset[str] = frozenset(LAYERS)


@dataclass(frozen=True)
class Room:
    """What one kernel has.

    disk_bytes : the size of its scratch; only where namespaces are on.
    file_bytes, processes, open_files : its limits; threads count as processes.
    number : its own among the kernels of this parent that live at the same time.
    scratch : a folder of the host with work, home and tmp, used where namespaces are off.
    files : an open descriptor of a folder whose files and folders are copied into its work folder.
    """

    disk_bytes: int
    file_bytes: int
    processes: int
    open_files: int
    number: int
    scratch: str = ""
    files: int | None = None


class _Process:
    """What this process learnt when it entered, and `Prepared` needs."""

    root: namespaces.Root | None = None
    host_pid: int | None = None  # of the guard: two parents of one machine must not give kernels the same user
    nested = False  # in a user namespace, where even an ordinary user seems to hold every power
    is_root = False  # root of the machine, which limits on processes do not bind


def enter_parent(house: House) -> None:
    """Leave the guard behind and return in the parent: call it in a small process, before any heavy import.

    The namespaces come first, because what is imported later may start threads, and because a parent that was never
    outside has nothing open there.
    """
    unknown = house.layers - set(LAYERS)
    if unknown:
        raise ValueError(f"unknown layers: {', '.join(sorted(unknown))}")
    os.umask(0o022)  # the folders of the new root are for kernels with other user ids, too
    _Process.host_pid, _Process.is_root = os.getpid(), resources.is_root()
    _Process.nested = "namespaces" in house.layers and not resources.privileged()
    starter, own_pidfd = os.getppid(), os.pidfd_open(os.getpid())
    with _own_folder(_Process.nested) as own:
        if own is not None:
            namespaces.own_user(own)
    if "namespaces" in house.layers:
        system.unshare(namespaces.OWN | system.CLONE_NEWPID)
    child = os.fork()
    if child:
        guard.wait(child, starter)
    resources.die_with(own_pidfd)
    os.close(own_pidfd)
    if "namespaces" in house.layers:
        _Process.root = namespaces.build_root(house.readable, house.devices)
        os.chdir(f"{namespaces.SCRATCH}/work")


class Prepared:
    """What every kernel needs and need be made once: build it in the parent, after its imports and before its forks."""

    def __init__(self, house: House) -> None:
        on = house.layers
        self.house = house
        self.root = _Process.root if "namespaces" in on else None
        if "namespaces" in on and self.root is None:
            raise RuntimeError("enter_parent comes before Prepared")
        self.nested = _Process.nested
        self.pidfd = os.pidfd_open(os.getpid())
        self.pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self.filter = seccomp.Filter() if "seccomp" in on else None
        self.abi = landlock.abi() if "landlock" in on else 0
        self.users, self.groups = resources.ids("uid"), resources.ids("gid")
        self.own_users = "limits" in on and not self.nested and resources.many_users()
        # Where a kernel sees the machine's own files, a user of its own may not reach the interpreter: /root is closed.
        # It then keeps the one capability to search and read; Landlock still says where.
        self.search = self.own_users and self.root is None and not resources.reachable(house.readable)
        if "limits" in on and not self.own_users and _Process.is_root:
            raise PermissionError("limits do not bind root, and root may not make users of its own here")
        if self.search and not resources.holds(resources.CAP_DAC_READ_SEARCH):
            raise PermissionError("other users cannot reach the interpreter: open the folders above it to them")


def fork(prepared: Prepared) -> int:
    """os.fork(), but the child is PID 1 of a pid namespace of its own where that layer is on."""
    if prepared.root is None:
        return os.fork()
    system.unshare(system.CLONE_NEWPID)
    child = -1
    try:
        child = os.fork()
    finally:
        if child:  # in the parent, and where the fork failed
            system.setns(prepared.pid_namespace, system.CLONE_NEWPID)
    return child


def enter_kernel(prepared: Prepared, room: Room, keep: Collection[int]) -> str:
    """Lock this process in, for good, and return its work folder; call it in a child of `fork`, with a single thread.

    The order matters. Descriptors go first, so that nothing of the parent's is open any more. Mounts need powers
    that the user's change takes away. Limits come after it, because they count per user. Landlock binds one thread and
    must precede all others; seccomp is last, because it forbids calls that the rest needs.

    Raises
    ------
    OSError : a layer cannot be had; the process is then half locked and must end.
    """
    on, root = prepared.house.layers, prepared.root
    resources.die_with(prepared.pidfd)
    extra = [prepared.pidfd] if room.files is None else [prepared.pidfd, room.files]
    resources.keep_only({*keep, *extra})
    os.setsid()
    scratch = namespaces.SCRATCH if root else room.scratch
    user, group = _ids(prepared, room)
    with _own_folder(prepared.nested) as own:
        if root:
            system.unshare(namespaces.OWN)
            namespaces.private_mounts(root, room.disk_bytes, user, group)
        elif user is not None and group is not None:
            files.give(scratch, user, group)
        if room.files is not None:
            files.copy(room.files, f"{scratch}/work", user, group)
        if own is not None:
            # After the mounts: they belong to the parent's user namespace, so nothing in this one can undo them
            namespaces.own_user(own)
    os.chdir(f"{scratch}/work")
    _drop(prepared, user, group)
    if "limits" in on:
        resources.limit(room.processes + _others(prepared, user), room.file_bytes, room.open_files)
    resources.die_with(prepared.pidfd)  # again: Linux forgot it when the user changed
    for descriptor in extra:
        os.close(descriptor)
    if "landlock" in on:
        landlock.restrict(prepared.abi, _grants(prepared.house, scratch, bool(root), user is not None))
    if prepared.filter:
        prepared.filter.load()
    return f"{scratch}/work"


def _ids(prepared: Prepared, room: Room) -> tuple[int | None, int | None]:
    """The user and group of a kernel, or none where it keeps the parent's."""
    if not prepared.own_users:
        return None, None
    parent = _Process.host_pid or os.getpid()
    return resources.own_id(prepared.users, parent, room.number), resources.own_id(prepared.groups, parent, room.number)


@contextmanager
def _own_folder(nested: bool) -> Iterator[int | None]:
    """A descriptor of this process's folder in /proc, where it is to enter a user namespace of its own."""
    own = namespaces.own_folder() if nested else None
    yield own
    if own is not None:
        os.close(own)


def _drop(prepared: Prepared, user: int | None, group: int | None) -> None:
    """Give up the user and every capability; a kernel has none of either, whichever layers are on."""
    kept = resources.CAP_DAC_READ_SEARCH if prepared.search else None
    resources.drop_bounding(but=kept)
    if user is not None and group is not None:
        system.prctl(system.PR_SET_KEEPCAPS, int(prepared.search))
        resources.become(user, group)
    resources.drop_capabilities(but=kept)


def _others(prepared: Prepared, user: int | None) -> int:
    """The processes that count towards a kernel's limit without being its own."""
    return resources.tasks_of(os.geteuid()) if user is None and not prepared.root else 0


def _grants(house: House, scratch: str, own_root: bool, own_user: bool) -> Iterator[tuple[str, int]]:
    """What a kernel may do where."""
    for path in house.readable:
        yield path, landlock.READ
    for device in (*namespaces.STANDARD_DEVICES, *house.devices):
        yield device, landlock.DEVICE
    yield scratch, landlock.FULL
    yield "/proc", landlock.SEE
    if own_root:
        for path in ("/tmp", "/dev/shm", "/dev/pts"):  # noqa: S108 - the kernel's own, mounted for it
            yield path, landlock.FULL
        return
    yield "/sys/fs/cgroup", landlock.SEE  # libraries that find it there expect to read how many cores they have
    # Of the machine's own: semaphores that one knows the name of; terminals where their owner is another user
    yield "/dev/shm", landlock.BY_NAME  # noqa: S108 - the machine's, with less than full rights
    if own_user:
        yield "/dev/ptmx", landlock.DEVICE
        yield "/dev/pts", landlock.DEVICE
