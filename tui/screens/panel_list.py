"""A panel at the bottom with lines to go through: the list above stays in view, and each line is one thing to act on."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.text import UNICODE_GLYPHS, content, crop

T = TypeVar("T")
_AROUND = 8  # lines that are not the panel's own: title, header and some rows of the list, the panel's frame
_NONE = "Nothing to show."


class PanelList(ModalScreen[T], inherit_bindings=False):
    """Shows lines with a cursor; what keys do with them is the subclass's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g,q", "leave", show=False, id="panel.leave"),
        Binding("down,j", "move(1)", show=False, id="panel.down"),
        Binding("up,k", "move(-1)", show=False, id="panel.up"),
        Binding("pagedown,ctrl+d", "move(8)", show=False, id="panel.page_down"),
        Binding("pageup,ctrl+u", "move(-8)", show=False, id="panel.page_up"),
        Binding("home,g", "move(-1000000)", show=False, id="panel.top"),
        Binding("end,G", "move(1000000)", show=False, id="panel.bottom"),
    ]
    keys_line = "↑↓ move   Esc leave"

    def __init__(self, title: str) -> None:
        """Begin on the first line.

        Args:
            title: what the lines are.
        """
        super().__init__()
        self._title = title
        self.cursor = self._top = 0
        self.message = ""

    @property
    def count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def line(self, index: int, room: int) -> str:
        """Return a line as it is shown, without the sign of the cursor.

        Args:
            index: which one.
            room: cells there are.
        """
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel picker"):
            yield Static(content(self._title), classes="panel-title", markup=False)
            yield Static("", id="choices", markup=False)
            yield Static("", id="choice-message", markup=False)
            yield Static(self.keys_line, classes="panel-keys", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Fit the lines to the new size."""
        room = max(1, event.size.height - _AROUND)
        self.query_one("#choices").styles.height = min(room, max(1, self.count))
        self.call_after_refresh(self.draw)

    def action_leave(self) -> None:
        """Close the panel."""
        self.dismiss(None)

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self.go_to(self.cursor + step)

    def go_to(self, index: int) -> None:
        """Put the cursor on a line, or the nearest there is."""
        self.cursor, self.message = max(0, min(self.count - 1, index)), ""
        self.draw()

    def say(self, sentence: str) -> None:
        """Say something below the lines."""
        self.message = sentence
        self.draw()

    def draw(self) -> None:
        """Paint the lines in view and the message."""
        if not self.is_mounted:
            return
        area = self.query_one("#choices", Static)
        room, lines = area.size.width, max(1, area.size.height)
        self._top = max(0, min(self._top, self.cursor), self.cursor - lines + 1)
        drawn = Text(no_wrap=True, end="")
        for index in range(self._top, min(self._top + lines, self.count)):
            here = index == self.cursor
            sign = UNICODE_GLYPHS.cursor if here else " "
            drawn.append(f"{crop(f'{sign} {self.line(index, room - 2)}', room)}\n", "reverse" if here else "")
        area.update(drawn if self.count else _NONE)
        self.query_one("#choice-message", Static).update(content(self.message))
