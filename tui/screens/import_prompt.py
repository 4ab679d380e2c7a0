"""The prompt of the import: Tab completes a path, and addresses that are pasted into it are staged instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static

from tui.widgets.prompt import Prompt, PromptField

PATH, MEND = "path", "mend"


def holds_addresses(text: str) -> bool:
    """Tell whether what was pasted is meant to be staged: a path has one line and seldom an @."""
    return "@" in text or len(text.splitlines()) > 1


class PathField(PromptField):
    """The field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", show=False, id="prompt.complete"),
    ]

    @dataclass
    class Pasted(Message):
        """Addresses were pasted while a path was asked for."""

        text: str

    @dataclass
    class Completing(Message):
        """Tab was pressed."""

        text: str

    def action_complete(self) -> None:
        """Ask for the rest of the path."""
        self.post_message(self.Completing(self.value))

    def _on_paste(self, event: events.Paste) -> None:
        prompt = self.parent
        if isinstance(prompt, ImportPrompt) and prompt.kind == PATH and holds_addresses(event.text):
            event.stop()
            event.prevent_default()
            self.post_message(self.Pasted(event.text))
            prompt.cancel()
            return
        super()._on_paste(event)


class ImportPrompt(Prompt):
    """A label and a field, on the last line of the screen."""

    def compose(self) -> ComposeResult:
        """Lay out the label and the field."""
        yield Static("", id="prompt-label", markup=False)
        yield PathField("prompt-field")
