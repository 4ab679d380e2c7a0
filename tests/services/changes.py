"""Changing people in tests: a few people of each kind, runs as the admin, and what holds for every company."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import event, func, insert, select, update

from core.core import Core
from core.models import Company, GroupMember, License, Seat, SeatWaiter, SignIn, User
from core.models.people import ACTIVE, ARCHIVED
from core.roles import Role
from core.selection import in_line
from core.services.people import (
    Archive,
    Change,
    GiveRole,
    Place,
    Reactivate,
    SetJobTitle,
    SetLanguage,
    change_people,
)
from core.services.waiting import keep_waiting_list
from core.tally import Effects, Tally
from core.targets import Target
from tests.people import House
from tests.services import rows

VERBS: tuple[Change, ...] = (
    GiveRole(Role.TRAINER),
    Place(None),
    Archive(),
    Reactivate(),
    SetLanguage("de"),
    SetJobTitle("Guide"),
)


def people(house: House, *roles: Role) -> list[int]:
    """Register one person for each role and return their ids."""
    return [house.register(f"p{number}@example.com", role) for number, role in enumerate(roles, 1)]


def change(house: House, ids: Iterable[int], wanted: Change, **how: Any) -> Tally:
    """Change people as the admin."""
    return change_target(house, Target(ids=ids), wanted, **how)


def change_target(house: House, target: Target, wanted: Change, **how: Any) -> Tally:
    """Change whomever a target names as the admin."""
    with house.core.work(house.admin) as work:
        return change_people(work, target, wanted, **how)


def change_as(core: Core, sign_in_id: UUID, ids: Iterable[int], wanted: Change, **how: Any) -> Tally:
    """Change people as somebody else."""
    with core.work(sign_in_id) as work:
        return change_people(work, Target(ids=ids), wanted, **how)


def change_on_host(core: Core, ids: Iterable[int], wanted: Change, **how: Any) -> Tally:
    """Change people as the operator of the host."""
    with core.operator() as work:
        return change_people(work, Target(ids=ids), wanted, **how)


def effects_of(tally: Tally) -> Effects:
    """Return the effects of a run on people, which are always told."""
    assert tally.effects is not None
    return tally.effects


def codes(tally: Tally) -> dict[int | None, str]:
    """Return the reason for each row that was not done, by id."""
    return {verdict.id: verdict.code for verdict in tally.verdicts}


def add_people(core: Core, number: int) -> list[int]:
    """Make so many learners at once, without invitations, and return their ids."""
    with core.operator() as work:
        person = {"role": 10, "status": "active", "first_name": "", "last_name": "", "password_hash": "x"}
        empty = {"phone": "", "postal_address": "", "job_title": "", "language": "", "created_at": work.now}
        made = [
            {**person, **empty, **dict.fromkeys(("address", "address_key", "search_key", "sort_key"), each)}
            for each in (f"learner{n:05}@example.com" for n in range(number))
        ]
        work.db.execute(insert(User), made)
        return list(work.db.scalars(select(User.id).where(User.role == 10).order_by(User.id)))


def add_license(core: Core, name: str = "Premium Sales", seats: int = 10) -> int:
    """Record a license."""
    with core.operator() as work:
        columns = {"name": name, "name_key": name.lower(), "seats_total": seats, "created_at": work.now}
        return work.db.execute(insert(License).values(columns).returning(License.id)).scalar_one()


def resize(core: Core, license_id: int, seats: int) -> None:
    """Change how many seats a license has, whatever is in use."""
    with core.operator() as work:
        work.db.execute(update(License).where(License.id == license_id).values(seats_total=seats))


def give_seat(core: Core, license_id: int, user_id: int) -> None:
    """Give a person a seat."""
    with core.operator() as work:
        work.db.execute(insert(Seat).values(license_id=license_id, user_id=user_id, held_since=work.now))


def holders(core: Core, license_id: int) -> set[int]:
    """Return who holds a seat of a license."""
    return {
        row.user_id for row in rows.all_of(core, select(Seat.user_id).where(Seat.license_id == license_id))
    }


def keep_waiting(core: Core, license_id: int, *, on: bool = True) -> None:
    """Turn the waiting list of a license on or off."""
    with core.operator() as work:
        keep_waiting_list(work, license_id, on)


def waiters(core: Core, license_id: int) -> list[int]:
    """Return who waits for a seat of a license, the longest waiting first."""
    line = select(SeatWaiter.user_id).where(SeatWaiter.license_id == license_id)
    return [row.user_id for row in rows.all_of(core, line.order_by(*in_line()))]


@contextmanager
def counted(core: Core) -> Iterator[list[str]]:
    """Collect the statements that run in a block."""
    told: list[str] = []

    def note(*arguments: Any) -> None:
        told.append(arguments[2])

    event.listen(core._engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(core._engine, "before_cursor_execute", note)


def seats_of(core: Core, user_id: int) -> set[int]:
    """Return the licenses a person holds a seat of."""
    return {
        row.license_id for row in rows.all_of(core, select(Seat.license_id).where(Seat.user_id == user_id))
    }


def assert_sound(core: Core) -> None:
    """Hold the database against what is true of every company at any time."""
    outranking = select(SignIn.id).join(User).where(SignIn.closed_at.is_(None), SignIn.role > User.role)
    assert not rows.all_of(core, outranking), "an open sign-in outranks its user"
    archived = select(SignIn.id).join(User).where(SignIn.closed_at.is_(None), User.status == ARCHIVED)
    assert not rows.all_of(core, archived), "somebody archived is signed in"
    seated = select(Seat.user_id).join(User).where(User.status == ARCHIVED)
    assert not rows.all_of(core, seated), "somebody archived holds a seat"
    idle = select(SeatWaiter.user_id).join(User).where(User.status == ARCHIVED)
    assert not rows.all_of(core, idle), "somebody archived waits for a seat"
    both = select(Seat.user_id).join(
        SeatWaiter, (SeatWaiter.license_id == Seat.license_id) & (SeatWaiter.user_id == Seat.user_id)
    )
    assert not rows.all_of(core, both), "somebody waits for a seat and holds it"
    over = select(License.id).where(
        License.seats_total < select(func.count()).where(Seat.license_id == License.id).scalar_subquery()
    )
    assert not rows.all_of(core, over), "more seats in use than bought"
    [[active]] = rows.all_of(core, select(func.count()).select_from(User).where(User.status == ACTIVE))
    [[cap]] = rows.all_of(core, select(Company.user_cap))
    assert cap is None or active <= cap, "more people than the company's maximum"
    stray = select(GroupMember.user_id).where(GroupMember.user_id.not_in(select(User.id)))
    assert not rows.all_of(core, stray)
