"""What a list does when somebody changes something while it is open.

Rows in view are patched where they stand, and what has changed in them carries a sign for a while. Rows that came or
went never move the others under somebody's eyes: the status line says how many, and `R` takes them. Only what this
admin has just done is taken at once.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Generic, TypeVar

from textual import on

from core.errors import Problem
from core.work import Look
from tui.screens.front import is_in_front
from tui.screens.list_kind import ListKind
from tui.screens.list_reading import ReadingList
from tui.widgets.grid import Grid
from tui.widgets.marks import bits_of

R = TypeVar("R")
FEW = 100_000  # up to here the new list is read and compared; beyond it would keep the reader busy for a second each time
CHANGED = "changed, R reads again"


class LiveList(ReadingList[R], Generic[R], inherit_bindings=False):
    """A list that hears of changes."""

    def __init__(self, kind: ListKind[R]) -> None:
        """Begin without news."""
        super().__init__(kind)
        self._heard_meanwhile = False
        self._own_changes = 0

    def read(self) -> None:
        """Read the list anew; what was new is in it then."""
        self.news, self._heard_meanwhile = "", False
        self._own_changes = self.console.jobs.changes_made
        super().read()

    def hear_of_change(self) -> None:
        """Somebody changed something: patch what is in view, and say what came and went."""
        if not is_in_front(self):
            self._wait_for_the_front()
            return
        self.grid.reread()
        if self.prompt.is_open or self.grid.range_open:
            self._heard_meanwhile = True
        elif self._own_changes != self.console.jobs.changes_made or not self._ids:
            self.read()
        elif len(self._ids) > FEW:
            self._tell_news(CHANGED)
        else:
            self._compare()

    def catch_up(self) -> None:
        """Make up for what was heard while somebody typed, marked a range or was elsewhere."""
        super().catch_up()
        if self._heard_meanwhile and is_in_front(self):
            self._heard_meanwhile = False
            self.hear_of_change()

    @on(Grid.MarksChanged)
    def catch_up_after_a_range(self, message: Grid.MarksChanged) -> None:
        """Go on where a range held things up."""
        if not message.range_open and not self.prompt.is_open:
            self.catch_up()

    def _wait_for_the_front(self) -> None:
        """Under a dialog the list stays as it is; behind another list nobody sees it move."""
        if self in self.app.screen_stack:
            self._heard_meanwhile = True
        else:
            self._stale = True

    def _compare(self) -> None:
        """Read the ids again in the background, and count what came and went."""
        number, before, compare = self._reading, self._ids, self._comparison()

        def told(news: str) -> None:
            if number == self._reading and before is self._ids:
                self._tell_news(news)

        self.jobs.ask(compare, told, _not_now, latest=f"news {self.kind.name}")

    def _comparison(self) -> Callable[[Look], str]:
        """Return the question what a list read now would have that this one has not."""
        before, pages = self._ids, self.source()

        def compare(look: Look) -> str:
            now = array("q")
            for part in pages(look):
                now.extend(part)
            return "" if now == before else _difference(before, now)

        return compare

    def _tell_news(self, news: str) -> None:
        if news != self.news:
            self.news = news
            self._show_status()


def _difference(before: array[int], now: array[int]) -> str:
    """Say how many rows came and went."""
    old, new = bits_of(before), bits_of(now)
    came, went = (new & ~old).bit_count(), (old & ~new).bit_count()
    parts = [f"{came:,} new"] * bool(came) + [f"{went:,} gone"] * bool(went)
    return f"{', '.join(parts) or 'other order'}  R"


def _not_now(_problem: Problem) -> None:
    """The next change asks again."""
