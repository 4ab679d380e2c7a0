"""What the learning platform records about people: kept on archiving, gone with deletion (R40, R42)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base


class LessonCompletion(Base):
    """One lesson done."""

    __tablename__ = "lesson_completions"
    __table_args__ = (Index(None, "user_id"), {"sqlite_autoincrement": True})

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
