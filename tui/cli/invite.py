"""`academy invite`: single invitations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import as_json as json_option
from tui.cli.options import in_language

if TYPE_CHECKING:
    from core.reading.invitations import InvitationRow
    from core.roles import Role
    from core.services.inviting import Offer
    from core.tally import Tally
    from core.values import Secret
    from core.work import Work


def role_named(_context: click.Context, _parameter: click.Parameter, text: str) -> Role:
    """Return the role that was typed.

    Raises:
        click.BadParameter: there is none of that name; lists what there is.
    """
    from core.roles import Role

    role = Role.from_slug(text)
    if role is None:
        raise click.BadParameter(
            f"There is no role {text}. There is: {', '.join(each.slug for each in Role)}."
        )
    return role


@click.command()
@click.argument("emails", metavar="EMAIL...", nargs=-1, required=True)
@click.option(
    "--role", default="learner", metavar="ROLE", callback=role_named, help="Learner where none is given."
)
@click.option("--department", metavar="NAME", help="Where the new person will be.")
@click.option(
    "--group", "groups", metavar="NAME", multiple=True, help="A learning group to join; may be repeated."
)
@click.option("--days", type=int, help="How long the link lives, 1 to 90 days.")
@in_language
@click.option("--link", is_flag=True, help="Print the link too; the audit trail notes it.")
@json_option
def invite(
    *,
    emails: Sequence[str],
    role: Role,
    department: str | None,
    groups: Sequence[str],
    days: int | None,
    language: str,
    link: bool,
    as_json: bool,
) -> int:
    """Invite people by mail; an open invitation of the same address is replaced."""
    from core.selection import department_named, group_named
    from core.services.inviting import Offer, copy_link
    from tui.cli.ending import exit_code_after
    from tui.cli.opening import opened_core

    with opened_core() as core:
        with core.operator() as work:
            place = department_named(work.db, department) if department else None
            joined = tuple(dict.fromkeys(group_named(work.db, name) for name in groups))
            tally, made = _invite(work, emails, Offer(role, place, joined, days, language))
            links = [copy_link(work, one.id) if link else None for one in made]
        _tell(tally, made, links, as_json=as_json)
        _say_where_mails_go(core.ports.post.describe(), made)
    return exit_code_after(tally)


def _invite(work: Work, emails: Sequence[str], offer: Offer) -> tuple[Tally, list[InvitationRow]]:
    """Invite in this one transaction; a single address that is refused raises its refusal."""
    from core.filter_keys import parse_invitations
    from core.reading import invitations
    from core.services.inviting import Line, invite, invite_many
    from core.tally import Tally

    if len(emails) == 1:
        made = [invite(work, emails[0], offer)]
        return Tally(1), invitations.rows(work, made)
    lines = [Line(number, text) for number, text in enumerate(emails, 1)]
    tally = invite_many(work, lines, offer, renew=True)
    if tally.batch is None:
        return tally, []
    batch = parse_invitations(f"batch:{tally.batch} state:open")
    return tally, [
        row
        for chunk in invitations.ids(work, batch, invitations.NEWEST_FIRST)
        for row in invitations.rows(work, chunk)
    ][::-1]


def _tell(
    tally: Tally, made: Sequence[InvitationRow], links: Sequence[Secret | None], *, as_json: bool
) -> None:
    from tui.cli.facts import invitation_facts
    from tui.cli.output import moment, number_of, say, write, write_json

    if as_json:
        rows: list[dict[str, Any]] = []
        for one, secret in zip(made, links, strict=True):
            rows.append(invitation_facts(one) | ({"link": secret.reveal()} if secret else {}))
        write_json(tally.to_json() | {"invitations": rows})
        return
    for one, secret in zip(made, links, strict=True):
        write(
            f"{one.address} is invited as {one.role.label}; the link works until {moment(one.expires)} UTC."
        )
        if secret:
            write(secret.reveal())
    for verdict in tally.verdicts:
        say(f"Not invited: {verdict.message}")
    if tally.verdicts:
        say(f"{number_of(tally.done, 'invitation')} made, {len(tally.verdicts):,} not.")


def _say_where_mails_go(description: str, made: Sequence[InvitationRow]) -> None:
    from tui.cli.output import say

    if made:
        say(f"Mails are {description}. Deliver them: academy mail send (academy serve does it by itself).")
