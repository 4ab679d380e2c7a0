"""Somebody else was faster: field by field what was there, what is there now, and what was wanted.

Nothing is merged silently. What is not decided is skipped, and overwriting many at once takes their number, typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.tally import Conflict
from tui.screens.person_fields import label_of, moment, text_of
from tui.text import UNICODE_GLYPHS, content, crop, fit, shown, wrap
from tui.widgets.field import Field

Decisions = Mapping[tuple[int, str], bool]
"""By person and field: whether to overwrite; what is not overwritten is skipped."""

_MOST_LINES = 6
_LABEL, _DECISION, _WHO = 18, 11, 36
_KEYS = "s skip   o overwrite   O overwrite all of this kind   Enter go on   Esc back"


class ConflictPanel(ModalScreen[Decisions | None], inherit_bindings=False):
    """Asks what is to become of each conflict; None when left without going on."""

    AUTO_FOCUS = ""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g,q", "back", show=False, id="conflict.back"),
        Binding("j,down", "move(1)", show=False, id="conflict.down"),
        Binding("k,up", "move(-1)", show=False, id="conflict.up"),
        Binding("s", "decide(False)", show=False, id="conflict.skip"),
        Binding("o", "decide(True)", show=False, id="conflict.overwrite"),
        Binding("O", "overwrite_kind", show=False, id="conflict.overwrite_kind"),
        Binding("enter", "go_on", show=False, id="conflict.go_on"),
    ]

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        """Show conflicts; each is skipped until it is decided otherwise."""
        super().__init__()
        self._conflicts = list(conflicts)
        self._overwrite: set[tuple[int, str]] = set()
        self._cursor = self._top = 0

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel"):
            yield Static(content(self._title()), classes="panel-title", markup=False)
            yield Static("", id="conflict-list", markup=False)
            yield Static("", id="conflict-detail", markup=False)
            yield Field("typed")
            yield Static(_KEYS, classes="panel-keys", markup=False)

    def on_mount(self) -> None:
        """Hide the field until a number has to be typed."""
        self._field.display = False
        self.set_focus(None)

    def on_resize(self) -> None:
        """Break lines at the new width."""
        self.call_after_refresh(self._draw)

    def action_move(self, step: int) -> None:
        """Look at another one."""
        self._cursor = min(max(self._cursor + step, 0), len(self._conflicts) - 1)
        self._draw()

    def action_decide(self, overwrite: bool) -> None:  # noqa: FBT001 - the form Textual calls it in
        """Skip or overwrite this one, and go on to the next."""
        self._decide(self._conflicts[self._cursor], overwrite=overwrite)
        self.action_move(1)

    def action_overwrite_kind(self) -> None:
        """Ask for the number of conflicts in this field."""
        kind = self._kind()
        self._field.placeholder = (
            f"type {len(kind)} and Enter to overwrite {len(kind):,} × {label_of(kind[0].field)}, Esc not"
        )
        self._field.value = ""
        self._field.display = True
        self.set_focus(self._field)

    @on(Input.Submitted)
    def take_number(self, event: Input.Submitted) -> None:
        """Overwrite all of the kind when exactly their number was typed."""
        kind = self._kind()
        if event.value.strip() == str(len(kind)):
            for each in kind:
                self._decide(each, overwrite=True)
        self._close_field()

    def action_back(self) -> None:
        """Close the field, or go back to what was typed."""
        if self._field.display:
            self._close_field()
        else:
            self.dismiss(None)

    def action_go_on(self) -> None:
        """Go on with what was decided."""
        self.dismiss({_key(each): _key(each) in self._overwrite for each in self._conflicts})

    @property
    def _field(self) -> Field:
        return self.query_one("#typed", Field)

    def _close_field(self) -> None:
        self._field.display = False
        self.set_focus(None)
        self._draw()

    def _decide(self, conflict: Conflict, *, overwrite: bool) -> None:
        if overwrite:
            self._overwrite.add(_key(conflict))
        else:
            self._overwrite.discard(_key(conflict))

    def _kind(self) -> list[Conflict]:
        field = self._conflicts[self._cursor].field
        return [each for each in self._conflicts if each.field == field]

    def _title(self) -> str:
        fields, people = len(self._conflicts), len({each.id for each in self._conflicts})
        what = "a field" if fields == 1 else f"{fields:,} fields"
        whom = "" if people == 1 else f" of {people:,} people"
        return (
            f"Somebody else has changed {what}{whom} meanwhile. What you do not overwrite stays as it is now."
        )

    def _draw(self) -> None:
        area = self.query_one("#conflict-list", Static)
        room = area.size.width
        if not room:
            return
        self._top = max(min(self._top, self._cursor), self._cursor - _MOST_LINES + 1)
        drawn = Text(no_wrap=True, end="")
        seen = self._conflicts[self._top : self._top + _MOST_LINES]
        for index, each in enumerate(seen, self._top):
            under_cursor = index == self._cursor
            sign = UNICODE_GLYPHS.cursor if under_cursor else " "
            decision = "overwrite" if _key(each) in self._overwrite else "skip"
            line = f"{sign} {fit(decision, _DECISION)}{fit(shown(each.address), _WHO)} {shown(label_of(each.field))}"
            drawn.append("\n" * bool(drawn.plain) + crop(line, room), "reverse" if under_cursor else "")
        area.update(drawn)
        self.query_one("#conflict-detail", Static).update(Text(self._detail(room), no_wrap=True, end=""))

    def _detail(self, room: int) -> str:
        each = self._conflicts[self._cursor]
        whose = ", ".join(part for part in (each.who, moment(each.at)) if part)
        now = text_of(each.field, each.now) + (f"  ({whose})" if whose else "")
        facts = (
            ("When you looked", text_of(each.field, each.seen)),
            ("Now", now),
            ("You wanted", text_of(each.field, each.wanted)),
        )
        lines: list[str] = []
        for label, value in facts:
            first, *rest = wrap(value, room - _LABEL)
            lines += [fit(label, _LABEL) + first, *(" " * _LABEL + line for line in rest[:1])]
        return "\n".join(lines)


def _key(conflict: Conflict) -> tuple[int, str]:
    return conflict.id, conflict.field
