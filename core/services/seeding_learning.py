"""What a made-up company has bought, who holds and waits for a seat, what was learned, who is about to leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import String, cast, exists, insert, literal, not_, select, update
from sqlalchemy.orm import Session

from core.models import (
    Certificate,
    Course,
    CourseProgress,
    LessonCompletion,
    License,
    LicenseCourse,
    Seat,
    SeatWaiter,
    User,
)
from core.models.base import Base
from core.models.people import ACTIVE
from core.roles import Permission, Role
from core.services.seeding_names import COURSES, PATH
from core.values import name_key
from core.work import Work

_BOUGHT_DAYS, _HELD_DAYS, _LEARNED_DAYS, _BEGUN_DAYS = 200, 150, 30, 60
_WAITERS = 3
_LEAVES_IN_DAYS = (9, 30, 45)
_LESSONS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class _Bought:
    """A license to make up.

    Attributes:
        days: until it ends, counted from today; None without an end.
        opens: which of the courses.
    """

    name: str
    total: int
    used: int
    days: int | None
    opens: slice
    waiting_list: bool = False


def hand_out_seats(work: Work, people: int) -> None:
    """Make courses and licenses of every kind: roomy, full with people who wait, soon over, over, held by nobody."""
    work.require(Permission.RUN_HOST)
    full, part = max(5, people // 20), max(2, people // 80)
    plans = (
        _Bought("Compliance basics", people + people // 5 + 10, max(1, people * 3 // 5), 300, slice(3)),
        _Bought("Premium Sales", full, full, 90, slice(3, 6), waiting_list=True),
        _Bought("Pilot 2024", max(4, people // 50), part, -40, slice(6, 8)),
        _Bought("Safety refresher", max(4, people // 60), part, 21, slice(2)),
        _Bought("Leadership", 30, 0, None, slice(8, 10)),
    )
    courses = [Course(name=name, name_key=name_key(name), kind="course") for name in COURSES]
    courses.append(Course(name=PATH, name_key=name_key(PATH), kind="path"))
    work.db.add_all(courses)
    work.db.flush()
    ids = [course.id for course in courses]
    for place, plan in enumerate(plans):
        _buy(work, plan, ids[plan.opens], place)


def _buy(work: Work, plan: _Bought, course_ids: list[int], place: int) -> None:
    """Make one license; its seats go to active people in an order of its own, those behind them wait."""
    db, now = work.db, work.now
    bought = License(
        name=plan.name,
        name_key=name_key(plan.name),
        seats_total=plan.total,
        expires_on=None if plan.days is None else now.date() + timedelta(days=plan.days),
        created_at=now - timedelta(days=_BOUGHT_DAYS),
        waiting_list=plan.waiting_list,
    )
    db.add(bought)
    db.flush()
    db.add_all(LicenseCourse(license_id=bought.id, course_id=each) for each in course_ids)
    holders = select(User.id).where(User.status == ACTIVE).order_by((User.id * (place * 2 + 3)) % 97, User.id)
    chosen = holders.limit(plan.used).subquery()
    since = literal(now - timedelta(days=_HELD_DAYS - place), Seat.held_since.type)
    columns = {"license_id": literal(bought.id), "user_id": chosen.c.id, "held_since": since}
    insert_select(db, Seat, columns)
    if plan.waiting_list:
        holds = exists().where(Seat.license_id == bought.id, Seat.user_id == User.id)
        line = select(User.id).where(User.status == ACTIVE, not_(holds)).order_by(User.id).limit(_WAITERS)
        waiters = line.subquery()
        since = literal(now - timedelta(days=_WAITERS), SeatWaiter.since.type)
        insert_select(
            db, SeatWaiter, {"license_id": literal(bought.id), "user_id": waiters.c.id, "since": since}
        )


def learn(work: Work) -> None:
    """Write lessons done, progress and certificates earned, for archived people too (R40)."""
    work.require(Permission.RUN_HOST)
    for place, course in enumerate(work.db.scalars(select(Course.id).order_by(Course.id)).all()):
        done_at = literal(
            work.now - timedelta(days=_LEARNED_DAYS + place), LessonCompletion.completed_at.type
        )
        begun_at = literal(work.now - timedelta(days=_BEGUN_DAYS + place), CourseProgress.started_at.type)
        for number in _LESSONS:
            learners = select(User.id).where(User.id % (11 + 10 * number) == place).subquery()
            done = {
                "user_id": learners.c.id,
                "course_id": literal(course),
                "lesson": literal(f"Lesson {number}"),
                "completed_at": done_at,
            }
            insert_select(work.db, LessonCompletion, done)
        earners = select(User.id).where(User.id % 41 == place).subquery()
        number_of = literal(f"HL-{course}-") + cast(earners.c.id, String)
        earned = {"user_id": earners.c.id, "course_id": literal(course), "number": number_of}
        insert_select(work.db, Certificate, earned | {"issued_at": done_at})
        begun = select(User.id).where(User.id % 61 == place).subquery()
        on_the_way = {
            "user_id": begun.c.id,
            "course_id": literal(course),
            "percent": begun.c.id % 10 * 10 + 5,
            "started_at": begun_at,
            "updated_at": done_at,
        }
        insert_select(work.db, CourseProgress, on_the_way)


def let_some_leave(work: Work) -> None:
    """Let a few learners leave on coming days."""
    work.require(Permission.RUN_HOST)
    learners = select(User.id).where(User.status == ACTIVE, User.role == int(Role.LEARNER)).order_by(User.id)
    for days, user_id in zip(
        _LEAVES_IN_DAYS, work.db.scalars(learners.limit(len(_LEAVES_IN_DAYS))), strict=False
    ):
        leaves_on = work.now.date() + timedelta(days=days)
        work.db.execute(update(User).where(User.id == user_id).values(leaves_on=leaves_on))


def insert_select(db: Session, model: type[Base], columns: dict[str, Any]) -> None:
    """Write a row for each row of what `columns` name."""
    db.execute(insert(model).from_select(list(columns), select(*columns.values())))
