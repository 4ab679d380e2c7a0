"""`academy db`: the database itself."""

from __future__ import annotations

import click

from tui.cli.options import as_json as json_option


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@json_option
def upgrade(*, as_json: bool) -> None:
    """Bring the database to this program's schema; back it up first."""
    from core.core import check_database_exists
    from core.settings import Settings
    from core.upgrade import upgrade as bring_up
    from tui.cli.output import say, write, write_json

    settings = Settings.load()
    check_database_exists(settings)
    before, after = bring_up(settings, say)
    if as_json:
        write_json({"from": before, "to": after})
    elif before == after:
        write(f"The database has schema {after} already; nothing was changed.")
    else:
        write(
            f"The database was brought from {f'schema {before}' if before else 'nothing'} to schema {after}."
        )
