"""Which rows: conditions that have a name, and sets of ids too many for a statement's parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Select,
    Table,
    and_,
    case,
    func,
    select,
)
from sqlalchemy.orm import Session, aliased

from core.dialects import load_rows, lock_row
from core.errors import Misconfigured, Missing, Problem
from core.models import AuditEvent, Company, Department, Group, Invitation, License, SeatWaiter, User
from core.models.invitations import OPEN
from core.models.people import ACTIVE, ARCHIVED
from core.roles import Permission, Role
from core.rules import NO_LIMIT
from core.values import name_key

_MOST_LISTED = 12
# Made once: a statement on the same table object is compiled once and then found in SQLAlchemy's cache.
_PICKED = Table("picked", MetaData(), Column("id", BigInteger, primary_key=True), prefixes=["TEMPORARY"])


def live_invitation(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition of an invitation whose link works: open and unexpired (D9)."""
    return (Invitation.state == OPEN) & (Invitation.expires_at > now)


def active_users() -> Select[int]:
    """Return the query that counts who counts against the cap (R52)."""
    return select(func.count()).select_from(User).where(User.status == ACTIVE)


def active_admins() -> Select[int]:
    """Return the query that counts who can keep the company running in the console (D7)."""
    return active_users().where(User.role == Role.COMPANY_ADMIN)


def live_invitations(now: datetime) -> Select[int]:
    """Return the query that counts the invitations that count against the cap (D9)."""
    return select(func.count()).select_from(Invitation).where(live_invitation(now))


def license_in_force(today: date) -> ColumnElement[bool]:
    """Return the condition of a license that gives access: its last day is not over, counted in UTC (D8)."""
    return License.expires_on.is_(None) | (License.expires_on >= today)


def in_line() -> tuple[ColumnElement[Any], ...]:
    """Return the order in which those who wait for a seat are served: the longest waiting first."""
    line = (SeatWaiter.since, SeatWaiter.place, SeatWaiter.user_id)
    return tuple(column.expression for column in line)


def seats_lost_last(people: Select[int]) -> Select[int, int]:
    """Return person and license of the seats that archived people lost by their own last archiving (R46).

    Args:
        people: their ids; those who are active are left out.
    """
    lost, archived = aliased(AuditEvent), aliased(AuditEvent)
    last = (
        select(func.max(AuditEvent.id).label("id"))
        .join(User, User.id == AuditEvent.subject_id)
        .where(
            AuditEvent.subject_kind == "user",
            AuditEvent.subject_id.in_(people),
            AuditEvent.action == "user.archived",
            User.status == ARCHIVED,
        )
        .group_by(AuditEvent.subject_id)
        .subquery()
    )
    by_that_run = and_(
        lost.subject_kind == "user",
        lost.subject_id == archived.subject_id,
        lost.batch == archived.batch,
        lost.action == "seat.revoked",
    )
    license_id = lost.details[("license", "id")].as_integer()
    return (
        select(lost.subject_id.label("user_id"), license_id.label("license_id"))
        .select_from(last)
        .join(archived, archived.id == last.c.id)
        .join(lost, by_that_run)
        .distinct()
    )


def role_to_invite_with(role: Any, status: Any) -> ColumnElement[int]:
    """Return the role that counts where an invitation is sent or accepted; 0 where it does not reach (P31)."""
    return case(((status == ACTIVE) & (role >= int(Permission.INVITE.lowest)), role), else_=0)


def inviter_role_of(db: Session, invitation: Any) -> int:
    """Return the role that stands behind an invitation today: 0 where its inviter may no longer invite (P31)."""
    if invitation.by_operator:
        return int(Role.OPERATOR)
    role = role_to_invite_with(User.role, User.status)
    return db.scalar(select(role).where(User.id == invitation.invited_by)) or 0


@dataclass(frozen=True, slots=True)
class LockedCompany:
    """The company's row, held until the transaction ends: nobody else can take a place meanwhile (R57)."""

    name: str
    user_cap: int
    link_days: int


def lock_company(db: Session) -> LockedCompany:
    """Lock the company's row; every verb that takes a place begins with it.

    Raises:
        Misconfigured: there is no company yet.
    """
    row = lock_row(db, select(Company.name, Company.user_cap, Company.link_days).where(Company.id == 1))
    if row is None:
        raise Misconfigured(
            "ACADEMY_DATABASE_URL",
            "the database has no company yet. Set it up: academy init --company NAME --admin EMAIL",
        )
    return LockedCompany(row.name, NO_LIMIT if row.user_cap is None else row.user_cap, row.link_days)


@contextmanager
def temporary(db: Session, *tables: Table) -> Iterator[None]:
    """Make temporary tables for the length of a block; after a driver's error the rollback removes them."""
    connection = db.connection()
    for table in tables:
        table.create(connection, checkfirst=False)
    try:
        yield
    except Problem:
        _drop(connection, tables)
        raise
    _drop(connection, tables)


def _drop(connection: Connection, tables: Sequence[Table]) -> None:
    for table in reversed(tables):
        table.drop(connection, checkfirst=False)


@contextmanager
def picked(db: Session, ids: Iterable[int]) -> Iterator[Table]:
    """Hold `ids` in a temporary table with the column `id`: no limit on their number, one plan for any of them."""
    with temporary(db, _PICKED):
        load_rows(db, _PICKED, ((each,) for each in sorted(set(ids))))
        yield _PICKED


def department_named(db: Session, name: str) -> int:
    """Return the id of the department called `name`, without regard to case.

    Raises:
        Missing: listing what there is.
    """
    return _named(db, Department, "department", name)


def group_named(db: Session, name: str) -> int:
    """Return the id of the learning group called `name`, without regard to case.

    Raises:
        Missing: listing what there is.
    """
    return _named(db, Group, "learning group", name)


def license_named(db: Session, name: str) -> int:
    """Return the id of the license called `name`, without regard to case.

    Raises:
        Missing: listing what there is.
    """
    return _named(db, License, "license", name)


def _named(db: Session, model: type[Department | Group | License], kind: str, name: str) -> int:
    found = db.scalar(select(model.id).where(model.name_key == name_key(name)))
    if found is None:
        known = db.scalars(select(model.name).order_by(model.name_key).limit(_MOST_LISTED)).all()
        raise Missing(kind, name, tuple(known))
    return found
