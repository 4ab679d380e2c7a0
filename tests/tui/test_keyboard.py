"""Keys wait for what the key before them does, and a machine that stands still meanwhile loses none of them."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.app import App

from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tui.keyboard import Keyboard
from tui.screens.invite import InviteScreen

STANDSTILL, TURN = 5.0, 0.01


class MovableLoop(asyncio.SelectorEventLoop):
    """A loop whose clock a test can move; for the keyboard that is a machine that stands still for so long."""

    moved = 0.0

    def time(self) -> float:
        """Return the clock, in seconds."""
        return super().time() + self.moved


def running_loop() -> MovableLoop:
    """Return the loop that runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, MovableLoop)
    return loop


@pytest.mark.slow
@sqlite_only
def test_no_letter_is_lost_when_the_machine_stands_still_while_a_form_opens(company: House) -> None:
    """`i` and an address in one burst fill the form, though seconds pass before the form has its fields."""
    stood: list[float] = []

    async def story(admin: Admin) -> None:
        loop = running_loop()

        def stand_still_when_it_opens() -> None:
            screen = admin.console.screen
            if isinstance(screen, InviteScreen) and not screen.is_mounted:
                loop.moved += STANDSTILL
                stood.append(loop.moved)
            elif not stood:
                loop.call_soon(stand_still_when_it_opens)

        loop.call_soon(stand_still_when_it_opens)
        await admin.type("ix@example.com")
        assert stood == [STANDSTILL]
        assert admin.value("Email, one or several") == "x@example.com"

    play(company.core, story, loop=MovableLoop)


def held_by(seconds: float, *, looks: int | None) -> list[int]:
    """Type a key for which it is too early, and return how often the keyboard looked before it handed the key on.

    Args:
        seconds: by which the clock moves with each look.
        looks: after how many it is no longer too early; None for never.
    """
    looked: list[int] = [0]
    handed_on: list[int] = []

    def is_too_early(_event: events.Event) -> bool:
        looked[0] += 1
        running_loop().moved += seconds
        return looks is None or looked[0] <= looks

    async def hand_on(_event: events.Event) -> None:
        handed_on.append(looked[0])

    async def run() -> None:
        app = App[None]()
        async with app.run_test():
            keyboard = Keyboard(app, hand_on, is_too_early)
            keyboard.take(events.Key("x", "x"))
            await keyboard.idle()

    with asyncio.Runner(loop_factory=MovableLoop) as runner:
        runner.run(run())
    return handed_on


def test_a_key_waits_for_its_screen_however_long_the_machine_stands_still() -> None:
    """Twenty standstills of five seconds each do not use up the ten seconds that a key is held."""
    [looked] = held_by(STANDSTILL, looks=20)
    assert looked > 20


def test_a_key_for_which_it_stays_too_early_is_handed_on_in_the_end() -> None:
    """A screen that never gets ready holds a key for ten seconds in which the console itself got on."""
    [looked] = held_by(TURN, looks=None)
    assert 990 <= looked <= 1010
