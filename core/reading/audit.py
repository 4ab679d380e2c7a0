"""Questions about the audit trail (R60)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.filter_keys import audit_conditions
from core.filters import Filter
from core.models import AuditEvent
from core.roles import Permission
from core.work import Look


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
    return [
        AuditRow(
            each.id,
            each.at,
            each.action,
            each.actor_label,
            each.subject_kind,
            each.subject_id,
            each.subject_label,
            each.details,
            each.batch or "",
        )
        for each in look.db.scalars(statement)
    ]
