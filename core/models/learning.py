"""What the learning platform records about people: kept on archiving, gone with deletion (R40, R42)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base


class LessonCompletion(Base):
    """One lesson done; reporting it twice is reporting it once."""

    __tablename__ = "lesson_completions"
    __table_args__ = (
        Index("uq_lesson_completions_lesson", "user_id", "course_id", "lesson", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="RESTRICT"))
    lesson: Mapped[str] = mapped_column(String(200))
    completed_at: Mapped[datetime]


class Certificate(Base):
    """One certificate earned."""

    __tablename__ = "certificates"
    __table_args__ = (Index(None, "user_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="RESTRICT"))
    number: Mapped[str] = mapped_column(String(60), unique=True)
    issued_at: Mapped[datetime]


class CourseProgress(Base):
    """How far somebody is in a course or learning path."""

    __tablename__ = "course_progress"
    __table_args__ = (CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="RESTRICT"), primary_key=True)
    percent: Mapped[int] = mapped_column(SmallInteger)
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
