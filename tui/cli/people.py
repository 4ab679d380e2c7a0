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
_NO_DEPARTMENT = "none"


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
@click.option("--take-over", is_flag=True, help=_TAKE_OVER)
@preview_option
@yes_option
@json_option
def archive(*, words: Sequence[str], take_over: bool, preview: bool, yes: bool, as_json: bool) -> int:
    """Archive everybody a filter finds: sign-ins end, seats are free, what was learned is kept."""
    from core.services.people import Archive

    def make(_look: Look) -> Change:
        return Archive(take_over=take_over)

    return change(words, make, preview=preview, yes=yes, as_json=as_json)


@click.command(context_settings=FILTERED)
@whom
@preview_option
@yes_option
@json_option
def reactivate(*, words: Sequence[str], preview: bool, yes: bool, as_json: bool) -> int:
    """Let everybody archived whom a filter finds in again, as far as there is room."""
    from core.services.people import Reactivate

    def make(_look: Look) -> Change:
        return Reactivate()

    return change(words, make, preview=preview, yes=yes, as_json=as_json, usual=ARCHIVED)
