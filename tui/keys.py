"""One registry of commands: it feeds the keys, the hint line, the help and the `:` line.

Lower case looks or picks, capitals have consequences; the same key means the same on every list. Never bound are the
control keys that terminals alias or multiplexers steal (Ctrl+H I J M A B S Q Z), Alt and function keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

USERS, INVITATIONS, LICENSES, DEPARTMENTS, GROUPS, ROLES, AUDIT, MAIL, COMPANY = (
    "users",
    "invitations",
    "licenses",
    "departments",
    "groups",
    "roles",
    "audit",
    "mail",
    "company",
)
EVERYWHERE = (USERS, INVITATIONS, LICENSES, DEPARTMENTS, GROUPS, ROLES, AUDIT, MAIL, COMPANY)
_PEOPLE = (USERS,)
_LICENSES = (LICENSES,)
_PLACES = (DEPARTMENTS, GROUPS)
_MARKING = (USERS, INVITATIONS, MAIL)


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


TOPICS: Mapping[str, tuple[Command, ...]] = {
    "This row": (
        Command("open", "open", "", "Enter", "open", "Show everything about the row.", hint=2),
        Command("why", "why", "w", "w", "why?", "Say why the row is as it is, and what would change it.", (USERS, INVITATIONS, ROLES), 7),
        Command("history", "history", "H", "H", "history", "Show what was changed on this row, by whom, old and new.",
                (USERS, INVITATIONS)),
        Command("actions", "actions", "a", "a", "actions", "Everything that can be done with the marked rows, with reasons where not.",
                (USERS, INVITATIONS), 3),
    ),
    "People": (
        Command("edit", "edit", "e", "e", "edit", "Edit the marked rows, or this one.", (USERS, *_PLACES, COMPANY), 4),
        Command("role", "role", "r", "r", "role", "Give the marked people another role.", _PEOPLE, 5, "ROLE"),
        Command("department", "department", "d", "d", "department", "Put the marked people into a department, or out of any.",
                _PEOPLE, 6, "NAME"),
        Command("teams", "teams", "t", "t", "learning groups", "Let the marked people join or leave learning groups.", _PEOPLE,
                argument="GROUP…"),
        Command("seats", "seats", "s", "s", "seats", "Give the marked people a seat of a license, or take one back.", _PEOPLE,
                5, "LICENSE"),
        Command("revoke", "revoke", "", "", "revoke seats", "Take seats of a license back from the marked people.", _PEOPLE,
                argument="LICENSE"),
        Command("language", "language", "", "", "language", "Set the language of the marked people.", _PEOPLE, argument="LANGUAGE"),
        Command("job_title", "job-title", "", "", "job title", "Set the job title of the marked people.", _PEOPLE, argument="TITLE"),
        Command("archive", "archive", "X", "X", "archive now", "Archive the marked people: their sign-ins end, their seats are free.",
                _PEOPLE, 8),
        Command("leave", "leave", "", "", "archive on a day", "Archive the marked people on a coming day; never takes that back.",
                _PEOPLE, argument="DATE"),
        Command("reactivate", "reactivate", "A", "A", "reactivate", "Let archived people in again (status:archived shows them).",
                _PEOPLE),
        Command("repeat", "repeat", "full_stop", ".", "repeat", "Do the last change again, to what is marked now.", _PEOPLE),
        Command("invite", "invite", "i", "i", "invite", "Invite one or several people.", (USERS, INVITATIONS), 1, "ADDRESS…"),
        Command("import", "import", "I", "I", "import", "Invite many: paste addresses or read a file.", (USERS, INVITATIONS), 9,
                "FILE"),
        Command("undo", "undo", "u", "u", "undo", "Take back the last bulk change; its plan is shown first.", hint=11, argument="NAME"),
    ),
    "Invitations": (
        Command("withdraw", "withdraw", "X", "X", "withdraw", "Take invitations back; their links die at once.",
                (INVITATIONS,), 4),
        Command("renew", "renew", "r", "r", "renew", "Send new links for the same role and places; old links die.",
                (INVITATIONS,), 3),
        Command("copy_link", "link", "L", "L", "link", "Copy and show the registration link; the audit trail says so.",
                (INVITATIONS,), 5),
    ),
    "Licenses": (
        Command("give", "give", "n", "n", "give a seat", "Open the license and give somebody a seat; or everybody a filter finds.",
                _LICENSES, 1, "FILTER"),
        Command("members", "members", "m", "m", "members", "Show in the list of people who holds a seat.", _LICENSES, 3),
        Command("desk", "unused", "U", "U", "unused seats", "Seats that nobody uses, and the way to reclaim them.", _LICENSES, 4,
                "DAYS"),
        Command("waiting", "waiting-list", "W", "W", "waiting list", "Let those who find no seat wait for the next, or no longer.",
                _LICENSES, 5),
    ),
    "Departments and groups": (
        Command("new", "new", "n", "n", "new", "Add a department or a learning group.", _PLACES, 1, "NAME"),
        Command("rename", "rename", "r", "r", "rename", "Give it another name.", _PLACES, 3, "NAME"),
        Command("merge", "merge", "m", "m", "merge", "Move everybody into another one and drop this one.", _PLACES, 5, "NAME"),
        Command("delete", "delete", "D", "D", "delete",
                "Delete for good: an empty place, or a person, with what would be lost shown first.", (*_PLACES, USERS), 6),
    ),
    "Mails": (
        Command("retry", "retry", "r", "r", "retry", "Try failed mails again.", (MAIL,), 1),
        Command("test_mail", "test-mail", "T", "T", "test mail", "Send a mail to yourself, the way every other mail goes.", (MAIL,), 2),
        Command("mail_preview", "mail-preview", "p", "p", "preview", "Read a mail as it would leave: each kind, in each language.",
                (MAIL,), 3, "KIND LANGUAGE"),
        Command("mail_pause", "mail-pause", "", "", "pause mail", "Let no mail leave until somebody resumes.",
                argument="REASON"),
        Command("mail_resume", "mail-resume", "", "", "resume mail", "Let mails leave again."),
        Command("mail_rate", "mail-rate", "", "", "mail rate", "Mails a minute, or none for as many as the server takes.",
                argument="N"),
    ),
    "Marking": (
        Command("mark", "mark", "", "Space", "mark", "Mark the row and go down; v opens a range, * marks all.", hint=10),
        Command("mark_filter", "mark-filter", "vertical_line", "|", "mark by filter", "Mark every row that a filter finds, shown or not.",
                _MARKING, argument="FILTER"),
        Command("unmark_filter", "unmark-filter", "backslash", "\\", "unmark by filter", "Unmark every row that a filter finds.",
                _MARKING, argument="FILTER"),
        Command("mark_same", "mark-same", "comma", ",", "mark same", "Mark the rows with the same value in this column.", _MARKING),
        Command("show_marked", "show-marked", "ampersand", "&", "only marked", "Show only the marked rows, or all again.", _MARKING),
        Command("next_marked", "next-marked", "right_curly_bracket", "}", "next marked", "Go to the next marked row.", _MARKING),
        Command("previous_marked", "previous-marked", "left_curly_bracket", "{", "previous marked", "Go to the marked row before.",
                _MARKING),
        Command("copy", "copy", "y", "y", "copy addresses", "Copy the addresses of the marked rows, or of this row.", (USERS, INVITATIONS)),
        Command("copy_rows", "copy-rows", "Y", "Y", "copy rows", "Copy the marked rows, or this row, as a table for a spreadsheet."),
    ),
    "What is shown": (
        Command("filter", "filter", "slash", "/", "filter", "Narrow the list down: words, role:trainer, -dept:sales …",
                hint=7, argument="FILTER"),
        Command("filter_cell", "filter-cell", "apostrophe", "'", "filter by cell", "Narrow the list down to this cell's value."),
        Command("facets", "count", "F", "F", "count", "Count by this column; Enter filters, Space marks.", (USERS, INVITATIONS), 12,
                "COLUMN"),
        Command("columns", "columns", "c", "c", "columns", "Choose, order and size the columns."),
        Command("widen", "widen", "greater_than_sign", ">", "wider", "Make this column wider."),
        Command("narrow", "narrow", "less_than_sign", "<", "narrower", "Make this column narrower."),
        Command("views", "views", "semicolon", ";", "views", "Open a saved view."),
        Command("save_view", "view", "", "", "save view", "Save filter, order and columns under a name.", argument="NAME"),
        Command("reset", "reset", "equals_sign", "=", "reset", "Drop the filter, and put order and columns back."),
        Command("refresh", "refresh", "R,ctrl+r", "R", "refresh", "Read the list again; new rows come in, gone ones go."),
    ),
    "Lists": (
        Command("users", "users", "1", "1", "users", "Go to the list of people.", argument="FILTER"),
        Command("as_of", "as-of", "", "", "as of a day", "Show who was active on a past day, with which role and seats.",
                argument="DATE [FILTER]"),
        Command("invitations", "invitations", "2", "2", "invitations", "Go to the list of invitations.", argument="FILTER"),
        Command("licenses", "licenses", "3", "3", "licenses", "Go to the licenses: their seats, their end, who holds and who waits.",
                argument="FILTER"),
        Command("departments", "departments", "4", "4", "departments", "Go to the departments."),
        Command("groups", "groups", "5", "5", "learning groups", "Go to the learning groups."),
        Command("roles", "roles", "6", "6", "roles", "Go to the ladder of roles: what each may do and who holds it."),
        Command("audit", "audit", "7", "7", "audit", "Go to the audit trail: who changed what, old and new.", argument="FILTER"),
        Command("mail", "mail", "8", "8", "mail", "Go to the mails and the mail server's answers.", argument="FILTER"),
        Command("company", "company", "9", "9", "company", "Go to the company's record."),
        Command("previous_list", "previous", "minus", "-", "previous list", "Go back to the list before."),
    ),
    "The console": (
        Command("command", "command", "colon", ":", "command", "Type a command by name.", hint=13),
        Command("palette", "palette", "ctrl+p", "Ctrl+P", "palette", "Find a command by any of its words, and run it."),
        Command("help", "help", "question_mark", "?", "help", "Show and run every command.", hint=14),
        Command("jobs", "jobs", "J", "J", "jobs", "What is running, and the bulk changes that were made."),
        Command("warnings", "warnings", "", "", "warnings", "Everything the company is warned of; Enter opens the license."),
        Command("messages", "messages", "E", "E", "messages", "What the console has said so far."),
        Command("theme", "theme", "", "", "theme", "Choose the colors, or none.", argument="NAME"),
        Command("password", "password", "", "", "own password", "Change your own password."),
        Command("sign_out", "sign-out", "O", "O", "sign out", "Sign out and go back to the sign-in."),
        Command("quit", "quit", "Q", "Q", "quit", "Leave the console.", hint=15),
    ),
}  # fmt: skip

COMMANDS = tuple(command for commands in TOPICS.values() for command in commands)

MOVING = (
    ("j k ↓ ↑", "one row"),
    ("Ctrl+D Ctrl+U", "half a page"),
    ("PgDn PgUp", "a page"),
    ("g G Home End", "first and last row"),
    ("h l ← → 0 $", "column; the first and the last one"),
    (":120", "row 120"),
    ("[ ]", "sort by the column, up and down"),
    ("Space", "mark, and go down"),
    ("v", "open or close a range"),
    ("Shift+↑ ↓", "mark while moving"),
    ("* ! M", "mark all, swap, unmark all"),
    ("Esc q", "one step back: prompt, range, filter"),
)

ACTING = frozenset(key for command in COMMANDS for key in command.keys.split(",") if key) | {"enter", "space"}
"""Keys that act on rows, so that they wait for rows that are on their way; those that only move do not."""


def commands_of(place: str) -> tuple[Command, ...]:
    """Return what works on a list."""
    return tuple(command for command in COMMANDS if place in command.lists)


def at(key: str, place: str) -> Command | None:
    """Return the command that a key means on a list."""
    return next((command for command in commands_of(place) if key in command.keys.split(",")), None)


def elsewhere(key: str) -> Command:
    """Return a command that the key means on some other list."""
    return next(command for command in COMMANDS if key in command.keys.split(","))


def by_id(command_id: str) -> Command:
    """Return a command of the registry."""
    return next(command for command in COMMANDS if command.id == command_id)


def named(name: str, place: str) -> Command | None:
    """Return the command called `name`, or the only one of a list that begins so; elsewhere the only one at all."""
    found = meant_by(name, place)
    return found[0] if len(found) == 1 else None


def meant_by(name: str, place: str) -> list[Command]:
    """Return the commands that a shortened `name` may stand for: of the list in front, or else of any."""
    exact = [command for command in COMMANDS if command.name == name]
    here = [command for command in commands_of(place) if name and command.name.startswith(name)]
    return exact or here or [command for command in COMMANDS if name and command.name.startswith(name)]


def unknown(name: str, place: str) -> str:
    """Return the sentence about a name that is no command, or might be several."""
    several = [command.name for command in meant_by(name, place)]
    if several:
        return f"{name} may be {', '.join(several)}. Type more of it."
    near = get_close_matches(name, [command.name for command in commands_of(place)], n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "? shows every command."
    return f"There is no command {name}. {hint}"


KEYS = tuple(dict.fromkeys(key for command in COMMANDS for key in command.keys.split(",") if key))
"""Every key that means a command on some list."""


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
