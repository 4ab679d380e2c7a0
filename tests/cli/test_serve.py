"""`academy serve`: the page and the delivery of mails as one process that ends when it is told to."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from core.settings import Settings
from tests.cli.running import Host
from tests.databases import sqlite_only
from tests.people import House
from tui.cli.page import default_port


@pytest.fixture
def taken() -> Iterator[int]:
    """Lend a port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one.getsockname()[1]


def _until(lines: Iterator[str], event: str) -> dict[str, object]:
    for line in lines:
        if event in line and line.startswith("{"):
            return dict(json.loads(line))
    raise AssertionError(f"{event} never came")


@sqlite_only
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serving_answers_delivers_and_ends(
    house: House, host: Host, settings: Settings, number: signal.Signals
) -> None:
    """The page answers, a waiting mail is delivered, and a signal ends both with 0 and gives the port back."""
    house.invite("bo@example.com")
    with host.start("serve", "--port", "0") as process:
        assert process.stderr is not None
        lines = iter(process.stderr)
        port = _until(lines, "page.started")["port"]
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            assert answer.read() == b"ok"
        assert any("1 mail sent" in line for line in lines)
        process.send_signal(number)
        _until(lines, "page.stopped")
        assert process.wait(30) == 0
    assert len(list(settings.outbox_folder.glob("*.eml"))) == 1
    socket.create_server(("127.0.0.1", int(str(port)))).close()


@sqlite_only
@pytest.mark.slow
def test_a_port_in_use_is_said(house: House, host: Host, taken: int) -> None:
    """Where the port is taken serve ends with 1 and names another."""
    ran = host.process("serve", "--port", str(taken))
    assert (ran.code, ran.out) == (1, "")
    assert f"--port {taken + 1}" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://127.0.0.1:8123", 8123),
        ("http://localhost", 8000),
        ("https://join.example.com", 8000),
        ("https://join.example.com:8443", 8000),
    ],
)
def test_the_port_is_that_of_a_public_url_on_this_machine(url: str, port: int) -> None:
    """Without --port a plain address names the port; behind a proxy, which has its own, it is 8000."""
    assert default_port(url) == port
