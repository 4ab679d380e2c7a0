"""The field that lies over a cell while somebody types in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input

from tui.text import shown
from tui.widgets.field import Field

_LEAST = 12


class CellField(Field):
    """One field for all cells: what it holds is replaced by the first letter that is typed, and arrows go on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g", "leave", show=False, id="cell.leave"),
        Binding("tab", "take(0, 1)", show=False, id="cell.right"),
        Binding("shift+tab", "take(0, -1)", show=False, id="cell.left"),
        Binding("down", "take(1, 0)", show=False, id="cell.down"),
        Binding("up", "take(-1, 0)", show=False, id="cell.up"),
    ]

    @dataclass
    class Taken(Message):
        """The text is meant so.

        Attributes:
            text: as typed; None where nothing was typed.
            down: rows to go on by. right: columns.
        """

        text: str | None
        down: int
        right: int

    @dataclass
    class Left(Message):
        """Esc was pressed."""

    @dataclass
    class Pasted(Message):
        """Several lines or columns were pasted."""

        text: str

    def __init__(self) -> None:
        """Start closed."""
        super().__init__("cell")
        self._begun = ""

    def open(self, region: Region, text: str, words: tuple[str, ...], *, most_right: int) -> None:
        """Lie over a cell.

        Args:
            region: where on the screen it is.
            text: what it holds.
            words: offered while typing; Right takes the one that is shown.
            most_right: where the screen ends.
        """
        width = min(max(region.width, _LEAST), most_right - region.x)
        self.styles.offset = (region.x, region.y)
        self.styles.width = width
        self._begun = shown(text) if text else text
        self.suggester = SuggestFromList(words, case_sensitive=False) if words else None
        self.value = self._begun
        self.display = True
        self.screen.set_focus(self)
        self.action_select_all()

    def close(self) -> None:
        """Lie over nothing."""
        self.display = False

    def action_leave(self) -> None:
        """Leave the cell as it was."""
        self.post_message(self.Left())

    def action_take(self, down: int, right: int) -> None:
        """Take the text, and go on to a neighbor."""
        self.post_message(self.Taken(None if self.value == self._begun else self.value, down, right))

    @on(Input.Submitted)
    def take_it(self, event: Input.Submitted) -> None:
        """Enter takes the text and goes down."""
        event.stop()
        self.action_take(1, 0)

    def _on_paste(self, event: events.Paste) -> None:
        if "\n" in event.text.strip("\r\n") or "\r" in event.text.strip("\r\n") or "\t" in event.text:
            event.stop()
            event.prevent_default()
            self.post_message(self.Pasted(event.text))
            return
        super()._on_paste(event)
