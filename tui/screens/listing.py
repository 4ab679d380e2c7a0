"""A list: the grid, its filter, marks, live refresh, and the prompt.

One class for every list, in layers: `list_lines` shows, `list_reading` reads, `list_filter` narrows down. What differs,
such as columns and where rows come from, is in a `ListKind`; what an admin can do with the rows is in
`tui.screens.actions`.
"""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType

from tui.screens.list_filter import FilteredList
from tui.screens.list_kind import ListKind
from tui.screens.list_lines import HOW_TO_LEAVE

__all__ = ["ListKind", "ListScreen"]

R = TypeVar("R")


class ListScreen(FilteredList[R], Generic[R], inherit_bindings=False):
    """A full-screen list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g,q", "step_back", show=False, id="list.step_back"),
    ]

    def action_step_back(self) -> None:
        """One step back: range, then filter; never out of the console, and marks stay."""
        if self.grid.cancel_range():
            return
        if self.filter.terms:
            self.set_filter("")
        else:
            self.say(HOW_TO_LEAVE)

    def interrupt(self) -> None:
        """Ctrl+C: leave the prompt, stop what runs, or else say how to leave the console."""
        runs = self.console.jobs.runs
        if self.prompt.is_open:
            self.prompt.cancel()
        elif runs:
            runs[0].stop()
            self.run_moved()
        else:
            self.say(HOW_TO_LEAVE)
