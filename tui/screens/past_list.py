"""`:as-of 2026-03-31 role:trainer`: who was there at the end of a past day, with which role, status and seats."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from core.errors import Invalid, Problem
from core.filters import Filter
from core.reading import past
from core.reading.past import Past, PastRow
from core.values import iso_day
from core.work import Look
from tui.screens.full_screen import FullScreen
from tui.widgets.columns import Cell, Column
from tui.widgets.grid import Grid
from tui.widgets.prompt import Line, Prompt
from tui.widgets.rows import PAGE

if TYPE_CHECKING:
    from tui.screens.why_actions import WhyActions

_FILTER, _DAY = "filter", "day"
_KEYS = "Enter the person today   / filter   d another day   R refresh   Esc back"


def _status(row: PastRow) -> Cell:
    return Cell(row.status, "" if row.status == "active" else "dim")


COLUMNS: tuple[Column[PastRow], ...] = (
    Column(key="name", title="Name", show=lambda row: row.name, width=20, least=16, most=34, priority=1, sortable=False),
    Column(key="address", title="Email", show=lambda row: row.address, width=24, least=16, most=44, priority=3, sortable=False),
    Column(key="role", title="Role", show=lambda row: row.role.label, width=15, least=15, most=15, priority=2, sortable=False),
    Column(key="status", title="Status", show=_status, width=8, least=8, most=8, priority=5, sortable=False),
    Column(key="seats", title="Seats", show=lambda row: ", ".join(row.seats), width=16, least=14, most=60, priority=4, sortable=False),
)  # fmt: skip


def open_past(host: WhyActions[Any], argument: str) -> None:
    """Show the screen for what was typed: a day, and perhaps a filter behind it; or say what is wrong with it.

    Args:
        host: the list it is opened from; Enter shows a person as they are today, with the keys of that list.
        argument: such as `2026-03-31 role:trainer`.
    """
    written, _, text = argument.strip().partition(" ")
    try:
        day, chosen = iso_day(written, field="date"), past.parse_past(text)
    except Invalid as problem:
        host.say(problem.message)
        return
    host.console.push_screen(PastScreen(host, day, chosen))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be shown."""

    day: date
    filter: Filter


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found."""

    end: Past
    ids: array[int]
    deleted: int


class PastScreen(FullScreen):
    """The people of a past day, by name."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g,q", "step_back", show=False, id="past.step_back"),
        Binding("slash", "ask_filter", show=False, id="past.filter"),
        Binding("d", "ask_day", show=False, id="past.day"),
        Binding("R,ctrl+r", "read", show=False, id="past.read"),
    ]

    def __init__(self, host: WhyActions[Any], day: date, chosen: Filter) -> None:
        """Begin with nothing read."""
        super().__init__()
        self._host = host
        self._wanted = _Wanted(day, chosen)
        self._shown: _Wanted | None = None
        self._end: Past | None = None
        self._ids = array("q")
        self._reading = self._vector = self._number = 0
        self._about = self._message = ""

    def compose(self) -> ComposeResult:
        """Lay out title, grid, status, and the line that is keys or prompt."""
        yield Line(id="title")
        yield Grid[Any](columns=COLUMNS, empty="Reading …", flag_seconds=0.0, id="grid")
        yield Line(id="status", most=4)
        yield Line(id="hints")
        yield Prompt(id="prompt")

    def on_mount(self) -> None:
        """Read."""
        self.grid.focus()
        self.query_one("#hints", Line).show(_KEYS)
        self._show_title()
        self.action_read()

    @property
    def grid(self) -> Grid[Any]:
        """The grid."""
        return self.query_one(Grid)

    @property
    def prompt(self) -> Prompt:
        """The prompt on the last line."""
        return self.query_one(Prompt)

    @property
    def holds_keys(self) -> bool:
        """Whether the people are on their way; who types a filter or a day need not wait for them."""
        behind = self._reading > 0 and self._wanted != self._shown
        return behind and not (self.is_mounted and self.prompt.is_open)

    def say(self, sentence: str) -> None:
        """Show a message until the next one."""
        self.console.messages.add(sentence)
        self._message = sentence
        self._show_status()

    def interrupt(self) -> None:
        """Ctrl+C: leave the prompt, or else the screen."""
        if self.prompt.is_open:
            self.prompt.cancel()
        else:
            self.dismiss()

    def hear_of_change(self) -> None:
        """Somebody changed something, which leaves a past day as it was but for names, and for who was deleted."""
        self.grid.reread()

    # --- reading --------------------------------------------------------------------------------------------------

    def action_read(self) -> None:
        """Read who was there."""
        self._reading += 1
        self._number += 1
        number, wanted, jobs = self._number, self._wanted, self.jobs
        begins = wanted != self._shown

        def gather(look: Look) -> _Found:
            end = past.as_of(look, wanted.day)
            found = array("q")
            for part in past.ids(look, end, wanted.filter):
                if number != self._number:
                    break
                if begins and not found and len(part) >= PAGE:
                    first = past.rows(look, end, part[:PAGE])
                    jobs.tell(partial(self._begin, number, wanted, _Found(end, array("q", part), 0), first))
                found.extend(part)
            return _Found(end, found, past.deleted_since(look, end))

        jobs.ask(gather, partial(self._show, number, wanted), partial(self._not_read, number))

    def _begin(self, number: int, wanted: _Wanted, found: _Found, first: Sequence[PastRow]) -> None:
        """Show the first rows while the others are still being looked for."""
        if number == self._number:
            self._take(wanted, found, complete=False)
            self.grid.put_page(self._vector, 0, first)

    def _show(self, number: int, wanted: _Wanted, found: _Found) -> None:
        self._reading -= 1
        if number != self._number:
            return
        self._about = past.about_deleted(found.deleted)
        self._take(wanted, found, complete=True)

    def _take(self, wanted: _Wanted, found: _Found, *, complete: bool) -> None:
        begun = len(self._ids) if self._shown == wanted else 0
        self._shown, self._end = wanted, found.end
        self.grid.empty = (
            f"Nobody matches {wanted.filter}. Esc drops the filter." if wanted.filter.terms else "Nobody."
        )
        self._vector += 1
        if complete and begun and found.ids[:begun] == self._ids:
            self.grid.extend_ids(found.ids[begun:], self._vector, complete=True)
            self.grid.reread()
        else:
            self.grid.show_ids(found.ids, self._vector, complete=complete)
        self._ids = found.ids
        self._show_title()
        self._show_status()

    def _not_read(self, number: int, problem: Problem) -> None:
        """Say why, and stay with what is shown; where nothing is, leave that to the list behind."""
        self._reading -= 1
        if number != self._number:
            return
        if self._shown is None:
            self.dismiss()
            self._host.say(problem.message)
            return
        self._wanted = self._shown
        self.say(problem.message)

    @on(Grid.PageNeeded)
    def fetch(self, message: Grid.PageNeeded) -> None:
        """Ask core for rows that came into view."""
        grid, wanted, end = self.grid, list(message.ids), self._end

        def rows(look: Look) -> list[PastRow]:
            there = end is not None and grid.wants(message.generation, message.page)
            return past.rows(look, end, wanted) if end is not None and there else []

        def put(found: list[PastRow]) -> None:
            if grid.wants(message.generation, message.page) or found:
                grid.put_page(message.generation, message.page, found)
            else:
                grid.give_up(message.generation, message.page)

        def failed(problem: Problem) -> None:
            grid.give_up(message.generation, message.page)
            self.say(problem.message)

        self.jobs.ask(rows, put, failed)

    # --- what is shown --------------------------------------------------------------------------------------------

    @on(Grid.PositionChanged)
    def _show_status(self) -> None:
        if self.is_mounted:
            narrowing = f"/{self._wanted.filter}" if self._wanted.filter.terms else ""
            left = self._message or "  ".join(part for part in (narrowing, self._about) if part)
            self.query_one("#status", Line).show(left, self.grid.position)

    def _show_title(self) -> None:
        shown = self._shown or self._wanted
        self.query_one("#title", Line).show(
            f"People as of {shown.day}", "role, status and seats at the end of that day (UTC)"
        )

    # --- commands -------------------------------------------------------------------------------------------------

    def action_step_back(self) -> None:
        """One step back: range, then filter, then the list."""
        if self.grid.cancel_range():
            return
        if self._wanted.filter.terms:
            self._want(_Wanted(self._wanted.day, Filter()))
        else:
            self.dismiss()

    def action_ask_filter(self) -> None:
        """Narrow down."""
        text = str(self._wanted.filter)
        self.prompt.ask(_FILTER, "/", f"{text} " if text else "")

    def action_ask_day(self) -> None:
        """Go to another day, with the same filter."""
        self.prompt.ask(_DAY, "As of: ", str(self._wanted.day))

    @on(Prompt.Given)
    def take_answer(self, message: Prompt.Given) -> None:
        """Take a filter or a day; what is wrong is left to be mended."""
        try:
            if message.kind == _DAY:
                wanted = _Wanted(iso_day(message.text, field="date"), self._wanted.filter)
            else:
                wanted = _Wanted(self._wanted.day, past.parse_past(message.text))
        except Invalid as problem:
            self.say(problem.message)
            self.prompt.ask(message.kind, "As of: " if message.kind == _DAY else "/", message.text)
            return
        self.set_focus(self.grid)
        self._want(wanted)

    @on(Prompt.Closed)
    def drop_answer(self) -> None:
        """Go back to the people as they are shown."""
        self._message = ""
        self.set_focus(self.grid)
        self._show_status()

    def _want(self, wanted: _Wanted) -> None:
        self._message = ""
        if wanted != self._wanted:
            self._wanted = wanted
            self.action_read()
        self._show_status()

    @on(Grid.RowOpened)
    def open_row(self, message: Grid.RowOpened) -> None:
        """Show the person as they are today."""
        from tui.screens.person_screen import PersonScreen  # noqa: PLC0415 - opened by hand, seldom at once

        self.console.push_screen(PersonScreen(message.row_id, self._ids, press=self._press))

    def _press(self, row_id: int, command_id: str) -> None:
        """Leave the past, where nothing can be changed, and run a command of the list for this person."""
        self.dismiss()
        self._host.press_for(row_id, command_id)
