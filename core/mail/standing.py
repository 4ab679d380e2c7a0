"""What Company Admins are warned of, as it is now: licenses about to end, seats and places nearly used up.

The one place where it is worked out: the console shows it, a task mails it, and the sender looks once more before a
notice leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.mail.parts import CAP_NEAR, LICENSE_EXPIRING, SEATS_USED, Warned
from core.models import Company, License, Seat
from core.selection import active_users, live_invitations

EXPIRED = 0
"""The threshold of a license whose last day is over."""
_DAYS = (EXPIRED, 7, 30, 60)
_PERCENTS = (100, 90)
_ALL = 100
# Worst first: access that is gone or about to go, then what stands in the way of giving it, then what comes later.
_WORST_FIRST = (
    (LICENSE_EXPIRING, EXPIRED),
    (LICENSE_EXPIRING, 7),
    (CAP_NEAR, 100),
    (SEATS_USED, 100),
    (LICENSE_EXPIRING, 30),
    (CAP_NEAR, 90),
    (SEATS_USED, 90),
    (LICENSE_EXPIRING, 60),
)
_COMPANY = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing to warn of, with the sharpest threshold that it has passed.

    Attributes:
        kind: `license_expiring`, `seats_used` or `cap_near`.
        subject_id: the license; 0 for the company.
        mark: what it is measured against: the day of expiry or the number bought; another one warns anew.
        warned: the facts.
        days_left: until the last day of the license; below zero where that is over.
    """

    kind: str
    subject_id: int
    mark: str
    warned: Warned
    days_left: int = 0

    @property
    def thresholds(self) -> tuple[int, ...]:
        """Every threshold that it has passed, the sharpest first."""
        sharpest = self.warned.threshold
        if self.kind == LICENSE_EXPIRING:
            return tuple(each for each in _DAYS if each >= sharpest)
        return tuple(each for each in _PERCENTS if each <= sharpest)


def standing(db: Session, now: datetime) -> list[Standing]:
    """Return what there is to warn of at `now`, worst first; days are counted in UTC."""
    found = [*_licenses(db, now.date()), *_cap(db, now)]
    return sorted(
        found, key=lambda each: (_WORST_FIRST.index((each.kind, each.warned.threshold)), each.days_left)
    )


def _licenses(db: Session, today: date) -> Iterator[Standing]:
    used = select(func.count()).where(Seat.license_id == License.id).correlate(License).scalar_subquery()
    columns = (License.id, License.name, License.seats_total, License.expires_on, used.label("used"))
    for row in db.execute(select(*columns).order_by(License.name_key)):
        until, total = row.expires_on, row.seats_total
        left = None if until is None else (until - today).days
        ends = None if left is None else _days_threshold(left)
        if ends is not None and (row.used or ends != EXPIRED):
            warned = Warned(row.name, ends, row.used, total, until)
            yield Standing(LICENSE_EXPIRING, row.id, until.isoformat(), warned, left or 0)
        percent = _percent_threshold(row.used, total)
        if percent is not None and ends != EXPIRED:
            yield Standing(SEATS_USED, row.id, str(total), Warned(row.name, percent, row.used, total))


def _cap(db: Session, now: datetime) -> Iterator[Standing]:
    cap = db.scalar(select(Company.user_cap).where(Company.id == 1))
    if cap is None:
        return
    taken = select(active_users().scalar_subquery() + live_invitations(now).scalar_subquery())
    used = db.scalar(taken) or 0
    percent = _percent_threshold(used, cap)
    if percent is not None:
        yield Standing(CAP_NEAR, _COMPANY, str(cap), Warned("", percent, used, cap))


def _days_threshold(left: int) -> int | None:
    """Return the sharpest threshold passed with so many days left; the last day itself still gives access."""
    if left < 0:
        return EXPIRED
    return next((each for each in _DAYS[1:] if left <= each), None)


def _percent_threshold(used: int, total: int) -> int | None:
    return next((each for each in _PERCENTS if used * _ALL >= total * each), None)
