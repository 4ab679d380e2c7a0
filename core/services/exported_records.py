"""Which records there are of people, kind by kind: what `core.services.exporting` writes into files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select, union
from sqlalchemy.orm import aliased

from core.models import (
    AuditEvent,
    Certificate,
    Course,
    CourseProgress,
    Department,
    Group,
    GroupMember,
    Invitation,
    LessonCompletion,
    License,
    OutboxMail,
    Preference,
    SavedView,
    Seat,
    SeatWaiter,
    SignIn,
    User,
)


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of records.

    Attributes:
        name: of the CSV file and of the key in `data.json`.
        columns: in their order, behind `person_id`.
        rows: the statement of all records of some people; its columns are `person_id` and those.
    """

    name: str
    columns: tuple[str, ...]
    rows: Callable[[Sequence[int]], Any]


def _profile(ids: Sequence[int]) -> Any:
    return (
        select(
            User.id.label("person_id"),
            User.address,
            User.first_name,
            User.last_name,
            User.role,
            User.status,
            Department.name.label("department"),
            User.job_title,
            User.phone,
            User.postal_address,
            User.born_on,
            User.language,
            User.created_at.label("joined"),
            User.archived_at.label("archived"),
            User.leaves_on,
            User.last_sign_in_at.label("last_sign_in"),
        )
        .outerjoin(Department, Department.id == User.department_id)
        .where(User.id.in_(ids))
    )


def _lessons(ids: Sequence[int]) -> Any:
    done = LessonCompletion
    return _of_course(done, ids, done.lesson, done.completed_at.label("completed")).order_by(done.id)


def _progress(ids: Sequence[int]) -> Any:
    going = CourseProgress
    columns = (going.percent, going.started_at.label("started"), going.updated_at.label("updated"))
    return _of_course(going, ids, *columns).order_by(going.started_at)


def _certificates(ids: Sequence[int]) -> Any:
    earned = Certificate
    return _of_course(earned, ids, earned.number, earned.issued_at.label("issued")).order_by(earned.id)


def _of_course(
    model: type[LessonCompletion | CourseProgress | Certificate], ids: Sequence[int], *columns: Any
) -> Any:
    return (
        select(model.user_id.label("person_id"), Course.name.label("course"), *columns)
        .join(Course, Course.id == model.course_id)
        .where(model.user_id.in_(ids))
    )


def _seats(ids: Sequence[int]) -> Any:
    return (
        select(
            Seat.user_id.label("person_id"),
            License.name.label("license"),
            Seat.held_since,
            License.expires_on.label("until"),
        )
        .join(License, License.id == Seat.license_id)
        .where(Seat.user_id.in_(ids))
        .order_by(License.name_key)
    )


def _waiting(ids: Sequence[int]) -> Any:
    return (
        select(SeatWaiter.user_id.label("person_id"), License.name.label("license"), SeatWaiter.since)
        .join(License, License.id == SeatWaiter.license_id)
        .where(SeatWaiter.user_id.in_(ids))
        .order_by(SeatWaiter.since)
    )


def _groups(ids: Sequence[int]) -> Any:
    return (
        select(GroupMember.user_id.label("person_id"), Group.name.label("group"))
        .join(Group, Group.id == GroupMember.group_id)
        .where(GroupMember.user_id.in_(ids))
        .order_by(Group.name_key)
    )


def _history(ids: Sequence[int]) -> Any:
    return (
        select(
            AuditEvent.subject_id.label("person_id"),
            AuditEvent.at,
            AuditEvent.action,
            AuditEvent.actor_label.label("actor"),
            AuditEvent.details,
        )
        .where(AuditEvent.subject_kind == "user", AuditEvent.subject_id.in_(ids))
        .order_by(AuditEvent.id)
    )


def _sign_ins(ids: Sequence[int]) -> Any:
    return (
        select(
            SignIn.user_id.label("person_id"),
            SignIn.opened_at.label("opened"),
            SignIn.seen_at.label("seen"),
            SignIn.closed_at.label("closed"),
            SignIn.surface,
            SignIn.role,
        )
        .where(SignIn.user_id.in_(ids))
        .order_by(SignIn.opened_at)
    )


def _invitations(ids: Sequence[int]) -> Any:
    inviter = aliased(User)
    never_accepted = and_(Invitation.address_key == User.address_key, Invitation.user_id.is_(None))
    return (
        select(
            User.id.label("person_id"),
            Invitation.address,
            Invitation.role,
            Invitation.state,
            Invitation.created_at.label("created"),
            Invitation.expires_at.label("expires"),
            Invitation.closed_at.label("closed"),
            inviter.address.label("invited_by"),
        )
        .join(User, or_(Invitation.user_id == User.id, never_accepted))
        .outerjoin(inviter, inviter.id == Invitation.invited_by)
        .where(User.id.in_(ids))
        .order_by(Invitation.id)
    )


def _mails(ids: Sequence[int]) -> Any:
    """Return mails about the account, with an invitation they accepted, or to their address alone (one walk)."""
    mail = OutboxMail
    columns = (
        mail.id,
        mail.to_address.label("address"),
        mail.kind,
        mail.state,
        mail.created_at.label("created"),
        mail.sent_at.label("sent"),
        mail.last_error.label("answer"),
    )
    nobodys = (func.coalesce(mail.user_id, 0) == 0, func.coalesce(mail.invitation_id, 0) == 0)
    found = union(
        select(mail.user_id.label("person_id"), *columns).where(mail.user_id.in_(ids)),
        select(Invitation.user_id, *columns).join(mail).where(Invitation.user_id.in_(ids)),
        select(User.id, *columns)
        .join(User, func.lower(mail.to_address).in_((User.address_key, func.lower(User.address))))
        .where(*nobodys, User.id.in_(ids)),
    ).subquery()
    return select(*(column for column in found.c if column.name != "id")).order_by(found.c.id)


def _views(ids: Sequence[int]) -> Any:
    return (
        select(SavedView.user_id.label("person_id"), SavedView.list, SavedView.name, SavedView.filter)
        .where(SavedView.user_id.in_(ids))
        .order_by(SavedView.id)
    )


def _remembered(ids: Sequence[int]) -> Any:
    return (
        select(Preference.user_id.label("person_id"), Preference.key, Preference.value)
        .where(Preference.user_id.in_(ids))
        .order_by(Preference.key)
    )


def _acts(ids: Sequence[int]) -> Any:
    """Return what they did to others and to the company; whom it was done to is a number, since they are other people."""
    event = AuditEvent
    return (
        select(
            event.actor_id.label("person_id"),
            event.at,
            event.action,
            event.subject_kind.label("kind"),
            event.subject_id.label("number"),
        )
        .where(event.actor_id.in_(ids))
        .order_by(event.id)
    )


SECTIONS = tuple(
    Section(name, tuple(column.name for column in rows([0]).selected_columns)[1:], rows)
    for name, rows in (
        ("profile", _profile),
        ("lessons", _lessons),
        ("progress", _progress),
        ("certificates", _certificates),
        ("seats", _seats),
        ("waiting", _waiting),
        ("groups", _groups),
        ("history", _history),
        ("sign_ins", _sign_ins),
        ("invitations", _invitations),
        ("mails", _mails),
        ("acts", _acts),
        ("views", _views),
        ("remembered", _remembered),
    )
)
