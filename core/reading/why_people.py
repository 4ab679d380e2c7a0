"""Why a person can or cannot sign in, what they may see, and what may be done with them (R48, R55)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from core.errors import Missing, Refused
from core.facts import PersonFacts, PlaceFacts
from core.models import AuditEvent, Company, GroupMember, Invitation, License, Seat, SignIn, User
from core.models.people import ACTIVE
from core.reading import users
from core.reading.places import group_rows
from core.reading.reasons import NO, NOTE, YES, Fact, asked, moment, refused
from core.reading.users import UserDetail
from core.roles import Permission, Role, permissions_of
from core.rules import (
    ARCHIVE,
    EDIT_PERSON,
    GROUP_PLACES,
    NO_LIMIT,
    PLACES,
    REACTIVATE,
    TOUCH_PERSON,
    refusal_of,
)
from core.selection import active_users
from core.work import Look

_LOOKED_BACK = 200
_CHANGES_STATE = ("user.archived", "user.reactivated")
_BEGINS = ("user.registered", "user.created")


def why_person(look: Look, user_id: int) -> list[Fact]:
    """Return the reasons about one person in order: account, role, sign-in, places, seats, what the actor may do.

    Raises:
        Missing: no such person.
    """
    look.require(Permission.SEE_PEOPLE)
    detail = users.one(look, user_id)
    events = look.db.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject_kind == "user", AuditEvent.subject_id == user_id)
        .order_by(AuditEvent.id.desc())
        .limit(_LOOKED_BACK)
    ).all()
    return [
        *_account(look, detail, events),
        *_role(detail, events),
        *_sign_in(look, detail),
        *_places(detail),
        *_seats(look, user_id),
        Fact("Records", f"{detail.lessons:,} lessons done, {detail.certificates:,} certificates"),
        *_may(look, detail),
    ]


def _account(look: Look, detail: UserDetail, events: Sequence[AuditEvent]) -> Iterator[Fact]:
    row = detail.row
    changed = next((event for event in events if event.action in _CHANGES_STATE), None)
    by = "" if changed is None else f" by {changed.actor_label}"
    if row.status != ACTIVE:
        since = f" since {moment(detail.archived_at)}" if detail.archived_at else ""
        yield Fact("Account", f"archived{since}{by}; lessons and certificates are kept", NO, "reactivate")
    elif changed is not None:
        yield Fact("Account", f"active, reactivated on {moment(changed.at)}{by}", YES)
    else:
        yield Fact("Account", f"active since {moment(row.joined)}", YES)
    origin = next((event for event in events if event.action in _BEGINS), None)
    yield Fact("Joined", _origin(look, detail, origin))


def _origin(look: Look, detail: UserDetail, origin: AuditEvent | None) -> str:
    joined = moment(detail.row.joined)
    invitation = look.db.get(Invitation, origin.details.get("invitation", 0)) if origin else None
    if invitation is None:
        return f"{joined}, set up by {origin.actor_label}" if origin else joined
    inviter = look.db.scalar(select(User.address).where(User.id == invitation.invited_by))
    by = "the operator" if invitation.by_operator else inviter or "somebody whose account is gone"
    return f"{joined}, invited by {by} on {moment(invitation.created_at)}"


def _role(detail: UserDetail, events: Sequence[AuditEvent]) -> Iterator[Fact]:
    role = detail.row.role
    given = next((event for event in events if isinstance(event.details.get("role"), dict)), None)
    since = f", since {moment(given.at)} by {given.actor_label}" if given else ", from the beginning"
    yield Fact("Role", f"{role.label}{since}: {role.summary}", NOTE, "role")
    permits = ", ".join(permission.label for permission in permissions_of(role))
    yield Fact("The role permits", permits)


def _sign_in(look: Look, detail: UserDetail) -> Iterator[Fact]:
    row = detail.row
    if row.status != ACTIVE:
        yield Fact("Sign-in", "not possible: the account is archived", NO, "reactivate")
        return
    last = f"last on {moment(row.last_sign_in)}" if row.last_sign_in else "never used so far"
    yield Fact("Sign-in", f"possible, {last}", YES)
    if Permission.USE_CONSOLE not in permissions_of(row.role):
        lowest = Permission.USE_CONSOLE.lowest.label
        text = f"not possible: it takes the role {lowest}, and this is a {row.role.label}"
        yield Fact("Sign-in to the console", text, NO, "role")
    opened = select(SignIn).where(SignIn.user_id == row.id, SignIn.closed_at.is_(None))
    for each in look.db.scalars(opened.order_by(SignIn.opened_at.desc())):
        counts = Role(each.role)
        later = "" if counts == row.role else f"; {row.role.label} counts from the next sign-in"
        yield Fact("Signed in", f"since {moment(each.opened_at)} as {counts.label}{later}")


def _places(detail: UserDetail) -> Iterator[Fact]:
    row = detail.row
    yield Fact("Department", row.department or "none", NOTE, "department")
    yield Fact("Learning groups", ", ".join(row.groups) or "none", NOTE, "teams")


def _seats(look: Look, user_id: int) -> Iterator[Fact]:
    """Yield one fact per seat: an expired license keeps its seats and gives no access (D8)."""
    found = look.db.execute(
        select(License.name, License.expires_on, Seat.held_since)
        .join(Seat, Seat.license_id == License.id)
        .where(Seat.user_id == user_id)
        .order_by(License.name_key)
    ).all()
    if not found:
        yield Fact("Seats", "none: courses behind a license are closed", NO)
    today = look.now.date()
    for row in found:
        until = f"until {row.expires_on}" if row.expires_on else "without an end"
        if row.expires_on is not None and row.expires_on < today:
            yield Fact(f"Seat {row.name}", f"gives no access: the license expired on {row.expires_on}", NO)
        else:
            yield Fact(f"Seat {row.name}", f"held since {moment(row.held_since)}, {until}", YES)


def _may(look: Look, detail: UserDetail) -> Iterator[Fact]:
    row, actor = detail.row, look.actor
    facts = PersonFacts(row.id, row.address, int(row.role), row.status, last_admin=0)
    leaving = PersonFacts(row.id, row.address, int(row.role), row.status, last_admin=_last_admin(look, row))
    yield asked("You may edit", "name, contact and profile", actor, (EDIT_PERSON, facts), mend="edit")
    yield asked("You may give another role", _below(actor.role), actor, (TOUCH_PERSON, leaving), mend="role")
    yield asked("You may place", "department and groups", actor, (TOUCH_PERSON, facts), mend="department")
    if row.status == ACTIVE:
        yield asked("You may archive", "this account", actor, (ARCHIVE, leaving), mend="archive")
        return
    barred = refusal_of(REACTIVATE, actor, facts) or _no_room(look, row.id)
    if barred is None:
        yield Fact(
            "You may reactivate", "this account; seats do not come back by themselves", YES, "reactivate"
        )
    else:
        yield refused("You may reactivate", barred)


def _below(own: Role) -> str:
    return "any of " + ", ".join(role.label for role in Role if role < own)


def _last_admin(look: Look, row: users.UserRow) -> int:
    """Return 1 where the company would be left without an active Company Admin (D7)."""
    if row.status != ACTIVE or row.role != Role.COMPANY_ADMIN:
        return 0
    others = select(func.count()).select_from(User)
    others = others.where(User.status == ACTIVE, User.role == int(Role.COMPANY_ADMIN), User.id != row.id)
    return int(not look.db.scalar(others))


def _no_room(look: Look, user_id: int) -> Refused | None:
    """Return the limit that keeps somebody from coming back: a learning group's of theirs, or the company's (S30, D9)."""
    own = look.db.scalars(select(GroupMember.group_id).where(GroupMember.user_id == user_id)).all()
    for group in group_rows(look, own):
        if group.room is not None:
            facts = PlaceFacts(takes_place=1, position=1, room=group.room, group=group.name)
            full = refusal_of(GROUP_PLACES, look.actor, facts)
            if full is not None:
                return full
    return refusal_of(PLACES, look.actor, PlaceFacts(takes_place=1, position=1, room=_room(look)))


def _room(look: Look) -> int:
    """Return the places left for somebody who comes back: active users count (D9)."""
    company = look.db.get(Company, 1)
    if company is None:
        raise Missing("company", "in this database")
    cap = NO_LIMIT if company.user_cap is None else company.user_cap
    return cap - (look.db.scalar(active_users()) or 0)
