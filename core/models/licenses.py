"""Licenses and seats. A seat is a row only while it is held: free = total - rows, computed, never stored."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, ordered_text


class Course(Base):
    """A course or learning path of the platform, known here by name only (R2)."""

    __tablename__ = "courses"
    __table_args__ = (
        CheckConstraint("kind IN ('course', 'path')", name="kind"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(ordered_text(400), unique=True)
    kind: Mapped[str] = mapped_column(String(10), default="course", server_default=text("'course'"))


class License(Base):
    """S14, S16: a quota of seats; its row is the lock of its seats (D8).

    Attributes:
        expires_on: the last day on which it gives access; None without an end.
        waiting_list: whether those who found no seat wait for the next that is freed.
    """

    __tablename__ = "licenses"
    __table_args__ = (CheckConstraint("seats_total > 0", name="seats_total"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(ordered_text(400), unique=True)
    seats_total: Mapped[int]
    expires_on: Mapped[date | None]
    created_at: Mapped[datetime]
    waiting_list: Mapped[bool] = mapped_column(default=False, server_default=false())


class LicenseCourse(Base):
    """What a license opens."""

    __tablename__ = "license_courses"
    __table_args__ = (Index(None, "course_id"),)

    license_id: Mapped[int] = mapped_column(ForeignKey("licenses.id", ondelete="CASCADE"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="RESTRICT"), primary_key=True)


class Seat(Base):
    """One person's hold on a license (R47)."""

    __tablename__ = "seats"
    __table_args__ = (Index(None, "user_id"),)

    license_id: Mapped[int] = mapped_column(ForeignKey("licenses.id", ondelete="RESTRICT"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    held_since: Mapped[datetime]


class SeatWaiter(Base):
    """Somebody who waits for a seat of a license; whoever has waited longest is served first.

    Attributes:
        place: among those whom one run let wait, in the order of its list.
        batch: the run that let them wait.
    """

    __tablename__ = "seat_waiters"
    __table_args__ = (Index(None, "user_id"),)

    license_id: Mapped[int] = mapped_column(ForeignKey("licenses.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[datetime]
    place: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    batch: Mapped[str | None] = mapped_column(String(16))
