"""Licenses and seats on them, for tests of what people may open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete, insert

from core.models import Seat
from core.services.licenses import add_license
from tests.people import House


def bought(
    house: House,
    name: str,
    courses: Iterable[str] = (),
    *,
    seats: int = 5,
    until: date | None = None,
    paths: Iterable[str] = (),
) -> int:
    """Record a license on the host and return its id."""
    with house.core.operator() as work:
        return add_license(work, name, seats=seats, until=until, courses=courses, paths=paths)


def hold(house: House, license_id: int, *user_ids: int) -> None:
    """Let people hold a seat since now, whether there is one or not."""
    with house.core.operator() as work:
        seats = [{"license_id": license_id, "user_id": each, "held_since": work.now} for each in user_ids]
        work.db.execute(insert(Seat), seats)


def let_go(house: House, user_id: int) -> None:
    """Take every seat from somebody."""
    with house.core.operator() as work:
        work.db.execute(delete(Seat).where(Seat.user_id == user_id))
