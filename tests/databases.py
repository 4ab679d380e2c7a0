"""Databases for tests, on both systems: migrated once per worker, empty and alone for each test.

Core commits, so a test cannot hide in a transaction. On SQLite each test gets a copy of the migrated file (1 ms). On
PostgreSQL each worker has one database and every row is deleted after each test: 2 ms, where TRUNCATE makes and removes
a hundred files (30 ms in memory, 250 on a busy disk). Only what is worn by that, grown or known to the planner, is
truncated. All measured with PostgreSQL 15.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete, inspect, make_url, select, table, text

from core.settings import Settings
from core.upgrade import upgrade
from core.values import Secret

SQLITE, POSTGRESQL = "sqlite", "postgresql"
KINDS = (SQLITE, POSTGRESQL)

WORN_PAGES = 64  # of one table

_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""

# A table that was analyzed or vacuumed is planned for otherwise than a new one.
_IS_WORN = """
SELECT bool_or(pg_relation_size(oid) > :pages * 8192 OR reltuples >= 0) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"""

_RESTART_NUMBERS = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
WHERE last_value IS NOT NULL"""

# Marks for a whole file (`pytestmark = sqlite_only`) or one test.
sqlite_only = pytest.mark.parametrize("database", [SQLITE], indirect=True)
postgresql_only = pytest.mark.parametrize("database", [POSTGRESQL], indirect=True)


@dataclass(frozen=True, slots=True)
class Database:
    """One database a test may do anything with.

    Attributes:
        kind: `sqlite` or `postgresql`.
        url: its SQLAlchemy URL, as ACADEMY_DATABASE_URL takes it.
    """

    kind: str
    url: Secret


class SqliteDatabases:
    """Files, copied from one that was migrated."""

    def __init__(self, folder: Path) -> None:
        """Migrate the file to copy, in `folder`."""
        self._template = folder / "template.db"
        upgrade(Settings(folder, _file_url(self._template)))

    def migrated(self, path: Path) -> Database:
        """Return an empty database at `path` with today's schema."""
        shutil.copyfile(self._template, path)
        return Database(SQLITE, _file_url(path))

    def blank(self, path: Path) -> Database:
        """Return a database at `path` without tables; the file is made by whoever opens it."""
        return Database(SQLITE, _file_url(path))


def _file_url(path: Path) -> Secret:
    return Secret(f"sqlite:///{path}")


class PostgresDatabases:
    """Databases of a server for tests, told apart by random names."""

    def __init__(self, server: str, folder: Path) -> None:
        """Migrate this worker's database on `server` (a URL whose user is a superuser, for whom keys can be set aside)."""
        self._server = make_url(server)
        self._maintenance = create_engine(self._server, isolation_level="AUTOCOMMIT")
        self._name = self._create()
        url = self._url_of(self._name)
        upgrade(Settings(folder, url))
        self._engine = create_engine(url.reveal())
        names = self._empty_tables()
        self._truncating = f"TRUNCATE {', '.join(map(self._engine.dialect.identifier_preparer.quote, names))}"
        self._deleting = "; ".join(str(delete(table(name)).compile(self._engine)) for name in names)

    def close(self) -> None:
        """Remove this worker's database and every connection."""
        self._engine.dispose()
        self._drop(self._name)
        self._maintenance.dispose()

    @contextmanager
    def migrated(self) -> Iterator[Database]:
        """Lend the worker's database, empty and with today's schema."""
        try:
            yield Database(POSTGRESQL, self._url_of(self._name))
        finally:
            self._empty()

    @contextmanager
    def blank(self) -> Iterator[Database]:
        """Lend a database of its own without tables."""
        name = self._create()
        try:
            yield Database(POSTGRESQL, self._url_of(name))
        finally:
            self._drop(name)

    def _create(self) -> str:
        name = f"academy_test_{uuid.uuid4().hex[:16]}"
        with self._maintenance.connect() as connection:
            connection.execute(text("CREATE DATABASE " + name + " TEMPLATE template0 STRATEGY file_copy"))
        return name

    def _drop(self, name: str) -> None:
        with self._maintenance.connect() as connection:
            connection.execute(text("DROP DATABASE " + name + " WITH (FORCE)"))

    def _url_of(self, name: str) -> Secret:
        return Secret(self._server.set(database=name).render_as_string(hide_password=False))

    def _empty_tables(self) -> list[str]:
        """Return the tables to empty; a migration that writes rows would make emptying wrong, so it is refused."""
        with self._engine.connect() as connection:
            names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
            filled = [
                name for name in names if connection.execute(select(1).select_from(table(name))).first()
            ]
        if filled:
            raise RuntimeError(f"a migration writes rows into {filled}: tests/databases.py has to keep them")
        return names

    def _empty(self) -> None:
        """Empty every table; connections that a killed process left behind would hold locks, so they are ended."""
        with self._engine.begin() as connection:
            connection.execute(text(_END_OTHERS))
            if connection.execute(text(_IS_WORN), {"pages": WORN_PAGES}).scalar_one():
                connection.execute(text(f"{self._truncating} RESTART IDENTITY"))
                return
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(self._deleting))
            connection.execute(text(_RESTART_NUMBERS))
