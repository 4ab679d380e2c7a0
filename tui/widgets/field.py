"""The one kind of text field: one line, a cursor that does not blink, and nothing pasted into it can act."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from tui.text import shown


class Field(Input):
    """A text field. What is pasted into it is made harmless, because a field draws its text as it is."""

    def __init__(self, name: str, *, password: bool = False, placeholder: str = "", text: str = "") -> None:
        """Make a field.

        Args:
            name: becomes the widget's id.
            password: whether to draw dots.
            placeholder: what stands in it while it is empty.
            text: to begin with.
        """
        super().__init__(
            shown(text) if text else text,
            id=name,
            password=password,
            placeholder=placeholder,
            compact=True,
            select_on_focus=False,
        )
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        """Insert what was pasted: lines become words of one line; a password stays as it is, since it is never drawn."""
        event.stop()
        event.prevent_default()
        if self.password:
            self.insert_text_at_cursor(event.text.partition("\n")[0].removesuffix("\r"))
            return
        text = " ".join(event.text.split())
        if text:
            self.insert_text_at_cursor(shown(text))
