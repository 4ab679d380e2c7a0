"""`academy groups`: list, add, edit, rename, merge, remove (S30)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tui.cli.bulk import preview_option
from tui.cli.options import FILTERED, filter_text, filter_words
from tui.cli.options import as_json as json_option
from tui.cli.options import yes as yes_option

if TYPE_CHECKING:
    from core.reading.places import GroupRow
    from core.work import Look


@click.group()
def groups() -> None:
    """List, add, edit, rename, merge and remove learning groups."""


@groups.command("list", context_settings=FILTERED)
@filter_words
@json_option
def list_(*, words: Sequence[str], as_json: bool) -> None:
    """List learning groups with who is in them; is:empty, is:full and is:limited narrow them down."""
    from core.filter_keys import parse_places
    from core.reading import places as reading
    from tui.cli.opening import opened_core
    from tui.cli.places import tell_many

    chosen = parse_places(filter_text(words))
    with opened_core() as core, core.operator_look() as look:
        ids = [each for part in reading.group_ids(look, chosen) for each in part]
        rows = [_facts(row) for row in reading.group_rows(look, ids)]
    headers = ("name", "description", "most", "room", "active", "archived", "invited", "expired")
    tell_many(headers, rows, ("learning group", "learning groups"), as_json=as_json)


@groups.command()
@click.argument("name")
@click.option("--description", default="", help="What it is for.")
@click.option("--max", "max_size", metavar="N", default="", help="How many may be in it; any number without.")
@json_option
def add(*, name: str, description: str, max_size: str, as_json: bool) -> None:
    """Add a learning group."""
    from core.services.places import add_group
    from tui.cli.opening import opened_core
    from tui.cli.places import tell_one

    with opened_core() as core, core.operator() as work:
        facts = _one(work, add_group(work, name, description=description, max_size=_size(max_size)))
    tell_one(facts, f"Added: {facts['name']}.", as_json=as_json)


@groups.command()
@click.argument("name")
@click.argument("new_name")
@json_option
def rename(*, name: str, new_name: str, as_json: bool) -> None:
    """Give a learning group another name; its members stay in it."""
    _change(name, {"name": new_name}, as_json=as_json)


@groups.command()
@click.argument("name")
@click.option("--description", help="What it is for; empty clears it.")
@click.option("--max", "max_size", metavar="N|none", help="How many may be in it; none for any number.")
@json_option
def edit(*, name: str, description: str | None, max_size: str | None, as_json: bool) -> None:
    """Change description or maximum size; never below what is held."""
    wanted = {"description": description, "max_size": None if max_size is None else _size(max_size)}
    values = {field: text for field, text in wanted.items() if text is not None}
    if not values:
        raise click.UsageError("Say what to change: --description TEXT or --max N.")
    _change(name, values, as_json=as_json)


@groups.command()
@click.argument("name")
@click.argument("into")
@preview_option
@yes_option
@json_option
def merge(*, name: str, into: str, preview: bool, yes: bool, as_json: bool) -> None:
    """Let everybody and every invitation join another learning group, and drop this one."""
    from core.selection import group_named
    from core.services.merging import merge_groups
    from tui.cli.opening import opened_core
    from tui.cli.places import merge as run
    from tui.cli.places import tell_merge

    with opened_core() as core:
        with core.operator_look() as look:
            ids = group_named(look.db, name), group_named(look.db, into)
            names = _one(look, ids[0])["name"], _one(look, ids[1])["name"]
        tally = run(core, merge_groups, ids, " into ".join(names), preview=preview, yes=yes)
    tell_merge(names, tally, as_json=as_json)


@groups.command()
@click.argument("name")
@yes_option
@json_option
def remove(*, name: str, yes: bool, as_json: bool) -> None:
    """Remove an empty learning group; says what stands in the way."""
    from core.selection import group_named
    from core.services.places import delete_group
    from tui.cli.asking import confirm
    from tui.cli.opening import opened_core
    from tui.cli.places import tell_one

    with opened_core() as core:
        with core.operator_look() as look:
            facts = _one(look, group_named(look.db, name))
        confirm(f"Remove the learning group {facts['name']}?", yes=yes)
        with core.operator() as work:
            delete_group(work, facts["id"])
    tell_one(facts | {"removed": True}, f"Removed: {facts['name']}.", as_json=as_json)


def _change(name: str, values: dict[str, str], *, as_json: bool) -> None:
    from core.selection import group_named
    from core.services.places import edit_group
    from tui.cli.opening import opened_core
    from tui.cli.places import tell_one

    with opened_core() as core, core.operator() as work:
        group = group_named(work.db, name)
        changed = edit_group(work, group, values)
        facts = _one(work, group)
    told = f"Saved: {facts['name']}." if changed else f"{facts['name']} is so already."
    tell_one(facts, told, as_json=as_json)


def _size(text: str) -> str:
    return "" if text.strip().lower() == "none" else text


def _one(look: Look, group: int) -> dict[str, Any]:
    from core.reading.places import group_rows

    return _facts(group_rows(look, [group])[0])


def _facts(row: GroupRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "max_size": row.max_size,
        "room": row.room,
        "active": row.active,
        "archived": row.archived,
        "invited": row.invited,
        "expired": row.expired,
    }
