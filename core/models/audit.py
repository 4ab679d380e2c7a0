"""The audit trail (R60). No foreign keys: it outlives the people it speaks of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base


class AuditEvent(Base):
    """Who, when, what, old and new value; the rows of one bulk change share a batch."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id"),
        Index(None, "batch"),
        Index(None, "actor_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None]
    actor_label: Mapped[str] = mapped_column(String(254))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int | None]
    subject_label: Mapped[str] = mapped_column(String(254))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    batch: Mapped[str | None] = mapped_column(String(16))
