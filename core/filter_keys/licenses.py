"""What the filter words mean for licenses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, and_, exists, func, not_, select
from sqlalchemy.orm import Session

from core.filter_keys.words import Condition, combine, held, ids_named, on_day, one_of
from core.filters import Filter, Term
from core.models import Course, License, LicenseCourse, Seat, SeatWaiter
from core.selection import license_in_force
from core.values import name_key

SOON_DAYS = 60  # from then on a license counts as about to expire; the first warning is sent then
LICENSE_STATES = ("full", "free", "unused", "waiting", "waitlist", "expired", "expiring")


@dataclass(frozen=True, slots=True)
class _Meanings:
    """What `is:` takes, on the day `today`."""

    today: date

    def of(self, state: str) -> Condition:
        used = seats_used().scalar_subquery()
        waiting = exists().where(SeatWaiter.license_id == License.id)
        conditions: Mapping[str, Condition] = {
            "full": used >= License.seats_total,
            "free": used < License.seats_total,
            "unused": not_(exists().where(Seat.license_id == License.id)),
            "waiting": waiting,
            "waitlist": License.waiting_list.is_(True),
            "expired": not_(license_in_force(self.today)),
            "expiring": expires_soon(self.today),
        }
        return conditions[state]


def license_conditions(db: Session, chosen: Filter, now: datetime) -> Condition:
    """Return the SQL condition on `License`; bare words match the name anywhere.

    Raises:
        InvalidFilter: a value that does not exist.
    """
    return combine(chosen, lambda term: _license_condition(db, term, now))


def seats_used() -> Select[int]:
    """Return the query that counts the seats in use of the license around it."""
    return select(func.count()).select_from(Seat).where(Seat.license_id == License.id).correlate(License)


def expires_soon(today: date) -> Condition:
    """Return the condition of a license that is in force and will not be for long."""
    return and_(License.expires_on >= today, License.expires_on <= today + timedelta(days=SOON_DAYS))


def _license_condition(db: Session, term: Term, now: datetime) -> Condition:
    match term.key:
        case "is":
            return _Meanings(now.date()).of(one_of(term, LICENSE_STATES))
        case "course":
            ids, owner = ids_named(db, Course, "course", term), LicenseCourse.license_id
            return held(License.id, owner, LicenseCourse.course_id, ids=ids, one_by_one=True)
        case "until":
            if term.value.lower() == "none":
                return License.expires_on.is_(None)
            return on_day(License.expires_on, term, now)
        case _:
            return License.name_key.contains(name_key(term.value), autoescape=True)
