"""What the filter words of each list mean in SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from operator import ge, gt, le, lt
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.filters import TEXT, Filter, Term, moment_of, parse, wrong
from core.models import (
    AuditEvent,
    Department,
    Group,
    GroupMember,
    Invitation,
    InvitationGroup,
    License,
    OutboxMail,
    Seat,
    User,
)
from core.models.invitations import OPEN
from core.models.people import ACTIVE, ARCHIVED
from core.registration import LANGUAGES
from core.roles import Role
from core.values import fold, name_key

Condition = ColumnElement[bool]
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {"<": lt, ">": gt, "<=": le, ">=": ge}
USER_KEYS = {
    "role": ":<>",
    "dept": ":",
    "group": ":",
    "seat": ":",
    "status": ":",
    "seen": ":<>",
    "joined": ":<>",
    "lang": ":",
}
INVITATION_KEYS = {
    "state": ":",
    "role": ":<>",
    "mail": ":",
    "by": ":",
    "dept": ":",
    "group": ":",
    "created": ":<>",
    "expires": ":<>",
    "batch": ":",
}
AUDIT_KEYS = {"action": ":", "by": ":", "subject": ":", "batch": ":", "at": ":<>"}
MAIL_STATES = ("waiting", "sending", "sent", "failed", "dropped", "none")
INVITATION_STATES = ("open", "expired", "accepted", "replaced", "withdrawn", "any")
_ROLE_SHORT = {"admin": Role.COMPANY_ADMIN, "manager": Role.CONTENT_MANAGER}
_MOST_LISTED = 12


def parse_users(text: str) -> Filter:
    """Return the filter for the list of people.

    Raises:
        InvalidFilter: naming the wrong word.
    """
    return parse(text, USER_KEYS)


def parse_invitations(text: str) -> Filter:
    """Return the filter for the list of invitations.

    Raises:
        InvalidFilter: naming the wrong word.
    """
    return parse(text, INVITATION_KEYS)


def parse_audit(text: str) -> Filter:
    """Return the filter for the audit trail.

    Raises:
        InvalidFilter: naming the wrong word.
    """
    return parse(text, AUDIT_KEYS)


def user_conditions(db: Session, chosen: Filter, now: datetime) -> Condition:
    """Return the SQL condition on `User`; archived people only where a `status:` word asks for them (R44).

    Raises:
        InvalidFilter: a value that does not exist.
    """
    found = _combine(chosen, lambda term: _user_condition(db, term, now))
    return found if chosen.of("status") else and_(found, User.status == ACTIVE)


def invitation_conditions(db: Session, chosen: Filter, now: datetime) -> Condition:
    """Return the SQL condition on `Invitation`.

    Raises:
        InvalidFilter: a value that does not exist.
    """
    return _combine(chosen, lambda term: _invitation_condition(db, term, now))


def audit_conditions(chosen: Filter, now: datetime) -> Condition:
    """Return the SQL condition on `AuditEvent`; labels are searched as they were written, without regard to case.

    Raises:
        InvalidFilter: a value that makes no sense.
    """
    return _combine(chosen, lambda term: _audit_condition(term, now))


def _combine(chosen: Filter, meaning: Callable[[Term], Condition]) -> Condition:
    """And different keys, bare words and negations; or what repeats a key."""
    parts: list[Condition] = []
    repeated: dict[str, list[Condition]] = {}
    for term in chosen.terms:
        condition = meaning(term)
        if term.negated:
            parts.append(not_(func.coalesce(condition, false())))  # an empty column is not what was named
        elif term.key == TEXT or term.operator != ":":
            parts.append(condition)
        else:
            repeated.setdefault(term.key, []).append(condition)
    parts += [or_(*conditions) for conditions in repeated.values()]
    return and_(true(), *parts)


def _user_condition(db: Session, term: Term, now: datetime) -> Condition:  # noqa: PLR0911 - one for each key
    match term.key:
        case "role":
            return _role(User.role, term)
        case "dept":
            return _department(db, User.department_id, term)
        case "group":
            member = select(GroupMember.user_id)
            return _held(User.id, member, GroupMember.group_id, _ids(db, Group, "learning group", term))
        case "seat":
            holder = select(Seat.user_id)
            return _held(User.id, holder, Seat.license_id, _ids(db, License, "license", term))
        case "status":
            return _status(term)
        case "seen":
            if term.value.lower() == "never":
                return User.last_sign_in_at.is_(None)
            return and_(User.last_sign_in_at.is_not(None), _when(User.last_sign_in_at, term, now))
        case "joined":
            return _when(User.created_at, term, now)
        case "lang":
            known = {**dict.fromkeys(LANGUAGES), "none": None}
            return User.language == _one_of(term, known).replace("none", "")
        case _:
            return contains(User.search_key, term.value)


def _invitation_condition(db: Session, term: Term, now: datetime) -> Condition:  # noqa: PLR0911 - one for each key
    match term.key:
        case "state":
            return _state(term, now)
        case "role":
            return _role(Invitation.role, term)
        case "mail":
            return _mail(term)
        case "by":
            inviter = select(User.id).where(contains(User.search_key, term.value))
            operator = Invitation.by_operator if term.value.lower() == "operator" else false()
            return or_(Invitation.invited_by.in_(inviter), operator)
        case "dept":
            return _department(db, Invitation.department_id, term)
        case "group":
            member = select(InvitationGroup.invitation_id)
            ids = _ids(db, Group, "learning group", term)
            return _held(Invitation.id, member, InvitationGroup.group_id, ids)
        case "created":
            return _when(Invitation.created_at, term, now)
        case "expires":
            return _when(Invitation.expires_at, term, now)
        case "batch":
            return Invitation.batch == term.value.lower()
        case _:
            return contains(Invitation.address_key, term.value)


def _audit_condition(term: Term, now: datetime) -> Condition:
    match term.key:
        case "action":
            return AuditEvent.action.icontains(term.value, autoescape=True)
        case "by":
            return AuditEvent.actor_label.icontains(term.value, autoescape=True)
        case "batch":
            return AuditEvent.batch == term.value.lower()
        case "at":
            return _when(AuditEvent.at, term, now)
        case _:
            return AuditEvent.subject_label.icontains(term.value, autoescape=True)


def contains(column: InstrumentedAttribute[str], text: str) -> Condition:
    """Return the condition that `text` occurs anywhere, folded like the column; `%` and `_` mean themselves."""
    return column.contains(fold(text), autoescape=True)


def _role(column: InstrumentedAttribute[int], term: Term) -> Condition:
    role = Role.from_slug(term.value) or _ROLE_SHORT.get(term.value.lower())
    if role is None:
        raise wrong(term.word, f"there is no role {term.value}", (role.slug for role in Role))
    return column == int(role) if term.operator == ":" else _COMPARE[term.operator](column, int(role))


def _department(db: Session, column: InstrumentedAttribute[int | None], term: Term) -> Condition:
    ids = _ids(db, Department, "department", term)
    return column.is_(None) if ids is None else column.in_(ids)


def _ids(db: Session, model: type[Department | Group | License], kind: str, term: Term) -> list[int] | None:
    """Return the ids of what the value names, or None for `none`; a part of a name will do."""
    if term.value.lower() == "none":
        return None
    key = name_key(term.value)
    exact = db.scalars(select(model.id).where(model.name_key == key)).all()
    found = exact or db.scalars(select(model.id).where(model.name_key.contains(key, autoescape=True))).all()
    if not found:
        known = db.scalars(select(model.name).order_by(model.name_key).limit(_MOST_LISTED)).all()
        raise wrong(term.word, f"there is no {kind} {term.value}", known or ("none yet",))
    return list(found)


def _held(owner: InstrumentedAttribute[int], holders: Any, what: Any, ids: list[int] | None) -> Condition:
    """Return the condition that `owner` is among the holders of one of `ids`; None stands for holding nothing."""
    return owner.not_in(holders) if ids is None else owner.in_(holders.where(what.in_(ids)))


def _status(term: Term) -> Condition:
    status = _one_of(term, dict.fromkeys((ACTIVE, ARCHIVED, "any")))
    return true() if status == "any" else User.status == status


def _state(term: Term, now: datetime) -> Condition:
    state = _one_of(term, dict.fromkeys(INVITATION_STATES))
    if state == "any":
        return true()
    if state == "expired":
        return and_(Invitation.state == OPEN, Invitation.expires_at <= now)
    live = Invitation.expires_at > now if state == OPEN else true()
    return and_(Invitation.state == state, live)


def _mail(term: Term) -> Condition:
    state = _one_of(term, dict.fromkeys(MAIL_STATES))
    any_mail = exists().where(OutboxMail.invitation_id == Invitation.id)
    if state == "none":
        return not_(any_mail)
    return exists().where(OutboxMail.invitation_id == Invitation.id, OutboxMail.state == state)


def _when(column: InstrumentedAttribute[Any], term: Term, now: datetime) -> Condition:
    operator, moment = moment_of(term, now)
    if operator == ":":
        return and_(column >= moment, column < moment + timedelta(days=1))
    if operator in {">", "<="} and "-" in term.value:  # a date is a whole day: after it, or up to its end
        moment += timedelta(days=1)
        operator = {">": ">=", "<=": "<"}[operator]
    return _COMPARE[operator](column, moment)  # type: ignore[no-any-return]


def _one_of(term: Term, known: Iterable[str]) -> str:
    value = term.value.lower()
    names = list(known)
    if value not in names:
        raise wrong(term.word, f"{term.value} is not one of its values", names)
    return value
