"""`academy users`: the people of today, or of the end of an earlier day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import FILTERED, filter_text, filter_words
from tui.cli.options import as_json as json_option

if TYPE_CHECKING:
    from core.filters import Filter
    from core.reading.past import Past, PastRow
    from core.reading.users import UserRow
    from core.work import Look


@click.command(context_settings=FILTERED)
@filter_words
@click.option(
    "--as-of", "day", metavar="DATE", help="Who was there at the end of that day (UTC), and as what."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for a spreadsheet.")
@json_option
def users(*, words: Sequence[str], day: str | None, as_csv: bool, as_json: bool) -> None:
    """List people by name, such as: role:trainer dept:sales seen>90d status:archived anna.

    With --as-of, role, status and seats are those of that day, and may be asked for (role: status: seat: joined);
    names and addresses are today's, and department, groups, language and last sign-in stay empty.
    """
    if as_csv and as_json:
        raise click.UsageError("--csv and --json exclude each other. Choose one.")
    text = filter_text(words)
    if day is None:
        _list_present(text, as_csv=as_csv, as_json=as_json)
    else:
        _list_past(day, text, as_csv=as_csv, as_json=as_json)


def _list_present(text: str, *, as_csv: bool, as_json: bool) -> None:
    from core.filter_keys import parse_users
    from tui.cli.facts import user_facts
    from tui.cli.opening import opened_core
    from tui.cli.output import number_of, say, write_table

    chosen = parse_users(text)
    with opened_core() as core, core.operator_look() as look:
        if as_json or as_csv:
            _write_facts((user_facts(row) for row in _rows(look, chosen)), as_csv=as_csv)
            return
        headers = ("name", "address", "role", "status", "department", "seats", "last sign-in")
        say(number_of(write_table(headers, map(_cells, _rows(look, chosen))), "person", "people") + ".")


def _list_past(written: str, text: str, *, as_csv: bool, as_json: bool) -> None:
    from core.reading import past
    from core.values import iso_day
    from tui.cli.opening import opened_core
    from tui.cli.output import number_of, say, write_table

    day, chosen = iso_day(written, field="date"), past.parse_past(text)
    with opened_core() as core, core.operator_look() as look:
        end = past.as_of(look, day)
        if as_json or as_csv:
            _write_facts(map(_past_facts, _past_rows(look, end, chosen)), as_csv=as_csv)
        else:
            headers = ("name", "address", "role", "status", "seats")
            number = write_table(headers, map(_past_cells, _past_rows(look, end, chosen)))
            say(f"{number_of(number, 'person', 'people')} as of {day}.")
        unnamed = past.about_deleted(past.deleted_since(look, end))
    if unnamed:
        say(unnamed)


_COLUMNS = (
    "id", "address", "first_name", "last_name", "role", "status", "department", "groups", "seats", "language",
    "joined", "last_sign_in",
)  # fmt: skip


def _write_facts(facts: Iterable[dict[str, Any]], *, as_csv: bool) -> None:
    from tui.cli.output import write_csv, write_json_rows

    if as_csv:
        write_csv(_COLUMNS, (_flat(fact) for fact in facts))
    else:
        write_json_rows(facts)


def _flat(facts: dict[str, Any]) -> list[str]:
    """Return the cells of a CSV row; several groups or seats are parted by `;`."""
    return [
        ";".join(value) if isinstance(value, list) else str(value or "") for value in map(facts.get, _COLUMNS)
    ]


def _rows(look: Look, chosen: Filter) -> Iterator[UserRow]:
    from core.reading import users as reading

    for chunk in reading.ids(look, chosen):
        yield from reading.rows(look, chunk)


def _past_rows(look: Look, end: Past, chosen: Filter) -> Iterator[PastRow]:
    from core.reading import past

    for chunk in past.ids(look, end, chosen):
        yield from past.rows(look, end, chunk)


def _past_facts(row: PastRow) -> dict[str, Any]:
    """Return a person of a past day under the promised keys; what is not known of that day is null."""
    from tui.cli.output import iso

    known = {
        "id": row.id,
        "address": row.address,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "role": row.role.slug,
        "status": row.status,
        "seats": list(row.seats),
        "joined": iso(row.joined),
    }
    return {name: known.get(name) for name in _COLUMNS}


def _cells(row: UserRow) -> tuple[str, ...]:
    from tui.cli.output import moment

    seats = ", ".join(row.seats)
    return (row.name, row.address, row.role.slug, row.status, row.department, seats, moment(row.last_sign_in))


def _past_cells(row: PastRow) -> tuple[str, ...]:
    return (row.name, row.address, row.role.slug, row.status, ", ".join(row.seats))
