"""Which courses and learning paths somebody can open now, judged as the learning platform judges it (R47, R48)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, true

from core.access import before_courses, course_facts
from core.errors import Missing, Refused
from core.facts import CourseFacts
from core.models import Course, User
from core.roles import Permission
from core.rules import OPEN_COURSE, refusal_of
from core.work import Look


@dataclass(frozen=True, slots=True)
class CourseAccess:
    """Whether somebody can open a course or learning path.

    Attributes:
        kind: `course` or `path`.
        facts: what the rules were asked about.
        refusal: why not; None where they can.
    """

    course_id: int
    course: str
    kind: str
    facts: CourseFacts
    refusal: Refused | None

    @property
    def opens(self) -> bool:
        """Whether they can."""
        return self.refusal is None


def courses_of(look: Look, user_id: int) -> list[CourseAccess]:
    """Return every course and learning path by name, and whether the person can open it now.

    Raises:
        Missing: no such person.
    """
    look.require(Permission.SEE_PEOPLE)
    query = before_courses(look.now.date()).select_from(User).join(Course, true())
    found = look.db.execute(query.where(User.id == user_id).order_by(Course.name_key)).all()
    if not found:
        _check_person(look, user_id)
    return [_access(look, row) for row in found]


def course_of(look: Look, user_id: int, course_id: int) -> CourseAccess:
    """Return whether the person can open one course now.

    Raises:
        Missing: no such person, no such course.
    """
    look.require(Permission.SEE_PEOPLE)
    query = before_courses(look.now.date()).select_from(User).join(Course, Course.id == course_id)
    row = look.db.execute(query.where(User.id == user_id)).one_or_none()
    if row is None:
        _check_person(look, user_id)
        raise Missing("course", str(course_id))
    return _access(look, row)


def _access(look: Look, row: Row[Any]) -> CourseAccess:
    facts = course_facts(row)
    return CourseAccess(
        row.course_id, row.course, row.kind, facts, refusal_of(OPEN_COURSE, look.actor, facts)
    )


def _check_person(look: Look, user_id: int) -> None:
    if look.db.scalar(select(User.id).where(User.id == user_id)) is None:
        raise Missing("user", str(user_id))
