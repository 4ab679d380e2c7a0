"""Questions about bulk changes: an import's own view (D4), the runs there were, and those that came to nothing (R60)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil
from typing import Any

from sqlalchemy import Select, func, select

from core.errors import Missing
from core.models import AuditEvent, Batch, Invitation, OutboxMail
from core.models.outbox import WAITING
from core.reading.invitations import state_at
from core.roles import Permission
from core.work import Look


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One bulk change.

    Attributes:
        batch: its name.
        verb: what was done, such as `invite` or `role`.
        summary: the change in a few words, such as "role: Trainer"; empty for runs from before there were summaries.
        at: when it began.
        finished: when all of it was applied; None while nothing of it is.
        done: rows changed.
        refused: rows left alone.
        undoes: the run it took back, or empty.
        undone_by: the run that took it back, or empty.
        states: of bulk invitations: state as a person sees it -> invitations of the run; told by `batch` only.
        mails: likewise: state -> mails of the run.
        leaves_in: likewise: seconds until the first mail that waits may leave; 0 where none is held back.
    """

    batch: str
    verb: str
    summary: str
    at: datetime
    actor: str
    finished: datetime | None
    done: int
    refused: int
    undoes: str = ""
    undone_by: str = ""
    states: dict[str, int] = field(default_factory=dict)
    mails: dict[str, int] = field(default_factory=dict)
    leaves_in: int = 0


def batch(look: Look, name: str) -> BatchRow:
    """Return a run and, of bulk invitations, what has become of them.

    Raises:
        Missing: no such run.
    """
    look.require(Permission.SEE_PEOPLE)
    row = look.db.scalars(select(Batch).where(Batch.name == name)).one_or_none()
    if row is None:
        raise Missing("bulk change", name)
    return replace(
        _row(row), states=_states(look, name), mails=_mails(look, name), leaves_in=_leaves_in(look, name)
    )


def recent(look: Look, *, limit: int = 20, actor: int | None = None) -> list[BatchRow]:
    """Return the newest runs first, begun ones too; `actor` narrows them to one admin's (0: the operator's)."""
    look.require(Permission.SEE_PEOPLE)
    statement = select(Batch).order_by(Batch.id.desc()).limit(limit)
    if actor is not None:
        statement = statement.where(Batch.actor_id.is_not_distinct_from(actor or None))
    return [_row(row) for row in look.db.scalars(statement)]


def unfinished(look: Look, user_id: int) -> list[BatchRow]:
    """Return the runs that this admin has begun and of which nothing is applied, newest first.

    One that another console of theirs is busy with right now is among them; `at` says since when.
    """
    look.require(Permission.SEE_PEOPLE)
    statement = (
        select(Batch)
        .where(Batch.actor_id.is_not_distinct_from(user_id or None), Batch.finished_at.is_(None))
        .order_by(Batch.id.desc())
    )
    return [_row(row) for row in look.db.scalars(statement)]


def _row(row: Batch) -> BatchRow:
    return BatchRow(
        batch=row.name,
        verb=row.verb,
        summary=row.summary,
        at=row.begun_at,
        actor=row.actor_label,
        finished=row.finished_at,
        done=row.done,
        refused=row.refused,
        undoes=row.undoes or "",
        undone_by=row.undone_by or "",
    )


def _states(look: Look, name: str) -> dict[str, int]:
    expired = Invitation.expires_at <= look.now
    found = look.db.execute(
        select(Invitation.state, expired.label("expired"), func.count().label("number"))
        .where(Invitation.id.in_(_made_by(name)))
        .group_by(Invitation.state, expired)
    )
    states: dict[str, int] = {}
    for row in found:
        ends = look.now if row.expired else datetime.max.replace(tzinfo=look.now.tzinfo)
        state = state_at(row.state, ends, look.now)
        states[state] = states.get(state, 0) + row.number
    return states


def _mails(look: Look, name: str) -> dict[str, int]:
    found = look.db.execute(
        select(OutboxMail.state, func.count().label("number"))
        .where(OutboxMail.invitation_id.in_(_made_by(name)))
        .group_by(OutboxMail.state)
    )
    return {row.state: row.number for row in found}


def _leaves_in(look: Look, name: str) -> int:
    due = look.db.scalar(
        select(func.min(OutboxMail.due_at)).where(
            OutboxMail.invitation_id.in_(_made_by(name)), OutboxMail.state == WAITING
        )
    )
    return max(0, ceil((due - look.now).total_seconds())) if due is not None else 0


def _made_by(name: str) -> Select[Any]:
    """Return the ids of the run's invitations, by way of the audit trail, which has an index for it."""
    return select(AuditEvent.subject_id).where(
        AuditEvent.batch == name, AuditEvent.action == "invitation.created"
    )
