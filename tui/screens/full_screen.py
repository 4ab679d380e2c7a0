"""A screen of its own, beside the lists: what the application wants to know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from textual.binding import Binding
from textual.screen import Screen

from tui import keys
from tui.owned_jobs import OwnedJobs

if TYPE_CHECKING:
    from tui.app import Console


@runtime_checkable
class Waiting(Protocol):
    """A screen that can let keys wait for what the key before asked for."""

    @property
    def holds_keys(self) -> bool:
        """Whether that is still on its way."""


@runtime_checkable
class Follower(Protocol):
    """A screen that shows how far a long change is."""

    def run_moved(self) -> None:
        """Show it anew."""


def to_lists(name: str) -> list[Binding]:
    """Return the bindings of the digits, which go to the lists from the screen called `name` too."""
    return [
        Binding(str(number), f"show_list('{each}')", show=False, id=f"{name}.{each}")
        for number, each in enumerate(keys.EVERYWHERE, 1)
    ]


class FullScreen(Screen[None], inherit_bindings=False):
    """A screen that takes Ctrl+C itself, and can let keys wait for what the key before asked for."""

    @property
    def console(self) -> Console:
        """The application."""
        return cast("Console", self.app)

    @property
    def jobs(self) -> OwnedJobs:
        """Questions and changes whose answers concern this screen alone."""
        return OwnedJobs(self.console.jobs, self)

    def run_moved(self) -> None:
        """A long change has come further, or has ended; for screens that show it."""

    def say(self, sentence: str) -> None:
        """Show a message until the next one; for screens with a line for it."""

    @property
    def holds_keys(self) -> bool:
        """Whether what the key before asked for is still on its way."""
        return False

    def hear_of_change(self) -> None:
        """Somebody changed something; for screens that show what is in the database."""

    def action_show_list(self, name: str) -> None:
        """Go to a list."""
        self.console.show_list(name)

    def interrupt(self) -> None:
        """Ctrl+C: stop what is under way, or else leave."""
        self.dismiss()
