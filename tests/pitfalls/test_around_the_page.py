"""Around the page: languages, proxies, idle connections, bounces, and what documents have to say (P28, P34, P36-P38, P40)."""

from __future__ import annotations

import re
import socket
import time
from contextlib import ExitStack
from email.message import EmailMessage
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.mail.smtp import SmtpPost
from core.reading.history import history
from core.services.inviting import Offer, copy_link, invite
from core.services.mailing import deliver_due
from core.tongues import offered
from core.values import Secret
from tests.databases import sqlite_only
from tests.house.sources import ROOT
from tests.people import House
from tests.pitfalls.letters import everything_in, mail_to
from tests.pitfalls.mail_server import MailServer, running
from tests.services import rows
from tests.web.visitor import PageWith, Visitor
from web.serving import PageServer, listen

TAGS = st.sampled_from(
    ["de", "de-AT", "en", "fr", "xx", "*", "zh-Hant", "DE", "nl", "", "../../etc/passwd", "d\u00e9"]
)
RATINGS = st.sampled_from(
    ["", ";q=1", ";q=0.5", ";q=0", ";q=2", ";q=-1", ";q=nan", ";q=1e-9", ";q=\uff11", ";x", ";;;"]
)
HEADERS = st.lists(st.builds("{}{}".format, TAGS, RATINGS), max_size=8).map(", ".join)


def language_of(app: Flask, header: str) -> str:
    """Return the language of a page for everybody that a browser with this header gets."""
    page = Visitor(app).ask("/welcome", headers={"Accept-Language": header})
    assert page.status == 200
    return next(attrs["lang"] or "" for tag, attrs in page.elements if tag == "html")


# --- P28 --------------------------------------------------------------------------------------------------------


@sqlite_only
def test_p28_any_header_gets_a_language_that_is_offered(company: House, app: Flask) -> None:
    """Whatever a browser claims to read, the page comes, in a language that is offered and that it says it is in."""

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(HEADERS | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=80))
    @example("," * 5000)
    @example("de;q=0.9" * 3000)
    def check(header: str) -> None:
        assert language_of(app, header.encode("utf-8", "replace").decode("latin-1")) in offered()

    check()


@sqlite_only
@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de", "de"),
        ("de-CH, en;q=0.5", "de"),
        ("en;q=0.4, de;q=0.8", "de"),
        ("xx, de;q=0.1", "de"),
        ("de;q=0, en", "en"),
        ("xx", "en"),
        ("", "en"),
    ],
)
def test_p28_the_best_of_the_offered_languages_is_taken(
    company: House, app: Flask, header: str, language: str
) -> None:
    """Ratings decide between what a browser reads, and where nothing fits it is the company's language."""
    assert language_of(app, header) == language


# --- P34 --------------------------------------------------------------------------------------------------------


@sqlite_only
@pytest.mark.parametrize("hops", [0, 1])
def test_p34_nobody_hides_behind_a_forged_address(company: House, page_with: PageWith, hops: int) -> None:
    """Guesses are counted for the address that our own proxy saw, however often the client claims to be another."""
    app = page_with(proxy_hops=hops)
    proxy = {"REMOTE_ADDR": "10.0.0.1" if hops else "198.51.100.7"}

    def guess(number: int, client: str) -> int:
        claimed = f"203.0.113.{number % 250}"
        forwarded = f"{claimed}, {client}" if hops else claimed
        environ = proxy if hops else {"REMOTE_ADDR": client}
        headers = {"X-Forwarded-For": forwarded, "X-Real-IP": claimed, "Forwarded": f"for={claimed}"}
        return Visitor(app).ask("/i/unknown", headers=headers, environ_overrides=environ).status

    statuses = [guess(number, "198.51.100.7") for number in range(300)]
    assert set(statuses) == {404, 429}
    assert statuses == sorted(statuses)
    assert guess(1, "198.51.100.8") == 404


def test_p34_one_process_is_what_the_guide_says() -> None:
    """The counts live in one process, so the guide for other servers asks for one process with threads."""
    assert re.search(r"one process", (ROOT / "README.md").read_text("utf-8"))
    assert re.search(r"one process", (ROOT / "SECURITY.md").read_text("utf-8"))


# --- P36 --------------------------------------------------------------------------------------------------------


def hand_over(server: MailServer, message: EmailMessage) -> list[str]:
    """Send one mail and return what the server heard of its envelope."""
    with SmtpPost(Secret(server.url)).connect() as connection:
        connection.send(message)
    return server.heard


@sqlite_only
def test_p36_a_bounce_brings_no_link_back(company: House) -> None:
    """Where the mail server can it is told to return headers only, to report failures, and by which name to call the mail."""
    company.invite("bo@example.com")
    deliver_due(company.core)
    message = mail_to(company.core, "bo@example.com")
    assert "/i/" not in "".join(f"{name}: {value}" for name, value in message.items())
    with running(MailServer("DSN", "SIZE 1000000")) as server:
        sender, recipient = hand_over(server, message)
    assert "RET=HDRS" in sender.upper()
    assert "ENVID=" in sender.upper()
    assert "NOTIFY=FAILURE" in recipient.upper()
    with running(MailServer("SIZE 1000000")) as server:
        plain = hand_over(server, message)
    assert not [line for line in plain if re.search("RET=|ENVID=|NOTIFY=", line.upper())]


def test_p36_the_guide_tells_to_guard_the_box_of_bounces() -> None:
    """Servers without that extension return whole mails, so the guide says who may read the sender's mailbox."""
    assert re.search(r"(?is)mailbox.{0,100}bounces.{0,200}link", (ROOT / "SECURITY.md").read_text("utf-8"))


# --- P37, P38 ---------------------------------------------------------------------------------------------------


@sqlite_only
@pytest.mark.parametrize(
    ("sign_in", "origins"),
    [
        (None, "'self'"),
        ("https://learn.example.com/sign-in?next=/x", "'self' https://learn.example.com"),
        ("https://learn.example.com:8443", "'self' https://learn.example.com:8443"),
        ("http://127.0.0.1:9000/in", "'self' http://127.0.0.1:9000"),
    ],
)
def test_p37_the_policy_follows_the_sign_in_address(
    company: House, page_with: PageWith, sign_in: str | None, origins: str
) -> None:
    """The form may be sent to the page and on to the origin of the configured sign-in, on the form and on its errors."""
    visitor = Visitor(page_with(sign_in_url=sign_in))
    visitor.open(company.token_of(company.invite("bo@example.com")))
    for page in (visitor.ask("/register"), visitor.send({}), visitor.send()):
        rules = dict(
            rule.strip().split(" ", 1) for rule in page.headers["Content-Security-Policy"].split(";")
        )
        assert rules["form-action"] == origins


@sqlite_only
@pytest.mark.slow
def test_p38_idle_and_half_open_connections_keep_nobody_waiting(company: House, app: Flask) -> None:
    """With twenty silent connections and twenty that stop in the middle of a request, a page still comes within a second."""
    token = company.token_of(company.invite("bo@example.com"))
    halves = (
        b"GET /register HTTP/1.1\r\nHost: 127",
        b"POST /register HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\nfirst",
    )
    server = PageServer(app, listen("127.0.0.1", 0))
    server.start()
    with ExitStack() as stack:
        stack.callback(server.stop)
        for number in range(40):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            if number >= 20:
                one.sendall(halves[number % 2])
        begun = time.monotonic()
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", f"/i/{token}")
        assert connection.getresponse().status == 303
        connection.close()
        assert time.monotonic() - begun < 1


# --- P40 --------------------------------------------------------------------------------------------------------


@sqlite_only
def test_p40_the_mail_says_that_the_link_is_for_one_person(company: House) -> None:
    """The invitation names the address it is for, says that it works once and not to pass it on, in each language."""
    for number, language in enumerate(offered()):
        address = f"p{number}@example.com"
        invite_in(company, address, language)
        deliver_due(company.core)
        text = everything_in(mail_to(company.core, address))
        assert text.count(address) >= 2
    told = " ".join(everything_in(mail_to(company.core, "p0@example.com")).split())
    assert re.search("works exactly once", told)
    assert re.search("do not forward", told)


def invite_in(house: House, address: str, language: str) -> None:
    """Invite somebody in a language."""
    with house.core.work(house.admin) as work:
        invite(work, address, Offer(language=language))


@sqlite_only
def test_p40_the_page_shows_for_whom_the_link_is(company: House, visitor: Visitor) -> None:
    """Whoever opens a link that was passed on sees whose it is before anything is sent."""
    page = visitor.open(company.token_of(company.invite("bo@example.com")))
    assert page.field("email")["value"] == "bo@example.com"
    assert "readonly" in page.field("email")


@sqlite_only
def test_p40_the_trail_says_who_accepted_when_and_from_where(company: House, app: Flask) -> None:
    """The event of a registration holds the person, the moment and the network address, and copying a link leaves one too."""
    invitation = company.invite("bo@example.com")
    with company.core.work(company.admin) as work:
        copy_link(work, invitation)
    visitor = Visitor(app)
    visitor.open(company.token_of(invitation))
    assert visitor.send(environ_overrides={"REMOTE_ADDR": "198.51.100.7"}).status == 303
    [event] = rows.events(company.core, "user.registered")
    assert (event.subject_label, event.at) == ("bo@example.com", company.core.ports.clock.now())
    with company.core.look(company.admin) as look:
        told = history(look, event.subject_id or 0)
    assert {(row.at, row.actor, row.new) for row in told if row.field == "source"} == {
        (event.at, "bo@example.com", "198.51.100.7")
    }
    [copied] = rows.events(company.core, "invitation.link_copied")
    assert copied.actor_label == company.admin_address


def test_p40_the_guide_calls_the_link_what_it_is() -> None:
    """The security page says that whoever holds the link can use it, and what limits the harm."""
    assert re.search(r"(?i)bearer", Path(ROOT / "SECURITY.md").read_text("utf-8"))
