"""Mails through a real mail server: encryption, login, refusals, broken connections."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from email.message import EmailMessage
from pathlib import Path

import pytest

from core.core import Core
from core.errors import Misconfigured, PostError, Setback
from core.mail.parts import TEST, Letterhead, Mail
from core.mail.post import FolderPost, post_for
from core.mail.rendering import Writer
from core.mail.smtp import MAILS_PER_CONNECTION, SmtpPost
from core.ports import Hasher
from core.services.mailing import Delivery, deliver_due
from core.settings import Settings
from core.values import Secret
from tests.clock import FIRST_MOMENT, MovableClock
from tests.databases import sqlite_only
from tests.outside.mail_peer import LOGIN, OWN_BY_ANOTHER_NAME, USER, Certificates, Peer
from tests.people import House

HEAD = Letterhead("Engine Works", "academy@example.com", "", "", "join.example.com", None)

# The peer is told to ask for a login on connections that are encrypted from the first byte, which it does not see.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")


Open = Callable[..., AbstractContextManager[Peer]]


def _mail(to: str, number: int = 1) -> EmailMessage:
    return Writer(HEAD).write(Mail(number, TEST, to, "", FIRST_MOMENT), now=FIRST_MOMENT)


def _post(url: str, context: ssl.SSLContext | None = None) -> SmtpPost:
    return SmtpPost(Secret(url), context=context, own_name="join.example.com", timeout=5)


def _refusal(post: SmtpPost, *, to: str = "bo@example.com") -> PostError:
    """Send one mail and return why it was not taken."""
    with pytest.raises(PostError) as caught, post.connect() as connection:
        connection.send(_mail(to))
    return caught.value


# --- encryption and login -----------------------------------------------------------------------------------------


def test_mails_go_over_starttls_after_a_login(starttls_peer: Peer, certificates: Certificates) -> None:
    """With STARTTLS the mail leaves encrypted, logged in with the percent-decoded user and password."""
    with _post(f"smtp://{LOGIN}localhost:{starttls_peer.port}", certificates.client).connect() as connection:
        connection.send(_mail("Bo@Müller.example"))
    [(to, content)] = starttls_peer.mails
    assert to == "Bo@xn--mller-kva.example"
    assert b"\r\nTo: Bo@xn--mller-kva.example\r\n" in content
    assert content.isascii()
    assert starttls_peer.logins == [USER.encode()]
    assert starttls_peer.encrypted == starttls_peer.connections


def test_mails_go_over_tls_from_the_first_byte(tls_peer: Peer, certificates: Certificates) -> None:
    """With smtps the mail leaves encrypted and logged in."""
    with _post(f"smtps://{LOGIN}127.0.0.1:{tls_peer.port}", certificates.client).connect() as connection:
        connection.send(_mail("bo@example.com"))
    assert [to for to, _ in tls_peer.mails] == ["bo@example.com"]
    assert tls_peer.logins == [USER.encode()]
    assert tls_peer.encrypted == tls_peer.connections


def test_a_wrong_password_pauses_and_is_told_to_nobody(
    starttls_peer: Peer, certificates: Certificates
) -> None:
    """A refused login pauses; the password is neither in the error nor in what the post says of itself."""
    post = _post(
        f"smtp://{USER.replace('@', '%40')}:canary-7714@localhost:{starttls_peer.port}", certificates.client
    )
    error = _refusal(post)
    assert (error.setback, error.reply) == (Setback.PAUSE, 535)
    assert error.__suppress_context__
    assert "canary" not in f"{error!r} {error} {post!r} {post.describe()} {vars(post)}"
    assert not starttls_peer.mails


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_an_unknown_certificate_pauses(starttls_peer: Peer, tls_peer: Peer, scheme: str) -> None:
    """A certificate that the host does not trust pauses, before any password is said."""
    peer = tls_peer if scheme == "smtps" else starttls_peer
    error = _refusal(_post(f"{scheme}://{LOGIN}{OWN_BY_ANOTHER_NAME}:{peer.port}"))
    assert error.setback is Setback.PAUSE
    assert "certificate" in error.message
    assert "ACADEMY_SMTP_URL" in error.message
    assert not peer.logins


def test_a_distant_server_without_encryption_gets_nothing(plain_peer: Peer) -> None:
    """Where STARTTLS is not offered, a server that is not this machine pauses the queue."""
    error = _refusal(_post(f"smtp://{OWN_BY_ANOTHER_NAME}:{plain_peer.port}"))
    assert error.setback is Setback.PAUSE
    assert "STARTTLS" in error.message
    assert not plain_peer.connections


def test_the_own_machine_may_do_without_encryption(plain_peer: Peer) -> None:
    """A server on the loopback address is used as it is."""
    with _post(f"smtp://127.0.0.1:{plain_peer.port}").connect() as connection:
        connection.send(_mail("bo@example.com"))
    assert len(plain_peer.mails) == 1


def test_the_own_machines_certificate_is_taken_as_it_is(starttls_peer: Peer) -> None:
    """STARTTLS on the loopback address is used though nobody has signed the certificate."""
    with _post(f"smtp://{LOGIN}127.0.0.1:{starttls_peer.port}").connect() as connection:
        connection.send(_mail("bo@example.com"))
    assert starttls_peer.encrypted == starttls_peer.connections
    assert len(starttls_peer.mails) == 1


def test_a_login_the_server_does_not_know_pauses(plain_peer: Peer) -> None:
    """A user is set but the server takes no logins: a person has to look."""
    assert _refusal(_post(f"smtp://{LOGIN}127.0.0.1:{plain_peer.port}")).setback is Setback.PAUSE


# --- what the server answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "setback", "reply"),
    [
        ("450 4.7.1 Greylisted", Setback.RETRY, 450),
        ("550 5.1.1 No such user", Setback.REFUSED, 550),
        ("530 5.7.0 Must log in", Setback.PAUSE, 530),
        ("421 4.3.2 Shutting down", Setback.RECONNECT, 421),
        ("DATA 451 4.3.0 Disk full", Setback.RETRY, 451),
        ("DATA 554 5.7.1 Spam", Setback.REFUSED, 554),
        ("DATA 421 4.7.0 Too many mails", Setback.RECONNECT, 421),
        ("drop", Setback.RECONNECT, 0),
        ("DATA drop", Setback.RECONNECT, 0),
    ],
)
@pytest.mark.parametrize("offers", [(), ("PIPELINING",)], ids=["one by one", "at once"])
def test_a_mail_that_is_not_taken_leaves_the_next_one_alone(
    plain_peer: Peer, answer: str, setback: Setback, reply: int, offers: tuple[str, ...]
) -> None:
    """Each answer means what section 7 of the security page says, and the next mail leaves on the same post."""
    plain_peer.answers["odd"], plain_peer.offers = answer, offers
    with _post(f"smtp://127.0.0.1:{plain_peer.port}").connect() as connection:
        with pytest.raises(PostError) as caught:
            connection.send(_mail("odd@example.com"))
        connection.send(_mail("bo@example.com"))
    assert (caught.value.setback, caught.value.reply) == (setback, reply)
    assert plain_peer.mails[-1][0] == "bo@example.com"
    again = setback is Setback.RECONNECT
    assert (len(plain_peer.connections), plain_peer.resets) == ((2, 0) if again else (1, 1))


@pytest.mark.parametrize(
    ("answer", "setback"), [("550 5.7.1 Sender refused", Setback.PAUSE), ("451 4.3.0 Later", Setback.RETRY)]
)
def test_a_refused_sender_pauses(plain_peer: Peer, answer: str, setback: Setback) -> None:
    """A sender address refused for good concerns every mail; refused for now, only this one."""
    plain_peer.to_sender = answer
    assert _refusal(_post(f"smtp://127.0.0.1:{plain_peer.port}")).setback is setback


@pytest.mark.parametrize(("offers", "pieces"), [((), 1), (("PIPELINING",), 3)])
def test_a_server_that_offers_it_hears_the_first_three_commands_at_once(
    plain_peer: Peer, offers: tuple[str, ...], pieces: int
) -> None:
    """With PIPELINING sender, recipient and DATA come in one piece, else one after the other; the text comes alone."""
    plain_peer.offers = offers
    with _post(f"smtp://127.0.0.1:{plain_peer.port}").connect() as connection:
        connection.send(_mail("bo@example.com"))
    [introduction] = (each for each in plain_peer.heard if each.startswith(b"MAIL"))
    assert introduction.count(b"\r\n") == pieces
    [text] = (each for each in plain_peer.heard if each.startswith(b"From:"))
    assert text.endswith(b"\r\n.\r\n")


def test_a_text_asked_for_in_spite_of_a_refusal_is_not_given(plain_peer: Peer) -> None:
    """A server that refuses the recipient and asks for the text all the same is hung up on; the next mail leaves."""
    plain_peer.answers["odd"], plain_peer.offers = "LYING 550 5.1.1 No such user", ("PIPELINING",)
    with _post(f"smtp://127.0.0.1:{plain_peer.port}").connect() as connection:
        with pytest.raises(PostError) as caught:
            connection.send(_mail("odd@example.com"))
        connection.send(_mail("bo@example.com"))
    assert (caught.value.setback, caught.value.reply) == (Setback.REFUSED, 550)
    assert [to for to, _ in plain_peer.mails] == ["bo@example.com"]
    assert len(plain_peer.connections) == 2


@pytest.mark.parametrize(
    ("offers", "asked"), [((), set()), (("DSN",), {"RET=HDRS", "ENVID=4711", "NOTIFY=FAILURE"})]
)
def test_reports_of_failures_are_asked_for_where_they_are_offered(
    plain_peer: Peer, offers: tuple[str, ...], asked: set[str]
) -> None:
    """With DSN a failure is to be reported with our row's number and without the text, which holds a link."""
    plain_peer.offers = offers
    with _post(f"smtp://127.0.0.1:{plain_peer.port}").connect() as connection:
        connection.send(_mail("bo@example.com", 4711))
    assert {each for each in plain_peer.options if not each.startswith("SIZE=")} == asked


@pytest.mark.parametrize("bounces", [None, "bounces@example.org"])
def test_failures_are_reported_to_whom_the_settings_say(plain_peer: Peer, bounces: str | None) -> None:
    """The envelope names who the mail is from, unless another address is set for reports; the mail itself stays."""
    post = SmtpPost(Secret(f"smtp://127.0.0.1:{plain_peer.port}"), bounces=bounces)
    with post.connect() as connection:
        connection.send(_mail("bo@example.com"))
    assert plain_peer.senders == [bounces or HEAD.sender]
    assert b"<academy@example.com>" in plain_peer.mails[0][1].partition(b"\r\n")[0]


def test_a_line_with_a_dot_alone_does_not_end_a_mail(plain_peer: Peer) -> None:
    """Dots at the beginning of lines arrive as they were written."""
    message = EmailMessage()
    message["From"], message["To"] = "academy@example.com", "bo@example.com"
    message.set_content(".\n..two\nend\n")
    with _post(f"smtp://127.0.0.1:{plain_peer.port}").connect() as connection:
        connection.send(message)
    [(_, content)] = plain_peer.mails
    assert content.endswith(b"\r\n\r\n.\r\n..two\r\nend\r\n")


def test_what_the_server_quotes_is_made_harmless(plain_peer: Peer) -> None:
    """Escape codes and a quoted link do not get into the answer that is kept."""
    token = "Ab_-" * 11
    plain_peer.answers["odd"] = (
        f"DATA 554 5.7.1 \x1b[31mSpam\x1b]0;owned\x07: http://join.example.com/i/{token}"
    )
    error = _refusal(_post(f"smtp://127.0.0.1:{plain_peer.port}"), to="odd@example.com")
    assert error.message == "The mail server answered: 554 5.7.1 Spam: http://join.example.com/i/…"


def test_a_connection_carries_a_hundred_mails(plain_peer: Peer) -> None:
    """Mail number 101 goes over a new connection."""
    with _post(f"smtp://127.0.0.1:{plain_peer.port}").connect() as connection:
        for number in range(MAILS_PER_CONNECTION + 1):
            connection.send(_mail(f"p{number}@example.com", number))
    assert len(plain_peer.mails) == MAILS_PER_CONNECTION + 1
    assert len(plain_peer.connections) == 2


def test_a_closed_port_is_a_server_that_is_away() -> None:
    """Where nobody listens the mails come later, and the sentence names the server."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        error = _refusal(_post(f"smtp://127.0.0.1:{port}"))
    assert error.setback is Setback.AWAY
    assert error.message == f"The mail server 127.0.0.1:{port} cannot be reached: Connection refused."


def test_a_server_that_hangs_is_away() -> None:
    """A server that accepts and says nothing is given up after the time for one step."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        post = SmtpPost(Secret(f"smtp://127.0.0.1:{silent.getsockname()[1]}"), timeout=0.2)
        error = _refusal(post)
    assert error.setback is Setback.AWAY
    assert "timed out" in error.message


def test_a_password_the_protocol_cannot_carry_is_named_at_the_start() -> None:
    """A password with other than printable ASCII characters stops the start, unseen."""
    with pytest.raises(Misconfigured, match="ACADEMY_SMTP_URL") as caught:
        _post("smtp://robot:gehe%C3%AFm@mail.example.com")
    assert "gehe" not in caught.value.message


# --- the whole way ------------------------------------------------------------------------------------------------


def test_the_settings_choose_the_post(tmp_path: Path) -> None:
    """With a mail server set mails go there, without one into the outbox folder; both say so."""
    url = Secret("smtps://robot:canary@mail.example.com")
    through = post_for(Settings(tmp_path, Secret(""), smtp_url=url))
    assert (through.is_real, through.describe()) == (True, "sent through mail.example.com:465")
    as_files = post_for(Settings(tmp_path, Secret("")))
    assert isinstance(as_files, FolderPost)
    assert as_files.describe().startswith(f"written as files into {tmp_path / 'outbox'}")


@sqlite_only
def test_invitations_reach_the_mail_server(
    settings: Settings, clock: MovableClock, hasher: Hasher, starttls_peer: Peer, certificates: Certificates
) -> None:
    """Invitations leave over one connection, each refusal costs its own mail only, and the link arrives whole."""
    starttls_peer.answers = {"grey": "450 4.7.1 Greylisted", "gone": "550 5.1.1 No such user"}
    post = _post(f"smtp://{LOGIN}localhost:{starttls_peer.port}", certificates.client)
    with Core.open(settings, clock=clock, hasher=hasher, post=post) as core:
        house = House.set_up(core)
        ids = {name: house.invite(f"{name}@example.com") for name in ("bo", "grey", "gone", "cy")}
        assert deliver_due(core) == Delivery(sent=2, failed=1, retried=1)
        starttls_peer.answers = {}
        clock.move(minutes=2)
        assert deliver_due(core) == Delivery(sent=1)
        links = {name: house.link_of(each) for name, each in ids.items()}
    assert [to.partition("@")[0] for to, _ in starttls_peer.mails] == ["bo", "cy", "grey"]
    for to, content in starttls_peer.mails:
        assert (
            re.findall(rb"^http\S+\r$", content.replace(b"=\r\n", b""), re.MULTILINE)[0].decode().strip()
            == links[to.partition("@")[0]]
        )
    assert len(starttls_peer.connections) == 2
