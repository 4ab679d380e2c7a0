"""People, where they belong, and their sign-ins."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Table, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models import search
from core.models.base import Base, ordered_text
from core.roles import Role

ACTIVE, ARCHIVED = "active", "archived"
_ROLES = f"role IN ({', '.join(str(int(role)) for role in Role)})"


class Department(Base):
    """S24: one per person at most."""

    __tablename__ = "departments"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(ordered_text(400), unique=True)
    created_at: Mapped[datetime]


class Group(Base):
    """S30: a learning group, any number per person."""

    __tablename__ = "groups"
    __table_args__ = (CheckConstraint("max_size > 0", name="max_size"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(ordered_text(400), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    max_size: Mapped[int | None]
    created_at: Mapped[datetime]


class User(Base):
    """A person with an account.

    `search_key` and `sort_key` are computed in Python, so that both databases find and order alike (R61). On the day
    `leaves_on`, counted in UTC, the account is archived by itself; it is empty for archived people.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(_ROLES, name="role"),
        CheckConstraint("status IN ('active', 'archived')", name="status"),
        CheckConstraint("(status = 'archived') = (archived_at IS NOT NULL)", name="archived_at"),
        Index(
            "ix_users_leaves_on",
            "leaves_on",
            sqlite_where=text("leaves_on IS NOT NULL"),
            postgresql_where=text("leaves_on IS NOT NULL"),
        ),
        Index(None, "status", "role"),
        # One for each order that lists have, with the id that makes it total and the status that nearly every list
        # asks for, so that the ids of a million people come from the index alone; names with what is searched in.
        Index(None, "sort_key", "id", "status", "search_key"),
        Index(None, "address_key", "id", "status"),
        Index(None, "department_id", "id", "status"),
        Index(None, "role", "id", "status"),
        Index(None, "created_at", "id", "status"),
        Index(None, "last_sign_in_at", "id", "status"),
        *search.INDEXES,
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    address_key: Mapped[str] = mapped_column(ordered_text(254), unique=True)
    role: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(String(10), default=ACTIVE)
    first_name: Mapped[str] = mapped_column(String(100), default="")
    last_name: Mapped[str] = mapped_column(String(100), default="")
    password_hash: Mapped[str] = mapped_column(String(255))
    phone: Mapped[str] = mapped_column(String(40), default="")
    postal_address: Mapped[str] = mapped_column(Text, default="")
    born_on: Mapped[date | None]
    job_title: Mapped[str] = mapped_column(String(100), default="")
    language: Mapped[str] = mapped_column(String(10), default="")
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id", ondelete="RESTRICT"))
    search_key: Mapped[str] = mapped_column(ordered_text())
    sort_key: Mapped[str] = mapped_column(ordered_text())
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    last_sign_in_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    leaves_on: Mapped[date | None]


search.make_with(cast("Table", User.__table__))


class GroupMember(Base):
    """One person's place in one learning group."""

    __tablename__ = "group_members"
    __table_args__ = (Index(None, "user_id"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="RESTRICT"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)


class SignIn(Base):
    """One sign-in, with the role of that moment: a gain counts from the next one, a loss lowers it (R38)."""

    __tablename__ = "sign_ins"
    __table_args__ = (CheckConstraint(_ROLES, name="role"), Index(None, "user_id", "closed_at"))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role: Mapped[int] = mapped_column(SmallInteger)
    surface: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class SignInFailure(Base):
    """Failed sign-ins of one account key from one source, for the growing delay; `account` is empty for the source.

    Accounts are counted per source, so nobody outside can slow down the owner's own sign-in.
    """

    __tablename__ = "sign_in_failures"

    source: Mapped[str] = mapped_column(String(100), primary_key=True)
    account: Mapped[str] = mapped_column(ordered_text(254), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
