"""What is gone with a person who is deleted (R42): told by the question, by the verb, and by both front ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from core.errors import Missing, Refused
from core.facts import PersonFacts
from core.models import (
    Certificate,
    Company,
    CourseProgress,
    Group,
    GroupMember,
    Invitation,
    LessonCompletion,
    License,
    SavedView,
    Seat,
    SeatWaiter,
    SignIn,
    User,
)
from core.models.people import ACTIVE
from core.roles import Role
from core.rules import DELETE_PERSON, refusal_of
from core.selection import active_admins, live_invitation
from core.values import Address
from core.work import Look

NO_ADMIN_LEFT = (
    "No active Company Admin will be left: nobody can sign in to the console until the host appoints one."
)


@dataclass(frozen=True, slots=True)
class Loss:
    """Exactly what is lost.

    Attributes:
        invitations_sent: all they ever sent; these stay, without saying who sent them.
        open_invitations_sent: those of them whose links work; they are withdrawn.
        waits_for: licenses on whose waiting list they stand.
        views: lists they saved in the console.
        names_company: which of the company's contacts are theirs, such as `phone`; they are the company's, and stay.
        last_admin: whether nobody could sign in to the console afterwards (D7).
        refused: why the actor cannot delete them; None where nothing stands in the way.
    """

    id: int
    address: str
    name: str
    role: Role
    status: str
    lessons: int
    courses_in_progress: int
    certificates: int
    seats: tuple[str, ...]
    groups: tuple[str, ...]
    waits_for: tuple[str, ...]
    invitations_sent: int
    open_invitations_sent: int
    sign_ins: int
    views: int
    names_company: tuple[str, ...]
    last_admin: bool
    refused: Refused | None

    @property
    def refusal(self) -> str:
        """The sentence of what stands in the way, or nothing."""
        return "" if self.refused is None else self.refused.message

    @property
    def lines(self) -> tuple[str, ...]:
        """What is lost, a line each; the records of learning are told even where there are none."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.last_admin and self.refused is None:
            yield NO_ADMIN_LEFT
        yield f"{_counted(self.lessons, 'lesson')} done"
        yield f"{_counted(self.courses_in_progress, 'course')} in progress"
        yield _counted(self.certificates, "certificate")
        yield f"{_counted(len(self.seats), 'license seat')}{_named(self.seats)}"
        if self.waits_for:
            yield f"{_counted(len(self.waits_for), 'place')} on a waiting list{_named(self.waits_for)}"
        if self.groups:
            yield f"{_counted(len(self.groups), 'learning group')}{_named(self.groups)}"
        if self.open_invitations_sent:
            yield f"{_counted(self.open_invitations_sent, 'open invitation')} sent: withdrawn, the links stop working"
        if self.invitations_sent > self.open_invitations_sent:
            others = self.invitations_sent - self.open_invitations_sent
            yield f"{_counted(others, 'other invitation')} sent: kept, without the sender"
        if self.sign_ins:
            yield f"{_counted(self.sign_ins, 'sign-in')}; open ones end at once"
        if self.views:
            yield f"{_counted(self.views, 'saved view')} of the console"
        yield "name, address, phone and all else that is personal, in the audit trail too"
        for contact in self.names_company:
            yield f"NOT removed: the company's {contact} is theirs; change it under Company"


def loss_of(look: Look, user_id: int) -> Loss:
    """Count what is lost with a person, in statements that each use an index.

    Raises:
        Missing: no such person.
    """
    db = look.db
    user = db.execute(
        select(
            *(User.id, User.address, User.address_key, User.first_name, User.last_name),
            *(User.role, User.status, User.phone),
        ).where(User.id == user_id)
    ).one_or_none()
    if user is None:
        raise Missing("user", str(user_id))

    def number(owner: Any, *conditions: Any) -> int:
        return (
            db.scalar(select(func.count()).select_from(owner.class_).where(owner == user_id, *conditions))
            or 0
        )

    def names(statement: Select[str]) -> tuple[str, ...]:
        return tuple(db.scalars(statement))

    licenses = select(License.name).order_by(License.name_key)
    groups = select(Group.name).join(GroupMember, GroupMember.group_id == Group.id).order_by(Group.name_key)
    is_admin = user.status == ACTIVE and user.role == Role.COMPANY_ADMIN
    sole_admin = is_admin and db.scalar(active_admins()) == 1
    facts = PersonFacts(user.id, user.address, user.role, user.status, last_admin=int(sole_admin))
    return Loss(
        id=user.id,
        address=user.address,
        name=f"{user.first_name} {user.last_name}".strip() or user.address,
        role=Role(user.role),
        status=user.status,
        lessons=number(LessonCompletion.user_id),
        courses_in_progress=number(CourseProgress.user_id, CourseProgress.percent < _WHOLE),
        certificates=number(Certificate.user_id),
        seats=names(licenses.join(Seat, Seat.license_id == License.id).where(Seat.user_id == user_id)),
        groups=names(groups.where(GroupMember.user_id == user_id)),
        waits_for=names(
            licenses.join(SeatWaiter, SeatWaiter.license_id == License.id).where(
                SeatWaiter.user_id == user_id
            )
        ),
        invitations_sent=number(Invitation.invited_by),
        open_invitations_sent=number(Invitation.invited_by, live_invitation(look.now)),
        sign_ins=number(SignIn.user_id),
        views=number(SavedView.user_id),
        names_company=tuple(_shared_contacts(look, user)),
        last_admin=sole_admin,
        refused=refusal_of(DELETE_PERSON, look.actor, facts),
    )


_WHOLE = 100


def _shared_contacts(look: Look, user: Any) -> Iterator[str]:
    company = look.db.execute(select(Company.email, Company.phone)).one_or_none()
    if company is not None:
        if _key(company.email) == user.address_key:
            yield "contact address"
        if company.phone and _digits(company.phone) == _digits(user.phone):
            yield "phone number"


def _digits(phone: str) -> str:
    return "".join(filter(str.isdecimal, phone))


def _key(address: str) -> str:
    return Address.parse(address).key if address else ""


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _named(names: tuple[str, ...]) -> str:
    return f": {', '.join(names)}" if names else ""
