"""What an admin can do at the import, as a registry like that of the lists."""

from __future__ import annotations

from tui.keys import Command

IMPORT = "import"
PLACE = (IMPORT,)
COMMANDS = (
    Command("go", "go", "I", "I", "import", "Show the plan, then import what is ready.", PLACE, 1),
    Command("file", "file", "f", "f", "file", "Read a file; Tab completes its path.", PLACE, 2),
    Command("offer", "offer", "o", "o", "role", "Choose role, department, groups and days.", PLACE, 3),
    Command("mend", "mend", "e", "e", "mend", "Type the address of this row anew.", PLACE, 4),
    Command("drop", "drop", "x", "x", "drop", "Leave out the marked rows, or this one.", PLACE, 5),
    Command("take", "take", "t", "t", "typo", "Take what the row was probably meant to be.", PLACE, 6),
    Command("take_all", "take-all", "T", "T", "all typos", "Take every suggestion.", PLACE, 9),
    Command("renew", "renew", "r", "r", "renew", "Renew open invitations instead of skipping them.", PLACE, 8),
    Command("questions", "problems", "p", "p", "problems", "Show only the rows that are not ready, or all.", PLACE, 7),
    Command("help", "help", "question_mark", "?", "help", "Show and run every command.", PLACE, 10),
)  # fmt: skip
