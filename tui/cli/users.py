"""`academy users` and `academy show`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import FILTERED, filter_text, filter_words
from tui.cli.options import as_json as json_option

if TYPE_CHECKING:
    from core.filters import Filter
    from core.reading.users import UserRow
    from core.work import Look


@click.command(context_settings=FILTERED)
@filter_words
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for a spreadsheet.")
@json_option
def users(*, words: Sequence[str], as_csv: bool, as_json: bool) -> None:
    """List people by name, such as: role:trainer dept:sales seen>90d status:archived anna."""
    from core.filter_keys import parse_users
    from tui.cli.facts import user_facts
    from tui.cli.opening import opened_core
    from tui.cli.output import number_of, say, write_csv, write_json_rows, write_table

    if as_csv and as_json:
        raise click.UsageError("--csv and --json exclude each other. Choose one.")
    chosen = parse_users(filter_text(words))
    with opened_core() as core, core.operator_look() as look:
        facts = (user_facts(row) for row in _rows(look, chosen))
        if as_json:
            write_json_rows(facts)
        elif as_csv:
            write_csv(_COLUMNS, (_flat(fact) for fact in facts))
        else:
            headers = ("name", "address", "role", "status", "department", "seats", "last sign-in")
            say(number_of(write_table(headers, map(_cells, _rows(look, chosen))), "person", "people") + ".")


_COLUMNS = (
    "id", "address", "first_name", "last_name", "role", "status", "department", "groups", "seats", "language",
    "joined", "last_sign_in",
)  # fmt: skip


def _flat(facts: dict[str, Any]) -> list[str]:
    """Return the cells of a CSV row; several groups or seats are parted by `;`."""
    return [
        ";".join(value) if isinstance(value, list) else str(value or "") for value in map(facts.get, _COLUMNS)
    ]


def _rows(look: Look, chosen: Filter) -> Iterator[UserRow]:
    from core.reading import users as reading

    for chunk in reading.ids(look, chosen):
        yield from reading.rows(look, chunk)


def _cells(row: UserRow) -> tuple[str, ...]:
    from tui.cli.output import moment

    seats = ", ".join(row.seats)
    return (row.name, row.address, row.role.slug, row.status, row.department, seats, moment(row.last_sign_in))


@click.command()
@click.argument("email")
@json_option
def show(*, email: str, as_json: bool) -> None:
    """Show everything about one person, and why they can or cannot sign in and see what they expect.

    Where there is no account yet, the invitation and what stands in its way.
    """
    from tui.cli.opening import opened_core
    from tui.cli.output import write, write_json

    with opened_core() as core, core.operator_look() as look:
        facts, reasons = _known(look, email)
    if as_json:
        write_json(facts | {"why": reasons})
        return
    for name, value in facts.items():
        text = ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)
        write(f"{name.replace('_', ' '):<16}{text}")
    write("why")
    for each in reasons:
        write(f"  {each['state']:<6}{each['about']}: {each['reason']}")
        if each["command"]:
            write(f"{'':<8}{each['command']}")


def _known(look: Look, email: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return what is known about a person, or else about the invitation, and the reasons for what they can and cannot.

    Raises:
        Missing: there is neither.
    """
    from core.errors import Missing
    from core.reading import invitations, users
    from core.reading.users import by_address
    from core.reading.why import why_invitation, why_person
    from tui.cli.facts import detail_facts, invitation_facts, reason_facts

    try:
        person = users.one(look, by_address(look, email))
    except Missing as nobody:
        try:
            invitation = invitations.newest_of(look, email)
        except Missing:
            raise nobody from None
        why, address = why_invitation(look, invitation.id), invitation.address
        return invitation_facts(invitation), [reason_facts(fact, address) for fact in why]
    why, address = why_person(look, person.row.id), person.row.address
    return detail_facts(person), [reason_facts(fact, address) for fact in why]
