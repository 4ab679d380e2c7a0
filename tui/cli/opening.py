"""Opening the core of this host for a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.core import Core
from core.settings import Settings


@contextmanager
def opened_core() -> Iterator[Core]:
    """Lend the core on this host's settings.

    Raises:
        Misconfigured: settings, key file or database must be put right. DatabaseAway: it does not answer.
    """
    with Core.open(Settings.load()) as core:
        yield core
