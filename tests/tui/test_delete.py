"""The dialog that deletes one person: the loss first, the export offered, the address typed, the reason where not (R42)."""

from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select

from core.models import GroupMember, User
from core.roles import Role
from core.services.editing import Edit, edit
from core.services.places import add_group
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play

pytestmark = [sqlite_only, pytest.mark.slow]


@pytest.fixture
def crowd(company: House) -> House:
    """Return a company with one person below the admin, who is the first of the list."""
    company.register("bo@example.com", Role.TRAINER, groups=["Night shift"])
    return company


def people(house: House) -> int:
    """Return how many people there are."""
    with house.core.operator_look() as look:
        return look.db.scalar(select(func.count()).select_from(User)) or 0


def test_a_person_is_deleted_once_their_address_is_typed(crowd: House) -> None:
    """D shows the loss to the letter, e saves the records, Enter asks, a wrong address is told, the right one deletes."""

    async def story(admin: Admin) -> None:
        await admin.press("D")
        start = admin.lines.index(" Delete Bo Berg for good?")
        assert admin.lines[start:] == [
            " Delete Bo Berg for good?",
            " bo@example.com  Trainer, active",
            " - 0 lessons done",
            " - 0 courses in progress",
            " - 0 certificates",
            " - 0 license seats",
            " - 1 learning group: Night shift",
            " - name, address, phone and all else that is personal, in the audit trail too",
            "",
            " Archiving (X) keeps all of this and can be taken back; deleting cannot.",
            "",
            " e export the records first   Enter go on   Esc leave",
        ]
        await admin.press("e")
        [file] = (crowd.core.settings.home / "exports").iterdir()
        assert file.name == "person-2-20260302-090000.zip"
        assert "Exported to" in admin.said
        await admin.type("\rbo@example.co\r")
        assert "That is not the address. Type bo@example.com" in admin.said
        assert people(crowd) == 2
        await admin.type("m\r")
        assert people(crowd) == 1
        assert not admin.has_row("Berg")
        assert "bo@example.com is deleted. The records are in" in admin.said

    play(crowd.core, story)


def test_leaving_deletes_nobody_and_letters_do_nothing_by_themselves(crowd: House) -> None:
    """Esc leaves from either step; y and a second D confirm nothing; the field takes e as a letter."""

    async def story(admin: Admin) -> None:
        await admin.press("D", "y", "D", "escape")
        assert not admin.has_row("for good?")
        await admin.press("D")
        await admin.type("\re")
        assert admin.focus == "delete-confirm"
        assert not (crowd.core.settings.home / "exports").exists()
        await admin.press("escape")
        assert people(crowd) == 2

    play(crowd.core, story, size=(120, 40))


def test_whoever_may_not_be_deleted_is_told_with_the_reason(crowd: House) -> None:
    """On one's own row the dialog says why not, and no key goes on."""

    async def story(admin: Admin) -> None:
        await admin.press("j", "D")
        assert admin.has_row("Ada Byron cannot be deleted")
        assert "is the last active Company Admin. Have the operator of the host appoint another" in admin.said
        await admin.press("e", "enter")
        assert not admin.has_row("cannot be deleted")
        assert people(crowd) == 2

    play(crowd.core, story)


def test_the_keys_stay_in_view_however_much_is_lost(crowd: House) -> None:
    """With a long name and more lines than fit the keys are told in each step, and that there is more to read above."""
    with crowd.core.operator() as work:
        joined = [
            add_group(work, f"A learning group with a long name, number {number}") for number in range(30)
        ]
        members = [{"group_id": group_id, "user_id": 2} for group_id in joined]
        work.db.execute(insert(GroupMember), members)
        edit(
            work,
            Edit(2, {"first_name": "[red]Bo\x1b[31m" + " Bo" * 25, "last_name": " ".join(["Aberg"] * 16)}),
        )

    async def story(admin: Admin) -> None:
        await admin.press("D")
        assert admin.lines[-1] == " e export the records first   Enter go on   ↑↓ more   Esc leave"
        assert admin.has_row("Delete [red]Bo␛[31m Bo")
        await admin.type("\rbo\r")
        assert "That is not the address." in admin.said
        assert admin.lines[-1] == " Enter delete for good   Esc leave"
        assert admin.has_row("0 lessons done")

    play(crowd.core, story)


def test_an_export_that_cannot_be_written_says_what_to_do(crowd: House) -> None:
    """Where the folder of exports cannot be made, nothing is deleted and the host's own way is told."""
    (crowd.core.settings.home / "exports").write_text("mine")

    async def story(admin: Admin) -> None:
        await admin.press("D", "e")
        assert "exports cannot be made: File exists." in admin.said
        assert "academy delete bo@example.com --export FILE" in admin.said
        assert people(crowd) == 2

    play(crowd.core, story, size=(120, 40))
