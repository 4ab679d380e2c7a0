"""The sheet on the screen: a cursor on one cell, a range of rows, and as many columns as there is room for.

Each row begins with who it is, which stays while the columns move. A changed cell and a wrong one each carry a sign,
so that both can be told without color.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.screens.person_fields import cell_text
from tui.screens.sheet_model import Cell, Sheet
from tui.text import UNICODE_GLYPHS, fit, shown, strip

_LEAD, _GAP = 2, 1
_WHO, _WHO_ROOMY, _ROOMY = 20, 30, 110
_TYPED_AHEAD = 0.5  # seconds without a key after which fast hands have seen where they are


class SheetGrid(Widget, can_focus=True, inherit_bindings=False):
    """Shows a sheet and moves about in it; what is done to cells is the screen's."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"sheet--{name}" for name in ("header", "cursor", "range", "changed", "wrong", "locked")
    }
    DEFAULT_CSS = """
    SheetGrid {
        overflow: hidden hidden;
        & > .sheet--header { text-style: bold; background: $panel; }
        & > .sheet--cursor { text-style: reverse; }
        & > .sheet--range { text-style: underline; }
        & > .sheet--changed { text-style: bold; color: $warning; }
        & > .sheet--wrong { text-style: bold; color: $error; }
        & > .sheet--locked { text-style: dim; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", show=False, id="sheet.down"),
        Binding("k,up", "move(-1)", show=False, id="sheet.up"),
        Binding("ctrl+d", "half_page(1)", show=False, id="sheet.half_down"),
        Binding("ctrl+u", "half_page(-1)", show=False, id="sheet.half_up"),
        Binding("pagedown", "page(1)", show=False, id="sheet.page_down"),
        Binding("pageup", "page(-1)", show=False, id="sheet.page_up"),
        Binding("g,home", "top", show=False, id="sheet.top"),
        Binding("G,end", "bottom", show=False, id="sheet.bottom"),
        Binding("h,left,shift+tab", "column(-1)", show=False, id="sheet.left"),
        Binding("l,right,tab", "column(1)", show=False, id="sheet.right"),
        Binding("0", "column(-99)", show=False, id="sheet.first_column"),
        Binding("$", "column(99)", show=False, id="sheet.last_column"),
        Binding("v", "range", show=False, id="sheet.range"),
        Binding("shift+down", "extend(1)", show=False, id="sheet.extend_down"),
        Binding("shift+up", "extend(-1)", show=False, id="sheet.extend_up"),
    ]

    @dataclass
    class Moved(Message):
        """The cursor or the range is somewhere else."""

        cell: Cell

    @dataclass
    class TypedTooFar(Message):
        """Somebody types on although there is no further cell."""

    def __init__(self) -> None:
        """Start without a sheet."""
        super().__init__(id="sheet")
        self._sheet: Sheet | None = None
        self._cursor = Cell(0, 0)
        self._top = self._left = 0
        self._anchor: int | None = None
        self._sticky = False
        self._deaf_until = 0.0

    # --- what is shown --------------------------------------------------------------------------------------------

    def show(self, sheet: Sheet) -> None:
        """Show a sheet from its first cell."""
        self._sheet = sheet
        self._cursor, self._top, self._left, self._anchor = Cell(0, 0), 0, 0, None
        self.refresh()

    @property
    def cursor(self) -> Cell:
        """The cell with the cursor."""
        return self._cursor

    @property
    def rows_in_range(self) -> range:
        """The rows of the range, or the cursor's."""
        other = self._cursor.row if self._anchor is None else self._anchor
        return range(min(other, self._cursor.row), max(other, self._cursor.row) + 1)

    @property
    def position(self) -> str:
        """Which rows are in view, of how many."""
        rows = self._count
        last = min(self._top + self._body, rows)
        return f"{self._top + 1:,}{UNICODE_GLYPHS.to}{last:,} of {rows:,}" if rows else "none"

    @property
    def hidden_columns(self) -> int:
        """How many columns do not fit."""
        return (len(self._sheet.fields) if self._sheet else 0) - len(self._columns)

    def region_of_cursor(self) -> Region:
        """Return where on the screen the cell with the cursor is."""
        x = self.region.x + _LEAD + self._who
        for column in self._columns:
            width = self._width_of(column)
            if column == self._cursor.column:
                return Region(x + _GAP, self.region.y + 1 + self._cursor.row - self._top, width, 1)
            x += _GAP + width
        return Region(self.region.x, self.region.y, 0, 1)

    def cancel_range(self) -> bool:
        """Let go of the range; return whether there was one."""
        was_open, self._anchor = self._anchor is not None, None
        if was_open:
            self._tell()
        return was_open

    def go_to(self, cell: Cell) -> None:
        """Put the cursor on a cell, and bring it into view."""
        if self._sheet is None or not len(self._sheet):
            return
        row = min(max(cell.row, 0), self._count - 1)
        column = min(max(cell.column, 0), len(self._sheet.fields) - 1)
        before = (self._cursor, self._top, self._left)
        self._cursor = Cell(row, column)
        self._scroll()
        if (self._cursor, self._top, self._left) != before:
            self._tell()

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self._scroll()
        self.refresh()

    # --- keys -----------------------------------------------------------------------------------------------------

    def ignore_typed_ahead(self) -> None:
        """Take no letter for a command until there was a pause: it was meant for a cell that is not there."""
        self._deaf_until = monotonic() + _TYPED_AHEAD

    def on_key(self, event: events.Key) -> None:
        """Drop what was typed ahead; a key that writes nothing is meant for the grid again."""
        if not (event.is_printable or event.key == "enter"):
            self._deaf_until = 0.0
        elif monotonic() < self._deaf_until:
            event.stop()
            event.prevent_default()
            self.ignore_typed_ahead()
            self.post_message(self.TypedTooFar())

    def action_move(self, step: int) -> None:
        """Move by rows; a range that Shift opened is let go."""
        if not self._sticky:
            self._anchor = None
        self.go_to(Cell(self._cursor.row + step, self._cursor.column))
        self.refresh()

    def action_column(self, step: int) -> None:
        """Move by columns."""
        self.go_to(Cell(self._cursor.row, self._cursor.column + step))

    def action_page(self, pages: int) -> None:
        """Move by screenfuls."""
        self.action_move(pages * self._body)

    def action_half_page(self, halves: int) -> None:
        """Move by half screenfuls."""
        self.action_move(halves * max(1, self._body // 2))

    def action_top(self) -> None:
        """Go to the first row."""
        self.action_move(-self._count)

    def action_bottom(self) -> None:
        """Go to the last row."""
        self.action_move(self._count)

    def action_range(self) -> None:
        """Open a range that follows every move, or let it go."""
        if self._anchor is not None and self._sticky:
            self._anchor = None
        else:
            self._anchor, self._sticky = self._cursor.row, True
        self._tell()

    def action_extend(self, step: int) -> None:
        """Stretch a range from here; a move without Shift lets it go."""
        if self._anchor is None:
            self._anchor, self._sticky = self._cursor.row, False
        self.go_to(Cell(self._cursor.row + step, self._cursor.column))

    # --- drawing --------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return line `y`; line 0 is the header."""
        if self._sheet is None:
            return strip("", self.size.width, self.rich_style)
        if y == 0:
            return self._header(self._sheet)
        index = self._top + y - 1
        if index >= self._count:
            return strip("", self.size.width, self.rich_style)
        return self._row(self._sheet, index)

    def _header(self, sheet: Sheet) -> Strip:
        text = " " * _LEAD + fit("Who", self._who)
        for column in self._columns:
            sign = UNICODE_GLYPHS.cursor if column == self._cursor.column else " "
            text += sign + fit(sheet.fields[column].title, self._width_of(column))
        more = UNICODE_GLYPHS.more if self._columns and self._columns[-1] + 1 < len(sheet.fields) else ""
        room = self.size.width - len(more)
        return strip(fit(text, room, more=" ") + more, self.size.width, self._style("header"))

    def _row(self, sheet: Sheet, index: int) -> Strip:
        row = sheet.rows[index]
        under_cursor, in_range = (
            index == self._cursor.row,
            self._anchor is not None and index in self.rows_in_range,
        )
        base = self._style("locked") if row.refusal else self.rich_style
        lead = UNICODE_GLYPHS.cursor if under_cursor else " "
        sign = UNICODE_GLYPHS.fails if row.refusal else UNICODE_GLYPHS.mark if in_range else " "
        segments = [Segment(lead + sign + fit(shown(row.address), self._who), base)]
        for column in self._columns:
            cell = Cell(index, column)
            style = self._cell_style(sheet, cell, base, in_range=in_range and column == self._cursor.column)
            text = fit(self._text(sheet, cell), self._width_of(column))
            wrong, changed = sheet.wrong(cell), sheet.is_changed(cell)
            mark = UNICODE_GLYPHS.fails if wrong else UNICODE_GLYPHS.changed if changed else " "
            segments += [
                Segment(mark, style if mark != " " and cell != self._cursor else base),
                Segment(text, style),
            ]
        return Strip(segments).adjust_cell_length(self.size.width, base).simplify()

    def _text(self, sheet: Sheet, cell: Cell) -> str:
        text = sheet.text(cell)
        return shown(cell_text(sheet.fields[cell.column].key, text)) if text else ""

    def _cell_style(self, sheet: Sheet, cell: Cell, base: Style, *, in_range: bool) -> Style:
        if cell == self._cursor:
            return self._style("cursor")
        if sheet.wrong(cell):
            return self._style("wrong")
        if sheet.is_changed(cell):
            return self._style("changed")
        return self._style("range") if in_range else base

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"sheet--{name}")

    # --- room -----------------------------------------------------------------------------------------------------

    @property
    def _count(self) -> int:
        return len(self._sheet) if self._sheet else 0

    @property
    def _body(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def _who(self) -> int:
        return _WHO_ROOMY if self.size.width >= _ROOMY else _WHO

    @property
    def _columns(self) -> list[int]:
        """The columns that fit, from the first one in view."""
        if self._sheet is None:
            return []
        left, found = self.size.width - _LEAD - self._who, list[int]()
        for column in range(self._left, len(self._sheet.fields)):
            left -= _GAP + self._width_of(column)
            if left < 0 and found:
                break
            found.append(column)
        return found

    def _width_of(self, column: int) -> int:
        if self._sheet is None:
            return 0
        field = self._sheet.fields[column]
        return field.width if self.size.width >= _ROOMY else field.least

    def _scroll(self) -> None:
        """Bring the cursor into view, moving as little as possible."""
        if not self._columns:
            return
        row, column = self._cursor
        self._top = max(min(self._top, row), row - self._body + 1)
        self._top = max(0, min(self._top, self._count - self._body))
        self._left = min(self._left, column)
        while column not in self._columns:
            self._left += 1

    def _tell(self) -> None:
        self.refresh()
        self.post_message(self.Moved(self._cursor))
