"""Every difference between SQLite and PostgreSQL, and nothing else (R61).

Work on SQLite begins with BEGIN IMMEDIATE: a deferred transaction that reads and then writes fails with "database is
locked" as soon as another writer came between. On PostgreSQL the row that owns the limit is locked instead.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Engine,
    Table,
    TableValuedAlias,
    Text,
    cast,
    create_engine,
    event,
    func,
    literal,
    make_url,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

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
_IDS_AT_ONCE = 10_000
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
        for pragma in ("foreign_keys=ON", "synchronous=NORMAL", f"cache_size=-{_PAGE_CACHE_KIB}"):
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

    SQLite's write lock was taken at BEGIN and covers every row. Who only plans locks nothing.
    """
    return db.execute(_locking(db, statement)).one_or_none()


def lock_rows(db: Session, statement: Any) -> None:
    """Lock the rows that own limits, in the order of `statement`; as `lock_row`."""
    db.execute(_locking(db, statement)).all()


def _locking(db: Session, statement: Any) -> Any:
    options = db.connection().get_execution_options()
    only_plans = options.get(_STAGES, False) and not options.get(_WRITES, False)
    return statement if only_plans or is_sqlite(db) else statement.with_for_update()


def count_one(
    db: Session, model: Any, key: Mapping[str, Any], *, counter: str, at: Mapping[str, Any]
) -> None:
    """Add one to `counter` of the row with `key`, which is made if missing; `at` is set in any case.

    One statement, so that two at once neither lose a count nor meet in the unique key.
    """
    statement = _upsert(db, model).values({**key, counter: 1, **at})
    counted = {counter: getattr(model, counter) + 1, **at}
    db.execute(statement.on_conflict_do_update(index_elements=list(key), set_=counted))


def put_row(db: Session, model: Any, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Write the row with `key`, new or not, in one statement, so that two at once do not meet in the unique key."""
    statement = _upsert(db, model).values({**key, **values})
    db.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(values)))


def add_row(db: Session, model: Any, values: Mapping[str, Any], returning: Any) -> Any:
    """Write a row and return a column of it; None where one with its unique key is there, also by somebody at once."""
    return db.scalar(_upsert(db, model).values(**values).on_conflict_do_nothing().returning(returning))


def _upsert(db: Session, model: Any) -> Any:
    return (sqlite_insert if is_sqlite(db) else postgresql_insert)(model)


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


def read_ids(db: Session, statement: Any) -> array[int]:
    """Return the one column of numbers that `statement` finds, eight bytes each, without holding the rows.

    SQLite's own cursor hands rows out one by one, in half of SQLAlchemy's time; PostgreSQL's would fetch all first.
    """
    found: array[int] = array("q")
    if not is_sqlite(db):
        for part in db.scalars(statement.execution_options(yield_per=_IDS_AT_ONCE)).partitions():
            found.extend(part)
        return found
    with db.connection().execute(statement) as result:
        cursor: Any = result.cursor
        while rows := cursor.fetchmany(_IDS_AT_ONCE):
            found.extend([each for (each,) in rows])
    return found


def analyze(db: Session, table: Table) -> None:
    """Let the planner know how many rows a temporary table has by now.

    PostgreSQL guesses that hardly any row of a new table fits, and looks a million up one by one; SQLite does not.
    """
    if not is_sqlite(db):
        db.connection().exec_driver_sql(f"ANALYZE {table.name}")


def json_object(db: Session, **values: Any) -> ColumnElement[str]:
    """Return a JSON object as a text expression; NULL becomes null."""
    pairs = [part for name, value in values.items() for part in (literal(name, Text), value)]
    if is_sqlite(db):
        return func.json_object(*pairs)
    return cast(func.json_build_object(*pairs), Text)


def json_list(db: Session, column: Any, order: Any, condition: ColumnElement[bool]) -> ColumnElement[str]:
    """Return an aggregate: `column` where `condition` holds as a JSON list, a text; without any `[]`.

    SQLite knows no order inside an aggregate before 3.44; it keeps that of the rows, which an index gives.
    """
    if is_sqlite(db):
        return func.json_group_array(column).filter(condition)
    listed = func.json_agg(aggregate_order_by(column, order)).filter(condition)
    return func.coalesce(cast(listed, Text), "[]")


def json_document(db: Session, written: ColumnElement[str]) -> ColumnElement[Any]:
    """Return a text that is JSON as a value for a column of that type."""
    return written if is_sqlite(db) else cast(written, JSON)


def json_items(db: Session, document: ColumnElement[Any], *path: str) -> TableValuedAlias:
    """Return the list at `path` of a JSON document as a table with the column `value`; without a list, no rows."""
    if is_sqlite(db):
        return func.json_each(document, "$." + ".".join(path)).table_valued("value", joins_implicitly=True)
    return func.json_array_elements_text(document[path]).table_valued("value", joins_implicitly=True)


def json_date(db: Session, written: ColumnElement[str]) -> ColumnElement[Any]:
    """Return a date out of a JSON document, read as text, for a column of that type."""
    return type_coerce(written, Date) if is_sqlite(db) else cast(written, Date)


def json_moment(db: Session, written: ColumnElement[str], kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Return a moment that `json_object` wrote, read as text, for a column of this type.

    SQLite keeps moments as text, and the text in the document is the very one.
    """
    return type_coerce(written, kind) if is_sqlite(db) else cast(written, DateTime(timezone=True))


def change_token(connection: Connection) -> object:
    """Return what differs once anybody else has committed, asked for microseconds: past SQLAlchemy, on one connection.

    Work elsewhere in a PostgreSQL cluster changes it too, which costs one needless look.
    """
    asked = "PRAGMA data_version" if is_sqlite(connection) else "SELECT pg_current_snapshot()::text"
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(asked).fetchone()
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(asked, None, error) from None


_SQLITE_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_SQLITE_AWAY = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL)
_SQLITE_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_POSTGRES_FOR_NOW = ("starting up", "shutting down", "recovery", "not yet accepting", "too many", "slots")
_POSTGRES_BUSY, _POSTGRES_AWAY = ("55P03", "40001", "40P01", "57014", "53300"), ("08", "57", "28", "3D")


def problem_of(error: DBAPIError) -> Problem | None:
    """Return what a driver's error means to a person, or None where it is a mistake of ours."""
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        return _sqlite_problem(origin)
    state = getattr(origin, "sqlstate", None)
    if state in _POSTGRES_BUSY:
        return Busy()
    if (state or "")[:2] in _POSTGRES_AWAY:  # also where the server ended our connection, as for a restart
        return DatabaseAway(_first_line(origin))
    if state is None or error.connection_invalidated:
        return _connection_problem(origin)
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
