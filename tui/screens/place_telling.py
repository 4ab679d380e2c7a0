"""A short list that says, on its status line, what the row under the cursor is about."""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, TypeVar

from textual import on

from tui.screens.actions import ActingList
from tui.widgets.grid import Grid

R = TypeVar("R")


class TellingList(ActingList[R], Generic[R], inherit_bindings=True):
    """Tells of a row as soon as the cursor is on it; what was said last gives way to that."""

    _told_of: int | None = None

    @abstractmethod
    def sentence(self, row: R) -> str:
        """Return what there is to say about a row."""

    @property
    def narrowing(self) -> str:
        """What the list is narrowed down to, or what the row under the cursor is about."""
        row = self.row
        return super().narrowing or ("" if row is None else self.sentence(row))

    @on(Grid.CursorMoved)
    def tell_of_the_row(self, message: Grid.CursorMoved) -> None:
        """Tell of another row, once the cursor is on one."""
        if message.row_id != self._told_of:
            self._told_of, self._message = message.row_id, ""
        self._show_status()

    def rows_came(self) -> None:
        """Tell of the row as soon as it is known."""
        self._show_status()
