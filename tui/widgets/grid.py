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

    grid.hear_at_once = show                    called with each other position and number of marks, before the repaint
                                                that shows them: a message would be a frame later

It posts `Grid.PageNeeded` (read off the event loop, answer with `put_page`, in the order asked), `CursorMoved`,
`RowOpened`, `MarksChanged`, `SortRequested` and `PositionChanged`. Rows are frozen dataclasses with an integer `id`;
everything they show is sanitised here. `id` is Textual's name for the widget's own id.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable, Sequence
from typing import Any, ClassVar, TypeVar

from textual.binding import Binding, BindingType

from tui.widgets.columns import Column
from tui.widgets.marks import MarkedRange, Marks
from tui.widgets.moving import MovingViewport
from tui.widgets.painter import RowState
from tui.widgets.rows import REMOVED, HasId

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


class Grid(MovingViewport[R], can_focus=True, inherit_bindings=False):
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

    def __init__(self, *, columns: Sequence[Column[R]], **options: Any) -> None:
        """Make a grid; the arguments are those of `Viewport`."""
        super().__init__(columns=columns, **options)
        self.marks = Marks()
        self._range: MarkedRange | None = None
        self._sticky = False
        self._told_marks = (0, 0, False)

    @property
    def range_open(self) -> bool:
        """Whether the cursor stretches a range."""
        return self._range is not None

    @property
    def target_ids(self) -> array[int]:
        """What an action hits: every marked row in the order of the list, then hidden ones, or else the cursor's row."""
        if self.marks.count:
            return self.marks.ids()
        return array("q", [] if self.cursor_id is None else [self.cursor_id])

    @property
    def target_words(self) -> str:
        """What an action hits, in words."""
        marks = self.marks
        if not marks.count:
            return "this row" if self._rows else ""
        hidden = f", {marks.hidden:,} hidden by the filter" if marks.hidden else ""
        return f"{marks.count:,} marked{hidden}"

    def mark_bits(self, bits: int, *, unmark: bool = False) -> int:
        """Mark the rows of a set made by `bits_of`, or unmark them, shown or not; return how many that changed."""
        self._close_range()
        changed = self.marks.forget_bits(bits) if unmark else self.marks.add_bits(bits)
        self._marks_changed()
        return changed

    def go_to_marked(self, step: int) -> bool:
        """Go to the nearest marked row further down (1) or up (-1); return whether there is one."""
        place = self.marks.next_after(self._cursor, step)
        if place is not None:
            self._place(place)
        return place is not None

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
        row_id = self._rows.ids[index]
        return RowState(index == self._cursor, self.marks.marked(row_id), self._flags.of(row_id))

    def _vector_changed(self) -> None:
        """Let go of the range, keep the marks, and tell where the cursor is and what is hidden now."""
        self._close_range()
        self.marks.show(self._rows.ids)
        self._tell_marks()
        self._tell_cursor()

    def _moved(self, old: int, new: int, *, stretch: bool) -> Container[int]:
        """Let an open range follow the cursor; a short one ends with a move that is not meant for it."""
        if self._range is not None and not self._sticky and not stretch:
            self._close_range()
            self._tell_marks()
        if self._range is None:
            return (old, new)
        self._range.stretch(new)
        self._tell_marks()
        return range(min(old, new), max(old, new) + 1)

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
            self.hear_at_once()
