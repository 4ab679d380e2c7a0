"""`academy departments`: list, add, rename, merge, remove (S24)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tui.cli.bulk import preview_option
from tui.cli.options import FILTERED, filter_text, filter_words
from tui.cli.options import as_json as json_option
from tui.cli.options import yes as yes_option

if TYPE_CHECKING:
    from core.reading.places import DepartmentRow
    from core.work import Look


@click.group()
def departments() -> None:
    """List, add, rename, merge and remove departments."""


@departments.command("list", context_settings=FILTERED)
@filter_words
@json_option
def list_(*, words: Sequence[str], as_json: bool) -> None:
    """List departments with who is in them; is:empty finds those that can be removed."""
    from core.filter_keys import parse_places
    from core.reading import places as reading
    from tui.cli.opening import opened_core
    from tui.cli.places import tell_many

    chosen = parse_places(filter_text(words))
    with opened_core() as core, core.operator_look() as look:
        ids = [each for part in reading.department_ids(look, chosen) for each in part]
        rows = [_facts(row) for row in reading.department_rows(look, ids)]
    headers = ("name", "active", "archived", "invited", "expired")
    tell_many(headers, rows, ("department", "departments"), as_json=as_json)


@departments.command()
@click.argument("name")
@json_option
def add(*, name: str, as_json: bool) -> None:
    """Add a department."""
    from core.services.places import add_department
    from tui.cli.opening import opened_core
    from tui.cli.places import tell_one

    with opened_core() as core, core.operator() as work:
        facts = _one(work, add_department(work, name))
    tell_one(facts, f"Added: {facts['name']}.", as_json=as_json)


@departments.command()
@click.argument("name")
@click.argument("new_name")
@json_option
def rename(*, name: str, new_name: str, as_json: bool) -> None:
    """Give a department another name; its people stay in it."""
    from core.selection import department_named
    from core.services.places import edit_department
    from tui.cli.opening import opened_core
    from tui.cli.places import tell_one

    with opened_core() as core, core.operator() as work:
        department = department_named(work.db, name)
        changed = edit_department(work, department, {"name": new_name})
        facts = _one(work, department)
    told = f"{name} is called {facts['name']} now." if changed else f"It is called {facts['name']} already."
    tell_one(facts, told, as_json=as_json)


@departments.command()
@click.argument("name")
@click.argument("into")
@preview_option
@yes_option
@json_option
def merge(*, name: str, into: str, preview: bool, yes: bool, as_json: bool) -> None:
    """Move everybody and every invitation into another department, and drop this one."""
    from core.selection import department_named
    from core.services.merging import merge_departments
    from tui.cli.opening import opened_core
    from tui.cli.places import merge as run
    from tui.cli.places import tell_merge

    with opened_core() as core:
        with core.operator_look() as look:
            ids = department_named(look.db, name), department_named(look.db, into)
            names = _one(look, ids[0])["name"], _one(look, ids[1])["name"]
        tally = run(core, merge_departments, ids, " into ".join(names), preview=preview, yes=yes)
    tell_merge(names, tally, as_json=as_json)


@departments.command()
@click.argument("name")
@yes_option
@json_option
def remove(*, name: str, yes: bool, as_json: bool) -> None:
    """Remove an empty department; says what stands in the way."""
    from core.selection import department_named
    from core.services.places import delete_department
    from tui.cli.asking import confirm
    from tui.cli.opening import opened_core
    from tui.cli.places import tell_one

    with opened_core() as core:
        with core.operator_look() as look:
            facts = _one(look, department_named(look.db, name))
        confirm(f"Remove the department {facts['name']}?", yes=yes)
        with core.operator() as work:
            delete_department(work, facts["id"])
    tell_one(facts | {"removed": True}, f"Removed: {facts['name']}.", as_json=as_json)


def _one(look: Look, department: int) -> dict[str, Any]:
    from core.reading.places import department_rows

    return _facts(department_rows(look, [department])[0])


def _facts(row: DepartmentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "active": row.active,
        "archived": row.archived,
        "invited": row.invited,
        "expired": row.expired,
    }
