"""What the filter words mean for invitations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, exists, false, not_, or_, select, true
from sqlalchemy.orm import Session

from core.filter_keys.people import called
from core.filter_keys.words import (
    Condition,
    combine,
    department_condition,
    held,
    ids_named,
    one_of,
    role_condition,
    when,
)
from core.filters import Filter, Term
from core.models import Group, Invitation, InvitationGroup, OutboxMail, User
from core.models.invitations import OPEN
from core.search_index import holds
from core.values import fold

MAIL_STATES = ("waiting", "sending", "sent", "failed", "dropped", "none")
INVITATION_STATES = ("open", "expired", "accepted", "replaced", "withdrawn", "any")


def invitation_conditions(db: Session, chosen: Filter, now: datetime) -> Condition:
    """Return the SQL condition on `Invitation`.

    Raises:
        InvalidFilter: a value that does not exist.
    """
    return combine(chosen, lambda term: _invitation_condition(db, term, now))


def _invitation_condition(db: Session, term: Term, now: datetime) -> Condition:  # noqa: PLR0911 - one for each key
    match term.key:
        case "state":
            return _state(term, now)
        case "role":
            return role_condition(Invitation.role, term)
        case "mail":
            return _mail(term)
        case "by":
            inviter = select(User.id).where(called(db, term.value))
            operator = Invitation.by_operator if term.value.lower() == "operator" else false()
            return or_(Invitation.invited_by.in_(inviter), operator)
        case "dept":
            return department_condition(db, Invitation.department_id, term)
        case "group":
            ids, owner = ids_named(db, Group, "learning group", term), InvitationGroup.invitation_id
            return held(Invitation.id, owner, InvitationGroup.group_id, ids=ids, one_by_one=term.negated)
        case "created":
            return when(Invitation.created_at, term, now)
        case "expires":
            return when(Invitation.expires_at, term, now)
        case "batch":
            return Invitation.batch == term.value.lower()
        case _:
            return holds(db, Invitation.address_key, fold(term.value))


def _state(term: Term, now: datetime) -> Condition:
    state = one_of(term, dict.fromkeys(INVITATION_STATES))
    if state == "any":
        return true()
    if state == "expired":
        return and_(Invitation.state == OPEN, Invitation.expires_at <= now)
    live = Invitation.expires_at > now if state == OPEN else true()
    return and_(Invitation.state == state, live)


def _mail(term: Term) -> Condition:
    state = one_of(term, dict.fromkeys(MAIL_STATES))
    any_mail = exists().where(OutboxMail.invitation_id == Invitation.id)
    if state == "none":
        return not_(any_mail)
    return exists().where(OutboxMail.invitation_id == Invitation.id, OutboxMail.state == state)
