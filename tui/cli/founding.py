"""Making what a host needs before it can have a company."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.core import Core
from core.errors import AlreadySetUp
from core.ports import Links
from core.settings import Settings
from core.upgrade import upgrade
from tui.cli.output import say


@contextmanager
def founded(settings: Settings) -> Iterator[Core]:
    """Make what is missing of data folder, database and key file, then lend the core on them.

    Raises:
        Misconfigured, DatabaseAway: something cannot be made. AlreadySetUp, from the block: a key file made just now
        is taken away again, since the links of that company were made with another one.
    """
    upgrade(settings, say)
    had_key = settings.key_file.exists()
    Links.make_key_file(settings.key_file)
    try:
        with Core.open(settings) as core:
            yield core
    except AlreadySetUp:
        if not had_key:
            settings.key_file.unlink()
        raise
