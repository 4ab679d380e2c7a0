"""Everything the company is warned of, worst first; the line over the lists has room for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from core.reading.warnings import LiveWarning, warnings
from tui import keys
from tui.screens.panel_list import PanelList
from tui.text import shown

if TYPE_CHECKING:
    from tui.screens.actions import ActingList

NOTHING = (
    "There is nothing to warn of: no license ends soon or is nearly full, and there are places for users."
)


class WarningsPanel(PanelList["LiveWarning | None"], inherit_bindings=True):
    """Shows them; answers with the one whose license, or company record, is to be opened."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", show=False, id="warnings.open")]
    keys_line = "↑↓ move   Enter open   Esc leave"

    def __init__(self, found: Sequence[LiveWarning]) -> None:
        """Show what was found, of which there is some."""
        super().__init__(f"Warnings: {len(found):,}")
        self._found = found

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._found)

    def line(self, index: int, room: int) -> str:  # noqa: ARG002 - what is too long is cut by the panel
        """Return one of them."""
        return shown(self._found[index].text)

    def action_open(self) -> None:
        """Open what it is about."""
        self.dismiss(self._found[self.cursor])


def open_warnings(host: ActingList[Any]) -> None:
    """Read them anew, and show them over a list."""

    def show(found: list[LiveWarning]) -> None:
        host.asking = False
        if found:
            host.console.push_screen(WarningsPanel(found), chosen)
        else:
            host.say(NOTHING)

    def chosen(taken: LiveWarning | None) -> None:
        if taken is None:
            return
        if taken.license_id is None:
            host.console.show_list(keys.COMPANY)
            return
        from tui.screens.license_screen import LicenseScreen  # noqa: PLC0415 - opened by hand, seldom at once

        host.console.push_screen(LicenseScreen(taken.license_id), lambda _none: host.read())

    def refuse(problem: Exception) -> None:
        host.asking = False
        host.say(str(problem))

    host.asking = True
    host.jobs.ask(warnings, show, refuse)
