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
_QUICK_ROUNDS, _PAUSE = 50, 0.002
_LONGEST_HOLD = 10.0
_LONGEST_TURN = 0.01  # of a longer turn nothing more counts: whatever a key waits for stood still as well


class Keyboard:
    """The keys that were typed and not handed on yet."""

    def __init__(
        self,
        app: App[Any],
        hand_on: Callable[[Event], Awaitable[None]],
        is_too_early: Callable[[Event], bool],
    ) -> None:
        """Start with none.

        Args:
            app: whose screens the keys are for.
            hand_on: gets one key or paste at a time.
            is_too_early: whether the screen in front does not show yet what a key would act on.
        """
        self._app, self._hand_on, self._is_too_early = app, hand_on, is_too_early
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
        while True:
            await self._calm(self._typed[0] if self._typed else None)
            if not self._typed:
                return
            await self._hand_on(self._typed.popleft())

    async def _calm(self, event: Event | None = None) -> None:
        """Wait until the screen in front is there and nothing waits in the queues between the focus and the app.

        Ten seconds at most, in which the console itself got on: a machine that stands still for longer, between the
        key that opens a form and the form, must not send the next key past it.
        """
        loop = asyncio.get_running_loop()
        held, now, calm, rounds = 0.0, loop.time(), 0, 0
        while calm < _CALM_ROUNDS and held < _LONGEST_HOLD:
            await asyncio.sleep(0 if rounds < _QUICK_ROUNDS else _PAUSE)
            before, now = now, loop.time()
            held += min(now - before, _LONGEST_TURN)
            calm, rounds = (0 if self._is_busy(event) else calm + 1), rounds + 1

    def _is_busy(self, event: Event | None) -> bool:
        app = self._app
        if not app.screen_stack:
            return False
        between = app.focused.ancestors_with_self if app.focused is not None else [app.screen, app]
        waiting = any(pump.message_queue_size for pump in between)
        early = event is not None and self._is_too_early(event)
        return waiting or early or not app.screen.is_mounted
