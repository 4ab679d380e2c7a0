"""Steps three and four of inviting: write what was judged, set by set; nothing here judges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, insert, literal, select, update
from sqlalchemy.orm import aliased

from core.models import AuditEvent, Invitation, InvitationGroup, OutboxMail
from core.models.invitations import OPEN, REPLACED, WITHDRAWN
from core.models.outbox import DROPPED, WAITING
from core.selection import picked
from core.services.judging_invitations import Stage
from core.work import Work

BULK_HOLD = timedelta(seconds=10)  # how long the mails of a bulk run wait, so that undo beats the send


def write_judged(
    stage: Stage, *, group_ids: tuple[int, ...], language: str, details: dict[str, str], batch: str | None
) -> None:
    """Close what is replaced, then write invitations, groups, audit and outbox from the judged rows.

    Args:
        stage: the judged rows.
        group_ids: learning groups of new invitations; one that renews another takes over the other's.
        language: of new invitations; likewise.
        details: for the audit event of each new invitation.
        batch: the name the run's rows share; None for a single change.
    """
    work, judged = stage.work, stage.judged.c
    done = judged.code == ""
    replaced = select(Invitation.id, Invitation.address).where(
        Invitation.state == OPEN, Invitation.address_key.in_(select(judged.address_key).where(done))
    )
    _audit(work, "invitation.replaced", replaced, batch, {"old": OPEN, "new": REPLACED})
    _drop_mails(work, replaced)
    work.db.execute(
        update(Invitation)
        .where(Invitation.id.in_(replaced.with_only_columns(Invitation.id)))
        .values(state=REPLACED, closed_at=work.now)
        .execution_options(synchronize_session=False)
    )
    expires_at = work.now + timedelta(days=stage.days)
    renewed = aliased(Invitation)
    kept = select(renewed.language).where(renewed.id == judged.copies_id).scalar_subquery()
    columns = {
        "public_id": judged.public_id,
        "address": judged.address,
        "address_key": judged.address_key,
        "role": judged.role,
        "department_id": judged.department_id,
        "language": case((judged.copies_id > 0, kept), else_=literal(language)),
        "invited_by": literal(work.actor.user_id or None, Invitation.invited_by.type),
        "by_operator": literal(not work.actor.user_id),
        "batch": literal(batch, Invitation.batch.type),
        "created_at": literal(work.now, Invitation.created_at.type),
        "expires_at": literal(expires_at, Invitation.expires_at.type),
        "state": literal(OPEN),
    }
    newest = work.db.scalar(select(func.max(Invitation.id))) or 0
    work.db.execute(
        insert(Invitation).from_select(
            list(columns), select(*columns.values()).where(done).order_by(judged.line)
        )
    )
    fresh = _fresh(stage, newest, batch)
    _write_groups(stage, fresh, group_ids)
    created = select(Invitation.id, Invitation.address).where(fresh).order_by(Invitation.id)
    _audit(work, "invitation.created", created, batch, details | {"expires": expires_at.isoformat()})
    _queue_mails(work, created.add_columns(Invitation.language), batch)


def write_withdrawn(ids: Sequence[int], work: Work, batch: str | None) -> None:
    """Close open invitations, with their audit events, and drop the mails that have not left."""
    with picked(work.db, ids) as chosen:
        subjects = select(Invitation.id, Invitation.address).where(
            exists().where(chosen.c.id == Invitation.id)
        )
        _audit(work, "invitation.withdrawn", subjects, batch, {"old": OPEN, "new": WITHDRAWN})
        _drop_mails(work, subjects)
        work.db.execute(
            update(Invitation)
            .where(exists().where(chosen.c.id == Invitation.id))
            .values(state=WITHDRAWN, closed_at=work.now)
            .execution_options(synchronize_session=False)
        )


def write_reopened(ids: Sequence[int], work: Work, batch: str | None, *, old: str) -> None:
    """Open closed invitations again, with their audit events; mails that were dropped before they left wait again."""
    with picked(work.db, ids) as chosen:
        subjects = select(Invitation.id, Invitation.address).where(
            exists().where(chosen.c.id == Invitation.id)
        )
        _audit(work, "invitation.reopened", subjects, batch, {"old": old, "new": OPEN})
        work.db.execute(
            update(OutboxMail)
            .where(
                OutboxMail.invitation_id.in_(select(chosen.c.id)),
                OutboxMail.state == DROPPED,
                OutboxMail.sent_at.is_(None),
            )
            .values(state=WAITING, due_at=work.now)
            .execution_options(synchronize_session=False)
        )
        work.db.execute(
            update(Invitation)
            .where(exists().where(chosen.c.id == Invitation.id))
            .values(state=OPEN, closed_at=None)
            .execution_options(synchronize_session=False)
        )


def _fresh(stage: Stage, newest: int, batch: str | None) -> ColumnElement[bool]:
    """Return the condition of the invitations that were just written.

    Those of a batch stand side by side behind the newest one before; finding a million of them one by one through
    their random public ids would cost a quarter of the whole run.
    """
    if batch is not None:
        return and_(Invitation.id > newest, Invitation.batch == batch)
    return Invitation.public_id.in_(select(stage.judged.c.public_id).where(stage.judged.c.code == ""))


def _write_groups(stage: Stage, fresh: ColumnElement[bool], group_ids: tuple[int, ...]) -> None:
    db, judged = stage.work.db, stage.judged.c
    names = ["invitation_id", "group_id"]
    if stage.renewing:
        copied = (
            select(Invitation.id, InvitationGroup.group_id)
            .join(stage.judged, judged.public_id == Invitation.public_id)
            .join(InvitationGroup, InvitationGroup.invitation_id == judged.copies_id)
        )
        db.execute(insert(InvitationGroup).from_select(names, copied))
    for group_id in group_ids:
        joined = select(Invitation.id, literal(group_id)).where(fresh)
        db.execute(insert(InvitationGroup).from_select(names, joined))


def _audit(
    work: Work, action: str, subjects: Select[int, str], batch: str | None, details: dict[str, str]
) -> None:
    """Write one audit event per subject, in one statement."""
    chosen = subjects.subquery()
    columns = {
        "at": literal(work.now, AuditEvent.at.type),
        "action": literal(action),
        "actor_id": literal(work.actor.user_id or None, AuditEvent.actor_id.type),
        "actor_label": literal(work.actor.label),
        "subject_kind": literal("invitation"),
        "subject_id": chosen.c.id,
        "subject_label": chosen.c.address,
        "details": literal(details, AuditEvent.details.type),
        "batch": literal(batch, AuditEvent.batch.type),
    }
    work.db.execute(insert(AuditEvent).from_select(list(columns), select(*columns.values())))


def _queue_mails(work: Work, created: Select[int, str, str], batch: str | None) -> None:
    chosen = created.subquery()
    due_at = work.now + BULK_HOLD if batch else work.now
    columns = {
        "kind": literal("invitation"),
        "to_address": chosen.c.address,
        "to_name": literal(""),
        "language": chosen.c.language,
        "invitation_id": chosen.c.id,
        "details": literal({}, OutboxMail.details.type),
        "priority": literal(1 if batch else 0),
        "batch": literal(batch, OutboxMail.batch.type),
        "state": literal(WAITING),
        "created_at": literal(work.now, OutboxMail.created_at.type),
        "due_at": literal(due_at, OutboxMail.due_at.type),
        "attempts": literal(0),
        "last_error": literal(""),
    }
    work.db.execute(insert(OutboxMail).from_select(list(columns), select(*columns.values())))


def _drop_mails(work: Work, invitations: Select[int, str]) -> None:
    work.db.execute(
        update(OutboxMail)
        .where(
            OutboxMail.state == WAITING,
            OutboxMail.invitation_id.in_(invitations.with_only_columns(Invitation.id)),
        )
        .values(state=DROPPED)
        .execution_options(synchronize_session=False)
    )
