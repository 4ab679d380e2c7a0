"""Why can't they see it? A person before a course: account, sign-in, seat, license dates, in this order (R47, R48)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from core.errors import Refused
from core.models import License, LicenseCourse, SeatWaiter
from core.models.people import ACTIVE
from core.reading import licenses, users
from core.reading.courses import CourseAccess, course_of, courses_of
from core.reading.learning import CourseRecord, learned
from core.reading.licenses import HeldSeat, LicenseRow
from core.reading.reasons import NO, NOTE, YES, Fact, moment, refused
from core.reading.why_people import account_fact, events_about, sign_in_fact
from core.roles import Permission
from core.rules import OPEN_COURSE, refusal_of
from core.work import Look

__all__ = ["CourseAccess", "course_of", "courses_of", "why_course", "why_courses"]

_CALLED = {"course": "Course", "path": "Learning path"}


@dataclass(frozen=True, slots=True)
class _Including:
    """A license that includes the course, and what the person has of it."""

    row: LicenseRow
    held: HeldSeat | None
    waits_since: datetime | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What is the same for every course of a person.

    Attributes:
        account: whether they have one that lets them in, as facts.
        including: course id -> the licenses that include it, by name.
        learned: course id -> what was learned there.
    """

    account: tuple[Fact, Fact]
    including: dict[int, list[_Including]]
    learned: dict[int, CourseRecord]


def why_course(look: Look, user_id: int, course_id: int) -> list[Fact]:
    """Return the reasons why somebody can or cannot open a course, in the order in which they are to be mended.

    Raises:
        Missing: no such person, no such course.
    """
    look.require(Permission.SEE_PEOPLE)
    return _why(look, course_of(look, user_id, course_id), _known(look, user_id))


def why_courses(look: Look, user_id: int) -> list[tuple[CourseAccess, list[Fact]]]:
    """Return every course and learning path by name with its reasons, as `why_course`.

    Raises:
        Missing: no such person.
    """
    look.require(Permission.SEE_PEOPLE)
    known = _known(look, user_id)
    return [(course, _why(look, course, known)) for course in courses_of(look, user_id)]


def _known(look: Look, user_id: int) -> _Known:
    detail = users.one(look, user_id)
    held = {each.license_id: each for each in licenses.seats_of(look, user_id)}
    waiting = select(SeatWaiter.license_id, SeatWaiter.since).where(SeatWaiter.user_id == user_id)
    waits = {row.license_id: row.since for row in look.db.execute(waiting)}
    query = select(LicenseCourse.course_id, LicenseCourse.license_id)
    query = query.join(License, License.id == LicenseCourse.license_id).order_by(License.name_key)
    pairs = look.db.execute(query).all()
    bought = {row.id: row for row in licenses.rows(look, [pair.license_id for pair in pairs])}
    including: dict[int, list[_Including]] = defaultdict(list)
    for course_id, license_id in pairs:
        each = _Including(bought[license_id], held.get(license_id), waits.get(license_id))
        including[course_id].append(each)
    return _Known(
        (account_fact(detail, events_about(look, user_id)), sign_in_fact(detail)),
        including,
        {each.course_id: each for each in learned(look, user_id)},
    )


def _why(look: Look, course: CourseAccess, known: _Known) -> list[Fact]:
    facts = replace(course.facts, status=ACTIVE)  # of the account, the first two facts tell
    barrier = refusal_of(OPEN_COURSE, look.actor, facts)
    including = known.including.get(course.course_id, [])
    return [
        *known.account,
        *_seat(course, including, barrier),
        *(_license(course, each, alone=len(including) == 1) for each in including),
        Fact("Learned", _learned(known.learned.get(course.course_id))),
    ]


def _seat(course: CourseAccess, including: list[_Including], barrier: Refused | None) -> Iterator[Fact]:
    """Yield what includes the course, the seats held on that, and what is in the way of a person with an account."""
    called = _CALLED[course.kind]
    if including:
        names = ", ".join(each.row.name for each in including)
        yield Fact(called, f"{course.course} is included in {names}", YES)
    for each in including:
        if each.held is not None:
            yield Fact("Seat", f"held on {each.held.name} since {moment(each.held.held_since)}", YES)
    if barrier is not None:
        label = "In force" if course.facts.seats else "Seat" if including else called
        only = including[0].row.name if len(including) == 1 else ""
        fact = refused(label, barrier, only if including else course.course)
        yield fact if course.facts.status == ACTIVE else replace(fact, mend="")


def _license(course: CourseAccess, each: _Including, *, alone: bool) -> Fact:
    """Return until when a license is in force; where no seat of it is held, whether one can be given.

    How to give one was told before where it is the only license.
    """
    bought, label = each.row, f"License {each.row.name}"
    if each.held is not None and each.held.in_force:
        return Fact(label, f"in force {_ends(bought.until)}", YES)
    if each.held is not None:
        expired = f"expired on {bought.until} and gives no access"
        return Fact(label, expired, NOTE if course.facts.in_force else NO, "license_until", bought.name)
    if each.waits_since is not None:
        return Fact(label, f"waits for a seat since {moment(each.waits_since)}")
    if bought.closed is not None:
        mend = "license_until" if bought.state == licenses.EXPIRED else ""
        return Fact(label, bought.closed.message, NOTE, mend, bought.name if mend else "")
    free = f"{bought.free:,} of {bought.total:,} seats are free, {_ends(bought.until)}"
    may_give = not alone and not course.facts.in_force and course.facts.status == ACTIVE
    mend = "seats" if may_give else ""
    return Fact(label, free, NOTE, mend, bought.name if mend else "")


def _ends(until: date | None) -> str:
    return f"until {until}" if until else "without an end"


def _learned(record: CourseRecord | None) -> str:
    if record is None:
        return "nothing recorded so far"
    done = len(record.lessons)
    told = [] if record.percent is None else [f"{record.percent} %"]
    told += [] if not done else ["1 lesson done" if done == 1 else f"{done:,} lessons done"]
    told += [f"certificate {each.number}" for each in record.certificates]
    return f"{', '.join(told)}; kept whatever becomes of the seat"
