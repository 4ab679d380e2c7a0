"""Questions about seats: who holds one, who waits for one, who lost one by an archiving, who lets one lie idle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, case, func, select

from core.errors import Refused
from core.facts import SeatFacts, SeatPlaceFacts
from core.filter_keys.licenses import seats_used
from core.models import License, Seat, SeatWaiter, User
from core.models.people import ACTIVE
from core.reading.lists import in_chunks
from core.roles import Actor, Permission
from core.rules import GIVE_SEAT, SEAT_PLACES, refusal_of
from core.selection import in_line, license_in_force, seats_lost_last
from core.work import Look


@dataclass(frozen=True, slots=True)
class HeldSeat:
    """A seat of one person."""

    license_id: int
    name: str
    held_since: datetime
    until: date | None
    in_force: bool


@dataclass(frozen=True, slots=True)
class FormerSeat:
    """A license of which archived people lost their seats when they were archived (R46).

    Attributes:
        people: how many of them.
        free: seats nobody holds now.
        closed: why none can be given now; None where one can, or where there is a waiting list.
    """

    license_id: int
    name: str
    people: int
    free: int
    in_force: bool
    closed: Refused | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnusedRow:
    """Seats of a license that are held and not used.

    Attributes:
        held: seats in use at all.
        never_signed_in: held for that long by people who have never signed in.
        silent: held for that long by people who have signed in, but not for that long.
    """

    license_id: int
    name: str
    held: int
    never_signed_in: int
    silent: int

    @property
    def total(self) -> int:
        """Seats that could be reclaimed."""
        return self.never_signed_in + self.silent


class Waiter(NamedTuple):
    """Somebody who waits for a seat."""

    user_id: int
    since: datetime


def waiters(look: Look, license_id: int) -> list[Waiter]:
    """Return who waits for a seat of a license; whoever is served first comes first."""
    look.require(Permission.SEE_PEOPLE)
    found = look.db.execute(
        select(SeatWaiter.user_id, SeatWaiter.since)
        .where(SeatWaiter.license_id == license_id)
        .order_by(*in_line())
    )
    return [Waiter(row.user_id, row.since) for row in found]


def waits_of(look: Look, user_id: int) -> list[tuple[str, datetime]]:
    """Return the licenses that a person waits for a seat of, by name, and since when."""
    look.require(Permission.SEE_PEOPLE)
    found = look.db.execute(
        select(License.name, SeatWaiter.since)
        .join(SeatWaiter, SeatWaiter.license_id == License.id)
        .where(SeatWaiter.user_id == user_id)
        .order_by(License.name_key)
    )
    return [(row.name, row.since) for row in found]


def seats_of(look: Look, user_id: int) -> list[HeldSeat]:
    """Return the seats that a person holds, by name; those of expired licenses too (D8)."""
    look.require(Permission.SEE_PEOPLE)
    force = license_in_force(look.now.date())
    found = look.db.execute(
        select(License.id, License.name, Seat.held_since, License.expires_on, force.label("in_force"))
        .join(Seat, Seat.license_id == License.id)
        .where(Seat.user_id == user_id)
        .order_by(License.name_key)
    )
    return [HeldSeat(row.id, row.name, row.held_since, row.expires_on, bool(row.in_force)) for row in found]


def former_seats(look: Look, user_ids: Iterable[int]) -> list[FormerSeat]:
    """Return what archived people held when they were last archived, license by license (R46).

    People who are active are left out, and so are licenses that were removed since.
    """
    look.require(Permission.SEE_PEOPLE)
    lost: Counter[int] = Counter()
    for some in in_chunks([list(user_ids)]):
        seats = seats_lost_last(select(User.id).where(User.id.in_(some)))
        lost.update(row.license_id for row in look.db.execute(seats))
    today = look.now.date()
    found = look.db.execute(
        select(License, seats_used().scalar_subquery(), license_in_force(today))
        .where(License.id.in_(lost))
        .order_by(License.name_key)
        .execution_options(populate_existing=True)
    )
    return [
        FormerSeat(
            bought.id,
            bought.name,
            lost[bought.id],
            max(0, bought.seats_total - used),
            bool(in_force),
            why_closed(look.actor, today, bought, free=bought.seats_total - used),
        )
        for bought, used, in_force in found
    ]


def unused(look: Look, days: int) -> list[UnusedRow]:
    """Return how many seats of each license were held for that long without a sign-in in that time, by name."""
    look.require(Permission.SEE_PEOPLE)
    since = look.now - timedelta(days=days)
    idle, seen = Seat.held_since <= since, User.last_sign_in_at
    never = func.sum(case((and_(idle, seen.is_(None)), 1), else_=0))
    silent = func.sum(case((and_(idle, seen <= since), 1), else_=0))
    held = (
        select(Seat.license_id, func.count().label("held"), never.label("never"), silent.label("silent"))
        .join(User, User.id == Seat.user_id)
        .group_by(Seat.license_id)
        .subquery()
    )
    found = look.db.execute(
        select(License.id, License.name, held.c.held, held.c.never, held.c.silent)
        .join(held, held.c.license_id == License.id)
        .order_by(License.name_key)
    )
    return [UnusedRow(row.id, row.name, row.held, int(row.never), int(row.silent)) for row in found]


def why_closed(actor: Actor, today: date, bought: License, *, free: int) -> Refused | None:
    """Return what the rules say about one more seat for somebody active who holds none; None where they would wait (D8)."""
    until, expired = bought.expires_on, int(bought.expires_on is not None and bought.expires_on < today)
    facts = SeatFacts("", ACTIVE, bought.name, held=0, expired=expired, until=str(until or ""))
    place = SeatPlaceFacts(1, 1, free, int(bought.waiting_list), bought.name)
    found = refusal_of(GIVE_SEAT, actor, facts) or refusal_of(SEAT_PLACES, actor, place)
    return None if found is None or found.skips else found
