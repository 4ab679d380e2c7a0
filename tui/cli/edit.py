"""`academy edit`: one person's data, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tui.cli.options import as_json as json_option
from tui.cli.options import assigned

if TYPE_CHECKING:
    from core.services.editing import Edit
    from core.work import Work

_PLACES = ("department", "groups")


@click.command()
@click.argument("email")
@click.option(
    "--set",
    "settings",
    metavar="FIELD=VALUE",
    multiple=True,
    required=True,
    help="A field and what it is to be; empty clears it. May be repeated.",
)
@click.option("--preview", is_flag=True, help="Say what would happen; nothing is written.")
@json_option
def edit(*, email: str, settings: Sequence[str], preview: bool, as_json: bool) -> int:
    """Edit one person, such as: --set phone=+4930123 --set department=Sales --set born_on=1990-05-01."""
    from core.services import editing
    from tui.cli.ending import DONE
    from tui.cli.opening import opened_core
    from tui.cli.output import say, write, write_json

    values = assigned(settings, hint="--set")
    values |= {name: "" for name in _PLACES if values.get(name, "").strip().lower() == "none"}
    with opened_core() as core, (core.operator_plan if preview else core.operator)() as work:
        wanted = _edit(work, email, values)
        tally = editing.edit(work, wanted, preview=preview)
    if as_json:
        write_json(tally.to_json())
        return DONE
    names = ", ".join(name.replace("_", " ") for name in values)
    if not tally.done:
        write(f"{email} is so already; nothing changes.")
    else:
        write(f"{'Preview, nothing was written' if preview else 'Saved'}: {names} of {email}.")
    for note in tally.effects.notes if tally.effects is not None else ():
        say(note)
    if tally.batch:
        say(f"Take it back: academy undo {tally.batch}")
    return DONE


def _edit(work: Work, email: str, values: dict[str, str]) -> Edit:
    """Return the edit of the person with this address, who is looked at in the same transaction."""
    from core.reading.users import by_address
    from core.services.editing import Edit, texts

    [found] = texts(work, [by_address(work, email)])
    return Edit(found.id, values, {name: found.values.get(name, "") for name in values})
