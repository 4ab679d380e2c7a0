"""What may happen to a link before its person opens it: scanners, previews, forged hosts, guesses (P1, P2, P5, P18, P35, P39)."""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
from collections.abc import Callable
from io import StringIO
from statistics import median

import pytest
from flask import Flask
from sqlalchemy import delete

from core.core import Core
from core.models import Invitation, OutboxMail
from core.ports import Links
from core.services.inviting import withdraw
from core.services.mailing import deliver_due
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import COMPANY, House
from tests.pitfalls.letters import everything_in, written_mails
from tests.services import rows
from tests.web.visitor import FILLED_IN, Page, PageWith, Visitor

SIGN_IN = "https://learn.example.com/sign-in"
SCANNERS = (
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/119.0 Safari/537.36",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0) SafeLinks",
    "BarracudaCentral/1.0",
    "ZmEu",
    "",
)
PREVIEWERS = ("Slackbot-LinkExpanding 1.0", "WhatsApp/2.23", "Twitterbot/1.0", "facebookexternalhit/1.1")


def ask_from(visitor: Visitor, address: str, path: str, method: str = "GET") -> Page:
    """Send a request from a network address."""
    return visitor.ask(path, method, environ_overrides={"REMOTE_ADDR": address})


def test_p01_a_mail_scanner_spends_nothing(core: Core, company: House, app: Flask) -> None:
    """Fifty scanners look with HEAD, then GET, follow to the form, and no row of any table changes; then the person registers."""
    token = company.token_of(company.invite("bo@example.com"))
    before = rows.dump(core)
    for number in range(50):
        scanner = Visitor(app)
        headers = {"User-Agent": SCANNERS[number % len(SCANNERS)], "Sec-Fetch-Site": "cross-site"}
        for method in ("HEAD", "GET"):
            assert scanner.ask(f"/i/{token}", method, headers=headers).status == 303
            assert scanner.ask("/register", method, headers=headers).status == 200
    assert rows.dump(core) == before
    person = Visitor(app)
    person.open(token)
    assert person.send().status == 303


@sqlite_only
def test_p01_other_methods_spend_nothing_either(core: Core, company: House, app: Flask) -> None:
    """A link that is asked for with any other method, or gets a form posted to itself, stays as it is."""
    token = company.token_of(company.invite("bo@example.com"))
    before = rows.dump(core)
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
        assert Visitor(app).ask(f"/i/{token}", method, data=FILLED_IN).status == 405
    assert Visitor(app).ask("/register", "POST", data=FILLED_IN).status == 403
    assert rows.dump(core) == before


@sqlite_only
@pytest.mark.parametrize("agent", PREVIEWERS)
def test_p02_a_preview_shows_nobody(company: House, app: Flask, agent: str) -> None:
    """Whoever follows the link without keeping cookies, as previews do, gets a page without address, name or company."""
    token = company.token_of(company.invite("bo.berg@example.com"))
    first = Visitor(app).ask(f"/i/{token}", headers={"User-Agent": agent})
    second = Visitor(app).ask("/register", headers={"User-Agent": agent})
    for page in (first, second):
        shown = page.html + str(page.headers.get("Location"))
        assert not [word for word in ("berg", COMPANY, company.admin_address, token) if word in shown]
        assert page.headers["X-Robots-Tag"] == "noindex"


@sqlite_only
def test_p02_the_form_offers_previews_nothing(company: House, visitor: Visitor) -> None:
    """The form's title is the same for everybody, and no page has a description, Open Graph data or a link to itself."""
    form = visitor.open(company.token_of(company.invite("bo.berg@example.com")))
    other = Visitor(visitor.client.application)
    assert other.open(company.token_of(company.invite("cy@example.com"))).text_of("title") == form.text_of(
        "title"
    )
    for page in (form, visitor.ask("/welcome"), visitor.ask("/i/unknown")):
        assert "berg" not in page.text_of("title").lower()
        told = [attrs for tag, attrs in page.elements if tag == "meta"]
        assert not [attrs for attrs in told if "property" in attrs or attrs.get("name") == "description"]
        assert not [attrs for _, attrs in page.elements if attrs.get("rel") in {"canonical", "alternate"}]
        assert page.headers["X-Robots-Tag"] == "noindex"


@sqlite_only
def test_p05_a_forged_host_reaches_no_mail(company: House, page_with: PageWith, clock: MovableClock) -> None:
    """Whatever host a request names, it is refused, and mails that a request leads to name the configured places only."""
    core = company.core
    app = page_with(sign_in_url=SIGN_IN)
    token = company.token_of(company.invite("bo@example.com"))
    visitor = Visitor(app)
    for forged in (
        {"Host": "evil.example"},
        {"Host": "127.0.0.1:8000@evil.example"},
        {"Host": "evil.example", "X-Forwarded-Host": "127.0.0.1:8000"},
    ):
        assert visitor.ask(f"/i/{token}", headers=forged).status == 400
    elsewhere = {
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "X-Host": "evil.example",
    }
    landed = visitor.ask(f"/i/{token}", headers=elsewhere)
    assert landed.headers["Location"] == "/register"
    visitor.ask("/register", headers=elsewhere)
    hidden = visitor.page.hidden() if visitor.page else {}
    done = visitor.ask("/register", "POST", data={**hidden, **FILLED_IN}, headers=elsewhere)
    assert (done.status, done.headers["Location"]) == (303, SIGN_IN)
    company.invite("cy@example.com")
    deliver_due(core)
    written = "\n".join(everything_in(mail) for mail in written_mails(core))
    assert "/i/" in written
    assert "evil" not in written
    assert set(re.findall(r"https?://([a-zA-Z0-9.:-]+)", written)) == {"127.0.0.1:8000"}


# --- P18 --------------------------------------------------------------------------------------------------------


def _used(house: House, app: Flask, _clock: MovableClock) -> str:
    token = house.token_of(house.invite("bo@example.com"))
    visitor = Visitor(app)
    visitor.open(token)
    assert visitor.send().status == 303
    return token


def _expired(house: House, _app: Flask, clock: MovableClock) -> str:
    token = house.token_of(house.invite("bo@example.com"))
    clock.move(days=7)
    return token


def _replaced(house: House, _app: Flask, _clock: MovableClock) -> str:
    token = house.token_of(house.invite("bo@example.com"))
    house.invite("bo@example.com")
    return token


def _withdrawn(house: House, _app: Flask, _clock: MovableClock) -> str:
    invitation = house.invite("bo@example.com")
    with house.core.work(house.admin) as work:
        withdraw(work, [invitation])
    return house.token_of(invitation)


FATES: dict[str, Callable[[House, Flask, MovableClock], str]] = {
    "link_used": _used,
    "link_expired": _expired,
    "link_replaced": _replaced,
    "link_withdrawn": _withdrawn,
}


@sqlite_only
@pytest.mark.parametrize("code", FATES)
def test_p18_a_dead_link_tells_its_reason_to_its_holder(
    company: House, page_with: PageWith, clock: MovableClock, written: StringIO, code: str
) -> None:
    """Each kind of dead link has a page of its own with 410 that offers the sign-in only where there is an account."""
    app = page_with(sign_in_url=SIGN_IN)
    page = Visitor(app).ask(f"/i/{FATES[code](company, app, clock)}")
    assert page.status == 410
    [told] = [
        line for line in map(json.loads, written.getvalue().splitlines()) if line["event"] == "link.dead"
    ]
    assert told["code"] == code
    assert (SIGN_IN in page.html) == (code == "link_used")
    stranger = Visitor(app).ask("/i/unknown")
    assert stranger.status == 404
    assert page.text_of("h1") != stranger.text_of("h1")
    assert "bo@example.com" not in page.html
    assert page.headers["Content-Type"] == stranger.headers["Content-Type"] == "text/html; charset=utf-8"


def unknown_links(house: House) -> dict[str, list[str]]:
    """Return links that open nothing, by what is wrong with them."""
    token = house.token_of(house.invite("bo@example.com"))
    gone = house.token_of(house.invite("gone@example.com"))
    with house.core.operator() as work:
        work.db.execute(delete(OutboxMail).where(OutboxMail.to_address == "gone@example.com"))
        work.db.execute(delete(Invitation).where(Invitation.address_key == "gone@example.com"))
    raw = base64.urlsafe_b64decode(token)
    flipped = [raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :] for place in range(len(raw))]
    other = Links("http://127.0.0.1:8000", "other", [b"k" * 32])
    return {
        "garbled": ["x", token[:-1], token + "A", token.swapcase(), "%00" * 44, "é" * 44, "A" * 2000],
        "flipped": [base64.urlsafe_b64encode(each).decode() for each in flipped],
        "other key": [other.token_for(b"p" * 16).reveal()],
        "removed": [gone],
    }


@sqlite_only
def test_p18_nobody_can_tell_unknown_links_apart(company: House, app: Flask) -> None:
    """Garbled, changed in any single byte, of another key, never issued: one page to the last byte, headers included."""
    links = [link for each in unknown_links(company).values() for link in each]
    pages = [ask_from(Visitor(app), f"10.1.0.{number}", f"/i/{link}") for number, link in enumerate(links)]
    assert {page.status for page in pages} == {404}
    assert len({(page.html, str(page.headers)) for page in pages}) == 1
    assert COMPANY not in pages[0].html


@sqlite_only
def test_p18_unknown_links_take_the_same_time(company: House, app: Flask) -> None:
    """Over 200 runs in turn a wrong proof costs as much work as an invitation that is gone for good, within a millisecond."""
    unknown = unknown_links(company)
    asked = {kind: unknown[kind][0] for kind in ("flipped", "other key", "removed")}
    took: dict[str, list[float]] = {kind: [] for kind in asked}
    visitor = Visitor(app)
    for run in range(200):
        for number, (kind, link) in enumerate(asked.items()):
            place = f"10.{number}.{run // 100}.{run % 100}"
            begun = time.thread_time()
            assert ask_from(visitor, place, f"/i/{link}").status == 404
            took[kind].append(time.thread_time() - begun)
    slow, fast = max(map(median, took.values())), min(map(median, took.values()))
    assert slow - fast < 0.001


# --- P35, P39 ---------------------------------------------------------------------------------------------------


@sqlite_only
def test_p35_looking_is_never_limited(company: House, app: Flask) -> None:
    """Five hundred looks at genuine links from one address, as the scanners of one provider make them, all pass."""
    tokens = [company.token_of(company.invite(f"p{number}@example.com")) for number in range(5)]
    scanner = Visitor(app)
    statuses = [
        ask_from(scanner, "203.0.113.5", f"/i/{tokens[number % 5]}", method).status
        for number in range(250)
        for method in ("HEAD", "GET")
    ]
    assert statuses == [303] * 500
    assert {ask_from(scanner, "203.0.113.5", "/register").status for _ in range(200)} == {200}


@sqlite_only
def test_p39_health_and_root_tell_nothing(company: House, visitor: Visitor) -> None:
    """Health says ok and not a word more, and root and guessed addresses know neither the company nor how many people."""
    company.invite("bo@example.com")
    health = visitor.ask("/healthz")
    assert (health.status, health.html, health.headers["Content-Type"]) == (
        200,
        "ok",
        "text/plain; charset=utf-8",
    )
    for path in ("/", "/admin", "/metrics", "/status", "/version", f"/{secrets.token_hex(4)}"):
        page = visitor.ask(path)
        assert page.status == 404
        assert COMPANY not in page.html
        assert not [name for name in ("Server", "X-Powered-By", "Via") if name in page.headers]
