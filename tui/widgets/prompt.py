"""The bottom of every list: a status line, and a line that is hints, or a prompt, or a question.

The one `Input` of a screen lives as long as the screen; a new one for every prompt would leak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import SuggestionReady
from textual.widgets import Input, Static

from tui.text import content, crop, fit, shown, width, wrap
from tui.widgets.field import Field


class PromptField(Field):
    """The field of the prompt: Esc closes it, Tab takes what is offered, the arrows bring back what was typed before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g", "cancel", show=False, id="prompt.cancel"),
        Binding("up", "older(1)", show=False, id="prompt.older"),
        Binding("down", "older(-1)", show=False, id="prompt.newer"),
        Binding("tab", "take(1)", show=False, id="prompt.take"),
        Binding("shift+tab", "take(-1)", show=False, id="prompt.take_before"),
    ]

    @dataclass
    class Cancelled(Message):
        """Esc was pressed."""

    def __init__(self, name: str) -> None:
        """Begin with nothing offered and nothing typed before."""
        super().__init__(name)
        self._before: Sequence[str] = ()
        self._back = 0
        self._draft = ""
        self._offered: Sequence[str] = ()
        self._taken = -1

    def _on_hide(self, event: events.Hide) -> None:
        """Keep the focus where the prompt was closed and opened again before it could be hidden."""
        if isinstance(self.parent, Prompt) and self.parent.is_open:
            event.prevent_default()

    def begin(self, text: str, before: Sequence[str]) -> None:
        """Begin with `text`; `before` was typed earlier, the newest last."""
        self._before, self._back, self._draft = before, 0, text
        self._offered, self._taken = (), -1
        with self.prevent(Input.Changed):
            self.put(text)

    def offer(self, texts: Sequence[str]) -> None:
        """Let Tab put one of `texts`; the rest of the first is shown behind the cursor."""
        self._offered, self._taken = texts, -1
        begun = next((each for each in texts if each.startswith(self.value)), "")
        self.post_message(SuggestionReady(self.value, begun))

    @property
    def is_taking(self) -> bool:
        """Whether the text is one that Tab has put."""
        return self._taken >= 0 and self.value == self._offered[self._taken]

    def put(self, text: str) -> None:
        """Let `text` stand in the field."""
        self.value = text
        self.cursor_position = len(text)

    def action_cancel(self) -> None:
        """Close the prompt."""
        self.post_message(self.Cancelled())

    def action_older(self, step: int) -> None:
        """Bring back what was typed earlier, or go back towards what was begun."""
        back = min(max(self._back + step, 0), len(self._before))
        if back == self._back:
            return
        if not self._back:
            self._draft = self.value
        self._back = back
        self.put(self._before[-back] if back else self._draft)

    def action_take(self, step: int) -> None:
        """Put what is offered; again, the next of it."""
        if self._offered:
            start = self._taken if self.is_taking else -1 if step > 0 else 0
            self._taken = (start + step) % len(self._offered)
            self.put(self._offered[self._taken])


class Prompt(Horizontal):
    """A label and a field, on the last line of the screen."""

    @dataclass
    class Typed(Message):
        """The text has changed, by hand."""

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

    def ask(self, kind: str, label: str, text: str = "", *, before: Sequence[str] = ()) -> None:
        """Open the prompt.

        Args:
            kind: comes back in the messages.
            label: stands before the field.
            text: to begin with.
            before: what was typed earlier, the newest last; the arrows bring it back.
        """
        self.kind = kind
        self.query_one("#prompt-label", Static).update(content(label))
        field = self.field
        field.begin(text, before)
        self.display = True
        self.screen.query_one("#hints").display = False
        self.screen.set_focus(
            field
        )  # at once: keys that arrived together with the one that opened this land here

    def offer(self, text: str, texts: Sequence[str]) -> None:
        """Offer what may be put in place of `text`, unless something else stands there by now."""
        if self.is_open and self.field.value == text:
            self.field.offer(texts)

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

    @property
    def left(self) -> str:
        """What stands at the left."""
        return self._texts[0]

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
