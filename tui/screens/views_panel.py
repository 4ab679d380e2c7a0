"""The saved views of a list: Enter opens one, `D` drops one after another key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from core.reading.preferences import ViewRow
from tui.screens.panel_list import PanelList
from tui.text import fit, shown, width

_NAME_MOST = 30


class ViewsPanel(PanelList[ViewRow | None], inherit_bindings=True):
    """Shows views; answers with the one to open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", show=False, id="views.open"),
        Binding("D", "ask_to_drop", show=False, id="views.drop"),
        Binding("y", "drop", show=False, id="views.yes"),
        Binding("n", "keep", show=False, id="views.no"),
    ]
    keys_line = "↑↓ move   Enter open   D drop   Esc leave   :view NAME saves a view"

    def __init__(self, views: Sequence[ViewRow], drop: Callable[[str, Callable[[], None]], None]) -> None:
        """Show `views`.

        Args:
            views: by name.
            drop: forgets the view of a name and tells when that is done.
        """
        super().__init__("Saved views")
        self._views, self._drop = list(views), drop
        self._asked: ViewRow | None = None
        self._name_room = min(_NAME_MOST, max(width(shown(view.name)) for view in views))

    @property
    def count(self) -> int:
        """How many views there are."""
        return len(self._views)

    def line(self, index: int, room: int) -> str:
        """Return name, filter and order of a view."""
        view = self._views[index]
        order = f"{view.sort} {'down' if view.descending else 'up'}"
        name = fit(shown(view.name), self._name_room)
        return fit(f"{name}  {shown(f'/{view.filter}' if view.filter else 'all rows')}  by {order}", room)

    def action_move(self, step: int) -> None:
        """Move the cursor; a question about another view is over."""
        self._asked = None
        super().action_move(step)

    def action_open(self) -> None:
        """Open the view."""
        if self._views:
            self.dismiss(self._views[self.cursor])

    def action_ask_to_drop(self) -> None:
        """Ask before dropping."""
        if self._views:
            self._asked = self._views[self.cursor]
            self.say(f"Drop the view {self._asked.name}? y drops it, n keeps it.")

    def action_keep(self) -> None:
        """Keep the view that was asked about."""
        self._asked = None
        self.say("")

    def action_drop(self) -> None:
        """Drop the view that was asked about."""
        view, self._asked = self._asked, None
        if view is None:
            return

        def dropped() -> None:
            self._views.remove(view)
            self.go_to(self.cursor)
            self.say(f"The view {view.name} is dropped.")
            if not self._views:
                self.dismiss(None)

        self._drop(view.name, dropped)
