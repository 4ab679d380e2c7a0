"""A list with a cursor: moving it by rows, pages and columns, and the columns themselves."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, Generic, TypeVar

from tui.widgets.columns import Column, ColumnLayout
from tui.widgets.rows import HasId
from tui.widgets.viewport import Viewport

R = TypeVar("R", bound=HasId)
_STEP = 2


class MovingViewport(Viewport[R], Generic[R], inherit_bindings=False):
    """Moves a cursor over the rows and columns of a viewport."""

    def __init__(self, *, columns: Sequence[Column[R]], **options: Any) -> None:
        """Make a list; the arguments are those of `Viewport`."""
        super().__init__(columns=columns, **options)
        self._all_columns = tuple(columns)
        self._column_layout = ColumnLayout()
        self._told_cursor: tuple[int | None, int, str] | None = None
        self._follows_end = False

    @property
    def cursor_index(self) -> int:
        """Where in the list the cursor is."""
        return self._cursor

    @property
    def allow_vertical_scroll(self) -> bool:
        """Whether a mouse wheel may scroll; there is no scrollbar to tell by."""
        return not self.disabled

    @property
    def all_columns(self) -> Sequence[Column[R]]:
        """Every column in the order the list has by itself, hidden ones too."""
        return self._all_columns

    @property
    def column_layout(self) -> ColumnLayout:
        """Order, choice and widths of the columns."""
        return self._column_layout

    @column_layout.setter
    def column_layout(self, layout: ColumnLayout) -> None:
        if layout == self._column_layout:
            return
        key, self._column_layout = self.column_key, layout
        self._painter.take_columns(layout.shown(self._all_columns))
        keys = [column.key for column in self._painter.columns]
        self._column = keys.index(key) if key in keys else min(self._column, len(keys) - 1)
        self._arrange()
        self._look(repaint=True)
        self._tell_cursor()

    def widen(self, steps: int) -> int:
        """Give the cursor's column more cells, or fewer; return how many it has now."""
        layout = self._painter.layout
        cells = next(slot.width for slot in layout.slots if slot.column == self._column)
        self.column_layout = self._column_layout.sized(self.column_key, cells + steps * _STEP)
        return dict(self._column_layout.widths)[self.column_key]

    def go_to(self, index: int) -> None:
        """Put the cursor on the row at `index`, or the last one."""
        self._place(index)

    @property
    def drawn_columns(self) -> list[str]:
        """Keys of the columns that are drawn, from left to right."""
        return [self._painter.columns[slot.column].key for slot in self._painter.layout.slots]

    def action_move(self, step: int) -> None:
        """Move the cursor by rows."""
        self._place(self._cursor + step)

    def action_page(self, pages: int) -> None:
        """Move view and cursor by screenfuls; the cursor keeps its line."""
        self._leap(pages * self._body)

    def action_half_page(self, halves: int) -> None:
        """Move view and cursor by half screenfuls; the cursor keeps its line."""
        self._leap(halves * max(1, self._body // 2))

    def action_top(self) -> None:
        """Go to the first row."""
        self._place(0, top=0)

    def action_bottom(self) -> None:
        """Go to the last row."""
        last = len(self._rows) - 1
        self._place(last, top=max(0, last - self._body + 1))
        self._follows_end = not self._complete

    def extend_ids(self, ids: Sequence[int], generation: int, *, complete: bool) -> None:
        """Append a further part; nothing moves, unless the cursor went to the end before the end was there."""
        follows = self._follows_end
        super().extend_ids(ids, generation, complete=complete)
        if follows:
            self.action_bottom()

    def action_column(self, step: int) -> None:
        """Move the column cursor; a column that did not fit comes into view in place of another."""
        self._choose_column(self._column + step)

    def action_first_column(self) -> None:
        """Go to the first column."""
        self._choose_column(0)

    def action_last_column(self) -> None:
        """Go to the last column."""
        self._choose_column(len(self._painter.columns) - 1)

    def _place(self, index: int, *, top: int | None = None, stretch: bool = False) -> None:
        """Put the cursor on a row and bring it into view.

        Args:
            index: the row; the first or last one instead of one outside the list.
            top: first row in view; by default the view moves as little as it may.
            stretch: whether the move is meant to mark what lies between.
        """
        self._follows_end = False
        if not self._rows:
            return
        old, new = self._cursor, min(max(index, 0), len(self._rows) - 1)
        self._cursor = new
        changed, before = self._moved(old, new, stretch=stretch), self._top
        self._scroll_top(self._top_for(new) if top is None else top)
        if self._top == before and new != old:
            self._touch(changed)
        self._tell_cursor()

    def _moved(self, old: int, new: int, *, stretch: bool) -> Container[int]:  # noqa: ARG002 - for those that mark
        """Hear that the cursor has moved; return the indexes of the rows that look different now."""
        return (old, new)

    def _leap(self, rows: int) -> None:
        """Move view and cursor by a number of rows."""
        if not self._rows:
            return
        line = self._cursor - self._top
        highest = max(0, len(self._rows) - self._body)
        top = min(max(self._top + rows, 0), highest)
        at_the_end = top == self._top
        self._place(self._cursor + rows if at_the_end else top + line, top=top)

    def _choose_column(self, index: int) -> None:
        """Put the column cursor on a column."""
        new = min(max(index, 0), len(self._painter.columns) - 1)
        if new == self._column:
            return
        self._column = new
        if self._arrange():
            self._look(repaint=True)
        else:
            self._touch_line(0)
        self._tell_cursor()

    def _tell_cursor(self) -> None:
        """Tell where the cursor is, when that changed."""
        told = (self.cursor_id, self._cursor, self.column_key)
        if told != self._told_cursor:
            self._told_cursor = told
            self.post_message(self.CursorMoved(self, *told))
