"""A screen of its own, beside the lists: what the application wants to know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from textual.screen import Screen

if TYPE_CHECKING:
    from tui.app import Console


@runtime_checkable
class Waiting(Protocol):
    """A screen that can let keys wait for what the key before asked for."""

    @property
    def holds_keys(self) -> bool:
        """Whether that is still on its way."""


class FullScreen(Screen[None], inherit_bindings=False):
    """A screen that takes Ctrl+C itself, and can let keys wait for what the key before asked for."""

    @property
    def console(self) -> Console:
        """The application."""
        return cast("Console", self.app)

    @property
    def holds_keys(self) -> bool:
        """Whether what the key before asked for is still on its way."""
        return False

    def interrupt(self) -> None:
        """Ctrl+C: stop what is under way, or else leave."""
        self.dismiss()
