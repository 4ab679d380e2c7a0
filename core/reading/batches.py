"""Questions about bulk changes: an import's own view (D4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from core.errors import Missing
from core.models import AuditEvent, Invitation, OutboxMail
from core.reading.invitations import state_at
from core.roles import Permission
from core.work import Look


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One bulk change of invitations.

    Attributes:
        states: state as a person sees it -> invitations of the run.
        mails: state -> mails of the run.
    """

    batch: str
    at: datetime
    actor: str
    states: dict[str, int]
    mails: dict[str, int]


def batch(look: Look, name: str) -> BatchRow:
    """Return what has become of a bulk run.

    Raises:
        Missing: no such run.
    """
    look.require(Permission.SEE_PEOPLE)
    first = look.db.execute(
        select(AuditEvent.at, AuditEvent.actor_label)
        .where(AuditEvent.batch == name)
        .order_by(AuditEvent.id)
        .limit(1)
    ).one_or_none()
    if first is None:
        raise Missing("bulk change", name)
    expired = Invitation.expires_at <= look.now
    found = look.db.execute(
        select(Invitation.state, expired.label("expired"), func.count().label("number"))
        .where(Invitation.id.in_(_made_by(name)))
        .group_by(Invitation.state, expired)
    )
    states: dict[str, int] = {}
    for row in found:
        state = state_at(
            row.state, look.now if row.expired else datetime.max.replace(tzinfo=look.now.tzinfo), look.now
        )
        states[state] = states.get(state, 0) + row.number
    mails = look.db.execute(
        select(OutboxMail.state, func.count().label("number"))
        .where(OutboxMail.invitation_id.in_(_made_by(name)))
        .group_by(OutboxMail.state)
    )
    return BatchRow(name, first.at, first.actor_label, states, {row.state: row.number for row in mails})


def recent(look: Look, *, limit: int = 20) -> list[tuple[str, datetime, str, int]]:
    """Return the newest bulk invitations: name, moment, who, how many."""
    look.require(Permission.SEE_PEOPLE)
    found = look.db.execute(
        select(AuditEvent.batch, func.min(AuditEvent.at), func.min(AuditEvent.actor_label), func.count())
        .where(AuditEvent.batch.is_not(None), AuditEvent.action == "invitation.created")
        .group_by(AuditEvent.batch)
        .order_by(func.max(AuditEvent.id).desc())
        .limit(limit)
    )
    return [(name or "", at, actor, number) for name, at, actor, number in found]


def _made_by(name: str) -> Select[int | None]:
    """Return the ids of the run's invitations, by way of the audit trail, which has an index for it."""
    return select(AuditEvent.subject_id).where(
        AuditEvent.batch == name, AuditEvent.action == "invitation.created"
    )
