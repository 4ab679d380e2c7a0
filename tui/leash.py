"""A long change that can be followed and stopped: it knows what it is called, how far it is, and whether to go on.

Core calls it with a step and a number while it works. It tells the console a few times a second at most, and raises
`Stopped` once somebody has stopped it, so that the transaction rolls back and nothing is half done.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import ClassVar

from core.errors import Problem

TELL_EVERY = 0.2  # seconds
BAR = 10
BEGIN, COMMIT = "begin", "commit"
_FULL, _EMPTY = "▰", "▱"
_COUNTED = re.compile(r" (?P<place>[0-9]+)/(?P<all>[0-9]+)$")


class Stopped(Problem):
    """The admin has stopped it."""

    code: ClassVar[str] = "stopped"
    sentence: ClassVar[str] = "Stopped. Nothing was changed."


class Leash:
    """Lets somebody follow a job and stop it from another thread."""

    def __init__(self, tell: Callable[[str, int], None]) -> None:
        """Make one.

        Args:
            tell: hears of a step and how many rows or bytes, a few times a second at most.
        """
        self._tell = tell
        self._stopped = threading.Event()
        self._told = ("", 0.0)

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has stopped it."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Let the job end at its next step."""
        self._stopped.set()

    def __call__(self, step: str, number: int) -> None:
        """Tell of a step.

        Raises:
            Stopped: somebody has stopped the job.
        """
        if self._stopped.is_set():
            raise Stopped
        now = monotonic()
        if step != self._told[0] or now - self._told[1] >= TELL_EVERY:
            self._told = (step, now)
            self._tell(step, number)


class Run(Leash):
    """A long change as the console shows it.

    Attributes:
        title: what it does, such as `role: Trainer`.
        step: what it is at; empty while it waits for its turn.
        number: how far it is in that step.
    """

    def __init__(self, title: str, steps: Mapping[str, int] | None = None) -> None:
        """Describe a change that is about to begin.

        Args:
            title: what it does.
            steps: the steps core tells of, in their order, each with the number it counts up to; 0 where it does not
                count. A step that is not named here is shown by its name; it moves the bar where it ends in a count
                of its own, such as `write 3/9`.
        """
        super().__init__(self._note)
        self.title = title
        self.step, self.number = "", 0
        self._steps = {BEGIN: 0, **(steps or {}), COMMIT: 0}
        self._share = 0.0
        self.heard: Callable[[], object] = lambda: None
        """Called, on the thread that works, after the step or the number has changed."""

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1; it never goes back."""
        return self._share

    @property
    def text(self) -> str:
        """The line that says it all: a bar, the title, the step."""
        if self.is_stopped:
            return f"Stopping {self.title} …"
        full = round(self._share * BAR)
        if not self.step:
            return f"{_EMPTY * BAR} {self.title}  waits for its turn  Ctrl+C cancels"
        most = self._steps.get(self.step, 0)
        count = f" {self.number:,}/{most:,}" if most else f" {self.number:,}" if self.number else ""
        return f"{_FULL * full}{_EMPTY * (BAR - full)} {self.title}  {self.step}{count}  Ctrl+C cancels"

    def _note(self, step: str, number: int) -> None:
        self.step, self.number = step, number
        if step in self._steps:
            names, most = list(self._steps), self._steps[step]
            inside = min(1.0, number / most) if most else 0.0
            self._share = max(self._share, (names.index(step) + inside) / len(names))
        elif counted := _COUNTED.search(step):
            self._share = max(self._share, min(1.0, int(counted["place"]) / (int(counted["all"]) + 1)))
        self.heard()
