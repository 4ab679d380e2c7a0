"""Delivering queued invitations to a local mail server: ours against a bare smtplib loop with the very same mails.

    bench/run mail
    python -m bench.mail --mails 10000 --rounds 5

Both go over connections of a hundred mails to one aiosmtpd in
a process of its own; the bare loop gets the bytes that ours has written and does nothing but hand them over.
"""

from __future__ import annotations

import argparse
import multiprocessing
import smtplib
import sqlite3
import statistics
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
    """Takes every mail, and keeps those of the first round for the bare loop."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str, bytes]] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        assert isinstance(envelope.content, bytes)
        self.kept.append((envelope.mail_from or "", envelope.rcpt_tos[0], envelope.content))
        return "250 OK"


def _serve(pipe: Connection) -> None:
    """Run the mail server until told to stop; hand over what it got when asked."""
    import asyncio  # noqa: PLC0415 - in the child only
    import threading  # noqa: PLC0415

    taking = _Taking()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(taking, loop=loop), "127.0.0.1", 0))
    pipe.send(server.sockets[0].getsockname()[1])

    def obey() -> None:
        while (word := pipe.recv()) != "stop":
            kept, taking.kept = taking.kept, []
            pipe.send(kept if word == "kept" else len(kept))
        loop.call_soon_threadsafe(loop.stop)

    threading.Thread(target=obey, daemon=True).start()
    loop.run_forever()


class _Sink:
    """The mail server's process."""

    def __init__(self) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        self.port: int = self._pipe.recv()

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
    settings = Settings(folder, Secret(url), smtp_url=Secret(f"smtp://127.0.0.1:{sink.port}"))
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


def main() -> None:
    """Measure side by side and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--database", default="", help="a blank PostgreSQL database instead of an SQLite file"
    )
    asked = parser.parse_args()
    sink, ours, bare = _Sink(), list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o700)
        with _company(Path(folder), sink, asked.mails, asked.database) as core:
            for _ in range(asked.rounds):
                ours.append(_ours(core, asked.mails))
                kept = sink.kept()
                bare.append(_bare(sink.port, kept))
                assert len(kept) == sink.counted() == asked.mails
    sink.stop()
    ratio = statistics.median(bare) / statistics.median(ours)
    print(describe(("sqlalchemy", "aiosmtpd")))
    kind = "PostgreSQL" if asked.database else f"SQLite {sqlite3.sqlite_version}"
    print(f"\nMail, {asked.mails:,} invitations in {kind}, {asked.rounds} rounds: median (least to most)")
    print(_row("bare smtplib loop", bare, asked.mails))
    print(_row("ours", ours, asked.mails))
    verdict = "kept" if ratio >= TARGET else "MISSED"
    print(f"ours is {ratio:.2f} × as fast as the bare loop   target {TARGET}: {verdict}")


if __name__ == "__main__":
    main()
