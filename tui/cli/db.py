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


@db.command()
@click.argument("url")
@yes_option
@json_option
def move(url: str, *, yes: bool, as_json: bool) -> None:
    """Copy everything into the empty database at URL and check every row, for moving to PostgreSQL or back.

    A URL on the command line can be seen by everybody on this host while it runs; one with a password is read from
    standard input with `-`. Stop `academy serve` and consoles first: what is written meanwhile stays behind. The setting
    is not changed; the last line says which one to change.
    """
    import sys

    from core.backups import move as copy_all
    from core.core import check_database_exists
    from core.settings import Settings
    from tui.cli.asking import confirm
    from tui.cli.moving import facts_of, hidden, rows_of, settings_at, tell_table
    from tui.cli.output import number_of, say, write, write_json

    settings = Settings.load()
    check_database_exists(settings)
    target = settings_at((sys.stdin.readline() if url == "-" else url).strip())
    confirm(f"Copy {hidden(settings)} into {hidden(target)}?", yes=yes or url == "-")
    copied = copy_all(settings, target, tell_table)
    if as_json:
        write_json({"url": hidden(target), "tables": facts_of(copied)})
    else:
        write(f"{number_of(rows_of(copied), 'row')} were copied and checked, table by table.")
    say(
        f"Nothing uses the copy yet. Set ACADEMY_DATABASE_URL to {hidden(target)}, with its password, to use it."
    )
