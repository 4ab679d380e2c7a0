"""People who leave and return, and the seats they hold, by the keys of the list of people and of the seat desk."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from core.models import User
from core.roles import Role
from core.services.people import Archive, change_people
from core.targets import Target
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.learners import bought, hold
from tests.people import House
from tests.services import rows
from tests.tui.console_app import Admin, play
from tests.tui.crew import BO, CY, DI, crew, people

pytestmark = [sqlite_only, pytest.mark.slow]


def held_by(house: House, address: str) -> tuple[str, ...]:
    """Return the names of the licenses of which somebody holds a seat."""
    return people(house)[address].seats


def test_anna_leaves_ben_gets_her_seat_and_none_is_free_when_she_returns(company: House) -> None:
    """Played at 80x24 by keys that the screen names: archive, seat, reactivate with the former seat told, undo."""
    anna = company.register("anna@example.com", first_name="Anna", last_name="Ahl")
    company.register("ben@example.com", first_name="Ben", last_name="Bak")
    hold(company, bought(company, "Premium Sales", seats=1), anna)

    async def story(admin: Admin) -> None:
        await admin.type("a")
        assert "X     archive now" in admin.text
        await admin.press("escape")
        await admin.type("X")
        assert "1 license seat becomes free" in admin.said
        await admin.type("1\r")
        await admin.type(":users ben\rs\ry")
        assert "Give a seat of Premium Sales to Ben Bak: done. u takes it back." in admin.said
        await admin.type(":users status:archived\rA")
        assert "former seat of Premium Sales: No seat of Premium Sales is left. Revoke one," in admin.said
        await admin.type("s")
        assert "No seat of Premium Sales is left. Revoke one, or have the operator" in admin.said
        await admin.type("y")
        assert "Reactivate Anna Ahl: done." in admin.said
        await admin.type(":users anna\rs")
        assert "Premium Sales  full, 1 in use" in admin.text
        await admin.press("escape")
        await admin.type(":users ben\r:revoke premium\ry")
        assert "Take the seat of Premium Sales from Ben Bak: done." in admin.said

    play(company.core, story)
    assert held_by(company, "anna@example.com") == held_by(company, "ben@example.com") == ()
    assert people(company)["anna@example.com"].status == "active"


def test_former_seats_are_ticked_where_there_is_room(company: House) -> None:
    """Of two licenses one is ticked in the plan of those who come back; who did not hold it before gets none."""
    ids = crew(company)
    first, second = bought(company, "Languages", seats=3), bought(company, "Premium Sales", seats=1)
    hold(company, first, ids[BO], ids[CY])
    hold(company, second, ids[BO])
    with company.core.work(company.admin) as work:
        change_people(work, Target(ids=[ids[BO], ids[CY], ids[DI]]), Archive())

    async def story(admin: Admin) -> None:
        await admin.type("/status:archived\r*A")
        assert "former seat of Languages: 2 people held one, 3 free now; s gives it back" in admin.said
        await admin.type("s")
        assert "Seats to give back" in admin.text
        await admin.type("\t\r")
        assert "given back, s takes that out again" in admin.said
        assert "former seat of Premium Sales: 1 person held one, 1 free now; s gives it back" in admin.said
        await admin.type("y")
        assert "Done: Reactivate 3 people" in admin.text
        assert "2 license seats given" in admin.said
        assert "will be allocated" not in admin.text

    play(company.core, story)
    assert [held_by(company, each) for each in (BO, CY, DI)] == [("Languages",), ("Languages",), ()]


def test_a_coming_day_to_leave_is_set_shown_and_taken_back(company: House) -> None:
    """`:leave` and the menu set it, the list and the status line tell it, and `none` takes it back."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type(":leave 2026-03-02\r")
        assert "Choose a day after today, or archive at once." in admin.said
        await admin.type(":leave\r2026-12-31\r")
        assert "Leaving day → 2026-12-31 for Bo Berg" in admin.said
        assert "Access and seats stay until 2026-12-31 begins (UTC)." in admin.said
        assert "1 leaving day: none → 2026-12-31" in admin.said
        await admin.type("y")
        assert "leaving…" in admin.row(BO)
        await admin.press("j", "k")
        await admin.type("/leaves:any\r")
        assert admin.lines[3] == ""
        await admin.press("escape")
        assert "Bo Berg is archived on 2026-12-31; :leave never takes it back." in admin.said
        await admin.type(":leave never\ry")
        assert "Take back the leaving day for Bo Berg: done." in admin.said
        assert "leaving" not in admin.row(BO)

    play(company.core, story)
    assert rows.all_of(company.core, select(User.leaves_on).where(User.leaves_on.is_not(None))) == []


def test_the_seat_desk_reclaims_what_nobody_uses(company: House, clock: MovableClock) -> None:
    """`U` counts per license who never signed in or was silent, Enter shows them, one plan reclaims the marked ones."""
    ids = crew(company)
    first, second = bought(company, "Languages", seats=3), bought(company, "Premium Sales", seats=3)
    hold(company, first, ids[BO], company.admin_id)
    hold(company, second, ids[CY], ids[DI])
    with company.core.operator() as work:
        work.db.execute(update(User).where(User.id == ids[CY]).values(last_sign_in_at=work.now))
    clock.move(days=40)

    async def story(admin: Admin) -> None:
        await admin.type("3U")
        assert "Unused seats: 0 could be reclaimed" in admin.lines[0]
        await admin.type("X")
        assert "No seat here is unused for that long. n looks for another number of days." in admin.said
        await admin.type("n\x15ninety\r")
        assert "ninety is no number of days. Type one from 1 to 3,650" in admin.said
        await admin.type("n\x1530\r")
        assert "Unused seats: 3 could be reclaimed" in admin.lines[0]
        assert admin.row("Languages").split()[-4:] == ["2", "1", "0", "1"]
        assert admin.row("Premium Sales").split()[-4:] == ["2", "1", "1", "2"]
        await admin.press("enter")
        assert admin.has_row(BO)
        assert not admin.has_row(CY)
        await admin.type(":unused 30\r3:unused 30\r*X")
        assert "will lose seats" in admin.text
        assert "Reclaim the unused seats of 2 licenses from 3 people" in admin.text
        await admin.type("y")
        assert "Done: Reclaim the unused seats of 2 licenses from 3 people" in admin.text
        await admin.type("u")
        assert "Take back “revoke unused: 2 licenses” for 3 people" in admin.text
        await admin.press("escape")

    play(company.core, story)
    assert people(company)["ada@example.com"].seats == ("Languages",)
    assert [held_by(company, each) for each in (BO, CY, DI)] == [(), (), ()]


def test_open_invitations_of_an_archived_admin_are_withdrawn_or_taken_over(company: House) -> None:
    """An operator who archives an admin sees the admin's open invitation in the plan, and `o` makes it their own (D6)."""
    boss = company.register("boss@example.com", first_name="Bea", last_name="Boss")
    rows.set_role(company.core, boss, Role.OPERATOR)
    invitation = company.invite("eve@example.com")

    async def story(admin: Admin) -> None:
        await admin.sign_in("boss@example.com")
        await admin.type(":users ada\rX")
        assert "1 open invitation is withdrawn; o takes them over instead" in admin.said
        assert "o take over" in admin.said
        await admin.type("o")
        assert "1 open invitation becomes yours; o withdraws them instead" in admin.said
        await admin.type("1\r")
        assert "Archive Ada Byron: done." in admin.said

    play(company.core, story, signed_in=False)
    assert rows.invitation(company.core, invitation).invited_by == boss
