"""Every command: reachable by its key, by its name and from the help, and explained."""

from __future__ import annotations

import pytest

from core.reading import mail
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tui import keys

pytestmark = [sqlite_only, pytest.mark.slow]
DOES = {
    "open": "Last sign-in",
    "invite": "Invite people",
    "import": "Import",
    "undo": "undo",
    "withdraw": "Withdraw the invitation of",
    "renew": "Renew the invitation of",
    "copy_link": "Registration link of",
    "copy": "1 address copied.",
    "users": "[1 Users]",
    "invitations": "[2 Invitations]",
    "previous_list": "There is no list before this one.",
    "filter": "\n /",
    "clear_filter": "1–2 of 2",
    "mark": "1 marked",
    "refresh": "1–2 of 2",
    "command": "\n :",
    "help": "Commands and keys",
    "mail_pause": "Mail is paused.",
    "mail_resume": "Mails leave again.",
    "mail_rate": "Type how many mails may leave in a minute",
    "password": "Change your password",
    "sign_out": "You are signed out.",
    "quit": None,
}
SHOWN_AS = {
    "Enter": "enter",
    "Space": "space",
    ":": "colon",
    "/": "slash",
    "?": "question_mark",
    "-": "minus",
}


@pytest.fixture
def two(company: House) -> House:
    """Return a company with a second person, and with an open invitation."""
    company.register("bo@example.com")
    company.invite("cy@example.com")
    return company


async def check(admin: Admin, command: keys.Command) -> None:
    """Check that the command has done what it does."""
    expected = DOES[command.id]
    if expected is None:
        assert admin.console.return_value == 0
    else:
        assert expected in admin.text


@pytest.mark.parametrize("command", [each for each in keys.COMMANDS if each.shown], ids=lambda each: each.id)
def test_every_command_is_reached_by_the_key_it_is_shown_with(two: House, command: keys.Command) -> None:
    """The key that the help shows for a command runs it."""

    async def story(admin: Admin) -> None:
        if keys.USERS not in command.lists:
            await admin.press("2")
        await admin.press(
            SHOWN_AS.get(command.shown, command.shown if command.shown != "=" else "equals_sign")
        )
        await check(admin, command)

    play(two.core, story)


@pytest.mark.parametrize("command", keys.COMMANDS, ids=lambda each: each.id)
def test_every_command_is_reached_by_its_name(two: House, command: keys.Command) -> None:
    """`:name` runs a command."""

    async def story(admin: Admin) -> None:
        if keys.USERS not in command.lists:
            await admin.press("2")
        await admin.type(f":{command.name}\r")
        await check(admin, command)

    play(two.core, story)


def test_the_help_can_be_searched_and_run(two: House) -> None:
    """Typing in the help narrows it down to commands with those words, and Enter runs the one under the cursor."""

    async def story(admin: Admin) -> None:
        await admin.press("question_mark")
        assert "Show everything about the row." in admin.text
        await admin.type("own passw")
        assert ":password" in admin.text
        assert ":invite" not in admin.text
        await admin.press("enter")
        assert "Change your password" in admin.text

    play(two.core, story)


def test_the_help_shows_every_command_of_the_list_and_how_to_move(two: House) -> None:
    """Going down through the help passes every command that works here, and the keys that move."""

    async def story(admin: Admin) -> None:
        await admin.press("2", "question_mark")
        seen = admin.text
        for _ in range(4):
            await admin.press("pagedown")
            seen += admin.text
        for command in keys.commands_of(keys.INVITATIONS):
            assert command.id == "help" or f":{command.name}" in seen
        assert all(key in seen for key, _ in keys.MOVING)

    play(two.core, story, size=(120, 40))


def test_what_the_help_has_no_room_for_is_said_below(two: House) -> None:
    """At 80 columns the sentence of the command under the cursor is there in full."""

    async def story(admin: Admin) -> None:
        await admin.press("2", "question_mark")
        await admin.type("trail")
        assert "Copy and show the registration link; the audit trail says so." in admin.said

    play(two.core, story)


def test_an_unknown_command_is_named_and_the_known_ones_are_listed(two: House) -> None:
    """The sentence for an unknown name lists what there is, whole."""

    async def story(admin: Admin) -> None:
        await admin.type(":dance\r")
        assert "There is no command dance. There is: open, invite, import," in admin.said
        assert all(command.name in admin.said for command in keys.commands_of(keys.USERS))

    play(two.core, story)


def test_a_command_may_be_shortened_while_it_is_unmistakable(two: House) -> None:
    """`:invita` is the list of invitations, `:in` could be two commands and is none."""

    async def story(admin: Admin) -> None:
        await admin.type(":in\r")
        assert "There is no command in." in admin.said
        await admin.type(":invita state:accepted\r")
        assert "[2 Invitations]" in admin.lines[0]
        assert admin.lines[22].startswith(" /state:accepted")

    play(two.core, story)


def test_the_last_command_comes_back_with_the_arrow(two: House) -> None:
    """Up brings back what was typed last."""

    async def story(admin: Admin) -> None:
        await admin.type(":users berg\r")
        await admin.press("colon", "up")
        assert admin.lines[23] == " :users berg"

    play(two.core, story)


def test_esc_and_the_key_behind_it_are_two_keys(two: House) -> None:
    """Over a slow line Esc and the next key arrive together, which must not make them a third."""

    async def story(admin: Admin) -> None:
        await admin.type("?\x1b2")
        assert "Commands and keys" not in admin.text
        assert "[2 Invitations]" in admin.lines[0]
        await admin.type("/x\x1b:\x1bi\x1b-")
        assert "[1 Users]" in admin.lines[0]

    play(two.core, story)


def test_letters_typed_into_a_prompt_are_letters(two: House) -> None:
    """Keys of commands do nothing but write while a prompt is open."""

    async def story(admin: Admin) -> None:
        await admin.type("/XQOirL12-=?:")
        assert admin.lines[23] == " /XQOirL12-=?:"
        assert admin.console.is_running

    play(two.core, story)


def test_paused_mail_is_seen_on_every_list_until_it_is_resumed(two: House) -> None:
    """Pausing shows in the title, names the reason in the database, and resuming takes the sign away."""

    async def story(admin: Admin) -> None:
        await admin.type(":mail-pause server moves\r")
        await admin.notice_changes()
        assert "MAIL PAUSED" in admin.lines[0]
        with two.core.operator_look() as look:
            assert mail.line(look).reason == "server moves"
        await admin.type(":mail-rate 600\r")
        assert "600 mails a minute at most." in admin.said
        await admin.type(":mail-resume\r")
        await admin.notice_changes()
        assert "MAIL PAUSED" not in admin.lines[0]

    play(two.core, story)
