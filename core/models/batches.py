"""Bulk changes: each run has a name, under which its rows stand in the audit trail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base


class Batch(Base):
    """One bulk run. No foreign keys: like the audit trail it outlives the people it speaks of.

    Attributes:
        id: their order; two may begin at one moment.
        verb: what was done, such as `invite`, `role`, `archive`, `undo`.
        summary: what it was to be, such as "role: Trainer"; names nobody.
        finished_at: when all of it was applied; while empty nothing of it is, whatever became of its process.
        refused: rows that were not done.
        undoes: the run that this one took back.
        undone_by: the run that took this one back.
    """

    __tablename__ = "batches"
    __table_args__ = (Index(None, "actor_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(16), unique=True)
    verb: Mapped[str] = mapped_column(String(20))
    summary: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int | None]
    actor_label: Mapped[str] = mapped_column(String(254))
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    undoes: Mapped[str | None] = mapped_column(String(16))
    undone_by: Mapped[str | None] = mapped_column(String(16))
