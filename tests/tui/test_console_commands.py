"""Every command: reachable by its key, by its name and from the help, and explained."""

from __future__ import annotations

import pytest

from core.reading import mail
from core.services.licenses import add_license
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tui import keys
from tui.screens.lists import LISTS

pytestmark = [sqlite_only, pytest.mark.slow]
DOES = {
    "open": "Bo Berg",
    "why": "Bo Berg",
    "history": "History",
    "actions": "archive on a day",
    "edit": "Edit Bo Berg",
    "role": "Role for the row under the cursor",
    "department": "Department for the row under the cursor",
    "teams": "Learning groups for the row under the cursor",
    "language": "Language for the row under the cursor",
    "job_title": "Job title for the row under the cursor",
    "archive": "Archive",
    "seats": "Seats for the row under the cursor",
    "revoke": "No seat of any license is held here.",
    "leave": "Archive on:",
    "as_of": "Which day?",
    "reactivate": "active",
    "repeat": "No change was made yet that could be repeated.",
    "invite": "Invite people",
    "import": "Import people into",
    "undo": "There is no bulk change that could be undone.",
    "withdraw": "Withdraw the invitation of",
    "renew": "Renew the invitation of",
    "copy_link": "Registration link of",
    "new": "New department",
    "rename": "Rename the department Sales",
    "merge": "Nobody is in Sales.",
    "delete": "Delete the department Sales?",
    "give": "Give a seat of Premium Sales to",
    "members": "[1 Users]",
    "desk": "Unused seats",
    "waiting": "Premium Sales keeps a waiting list now",
    "retry": "1 mail is tried again.",
    "test_mail": "A test mail to ada@example.com is queued.",
    "mail_preview": "Preview: invitation, English.",
    "mail_pause": "Mail is paused.",
    "mail_resume": "Mails leave again.",
    "mail_rate": "Type how many mails may leave in a minute",
    "mark": "1 marked",
    "mark_filter": "\n mark",
    "unmark_filter": "\n unmark",
    "mark_same": "finds 1: 1 marked.",
    "show_marked": "No row is marked.",
    "next_marked": "No row is marked",
    "previous_marked": "No row is marked",
    "copy": "1 address copied.",
    "copy_rows": "copied",
    "filter": "\n /",
    "filter_cell": '/"Bo Berg"',
    "facets": "count",
    "columns": "Columns of this list",
    "widen": "1–2 of 2",
    "narrow": "1–2 of 2",
    "views": "No view is saved yet.",
    "save_view": "Type a name for the view",
    "reset": "1–2 of 2",
    "refresh": "1–2 of 2",
    "users": "[1 Users]",
    "invitations": "[2 Invitations]",
    "licenses": "[3 Licenses]",
    "departments": "[4 Departments]",
    "groups": "[5 Groups]",
    "roles": "[6 Roles]",
    "audit": "[7 Audit]",
    "mail": "[8 Mail]",
    "company": "[9 Company]",
    "previous_list": "There is no list before this one.",
    "command": "\n :",
    "palette": "\n Run",
    "help": "Commands and keys",
    "jobs": "Jobs: what runs",
    "messages": "What the console has said",
    "warnings": "There is nothing to warn of",
    "theme": "Theme",
    "password": "Change your password",
    "sign_out": "You are signed out.",
    "quit": None,
}
SHOWN_AS = {"Enter": "enter", "Space": "space"}
NUMBER_OF = {each.name: str(each.number) for each in LISTS}


@pytest.fixture
def two(company: House) -> House:
    """Return a company with a second person, and with an open invitation."""
    company.register("bo@example.com")
    company.invite("cy@example.com")
    with company.core.operator() as work:
        add_license(work, "Premium Sales", seats=2)
    return company


async def check(admin: Admin, command: keys.Command) -> None:
    """Check that the command has done what it does."""
    expected = DOES[command.id]
    if expected is None:
        assert admin.console.return_value == 0
    else:
        assert expected in admin.text


async def go_where_it_works(admin: Admin, command: keys.Command) -> None:
    """Go to the first list on which the command works."""
    if command.lists[0] != keys.USERS:
        await admin.press(NUMBER_OF[command.lists[0]])


@pytest.mark.parametrize("command", keys.COMMANDS, ids=lambda each: each.id)
def test_every_command_is_reached_by_its_key_or_by_its_name(two: House, command: keys.Command) -> None:
    """The key that the help shows for a command runs it, and where it has none, `:name` does."""

    async def story(admin: Admin) -> None:
        await go_where_it_works(admin, command)
        key = command.keys.split(",")[0] or SHOWN_AS.get(command.shown)
        if key:
            await admin.press(key)
        else:
            await admin.type(f":{command.name}\r")
        await check(admin, command)

    play(two.core, story)


def test_a_command_with_a_key_is_reached_by_its_name_too(two: House) -> None:
    """`:name` runs a command on the list where it works, and says where it works on another."""

    async def story(admin: Admin) -> None:
        await admin.type(":invite\r")
        await check(admin, keys.by_id("invite"))
        await admin.press("escape")
        await admin.type(":renew\r")
        assert "Renew works on the list of invitations." in admin.said
        await admin.type(":invitations state:any\r:renew\r")
        await check(admin, keys.by_id("renew"))

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
        for _ in range(12):
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
        await admin.type("trail says")
        assert "Copy and show the registration link; the audit trail says so." in admin.said

    play(two.core, story)


def test_an_unknown_command_is_named_with_what_was_probably_meant(two: House) -> None:
    """The sentence for an unknown name offers those that are spelled nearly so, or else says where they all are."""

    async def story(admin: Admin) -> None:
        await admin.type(":zzz\r")
        assert "There is no command zzz. ? shows every command." in admin.said
        await admin.type(":archvie\r")
        assert "There is no command archvie. Did you mean archive?" in admin.said

    play(two.core, story)


def test_a_command_may_be_shortened_while_it_is_unmistakable(two: House) -> None:
    """`:invita` is the list of invitations, `:in` could be two commands and is none."""

    async def story(admin: Admin) -> None:
        await admin.type(":in\r")
        assert "in may be invite, invitations. Type more of it." in admin.said
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
