"""Requests that two readers could understand differently: none hides a second one, at the page and behind nginx (4.2.1)."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.databases import sqlite_only
from tests.outside.proxied import Site, behind_nginx
from tests.people import House

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

pytestmark = [sqlite_only, pytest.mark.slow]

HOST = b"Host: localhost"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
REFUSED = {
    400,
    414,
    431,
    501,
}  # said by whoever reads; the page itself would answer 403, without a cookie, or 200
_PATIENCE = 5.0


def post(*headers: bytes, body: bytes = HIDDEN, version: bytes = b"1.1") -> bytes:
    """Return a POST with these headers and whatever follows them."""
    lines = [b"POST /register HTTP/" + version, HOST, b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def get(*headers: bytes, line: bytes = b"GET /healthz HTTP/1.1") -> bytes:
    """Return a GET with these headers."""
    return b"\r\n".join([line, b"Connection: close", *headers]) + b"\r\n\r\n"


def chunked(body: bytes) -> bytes:
    """Return a POST whose body comes in pieces."""
    return post(b"Transfer-Encoding: chunked", body=body)


LENGTH = b"Content-Length: %d" % len(HIDDEN)
CHUNKED = b"Transfer-Encoding: chunked"
END = b"0\r\n\r\n"
PROBES = {
    "length and encoding": post(b"Content-Length: 4", CHUNKED, body=END + HIDDEN),
    "encoding and length": post(CHUNKED, b"Content-Length: 4", body=END + HIDDEN),
    "encoding in HTTP/1.0": post(CHUNKED, b"Content-Length: 4", body=END + HIDDEN, version=b"1.0"),
    "two lengths": post(b"Content-Length: 0", LENGTH),
    "two lengths that agree": post(b"Content-Length: 0", b"Content-Length: 0"),
    "a list of lengths": post(b"Content-Length: 0, %d" % len(HIDDEN)),
    "a length with a plus": post(b"Content-Length: +%d" % len(HIDDEN)),
    "a negative length": post(b"Content-Length: -1"),
    "a length with an underscore": post(b"Content-Length: 1_0"),
    "a blank before the colon": post(b"Content-Length : %d" % len(HIDDEN)),
    "an encoding with a blank before the colon": post(
        b"Transfer-Encoding : chunked", LENGTH, body=END + HIDDEN
    ),
    "an encoding that is none": post(b"Transfer-Encoding: identity"),
    "an unknown encoding": post(b"Transfer-Encoding: xchunked", body=END + HIDDEN),
    "two encodings": post(CHUNKED, b"Transfer-Encoding: identity", body=END + HIDDEN),
    "a list of encodings": post(b"Transfer-Encoding: gzip, chunked", body=END + HIDDEN),
    "an encoding behind a control character": post(
        b"Transfer-Encoding: \x0bchunked", LENGTH, body=END + HIDDEN
    ),
    "a chunk in the manner of C": chunked(b"0x5\r\nhello\r\n" + END + HIDDEN),
    "a negative chunk": chunked(b"-5\r\nhello\r\n" + END + HIDDEN),
    "a chunk beyond all numbers": chunked(b"FFFFFFFFFFFFFFFFF\r\nhello\r\n" + END + HIDDEN),
    "a chunk longer than it says": chunked(b"5\r\nhelloXX" + END + HIDDEN),
    "a line feed in the extension of a chunk": chunked(b"5;a=\nx\r\nhello\r\n" + END + HIDDEN),
    "a folded header": get(HOST, b"X-Long: one\r\n two"),
    "a folded length": post(b"Content-Length:\r\n %d" % len(HIDDEN)),
    "a folded encoding": post(b"Transfer-Encoding:\r\n chunked", body=END + HIDDEN),
    "a bare carriage return": get(HOST, b"X-One: b\rContent-Length: 5"),
    "a zero byte": get(HOST, b"X-One: b\x00c"),
    "two hosts": get(HOST, b"Host: evil.example"),
    "a list of hosts": get(b"Host: localhost, evil.example"),
    "an empty host": get(b"Host:"),
    "no host": get(),
    "no host in HTTP/1.0": get(line=b"GET /healthz HTTP/1.0"),
    "a blank in the address": get(HOST, line=b"GET /heal thz HTTP/1.1"),
    "HTTP/2 without asking": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS inside": b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
    "a huge header": get(HOST, b"X-Long: " + b"a" * 40_000),
    "a huge address": get(HOST, line=b"GET /" + b"a" * 40_000 + b" HTTP/1.1"),
    "many headers": get(HOST, *[b"X-One: aaaaaaaaaaaaaaaa"] * 2000),
}
# The page would read on, until its 30 s of silence are over.
WAITED_FOR = ["a chunk beyond all numbers"]
# nginx takes a bare line feed for the end of a line, as RFC 9112 allows, and writes the request anew for the page.
MENDED = {
    "bare line feeds": get(HOST).replace(b"\r\n", b"\n"),
    "a bare line feed between headers": get(HOST, b"X-One: a\nX-Two: b"),
    "a length behind a bare line feed": post(b"X-One: a\nContent-Length: %d" % len(HIDDEN)),
    "chunks with bare line feeds": chunked(b"5\nhello\n0\n\n"),
}


@dataclass
class Doors:
    """Where probes are sent.

    Attributes:
        reached: the path of each request that has reached the application.
    """

    site: Site
    reached: list[str] = field(default_factory=list)

    def connect(self, door: str) -> socket.socket:
        """Return a connection to the page or to nginx."""
        port = self.site.server.port if door == "page" else self.site.proxy.https
        connection = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        return (
            connection
            if door == "page"
            else self.site.proxy.trust.wrap_socket(connection, server_hostname="localhost")
        )

    def statuses(self, door: str, probe: bytes) -> list[int]:
        """Send a probe and return every status that comes back; the connection may be closed before all was sent."""
        received = b""
        with self.connect(door) as connection:
            with suppress(OSError):
                connection.sendall(probe)
                if door == "page":  # over TLS nothing could be read after that
                    connection.shutdown(socket.SHUT_WR)
            with suppress(ConnectionError, ssl.SSLError):
                while piece := connection.recv(65536):
                    received += piece
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", received)]


@pytest.fixture
def doors(company: House, tmp_path: Path) -> Iterator[Doors]:
    """Lend the page, with and without nginx in front of it."""
    with behind_nginx(company, tmp_path / "nginx") as site:
        lent = Doors(site)
        behind: WSGIApplication = site.app.wsgi_app

        def note(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            lent.reached.append(environ["PATH_INFO"])
            return behind(environ, start_response)

        site.app.wsgi_app = note  # type: ignore[method-assign]
        yield lent


@pytest.mark.parametrize("door", ["page", "nginx"])
def test_what_can_be_read_in_two_ways_is_refused(doors: Doors, door: str) -> None:
    """Each probe gets one refusal at most, and neither it nor what hides behind it is taken for a request."""
    answers = {name: doors.statuses(door, probe) for name, probe in PROBES.items()}
    assert not {
        name: found for name, found in answers.items() if len(found) > 1 or not REFUSED.issuperset(found)
    }
    assert [name for name, found in answers.items() if not found] == (WAITED_FOR if door == "page" else [])
    assert not {"/hidden", "/register"} & set(
        doors.reached
    )  # what is wrong about the host is refused by the page


def test_the_page_refuses_bare_line_feeds(doors: Doors) -> None:
    """A line feed alone ends no line for the page: it refuses, or waits for the end that never comes."""
    answers = {name: doors.statuses("page", probe) for name, probe in MENDED.items()}
    assert not {
        name: found for name, found in answers.items() if len(found) > 1 or not REFUSED.issuperset(found)
    }
    assert doors.reached == []


def test_nginx_mends_bare_line_feeds_without_hiding_anything(doors: Doors) -> None:
    """Behind nginx each of them is one request, and what looks like a second stays the body that it is."""
    answers = {name: doors.statuses("nginx", probe) for name, probe in MENDED.items()}
    assert {len(found) for found in answers.values()} == {1}
    assert doors.reached == ["/healthz", "/healthz", "/register", "/register"]


@pytest.mark.parametrize("door", ["page", "nginx"])
def test_two_requests_on_one_connection_are_two(doors: Doors, door: str) -> None:
    """The probes would notice a hidden request: two plain ones in a row are both answered."""
    assert doors.statuses(door, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN) == [200, 404]
    assert doors.reached == ["/healthz", "/hidden"]
    assert doors.statuses(door, get(HOST)) == [200]
    assert doors.statuses(door, post(CHUNKED, body=b"5\r\nhello\r\n" + END)) == [403]
