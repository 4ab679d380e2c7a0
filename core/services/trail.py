"""Audit events of many rows at once, written where they stand (R60)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, String, insert, literal
from sqlalchemy.orm import Session

from core.dialects import json_document, json_object
from core.models import AuditEvent, License
from core.roles import Permission
from core.work import Work


def write_events(
    work: Work, batch: str | None, action: str, *, kind: str, rows: Select[*tuple[Any, ...]]
) -> None:
    """Write one event for each row: subject's id, label, details."""
    work.require(Permission.MANAGE_PEOPLE)
    subject_id, label, details = rows.selected_columns
    columns = {
        "at": literal(work.now, AuditEvent.at.type),
        "action": literal(action),
        "actor_id": literal(work.actor.user_id or None, AuditEvent.actor_id.type),
        "actor_label": literal(work.actor.label),
        "subject_kind": literal(kind),
        "subject_id": subject_id,
        "subject_label": label,
        "details": details,
        "batch": literal(batch, AuditEvent.batch.type),
    }
    written = rows.with_only_columns(*columns.values(), maintain_column_froms=True)
    work.db.execute(insert(AuditEvent).from_select(list(columns), written))


def seat_details(db: Session, **more: Any) -> ColumnElement[Any]:
    """Return the details of an event about a seat: the license, and what is known besides, such as `held_since`."""
    seat = json_object(db, id=License.id, name=License.name, **more)
    return json_document(db, literal('{"license": ', String) + seat + "}")
