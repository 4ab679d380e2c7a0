"""The company: one row, and the lock of everything that counts against the cap."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base

EDITABLE = ("name", "email", "phone", "website", "address", "link_days", "language", "color")
"""What an admin changes as text; the maximum number of users is the operator's, the logo is no text."""


class Company(Base):
    """S23, S29, R10, R49: the record of the one company in this database."""

    __tablename__ = "company"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("user_cap > 0", name="user_cap"),
        CheckConstraint("link_days BETWEEN 1 AND 90", name="link_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    website: Mapped[str] = mapped_column(String(500), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    user_cap: Mapped[int | None]
    link_days: Mapped[int] = mapped_column(default=7)
    language: Mapped[str] = mapped_column(String(10), default="en")
    color: Mapped[str] = mapped_column(String(7), default="")
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    logo_type: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime]
