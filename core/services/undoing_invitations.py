"""Taking back bulk invitations, renewals and withdrawals: withdrawn, and open again (R60, D4)."""

from __future__ import annotations

from array import array
from dataclasses import replace

from sqlalchemy import ColumnElement, func, select

from core.errors import PlanChanged
from core.models import AuditEvent, Batch, Invitation, OutboxMail
from core.models.invitations import REPLACED, WITHDRAWN
from core.models.outbox import SENT, WAITING
from core.roles import Permission
from core.selection import lock_company
from core.services.carrying_out import EXAMPLES, How
from core.services.inviting import withdraw
from core.services.merging import tell
from core.services.reopening import Closed, judge_reopening
from core.services.writing_invitations import write_reopened
from core.tally import Effects, Tally, Verdict
from core.work import Work, new_batch

_REPLACED, _WITHDRAWN = "invitation.replaced", "invitation.withdrawn"


def take_back_invitations(work: Work, row: Batch, how: How) -> Tally:
    """Withdraw what a run invited, as far as it is open, and open again what it had replaced."""
    work.require(Permission.INVITE)
    company = lock_company(work.db)
    tell(how, "judge 1/3")
    made = Invitation.batch == row.name
    ids = work.db.scalars(select(Invitation.id).where(made).order_by(Invitation.id)).all()
    mails = _mails(work, made)
    name = None if how.preview else how.batch or new_batch()
    tell(how, "judge 2/3" if how.preview else "write 2/3")
    tally = withdraw(work, ids, batch=name, preview=how.preview, expect=how.expect)
    passing = row.name if how.preview else None
    closed = Closed(_told_by(row.name, _REPLACED), REPLACED, passing, -tally.done if how.preview else 0)
    again = judge_reopening(work, company, closed)
    tell(how, "judge 3/3" if how.preview else "write 3/3")
    if name is not None:
        write_reopened(again.ids, work, name, old=REPLACED)
    unsent, sent = mails.get(WAITING, 0), mails.get(SENT, 0)
    dropped = "mail has not left yet and is" if unsent == 1 else "mails have not left yet and are"
    notes = [
        f"{unsent:,} {dropped} dropped; {sent:,} {'was' if sent == 1 else 'were'} sent, their links die."
    ]
    if again.ids:
        notes.append(f"Invitations that were replaced and are open again: {len(again.ids):,}.")
    effects = Effects(invitations_withdrawn=tally.done, notes=tuple(notes))
    if not tally.done and not again.ids:
        tally = replace(tally, batch=None)
    refused = {each.id for each in tally.verdicts}
    done = array("q", (each for each in ids if each not in refused))
    return _told(replace(tally, done_ids=done, effects=effects), tally.verdicts, how)


def take_back_withdrawal(work: Work, row: Batch, how: How) -> Tally:
    """Open again what a run withdrew, as far as there is room and nothing came in between."""
    work.require(Permission.INVITE)
    company = lock_company(work.db)
    tell(how, "judge 1/2")
    again = judge_reopening(work, company, Closed(_told_by(row.name, _WITHDRAWN), WITHDRAWN))
    done = len(again.ids)
    if how.expect not in {None, done}:
        raise PlanChanged(how.expect or 0, done)
    name = None if how.preview or not done else how.batch or new_batch()
    if name is not None:
        tell(how, "write 2/2")
        write_reopened(again.ids, work, name, old=WITHDRAWN)
    note = "Their links work again; mails that had not left are sent."
    tally = Tally(done, preview=how.preview, batch=name, done_ids=array("q", again.ids))
    return _told(replace(tally, effects=Effects(notes=(note,) if done else ())), again.verdicts, how)


def _told_by(batch: str, action: str) -> ColumnElement[bool]:
    """Return the condition of the invitations that a run's trail names, by way of its index."""
    named = select(AuditEvent.subject_id).where(AuditEvent.batch == batch, AuditEvent.action == action)
    return Invitation.id.in_(named)


def _mails(work: Work, made: ColumnElement[bool]) -> dict[str, int]:
    found = (
        select(OutboxMail.state, func.count())
        .join(Invitation, Invitation.id == OutboxMail.invitation_id)
        .where(made)
        .group_by(OutboxMail.state)
    )
    return {row[0]: row[1] for row in work.db.execute(found)}


def _told(tally: Tally, verdicts: tuple[Verdict, ...], how: How) -> Tally:
    """Return the tally with its refused rows: all of them counted, the first hundred as examples."""
    counts: dict[str, tuple[int, bool]] = {}
    ids: dict[str, array[int]] = {}
    sentences: dict[str, str] = {}
    for verdict in verdicts:
        counts[verdict.code] = (counts.get(verdict.code, (0, False))[0] + 1, verdict.skips)
        ids.setdefault(verdict.code, array("q")).append(verdict.id or 0)
        sentences.setdefault(verdict.code, verdict.message)
        if how.each_refused is not None:
            how.each_refused(verdict)
    examples = verdicts[:EXAMPLES]
    return replace(tally, verdicts=examples, counts=counts, refused_ids=ids, sentences=sentences)
