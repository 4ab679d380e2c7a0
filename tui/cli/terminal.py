"""Before the console opens: is there a terminal it can draw on, and what may the environment not do to it.

Textual reads its environment at import. Some of those variables load modules, write files or press keys, and others
name programs that a restricted account must not start. So they are removed first; import nothing of Textual before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping

from tui.cli.asking import has_screen
from tui.cli.ending import USAGE, Stopped

FEWEST_COLUMNS, FEWEST_LINES = 80, 24
_PREFIXES = ("TEXTUAL_", "PYTHON", "LESS")
_NAMES = frozenset({"BROWSER", "EDITOR", "VISUAL", "PAGER", "MANPAGER", "SHELL", "LINES", "COLUMNS"})


def prepare_terminal() -> None:
    """Go on only in a terminal that the console can draw on, with an environment that cannot do harm.

    Raises:
        Stopped: no terminal, one that cannot move its cursor, or one that is too small.
    """
    check_terminal(os.environ.get("TERM", ""))
    scrub(os.environ)


def check_terminal(kind: str) -> None:
    """Refuse what the console cannot draw on.

    Args:
        kind: the value of TERM.

    Raises:
        Stopped: saying what is wrong and what to do.
    """
    if not has_screen():
        raise Stopped(
            "no_terminal",
            "The console needs a terminal (over SSH: ssh -t). Without one use the commands: academy --help",
            exit_code=USAGE,
        )
    if kind in {"", "dumb", "unknown"}:
        raise Stopped(
            "no_terminal",
            f"A terminal of the kind TERM={kind} cannot show the console. Set TERM, such as TERM=xterm-256color.",
            exit_code=USAGE,
        )
    size = os.get_terminal_size(sys.stdout.fileno())
    if size.columns < FEWEST_COLUMNS or size.lines < FEWEST_LINES:
        raise Stopped(
            "terminal_too_small",
            f"This terminal has {size.columns} columns and {size.lines} lines; the console needs "
            f"{FEWEST_COLUMNS} and {FEWEST_LINES}. Make the window larger and start again.",
            exit_code=USAGE,
        )


def scrub(environment: MutableMapping[str, str]) -> None:
    """Remove what could load code, write files or start programs; keep kitty's keyboard mode off.

    A connection that drops would leave the person's own terminal in that mode, and the console needs none of its keys.
    """
    for name in list(environment):
        if name.startswith(_PREFIXES) or name in _NAMES:
            del environment[name]
    environment["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
