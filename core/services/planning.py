"""Changing people, step one: who is to become what, as rows of temporary tables.

Every verb that changes people fills the same tables, one person or a million: a uniform change with one
INSERT ... SELECT, a sheet through a table of its own, taking back from the audit trail. Then one judge looks at them
(`judging_people`) and one writer carries them out (`writing_people`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    FromClause,
    MetaData,
    SmallInteger,
    String,
    Table,
    func,
    insert,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from core.models import Base, Seat, User
from core.targets import Source

ROLE, STATUS, DEPARTMENT, LEAVES_ON = "role", "status", "department_id", "leaves_on"
FIELDS = (
    ROLE,
    DEPARTMENT,
    STATUS,
    LEAVES_ON,
    "language",
    "job_title",
    "first_name",
    "last_name",
    "phone",
    "postal_address",
    "born_on",
    "address",
    "address_key",
    "search_key",
    "sort_key",
)
ALWAYS = (ROLE, STATUS)  # every rule asks about these
_USERS = Base.metadata.tables[User.__tablename__]


def _tables() -> tuple[Table, Table, Table]:
    metadata = MetaData()
    sides = [
        Column(f"{side}_{name}", _USERS.c[name].type, nullable=True)
        for name in FIELDS
        for side in ("old", "new")
    ]
    planned = Table(
        "planned",
        metadata,
        Column("id", BigInteger, primary_key=True),
        Column("position", BigInteger),
        Column("address", String),
        Column("code", String),
        Column("detail", String),
        *sides,
        prefixes=["TEMPORARY"],
    )
    groups = Table(
        "planned_groups",
        metadata,
        Column("user_id", BigInteger, primary_key=True),
        Column("group_id", BigInteger, primary_key=True),
        Column("joins", SmallInteger),
        prefixes=["TEMPORARY"],
    )
    seats = Table(
        "planned_seats",
        metadata,
        Column("user_id", BigInteger, primary_key=True),
        Column("license_id", BigInteger, primary_key=True),
        Column("held_since", Seat.held_since.type),
        Column("code", String, default=""),
        prefixes=["TEMPORARY"],
    )
    return planned, groups, seats


# Made once: a statement on the same table objects is compiled once and then found in SQLAlchemy's cache.
PLANNED, PLANNED_GROUPS, PLANNED_SEATS = _tables()
P = PLANNED.c
S = PLANNED_SEATS.c


def named(field: str) -> str:
    """Return how a field is called in plans and in the audit trail."""
    return "department" if field == DEPARTMENT else field


def old(field: str) -> ColumnElement[Any]:
    """Return the column that holds what a field is."""
    return P[f"old_{field}"]


def new(field: str) -> ColumnElement[Any]:
    """Return the column that holds what a field is to become."""
    return P[f"new_{field}"]


def differs(*fields: str) -> ColumnElement[bool]:
    """Return the condition that at least one of `fields` would change; NULL is a value like any other."""
    return or_(*(new(field).is_distinct_from(old(field)) for field in fields))


def stage(
    db: Session, rows: FromClause, fields: Sequence[str], values: Mapping[str, ColumnElement[Any]]
) -> None:
    """Fill the plan from a table of rows.

    Args:
        db: where; the tables are there.
        rows: with the columns `id` and `position`, and `code` and `detail` where some are refused already; `address`
            where some have an id that nobody has.
        fields: which fields the run may change; every row gets each of them, old and new.
        values: field -> what it is to become, over the columns of `rows` and `User`; left out: it stays as it is.
    """
    empty = literal("")
    labels = (rows.c.get("code", empty), rows.c.get("detail", empty))
    source = rows.outerjoin(User, User.id == rows.c.id)
    columns = _columns((rows.c.id, rows.c.position, *labels), fields, values)
    columns["address"] = func.coalesce(User.address, rows.c.get("address", empty))
    db.execute(insert(PLANNED).from_select(list(columns), select(*columns.values()).select_from(source)))


def stage_people(
    db: Session, source: Source, fields: Sequence[str], values: Mapping[str, ColumnElement[Any]]
) -> None:
    """Fill the plan with the people of a target; `fields` and `values` as in `stage`.

    Those of a filter stand in the order of their ids: the order of the list would cost a million look-ups, and is
    asked for only where a limit stops the run (`limiting_people`).
    """
    if source.rows is not None:
        stage(db, source.rows, fields, values)
        return
    assert source.condition is not None  # noqa: S101 - a source has rows or a condition
    empty = literal("")
    columns = _columns((User.id, User.id, empty, empty), fields, values)
    db.execute(insert(PLANNED).from_select(list(columns), select(*columns.values()).where(source.condition)))


def _columns(
    row: Sequence[Any], fields: Sequence[str], values: Mapping[str, ColumnElement[Any]]
) -> dict[str, Any]:
    user_id, position, code, detail = row
    columns: dict[str, Any] = {
        "id": user_id,
        "position": position,
        "address": func.coalesce(User.address, ""),
        "code": code,
        "detail": detail,
        "old_role": func.coalesce(User.role, 0),
        "old_status": func.coalesce(User.status, ""),
    }
    for field in fields:
        stands = getattr(User, field)
        columns.setdefault(f"old_{field}", stands)
        columns[f"new_{field}"] = values.get(field, stands)
    return columns
