"""Every difference between SQLite and PostgreSQL, and nothing else (R61).

Work on SQLite begins with BEGIN IMMEDIATE: a deferred transaction that reads and then writes fails with "database is
locked" as soon as another writer came between. On PostgreSQL the row that owns the limit is locked instead.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from core.errors import Busy, DatabaseAway, Misconfigured, Problem
from core.values import Secret

# Options of an engine whose transactions may write, of one that fills temporary tables only and locks nothing, and of
# one whose transactions cannot write.
_WRITES, _STAGES = "academy_writes", "academy_stages"
WRITING: Mapping[str, Any] = {_WRITES: True}
STAGING: Mapping[str, Any] = {_STAGES: True}
READING: Mapping[str, Any] = {"postgresql_readonly": True}
_BUSY_SECONDS = 5
_SETTING = "ACADEMY_DATABASE_URL"
_PAGE_CACHE_KIB = 32 * 1024
_POOL = {"pool_size": 10, "max_overflow": 60, "pool_timeout": _BUSY_SECONDS}  # more than the page has threads


def open_engine(database_url: Secret) -> Engine:
    """Return an engine for the database; nothing is connected yet.

    Raises:
        Misconfigured: the URL cannot be read, or the driver for PostgreSQL is not installed.
    """
    try:
        url = make_url(database_url.reveal())
        return _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise Misconfigured(_SETTING, "it is not a database URL.") from None
    except ModuleNotFoundError:
        raise Misconfigured(
            _SETTING, "PostgreSQL needs its driver. Install it: pip install 'academy-admin[postgres]'."
        ) from None


def _sqlite(url: URL) -> Engine:
    if set(url.query) - {"timeout"}:
        raise Misconfigured(_SETTING, "behind the file's name only ?timeout=SECONDS can stand.")
    connect_args = _unless_named(url, timeout=_BUSY_SECONDS) | {"check_same_thread": False}
    engine = create_engine(url, connect_args=connect_args, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see `on_begin`
        for pragma in (
            "foreign_keys=ON",
            "synchronous=NORMAL",
            f"cache_size=-{_PAGE_CACHE_KIB}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        writes = options.get(_WRITES, False)
        reads_only = not writes and not options.get(_STAGES, False)
        connection.exec_driver_sql("PRAGMA query_only=ON" if reads_only else "PRAGMA query_only=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL) -> Engine:
    options = f"-c lock_timeout={_BUSY_SECONDS}s -c timezone=UTC -c jit=off"
    connect_args = _unless_named(
        url, options=options, connect_timeout=_BUSY_SECONDS, application_name="academy"
    )
    return create_engine(url, connect_args=connect_args, hide_parameters=True, pool_pre_ping=True, **_POOL)


def _unless_named(url: URL, **defaults: Any) -> dict[str, Any]:
    """Return the arguments to connect with; what the URL itself says (`?timeout=1`) goes before."""
    return {name: value for name, value in defaults.items() if name not in url.query}


def is_sqlite(db: Session | Connection) -> bool:
    """Tell which of the two databases `db` speaks to."""
    return db.get_bind().dialect.name == "sqlite" if isinstance(db, Session) else db.dialect.name == "sqlite"


def create_file(database_url: Secret) -> None:
    """Make an SQLite file that several processes can use at once (WAL); does nothing on PostgreSQL.

    Raises:
        Misconfigured: it cannot be made there.
    """
    url = make_url(database_url.reveal())
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    try:
        with closing(sqlite3.connect(url.database)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error as error:
        raise Misconfigured(
            _SETTING, f"the database file cannot be made: {error}. Check the folder and its rights."
        ) from None


def lock_row(db: Session, statement: Any) -> Any:
    """Return the one row that owns a limit, locked until the end of the transaction (R57).

    SQLite's write lock was taken at BEGIN and covers every row.
    """
    return db.execute(statement if is_sqlite(db) else statement.with_for_update()).one_or_none()


def count_one(
    db: Session, model: Any, key: Mapping[str, Any], *, counter: str, at: Mapping[str, Any]
) -> None:
    """Add one to `counter` of the row with `key`, which is made if missing; `at` is set in any case.

    One statement, so that two at once neither lose a count nor meet in the unique key.
    """
    upsert = sqlite_insert if is_sqlite(db) else postgresql_insert
    statement = upsert(model).values({**key, counter: 1, **at})
    counted = {counter: getattr(model, counter) + 1, **at}
    db.execute(statement.on_conflict_do_update(index_elements=list(key), set_=counted))


def skip_locked(statement: Any, db: Session) -> Any:
    """Return `statement` so that rows another worker holds are passed over."""
    return statement if is_sqlite(db) else statement.with_for_update(skip_locked=True)


def load_rows(db: Session, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Put many rows into a staging table the fastest way the driver has.

    executemany through the driver costs a fifth more than bare sqlite3; through SQLAlchemy's own paths four times as
    much. PostgreSQL takes a COPY.
    """
    connection = db.connection()
    names = ", ".join(column.name for column in table.columns)
    cursor: Any = connection.connection.cursor()
    try:
        if is_sqlite(db):
            marks = ", ".join("?" for _ in table.columns)
            insert = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608  # nosec B608 - our names
            cursor.executemany(insert, rows)
            return
        with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    finally:
        cursor.close()


def change_token(connection: Connection) -> object:
    """Return something that differs once anybody else has committed a change; costs microseconds.

    SQLite answers per connection, so ask on the same connection each time. PostgreSQL answers with the set of running
    and finished transactions; work elsewhere in the cluster changes it too, which costs one needless look.
    """
    if is_sqlite(connection):
        return connection.exec_driver_sql("PRAGMA data_version").scalar()
    return connection.execute(text("SELECT pg_current_snapshot()::text")).scalar()


_SQLITE_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_SQLITE_AWAY = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL)
_SQLITE_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_POSTGRES_FOR_NOW = ("starting up", "shutting down", "recovery", "not yet accepting", "too many", "slots")
_POSTGRES_BUSY = ("55P03", "40001", "40P01", "57014", "53300")


def problem_of(error: DBAPIError) -> Problem | None:
    """Return what a driver's error means to a person, or None where it is a mistake of ours."""
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        return _sqlite_problem(origin)
    state = getattr(origin, "sqlstate", None)
    if state in _POSTGRES_BUSY:
        return Busy()
    if state is None or error.connection_invalidated:
        return _connection_problem(origin)
    if state[:2] in {"08", "57", "28", "3D"}:
        return DatabaseAway(_first_line(origin))
    if state in {"25006", "42501"}:
        return Misconfigured(_SETTING, f"the database cannot be written: {_first_line(origin)}.")
    return None


def _connection_problem(origin: BaseException | None) -> Problem | None:
    """Tell a server that turned us away (wrong name, user or password) from one that does not answer just now."""
    reason = _first_line(origin)
    if reason.startswith("invalid connection option"):
        return Misconfigured(_SETTING, f"it names an {reason}.")
    if type(origin).__name__ != "OperationalError":
        return None
    if reason.startswith("FATAL:") and not any(sign in reason for sign in _POSTGRES_FOR_NOW):
        return Misconfigured(_SETTING, f"the server turned us away: {reason.removeprefix('FATAL:').strip()}.")
    return DatabaseAway(reason)


def _sqlite_problem(origin: sqlite3.Error) -> Problem | None:
    code = getattr(origin, "sqlite_errorcode", 0) & 0xFF
    if code in _SQLITE_BUSY:
        return Busy()
    if code in _SQLITE_AWAY:
        return DatabaseAway(_first_line(origin))
    if code == sqlite3.SQLITE_CANTOPEN:
        return Misconfigured(
            _SETTING, "the database file cannot be opened. Check its folder and the rights of both."
        )
    if code == sqlite3.SQLITE_READONLY:
        return Misconfigured(
            _SETTING, "the database file or its folder is read-only. Give this user the right to write."
        )
    if code in _SQLITE_BROKEN:
        return Misconfigured(_SETTING, "the file is not a database of ours, or is damaged. Restore a backup.")
    return None


def _first_line(error: BaseException | None) -> str:
    """Return the driver's reason without what may hold a password (psycopg repeats the connection's parameters)."""
    line = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
    return line.rpartition("failed: ")[2] or line
