"""A list to choose from: type to narrow it down, Enter takes; what is out of reach says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.roles import Role
from tui.screens.finding import SPELLS, TELLS, fit_of
from tui.text import UNICODE_GLYPHS, content, crop, fit, shown, width
from tui.widgets.field import Field

_WHY = "question_mark"
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
        refused: the same in a few words, in place of the note; where it is empty the picker has some for all of them.
        is_heading: whether it only stands over those that follow.
        role: the role it stands for, about which `?` tells everything.
    """

    key: str
    label: str
    note: str = ""
    refusal: str = ""
    refused: str = ""
    is_heading: bool = False
    role: Role | None = None


class PickerField(Field):
    """The field to narrow down with; a question mark is for the picker first."""

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Say whether a key is a letter here."""
        return key != _WHY and super().check_consume_key(key, character)


class Picker(ModalScreen[tuple[str, ...] | None], inherit_bindings=False):
    """Chooses one or several; None when left without choosing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g", "dismiss(None)", show=False, id="picker.cancel"),
        Binding("down", "move(1)", show=False, id="picker.down"),
        Binding("up", "move(-1)", show=False, id="picker.up"),
        Binding("pagedown", "move(8)", show=False, id="picker.page_down"),
        Binding("pageup", "move(-8)", show=False, id="picker.page_up"),
        Binding("tab", "tick", show=False, id="picker.toggle"),
        Binding(_WHY, "explain", show=False, priority=True, id="picker.explain"),
    ]

    _ticking = "tick"  # what Tab does

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        several: bool = False,
        taken: Sequence[str] = (),
        loose: bool = False,
        refused: str = "out of reach",
    ) -> None:
        """Offer `choices`.

        Args:
            title: what is chosen.
            choices: in the order to show.
            several: whether Tab ticks any number of them.
            taken: keys that are ticked, or the one the cursor starts on.
            loose: whether what is typed may also be letters of a label in their order; the best fit comes first.
            refused: stands in place of the note where a choice cannot be taken.
        """
        super().__init__()
        self._title, self._choices, self._several = title, choices, several
        self._loose, self._refused = loose, refused
        self._taken = list(taken)
        self._seen = list(choices)
        start = next((i for i, choice in enumerate(choices) if choice.key in taken), 0)
        self._cursor = self._next_to(start, 1)
        self._top = 0

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel picker"):
            yield Static(content(self._title), classes="panel-title", markup=False)
            yield PickerField("picker-field", placeholder="type to narrow down")
            yield Static("", id="choices", markup=False)
            yield Static("", id="choice-message", markup=False)
            tick = f"Tab {self._ticking}   " if self._several else ""
            why = "? why   " if any(each.refusal or each.role for each in self._choices) else ""
            keys = f"↑↓ move   {tick}Enter take   {why}Esc leave"
            yield Static(keys, classes="panel-keys", markup=False)

    def on_mount(self) -> None:
        """Start with the field, and the cursor on what is taken."""
        self.set_focus(self.query_one(Input))

    def on_resize(self, event: events.Resize) -> None:
        """Fit the lines to the new size."""
        room = max(1, event.size.height - _AROUND)
        self.query_one("#choices").styles.height = min(room, max(1, self.lines))
        self.call_after_refresh(self._draw)

    @property
    def lines(self) -> int:
        """How many lines there may be to show."""
        return len(self._choices)

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Show what fits what was typed."""
        self.narrow_to(event.value)

    def narrow_to(self, text: str) -> None:
        """Show what holds every word of a text."""
        self._seen = self._fitting(text.lower().split())
        self._top = 0
        self._cursor = self._next_to(0, 1)
        self._draw()

    @on(Input.Submitted)
    def submit(self) -> None:
        """Take what Enter takes."""
        self.take()

    def take(self) -> None:
        """Take the choice under the cursor, or what is ticked."""
        taken = self.chosen()
        if taken is None:
            self._draw()
        else:
            self.dismiss(taken)

    def chosen(self) -> tuple[str, ...] | None:
        """Return what Enter takes; None where that is nothing."""
        choice = self._current()
        if self._several and self._taken:
            return tuple(self._taken)
        return None if choice is None or choice.refusal or choice.is_heading else (choice.key,)

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        if self._seen:
            self._cursor = self._next_to(max(0, min(len(self._seen) - 1, self._cursor + step)), step)
            self._draw()

    def action_explain(self) -> None:
        """Say why the choice under the cursor is out of reach, or what it means; elsewhere the key is just a letter."""
        choice = self._current()
        if choice is None or not (choice.refusal or choice.role):
            raise SkipAction
        from tui.screens.why_screen import WhyScreen, about_refusal, about_role  # noqa: PLC0415 - seldom asked

        question = about_role(choice.role) if choice.role else about_refusal(choice.label, choice.refusal)
        self.app.push_screen(WhyScreen(question, place=""))

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

    def _fitting(self, words: Sequence[str]) -> list[Choice]:
        """Return the choices that fit what was typed; headings stand only over the whole list."""
        if not words:
            return list(self._choices)
        fits = [(fit_of(words, choice.label, choice.note), choice) for choice in self._choices]
        worst = SPELLS if self._loose else TELLS
        found = [(fit, choice) for fit, choice in fits if fit is not None and fit <= worst]
        if self._loose:
            found.sort(key=lambda each: each[0])
        return [choice for _, choice in found if not choice.is_heading]

    def _next_to(self, index: int, step: int) -> int:
        """Return the nearest choice from `index` on that is no heading, in the direction of `step`, or else the other."""
        ways = (range(index, len(self._seen)), range(min(index, len(self._seen) - 1), -1, -1))
        for way in ways if step > 0 else reversed(ways):
            found = next((each for each in way if not self._seen[each].is_heading), None)
            if found is not None:
                return found
        return 0

    def _current(self) -> Choice | None:
        return self._seen[self._cursor] if self._seen else None

    def _draw(self) -> None:
        area = self.query_one("#choices", Static)
        room, lines = area.size.width, max(1, area.size.height)
        if not room:
            return
        last = max(0, len(self._seen) - lines)  # further down the panel would stay partly empty
        self._top = max(0, min(self._top, self._cursor, last), self._cursor - lines + 1)
        drawn = Text(no_wrap=True, end="")
        names = [choice.label for choice in self._choices if not choice.is_heading]
        labels = min(max((width(shown(name)) for name in names), default=0), room // 2)
        for index, choice in enumerate(self._seen[self._top : self._top + lines], self._top):
            drawn.append(
                self._line(choice, index == self._cursor, labels, room) + "\n", self._style(choice, index)
            )
        if not self._seen:
            drawn.append("Nothing fits what was typed.")
        area.update(drawn)
        self._say_more(labels, room, max(0, len(self._seen) - self._top - lines))

    def _say_more(self, labels: int, room: int, below: int) -> None:
        """Say below the choices what the line under the cursor had no room for, or else how many there are further down."""
        choice = self._current()
        text = choice.refusal if choice else ""
        if choice and not text and width(shown(choice.note)) > room - labels - _BEFORE_NOTE:
            text = choice.note
        if not text and below:
            text = f"{below:,} more below"
        self.query_one("#choice-message", Static).update(content(text))

    def _line(self, choice: Choice, under_cursor: bool, labels: int, room: int) -> str:  # noqa: FBT001
        if choice.is_heading:
            return crop(f" {shown(choice.label)}", room)
        pointer = UNICODE_GLYPHS.cursor if under_cursor else " "
        tick = (UNICODE_GLYPHS.mark if choice.key in self._taken else " ") if self._several else ""
        note = (choice.refused or self._refused) if choice.refusal else choice.note
        return crop(f"{pointer}{tick} {fit(shown(choice.label), labels)}  {shown(note)}", room)

    def _style(self, choice: Choice, index: int) -> str:
        if choice.is_heading:
            return "bold underline"
        style = "reverse" if index == self._cursor else ""
        return f"{style} dim" if choice.refusal else style
