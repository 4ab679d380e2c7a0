"""What an admin can do on the screen of one person, as a registry like that of the lists."""

from __future__ import annotations

from tui.keys import Command

PERSON = "person"
PLACE = (PERSON,)
COMMANDS = (
    Command("edit", "edit", "e,enter", "e", "edit", "Edit master data, role, department and groups.", PLACE, 1),
    Command("next", "next", "j", "j", "next", "Go to the next person of the list.", PLACE, 2),
    Command("previous", "previous", "k", "k", "previous", "Go to the person before.", PLACE, 3),
    Command("why", "why", "w", "w", "why?", "Say why it is so, and what would change it.", PLACE, 4),
    Command("history", "history", "H", "H", "history", "Go down to what was changed, by whom, old and new.", PLACE, 5),
    Command("copy", "copy", "y", "y", "copy address", "Copy the address.", PLACE, 6),
    Command("refresh", "refresh", "R,ctrl+r", "R", "refresh", "Read the person again.", PLACE, 9),
    Command("help", "help", "question_mark", "?", "help", "Show and run every command.", PLACE, 7),
)  # fmt: skip
SAVE = "ctrl+o"
EDITING = "Ctrl+O save   Tab next   Shift+Tab back   Enter choose or go on   Esc leave"
MOVING = (
    ("↓ ↑", "one line"),
    ("PgDn PgUp", "a page"),
    ("g G", "first and last line"),
    ("Esc q", "back to the list"),
)
