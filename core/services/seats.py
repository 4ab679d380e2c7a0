"""Giving and revoking seats by a list of addresses, pasted or from a file, in the order of its lines (S18).

Every line is answered for: who is not known here, stands there twice or is no address is told with the line, like
whoever the rules refuse. For people who are marked or found by a filter there is `core.services.people`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, String, Table, Text, case, func, select
from sqlalchemy.orm import Session

from core.dialects import load_rows
from core.errors import InvalidAddress, LicenseExpired
from core.importing import LINE_PROBLEMS, problem_of
from core.models import User
from core.models.base import ordered_text
from core.roles import Actor, Permission
from core.rules import LISTED, refusal_code, refusal_named
from core.selection import lock_company, temporary
from core.services.carrying_out import How, Run, carry_out
from core.services.changes import GiveSeat, TakeSeat
from core.services.judging_invitations import what_is_wrong_with
from core.services.judging_people import Told
from core.services.people import summary_of
from core.services.planning import stage
from core.services.planning_seats import check_seats, expired_refusal, plan_seats, seat_run
from core.services.staging_invitations import Line, Tell, storable
from core.tally import Tally, Verdict
from core.values import Address
from core.work import Work

__all__ = ["Line", "allocate_listed", "revoke_listed"]

# Made once: a statement on the same table object is compiled once and then found in SQLAlchemy's cache.
_LISTED = Table(
    "listed",
    MetaData(),
    Column("line", BigInteger, primary_key=True),
    Column("address", Text),
    Column("address_key", ordered_text()),
    Column("problem", String),
    prefixes=["TEMPORARY"],
)


def allocate_listed(  # noqa: PLR0913 - those of `change_people`, and what seats are given by
    work: Work,
    license_id: int,
    lines: Iterable[tuple[int, str, str]],
    *,
    all_or_none: bool = False,
    preview: bool = False,
    expect: int | None = None,
    batch: str | None = None,
    each_refused: Callable[[Verdict], None] | None = None,
    progress: Tell | None = None,
) -> Tally:
    """Give a seat of a license to everybody in a list.

    Args:
        work: the open transaction.
        license_id: of which license.
        lines: each a `Line`, in the order in which seats are handed out.
        all_or_none: where some would find no seat, nobody gets one.
        preview: judge only; the plan is the real run without its end.
        expect: the number of people that was confirmed.
        batch: the run's name from `begin_run`; without one a new one is made.
        each_refused: gets every refused line in order; the tally then holds the first hundred as examples.
        progress: as in `core.services.people.change_people`.

    Raises:
        Missing: no such license. PlanChanged: not `expect` people; nothing was written.
    """
    work.require(Permission.ALLOCATE_SEATS)
    how = How(preview, expect, batch, each_refused, progress)
    return _change_listed(work, lines, GiveSeat(license_id, all_or_none), how)


def revoke_listed(
    work: Work,
    license_id: int,
    lines: Iterable[tuple[int, str, str]],
    *,
    preview: bool = False,
    expect: int | None = None,
    batch: str | None = None,
    each_refused: Callable[[Verdict], None] | None = None,
    progress: Tell | None = None,
) -> Tally:
    """Take the seats of a license from everybody in a list; arguments and what is raised as in `allocate_listed`."""
    work.require(Permission.ALLOCATE_SEATS)
    how = How(preview, expect, batch, each_refused, progress)
    return _change_listed(work, lines, TakeSeat((license_id,)), how)


# --- inside -----------------------------------------------------------------------------------------------------


def _change_listed(
    work: Work, lines: Iterable[tuple[int, str, str]], change: GiveSeat | TakeSeat, how: How
) -> Tally:
    lock_company(work.db)
    check_seats(work.db, change)
    run = Run(
        verb=change.verb,
        summary=summary_of(work, change),
        action=change.action,
        seats=seat_run(work.db, change, work.now),
        listed=True,
        refusals={LicenseExpired.code: partial(expired_refusal, work.db)} | _REFUSALS,
    )

    def fill(db: Session) -> None:
        with temporary(db, _LISTED):
            load_rows(db, _LISTED, _parsed(lines))
            _stage(work)
        plan_seats(db, change, work.now)

    return carry_out(work, run, fill, how)


def _parsed(lines: Iterable[tuple[int, str, str]]) -> Iterator[Sequence[Any]]:
    for number, text, problem in lines:
        if problem:
            yield number, storable(text), "", problem
            continue
        try:
            address = Address.parse(text)
        except InvalidAddress as wrong:
            yield number, storable(text), "", wrong.code
        else:
            yield number, address.typed, address.key, ""


def _stage(work: Work) -> None:
    """Stage the people whom the lines name; a line that names nobody stands there under its number below zero."""
    listed = _LISTED.c
    occurrence = func.row_number().over(partition_by=listed.address_key, order_by=listed.line)
    named = (
        select(
            *_LISTED.columns,
            User.id.label("user_id"),
            occurrence.label("occurrence"),
            case((User.id.is_(None), 0), else_=1).label("known"),
        )
        .outerjoin(User, User.address_key == listed.address_key)
        .subquery()
    )
    code = case((named.c.problem != "", named.c.problem), else_=refusal_code(LISTED, work.actor, named.c))
    judged = select(named, code.label("code")).subquery()
    rows = select(
        case((judged.c.code == "", judged.c.user_id), else_=-judged.c.line).label("id"),
        judged.c.line.label("position"),
        judged.c.code,
        judged.c.address,
    ).subquery()
    stage(work.db, rows, (), {})


def _wrong_line(code: str) -> Callable[[Actor, Any], Told]:
    return lambda _actor, facts: problem_of(code, facts.address)


def _ruled(code: str) -> Callable[[Actor, Any], Told]:
    def told(actor: Actor, facts: Any) -> Told:
        return refusal_named(LISTED, code, actor, SimpleNamespace(address=facts.address))

    return told


_REFUSALS: dict[str, Callable[[Actor, Any], Told]] = {
    **{code: _wrong_line(code) for code in LINE_PROBLEMS},
    **{rule.refusal.code: _ruled(rule.refusal.code) for rule in LISTED},
    InvalidAddress.code: lambda _actor, facts: what_is_wrong_with(facts.address),
}
