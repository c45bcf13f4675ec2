"""The class page over HTTP, on this machine alone, for as long as somebody wants to see a class being graded.

GET /                                                    the page
GET /version                                             what the page that is there now is called
GET /feedback/<student>/<assignment>/<notebook>.html     a page that the class page leads to, and no other file

Nothing else is answered, nothing is ever written. A request has to arrive within a time, and so many connections are
open at most: whoever sends a byte now and then keeps nobody else out for long. It has to name this machine in its
Host header: a page of somewhere else whose name was made to lead here (DNS rebinding) is refused.
"""

from __future__ import annotations

import contextlib
import io
import os
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from referee.errors import UsageError
from referee.feedback.text import plain

HOST = "127.0.0.1"
_NAMES = (HOST, "localhost")
_PATIENCE = 10  # seconds for a whole request to arrive
_TAKING = 60  # seconds for an answer to be taken: a large page may go through a slow tunnel
_LOOK = 0.5  # seconds between two looks whether somebody wants it to end
_MOST = 64  # connections at a time
_BUSY = b"HTTP/1.0 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_HTML, _TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
#: A student's page is another origin than this one: whatever came to stand in it could not read the class page.
_APART = {"Content-Security-Policy": "sandbox allow-scripts allow-modals; connect-src 'none'; frame-ancestors 'none'"}


class Site(Protocol):
    """What is served; each question may be asked by several threads at a time."""

    def version(self) -> str:
        """What the page is called that is there now: another one for another content."""

    def page(self) -> bytes:
        """The page."""

    def student_page(self, parts: tuple[str, ...]) -> Path | None:
        """The file for the decoded parts of a path; None for a path to which the page does not lead."""


def open_server(site: Site, port: int) -> ThreadingHTTPServer:
    """A server that listens on this machine alone; port 0 takes any that is free.

    Raises
    ------
    UsageError : nobody can listen there.
    """
    try:
        return _Server((HOST, port), partial(_Handler, site))
    except OSError as error:
        raise UsageError(
            f"a port of this machine to serve the page on, such as {port}",
            error.strerror or str(error),
            "name another one, or --serve 0 for any that is free",
        ) from error


def serve(server: ThreadingHTTPServer) -> None:
    """Answer until Ctrl-C or SIGTERM. Both arrive in the calling thread, which does nothing but wait for them."""
    ended = threading.Event()

    def answer() -> None:
        try:
            server.serve_forever(poll_interval=0.2)
        finally:
            ended.set()

    answering = threading.Thread(target=answer, daemon=True)
    try:
        answering.start()
        while not ended.wait(_LOOK):  # the system may give a signal to the other thread: Python then sees it here
            pass
    except KeyboardInterrupt:  # the one way to end it
        pass
    finally:
        if answering.is_alive():
            server.shutdown()
        server.server_close()


def address(server: ThreadingHTTPServer) -> str:
    """Where the page is."""
    return f"http://{HOST}:{server.server_port}/"


class _Server(ThreadingHTTPServer):
    """A thread for each connection, for as many as there are places."""

    request_queue_size = 128  # of connections that wait to be taken: a longer one is cut by the system

    def __init__(self, *arguments: Any) -> None:
        self._places = threading.BoundedSemaphore(_MOST)
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.acquire(blocking=False):
            with contextlib.suppress(OSError):  # whoever asked has gone
                request.setblocking(False)
                request.send(_BUSY)
            return self.shutdown_request(request)
        try:
            super().process_request(request, client_address)
        except BaseException:  # no thread could be started, and none gives the place back
            self._places.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as the server calls it
        """Say in one line what went wrong with an answer, and go on; nothing where whoever asked has gone."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            sys.stderr.write(f"referee: a request was not answered: {plain(f'{type(error).__name__}: {error}')}\n")


class _Timely(io.RawIOBase):
    """What comes in over a connection until a deadline of the monotonic clock; then `TimeoutError`.

    A timeout of the socket's own begins anew with each byte.
    """

    def __init__(self, connection: socket.socket, ends: float) -> None:
        self._connection, self._ends = connection, ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request did not arrive in time")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server_version, sys_version = "Referee", ""
    server: ThreadingHTTPServer

    def __init__(self, site: Site, *arguments: Any) -> None:
        self._site = site
        super().__init__(*arguments)

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.rfile = io.BufferedReader(_Timely(self.connection, time.monotonic() + _PATIENCE))

    def do_GET(self) -> None:
        if not self._for_this_machine():
            return self._answer(HTTPStatus.FORBIDDEN, b"This page is for this machine alone.\n")
        try:
            path = urlsplit(self.path).path
        except ValueError:  # such as http://[/
            return self._answer(HTTPStatus.BAD_REQUEST, b"This is no address.\n")
        routes: Mapping[str, Callable[[], tuple[bytes, str]]] = {
            "/": lambda: (self._site.page(), _HTML),
            "/version": lambda: (self._site.version().encode("ascii"), _TEXT),
        }
        if path in routes:
            body, kind = routes[path]()
            return self._answer(HTTPStatus.OK, body, kind)
        return self._student_page(path)

    def _refuse(self) -> None:
        self._answer(HTTPStatus.METHOD_NOT_ALLOWED, b"Only GET is answered.\n", more={"Allow": "GET"})

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _refuse

    def _for_this_machine(self) -> bool:
        """Whether the one Host header names this machine and this port."""
        port = self.server.server_port
        hosts = self.headers.get_all("Host", [])
        names = {f"{name}:{port}" for name in _NAMES} | (set(_NAMES) if port == 80 else set())
        return len(hosts) == 1 and hosts[0].strip().lower() in names

    def _student_page(self, path: str) -> None:
        parts = tuple(unquote(part, errors="surrogateescape") for part in path.removeprefix("/").split("/"))
        file = self._site.student_page(parts)
        content = None if file is None else regular_file(file)
        if content is None:
            return self._answer(HTTPStatus.NOT_FOUND, b"There is no such page.\n")
        return self._answer(HTTPStatus.OK, content, _HTML, _APART)

    def _answer(
        self, status: HTTPStatus, body: bytes, kind: str = _TEXT, more: Mapping[str, str] | None = None
    ) -> None:
        self.close_connection = True
        try:
            self.connection.settimeout(_TAKING)  # of the socket: for all that is sent in one call
            self.send_response(status)
            length = {"Content-Type": kind, "Content-Length": str(len(body))}
            for name, value in {**_HEADERS, **length, **(more or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
        except (ConnectionError, TimeoutError):  # whoever asked has gone
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the page asks every two seconds."""


def regular_file(path: Path) -> bytes | None:
    """The content of a file that is reached over no link at all; None where there is none."""
    try:
        if path.resolve(strict=True) != path:
            return None
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return file.read() if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
    except (OSError, ValueError):  # ValueError: a name with a null character
        return None
