"""What an admin can do on the screen of one license, as a registry like that of the lists."""

from __future__ import annotations

from tui.keys import Command

LICENSE = "license"
_PLACE = (LICENSE,)
COMMANDS = (
    Command("add", "add", "n", "n", "add person", "Search somebody by name or address and give them a seat.", _PLACE, 1),
    Command("open", "open", "", "Enter", "person", "Show everything about the person.", _PLACE, 6),
    Command("paste", "paste", "p", "p", "paste a list", "Give a seat to everybody in a pasted list of addresses, or in a file.",
            _PLACE, 2),
    Command("department", "department", "d", "d", "department", "Give everybody in a department a seat.", _PLACE, 3),
    Command("teams", "teams", "t", "t", "group", "Give everybody in a learning group a seat.", _PLACE, 4),
    Command("filter", "filter", "f", "f", "by filter", "Give everybody a filter finds a seat.", _PLACE, 8),
    Command("revoke", "revoke", "X", "X", "revoke", "Take the seat back from the marked people, or from this one.", _PLACE, 5),
    Command("waiters", "waiters", "tab", "Tab", "who waits", "Show who waits for a seat, or who holds one.", _PLACE, 9),
    Command("waiting", "waiting-list", "W", "W", "waiting list", "Let those who find no seat wait for the next, or no longer.",
            _PLACE, 10),
    Command("members", "members", "m", "m", "in Users", "Show these people in the list of people.", _PLACE, 7),
    Command("undo", "undo", "u", "u", "undo", "Take back the last bulk change; its plan is shown first.", _PLACE, 11),
    Command("refresh", "refresh", "R,ctrl+r", "R", "refresh", "Read the license again.", _PLACE, 13),
    Command("help", "help", "question_mark", "?", "help", "Show and run every command.", _PLACE, 12),
)  # fmt: skip
