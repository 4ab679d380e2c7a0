"""Links that open nothing any more: each says what to do next, and strangers learn nothing (R29, P17, P18)."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from sqlalchemy import delete

from core.core import Core
from core.models import Invitation, OutboxMail, User
from core.ports import Links
from core.services.inviting import renew, withdraw
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.web.visitor import PageWith, Visitor
from web import create_app

pytestmark = sqlite_only

SIGN_IN = "https://learn.example.com/sign-in"
BUTTON = ("a", {"class": "button", "href": SIGN_IN})


def _expired(house: House, clock: MovableClock) -> str:
    token = house.token_of(house.invite("bo@example.com"))
    clock.move(days=7)
    return token


def _used(house: House, _clock: MovableClock) -> str:
    invitation = house.invite("bo@example.com")
    token = house.token_of(invitation)
    visitor = Visitor(create_app(house.core))
    visitor.open(token)
    assert visitor.send().status == 303
    return token


def _replaced(house: House, _clock: MovableClock) -> str:
    token = house.token_of(house.invite("bo@example.com"))
    house.invite("BO@example.com")
    return token


def _renewed(house: House, _clock: MovableClock) -> str:
    invitation = house.invite("bo@example.com")
    token = house.token_of(invitation)
    with house.core.work(house.admin) as work:
        renew(work, [invitation])
    return token


def _withdrawn(house: House, _clock: MovableClock) -> str:
    invitation = house.invite("bo@example.com")
    with house.core.work(house.admin) as work:
        withdraw(work, [invitation])
    return house.token_of(invitation)


@pytest.mark.parametrize(
    ("make", "heading", "advice", "offers_sign_in"),
    [
        (_expired, "The link has expired", "Ask to be invited again", False),
        (_used, "Already registered", "just sign in", True),
        (_replaced, "There is a newer invitation", "Use the link in the newest mail", False),
        (_renewed, "There is a newer invitation", "Use the link in the newest mail", False),
        (_withdrawn, "The invitation was withdrawn", "Ask the person who invited you", False),
    ],
)
def test_a_dead_link_says_why_and_what_to_do(
    page_with: PageWith,
    company: House,
    clock: MovableClock,
    make: Callable[[House, MovableClock], str],
    heading: str,
    advice: str,
    *,
    offers_sign_in: bool,
) -> None:
    """Each reason has its page with 410, and the way to the sign-in where that helps."""
    page = Visitor(page_with(sign_in_url=SIGN_IN)).ask(f"/i/{make(company, clock)}")
    assert page.status == 410
    assert page.text_of("h1") == heading
    assert advice in page.text
    assert (BUTTON in page.elements) == offers_sign_in
    assert "bo@example.com" not in page.html.lower()
    assert "Set-Cookie" not in page.headers


def test_a_used_link_without_a_sign_in_page_still_says_what_to_do(
    company: House, clock: MovableClock, visitor: Visitor
) -> None:
    """Where no sign-in page is configured there is no empty button."""
    page = visitor.ask(f"/i/{_used(company, clock)}")
    assert "just sign in" in page.text
    assert not [tag for tag, _ in page.elements if tag == "a"]


def test_every_unknown_link_gets_the_same_page(
    core: Core, company: House, clock: MovableClock, visitor: Visitor
) -> None:
    """Garbled, cut, foreign and never issued links answer alike to the last byte (P18)."""
    token = company.token_of(company.invite("bo@example.com"))
    gone = company.token_of(company.invite("gone@example.com"))
    with core.operator() as work:
        work.db.execute(delete(OutboxMail).where(OutboxMail.to_address == "gone@example.com"))
        work.db.execute(delete(Invitation).where(Invitation.address_key == "gone@example.com"))
    foreign = Links("http://127.0.0.1:8000", "other", [b"k" * 32]).token_for(b"p" * 16).reveal()
    raw = bytearray(base64.urlsafe_b64decode(token))
    raw[0] ^= 1
    other_key = base64.urlsafe_b64encode(bytes(raw)).decode()
    unknown = [
        "x",
        token[:-1],
        token + "A",
        token.swapcase(),
        foreign,
        other_key,
        gone,
        "%00" * 44,
        "é" * 44,
        "A" * 2000,
    ]
    pages = [visitor.ask(f"/i/{one}") for one in unknown]
    assert {page.status for page in pages} == {404}
    assert len({page.html for page in pages}) == 1
    assert len({str(page.headers) for page in pages}) == 1
    assert pages[0].text_of("h1") == "This link does not work"
    assert "Engine Works" not in pages[0].html


def test_a_single_flipped_bit_makes_a_link_unknown(company: House, visitor: Visitor) -> None:
    """No part of a link can be changed."""
    raw = base64.urlsafe_b64decode(company.token_of(company.invite("bo@example.com")))
    for position in range(len(raw)):
        changed = bytearray(raw)
        changed[position] ^= 1
        assert visitor.ask(f"/i/{base64.urlsafe_b64encode(bytes(changed)).decode()}").status == 404


def test_a_link_dies_between_opening_and_sending(
    core: Core, company: House, clock: MovableClock, visitor: Visitor
) -> None:
    """A form that was open when its invitation expired makes no account and says why (P21)."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    clock.move(days=7)
    page = visitor.send()
    assert (page.status, page.text_of("h1")) == (410, "The link has expired")
    with core.glance() as visit:
        assert visit.db.query(User).count() == 1


def test_a_link_works_until_the_last_second(company: House, clock: MovableClock, visitor: Visitor) -> None:
    """One second before its end a link opens, at its end it does not (P19)."""
    token = company.token_of(company.invite("bo@example.com"))
    clock.move(days=7, seconds=-1)
    assert visitor.ask(f"/i/{token}").status == 303
    clock.move(seconds=1)
    assert visitor.ask(f"/i/{token}").status == 410


def test_the_new_link_of_a_replaced_invitation_works(company: House, visitor: Visitor) -> None:
    """The old link is dead at once, the newest one makes the account (R8, P17)."""
    old = company.token_of(company.invite("bo@example.com"))
    new = company.token_of(company.invite("bo@example.com"))
    assert visitor.ask(f"/i/{old}").status == 410
    visitor.open(new)
    assert visitor.send().status == 303


def test_an_address_with_an_account_gets_no_second_one(core: Core, company: House, visitor: Visitor) -> None:
    """An account that came about in another way meanwhile closes the invitation, and no stranger learns it (P15)."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    with core.operator() as work:
        now = work.now
        known = {"address_key": "bo@example.com", "search_key": "bo", "sort_key": "bo", "created_at": now}
        work.db.add(User(address="bo@example.com", role=10, status="active", password_hash="x", **known))
    page = visitor.send()
    assert (page.status, page.text_of("h1")) == (410, "The invitation is closed")
    assert "bo@example.com" not in page.html
