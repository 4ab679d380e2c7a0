"""The cookie is a bookmark, not a key: it ends after an hour, and each request asks the database anew (ASVS 7, 14.3)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import TimestampSigner

from core.core import Core
from core.services.inviting import withdraw
from tests.databases import sqlite_only
from tests.people import House
from tests.security.faults import everything
from tests.web.visitor import PageWith, Visitor

pytestmark = sqlite_only

HOUR = 3600


class _Earlier(TimestampSigner):
    """Signs as the page did a while ago."""

    seconds = 0

    def get_timestamp(self) -> int:
        """Return the moment of then."""
        return int(time.time()) - self.seconds


def _serializer(app: Flask, seconds: int = 0) -> Any:
    sessions = app.session_interface
    assert isinstance(sessions, SecureCookieSessionInterface)
    made = sessions.get_signing_serializer(app)
    assert made is not None
    made.signer = type("_Signer", (_Earlier,), {"seconds": seconds})
    return made


def _cookie(visitor: Visitor) -> str:
    app = visitor.client.application
    found = visitor.client.get_cookie(app.config["SESSION_COOKIE_NAME"], "127.0.0.1")
    assert found is not None
    return found.value


def _with_cookie(app: Flask, value: str) -> Visitor:
    visitor = Visitor(app)
    visitor.client.set_cookie(app.config["SESSION_COOKIE_NAME"], value, domain="127.0.0.1")
    return visitor


@pytest.mark.parametrize(("seconds", "status"), [(HOUR - 60, 200), (HOUR + 60, 403)])
def test_a_cookie_is_worth_nothing_after_an_hour(
    company: House, app: Flask, visitor: Visitor, seconds: int, status: int
) -> None:
    """The page itself judges the age of a cookie, whatever a browser was told about keeping it (7.1.1, 7.3.1)."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    held = _serializer(app).loads(_cookie(visitor))
    aged = _serializer(app, seconds).dumps(held)
    assert _with_cookie(app, aged).ask("/register").status == status


def test_looking_renews_the_hour(company: House, app: Flask, visitor: Visitor) -> None:
    """Each look at the form sends a cookie of this moment (7.3.1)."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    aged = _serializer(app, HOUR - 60).dumps(_serializer(app).loads(_cookie(visitor)))
    later = _with_cookie(app, aged)
    assert "Set-Cookie" in later.ask("/register").headers
    _, moment = _serializer(app).loads(_cookie(later), return_timestamp=True)
    assert time.time() - moment.timestamp() < 60


def test_a_copied_cookie_is_worth_nothing_after_the_success(
    core: Core, company: House, app: Flask, visitor: Visitor
) -> None:
    """Whoever kept the cookie of an open form is told that the link is used, and sending it again makes nothing (7.2.4)."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    thief = _with_cookie(app, _cookie(visitor))
    form = thief.ask("/register")
    assert visitor.send().status == 303
    assert thief.ask("/register").status == 410
    before = everything(core)
    thief.page = form
    assert thief.send().headers["Location"] == "/welcome"  # as after a double click
    assert everything(core) == before


def test_a_cookie_opens_only_what_is_still_open(core: Core, company: House, visitor: Visitor) -> None:
    """What happens to the invitation meanwhile counts at the next request (7.2.1)."""
    invitation = company.invite("bo@example.com")
    visitor.open(company.token_of(invitation))
    with core.work(company.admin) as work:
        withdraw(work, [invitation])
    assert visitor.ask("/register").status == 410
    assert "withdrawn" in visitor.ask("/register").text


def test_a_success_leaves_nothing_to_send_with(company: House, app: Flask, visitor: Visitor) -> None:
    """After the success the cookie names neither the browser's session nor a CSRF secret (14.3.1)."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    before = _serializer(app).loads(_cookie(visitor))
    assert {"invitation", "browser", "csrf_token"} <= before.keys()
    assert visitor.send().status == 303
    assert _serializer(app).loads(_cookie(visitor)).keys() == {"made", "_permanent"}


def test_another_invitation_begins_a_new_session(company: House, app: Flask, visitor: Visitor) -> None:
    """Nothing but a chosen language goes over from one invitation to the next in the same browser (7.2.4)."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    first = _serializer(app).loads(_cookie(visitor))
    visitor.open(company.token_of(company.invite("cy@example.com")))
    second = _serializer(app).loads(_cookie(visitor))
    assert first["browser"] != second["browser"]
    assert first["csrf_token"] != second["csrf_token"]


def test_a_cookie_of_another_installation_is_none(
    company: House, app: Flask, visitor: Visitor, page_with: PageWith
) -> None:
    """A cookie signed with another key, or changed in any part, opens nothing (1.5.2, 9.1.1)."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    value = _cookie(visitor)
    other = page_with()
    other.config["SECRET_KEY"] = "00" * 32
    forged = _serializer(other).dumps(_serializer(app).loads(value))
    payload, _, rest = value.partition(".")
    for each in (forged, f"{payload[:-2]}AA.{rest}", value[:-1], payload):
        assert _with_cookie(app, each).ask("/register").status == 403


def test_the_address_after_the_link_is_the_same_for_everybody(company: House, app: Flask) -> None:
    """From the second request on no address holds anything of the link (14.2.1)."""
    places = set()
    for name in ("bo", "cy"):
        landed = Visitor(app).ask(f"/i/{company.token_of(company.invite(f'{name}@example.com'))}")
        places.add(landed.headers["Location"])
    assert places == {"/register"}


def test_two_readers_share_nothing_but_the_page(company: House, app: Flask) -> None:
    """Forms are drawn once and filled in for each reader: the second holds nothing of the first, and each is escaped."""
    first, second = Visitor(app), Visitor(app)
    one = first.open(company.token_of(company.invite("bo@example.com")))
    other = second.open(company.token_of(company.invite("o'cy&co@example.com")))
    for secret in (*one.hidden().values(), "bo@example.com"):
        assert secret not in other.html
    assert other.field("email")["value"] == "o'cy&co@example.com"
    assert "o'cy&co@" not in other.html
    assert second.send().status == first.send().status == 303
