"""Opening invitations again that a bulk change closed: a part of taking it back (R60)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, exists, select
from sqlalchemy.orm import aliased

from core.errors import Refused
from core.facts import PlaceFacts, ReopenFacts
from core.models import Group, Invitation, InvitationGroup, User
from core.models.invitations import OPEN
from core.models.people import ACTIVE, ARCHIVED
from core.roles import Permission, Role
from core.rules import GROUP_PLACES, NO_LIMIT, PLACES, REOPEN, refusal_of
from core.selection import LockedCompany, active_users, live_invitations, role_to_invite_with
from core.services.places import held_by
from core.tally import Verdict
from core.work import Work

Standing = Callable[[type[User]], tuple[ColumnElement[Any], ColumnElement[Any]]]


def standing_now(sender: type[User]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return role and status of a sender as they stand."""
    return sender.role.expression, sender.status.expression


def inviter_role(sender: type[User], standing: Standing) -> ColumnElement[int]:
    """Return the role that stands behind an invitation to which its `sender` is joined (P31)."""
    return case((Invitation.by_operator, int(Role.OPERATOR)), else_=role_to_invite_with(*standing(sender)))


@dataclass(frozen=True, slots=True)
class Reopening:
    """Which invitations may be open again, and what is told of the others."""

    ids: tuple[int, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Closed:
    """Which invitations are to be open again.

    Attributes:
        which: a condition on `Invitation`.
        state: what the bulk change left them in.
        passing: the name of a run whose open invitations will be closed by then, where it is only a plan.
        places_taken: places that will be taken by then, where it is only a plan.
        standing: role and status of a sender; those that will count by then, where it is only a plan.
    """

    which: ColumnElement[bool]
    state: str
    passing: str | None = None
    places_taken: int = 0
    standing: Standing = standing_now


def judge_reopening(work: Work, company: LockedCompany, closed: Closed) -> Reopening:
    """Judge closed invitations under the company's lock, in their order: live ones take a place (D9, S30)."""
    work.require(Permission.INVITE)
    rows = _candidates(work, closed)
    limited = _limited_groups(work, closed)
    rooms = _rooms(work, company, closed, limited)
    ids: list[int] = []
    verdicts: list[Verdict] = []
    for row in rows:
        refusal = refusal_of(REOPEN, work.actor, _facts(row, closed))
        live = row.expires_at > work.now
        if refusal is None and live:
            refusal = _take_places(work, rooms, ("", *limited.get(row.id, ())))
        if refusal is None:
            ids.append(row.id)
        else:
            verdicts.append(Verdict.of(refusal, row.address, id=row.id))
    return Reopening(tuple(ids), tuple(verdicts))


def _candidates(work: Work, closed: Closed) -> Any:
    other, sender = aliased(Invitation), aliased(User)
    opened = (other.address_key == Invitation.address_key) & (other.state == OPEN)
    if closed.passing is not None:
        opened &= other.batch.is_distinct_from(closed.passing)
    columns = (
        Invitation.id,
        Invitation.address,
        Invitation.role,
        Invitation.state,
        Invitation.expires_at,
        User.status,
        exists().where(opened).label("other"),
        inviter_role(sender, closed.standing).label("inviter_role"),
    )
    found = select(*columns).outerjoin(User, User.address_key == Invitation.address_key)
    found = found.outerjoin(sender, sender.id == Invitation.invited_by)
    return work.db.execute(found.where(closed.which).order_by(Invitation.id)).all()


def _facts(row: Any, closed: Closed) -> ReopenFacts:
    return ReopenFacts(
        address=row.address,
        role=row.role,
        changed=int(row.state != closed.state),
        active_user=int(row.status == ACTIVE),
        archived_user=int(row.status == ARCHIVED),
        other_invitation=int(row.other),
        inviter_role=row.inviter_role,
    )


@dataclass(slots=True)
class _Room:
    """What is left of a limit while places are handed out in order."""

    left: int
    position: int = 0


def _rooms(
    work: Work, company: LockedCompany, closed: Closed, limited: Mapping[int, tuple[str, ...]]
) -> dict[str, _Room]:
    """Return the room by learning group, and under the empty name that of the company."""
    rooms = {"": _Room(NO_LIMIT)}
    if company.user_cap != NO_LIMIT:
        db = work.db
        used = (db.scalar(active_users()) or 0) + (db.scalar(live_invitations(work.now)) or 0)
        rooms[""] = _Room(max(0, company.user_cap - used - closed.places_taken))
    names = {name for each in limited.values() for name in each}
    for group in work.db.scalars(select(Group).where(Group.max_size.is_not(None)).order_by(Group.id)):
        if group.name in names:
            rooms[group.name] = _Room(max(0, (group.max_size or 0) - held_by(work, (group.id,))))
    return rooms


def _limited_groups(work: Work, closed: Closed) -> dict[int, tuple[str, ...]]:
    found = (
        select(InvitationGroup.invitation_id, Group.name)
        .join(Group, Group.id == InvitationGroup.group_id)
        .join(Invitation, Invitation.id == InvitationGroup.invitation_id)
        .where(closed.which, Group.max_size.is_not(None))
    )
    names: dict[int, tuple[str, ...]] = {}
    for invitation_id, name in work.db.execute(found):
        names[invitation_id] = (*names.get(invitation_id, ()), name)
    return names


def _take_places(work: Work, rooms: Mapping[str, _Room], names: tuple[str, ...]) -> Refused | None:
    """Take a place of each limit, or of none and return the refusal."""
    for name in names:
        room = rooms[name]
        rules = GROUP_PLACES if name else PLACES
        facts = PlaceFacts(takes_place=1, position=room.position + 1, room=room.left, group=name)
        refusal = refusal_of(rules, work.actor, facts)
        if refusal is not None:
            return refusal
    for name in names:
        rooms[name].position += 1
    return None
