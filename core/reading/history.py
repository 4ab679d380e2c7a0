"""Questions about one person's past: what was changed on them, by whom, and when they signed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.models import AuditEvent, SignIn
from core.roles import Permission, Role
from core.work import Look


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One field of one change; an event without values has one row with an empty field.

    Attributes:
        action: as in the audit trail, such as `user.role_changed`.
        actor: who did it, as the audit trail names them.
        old: what it said; empty where nothing stood there.
        new: what it says since.
        batch: the bulk change it was a part of, or empty.
    """

    at: datetime
    actor: str
    action: str
    field: str
    old: str
    new: str
    batch: str


@dataclass(frozen=True, slots=True)
class SignInRow:
    """One sign-in.

    Attributes:
        surface: where: `console`.
        role: the role that counts in it; a gain counts from the next one (R38).
        closed: when it ended; None while it is open.
    """

    opened: datetime
    seen: datetime
    closed: datetime | None
    surface: str
    role: Role


def history(look: Look, user_id: int, *, limit: int = 50) -> list[HistoryRow]:
    """Return the newest `limit` changes of one person first, field by field with old and new value."""
    look.require(Permission.SEE_PEOPLE)
    events = look.db.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject_kind == "user", AuditEvent.subject_id == user_id)
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    )
    return [
        HistoryRow(event.at, event.actor_label, event.action, field, old, new, event.batch or "")
        for event in events
        for field, old, new in values_of(event.details) or [("", "", "")]
    ]


def sign_ins(look: Look, user_id: int, *, limit: int = 20) -> list[SignInRow]:
    """Return the newest sign-ins of one person first."""
    look.require(Permission.SEE_PEOPLE)
    found = look.db.scalars(
        select(SignIn).where(SignIn.user_id == user_id).order_by(SignIn.opened_at.desc()).limit(limit)
    )
    return [
        SignInRow(each.opened_at, each.seen_at, each.closed_at, each.surface, Role(each.role))
        for each in found
    ]


def values_of(details: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return field, old and new value of each thing an event tells; what just is so counts as new."""
    return [told for field, value in details.items() for told in _told(field, value)]


def _told(field: str, value: Any) -> Iterator[tuple[str, str, str]]:
    if not isinstance(value, Mapping):
        if field in {"old", "new"}:
            return
        yield field, "", _text(value)
    elif "joined" in value or "left" in value:
        for name in value.get("left_names") or value.get("left") or ():
            yield field, _text(name), ""
        for name in value.get("joined_names") or value.get("joined") or ():
            yield field, "", _text(name)
    elif "old" in value or "new" in value:
        yield field, _text(value.get("old")), _text(value.get("new"))
    else:
        yield field, "", _text(value.get("name", ""))


def _text(value: Any) -> str:
    return "" if value is None else str(value)
