"""What a person sees on a Textual screen, as plain text, and where on the line it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

CALM_ROUNDS = 2  # what one handler sends another one to do is seen in the next round
MOST_ROUNDS = 50  # a screen that is leaving is never painted


def screen_lines(app: App[Any]) -> list[str]:
    """Return the lines of the screen, blanks at their ends kept."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def column_of(line: str, text: str) -> int:
    """Return the terminal column, counted in cells from 0, at which `text` begins in `line`."""
    return cell_len(line[: line.index(text)])


async def press_keys(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys and wait once, after the last, until all is handled and painted."""
    for key in keys:
        pilot.app.simulate_key(key)
    await painted(pilot)


async def painted(pilot: Pilot[Any]) -> None:
    """Wait until every message is handled and all is laid out and painted; `pilot.pause` would wait for a clock, 20 ms."""
    calm = 0
    for _ in range(MOST_ROUNDS):
        if calm == CALM_ROUNDS or not await pilot._wait_for_screen() or pilot.app._exit:
            return
        screen = pilot.app.screen
        calm = 0 if _is_unpainted(screen) else calm + 1
        screen._on_timer_update()


def _is_unpainted(screen: Screen[Any]) -> bool:
    return bool(
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Wait until a condition holds, ten seconds at most; for what only time brings about."""
    for _ in range(1_000):
        if holds():
            return
        await pilot.pause(0.01)
    raise TimeoutError
