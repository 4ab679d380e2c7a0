"""The form to invite people, and what its result looks like."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.core import Core
from core.models import Company, Invitation
from core.models.invitations import OPEN
from core.reading import invitations as reading
from core.roles import Role
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play

pytestmark = [sqlite_only, pytest.mark.slow]

PASTE = "\x1b[200~{}\x1b[201~"


def invitations(core: Core) -> list[Invitation]:
    """Return all invitations, oldest first."""
    with core.glance() as visit:
        return list(visit.db.scalars(select(Invitation).order_by(Invitation.id)))


async def send(admin: Admin) -> None:
    """Go to the button and press it."""
    for _ in range(6):
        if admin.focus != "send":
            await admin.press("tab")
    assert admin.focus == "send"
    await admin.press("enter")


def test_the_form_at_80x24_to_the_letter(company: House) -> None:
    """The form offers what an invitation needs, with the company's own days, over the list it was opened from."""

    async def story(admin: Admin) -> None:
        await admin.press("i")
        assert admin.lines[10:] == [
            "─" * 80,
            " Invite people",
            "",
            " Email, one or several",
            " Role                    Learner",
            " Department              none",
            " Learning groups         none",
            " Days the link works     7",
            "",
            "   [ Send ]",
            "",
            "",
            "",
            " Tab next   Shift+Tab back   Enter choose or go on   Esc leave",
        ]

    play(company.core, story)


def test_one_person_is_invited_with_role_department_groups_and_days(company: House) -> None:
    """Everything chosen in the form stands in the invitation, and the list shows it with the state of its mail."""

    async def story(admin: Admin) -> None:
        await admin.type("igrace@example.com\r")
        await admin.type("\rtrain\r")
        await admin.type("\t\rsup\r")
        await admin.type("\t\r")
        await admin.press("tab", "down", "tab", "enter")
        await admin.press("tab", "ctrl+u")
        await admin.type("30")
        await send(admin)
        assert admin.said.startswith("Invited grace@example.com as Trainer. Mails are written")
        assert admin.row("grace@example.com").split()[1:5] == [
            "grace@example.com",
            "open",
            "waiting",
            "Trainer",
        ]

    play(company.core, story)
    [one] = invitations(company.core)
    assert (one.role, one.department_id) == (Role.TRAINER, company.departments["Support"])
    assert one.expires_at - one.created_at == timedelta(days=30)
    with company.core.look(company.admin) as look:
        assert set(reading.rows(look, [one.id])[0].groups) == {"Q3 onboarding", "Night shift"}


def test_several_addresses_are_invited_at_once(company: House) -> None:
    """Addresses pasted over several lines are invited together, and the sentence counts them."""

    async def story(admin: Admin) -> None:
        await admin.press("i")
        await admin.type(PASTE.format("a@example.com\r\nb@example.com; c@example.com,\n"))
        assert "a@example.com b@example.com; c@example.com," in admin.text
        await send(admin)
        assert "Invited 3 of 3 addresses as Learner." in admin.said
        assert [address in admin.text for address in ("a@", "b@", "c@")] == [True] * 3

    play(company.core, story)
    assert len({one.batch for one in invitations(company.core)}) == 1


def test_what_could_not_be_invited_is_told_with_its_reason(company: House) -> None:
    """Of several addresses the good ones are invited, and each other one is listed with its reason."""
    company.register("bo@example.com")

    async def story(admin: Admin) -> None:
        await admin.type("igood@example.com bo@example.com nonsense")
        await send(admin)
        assert "1 invited, 2 not" in admin.text
        assert "already has an account" in admin.said
        assert "is not an email address" in admin.said
        await admin.press("escape")
        assert "Invited 1 of 3 addresses as Learner." in admin.said

    play(company.core, story)


def test_when_nobody_could_be_invited_the_form_stays(company: House) -> None:
    """The form stays open with everything typed and says why."""
    company.register("bo@example.com")
    company.register("cy@example.com")

    async def story(admin: Admin) -> None:
        await admin.type("ibo@example.com cy@example.com")
        await send(admin)
        assert "Nobody was invited." in admin.said
        assert "bo@example.com already has an account." in admin.said
        assert "bo@example.com cy@example.com" in admin.text

    play(company.core, story)


def test_a_role_out_of_reach_says_why_and_cannot_be_taken(company: House) -> None:
    """The ladder shows every role; the ones at or above one's own carry the reason, and Enter on them takes nothing."""

    async def story(admin: Admin) -> None:
        await admin.type("ix@example.com\r\r")
        assert [role.label in admin.text for role in Role] == [True] * 5
        await admin.type("company admin\r")
        assert "Company Admin is not below your own role" in admin.said
        assert "The next Company Admin is appointed by the operator of the host." in admin.said
        await admin.press("escape")
        assert admin.value("Role") == "Learner"

    play(company.core, story)
    assert invitations(company.core) == []


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ("0", "A link can live 1 to 90 days."),
        ("91", "A link can live 1 to 90 days."),
        ("soon", "Enter the days as a number from 1 to 90."),
        ("", "Enter the days as a number from 1 to 90."),
        ("٣", "Enter the days as a number from 1 to 90."),
    ],
)
def test_days_that_cannot_be_meant_are_refused_and_everything_typed_stays(
    company: House, days: str, sentence: str
) -> None:
    """The form says what it takes, keeps the address and the days, and puts the cursor on the days."""

    async def story(admin: Admin) -> None:
        await admin.type("ix@example.com")
        await admin.press("tab", "tab", "tab", "tab", "ctrl+u")
        await admin.type(days)
        await send(admin)
        assert sentence in admin.said
        assert "x@example.com" in admin.text
        assert admin.focus == "days"
        await admin.press("ctrl+u")
        await admin.type("5")
        await send(admin)
        assert "Invited x@example.com as Learner." in admin.said

    play(company.core, story)


def test_a_malformed_address_is_refused_and_stays_to_be_mended(company: House) -> None:
    """The sentence names the address, which stays in its field with the cursor behind it."""

    async def story(admin: Admin) -> None:
        await admin.type("igrace@")
        await send(admin)
        assert "“grace@” is not an email address" in admin.said
        await admin.type("example.com")
        await send(admin)
        assert "Invited grace@example.com as Learner." in admin.said

    play(company.core, story)


def test_no_address_at_all_is_asked_for(company: House) -> None:
    """Sending an empty form asks for an address."""

    async def story(admin: Admin) -> None:
        await admin.press("i")
        await send(admin)
        assert "Enter an email address." in admin.said

    play(company.core, story)


def test_the_cap_is_said_before_and_refused_after(company: House) -> None:
    """With a cap the form says how many places are left, and refuses when there is none, keeping what was typed."""
    with company.core.operator() as work:
        work.db.execute(update(Company).values(user_cap=2))

    async def story(admin: Admin) -> None:
        await admin.type("ia@example.com")
        assert "1 of 2 places are left." in admin.said
        await send(admin)
        assert "Invited a@example.com" in admin.said
        assert "0 places left" in admin.lines[0]
        await admin.type("ib@example.com")
        await send(admin)
        assert "The company's maximum number of users is reached." in admin.said
        assert "b@example.com" in admin.text

    play(company.core, story)


def test_inviting_an_address_again_replaces_its_invitation(company: House) -> None:
    """The list shows the new invitation as open and the old one as replaced."""
    company.invite("a@example.com")

    async def story(admin: Admin) -> None:
        await admin.type("ia@example.com")
        await send(admin)
        assert [" open " in admin.lines[2], " replaced " in admin.lines[3]] == [True, True]

    play(company.core, story)
    assert [one.state == OPEN for one in invitations(company.core)] == [False, True]


def test_a_command_opens_the_form_with_its_addresses(company: House) -> None:
    """`:invite ADDRESS` opens the form with the address typed in."""

    async def story(admin: Admin) -> None:
        await admin.type(":invite grace@example.com\r")
        await send(admin)
        assert "Invited grace@example.com as Learner." in admin.said

    play(company.core, story)


def test_leaving_the_form_invites_nobody(company: House) -> None:
    """Esc leaves the form and nothing is written."""

    async def story(admin: Admin) -> None:
        await admin.type("igrace@example.com")
        await admin.press("escape")
        assert "Invite people" not in admin.text

    play(company.core, story)
    assert invitations(company.core) == []


def test_keys_of_one_burst_land_in_the_fields_they_are_meant_for(company: House) -> None:
    """`i`, an address, Enter, a choice and the days, typed before anything was painted, fill the form as if typed slowly."""

    async def story(admin: Admin) -> None:
        await admin.type("igrace@example.com\r")
        await admin.type("\rtrainer\r\t\rsup\r\t\t\x1530\t")
        assert admin.value("Email, one or several") == "grace@example.com"
        assert (admin.value("Role"), admin.value("Department")) == ("Trainer", "Support")
        assert admin.value("Days the link works") == "30"

    play(company.core, story)


def test_what_is_pasted_into_a_field_cannot_act(company: House) -> None:
    """Control characters in a paste are drawn as signs and refused as an address."""

    async def story(admin: Admin) -> None:
        await admin.press("i")
        await admin.type(PASTE.format("a\u202e\x07b@example.com"))
        assert "a�␇b@example.com" in admin.text
        await send(admin)
        assert "is not an email address" in admin.said

    play(company.core, story)
