"""Questions about the audit trail (R60)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from core.filter_keys import audit_conditions
from core.filters import Filter
from core.models import AuditEvent
from core.reading.lists import Sort, id_chunks, ordered
from core.roles import Permission
from core.work import Look

NEWEST_FIRST = Sort("at", descending=True)
SORTS: dict[str, Any] = {"at": AuditEvent.id}  # rows are written in the order of time


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One change: who, when, what, old and new value."""

    id: int
    at: datetime
    action: str
    actor: str
    subject_kind: str
    subject_id: int | None
    subject: str
    details: dict[str, Any]
    batch: str


def count(look: Look, chosen: Filter) -> int:
    """Return how many events the filter finds."""
    look.require(Permission.SEE_PEOPLE)
    condition = audit_conditions(chosen, look.now)
    return look.db.scalar(select(func.count()).select_from(AuditEvent).where(condition)) or 0


def ids(look: Look, chosen: Filter, sort: Sort = NEWEST_FIRST) -> Iterator[Sequence[int]]:
    """Yield the ids of the events found, in order, in chunks.

    Raises:
        InvalidFilter, Invalid: an unknown value or column.
    """
    look.require(Permission.SEE_PEOPLE)
    return id_chunks(look, _ordered_ids(look, chosen, sort))


def first(look: Look, chosen: Filter, sort: Sort = NEWEST_FIRST, *, limit: int = 100) -> list[AuditRow]:
    """Return the first rows in order, without waiting for all ids."""
    look.require(Permission.SEE_PEOPLE)
    return rows(look, look.db.scalars(_ordered_ids(look, chosen, sort).limit(limit)).all())


def rows(look: Look, wanted: Sequence[int]) -> list[AuditRow]:
    """Return the events with these ids, in that order."""
    look.require(Permission.SEE_PEOPLE)
    found = look.db.scalars(select(AuditEvent).where(AuditEvent.id.in_(wanted)))
    by_id = {each.id: _row(each) for each in found}
    return [by_id[each] for each in wanted if each in by_id]


def events(look: Look, chosen: Filter, *, limit: int = 100, before_id: int | None = None) -> list[AuditRow]:
    """Return the newest events first; `before_id` continues behind an earlier page.

    Raises:
        InvalidFilter: an unknown value.
    """
    look.require(Permission.SEE_PEOPLE)
    statement = (
        select(AuditEvent)
        .where(audit_conditions(chosen, look.now))
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        statement = statement.where(AuditEvent.id < before_id)
    return [_row(each) for each in look.db.scalars(statement)]


def _ordered_ids(look: Look, chosen: Filter, sort: Sort) -> Select[int]:
    return ordered(
        select(AuditEvent.id).where(audit_conditions(chosen, look.now)), sort, SORTS, AuditEvent.id
    )


def _row(event: AuditEvent) -> AuditRow:
    return AuditRow(
        event.id,
        event.at,
        event.action,
        event.actor_label,
        event.subject_kind,
        event.subject_id,
        event.subject_label,
        event.details,
        event.batch or "",
    )
