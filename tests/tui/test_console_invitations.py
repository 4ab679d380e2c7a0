"""What an admin does with invitations: withdraw, renew, show the link."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.core import Core
from core.models import AuditEvent, Invitation
from core.services.inviting import Line, Offer, invite_many
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play

pytestmark = [sqlite_only, pytest.mark.slow]


def states(core: Core) -> dict[str, str]:
    """Return the state of the newest invitation of each address."""
    with core.glance() as visit:
        found = visit.db.scalars(select(Invitation).order_by(Invitation.id))
        return {one.address.partition("@")[0]: one.state for one in found}


def audited(core: Core) -> list[str]:
    """Return the audited actions, oldest first."""
    with core.glance() as visit:
        return list(visit.db.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def invite_crowd(company: House, count: int) -> None:
    """Invite p1, p2 and so on."""
    with company.core.work(company.admin) as work:
        invite_many(work, [Line(number, f"p{number}@example.com") for number in range(1, count + 1)], Offer())


def test_withdrawing_asks_first_and_then_the_link_is_dead(company: House) -> None:
    """`X` asks about the row under the cursor, `n` and Esc and the same key leave it, `y` withdraws it."""
    company.invite("bo@example.com")

    async def story(admin: Admin) -> None:
        await admin.press("2", "X")
        assert "Withdraw the invitation of bo@example.com?" in admin.said
        assert "The old links die at once." in admin.said
        for key in ("X", "enter", "space"):
            await admin.press(key)
            assert "Withdraw the invitation" in admin.said
        await admin.press("n")
        await admin.press("X", "escape")
        assert "Withdraw" not in admin.text
        assert states(company.core) == {"bo": "open"}
        await admin.press("X", "y")
        assert "1 withdrawn." in admin.said
        assert " Δwithdrawn" in admin.row("bo@example.com")

    play(company.core, story)
    assert states(company.core) == {"bo": "withdrawn"}


def test_withdrawing_hits_the_marked_rows_hidden_ones_too(company: House) -> None:
    """The question counts the marked rows and those a filter hides, and all of them are withdrawn and unmarked."""
    invite_crowd(company, 4)

    async def story(admin: Admin) -> None:
        await admin.press("2", "space", "space", "space")
        await admin.type("/p4\r")
        await admin.press("X")
        assert "Withdraw 3 marked invitations (2 of them hidden by the filter)?" in admin.said
        await admin.press("y")
        assert "3 withdrawn." in admin.said
        assert "marked" not in admin.lines[22]

    play(company.core, story)
    assert states(company.core) == {"p1": "open", "p2": "withdrawn", "p3": "withdrawn", "p4": "withdrawn"}


def test_above_twenty_five_the_number_has_to_be_typed(company: House) -> None:
    """For many rows `y` is not enough: a wrong number withdraws nothing, the right one all of them."""
    invite_crowd(company, 26)

    async def story(admin: Admin) -> None:
        await admin.press("2", "asterisk", "X")
        assert "Withdraw 26 marked invitations?" in admin.said
        assert "type 26 and Enter to go on, Esc to stop" in admin.said
        await admin.type("y\r")
        assert set(states(company.core).values()) == {"open"}
        await admin.press("X")
        await admin.type("26\r")
        assert "26 withdrawn." in admin.said

    play(company.core, story)
    assert set(states(company.core).values()) == {"withdrawn"}


def test_twenty_five_rows_need_no_typed_number(company: House) -> None:
    """Up to twenty-five rows `y` is enough."""
    invite_crowd(company, 25)

    async def story(admin: Admin) -> None:
        await admin.press("2", "asterisk", "X", "y")
        assert "25 withdrawn." in admin.said

    play(company.core, story)


def test_what_cannot_be_withdrawn_is_said(company: House) -> None:
    """An accepted invitation stays, with the reason, and the open one beside it is withdrawn."""
    company.register("bo@example.com")
    company.invite("cy@example.com")

    async def story(admin: Admin) -> None:
        await admin.press("2", "asterisk", "X", "y")
        assert "1 withdrawn." in admin.said
        assert "The invitation of bo@example.com is accepted" in admin.said

    play(company.core, story)
    assert states(company.core) == {"bo": "accepted", "cy": "withdrawn"}


def test_renewing_replaces_an_expired_invitation(company: House, clock: MovableClock) -> None:
    """`r` asks, then the list shows a new open invitation above the old one."""
    company.invite("bo@example.com", days=1)
    clock.move(days=2)

    async def story(admin: Admin) -> None:
        await admin.press("2")
        assert "expired" in admin.row("bo@example.com")
        await admin.press("r")
        assert "Renew the invitation of bo@example.com?" in admin.said
        await admin.press("y")
        assert "1 renewed." in admin.said
        assert " open " in admin.lines[2]
        assert "replaced" in admin.lines[3]

    play(company.core, story)


def test_the_link_is_shown_copied_and_audited(company: House) -> None:
    """`L` shows the whole link on one line, sends it to the clipboard, and the audit trail says so."""
    invitation = company.invite("bo@example.com")
    link = company.link_of(invitation)

    async def story(admin: Admin) -> None:
        await admin.press("2", "L")
        assert f" {link}" in admin.lines
        assert admin.copied == link
        assert "The audit trail says that you looked." in admin.said
        await admin.press("escape")
        assert link not in admin.text

    play(company.core, story)
    assert audited(company.core).count("invitation.link_copied") == 1


def test_a_dead_invitation_has_no_link_to_show(company: House) -> None:
    """For an accepted invitation the refusal is said instead."""
    company.register("bo@example.com")

    async def story(admin: Admin) -> None:
        await admin.press("2", "L")
        assert "so its link is dead already" in admin.said
        assert admin.copied == ""

    play(company.core, story)


def test_without_invitations_the_keys_say_what_to_do(company: House) -> None:
    """On an empty list withdrawing, renewing and the link say that there is none."""

    async def story(admin: Admin) -> None:
        for key, verb in (("X", "withdraw"), ("r", "renew"), ("L", "show the link of")):
            await admin.press("2", key)
            assert f"There is no invitation to {verb}. Press i to invite somebody." in admin.said

    play(company.core, story)


def test_commands_of_invitations_name_their_list_elsewhere(company: House) -> None:
    """The link on the list of people says where it works."""

    async def story(admin: Admin) -> None:
        await admin.press("L")
        assert "Link works on the list of invitations." in admin.said

    play(company.core, story)
