"""What stands between people and courses: the facts that `core.rules.OPEN_COURSE` judges, as one query (R47, R48, D8)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from core.facts import CourseFacts
from core.models import Course, License, LicenseCourse, Seat, User
from core.selection import license_in_force

Before = Select[*tuple[Any, ...]]


def before_courses(today: date) -> Before:
    """Return the query of a person before a course; whoever asks joins the two and says which.

    Args:
        today: the day that decides what is in force, counted in UTC.
    """
    including = select(func.count()).select_from(LicenseCourse).where(LicenseCourse.course_id == Course.id)
    on_it = (Seat.license_id == LicenseCourse.license_id) & (Seat.user_id == User.id)
    held = including.join(Seat, on_it)
    in_force = held.join(License, License.id == Seat.license_id).where(license_in_force(today))
    return select(
        User.id.label("user_id"),
        User.address,
        User.status,
        Course.id.label("course_id"),
        Course.name.label("course"),
        Course.kind,
        _counted(including, "licenses"),
        _counted(held, "seats"),
        _counted(in_force, "in_force"),
    )


def course_facts(row: Row[Any], asked: str = "") -> CourseFacts:
    """Return what the rules are asked about.

    Args:
        row: of `before_courses`.
        asked: what the course was called by whoever asks, where no course is known by that name.
    """
    return CourseFacts(row.address, row.status, row.course or asked, row.licenses, row.seats, row.in_force)


def _counted(found: Select[int], label: str) -> ColumnElement[int]:
    return found.correlate(User, Course).scalar_subquery().label(label)
