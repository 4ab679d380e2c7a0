"""Links that open nothing any more: each says what to do next, and strangers learn nothing (R29, P17, P18)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.core import Core
from core.models import User
from core.services.inviting import renew, withdraw
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.web.visitor import FILLED_IN, PASSWORD, PageWith, Visitor
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
    assert not [attrs for tag, attrs in page.elements if tag == "a" and "lang" not in attrs]


def test_a_link_dies_between_opening_and_sending(
    core: Core, company: House, clock: MovableClock, visitor: Visitor
) -> None:
    """A form that was open when its invitation expired makes no account, says why and shows what was typed (P21)."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    clock.move(days=7)
    page = visitor.send(
        FILLED_IN | {"address": "Main Street 1\r\nTown", "born_day": "27", "born_month": "March <b>"}
    )
    assert (page.status, page.text_of("h1")) == (410, "The link has expired")
    said = [text for tag, text in page.texts if tag in {"dt", "dd"}]
    assert said == [
        "First name", "Bo", "Last name", "Berg", "Address", "Main Street 1\r\nTown", "Date of birth", "27 March <b>",
    ]  # fmt: skip
    assert PASSWORD not in page.html
    with core.glance() as visit:
        assert visit.db.query(User).count() == 1


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
    assert (page.status, page.text_of("h1")) == (410, "The invitation can no longer be used")
    assert "bo@example.com" not in page.html
