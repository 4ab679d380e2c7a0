"""Taking back a bulk invitation from a list."""

from __future__ import annotations

import pytest

from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play, register
from tests.tui.importing import addresses, invitations, mail_states, people, stage
from tests.tui.screen_text import until

pytestmark = sqlite_only


def test_an_import_is_taken_back_as_a_unit(company: House) -> None:
    """The question says how many and what happens to their mails, and y withdraws them with their mails dropped."""

    async def story(admin: Admin) -> None:
        await stage(admin, people(3))
        await admin.type("Iy")
        await admin.type("\r")
        await admin.type("u")
        assert "Withdraw 3 of the 3 invitations that ada@example.com sent together" in admin.said
        assert "3 mails have not left yet and are dropped; 0 were sent, their links die." in admin.said
        await admin.type("u")
        assert addresses(company.core) == people(3)
        await admin.type("y")
        assert "3 invitations withdrawn; their links are dead." in admin.said
        assert (
            admin.row("person1@example.com").split()[1:3] == ["withdrawn", "dropped"]
            or "withdrawn" in admin.text
        )

    play(company.core, story)
    assert addresses(company.core, "withdrawn") == people(3)
    assert mail_states(company.core) == ["dropped"] * 3


def test_accepted_invitations_stay(company: House) -> None:
    """Somebody who has registered meanwhile keeps the account, and both numbers are said before and after."""

    async def story(admin: Admin) -> None:
        await stage(admin, people(3))
        await admin.type("Iy")
        await admin.type("\r")
        register(company, invitations(company.core)[1].id)
        await admin.type("1u")
        assert "Withdraw 2 of the 3 invitations" in admin.text
        assert "1 refused: The invitation of person2@example.com is accepted" in admin.said
        await admin.type("y")
        assert "2 invitations withdrawn; their links are dead. 1 stay as they are." in admin.said

    play(company.core, story)
    assert addresses(company.core, "accepted") == ["person2@example.com"]


def test_taking_back_many_asks_for_their_number(company: House) -> None:
    """Above twenty-five the number has to be typed, and y does nothing."""

    async def story(admin: Admin) -> None:
        await stage(admin, people(30))
        await admin.type("I30\r")
        await admin.type("\r")
        await admin.type("uy\r")
        assert len(addresses(company.core)) == 30
        await admin.type("u30\r")
        assert "30 invitations withdrawn" in admin.said

    play(company.core, story)
    assert addresses(company.core) == []


def test_one_after_the_other_is_taken_back_or_one_by_name(company: House) -> None:
    """The key u takes back the newest, `:undo NAME` the one that is named, and each of them only once."""

    async def story(admin: Admin) -> None:
        for address in ("a", "b", "c"):
            await stage(admin, [f"{address}{number}@example.com" for number in (1, 2)])
            await admin.type("Iy")
            await admin.type("\r")
        names = [one.batch for one in invitations(company.core)][::2]
        await admin.type(f":undo {names[0]}\ry")
        assert addresses(company.core) == [
            "b1@example.com",
            "b2@example.com",
            "c1@example.com",
            "c2@example.com",
        ]
        await admin.type("uy")
        assert addresses(company.core) == ["b1@example.com", "b2@example.com"]
        await admin.type(f":undo {names[0]}\r")
        assert "has been undone already" in admin.said
        await admin.type(":undo nothing\r")
        assert "There is no bulk change nothing." in admin.said

    play(company.core, story)


@pytest.mark.slow
def test_the_seconds_are_counted_until_the_mails_leave(company: House) -> None:
    """After an import the list says how long undo still beats the send, second by second."""

    async def story(admin: Admin) -> None:
        await stage(admin, people(3))
        await admin.type("Iy")
        await admin.type("\r")
        assert "Mails: 3 waiting. They leave in 10 s. u takes it back" in admin.said
        await until(admin.pilot, lambda: "They leave in 9 s." in admin.said)

    play(company.core, story)


def test_with_nothing_to_take_back_it_says_so(company: House) -> None:
    """Without any bulk invitation u says that there is none."""

    async def story(admin: Admin) -> None:
        await admin.type("u")
        assert "There is no bulk change that could be undone." in admin.said

    play(company.core, story)
