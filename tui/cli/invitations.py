"""`academy invitations`, `academy withdraw`, `academy renew`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from tui.cli.options import FILTERED, filter_text, filter_words
from tui.cli.options import as_json as json_option
from tui.cli.options import yes as yes_option

if TYPE_CHECKING:
    from core.filters import Filter
    from core.reading.invitations import InvitationRow
    from core.tally import Tally, Verdict
    from core.work import Look, Work


@click.command(context_settings=FILTERED)
@filter_words
@json_option
def invitations(*, words: Sequence[str], as_json: bool) -> None:
    """List invitations, newest first, such as: state:open mail:failed role:trainer by:ada created>7d."""
    from core.filter_keys import parse_invitations
    from tui.cli.facts import invitation_facts
    from tui.cli.opening import opened_core
    from tui.cli.output import number_of, say, write_json_rows, write_table

    chosen = parse_invitations(filter_text(words))
    with opened_core() as core, core.operator_look() as look:
        rows = _rows(look, chosen)
        if as_json:
            write_json_rows(map(invitation_facts, rows))
            return
        headers = (
            "address",
            "role",
            "state",
            "mail",
            "invited by",
            "created",
            "expires",
            "department",
            "groups",
        )
        say(number_of(write_table(headers, map(_cells, rows)), "invitation") + ".")


def _rows(look: Look, chosen: Filter) -> Iterator[InvitationRow]:
    from core.reading import invitations as reading

    for chunk in reading.ids(look, chosen):
        yield from reading.rows(look, chunk)


def _cells(row: InvitationRow) -> tuple[str, ...]:
    from tui.cli.output import moment

    answer = f"{row.mail}: {row.mail_answer}" if row.mail_answer else row.mail
    times = (moment(row.created), moment(row.expires))
    return (
        row.address,
        row.role.slug,
        row.state,
        answer,
        row.invited_by,
        *times,
        row.department,
        ", ".join(row.groups),
    )


@click.command()
@click.argument("emails", metavar="EMAIL...", nargs=-1, required=True)
@yes_option
@json_option
def withdraw(*, emails: Sequence[str], yes: bool, as_json: bool) -> int:
    """Take open invitations back; their links stop working at once."""
    from core.services.inviting import withdraw as take_back
    from tui.cli.asking import confirm
    from tui.cli.output import number_of

    confirm(f"Withdraw {number_of(len(emails), 'invitation')}? The links stop working at once.", yes=yes)
    return _change(emails, take_back, "Withdrawn", as_json=as_json)


@click.command()
@click.argument("emails", metavar="EMAIL...", nargs=-1, required=True)
@click.option("--days", type=int, help="How long the new link lives, 1 to 90 days.")
@json_option
def renew(*, emails: Sequence[str], days: int | None, as_json: bool) -> int:
    """Send new links for the same role and places; the old links stop working at once."""
    from core.services.inviting import renew as send_anew

    def change(work: Work, ids: Sequence[int]) -> Tally:
        return send_anew(work, ids, days=days)

    return _change(emails, change, "Renewed", as_json=as_json)


def _change(
    emails: Sequence[str], change: Callable[[Work, Sequence[int]], Tally], done: str, *, as_json: bool
) -> int:
    """Change the newest invitation of each address in one transaction; tell what became of each."""
    from dataclasses import replace

    from tui.cli.ending import Stopped, exit_code_after
    from tui.cli.opening import opened_core
    from tui.cli.output import number_of, say, write, write_json

    with opened_core() as core, core.operator() as work:
        ids, unknown = _newest(work, emails)
        tally = change(work, ids)
    if len(emails) == 1 and tally.verdicts:
        raise Stopped(tally.verdicts[0].code, tally.verdicts[0].message)
    tally = replace(tally, verdicts=(*unknown, *tally.verdicts))
    if as_json:
        write_json(tally.to_json())
    else:
        if tally.done:
            write(f"{done}: {number_of(tally.done, 'invitation')}.")
        for verdict in tally.verdicts:
            say(verdict.message)
    return exit_code_after(tally)


def _newest(look: Look, emails: Sequence[str]) -> tuple[list[int], list[Verdict]]:
    """Return the newest invitation's id for each address, and a verdict on each that has none."""
    from core.errors import InvalidAddress, Missing
    from core.reading.invitations import newest_of
    from core.tally import Verdict

    found: dict[int, str] = {}
    unknown: list[Verdict] = []
    for email in emails:
        try:
            found[newest_of(look, email).id] = email
        except (Missing, InvalidAddress) as problem:
            unknown.append(Verdict(email, problem.code, problem.message, skips=False))
            if len(emails) == 1:
                raise
    return list(found), unknown
