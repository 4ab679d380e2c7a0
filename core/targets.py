"""Whom a bulk verb is about: those who were marked, or whoever a filter finds when the lock is held."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, ColumnElement, FromClause, MetaData, Table, select
from sqlalchemy.orm import Session

from core.dialects import load_rows
from core.errors import Invalid
from core.filter_keys import user_conditions
from core.filters import Filter
from core.models import User
from core.selection import temporary

# Made once: a statement on the same table object is compiled once and then found in SQLAlchemy's cache.
_METADATA = MetaData()
_TARGETED = Table(
    "targeted",
    _METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("position", BigInteger),
    prefixes=["TEMPORARY"],
)
_DROPPED = Table("dropped", _METADATA, Column("id", BigInteger, primary_key=True), prefixes=["TEMPORARY"])
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a bulk verb is about.

    Attributes:
        ids: what was marked, in the order of the list; an array of any length. Or else
        chosen: whoever a filter finds, read under the lock: a reference and not a list.
        without: rows dropped from the plan.
    """

    ids: Iterable[int] | None = None
    chosen: Filter | None = None
    without: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where the people of a target stand: either a table of ids, or `users` under a condition.

    Attributes:
        rows: with the columns `id` and `position`; None where `condition` on `users` tells who it is.
        condition: likewise.
    """

    rows: FromClause | None = None
    condition: ColumnElement[bool] | None = None


@contextmanager
def people_of(db: Session, target: Target, now: datetime) -> Iterator[Source]:
    """Lend the people of `target`.

    Args:
        db: where; the company's lock is held.
        target: whom.
        now: for filter words such as `seen>90d`.

    Raises:
        Invalid: the target names nobody at all. InvalidFilter: a value that does not exist.
    """
    if target.ids is not None:
        dropped = set(target.without)
        ids = (each for each in dict.fromkeys(target.ids) if each not in dropped and 0 < each <= _LARGEST_ID)
        with temporary(db, _TARGETED):
            load_rows(db, _TARGETED, ((each, position) for position, each in enumerate(ids, 1)))
            yield Source(_TARGETED)
        return
    if target.chosen is None:
        raise Invalid({"filter": "Say whom: mark people, or write a filter."})
    condition = user_conditions(db, target.chosen, now)
    with temporary(db, _DROPPED):
        if target.without:
            load_rows(db, _DROPPED, ((each,) for each in sorted(set(target.without))))
            condition &= User.id.not_in(select(_DROPPED.c.id))
        yield Source(condition=condition)
