"""A list: the grid, its filter, marks, live refresh, and the prompt.

One class for every list. What differs, such as columns and where rows come from, is in a `ListKind`; what an admin
can do with the rows is in `tui.screens.actions`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer

from core.errors import Invalid, Problem
from core.filters import Filter
from core.reading import company
from core.reading.lists import Sort
from core.work import Look
from tui import keys
from tui.text import crop, shown, width
from tui.widgets.columns import Column
from tui.widgets.grid import Grid
from tui.widgets.prompt import Line, Prompt
from tui.widgets.rows import UNKNOWN

if TYPE_CHECKING:
    from tui.app import Console

R = TypeVar("R")
TYPING_PAUSE = 0.15
HOW_TO_LEAVE = "Press Q to leave the console, O to sign out."
FEW = 100_000  # up to here a list reads itself again when somebody changed something; beyond it says so


@dataclass(frozen=True)
class ListKind(Generic[R]):
    """What makes one list: its name, columns, and the questions it asks core."""

    name: str
    title: str
    columns: Sequence[Column[R]]
    parse: Callable[[str], Filter]
    ids: Callable[[Look, Filter, Sort], Iterator[Sequence[int]]]
    rows: Callable[[Look, Sequence[int]], list[R]]
    sort: Sort
    empty: str
    filter_words: tuple[str, ...]


class ListScreen(Screen[None], Generic[R], inherit_bindings=False):
    """A full-screen list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g", "step_back", show=False, id="list.step_back"),
    ]

    def __init__(self, kind: ListKind[R]) -> None:
        """Make the list; it reads when it is first shown."""
        super().__init__(name=kind.name)
        self.kind = kind
        self.filter = Filter()
        self.sort = kind.sort
        self._reading = 0
        self._vector = 0
        self._ids = array("q")
        self._complete = False
        self._stale = True
        self._message = self.about = ""
        self._room = ""
        self._pause: Timer | None = None
        self._filter_before = self._filter_shown = Filter()

    # --- layout ---------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Lay out title, grid, status, and the line that is hints or prompt."""
        yield Line(id="title")
        yield Grid[Any](columns=self.kind.columns, empty="Reading …", id="grid")
        yield Line(id="status", most=6)
        yield Line(id="hints")
        yield Prompt(id="prompt")

    @property
    def console(self) -> Console:
        """The application."""
        return cast("Console", self.app)

    @property
    def grid(self) -> Grid[Any]:
        """The grid."""
        return self.query_one(Grid)

    @property
    def prompt(self) -> Prompt:
        """The prompt on the last line."""
        return self.query_one(Prompt)

    def on_mount(self) -> None:
        """Begin with the grid."""
        self.grid.show_sort(self.sort.column, descending=self.sort.descending)

    @on(events.ScreenResume)
    def come_to_front(self) -> None:
        """Read again if anything has changed behind the scenes."""
        if not self.prompt.is_open:
            self.grid.focus()
        self._show_title()
        self._show_status()
        self._show_hints()
        if self._stale:
            self.read()

    def on_resize(self) -> None:
        """Fit the hints to the new width."""
        self._show_hints()

    # --- reading --------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the list anew; the cursor stays on its row, and marks stay."""
        self._stale = False
        self._reading += 1
        number, chosen, sort = self._reading, self.filter, self.sort
        show = partial(self._show, number=number, chosen=chosen)
        jobs, may_show_the_beginning = self.console.jobs, not self._vector

        def gather(look: Look) -> array[int]:
            found = array("q")
            for count, part in enumerate(self.kind.ids(look, chosen, sort)):
                if number != self._reading:
                    break
                if count == 1 and may_show_the_beginning:
                    jobs.tell(partial(show, found[:], complete=False))
                found.extend(part)
            return found

        jobs.ask(gather, partial(show, complete=True), self._not_read, latest=f"ids {self.kind.name}")
        jobs.ask(company.company, self._show_room, self.fail, latest=f"company {self.kind.name}")

    @property
    def is_behind(self) -> bool:
        """Whether another list is on its way."""
        return not self._vector or self.filter != self._filter_shown

    def is_too_early(self, event: events.Event) -> bool:
        """Say whether a key would hit rows that are still on their way."""
        if self.prompt.is_open or not self.console.jobs.busy:
            return False
        if self.is_behind:
            return True
        acts = isinstance(event, events.Key) and event.key in keys.ACTING
        return acts and self.grid.cursor_id is not None and self.grid.cursor_row is UNKNOWN

    def hear_of_change(self) -> None:
        """Somebody changed something: the list in front reads again, another one when it comes to the front."""
        if not self.is_current:
            self._stale = True
            return
        self.grid.reread()
        if self.prompt.is_open or self.grid.range_open:
            self._stale = True
        elif len(self._ids) > FEW:
            self.say("Somebody changed something. R reads the list again.")
        else:
            self.read()

    @on(Grid.PageNeeded)
    def fetch(self, message: Grid.PageNeeded) -> None:
        """Ask core for rows that came into view."""
        grid, wanted = self.grid, list(message.ids)

        def rows(look: Look) -> list[R]:
            return self.kind.rows(look, wanted) if grid.wants(message.generation, message.page) else []

        def put(found: list[R]) -> None:
            if grid.wants(message.generation, message.page) or found:
                grid.put_page(message.generation, message.page, found)
            else:
                grid.give_up(message.generation, message.page)

        def failed(problem: Problem) -> None:
            grid.give_up(message.generation, message.page)
            self.fail(problem)

        self.console.jobs.ask(rows, put, failed)

    @on(Grid.SortRequested)
    def sort_by(self, message: Grid.SortRequested) -> None:
        """Put the list into another order."""
        self.sort = Sort(message.column, message.descending)
        self.grid.show_sort(message.column, descending=message.descending)
        self.read()

    def _show(self, found: array[int], *, number: int, chosen: Filter, complete: bool) -> None:
        if number != self._reading:
            return
        self._filter_shown = chosen
        self.grid.empty = (
            f"Nothing matches {chosen}. Esc drops the filter." if chosen.terms else self.kind.empty
        )
        if not self._complete or found != self._ids:
            self._vector += 1
            self._ids, self._complete = found, complete
            self.grid.show_ids(found, self._vector, complete=complete)
        self._show_status()

    def _not_read(self, problem: Problem) -> None:
        """Say why, and go back to the filter of what is shown."""
        self.filter = self._filter_shown
        self.fail(problem)

    def fail(self, problem: Problem) -> None:
        """Say what core refused."""
        self.say(problem.message)

    # --- filter and prompt ----------------------------------------------------------------------------------------

    def set_filter(self, text: str) -> None:
        """Narrow the list down, or say what is wrong with the text."""
        try:
            chosen = self.kind.parse(text)
        except Invalid as problem:
            self.say(problem.message)
            return
        self._message = ""
        if chosen != self.filter:
            self.filter = chosen
            if self.is_mounted:
                self.read()
        if self.is_mounted:
            self._show_status()

    def open_filter(self) -> None:
        """Type a filter; the list narrows down while typing."""
        self._filter_before = self.filter
        text = str(self.filter)
        self.prompt.ask("filter", "/", f"{text} " if text else "", words=self.kind.filter_words)

    @on(Prompt.Typed)
    def narrow_while_typing(self, message: Prompt.Typed) -> None:
        """Wait for a pause in typing, then narrow down."""
        if message.kind != "filter":
            return
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(TYPING_PAUSE, lambda: self.set_filter(message.text))

    @on(Prompt.Given)
    def take_answer(self, message: Prompt.Given) -> None:
        """Take what was typed."""
        self._stop_pause()
        self.grid.focus()
        if message.kind == "filter":
            self.set_filter(message.text)
        else:
            self.answer(message.kind, message.text)
        self._catch_up()

    @on(Prompt.Closed)
    def drop_answer(self, message: Prompt.Closed) -> None:
        """Go back to the list as it was."""
        self._stop_pause()
        self.grid.focus()
        if message.kind == "filter" and self.filter != self._filter_before:
            self.filter = self._filter_before
            self.read()
        self.say("")
        self._catch_up()

    def answer(self, kind: str, text: str) -> None:
        """Take an answer to a question of one's own; for the classes that ask some."""

    def action_step_back(self) -> None:
        """One step back: range, then filter; never out of the console, and marks stay."""
        if self.grid.cancel_range():
            return
        if self.filter.terms:
            self.set_filter("")
        else:
            self.say(HOW_TO_LEAVE)

    def interrupt(self) -> None:
        """Ctrl+C: leave the prompt, or else say how to leave the console."""
        if self.prompt.is_open:
            self.prompt.cancel()
        else:
            self.say(HOW_TO_LEAVE)

    def _stop_pause(self) -> None:
        if self._pause is not None:
            self._pause.stop()

    def _catch_up(self) -> None:
        if self._stale:
            self.read()

    # --- lines ----------------------------------------------------------------------------------------------------

    def say(self, sentence: str) -> None:
        """Show a message until the next one."""
        self._message = sentence
        self._show_status()

    @on(Grid.PositionChanged)
    @on(Grid.MarksChanged)
    def _show_status(self) -> None:
        if not self.is_mounted:
            return
        marks = self.grid.marks
        parts = []
        if self.grid.range_open:
            parts.append("range")
        if marks.count:
            hidden = f" ({marks.hidden:,} hidden)" if marks.hidden else ""
            parts.append(f"{marks.count:,} marked{hidden}")
        parts.append(self.grid.position)
        text = self._message or self.about or (f"/{self.filter}" if self.filter.terms else "")
        self.query_one("#status", Line).show(text, "  ".join(parts))

    def _show_title(self) -> None:
        signed_in = self.console.signed_in
        if signed_in is None:
            return
        tabs = "  ".join(
            f"[{number} {title}]" if name == self.kind.name else f" {number} {title} "
            for number, name, title in (("1", keys.USERS, "Users"), ("2", keys.INVITATIONS, "Invitations"))
        )
        right = "  ".join(part for part in (self._room, signed_in.name) if part)
        room = self.size.width - 2 - len(tabs) - width(shown(right)) - 4
        name = crop(shown(signed_in.company), max(0, room))
        self.query_one("#title", Line).show(f"{tabs}  {name}", right)

    def _show_room(self, row: company.CompanyRow) -> None:
        left = row.places_left
        room = "" if left is None else f"{left:,} places left"
        self._room = f"MAIL PAUSED  {room}".rstrip() if row.mail_paused else room
        self._show_title()

    def _show_hints(self) -> None:
        room = self.size.width - 2
        self.query_one("#hints", Line).show(keys.hints(self.kind.name, room))
