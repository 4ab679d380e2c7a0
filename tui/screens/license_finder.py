"""Finds one person while their name or address is typed, however many there are (S17)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.timer import Timer
from textual.widgets import Static

from core.errors import Invalid, Problem
from core.filter_keys import parse_users
from core.reading import users
from core.reading.users import UserRow
from core.work import Look
from tui.owned_jobs import OwnedJobs
from tui.screens.picker import Choice, Picker
from tui.text import content

if TYPE_CHECKING:
    from tui.app import Console

MOST = 10
_PAUSE = 0.12


class PersonFinder(Picker):
    """Ends with the id of the person who was taken, as text."""

    def __init__(self, title: str, license_name: str) -> None:
        """Begin with the first people by name.

        Args:
            title: what they are chosen for.
            license_name: who holds a seat of it is told as such.
        """
        super().__init__(title, [])
        self._license_name = license_name
        self._text = ""
        self._pause: Timer | None = None
        self._pending = self._wanted = False
        self.found: dict[str, UserRow] = {}

    @property
    def lines(self) -> int:
        """How many people are ever shown."""
        return MOST

    def on_show(self) -> None:
        """Begin with the first people by name."""
        self._search()

    @property
    def holds_keys(self) -> bool:
        """Whether Enter waits for the people who fit what was typed."""
        return self._wanted

    def narrow_to(self, text: str) -> None:
        """Search after a pause in typing."""
        self._text, self._pending = text, True
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(_PAUSE, self._search)

    def take(self) -> None:
        """Take the person under the cursor, once the search for what was typed is over."""
        if not self._pending:
            super().take()
            return
        self._wanted = True
        if self._pause is not None:
            self._pause.stop()
        self._search()

    def _search(self) -> None:
        text, self._pending = self._text, True
        try:
            chosen = parse_users(text)
        except Invalid as problem:
            self._failed(problem)
            return

        def find(look: Look) -> list[UserRow]:
            return users.first(look, chosen, limit=MOST)

        jobs = OwnedJobs(cast("Console", self.app).jobs, self)
        jobs.ask(find, partial(self._show, text), self._failed, latest="finder")

    def _show(self, text: str, rows: list[UserRow]) -> None:
        if text != self._text:
            return
        self._pending = False
        self.found = {str(row.id): row for row in rows}
        self._choices = self._seen = [
            Choice(key, row.name, self._note(row)) for key, row in self.found.items()
        ]
        self._cursor = self._top = 0
        self._draw()
        if self._wanted:
            self._wanted = False
            super().take()

    def _note(self, row: UserRow) -> str:
        held = "holds a seat" if self._license_name in row.seats else ""
        address = row.address if row.address != row.name else ""
        return "  ".join(part for part in (address, row.department, held) if part)

    def _failed(self, problem: Problem) -> None:
        self._pending = self._wanted = False
        self.query_one("#choice-message", Static).update(content(problem.message))
