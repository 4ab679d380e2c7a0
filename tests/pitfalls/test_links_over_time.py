"""What becomes of links with time: archived people, re-sending, clocks, zones, forms that stay open (P15-P17, P19-P21, P23)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import update

from core.core import Core
from core.errors import AlreadyUser, ArchivedUser
from core.models import OutboxMail, User
from core.services.inviting import Offer, invite, invite_many, renew
from core.services.mailing import deliver_due
from core.services.people import Archive, Reactivate
from core.settings import Settings
from tests.cli.running import Host
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.pitfalls.letters import mail_to, written_mails
from tests.posts import link_in
from tests.services import rows
from tests.services.changes import change
from tests.web.visitor import FILLED_IN, PASSWORD, Page, Visitor
from web.pages import _signer

BERLIN = ZoneInfo("Europe/Berlin")
TYPED = FILLED_IN | {"last_name": "Bergström", "phone": "+49 30 901820", "job_title": "Fitter"}


def codes(house: House, *addresses: str) -> dict[str, int]:
    """Import addresses and return how many were skipped by reason."""
    lines = [(number, address, "") for number, address in enumerate(addresses, 1)]
    with house.core.work(house.admin) as work:
        return dict(invite_many(work, lines, Offer()).skipped)


def keeps_what_was_typed(page: Page) -> bool:
    """Tell whether a page shows everything of TYPED but the password."""
    kept = all(page.field(name)["value"] == text for name, text in TYPED.items() if name != "password")
    return kept and PASSWORD not in page.html


# --- people with accounts ---------------------------------------------------------------------------------------


def test_p15_an_archived_person_is_reactivated_and_not_invited(company: House) -> None:
    """Inviting an archived person says that they are archived, at both doors, mails nobody and changes nothing of them."""
    user_id = company.register("bo@example.com")
    change(company, [user_id], Archive())
    mails = rows.count(company.core, OutboxMail)
    with pytest.raises(ArchivedUser):
        company.invite("BO@example.com")
    assert codes(company, "bo@example.com") == {"archived_user": 1}
    assert rows.count(company.core, OutboxMail) == mails
    assert rows.person(company.core, user_id).status == "archived"
    assert change(company, [user_id], Reactivate()).done == 1


@pytest.mark.parametrize("status", ["active", "archived"])
def test_p15_an_older_invitation_makes_no_second_account(
    company: House, visitor: Visitor, status: str
) -> None:
    """Where the address has got an account meanwhile, archived or not, the open form is refused and nothing changes."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    user_id = rows.add_admin(company.core, "bo@example.com", "none")
    if status == "archived":
        rows.archive(company.core, user_id)
    page = visitor.send()
    assert page.status == 410
    assert "archived" not in page.text.lower()
    assert (rows.count(company.core, User), rows.person(company.core, user_id).status) == (2, status)
    assert rows.person(company.core, user_id).first_name == "Cy"


@sqlite_only
def test_p16_the_console_says_who_is_registered_and_the_page_does_not(company: House, app: Flask) -> None:
    """Inviting a registered person is refused, a file counts them as skipped, and a stranger with a guess learns nothing."""
    company.register("bo@example.com")
    with pytest.raises(AlreadyUser) as caught:
        company.invite("bo@example.com")
    assert "bo@example.com" in caught.value.message
    assert codes(company, "Bo@Example.com", "cy@example.com") == {"already_user": 1}
    asked = [Visitor(app).ask(path) for path in ("/i/bo@example.com", "/i/nobody@example.com")]
    assert asked[0].html == asked[1].html
    posted = [
        Visitor(app).ask("/register", "POST", data=FILLED_IN | {"email": address})
        for address in ("bo@example.com", "nobody@example.com")
    ]
    assert posted[0].html == posted[1].html


# --- sending again ----------------------------------------------------------------------------------------------


def test_p17_inviting_again_kills_the_old_link_and_says_when(
    company: House, clock: MovableClock, app: Flask
) -> None:
    """After a new invitation the old link tells on which day the newer one was sent, and only the new one registers."""
    old = company.token_of(company.invite("bo@example.com"))
    clock.move(days=2)
    new = company.token_of(company.invite("bo@example.com"))
    dead = Visitor(app).ask(f"/i/{old}")
    assert dead.status == 410
    assert re.search(r"\b4\b.*2026|2026-03-04", dead.text)
    person = Visitor(app)
    person.open(new)
    assert person.send().status == 303


def test_p17_renewing_is_inviting_again(company: House, clock: MovableClock, app: Flask) -> None:
    """A renewed invitation has another link than the one before, which dies at once."""
    first = company.invite("bo@example.com")
    with company.core.work(company.admin) as work:
        renew(work, [first])
    newest = max(rows.states(company.core))
    assert company.token_of(newest) != company.token_of(first)
    assert Visitor(app).ask(f"/i/{company.token_of(first)}").status == 410
    assert Visitor(app).ask(f"/i/{company.token_of(newest)}").status == 303


def test_p17_delivering_the_same_mail_again_has_the_same_link(company: House, clock: MovableClock) -> None:
    """The mail that is sent once more, as after a crash, is the same mail with the same link, and the link works."""
    invitation = company.invite("bo@example.com")
    for _ in range(2):
        with company.core.operator() as work:
            work.db.execute(update(OutboxMail).values(state="waiting", due_at=work.now))
        assert deliver_due(company.core).sent == 1
        clock.move(hours=5)
    first, second = written_mails(company.core)
    assert link_in(first) == link_in(second) == company.link_of(invitation)
    assert first["Message-ID"] == second["Message-ID"]


def test_p17_removed_and_invited_again_is_another_link(company: House, app: Flask) -> None:
    """Whoever is deleted and invited again gets a link of another secret, and the first one opens nothing."""
    first = company.token_of(company.invite("bo@example.com"))
    visitor = Visitor(app)
    visitor.open(first)
    visitor.send()
    with company.core.glance() as visit:
        [user_id] = visit.db.query(User.id).filter(User.address_key == "bo@example.com").one()
    rows.delete_person(company.core, user_id)
    second = company.token_of(company.invite("bo@example.com"))
    assert second[2:] != first[2:]
    assert Visitor(app).ask(f"/i/{first}").status in {404, 410}
    assert visitor.ask("/register").status == 410
    again = Visitor(app)
    again.open(second)
    assert again.send().status == 303


# --- clocks -----------------------------------------------------------------------------------------------------


def test_p19_the_end_of_a_link_is_in_one_place(company: House, clock: MovableClock, app: Flask) -> None:
    """An end that is moved in the database counts at once, for the link and for a form that is open, and the link stays the same."""
    invitation = company.invite("bo@example.com", days=90)
    token = company.token_of(invitation)
    visitor = Visitor(app)
    visitor.open(token)
    clock.move(hours=1)
    rows.set_expiry(company.core, invitation, clock.now())
    assert Visitor(app).ask(f"/i/{token}").status == 410
    assert visitor.send().status == 410
    rows.set_expiry(company.core, invitation, clock.now() + timedelta(seconds=1))
    assert company.token_of(invitation) == token
    visitor.open(token)
    assert visitor.send().status == 303


@pytest.mark.parametrize(
    ("issued", "ends"),
    [
        (datetime(2026, 10, 20, 11, 0, tzinfo=BERLIN), datetime(2026, 10, 27, 10, 0, tzinfo=BERLIN)),
        (datetime(2026, 3, 24, 11, 0, tzinfo=BERLIN), datetime(2026, 3, 31, 12, 0, tzinfo=BERLIN)),
        (datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN), datetime(2026, 11, 1, 2, 30, tzinfo=BERLIN)),
    ],
)
def test_p20_a_week_is_seven_times_24_hours(
    company: House, clock: MovableClock, app: Flask, issued: datetime, ends: datetime
) -> None:
    """Over either change of the clocks a link of seven days works for exactly 168 hours."""
    clock.move(seconds=(issued - clock.now()).total_seconds())
    token = company.token_of(company.invite("bo@example.com"))
    clock.move(days=7, seconds=-1)
    assert clock.now() < ends.astimezone(UTC)
    assert Visitor(app).ask(f"/i/{token}").status == 303
    clock.move(seconds=1)
    assert clock.now() == ends.astimezone(UTC)
    assert Visitor(app).ask(f"/i/{token}").status == 410


@sqlite_only
def test_p20_a_moment_without_a_zone_is_refused(company: House) -> None:
    """A naive moment never reaches the database, neither as an end nor in a question."""
    invitation = company.invite("bo@example.com")
    with pytest.raises(Exception, match="without a zone"):
        rows.set_expiry(company.core, invitation, datetime(2026, 3, 2, 9, 0))  # noqa: DTZ001 - that is the point


@sqlite_only
@pytest.mark.slow
def test_p20_the_zone_of_the_host_changes_nothing(house: House, settings: Settings) -> None:
    """Programs that live in India and in Newfoundland agree on the end of a link, and the mail names the zone of its moment."""
    hosts = [
        Host({**Host.of(settings).environment, "TZ": zone}) for zone in ("Asia/Kolkata", "America/St_Johns")
    ]
    begun = datetime.now(UTC)
    made = hosts[0].process("invite", "bo@example.com", "--json").json["invitations"][0]
    read = hosts[1].process("invitations", "--json").json
    assert made["expires"] == read[0]["expires"]
    ends = datetime.fromisoformat(made["expires"])
    assert abs(ends - begun - timedelta(days=7)) < timedelta(minutes=1)
    assert hosts[1].process("mail", "send").code == 0
    part = mail_to(house.core, "bo@example.com").get_body(("plain",))
    assert part is not None
    assert re.search(rf"\b{ends:%H:%M}\b.*\bUTC\b", " ".join(part.get_content().split()))


def test_p21_the_last_moment_is_over(company: House, clock: MovableClock, app: Flask) -> None:
    """A link works one microsecond before its end and not at it."""
    token = company.token_of(company.invite("bo@example.com"))
    clock.move(days=7, seconds=-1e-6)
    assert Visitor(app).ask(f"/i/{token}").status == 303
    clock.move(seconds=1e-6)
    assert Visitor(app).ask(f"/i/{token}").status == 410


def test_p21_what_was_typed_stays_in_sight_when_the_link_ends(
    core: Core, company: House, clock: MovableClock, visitor: Visitor
) -> None:
    """A form that was open when its link ended makes no account, and everything typed but the password is still shown."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    clock.move(days=7)
    page = visitor.send(TYPED)
    assert page.status == 410
    assert not [name for name, text in TYPED.items() if (name == "password") == (text in page.html)]
    assert rows.count(core, User) == 1


@sqlite_only
def test_p21_issue_and_check_use_one_clock(company: House, clock: MovableClock, app: Flask) -> None:
    """A link that was made on a host whose clock is ahead lives as long as its row says, by the clock of the page."""
    clock.move(hours=2)
    with company.core.work(company.admin) as work:
        invitation = invite(work, "bo@example.com", Offer(days=1))
    clock.move(hours=-2)
    token = company.token_of(invitation)
    clock.move(hours=25, minutes=59)
    assert Visitor(app).ask(f"/i/{token}").status == 303
    clock.move(minutes=1)
    assert Visitor(app).ask(f"/i/{token}").status == 410


# --- forms that stay open ---------------------------------------------------------------------------------------


def aged(serializer: URLSafeTimedSerializer, signed: str, minutes: float) -> str:
    """Return a signed text as it would be, had it been signed some minutes ago."""
    read = serializer.loads(signed)
    kind = serializer.signer

    class Earlier(kind):  # type: ignore[valid-type,misc]  # whichever kind the page signs with
        def get_timestamp(self) -> int:
            return int(super().get_timestamp() - minutes * 60)

    serializer.signer = Earlier
    return str(serializer.dumps(read))


@sqlite_only
@pytest.mark.parametrize("hours", [1.5, 8, 23])
def test_p23_a_form_that_was_open_for_hours_can_be_sent(
    company: House, app: Flask, visitor: Visitor, hours: float
) -> None:
    """The check against forgery has no time limit of its own: a form of the same browser is taken after hours too."""
    hidden = visitor.open(company.token_of(company.invite("bo@example.com"))).hidden()
    of_forgery = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token")
    with app.app_context():
        of_invitation = _signer()
    hidden["csrf_token"] = aged(of_forgery, hidden["csrf_token"], hours * 60)
    hidden["invitation"] = aged(of_invitation, hidden["invitation"], hours * 60)
    assert visitor.send({**TYPED, **hidden}).status == 303


def age_cookie(visitor: Visitor, minutes: float) -> None:
    """Let the cookie of a browser be so many minutes old."""
    app = visitor.client.application
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = visitor.client.get_cookie(name, "127.0.0.1")
    assert cookie is not None
    assert isinstance(app.session_interface, SecureCookieSessionInterface)
    serializer = app.session_interface.get_signing_serializer(app)
    assert serializer is not None
    visitor.client.set_cookie(name, aged(serializer, cookie.value, minutes), domain="127.0.0.1")


def lose_cookie(visitor: Visitor) -> None:
    """Let the browser forget its cookie."""
    visitor.client.delete_cookie(visitor.client.application.config["SESSION_COOKIE_NAME"], domain="127.0.0.1")


LOSSES: dict[str, Callable[[Visitor], None]] = {
    "cookie gone": lose_cookie,
    "cookie expired": partial(age_cookie, minutes=61),
    "token wrong": lambda _visitor: None,
}


@sqlite_only
@pytest.mark.parametrize("lost", LOSSES)
def test_p23_a_failed_check_shows_the_form_again(company: House, visitor: Visitor, lost: str) -> None:
    """Where the browser's cookie or the form's own token is lost the form comes back with what was typed, and can then be sent."""
    form = visitor.open(company.token_of(company.invite("bo@example.com")))
    LOSSES[lost](visitor)
    wrong = {"csrf_token": form.hidden()["csrf_token"][::-1]} if lost == "token wrong" else {}
    page = visitor.send(TYPED | wrong)
    assert page.status in {400, 409}
    assert keeps_what_was_typed(page)
    assert page.field("email")["value"] == "bo@example.com"
    assert visitor.send(TYPED).status == 303


@sqlite_only
def test_p23_a_cookie_lives_for_an_hour(company: House, visitor: Visitor) -> None:
    """A form whose cookie is 59 minutes old is taken at once."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    age_cookie(visitor, minutes=59)
    assert visitor.send(TYPED).status == 303


@sqlite_only
def test_p23_every_page_of_the_journey_renews_the_cookie(company: House, visitor: Visitor) -> None:
    """Who goes on working on the form keeps their hour: link, form and errors each set the cookie anew."""
    pages = [
        visitor.ask(f"/i/{company.token_of(company.invite('bo@example.com'))}"),
        visitor.ask("/register"),
    ]
    pages += [visitor.send({}), visitor.send(TYPED | {"password": "short"})]
    cookies = [page.headers["Set-Cookie"] for page in pages]
    assert all("Expires=" in each for each in cookies)
    assert [page.status for page in pages] == [303, 200, 422, 422]
    assert all(one.partition("=")[0] == other.partition("=")[0] for one, other in pairwise(cookies))
