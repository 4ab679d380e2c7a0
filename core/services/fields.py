"""Editing field by field: what differs, and what somebody else has changed since it was looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import EditConflict, Invalid
from core.models import AuditEvent
from core.tally import Conflict

Fields = Mapping[str, str]
_LOOKED_BACK = 50


@dataclass(frozen=True, slots=True)
class Subject:
    """What is edited: kind and id as in the audit trail, and its name."""

    kind: str
    id: int
    label: str


def judged(wanted: Fields, judges: Mapping[str, Callable[[str], str]]) -> dict[str, str]:
    """Return each field as it may be stored.

    Args:
        wanted: field -> text as typed.
        judges: field -> what returns the text as it may be stored, or raises `Invalid` for that field.

    Raises:
        Invalid: every wrong field with its sentence; one that does not exist with those that do.
    """
    clean: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for field, text in wanted.items():
        if field not in judges:
            wrong[field] = f"There is no field {field}. There is: {', '.join(judges)}."
            continue
        try:
            clean[field] = judges[field](text)
        except Invalid as problem:
            wrong |= problem.fields
    if wrong:
        raise Invalid(wrong)
    return clean


def differing(
    db: Session, subject: Subject, now: Fields, wanted: Fields, seen: Fields | None
) -> dict[str, Any]:
    """Return what is to be changed, as the audit trail tells it: field -> old and new.

    Args:
        db: the open transaction, which holds the lock.
        subject: what is edited.
        now: field -> what it says.
        wanted: field -> what it is to say.
        seen: field -> what it said when looked at; None or a missing field for whoever did not look.

    Raises:
        EditConflict: somebody has changed a field meanwhile, and to something else than what is wanted.
    """
    changes = {
        field: {"old": now[field], "new": text} for field, text in wanted.items() if now[field] != text
    }
    crossed = [field for field in changes if seen is not None and seen.get(field, now[field]) != now[field]]
    if not crossed or seen is None:
        return changes
    events = db.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject_kind == subject.kind, AuditEvent.subject_id == subject.id)
        .order_by(AuditEvent.id.desc())
        .limit(_LOOKED_BACK)
    ).all()
    raise EditConflict(
        tuple(
            _conflict(subject, field, (seen[field], now[field], wanted[field]), events) for field in crossed
        )
    )


def _conflict(
    subject: Subject, field: str, texts: tuple[str, str, str], events: Sequence[AuditEvent]
) -> Conflict:
    last = next((event for event in events if field in event.details), None)
    return Conflict(
        subject.id,
        subject.label,
        field,
        *texts,
        "" if last is None else last.actor_label,
        None if last is None else last.at,
    )
