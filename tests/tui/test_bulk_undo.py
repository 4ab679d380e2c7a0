"""Taking back changes of people from the console, also later and after others have changed something."""

from __future__ import annotations

import pytest

from core.reading import batches
from core.roles import Role
from core.services.people import GiveRole, change_people
from core.targets import Target
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tests.tui.crew import BO, CY, DI, crew, crowd, people, roles

pytestmark = [sqlite_only, pytest.mark.slow]


async def make_trainers(admin: Admin) -> None:
    """Give everybody the role Trainer, and close the report."""
    await admin.type("*:role trainer\ry")
    await admin.press("escape")


def test_the_last_change_is_taken_back_by_one_key(company: House) -> None:
    """`u` shows the plan of going back, `u` again does nothing, `y` does it, and the report says so."""
    crew(company)

    async def story(admin: Admin) -> None:
        await make_trainers(admin)
        await admin.press("u")
        assert "Take back “role: Trainer” for 2 people" in admin.text
        assert "ada@example.com did it on 2026-03-02 09:00 UTC" in admin.said
        assert "2 Trainer → Learner" in admin.said
        await admin.press("u", "enter", "x")
        assert "This is done as a whole or not at all." in admin.said
        assert roles(company)[BO] is Role.TRAINER
        await admin.press("y")
        assert "Done: Take back “role: Trainer” for 2 people" in admin.text
        await admin.press("escape", "u")
        assert "There is no bulk change that could be undone." in admin.said

    play(company.core, story)
    assert (roles(company)[BO], roles(company)[CY], roles(company)[DI]) == (
        Role.LEARNER,
        Role.TRAINER,
        Role.LEARNER,
    )


def test_a_change_can_be_taken_back_the_next_day(company: House) -> None:
    """After leaving and signing in again `u` finds the last change; for many people the number is typed."""
    crowd(company, 26)

    async def change(admin: Admin) -> None:
        await admin.type("*:department sales\r26\r")
        assert "Done: Department → Sales for 26 people, 1 as they were" in admin.text

    async def take_back(admin: Admin) -> None:
        await admin.type("uy")
        assert "y is not enough here: type 26 and press Enter." in admin.said
        await admin.type("26\r")
        assert "Done: Take back “department: Sales” for 26 people" in admin.text

    play(company.core, change)
    assert {row.department for row in people(company).values()} == {"", "Sales"}
    play(company.core, take_back)
    assert {row.department for row in people(company).values()} == {""}


def test_who_was_changed_since_is_listed_and_left_alone(company: House) -> None:
    """The plan says who is not taken back and why, `v` shows them, and their newer value stays."""
    ids = crew(company)

    async def story(admin: Admin) -> None:
        await make_trainers(admin)
        with company.core.operator() as work:
            change_people(work, Target(ids=[ids[DI]]), GiveRole(Role.CONTENT_MANAGER))
        with company.core.operator_look() as look:
            name = batches.recent(look)[1].batch
        await admin.type(f":undo {name}\r")
        assert "Take back “role: Trainer” for 1 of 2 people" in admin.text
        assert "di@example.com has been changed since" in admin.said
        await admin.press("j", "v")
        assert DI in admin.text
        await admin.press("escape", "y")

    play(company.core, story)
    assert (roles(company)[BO], roles(company)[DI]) == (Role.LEARNER, Role.CONTENT_MANAGER)


def test_the_report_takes_back_and_does_again(company: House) -> None:
    """`u` in a report takes that very run back, and in the report of an undo it does the change again."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type("*:role trainer\ry")
        await admin.press("u", "y")
        assert roles(company)[BO] is Role.LEARNER
        await admin.press("u")
        assert "Take back “undo role: Trainer” for 2 people" in admin.text
        await admin.press("y")

    play(company.core, story)
    assert roles(company)[BO] is Role.TRAINER


def test_archived_people_come_back_with_one_key(company: House) -> None:
    """Archiving is taken back like everything else; one person needs no report."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type("X1\r")
        assert people(company)[BO].status == "archived"
        await admin.press("u", "y")
        assert "“archive” is taken back for 1 person." in admin.said

    play(company.core, story)
    assert people(company)[BO].status == "active"


def test_the_run_of_an_audit_row_is_taken_back(company: House) -> None:
    """On the audit trail `u` takes back the run that the row under the cursor belongs to."""
    crew(company)

    async def story(admin: Admin) -> None:
        await make_trainers(admin)
        await admin.type("1*:department sales\ry")
        await admin.press("escape")
        await admin.type("7/action:user.role_changed\r")
        await admin.press("u")
        assert "Take back “role: Trainer” for 2 people" in admin.text
        await admin.press("y")

    play(company.core, story)
    assert roles(company)[BO] is Role.LEARNER
    assert people(company)[BO].department == "Sales"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_plan_of_going_back_fits(company: House, size: tuple[int, int]) -> None:
    """At both sizes every line of the plan fits, and question and keys are the last two lines."""
    crew(company)

    async def story(admin: Admin) -> None:
        await make_trainers(admin)
        await admin.press("u")
        assert all(len(line) <= size[0] for line in admin.lines)
        assert admin.lines[-2:] == [" y apply to 2   n cancel", " ↑↓ move   v view rows   Esc cancel"]

    play(company.core, story, size=size)
