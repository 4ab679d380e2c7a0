"""Why a person can or cannot sign in, what they may see, and what may be done with them (R48, R55)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from core.errors import Missing, Refused
from core.facts import PersonFacts, PlaceFacts
from core.models import AuditEvent, Company, GroupMember, Invitation, SignIn, User
from core.models.people import ACTIVE
from core.reading import users
from core.reading.courses import courses_of
from core.reading.places import group_rows
from core.reading.reasons import NO, NOTE, YES, Fact, asked, moment, refused
from core.reading.seats import FormerSeat, former_seats, seats_of, waits_of
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
    events = events_about(look, user_id)
    return [
        *_account(look, detail, events),
        *_role(detail, events),
        *_sign_in(look, detail),
        *_places(detail),
        *_seats(look, detail),
        *_courses(look, user_id),
        Fact("Records", _records(detail)),
        *_may(look, detail),
    ]


def events_about(look: Look, user_id: int) -> Sequence[AuditEvent]:
    """Return the newest events about one person first."""
    look.require(Permission.SEE_PEOPLE)
    query = select(AuditEvent).where(AuditEvent.subject_kind == "user", AuditEvent.subject_id == user_id)
    return look.db.scalars(query.order_by(AuditEvent.id.desc()).limit(_LOOKED_BACK)).all()


def account_fact(detail: UserDetail, events: Sequence[AuditEvent]) -> Fact:
    """Return whether the account is active, since when and by whom; `events` as of `events_about`."""
    row = detail.row
    changed = next((event for event in events if event.action in _CHANGES_STATE), None)
    by = "" if changed is None else f" by {changed.actor_label}"
    if row.status != ACTIVE:
        since = f" since {moment(detail.archived_at)}" if detail.archived_at else ""
        return Fact("Account", f"archived{since}{by}; lessons and certificates are kept", NO, "reactivate")
    if changed is not None:
        return Fact("Account", f"active, reactivated on {moment(changed.at)}{by}", YES)
    return Fact("Account", f"active since {moment(row.joined)}", YES)


def sign_in_fact(detail: UserDetail) -> Fact:
    """Return whether the person can sign in (R39)."""
    row = detail.row
    if row.status != ACTIVE:
        return Fact("Sign-in", "not possible: the account is archived", NO, "reactivate")
    last = f"last on {moment(row.last_sign_in)}" if row.last_sign_in else "never used so far"
    return Fact("Sign-in", f"possible, {last}", YES)


def _account(look: Look, detail: UserDetail, events: Sequence[AuditEvent]) -> Iterator[Fact]:
    yield account_fact(detail, events)
    if detail.row.leaves_on is not None:
        leaves = f"on {detail.row.leaves_on}, when the account is archived by itself"
        yield Fact("Leaves", leaves, NOTE, "leave")
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
    yield sign_in_fact(detail)
    if row.status != ACTIVE:
        return
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


def _seats(look: Look, detail: UserDetail) -> Iterator[Fact]:
    """Yield one fact per seat: an expired license keeps its seats and gives no access (D8); then those waited for, and lost (R46)."""
    row, found = detail.row, seats_of(look, detail.row.id)
    if not found:
        mend = "seats" if row.status == ACTIVE else ""
        yield Fact("Seats", "none: courses behind a license are closed", NO, mend)
    for seat in found:
        until = f"until {seat.until}" if seat.until else "without an end"
        if seat.in_force:
            yield Fact(f"Seat {seat.name}", f"held since {moment(seat.held_since)}, {until}", YES)
        else:
            expired = f"gives no access: the license expired on {seat.until}"
            yield Fact(f"Seat {seat.name}", expired, NO, "license_until", seat.name)
    for name, since in waits_of(look, row.id):
        yield Fact(f"Waits for {name}", f"since {moment(since)}; gets the next seat that is freed in turn")
    for lost in former_seats(look, [row.id]) if row.status != ACTIVE else ():
        yield Fact(f"Former seat {lost.name}", f"held until the archiving; {room_to_return(lost)}")


def room_to_return(lost: FormerSeat) -> str:
    """Return whether the seat that somebody lost by being archived could be theirs again (R46)."""
    if lost.closed is not None:
        return lost.closed.message
    return "one is free now" if lost.free else "none is free, one would wait for the next"


def _courses(look: Look, user_id: int) -> Iterator[Fact]:
    found = courses_of(look, user_id)
    if found:
        opened = sum(each.opens for each in found)
        yield Fact("Courses", f"{opened:,} of {len(found):,} can be opened", NOTE, "courses")


def _records(detail: UserDetail) -> str:
    lessons = "1 lesson" if detail.lessons == 1 else f"{detail.lessons:,} lessons"
    certificates = "1 certificate" if detail.certificates == 1 else f"{detail.certificates:,} certificates"
    return f"{lessons} done, {certificates}"


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
