"""What was bought: licenses with their seats, their end and the courses they open (S14, R51: recorded on the host).

Who holds a seat is changed by `core.services.people` and `core.services.seats`. Courses and learning paths are known
here by name only (R2); one that is named for the first time is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.dialects import lock_row
from core.errors import Invalid, Missing, NameTaken
from core.facts import LicenseFacts
from core.models import Course, License, LicenseCourse, Seat, SeatWaiter
from core.roles import Permission
from core.rules import REMOVE_LICENSE, RESIZE, check
from core.selection import lock_company
from core.services.fields import Fields, Subject, differing, judged
from core.services.learning import COURSE, PATH, register_course
from core.services.places import NOWHERE, clean_name
from core.services.texts import joined, parted
from core.services.waiting import end_waits, serve_waiting
from core.values import iso_day, name_key, strip_edges
from core.work import Work

LICENSE = "license"
SEATS_MOST = 1_000_000
_FIELD_OF = {COURSE: "courses", PATH: "paths"}
_CALLED = {COURSE: "course", PATH: "learning path"}


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of saving a license.

    Attributes:
        changed: whether anything was.
        passed_on: how many who waited for a seat have got one by it.
    """

    changed: bool
    passed_on: int = 0


def add_license(
    work: Work,
    name: str,
    *,
    seats: int | str,
    until: date | str | None = None,
    courses: Iterable[str] = (),
    paths: Iterable[str] = (),
) -> int:
    """Record a license that was bought (S14).

    Args:
        work: the open transaction.
        name: as typed.
        seats: how many, as a number or as typed.
        until: the last day on which it gives access, likewise; None or empty without an end.
        courses: names of the courses it opens.
        paths: likewise of learning paths.

    Raises:
        NameTaken, Invalid: fields `name`, `seats`, `until`, `courses`, `paths`.
    """
    work.require(Permission.RUN_HOST)
    values = {
        "name": name,
        "seats": str(seats),
        "until": str(until or ""),
        "courses": joined(courses),
        "paths": joined(paths),
    }
    clean = judged(values, _FIELDS)
    lock_company(work.db)
    _check_free(work.db, clean["name"])
    clean |= _spelled(work.db, clean)
    bought = License(
        name=clean["name"],
        name_key=name_key(clean["name"]),
        seats_total=int(clean["seats"]),
        expires_on=_day(clean["until"]),
        created_at=work.now,
    )
    work.db.add(bought)
    work.db.flush()
    _include(work, bought.id, clean)
    details: dict[str, Any] = {field: text for field, text in clean.items() if field != "name"}
    work.record("license.added", LICENSE, bought.id, bought.name, **details)
    return bought.id


def edit_license(work: Work, license_id: int, values: Fields, *, seen: Fields | None = None) -> Saved:
    """Change name, end, courses or learning paths of a license; where it comes into force again, who waits is served.

    Args:
        work: the open transaction.
        license_id: which.
        values: of `name`, `until`, `courses` and `paths` those to change, as typed: a date as 2026-12-31 or empty for
            no end, names with commas between.
        seen: the same fields as they were when looked at.

    Raises:
        Missing, NameTaken, EditConflict, Invalid: the field that is wrong.
    """
    work.require(Permission.RUN_HOST)
    clean = judged(values, {field: judge for field, judge in _FIELDS.items() if field != "seats"})
    lock_company(work.db)
    bought = locked_license(work.db, license_id)
    clean |= _spelled(work.db, clean)
    subject = Subject(LICENSE, bought.id, bought.name)
    changes = differing(work.db, subject, license_fields(work.db, bought), clean, seen)
    if not changes:
        return Saved(changed=False)
    if "name" in changes:
        _check_free(work.db, clean["name"], own_id=bought.id)
        bought.name, bought.name_key = clean["name"], name_key(clean["name"])
    if "until" in changes:
        bought.expires_on = _day(clean["until"])
    work.db.flush()
    _include(work, bought.id, {field: text for field, text in clean.items() if field in changes})
    work.record("license.edited", LICENSE, bought.id, bought.name, **changes)
    return Saved(changed=True, passed_on=serve_waiting(work, (bought.id,)) if "until" in changes else 0)


def resize_license(work: Work, license_id: int, seats: int | str, *, seen: Fields | None = None) -> Saved:
    """Change how many seats were bought, never below what is in use (D8); who waits for one is served.

    Args:
        work: the open transaction.
        license_id: which.
        seats: how many, as a number or as typed.
        seen: `seats` as it was when looked at.

    Raises:
        Missing, SeatsInUse, EditConflict, Invalid: field `seats`.
    """
    work.require(Permission.RUN_HOST)
    clean = judged({"seats": str(seats)}, {"seats": _FIELDS["seats"]})
    lock_company(work.db)
    bought = locked_license(work.db, license_id)
    subject = Subject(LICENSE, bought.id, bought.name)
    changes = differing(work.db, subject, {"seats": str(bought.seats_total)}, clean, seen)
    if not changes:
        return Saved(changed=False)
    total = int(clean["seats"])
    check(RESIZE, work.actor, LicenseFacts(bought.name, _used(work.db, bought.id), total))
    bought.seats_total = total
    work.db.flush()
    work.record("license.resized", LICENSE, bought.id, bought.name, **changes)
    return Saved(changed=True, passed_on=serve_waiting(work, (bought.id,)))


def remove_license(work: Work, license_id: int) -> None:
    """Remove a license that nobody holds a seat of; who waits for one waits no longer.

    Raises:
        Missing, LicenseInUse.
    """
    work.require(Permission.RUN_HOST)
    lock_company(work.db)
    bought = locked_license(work.db, license_id)
    check(REMOVE_LICENSE, work.actor, LicenseFacts(bought.name, _used(work.db, bought.id), 0))
    old: dict[str, Any] = {
        field: {"old": text} for field, text in license_fields(work.db, bought).items() if field != "name"
    }
    end_waits(work, SeatWaiter.license_id == bought.id, None)
    work.db.delete(bought)
    work.db.flush()
    work.record("license.removed", LICENSE, bought.id, bought.name, **old)


# --- shared -----------------------------------------------------------------------------------------------------


def locked_license(db: Session, license_id: int) -> License:
    """Return a license whose row is held until the transaction ends; the company's is held already.

    Raises:
        Missing: it was removed.
    """
    if lock_row(db, select(License.id).where(License.id == license_id)) is None:
        raise Missing(LICENSE, f"with the number {license_id}; it was removed meanwhile")
    return db.get_one(License, license_id, populate_existing=True)


def license_fields(db: Session, bought: License) -> dict[str, str]:
    """Return the fields of a license as texts: what `edit_license` and `resize_license` take, and compare with."""
    included = _included(db, bought.id)
    return {
        "name": bought.name,
        "seats": str(bought.seats_total),
        "until": bought.expires_on.isoformat() if bought.expires_on else "",
        "courses": _in_order(included[COURSE]),
        "paths": _in_order(included[PATH]),
    }


# --- inside -----------------------------------------------------------------------------------------------------


def _check_free(db: Session, name: str, *, own_id: int = 0) -> None:
    """Go on only where no other license has the name; ask under the company's lock."""
    if db.scalar(select(License.id).where(License.name_key == name_key(name), License.id != own_id)):
        raise NameTaken(LICENSE, name)


def _used(db: Session, license_id: int) -> int:
    return db.scalar(select(func.count()).select_from(Seat).where(Seat.license_id == license_id)) or 0


def _included(db: Session, license_id: int) -> dict[str, list[str]]:
    found = db.execute(
        select(Course.kind, Course.name)
        .join(LicenseCourse, LicenseCourse.course_id == Course.id)
        .where(LicenseCourse.license_id == license_id)
    ).all()
    return {kind: [row.name for row in found if row.kind == kind] for kind in _FIELD_OF}


def _in_order(names: Iterable[str]) -> str:
    return joined(sorted(names, key=name_key))


def _spelled(db: Session, clean: Mapping[str, str]) -> dict[str, str]:
    """Return courses and learning paths as they are spelled here already, where they are known.

    Raises:
        Invalid: something is a course here and named as a learning path, or the other way round.
    """
    wanted = {kind: parted(clean[field]) for kind, field in _FIELD_OF.items() if field in clean}
    keys = {name_key(name) for names in wanted.values() for name in names}
    rows = db.execute(select(Course.name_key, Course.name, Course.kind).where(Course.name_key.in_(keys)))
    known = {row.name_key: (row.name, row.kind) for row in rows}
    spelled: dict[str, str] = {}
    for kind, names in wanted.items():
        found = [known.setdefault(name_key(name), (name, kind)) for name in names]
        other = next((name for name, its in found if its != kind), None)
        if other is not None:
            is_one = _CALLED[COURSE if kind == PATH else PATH]
            raise Invalid({_FIELD_OF[kind]: f"{other} is a {is_one}. Name it as one, and once only."})
        spelled[_FIELD_OF[kind]] = _in_order(dict.fromkeys(name for name, _ in found))
    return spelled


def _include(work: Work, license_id: int, clean: Mapping[str, str]) -> None:
    """Let a license open what the fields name, and nothing else of the same kind; what is new is made."""
    db = work.db
    for kind, field in _FIELD_OF.items():
        if field in clean:
            ids = [register_course(work, name, kind) for name in parted(clean[field])]
            of_kind = select(Course.id).where(Course.kind == kind)
            here = LicenseCourse.license_id == license_id
            db.execute(delete(LicenseCourse).where(here, LicenseCourse.course_id.in_(of_kind)))
            db.add_all(LicenseCourse(license_id=license_id, course_id=each) for each in ids)
    db.flush()


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _until(text: str) -> str:
    clean = strip_edges(text)
    return "" if not clean or clean.lower() == NOWHERE else iso_day(clean, field="until").isoformat()


def _seats(text: str) -> str:
    clean = strip_edges(text)
    if not (re.fullmatch(r"[0-9]{1,9}", clean) and 1 <= int(clean) <= SEATS_MOST):
        raise Invalid({"seats": f"The number of seats must be a whole number from 1 to {SEATS_MOST:,}."})
    return str(int(clean))


def _names(kind: str) -> Callable[[str], str]:
    """Return what judges the names of courses or learning paths with commas between."""
    field, called = _FIELD_OF[kind], _CALLED[kind]

    def judge(text: str) -> str:
        try:
            return joined(clean_name(name, called) for name in parted(text))
        except ValueError:
            problem = f'Write {field} with commas between, such as: Fire safety, "Sales, part 2".'
        except Invalid as wrong:
            problem = wrong.message
        raise Invalid({field: problem})

    return judge


_FIELDS: Mapping[str, Callable[[str], str]] = {
    "name": lambda text: clean_name(text, LICENSE),
    "seats": _seats,
    "until": _until,
    "courses": _names(COURSE),
    "paths": _names(PATH),
}
