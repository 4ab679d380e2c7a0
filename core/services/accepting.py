"""What an invitee does: look at a link, register with it once (R24-R30, D5).

Order of an acceptance: fields, then the password hash outside any transaction, then one transaction in which a
conditional UPDATE decides who was first. Any failure rolls the use of the link back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row, func, insert, literal, select, update

from core.core import Core
from core.errors import Busy, LinkUnknown
from core.facts import AcceptFacts, InvitationFacts
from core.models import Company, Department, GroupMember, Invitation, InvitationGroup, OutboxMail, User
from core.models.invitations import ACCEPTED
from core.models.people import ACTIVE
from core.registration import Profile, parse_registration
from core.roles import Actor, Role
from core.rules import ACCEPT, LINK, all_hold, check
from core.selection import LockedCompany, active_users, inviter_role_of, lock_company
from core.values import search_key, sort_key
from core.work import Visit

NOBODY = Actor(Role.LEARNER, "registration page")


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """What the form may show: the invited address and the company, nothing about the inviter."""

    public_id: bytes = field(repr=False)
    address: str
    company: str
    language: str
    color: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """A new account."""

    user_id: int
    address: str
    name: str


def read_link(visit: Visit, token: str) -> OpenInvitation:
    """Return the invitation that `token` opens; reads only, so opening a link spends nothing (R30).

    Raises:
        LinkUnknown: not one of ours; LinkUsed, LinkReplaced, LinkWithdrawn, LinkExpired: authentic but dead (R29).
    """
    one = _invitation(visit, token)
    check(LINK, NOBODY, InvitationFacts(one.address, one.role, one.state, one.expires_at, visit.now))
    company = visit.db.execute(select(Company.name, Company.language, Company.color)).one()
    return OpenInvitation(
        one.public_id,
        one.address,
        company.name,
        one.language or company.language,
        company.color,
        one.expires_at,
    )


def accept(core: Core, token: str, fields: Mapping[str, str]) -> Accepted:
    """Make the account that the link `token` was sent for (R27); the link works exactly once (R11).

    Args:
        core: its doors are opened here: one to read, one to write, none while the password is hashed.
        token: from the link.
        fields: the form as typed, by field name.

    Raises:
        DeadLink: as `read_link`, and AddressHasAccount. Invalid: every wrong field. InviterMayNoLonger, NoPlaceLeft:
        nothing is spent, the link works later. Busy: try again.
    """
    with core.glance() as visit:
        opened = read_link(visit, token)
        today = visit.now.date()
    context = (opened.address, opened.company)
    registration = parse_registration(fields, today=today, context=context)
    password_hash = core.ports.hasher.hash(registration.password)
    with core.visit() as visit:
        return _register(visit, token, registration.profile, password_hash)


def _register(visit: Visit, token: str, profile: Profile, password_hash: str) -> Accepted:
    company = lock_company(visit.db)
    one = _invitation(visit, token)
    _use_up(visit, one.id)
    check(ACCEPT, NOBODY, _facts(visit, one, company))
    user_id = _add_person(visit, one, profile, password_hash)
    visit.db.execute(update(Invitation).where(Invitation.id == one.id).values(user_id=user_id))
    groups = select(InvitationGroup.group_id, literal(user_id)).where(InvitationGroup.invitation_id == one.id)
    visit.db.execute(insert(GroupMember).from_select(["group_id", "user_id"], groups))
    visit.record(
        "user.registered",
        user_id,
        one.address,
        role=Role(one.role).slug,
        invitation=one.id,
        invited_by=one.invited_by,
    )
    accepted = Accepted(user_id, one.address, f"{profile.first_name} {profile.last_name}")
    _tell(visit, accepted, profile.language or one.language)
    return accepted


def _invitation(visit: Visit, token: str) -> Row[Any]:
    public_id = visit.ports.links.public_id_of(token)
    if public_id is None:
        raise LinkUnknown
    found = visit.db.execute(
        select(*Invitation.__table__.columns).where(Invitation.public_id == public_id)
    ).one_or_none()
    if found is None:
        raise LinkUnknown
    return found


def _use_up(visit: Visit, invitation_id: int) -> None:
    """Close the invitation in the same statement that checks it: the one decision between racers (R11, R57).

    Raises:
        DeadLink: somebody was faster, or the link died since the form was opened.
    """
    columns = SimpleNamespace(
        state=Invitation.state,
        expires_at=Invitation.expires_at,
        now=literal(visit.now, Invitation.expires_at.type),
    )
    used = visit.db.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, all_hold(LINK, NOBODY, columns))
        .values(state=ACCEPTED, closed_at=visit.now)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if used is not None:
        return
    one = visit.db.execute(select(*Invitation.__table__.columns).where(Invitation.id == invitation_id)).one()
    check(LINK, NOBODY, InvitationFacts(one.address, one.role, one.state, one.expires_at, visit.now))
    raise Busy  # open again a moment later: cannot be under the lock, and trying again is harmless


def _facts(visit: Visit, one: Row[Any], company: LockedCompany) -> AcceptFacts:
    """Read what must still be true, under the company's lock."""
    db = visit.db
    inviter_role = inviter_role_of(db, one)
    accounts = select(func.count()).select_from(User).where(User.address_key == one.address_key)
    return AcceptFacts(
        role=one.role,
        inviter_role=inviter_role,
        accounts=db.scalar(accounts) or 0,
        active_users=db.scalar(active_users()) or 0,
        room=company.user_cap,
    )


def _add_person(visit: Visit, one: Row[Any], profile: Profile, password_hash: str) -> int:
    department = visit.db.get(Department, one.department_id) if one.department_id else None
    user = User(
        address=one.address,
        address_key=one.address_key,
        role=one.role,
        status=ACTIVE,
        first_name=profile.first_name,
        last_name=profile.last_name,
        password_hash=password_hash,
        phone=profile.phone,
        postal_address=profile.postal_address,
        born_on=profile.born_on,
        job_title=profile.job_title,
        language=profile.language,
        department_id=department.id if department else None,
        search_key=search_key(one.address_key, profile.first_name, profile.last_name),
        sort_key=sort_key(one.address_key, profile.first_name, profile.last_name),
        created_at=visit.now,
    )
    visit.db.add(user)
    visit.db.flush()
    return user.id


def _tell(visit: Visit, accepted: Accepted, language: str) -> None:
    """Queue the notice that the account exists; it carries no link (NIST: the owner of the mailbox must be told)."""
    visit.db.add(
        OutboxMail(
            kind="account_ready",
            to_address=accepted.address,
            to_name=accepted.name,
            language=language,
            details={},
            created_at=visit.now,
            due_at=visit.now,
            user_id=accepted.user_id,
        )
    )
