"""Backups: one file each, a database of the kind that needs no server, whatever the company's own one is."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect, make_url
from sqlalchemy.exc import DBAPIError

from core.copying import SETTING, Copied, Note, check_empty, copy, opened
from core.dialects import STAGING, open_engine, problem_of
from core.errors import Invalid, Misconfigured
from core.models import Company
from core.settings import Settings, make_home
from core.upgrade import HEAD, check_revision, revision_of, upgrade

_PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written: its schema revision, and its size in bytes."""

    schema: str
    size: int


def back_up(settings: Settings, path: Path, note: Note | None = None) -> Backup:
    """Write the database as it is at this moment into a new file, while everything runs.

    Args:
        settings: which database.
        path: where to; a file that is there is never touched.
        note: hears of each table that was copied from a server; a file is copied as a whole.

    Raises:
        Invalid: no file can be made there. Misconfigured, Busy, DatabaseAway: as `copy`.
    """
    _check_place(path)
    with opened(settings) as connection:
        schema = revision_of(connection)
    _check_schema(settings, schema)
    with _unfinished(path) as home:
        if settings.is_sqlite:
            _write_file(settings, _file_of(home))
        else:
            copy(settings, home, note)
        _close_journal(home)
        file = _file_of(home)
        file.chmod(_PRIVATE)
        size = file.stat().st_size
        _keep(file, path)
    return Backup(str(schema), size)


def restore(path: Path, settings: Settings, note: Note | None = None) -> tuple[str, list[Copied]]:
    """Fill the empty database of `settings` from a backup, which stays as it is; an older one is upgraded on the way.

    Returns:
        The schema revision that the backup had, and what was copied.

    Raises:
        Invalid: the file is no backup of ours or cannot be read. Misconfigured: it is of a newer program, or the
            database is not empty. Nothing was written then.
    """
    make_home(settings.home)
    if _is_there(settings):
        check_empty(settings)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.home) as folder:
        home = Settings.load({"ACADEMY_HOME": folder})
        try:
            shutil.copyfile(path, _file_of(home))
        except OSError as error:
            raise Invalid({"file": f"{path} cannot be read: {error.strerror}."}) from None
        schema = _schema_of(home, path)
        upgrade(home)
        _make_private_file(settings)
        return schema, copy(home, settings, note)


def move(settings: Settings, target: Settings, note: Note | None = None) -> list[Copied]:
    """Copy the database into the empty one of `target`, as `copy`; a file for it is made where there is none."""
    if _is_there(target):
        check_empty(target)
    _make_private_file(target)
    return copy(settings, target, note)


def _is_there(settings: Settings) -> bool:
    return not settings.is_sqlite or _file_of(settings).is_file()


def _check_schema(settings: Settings, schema: str | None) -> None:
    """Go on with a file of any schema, which is copied as it is, and with a server's of today."""
    if schema is None or (schema > HEAD and not settings.is_sqlite):
        check_revision(schema)
    if schema != HEAD and not settings.is_sqlite:
        raise Misconfigured(
            SETTING,
            f"the database has schema {schema}, and this program backs up {HEAD}. Take the program it belongs to, or "
            "the server's own pg_dump.",
        )


def _schema_of(home: Settings, path: Path) -> str:
    try:
        with opened(home) as connection:
            schema = revision_of(connection)
            known = schema is not None and inspect(connection).has_table(Company.__tablename__)
            sound = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"
    except Misconfigured:
        known, sound, schema = False, False, None
    if schema is None or not known:
        raise Invalid({"file": f"{path} is no backup of ours. Name a file that academy backup wrote."})
    if not sound:
        raise Invalid({"file": f"{path} is damaged. Take another backup."})
    if schema > HEAD:
        check_revision(schema)
    return schema


# --- files ------------------------------------------------------------------------------------------------------


def _file_of(settings: Settings) -> Path:
    return Path(make_url(settings.database_url.reveal()).database or "")


def _check_place(path: Path) -> None:
    if os.path.lexists(path):
        raise Invalid({"file": f"{path} is there already. Name a new file; a backup overwrites nothing."})


@contextmanager
def _unfinished(path: Path) -> Iterator[Settings]:
    """Lend a private data folder beside `path`, which is gone afterwards."""
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as folder:
            yield Settings.load({"ACADEMY_HOME": folder})
    except OSError as error:
        raise Invalid({"file": f"{path} cannot be written: {error.strerror}."}) from None


def _write_file(settings: Settings, file: Path) -> None:
    """Let the database write itself into a file, without what was deleted; who writes meanwhile does not wait."""
    engine = open_engine(settings.database_url)
    try:
        with engine.execution_options(**STAGING).connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("VACUUM INTO ?", (str(file),))
    except DBAPIError as error:
        raise (problem_of(error) or error) from None
    finally:
        engine.dispose()


def _close_journal(home: Settings) -> None:
    """Leave one file, with everything in it and no journal beside it."""
    engine = open_engine(home.database_url)
    try:
        with engine.execution_options(**STAGING).connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    except DBAPIError as error:
        raise (problem_of(error) or error) from None
    finally:
        engine.dispose()


def _keep(file: Path, path: Path) -> None:
    """Give the finished file its name, which nobody may have taken meanwhile, and wait until the disk has both."""
    _sync(file)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE))
    except FileExistsError:
        _check_place(path)
    file.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_private_file(settings: Settings) -> None:
    """Make a database file that only its owner can read, where there is none; on a server nothing is made."""
    if not settings.is_sqlite:
        return
    try:
        os.close(os.open(_file_of(settings), os.O_WRONLY | os.O_CREAT, _PRIVATE))
    except OSError as error:
        raise Misconfigured(SETTING, f"the database file cannot be made: {error.strerror}.") from None
