"""A seccomp filter: which system calls a kernel may not make.

The filter is compiled once, in the parent, by the system's libseccomp, and kept as the program that Linux runs: a child
installs it with one call. Everything is allowed but what is listed here: a student's code may use any library, so the
list names what reaches out of the sandbox, what escapes its limits, and what is seldom used and often exploited.
"""

from __future__ import annotations

import ctypes
import errno
import os

from .system import PR_SET_NO_NEW_PRIVS, prctl, syscall

_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NE, _MASKED_EQ = 1, 7
_OPTIMIZE = 8  # attribute: 2 makes the program a binary tree instead of a list
_SET_MODE_FILTER = 1
_SPEC_ALLOW = 4  # do not slow the kernel's arithmetic by mitigations meant for browsers (before Linux 5.16)
_AF_UNIX = 1
_ANY_PERSONA = 0xFFFFFFFF  # asks which one is set
_NEW_NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
_SHARED_ANONYMOUS = 0x01 | 0x20  # MAP_SHARED, MAP_ANONYMOUS
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # type into a terminal as if its user did

# Others' processes and memory; namespaces and mounts, so that an own namespace gives no new powers over the machine;
# keys, which outlive processes; parts of Linux with a history of exploits; shared memory that no process need map
# (a watch on processes' memory would not see it); the machine's own settings.
_FORBIDDEN = (
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise", "process_mrelease",
    "unshare", "setns", "mount", "umount", "umount2", "pivot_root", "chroot", "open_tree", "open_tree_attr",
    "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "keyctl", "add_key", "request_key",
    "bpf", "perf_event_open", "userfaultfd", "modify_ldt", "fanotify_init", "lookup_dcookie", "vmsplice", "shmget",
    "shmat", "shmctl", "semget", "semctl", "semop", "semtimedop", "msgget", "msgsnd", "msgrcv", "msgctl", "mq_open",
    "mq_unlink", "init_module", "finit_module", "delete_module", "create_module", "query_module", "kexec_load",
    "kexec_file_load", "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "settimeofday",
    "clock_settime", "clock_settime64", "clock_adjtime", "clock_adjtime64", "adjtimex", "stime", "syslog",
    "sethostname", "setdomainname", "open_by_handle_at", "name_to_handle_at", "iopl", "ioperm", "vhangup",
    "nfsservctl", "uselib", "ustat", "sysfs", "_sysctl", "migrate_pages", "move_pages",
)  # fmt: skip
# What a machine without these calls would say: the C library and others then take another way.
_ABSENT = (
    "clone3", "memfd_create", "memfd_secret", "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup",
    "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
)  # fmt: skip


class _Comparison(ctypes.Structure):
    _fields_ = (("argument", ctypes.c_uint), ("how", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


class _Version(ctypes.Structure):
    _fields_ = (("major", ctypes.c_uint), ("minor", ctypes.c_uint), ("micro", ctypes.c_uint))


def _library() -> ctypes.CDLL:
    """The system's libseccomp; an OSError where it is not installed."""
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_version.restype = ctypes.POINTER(_Version)
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = (ctypes.c_uint32,)
    library.seccomp_release.argtypes = (ctypes.c_void_p,)
    library.seccomp_attr_set.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32)
    library.seccomp_export_bpf.argtypes = (ctypes.c_void_p, ctypes.c_int)
    library.seccomp_syscall_resolve_name.argtypes = (ctypes.c_char_p,)
    library.seccomp_rule_add_array.argtypes = (
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p,
    )  # fmt: skip
    return library


def version() -> str:
    """The version of libseccomp here."""
    found = _library().seccomp_version().contents
    return f"libseccomp {found.major}.{found.minor}.{found.micro}"


class Filter:
    """The compiled filter; `load` binds the calling thread and all that it starts, for good.

    Raises
    ------
    OSError : libseccomp is not installed, or it refuses a rule.
    """

    def __init__(self) -> None:
        self._library = _library()
        self._number = self._library.seccomp_syscall_resolve_name(b"seccomp")
        self._context = ctypes.c_void_p(self._library.seccomp_init(_ALLOW))
        try:
            self._library.seccomp_attr_set(self._context, _OPTIMIZE, 2)  # an older one refuses: slower, no harm
            self._rules()
            code = self._export()
        finally:
            self._library.seccomp_release(self._context)
        self._program = _Program(len(code) // 8, code)

    def load(self) -> None:
        """Install the filter; it must be the last layer, because it forbids the calls that the others need."""
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        syscall("seccomp", self._number, _SET_MODE_FILTER, _SPEC_ALLOW, ctypes.byref(self._program))

    def _rules(self) -> None:
        for name in _FORBIDDEN:
            self._deny(name, errno.EPERM)
        for name in _ABSENT:
            self._deny(name, errno.ENOSYS)
        for name in ("socket", "socketpair"):  # libzmq aborts on any other errno than this
            self._deny(name, errno.EAFNOSUPPORT, _Comparison(0, _NE, _AF_UNIX, 0))
        for flag in _NEW_NAMESPACES:
            self._deny("clone", errno.EPERM, _Comparison(0, _MASKED_EQ, flag, flag))
        # shared memory without a file: its pages stay when no process maps them, so that nobody's memory grows
        self._deny("mmap", errno.EPERM, _Comparison(3, _MASKED_EQ, _SHARED_ANONYMOUS, _SHARED_ANONYMOUS))
        # libseccomp compares an argument once in a rule, so setting persona 0, the usual one, is denied with the rest
        self._deny("personality", errno.EPERM, _Comparison(0, _NE, _ANY_PERSONA, 0))
        for request in (_TIOCSTI, _TIOCLINUX):  # Linux looks at the low half of the argument only: so must we
            self._deny("ioctl", errno.EPERM, _Comparison(1, _MASKED_EQ, 0xFFFFFFFF, request))

    def _deny(self, name: str, error: int, *comparisons: _Comparison) -> None:
        number = self._library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # unknown to this libseccomp, or not a call of this architecture
            return
        tests = (_Comparison * len(comparisons))(*comparisons)
        result = self._library.seccomp_rule_add_array(self._context, _ERRNO | error, number, len(comparisons), tests)
        if result < 0:
            raise OSError(-result, f"seccomp_rule_add({name}): {os.strerror(-result)}")

    def _export(self) -> bytes:
        """The program for Linux; it is at most 32 KiB, which a pipe holds."""
        reading, writing = os.pipe()
        try:
            result = self._library.seccomp_export_bpf(self._context, writing)
            if result < 0:
                raise OSError(-result, f"seccomp_export_bpf: {os.strerror(-result)}")
            return os.read(reading, 1 << 16)
        finally:
            os.close(reading)
            os.close(writing)
