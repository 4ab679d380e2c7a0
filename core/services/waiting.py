"""The waiting list of a license: whoever found no seat gets the next that is freed, the longest waiting first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    not_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from core.dialects import json_moment, lock_row, lock_rows
from core.errors import Missing
from core.models import AuditEvent, License, Seat, SeatWaiter, User
from core.models.people import ACTIVE
from core.roles import Permission
from core.rules import GIVE_SEAT, SEAT_PLACES, all_hold
from core.selection import in_line, lock_company, picked
from core.services.judging_seats import expired, holds_seat, used_seats
from core.services.seat_mails import queue_seat_mails
from core.services.trail import seat_details, write_events
from core.work import Look, Work

WAIT_ENDED = "seat.wait_ended"


@dataclass(frozen=True, slots=True)
class Freed:
    """What a run is about to free, for its plan.

    Attributes:
        seats: with the columns `license_id` and `number`, below 0 where seats are given.
        leaves: the condition on `SeatWaiter` of those who will not wait any more.
        joins: those who come back and wait again, as `ended_waits` has them; None where nobody does.
    """

    seats: Subquery
    leaves: ColumnElement[bool]
    joins: Select[*tuple[Any, ...]] | None = None


def serve_waiting(work: Work, license_ids: Iterable[int] | None = None, batch: str | None = None) -> int:
    """Give free seats to those who wait; whoever frees seats calls this in the same transaction.

    Args:
        work: the open transaction.
        license_ids: of which licenses; None for all.
        batch: the run that freed them.

    Returns:
        How many seats were given.
    """
    work.require(Permission.ALLOCATE_SEATS)
    if not work.db.scalar(select(exists().select_from(SeatWaiter))):
        return 0
    lock_company(work.db)
    lock_rows(work.db, select(License.id).where(License.waiting_list.is_(True)).order_by(License.id))
    served = next_in_line(work, license_ids)
    number, people = work.db.execute(
        select(func.count(), func.count(served.c.user_id.distinct())).select_from(served)
    ).one()
    if not number:
        return 0
    since = literal(work.now, Seat.held_since.type)
    given = (
        select(User.id, User.address, seat_details(work.db, held_since=since))
        .select_from(served)
        .join(User, User.id == served.c.user_id)
        .join(License, License.id == served.c.license_id)
        .order_by(User.id)
    )
    write_events(work, batch, "seat.given", kind="user", rows=given)
    queue_seat_mails(work, served, batch, many=people > 1)
    seats = select(served.c.license_id, served.c.user_id, since)
    work.db.execute(insert(Seat).from_select(["license_id", "user_id", "held_since"], seats))
    stop_waiting_with_seat(work.db)
    return int(number)


def keep_waiting_list(work: Work, license_id: int, on: bool) -> int:  # noqa: FBT001 - on or off is all it says
    """Turn the waiting list of a license on or off; while it is off nobody is served, and those who wait are kept.

    Returns:
        How many who waited got a seat at once.

    Raises:
        Missing: no such license.
    """
    work.require(Permission.ALLOCATE_SEATS)
    lock_company(work.db)
    row = lock_row(work.db, select(License.name, License.waiting_list).where(License.id == license_id))
    if row is None:
        raise Missing("license", str(license_id))
    if row.waiting_list == on:
        return 0
    work.db.get_one(License, license_id).waiting_list = on
    work.db.flush()
    change = {"old": row.waiting_list, "new": on}
    work.record("license.edited", "license", license_id, row.name, waiting_list=change)
    return serve_waiting(work, (license_id,)) if on else 0


def leave_waiting_list(work: Work, license_id: int, user_ids: Iterable[int]) -> int:
    """Take people off the waiting list of a license and return how many were on it.

    Raises:
        Missing: no such license.
    """
    work.require(Permission.ALLOCATE_SEATS)
    lock_company(work.db)
    if work.db.get(License, license_id) is None:
        raise Missing("license", str(license_id))
    with picked(work.db, user_ids) as chosen:
        those = (SeatWaiter.license_id == license_id) & SeatWaiter.user_id.in_(select(chosen.c.id))
        number = work.db.scalar(select(func.count()).select_from(SeatWaiter).where(those)) or 0
        if number:
            end_waits(work, those, None)
    return number


def next_in_line(
    look: Look, license_ids: Iterable[int] | None = None, *, freed: Freed | None = None
) -> Subquery:
    """Return who gets which seat: license by license those who have waited longest, as far as there is room (D8).

    Args:
        look: where.
        license_ids: of which licenses; None for all.
        freed: what a run is about to free; None where it is free already.
    """
    look.require(Permission.ALLOCATE_SEATS)
    waiting = _waiting(freed)
    used = used_seats(select(waiting.c.license_id))
    held = holds_seat(waiting.c.license_id, waiting.c.user_id)
    facts = SimpleNamespace(
        status=waiting.c.status,
        held=case((held, 1), else_=0),
        expired=expired(look.now.date()),
    )
    room = License.seats_total - func.coalesce(used.c.used, 0)
    order = [waiting.c[str(column.key)] for column in in_line()]
    place = func.row_number().over(partition_by=waiting.c.license_id, order_by=order)
    if freed is not None:
        room += func.coalesce(freed.seats.c.number, 0)
    line = (
        select(
            waiting.c.license_id,
            waiting.c.user_id,
            literal(1).label("takes_place"),
            place.label("position"),
            room.label("room"),
            literal(0).label("waiting"),
        )
        .select_from(waiting)
        .join(License, License.id == waiting.c.license_id)
        .outerjoin(used, used.c.license_id == License.id)
        .where(License.waiting_list.is_(True), all_hold(GIVE_SEAT, look.actor, facts))
    )
    if freed is not None:
        line = line.outerjoin(freed.seats, freed.seats.c.license_id == License.id)
    if license_ids is not None:
        line = line.where(License.id.in_(tuple(license_ids)))
    rows = line.subquery()
    return (
        select(rows.c.license_id, rows.c.user_id)
        .where(all_hold(SEAT_PLACES, look.actor, rows.c))
        .order_by(rows.c.license_id, rows.c.position)
        .subquery()
    )


def ended_waits(db: Session, batch: str) -> Subquery:
    """Return the places that a run ended, as they were: license, person, since when, place, which run let them wait (R60)."""
    license_told = AuditEvent.details.expression[("license",)]
    return (
        select(
            AuditEvent.subject_id.label("user_id"),
            license_told["id"].as_integer().label("license_id"),
            json_moment(db, license_told["waited_since"].as_string(), SeatWaiter.since.type).label("since"),
            func.coalesce(license_told["place"].as_integer(), 0).label("place"),
            license_told["batch"].as_string().label("batch"),
        )
        .where(AuditEvent.batch == batch, AuditEvent.action == WAIT_ENDED)
        .where(AuditEvent.subject_kind == "user")
        .subquery()
    )


def end_waits(work: Work, those: ColumnElement[bool], batch: str | None) -> None:
    """Take those off the waiting lists, each with an event; `those` is a condition on `SeatWaiter`."""
    work.require(Permission.ALLOCATE_SEATS)
    told = seat_details(
        work.db, waited_since=SeatWaiter.since, place=SeatWaiter.place, batch=SeatWaiter.batch
    )
    rows = (
        select(User.id, User.address, told)
        .select_from(SeatWaiter)
        .join(User, User.id == SeatWaiter.user_id)
        .join(License, License.id == SeatWaiter.license_id)
        .where(those)
    )
    write_events(work, batch, WAIT_ENDED, kind="user", rows=rows)
    work.db.execute(delete(SeatWaiter).where(those).execution_options(synchronize_session=False))


def stop_waiting_with_seat(db: Session) -> None:
    """Whoever holds a seat of a license does not wait for one."""
    held = holds_seat(SeatWaiter.license_id, SeatWaiter.user_id)
    db.execute(delete(SeatWaiter).where(held).execution_options(synchronize_session=False))


def _waiting(freed: Freed | None) -> Subquery:
    """Return those who wait, as a run leaves them, each with the status they have then."""
    there = select(
        SeatWaiter.license_id, SeatWaiter.user_id, SeatWaiter.since, SeatWaiter.place, User.status
    ).join(User, User.id == SeatWaiter.user_id)
    if freed is None:
        return there.subquery()
    there = there.where(not_(freed.leaves))
    if freed.joins is None:
        return there.subquery()
    back = freed.joins.subquery()
    joins = select(
        back.c.license_id, back.c.user_id, back.c.since, back.c.place, literal(ACTIVE).label("status")
    )
    return union_all(there, joins).subquery()
