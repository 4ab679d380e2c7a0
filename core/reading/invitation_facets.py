"""How many invitations share a value: state, mail, role, inviter, department."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, case, exists, func, not_, select

from core.filter_keys import INVITATION_STATES, MAIL_STATES, invitation_conditions
from core.filters import Filter
from core.models import Invitation, OutboxMail, User
from core.models.invitations import OPEN
from core.reading.facets import Counting, Facet, by_people, department_facets, known, role_facets, word_of
from core.roles import Permission
from core.work import Look


def invitation_facets(look: Look, chosen: Filter, column: str) -> list[Facet]:
    """Return the values of a column of the list of invitations.

    Raises:
        InvalidFilter: an unknown value. Invalid: a column that cannot be counted; lists what can.
    """
    look.require(Permission.SEE_PEOPLE)
    count = known(_COLUMNS, column)
    found = count(look, invitation_conditions(look.db, chosen, look.now))
    return [facet for facet in found if facet.people]


def _states(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    expired = and_(Invitation.state == OPEN, Invitation.expires_at <= look.now)
    state = select(case((expired, "expired"), else_=Invitation.state).label("state")).where(condition)
    told = state.subquery()
    counts = select(told.c.state, func.count()).group_by(told.c.state)
    found = {row[0]: row[1] for row in look.db.execute(counts)}
    return [Facet(each, each, word_of("state", each), found.get(each, 0)) for each in INVITATION_STATES]


def _mails(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    """Count an invitation at each state that one of its mails has, as the filter word does."""
    joined = select(OutboxMail.state, func.count(OutboxMail.invitation_id.distinct()))
    joined = joined.join(Invitation, Invitation.id == OutboxMail.invitation_id)
    found = {row[0]: row[1] for row in look.db.execute(joined.where(condition).group_by(OutboxMail.state))}
    mailed = exists().where(OutboxMail.invitation_id == Invitation.id)
    without = select(func.count()).select_from(Invitation).where(condition, not_(mailed))
    found["none"] = look.db.scalar(without) or 0
    return [Facet(each, each, word_of("mail", each), found.get(each, 0)) for each in MAIL_STATES]


def _roles(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    return role_facets(look, Invitation.role, condition)


def _departments(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    return department_facets(look, Invitation.department_id, condition)


def _inviters(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    counts = (
        select(Invitation.by_operator, Invitation.invited_by, func.count().label("people"))
        .where(condition)
        .group_by(Invitation.by_operator, Invitation.invited_by)
        .subquery()
    )
    named = select(counts, User.address).outerjoin(User, User.id == counts.c.invited_by)
    return by_people(
        _inviter(by_operator=row.by_operator, address=row.address, people=row.people)
        for row in look.db.execute(named)
    )


def _inviter(*, by_operator: bool, address: str | None, people: int) -> Facet:
    if by_operator:
        return Facet("operator", "operator", "by:operator", people)
    if address is None:
        return Facet("", "whose account is gone", "", people)
    return Facet(address, address, word_of("by", address), people)


_COLUMNS: Mapping[str, Counting] = {
    "state": _states,
    "mail": _mails,
    "role": _roles,
    "by": _inviters,
    "department": _departments,
}
