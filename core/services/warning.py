"""Warning Company Admins by mail: once for each threshold of each thing, and anew when it is measured differently.

What was warned of is a row of `notices`. Where several thresholds were passed at once, the sharpest is mailed and the
milder ones are noted with it, so that nobody hears of them afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, literal, select

from core.mail.standing import Standing, standing
from core.models import Company, Notice, OutboxMail, User
from core.models.outbox import SINGLE, WAITING
from core.models.people import ACTIVE
from core.roles import Permission, Role
from core.selection import active_admins, lock_company
from core.work import Work

Key = tuple[str, int, int, str]


@dataclass(frozen=True, slots=True)
class Warnings:
    """What one look at everything has led to: how many things were warned of, and how many mails were queued."""

    warned: int = 0
    mails: int = 0


def send_warnings(work: Work) -> Warnings:
    """Queue a mail to every active Company Admin for each threshold that was passed and not mailed before.

    Without a Company Admin nothing is noted, so that the first one hears of it.
    """
    work.require(Permission.RUN_HOST)
    lock_company(work.db)
    stands = standing(work.db, work.now)
    admins = work.db.scalar(active_admins()) or 0
    if not stands or not admins:
        return Warnings()
    given = _given(work, stands)
    new = [each for each in stands if _keys(each)[0] not in given]
    noted = [key for each in new for key in _keys(each) if key not in given]
    if noted:
        work.db.execute(
            insert(Notice),
            [
                {
                    "kind": kind,
                    "subject_id": subject,
                    "threshold": threshold,
                    "mark": mark,
                    "given_at": work.now,
                }
                for kind, subject, threshold, mark in noted
            ],
        )
    for each in new:
        _queue(work, each)
    return Warnings(len(new), len(new) * admins)


# --- inside -----------------------------------------------------------------------------------------------------


def _keys(one: Standing) -> list[Key]:
    """Return the notices that stand for it, the sharpest first."""
    return [(one.kind, one.subject_id, threshold, one.mark) for threshold in one.thresholds]


def _given(work: Work, stands: Sequence[Standing]) -> set[Key]:
    rows = work.db.execute(
        select(Notice.kind, Notice.subject_id, Notice.threshold, Notice.mark).where(
            Notice.subject_id.in_({each.subject_id for each in stands})
        )
    )
    return {(row.kind, row.subject_id, row.threshold, row.mark) for row in rows}


def _queue(work: Work, one: Standing) -> None:
    """Queue one mail for each active Company Admin, and write down that they were warned."""
    details = {"subject_id": one.subject_id, "mark": one.mark}
    columns = {
        "kind": literal(one.kind),
        "to_address": User.address,
        "to_name": literal(""),
        "language": User.language,
        "details": literal(details, OutboxMail.details.type),
        "priority": literal(SINGLE),
        "state": literal(WAITING),
        "created_at": literal(work.now, OutboxMail.created_at.type),
        "due_at": literal(work.now, OutboxMail.due_at.type),
        "attempts": literal(0),
        "last_error": literal(""),
        "user_id": User.id,
    }
    chosen = select(*columns.values()).where(User.status == ACTIVE, User.role == int(Role.COMPANY_ADMIN))
    work.db.execute(insert(OutboxMail).from_select(list(columns), chosen.order_by(User.id)))
    warned = one.warned
    kind, label = ("license", warned.license) if one.subject_id else ("company", _company(work))
    work.record(
        "warning.mailed",
        kind,
        one.subject_id or 1,
        label,
        warning=one.kind,
        threshold=warned.threshold,
        mark=one.mark,
    )


def _company(work: Work) -> str:
    return work.db.scalar(select(Company.name)) or ""
