"""What backing up, restoring and moving a database say of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.copying import Copied
    from core.settings import Settings


def hidden(settings: Settings) -> str:
    """Return the database's URL without a password, wherever in it that stands."""
    from sqlalchemy import make_url

    url = make_url(settings.database_url.reveal())
    secret = {name: "hidden" for name in url.query if "password" in name}
    return url.update_query_dict(secret).render_as_string(hide_password=True)


def tell_table(table: str, rows: int) -> None:
    """Say on stderr that a table was copied."""
    from tui.cli.output import number_of, say

    say(f"{table}: {number_of(rows, 'row')}")


def facts_of(copied: Sequence[Copied]) -> list[dict[str, Any]]:
    """Return what scripts are told of the tables."""
    return [{"table": each.table, "rows": each.rows, "checksum": each.checksum} for each in copied]


def rows_of(copied: Sequence[Copied]) -> int:
    """Return how many rows there are in all tables."""
    return sum(each.rows for each in copied)


def settings_at(url: str) -> Settings:
    """Return this host's settings with another database.

    Raises:
        click.UsageError: no URL. Misconfigured: none that the setting would take.
    """
    import os

    import click

    from core.dialects import open_engine
    from core.settings import Settings

    if not url:
        raise click.UsageError("The URL of the database to fill is missing.")
    settings = Settings.load({**os.environ, "ACADEMY_DATABASE_URL": url})
    open_engine(settings.database_url).dispose()
    return settings
