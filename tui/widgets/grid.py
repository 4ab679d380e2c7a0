"""A list of any length that shows, moves and marks, and asks for the rows it needs.

How a screen uses it:

    grid = Grid(columns=[Column(key="name", title="Name", show=lambda person: person.name), …],
                empty="No invitations yet. Press i to invite somebody.", id="people")

    grid.show_ids(ids, generation)              another list; the cursor's row keeps its line on the screen
    grid.extend_ids(ids, generation, complete=…)  the rest of a list that arrives in parts
    grid.put_page(generation, page, rows)       the answer to PageNeeded; ids left out are shown as removed
    grid.give_up(generation, page)              there is no answer; asked again when the view moves
    grid.wants(generation, page)                False: the reader may skip a question that waited in a queue
    grid.refresh_rows(rows, removed=ids)        newer versions of rows; changed cells carry a sign for a while
    grid.reread()                               anything may have changed: asks again for what is in view
    grid.cursor_id, cursor_row, column_key, visible_ids, position, dropped_columns
    grid.marks, target_ids, range_open          what is marked, and what an action hits
    grid.forget_marks(ids)                      after acting on rows, or when they are gone
    grid.cancel_range()                         for Esc: True when there was a range to cancel
    grid.show_sort(key, descending=…)           the sign in the header; the grid itself never sorts
    grid.empty = "Nobody matches dept:sales."   what to say when there are no rows

It posts `Grid.PageNeeded` (read off the event loop, answer with `put_page`, in the order asked), `CursorMoved`,
`RowOpened`, `MarksChanged`, `SortRequested` and `PositionChanged`. Rows are frozen dataclasses with an integer `id`;
everything they show is sanitised here. `id` is Textual's name for the widget's own id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType

from tui.widgets.columns import Column
from tui.widgets.marks import MarkedRange, Marks
from tui.widgets.painter import RowState
from tui.widgets.rows import REMOVED, HasId
from tui.widgets.viewport import Viewport

R = TypeVar("R", bound=HasId)

_STYLES = (
    "header",
    "cursor",
    "marked",
    "changed",
    "unknown",
    "removed",
    "empty",
    "dim",
    "good",
    "warn",
    "bad",
    "accent",
)


class Grid(Viewport[R], can_focus=True, inherit_bindings=False):
    """A list with a cursor, marks and keys."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"grid--{name}" for name in _STYLES}
    DEFAULT_CSS = """
    Grid {
        overflow: hidden hidden;
        & > .grid--header { text-style: bold; background: $panel; }
        & > .grid--cursor { text-style: reverse; }
        & > .grid--marked { text-style: bold; color: $accent; }
        & > .grid--changed { text-style: bold; color: $warning; }
        & > .grid--unknown { text-style: dim; }
        & > .grid--removed { text-style: dim; }
        & > .grid--empty { text-style: dim; }
        & > .grid--dim { text-style: dim; }
        & > .grid--good { color: $success; }
        & > .grid--warn { color: $warning; }
        & > .grid--bad { color: $error; }
        & > .grid--accent { color: $accent; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", show=False, id="grid.down"),
        Binding("k,up", "move(-1)", "Up", show=False, id="grid.up"),
        Binding("ctrl+d", "half_page(1)", "Half a page down", show=False, id="grid.half_down"),
        Binding("ctrl+u", "half_page(-1)", "Half a page up", show=False, id="grid.half_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="grid.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="grid.page_up"),
        Binding("g,home", "top", "First row", show=False, id="grid.top"),
        Binding("G,end", "bottom", "Last row", show=False, id="grid.bottom"),
        Binding("h,left", "column(-1)", "Column left", show=False, id="grid.left"),
        Binding("l,right", "column(1)", "Column right", show=False, id="grid.right"),
        Binding("0", "first_column", "First column", show=False, id="grid.first_column"),
        Binding("$", "last_column", "Last column", show=False, id="grid.last_column"),
        Binding("space", "mark", "Mark and go down", show=False, id="grid.mark"),
        Binding("v", "range", "Open or close a range", show=False, id="grid.range"),
        Binding("shift+down", "extend(1)", "Mark downwards", show=False, id="grid.extend_down"),
        Binding("shift+up", "extend(-1)", "Mark upwards", show=False, id="grid.extend_up"),
        Binding("*", "mark_all", "Mark all", show=False, id="grid.mark_all"),
        Binding("!", "invert_marks", "Swap marked and unmarked", show=False, id="grid.invert_marks"),
        Binding("M", "clear_marks", "Unmark all", show=False, id="grid.clear_marks"),
        Binding("[", "sort(False)", "Sort up by this column", show=False, id="grid.sort_up"),
        Binding("]", "sort(True)", "Sort down by this column", show=False, id="grid.sort_down"),
        Binding("enter", "open", "Open", show=False, id="grid.open"),
    ]

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
        """Make a grid; the arguments are those of `Viewport`."""
        super().__init__(
            columns=columns,
            empty=empty,
            plain=plain,
            half_page=half_page,
            flag_seconds=flag_seconds,
            id=id,
            classes=classes,
        )
        self.marks = Marks()
        self._range: MarkedRange | None = None
        self._sticky = False
        self._told_marks = (0, 0, False)
        self._told_cursor: tuple[int | None, int, str] | None = None

    @property
    def range_open(self) -> bool:
        """Whether the cursor stretches a range."""
        return self._range is not None

    @property
    def target_ids(self) -> list[int]:
        """What an action hits: every marked row, hidden ones too, or else the cursor's row."""
        if self.marks.count:
            return list(self.marks)
        return [] if self.cursor_id is None else [self.cursor_id]

    def forget_marks(self, row_ids: Iterable[int]) -> None:
        """Unmark rows that were acted on or are gone, shown or hidden."""
        self._close_range()
        self.marks.forget(row_ids)
        self._marks_changed()

    def cancel_range(self) -> bool:
        """Give back the marks of the open range; return whether there was one."""
        if self._range is None:
            return False
        self._range.cancel()
        self._close_range()
        self._marks_changed()
        return True

    def go_to(self, index: int) -> None:
        """Put the cursor on the row at `index`, or the last one."""
        self._place(index)

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

    def action_column(self, step: int) -> None:
        """Move the column cursor; a column that did not fit comes into view in place of another."""
        self._choose_column(self._column + step)

    def action_first_column(self) -> None:
        """Go to the first column."""
        self._choose_column(0)

    def action_last_column(self) -> None:
        """Go to the last column."""
        self._choose_column(len(self._painter.columns) - 1)

    def action_mark(self) -> None:
        """Close the range, or else mark or unmark the row and go down."""
        if self._range is not None:
            self._close_range()
            self._tell_marks()
            return
        if self.cursor_id is None or self.cursor_row is REMOVED:
            return
        self.marks.toggle(self.cursor_id)
        self._touch([self._cursor])
        self._tell_marks()
        self._place(self._cursor + 1)

    def action_range(self) -> None:
        """Open a range that follows every move, or close it and keep its marks."""
        if self._range is not None and self._sticky:
            self._close_range()
        elif self._rows:
            self._open_range(sticky=True)
        self._tell_marks()

    def action_extend(self, step: int) -> None:
        """Mark from here by rows; a move without shift ends it."""
        if not self._rows:
            return
        if self._range is None:
            self._open_range(sticky=False)
        self._place(self._cursor + step, stretch=True)

    def action_mark_all(self) -> None:
        """Mark the whole list."""
        self._close_range()
        self.marks.mark_all()
        self._marks_changed()

    def action_invert_marks(self) -> None:
        """Swap marked and unmarked in the list; hidden marks stay."""
        self._close_range()
        self.marks.invert()
        self._marks_changed()

    def action_clear_marks(self) -> None:
        """Unmark everything, hidden marks too."""
        self._close_range()
        self.marks.clear()
        self._marks_changed()

    def action_sort(self, descending: bool) -> None:  # noqa: FBT001 - the form Textual calls it in
        """Ask for the list in the order of the column the cursor is on."""
        if self._painter.columns[self._column].sortable:
            self.post_message(self.SortRequested(self, self.column_key, descending))

    def action_open(self) -> None:
        """Open the row the cursor is on."""
        if self.cursor_id is not None and self.cursor_row is not REMOVED:
            self.post_message(self.RowOpened(self, self.cursor_id))

    def _state(self, index: int) -> RowState:
        """Return what the line of a row says beside its data."""
        return super()._state(index)._replace(marked=self.marks.marked(self._rows.ids[index]))

    def _vector_changed(self) -> None:
        """Let go of the range, keep the marks, and tell where the cursor is and what is hidden now."""
        self._close_range()
        self.marks.show(self._rows.ids)
        self._tell_marks()
        self._tell_cursor()

    def _place(self, index: int, *, top: int | None = None, stretch: bool = False) -> None:
        """Put the cursor on a row and bring it into view.

        Args:
            index: the row; the first or last one instead of one outside the list.
            top: first row in view; by default the view moves as little as it may.
            stretch: whether a range that is not sticky follows.
        """
        if not self._rows:
            return
        old, new = self._cursor, min(max(index, 0), len(self._rows) - 1)
        if self._range is not None and not self._sticky and not stretch:
            self._close_range()
            self._tell_marks()
        self._cursor = new
        if self._range is not None:
            self._range.stretch(new)
            self._tell_marks()
        before = self._top
        self._scroll_top(self._top_for(new) if top is None else top)
        if self._top == before and new != old:
            self._touch((old, new) if self._range is None else range(min(old, new), max(old, new) + 1))
        self._tell_cursor()

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

    def _open_range(self, *, sticky: bool) -> None:
        """Start a range on the cursor's row."""
        self._range = MarkedRange(self.marks, self._rows.ids, self._cursor)
        self._sticky = sticky
        self._touch([self._cursor])

    def _close_range(self) -> None:
        """Keep the marks of the range and let the cursor go."""
        self._range = None

    def _marks_changed(self) -> None:
        """Paint the lines in view, of which any may be marked differently, and tell the numbers."""
        self._touch(self._visible)
        self._tell_marks()

    def _tell_marks(self) -> None:
        """Tell how many rows are marked, when that changed."""
        told = (self.marks.count, self.marks.hidden, self.range_open)
        if told != self._told_marks:
            self._told_marks = told
            self.post_message(self.MarksChanged(self, *told))

    def _tell_cursor(self) -> None:
        """Tell where the cursor is, when that changed."""
        told = (self.cursor_id, self._cursor, self.column_key)
        if told != self._told_cursor:
            self._told_cursor = told
            self.post_message(self.CursorMoved(self, *told))
