"""How many there are of each: the values of a column within the current filter, to narrow down or mark by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from core.reading.facets import Facet
from tui.screens.panel_list import PanelList
from tui.text import UNICODE_GLYPHS, fit, shown, width

_BAR, _BAR_ROOMY, _ROOMY = 12, 30, 100
_LABEL_MOST = 40
_LEAST_SHARE = 0.005


class FacetsPanel(PanelList[str | None], inherit_bindings=True):
    """Shows groups; answers with the filter word of the one that was taken."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", show=False, id="facets.take"),
        Binding("space", "mark", show=False, id="facets.mark"),
    ]
    keys_line = "↑↓ move   Enter filter by it   Space mark its rows   Esc leave"

    def __init__(
        self,
        title: str,
        groups: Sequence[Facet],
        mark: Callable[[str, Callable[[int], None]], None],
        *,
        total: int | None = None,
    ) -> None:
        """Show `groups`.

        Args:
            title: the column.
            groups: in the order to show.
            mark: marks the rows of a filter word, and tells how many there are.
            total: rows they are shares of; where a row has one value each, their sum.
        """
        total = sum(group.people for group in groups) if total is None else total
        values = "1 value" if len(groups) == 1 else f"{len(groups):,} values"
        super().__init__(f"{title}: {values} in {total:,} {'row' if total == 1 else 'rows'}")
        self._groups, self._mark = groups, mark
        self._most = max((group.people for group in groups), default=0)
        self._total = max(1, total)
        self._marked: set[int] = set()
        labels = max((width(shown(group.label)) for group in groups), default=0)
        self._label_room = min(_LABEL_MOST, max(12, labels))
        self._number_room = len(f"{self._most:,}")

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(self._groups)

    def line(self, index: int, room: int) -> str:
        """Return value, people, bar and share of a group."""
        group = self._groups[index]
        longest = _BAR_ROOMY if room >= _ROOMY else _BAR
        bar = "━" * max(1, round(longest * group.people / self._most)) if group.people else ""
        sign = UNICODE_GLYPHS.mark if index in self._marked else " "
        label = fit(shown(group.label), self._label_room)
        return (
            f"{sign} {label}  {group.people:>{self._number_room},}  {fit(bar, longest)}  {self._share(group)}"
        )

    def action_take(self) -> None:
        """Narrow the list down to the group."""
        if word := self._word():
            self.dismiss(word)

    def action_mark(self) -> None:
        """Mark the rows of the group, and go on to the next."""
        word, index = self._word(), self.cursor
        if not word:
            return

        def told(rows: int) -> None:
            self._marked.add(index)
            self.say(f"{rows:,} marked: {self._groups[index].label}.")

        self.action_move(1)
        self._mark(word, told)

    def _word(self) -> str:
        if not self._groups:
            return ""
        group = self._groups[self.cursor]
        if not group.filter_word:
            self.say("No filter word finds exactly these rows.")
        return group.filter_word

    def _share(self, group: Facet) -> str:
        share = group.people / self._total
        return " <1 %" if 0 < share < _LEAST_SHARE else f"{share * 100:3.0f} %"
