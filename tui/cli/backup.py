"""`academy backup` and `academy restore`: the whole database as one file, and back."""

from __future__ import annotations

from pathlib import Path

import click

from tui.cli.options import as_json as json_option
from tui.cli.options import yes as yes_option


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def backup(file: Path, *, as_json: bool) -> None:
    """Write a consistent copy of the database into FILE, while everything runs.

    FILE must be new; only you can read it. It holds everything but the key file in the data folder. Keep a copy of that
    as well, in another place: without it no link works, and nothing in the backup can replace it.
    """
    from core.backups import back_up
    from core.core import check_database_exists
    from core.settings import Settings
    from tui.cli.moving import tell_table
    from tui.cli.output import say, write, write_json

    settings = Settings.load()
    check_database_exists(settings)
    place = file.absolute()
    made = back_up(settings, place, tell_table)
    if as_json:
        told = {"file": str(place), "bytes": made.size, "schema": made.schema}
        write_json(told | {"key_file": str(settings.key_file)})
    else:
        write(f"The database is backed up in {place} ({made.size:,} bytes), which only you can read.")
    say(f"Keep the key file as well: {settings.key_file}. Without it no link works.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@yes_option
@json_option
def restore(file: Path, *, yes: bool, as_json: bool) -> None:
    """Fill the empty database of this host from FILE, which `academy backup` wrote.

    Into a database that holds a company nothing is restored. An older backup is brought to this program's schema. Put
    the key file of that time into the data folder too: without it no link works.
    """
    from core.backups import restore as fill_from
    from core.copying import unfinished_mails
    from core.settings import Settings
    from tui.cli.asking import confirm
    from tui.cli.moving import facts_of, hidden, rows_of, tell_table
    from tui.cli.output import number_of, say, write, write_json

    settings = Settings.load()
    place = file.absolute()
    confirm(f"Restore {place} into {hidden(settings)}?", yes=yes)
    schema, copied = fill_from(place, settings, tell_table)
    if as_json:
        write_json({"file": str(place), "schema": schema, "tables": facts_of(copied)})
    else:
        write(f"{number_of(rows_of(copied), 'row')} were restored and checked, table by table.")
    waiting = unfinished_mails(settings)
    if waiting:
        say(
            f"{number_of(waiting, 'mail')} waited when the backup was made, and may have gone out since. Before you "
            "deliver mails: academy mail pause"
        )
    if not settings.key_file.exists():
        say(f"Now put the key file back: {settings.key_file}. Without it no link works.")
