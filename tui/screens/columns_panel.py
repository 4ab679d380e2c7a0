"""Which columns a list has, in which order and how wide; every key shows in the list above at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from tui.screens.panel_list import PanelList
from tui.text import UNICODE_GLYPHS, fit, shown, width
from tui.widgets.columns import Column, ColumnLayout

_STEP = 2


class ColumnsPanel(PanelList[ColumnLayout | None], inherit_bindings=True):
    """Shows the columns; answers with the layout that is to stay."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,c", "keep", show=False, id="columns.keep"),
        Binding("space", "show_or_hide", show=False, id="columns.toggle"),
        Binding("J,shift+down", "shift(1)", show=False, id="columns.later"),
        Binding("K,shift+up", "shift(-1)", show=False, id="columns.earlier"),
        Binding("greater_than_sign", "size(1)", show=False, id="columns.wider"),
        Binding("less_than_sign", "size(-1)", show=False, id="columns.narrower"),
        Binding("equals_sign", "reset", show=False, id="columns.reset"),
    ]
    keys_line = "Space show/hide   J K order   < > width   = reset   Enter keep   Esc undo"

    def __init__(
        self,
        columns: Sequence[Column[Any]],
        layout: ColumnLayout,
        apply: Callable[[ColumnLayout], None],
        *,
        drawn: Callable[[], Sequence[str]],
        cursor: str = "",
    ) -> None:
        """Show `columns`.

        Args:
            columns: all of the list, in its own order.
            layout: as they are now.
            apply: lets the list show a layout.
            drawn: returns the keys of the columns for which the list has room.
            cursor: key of the column to begin on.
        """
        super().__init__("Columns of this list")
        self._columns, self._before, self._layout, self._apply = columns, layout, layout, apply
        self._drawn = drawn
        keys = [column.key for column in layout.ordered(columns)]
        self.cursor = keys.index(cursor) if cursor in keys else 0
        self._title_room = max(width(shown(column.title)) for column in columns)

    @property
    def count(self) -> int:
        """How many columns there are, hidden ones too."""
        return len(self._columns)

    def line(self, index: int, room: int) -> str:
        """Return sign, title and width of a column."""
        column = self._layout.ordered(self._columns)[index]
        hidden = column.key in self._layout.hidden
        sized = dict(self._layout.widths).get(column.key)
        if hidden:
            size = ""
        elif column.key not in self._drawn():
            size = "no room: narrow or hide another one"
        else:
            size = f"{sized} wide" if sized else "as wide as needed"
        words = fit(shown(column.title), self._title_room)
        state = "hidden" if hidden else "shown "
        return f"{' ' if hidden else UNICODE_GLYPHS.mark} {words}  {state}  {fit(size, max(0, room - 40))}".rstrip()

    def action_keep(self) -> None:
        """Leave the columns as they are now."""
        self.dismiss(self._layout)

    def action_leave(self) -> None:
        """Put the columns back and close."""
        self._apply(self._before)
        self.dismiss(None)

    def action_show_or_hide(self) -> None:
        """Hide the column, or show it again; one always stays."""
        key = self._key
        left = [column for column in self._layout.shown(self._columns) if column.key != key]
        if not left:
            self.say("One column has to stay.")
            return
        self._take(self._layout.toggled(key))
        self.action_move(1)

    def action_shift(self, step: int) -> None:
        """Move the column among the others."""
        self._take(self._layout.moved(self._columns, self._key, step))
        self.action_move(step)

    def action_size(self, steps: int) -> None:
        """Make the column wider or narrower."""
        column = self._layout.ordered(self._columns)[self.cursor]
        self._take(self._layout.sized(column.key, column.width + steps * _STEP))
        self.draw()

    def action_reset(self) -> None:
        """Give the list its own columns back."""
        self._take(ColumnLayout())
        self.draw()

    @property
    def _key(self) -> str:
        return self._layout.ordered(self._columns)[self.cursor].key

    def _take(self, layout: ColumnLayout) -> None:
        self._layout = layout
        self._apply(layout)
