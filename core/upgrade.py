"""The schema: which revision a database has, and bringing it to ours. Alembic is imported only when asked to act."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from core.dialects import WRITING, create_file, open_engine, problem_of
from core.errors import Misconfigured
from core.settings import Settings, make_home

HEAD = "0005"
_SETTING = "ACADEMY_DATABASE_URL"
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def revision_of(connection: Connection) -> str | None:
    """Return the schema revision of the database, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found is not None else None


def check_revision(found: str | None) -> None:
    """Go on only with the schema this version of the program was written for.

    Raises:
        Misconfigured: nothing there, too old or too new; says what to run.
    """
    if found == HEAD:
        return
    if found is None:
        raise Misconfigured(
            _SETTING, "the database is empty. Set it up: academy init --company NAME --admin EMAIL"
        )
    if found < HEAD:
        raise Misconfigured(
            _SETTING,
            f"the database has schema {found}, older than {HEAD}. Back it up, then run: academy db upgrade",
        )
    raise Misconfigured(
        _SETTING,
        f"the database has schema {found}, newer than {HEAD}, which this program knows. Install the newer program.",
    )


def upgrade(settings: Settings, note: Callable[[str], None] | None = None) -> tuple[str | None, str]:
    """Bring the database to our schema; makes the data folder and an SQLite file where missing.

    Args:
        settings: which database.
        note: is told, in a sentence, what this database cannot have; everything works without it, only slower.

    Returns:
        The revision before (None for an empty database) and after.

    Raises:
        Misconfigured: too new, or it cannot be written. DatabaseAway: it does not answer.
    """
    from alembic import command  # noqa: PLC0415 - 0.2 s, only for this verb
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    make_home(settings.home)
    engine = open_engine(settings.database_url)
    try:
        create_file(settings.database_url)
        with engine.execution_options(**WRITING).begin() as connection:
            before = revision_of(connection)
            if before is not None and before > HEAD:
                check_revision(before)
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            config.attributes["note"] = note
            command.upgrade(config, "head")
        return before, HEAD
    except DBAPIError as error:
        raise (problem_of(error) or error) from None
    finally:
        engine.dispose()
