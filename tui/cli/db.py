"""`academy db`: the database itself."""

from __future__ import annotations

import click

from tui.cli.options import as_json as json_option
from tui.cli.options import yes as yes_option


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


@db.command()
@yes_option
@json_option
def clean(*, yes: bool, as_json: bool) -> None:
    """Remove the last bytes of what was deleted: write the database anew, and drop mails it knows no more.

    It takes the room of the database once more; whoever wants to write meanwhile waits. Backups are not touched.
    """
    from core.services.cleaning import clean as write_anew
    from tui.cli.asking import confirm
    from tui.cli.opening import opened_core
    from tui.cli.output import number_of, write, write_json

    with opened_core() as core:
        confirm("Write the whole database anew? Nobody can change anything meanwhile.", yes=yes)
        cleaned = write_anew(core)
    if as_json:
        write_json({"before": cleaned.before, "after": cleaned.after, "files": cleaned.files})
        return
    write(
        f"The database was written anew: {cleaned.before:,} bytes before, {cleaned.after:,} now. "
        f"Removed from the outbox folder: {number_of(cleaned.files, 'mail')}."
    )
