"""Invitations that an archiving or a lost role withdrew or handed over, given back with the person (D6, R60)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, insert, select, update

from core.models import AuditEvent, Invitation
from core.models.invitations import OPEN, WITHDRAWN
from core.roles import Permission
from core.selection import lock_company, picked
from core.services.reopening import Closed, Reopening, judge_reopening
from core.services.writing_invitations import write_reopened
from core.tally import Effects, Tally
from core.work import Work

_WITHDRAWN, _TAKEN_OVER, _GIVEN_BACK = (
    "invitation.withdrawn",
    "invitation.taken_over",
    "invitation.given_back",
)


def restore_invitations(work: Work, batch: str, tally: Tally) -> Tally:
    """Open again and give back what the run took from the people who are restored; a preview only counts.

    Args:
        work: the open transaction.
        batch: the run that is taken back.
        tally: of the people; `done_ids` are those whose invitations come back.
    """
    work.require(Permission.MANAGE_PEOPLE)
    took = exists().where(AuditEvent.batch == batch, AuditEvent.action.in_((_WITHDRAWN, _TAKEN_OVER)))
    if not tally.done or not work.db.scalar(select(took)):
        return tally
    if tally.batch is None:
        with picked(work.db, tally.done_ids) as restored:
            again, given_back = _judged(work, batch, select(restored.c.id), _returning(tally))
        return _noted(tally, again, len(given_back))
    restored_now = select(AuditEvent.subject_id).where(
        AuditEvent.batch == tally.batch,
        AuditEvent.subject_kind == "user",
        AuditEvent.action.startswith("user."),
    )
    again, given_back = _judged(work, batch, restored_now, 0)
    write_reopened(again.ids, work, tally.batch, old=WITHDRAWN)
    _give_back(work, given_back, tally.batch)
    return _noted(tally, again, len(given_back))


def _returning(tally: Tally) -> int:
    """Return how many places the people themselves will take, while they are only planned to come back."""
    rooms = () if tally.effects is None else tally.effects.rooms
    return sum(room.after - room.before for room in rooms if not room.name)


def _judged(
    work: Work, batch: str, people: Select[*tuple[Any, ...]], places_taken: int
) -> tuple[Reopening, Sequence[Any]]:
    withdrawn = _named_in(batch, _WITHDRAWN)
    which = and_(Invitation.id.in_(withdrawn), Invitation.invited_by.in_(people))
    again = judge_reopening(work, lock_company(work.db), Closed(which, WITHDRAWN, places_taken=places_taken))
    return again, work.db.execute(_taken_over(batch, people)).all()


def _named_in(batch: str, action: str) -> Select[int | None]:
    return select(AuditEvent.subject_id).where(AuditEvent.batch == batch, AuditEvent.action == action)


def _taken_over(batch: str, people: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Return the open invitations that still belong to whoever took them over."""
    before, after = _inviter("old_id"), _inviter("new_id")
    return (
        select(Invitation.id, Invitation.address, before.label("inviter_id"), AuditEvent.details)
        .join(AuditEvent, AuditEvent.subject_id == Invitation.id)
        .where(
            AuditEvent.batch == batch,
            AuditEvent.action == _TAKEN_OVER,
            before.in_(people),
            Invitation.state == OPEN,
            Invitation.invited_by.is_not_distinct_from(after),
        )
        .order_by(Invitation.id)
    )


def _inviter(side: str) -> ColumnElement[int]:
    inviter_id: ColumnElement[int] = AuditEvent.details[("inviter", side)].as_integer()
    return inviter_id


def _give_back(work: Work, rows: Sequence[Any], batch: str) -> None:
    if not rows:
        return
    connection = work.db.connection()
    connection.execute(
        update(Invitation)
        .where(Invitation.id == bindparam("given_id"))
        .values(invited_by=bindparam("given_to"), by_operator=False),
        [{"given_id": row.id, "given_to": row.inviter_id} for row in rows],
    )
    same = {
        "at": work.now,
        "action": _GIVEN_BACK,
        "actor_id": work.actor.user_id or None,
        "actor_label": work.actor.label,
        "subject_kind": "invitation",
        "batch": batch,
    }
    events = [
        same | {"subject_id": row.id, "subject_label": row.address, "details": {"inviter": _turned(row)}}
        for row in rows
    ]
    connection.execute(insert(AuditEvent), events)


def _turned(row: Any) -> dict[str, Any]:
    told = row.details["inviter"]
    return {"old": told["new"], "new": told["old"], "old_id": told["new_id"], "new_id": told["old_id"]}


def _noted(tally: Tally, again: Reopening, given_back: int) -> Tally:
    notes = []
    if again.ids:
        notes.append(f"Withdrawn invitations that are open again, with links that work: {len(again.ids):,}.")
    if again.verdicts:
        notes.append(
            f"Withdrawn invitations that stay closed: {len(again.verdicts):,}. {again.verdicts[0].message}"
        )
    if given_back:
        notes.append(f"Invitations that were taken over and go back to their first sender: {given_back:,}.")
    effects = tally.effects or Effects()
    return replace(tally, effects=replace(effects, notes=(*effects.notes, *notes)))
