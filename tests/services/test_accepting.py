"""What an invitee does with a link (R24-R30, D5, P15-P21, P31), on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from core.errors import (
    AddressHasAccount,
    DeadLink,
    Invalid,
    InviterMayNoLonger,
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    NoPlaceLeft,
)
from core.models import Department, Group, User
from core.models.outbox import WAITING
from core.passwords import Password
from core.roles import Role
from core.services.accepting import Accepted, accept, read_link
from core.services.inviting import Offer, invite, withdraw
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import COMPANY, PASSWORD, House
from tests.services import rows

FIELDS = {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD}
FULL = FIELDS | {
    "phone": "+49 30 901820",
    "address": "1 High St\r\nYork",
    "born_day": "29",
    "born_month": "feb",
    "born_year": "2000",
    "job_title": "Fitter",
    "language": "de",
}


def register(house: House, invitation_id: int, **fields: str) -> Accepted:
    """Send the form of an invitation."""
    return accept(house.core, house.token_of(invitation_id), FIELDS | fields)


def nothing_happened(house: House, invitation_id: int) -> bool:
    """Tell whether the invitation is unused and nobody got an account but the admin."""
    unused = rows.invitation(house.core, invitation_id).state != "accepted"
    return (
        unused
        and rows.mails(house.core, "account_ready") == []
        and rows.events(house.core, "user.registered") == []
    )


# --- looking ----------------------------------------------------------------------------------------------------


def test_the_link_opens_the_form_for_its_address(company: House, clock: MovableClock) -> None:
    """The form gets the invited address, the company and how long the link lives, and nothing about the inviter (R24)."""
    invitation_id = company.invite("Bo@Example.com")
    with company.core.glance() as visit:
        opened = read_link(visit, company.token_of(invitation_id))
    assert (opened.address, opened.letterhead.company) == ("Bo@Example.com", COMPANY)
    assert (opened.language, opened.letterhead.language) == ("", "en")
    assert opened.expires_at == clock.now() + timedelta(days=7)
    assert company.admin_address not in repr(opened)


def test_opening_a_link_spends_nothing(company: House) -> None:
    """Fifty looks change no row of any table, and the form works afterwards (R30, P1)."""
    invitation_id = company.invite("bo@example.com")
    token = company.token_of(invitation_id)
    before = rows.dump(company.core)
    for _ in range(50):
        with company.core.glance() as visit:
            read_link(visit, token)
    assert rows.dump(company.core) == before
    assert register(company, invitation_id).address == "bo@example.com"


# --- registering ------------------------------------------------------------------------------------------------


def test_an_account_is_active_at_once(company: House) -> None:
    """After the form the person is active with the invited role and can sign in with the password typed (R27)."""
    done = register(company, company.invite("bo@example.com", Role.TRAINER))
    user = rows.person(company.core, done.user_id)
    assert (user.address, user.role, user.status, done.name) == (
        "bo@example.com",
        Role.TRAINER,
        "active",
        "Bo Berg",
    )
    assert company.core.ports.hasher.verify(user.password_hash, Password.as_typed(PASSWORD))


def test_every_field_of_the_form_is_kept(company: House) -> None:
    """All required and optional fields land on the account (R25, R26)."""
    done = register(company, company.invite("bo@example.com"), **FULL)
    user = rows.person(company.core, done.user_id)
    assert (user.first_name, user.last_name, user.job_title, user.language) == ("Bo", "Berg", "Fitter", "de")
    assert (user.phone, user.postal_address, user.born_on) == (
        "+49 30 901820",
        "1 High St\nYork",
        date(2000, 2, 29),
    )
    assert (user.search_key, user.sort_key) == ("bo berg bo@example.com", "berg bo bo@example.com")


def test_department_and_groups_land_on_the_account(company: House) -> None:
    """Where the invitation said the person belongs, there they are (R13)."""
    user_id = company.register(
        "bo@example.com", department="Support", groups=["Night shift", "Q3 onboarding"]
    )
    assert rows.person(company.core, user_id).department_id == company.departments["Support"]
    assert rows.groups_of(company.core, user_id) == {"Night shift", "Q3 onboarding"}


def test_the_invitation_is_closed_and_knows_its_person(company: House, clock: MovableClock) -> None:
    """An accepted invitation points to the account it made (R11)."""
    invitation_id = company.invite("bo@example.com")
    clock.move(hours=3)
    done = register(company, invitation_id)
    one = rows.invitation(company.core, invitation_id)
    assert (one.state, one.closed_at, one.user_id) == ("accepted", clock.now(), done.user_id)


def test_a_registration_leaves_one_event_and_one_notice(company: House) -> None:
    """One event of the person and one mail that says the account is ready, in the person's language (R60)."""
    invitation_id = company.invite("bo@example.com", Role.TRAINER)
    done = register(company, invitation_id, language="de")
    [event] = rows.events(company.core, "user.registered")
    assert (event.actor_id, event.subject_id, event.subject_label) == (
        done.user_id,
        done.user_id,
        "bo@example.com",
    )
    assert event.details == {"role": "trainer", "invitation": invitation_id, "invited_by": company.admin_id}
    [mail] = rows.mails(company.core, "account_ready")
    assert (mail.to_address, mail.to_name, mail.language, mail.state) == (
        "bo@example.com",
        "Bo Berg",
        "de",
        WAITING,
    )
    assert mail.invitation_id is None


def test_a_link_works_exactly_once(company: House) -> None:
    """The second submit is told that the link was used, and changes nothing (R11)."""
    invitation_id = company.invite("bo@example.com")
    done = register(company, invitation_id)
    with pytest.raises(LinkUsed, match="just sign in"):
        register(company, invitation_id, first_name="Eve", password="another password 7")
    user = rows.person(company.core, done.user_id)
    assert user.first_name == "Bo"
    assert company.core.ports.hasher.verify(user.password_hash, Password.as_typed(PASSWORD))
    assert rows.count(company.core, User) == 2


def test_the_address_comes_from_the_invitation_only(company: House) -> None:
    """An address, a role or a department sent along with the form is ignored (P32)."""
    done = register(
        company, company.invite("bo@example.com"), email="eve@example.com", role="40", department_id="1"
    )
    user = rows.person(company.core, done.user_id)
    assert (user.address, user.role, user.department_id) == ("bo@example.com", Role.LEARNER, None)


@sqlite_only
def test_wrong_fields_spend_nothing(company: House) -> None:
    """A form with mistakes is answered with all of them, and the link works with the mended form."""
    invitation_id = company.invite("bo@example.com")
    with pytest.raises(Invalid) as caught:
        register(company, invitation_id, first_name="", password="short", born_day="31")
    assert list(caught.value.fields) == ["first_name", "password", "born_month"]
    assert nothing_happened(company, invitation_id)
    assert register(company, invitation_id).user_id


@sqlite_only
@pytest.mark.parametrize("password", ["engineworks1", "bo.berg99", "Christopher2026"])
def test_the_password_may_not_be_made_of_address_or_company(company: House, password: str) -> None:
    """Company, address and name are known to everybody, so they make no password."""
    invitation_id = company.invite("bo.berg@example.com")
    with pytest.raises(Invalid, match="made of your name, address or company"):
        register(company, invitation_id, first_name="Christopher", password=password)


# --- dead links -------------------------------------------------------------------------------------------------


def test_each_dead_link_says_why(company: House, clock: MovableClock) -> None:
    """Replaced, withdrawn and expired links are told apart at the look and at the submit (R29, P18)."""
    replaced, expired = company.invite("bo@example.com"), company.invite("dee@example.com")
    gone = company.invite("cy@example.com")
    company.invite("bo@example.com")
    with company.core.work(company.admin) as work:
        withdraw(work, [gone])
    clock.move(days=7)
    codes = {replaced: "link_replaced", gone: "link_withdrawn", expired: "link_expired"}
    for invitation_id, code in codes.items():
        token = company.token_of(invitation_id)
        with company.core.glance() as visit, pytest.raises(DeadLink) as looked:
            read_link(visit, token)
        with pytest.raises(type(looked.value)) as sent:
            accept(company.core, token, FIELDS)
        assert looked.value.code == sent.value.code == code
        assert nothing_happened(company, invitation_id)


def test_unknown_links_all_look_the_same(company: House) -> None:
    """Garbled, cut, foreign and never issued tokens get one and the same answer (R29, P18)."""
    token = company.token_of(company.invite("bo@example.com"))
    never = company.core.ports.links.token_for(b"\x00" * 16).reveal()
    answers = set()
    for unknown in ("", "x", token[:-1], token[::-1], token + "A", never, "A" * 44, "\ud800" * 44):
        with company.core.glance() as visit, pytest.raises(LinkUnknown) as looked:
            read_link(visit, unknown)
        with pytest.raises(LinkUnknown) as sent:
            accept(company.core, unknown, FIELDS)
        answers |= {looked.value.message, sent.value.message}
    assert len(answers) == 1


def test_the_end_is_in_the_database_alone(company: House, clock: MovableClock) -> None:
    """Shortening or lengthening an invitation counts at once for the mailed link, which holds no date (P19)."""
    invitation_id = company.invite("bo@example.com")
    token = company.token_of(invitation_id)
    rows.set_expiry(company.core, invitation_id, clock.now() + timedelta(hours=1))
    clock.move(hours=1)
    with company.core.glance() as visit, pytest.raises(LinkExpired):
        read_link(visit, token)
    rows.set_expiry(company.core, invitation_id, clock.now() + timedelta(hours=1))
    assert accept(company.core, token, FIELDS).user_id


def test_at_its_end_a_link_is_expired(company: House, clock: MovableClock) -> None:
    """One microsecond before its end the link works, at its end it does not (P21)."""
    late, early = company.invite("bo@example.com"), company.invite("cy@example.com")
    clock.move(days=7, seconds=-1e-6)
    assert register(company, early).user_id
    clock.move(seconds=1e-6)
    with pytest.raises(LinkExpired, match="expired on 2026-03-09 09:00 UTC"):
        register(company, late)


@pytest.mark.parametrize(
    ("issued", "ends"),
    [
        ("2026-03-24T11:00+01:00", "2026-03-31T12:00+02:00"),
        ("2026-10-20T11:00+02:00", "2026-10-27T10:00+01:00"),
        ("2026-03-03T02:30-05:00", "2026-03-10T03:30-04:00"),
        ("2026-12-31T23:59+05:30", "2027-01-07T23:59+05:30"),
    ],
)
def test_seven_days_are_seven_times_twenty_four_hours(
    company: House, clock: MovableClock, issued: str, ends: str
) -> None:
    """A change to or from summer time between sending and ending moves nothing (P20)."""
    clock.move(seconds=(datetime.fromisoformat(issued) - clock.now()).total_seconds())
    invitation_id = company.invite("bo@example.com")
    assert rows.invitation(company.core, invitation_id).expires_at == datetime.fromisoformat(ends)
    clock.move(days=7, seconds=-1)
    assert register(company, invitation_id).user_id


# --- what changed meanwhile -------------------------------------------------------------------------------------


def test_a_full_company_asks_to_come_back(company: House) -> None:
    """When the cap was lowered meanwhile nothing is spent, and the link works once there is room (D5, P29)."""
    invitation_id = company.invite("bo@example.com")
    rows.set_cap(company.core, 1)
    with pytest.raises(NoPlaceLeft, match="Nothing is lost"):
        register(company, invitation_id)
    assert nothing_happened(company, invitation_id)
    rows.set_cap(company.core, 2)
    assert register(company, invitation_id).user_id


def test_an_invitation_uses_the_place_kept_for_it(company: House) -> None:
    """With every place taken by invitations, each of them can still be accepted (D9, P29)."""
    rows.set_cap(company.core, 3)
    invited = [company.invite("bo@example.com"), company.invite("cy@example.com")]
    for invitation_id in invited:
        register(company, invitation_id)
    assert rows.count(company.core, User) == 3


@pytest.mark.parametrize("fate", ["active", "archived"])
def test_an_address_with_an_account_gets_no_second_one(company: House, fate: str) -> None:
    """An older invitation of somebody who has an account by now, active or archived, is refused (P15, P16)."""
    invitation_id = company.invite("bo@example.com")
    user_id = rows.add_admin(company.core, "bo@example.com", "none")
    if fate == "archived":
        rows.archive(company.core, user_id)
    with pytest.raises(AddressHasAccount):
        register(company, invitation_id)
    assert nothing_happened(company, invitation_id)
    assert rows.person(company.core, user_id).status == fate


# Who invited to which role, and what became of the inviter: may the invitation still be accepted (P31)?
FATES = (
    ("stays", Role.CONTENT_MANAGER, True),
    ("becomes operator", Role.CONTENT_MANAGER, True),
    ("becomes content manager", Role.CONTENT_MANAGER, False),
    ("becomes content manager", Role.LEARNER, False),
    ("becomes learner", Role.LEARNER, False),
    ("archived", Role.LEARNER, False),
    ("deleted", Role.LEARNER, False),
)


@pytest.mark.parametrize(("fate", "role", "works"), FATES)
def test_the_inviter_must_still_be_allowed_to(company: House, fate: str, role: Role, *, works: bool) -> None:
    """An inviter who was demoted, archived or deleted meanwhile no longer vouches for the invitation (R7, P31)."""
    inviter = rows.add_admin(company.core, "cy@example.com", "none")
    with company.core.work(rows.open_sign_in(company.core, "cy@example.com")) as work:
        invitation_id = invite(work, "bo@example.com", Offer(role))
    match fate:
        case "archived":
            rows.archive(company.core, inviter)
        case "deleted":
            rows.delete_person(company.core, inviter)
        case "becomes operator":
            rows.set_role(company.core, inviter, Role.OPERATOR)
        case "becomes content manager":
            rows.set_role(company.core, inviter, Role.CONTENT_MANAGER)
        case "becomes learner":
            rows.set_role(company.core, inviter, Role.LEARNER)
        case _:
            pass
    if works:
        assert rows.person(company.core, register(company, invitation_id).user_id).role == role
        return
    with pytest.raises(InviterMayNoLonger, match="confirmed by an administrator"):
        register(company, invitation_id)
    assert nothing_happened(company, invitation_id)


def test_an_invitation_of_the_operator_stays_good(company: House) -> None:
    """The operator of the host has no account that could be archived (S10)."""
    with company.core.operator() as work:
        invitation_id = invite(work, "cy@example.com", Offer(Role.COMPANY_ADMIN))
    rows.archive(company.core, company.admin_id)
    assert rows.person(company.core, register(company, invitation_id).user_id).role == Role.COMPANY_ADMIN


def test_a_department_cannot_vanish_under_an_invitation(company: House) -> None:
    """The database itself refuses to delete a department or group that an invitation names (P30)."""
    company.invite("bo@example.com", department="Sales", groups=["Night shift"])
    for model, name in ((Department, "Sales"), (Group, "Night shift")):
        with pytest.raises(IntegrityError), company.core.operator() as work:
            work.db.execute(delete(model).where(model.name == name))
