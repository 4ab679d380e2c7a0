"""`academy seats`: who holds a seat of a license: allocate, revoke, and those that lie idle (S17-S20)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from tui.cli.bulk import carry, change, checked_words, preview_option, target_of
from tui.cli.options import FILTERED, filter_words
from tui.cli.options import as_json as json_option
from tui.cli.options import yes as yes_option

if TYPE_CHECKING:
    from core.services.people import Change
    from core.tally import Tally
    from core.work import Look, Work

_file = click.option("--file", metavar="FILE|-", help="One address per line; - reads standard input.")
_days = click.IntRange(1, 3650)


@click.group()
def seats() -> None:
    """Give seats of licenses, take them away, find those that lie idle."""


@seats.command(context_settings=FILTERED)
@click.argument("name", metavar="LICENSE")
@filter_words
@_file
@click.option("--all-or-none", is_flag=True, help="Where some would find no seat, nobody gets one.")
@preview_option
@yes_option
@json_option
def allocate(
    *,
    name: str,
    words: Sequence[str],
    file: str | None,
    all_or_none: bool,
    preview: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Give everybody a filter finds, or everybody in a file, a seat; in that order as far as there is room."""
    from core.selection import license_named
    from core.services.people import GiveSeat

    give = partial(GiveSeat, all_or_none=all_or_none)
    if file is not None:
        from core.services.seats import allocate_listed

        verb = partial(allocate_listed, all_or_none=all_or_none)
        return _listed(name, words, file, make=give, verb=verb, preview=preview, yes=yes, as_json=as_json)

    def make(look: Look) -> Change:
        return give(license_named(look.db, name))

    return change(words, make, preview=preview, yes=yes, as_json=as_json)


@seats.command(context_settings=FILTERED)
@click.argument("name", metavar="LICENSE")
@filter_words
@_file
@click.option(
    "--unused",
    type=_days,
    metavar="DAYS",
    help="Only seats held that long by people who have not signed in for that long, or never.",
)
@preview_option
@yes_option
@json_option
def revoke(
    *,
    name: str,
    words: Sequence[str],
    file: str | None,
    unused: int | None,
    preview: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Take the seat of everybody a filter finds, or of everybody in a file; access ends at once."""
    from core.selection import license_named
    from core.services.people import TakeSeat

    def take(license_id: int) -> Change:
        return TakeSeat((license_id,), unused)

    if file is not None:
        from core.services.seats import revoke_listed

        if unused is not None:
            raise click.UsageError("--unused goes with a filter, not with --file.")
        return _listed(
            name, words, file, make=take, verb=revoke_listed, preview=preview, yes=yes, as_json=as_json
        )

    def make(look: Look) -> Change:
        return take(license_named(look.db, name))

    return change(words, make, preview=preview, yes=yes, as_json=as_json)


@seats.command()
@click.option("--days", type=_days, default=90, show_default=True, metavar="DAYS", help="Idle for that long.")
@json_option
def unused(*, days: int, as_json: bool) -> None:
    """List how many seats were held that long without a sign-in in that time."""
    from core.reading.licenses import unused as unused_seats
    from tui.cli.opening import opened_core
    from tui.cli.places import tell_many

    with opened_core() as core, core.operator_look() as look:
        rows = [
            {
                "id": row.license_id,
                "name": row.name,
                "used": row.held,
                "never_signed_in": row.never_signed_in,
                "silent": row.silent,
                "total": row.total,
            }
            for row in unused_seats(look, days)
        ]
    headers = ("name", "in use", "never signed in", f"silent for {days} days", "to reclaim")
    tell_many(headers, rows, ("license", "licenses"), as_json=as_json)


@seats.command(context_settings=FILTERED)
@filter_words
@click.option("--days", type=_days, required=True, metavar="DAYS", help="Idle for that long.")
@click.option(
    "--license", "names", metavar="LICENSE", multiple=True, help="Of this license; of all without it."
)
@preview_option
@yes_option
@json_option
def reclaim(
    *, words: Sequence[str], days: int, names: Sequence[str], preview: bool, yes: bool, as_json: bool
) -> int:
    """Take every idle seat of everybody a filter finds: held that long without a sign-in in that time."""
    from core.errors import Missing
    from core.reading.licenses import unused as unused_seats
    from core.selection import license_named
    from core.services.people import TakeSeat

    def make(look: Look) -> Change:
        named = [license_named(look.db, name) for name in names]
        every = named or [row.license_id for row in unused_seats(look, days)]
        if not every:
            raise Missing("license", "that anybody holds a seat of")
        return TakeSeat(tuple(dict.fromkeys(every)), days)

    return change(words, make, preview=preview, yes=yes, as_json=as_json)


@seats.command("stop-waiting", context_settings=FILTERED)
@click.argument("name", metavar="LICENSE")
@filter_words
@preview_option
@yes_option
@json_option
def stop_waiting(*, name: str, words: Sequence[str], preview: bool, yes: bool, as_json: bool) -> None:
    """Take everybody a filter finds off the waiting list of a license."""
    from core.reading import licenses, users
    from core.selection import license_named
    from core.services.waiting import leave_waiting_list
    from core.tally import Tally
    from tui.cli.asking import confirm
    from tui.cli.opening import opened_core
    from tui.cli.output import number_of, say, write, write_json

    text = checked_words(words)
    with opened_core() as core:
        with core.operator_look() as look:
            row = licenses.one(look, license_named(look.db, name))
            target = target_of(look, text, words, usual="status:any")
            parts = [target.ids] if target.chosen is None else users.ids(look, target.chosen)
            wanted = {each for part in parts for each in part or ()}
            waiting = [each.user_id for each in licenses.waiters(look, row.id) if each.user_id in wanted]
        told = f"{number_of(len(waiting), 'person', 'people')} off the waiting list of {row.name}"
        if waiting and not preview:
            confirm(f"Take {told}?", yes=yes)
            with core.operator() as work:
                leave_waiting_list(work, row.id, waiting)
    sentence = f"Preview, nothing was written: {told}." if preview else f"{told}."
    if as_json:
        write_json(Tally(len(waiting), preview=preview).to_json())
        say(sentence)
    else:
        write(sentence)


def _listed(
    name: str,
    words: Sequence[str],
    file: str,
    *,
    make: Callable[[int], Change],
    verb: Callable[..., Tally],
    preview: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Change the seats of everybody in a file, in its order; return the exit code."""
    from core.selection import license_named
    from core.services.people import summary_of
    from tui.cli.importing import Source
    from tui.cli.opening import opened_core

    if words:
        raise click.UsageError("Name people by a filter or by --file, not by both.")
    lines = list(Source(file).rows())
    with opened_core() as core:
        with core.operator_look() as look:
            license_id = license_named(look.db, name)
            summary = summary_of(look, make(license_id))

        def run(work: Work, **how: Any) -> Tally:
            return verb(work, license_id, lines, **how)

        return carry(core, run, summary, preview=preview, yes=yes, as_json=as_json)
