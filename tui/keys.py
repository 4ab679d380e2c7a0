"""One registry of commands: it feeds the keys, the hint line, the help and the `:` line.

Lower case looks or picks, capitals have consequences; the same key means the same on every list. Never bound are the
control keys that terminals alias or multiplexers steal (Ctrl+H I J M A B S Q Z), Alt and function keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

USERS, INVITATIONS = "users", "invitations"
EVERYWHERE = (USERS, INVITATIONS)


@dataclass(frozen=True, slots=True)
class Command:
    """Something an admin can do.

    Attributes:
        id: name of the action method (`do_<id>`) and of the binding.
        name: what is typed after `:`.
        keys: Textual key names, comma separated; the first is shown.
        shown: how the key is written for a person.
        title: two words for the hint line.
        help: one sentence.
        lists: where it works.
        hint: place in the hint line, small first; 0 for none.
        argument: what may follow after `:name`.
    """

    id: str
    name: str
    keys: str
    shown: str
    title: str
    help: str
    lists: tuple[str, ...] = EVERYWHERE
    hint: int = 0
    argument: str = ""


COMMANDS = (
    Command("open", "open", "", "Enter", "open", "Show everything about the row.", hint=2),
    Command("invite", "invite", "i", "i", "invite", "Invite one or several people.", hint=1, argument="ADDRESS…"),
    Command("import", "import", "I", "I", "import", "Invite many: paste addresses or read a file.", hint=5, argument="FILE"),
    Command("undo", "undo", "u", "u", "undo", "Take back the last bulk invitation; it asks first.", argument="NAME"),
    Command("withdraw", "withdraw", "X", "X", "withdraw", "Take invitations back; their links die at once.",
            (INVITATIONS,), 4),
    Command("renew", "renew", "r", "r", "renew", "Send new links for the same role and places; old links die.",
            (INVITATIONS,), 3),
    Command("copy_link", "link", "L", "L", "link", "Copy and show the registration link; the audit trail says so.",
            (INVITATIONS,), 5),
    Command("copy", "copy", "y", "y", "copy addresses", "Copy the addresses of the marked rows, or of this row."),
    Command("users", "users", "1", "1", "users", "Go to the list of people.", argument="FILTER"),
    Command("invitations", "invitations", "2", "2", "invitations", "Go to the list of invitations.", argument="FILTER"),
    Command("previous_list", "previous", "minus", "-", "previous list", "Go back to the list before."),
    Command("filter", "filter", "slash", "/", "filter", "Narrow the list down: words, role:trainer, -dept:sales …",
            hint=6, argument="FILTER"),
    Command("clear_filter", "all", "equals_sign", "=", "all rows", "Drop the filter."),
    Command("mark", "mark", "", "Space", "mark", "Mark the row and go down; v opens a range, * marks all.", hint=8),
    Command("refresh", "refresh", "R,ctrl+r", "R", "refresh", "Read the list again."),
    Command("command", "command", "colon", ":", "command", "Type a command by name.", hint=7),
    Command("help", "help", "question_mark", "?", "help", "Show and run every command.", hint=9),
    Command("mail_pause", "mail-pause", "", "", "pause mail", "Let no mail leave until somebody resumes.",
            argument="REASON"),
    Command("mail_resume", "mail-resume", "", "", "resume mail", "Let mails leave again."),
    Command("mail_rate", "mail-rate", "", "", "mail rate", "Mails a minute, or none for as many as the server takes.",
            argument="N"),
    Command("password", "password", "", "", "own password", "Change your own password."),
    Command("sign_out", "sign-out", "O", "O", "sign out", "Sign out and go back to the sign-in."),
    Command("quit", "quit", "Q", "Q", "quit", "Leave the console.", hint=10),
)  # fmt: skip

MOVING = (
    ("j k ↓ ↑", "one row"),
    ("Ctrl+D Ctrl+U", "half a page"),
    ("PgDn PgUp", "a page"),
    ("g G Home End", "first and last row"),
    ("h l ← →", "column"),
    ("[ ]", "sort by the column, up and down"),
    ("Space", "mark, and go down"),
    ("v", "open or close a range"),
    ("Shift+↑ ↓", "mark while moving"),
    ("* ! M", "mark all, swap, unmark all"),
    ("Esc", "one step back: prompt, range, filter"),
)

ACTING = frozenset(key for command in COMMANDS for key in command.keys.split(",") if key) | {"enter", "space"}
"""Keys that act on rows, so that they wait for rows that are on their way; those that only move do not."""


def commands_of(place: str) -> tuple[Command, ...]:
    """Return what works on a list."""
    return tuple(command for command in COMMANDS if place in command.lists)


def named(name: str) -> Command | None:
    """Return the command called `name`, or the only one that begins so."""
    exact = [command for command in COMMANDS if command.name == name]
    begun = exact or [command for command in COMMANDS if name and command.name.startswith(name)]
    return begun[0] if len(begun) == 1 else None


def hints(place: str, room: int) -> str:
    """Return the hint line of a list: the help, and as many of the most useful keys as fit into `room` cells."""
    return hints_of(commands_of(place), room)


def hints_of(commands: Iterable[Command], room: int) -> str:
    """Return the hint line for some commands, as `hints` does."""
    useful = [command for command in commands if command.hint]
    kept: list[Command] = []
    for command in sorted(useful, key=lambda command: (command.id != "help", command.hint)):
        if len(_joined([*kept, command])) <= room:
            kept.append(command)
    return _joined(sorted(kept, key=lambda command: command.hint))


def _joined(commands: Iterable[Command]) -> str:
    return "   ".join(f"{command.shown} {command.title}" for command in commands)
