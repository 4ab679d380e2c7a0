"""The bottom of every list: a status line, and a line that is hints, or a prompt, or a question.

The one `Input` of a screen lives as long as the screen; a new one for every prompt would leak.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from tui.text import content, crop, fit, shown, width, wrap
from tui.widgets.field import Field


class PromptField(Field):
    """The field of the prompt: Esc closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g", "cancel", show=False, id="prompt.cancel"),
        Binding("up", "older", show=False, id="prompt.older"),
    ]

    @dataclass
    class Cancelled(Message):
        """Esc was pressed."""

    last = ""

    def action_cancel(self) -> None:
        """Close the prompt."""
        self.post_message(self.Cancelled())

    def action_older(self) -> None:
        """Bring back what was typed last."""
        if self.last:
            self.value = self.last
            self.cursor_position = len(self.last)


class Prompt(Horizontal):
    """A label and a field, on the last line of the screen."""

    @dataclass
    class Typed(Message):
        """The text has changed."""

        kind: str
        text: str

    @dataclass
    class Given(Message):
        """Enter was pressed."""

        kind: str
        text: str

    @dataclass
    class Closed(Message):
        """The prompt was left without an answer."""

        kind: str

    kind = ""

    def compose(self) -> ComposeResult:
        """Lay out the label and the field."""
        yield Static("", id="prompt-label", markup=False)
        yield PromptField("prompt-field")

    @property
    def field(self) -> PromptField:
        """The field."""
        return self.query_one(PromptField)

    @property
    def is_open(self) -> bool:
        """Whether somebody is typing."""
        return bool(self.kind)

    def ask(self, kind: str, label: str, text: str = "", *, words: tuple[str, ...] = ()) -> None:
        """Open the prompt.

        Args:
            kind: comes back in the messages.
            label: stands before the field.
            text: to begin with.
            words: offered as completion.
        """
        self.kind = kind
        self.query_one("#prompt-label", Static).update(content(label))
        field = self.field
        field.suggester = SuggestFromList(words, case_sensitive=False) if words else None
        with self.prevent(Input.Changed):
            field.value = text
        field.cursor_position = len(text)
        self.display = True
        self.screen.query_one("#hints").display = False
        self.screen.set_focus(
            field
        )  # at once: keys that arrived together with the one that opened this land here

    def cancel(self) -> None:
        """Close the prompt, as Esc does."""
        self.field.action_cancel()

    def close(self) -> None:
        """Show the hints again."""
        self.kind = ""
        self.display = False
        self.screen.query_one("#hints").display = True

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.kind:
            self.post_message(self.Typed(self.kind, event.value))

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        event.stop()
        self.field.last = event.value
        kind = self.kind
        self.close()
        self.post_message(self.Given(kind, event.value))

    @on(PromptField.Cancelled)
    def _cancelled(self, event: PromptField.Cancelled) -> None:
        event.stop()
        kind = self.kind
        self.close()
        self.post_message(self.Closed(kind))


class Line(Static):
    """A line of text, left and right, that is painted only when it has changed; a long sentence gets more lines."""

    def __init__(self, *, id: str, most: int = 1) -> None:  # noqa: A002 - Textual's name for it
        """Start empty; grow to `most` lines."""
        super().__init__("", id=id, markup=False)
        self._most = most
        self._texts = ("", "")
        self._drawn = ""

    def show(self, left: str, right: str = "") -> None:
        """Show `left`, and `right` at the other end, which gives way to a sentence that needs the room."""
        self._texts = (left, right)
        self._draw()

    def on_resize(self) -> None:
        """Share the new width."""
        self._draw()

    def _draw(self) -> None:
        room = self.size.width
        if not room:
            return
        lines = self._lines(room)
        text = "\n".join(lines)
        if text == self._drawn:
            return
        taller = text.count("\n") != self._drawn.count("\n")
        self._drawn = text
        if taller:
            self.styles.height = len(lines)
        self.update(Text(text, no_wrap=True, end=""), layout=taller)

    def _lines(self, room: int) -> list[str]:
        left, right = (shown(text) for text in self._texts)
        right = crop(right, room)
        gap = 2 if right else 0
        beside = room - width(right) - gap
        if width(left) <= beside or self._most == 1:
            return [fit(left, max(0, beside)) + " " * gap + right]
        return wrap(left, room)[: self._most]
