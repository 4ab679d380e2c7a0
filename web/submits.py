"""Keeps many submits from hurting each other: bounded in number, one at a time for each invitation.

A double click sends the same form twice with the same cookie. The second waits for the first, then finds that this
browser has made the account, and goes the same way (P22); any other browser is told that the link is used.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import Busy
from core.ports import HASHES_AT_ONCE

# About what the hash gate serves within its wait of 5 s; whoever comes on top hears at once to try again.
AT_ONCE = 16 * HASHES_AT_ONCE
_LOCKS = 64
_REMEMBERED = 1000


class Submits:
    """The submits of one process."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        """Let `at_once` in at a time."""
        self._slots = threading.BoundedSemaphore(at_once)
        self._locks = [threading.Lock() for _ in range(_LOCKS)]
        self._makers: OrderedDict[bytes, str] = OrderedDict()
        self._makers_lock = threading.Lock()

    @contextmanager
    def turn(self, public_id: bytes) -> Iterator[None]:
        """Be the only submit of this invitation for a while.

        Raises:
            Busy: too many submits are under way.
        """
        if not self._slots.acquire(blocking=False):
            raise Busy
        try:
            with self._locks[public_id[0] % _LOCKS]:
                yield
        finally:
            self._slots.release()

    def remember(self, public_id: bytes, browser: str) -> None:
        """Note which browser has made the account of an invitation."""
        with self._makers_lock:
            self._makers[public_id] = browser
            while len(self._makers) > _REMEMBERED:
                self._makers.popitem(last=False)

    def was_made_by(self, public_id: bytes, browser: str) -> bool:
        """Tell whether `browser` has made the account of that invitation a moment ago."""
        with self._makers_lock:
            return self._makers.get(public_id) == browser
