"""Doors to the system calls that Python 3.11 has no names for; each raises OSError that names the call.

Everything is bound when this module is loaded: a parent in its minimal root should not have to look for libraries.
"""

from __future__ import annotations

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2

MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC = 1, 2, 4, 8
AT_FDCWD, AT_RECURSIVE = -100, 0x8000

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_CAPBSET_DROP = 1, 4, 8, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 38, 47
PR_CAP_AMBIENT_RAISE, PR_CAP_AMBIENT_CLEAR_ALL = 2, 4

# Calls newer than the C library of some machines; since Linux 5.1 a new call has one number on every architecture.
_CLOSE_RANGE, _MOUNT_SETATTR = 436, 442
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
_int, _long, _text = ctypes.c_int, ctypes.c_long, ctypes.c_char_p
_libc.unshare.argtypes = (_int,)
_libc.setns.argtypes = (_int, _int)
_libc.mount.argtypes = (_text, _text, _text, ctypes.c_ulong, _text)
_libc.umount2.argtypes = (_text, _int)
_libc.pivot_root.argtypes = (_text, _text)
_libc.sethostname.argtypes = (_text, ctypes.c_size_t)
_libc.prctl.argtypes = (_int, *(ctypes.c_ulong,) * 4)
_libc.syscall.restype = _long


class _MountAttributes(ctypes.Structure):
    _fields_ = (("set", ctypes.c_uint64), ("clear", ctypes.c_uint64), ("spread", ctypes.c_uint64),
                ("userns", ctypes.c_uint64))  # fmt: skip


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", _int))


class _CapabilityData(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def _checked(result: int, call: str) -> int:
    """The result of a call, or its errno as an OSError whose words name the call."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
    return result


def syscall(call: str, number: int, *arguments: object) -> int:
    """A system call by its number; plain integers are passed as the machine's words."""
    words = (_long(item) if isinstance(item, int) else item for item in arguments)
    return _checked(_libc.syscall(_long(number), *words), call)


def unshare(flags: int) -> None:
    """Leave the shared namespaces that `flags` names; a new pid namespace is for the next child."""
    _checked(_libc.unshare(flags), f"unshare({flags:#x})")


def setns(descriptor: int, kind: int) -> None:
    """Join a namespace; of pid namespaces: let the next children be born there."""
    _checked(_libc.setns(descriptor, kind), f"setns({kind:#x})")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount; an empty `kind` or `data` is passed as none."""
    arguments = (os.fsencode(source), os.fsencode(target), os.fsencode(kind) or None, flags, data.encode() or None)
    _checked(_libc.mount(*arguments), f"mount({kind or 'bind'} {source} at {target})")


def mount_setattr(path: str, attributes: int, recursive: bool = True) -> None:
    """Add attributes to a mount and those below it; it never clears one, so locked ones are no obstacle."""
    wanted = _MountAttributes(attributes, 0, 0, 0)
    arguments = (AT_FDCWD, _text(os.fsencode(path)), AT_RECURSIVE if recursive else 0, ctypes.byref(wanted))
    syscall(f"mount_setattr({path})", _MOUNT_SETATTR, *arguments, ctypes.sizeof(wanted))


def umount(path: str, flags: int = 0) -> None:
    """Take a mount away."""
    _checked(_libc.umount2(os.fsencode(path), flags), f"umount2({path})")


def pivot_root(new: str, old: str) -> None:
    """Make the mount at `new` the root of this mount namespace, and put the old root at `old`."""
    _checked(_libc.pivot_root(os.fsencode(new), os.fsencode(old)), f"pivot_root({new})")


def sethostname(name: str) -> None:
    """Name the machine, within this UTS namespace."""
    _checked(_libc.sethostname(name.encode(), len(name.encode())), "sethostname")


def prctl(option: int, first: int = 0, second: int = 0) -> int:
    """An operation on this process."""
    return _checked(_libc.prctl(option, first, second, 0, 0), f"prctl({option}, {first})")


def capset(permitted: int = 0) -> None:
    """Hold exactly these capabilities (a bit mask) in the effective, permitted and inheritable set."""
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    halves = (permitted & 0xFFFFFFFF, permitted >> 32)
    data = (_CapabilityData * 2)(*(_CapabilityData(half, half, half) for half in halves))
    _checked(_libc.capset(ctypes.byref(header), data), f"capset({permitted:#x})")


def close_range(first: int, last: int) -> None:
    """Close all descriptors from `first` to `last`, both included."""
    if first > last:
        return
    try:
        syscall("close_range", _CLOSE_RANGE, first, last, 0)
    except OSError:  # before Linux 5.9
        os.closerange(first, min(last + 1, os.sysconf("SC_OPEN_MAX")))
