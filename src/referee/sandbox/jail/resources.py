"""What a process holds and may use: descriptors, user, capabilities, limits; and that it dies with its parent."""

from __future__ import annotations

import os
import resource
import select
import signal
from collections.abc import Collection, Iterable
from pathlib import Path

from . import system

CAP_CHOWN, CAP_DAC_READ_SEARCH, CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN = 0, 2, 6, 7, 21
_LAST_CAPABILITY = 40
# Where user ids of our own begin: above those of people, services, containers and their sub-ids, below 2^31.
_FIRST_ID, _IDS = 0x70000000, 1 << 28
_MANY = 1 << 12  # a user namespace with fewer ids than this is one person's
_LOCKED_BYTES = 8 << 20  # enough for what libraries lock on purpose; locked memory cannot be swapped


def die_with(parent: int) -> None:
    """Be killed when the parent ends; `parent` is a pidfd of it, because it may have ended before this call.

    Linux forgets the wish when the user changes, so this is called again after that. It is bound to the parent's
    thread that forked, so the parent must not fork from threads that end.
    """
    system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
    watch = select.poll()
    watch.register(parent, select.POLLIN)
    if watch.poll(0):
        os._exit(1)


def keep_only(descriptors: Collection[int]) -> None:
    """Close every descriptor but these; standard ones that are not among them lead to /dev/null."""
    first = 3
    for descriptor in sorted(item for item in descriptors if item >= first):
        system.close_range(first, descriptor - 1)
        first = descriptor + 1
    system.close_range(first, (1 << 31) - 1)
    if absent := {0, 1, 2} - set(descriptors):
        null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        for standard in absent:
            os.dup2(null, standard)
        if null > 2:
            os.close(null)


def holds(*capabilities: int) -> bool:
    """Whether this process may use all these capabilities, within its user namespace."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("CapPrm:"):
            return all(int(line.split()[1], 16) >> capability & 1 for capability in capabilities)
    return False


def is_root() -> bool:
    """Whether this is root of a whole machine or container, whom limits on processes do not bind."""
    return os.geteuid() == 0 and min(_widest("uid")[1], _widest("gid")[1]) >= _MANY


def many_users() -> bool:
    """Whether this process can give kernels users of their own."""
    return is_root() and holds(CAP_CHOWN, CAP_SETGID, CAP_SETUID)


def privileged() -> bool:
    """Whether this process can make namespaces, and users for those within, without a user namespace."""
    return many_users() and holds(CAP_SYS_ADMIN)


def ids(kind: str) -> range:
    """The user or group ids ("uid", "gid") that kernels may get: of those that this user namespace has, unused ones."""
    first, size = _widest(kind)
    if first + size >= _FIRST_ID + _IDS:
        return range(_FIRST_ID, _FIRST_ID + _IDS)
    return range(first + size // 2, first + size - 2)  # a container's, often 65536: where the fewest files have owners


def own_id(among: range, parent: int, number: int) -> int:
    """The id for kernel `number` of the process `parent` of the host; kernels that live at one time differ in it."""
    return among[(parent * 256 + number) % len(among)]


def _widest(kind: str) -> tuple[int, int]:
    """The first id and the size of the largest range that this user namespace has."""
    lines = [line.split() for line in Path(f"/proc/self/{kind}_map").read_text(encoding="ascii").splitlines()]
    return max(((int(line[0]), int(line[2])) for line in lines), key=lambda pair: pair[1], default=(0, 0))


def become(user: int, group: int) -> None:
    """Change to another user for good, with no groups but its own; only root can."""
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)


def drop_bounding(but: int | None = None) -> None:
    """Empty the set of capabilities that a program could ever give, except `but`.

    Before the user changes, because that takes the right to.
    """
    for capability in range(_LAST_CAPABILITY + 1):
        if capability == but:
            continue
        try:
            system.prctl(system.PR_CAPBSET_DROP, capability)
        except OSError:  # unknown to this Linux, or the process may not: then it holds none to lose
            return


def drop_capabilities(but: int | None = None) -> None:
    """Hold no capability, or only `but`, and no way to one; make the process its own again.

    Linux makes the files in /proc of a process that changed its user root's; the process needs to read them.
    """
    system.prctl(system.PR_CAP_AMBIENT, system.PR_CAP_AMBIENT_CLEAR_ALL)
    system.capset(0 if but is None else 1 << but)
    if but is not None:
        system.prctl(system.PR_CAP_AMBIENT, system.PR_CAP_AMBIENT_RAISE, but)
    system.prctl(system.PR_SET_DUMPABLE, 1)
    system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)


def limit(processes: int, file_bytes: int, open_files: int) -> None:
    """Resource limits, for good. None on addresses: TensorFlow and CUDA reserve far more than they use."""
    for kind, most in (
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, _LOCKED_BYTES),
        (resource.RLIMIT_RTPRIO, 0),
    ):
        _, hard = resource.getrlimit(kind)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (value, value))


def tasks_of(user: int) -> int:
    """How many threads a user has on this machine, as far as /proc shows."""
    found = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found += len(list((folder / "task").iterdir())) if folder.stat().st_uid == user else 0
            except OSError:  # it has just ended
                continue
    return found


def reachable(paths: Iterable[str]) -> bool:
    """Whether a user who owns nothing here can reach all the paths that exist."""
    folders = {above for path in paths for above in (*Path(path).parents, *Path(path).resolve().parents)}
    return all(folder.stat().st_mode & 0o001 for folder in folders if folder.is_dir())
