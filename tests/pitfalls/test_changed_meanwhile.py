"""What changed between the invitation and the form: room, departments, roles, inviters; and what a form may not bring (P29-P33)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections import Counter
from dataclasses import dataclass

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from core.core import Core
from core.errors import CapReached, PlaceInUse
from core.models import Department, Group, GroupMember, User
from core.roles import Role
from core.services.inviting import Offer, invite, withdraw
from core.services.merging import merge_departments, merge_groups
from core.services.people import Archive, GiveRole, Reactivate
from core.services.places import delete_department, delete_group
from core.services.warning import send_warnings
from core.settings import Settings
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.races.racers import race
from tests.services import rows
from tests.services.changes import change, change_on_host, effects_of
from tests.web.visitor import FILLED_IN, Page, Visitor


def opened(house: House, app: Flask, invitation: int) -> Visitor:
    """Return somebody who has the form of an invitation open."""
    visitor = Visitor(app)
    visitor.open(house.token_of(invitation))
    return visitor


@dataclass(frozen=True, slots=True)
class Refusal:
    """A form that was refused for now: nothing is spent, and what was typed is still there."""

    page: Page
    core: Core
    invitation: int

    def is_for_now(self) -> bool:
        """Tell whether the link still works later and the form kept its entries, the password not."""
        kept = (self.page.field("first_name")["value"], self.page.field("password").get("value"))
        state = rows.invitation(self.core, self.invitation).state
        return (self.page.status, kept, state) == (409, (FILLED_IN["first_name"], None), "open")


# --- P29: the cap -----------------------------------------------------------------------------------------------


def test_p29_open_invitations_keep_their_places(company: House, app: Flask, clock: MovableClock) -> None:
    """An invitation holds one place from sending to accepting, is counted once, and gives it back when it ends."""
    rows.set_cap(company.core, 3)
    first, second = company.invite("bo@example.com"), company.invite("cy@example.com")
    with pytest.raises(CapReached):
        company.invite("dee@example.com")
    assert opened(company, app, first).send().status == 303
    with pytest.raises(CapReached):
        company.invite("dee@example.com")
    with company.core.work(company.admin) as work:
        withdraw(work, [second])
    third = company.invite("dee@example.com")
    clock.move(days=7)
    fourth = company.invite("eli@example.com")
    assert opened(company, app, fourth).send().status == 303
    assert Visitor(app).ask(f"/i/{company.token_of(third)}").status == 410
    assert rows.count(company.core, User) == 3


def test_p29_a_lowered_cap_keeps_link_and_entries_and_tells_the_admins(company: House, app: Flask) -> None:
    """Where the cap was lowered meanwhile the form says so and works once there is room, and the admins are warned by mail."""
    rows.set_cap(company.core, 2)
    invitation = company.invite("bo@example.com")
    visitor = opened(company, app, invitation)
    rows.set_cap(company.core, 1)
    assert Refusal(visitor.send(), company.core, invitation).is_for_now()
    with company.core.system("warnings") as work:
        assert send_warnings(work).mails == 1
    assert [mail.to_address for mail in rows.mails(company.core, "cap_near")] == [company.admin_address]
    rows.set_cap(company.core, 2)
    assert visitor.send().status == 303


def test_p29_reactivating_takes_the_place_first(company: House, app: Flask) -> None:
    """Somebody who was brought back into the last place meanwhile has it; archiving them lets the same form through."""
    invitation = company.invite("bo@example.com")
    back = company.register("cy@example.com")
    change(company, [back], Archive())
    visitor = opened(company, app, invitation)
    change(company, [back], Reactivate())
    rows.set_cap(company.core, 2)
    assert Refusal(visitor.send(), company.core, invitation).is_for_now()
    change(company, [back], Archive())
    assert visitor.send().status == 303


@pytest.mark.slow
def test_p29_three_doors_race_for_the_last_places(house: House, settings: Settings) -> None:
    """Accepting, reactivating and inviting at the same moment never let more in than the cap, whoever is first."""
    invited = [house.invite(f"p{number}@example.com") for number in range(3)]
    gone = [house.register(f"q{number}@example.com") for number in range(3)]
    change(house, gone, Archive())
    rows.set_cap(house.core, 1 + 2)
    runs: list[tuple[object, ...]] = [("register", house.token_of(each), "Bo") for each in invited]
    runs += [("bring_back", str(house.sign_in()), each) for each in gone]
    runs += [("bring_in", str(house.sign_in()), f"r{number}@example.com") for number in range(2)]
    told = Counter(race(settings, runs))
    active = rows.all_of(house.core, select(User.id).where(User.status == "active"))
    let_in = sum(number for answer, number in told.items() if re.match(r"registered|back 1", answer))
    assert len(active) == 1 + let_in == 3
    assert not [answer for answer in told if re.match("internal|busy", answer)]


# --- P30: departments and groups --------------------------------------------------------------------------------


def test_p30_a_place_with_open_invitations_cannot_be_deleted(company: House) -> None:
    """Neither a verb nor the database itself lets a department or group go that an open invitation leads to."""
    company.invite("bo@example.com", department="Sales", groups=["Night shift"])
    sales, night = company.departments["Sales"], company.groups["Night shift"]
    with pytest.raises(PlaceInUse), company.core.work(company.admin) as work:
        delete_department(work, sales)
    with pytest.raises(PlaceInUse), company.core.work(company.admin) as work:
        delete_group(work, night)
    for model, place in ((Department, sales), (Group, night)):
        with pytest.raises(IntegrityError), company.core.operator() as work:
            work.db.execute(delete(model).where(model.id == place))


def test_p30_the_way_out_is_to_move_or_to_withdraw(company: House, app: Flask) -> None:
    """Merging takes open invitations along to where the person then lands; withdrawing them frees the place."""
    moved = company.invite("bo@example.com", department="Sales", groups=["Night shift"])
    visitor = opened(company, app, moved)
    with company.core.work(company.admin) as work:
        merge_departments(work, company.departments["Sales"], company.departments["Support"])
        merge_groups(work, company.groups["Night shift"], company.groups["Q3 onboarding"])
    assert visitor.send().status == 303
    [bo] = rows.all_of(
        company.core, select(User.id, User.department_id).where(User.address_key == "bo@example.com")
    )
    assert bo.department_id == company.departments["Support"]
    member = select(GroupMember.group_id).where(GroupMember.user_id == bo.id)
    assert [row.group_id for row in rows.all_of(company.core, member)] == [company.groups["Q3 onboarding"]]
    with company.core.work(company.admin) as work:
        group_id = company.groups["Q3 onboarding"]
        taken_back = invite(work, "cy@example.com", Offer(group_ids=(group_id,)))
    with company.core.work(company.admin) as work:
        withdraw(work, [taken_back])
        work.db.execute(delete(GroupMember).where(GroupMember.group_id == group_id))
        delete_group(work, group_id)


# --- P31: the inviter -------------------------------------------------------------------------------------------


@pytest.fixture
def inviter(company: House) -> int:
    """Return another Company Admin, who has invited bo@example.com as a Content Manager."""
    user_id = rows.add_admin(company.core, "cy@example.com", "none")
    with company.core.work(rows.open_sign_in(company.core, "cy@example.com")) as work:
        invite(work, "bo@example.com", Offer(Role.CONTENT_MANAGER))
    return user_id


@pytest.mark.parametrize("lost", [Archive(), GiveRole(Role.CONTENT_MANAGER), GiveRole(Role.LEARNER)])
def test_p31_who_loses_the_right_loses_the_invitations(
    company: House, inviter: int, app: Flask, lost: Archive | GiveRole
) -> None:
    """Archiving or demoting an inviter tells how many invitations go with them, and their open forms are refused for good."""
    [invitation] = rows.states(company.core)
    visitor = opened(company, app, invitation)
    plan = change_on_host(company.core, [inviter], lost, preview=True)
    assert effects_of(plan).invitations_withdrawn == 1
    change_on_host(company.core, [inviter], lost)
    assert visitor.send().status == 410
    assert rows.states(company.core) == {invitation: "withdrawn"}
    assert rows.count(company.core, User) == 2


@pytest.mark.parametrize(
    ("role", "works"),
    [
        (Role.OPERATOR, True),
        (Role.COMPANY_ADMIN, True),
        (Role.CONTENT_MANAGER, False),
        (Role.TRAINER, False),
        (Role.LEARNER, False),
        (None, False),
    ],
)
def test_p31_the_role_rule_holds_again_at_the_form(
    company: House, inviter: int, app: Flask, role: Role | None, *, works: bool
) -> None:
    """However an inviter came to stand at or below the invited role, or was archived, nothing is given, and the link is kept."""
    [invitation] = rows.states(company.core)
    visitor = opened(company, app, invitation)
    if role is None:
        rows.archive(company.core, inviter)
    else:
        rows.set_role(company.core, inviter, role)
    page = visitor.send()
    assert (page.status == 303) == works
    if works:
        return
    assert Refusal(page, company.core, invitation).is_for_now()
    rows.set_role(company.core, inviter, Role.OPERATOR)
    assert (visitor.send().status == 303) == (role is not None)


# --- P32, P33: what a form may not bring ------------------------------------------------------------------------


def test_p32_the_address_comes_from_the_invitation(company: House, app: Flask) -> None:
    """Whatever address, role or id a form names, the account is the invited person's, and the attempt is not hidden."""
    visitor = opened(company, app, company.invite("Bo@example.com"))
    forged = {"email": "eve@example.com", "address_key": "eve@example.com", "role": "40", "user_id": "1"}
    assert visitor.send(FILLED_IN | forged, query_string={"email": "eve@example.com"}).status == 303
    found = rows.all_of(company.core, select(User.address, User.role).where(User.id != company.admin_id))
    assert [tuple(row) for row in found] == [("Bo@example.com", Role.LEARNER)]


@sqlite_only
def test_p33_no_proof_of_another_purpose_opens_a_link(company: House, app: Flask) -> None:
    """What the same key signs for the cookie, the form or any other purpose is no link, and a link is none of those."""
    core = company.core
    invitation = company.invite("bo@example.com")
    token = company.token_of(invitation)
    visitor = Visitor(app)
    form = visitor.open(token)
    installation, key = core.settings.key_file.read_text().split()
    secret = bytes.fromhex(key)
    public_id = rows.invitation(core, invitation).public_id
    number = hashlib.sha256(secret).digest()[:1]
    for purpose in (b"reset", b"verify", b"registration page cookie", b""):
        text = b"\x00".join((purpose, installation.encode(), number, public_id))
        mac = hmac.digest(secret, text, "sha256")[:16]
        forged = base64.urlsafe_b64encode(number + public_id + mac).decode()
        assert Visitor(app).ask(f"/i/{forged}").status == 404
    cookie = visitor.client.get_cookie(app.config["SESSION_COOKIE_NAME"], "127.0.0.1")
    assert cookie is not None
    for other in (cookie.value, form.hidden()["invitation"], form.hidden()["csrf_token"]):
        assert Visitor(app).ask(f"/i/{other}").status == 404
    for field in ("invitation", "csrf_token"):
        for other in (token, form.hidden()["invitation"], form.hidden()["csrf_token"]):
            if form.hidden()[field] != other:
                assert visitor.twin().send(FILLED_IN | {field: other}).status == 400
    signed = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="reset").dumps(public_id.hex())
    assert visitor.twin().send(FILLED_IN | {"invitation": signed}).status == 400
    assert rows.invitation(core, invitation).state == "open"
