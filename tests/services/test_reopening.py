"""An invitation opens again only while somebody stands behind it (P31, D6, R60), on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from core.models import Invitation, User
from core.roles import Role
from core.services.inviting import withdraw
from core.services.people import Archive, Change, GiveRole, Reactivate
from core.services.undoing import undo
from core.tally import Tally
from tests.people import House
from tests.services import rows
from tests.services.changes import change_on_host, effects_of

pytestmark = pytest.mark.slow


def invited_by_another(house: House, *addresses: str) -> tuple[int, list[int]]:
    """Return another Company Admin and the invitations that this one has sent."""
    rows.add_admin(house.core, "zz@example.com", "x")
    [[sender]] = rows.all_of(house.core, select(User.id).where(User.address == "zz@example.com"))
    invitations = [house.invite(address) for address in addresses]
    with house.core.operator() as work:
        sent = Invitation.id.in_(invitations)
        work.db.execute(update(Invitation).where(sent).values(invited_by=sender, by_operator=False))
    return sender, invitations


def undo_on_host(house: House, batch: str | None, *, preview: bool = False) -> Tally:
    """Take back a run as the operator of the host."""
    with house.core.operator() as work:
        return undo(work, batch or "", preview=preview)


LOSING: tuple[Change, ...] = (GiveRole(Role.CONTENT_MANAGER), GiveRole(Role.CONTENT_MANAGER, take_over=True))


@pytest.mark.parametrize("losing", LOSING, ids=["withdrawn", "taken over"])
def test_nothing_goes_back_to_a_sender_who_is_archived_by_now(company: House, losing: GiveRole) -> None:
    """The lost role comes back, but the account stays archived, so the invitations stay as they are."""
    sender, [one] = invited_by_another(company, "bo@example.com")
    demoted = change_on_host(company.core, [sender], losing)
    change_on_host(company.core, [sender], Archive())
    before = rows.dump(company.core)["invitations"]
    for preview in (True, False):
        undone = undo_on_host(company, demoted.batch, preview=preview)
        assert undone.done == 1
        assert "zz" not in " ".join(effects_of(undone).notes)
        assert any("stay" in note for note in effects_of(undone).notes)
    assert rows.dump(company.core)["invitations"] == before
    stands = ("open", None) if losing.take_over else ("withdrawn", sender)
    found = rows.invitation(company.core, one)
    assert (found.state, found.invited_by) == stands


@pytest.mark.parametrize("losing", [*LOSING, Archive(), Archive(take_over=True)], ids=str)
def test_a_plan_knows_the_rights_that_come_back(company: House, losing: Change) -> None:
    """What the plan promises to open again or to give back is what the undo then does."""
    sender, [one] = invited_by_another(company, "bo@example.com")
    lost = change_on_host(company.core, [sender], losing)
    plan = undo_on_host(company, lost.batch, preview=True)
    assert effects_of(plan).notes[-1].endswith(": 1.")
    assert effects_of(undo_on_host(company, lost.batch)).notes == effects_of(plan).notes
    found = rows.invitation(company.core, one)
    assert (found.state, found.invited_by) == ("open", sender)


def test_a_withdrawal_is_not_taken_back_for_a_sender_who_lost_the_right(company: House) -> None:
    """Nobody could accept such an invitation, so it stays closed and is told; once the right is back it opens."""
    sender, sent = invited_by_another(company, "bo@example.com", "cy@example.com")
    with company.core.work(company.admin) as work:
        gone = withdraw(work, sent)
    change_on_host(company.core, [sender], Archive())
    with company.core.work(company.admin) as work:
        tally = undo(work, gone.batch or "")
    assert (tally.done, dict(tally.failed)) == (0, {"sender_may_no_longer": 2})
    change_on_host(company.core, [sender], Reactivate())
    with company.core.work(company.admin) as work:
        assert undo(work, gone.batch or "").done == 2
