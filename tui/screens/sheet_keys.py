"""What an admin can do in a sheet, as a registry like that of the lists."""

from __future__ import annotations

from tui.keys import Command

SHEET = "sheet"
PLACE = (SHEET,)
COMMANDS = (
    Command("type", "type", "enter,e,f2", "Enter", "type", "Type in this cell; Enter goes on down, Tab right, Esc stops.", PLACE, 1),
    Command("save", "save", "ctrl+o,S", "Ctrl+O", "save", "Show what would change, then save it.", PLACE, 2),
    Command("fill", "fill", "full_stop", ".", "fill down", "Put this text into the cell below, or down the whole range.", PLACE, 3),
    Command("empty", "empty", "delete,backspace", "Del", "empty", "Empty this cell, or the range.", PLACE, 8),
    Command("back", "back", "x", "x", "as it was", "Put this cell, or the range, back as it was read.", PLACE, 7),
    Command("undo", "undo", "u", "u", "undo", "Take back the last step; nothing is saved yet.", PLACE, 4),
    Command("redo", "redo", "U", "U", "redo", "Do again what was taken back last.", PLACE, 9),
    Command("next_wrong", "wrong", "n", "n", "wrong", "Go to the next text that cannot be meant.", PLACE, 6),
    Command("choose", "choose", "o", "o", "choose", "Choose from what there is: department, role, groups, language.", PLACE, 5),
    Command("why", "why", "w", "w", "why?", "Say why this person or role is out of reach.", PLACE, 11),
    Command("help", "help", "question_mark", "?", "help", "Show and run every command.", PLACE, 10),
)  # fmt: skip

MOVING = (
    ("j k ↓ ↑", "one row"),
    ("h l ← → Tab", "one column"),
    ("Ctrl+D Ctrl+U", "half a page"),
    ("PgDn PgUp", "a page"),
    ("g G Home End", "first and last row"),
    ("0 $", "first and last column"),
    ("v  Shift+↑ ↓", "open a range of rows"),
    ("paste", "lines go down, tabs go right, from this cell"),
    ("Esc", "one step back: typing, range, sheet"),
)
