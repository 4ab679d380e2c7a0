"""Copying a whole database into an empty one, also of the other kind: backups, restoring, moving.

Everything is written in one transaction of the target and compared before it is kept: a copy that differs leaves the
target empty. Rows are streamed, so a million people need no more memory than one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.dialects import READING, WRITING, analyze, is_sqlite, load_rows, open_engine, problem_of
from core.errors import Misconfigured
from core.models import Base, Company, OutboxMail
from core.search_index import built_afterwards
from core.settings import Settings
from core.upgrade import check_revision, revision_of, upgrade

Note = Callable[[str, int], None]
"""Hears the name of each table and how many rows it had."""

SETTING = "ACADEMY_DATABASE_URL"
_ROWS_AT_ONCE = 1000
_MODULUS = 1 << 256
_UNFINISHED = ("waiting", "sending")


@dataclass(frozen=True, slots=True)
class Copied:
    """One table of a copy: how many rows it has, and the checksum of what stands in them."""

    table: str
    rows: int
    checksum: str


class _Sum:
    """Counts rows and sums what they say.

    The digests of the rows are added up, so the order in which a database hands them out (texts sort differently on
    each server) plays no part, while every changed, missing or doubled row shows.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._total = 0

    def over(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """Hand the rows on, counted and summed."""
        for row in rows:
            canonical = json.dumps(tuple(row), default=str, sort_keys=True)
            digest = hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).digest()
            self._total = (self._total + int.from_bytes(digest)) % _MODULUS
            self.rows += 1
            yield row

    def of(self, table: Table) -> Copied:
        """Return the result."""
        return Copied(table.name, self.rows, f"{self._total:064x}")


def copy(source: Settings, target: Settings, note: Note | None = None) -> list[Copied]:
    """Copy everything into the empty database of `target`, whose schema is made where there is none.

    Ids stay, and the next ones go on behind them. Readers and writers of the source go on meanwhile; what they write
    after the start is not in the copy.

    Raises:
        Misconfigured: the source has another schema, the target is not empty or refuses a row, or the copy differs.
            Nothing is kept then. Busy, DatabaseAway.
    """
    check_empty(target)
    with opened(source) as reading:
        check_revision(revision_of(reading))
        upgrade(target)
        with _writing(target) as db:
            _check_empty(db.connection(), holds_schema=True)
            return _fill(reading, db, note)


def check_empty(target: Settings) -> None:
    """Go on only with a database that has no tables, or ours and nothing in them.

    Raises:
        Misconfigured: saying what to do.
    """
    with opened(target) as connection:
        _check_empty(connection, holds_schema=False)


def checksums(settings: Settings) -> list[Copied]:
    """Return the counts and checksums of every table, as `copy` compares them."""
    with opened(settings) as connection:
        return [_checked(connection, table) for table in Base.metadata.sorted_tables]


def unfinished_mails(settings: Settings) -> int:
    """Return how many mails a database would deliver as soon as somebody delivers."""
    with opened(settings) as connection:
        states = connection.scalars(select(OutboxMail.state).where(OutboxMail.state.in_(_UNFINISHED)))
        return sum(1 for _ in states)


@contextmanager
def opened(settings: Settings) -> Iterator[Connection]:
    """Lend a connection that reads the database as it is at this moment, whatever others write meanwhile.

    Raises:
        Misconfigured, Busy, DatabaseAway.
    """
    with _translated(settings) as engine, engine.connect() as connection:
        connection.execution_options(**READING)
        if not is_sqlite(connection):  # a reader of a file sees one moment anyway
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def _writing(settings: Settings) -> Iterator[Session]:
    with (
        _translated(settings) as engine,
        Session(engine.execution_options(**WRITING)) as db,
        db.begin(),
    ):
        yield db


@contextmanager
def _translated(settings: Settings) -> Iterator[Engine]:
    """Lend an engine; what the driver says becomes a problem for people, also where it was asked directly."""
    engine = open_engine(settings.database_url)
    try:
        yield engine
    except DBAPIError as error:
        raise (problem_of(error) or error) from None
    except engine.dialect.loaded_dbapi.Error as error:
        refused = f"the database refused a row ({type(error).__name__}), so nothing of the copy was kept."
        raise (problem_of(DBAPIError("", None, error)) or Misconfigured(SETTING, refused)) from None
    finally:
        engine.dispose()


def _check_empty(connection: Connection, *, holds_schema: bool) -> None:
    known = inspect(connection)
    found = revision_of(connection)
    if found is None and not holds_schema:
        if known.get_table_names():
            raise Misconfigured(SETTING, "the database holds tables of another program. Name an empty one.")
        return
    if not known.has_table(Company.__tablename__):
        raise Misconfigured(SETTING, "the database belongs to another program. Name an empty one.")
    name = connection.scalar(select(Company.name))
    if name is not None:
        raise Misconfigured(
            SETTING,
            f"the database belongs to {name} already, and only an empty one is filled. Name another one in "
            "ACADEMY_DATABASE_URL or another ACADEMY_HOME, or move the old database away.",
        )
    for table in Base.metadata.sorted_tables:
        if known.has_table(table.name) and connection.execute(select(1).select_from(table).limit(1)).first():
            raise Misconfigured(
                SETTING, f"the database is not empty: {table.name} has rows. Name an empty one."
            )


# --- the rows ---------------------------------------------------------------------------------------------------


def _fill(reading: Connection, db: Session, note: Note | None) -> list[Copied]:
    """Write every table in the order of its foreign keys, then compare each with what was read."""
    told: list[Copied] = []
    with built_afterwards(db):
        for table in Base.metadata.sorted_tables:
            read = _Sum()
            with closing(_rows(reading, table)) as rows:
                load_rows(db, table, _bound(db, table, read.over(rows)))
            told.append(read.of(table))
            if note is not None:
                note(table.name, read.rows)
    for table, before in zip(Base.metadata.sorted_tables, told, strict=True):
        analyze(db, table)
        after = _checked(db.connection(), table)
        if after != before:
            raise Misconfigured(
                SETTING,
                f"the copy of {table.name} differs ({before.rows:,} rows read, {after.rows:,} written), so nothing "
                "of it was kept. Look for triggers or other programs that write there.",
            )
    for table in Base.metadata.sorted_tables:
        if table.autoincrement_column is not None:
            _go_on_counting(db, table, _last_id(reading, table))
    return told


def _rows(connection: Connection, table: Table) -> Generator[Sequence[Any], None, None]:
    with connection.execute(select(table).execution_options(yield_per=_ROWS_AT_ONCE)) as result:
        yield from result


def _checked(connection: Connection, table: Table) -> Copied:
    summed = _Sum()
    with closing(_rows(connection, table)) as rows:
        for _ in summed.over(rows):
            pass
    return summed.of(table)


def _bound(db: Session, table: Table, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """Yield rows as the driver takes them."""
    dialect = db.connection().dialect
    binders = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns]
    for row in rows:
        yield [
            value if bind is None or (value is None and column.nullable) else bind(value)
            for value, bind, column in zip(row, binders, table.columns, strict=True)
        ]


# --- the next ids -----------------------------------------------------------------------------------------------


def _last_id(connection: Connection, table: Table) -> int:
    """Return the last id that was given out, also to a row that is gone by now: ids are never used twice."""
    if is_sqlite(connection):
        found = connection.execute(
            text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
        ).scalar()
    else:
        last = text("SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:name, 'id') AS regclass))")
        found = connection.execute(last, {"name": table.name}).scalar()
    return int(found or 0)


def _go_on_counting(db: Session, table: Table, last: int) -> None:
    if not last:
        return
    values = {"name": table.name, "last": last}
    if not is_sqlite(db):
        db.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), values)
        return
    db.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
    db.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)
