"""What the program does by itself: its tasks, and the warnings that were given."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base


class Task(Base):
    """One thing that is done by itself again and again; its row is the lock, so that two processes do it once.

    Attributes:
        name: as in `core.services.tasks`.
        last_run_at: when it was done last; None before the first time.
        next_run_at: from when on it is due again.
        result: what it did last, as a sentence; or what went wrong.
        failed: whether the last run ended with a problem.
    """

    __tablename__ = "tasks"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    last_run_at: Mapped[datetime | None]
    next_run_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(Text, default="")
    failed: Mapped[bool] = mapped_column(default=False)


class Notice(Base):
    """One warning that was mailed to the Company Admins: once for each threshold of what it is about.

    Attributes:
        kind: `license_expiring`, `seats_used` or `cap_near`.
        subject_id: the license; 0 for the company.
        threshold: days left, or percent used.
        mark: what it was measured against: the day of expiry or the number bought; another one warns anew.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "threshold", "mark"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    threshold: Mapped[int]
    mark: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime]
