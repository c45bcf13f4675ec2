"""The class page over HTTP: who is answered, what is answered, and that no path leads out."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.classroom import serving
from referee.errors import UsageError


@dataclass
class Still:
    """A site that does not change, with one student's page."""

    file: Path

    def version(self) -> str:
        return "v1"

    def page(self) -> bytes:
        return b"<!doctype html>page"

    def student_page(self, parts: tuple[str, ...]) -> Path | None:
        return self.file if parts == ("feedback", "a da", "week", "a.html") else None


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Still:
    path = tmp_path_factory.mktemp("course").resolve() / "a.html"
    path.write_text("a student's page", encoding="utf-8")
    return Still(path)


@pytest.fixture(scope="module")
def port(site) -> Iterator[int]:
    with answering(site) as port:
        yield port


@contextmanager
def answering(site: serving.Site) -> Iterator[int]:
    """A server in a thread, by its port."""
    server = serving.open_server(site, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(port: int, path: str = "/", method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """The status, the headers and the body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.putrequest(method, path, skip_host=True)
        for name, value in ({"Host": f"127.0.0.1:{port}"} | headers).items():
            if value:
                connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_the_page_and_what_it_is_called(port):
    """The page is HTML that nobody keeps, frames or guesses the type of."""
    status, headers, body = ask(port)
    assert (status, body) == (200, b"<!doctype html>page")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert (headers["Cache-Control"], headers["X-Frame-Options"]) == ("no-store", "DENY")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ask(port, "/version")[2] == b"v1"


def test_a_students_page_is_kept_apart(port):
    """It is found under its encoded name, and is an origin of its own that may ask nobody."""
    status, headers, body = ask(port, "/feedback/a%20da/week/a.html")
    assert (status, body) == (200, b"a student's page")
    assert headers["Content-Security-Policy"].startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["localhost:{port}", "LOCALHOST:{port}"])
def test_this_machine_by_name(port, host):
    """The machine's own name is taken in any case."""
    assert ask(port, Host=host.format(port=port))[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", ""]
)
@pytest.mark.parametrize("path", ["/", "/version", "/feedback/a%20da/week/a.html"])
def test_another_host_is_refused(port, host, path):
    """A page of somewhere else whose name leads here gets nothing, and neither does a request that names no host."""
    status, _, body = ask(port, path, Host=host.format(port=port))
    assert status == 403
    assert b"page" in body
    assert b"student" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_only_get_is_answered(port, method):
    """Any other method is refused with the one that is allowed."""
    status, headers, _ = ask(port, method=method)
    assert (status, headers["Allow"]) == (405, "GET")


PATHS = [
    "/feedback/..%2f..%2fetc/passwd", "/feedback/a%20da/week/../../../etc/passwd", "/..", "/feedback/",
    "/feedback/a da/week/a.html/", "/feedback/a%20da/week/a.html%00", "/course.toml", "/feedback/%2e%2e/week/a.html",
    "/feedback%2fa%20da/week/a.html", "/FEEDBACK/a%20da/week/a.html",
]  # fmt: skip


@pytest.mark.parametrize("path", [path.replace(" ", "%20") for path in PATHS])
def test_no_other_path_is_answered(port, path):
    """What the page does not lead to is not there."""
    assert ask(port, path)[0] == 404


@given(st.text("abc/.%20\\:?#", max_size=20))
def test_any_path_is_answered(port, path):
    """Whatever is asked for, there is an answer, and a file only where the page leads to it."""
    status, _, body = ask(port, "/" + path)
    assert status in (200, 404)
    assert b"student" not in body


def said(port: int, sent: bytes) -> bytes:
    """What comes back for these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("address", [b"http://[/", b"//[", b"http://[::1/feedback", b"http://a]/"])
def test_what_is_no_address(port, address, capsys):
    """A request for what cannot be an address is answered in words, and nothing is printed."""
    answer = said(port, b"GET %b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % (address, port))
    assert answer.split()[1] in (b"400", b"404")
    assert answer.split()[1] == b"400" or not address.startswith(b"http")
    assert capsys.readouterr() == ("", "")


class Broken(Still):
    """A site whose page cannot be made."""

    def page(self) -> bytes:
        raise RuntimeError("two\nlines \x1b[31m")


def test_an_error_is_one_line(site, capsys):
    """What goes wrong with one answer is said in one harmless line, and the next request is answered."""
    with answering(Broken(site.file)) as port:
        assert said(port, b"GET / HTTP/1.0\r\nHost: 127.0.0.1:%d\r\n\r\n" % port) == b""
        assert ask(port, "/version")[0] == 200
    error = capsys.readouterr().err
    assert error.startswith("referee: a request was not answered: RuntimeError: two")
    assert (error.count("\n"), "\x1b" in error) == (1, False)


def test_a_request_has_one_deadline(monkeypatch):
    """The time for a request does not begin anew with each byte of it."""
    clock = iter(range(0, 100, 3))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reader = serving._Timely(ours, 10.0)
        theirs.sendall(b"GET / HTTP/1.1")
        assert [reader.read(1) for _ in range(4)] == [b"G", b"E", b"T", b" "]
        with pytest.raises(TimeoutError):
            reader.read(1)


def test_who_sends_a_byte_now_and_then_is_cut_off(site, monkeypatch):
    """A request that never ends is given up, though it goes on."""
    monkeypatch.setattr(serving, "_PATIENCE", 0.2)
    with answering(site) as port, socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        with pytest.raises(ConnectionError):
            trickle(connection)


def trickle(connection: socket.socket) -> None:
    """Send a byte now and then, up to a number of bytes that no deadline of a test comes near."""
    for _ in range(1000):
        connection.sendall(b"x")
        time.sleep(0.01)


def test_so_many_at_a_time(site, monkeypatch):
    """Where all places are taken the next one is told to come again; a place that is given back is taken."""
    monkeypatch.setattr(serving, "_MOST", 2)
    with answering(site) as port, ExitStack() as idle:
        for _ in range(2):
            idle.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
        assert refused(port)
        idle.close()
        assert a_place_becomes_free(port)


def refused(port: int) -> bool:
    return said(port, b"").startswith(b"HTTP/1.0 503 ")


def a_place_becomes_free(port: int) -> bool:
    """Whether one who tries again and again is let in."""
    for _ in range(2000):
        if not refused(port):
            return True
        time.sleep(0.005)
    return False


class Large(Still):
    """A site whose page fits into no buffer of the system's."""

    def page(self) -> bytes:
        return bytes(50_000_000)


def test_who_takes_nothing_is_left(site, monkeypatch):
    """An answer that is asked for and not taken does not hold its place for good."""
    monkeypatch.setattr(serving, "_MOST", 1)
    monkeypatch.setattr(serving, "_PATIENCE", 1000)
    monkeypatch.setattr(serving, "_TAKING", 0.2)
    with answering(Large(site.file)) as port, socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
        assert connection.recv(15) == b"HTTP/1.0 200 OK"
        assert a_place_becomes_free(port)


def test_many_at_once_are_taken(port):
    """A burst of connections is answered to the last one: none is turned away while there are places."""
    with ExitStack() as stack:
        many = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            for _ in range(serving._MOST - 4)
        ]
        for connection in many:
            connection.sendall(b"GET /version HTTP/1.0\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
        assert all(connection.recv(15) == b"HTTP/1.0 200 OK" for connection in many)
    assert serving._Server.request_queue_size >= serving._MOST


def test_a_link_is_not_followed(tmp_path):
    """A page that is a link, or lies in a folder that is one, is not given out."""
    root = tmp_path.resolve()
    (root / "secret").mkdir()
    (root / "secret" / "a.html").write_text("secret", encoding="utf-8")
    (root / "linked").symlink_to(root / "secret")
    (root / "a.html").symlink_to(root / "secret" / "a.html")
    assert serving.regular_file(root / "secret" / "a.html") == b"secret"
    assert serving.regular_file(root / "linked" / "a.html") is None
    assert serving.regular_file(root / "a.html") is None
    assert serving.regular_file(root / "secret") is None
    assert serving.regular_file(root / "nowhere") is None
    assert serving.regular_file(root / "a\0b") is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_no_page(tmp_path):
    """What would be read for ever is not read."""
    os.mkfifo(tmp_path.resolve() / "pipe.html")
    assert serving.regular_file(tmp_path.resolve() / "pipe.html") is None


def test_a_port_that_is_taken(port, site):
    """It is said which port, and what to do."""
    with pytest.raises(UsageError, match=f"such as {port}") as caught:
        serving.open_server(site, port)
    assert "--serve 0" in caught.value.remedy


def test_it_listens_on_this_machine_alone(site):
    """The address is the loopback's, and the socket is bound to nothing else."""
    server = serving.open_server(site, 0)
    assert server.server_address[0] == "127.0.0.1"
    assert serving.address(server) == f"http://127.0.0.1:{server.server_port}/"
    server.server_close()


@pytest.mark.parametrize("to_the_server", [False, True])
def test_ctrl_c_ends_it_while_a_request_is_taken(site, monkeypatch, to_the_server):
    """Ctrl-C lets the port go, also while a request is given to its thread, whichever thread the system tells of it."""
    server = serving.open_server(site, 0)
    original = ThreadingMixIn.process_request

    def slowly(*arguments: Any) -> None:
        original(*arguments)
        time.sleep(1)

    def press() -> None:
        assert ask(server.server_port)[0] == 200  # by the thread, which has given back its place now
        serves = next(thread for thread in threading.enumerate() if "(answer)" in thread.name)
        receiver = serves if to_the_server else threading.main_thread()
        assert receiver.ident is not None
        signal.pthread_kill(receiver.ident, signal.SIGINT)

    monkeypatch.setattr(ThreadingMixIn, "process_request", slowly)
    gave_up = threading.Event()

    def give_up() -> None:
        gave_up.set()
        server.shutdown()

    late = threading.Timer(20, give_up)
    for thread in (late, threading.Thread(target=press)):
        thread.start()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        serving.serve(server)
    finally:
        signal.signal(signal.SIGINT, before)
        late.cancel()
    assert not gave_up.is_set()
    serving.open_server(site, server.server_port).server_close()
