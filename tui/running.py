"""Runs the console in a terminal, and sees to it that nothing is left running when the terminal goes away."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from core.settings import Settings
from tui.app import Console
from tui.messages import SignInHint
from tui.text import shown

_HUNG_UP = 128 + signal.SIGHUP


def run_console(
    settings: Settings, *, hint: SignInHint | None = None, on_hang_up: Callable[[], None] | None = None
) -> int:
    """Run the console in this terminal until the admin leaves.

    Args:
        settings: of this host; the terminal was checked before.
        hint: a sign-in to show, for a made-up company.
        on_hang_up: called when the terminal is gone, before the process ends without any further clean-up.

    Returns:
        The exit code.
    """
    console = Console(settings, hint=hint)

    def hang_up(_signal: int, _frame: object) -> None:
        console.entrance.keep_memory()
        console.jobs.finish()
        if on_hang_up is not None:
            on_hang_up()
        os._exit(_HUNG_UP)

    signal.signal(signal.SIGHUP, hang_up)
    code = console.run(mouse=False)
    if console.trouble:
        print(shown(console.trouble), file=sys.stderr)  # noqa: T201 - the terminal is ours again
    return code if code is not None else console.return_code or 0
