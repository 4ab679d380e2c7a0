"""Invitations. Whether one is expired is never stored: time decides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, ordered_text

OPEN, ACCEPTED, REPLACED, WITHDRAWN = "open", "accepted", "replaced", "withdrawn"


class Invitation(Base):
    """R4-R13: one link for one address.

    `by_operator` tells an invitation of the host's operator (who has no account) from one whose inviter was deleted.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'replaced', 'withdrawn')", name="state"),
        CheckConstraint("role IN (10, 20, 30, 40)", name="role"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at"),
        CheckConstraint("expires_at > created_at", name="expires_at"),
        Index(
            "uq_invitations_open_address_key",
            "address_key",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(None, "address_key"),
        Index(None, "state", "expires_at"),
        Index(None, "invited_by"),
        Index(None, "department_id"),
        Index(
            "ix_invitations_user_id",
            "user_id",
            sqlite_where=text("user_id IS NOT NULL"),
            postgresql_where=text("user_id IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    address: Mapped[str] = mapped_column(String(254))
    address_key: Mapped[str] = mapped_column(ordered_text(254))
    role: Mapped[int] = mapped_column(SmallInteger)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id", ondelete="RESTRICT"))
    language: Mapped[str] = mapped_column(String(10), default="")
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    by_operator: Mapped[bool]
    batch: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default=OPEN)
    closed_at: Mapped[datetime | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class InvitationGroup(Base):
    """R6, R13: a learning group the person will join on acceptance."""

    __tablename__ = "invitation_groups"
    __table_args__ = (Index(None, "group_id"),)

    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE"), primary_key=True
    )
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="RESTRICT"), primary_key=True)
