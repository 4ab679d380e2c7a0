"""The registration page: its form against an empty form, and accepted registrations against the password hash alone.

    bench/run page
    python -m bench.page --seconds 3 --rounds 5

Each page runs in a server process of its own, on the server we ship with the same settings, and is asked over one
connection that stays open. The empty forms are what Flask and Flask-WTF cost by themselves: one without a field, and one
with the fields of ours drawn by WTForms. Registrations come from four times as many browsers as there may be hashes at a
time, so that the page is what is measured and not the pauses of a browser; the hash alone runs in as many threads as it may,
without a page or a database around it. Rounds alternate; medians with least and most.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import select

from bench.machine import describe
from core.core import Core
from core.models import Invitation
from core.passwords import Password
from core.ports import HASHES_AT_ONCE, Hasher, Links
from core.services.company import FirstAdmin, set_up
from core.services.inviting import Line, Offer, invite_many
from core.settings import Settings
from core.upgrade import upgrade
from core.values import Address, Secret

FORM_TARGET, ACCEPT_TARGET = 0.5, 0.85
BROWSERS = 4 * HASHES_AT_ONCE  # so that a hash is always waiting while others read links and forms
PASSWORD = "quiet lantern 42 rivers"  # noqa: S105 - of made-up people
EMPTY = "{{ form.hidden_tag() }}"
FIELDS = "{% for field in form %}{{ field.label }}{{ field }}{% endfor %}"
_PAGE = "<!doctype html><html lang=en><head><title>Form</title></head><body><form method=post>FORM</form></body></html>"


# --- servers ----------------------------------------------------------------------------------------------------


def _serve_ours(pipe: Connection, home: Path) -> None:
    from web import create_app  # noqa: PLC0415 - in the child only

    with Core.open(Settings(home, Secret(f"sqlite:///{home / 'academy.db'}"))) as core:
        _serve(pipe, create_app(core))


def _serve_empty(pipe: Connection, template: str) -> None:
    from flask import Flask, render_template_string  # noqa: PLC0415 - in the child only
    from flask_wtf import FlaskForm  # noqa: PLC0415

    from web.forms import RegistrationForm  # noqa: PLC0415

    app = Flask(__name__)
    app.secret_key = "bench"  # noqa: S105 - of a server that lives for seconds
    kind = RegistrationForm if template == FIELDS else FlaskForm
    page = _PAGE.replace("FORM", template)
    app.add_url_rule("/register", view_func=lambda: render_template_string(page, form=kind()))
    _serve(pipe, app)


def _serve(pipe: Connection, app: object) -> None:
    from web.serving import PageServer, listen  # noqa: PLC0415

    server = PageServer(app, listen("127.0.0.1", 0))  # type: ignore[arg-type] # a Flask; imported in the child only
    server.start()
    pipe.send(server.port)
    pipe.recv()
    server.stop()


@contextmanager
def _running(serve: Callable[..., None], argument: object) -> Iterator[int]:
    """Lend the port of a server in a process of its own."""
    pipe, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(theirs, argument), daemon=True)
    process.start()
    yield pipe.recv()
    pipe.send("stop")
    process.join(20)


# --- a browser --------------------------------------------------------------------------------------------------


class Browser:
    """One connection that stays open, and its cookie."""

    def __init__(self, port: int) -> None:
        """Connect."""
        self._file = (connection := socket.create_connection(("127.0.0.1", port))).makefile("rwb")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._host, self.cookie = f"127.0.0.1:{port}", ""

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Return status and content; keeps a new cookie."""
        head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: {self._host}\r\nCookie: {self.cookie}\r\n"
        if body is not None:
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        self._file.write(f"{head}\r\n".encode() + (body or b""))
        self._file.flush()
        status, length = int(self._file.readline().split()[1]), 0
        while (line := self._file.readline()) not in {b"\r\n", b""}:
            name, _, value = line.decode("latin-1").partition(":")
            if name.lower() == "content-length":
                length = int(value)
            elif name.lower() == "set-cookie":
                self.cookie = value.strip().partition(";")[0]
        return status, self._file.read(length)

    def register(self, token: str) -> None:
        """Follow a link, fill in the form, send it."""
        assert self.ask(f"/i/{token}")[0] == 303
        status, page = self.ask("/register")
        assert status == 200, page
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.decode()))
        typed = {**hidden, "first_name": "Bo", "last_name": "Berg", "password": PASSWORD}
        status, page = self.ask("/register", urlencode(typed).encode())
        assert status == 303, page


# --- measuring --------------------------------------------------------------------------------------------------


def _pages_a_second(browser: Browser, seconds: float) -> float:
    began, asked = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        assert browser.ask("/register")[0] == 200
        asked += 1
    return asked / (time.perf_counter() - began)


def _many(act: Callable[[], object], times: int, threads: int) -> float:
    """Return how often a second `act` is done when so many threads do it."""
    left = iter(range(times))
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if next(left, None) is None:
                    return
            act()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return times / (time.perf_counter() - began)


def _hashes_a_second(times: int) -> float:
    hasher, password = Hasher(wait=600), Password.parse(PASSWORD)
    return _many(lambda: hasher.hash(password), times, HASHES_AT_ONCE)


def _company(home: Path, people: int) -> list[str]:
    """Make a company with open invitations; return their tokens."""
    Links.make_key_file(home / "key")
    settings = Settings(home, Secret(f"sqlite:///{home / 'academy.db'}"))
    upgrade(settings)
    with Core.open(settings) as core:
        with core.operator() as work:
            set_up(work, name="Bench Works", admin=FirstAdmin(Address.parse("ada@example.com"), "!"))
        with core.operator() as work:
            invite_many(work, [Line(n, f"person{n}@example.com") for n in range(1, people + 1)], Offer())
        with core.glance() as visit:
            ids = visit.db.scalars(select(Invitation.public_id)).all()
        return [core.ports.links.token_for(each).reveal() for each in ids]


def _row(name: str, rates: Sequence[float]) -> None:
    print(f"  {name:<46}{statistics.median(rates):9.1f} a second   ({min(rates):.1f} to {max(rates):.1f})")


def _verdict(name: str, ratio: float, target: float) -> None:
    print(f"  {name:<46}{ratio:9.2f} ×   target {target}: {'kept' if ratio >= target else 'MISSED'}")


def main() -> None:
    """Measure side by side and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement of a form")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--registrations", type=int, default=40, help="in each round")
    asked = parser.parse_args()
    print(describe(("flask", "flask-wtf", "waitress", "sqlalchemy")))
    rounds = asked.rounds
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        home = Path(folder)
        home.chmod(0o700)
        tokens = iter(_company(home, 1 + rounds * asked.registrations))
        ours = servers.enter_context(_running(_serve_ours, home))
        forms = {
            "our form": Browser(ours),
            "empty form": Browser(servers.enter_context(_running(_serve_empty, EMPTY))),
            "our fields, drawn by WTForms": Browser(servers.enter_context(_running(_serve_empty, FIELDS))),
        }
        forms["our form"].ask(f"/i/{next(tokens)}")
        rates: dict[str, list[float]] = {name: [] for name in (*forms, "hash alone", "accepted")}
        for browser in forms.values():
            _pages_a_second(browser, 0.5)  # the first pages are slower
        for _ in range(rounds):
            for name, browser in forms.items():
                rates[name].append(_pages_a_second(browser, asked.seconds))
            rates["hash alone"].append(_hashes_a_second(asked.registrations))
            rates["accepted"].append(
                _many(lambda: Browser(ours).register(next(tokens)), asked.registrations, BROWSERS)
            )
    print(f"\nThe form over one open connection, {rounds} rounds: median (least to most)")
    for name in forms:
        _row(name, rates[name])
    middle = {name: statistics.median(found) for name, found in rates.items()}
    _verdict("ours to the empty form", middle["our form"] / middle["empty form"], FORM_TARGET)
    print(f"\nRegistrations by {BROWSERS} browsers, hashes in {HASHES_AT_ONCE} threads, {rounds} rounds")
    _row("hash alone", rates["hash alone"])
    _row("accepted", rates["accepted"])
    _verdict("accepted to the hash alone", middle["accepted"] / middle["hash alone"], ACCEPT_TARGET)


if __name__ == "__main__":
    main()
