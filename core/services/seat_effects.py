"""What becomes of seats in a run on people, told in its plan: numbers, rooms, and sentences (S19, R46)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    not_,
    or_,
    select,
    true,
)

from core.errors import NoSeatLeft, WaitsForSeat
from core.models import License, Seat, SeatWaiter
from core.services.judging_people import DOABLE, Plan
from core.services.judging_seats import MAY_MOVE, holds_seat, used_seats
from core.services.planning import PLANNED, PLANNED_SEATS, STATUS, P, S
from core.services.seat_runs import SeatRun
from core.services.waiting import Freed, ended_waits, next_in_line
from core.tally import Room

_LIST_GONE = "Places on waiting lists that are gone or turned off, and cannot be given back: {:,}."
_TAKING = "Access ends at once. Lessons done, progress and certificates are kept."


@dataclass(frozen=True, slots=True)
class SeatEffects:
    """What happens to seats.

    Attributes:
        numbers: names and values of fields of `core.tally.Effects`.
        waits_ended: how many places on waiting lists are given up.
    """

    numbers: Mapping[str, Any] = field(default_factory=dict)
    rooms: tuple[Room, ...] = ()
    notes: tuple[str, ...] = ()
    waits_ended: int = 0


@dataclass(frozen=True, slots=True)
class _Count:
    """The seats of one license: what there is, and what the run comes to; without a name the license is gone.

    Attributes:
        waits: people who wait, and `begins` those of them who do not wait yet.
    """

    id: int
    name: str
    total: int
    used: int
    moves: int
    short: int
    waits: int
    begins: int
    others: int

    @property
    def free(self) -> int:
        """Seats that nobody holds, before the run."""
        return self.total - self.used


def foresee_seats(plan: Plan) -> SeatEffects:
    """Count what happens to seats by the rows that may be written."""
    run = plan.run.seats
    counts = [_Count(*row) for row in plan.work.db.execute(_by_license(run))] if run else []
    numbers = _numbers(run, counts) if run else {}
    if run and run.anew:
        numbers["mails"] = plan.work.db.scalar(_receivers()) or 0
    notes = [*_notes(run, counts)] if run else []
    if STATUS in plan.fields:
        numbers["seats_freed"] = plan.work.db.scalar(_freed_by_archiving(plan)) or 0
    waits_ended = plan.work.db.scalar(_waits_ended(plan)) or 0 if _frees(plan) else 0
    if _brings_back(plan):
        numbers["places_back"] = plan.work.db.scalar(_number(waits_back(plan))) or 0
        lost = (plan.work.db.scalar(_number(_places_lost(plan))) or 0) - numbers["places_back"]
        notes += [_LIST_GONE.format(lost)] if lost else []
    if waits_ended:
        notes.append(f"Places on waiting lists that are given up: {waits_ended:,}.")
    passed_on: dict[int, int] = {}
    if numbers.get("seats_freed") or numbers.get("places_back"):
        served = _served(plan)
        passed_on = {row.license_id: row.number for row in plan.work.db.execute(_by_id(served))}
        if passed_on:
            number = sum(passed_on.values())
            receivers = plan.work.db.scalar(select(func.count(served.c.user_id.distinct()))) or 0
            numbers |= {"seats_passed_on": number, "mails": numbers.get("mails", 0) + receivers}
            seats = "Freed" if numbers.get("seats_freed") else "Free"
            notes.append(f"{seats} seats that go to those who wait, each told by mail: {number:,}.")
    rooms = tuple(_room(run, each, passed_on.get(each.id, 0)) for each in counts if each.name) if run else ()
    return SeatEffects(
        {name: number for name, number in numbers.items() if number}, rooms, tuple(notes), waits_ended
    )


# --- counting ---------------------------------------------------------------------------------------------------


def _by_license(run: SeatRun) -> Select[*tuple[Any, ...]]:
    used = used_seats(select(S.license_id))

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    told = (NoSeatLeft.code, WaitsForSeat.code)
    return (
        select(
            S.license_id,
            func.coalesce(func.max(License.name), ""),
            func.coalesce(func.max(License.seats_total), 0),
            func.coalesce(func.max(used.c.used), 0),
            number(MAY_MOVE),
            number(S.code == NoSeatLeft.code),
            number(S.code == WaitsForSeat.code),
            number(begins_to_wait()),
            number(S.code.not_in(("", *told))),
        )
        .select_from(PLANNED_SEATS)
        .join(PLANNED, P.id == S.user_id)
        .outerjoin(License, License.id == S.license_id)
        .outerjoin(used, used.c.license_id == S.license_id)
        .where(true() if run.decides else DOABLE)
        .group_by(S.license_id)
        .order_by(func.coalesce(func.max(License.name), ""), S.license_id)
    )


def _numbers(run: SeatRun, counts: Sequence[_Count]) -> dict[str, int]:
    moves = sum(each.moves for each in counts)
    short = sum(each.short for each in counts)
    if not run.gives:
        return {"seats_freed": moves}
    if run.anew:
        not_back = 0 if run.decides else short + sum(each.others for each in counts)
        waits = sum(each.begins for each in counts)
        return {"seats_given": moves, "seats_waiting": waits, "seats_not_back": not_back}
    return {"seats_back": moves, "seats_not_back": short + sum(each.others for each in counts)}


def _receivers() -> Select[int]:
    return select(func.count(S.user_id.distinct())).join(PLANNED, P.id == S.user_id).where(MAY_MOVE)


def _room(run: SeatRun, count: _Count, passed_on: int) -> Room:
    moves = count.moves if run.gives else -count.moves
    return Room(count.name, count.total, count.used, count.used + moves + passed_on, "seats")


def _freed_by_archiving(plan: Plan) -> Select[int]:
    held = select(func.count(Seat.user_id)).join(PLANNED, P.id == Seat.user_id)
    return held.where(DOABLE, plan.archives)


def waits_end(plan: Plan) -> ColumnElement[bool]:
    """Return the condition on `SeatWaiter` of who waits no more: the archived, and whom the run let wait that is undone."""
    ends: ColumnElement[bool] = SeatWaiter.user_id.in_(select(P.id).where(DOABLE, plan.archives))
    own = func.coalesce(SeatWaiter.batch, "") == plan.run.undoes
    return or_(ends, own) if plan.run.undoes else ends


def begins_to_wait() -> ColumnElement[bool]:
    """Return the condition of planned seats that somebody will wait for from now on."""
    same = and_(SeatWaiter.license_id == S.license_id, SeatWaiter.user_id == S.user_id)
    return and_(S.code == WaitsForSeat.code, not_(exists().where(same).correlate(PLANNED_SEATS)))


def _frees(plan: Plan) -> bool:
    return STATUS in plan.fields or (plan.run.seats is not None and not plan.run.seats.gives)


def _waits_ended(plan: Plan) -> Select[int]:
    return select(func.count()).select_from(SeatWaiter).where(waits_end(plan))


def waits_back(plan: Plan) -> Select[*tuple[Any, ...]]:
    """Return the places that those who come back have again, where the license still keeps a waiting list (R60)."""
    lost = _places_lost(plan)
    license_id, user_id = (lost.selected_columns[name] for name in ("license_id", "user_id"))
    kept = exists().where(License.id == license_id, License.waiting_list.is_(True)).correlate_except(License)
    return lost.where(kept, not_(holds_seat(license_id, user_id)))


def _places_lost(plan: Plan) -> Select[*tuple[Any, ...]]:
    """Return the places that those who come back had until the run that is taken back."""
    lost = ended_waits(plan.work.db, plan.run.undoes or "")
    return select(*lost.c).join(PLANNED, P.id == lost.c.user_id).where(DOABLE, plan.reactivates)


def _brings_back(plan: Plan) -> bool:
    """Tell whether seats, and places on waiting lists, come back with the people who held them."""
    run = plan.run.seats
    return run is not None and not run.anew and not run.decides


def _number(rows: Select[*tuple[Any, ...]]) -> Select[int]:
    return select(func.count()).select_from(rows.subquery())


def _by_id(served: Subquery) -> Select[int, int]:
    return select(served.c.license_id, func.count().label("number")).group_by(served.c.license_id)


def _served(plan: Plan) -> Subquery:
    """Return which free seats go to whom of those who wait."""
    number = func.count().label("number")
    if _brings_back(plan):
        back = select(S.license_id, (-func.count()).label("number")).join(PLANNED, P.id == S.user_id)
        seats = back.where(MAY_MOVE).group_by(S.license_id).subquery()
        return next_in_line(plan.work, freed=Freed(seats, waits_end(plan), waits_back(plan)))
    if STATUS in plan.fields:
        held = select(Seat.license_id, number).join(PLANNED, P.id == Seat.user_id)
        seats = held.where(DOABLE, plan.archives).group_by(Seat.license_id).subquery()
    else:
        taken = select(S.license_id, number).join(PLANNED, P.id == S.user_id)
        seats = taken.where(MAY_MOVE).group_by(S.license_id).subquery()
    return next_in_line(plan.work, freed=Freed(seats, waits_end(plan)))


# --- sentences --------------------------------------------------------------------------------------------------


def _notes(run: SeatRun, counts: Sequence[_Count]) -> Iterator[str]:
    if not run.gives:
        if any(each.moves for each in counts):
            yield _TAKING
        return
    for each in counts:
        if each.name:
            yield from _new_seats(run, each) if run.anew else _seats_back(each)
    gone = sum(each.others for each in counts if not each.name)
    if gone:
        yield f"Seats of licenses that are gone and cannot be given back: {gone:,}."


def _new_seats(run: SeatRun, count: _Count) -> Iterator[str]:
    """Yield what is given and what is left (S19), and the shortfall."""
    lead = "" if run.decides else f"{count.name}: "
    if count.moves or run.decides:
        free = max(0, count.free - count.moves)
        remain = "1 remains" if free == 1 else f"{free:,} remain"
        yield f"{lead}{_seats(count.moves)} will be allocated, {remain} free."
    if count.waits:
        yield f"No seat of {count.name} is left for {_people(count.waits)}, who will wait for the next that is freed."
    if count.others and not run.decides:
        yield f"The license {count.name} has expired: no seat of it for {_people(count.others)}, who will be back without one."
    if not count.short:
        return
    if run.all_or_none:
        yield (
            f"{count.name} is {_seats(count.short - max(0, count.free))} short: {_people(count.short)}, "
            f"{max(0, count.free):,} free. Nobody gets one."
        )
    elif run.decides:
        yield (
            f"{count.name} is {_seats(count.short)} short: {_people(count.short + count.moves)}, "
            f"{max(0, count.free):,} free. They go in the order of the list."
        )
    else:
        yield f"No seat of {count.name} is left for {_people(count.short)}, who will be back without one."


def _seats_back(count: _Count) -> Iterator[str]:
    """Yield what cannot be given back (R46, R60)."""
    asked = count.moves + count.short + count.others
    if count.short:
        yield f"No seat of {count.name} is left for {count.short:,} of {_people(asked)} who held one."


def _seats(number: int) -> str:
    return "1 seat" if number == 1 else f"{number:,} seats"


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"
