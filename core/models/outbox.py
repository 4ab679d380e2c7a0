"""The outbox: which mail is to go to whom. Never its text, never a link: those are made when it is sent. And its line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, UtcDateTime

WAITING, SENDING, SENT, FAILED, DROPPED = "waiting", "sending", "sent", "failed", "dropped"
SINGLE, BULK = 0, 1


class OutboxMail(Base):
    """One mail.

    Attributes:
        priority: `SINGLE`, or `BULK` for one of many: singles go first.
        attempts: how often it was claimed; also the fence: only the claim with this number may record the outcome.
        user_id: whose account it is about, where there is one: the mail goes when the account is deleted.
        leased_until: while sending; after that another sender may take over.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed', 'dropped')", name="state"),
        Index(
            "ix_outbox_due",
            "priority",
            "due_at",
            "id",
            sqlite_where=text("state IN ('waiting', 'sending')"),
            postgresql_where=text("state IN ('waiting', 'sending')"),
        ),
        Index(None, "invitation_id"),
        Index(None, "user_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    to_address: Mapped[str] = mapped_column(String(254))
    to_name: Mapped[str] = mapped_column(String(201), default="")
    language: Mapped[str] = mapped_column(String(10), default="")
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitations.id", ondelete="CASCADE"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    priority: Mapped[int] = mapped_column(SmallInteger, default=0)
    batch: Mapped[str | None] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int | None]


class MailLine(Base):
    """Whether and how fast mails leave; without a row they leave as fast as the server takes them.

    Attributes:
        reason: why it is paused: a person's words or the mail server's.
        next_slot_at: with a rate, the moment from which the next mail may leave; shared by every sender.
    """

    __tablename__ = "mail_line"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("per_minute > 0", name="per_minute"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    paused: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    per_minute: Mapped[int | None]
    next_slot_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
