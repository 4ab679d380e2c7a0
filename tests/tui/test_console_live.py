"""What an open list does while somebody else works: rows change in place, and none moves under the cursor."""

from __future__ import annotations

import pytest

from core.core import Core
from core.roles import Role
from core.services.inviting import Line, Offer, invite_many, withdraw
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play, register
from tui.screens import list_live
from tui.screens.people_actions import UserList

pytestmark = [sqlite_only, pytest.mark.slow]


def status(admin: Admin) -> str:
    """Return the status line of a small screen."""
    return admin.lines[22]


def test_new_rows_are_told_and_come_with_a_key(company: House) -> None:
    """Somebody who registers moves nothing: the status line says so, and `R` takes the row, the cursor on its own."""
    invitations = [company.invite(f"b{number}@example.com") for number in range(2)]

    async def story(admin: Admin) -> None:
        await admin.press("space")
        for number, invitation in enumerate(invitations):
            register(company, invitation, "Bo", f"Aa{number}")
        before = admin.lines[1:22]
        await admin.notice_changes()
        assert admin.lines[1:22] == before
        assert "2 new  R  1 marked  1–1 of 1" in status(admin)
        await admin.press("R")
        assert "Bo Aa0" in admin.lines[2]
        assert admin.row("Ada Byron  ").startswith("▸●")
        assert "new" not in status(admin)

    play(company.core, story)


def test_a_list_with_the_newest_first_shows_it_when_one_comes_back(company: House) -> None:
    """Whoever was at the top of the invitations is there again, however many came in between."""
    company.invite("old@example.com")

    async def story(admin: Admin) -> None:
        await admin.press("2", "1")
        with company.core.work(company.admin) as work:
            invite_many(work, [Line(number, f"p{number:02}@example.com") for number in range(1, 41)], Offer())
        await admin.notice_changes()
        await admin.press("2")
        assert admin.lines[2].startswith("▸  p40@example.com")
        assert "1–20 of 41" in status(admin)

    play(company.core, story)


def test_a_list_under_a_dialog_waits_until_it_is_in_front(company: House) -> None:
    """A change is neither read nor told under an open dialog, and told as soon as that is closed."""
    invitation = company.invite("bo@example.com")

    async def story(admin: Admin) -> None:
        await admin.press("r")
        under = admin.console.desk.front
        register(company, invitation)
        await admin.notice_changes()
        assert admin.console.screen is not under
        assert isinstance(under, UserList)
        assert under.news == ""
        await admin.press("escape")
        assert "1 new  R" in status(admin)

    play(company.core, story)


def test_rows_that_went_are_told_and_leave_with_a_key(company: House) -> None:
    """Under a filter an invitation that no longer fits stays, its new state signed, until `R` is pressed."""
    invitations = [company.invite(f"b{number}@example.com") for number in range(3)]

    async def story(admin: Admin) -> None:
        await admin.press("2")
        await admin.type("/state:open\r")
        with company.core.work(company.admin) as work:
            withdraw(work, invitations[:2])
        company.invite("new@example.com")
        await admin.notice_changes()
        assert "Δwithdrawn" in admin.row("b0@example.com")
        assert "1 new, 2 gone  R" in status(admin)
        await admin.press("R")
        assert not admin.has_row("b0@example.com")
        assert admin.has_row("new@example.com")

    play(company.core, story)


def test_nothing_moves_while_somebody_types_and_it_is_told_afterwards(company: House) -> None:
    """A change that comes while the prompt is open is told when it closes."""
    invitation = company.invite("bo@example.com")

    async def story(admin: Admin) -> None:
        await admin.press("slash")
        register(company, invitation)
        await admin.notice_changes()
        assert "new" not in status(admin)
        await admin.press("escape")
        assert "1 new  R" in status(admin)
        assert not admin.has_row("Bo Berg")

    play(company.core, story)


def test_a_range_is_not_disturbed(company: House) -> None:
    """While a range is open no row moves and nothing is compared; when it closes the news are told."""
    company.register("cy@example.com", Role.LEARNER, first_name="Cy", last_name="Zz")
    invitation = company.invite("bo@example.com")

    async def story(admin: Admin) -> None:
        await admin.press("v", "j")
        register(company, invitation)
        await admin.notice_changes()
        assert "range  2 marked" in status(admin)
        assert "new" not in status(admin)
        await admin.press("v")
        assert "1 new  R  2 marked" in status(admin)

    play(company.core, story)


def test_news_wait_behind_a_dialog(company: House) -> None:
    """What happens while a dialog stands over the list is told when it is closed; the rows stay where they were."""
    invitation = company.invite("bo@example.com")

    async def story(admin: Admin) -> None:
        await admin.press("c")
        register(company, invitation, "Bo", "Aa")
        await admin.notice_changes()
        await admin.press("escape")
        assert not admin.has_row("Bo Aa")
        assert "1 new  R" in status(admin)

    play(company.core, story)


def test_what_the_admin_does_is_taken_at_once(company: House) -> None:
    """What this console has changed itself appears without another key."""

    async def story(admin: Admin) -> None:
        await admin.press("2")
        await admin.type("/state:open\r")
        admin.console.jobs.change(
            lambda work: invite_many(work, [Line(1, "own@example.com")], Offer()),
            lambda _: None,
            lambda _: None,
        )
        await admin.quiet()
        await admin.notice_changes()
        assert admin.has_row("own@example.com")
        assert "  R" not in status(admin)

    play(company.core, story)


def test_only_marked_rows_stay_what_they_are(company: House) -> None:
    """While only the marked rows are shown, somebody new is no news."""
    invitation = company.invite("bo@example.com")

    async def story(admin: Admin) -> None:
        await admin.press("asterisk", "ampersand")
        register(company, invitation)
        await admin.notice_changes()
        assert "new" not in status(admin)
        await admin.press("ampersand")
        assert admin.has_row("Bo Berg")

    play(company.core, story)


def test_a_list_too_long_to_compare_says_that_something_changed(core: Core, company: House) -> None:
    """Beyond so many rows nothing is read again behind the admin's back; `R` does."""
    with core.work(company.admin) as work:
        lines = [Line(number, f"p{number:06}@example.com") for number in range(1, list_live.FEW + 2)]
        invite_many(work, lines, Offer())

    async def story(admin: Admin) -> None:
        await admin.press("2")
        with core.work(company.admin) as work:
            invite_many(work, [Line(1, "new@example.com")], Offer())
        await admin.notice_changes()
        assert "changed, R reads again" in status(admin)
        assert not admin.has_row("new@example.com")
        await admin.press("R")
        await admin.press("g")
        assert admin.has_row("new@example.com")

    play(core, story)
