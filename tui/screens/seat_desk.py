"""Seats that are held and not used, license by license, and the way to reclaim them in one plan."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from core.errors import Problem
from core.filters import Filter, Term
from core.reading import licenses
from core.reading.licenses import UnusedRow
from core.services.people import TakeSeat
from core.tally import Tally
from tui import keys
from tui.leash import Leash
from tui.screens import plan_flow
from tui.screens.full_screen import FullScreen, to_lists
from tui.screens.license_lists import LICENSES
from tui.screens.plan_people import Aim, ChangeProposal, Wanted
from tui.screens.undo_flow import ask_to_undo
from tui.widgets.columns import Cell, Column
from tui.widgets.grid import Grid
from tui.widgets.prompt import Line, Prompt
from tui.widgets.rows import Absent

DAYS, LONGEST = 90, 3650
_ASK_DAYS = "days"
_NOBODY = "No license is recorded yet, or nobody holds a seat."
_KEYS = "Enter who   X reclaim   * mark all   n other days   u undo   Esc back"


def _none(number: int) -> Cell:
    return Cell(f"{number:,}", "" if number else "dim")


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A license as the grid wants it, with an id."""

    id: int
    unused: UnusedRow


COLUMNS: tuple[Column[DeskRow], ...] = (
    Column(key="name", title="License", show=lambda row: row.unused.name, width=26, least=18, most=44, priority=1, sortable=False),
    Column(key="held", title="In use", show=lambda row: f"{row.unused.held:,}", width=8, least=7, most=11, priority=3, align="right", sortable=False),
    Column(key="never", title="Never signed in", show=lambda row: _none(row.unused.never_signed_in), width=16, least=15, most=16, priority=4, align="right", sortable=False),
    Column(key="silent", title="Silent", show=lambda row: _none(row.unused.silent), width=8, least=7, most=11, priority=5, align="right", sortable=False),
    Column(key="total", title="To reclaim", show=lambda row: _none(row.unused.total), width=11, least=11, most=11, priority=2, align="right", sortable=False),
)  # fmt: skip


def open_desk(host: Any, argument: str) -> None:
    """Show the screen, for as many days as were typed."""
    days = days_of(argument) if argument else DAYS
    if days is None:
        host.say(_which(argument))
    else:
        host.console.push_screen(SeatDesk(days), lambda _none: host.read())


def days_of(text: str) -> int | None:
    """Return the number of days that was typed, None where it is none."""
    typed = text.strip().removesuffix("d")
    return int(typed) if typed.isdecimal() and 0 < int(typed) <= LONGEST else None


def _which(text: str) -> str:
    return f"{text.strip()} is no number of days. Type one from 1 to {LONGEST:,}, such as 90."


class SeatDesk(FullScreen):
    """The screen."""

    kind = LICENSES
    asking = False
    """Whether a plan is on its way, so that keys wait for it."""
    planning: Leash | None = None
    """Stops the plan that is on its way."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g,q", "step_back", show=False, id="desk.step_back"),
        Binding("X", "reclaim", show=False, id="desk.reclaim"),
        Binding("n", "ask_days", show=False, id="desk.days"),
        Binding("u", "undo", show=False, id="desk.undo"),
        Binding("R,ctrl+r", "read", show=False, id="desk.read"),
        *to_lists("desk"),
    ]

    def __init__(self, days: int = DAYS) -> None:
        """Begin with nothing read."""
        super().__init__()
        self.days = days
        self._rows: dict[int, UnusedRow] = {}
        self._vector = 0
        self._waits = True

    def compose(self) -> ComposeResult:
        """Lay out title, what it means, grid, status, and the line that is keys or prompt."""
        yield Line(id="title")
        yield Line(id="desk-meaning", most=3)
        yield Grid[Any](columns=COLUMNS, empty="Reading …", flag_seconds=0.0, id="grid")
        yield Line(id="status", most=4)
        yield Line(id="hints")
        yield Prompt(id="prompt")

    def on_mount(self) -> None:
        """Read."""
        self.grid.focus()
        self.query_one("#hints", Line).show(_KEYS)
        self.read()

    @property
    def grid(self) -> Grid[Any]:
        """The grid."""
        return self.query_one(Grid)

    @property
    def row(self) -> UnusedRow | None:
        """The license under the cursor."""
        row = self.grid.cursor_row
        return None if isinstance(row, Absent) else row.unused

    @property
    def holds_keys(self) -> bool:
        """Whether the licenses, or a plan, are on their way."""
        return self._waits or self.asking

    def say(self, sentence: str) -> None:
        """Show a message until the next one."""
        self.console.messages.add(sentence)
        self._status(sentence)

    def fail(self, problem: Problem) -> None:
        """Say what core refused."""
        self._waits = self.asking = False
        self.say(problem.message)

    def run(self, command_id: str, argument: str) -> None:
        """Take back a change from its report."""
        if command_id == "undo":
            ask_to_undo(self, argument)  # type: ignore[arg-type]

    # --- reading --------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the licenses anew."""
        days = self.days
        self.jobs.ask(
            partial(licenses.unused, days=days), partial(self._show, days), self.fail, latest="desk"
        )

    def action_read(self) -> None:
        """Read the licenses anew."""
        self.read()

    def hear_of_change(self) -> None:
        """Somebody changed something."""
        self.read()

    def _show(self, days: int, found: list[UnusedRow]) -> None:
        self._waits = False
        if days != self.days:
            return
        self._vector += 1
        self._rows = {row.license_id: row for row in found}
        seats = sum(row.total for row in found)
        self.query_one("#title", Line).show(f"Unused seats: {seats:,} could be reclaimed", f"{days:,} days")
        self.query_one("#desk-meaning", Line).show(
            f"Held for {days:,} days or more by people who have not signed in for {days:,} days, or never."
        )
        self.grid.empty = _NOBODY
        self.grid.show_ids(array("q", self._rows), self._vector)
        self._status("")

    @on(Grid.PageNeeded)
    def give_page(self, message: Grid.PageNeeded) -> None:
        """Hand over rows, which are all here."""
        found = [DeskRow(each, self._rows[each]) for each in message.ids if each in self._rows]
        self.grid.put_page(message.generation, message.page, found)

    @on(Grid.PositionChanged)
    @on(Grid.MarksChanged)
    def _show_position(self) -> None:
        self._status("")

    def _status(self, sentence: str) -> None:
        if self.is_mounted:
            right = "  ".join(part for part in (self.grid.target_words, self.grid.position) if part)
            self.query_one("#status", Line).show(sentence, right)

    # --- commands -------------------------------------------------------------------------------------------------

    @on(Grid.RowOpened)
    def open_row(self) -> None:
        """Show in the list of people whose seats of the license are unused."""
        row = self.row
        if row is None:
            return
        seat = Term("seat", ":", max(row.name.split('"'), key=len), negated=False)
        unused = Term("unused", ":", f"{self.days}d", negated=False)
        self.console.show_list(keys.USERS, str(Filter((seat, unused))))

    def action_reclaim(self) -> None:
        """Take back the unused seats of the marked licenses, or of this one."""
        chosen = [self._rows[each] for each in self.grid.target_ids if each in self._rows]
        if not chosen:
            self.say(_NOBODY)
            return
        chosen = [row for row in chosen if row.total]
        if not chosen:
            self.say("No seat here is unused for that long. n looks for another number of days.")
            return
        ids = tuple(row.license_id for row in chosen)
        name = chosen[0].name if len(chosen) == 1 else f"{len(chosen)} licenses"
        wanted = Wanted(
            TakeSeat(ids, self.days),
            f"Reclaim the unused seats of {name}",
            f"revoke unused: {name}",
            " from ",
        )
        unused = Term("unused", ":", f"{self.days}d", negated=False)
        words = f"everybody who has not signed in for {self.days:,} days, or never, and held a seat that long"
        aim = Aim(array("q"), "", words, Filter((unused,)))
        plan_flow.start(self, ChangeProposal(wanted, aim), self._done)

    def _done(self, _tally: Tally) -> None:
        self.grid.action_clear_marks()
        self.read()

    def action_ask_days(self) -> None:
        """Ask for another number of days."""
        self.query_one(Prompt).ask(_ASK_DAYS, "Unused for how many days? ", str(self.days))

    @on(Prompt.Given)
    def take_days(self, message: Prompt.Given) -> None:
        """Look for another number of days."""
        self.grid.focus()
        days = days_of(message.text)
        if days is None:
            self.say(_which(message.text))
            return
        self.days, self._waits = days, True
        self.read()

    @on(Prompt.Closed)
    def drop_days(self) -> None:
        """Go back to the grid."""
        self.grid.focus()

    def action_undo(self) -> None:
        """Take back the last bulk change."""
        self.run("undo", "")

    def action_step_back(self) -> None:
        """Close the range, or go back to the list."""
        if not self.grid.cancel_range():
            self.dismiss()

    def interrupt(self) -> None:
        """Ctrl+C: close the prompt, stop a plan, or else leave."""
        prompt = self.query_one(Prompt)
        if prompt.is_open:
            prompt.cancel()
        elif self.planning is not None:
            self.planning.stop()
        else:
            self.dismiss()
