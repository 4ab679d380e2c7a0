"""The help: every command that works here, to be searched and run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui import keys
from tui.screens.picker import Choice, Picker

if TYPE_CHECKING:
    from tui.app import Console


def open_help(console: Console, place: str, run: Callable[[str], None]) -> None:
    """Show the commands of a list and how to move; Enter runs the one under the cursor."""
    choices = [
        Choice(command.id, f"{command.shown or ' ':<5} :{command.name}", command.help)
        for command in keys.commands_of(place)
        if command.id != "help"
    ]
    moving = [Choice("", key, does) for key, does in keys.MOVING]

    def chosen(taken: tuple[str, ...] | None) -> None:
        if taken and taken[0]:
            run(taken[0])

    console.push_screen(Picker("Commands and keys", [*choices, *moving]), chosen)
