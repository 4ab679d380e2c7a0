"""Senders that are killed (kill -9) wherever it hurts: no mail is lost, and what comes twice is the same mail."""

from __future__ import annotations

import queue
import re
import subprocess
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from sqlalchemy import select

from core.core import Core
from core.models import Invitation
from core.ports import Hasher
from core.reading import mail as reading
from core.services.mailing import deliver_due
from core.settings import Settings
from tests.cli.running import Host
from tests.clock import MovableClock
from tests.outside.mail_peer import Peer, serving
from tests.people import House
from tests.posts import addresses, invite_all

MAILS = 10_000
ENOUGH = MAILS - 450  # what is left is on the leases of the dead, and for the sender that comes after them
AT_MOST_UNWRITTEN = 101  # mails of one sender that the server has and the outbox does not know of
DATE = re.compile(rb"\r\nDate: [^\r]*")
LINK = re.compile(rb"^http\S+/i/\S+(?=\r$)", re.MULTILINE)

# What a sender is about to do when it is killed, and at which of its mails.
LOGGING_IN, NAMING, UNANSWERED, UNWRITTEN, WRITING = "login", "RCPT", "DATA", "MAIL", "answered"
DEATHS = ((LOGGING_IN, 0), (NAMING, 37), (UNANSWERED, 60), (UNWRITTEN, 80), (WRITING, 100))


@dataclass
class Killer(Peer):
    """A mail server that takes every mail and kills its senders; each logs in with its number.

    Attributes:
        processes: the senders. dead: those that were killed.
        got: what came for each recipient: link, and everything but the date.
        enough: set when all but a few recipients have a mail.
    """

    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    dead: queue.Queue[str] = field(default_factory=queue.Queue)
    got: dict[str, list[tuple[str, bytes]]] = field(default_factory=lambda: defaultdict(list))
    of_each: Counter[str] = field(default_factory=Counter)
    enough: threading.Event = field(default_factory=threading.Event)

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        """Let everybody in."""
        assert isinstance(data, LoginPassword)
        sender = data.login.decode()
        self._perhaps(LOGGING_IN, sender)
        return AuthResult(success=True, auth_data=sender)

    async def handle_MAIL(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Hear of the next mail: the answer to the one before has been read."""
        self._perhaps(UNWRITTEN, str(session.auth_data))
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Hear of the recipient."""
        self._perhaps(NAMING, str(session.auth_data))
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Take a mail."""
        assert isinstance(envelope.content, bytes)
        [link] = LINK.findall(envelope.content.replace(b"=\r\n", b""))
        rest = sha256(DATE.sub(b"", envelope.content, count=1)).digest()
        self.got[envelope.rcpt_tos[0]].append((link.decode(), rest))
        sender = str(session.auth_data)
        self.of_each[sender] += 1
        self._perhaps(UNANSWERED, sender)
        if len(self.got) >= ENOUGH:
            self.enough.set()
        # With the hundredth answer everything is written down; somewhere in there this kills.
        server.loop.call_soon(lambda: self._perhaps(WRITING, sender))
        return "250 OK"

    def _perhaps(self, moment: str, sender: str) -> None:
        """Kill a sender whose time has come; when this returns, it is dead."""
        number, process = int(sender), self.processes.get(sender)
        if process is None or number >= len(DEATHS) or process.returncode is not None:
            return
        if DEATHS[number] == (moment, self.of_each[sender]):
            process.kill()
            process.wait()
            self.dead.put(sender)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
def test_killed_senders_lose_no_mail(settings: Settings, hasher: Hasher) -> None:
    """Five senders, two at a time, are killed at five points: everybody is mailed, and twice only the very same mail."""
    killer, clock = Killer(), MovableClock(datetime.now(UTC) - timedelta(minutes=1))
    with serving(killer, login=True):
        with Core.open(settings, clock=clock, hasher=hasher) as core:
            invite_all(House.set_up(core), *addresses(MAILS))
            links = _links(core)
        for number in range(2):
            _start(killer, settings, number)
        for number in range(2, len(DEATHS) + 2):
            killer.dead.get(timeout=120)
            if number < len(DEATHS):
                _start(killer, settings, number)
        for number in range(len(DEATHS), len(DEATHS) + 2):
            _start(killer, settings, number)
        assert killer.enough.wait(120)
        for process in killer.processes.values():
            process.terminate()
            process.communicate(timeout=60)
        clock.move(minutes=15)
        host = _host(settings, killer.port, len(killer.processes))
        of_last = Settings.load({**host.environment, "ACADEMY_HOME": str(settings.home)})
        with Core.open(of_last, clock=clock, hasher=hasher) as core:
            assert deliver_due(core).paused is None
            with core.operator_look() as look:
                counts = reading.counts(look)
    assert counts == {**dict.fromkeys(counts, 0), "sent": MAILS}
    assert {to: {link for link, _ in mails} for to, mails in killer.got.items()} == links
    assert {len(set(mails)) for mails in killer.got.values()} == {1}
    again = sum(map(len, killer.got.values())) - MAILS
    assert 0 < again <= len(DEATHS) * AT_MOST_UNWRITTEN


def _links(core: Core) -> dict[str, set[str]]:
    """Return the one link of each invitation, by address."""
    with core.operator_look() as look:
        rows = look.db.execute(select(Invitation.address, Invitation.public_id)).all()
    assert len({row.public_id for row in rows}) == MAILS
    return {row.address: {core.ports.links.link_for(row.public_id).reveal()} for row in rows}


def _host(settings: Settings, port: int, number: int) -> Host:
    return Host(
        {**Host.of(settings).environment, "ACADEMY_SMTP_URL": f"smtp://{number}:secret@127.0.0.1:{port}"}
    )


def _start(killer: Killer, settings: Settings, number: int) -> None:
    killer.processes[str(number)] = _host(settings, killer.port, number).start("mail", "send", "--forever")
