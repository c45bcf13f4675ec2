"""The class page over HTTP: who is answered, what is answered, and that no path leads out."""

from __future__ import annotations

import http.client
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
    server = serving.open_server(site, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_port
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
    """The address is the loopback's, and the socket is bound to nothing else; Ctrl-C ends it and lets the port go."""
    server = serving.open_server(site, 0)
    assert server.server_address[0] == "127.0.0.1"
    assert serving.address(server) == f"http://127.0.0.1:{server.server_port}/"
    server.service_actions = _stop  # type: ignore[method-assign] # called between two requests
    serving.serve(server)
    serving.open_server(site, server.server_port).server_close()


def _stop() -> None:
    raise KeyboardInterrupt
