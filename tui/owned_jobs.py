"""The jobs as one screen uses them: an answer for a screen that has been taken down meanwhile is dropped.

A list is taken down when the sign-in ends, a dialog when somebody leaves it, and the database may answer later than
that. Only the screen itself knows that nobody waits any more, so it owns its questions; a widget that is missing from a
screen that stands is a mistake and ends the console, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from textual.dom import DOMNode

if TYPE_CHECKING:
    from core.core import Core
    from core.work import Look, Work
    from tui.jobs import Done, Failed, Jobs
    from tui.leash import Run

T = TypeVar("T")


def is_there(owner: DOMNode) -> bool:
    """Return whether a screen still has its widgets: it runs, and nobody is taking it down."""
    return owner.is_running and owner.is_attached and owner.display


class OwnedJobs:
    """What `tui.jobs.Jobs` offers, for one screen."""

    def __init__(self, jobs: Jobs, owner: DOMNode) -> None:
        """Let `owner` own the answers."""
        self._jobs, self._owner = jobs, owner

    @property
    def busy(self) -> bool:
        """Whether any job of the console is under way, or its answer."""
        return self._jobs.busy

    def ask(self, job: Callable[[Look], T], done: Done[T], failed: Failed, *, latest: str = "") -> None:
        """Read something, as `Jobs.ask`."""
        self._jobs.ask(job, self.here(done), self.here(failed), latest=latest)

    def change(self, job: Callable[[Work], T], done: Done[T], failed: Failed) -> None:
        """Change something in one transaction, as `Jobs.change`."""
        self._jobs.change(job, self.here(done), self.here(failed))

    def plan(self, job: Callable[[Work], T], done: Done[T], failed: Failed) -> None:
        """Preview a change, as `Jobs.plan`."""
        self._jobs.plan(job, self.here(done), self.here(failed))

    def run(self, job: Callable[[Core], T], done: Done[T], failed: Failed) -> None:
        """Run something that opens its own doors, as `Jobs.run`."""
        self._jobs.run(job, self.here(done), self.here(failed))

    def run_change(
        self,
        run: Run,
        change: Callable[[Work, Run, str], T],
        done: Done[T],
        failed: Failed,
        *,
        begin: Callable[[Work], str] | None = None,
        first: Callable[[Look], None] | None = None,
    ) -> None:
        """Change something that takes long, as `Jobs.run_change`."""
        self._jobs.run_change(run, change, self.here(done), self.here(failed), begin=begin, first=first)

    def tell(self, deliver: Callable[[], None]) -> None:
        """Hand over a part of an answer from inside a job, as `Jobs.tell`."""
        here = self.here(lambda _none: deliver())
        self._jobs.tell(lambda: here(None))

    def here(self, deliver: Callable[[T], object]) -> Callable[[T], None]:
        """Return `deliver` as it is for as long as the screen is there."""

        def hand_over(answer: T) -> None:
            if is_there(self._owner):
                deliver(answer)

        return hand_over
