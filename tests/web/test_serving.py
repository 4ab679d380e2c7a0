"""The page on its server: real sockets, many at once, a port that is taken."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from io import StringIO

import pytest
from flask import Flask

from core.errors import Misconfigured
from tests.databases import sqlite_only
from tests.people import House
from tests.web.visitor import FILLED_IN
from web.serving import THREADS, PageServer, listen, port_of
from web.submits import AT_ONCE

pytestmark = sqlite_only


@pytest.fixture
def server(app: Flask) -> Iterator[PageServer]:
    """Lend the page on a free port."""
    running = PageServer(app, listen("127.0.0.1", 0))
    running.start()
    yield running
    running.stop()


def _get(server: PageServer, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode(), dict(answer.getheaders())
    connection.close()
    return found


def _raw(server: PageServer, text: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(text)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def test_the_server_answers_and_names_no_product(server: PageServer) -> None:
    """The page is there on the port that was given, without a Server header (13.4.6)."""
    status, text, headers = _get(server, "/healthz")
    assert (status, text) == (200, "ok")
    assert "Server" not in headers
    assert server.url == f"http://127.0.0.1:{server.port}"


def test_the_whole_journey_over_a_socket(company: House, server: PageServer) -> None:
    """Link, form and submit work over real HTTP."""
    token = company.token_of(company.invite("bo@example.com"))
    status, _, headers = _get(server, f"/i/{token}")
    cookie = headers["Set-Cookie"].partition(";")[0]
    assert (status, headers["Location"]) == (303, "/register")
    _, html, headers = _get(server, "/register", Cookie=cookie)
    cookie = headers["Set-Cookie"].partition(";")[0]
    fields = FILLED_IN | dict(re.findall(r'name="(csrf_token|invitation)" value="([^"]+)"', html))
    body = "&".join(f"{name}={value.replace(' ', '+')}" for name, value in fields.items())
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    kind = "application/x-www-form-urlencoded"
    connection.request("POST", "/register", body, {"Content-Type": kind, "Cookie": cookie})
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Location")) == (303, "/welcome")
    connection.close()


def test_a_taken_port_is_named(server: PageServer) -> None:
    """A port in use gives a sentence that names it and what to do."""
    with pytest.raises(Misconfigured, match=f"port {server.port}: it is in use on 127.0.0.1.*--port"):
        listen("127.0.0.1", server.port)


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("192.0.2.1", 0, "not an address of this machine"),
        ("no.such.host.invalid", 0, "not an address"),
        ("127.0.0.1", 70000, "from 0 to 65535"),
    ],
)
def test_a_place_that_cannot_be_listened_on_is_named(app: Flask, host: str, port: int, reason: str) -> None:
    """Hosts and ports that cannot be meant are refused with a sentence."""
    with pytest.raises(Misconfigured, match=reason):
        listen(host, port)


def test_a_stopped_server_gives_its_port_back(app: Flask) -> None:
    """After the stop the port is free, no thread is left, and starting anew works."""
    before = threading.active_count()
    listening = listen("127.0.0.1", 0)
    port = port_of(listening)
    for again in (listening, None):
        running = PageServer(app, again or listen("127.0.0.1", port))
        running.start()
        assert _get(running, "/healthz")[0] == 200
        running.stop()
        assert threading.active_count() == before


def test_a_server_that_never_started_can_be_stopped(app: Flask) -> None:
    """Stopping early leaves no thread and no socket."""
    before = threading.active_count()
    PageServer(app, listen("127.0.0.1", 0)).stop()
    assert threading.active_count() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server(app: Flask, number: signal.Signals) -> None:
    """Ctrl-C and the host's stop both end the server in order, and earlier signal handlers come back."""
    running = PageServer(app, listen("127.0.0.1", 0))
    earlier = signal.getsignal(number)
    answers: list[int] = []

    def visit_and_end() -> None:
        answers.append(_get(running, "/healthz")[0])
        os.kill(os.getpid(), number)

    threading.Thread(target=visit_and_end).start()
    running.run()
    assert answers == [200]
    assert signal.getsignal(number) is earlier


def test_there_are_more_threads_than_submits_at_once(server: PageServer) -> None:
    """While as many submits as may wait are waiting, pages are still answered."""
    assert THREADS - AT_ONCE >= 4


def test_idle_connections_keep_nobody_waiting(server: PageServer) -> None:
    """Fifty browsers that connect and say nothing do not take a thread (P38)."""
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    try:
        assert _get(server, "/healthz")[0] == 200
    finally:
        for one in idle:
            one.close()


@pytest.mark.parametrize(
    "request_text",
    [
        b"POST /register HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcd",
        b"POST /register HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nTransfer-Encoding: nonsense\r\nConnection: close\r\n\r\nabcd",
        b"GET http://evil.example/welcome HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"GET /welcome HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /welcome HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    ],
    ids=["two lengths", "strange encoding", "foreign address", "no host", "two hosts"],
)
def test_ambiguous_requests_are_refused(server: PageServer, request_text: bytes) -> None:
    """Requests that two servers could read differently get an error and no page (4.2.1)."""
    status = int(_raw(server, request_text).split(b" ", 2)[1])
    assert status in {400, 501}


def test_the_server_writes_no_access_log(company: House, server: PageServer, written: StringIO) -> None:
    """What the whole server writes contains no link, also when a client hangs up half-way (P8)."""
    token = company.token_of(company.invite("bo@example.com"))
    _get(server, f"/i/{token}")
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(f"GET /i/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    _get(server, f"/i/{token}", Referer=f"http://127.0.0.1/i/{token}")
    assert token not in written.getvalue()
    assert "/i/" not in written.getvalue()
    assert {json.loads(line)["event"] for line in written.getvalue().splitlines()} == {"link.opened"}
