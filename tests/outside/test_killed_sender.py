"""A sender that is killed in the middle of a run: no mail is lost, and what comes twice is the same mail."""

from __future__ import annotations

import re
import socket
import threading
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from core.core import Core
from core.ports import Hasher
from core.services.mailing import deliver_due
from core.settings import Settings
from tests.cli.running import Host
from tests.clock import MovableClock
from tests.people import House
from tests.posts import addresses, invite_all

MAILS = 250


class _Counting:
    """Takes every mail and says when it has taken enough.

    Attributes:
        taken: Message-ID and link of each mail, by recipient.
    """

    def __init__(self) -> None:
        self.taken: dict[str, list[tuple[bytes, bytes]]] = defaultdict(list)
        self.enough, self.limit, self.count = threading.Event(), 0, 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        assert isinstance(envelope.content, bytes)
        whole = envelope.content.replace(b"=\r\n", b"")
        [message_id] = re.findall(rb"Message-ID:\s*(\S+)", whole)
        [link] = re.findall(rb"^http\S+/i/\S+\r$", whole, re.MULTILINE)
        self.taken[envelope.rcpt_tos[0]].append((message_id, link))
        self.count += 1
        if self.count >= self.limit:
            self.enough.set()
        return "250 OK"


@pytest.mark.slow
@pytest.mark.parametrize("limit", [1, 137])
def test_a_killed_sender_loses_nothing(settings: Settings, hasher: Hasher, limit: int) -> None:
    """Killed with -9 mid-run, a sender leaves mails that the next one sends, repeating none but in every letter."""
    sink = _Counting()
    sink.limit = limit
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    clock = MovableClock(datetime.now(UTC) - timedelta(minutes=1))
    host = Host({**Host.of(settings).environment, "ACADEMY_SMTP_URL": f"smtp://127.0.0.1:{port}"})
    try:
        with Core.open(settings, clock=clock, hasher=hasher) as core:
            house = House.set_up(core)
            invite_all(house, *addresses(MAILS))
        sender = host.start("mail", "send", "--forever")
        assert sink.enough.wait(60)
        sender.kill()
        sender.communicate(timeout=30)
        before = {to: len(mails) for to, mails in sink.taken.items()}
        clock.move(minutes=15)
        with Core.open(_with_post(settings, host), clock=clock, hasher=hasher) as core:
            delivery = deliver_due(core)
    finally:
        controller.stop()
    assert limit <= sum(before.values()) < MAILS
    assert delivery.sent + len(before) >= MAILS
    assert set(sink.taken) == set(addresses(MAILS))
    assert {len(set(mails)) for mails in sink.taken.values()} == {1}
    assert max(len(mails) for mails in sink.taken.values()) <= 2


def _with_post(settings: Settings, host: Host) -> Settings:
    return Settings.load({**host.environment, "ACADEMY_HOME": str(settings.home)})
