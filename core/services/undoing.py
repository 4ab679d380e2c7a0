"""Taking back a bulk change (R60): the inverse, as one more bulk change with a name of its own."""

from __future__ import annotations

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import aliased

from core.errors import Missing
from core.models import AuditEvent, Invitation, OutboxMail, User
from core.models.invitations import OPEN, REPLACED
from core.models.outbox import DROPPED, WAITING
from core.roles import Permission
from core.rules import UNDO, BatchFacts, check
from core.selection import lock_company
from core.services.inviting import withdraw
from core.tally import Tally
from core.work import Work, new_batch

CREATED, REPLACED_EVENT, UNDONE, REOPENED = (
    "invitation.created",
    "invitation.replaced",
    "batch.undone",
    "invitation.reopened",
)


def last_undoable(work: Work) -> str:
    """Return the name of the newest bulk change that can still be undone.

    Raises:
        Missing: there is none.
    """
    work.require(Permission.INVITE)
    undone = aliased(AuditEvent)
    found = work.db.scalar(
        select(AuditEvent.batch)
        .where(
            AuditEvent.batch.is_not(None),
            AuditEvent.action == CREATED,
            ~exists().where(undone.action == UNDONE, undone.subject_label == AuditEvent.batch),
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    if found is None:
        raise Missing("bulk change", "that could be undone")
    return found


def undo(work: Work, batch: str) -> Tally:
    """Take back bulk invitations as a unit.

    Those not accepted are withdrawn, unsent mails are dropped, and what they had replaced is open again.

    Returns:
        How many were withdrawn; accepted ones, and those closed meanwhile, are told with their reason.

    Raises:
        Missing: no such change. AlreadyUndone, NotUndoable.
    """
    work.require(Permission.INVITE)
    lock_company(work.db)
    check(UNDO, work.actor, _facts(work, batch))
    name = new_batch()
    ids = work.db.scalars(
        select(Invitation.id).where(Invitation.batch == batch).order_by(Invitation.id)
    ).all()
    tally = withdraw(work, ids, batch=name)
    _reopen(work, batch, name)
    work.record(UNDONE, "batch", None, batch, batch=name, withdrawn=tally.done)
    return tally


def _facts(work: Work, batch: str) -> BatchFacts:
    def number(*conditions: object) -> int:
        return work.db.scalar(select(func.count()).select_from(AuditEvent).where(*conditions)) or 0  # type: ignore[arg-type]

    if not number(AuditEvent.batch == batch):
        raise Missing("bulk change", batch)
    return BatchFacts(
        batch,
        invitations=number(AuditEvent.batch == batch, AuditEvent.action == CREATED),
        undone=number(AuditEvent.action == UNDONE, AuditEvent.subject_label == batch),
    )


def _reopen(work: Work, batch: str, name: str) -> None:
    """Open again what the run had replaced, unless the address has an account or another open invitation by now."""
    other = aliased(Invitation)
    replaced = select(AuditEvent.subject_id).where(
        AuditEvent.batch == batch, AuditEvent.action == REPLACED_EVENT
    )
    chosen = (
        select(Invitation.id, Invitation.address)
        .where(
            Invitation.id.in_(replaced),
            Invitation.state == REPLACED,
            ~exists().where(other.address_key == Invitation.address_key, other.state == OPEN),
            ~exists().where(User.address_key == Invitation.address_key),
        )
        .order_by(Invitation.id)
    )
    found = work.db.execute(chosen).all()
    for row in found:
        work.record(REOPENED, "invitation", row.id, row.address, batch=name, old=REPLACED, new=OPEN)
    ids = [row.id for row in found]
    work.db.execute(
        update(OutboxMail)
        .where(OutboxMail.invitation_id.in_(ids), OutboxMail.state == DROPPED, OutboxMail.sent_at.is_(None))
        .values(state=WAITING, due_at=work.now)
        .execution_options(synchronize_session=False)
    )
    work.db.execute(
        update(Invitation)
        .where(Invitation.id.in_(ids))
        .values(state=OPEN, closed_at=None)
        .execution_options(synchronize_session=False)
    )
