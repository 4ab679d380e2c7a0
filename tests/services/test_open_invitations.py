"""What is done with invitations that exist: withdraw, renew, copy the link (R8, R53, R54), on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import (
    InvitationClosed,
    LinkReplaced,
    LinkUnknown,
    LinkWithdrawn,
    Missing,
    PermissionNeeded,
    RoleNotBelowOwn,
)
from core.models import Invitation
from core.models.outbox import DROPPED, WAITING
from core.roles import Role
from core.services.accepting import accept, read_link
from core.services.inviting import Offer, copy_link, invite, renew, withdraw
from core.tally import Tally
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import PASSWORD, House
from tests.services import rows

FIELDS = {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD}


def withdrawn(house: House, *ids: int) -> Tally:
    """Withdraw invitations as the admin."""
    with house.core.work(house.admin) as work:
        return withdraw(work, ids)


def renewed(house: House, *ids: int, days: int | None = None) -> Tally:
    """Renew invitations as the admin."""
    with house.core.work(house.admin) as work:
        return renew(work, ids, days=days)


def of_operator(house: House, address: str = "cy@example.com") -> int:
    """Invite a Company Admin on the host, which the admin may not touch."""
    with house.core.operator() as work:
        return invite(work, address, Offer(Role.COMPANY_ADMIN))


def newest(house: House) -> Invitation:
    """Return the invitation that was written last."""
    return rows.invitation(house.core, max(rows.states(house.core)))


# --- withdrawing ------------------------------------------------------------------------------------------------


def test_withdrawing_kills_the_link_and_drops_the_mail(company: House, clock: MovableClock) -> None:
    """The link is dead at once, the mail that has not left stays here, and one event tells it."""
    invitation_id = company.invite("bo@example.com")
    token = company.token_of(invitation_id)
    assert withdrawn(company, invitation_id) == Tally(1)
    one = rows.invitation(company.core, invitation_id)
    assert (one.state, one.closed_at) == ("withdrawn", clock.now())
    assert [mail.state for mail in rows.mails(company.core)] == [DROPPED]
    [event] = rows.events(company.core, "invitation.withdrawn")
    assert (event.subject_id, event.details) == (invitation_id, {"old": "open", "new": "withdrawn"})
    with company.core.glance() as visit, pytest.raises(LinkWithdrawn):
        read_link(visit, token)


def test_withdrawing_frees_the_place(company: House) -> None:
    """A withdrawn invitation no longer counts against the cap (D9)."""
    rows.set_cap(company.core, 2)
    withdrawn(company, company.invite("bo@example.com"))
    assert company.invite("cy@example.com")


def test_several_are_withdrawn_as_one_batch(company: House) -> None:
    """What can be withdrawn is, the rest is told with its reason, and the events share a batch."""
    first, second = company.invite("bo@example.com"), company.invite("cy@example.com")
    used = company.invite("dee@example.com")
    accept(company.core, company.token_of(used), FIELDS)
    above = of_operator(company, "eve@example.com")
    tally = withdrawn(company, first, above, used, second, first)
    assert tally.done == 2
    assert sorted((verdict.id or 0, verdict.code) for verdict in tally.verdicts) == [
        (used, "invitation_closed"), (above, "role_not_below_own"),
    ]  # fmt: skip
    assert {event.batch for event in rows.events(company.core, "invitation.withdrawn")} == {tally.batch}
    assert rows.states(company.core) == {
        first: "withdrawn",
        second: "withdrawn",
        used: "accepted",
        above: "open",
    }


def test_an_expired_invitation_can_be_withdrawn(company: House, clock: MovableClock) -> None:
    """Tidying up what expired is possible."""
    invitation_id = company.invite("bo@example.com")
    clock.move(days=8)
    assert withdrawn(company, invitation_id).done == 1


def test_an_unknown_id_stops_everything(company: House) -> None:
    """An id that does not exist is told, and none of the others is touched."""
    invitation_id = company.invite("bo@example.com")
    for verb in (withdrawn, renewed):
        with pytest.raises(Missing, match="invitation 999"):
            verb(company, invitation_id, 999)
    assert rows.states(company.core) == {invitation_id: "open"}


@sqlite_only
def test_nothing_chosen_does_nothing(company: House) -> None:
    """An empty choice is no error."""
    assert (withdrawn(company).done, renewed(company).done) == (0, 0)


def test_removed_and_invited_again_is_a_new_link(company: House) -> None:
    """After a withdrawal a new invitation of the address has a link of its own (P17)."""
    old = company.invite("bo@example.com")
    token = company.token_of(old)
    withdrawn(company, old)
    new = company.invite("bo@example.com")
    assert company.token_of(new) != token
    with company.core.glance() as visit, pytest.raises(LinkWithdrawn):
        read_link(visit, token)


# --- renewing ---------------------------------------------------------------------------------------------------


def test_renewing_keeps_everything_but_the_link(company: House, clock: MovableClock) -> None:
    """The new invitation has the old one's address, role, department, groups and language; the old link is dead at once (R54)."""
    with company.core.work(company.admin) as work:
        groups = (company.groups["Night shift"], company.groups["Q3 onboarding"])
        offer = Offer(Role.TRAINER, company.departments["Sales"], groups, 3, "de")
        old = invite(work, "Bo@Example.com", offer)
    token = company.token_of(old)
    clock.move(days=2)
    assert renewed(company, old).done == 1
    one = newest(company)
    assert (one.address, one.role, one.department_id) == (
        "Bo@Example.com",
        Role.TRAINER,
        company.departments["Sales"],
    )
    assert (one.language, one.invited_by) == ("de", company.admin_id)
    assert rows.invited_groups(company.core, one.id) == {"Night shift", "Q3 onboarding"}
    assert one.expires_at == clock.now() + timedelta(days=7)
    assert rows.states(company.core) == {old: "replaced", one.id: "open"}
    assert [(mail.state, mail.language) for mail in rows.mails(company.core)] == [
        (DROPPED, "de"),
        (WAITING, "de"),
    ]
    with company.core.glance() as visit, pytest.raises(LinkReplaced):
        read_link(visit, token)


def test_an_expired_invitation_lives_again(company: House, clock: MovableClock) -> None:
    """Renewing after the end gives a link that works, for as many days as chosen (R54)."""
    old = company.invite("bo@example.com")
    clock.move(days=30)
    renewed(company, old, days=2)
    assert newest(company).expires_at == clock.now() + timedelta(days=2)
    assert accept(company.core, company.token_of(newest(company).id), FIELDS).address == "bo@example.com"


def test_renewing_at_the_cap(company: House, clock: MovableClock) -> None:
    """A live invitation is renewed at the cap, an expired one needs a free place again (D9)."""
    rows.set_cap(company.core, 2)
    live = company.invite("bo@example.com")
    assert renewed(company, live).done == 1
    clock.move(days=8)
    company.invite("cy@example.com")
    tally = renewed(company, live)
    assert (tally.done, dict(tally.failed)) == (0, {"cap_reached": 1})


def test_renewing_in_a_full_group(company: House, clock: MovableClock) -> None:
    """A live invitation keeps its place in a full learning group, an expired one has lost it (S30)."""
    rows.set_group_size(company.core, company.groups["Night shift"], 1)
    live = company.invite("bo@example.com", groups=["Night shift"])
    assert renewed(company, live).done == 1
    clock.move(days=8)
    company.invite("cy@example.com", groups=["Night shift"])
    assert dict(renewed(company, live).failed) == {"group_full": 1}


def test_what_cannot_be_renewed_is_told(company: House) -> None:
    """An accepted invitation is skipped, one above the own role failed, and two of one address count once."""
    used = company.invite("dee@example.com")
    accept(company.core, company.token_of(used), FIELDS)
    above = of_operator(company, "eve@example.com")
    old, live = company.invite("bo@example.com"), company.invite("bo@example.com")
    tally = renewed(company, used, above, old, live)
    assert tally.done == 1
    assert sorted((verdict.id or 0, verdict.code) for verdict in tally.verdicts) == [
        (used, "already_user"), (above, "role_not_below_own"), (live, "twice_in_file"),
    ]  # fmt: skip
    assert list(rows.states(company.core).values()).count("open") == 2


def test_one_renewal_leaves_two_events_and_no_batch(company: House) -> None:
    """The old invitation's end and the new one's beginning are recorded, without a batch (R60)."""
    before = rows.actions(company.core)
    assert renewed(company, company.invite("bo@example.com")).batch is None
    after = rows.actions(company.core)
    assert after - before == {"invitation.created": 2, "invitation.replaced": 1}


# --- copying the link -------------------------------------------------------------------------------------------


def test_copying_a_link_gives_the_mailed_one_and_is_recorded(company: House) -> None:
    """The copied link is the one in the mail, and who took it stands in the trail without the link (R53)."""
    invitation_id = company.invite("bo@example.com")
    with company.core.work(company.admin) as work:
        link = copy_link(work, invitation_id)
    assert link.reveal() == company.link_of(invitation_id)
    [event] = rows.events(company.core, "invitation.link_copied")
    assert (event.actor_id, event.subject_id, event.details) == (company.admin_id, invitation_id, {})


def test_a_link_above_the_own_role_is_not_shown(company: House) -> None:
    """A link is the key to its role, so a Company Admin sees none of a Company Admin's invitation."""
    invitation_id = of_operator(company)
    with company.core.work(company.admin) as work, pytest.raises(RoleNotBelowOwn):
        copy_link(work, invitation_id)
    assert rows.events(company.core, "invitation.link_copied") == []
    with company.core.operator() as work:
        assert copy_link(work, invitation_id).reveal() == company.link_of(invitation_id)


@pytest.mark.parametrize("end", ["withdrawn", "replaced", "accepted", "expired"])
def test_a_dead_link_is_not_shown(company: House, clock: MovableClock, end: str) -> None:
    """What opens nothing is not handed out, and the sentence says why."""
    invitation_id = company.invite("bo@example.com")
    match end:
        case "withdrawn":
            withdrawn(company, invitation_id)
        case "replaced":
            company.invite("bo@example.com")
        case "accepted":
            accept(company.core, company.token_of(invitation_id), FIELDS)
        case _:
            clock.move(days=7)
    with company.core.work(company.admin) as work, pytest.raises(InvitationClosed, match=f"is {end},"):
        copy_link(work, invitation_id)


@sqlite_only
def test_every_door_to_invitations_asks_for_the_permission(company: House) -> None:
    """Whoever is less than a Company Admin can neither withdraw nor renew nor see a link (S9)."""
    company.register("bo@example.com", Role.CONTENT_MANAGER)
    invitation_id = company.invite("cy@example.com")
    with company.core.work(rows.open_sign_in(company.core, "bo@example.com")) as work:
        with pytest.raises(PermissionNeeded):
            withdraw(work, [invitation_id])
        with pytest.raises(PermissionNeeded):
            renew(work, [invitation_id])
        with pytest.raises(PermissionNeeded):
            copy_link(work, invitation_id)


@sqlite_only
def test_an_unknown_invitation_has_no_link(company: House) -> None:
    """Asking for the link of an invitation that does not exist is told as that."""
    with company.core.work(company.admin) as work, pytest.raises(Missing):
        copy_link(work, 999)
    with company.core.glance() as visit, pytest.raises(LinkUnknown):
        read_link(visit, company.core.ports.links.token_for(b"x" * 16).reveal())
