"""Invitations that an archiving or a lost role withdrew or handed over, given back with the person (D6, R60)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, func, insert, select, update

from core.models import AuditEvent, Invitation, User
from core.models.invitations import OPEN, WITHDRAWN
from core.roles import Permission, Role
from core.rules import SENDER, all_hold
from core.selection import lock_company, picked, role_to_invite_with
from core.services.reopening import Closed, Reopening, Standing, judge_reopening, standing_now
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
            people = select(restored.c.id)
            again = _judged(work, batch, people, _standing_then(batch), _returning(tally))
            taken = work.db.execute(_taken_over(work, batch, people, _standing_then(batch))).all()
        return _noted(tally, again, taken)
    restored_now = select(AuditEvent.subject_id).where(
        AuditEvent.batch == tally.batch,
        AuditEvent.subject_kind == "user",
        AuditEvent.action.startswith("user."),
    )
    again = _judged(work, batch, restored_now, standing_now, 0)
    taken = work.db.execute(_taken_over(work, batch, restored_now, standing_now)).all()
    write_reopened(again.ids, work, tally.batch, old=WITHDRAWN)
    _give_back(work, [row for row in taken if row.goes_back], tally.batch)
    return _noted(tally, again, taken)


def _returning(tally: Tally) -> int:
    """Return how many places the people themselves will take, while they are only planned to come back."""
    rooms = () if tally.effects is None else tally.effects.rooms
    return sum(room.after - room.before for room in rooms if room.kind == "users")


def _standing_then(batch: str) -> Standing:
    """Return role and status as they will be once the run is taken back: where its trail tells of them, as before."""

    def then(sender: type[User]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        def before(field: str) -> Any:
            told = select(AuditEvent.details[(field, "old")].as_string())
            own = (AuditEvent.subject_kind == "user") & (AuditEvent.subject_id == sender.id)
            run = (AuditEvent.batch == batch) & AuditEvent.action.startswith("user.")
            return told.where(own, run).correlate(sender).scalar_subquery()

        role = case({each.slug: int(each) for each in Role}, value=before("role"), else_=sender.role)
        return role, func.coalesce(before("status"), sender.status)

    return then


def _judged(
    work: Work, batch: str, people: Select[*tuple[Any, ...]], standing: Standing, places_taken: int
) -> Reopening:
    withdrawn = _named_in(batch, _WITHDRAWN)
    which = and_(Invitation.id.in_(withdrawn), Invitation.invited_by.in_(people))
    closed = Closed(which, WITHDRAWN, places_taken=places_taken, standing=standing)
    return judge_reopening(work, lock_company(work.db), closed)


def _named_in(batch: str, action: str) -> Select[int | None]:
    return select(AuditEvent.subject_id).where(AuditEvent.batch == batch, AuditEvent.action == action)


def _taken_over(
    work: Work, batch: str, people: Select[*tuple[Any, ...]], standing: Standing
) -> Select[*tuple[Any, ...]]:
    """Return the open invitations that still belong to whoever took them over, and whether they may go back (P31)."""
    before, after = _inviter("old_id"), _inviter("new_id")
    facts = SimpleNamespace(role=Invitation.role, inviter_role=role_to_invite_with(*standing(User)))
    goes_back = all_hold(SENDER, work.actor, facts).label("goes_back")
    return (
        select(Invitation.id, Invitation.address, before.label("inviter_id"), AuditEvent.details, goes_back)
        .join(AuditEvent, AuditEvent.subject_id == Invitation.id)
        .join(User, User.id == before)
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


def _noted(tally: Tally, again: Reopening, taken: Sequence[Any]) -> Tally:
    notes = []
    given_back = sum(bool(row.goes_back) for row in taken)
    if again.ids:
        notes.append(f"Withdrawn invitations that are open again, with links that work: {len(again.ids):,}.")
    if again.verdicts:
        notes.append(
            f"Withdrawn invitations that stay closed: {len(again.verdicts):,}. {again.verdicts[0].message}"
        )
    if given_back:
        notes.append(f"Invitations that were taken over and go back to their first sender: {given_back:,}.")
    if given_back < len(taken):
        kept = len(taken) - given_back
        notes.append(
            f"Invitations that stay with whoever took them over, since their first sender could not send them: {kept:,}."
        )
    effects = tally.effects or Effects()
    return replace(tally, effects=replace(effects, notes=(*effects.notes, *notes)))
