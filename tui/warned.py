"""What the company is warned of, for the line over the lists: the worst of it, and how much more there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.text import crop, shown, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.reading.warnings import LiveWarning
    from tui.app import Console

_SHOWS = ", :warnings shows them"


class Warned:
    """Asked for anew whenever the database has changed; it costs no byte while nothing does."""

    def __init__(self, console: Console) -> None:
        """Begin with nothing."""
        self._console = console
        self._worst = self._more = ""

    def __bool__(self) -> bool:
        return bool(self._worst)

    def forget(self) -> None:
        """Begin again, for another sign-in."""
        self._worst = self._more = ""

    def ask(self) -> None:
        """Ask core, and let the list in front show it."""
        from core.reading.warnings import warnings  # noqa: PLC0415 - loaded with core, behind the first frame

        def told(found: Sequence[LiveWarning]) -> None:
            self._worst = f"! {found[0].text}" if found else ""
            self._more = f"  +{len(found) - 1:,}" if len(found) > 1 else ""
            if self._console.desk.front is not None:
                self._console.desk.front.show_warning()

        self._console.jobs.ask(warnings, told, lambda _problem: None, latest="warnings")

    def words(self, room: int) -> str:
        """Return it in so many cells; what is cut is the name, not the number behind it, and first how to see all."""
        worst = shown(self._worst)
        if self._more and width(worst) + width(self._more) + width(_SHOWS) <= room:
            return worst + self._more + _SHOWS
        return crop(worst, max(0, room - width(self._more))) + self._more if worst else ""
