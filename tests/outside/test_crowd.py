"""Many at once on `academy serve` with its real password hash: memory stays bounded and the page answers (15.1.3, P38)."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from select import select
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from core.core import Core
from core.ports import Hasher
from core.settings import Settings
from tests.cli.running import Host
from tests.databases import sqlite_only
from tests.people import House
from tests.web.visitor import FILLED_IN

pytestmark = [sqlite_only, pytest.mark.slow, pytest.mark.alone]

AT_ONCE = 50
MOST_MEMORY = 200 * 1024  # KiB
SOON = 1.0  # seconds
IDLE = 150


class Answer(NamedTuple):
    """What came back."""

    status: int
    text: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Server:
    """A running `academy serve`."""

    port: int
    process_id: int

    def ask(self, path: str, method: str = "GET", body: str = "", cookie: str = "") -> Answer:
        """Send one request."""
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        told = Answer(
            answer.status, answer.read().decode(), (answer.headers["Set-Cookie"] or "").partition(";")[0]
        )
        connection.close()
        return told

    def seconds_for(self, path: str) -> float:
        """Return how long a page takes, read to its end."""
        begin = monotonic()
        self.ask(path)
        return monotonic() - begin

    def peak_memory(self) -> int:
        """Return the most memory the process has held so far, in KiB, all of its libraries included."""
        status = Path(f"/proc/{self.process_id}/status").read_text("ascii")
        [peak] = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
        return int(peak)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody with the form open and filled in."""

    server: Server
    cookie: str
    body: str

    @classmethod
    def with_link(cls, server: Server, token: str) -> Guest:
        """Open a link and fill in the form."""
        opened = server.ask(f"/i/{token}")
        shown = server.ask("/register", cookie=opened.cookie)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', shown.text))
        typed = {name: unescape(value) for name, value in hidden.items()} | FILLED_IN
        return cls(server, shown.cookie or opened.cookie, urlencode(typed))

    def send(self) -> int:
        """Send the form and return the status."""
        return self.server.ask("/register", "POST", self.body, self.cookie).status


@pytest.fixture
def house(settings: Settings, hasher: Hasher) -> Iterator[House]:
    """Lend a company that lives in today's time, like the server beside it."""
    with Core.open(settings, hasher=hasher) as core:
        yield House.set_up(core)


@pytest.fixture
def server(house: House, settings: Settings) -> Iterator[Server]:
    """Lend a server with everything as it comes."""
    with Host.of(settings).start("serve", "--port", "0") as process:
        assert process.stderr is not None
        [port] = [json.loads(line)["port"] for line in _until_started(process.stderr)]
        reader = threading.Thread(target=process.stderr.read)
        reader.start()
        yield Server(int(port), process.pid)
        process.terminate()
        reader.join(30)


def _until_started(lines: Iterator[str]) -> Iterator[str]:
    """Yield the line that tells the port; nothing where the server has ended."""
    found = next((line for line in lines if "page.started" in line), None)
    if found is not None:
        yield found


def test_fifty_submits_at_once_stay_within_memory_and_leave_the_page_alive(
    house: House, server: Server
) -> None:
    """Fifty people send their form in the same moment: under 200 MiB, health within a second, and who was turned away can send again."""
    tokens = [house.token_of(house.invite(f"guest{number}@example.com")) for number in range(AT_ONCE)]
    waits: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            waits.append(server.seconds_for("/healthz"))
            over.wait(0.02)

    start = threading.Barrier(AT_ONCE)

    def send(guest: Guest) -> int:
        start.wait(30)
        return guest.send()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        guests = list(threads.map(lambda token: Guest.with_link(server, token), tokens))
        watcher = threading.Thread(target=watch)
        watcher.start()
        statuses = list(threads.map(send, guests))
        over.set()
        watcher.join(30)
    assert set(statuses) <= {303, 503}
    assert statuses.count(303) >= 5
    assert len(waits) > 10
    assert max(waits) < SOON
    assert server.peak_memory() < MOST_MEMORY
    again = [guest for guest, status in zip(guests, statuses, strict=True) if status == 503][:3]
    assert [guest.send() for guest in again] == [303] * len(again)


def test_idle_and_slow_visitors_keep_nobody_waiting(house: House, server: Server) -> None:
    """With 150 connections that say nothing and 150 that stop in the middle, a page takes less than a second."""
    link = f"/i/{house.token_of(house.invite('bo@example.com'))}"
    with ExitStack() as held:
        idle = []
        for start in (b"", b"POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nfirst"):
            for _ in range(IDLE):
                idle.append(
                    held.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
                )
                idle[-1].sendall(start)
        assert max(server.seconds_for(path) for path in (link, "/register", "/welcome", "/healthz")) < SOON
        assert not select(idle, [], [], 0)[0]  # none has been closed or answered meanwhile
