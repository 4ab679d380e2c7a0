"""What the console remembers for each admin: saved views, and how the lists were left."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, ordered_text


class SavedView(Base):
    """A list as somebody wants to see it again: filter, order and columns under a name."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "list", "name_key"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    list: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(ordered_text(200))
    filter: Mapped[str] = mapped_column(Text, default="")
    sort: Mapped[str] = mapped_column(String(20), default="")
    descending: Mapped[bool] = mapped_column(default=False)
    columns: Mapped[Any] = mapped_column(JSON)


class Preference(Base):
    """One thing the console remembers for one admin."""

    __tablename__ = "preferences"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
