"""A file tree, process table and network of one's own: the minimal root of the parent, the private mounts of a kernel.

The parent's root is a small tmpfs that holds what kernels may read, bound read-only at its usual path, and nothing
else: what is not there needs no rule. It is read-only, because all kernels share it. What a kernel writes goes to a
tmpfs of its own at /scratch, whose size is its quota, and which vanishes with the kernel's last process.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from . import system
from .system import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_PRIVATE, MS_RDONLY, MS_REC

SCRATCH = "/scratch"
FOLDERS = ("work", "home", "tmp", "shm")
# not /dev/zero: mapped, it is memory that belongs to no process
STANDARD_DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
#: What the parent unshares, and each kernel again; pid namespaces are for the next child, so `fork` makes them.
OWN = system.CLONE_NEWNS | system.CLONE_NEWIPC | system.CLONE_NEWNET | system.CLONE_NEWUTS

_COVERED = ("/tmp", "/dev/shm", SCRATCH)  # noqa: S108 - names inside the sandbox: a kernel mounts its own there
_RESERVED = ("/", "/proc", "/dev", *_COVERED)
_KEPT, _OLD = "/.kept", "/.old"
_READ_ONLY = system.MOUNT_ATTR_RDONLY | system.MOUNT_ATTR_NOSUID | system.MOUNT_ATTR_NODEV
_LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}
_PARENT_BYTES = 256 << 20  # what the imports of the parent may write, such as caches of fonts


@dataclass(frozen=True)
class Root:
    """What of the parent's root a kernel's own mounts cover, and has to be put back over them.

    kept : readable paths below /tmp, /dev/shm or /scratch; each stays bound below /.kept.
    links : symbolic links there, and where they lead.
    """

    kept: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


def own_folder() -> int:
    """A descriptor of this process's folder in /proc; a kernel takes it before it mounts a /proc that is read-only."""
    return os.open("/proc/self", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)


def own_user(own: int) -> None:
    """Enter a user namespace in which this user is itself and holds all capabilities over what it makes there."""
    user, group = os.geteuid(), os.getegid()
    system.unshare(system.CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        file = os.open(name, os.O_WRONLY | os.O_CLOEXEC, dir_fd=own)
        try:
            os.write(file, text.encode())
        except OSError as error:
            raise OSError(error.errno, f"{name}, with {text}: {error.strerror}") from None
        finally:
            os.close(file)


def build_root(readable: Iterable[str], devices: Iterable[str]) -> Root:
    """Make the minimal root and move into it; the caller is alone in new namespaces, PID 1 of its own."""
    links: dict[str, str] = {}
    # Where a path is bound, and what is bound there: they differ where /scratch, say, is a link of the machine's
    places = _outermost(filter(None, [_resolve(path, links) for path in readable]))
    sources = {place: os.path.realpath(place) for place in places}
    system.mount("none", "/", flags=MS_REC | MS_PRIVATE)  # nothing done here may show outside
    base = "/tmp"  # noqa: S108 - any folder that every machine has: the mount there is the root in a moment
    system.mount("tmpfs", base, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=4m")
    os.chdir(base)
    Path(_OLD[1:]).mkdir()
    system.pivot_root(".", _OLD[1:])
    os.chdir("/")
    for place, source in sources.items():
        _bind_readable(place, source)
    for link, target in links.items():
        if not _covered(link):
            _link(link, target)
    _make_dev(devices)
    for folder in ("/proc", SCRATCH, "/tmp"):  # noqa: S108 - mount points in the new root
        Path(folder).mkdir(exist_ok=True)
    # Linux lets a user namespace mount /proc only where an unobstructed one is in sight: the old one, until it goes.
    system.mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    system.umount(_OLD, system.MNT_DETACH)
    Path(_OLD).rmdir()
    system.mount_setattr("/", _READ_ONLY, recursive=False)
    root = Root(tuple(filter(_covered, places)), tuple(item for item in links.items() if _covered(item[0])))
    make_scratch(root, _PARENT_BYTES)  # the parent's own, with the paths of a kernel's: libraries remember them
    system.sethostname("referee")
    return root


def private_mounts(root: Root, size: int, user: int | None, group: int | None) -> None:
    """Give a kernel its own /proc, terminals and scratch; its namespaces are new, it is PID 1 of its own."""
    system.mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY)
    system.mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,max=32")
    make_scratch(root, size, user, group)


def make_scratch(root: Root, size: int, user: int | None = None, group: int | None = None) -> None:
    """Mount a tmpfs of `size` bytes with its folders, for one user; /tmp and /dev/shm are in it, so they count too."""
    owner = "" if user is None else f",uid={user},gid={group}"
    inodes = min(1024 + size // 16384, 1 << 16)  # each costs the machine memory that `size` does not count
    options = f"mode=700,size={size},nr_inodes={inodes}{owner}"
    system.mount("tmpfs", SCRATCH, "tmpfs", MS_NOSUID | MS_NODEV, options)
    for name in FOLDERS:
        Path(SCRATCH, name).mkdir(0o700)
        if user is not None and group is not None:
            os.chown(f"{SCRATCH}/{name}", user, group)
    system.mount(f"{SCRATCH}/tmp", "/tmp", flags=MS_BIND)  # noqa: S108 - the name inside the sandbox
    system.mount(f"{SCRATCH}/shm", "/dev/shm", flags=MS_BIND)  # noqa: S108 - the name inside the sandbox
    for path in root.kept:
        _target(path, like=_KEPT + path)
        system.mount(_KEPT + path, path, flags=MS_BIND | MS_REC)
    for link, target in root.links:
        _link(link, target)


def _resolve(path: str, links: dict[str, str]) -> str:
    """The real path of `path`, or "" where nothing is; symbolic links on the way are noted in `links`."""
    done, todo = Path("/"), path.split("/")
    for _ in range(1000):  # links may lead in a circle
        if not todo:
            return str(done) if done.exists() else ""
        part = todo.pop(0)
        if part in ("", ".", ".."):
            done = done.parent if part == ".." else done
            continue
        here = done / part
        if here.is_symlink() and str(here) not in _RESERVED:
            target = links[str(here)] = str(here.readlink())
            todo = target.split("/") + todo
            done = Path("/") if target.startswith("/") else done
        else:
            done = here
    return ""


def _outermost(paths: Iterable[str]) -> list[str]:
    """The paths that lie in no other one of them."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if path in _RESERVED:
            raise ValueError(f"{path} cannot be given to kernels as a whole")
        if not any(path.startswith(f"{other}/") for other in kept):
            kept.append(path)
    return kept


def _covered(path: str) -> bool:
    return path.startswith(tuple(f"{folder}/" for folder in _COVERED))


def _bind_readable(path: str, source: str) -> None:
    """Bind `source` of the old root at `path` in the new one, with all that is mounted below it, read-only."""
    place = (_KEPT if _covered(path) else "") + path
    _target(place, like=_OLD + source)
    system.mount(_OLD + source, place, flags=MS_BIND | MS_REC)
    system.mount_setattr(place, _READ_ONLY)


def _target(path: str, like: str) -> None:
    """Something to mount on: a folder, or a file where `like` is no folder."""
    folder = Path(like).is_dir()
    (Path(path) if folder else Path(path).parent).mkdir(parents=True, exist_ok=True)
    if not folder:
        Path(path).touch()


def _link(link: str, target: str) -> None:
    """A symbolic link, unless a folder bound above holds it already."""
    if not os.path.lexists(link):
        Path(link).parent.mkdir(parents=True, exist_ok=True)
        Path(link).symlink_to(target)


def _make_dev(devices: Iterable[str]) -> None:
    """Folders, links and the few devices of /dev; each is bound, because only root could make a device."""
    for folder in ("/dev/pts", "/dev/shm"):  # noqa: S108 - mount points in the new root
        Path(folder).mkdir(parents=True, exist_ok=True)
    for name, target in {**_LINKS, "ptmx": "pts/ptmx"}.items():
        Path("/dev", name).symlink_to(target)
    for device in (*STANDARD_DEVICES, *devices):
        if Path(_OLD + device).exists():
            _target(device, like=_OLD + device)
            system.mount(_OLD + device, device, flags=MS_BIND)
            system.mount_setattr(device, system.MOUNT_ATTR_NOSUID | system.MOUNT_ATTR_NOEXEC, recursive=False)
