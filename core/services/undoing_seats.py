"""Taking back what was given and what was revoked: exactly those seats, out of the audit trail (R60).

A seat that is not held since the same moment is told as `changed_since` and left alone; one that was revoked comes back
as far as there is room.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, insert, not_, select
from sqlalchemy.orm import Session

from core.dialects import json_moment
from core.errors import ChangedSince
from core.models import AuditEvent, Batch, License, Seat
from core.roles import Permission
from core.services.carrying_out import How, Run, carry_out
from core.services.planning import PLANNED, PLANNED_SEATS, P, stage
from core.services.seat_runs import BACK, TAKEN
from core.tally import Tally
from core.work import Work

GIVEN_EVENT, REVOKED_EVENT = "seat.given", "seat.revoked"
_DETAILS: Any = AuditEvent.details.expression  # columns of this type say what is in them only when asked
_LICENSE_ID = _DETAILS[("license", "id")].as_integer()


def take_back_seats(work: Work, row: Batch, summary: str, how: How, *, gave: bool) -> Tally:
    """Take the seats away that a run gave, or give back those it revoked.

    Args:
        work: the open transaction.
        row: the run.
        summary: of this run.
        how: preview or not, and who hears of it.
        gave: which of the two it did; what it passed on to a waiting list stays.
    """
    work.require(Permission.ALLOCATE_SEATS)
    run = Run(
        verb="undo",
        summary=summary,
        action=REVOKED_EVENT if gave else GIVEN_EVENT,
        seats=TAKEN if gave else BACK,
        undoes=row.name,
        refusals={ChangedSince.code: lambda _actor, facts: ChangedSince(facts.address)},
    )
    return carry_out(work, run, partial(_fill, batch=row.name, gave=gave), how)


def plan_seats_back(db: Session, batch: str) -> None:
    """Stage the seats that a run revoked from the people who are planned; those of licenses that are gone are told."""
    there = exists().where(License.id == _LICENSE_ID).correlate(AuditEvent)
    _plan(db, _events(batch, REVOKED_EVENT), case((there, ""), else_=ChangedSince.code))


def _fill(db: Session, *, batch: str, gave: bool) -> None:
    events = _events(batch, GIVEN_EVENT if gave else REVOKED_EVENT)
    people = (
        select(
            AuditEvent.subject_id.label("id"),
            func.min(AuditEvent.id).label("position"),
            func.max(AuditEvent.subject_label).label("address"),
        )
        .where(events)
        .group_by(AuditEvent.subject_id)
        .subquery()
    )
    stage(db, people, (), {})
    if not gave:
        plan_seats_back(db, batch)
        return
    same = and_(
        Seat.license_id == _LICENSE_ID,
        Seat.user_id == AuditEvent.subject_id,
        Seat.held_since == _held_since(db),
    )
    changed = not_(exists().where(same).correlate(AuditEvent))
    _plan(db, events, case((changed, ChangedSince.code), else_=""))


def _plan(db: Session, events: ColumnElement[bool], code: ColumnElement[str]) -> None:
    rows = (
        select(AuditEvent.subject_id, _LICENSE_ID, _held_since(db), code)
        .join(PLANNED, P.id == AuditEvent.subject_id)
        .where(events)
        .order_by(AuditEvent.id)
    )
    db.execute(insert(PLANNED_SEATS).from_select(["user_id", "license_id", "held_since", "code"], rows))


def _events(batch: str, action: str) -> ColumnElement[bool]:
    return and_(AuditEvent.batch == batch, AuditEvent.action == action, AuditEvent.subject_kind == "user")


def _held_since(db: Session) -> ColumnElement[Any]:
    written = _DETAILS[("license", "held_since")].as_string()
    return json_moment(db, written, Seat.held_since.type)
