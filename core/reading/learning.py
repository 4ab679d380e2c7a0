"""Questions about what somebody has learned: per course the lessons done, how far they are, and certificates (R40)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.models import Certificate, Course, CourseProgress, LessonCompletion
from core.roles import Permission
from core.work import Look


@dataclass(frozen=True, slots=True)
class LessonRow:
    """A lesson that was done."""

    lesson: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate that was earned."""

    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CourseRecord:
    """What somebody has learned in one course or learning path.

    Attributes:
        kind: `course` or `path`.
        percent: how far they are; None where the platform has not told.
        started, updated: the first and the newest moment of which progress was told.
        lessons: oldest first.
        certificates: oldest first.
    """

    course_id: int
    course: str
    kind: str
    percent: int | None
    started: datetime | None
    updated: datetime | None
    lessons: tuple[LessonRow, ...]
    certificates: tuple[CertificateRow, ...]


def learned(look: Look, user_id: int) -> list[CourseRecord]:
    """Return what somebody has learned by the names of the courses; nothing for whoever has learned nothing."""
    look.require(Permission.SEE_PEOPLE)
    progress = {
        row.course_id: row
        for row in look.db.scalars(select(CourseProgress).where(CourseProgress.user_id == user_id))
    }
    lessons: dict[int, list[LessonRow]] = defaultdict(list)
    done = LessonCompletion
    found: Any = select(done.course_id, done.lesson, done.completed_at).where(done.user_id == user_id)
    for row in look.db.execute(found.order_by(done.completed_at, done.id)):
        lessons[row.course_id].append(LessonRow(row.lesson, row.completed_at))
    certificates: dict[int, list[CertificateRow]] = defaultdict(list)
    earned = Certificate
    found = select(earned.course_id, earned.number, earned.issued_at).where(earned.user_id == user_id)
    for row in look.db.execute(found.order_by(earned.issued_at, earned.id)):
        certificates[row.course_id].append(CertificateRow(row.number, row.issued_at))
    courses = select(Course).where(Course.id.in_({*progress, *lessons, *certificates}))
    return [
        CourseRecord(
            course.id,
            course.name,
            course.kind,
            progress[course.id].percent if course.id in progress else None,
            progress[course.id].started_at if course.id in progress else None,
            progress[course.id].updated_at if course.id in progress else None,
            tuple(lessons[course.id]),
            tuple(certificates[course.id]),
        )
        for course in look.db.scalars(courses.order_by(Course.name_key))
    ]
