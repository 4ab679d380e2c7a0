"""The rows behind one line of a plan or report: who they are, why, and which of them to leave out."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from core.errors import Problem
from core.filters import Filter
from core.reading import users
from core.work import Look
from tui import keys
from tui.owned_jobs import OwnedJobs
from tui.screens.facts import FactsScreen
from tui.screens.plan_words import Entry, Group
from tui.widgets.grid import Grid
from tui.widgets.prompt import Line

if TYPE_CHECKING:
    from tui.app import Console
    from tui.screens.list_kind import ListKind

_VIEW, _DROP = "Space mark   ", "x leave out of the plan   "


def show_lines(app: App[Any], entry: Entry | None) -> bool:
    """Show each line of a pasted list or a file with its own sentence; return whether the entry has only such."""
    if entry is None or entry.group is not None or not entry.lines:
        return False
    app.push_screen(FactsScreen(entry.text, entry.lines))
    return True


def rows_of(group: Group, list_name: str, look: Look) -> array[int]:
    """Return the rows of a group in the order of its list, those of a filter only where there is one."""
    wanted = array("q", group.ids)
    if group.chosen is None or list_name != keys.USERS:
        return wanted
    return _found(look, group.chosen, wanted)


def _found(look: Look, chosen: Filter, wanted: Sequence[int]) -> array[int]:
    members = frozenset(wanted)
    found = array("q")
    for chunk in users.ids(look, chosen):
        found.extend(row_id for row_id in chunk if row_id in members)
    return found


class RowsScreen(ModalScreen["frozenset[int] | None"], inherit_bindings=False):
    """Shows rows; ends with those to leave out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g,q", "close", show=False, id="rows.close"),
        Binding("x", "drop", show=False, id="rows.drop"),
    ]

    def __init__(
        self,
        group: Group,
        ids: Sequence[int],
        *,
        list_name: str,
        messages: Mapping[int, str],
        may_drop: bool,
    ) -> None:
        """Show the rows of a group.

        Args:
            group: what they have in common.
            ids: which.
            list_name: of the list that shows such rows.
            messages: why, for those of which that is known; the others are as the group's title says.
            may_drop: whether they can be left out of a plan.
        """
        super().__init__()
        self._group, self._ids = group, array("q", ids)
        self._list_name, self._messages, self._may_drop = list_name, messages, may_drop

    def compose(self) -> ComposeResult:
        """Lay out title, grid, reason and keys."""
        yield Line(id="title")
        yield Grid[Any](columns=self._kind.columns, empty="Nobody.", flag_seconds=0.0, id="grid")
        yield Line(id="status", most=3)
        yield Line(id="hints")

    def on_mount(self) -> None:
        """Show the rows."""
        self.query_one("#title", Line).show(self._group.title, f"{len(self._ids):,}")
        self.query_one("#hints", Line).show(f"{_VIEW + _DROP if self._may_drop else ''}Esc back")
        grid = self.grid
        grid.focus()
        grid.show_ids(self._ids, 1)

    @property
    def grid(self) -> Grid[Any]:
        """The grid."""
        return self.query_one(Grid)

    @property
    def _kind(self) -> ListKind[Any]:
        from tui.screens.people_lists import INVITATIONS, USERS  # noqa: PLC0415 - they know the verbs that lead here

        return INVITATIONS if self._list_name == keys.INVITATIONS else USERS

    def action_close(self) -> None:
        """Close the range, or go back."""
        if not self.grid.cancel_range():
            self.dismiss(None)

    def action_drop(self) -> None:
        """Leave the marked rows, or this one, out of the plan."""
        targets = self.grid.target_ids
        if self._may_drop and targets:
            self.dismiss(frozenset(targets))

    @on(Grid.PageNeeded)
    def fetch(self, message: Grid.PageNeeded) -> None:
        """Ask core for rows that came into view."""
        grid, wanted = self.grid, list(message.ids)

        def failed(problem: Problem) -> None:
            grid.give_up(message.generation, message.page)
            self.query_one("#status", Line).show(problem.message)

        jobs = OwnedJobs(cast("Console", self.app).jobs, self)
        put = partial(grid.put_page, message.generation, message.page)
        kind = self._kind
        jobs.ask(lambda look: kind.rows(look, wanted), lambda rows: put(rows) and None, failed)

    @on(Grid.CursorMoved)
    @on(Grid.PositionChanged)
    @on(Grid.MarksChanged)
    def show_reason(self) -> None:
        """Say why the row under the cursor is here."""
        grid = self.grid
        row_id = grid.cursor_id
        reason = (
            ""
            if row_id is None
            else self._messages.get(row_id, "" if not self._group.code else self._group.title)
        )
        marked = f"{grid.marks.count:,} marked  " if grid.marks.count else ""
        self.query_one("#status", Line).show(reason, f"{marked}{grid.position}")
