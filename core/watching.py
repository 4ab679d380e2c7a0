"""Noticing that anybody else has committed something, for microseconds: what a sender and the console ask all the time."""

from __future__ import annotations

import threading

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from core.dialects import change_token, is_sqlite, problem_of
from core.errors import Busy


class Watch:
    """A connection of its own, opened with the first question, on which nothing else is done. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        """Connect to nothing yet."""
        self._engine = engine
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def token(self) -> object:
        """Return something that differs once another connection has committed a change.

        Raises:
            Busy, DatabaseAway.
        """
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                return change_token(self._connection)
            except NoConnectionFree:
                raise Busy from None
            except DBAPIError as error:
                if self._connection is not None:
                    self._connection.invalidate()
                    self._connection = None
                raise (problem_of(error) or error) from None

    def _open(self) -> Connection:
        connection = self._engine.connect()
        if not is_sqlite(connection):
            connection.execution_options(isolation_level="AUTOCOMMIT")
        return connection
