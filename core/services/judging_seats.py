"""Seats, judged: the rules of each seat, then the room on its license by position, then who is refused for it (D8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    update,
)

from core.dialects import analyze
from core.errors import ChangedSince
from core.facts import SeatFacts, SeatPlaceFacts
from core.models import License, Seat, User
from core.models.people import ACTIVE
from core.rules import SEAT_PLACES, all_hold, refusal_code, refusal_of
from core.selection import license_in_force
from core.services.judging_people import DOABLE, Plan
from core.services.planning import PLANNED, PLANNED_SEATS, P, S
from core.services.seat_runs import SeatRun

# Seats that are given or taken; `planned` and `planned_seats` are joined.
MAY_MOVE = and_(S.code == "", DOABLE)


def judge_seats(plan: Plan) -> None:
    """Label seats that cannot be given or taken, and in a run on seats alone the people who are left with none."""
    run = plan.run.seats
    if run is None:
        return
    analyze(plan.work.db, PLANNED_SEATS)
    _label(plan, run)
    if run.gives:
        _limit(plan, run)
    if run.decides:
        _decide(plan, run)


def used_seats(license_ids: Any) -> Subquery:
    """Return how many seats of each of these licenses are held; a license without any has no row."""
    used = func.count().label("used")
    held = select(Seat.license_id, used).where(Seat.license_id.in_(license_ids))
    return held.group_by(Seat.license_id).subquery()


def holds_seat(license_id: Any, user_id: Any) -> ColumnElement[bool]:
    """Return the condition that somebody holds a seat of a license; both are columns of the rows around it."""
    return exists().where(Seat.license_id == license_id, Seat.user_id == user_id).correlate_except(Seat)


def expired(today: date) -> ColumnElement[int]:
    """Return 1 for a license whose last day is over, else 0."""
    return case((license_in_force(today), 0), else_=1)


def _label(plan: Plan, run: SeatRun) -> None:
    actor = plan.work.actor
    facts = SimpleNamespace(
        status=plan.status_after,
        held=case((holds_seat(S.license_id, S.user_id), 1), else_=0),
        expired=expired(plan.work.now.date()),
        used=_used_lately(run),
    )
    plan.work.db.execute(
        update(PLANNED_SEATS)
        .where(P.id == S.user_id, License.id == S.license_id, MAY_MOVE)
        .where(not_(all_hold(run.rules, actor, facts)))
        .values(code=refusal_code(run.rules, actor, facts))
        .execution_options(synchronize_session=False)
    )


def _used_lately(run: SeatRun) -> ColumnElement[int]:
    """Return 1 for a seat that is held for a short time only, or by somebody who has signed in lately."""
    if run.unused_since is None:
        return literal(0)
    since = literal(run.unused_since, Seat.held_since.type)
    lately = (
        exists()
        .where(Seat.license_id == S.license_id, Seat.user_id == S.user_id, User.id == S.user_id)
        .where(or_(Seat.held_since > since, User.last_sign_in_at > since))
        .correlate(PLANNED_SEATS)
    )
    return case((lately, 1), else_=0)


def _limit(plan: Plan, run: SeatRun) -> None:
    """Label seats for which there is no room, in the order of the people."""
    short = _short(plan, run)
    if not short:
        return
    actor = plan.work.actor
    place: Any = func.count() if run.all_or_none else func.row_number()
    place = place.over(partition_by=S.license_id, order_by=None if run.all_or_none else plan.order)
    rooms, waiting = ({each: facts[name] for each, facts in short.items()} for name in ("room", "waiting"))
    places = (
        select(
            S.license_id,
            S.user_id,
            literal(1).label("takes_place"),
            place.label("position"),
            case(rooms, value=S.license_id).label("room"),
            case(waiting, value=S.license_id).label("waiting"),
        )
        .join(PLANNED, P.id == S.user_id)
        .join(User, User.id == S.user_id)
        .where(MAY_MOVE, S.license_id.in_(short))
        .subquery()
    )
    plan.work.db.execute(
        update(PLANNED_SEATS)
        .where(S.license_id == places.c.license_id, S.user_id == places.c.user_id)
        .where(not_(all_hold(SEAT_PLACES, actor, places.c)))
        .values(code=refusal_code(SEAT_PLACES, actor, places.c))
        .execution_options(synchronize_session=False)
    )


def _short(plan: Plan, run: SeatRun) -> Mapping[int, Mapping[str, int]]:
    """Return the licenses with less room than is wanted: by id, the room and whether people wait for it."""
    short = {}
    for row in _wanted(plan):
        room, waiting = row.seats_total - row.used, int(run.anew and row.waiting_list and not run.all_or_none)
        if refusal_of(SEAT_PLACES, plan.work.actor, SeatPlaceFacts(1, row.wanted, room, waiting, row.name)):
            short[row.id] = {"room": room, "waiting": waiting}
    return short


def _wanted(plan: Plan) -> Sequence[Row[Any]]:
    used = used_seats(select(S.license_id))
    wanted = func.count().label("wanted")
    return plan.work.db.execute(
        select(
            License.id,
            License.name,
            License.seats_total,
            License.waiting_list,
            func.coalesce(func.max(used.c.used), 0).label("used"),
            wanted,
        )
        .join(PLANNED_SEATS, S.license_id == License.id)
        .join(PLANNED, P.id == S.user_id)
        .outerjoin(used, used.c.license_id == License.id)
        .where(MAY_MOVE)
        .group_by(License.id)
    ).all()


def _decide(plan: Plan, run: SeatRun) -> None:
    """Label the people of whom no seat is given or taken as the first of their seats, or as having none."""
    moves = exists().where(S.user_id == P.id, S.code == "").correlate(PLANNED)
    first = select(S.code).where(S.user_id == P.id).order_by(S.license_id).limit(1).correlate(PLANNED)
    name = first.outerjoin(License, License.id == S.license_id).with_only_columns(
        License.name, maintain_column_froms=True
    )
    without = refusal_of(run.rules, plan.work.actor, SeatFacts("", ACTIVE, run.called, held=0, expired=0))
    code = func.coalesce(first.scalar_subquery(), without.code if without else ChangedSince.code)
    plan.work.db.execute(
        update(PLANNED)
        .where(DOABLE, not_(moves))
        .values(code=code, detail=func.coalesce(name.scalar_subquery(), run.called))
        .execution_options(synchronize_session=False)
    )
