"""What the screen of one license shows: its facts, and who holds a seat or waits for one."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult

from core.errors import Problem
from core.filters import Filter, Term
from core.reading import licenses, users
from core.reading.licenses import LicenseRow
from core.reading.lists import Sort
from core.reading.users import UserRow
from core.work import Look
from tui import keys
from tui.leash import Leash
from tui.screens import license_keys
from tui.screens.full_screen import FullScreen
from tui.screens.import_prompt import ImportPrompt
from tui.screens.license_words import ends, opens, room_of, waits
from tui.screens.list_live import FEW
from tui.screens.people_lists import USER_COLUMNS
from tui.text import fit
from tui.widgets.grid import Grid
from tui.widgets.prompt import Line
from tui.widgets.rows import Absent

_LABEL, _BAR = 9, 20
_SHOWN = ("name", "address", "department", "status", "seen", "role")
COLUMNS = tuple(column for key in _SHOWN for column in USER_COLUMNS if column.key == key)
_ANYBODY = Term("status", ":", "any", negated=False)
NOBODY_HOLDS = "Nobody holds a seat yet. Press n to add a person, p to paste a list."
NOBODY_WAITS = "Nobody waits. Tab shows who holds a seat."


@dataclass(frozen=True, slots=True)
class Held:
    """A license with the ids of who holds a seat, in order, and of who waits, the next first."""

    row: LicenseRow
    members: array[int]
    waiters: array[int]


def read_license(license_id: int, sort: Sort, look: Look) -> Held:
    """Read everything about a license.

    Raises:
        Missing: it was removed.
    """
    row = licenses.one(look, license_id)
    seat = Term("seat", ":", row.name, negated=False)
    members = array("q")
    for part in users.ids(look, Filter((seat, _ANYBODY)), sort):
        members.extend(part)
    return Held(row, members, array("q", (each.user_id for each in licenses.waiters(look, license_id))))


class LicenseView(FullScreen):
    """The screen as it looks."""

    asking = False
    """Whether a question is on its way, so that keys wait for it."""
    planning: Leash | None = None
    """Stops the plan that is on its way."""

    def __init__(self, license_id: int) -> None:
        """Show a license."""
        super().__init__()
        self.license_id = license_id
        self.held: Held | None = None
        self.shows_waiting = False
        self.sort = users.BY_NAME
        self._vector = self._reading = 0
        self._message = ""

    def compose(self) -> ComposeResult:
        """Lay out title, facts, grid, status, and the line that is keys or prompt."""
        yield Line(id="title")
        for name in ("seats", "until", "opens", "waiting"):
            yield Line(id=f"license-{name}", most=3)
        yield Grid[Any](columns=COLUMNS, empty="Reading …", flag_seconds=0.0, id="grid")
        yield Line(id="status", most=4)
        yield Line(id="hints")
        yield ImportPrompt(id="prompt")

    @property
    def grid(self) -> Grid[Any]:
        """The grid."""
        return self.query_one(Grid)

    @property
    def prompt(self) -> ImportPrompt:
        """The prompt on the last line."""
        return self.query_one(ImportPrompt)

    @property
    def row(self) -> UserRow | None:
        """The person under the cursor."""
        row = self.grid.cursor_row
        return None if isinstance(row, Absent) else row

    @property
    def holds_keys(self) -> bool:
        """Whether the license, a question or a plan is on its way."""
        return self.held is None or self.asking

    def on_resize(self) -> None:
        """Fit the keys to the new width."""
        self._show_hints()

    def say(self, sentence: str) -> None:
        """Show a message until the next one; the console remembers it."""
        self._message = sentence
        if sentence:
            self.console.messages.add(sentence)
        self._show_status()

    def fail(self, problem: Problem) -> None:
        """Say what core refused."""
        self.asking = False
        self.say(problem.message)

    # --- reading --------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the license and its people anew."""
        self._reading += 1
        job = partial(read_license, self.license_id, self.sort)
        self.jobs.ask(job, self._show, self._not_read, latest="license")

    def _not_read(self, problem: Problem) -> None:
        if self.held is None:
            self.dismiss()
            self.console.say(problem.message)
        else:
            self.say(problem.message)

    def hear_of_change(self) -> None:
        """Somebody changed something; very many members are read again only when `R` asks for it."""
        self.grid.reread()
        if self.held is None or len(self.held.members) <= FEW:
            self.read()

    def show_people(self) -> None:
        """Show who holds a seat, or who waits."""
        held = self.held
        if held is None:
            return
        self._vector += 1
        self.grid.empty = NOBODY_WAITS if self.shows_waiting else NOBODY_HOLDS
        self.grid.show_ids(held.waiters if self.shows_waiting else held.members, self._vector)
        self.grid.show_sort("" if self.shows_waiting else self.sort.column, descending=self.sort.descending)
        self._show_status()
        self._show_hints()

    def _show(self, held: Held) -> None:
        before, self.held = self.held, held
        self._show_facts(held.row)
        if before is None or (before.members, before.waiters) != (held.members, held.waiters):
            self.show_people()
        self._show_status()

    def _show_facts(self, row: LicenseRow) -> None:
        self.query_one("#title", Line).show(f"License: {row.name}", "Esc back")
        facts = {
            "seats": ("Seats", f"{licenses.bar(row, _BAR)}   {row.percent} % used   {room_of(row)}"),
            "until": ("Until", ends(row).removeprefix("until ")),
            "opens": ("Opens", opens(row)),
            "waiting": (
                "Waiting",
                f"{waits(row)}   Tab shows who, W turns the list {'off' if row.waiting_list else 'on'}",
            ),
        }
        for name, (label, text) in facts.items():
            self.query_one(f"#license-{name}", Line).show(f"{fit(label, _LABEL)}{text}")

    @on(Grid.PageNeeded)
    def fetch(self, message: Grid.PageNeeded) -> None:
        """Ask core for rows that came into view."""
        grid, wanted = self.grid, list(message.ids)

        def failed(problem: Problem) -> None:
            grid.give_up(message.generation, message.page)
            self.say(problem.message)

        def put(rows: list[UserRow]) -> None:
            grid.put_page(message.generation, message.page, rows)

        self.jobs.ask(lambda look: users.rows(look, wanted), put, failed)

    @on(Grid.SortRequested)
    def sort_by(self, message: Grid.SortRequested) -> None:
        """Put the members into another order; who waits stays in the order of the queue."""
        if not self.shows_waiting:
            self.sort = Sort(message.column, message.descending)
            self.show_people()
            self.read()

    # --- showing --------------------------------------------------------------------------------------------------

    @on(Grid.PositionChanged)
    @on(Grid.MarksChanged)
    def _show_status(self) -> None:
        if not self.is_mounted:
            return
        grid, held = self.grid, self.held
        runs = self.console.jobs.runs
        what = "who waits, the next first" if self.shows_waiting else "who holds a seat"
        closed = held.row.closed if held is not None else None
        text = runs[0].text if runs else self._message or (closed.message if closed else what)
        right = (what if text != what else "", grid.target_words, grid.position)
        self.query_one("#status", Line).show(text, "  ".join(part for part in right if part))

    def run_moved(self) -> None:
        """A long change has come further, or has ended."""
        self._show_status()

    def _show_hints(self) -> None:
        if self.is_mounted:
            self.query_one("#hints", Line).show(keys.hints_of(license_keys.COMMANDS, self.size.width - 2))
