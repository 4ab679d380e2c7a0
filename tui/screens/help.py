"""The help and the palette: every command, to be searched and run, from the one registry.

The help is what works on this list, by topic, with the keys that move. The palette finds any command by any of its
words; what is refused here and now says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tui import keys
from tui.screens.picker import Choice, Picker

if TYPE_CHECKING:
    from tui.screens.actions import ActingList

_KEY = 7
_OPENS = ("help", "palette")
_NOT_NOW = "not now"


def open_help(host: ActingList[Any]) -> None:
    """Show the commands of a list by topic and how to move; Enter runs the one under the cursor."""
    host.console.push_screen(
        Picker("Commands and keys", list(_by_topic(host)), loose=True, refused=_NOT_NOW), _runner(host)
    )


def open_palette(host: ActingList[Any]) -> None:
    """Find a command by any of its words; those of other lists and those refused now say why they do not run."""
    here = keys.commands_of(host.kind.name)
    others = (command for command in keys.COMMANDS if command not in here)
    choices = [_choice(host, command) for command in (*here, *others) if command.id not in _OPENS]
    host.console.push_screen(Picker("Run", choices, loose=True, refused=_NOT_NOW), _runner(host))


def _by_topic(host: ActingList[Any]) -> Iterator[Choice]:
    here = keys.commands_of(host.kind.name)
    for topic, commands in keys.TOPICS.items():
        known = [command for command in commands if command in here and command.id != "help"]
        if known:
            yield Choice("", topic, is_heading=True)
            yield from (_choice(host, command) for command in known)
    yield Choice("", "Moving", is_heading=True)
    yield from (Choice("", key, does) for key, does in keys.MOVING)


def _choice(host: ActingList[Any], command: keys.Command) -> Choice:
    argument = f" {command.argument}" if command.argument else ""
    label = f"{command.shown:<{_KEY}}:{command.name}{argument}"
    return Choice(command.id, label, command.help, host.refusal_of(command.id))


def _runner(host: ActingList[Any]) -> Any:
    def run(taken: tuple[str, ...] | None) -> None:
        if taken and taken[0]:
            host.run(taken[0], "")

    return run
