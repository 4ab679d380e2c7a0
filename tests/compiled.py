"""Statements that are compiled once per process and not once per test, as in a page that has run for a day.

SQLAlchemy keeps what it compiled with the engine, and every test opens an engine of its own: two fifths of the time of
a test of a verb went into compiling the same statements again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import Compiled
from sqlalchemy.util import LRUCache

MOST = 2_000  # of a test of every verb there are some hundreds; those of the filters never end


class SharedStatements(LRUCache[tuple[Any, ...], Compiled]):
    """Compiled statements, found again by every engine that speaks the same dialect to the same kind of server."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        """Return what was compiled for `key`, or `default`."""
        return super().get(_shared(key), default)

    def __getitem__(self, key: tuple[Any, ...]) -> Compiled:
        """Return what was compiled for `key`."""
        return super().__getitem__(_shared(key))

    def __setitem__(self, key: tuple[Any, ...], compiled: Compiled) -> None:
        """Keep what was compiled for `key`."""
        super().__setitem__(_shared(key), compiled)


def _shared(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return SQLAlchemy's key with what the dialect writes by in place of the one dialect object of an engine."""
    dialect, *rest = key
    return (
        type(dialect),
        dialect.server_version_info,
        dialect.default_schema_name,
        dialect.paramstyle,
        *rest,
    )


def share_compiled_statements() -> None:
    """Let every connection of this process that is opened from now on take part."""
    statements = SharedStatements(MOST)

    @event.listens_for(Engine, "engine_connect")
    def take_part(connection: Connection) -> None:
        connection.execution_options(compiled_cache=statements)
