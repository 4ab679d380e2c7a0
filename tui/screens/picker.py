"""A list to choose from: type to narrow it down, Enter takes; what is out of reach says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.text import UNICODE_GLYPHS, content, crop, fit, shown, width
from tui.widgets.field import Field

_BEFORE_NOTE = 5  # signs and gaps in front of it
_AROUND = 10  # lines of the panel that are not choices, and two of the list below


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose.

    Attributes:
        key: comes back when it is taken.
        label: what it is called.
        note: says more, in the same line.
        refusal: why it cannot be taken, as a sentence; empty where it can.
    """

    key: str
    label: str
    note: str = ""
    refusal: str = ""


class Picker(ModalScreen[tuple[str, ...] | None], inherit_bindings=False):
    """Chooses one or several; None when left without choosing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g", "dismiss(None)", show=False, id="picker.cancel"),
        Binding("down", "move(1)", show=False, id="picker.down"),
        Binding("up", "move(-1)", show=False, id="picker.up"),
        Binding("pagedown", "move(8)", show=False, id="picker.page_down"),
        Binding("pageup", "move(-8)", show=False, id="picker.page_up"),
        Binding("tab", "tick", show=False, id="picker.toggle"),
    ]

    def __init__(
        self, title: str, choices: Sequence[Choice], *, several: bool = False, taken: Sequence[str] = ()
    ) -> None:
        """Offer `choices`.

        Args:
            title: what is chosen.
            choices: in the order to show.
            several: whether Tab ticks any number of them.
            taken: keys that are ticked, or the one the cursor starts on.
        """
        super().__init__()
        self._title, self._choices, self._several = title, choices, several
        self._taken = list(taken)
        self._seen = list(choices)
        self._cursor = next((i for i, choice in enumerate(choices) if choice.key in taken), 0)
        self._top = 0

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel picker"):
            yield Static(content(self._title), classes="panel-title", markup=False)
            yield Field("picker-field", placeholder="type to narrow down")
            yield Static("", id="choices", markup=False)
            yield Static("", id="choice-message", markup=False)
            tick = "Tab tick   " if self._several else ""
            yield Static(f"↑↓ move   {tick}Enter take   Esc leave", classes="panel-keys", markup=False)

    def on_mount(self) -> None:
        """Start with the field, and the cursor on what is taken."""
        self.set_focus(self.query_one(Input))

    def on_resize(self, event: events.Resize) -> None:
        """Fit the lines to the new size."""
        room = max(1, event.size.height - _AROUND)
        self.query_one("#choices").styles.height = min(room, max(1, len(self._choices)))
        self.call_after_refresh(self._draw)

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Show what holds every word that was typed."""
        words = event.value.lower().split()
        self._seen = [
            choice
            for choice in self._choices
            if all(word in f"{choice.label} {choice.note}".lower() for word in words)
        ]
        self._cursor = self._top = 0
        self._draw()

    @on(Input.Submitted)
    def take(self) -> None:
        """Take the choice under the cursor, or what is ticked."""
        choice = self._current()
        if self._several and self._taken:
            self.dismiss(tuple(self._taken))
        elif choice is not None and not choice.refusal:
            self.dismiss((choice.key,))
        else:
            self._draw()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        if self._seen:
            self._cursor = max(0, min(len(self._seen) - 1, self._cursor + step))
            self._draw()

    def action_tick(self) -> None:
        """Tick or untick."""
        choice = self._current()
        if not self._several or choice is None or choice.refusal:
            return
        if choice.key in self._taken:
            self._taken.remove(choice.key)
        else:
            self._taken.append(choice.key)
        self._draw()

    def _current(self) -> Choice | None:
        return self._seen[self._cursor] if self._seen else None

    def _draw(self) -> None:
        area = self.query_one("#choices", Static)
        room, lines = area.size.width, max(1, area.size.height)
        if not room:
            return
        self._top = max(0, min(self._top, self._cursor), self._cursor - lines + 1)
        drawn = Text(no_wrap=True, end="")
        widest = max((width(shown(choice.label)) for choice in self._choices), default=0)
        labels = min(widest, room // 2)
        for index, choice in enumerate(self._seen[self._top : self._top + lines], self._top):
            drawn.append(
                self._line(choice, index == self._cursor, labels, room) + "\n", self._style(choice, index)
            )
        if not self._seen:
            drawn.append("Nothing fits what was typed.")
        area.update(drawn)
        self._say_more(labels, room)

    def _say_more(self, labels: int, room: int) -> None:
        """Say in full, below the choices, what the line under the cursor had no room for."""
        choice = self._current()
        text = choice.refusal if choice else ""
        if choice and not text and width(shown(choice.note)) > room - labels - _BEFORE_NOTE:
            text = choice.note
        self.query_one("#choice-message", Static).update(content(text))

    def _line(self, choice: Choice, under_cursor: bool, labels: int, room: int) -> str:  # noqa: FBT001
        pointer = UNICODE_GLYPHS.cursor if under_cursor else " "
        tick = (UNICODE_GLYPHS.mark if choice.key in self._taken else " ") if self._several else ""
        note = "out of reach" if choice.refusal else choice.note
        return crop(f"{pointer}{tick} {fit(shown(choice.label), labels)}  {shown(note)}", room)

    def _style(self, choice: Choice, index: int) -> str:
        style = "reverse" if index == self._cursor else ""
        return f"{style} dim" if choice.refusal else style
