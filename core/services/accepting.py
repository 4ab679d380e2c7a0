"""What an invitee does: look at a link, register with it once (R24-R30, D5).

Order of an acceptance: fields, then the password hash outside any transaction, then one transaction in which a
conditional UPDATE decides who was first. Any failure rolls the use of the link back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Row, bindparam, case, func, insert, literal, select, update

from core.core import Core
from core.errors import Busy, DeadLink, LinkUnknown
from core.facts import NEVER, AcceptFacts, InvitationFacts
from core.models import (
    AuditEvent,
    Company,
    GroupMember,
    Invitation,
    InvitationGroup,
    OutboxMail,
    User,
)
from core.models.invitations import ACCEPTED
from core.models.people import ACTIVE
from core.registration import Profile, parse_registration
from core.roles import Actor, Role
from core.rules import ACCEPT, LINK, all_hold, check, refusal_of
from core.selection import LockedCompany, active_users, inviter_role_of, lock_company
from core.values import search_key, sort_key
from core.work import Visit

NOBODY = Actor(Role.LEARNER, "registration page")
_LAST_CHANGE = (
    select(func.max(AuditEvent.id))
    .where(AuditEvent.subject_kind == "company", AuditEvent.subject_id == 1)
    .scalar_subquery()
)
# Reading the logo itself would cost every page its 200 kB; its length and the last change of the company tell it apart.
_LETTERHEAD = (
    Company.name.label("company"),
    Company.email,
    Company.language.label("company_language"),
    Company.color,
    func.length(Company.logo).label("logo_length"),
    case((Company.logo.is_not(None), _LAST_CHANGE)).label("logo_change"),
)
_INVITED = (
    select(
        Invitation.public_id,
        Invitation.address,
        Invitation.role,
        Invitation.language,
        Invitation.state,
        Invitation.expires_at,
        Invitation.closed_at,
        *_LETTERHEAD,
    )
    .join(Company, Company.id == 1)
    .where(Invitation.public_id == bindparam("public_id"))
)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What everybody with a link of ours may see of the company.

    Attributes:
        company: its name. email: whom to ask; empty for nobody. language: where nobody chose another.
        color: `#rrggbb`; empty for none.
        logo: another text whenever the logo is another; empty where there is none.
    """

    company: str
    email: str
    language: str
    color: str
    logo: str


@dataclass(frozen=True, slots=True)
class Invited:
    """What the page may show to whoever holds an authentic link, dead or alive; nothing about the inviter.

    Attributes:
        language: the one the inviter chose; empty for none.
        dead: why the link opens nothing any more; None while it does.
    """

    public_id: bytes = field(repr=False)
    address: str
    language: str
    expires_at: datetime
    letterhead: Letterhead
    dead: DeadLink | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Logo:
    """The picture as it was handed in."""

    media_type: str
    image: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A new account."""

    user_id: int
    address: str
    name: str


def read_invited(visit: Visit, token: str) -> Invited:
    """Return what the holder of `token` may see; reads only, so opening a link spends nothing (R30).

    Raises:
        LinkUnknown: not one of ours.
    """
    public_id = visit.ports.links.public_id_of(token)
    found = public_id and visit.db.execute(_INVITED, {"public_id": public_id}).one_or_none()
    if not found:
        raise LinkUnknown
    closed_at = found.closed_at or NEVER
    facts = InvitationFacts(found.address, found.role, found.state, found.expires_at, visit.now, closed_at)
    return Invited(
        found.public_id,
        found.address,
        found.language,
        found.expires_at,
        _letterhead(found),
        cast(DeadLink | None, refusal_of(LINK, NOBODY, facts)),
    )


def read_link(visit: Visit, token: str) -> Invited:
    """Return the invitation that `token` opens (see `read_invited`).

    Raises:
        LinkUnknown: not one of ours; LinkUsed, LinkReplaced, LinkWithdrawn, LinkExpired: authentic but dead (R29).
    """
    invited = read_invited(visit, token)
    if invited.dead is not None:
        raise invited.dead
    return invited


def read_letterhead(visit: Visit) -> Letterhead | None:
    """Return the company's letterhead; None before the company is set up."""
    found = visit.db.execute(select(*_LETTERHEAD)).one_or_none()
    return _letterhead(found) if found else None


def read_logo(visit: Visit) -> Logo | None:
    """Return the company's logo (S29); None where there is none."""
    found = visit.db.execute(select(Company.logo_type, Company.logo)).one_or_none()
    return Logo(found.logo_type, found.logo) if found and found.logo else None


def accept(core: Core, token: str, fields: Mapping[str, str], *, source: str = "") -> Accepted:
    """Make the account that the link `token` was sent for (R27); the link works exactly once (R11).

    Args:
        core: its doors are opened here: one to read, one to write, none while the password is hashed.
        token: from the link.
        fields: the form as typed, by field name.
        source: where it came from, for the audit: the client's network address.

    Raises:
        DeadLink: as `read_link`, and AddressHasAccount. Invalid: every wrong field. InviterMayNoLonger, NoPlaceLeft:
        nothing is spent, the link works later. Busy: try again.
    """
    with core.glance() as visit:
        opened = read_link(visit, token)
        today = visit.now.date()
    context = (opened.address, opened.letterhead.company)
    registration = parse_registration(fields, today=today, context=context)
    password_hash = core.ports.hasher.hash(registration.password)
    with core.visit() as visit:
        return _register(visit, token, registration.profile, password_hash, source=source)


def _register(visit: Visit, token: str, profile: Profile, password_hash: str, *, source: str) -> Accepted:
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
        **({"source": source} if source else {}),
    )
    accepted = Accepted(user_id, one.address, f"{profile.first_name} {profile.last_name}")
    _tell(visit, accepted, profile.language or one.language)
    return accepted


def _letterhead(found: Row[Any]) -> Letterhead:
    logo = f"{found.logo_change}-{found.logo_length}" if found.logo_length else ""
    return Letterhead(found.company, found.email, found.company_language, found.color, logo)


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
    closed_at = one.closed_at or NEVER
    check(
        LINK,
        NOBODY,
        InvitationFacts(one.address, one.role, one.state, one.expires_at, visit.now, closed_at),
    )
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
        department_id=one.department_id,
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
