"""The step after deletions that leaves no byte behind: in free pages, indexes, statistics and files of mails (R42).

What was deleted is out of reach at once, but a database keeps its bytes in pages that are free until something else is
written there. Here everything is written anew without them. It takes the room of the database once more, about a minute
for a million people, and whoever wants to write meanwhile has to wait or is told to try again.

Backups, and a server's own archives of its journal, are out of reach: they live as long as the operator keeps them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import JSON, Connection, Engine, String, Table, select, text
from sqlalchemy.exc import DBAPIError

from core.core import Core
from core.dialects import WRITING, is_sqlite, open_engine, problem_of
from core.errors import Busy, Misconfigured
from core.models import Base, OutboxMail

_MAIL_FILE = re.compile(r"(?:[0-9]{8}T[0-9]{6}Z|undated)-([0-9]{8,18})-.+\.eml", re.DOTALL)
_UNFINISHED = re.compile(r"\.[0-9a-f]{16}\.part")
_ABANDONED = timedelta(hours=1)
_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became smaller; sizes in bytes, `files` counts the mails that were removed from the outbox folder."""

    before: int
    after: int
    files: int


def clean(core: Core) -> Cleaned:
    """Remove the mails in the outbox folder that the database knows no more, and write the database anew.

    Raises:
        Busy: somebody else holds the database; what was done until then is no loss. DatabaseAway.
    """
    files = remove_forgotten_mails(core)
    engine = open_engine(core.settings.database_url)
    try:
        before = _size(engine)
        _rewrite(engine)
        return Cleaned(before, _size(engine), files)
    except DBAPIError as error:
        problem = problem_of(error)
        if problem is None:
            raise
        raise problem from None
    finally:
        engine.dispose()


def remove_forgotten_mails(core: Core) -> int:
    """Remove written mails whose rows are gone from the outbox, and what a killed sender left; return how many.

    Their rows go with a person who is deleted; the files cannot go in that transaction, which may still fail. Called
    after it by whoever deletes.

    Raises:
        Misconfigured: a file cannot be removed.
    """
    folder = core.settings.outbox_folder
    numbered, unfinished = _files_in(folder, core.ports.clock.now() - _ABANDONED)
    found = sorted(set(numbered.values()))
    known: set[int] = set()
    with core.operator_look() as look:
        for start in range(0, len(found), _AT_ONCE):
            part = found[start : start + _AT_ONCE]
            known.update(look.db.scalars(select(OutboxMail.id).where(OutboxMail.id.in_(part))))
    forgotten = [path for path, number in numbered.items() if number not in known]
    try:
        for path in (*forgotten, *unfinished):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise Misconfigured(
            str(folder),
            f"mails of deleted people cannot be removed: {error.strerror}. Give the right, or remove them.",
        ) from None
    return len(forgotten)


def _files_in(folder: Path, abandoned: datetime) -> tuple[dict[Path, int], list[Path]]:
    """Return the mails in the folder with the numbers of their rows, and files that nobody will finish any more."""
    numbered: dict[Path, int] = {}
    unfinished: list[Path] = []
    if folder.is_dir():
        for path in folder.iterdir():
            if match := _MAIL_FILE.fullmatch(path.name):
                numbered[path] = int(match[1])
            elif _UNFINISHED.fullmatch(path.name) and _is_older(path, abandoned):
                unfinished.append(path)
    return numbered, unfinished


def _is_older(path: Path, moment: datetime) -> bool:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment
    except FileNotFoundError:
        return False


# --- the database -----------------------------------------------------------------------------------------------


def _rewrite(engine: Engine) -> None:
    """Write every table anew, outside of any transaction, which is what both databases ask for."""
    with engine.connect() as connection:
        if is_sqlite(connection):
            _rewrite_file(connection.execution_options(**WRITING))
        else:
            _rewrite_tables(connection.execution_options(isolation_level="AUTOCOMMIT"))


def _rewrite_file(connection: Connection) -> None:
    """Merge the search index, which keeps deleted letters until then; rebuild the file; empty the journal beside it.

    Raises:
        Busy: another process reads or writes, so that the journal cannot be emptied.
    """
    connection.exec_driver_sql("INSERT INTO users_search (users_search) VALUES ('optimize')")
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("VACUUM")
    blocked = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    if blocked:
        raise Busy


def _rewrite_tables(connection: Connection) -> None:
    """Rewrite tables and indexes; analyzing them anew drops the names that the planner had kept as examples.

    The examples of a table that is empty by now stay even so, and go with a change of its columns' types that changes
    nothing. The owner of a database may rewrite the catalog of examples, too; to others the server refuses that by a
    warning.
    """
    for table in Base.metadata.sorted_tables:
        connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {_quoted(connection, table.name)}")
        if connection.scalar(select(table).limit(1)) is None:
            _forget_examples(connection, table)
    connection.exec_driver_sql("VACUUM (FULL) pg_catalog.pg_statistic")


def _forget_examples(connection: Connection, table: Table) -> None:
    known = text("SELECT attname FROM pg_stats WHERE schemaname = current_schema() AND tablename = :name")
    for name in connection.scalars(known, {"name": table.name}).all():
        column = table.columns[name]
        if isinstance(column.type, (String, JSON)):
            kind = column.type.compile(connection.dialect)
            connection.exec_driver_sql(
                f"ALTER TABLE {_quoted(connection, table.name)} "
                f"ALTER COLUMN {_quoted(connection, name)} TYPE {kind}"
            )


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def _size(engine: Engine) -> int:
    """Return the bytes of the database, its journal included where that is a file of this host."""
    with engine.connect() as connection:
        if not is_sqlite(connection):
            found = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar()
            return int(found or 0)
    file = Path(engine.url.database or "")
    return sum(path.stat().st_size for path in (file, file.with_name(f"{file.name}-wal")) if path.exists())
