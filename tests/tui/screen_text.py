"""What a person sees on a Textual screen, as plain text, and where on the line it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot


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
    await pilot.pause()
    await pilot.pause()


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Wait until a condition holds, ten seconds at most; for what only time brings about."""
    for _ in range(1_000):
        if holds():
            return
        await pilot.pause(0.01)
    raise TimeoutError
