"""Questions about licenses: how full they are, until when, what they open; those about seats are in `core.reading.seats`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from core.errors import Missing, Refused
from core.filter_keys import license_conditions
from core.filter_keys.licenses import SOON_DAYS, seats_used
from core.filters import Filter
from core.models import Course, License, LicenseCourse, Seat, SeatWaiter
from core.reading.lists import Sort, id_chunks, ordered
from core.reading.seats import (
    FormerSeat,
    HeldSeat,
    UnusedRow,
    Waiter,
    former_seats,
    seats_of,
    unused,
    waiters,
    why_closed,
)
from core.roles import Permission
from core.work import Look

__all__ = [
    "BY_NAME",
    "EXPIRED",
    "IN_FORCE",
    "SOON",
    "FormerSeat",
    "HeldSeat",
    "LicenseRow",
    "UnusedRow",
    "Waiter",
    "bar",
    "first",
    "former_seats",
    "ids",
    "one",
    "rows",
    "seats_of",
    "unused",
    "waiters",
]

BY_NAME = Sort("name")
IN_FORCE, SOON, EXPIRED = "in force", "expires soon", "expired"
_SIGNS, _PLAIN_SIGNS = ("▰", "▱"), ("#", "-")
_FOREVER = date.max


@dataclass(frozen=True, slots=True)
class LicenseRow:
    """A license as lists show it (S16).

    Attributes:
        total, used, free: seats.
        until: the last day on which it gives access; None without an end.
        days_left: until then, counted in UTC: 0 on the last day, less once it is over; None without an end.
        courses, paths: names of what it opens.
        waiting_list: whether who finds no seat waits for the next; `waiting` counts who does.
        state: `in force`, `expires soon` or `expired`.
        closed: why nobody can be given a seat now; None where somebody can, or would wait.
    """

    id: int
    name: str
    total: int
    used: int
    until: date | None
    days_left: int | None
    courses: tuple[str, ...]
    paths: tuple[str, ...]
    waiting_list: bool
    waiting: int
    closed: Refused | None = field(default=None, compare=False)

    @property
    def free(self) -> int:
        """Seats nobody holds."""
        return max(0, self.total - self.used)

    @property
    def percent(self) -> int:
        """How much of it is in use; 100 only where no seat is free, 0 only where none is held."""
        return _part_of(100, self.used, self.total)

    @property
    def state(self) -> str:
        """Whether it gives access today, and for long."""
        if self.days_left is None or self.days_left > SOON_DAYS:
            return IN_FORCE
        return EXPIRED if self.days_left < 0 else SOON


def bar(row: LicenseRow, width: int, *, plain: bool = False) -> str:
    """Return the usage of a license as text that needs no color, such as `▰▰▰▱▱ 40/50`.

    Args:
        row: the license.
        width: how many signs the bar has; it is full only where no seat is free, empty only where none is held.
        plain: stay inside ASCII.
    """
    full, empty = _PLAIN_SIGNS if plain else _SIGNS
    signs = _part_of(width, row.used, row.total)
    return f"{full * signs}{empty * (width - signs)} {row.used:,}/{row.total:,}"


def ids(look: Look, chosen: Filter, sort: Sort = BY_NAME) -> Iterator[Sequence[int]]:
    """Yield the ids of licenses in order, in chunks; those without an end come after every date.

    Raises:
        InvalidFilter, Invalid: an unknown value or column.
    """
    look.require(Permission.SEE_PEOPLE)
    used = seats_used().scalar_subquery()
    waiting = select(func.count()).where(SeatWaiter.license_id == License.id).correlate(License)
    sorts: dict[str, Any] = {
        "name": License.name_key,
        "total": License.seats_total,
        "used": used,
        "free": License.seats_total - used,
        "percent": used * 1000 / License.seats_total,
        "until": func.coalesce(License.expires_on, _FOREVER),
        "waiting": waiting.scalar_subquery(),
    }
    statement = select(License.id).where(license_conditions(look.db, chosen, look.now))
    return id_chunks(look, ordered(statement, sort, sorts, License.id))


def first(look: Look, chosen: Filter, sort: Sort = BY_NAME, *, limit: int = 100) -> list[LicenseRow]:
    """Return the first rows in order."""
    look.require(Permission.SEE_PEOPLE)
    return rows(look, list(islice((each for part in ids(look, chosen, sort) for each in part), limit)))


def rows(look: Look, wanted: Sequence[int]) -> list[LicenseRow]:
    """Return the licenses with these ids, in that order; those that are gone are left out."""
    look.require(Permission.SEE_PEOPLE)
    used = _counted(look, Seat, wanted)
    waiting = _counted(look, SeatWaiter, wanted)
    opens = _opens(look, wanted)
    today = look.now.date()
    found: dict[int, LicenseRow] = {}
    bought = select(License).where(License.id.in_(wanted)).execution_options(populate_existing=True)
    for each in look.db.scalars(bought):
        held = used.get(each.id, 0)
        found[each.id] = LicenseRow(
            id=each.id,
            name=each.name,
            total=each.seats_total,
            used=held,
            until=each.expires_on,
            days_left=None if each.expires_on is None else (each.expires_on - today).days,
            courses=opens.get((each.id, "course"), ()),
            paths=opens.get((each.id, "path"), ()),
            waiting_list=each.waiting_list,
            waiting=waiting.get(each.id, 0),
            closed=why_closed(look.actor, today, each, free=each.seats_total - held),
        )
    return [found[each] for each in wanted if each in found]


def one(look: Look, license_id: int) -> LicenseRow:
    """Return one license.

    Raises:
        Missing: it was removed.
    """
    look.require(Permission.SEE_PEOPLE)
    found = rows(look, [license_id])
    if not found:
        raise Missing("license", f"with the number {license_id}; it was removed meanwhile")
    return found[0]


# --- inside -----------------------------------------------------------------------------------------------------


def _part_of(most: int, used: int, total: int) -> int:
    """Return `used` of `total` as a part of `most`: all of it and nothing of it only where that is so."""
    if used >= total:
        return most
    return min(max(most - 1, 0), max(1, most * used // total)) if used else 0


def _counted(look: Look, model: type[Seat | SeatWaiter], wanted: Sequence[int]) -> dict[int, int]:
    column = model.license_id
    found = look.db.execute(select(column, func.count()).where(column.in_(wanted)).group_by(column))
    return {row[0]: row[1] for row in found}


def _opens(look: Look, wanted: Sequence[int]) -> dict[tuple[int, str], tuple[str, ...]]:
    """Return the names of what each license opens, by license and kind."""
    found = look.db.execute(
        select(LicenseCourse.license_id, Course.kind, Course.name)
        .join(Course, Course.id == LicenseCourse.course_id)
        .where(LicenseCourse.license_id.in_(wanted))
        .order_by(Course.name_key)
    )
    names: dict[tuple[int, str], tuple[str, ...]] = {}
    for license_id, kind, name in found:
        names[license_id, kind] = (*names.get((license_id, kind), ()), name)
    return names
