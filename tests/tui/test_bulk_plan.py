"""The plan of a bulk change: what it shows, what is left out of it, and what it takes to confirm it."""

from __future__ import annotations

from array import array

import pytest
from sqlalchemy import update

from core.models import User
from core.reading import batches
from core.roles import Role
from core.services.people import GiveRole, Place, change_people
from core.services.places import add_department
from core.tally import Effects, Tally
from core.targets import Target
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tests.tui.crew import ADA, BO, CY, DI, crew, crowd, people, roles
from tui.screens.plan_people import Aim, ChangeProposal, Wanted
from tui.screens.plan_proposal import Asked
from tui.screens.plan_words import plan_entries

pytestmark = [sqlite_only, pytest.mark.slow]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_nobody_breaks_the_plan_by_a_name(company: House, size: tuple[int, int]) -> None:
    """Names with markup, escape codes, emoji, Arabic and combining marks stand harmless in plan, rows and report."""
    names = ("Eve [/x]", "\x1b[31mRed", "زينب", "王小明", "👩‍👩‍👧 Fam", "e\u0301\u0301\u0301\u0301\u0301")
    ids = [company.register(f"n{each}@example.com", last_name=f"N{each}") for each in range(len(names))]
    with company.core.operator() as work:
        for row_id, name in zip(ids, names, strict=True):
            work.db.execute(update(User).where(User.id == row_id).values(first_name=name))

    async def story(admin: Admin) -> None:
        for row_id in range(len(ids)):
            await admin.press("g", *("j",) * (row_id + 1))
            await admin.type(":role trainer\r")
            assert "Role → Trainer for " in admin.text
            assert "\x1b" not in admin.text
            await admin.press("escape")
        await admin.type("*:department support\r")
        await admin.type("v")
        assert "Eve [/x] N0" in admin.text
        assert all(len(line) <= size[0] for line in admin.lines)
        await admin.press("escape", "y", "v")
        assert "Eve [/x] N0" in admin.text

    play(company.core, story, size=size)
    assert {row.department for row in people(company).values() if row.address != ADA} == {"Support"}


def test_enter_and_the_same_key_never_confirm(company: House) -> None:
    """Enter, Space and the key that led here leave the plan open; Esc and `n` close it with nothing written."""
    crew(company)

    async def story(admin: Admin) -> None:
        for leave in ("escape", "n", "q"):
            await admin.type(":role trainer\r")
            for key in ("enter", "space", "r", "full_stop"):
                await admin.press(key)
                assert "Role → Trainer for Bo Berg" in admin.said
            assert "Enter alone changes nothing: y applies it." in admin.said
            await admin.press(leave)
            assert "Nothing was changed." in admin.said

    play(company.core, story)
    assert roles(company)[BO] is Role.LEARNER


def test_above_twenty_five_the_number_is_typed(company: House) -> None:
    """For 26 rows `y` says what to type, a wrong number is told and dropped, Backspace mends one, the right one applies."""
    crowd(company, 26)

    async def story(admin: Admin) -> None:
        await admin.type("*:role trainer\r")
        assert "type 26 and Enter to go on, Esc to stop" in admin.said
        await admin.type("y")
        assert "y is not enough here: type 26 and press Enter." in admin.said
        await admin.type("62\r")
        assert "62 is not the number of rows." in admin.said
        assert set(roles(company).values()) == {Role.LEARNER, Role.COMPANY_ADMIN}
        await admin.type("27")
        assert "Esc to stop 27▏" in admin.said
        await admin.press("backspace")
        await admin.type("6\r")
        assert "Done: Role → Trainer for 26 people" in admin.text

    play(company.core, story)
    assert sorted(roles(company).values()).count(Role.TRAINER) == 26


def test_archiving_always_takes_the_number(company: House) -> None:
    """Even for one person `y` does not archive; typing 1 does, and the person can be reactivated where they are shown."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type("Xy")
        assert "Archive Bo Berg" in admin.said
        assert "Archived people can no longer sign in." in admin.said
        assert people(company)[BO].status == "active"
        await admin.type("1\r")
        assert people(company)[BO].status == "archived"
        await admin.type("/status:archived\r")
        await admin.type("A")
        assert "Reactivate Bo Berg" in admin.said
        await admin.type("y")

    play(company.core, story)
    assert people(company)[BO].status == "active"


def test_the_rows_of_a_line_can_be_looked_at_and_left_out(company: House) -> None:
    """`v` shows who stands behind a line and why, `x` leaves rows or a whole line out, and takes them back in."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type("*:role trainer\r")
        await admin.press("v")
        assert admin.lines[0] == " Learner → Trainer" + " " * 60 + "2"
        assert [address in admin.text for address in (BO, CY, DI)] == [True, False, True]
        await admin.press("j", "x")
        assert "Role → Trainer for 1 of 3 people" in admin.text
        assert "1 left out of the plan; x takes them back in" in admin.said
        await admin.press("j", "v")
        assert "is the last active Company Admin" in admin.said
        assert ADA in admin.text
        await admin.press("escape", "x")
        assert "Nothing happens to these rows anyway." in admin.said
        await admin.press("j", "j", "x")
        assert "Role → Trainer for 2 of 4 people" in admin.text
        await admin.press("k", "k", "k", "x")
        assert "Nothing can be changed here." in admin.said
        await admin.press("y")
        assert "There is nothing to do here." in admin.said
        await admin.press("escape")

    play(company.core, story)
    assert roles(company)[BO] is Role.LEARNER


def test_a_row_left_out_stays_as_it_is(company: House) -> None:
    """What was left out of the plan is not changed by it."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type("*:role trainer\r")
        await admin.press("v", "x", "y")

    play(company.core, story)
    assert (roles(company)[BO], roles(company)[DI]) == (Role.LEARNER, Role.TRAINER)


def test_a_plan_that_has_changed_meanwhile_is_shown_again(company: House) -> None:
    """Where somebody else was faster nothing is written, and the new plan stands there with a sentence."""
    ids = crew(company)

    async def story(admin: Admin) -> None:
        await admin.type("*:role trainer\r")
        with company.core.operator() as work:
            change_people(work, Target(ids=[ids[DI]]), GiveRole(Role.TRAINER))
        await admin.press("y")
        assert "The plan has changed: 2 people were confirmed, now it would be 1." in admin.said
        assert "Role → Trainer for 1 of 4 people" in admin.text
        assert roles(company)[BO] is Role.LEARNER
        await admin.press("y")
        assert "Done: Role → Trainer for 1 person" in admin.text

    play(company.core, story)
    assert roles(company)[BO] is Role.TRAINER
    with company.core.operator_look() as look:
        assert all(row.finished for row in batches.recent(look))


def test_what_would_be_taken_over_is_said(company: House) -> None:
    """The plan counts invitations that lose their sender, `o` chooses, and it means nothing where there are none (D6)."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type(":role trainer\r")
        assert "take over" not in admin.said
        await admin.press("o")
        assert "No invitation loses its sender by this." in admin.said

    play(company.core, story)
    proposal = ChangeProposal(
        Wanted(GiveRole(Role.TRAINER), "Role → Trainer", "role: Trainer"),
        Aim(array("q", [1]), "", "1 marked person"),
    )
    withdrawn = Tally(1, preview=True, effects=Effects(invitations_withdrawn=2))
    assert _texts(withdrawn, proposal, Asked()) == [
        "2 open invitations are withdrawn; o takes them over instead"
    ]
    kept = Tally(1, preview=True, effects=Effects(invitations_taken_over=1))
    assert _texts(kept, proposal, Asked(take_over=True)) == [
        "1 open invitation becomes yours; o withdraws them instead"
    ]


def _texts(tally: Tally, proposal: ChangeProposal, asked: Asked) -> list[str]:
    return [
        f"{entry.number} {entry.text}"
        for entry in plan_entries(tally, proposal, asked)
        if "invitation" in entry.text
    ]


def test_a_long_plan_says_how_much_is_further_down(company: House) -> None:
    """The keys say how many lines are out of sight, moving down brings them up, and a notice pushes nothing else out."""
    places = [f"Team {each:02}" for each in range(24)]
    with company.core.work(company.admin) as work:
        ids = [add_department(work, name) for name in places]
    for number, department in enumerate(ids):
        row_id = company.register(f"p{number}@example.com", last_name=f"P{number:02}")
        with company.core.operator() as work:
            change_people(work, Target(ids=[row_id]), Place(department_id=department))

    async def story(admin: Admin) -> None:
        await admin.type("*:department sales\r")
        assert "Department → Sales for 24 of 25 people" in admin.text
        assert "↑↓ 8 more below" in admin.said
        assert "more below" in admin.said
        await admin.type("o")
        assert "No invitation loses its sender by this." in admin.said
        assert admin.lines[2] == " Department → Sales for 24 of 25 people"
        assert admin.lines[-2:] == [
            " y apply to 24   n cancel",
            " ↑↓ 9 more below   v view rows   x leave out   Esc cancel",
        ]
        await admin.press("pagedown", "pagedown", "pagedown", "pagedown")
        assert "more below" not in admin.said
        assert "1 refused" in admin.said

    play(company.core, story)
