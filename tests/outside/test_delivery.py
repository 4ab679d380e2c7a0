"""What becomes of mails when the mail server misbehaves: every row of the reply classes, against a scripted aiosmtpd.

The server's words, made harmless, are what `academy mail list` shows; nothing here waits for a real minute.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from core.core import Core
from core.mail.smtp import SmtpPost
from core.ports import Hasher
from core.reading import mail as reading
from core.services.mail_line import resume
from core.services.mailing import Delivery, deliver_due
from core.settings import Settings
from core.values import Secret
from tests.cli.running import Host
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.outside.mail_peer import LOGIN, OWN_BY_ANOTHER_NAME, Certificates, Peer, serving
from tests.people import House
from tests.posts import addresses, invite_all, mails_of

pytestmark = [
    sqlite_only,
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
]
STEP = 0.4  # seconds that a silent server is waited for


@dataclass(frozen=True, slots=True)
class Case:
    """A server's way, and what section 7 of the security page makes of it.

    Attributes:
        peer: how the server behaves; "odd" is the recipient it is odd to. tls: what it encrypts with, if it does.
        host: by which name it is called. context: whether its authority is trusted.
        odd, bo: what becomes of the two mails: a state, or in how many minutes they are tried again.
        paused: whether the whole line waits for a person.
        answer: a piece of what is shown of it.
    """

    peer: Mapping[str, Any]
    odd: str | int
    bo: str | int
    answer: str
    paused: bool = False
    tls: str = ""
    host: str = "127.0.0.1"
    login: bool = False


def _to_odd(answer: str, becomes: str | int, shown: str = "") -> Case:
    return Case({"answers": {"odd": answer}}, becomes, "sent", shown or answer.removeprefix("DATA "))


CASES = {
    "greylists": _to_odd("450 4.7.1 Greylisted", 1),
    "does not know the user": _to_odd("550 5.1.1 No such user", "failed"),
    "refuses the text": _to_odd("DATA 554 5.7.1 Spam", "failed"),
    "has no room for the text": _to_odd("DATA 452 4.3.1 Disk full", 1),
    "says goodbye to a recipient": _to_odd("421 4.3.2 Shutting down", 1),
    "says goodbye to a text": _to_odd("DATA 421 4.7.0 Too many", 1),
    "drops before the text": _to_odd("drop", 1, "broke off"),
    "drops after the text": _to_odd("DATA drop", 1, "broke off"),
    "hangs at the recipient": _to_odd("hang", 1, "timed out"),
    "hangs after the text": _to_odd("DATA hang", 1, "timed out"),
    "refuses the sender": Case({"to_sender": "550 5.7.1 Not you"}, 0, 0, "550 5.7.1 Not you", paused=True),
    "has no time for the sender": Case({"to_sender": "451 4.3.0 Later"}, 1, 1, "451 4.3.0 Later"),
    "refuses the login": Case(
        {"to_login": "535 5.7.8 Bad credentials"}, 0, 0, "535 5.7.8 Bad credentials", paused=True, login=True
    ),
    "cannot judge the login now": Case(
        {"to_login": "454 4.7.0 Try later"}, 1, 1, "454 4.7.0 Try later", login=True
    ),
    "asks a recipient for a login": Case(
        {"answers": {"odd": "530 5.7.0 Log in first"}}, 0, 0, "530 5.7.0 Log in first", paused=True
    ),
    "does not want us": Case({"greeting": "554 5.3.2 No"}, 0, 0, "554 5.3.2 No", paused=True),
    "is busy": Case({"greeting": "421 4.3.2 Busy"}, 1, 1, "421 4.3.2 Busy"),
    "says nothing at all": Case({"greeting": "hang"}, 1, 1, "timed out"),
    "shows a certificate of nobody's": Case(
        {}, 0, 0, "certificate", paused=True, tls="unknown", host="localhost"
    ),
    "shows an expired certificate": Case({}, 0, 0, "expired", paused=True, tls="expired"),
    "shows the certificate of another host": Case({}, 0, 0, "not valid for", paused=True, tls="stranger"),
    "does not encrypt": Case({}, 0, 0, "STARTTLS", paused=True, host=OWN_BY_ANOTHER_NAME),
}


@dataclass(frozen=True, slots=True)
class Office:
    """A company, its mail server, and a look at what is shown of its mails."""

    core: Core
    house: House
    peer: Peer
    settings: Settings
    clock: MovableClock

    def deliver(self) -> Delivery:
        """Deliver what is due; retries are not spread."""
        return deliver_due(self.core, chance=lambda: 0.0)

    def shown(self, *options: str) -> str:
        """Return what `academy mail list` prints."""
        ran = Host.of(self.settings)("mail", "list", *options)
        assert ran.code == 0
        return ran.out

    def becomes(self) -> dict[str, str | int]:
        """Return by local part the state of each mail, or in how many minutes it is tried again."""
        return {
            row.to.partition("@")[0]: row.state
            if row.state != "waiting"
            else (row.due_at - self.clock.now()) // timedelta(minutes=1)
            for row in mails_of(self.house)
        }


@pytest.fixture
def opened(settings: Settings, clock: MovableClock, hasher: Hasher) -> Iterator[Any]:
    """Lend a maker of offices, whose servers are served until the test ends."""
    with ExitStack() as stack:

        @contextmanager
        def office(peer: Peer, post: SmtpPost) -> Iterator[Office]:
            with Core.open(settings, clock=clock, hasher=hasher, post=post) as core:
                yield Office(core, House.set_up(core), peer, settings, clock)

        def open_office(peer: Peer, post: SmtpPost) -> Office:
            return stack.enter_context(office(peer, post))

        yield open_office


def _post(peer: Peer, *, host: str = "127.0.0.1", login: str = "", context: Any = None) -> SmtpPost:
    url = Secret(f"smtp://{login}{host}:{peer.port}")
    return SmtpPost(url, own_name="join.example.com", context=context, timeout=STEP)


@pytest.mark.parametrize("way", CASES)
def test_whatever_a_server_does_ends_in_the_state_it_should(
    opened: Any, certificates: Certificates, way: str
) -> None:
    """Each way of not taking a mail leaves it, the next one and the line as the reply classes say, in the server's words."""
    case = CASES[way]
    offer = {"": None, "unknown": certificates.server, "expired": certificates.expired}.get(
        case.tls, certificates.stranger
    )
    context = certificates.client if case.tls in {"expired", "stranger"} else None
    host = OWN_BY_ANOTHER_NAME if case.tls else case.host
    with serving(Peer(**case.peer), offer=offer, login=case.login) as peer:
        office = opened(peer, _post(peer, host=host, login=LOGIN if case.login else "", context=context))
        for name in ("odd", "bo"):
            office.house.invite(f"{name}@example.com")
        delivery = office.deliver()
        assert office.becomes() == {"odd": case.odd, "bo": case.bo}
        assert delivery.is_line_paused is case.paused
        assert case.answer in office.shown()
        with office.core.look(office.house.admin) as look:
            line = reading.line(look)
        assert line.paused is case.paused
        assert (case.answer in line.reason) is case.paused
        assert {row.attempts for row in mails_of(office.house)} == ({0} if case.paused else {1})


def test_nobody_listening_puts_every_mail_off(opened: Any) -> None:
    """A refused connection concerns every mail, but nobody has to do anything: all come again after a minute."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        office = opened(Peer(), _post(Peer(port=bound.getsockname()[1])))
        invite_all(office.house, *addresses(3))
        office.clock.move(seconds=11)
        delivery = office.deliver()
    assert (delivery.retried, delivery.is_line_paused) == (3, False)
    assert office.becomes() == {"p0": 1, "p1": 1, "p2": 1}
    assert "cannot be reached: Connection refused." in office.shown()


def test_greylisted_mails_come_back_in_the_right_minutes(opened: Any) -> None:
    """Tries come after 1, 5, 15 and 60 minutes, then hourly; the one the server relents to is taken."""
    with serving(Peer(answers={"odd": "450 4.7.1 Greylisted"})) as peer:
        office = opened(peer, _post(peer))
        office.house.invite("odd@example.com")
        waits = list[str | int]()
        for _ in range(6):
            assert office.deliver() == Delivery(retried=1)
            [wait] = office.becomes().values()
            waits.append(wait)
            assert "450 4.7.1 Greylisted" in office.shown()
            office.clock.move(minutes=float(wait), seconds=-1)
            assert office.deliver().is_empty
            office.clock.move(seconds=1)
        peer.answers = {}
        assert office.deliver() == Delivery(sent=1)
    assert waits == [1, 5, 15, 60, 60, 60]
    assert "Greylisted" not in office.shown()


def test_a_server_that_relents_too_late_is_given_up(opened: Any) -> None:
    """No try is made after the link has expired: the mail fails with the server's last words."""
    with serving(Peer(answers={"odd": "450 4.7.1 Greylisted"})) as peer:
        office = opened(peer, _post(peer))
        office.house.invite("odd@example.com", days=1)
        office.clock.move(hours=23)
        assert office.deliver() == Delivery(retried=1)
        for wait in (1, 5):
            office.clock.move(minutes=wait)
            assert office.deliver() == Delivery(retried=1)
        office.clock.move(minutes=15)
        assert office.deliver() == Delivery(failed=1)
        assert re.search(r"failed .*450 4\.7\.1 Greylisted", office.shown())


def test_a_mail_that_arrived_unseen_comes_again_as_it_was(opened: Any) -> None:
    """When the server drops after the text, nobody knows: the same mail comes a minute later, but for its date."""
    with serving(Peer(answers={"odd": "DATA drop"})) as peer:
        office = opened(peer, _post(peer))
        office.house.invite("odd@example.com")
        office.deliver()
        peer.answers = {}
        office.clock.move(minutes=1)
        assert office.deliver() == Delivery(sent=1)
    first, second = (re.sub(rb"\r\nDate: [^\r]*", b"", content, count=1) for _, content in peer.mails)
    assert peer.mails[0][1] != peer.mails[1][1]
    assert first == second


@pytest.mark.parametrize("offers", [(), ("PIPELINING", "DSN")])
def test_a_server_that_hangs_up_after_some_mails_gets_them_all_in_one_run(
    opened: Any, offers: tuple[str, ...]
) -> None:
    """With 421 after every fifth mail, the next one goes over a new connection at once, and none has to wait."""
    with serving(Peer(per_connection=5, offers=offers)) as peer:
        office = opened(peer, _post(peer))
        invite_all(office.house, *addresses(12))
        office.clock.move(seconds=11)
        assert office.deliver() == Delivery(sent=12)
    assert sorted(peer.taken.values()) == [2, 5, 5]
    assert [to for to, _ in peer.mails] == addresses(12)


def test_a_server_that_dies_and_comes_back_misses_nothing(opened: Any) -> None:
    """When the server dies in the middle, the rest waits; once it is back, every mail arrives, each once."""
    with serving(Peer(answers={"p2": "die"})) as peer:
        office = opened(peer, _post(peer))
        invite_all(office.house, *addresses(6))
        office.clock.move(seconds=11)
        delivery = office.deliver()
        assert (delivery.sent, delivery.retried, delivery.is_line_paused) == (2, 4, False)
        assert office.becomes() == {"p0": "sent", "p1": "sent", "p2": 1, "p3": 1, "p4": 1, "p5": 1}
    office.clock.move(minutes=1)
    assert office.deliver().retried == 4
    peer.answers = {}
    with serving(peer):
        office.clock.move(minutes=5)
        assert office.deliver() == Delivery(sent=4)
    assert sorted(to for to, _ in peer.mails) == addresses(6)


def test_a_paused_line_goes_on_when_the_cause_is_mended(opened: Any) -> None:
    """After a refused login nothing is tried until somebody resumes; then every mail leaves at its first try."""
    with serving(Peer(to_login="535 5.7.8 Bad credentials"), login=True) as peer:
        office = opened(peer, _post(peer, login=LOGIN))
        invite_all(office.house, *addresses(3))
        office.clock.move(seconds=11)
        office.deliver()
        tried = len(peer.logins)
        peer.to_login = ""
        assert office.deliver().is_line_paused
        assert len(peer.logins) == tried
        with office.core.work(office.house.admin) as work:
            resume(work)
        assert office.deliver() == Delivery(sent=3)
    assert {row.attempts for row in mails_of(office.house)} == {1}


def test_what_a_server_says_is_shown_harmless(opened: Any) -> None:
    """Escape codes, bells and whatever looks like a link in an answer reach neither the screen nor the database."""
    said = f"550-5.1.1 \x1b[2J\x1b]0;owned\x07No \x07such user\r\n550 http://x.example/i/{'A' * 44}"
    with serving(Peer(answers={"odd": said})) as peer:
        office = opened(peer, _post(peer))
        office.house.invite("odd@example.com")
        office.deliver()
    shown = office.shown()
    assert "550 5.1.1 No such user http://x.example/i/…" in shown
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", shown)
    [row] = mails_of(office.house)
    assert row.last_error == "The mail server answered: 550 5.1.1 No such user http://x.example/i/…"
