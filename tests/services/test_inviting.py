"""Inviting one person (R4-R13, R22, D9, S8, S12, S30), on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.core import Core
from core.errors import (
    AlreadyUser,
    ArchivedUser,
    CapReached,
    GroupFull,
    Invalid,
    InvalidAddress,
    LinkReplaced,
    Misconfigured,
    Missing,
    PermissionNeeded,
    RoleNotBelowOwn,
)
from core.models import AuditEvent, Invitation, OutboxMail
from core.models.outbox import DROPPED, WAITING
from core.roles import Permission, Role
from core.services.accepting import read_link
from core.services.inviting import Offer, invite
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows


def test_an_invitation_is_open_for_seven_days(company: House, clock: MovableClock) -> None:
    """By default the link lives seven days, and the invitation keeps address, role and who invited (R10)."""
    one = rows.invitation(company.core, company.invite(" Bo.Berg@Example.com ", Role.TRAINER))
    assert (one.address, one.address_key) == ("Bo.Berg@Example.com", "bo.berg@example.com")
    assert (one.role, one.state, one.invited_by, one.by_operator) == (
        Role.TRAINER,
        "open",
        company.admin_id,
        False,
    )
    assert one.created_at == clock.now()
    assert one.expires_at == clock.now() + timedelta(days=7)


@sqlite_only
@pytest.mark.parametrize("days", [1, 90])
def test_days_can_be_chosen_per_invitation(company: House, clock: MovableClock, days: int) -> None:
    """From 1 to 90 days may be chosen for one invitation (R10)."""
    one = rows.invitation(company.core, company.invite("bo@example.com", days=days))
    assert one.expires_at == clock.now() + timedelta(days=days)


def test_days_can_be_set_for_the_company(company: House, clock: MovableClock) -> None:
    """Without a choice the company's setting counts (R10)."""
    rows.set_link_days(company.core, 30)
    one = rows.invitation(company.core, company.invite("bo@example.com"))
    assert one.expires_at == clock.now() + timedelta(days=30)


@sqlite_only
@pytest.mark.parametrize("days", [0, -1, 91])
def test_other_days_are_refused(company: House, days: int) -> None:
    """A link that is born dead or lives for months is refused, and nothing is written (R10)."""
    with pytest.raises(Invalid) as caught:
        company.invite("bo@example.com", days=days)
    assert list(caught.value.fields) == ["days"]
    assert rows.states(company.core) == {}


def test_an_invitation_leaves_one_mail_and_one_event(company: House, clock: MovableClock) -> None:
    """Inviting queues one mail that is due at once, and writes one audit event of the admin (R9, R60)."""
    invitation_id = company.invite("bo@example.com", Role.TRAINER)
    [mail] = rows.mails(company.core)
    assert (mail.to_address, mail.invitation_id, mail.state) == ("bo@example.com", invitation_id, WAITING)
    assert (mail.due_at, mail.priority) == (clock.now(), 0)
    [event] = rows.events(company.core, "invitation.created")
    assert (event.subject_kind, event.subject_id, event.subject_label) == (
        "invitation",
        invitation_id,
        "bo@example.com",
    )
    assert (event.actor_id, event.actor_label) == (company.admin_id, company.admin_address)
    assert event.details["role"] == "trainer"
    assert event.batch is None


@sqlite_only
@pytest.mark.parametrize(
    "address", ["", "bo", "bo@@example.com", "Bo <bo@example.com>", "bo@example.com, cy@example.com"]
)
def test_what_is_no_address_is_refused(company: House, address: str) -> None:
    """The address is required and must be one (R4)."""
    with pytest.raises(InvalidAddress):
        company.invite(address)
    assert rows.count(company.core, Invitation) == 0


@sqlite_only
@pytest.mark.parametrize("role", [Role.LEARNER, Role.TRAINER, Role.CONTENT_MANAGER])
def test_an_admin_gives_every_role_below(company: House, role: Role) -> None:
    """A Company Admin may give the three roles below (R7)."""
    assert rows.invitation(company.core, company.invite("bo@example.com", role)).role == role


@sqlite_only
@pytest.mark.parametrize("role", [Role.COMPANY_ADMIN, Role.OPERATOR])
def test_an_admin_gives_no_role_at_or_above_the_own(company: House, role: Role) -> None:
    """One's own role and those above are refused in core, and nothing is written (R7, S12)."""
    with pytest.raises(RoleNotBelowOwn):
        company.invite("bo@example.com", role)
    assert rows.count(company.core, Invitation) == 0
    assert rows.mails(company.core) == []


def test_the_operator_appoints_the_next_company_admin(company: House) -> None:
    """On the host a Company Admin can be invited, but no second operator (S10, S12)."""
    with company.core.operator() as work:
        invitation_id = invite(work, "cy@example.com", Offer(Role.COMPANY_ADMIN))
        with pytest.raises(RoleNotBelowOwn):
            invite(work, "dee@example.com", Offer(Role.OPERATOR))
    one = rows.invitation(company.core, invitation_id)
    assert (one.invited_by, one.by_operator) == (None, True)
    [event] = rows.events(company.core, "invitation.created")
    assert event.actor_label.startswith("operator ")


def test_a_role_that_was_lowered_counts_at_once(company: House) -> None:
    """Whoever signed in as less than a Company Admin cannot invite (S9)."""
    company.register("bo@example.com", Role.CONTENT_MANAGER)
    sign_in_id = rows.open_sign_in(company.core, "bo@example.com")
    with company.core.work(sign_in_id) as work, pytest.raises(PermissionNeeded) as caught:
        invite(work, "cy@example.com", Offer(Role.LEARNER))
    assert caught.value.permission is Permission.INVITE


def test_department_and_groups_are_optional_and_kept(company: House) -> None:
    """The invitation remembers where the person will belong (R6)."""
    bare = company.invite("bo@example.com")
    full = company.invite("cy@example.com", department="Sales", groups=["Night shift", "Q3 onboarding"])
    assert rows.invitation(company.core, bare).department_id is None
    assert rows.invited_groups(company.core, bare) == set()
    assert rows.invitation(company.core, full).department_id == company.departments["Sales"]
    assert rows.invited_groups(company.core, full) == {"Night shift", "Q3 onboarding"}


def test_a_group_named_twice_counts_once(company: House) -> None:
    """Naming the same learning group twice is no mistake worth stopping for."""
    group = company.groups["Night shift"]
    with company.core.work(company.admin) as work:
        invitation_id = invite(work, "bo@example.com", Offer(group_ids=(group, group)))
    assert rows.invited_groups(company.core, invitation_id) == {"Night shift"}


@pytest.mark.parametrize(
    ("offer", "kind"), [(Offer(department_id=999), "department"), (Offer(group_ids=(999,)), "learning group")]
)
def test_an_unknown_place_is_named(company: House, offer: Offer, kind: str) -> None:
    """A department or group that does not exist is told, and nothing is written."""
    with company.core.work(company.admin) as work, pytest.raises(Missing) as caught:
        invite(work, "bo@example.com", offer)
    assert caught.value.kind == kind
    assert rows.count(company.core, Invitation) == 0


def test_replacing_an_invitation_kills_the_old_link(company: House) -> None:
    """A new invitation of the same address replaces the open one, whose link stops working at once (R8, P17)."""
    old = company.invite("bo@example.com")
    token = company.token_of(old)
    new = company.invite("BO@EXAMPLE.com", Role.TRAINER)
    assert rows.states(company.core) == {old: "replaced", new: "open"}
    assert company.token_of(new) != token
    with company.core.glance() as visit, pytest.raises(LinkReplaced):
        read_link(visit, token)
    with company.core.glance() as visit:
        assert read_link(visit, company.token_of(new)).address == "BO@EXAMPLE.com"


def test_replacing_drops_the_mail_that_has_not_left(company: House) -> None:
    """Only the newest invitation's mail still waits, and the replacement is recorded with old and new state."""
    old, new = company.invite("bo@example.com"), company.invite("bo@example.com")
    assert [(mail.invitation_id, mail.state) for mail in rows.mails(company.core)] == [
        (old, DROPPED),
        (new, WAITING),
    ]
    [event] = rows.events(company.core, "invitation.replaced")
    assert (event.subject_id, event.details) == (old, {"old": "open", "new": "replaced"})


def test_an_expired_invitation_never_blocks_a_new_one(company: House, clock: MovableClock) -> None:
    """After its days an invitation stands in nobody's way (R12)."""
    rows.set_cap(company.core, 2)
    old = company.invite("bo@example.com")
    clock.move(days=7)
    new = company.invite("bo@example.com")
    assert rows.states(company.core) == {old: "replaced", new: "open"}


def test_whoever_has_an_account_is_not_invited(company: House) -> None:
    """An active account is told from an archived one, and case or form make no difference (R22, P10, P15, P16)."""
    active, archived = company.register("bo@example.com"), company.register("cy@bücher.example")
    rows.archive(company.core, archived)
    before = rows.count(company.core, Invitation)
    with pytest.raises(AlreadyUser, match="Find it under Users"):
        company.invite("Bo@Example.COM")
    with pytest.raises(ArchivedUser, match="Reactivate"):
        company.invite("CY@bu\u0308cher.example")
    assert rows.count(company.core, Invitation) == before
    assert rows.person(company.core, active).address == "bo@example.com"


def test_at_the_cap_nobody_new(company: House, clock: MovableClock) -> None:
    """Active users and live invitations fill the cap; an expired one frees its place (R50, D9)."""
    rows.set_cap(company.core, 3)
    company.invite("bo@example.com")
    company.register("cy@example.com")
    with pytest.raises(CapReached):
        company.invite("dee@example.com")
    clock.move(days=7)
    assert company.invite("dee@example.com")


def test_renewing_at_the_cap_takes_no_new_place(company: House) -> None:
    """At the cap a live invitation can still be replaced (D9)."""
    rows.set_cap(company.core, 2)
    company.invite("bo@example.com")
    assert company.invite("bo@example.com", Role.TRAINER)


def test_archived_people_do_not_count(company: House) -> None:
    """Archiving somebody makes room for somebody else (R52)."""
    rows.set_cap(company.core, 2)
    user_id = company.register("bo@example.com")
    with pytest.raises(CapReached):
        company.invite("cy@example.com")
    rows.archive(company.core, user_id)
    assert company.invite("cy@example.com")


def test_a_cap_below_the_present_number_refuses(company: House) -> None:
    """A cap that was lowered below what is used leaves no place, not a negative one."""
    company.register("bo@example.com")
    rows.set_cap(company.core, 1)
    with pytest.raises(CapReached):
        company.invite("cy@example.com")


def test_a_full_learning_group_refuses(company: House) -> None:
    """Members and live invitations fill a learning group, and the sentence names it (S30)."""
    rows.set_group_size(company.core, company.groups["Night shift"], 2)
    company.register("bo@example.com", groups=["Night shift"])
    invited = company.invite("cy@example.com", groups=["Night shift"])
    with pytest.raises(GroupFull, match="Night shift"):
        company.invite("dee@example.com", groups=["Q3 onboarding", "Night shift"])
    assert company.invite("cy@example.com", groups=["Night shift"]) != invited
    assert company.invite("dee@example.com", groups=["Q3 onboarding"])


def test_archived_members_leave_room_in_a_group(company: House) -> None:
    """Only active members and live invitations count against a group's size (S30)."""
    rows.set_group_size(company.core, company.groups["Night shift"], 1)
    rows.archive(company.core, company.register("bo@example.com", groups=["Night shift"]))
    assert company.invite("cy@example.com", groups=["Night shift"])


def test_a_refusal_does_not_spoil_the_transaction(company: House) -> None:
    """After a refused address the same transaction can invite another one."""
    with company.core.work(company.admin) as work:
        with pytest.raises(AlreadyUser):
            invite(work, company.admin_address, Offer())
        invite(work, "bo@example.com", Offer())
    assert rows.count(company.core, Invitation) == 1


def test_an_error_afterwards_takes_everything_back(company: House) -> None:
    """What was written before an error in the same transaction is gone: invitation, mail and event."""
    before = rows.count(company.core, AuditEvent)
    with pytest.raises(ZeroDivisionError), company.core.work(company.admin) as work:  # noqa: PT012 - the error comes after the change
        invite(work, "bo@example.com", Offer())
        raise ZeroDivisionError
    assert [rows.count(company.core, model) for model in (Invitation, OutboxMail)] == [0, 0]
    assert rows.count(company.core, AuditEvent) == before


def test_without_a_company_nobody_is_invited(core: Core) -> None:
    """An empty database says how to set it up."""
    with core.operator() as work, pytest.raises(Misconfigured, match="academy init"):
        invite(work, "bo@example.com", Offer())
