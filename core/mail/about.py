"""What a mail is about, looked up right before it leaves: for many mails at once, and as it is then.

Who is no longer to get a mail is answered with the reason, as a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.mail.outbox import Claim
from core.mail.parts import NOTICES, SEAT_GRANTED, Opened, Warned
from core.mail.standing import standing
from core.models import Course, License, LicenseCourse, Seat, User
from core.models.people import ACTIVE
from core.roles import Role
from core.selection import license_in_force

LOOKED_UP = frozenset((SEAT_GRANTED, *NOTICES))
_PATH = "path"

About = tuple[Opened, ...] | Warned | str


def about(db: Session, claims: Iterable[Claim], now: datetime) -> dict[int, About]:
    """Return what each mail of `LOOKED_UP` is about, or why nobody needs it any more, by the mail's id."""
    wanted = [each for each in claims if each.kind in LOOKED_UP]
    granted = [each for each in wanted if each.kind == SEAT_GRANTED]
    notices = [each for each in wanted if each.kind != SEAT_GRANTED]
    found: dict[int, About] = {}
    if granted:
        found |= _granted(db, granted, now)
    if notices:
        found |= _noticed(db, notices, now)
    return found


def _granted(db: Session, claims: list[Claim], now: datetime) -> Mapping[int, About]:
    people = {each.user_id for each in claims if each.user_id is not None}
    named = {license_id for each in claims for license_id in _license_ids(each)}
    held = {
        (row.user_id, row.license_id)
        for row in db.execute(
            select(Seat.user_id, Seat.license_id)
            .join(User, User.id == Seat.user_id)
            .where(Seat.user_id.in_(people), Seat.license_id.in_(named), User.status == ACTIVE)
        )
    }
    opened = _in_force(db, {license_id for _, license_id in held}, now)

    def of_one(one: Claim) -> About:
        still = [each for each in _license_ids(one) if (one.user_id, each) in held]
        if not still:
            return "The account or the seat is gone by now."
        return tuple(opened[each] for each in still if each in opened) or "The license has expired by now."

    return {each.id: of_one(each) for each in claims}


def _license_ids(claim: Claim) -> list[int]:
    return [each["id"] for each in claim.details.get("licenses", ())]


def _in_force(db: Session, ids: Iterable[int], now: datetime) -> dict[int, Opened]:
    """Return the licenses among `ids` that give access, with what they include."""
    rows = db.execute(
        select(License.id, License.name, License.expires_on, Course.name.label("course"), Course.kind)
        .outerjoin(LicenseCourse, LicenseCourse.license_id == License.id)
        .outerjoin(Course, Course.id == LicenseCourse.course_id)
        .where(License.id.in_(list(ids)), license_in_force(now.date()))
        .order_by(License.id, Course.name_key)
    ).all()
    courses: dict[int, list[str]] = {row.id: [] for row in rows}
    paths: dict[int, list[str]] = {row.id: [] for row in rows}
    for row in rows:
        if row.course is not None:
            (paths if row.kind == _PATH else courses)[row.id].append(row.course)
    return {
        row.id: Opened(row.name, row.expires_on, tuple(courses[row.id]), tuple(paths[row.id])) for row in rows
    }


def _noticed(db: Session, claims: list[Claim], now: datetime) -> Mapping[int, About]:
    people = {each.user_id for each in claims if each.user_id is not None}
    admins = set(
        db.scalars(
            select(User.id).where(
                User.id.in_(people), User.status == ACTIVE, User.role == int(Role.COMPANY_ADMIN)
            )
        )
    )
    stands = {(each.kind, each.subject_id, each.mark): each.warned for each in standing(db, now)}

    def of_one(one: Claim) -> About:
        if one.user_id not in admins:
            return "It was meant for a Company Admin, which the account is no longer."
        key = one.kind, one.details.get("subject_id", 0), one.details.get("mark", "")
        return stands.get(key, "What it warned of is over.")

    return {each.id: of_one(each) for each in claims}
