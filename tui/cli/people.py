"""`academy role`, `academy place`, `academy archive`, `academy reactivate`: changes of many people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tui.cli.bulk import ARCHIVED, change, preview_option, whom
from tui.cli.invite import role_named
from tui.cli.options import FILTERED
from tui.cli.options import as_json as json_option
from tui.cli.options import yes as yes_option

if TYPE_CHECKING:
    from core.roles import Role
    from core.services.people import Change
    from core.work import Look

_TAKE_OVER = "Become the sender of invitations that lose theirs, instead of withdrawing them."
_NO_DEPARTMENT, _NEVER = "none", frozenset({"never", "none"})


@click.command(context_settings=FILTERED)
@whom
@click.option("--to", "role", required=True, metavar="ROLE", callback=role_named, help="The new role.")
@click.option("--take-over", is_flag=True, help=_TAKE_OVER)
@preview_option
@yes_option
@json_option
def role(
    *, words: Sequence[str], role: Role, take_over: bool, preview: bool, yes: bool, as_json: bool
) -> int:
    """Give everybody a filter finds another role, such as: dept:sales role:learner --to trainer."""
    from core.services.people import GiveRole

    def make(_look: Look) -> Change:
        return GiveRole(role, take_over=take_over)

    return change(words, make, preview=preview, yes=yes, as_json=as_json)


@click.command(context_settings=FILTERED)
@whom
@click.option("--department", metavar="NAME", help="The new department, or none.")
@click.option(
    "--group", "join", metavar="NAME", multiple=True, help="A learning group to join; may be repeated."
)
@click.option(
    "--leave-group",
    "leave",
    metavar="NAME",
    multiple=True,
    help="A learning group to leave; may be repeated.",
)
@preview_option
@yes_option
@json_option
def place(
    *,
    words: Sequence[str],
    department: str | None,
    join: Sequence[str],
    leave: Sequence[str],
    preview: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Put everybody a filter finds into a department, or let them join and leave learning groups."""
    from core.selection import department_named, group_named
    from core.services.people import KEEP, Place

    def make(look: Look) -> Change:
        wanted: int | None = KEEP
        if department is not None:
            wanted = None if department.lower() == _NO_DEPARTMENT else department_named(look.db, department)
        joined = tuple(group_named(look.db, name) for name in join)
        return Place(wanted, joined, tuple(group_named(look.db, name) for name in leave))

    if department is None and not join and not leave:
        raise click.UsageError("Say where to: --department NAME, --group NAME or --leave-group NAME.")
    return change(words, make, preview=preview, yes=yes, as_json=as_json)


@click.command(context_settings=FILTERED)
@whom
@click.option(
    "--on", "day", metavar="DATE|never", help="By itself on a coming day, as 2026-12-31; never takes it back."
)
@click.option("--take-over", is_flag=True, help=_TAKE_OVER)
@preview_option
@yes_option
@json_option
def archive(
    *, words: Sequence[str], day: str | None, take_over: bool, preview: bool, yes: bool, as_json: bool
) -> int:
    """Archive everybody a filter finds: sign-ins end, seats are free, what was learned is kept."""
    from core.services.people import Archive, Leave
    from core.values import iso_day

    def make(_look: Look) -> Change:
        if day is None:
            return Archive(take_over=take_over)
        return Leave(None if day.strip().lower() in _NEVER else iso_day(day, field="date"))

    if day is not None and take_over:
        raise click.UsageError(
            "--take-over goes with archiving now. On the coming day open invitations are withdrawn."
        )
    return change(words, make, preview=preview, yes=yes, as_json=as_json)


@click.command(context_settings=FILTERED)
@whom
@click.option(
    "--seats", "names", metavar="LICENSE", multiple=True, help="Each gets a seat of it; may be repeated."
)
@click.option(
    "--former-seats", is_flag=True, help="Each gets the seats back that they had, as far as any are free."
)
@preview_option
@yes_option
@json_option
def reactivate(
    *,
    words: Sequence[str],
    names: Sequence[str],
    former_seats: bool,
    preview: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Let everybody archived whom a filter finds in again, as far as there is room; with seats where that is asked."""
    from core.filters import Filter
    from core.reading.licenses import ids
    from core.selection import license_named
    from core.services.people import Reactivate

    def make(look: Look) -> Change:
        given = tuple(dict.fromkeys(license_named(look.db, name) for name in names))
        every = (each for part in ids(look, Filter()) for each in part) if former_seats else ()
        return Reactivate(given, tuple(every))

    return change(words, make, preview=preview, yes=yes, as_json=as_json, usual=ARCHIVED)
