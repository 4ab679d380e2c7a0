"""What the console has said, so that a sentence that flew by can be read again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

MOST = 500


class Messages:
    """The sentences of one session, the newest first."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Begin with none; `now` tells when one is said."""
        self._now = now
        self._said: deque[tuple[datetime, str]] = deque(maxlen=MOST)

    def add(self, sentence: str) -> None:
        """Keep a sentence; silence, and the same one again, are left out."""
        if sentence and not (self._said and self._said[0][1] == sentence):
            self._said.appendleft((self._now(), sentence))

    @property
    def all(self) -> Sequence[tuple[datetime, str]]:
        """When and what, the newest first."""
        return tuple(self._said)
