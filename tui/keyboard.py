"""Hands keys on one at a time, each when the one before has done all it does.

Over a slow line keys arrive in bursts, and fast hands type ahead. Textual would give all of them to whatever has the
focus when the first one is seen, so a dialog that the first key opens would lose the rest, and an Enter could send a
field before its last letters are in it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.events import Event

_CALM_ROUNDS = 3  # a handler may wait for another one, which needs a turn of its own
_LONGEST_HOLD = 3.0


class Keyboard:
    """The keys that were typed and not handed on yet."""

    def __init__(self, app: App[Any], hand_on: Callable[[Event], Awaitable[None]]) -> None:
        """Start with none.

        Args:
            app: whose screens the keys are for.
            hand_on: gets one key or paste at a time.
        """
        self._app, self._hand_on = app, hand_on
        self._typed: deque[Event] = deque()
        self._hand: asyncio.Task[None] | None = None

    def take(self, event: Event) -> None:
        """Take a key or a paste; it is handed on when its turn comes."""
        self._typed.append(event)
        if self._hand is None or self._hand.done():
            self._hand = asyncio.create_task(self._hand_on_all(), name="academy keyboard")

    async def idle(self) -> None:
        """Wait until every key was handed on and has done all it does."""
        while self._hand is not None and not self._hand.done():
            await self._hand
        await self._calm()

    async def _hand_on_all(self) -> None:
        await self._calm()
        while self._typed:
            await self._hand_on(self._typed.popleft())
            await self._calm()

    async def _calm(self) -> None:
        """Wait until the screen in front is there and nothing waits in the queues between the focus and the app."""
        loop = asyncio.get_running_loop()
        end, rounds = loop.time() + _LONGEST_HOLD, 0
        while rounds < _CALM_ROUNDS and loop.time() < end:
            await asyncio.sleep(0)
            rounds = 0 if self._is_busy() else rounds + 1

    def _is_busy(self) -> bool:
        app = self._app
        if not app.screen_stack:
            return False
        between = app.focused.ancestors_with_self if app.focused is not None else [app.screen, app]
        return not app.screen.is_mounted or any(pump.message_queue_size for pump in between)
