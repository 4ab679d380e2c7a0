"""The menu of everything that can be done with the marked rows; core says what it refuses, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from core.errors import Problem
from tui import keys
from tui.screens.picker import Choice, Picker

if TYPE_CHECKING:
    from core.work import Work
    from tui.screens.actions import ActingList

Refusals = Mapping[str, str]


def open_menu(
    screen: ActingList[Any],
    words: str,
    commands: Collection[str],
    refusals: Callable[[Work], Refusals] | None,
) -> None:
    """Show the menu; Enter runs what is under the cursor.

    Args:
        screen: the list.
        words: whom or what it is about.
        commands: their ids.
        refusals: asks core for command -> why it is refused; None where that would take too long.
    """

    def show(found: Refusals) -> None:
        screen.asking = False
        offered = [
            Choice(each.id, f"{each.shown or ' ':<5} {each.title}", each.help, found.get(each.id, ""))
            for each in keys.commands_of(screen.kind.name)
            if each.id in commands
        ]
        screen.console.push_screen(Picker(f"Actions for {words}", offered), chosen)

    def chosen(taken: tuple[str, ...] | None) -> None:
        if taken:
            screen.run(taken[0], "")

    def refuse(problem: Problem) -> None:
        screen.asking = False
        screen.fail(problem)

    if refusals is None:
        show({})
        return
    screen.asking = True
    screen.jobs.plan(refusals, show, refuse)
