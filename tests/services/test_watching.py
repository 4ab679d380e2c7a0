"""The connection that changes are noticed on, when it breaks."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from core.core import Core
from core.errors import Busy, DatabaseAway
from core.watching import Watch
from tests.databases import Database, postgresql_only


@postgresql_only
def test_a_broken_watch_is_told_once_and_mended(core: Core, database: Database) -> None:
    """When the server has ended the connection the question says so; the next one is asked on a new connection."""
    core.change_token()
    engine = create_engine(database.url.reveal())
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name = 'academy'"
            )
        )
    engine.dispose()
    with pytest.raises(DatabaseAway):
        core.change_token()
    assert core.change_token() is not None


def test_a_watch_that_gets_no_connection_is_busy(database: Database) -> None:
    """While all connections are taken the question is to be asked again later, as any other is."""
    engine = create_engine(database.url.reveal(), pool_size=1, max_overflow=0, pool_timeout=0.01)
    with engine.connect(), pytest.raises(Busy):
        Watch(engine).token()
    engine.dispose()


@postgresql_only
def test_watching_holds_no_transaction(core: Core, database: Database) -> None:
    """Between two questions the watching connection is idle, so that it keeps nothing from being cleaned up."""
    core.change_token()
    engine = create_engine(database.url.reveal())
    with engine.connect() as connection:
        states = connection.execute(
            text(
                "SELECT DISTINCT state FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%current_snapshot%'"
            )
        ).scalars()
        assert list(states) == ["idle"]
    engine.dispose()
