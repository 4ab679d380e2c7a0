"""The journey from the link to the account (R24-R31), and everything that must not happen on the way."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from core.core import Core
from core.models import Company, GroupMember, Invitation, User
from core.passwords import Password
from core.roles import Role
from tests.databases import sqlite_only
from tests.people import House
from tests.web.visitor import FILLED_IN, PageWith, Visitor

pytestmark = sqlite_only

SIGN_IN = "https://learn.example.com/sign-in?from=academy"


def _person(core: Core, key: str) -> User | None:
    with core.glance() as visit:
        return visit.db.scalars(select(User).where(User.address_key == key)).one_or_none()


def _invitation_row(core: Core, invitation_id: int) -> tuple[object, ...]:
    with core.glance() as visit:
        table = Invitation.__table__
        return tuple(visit.db.execute(select(*table.columns).where(table.c.id == invitation_id)).one())


def test_the_link_leads_to_the_form_of_that_one_invitation(company: House, visitor: Visitor) -> None:
    """The mailed link opens a form on which the invited address stands as it was typed and cannot be changed (R24)."""
    page = visitor.open(company.token_of(company.invite("Bo.Berg@Example.com")))
    email = page.field("email")
    assert (page.status, email["value"]) == (200, "Bo.Berg@Example.com")
    assert "readonly" in email
    assert "Engine Works" in page.text


def test_a_filled_in_form_makes_the_account(core: Core, company: House, visitor: Visitor) -> None:
    """Submitting makes an active account with the invited role, department and groups, and leads onward (R13, R27)."""
    token = company.token_of(
        company.invite("bo@example.com", Role.TRAINER, department="Sales", groups=["Night shift"])
    )
    visitor.open(token)
    extras = {
        "phone": "+49 30 901820",
        "address": "Main Street 1\r\n12345 Town",
        "born_day": "27",
        "born_month": "March",
        "born_year": "1990",
        "job_title": "Fitter",
        "language": "de",
    }
    done = visitor.send(FILLED_IN | extras)
    assert (done.status, done.headers["Location"]) == (303, "/welcome")
    bo = _person(core, "bo@example.com")
    assert bo is not None
    assert (bo.status, bo.role, bo.department_id) == ("active", Role.TRAINER, company.departments["Sales"])
    assert (bo.first_name, bo.last_name, bo.phone, bo.job_title, bo.language) == (
        "Bo", "Berg", "+49 30 901820", "Fitter", "de",
    )  # fmt: skip
    assert (bo.postal_address, str(bo.born_on)) == ("Main Street 1\n12345 Town", "1990-03-27")
    with core.glance() as visit:
        groups = visit.db.scalars(select(GroupMember.group_id).where(GroupMember.user_id == bo.id)).all()
    assert list(groups) == [company.groups["Night shift"]]


def test_the_new_person_can_sign_in_with_the_password(core: Core, company: House, visitor: Visitor) -> None:
    """The password is stored as typed, blanks at its ends included."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    assert visitor.send(FILLED_IN | {"password": "  two blanks around  "}).status == 303
    bo = _person(core, "bo@example.com")
    assert bo is not None
    assert core.ports.hasher.verify(bo.password_hash, Password.as_typed("  two blanks around  "))
    assert not core.ports.hasher.verify(bo.password_hash, Password.as_typed("two blanks around"))


def test_the_person_is_sent_to_the_sign_in_page(page_with: PageWith, company: House) -> None:
    """Where a sign-in page is configured, the submit leads there and nowhere else (R28)."""
    visitor = Visitor(page_with(sign_in_url=SIGN_IN))
    visitor.open(company.token_of(company.invite("bo@example.com")))
    done = visitor.send(query_string={"next": "https://evil.example"})
    assert (done.status, done.headers["Location"]) == (303, SIGN_IN)


def test_the_welcome_page_says_what_comes_next(page_with: PageWith, visitor: Visitor) -> None:
    """Without a sign-in page the plain confirmation says so; with one it links to it (R28)."""
    alone = visitor.ask("/welcome")
    assert alone.status == 200
    assert "Your account is ready" in alone.text
    linked = Visitor(page_with(sign_in_url=SIGN_IN)).ask("/welcome")
    assert ("a", {"class": "button", "href": SIGN_IN}) in linked.elements


def test_head_answers_like_get_without_a_body(company: House, visitor: Visitor) -> None:
    """HEAD has the status and the headers of GET and no body."""
    token = company.token_of(company.invite("bo@example.com"))
    for path in (f"/i/{token}", "/register", "/welcome", "/healthz", "/nothing", "/i/unknown"):
        seen, headed = visitor.ask(path), visitor.ask(path, "HEAD")
        assert (headed.status, headed.html) == (seen.status, "")
        assert headed.headers["Content-Type"] == seen.headers["Content-Type"]


def test_an_accepted_link_works_exactly_once(core: Core, company: House, app: Flask) -> None:
    """Whoever had the form open as well is told that the link is used, and no second account is made (R11)."""
    token = company.token_of(company.invite("bo@example.com"))
    first, second = Visitor(app), Visitor(app)
    first.open(token)
    second.open(token)
    assert first.send().status == 303
    late = second.send(FILLED_IN | {"first_name": "Mallory"})
    assert late.status == 410
    assert "already been used" in late.text
    bo = _person(core, "bo@example.com")
    assert bo is not None
    assert bo.first_name == "Bo"


def test_going_back_after_success_says_that_the_account_is_ready(company: House, visitor: Visitor) -> None:
    """The form is gone once it has made its account, and the page says to sign in."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    visitor.send()
    back = visitor.ask("/register")
    assert back.status == 410
    assert "just sign in" in back.text


def test_nothing_else_is_reachable(app: Flask) -> None:
    """The page has exactly the promised addresses and methods (R31)."""
    rules = {(rule.rule, *sorted(rule.methods or ())) for rule in app.url_map.iter_rules()}
    assert rules == {
        ("/i/<token>", "GET", "HEAD"),
        ("/register", "GET", "HEAD"),
        ("/register", "POST"),
        ("/welcome", "GET", "HEAD"),
        ("/healthz", "GET", "HEAD"),
        ("/robots.txt", "GET", "HEAD"),
        ("/logo/<name>", "GET", "HEAD"),
        ("/brand/<name>.css", "GET", "HEAD"),
        ("/static/<path:filename>", "GET", "HEAD"),
    }


@pytest.mark.parametrize(
    "path",
    ["/", "/register/", "/i/", "/i/a/b", "/admin", "/static/", "/static/../pages.py", "/static/%2e%2e/pages.py",
     "/favicon.ico", "/logo/", "/logo/0123456789ab", "/brand/0123456789ab.css", "/.git/config", "/REGISTER"],
)  # fmt: skip
def test_everything_else_is_not_found(visitor: Visitor, path: str) -> None:
    """Any other address answers 404 in the same layout and says what to do (P39)."""
    page = visitor.ask(path)
    assert page.status == 404
    assert "open the link in your invitation mail" in page.text


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/i/abc", "/register", "/welcome", "/healthz", "/static/page.css"])
def test_other_methods_are_not_allowed(visitor: Visitor, path: str, method: str) -> None:
    """Methods beyond GET, HEAD and the one POST answer 405 and name what is allowed."""
    page = visitor.ask(path, method)
    assert page.status == 405
    assert "GET" in page.headers["Allow"]
    assert "OPTIONS" not in page.headers["Allow"]


def test_health_says_ok_and_nothing_else(visitor: Visitor) -> None:
    """The health address tells nothing about product or people (P39)."""
    assert visitor.ask("/healthz").html == "ok"


def test_the_cap_reached_meanwhile_keeps_what_was_typed(core: Core, company: House, visitor: Visitor) -> None:
    """No free place: the form stays with what was typed, nothing is spent, and the link works later (D5, P29)."""
    invitation = company.invite("bo@example.com")
    visitor.open(company.token_of(invitation))
    before = _invitation_row(core, invitation)
    with core.operator() as work:
        work.db.execute(update(Company).values(user_cap=1))
    full = visitor.send()
    assert full.status == 409
    assert "no free place" in full.text
    assert (full.field("first_name")["value"], full.field("password").get("value")) == ("Bo", None)
    assert _invitation_row(core, invitation) == before
    with core.operator() as work:
        work.db.execute(update(Company).values(user_cap=2))
    assert visitor.send().status == 303


def test_an_inviter_without_the_right_stops_the_registration(
    core: Core, company: House, visitor: Visitor
) -> None:
    """The role rule holds again at acceptance; the form stays, and nothing is spent (R7, P31)."""
    invitation = company.invite("bo@example.com")
    visitor.open(company.token_of(invitation))
    before = _invitation_row(core, invitation)
    with core.operator() as work:
        work.db.execute(update(User).where(User.id == company.admin_id).values(role=Role.LEARNER))
    refused = visitor.send()
    assert (refused.status, refused.field("last_name")["value"]) == (409, "Berg")
    assert _invitation_row(core, invitation) == before
    assert _person(core, "bo@example.com") is None
