"""`academy` alone: the console."""

from __future__ import annotations

import gc

from tui.cli.terminal import prepare_terminal


def open_console() -> int:
    """Open the console on this host's settings and return its exit code.

    Raises:
        Stopped: this is no terminal it can draw on. Misconfigured: a setting is wrong.
    """
    prepare_terminal()
    gc.disable()  # a tenth of the time to the first frame; the console turns it on again behind that
    from core.settings import Settings

    settings = Settings.load()
    from tui.running import run_console

    return run_console(settings)
