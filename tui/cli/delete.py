"""`academy delete`: one person for good, with everything personal about them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import as_json as json_option
from tui.cli.options import yes as yes_option

if TYPE_CHECKING:
    from core.core import Core
    from core.losses import Loss


@click.command()
@click.argument("email")
@click.option(
    "--confirm", metavar="EMAIL", help="The same address once more, so that nobody is deleted by a slip."
)
@click.option(
    "--export",
    metavar="FILE",
    help="Write everything known about the person there first, as a ZIP of JSON and CSV.",
)
@yes_option
@json_option
def delete(*, email: str, confirm: str | None, export: str | None, yes: bool, as_json: bool) -> None:
    """Delete one person for good: account, records, seats, and their name wherever it stands.

    Nothing takes this back; `academy archive` is the normal way. `academy db clean` removes the last bytes.
    """
    from core.errors import Problem
    from core.services.cleaning import remove_forgotten_mails
    from core.services.deleting import check_deletion, delete_person
    from tui.cli.opening import opened_core
    from tui.cli.output import say, write, write_json

    with opened_core() as core:
        loss = _looked_up(core, email, tell=not as_json)
        typed = confirm if confirm is not None else _typed(loss)
        with core.operator_look() as look:
            check_deletion(look, loss.id, confirm=typed)
        file = _file(export, yes=yes or as_json)
        _agreed(loss, yes=yes)
        if file is not None:
            _export(core, loss.id, file)
        with core.operator() as work:
            loss = delete_person(work, loss.id, confirm=typed)
        try:
            remove_forgotten_mails(core)
        except Problem as problem:  # the person is deleted, whatever becomes of the files
            say(problem.message)
    if as_json:
        write_json(_facts(loss) | {"export": None if file is None else str(file)})
        return
    if file is not None:
        write(f"The records are in {file}, which only you can read.")
    write(f"{loss.address} is deleted.")
    say(
        "Bytes stay in free pages of the database until something is written over them. Remove them: academy db clean"
    )


def _looked_up(core: Core, email: str, *, tell: bool) -> Loss:
    """Return what would be lost, said first; refused where the person cannot be deleted."""
    from core.reading.losing import what_is_lost
    from core.reading.users import by_address
    from tui.cli.output import say

    with core.operator_look() as look:
        loss = what_is_lost(look, by_address(look, email))
    if loss.refused is not None:
        raise loss.refused
    if tell:
        say(f"Deleting {loss.name}, {loss.address}, {loss.role.label}, {loss.status}, loses for good:")
        for line in loss.lines:
            say(f"  {line}")
    return loss


def _typed(loss: Loss) -> str:
    from tui.cli.asking import ask

    return ask(f"The address {loss.address} once more", "--confirm")


def _file(export: str | None, *, yes: bool) -> Path | None:
    """Return where the records go first; offered to whoever sits at a terminal."""
    from tui.cli.asking import is_terminal

    if export is None and not yes and is_terminal():
        export = str(
            click.prompt(
                "Export the records first, to the file (empty: no)", default="", show_default=False, err=True
            )
        ).strip()
        return _path(export) if export else None
    if export == "":
        raise click.UsageError("--export needs the name of a file. Name one, or leave the option out.")
    return None if export is None else _path(export)


def _path(written: str) -> Path:
    """Return a path as whoever types it means it: `~` is their home, which no shell has put in behind a `=`."""
    try:
        return Path(written).expanduser()
    except RuntimeError:  # somebody's home who does not exist
        return Path(written)


def _agreed(loss: Loss, *, yes: bool) -> None:
    from tui.cli.asking import confirm

    confirm(f"Delete {loss.address} for good?", yes=yes)


def _export(core: Core, user_id: int, file: Path) -> None:
    """Write the records in a transaction of its own: they are there and recorded before anything is deleted."""
    from core.services.exporting import export_to

    with core.operator() as work:
        export_to(work, [user_id], file)


def _facts(loss: Loss) -> dict[str, Any]:
    return {
        "id": loss.id,
        "address": loss.address,
        "name": loss.name,
        "role": loss.role.slug,
        "status": loss.status,
        "lessons": loss.lessons,
        "courses_in_progress": loss.courses_in_progress,
        "certificates": loss.certificates,
        "seats": list(loss.seats),
        "groups": list(loss.groups),
        "waits_for": list(loss.waits_for),
        "invitations_sent": loss.invitations_sent,
        "invitations_withdrawn": loss.open_invitations_sent,
        "sign_ins": loss.sign_ins,
        "views": loss.views,
        "stays_in_company": list(loss.names_company),
    }
