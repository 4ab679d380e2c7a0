"""The part of a grid that shows: rows, scrolling, signs for what changed. It knows no keys and no marks.

Only lines that look different are painted again, and an answer that changes nothing paints nothing, so that a list
nobody touches sends no bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Sequence
from time import monotonic
from typing import Generic, TypeVar

from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from tui.widgets.columns import Column
from tui.widgets.flags import Flags
from tui.widgets.grid_messages import GridMessages
from tui.widgets.painter import Painter, RowState, Sort
from tui.widgets.rows import UNKNOWN, Absent, Change, HasId, Rows

R = TypeVar("R", bound=HasId)

CLOCK_GRAIN = 0.01
"""Seconds a timer runs longer, so that what it waits for is over."""


class Viewport(GridMessages, ScrollView, Generic[R], inherit_bindings=False):
    """Shows a window on an id vector, with a header as its first line and one row with the cursor."""

    ALLOW_SELECT = False
    patience: float = 0.03
    """Seconds a jump waits for rows before it paints dots, so that a quick answer is painted once."""

    def __init__(
        self,
        *,
        columns: Sequence[Column[R]],
        empty: str = "",
        plain: bool = False,
        half_page: bool | None = None,
        flag_seconds: float = 4.0,
        id: str | None = None,  # noqa: A002 - Textual's name for it
        classes: str | None = None,
    ) -> None:
        """Make a list that says nothing until the first `show_ids`.

        Args:
            columns: at least one, in their order.
            empty: sentence for a list without rows.
            plain: whether to stay inside ASCII.
            half_page: whether the view moves by half a page when the cursor leaves it, which costs a sixth of the
                bytes; by default yes over SSH.
            flag_seconds: how long a changed cell carries its sign.
            id: Textual's id.
            classes: Textual's classes.
        """
        super().__init__(id=id, classes=classes)
        self._styles_by_name: dict[str, Style] = {}
        self._painter = Painter(columns, self._named_style, plain=plain)
        self._rows: Rows[R] = Rows(self._need)
        self._half_page = bool(os.environ.get("SSH_CONNECTION")) if half_page is None else half_page
        self._empty = empty
        self._loaded, self._complete = False, True
        self._cursor = self._column = 0
        self._sort: Sort | None = None
        self._flags = Flags(flag_seconds)
        self._flag_timer: Timer | None = None
        self._patience: Timer | None = None
        self._told_position = ""
        self.hear_at_once: Callable[[], object] = lambda: None

    @property
    def cursor_id(self) -> int | None:
        """Id of the cursor's row; None in an empty list."""
        return self._rows.ids[self._cursor] if self._rows else None

    @property
    def cursor_row(self) -> R | Absent:
        """The cursor's row, or why there is none."""
        return self._rows[self._cursor] if self._rows else UNKNOWN

    @property
    def column_key(self) -> str:
        """Key of the column the cursor is on."""
        return self._painter.columns[self._column].key

    @property
    def dropped_columns(self) -> int:
        """How many columns do not fit; the cursor reaches them all the same."""
        return self._painter.layout.dropped

    @property
    def visible_ids(self) -> list[int]:
        """Ids of the rows in view, from top to bottom."""
        return [self._rows.ids[index] for index in self._visible]

    @property
    def position(self) -> str:
        """Which rows are in view, of how many; a plus sign while more are on their way."""
        seen, more = self._visible, "" if self._complete else "+"
        span = f"{seen.start + 1:,}{self._painter.glyphs.to}{seen.stop:,}"
        return f"{span} of {len(self._rows):,}{more}" if seen else "none"

    @property
    def empty(self) -> str:
        """The sentence for a list without rows."""
        return self._empty

    @empty.setter
    def empty(self, sentence: str) -> None:
        changed, self._empty = sentence != self._empty, sentence
        if changed and self._loaded and not self._rows:
            self.refresh()

    def show_ids(self, ids: Sequence[int], generation: int, *, complete: bool = True) -> None:
        """Show another list: the cursor stays on its row or the next one left, and the view at the top or the row on its line.

        Args:
            ids: unique ids in view order; an `array('q')` is taken over without a copy.
            generation: larger than that of any list before.
            complete: False when it is only the beginning and `extend_ids` will follow.
        """
        line = self._cursor - self._top
        self._cursor = self._rows.show(ids, generation, cursor=self._cursor)
        self._loaded, self._complete = True, complete
        self._vector_changed()
        self._resized()
        self._scroll_top(0 if not self._top and self._cursor < self._body else self._cursor - line)
        self._look(repaint=True)

    def extend_ids(self, ids: Sequence[int], generation: int, *, complete: bool) -> None:
        """Append a further part to the list that is shown; nothing moves.

        Args:
            ids: the ids that follow.
            generation: larger than that of any list before.
            complete: whether this was the last part.
        """
        before = self._visible
        self._rows.extend(ids, generation)
        self._complete = complete
        self._vector_changed()
        self._resized()
        self._look(repaint=self._visible != before)

    def put_page(self, generation: int, page: int, rows: Iterable[R]) -> bool:
        """Take the answer to `PageNeeded`; rows it leaves out are shown as removed.

        Args:
            generation: as asked.
            page: as asked.
            rows: in any order.

        Returns:
            Whether the answer was of use; False when another list is shown meanwhile.
        """
        changes = self._rows.put(generation, page, rows)
        if changes is None:
            return False
        self._changed(changes)
        return True

    def give_up(self, generation: int, page: int) -> None:
        """Take note that `PageNeeded` cannot be answered; it is asked again when the view moves."""
        self._rows.give_up(generation, page)

    def wants(self, generation: int, page: int) -> bool:
        """Whether `PageNeeded` is still worth answering; False when the view has moved on."""
        return self._rows.wants(generation, page)

    def refresh_rows(self, rows: Iterable[R], *, removed: Iterable[int] = ()) -> None:
        """Put newer versions of rows in place, and show others as removed; the order stays."""
        self._changed(self._rows.replace(rows) + self._rows.remove(removed))

    def reread(self) -> None:
        """Ask again for what is in view, because anything may have changed; nothing is painted until it has."""
        self._rows.expire()
        self._look()

    def show_sort(self, key: str, *, descending: bool = False) -> None:
        """Say in the header which order the list is in."""
        self._sort = Sort(key, descending)
        self._touch_line(0)

    def render_line(self, y: int) -> Strip:
        """Return line `y` of the widget; line 0 is the header."""
        if y == 0:
            return self._painter.header(self._column, self._sort)
        index = self._top + y - 1
        if index >= len(self._rows):
            return (
                self._painter.message(self._empty, y - 1)
                if self._loaded and not self._rows
                else self._painter.blank()
            )
        return self._painter.row(self._rows.ids[index], self._rows[index], self._state(index))

    def notify_style_update(self) -> None:
        """Drop finished lines when the theme or the style sheet changes."""
        self._styles_by_name.clear()
        self._painter.forget_lines()
        super().notify_style_update()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Look at other rows, however the view was moved; replaces the immediate repaint of the base class."""
        if round(old_value) != round(new_value):
            self._look(repaint=True)

    def on_resize(self) -> None:
        """Share the new room, and keep the cursor in view."""
        self._resized()
        self._scroll_top(self._top_for(self._cursor, near=True))
        self._look(repaint=True)

    def _state(self, index: int) -> RowState:
        """Return what the line of a row says beside its data."""
        return RowState(cursor=index == self._cursor, changed=self._flags.of(self._rows.ids[index]))

    def _vector_changed(self) -> None:
        """Hear that the id vector is another one, or longer."""

    @property
    def _top(self) -> int:
        """Index of the first row in view."""
        return self.scroll_offset.y

    @property
    def _body(self) -> int:
        """Lines under the header."""
        return max(1, self.size.height - 1)

    @property
    def _visible(self) -> range:
        """Indexes of the rows in view."""
        return range(min(self._top, len(self._rows)), min(self._top + self._body, len(self._rows)))

    def _top_for(self, index: int, *, near: bool = False) -> int:
        """Return the index of the first row in view that brings row `index` into view with the least painting.

        Args:
            index: the row.
            near: whether to move no farther than needed, even over SSH.
        """
        top, step = self._top, 0 if near or not self._half_page else self._body // 2
        if index < top:
            return min(index, max(0, top - step))
        if index >= top + self._body:
            return max(index - self._body + 1, top + step)
        return top

    def _scroll_top(self, top: int) -> None:
        """Let row `top` be the first in view, as far as the list reaches."""
        if self.size:
            self.scroll_to(y=top, animate=False, force=True)

    def _resized(self) -> None:
        """Take note of another number of rows or another width, without a new layout of the screen."""
        self.set_reactive(Viewport.virtual_size, Size(self.size.width, len(self._rows) + 1))
        self._arrange()

    def _arrange(self) -> bool:
        """Share the width among the columns; return whether lines look different now."""
        return bool(self.size) and self._painter.arrange(self.size.width, self._column)

    def _look(self, *, repaint: bool = False) -> None:
        """Ask for the rows in view, let columns grow to what is known, paint when there is something to paint.

        Args:
            repaint: whether every line may look different; dots wait until patience is at its end.
        """
        if not self.size:
            return
        seen = self._visible
        self._rows.view(seen.start, seen.stop)
        known = [row for index in seen if not isinstance(row := self._rows[index], Absent)]
        grown = self._painter.measure(known) and self._arrange()
        waiting = any(self._rows[index] is UNKNOWN for index in seen)
        patient = self._patience is not None
        if waiting and (repaint or patient):
            self._patience = self._patience or self.set_timer(self.patience, self._paint_all)
        elif repaint or grown or patient:
            self._paint_all()
        self._tell_position()

    def _paint_all(self) -> None:
        """Paint every line, and stop waiting."""
        if self._patience is not None:
            self._patience.stop()
            self._patience = None
        self.refresh()

    def _touch(self, indexes: Container[int]) -> None:
        """Paint the lines of those rows that are in view."""
        for index in self._visible:
            if index in indexes:
                self._touch_line(index - self._top + 1)

    def _touch_ids(self, row_ids: Container[int]) -> None:
        """Paint the lines of those rows that are in view, by id."""
        self._touch([index for index in self._visible if self._rows.ids[index] in row_ids])

    def _touch_line(self, line: int) -> None:
        """Paint one line, unless all are about to be."""
        if self._patience is None:
            self.refresh(Region(0, line, self.size.width, 1))

    def _changed(self, changes: Sequence[Change[R]]) -> None:
        """Show what changed: sign the cells, paint the lines."""
        if not changes:
            return
        now = monotonic()
        for change in changes:
            if not isinstance(change.before, Absent) and not isinstance(change.after, Absent):
                self._flags.add(change.row_id, self._painter.changed_keys(change.before, change.after), now)
        self._look()
        self._touch_ids({change.row_id for change in changes})
        if self._flag_timer is None:
            self._time_flags()

    def _time_flags(self) -> None:
        """Take off the signs whose time is over; a clock runs only while there are others."""
        now = monotonic()
        self._touch_ids(self._flags.take_off(now))
        left = self._flags.seconds_left(now)
        self._flag_timer = None if left is None else self.set_timer(left + CLOCK_GRAIN, self._time_flags)

    def _tell_position(self) -> None:
        """Tell which rows are in view when that changed."""
        text = self.position
        if text != self._told_position:
            self._told_position = text
            self.post_message(self.PositionChanged(self, text))
            self.hear_at_once()

    def _need(self, generation: int, page: int, ids: Sequence[int]) -> None:
        """Ask for a page by message, so that nobody waits for it here."""
        self.post_message(self.PageNeeded(self, generation, page, ids))

    def _named_style(self, name: str) -> Style:
        """Return the style of a name; the empty one is the ordinary row."""
        style = self._styles_by_name.get(name)
        if style is None:
            style = self.get_component_rich_style(f"grid--{name}") if name else self.rich_style
            self._styles_by_name[name] = style
        return style
