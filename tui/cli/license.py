"""`academy license`: recording what was bought (S14): add, resize, edit, remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from tui.cli.options import as_json as json_option
from tui.cli.options import yes as yes_option

if TYPE_CHECKING:
    from core.reading.licenses import LicenseRow
    from core.services.licenses import Saved
    from core.work import Work

_COURSE = "A course it opens, by name; may be repeated."
_PATH = "A learning path it opens, by name; may be repeated."
_DROP = "One that it opens no longer; may be repeated."
_SWITCH = ("on", "off")


@click.group()
def license() -> None:  # noqa: A001 - the name of the command
    """Record licenses: add, resize, edit, remove."""


@license.command()
@click.argument("name")
@click.option("--seats", required=True, metavar="N", help="How many seats were bought.")
@click.option(
    "--until", metavar="DATE", default="", help="Its last day, as 2026-12-31; without an end if left out."
)
@click.option("--course", "courses", metavar="NAME", multiple=True, help=_COURSE)
@click.option("--path", "paths", metavar="NAME", multiple=True, help=_PATH)
@json_option
def add(
    *, name: str, seats: str, until: str, courses: Sequence[str], paths: Sequence[str], as_json: bool
) -> None:
    """Record a license that was bought; courses and paths are known here by name only."""
    from core.reading.licenses import one
    from core.services.licenses import add_license
    from tui.cli.opening import opened_core

    with opened_core() as core, core.operator() as work:
        made = add_license(work, name, seats=seats, until=until, courses=courses, paths=paths)
        row = one(work, made)
    _tell(row, f"Added: {row.name}.", as_json=as_json)


@license.command()
@click.argument("name")
@click.argument("seats", metavar="N")
@json_option
def resize(*, name: str, seats: str, as_json: bool) -> None:
    """Change how many seats were bought; never below what is in use."""
    from core.services.licenses import resize_license

    _save(name, lambda work, license_id: resize_license(work, license_id, seats), as_json=as_json)


@license.command()
@click.argument("name")
@click.option("--name", "new_name", metavar="NAME", help="Another name.")
@click.option("--until", metavar="DATE|none", help="Its last day, as 2026-12-31, or none for no end.")
@click.option("--course", "courses", metavar="NAME", multiple=True, help=_COURSE)
@click.option("--drop-course", "no_courses", metavar="NAME", multiple=True, help=_DROP)
@click.option("--path", "paths", metavar="NAME", multiple=True, help=_PATH)
@click.option("--drop-path", "no_paths", metavar="NAME", multiple=True, help=_DROP)
@click.option(
    "--waiting-list", type=click.Choice(_SWITCH), help="Whether who finds no seat waits for the next."
)
@json_option
def edit(  # noqa: PLR0913 - click hands over one argument for each option
    *,
    name: str,
    new_name: str | None,
    until: str | None,
    courses: Sequence[str],
    no_courses: Sequence[str],
    paths: Sequence[str],
    no_paths: Sequence[str],
    waiting_list: str | None,
    as_json: bool,
) -> None:
    """Change name, end, waiting list, and which courses and learning paths a license opens."""
    from dataclasses import replace

    from core.reading.licenses import one
    from core.services.licenses import edit_license
    from core.services.waiting import keep_waiting_list

    named = {"name": new_name, "until": until}
    values = {field: text for field, text in named.items() if text is not None}
    opens = {"courses": (courses, no_courses), "paths": (paths, no_paths)}
    if not values and waiting_list is None and not any(map(any, opens.values())):
        raise click.UsageError(
            "Say what to change: --name, --until, --course, --drop-course, --path, --drop-path or --waiting-list."
        )

    def save(work: Work, license_id: int) -> Saved:
        row = one(work, license_id)
        for field, changes in opens.items():
            if any(changes):
                values[field] = _opened(row, getattr(row, field), *changes)
        served = keep_waiting_list(work, license_id, waiting_list == "on") if waiting_list is not None else 0
        saved = edit_license(work, license_id, values)
        return replace(saved, passed_on=saved.passed_on + served)

    _save(name, save, as_json=as_json)


@license.command()
@click.argument("name")
@yes_option
@json_option
def remove(*, name: str, yes: bool, as_json: bool) -> None:
    """Remove a license that nobody holds a seat of; says what stands in the way."""
    from core.reading.licenses import one
    from core.selection import license_named
    from core.services.licenses import remove_license
    from tui.cli.asking import confirm
    from tui.cli.licenses import license_facts
    from tui.cli.opening import opened_core
    from tui.cli.places import tell_one

    with opened_core() as core:
        with core.operator_look() as look:
            row = one(look, license_named(look.db, name))
        confirm(f"Remove the license {row.name}?", yes=yes)
        with core.operator() as work:
            remove_license(work, row.id)
    tell_one(license_facts(row) | {"removed": True}, f"Removed: {row.name}.", as_json=as_json)


def _opened(row: LicenseRow, now: Sequence[str], more: Sequence[str], less: Sequence[str]) -> str:
    """Return the names of what a license is to open.

    Raises:
        Missing: one that is to go is not among them.
    """
    from core.errors import Missing
    from core.services.texts import joined
    from core.values import name_key

    left = {name_key(each): each for each in now}
    for each in less:
        if left.pop(name_key(each), None) is None:
            raise Missing(f"course or path in {row.name} called", each, tuple(now))
    return joined((*left.values(), *more))


def _save(name: str, save: Callable[[Work, int], Saved], *, as_json: bool) -> None:
    from core.reading.licenses import one
    from core.selection import license_named
    from tui.cli.opening import opened_core
    from tui.cli.output import number_of, say

    with opened_core() as core, core.operator() as work:
        license_id = license_named(work.db, name)
        before = one(work, license_id)
        saved = save(work, license_id)
        row = one(work, license_id)
    changed = saved.changed or row != before
    _tell(row, f"Saved: {row.name}." if changed else f"{row.name} is so already.", as_json=as_json)
    if saved.passed_on:
        say(f"{number_of(saved.passed_on, 'person', 'people')} who waited got a seat.")


def _tell(row: LicenseRow, sentence: str, *, as_json: bool) -> None:
    from core.reading.licenses import EXPIRED
    from tui.cli.licenses import license_facts
    from tui.cli.output import say
    from tui.cli.places import tell_one

    tell_one(license_facts(row), sentence, as_json=as_json)
    if row.state == EXPIRED:
        say(f"It gives no access: {row.until} was its last day.")
