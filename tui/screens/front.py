"""Which screen is in front."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tui.app import Console


class OnConsole(Protocol):
    """A screen of the console."""

    @property
    def console(self) -> Console:
        """The application."""


def is_in_front(screen: OnConsole) -> bool:
    """Return whether nothing stands over a screen; Textual's `is_current` is true for the one under a dialog too."""
    front: object = screen.console.screen
    return front is screen
