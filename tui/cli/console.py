"""`academy` alone: the console."""

from __future__ import annotations

from tui.cli.terminal import prepare_terminal


def open_console() -> int:
    """Open the console on this host's settings and return its exit code.

    Raises:
        Stopped: this is no terminal it can draw on. Misconfigured: a setting is wrong.
    """
    prepare_terminal()
    from core.settings import Settings

    settings = Settings.load()
    from tui.app import run_console

    return run_console(settings)
