"""Chooses learning groups to join and to leave: each is left as it is until Tab says otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from tui.screens.picker import Choice, Picker
from tui.text import UNICODE_GLYPHS

JOIN, LEAVE = "+", "-"
_FOLLOWING = {"": JOIN, JOIN: LEAVE, LEAVE: ""}
_WORDS = {JOIN: "join", LEAVE: "leave"}


class GroupPicker(Picker):
    """Ends with the keys of the groups, each behind `+` (join) or `-` (leave)."""

    _ticking = "join, leave, as it is"

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        """Offer the groups; none is touched to begin with."""
        super().__init__(title, choices, several=True)
        self._wishes: dict[str, str] = {}

    def action_tick(self) -> None:
        """Go from "as it is" to "join", to "leave", and back."""
        choice = self._current()
        if choice is not None and not choice.refusal:
            self._wishes[choice.key] = _FOLLOWING[self._wishes.get(choice.key, "")]
            self._draw()

    def chosen(self) -> tuple[str, ...] | None:
        """Return the groups to join and to leave; without any the one under the cursor is joined."""
        wished = tuple(f"{sign}{key}" for key, sign in self._wishes.items() if sign)
        choice = self._current()
        if wished or choice is None or choice.refusal:
            return wished or None
        return (f"{JOIN}{choice.key}",)

    def _line(self, choice: Choice, under_cursor: bool, labels: int, room: int) -> str:  # noqa: FBT001
        """Draw a choice with what is wished for it, as a sign and as a word."""
        sign = self._wishes.get(choice.key, "")
        pointer = UNICODE_GLYPHS.cursor if under_cursor else " "
        line = super()._line(choice, under_cursor, labels, room - 7)
        return f"{pointer}{sign or ' '}{line[2:]} {_WORDS.get(sign, '')}".rstrip()
