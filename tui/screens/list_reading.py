"""How a list reads: its ids in the background, its rows by page, and again when somebody changed something."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from textual import events, on

from core.errors import InvalidFilter, Problem
from core.filters import Filter
from core.reading import company
from core.reading.lists import Sort
from core.work import Look
from tui import keys
from tui.screens.list_kind import ListKind
from tui.screens.list_lines import ListLines
from tui.widgets.grid import Grid
from tui.widgets.rows import PAGE, UNKNOWN

R = TypeVar("R")


class ReadingList(ListLines[R], Generic[R], inherit_bindings=False):
    """A list that reads."""

    def __init__(self, kind: ListKind[R]) -> None:
        """Make the list; it reads when it is first shown."""
        super().__init__(kind)
        self.sort = kind.sort
        self._reading = 0
        self._vector = 0
        self._ids = array("q")
        self._complete = False
        self._stale = True
        self._from_top = False
        self._sought: tuple[int, str] | None = None
        self._filter_shown = Filter()

    def on_mount(self) -> None:
        """Begin with the grid, in the order and with the filter of last time."""
        self.grid.hear_at_once = self._show_status
        self._recall(self.console.memory.of_list(self.kind.name))
        self.grid.show_sort(self.sort.column, descending=self.sort.descending)

    @on(events.ScreenResume)
    def come_to_front(self) -> None:
        """Read again if anything has changed behind the scenes; what is newest is in sight where it was before."""
        self._from_top = self._stale and self.sort.descending and not self.grid.cursor_index
        if not self.prompt.is_open:
            self.grid.focus()
        self._show_title()
        self.show_warning()
        self._show_hints()
        self.catch_up()

    def catch_up(self) -> None:
        """Read what was put off."""
        if self._stale:
            self.read()

    def read(self) -> None:
        """Read the list anew; the cursor stays on its row, and marks stay."""
        self._stale = False
        self._reading += 1
        number, chosen, source = self._reading, self.filter, self.source()
        show = partial(self._show, number=number, chosen=chosen)
        jobs, begins_anew = self.jobs, self._begins_anew()

        def gather(look: Look) -> array[int]:
            found = array("q")
            for part in source(look):
                if number != self._reading:
                    break
                if begins_anew and not found and len(part) >= PAGE:
                    begin = partial(self._show_beginning, array("q", part), self.kind.rows(look, part[:PAGE]))
                    jobs.tell(partial(begin, number=number, chosen=chosen))
                found.extend(part)
            return found

        jobs.ask(gather, partial(show, complete=True), self._not_read, latest=f"ids {self.kind.name}")
        jobs.ask(company.company, self._show_room, self.fail, latest=f"company {self.kind.name}")

    def read_and_go_to(self, row_id: int, hidden: str) -> None:
        """Read the list anew and put the cursor on a row, which keys wait for.

        Args:
            row_id: which.
            hidden: what to say where the list, as it is narrowed down, does not show it.
        """
        self._sought = row_id, hidden
        self.read()

    def _begins_anew(self) -> bool:
        """Whether the first rows of a long list may be shown before the rest of it is known."""
        return not self._vector or (self.filter != self._filter_shown and self.grid.cursor_index == 0)

    def _show_beginning(self, ids: array[int], rows: list[R], *, number: int, chosen: Filter) -> None:
        """Show the first rows of a list whose other ids are still being read."""
        self._show(ids, number=number, chosen=chosen, complete=False)
        if number == self._reading:
            self.grid.put_page(self._vector, 0, rows)

    def source(self) -> Callable[[Look], Iterator[Sequence[int]]]:
        """Return what reads the ids of the list as it is to be shown now."""
        chosen, sort = self.filter, self.sort
        return lambda look: self.kind.ids(look, chosen, sort)

    def show_vector(self, ids: array[int]) -> None:
        """Show these ids at once, whatever was being read."""
        self._reading += 1
        self._show(ids, number=self._reading, chosen=self.filter, complete=True)

    @property
    def is_behind(self) -> bool:
        """Whether another list is on its way."""
        return not self._vector or self.filter != self._filter_shown or self._sought is not None

    def is_too_early(self, event: events.Event) -> bool:
        """Say whether a key would hit rows that are still on their way."""
        return not self.prompt.is_open and self.misses_rows(event)

    def misses_rows(self, event: events.Event) -> bool:
        """Say whether rows that a key would act on are still on their way."""
        if self.is_behind and (self.jobs.busy or not self._reading):
            return True
        acts = isinstance(event, events.Key) and event.key in keys.ACTING
        return acts and self.grid.cursor_id is not None and self.grid.cursor_row is UNKNOWN

    @on(Grid.PageNeeded)
    def fetch(self, message: Grid.PageNeeded) -> None:
        """Ask core for rows that came into view."""
        grid, wanted = self.grid, list(message.ids)

        def rows(look: Look) -> list[R]:
            return self.kind.rows(look, wanted) if grid.wants(message.generation, message.page) else []

        def put(found: list[R]) -> None:
            if grid.wants(message.generation, message.page) or found:
                grid.put_page(message.generation, message.page, found)
                self.rows_came()
            else:
                grid.give_up(message.generation, message.page)

        def failed(problem: Problem) -> None:
            grid.give_up(message.generation, message.page)
            self.fail(problem)

        self.jobs.ask(rows, put, failed)

    def rows_came(self) -> None:
        """Rows are here that were on their way; for lists that tell of the one under the cursor."""

    @on(Grid.SortRequested)
    def sort_by(self, message: Grid.SortRequested) -> None:
        """Put the list into another order."""
        self.set_sort(Sort(message.column, message.descending))

    def set_sort(self, sort: Sort) -> None:
        """Put the list into another order."""
        self.sort = sort
        self.grid.show_sort(sort.column, descending=sort.descending)
        self.read()

    def note(self, remembered: MutableMapping[str, Any]) -> None:
        """Write down what this admin finds again at the next sign-in."""
        remembered["sort"] = [self.sort.column, self.sort.descending]

    def fail(self, problem: Problem) -> None:
        """Say what core refused."""
        self.say(problem.message)

    def _recall(self, remembered: Mapping[str, Any]) -> None:
        """Take up the order of last time, where the list still has it."""
        match remembered.get("sort"):
            case [str() as column, bool() as descending] if any(
                each.key == column and each.sortable for each in self.kind.columns
            ):
                self.sort = Sort(column, descending)

    def _show(self, found: array[int], *, number: int, chosen: Filter, complete: bool) -> None:
        if number != self._reading:
            return
        self._filter_shown = chosen
        self.grid.empty = (
            f"Nothing matches {chosen}. Esc drops the filter." if chosen.terms else self.kind.empty
        )
        if not self._complete or found != self._ids:
            self._vector += 1
            known = 0 if self._complete else len(self._ids)
            self._complete = complete
            if known and found[:known] == self._ids:
                self.grid.extend_ids(found[known:], self._vector, complete=complete)
            else:
                self._ids = found
                self.grid.show_ids(found, self._vector, complete=complete)
                if self._from_top:
                    self.grid.action_top()
        self._from_top = self._from_top and not complete
        if complete:
            self._go_to_sought()
        self._show_status()

    def _go_to_sought(self) -> None:
        sought, self._sought = self._sought, None
        if sought is None:
            return
        row_id, hidden = sought
        if row_id in self._ids:
            self.grid.go_to(self._ids.index(row_id))
        else:
            self.say(hidden)

    def _not_read(self, problem: Problem) -> None:
        """Say why, and go back to the filter of what is shown; to none where nothing was shown yet."""
        self.filter, self._sought = self._filter_shown, None
        self.fail(problem)
        if not self._vector and problem.code == InvalidFilter.code:
            self.read()
