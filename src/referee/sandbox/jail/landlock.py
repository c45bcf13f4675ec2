"""Landlock: what a process may do with files, whom it may signal and that it has no TCP, until it and its children end.

The rules hang on inodes, not on names, so they hold through links and mounts. A process needs no privilege to bind
itself. `restrict` binds only the calling thread and what it starts: it must run before there is a second thread.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Iterable

from .system import syscall

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION = 1  # flag of landlock_create_ruleset: tell the ABI
_PATH_BENEATH = 1  # rule type
_NO_LOG = 1  # flag of landlock_restrict_self since ABI 7: a hostile process should not be able to fill the audit log

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (1 << bit for bit in range(6, 13))
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15

#: Sets of rights, as they are granted.
SEE = READ_FILE | READ_DIR
READ = SEE | EXECUTE
DEVICE = READ_FILE | WRITE_FILE | IOCTL_DEV
FULL = ((1 << 16) - 1) & ~(MAKE_CHAR | MAKE_BLOCK)
#: In a folder shared with others: make, open and remove what one knows the name of, but not list it.
BY_NAME = READ_FILE | WRITE_FILE | TRUNCATE | MAKE_REG | REMOVE_FILE

_FOR_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
_FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15}  # how many rights to files an ABI knows; all 16 since ABI 5
_TCP = 0b11  # bind and connect
_SCOPES = 0b11  # abstract Unix sockets and signals


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The version of Landlock that this kernel speaks.

    Raises
    ------
    OSError : ENOSYS where it is not built in, EOPNOTSUPP where it is switched off.
    """
    return syscall("landlock_create_ruleset", _CREATE, None, 0, _VERSION)


def restrict(version: int, grants: Iterable[tuple[str, int]]) -> None:
    """Deny this thread and its children everything about files but `grants` (path, rights), TCP, and foreign signals.

    A path that does not exist or cannot be reached grants nothing. Needs no_new_privs or CAP_SYS_ADMIN.
    """
    known = (1 << _FS_BITS.get(version, 16)) - 1
    rules = _Ruleset(known, _TCP, _SCOPES)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = syscall("landlock_create_ruleset", _CREATE, ctypes.byref(rules), size, 0)
    try:
        for path, rights in grants:
            _grant(ruleset, path, rights & known)
        syscall("landlock_restrict_self", _RESTRICT, ruleset, _NO_LOG if version >= 7 else 0)
    finally:
        os.close(ruleset)


def _grant(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EACCES, errno.ENOTDIR):
            return
        raise
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _FOR_FILES
        rule = _PathBeneath(rights, place)
        syscall(f"landlock_add_rule({path})", _ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(place)
