"""Changing people, the seats: what a change asks for, checked, and staged as rows of `planning.PLANNED_SEATS`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from core.errors import Invalid, LicenseExpired, Missing, Refused
from core.facts import SeatFacts
from core.models import License, Seat
from core.roles import Actor
from core.rules import GIVE_SEAT, refusal_named
from core.selection import seats_lost_last
from core.services.changes import Change, GiveSeat, Reactivate, TakeSeat, licenses_of
from core.services.planning import PLANNED, PLANNED_SEATS, P
from core.services.seat_runs import GIVEN, GIVEN_WITH_PEOPLE, TAKEN, SeatRun

_MOST_DAYS = 3650


def check_seats(db: Session, change: Change) -> None:
    """Go on only where a change of seats can be carried out on somebody.

    Raises:
        Missing: no such license. Invalid: fields `license`, `days`.
    """
    wanted = licenses_of(change)
    known = set(db.scalars(select(License.id).where(License.id.in_(wanted))))
    unknown = [each for each in wanted if each not in known]
    if unknown:
        raise Missing("license", str(unknown[0]))
    if not isinstance(change, TakeSeat):
        return
    if not wanted:
        raise Invalid({"license": "Choose a license."})
    if change.unused_days is not None and not 1 <= change.unused_days <= _MOST_DAYS:
        raise Invalid({"days": f"Choose from 1 to {_MOST_DAYS:,} days."})


def plan_seats(db: Session, change: Change, now: datetime) -> None:
    """Stage the seats that a change is about, for everybody who is planned."""
    match change:
        case TakeSeat():
            _plan_held_seats(db, change.license_ids)
        case Reactivate():
            _plan_seats(db, change.seats, now)
            _plan_former_seats(db, [each for each in change.former if each not in change.seats], now)
        case _:
            _plan_seats(db, licenses_of(change), now)


def seat_run(db: Session, change: Change, now: datetime) -> SeatRun | None:
    """Return what becomes of seats in a change; None where it is not about them."""
    match change:
        case GiveSeat():
            return replace(GIVEN, all_or_none=change.all_or_none)
        case TakeSeat(unused_days=days):
            since = now - timedelta(days=days) if days else None
            return replace(TAKEN, unused_since=since, called=_called(db, change.license_ids))
        case Reactivate() if licenses_of(change):
            return GIVEN_WITH_PEOPLE
    return None


def _called(db: Session, license_ids: Sequence[int]) -> str:
    names = db.scalars(select(License.name).where(License.id.in_(license_ids))).all()
    return names[0] if len(names) == 1 else f"these {len(names)} licenses"


def _plan_held_seats(db: Session, license_ids: Sequence[int]) -> None:
    names = ["user_id", "license_id", "held_since"]
    rows = select(Seat.user_id, Seat.license_id, Seat.held_since).join(PLANNED, P.id == Seat.user_id)
    db.execute(insert(PLANNED_SEATS).from_select(names, rows.where(Seat.license_id.in_(license_ids))))


def _plan_seats(db: Session, license_ids: Sequence[int], held_since: datetime) -> None:
    if not license_ids:
        return
    since = literal(held_since, Seat.held_since.type)
    each = select(P.id, License.id, since).select_from(PLANNED).join(License, License.id.in_(license_ids))
    names = ["user_id", "license_id", "held_since"]
    rows = each.where(P.old_role > 0).order_by(P.id, License.id)
    db.execute(insert(PLANNED_SEATS).from_select(names, rows))


def _plan_former_seats(db: Session, license_ids: Sequence[int], held_since: datetime) -> None:
    """Stage the seats of these licenses for those alone who lost one when they were archived last (R46)."""
    if not license_ids:
        return
    lost = seats_lost_last(select(P.id).where(P.old_role > 0)).subquery()
    rows = select(lost.c.user_id, lost.c.license_id, literal(held_since, Seat.held_since.type)).where(
        lost.c.license_id.in_(license_ids)
    )
    names = ["user_id", "license_id", "held_since"]
    ordered = rows.order_by(lost.c.user_id, lost.c.license_id)
    db.execute(insert(PLANNED_SEATS).from_select(names, ordered))


def expired_refusal(db: Session, actor: Actor, facts: Any) -> Refused:
    """Return the refusal of an expired license, with its last day; `db` stands before what a `Run` asks with."""
    until = db.scalar(select(License.expires_on).where(License.name == facts.license))
    seat = SeatFacts(facts.address, facts.status, facts.license, held=0, expired=1, until=str(until))
    return refusal_named(GIVE_SEAT, LicenseExpired.code, actor, seat)
