"""Questions about invitations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from core.errors import Missing
from core.filter_keys import invitation_conditions
from core.filters import Filter
from core.models import Department, Group, Invitation, InvitationGroup, OutboxMail, User
from core.models.invitations import OPEN
from core.reading.facets import Facet
from core.reading.invitation_facets import invitation_facets
from core.reading.lists import Sort, id_chunks, ordered
from core.reading.mail import lateness
from core.roles import Permission, Role
from core.values import Address
from core.work import Look

NEWEST_FIRST = Sort("created", descending=True)
NO_MAIL = "none"
_OF_MAIL = (OutboxMail.state, OutboxMail.last_error, OutboxMail.sent_at)
SORTS: dict[str, Any] = {
    "created": Invitation.id,
    "address": Invitation.address_key,
    "role": Invitation.role,
    "state": Invitation.state,
    "expires": Invitation.expires_at,
}


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation as lists show it; the fields are the promised JSON keys.

    Attributes:
        state: `open expired accepted replaced withdrawn`; expired is told by the time of looking.
        mail: state of its newest mail, `none` where there is none.
        mail_answer: what the mail server said last (R53).
        mail_sent: when it was handed to the mail server.
        invited_by: address of the inviter, `operator` for the host's, empty where the account is gone.
    """

    id: int
    address: str
    role: Role
    state: str
    mail: str
    mail_answer: str
    invited_by: str
    created: datetime
    expires: datetime
    department: str
    groups: tuple[str, ...]
    batch: str
    user_id: int | None
    mail_sent: datetime | None = None

    @property
    def mail_late(self) -> timedelta | None:
        """How long after the invitation its mail left, where that is more than a day; else None."""
        return lateness(self.created, self.mail_sent) if self.mail_sent else None


def count(look: Look, chosen: Filter) -> int:
    """Return how many invitations the filter finds."""
    look.require(Permission.SEE_PEOPLE)
    condition = invitation_conditions(look.db, chosen, look.now)
    return look.db.scalar(select(func.count()).select_from(Invitation).where(condition)) or 0


def count_up_to(look: Look, chosen: Filter, most: int) -> int:
    """Return how many invitations the filter finds, counting no further than `most` + 1: more than `most` means "more".

    Raises:
        InvalidFilter: an unknown value.
    """
    look.require(Permission.SEE_PEOPLE)
    condition = invitation_conditions(look.db, chosen, look.now)
    found = select(Invitation.id).where(condition).limit(most + 1).subquery()
    return look.db.scalar(select(func.count()).select_from(found)) or 0


def facets(look: Look, chosen: Filter, column: str) -> list[Facet]:
    """Return how many of the invitations found share each value of a column.

    Raises:
        InvalidFilter: an unknown value. Invalid: a column that cannot be counted; lists what can.
    """
    look.require(Permission.SEE_PEOPLE)
    return invitation_facets(look, chosen, column)


def ids(look: Look, chosen: Filter, sort: Sort = NEWEST_FIRST) -> Iterator[Sequence[int]]:
    """Yield the ids of the invitations found, in order, in chunks.

    Raises:
        InvalidFilter, Invalid: an unknown value or column.
    """
    look.require(Permission.SEE_PEOPLE)
    return id_chunks(look, _ordered_ids(look, chosen, sort))


def first(look: Look, chosen: Filter, sort: Sort = NEWEST_FIRST, *, limit: int = 100) -> list[InvitationRow]:
    """Return the first rows in order, without waiting for all ids."""
    look.require(Permission.SEE_PEOPLE)
    return rows(look, look.db.scalars(_ordered_ids(look, chosen, sort).limit(limit)).all())


def rows(look: Look, wanted: Sequence[int]) -> list[InvitationRow]:
    """Return the invitations with these ids, in that order; those that are gone are left out."""
    look.require(Permission.SEE_PEOPLE)
    inviter = aliased(User)
    newest = (
        select(OutboxMail.invitation_id, func.max(OutboxMail.id).label("id"))
        .where(OutboxMail.invitation_id.in_(wanted))
        .group_by(OutboxMail.invitation_id)
        .subquery()
    )
    found = look.db.execute(
        select(Invitation, Department.name, inviter.address, *_OF_MAIL)
        .outerjoin(Department, Department.id == Invitation.department_id)
        .outerjoin(inviter, inviter.id == Invitation.invited_by)
        .outerjoin(newest, newest.c.invitation_id == Invitation.id)
        .outerjoin(OutboxMail, OutboxMail.id == newest.c.id)
        .where(Invitation.id.in_(wanted))
    ).all()
    groups = _groups(look, wanted)
    by_id = {
        each.id: InvitationRow(
            id=each.id,
            address=each.address,
            role=Role(each.role),
            state=state_at(each.state, each.expires_at, look.now),
            mail=mail or NO_MAIL,
            mail_answer=answer or "",
            invited_by="operator" if each.by_operator else by or "",
            created=each.created_at,
            expires=each.expires_at,
            department=department or "",
            groups=groups.get(each.id, ()),
            batch=each.batch or "",
            user_id=each.user_id,
            mail_sent=sent,
        )
        for each, department, by, mail, answer, sent in found
    }
    return [by_id[each] for each in wanted if each in by_id]


def newest_of(look: Look, address: str) -> InvitationRow:
    """Return the newest invitation of an address, whatever its state.

    Raises:
        InvalidAddress: it is none. Missing: it was never invited.
    """
    look.require(Permission.SEE_PEOPLE)
    parsed = Address.parse(address)
    newest = look.db.scalar(select(func.max(Invitation.id)).where(Invitation.address_key == parsed.key))
    if newest is None:
        raise Missing("invitation of", parsed.typed)
    return rows(look, [newest])[0]


def state_at(state: str, expires_at: datetime, now: datetime) -> str:
    """Return the state a person sees: expired is never stored, time decides."""
    return "expired" if state == OPEN and expires_at <= now else state


def _ordered_ids(look: Look, chosen: Filter, sort: Sort) -> Select[int]:
    statement = select(Invitation.id).where(invitation_conditions(look.db, chosen, look.now))
    return ordered(statement, sort, SORTS, Invitation.id)


def _groups(look: Look, wanted: Sequence[int]) -> dict[int, tuple[str, ...]]:
    statement = (
        select(InvitationGroup.invitation_id, Group.name)
        .join(Group, Group.id == InvitationGroup.group_id)
        .where(InvitationGroup.invitation_id.in_(wanted))
        .order_by(Group.name_key)
    )
    names: dict[int, tuple[str, ...]] = {}
    for owner, name in look.db.execute(statement):
        names[owner] = (*names.get(owner, ()), name)
    return names
