"""Delivering queued invitations to a local mail server: ours against a bare smtplib loop with the very same mails.

    bench/run mail
    python -m bench.mail --mails 10000 --rounds 5
    python -m bench.mail --send 100000

Both go over connections of a hundred mails to one aiosmtpd in a process of its own; the bare loop gets the bytes that
ours has written and does nothing but hand them over. aiosmtpd offers no PIPELINING; a second row lets it, which ours
makes use of. With --send the command `academy mail send` delivers so many, and its memory is told.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import smtplib
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import update

from bench.machine import describe
from core.core import Core
from core.mail.smtp import MAILS_PER_CONNECTION
from core.models import OutboxMail
from core.ports import Hasher, Links
from core.services.company import FirstAdmin, set_up
from core.services.inviting import Line, Offer, invite_many
from core.services.mailing import deliver_due
from core.settings import Settings
from core.upgrade import upgrade
from core.values import Address, Secret

TARGET = 0.8


class _Taking:
    """Takes every mail, and keeps it for the bare loop where that is wanted."""

    def __init__(self, *, keeps: bool) -> None:
        self.keeps, self.count, self.offers = keeps, 0, list[str]()
        self.kept: list[tuple[str, str, bytes]] = []

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Greet back."""
        session.host_name = hostname
        return [*responses[:-1], *self.offers, responses[-1]]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        assert isinstance(envelope.content, bytes)
        self.count += 1
        if self.keeps:
            self.kept.append((envelope.mail_from or "", envelope.rcpt_tos[0], envelope.content))
        return "250 OK"


def _serve(pipe: Connection, keeps: bool) -> None:  # noqa: FBT001 - how multiprocessing hands it over
    """Run the mail server until told to stop; hand over what it got when asked."""
    import asyncio  # noqa: PLC0415 - in the child only
    import threading  # noqa: PLC0415

    taking = _Taking(keeps=keeps)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(taking, loop=loop), "127.0.0.1", 0))
    pipe.send(server.sockets[0].getsockname()[1])

    def obey() -> None:
        while (word := pipe.recv()) != "stop":
            if word in {"", "250-PIPELINING"}:
                taking.offers = [word] if word else []
                continue
            kept, count, taking.kept, taking.count = taking.kept, taking.count, [], 0
            pipe.send(kept if word == "kept" else count)
        loop.call_soon_threadsafe(loop.stop)

    threading.Thread(target=obey, daemon=True).start()
    loop.run_forever()


class _Sink:
    """The mail server's process."""

    def __init__(self, *, keeps: bool = True) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_serve, args=(theirs, keeps), daemon=True)
        self._process.start()
        self.port: int = self._pipe.recv()
        self.url = f"smtp://127.0.0.1:{self.port}"

    @contextmanager
    def pipelining(self) -> Iterator[None]:
        """Offer PIPELINING to whoever connects meanwhile."""
        self._pipe.send("250-PIPELINING")
        yield
        self._pipe.send("")

    def kept(self) -> list[tuple[str, str, bytes]]:
        """Return what came since the last question."""
        self._pipe.send("kept")
        kept: list[tuple[str, str, bytes]] = self._pipe.recv()
        return kept

    def counted(self) -> int:
        """Return how many came since the last question."""
        self._pipe.send("count")
        return int(self._pipe.recv())

    def stop(self) -> None:
        """End it."""
        self._pipe.send("stop")
        self._process.join(10)


@contextmanager
def _company(folder: Path, sink: _Sink, mails: int, database: str) -> Iterator[Core]:
    """Open a company with `mails` invitations queued."""
    Links.make_key_file(folder / "key")
    url = database or f"sqlite:///{folder}/academy.db"
    settings = Settings(folder, Secret(url), smtp_url=Secret(sink.url))
    upgrade(settings)
    with Core.open(settings, hasher=Hasher("scrypt:128:1:1")) as core:
        with core.operator() as work:
            set_up(work, name="Bench Works", admin=FirstAdmin(Address.parse("ada@example.com"), "!"))
        with core.operator() as work:
            invite_many(work, [Line(n, f"person{n}@example.com") for n in range(1, mails + 1)], Offer())
        yield core


def _queue_again(core: Core) -> None:
    with core.operator() as work:
        past = work.now.replace(year=work.now.year - 1)
        work.db.execute(
            update(OutboxMail).values(
                state="waiting", due_at=past, attempts=0, leased_until=None, sent_at=None
            )
        )


def _ours(core: Core, mails: int) -> float:
    _queue_again(core)
    began = time.perf_counter()
    delivery = deliver_due(core)
    took = time.perf_counter() - began
    assert delivery.sent == mails, delivery
    return took


def _bare(port: int, mails: list[tuple[str, str, bytes]]) -> float:
    began = time.perf_counter()
    for first in range(0, len(mails), MAILS_PER_CONNECTION):
        with smtplib.SMTP("127.0.0.1", port) as server:
            for sender, to, content in mails[first : first + MAILS_PER_CONNECTION]:
                server.sendmail(sender, [to], content)
    return time.perf_counter() - began


def _row(name: str, seconds: list[float], mails: int) -> str:
    each = [1e6 * second / mails for second in seconds]
    return f"{name:<24}{statistics.median(each):9.0f} µs a mail   ({min(each):.0f} to {max(each):.0f})"


def _compare(mails: int, rounds: int, database: str) -> None:
    """Measure side by side and print the ratio."""
    sink, ours, at_once, bare = _Sink(), list[float](), list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o700)
        with _company(Path(folder), sink, mails, database) as core:
            for _ in range(rounds):
                ours.append(_ours(core, mails))
                kept = sink.kept()
                bare.append(_bare(sink.port, kept))
                with sink.pipelining():
                    at_once.append(_ours(core, mails))
                assert len(kept) == mails
                assert sink.counted() == 2 * mails
    sink.stop()
    # Of neighbors: on a machine that does something else, too, a round can take twice as long as the one before.
    ratios = [theirs / own for theirs, own in zip(bare, ours, strict=True)]
    ratio = statistics.median(ratios)
    kind = "PostgreSQL" if database else f"SQLite {sqlite3.sqlite_version}"
    print(f"\nMail, {mails:,} invitations in {kind}, {rounds} rounds: median (least to most)")
    print(_row("bare smtplib loop", bare, mails))
    print(_row("ours", ours, mails))
    print(_row("ours, with PIPELINING", at_once, mails))
    verdict = "kept" if ratio >= TARGET else "MISSED"
    print(
        f"ours is {ratio:.2f} × as fast as the bare loop ({min(ratios):.2f} to {max(ratios):.2f})   target {TARGET}: {verdict}"
    )


def _send(mails: int, database: str) -> None:
    """Deliver `mails` with the command, and print how long that takes and the most memory it holds."""
    sink = _Sink(keeps=False)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o700)
        with _company(Path(folder), sink, mails, database) as core:
            _queue_again(core)
            url = core.settings.database_url.reveal()
        environment = {"ACADEMY_HOME": folder, "ACADEMY_DATABASE_URL": url, "ACADEMY_SMTP_URL": sink.url}
        began = time.perf_counter()
        command = [sys.executable, "-m", "tui.cli.main", "mail", "send"]
        subprocess.run(command, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL)
        took = time.perf_counter() - began
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    assert sink.counted() == mails
    sink.stop()
    print(
        f"\nacademy mail send: {mails:,} mails in {took:.1f} s, {mails / took:,.0f} a second, {most:.0f} MiB at most"
    )


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--send", type=int, default=0, help="only deliver so many, with the command")
    parser.add_argument(
        "--database", default="", help="a blank PostgreSQL database instead of an SQLite file"
    )
    asked = parser.parse_args()
    print(describe(("sqlalchemy", "aiosmtpd")))
    if asked.send:
        _send(asked.send, asked.database)
    else:
        _compare(asked.mails, asked.rounds, asked.database)


if __name__ == "__main__":
    main()
