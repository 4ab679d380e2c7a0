"""The present, walked backwards over what the audit trail tells since the end of a day; see `core.reading.past`.

Every statement here is bounded to the events after that moment, and none of them is about one person: at a million
people and as many events there is one walk through the events, and one through the people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Subquery, and_, case, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from core.models import AuditEvent, License, Seat, User
from core.models.people import ACTIVE, ARCHIVED
from core.roles import Role

DISORDER = timedelta(hours=1)  # an event bears the moment its transaction began; none works that long
_CHANGED = ("user.role_changed", "user.edited", "user.archived", "user.reactivated")
_GIVEN, _REVOKED = "seat.given", "seat.revoked"
_ROLES, _STATES = 64, 2  # more than there are codes
_LAST = 2**62  # more than any event, and even: nothing has taken the seat away
_DETAILS: Any = AuditEvent.details.expression  # columns of this type say what is in them only when asked
_EVENT: ColumnElement[int] = cast(AuditEvent.id, BigInteger)


@dataclass(frozen=True, slots=True)
class Past:
    """The end of a day.

    Attributes:
        end: the instant; all before it counts.
        since: every event with a lower id happened before.
    """

    day: date
    end: datetime
    since: int


def first_event_after(db: Session, moment: datetime) -> int:
    """Return the id from which on events happened after `moment`, by halving: ids are in the order of time."""
    low, high = 0, (db.scalar(select(func.max(AuditEvent.id))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        event = select(AuditEvent.id, AuditEvent.at).where(AuditEvent.id >= middle).order_by(AuditEvent.id)
        found = db.execute(event.limit(1)).one_or_none()
        if found is None or found.at >= moment:
            high = middle
        else:
            low = found.id + 1
    return low


def after(past: Past) -> ColumnElement[bool]:
    """Return the condition of the events that happened since; those with lower ids are not even looked at."""
    return and_(AuditEvent.id >= past.since, AuditEvent.at >= past.end)


def _events_of(past: Past, actions: Sequence[str], wanted: Sequence[int] | None) -> ColumnElement[bool]:
    """Return the condition of the events since; of `wanted` people only, or of everybody."""
    found = and_(after(past), AuditEvent.subject_kind == "user", AuditEvent.action.in_(actions))
    return found if wanted is None else and_(found, AuditEvent.subject_id.in_(wanted))


def _first_old(field: str, codes: dict[str, int], most: int) -> ColumnElement[int]:
    """Return an aggregate: the code of what the first event that tells of `field` calls the old value.

    The code rides on the event's id, so the least of them is the first one's, and no event is looked up again.
    """
    marked = {name: _EVENT * most + code for name, code in codes.items()}
    return func.min(case(marked, value=_DETAILS[(field, "old")].as_string())) % most


@dataclass(frozen=True, slots=True)
class Then:
    """Role and state of people as they were, for statements that join `changed` to `User`."""

    changed: Subquery
    role: ColumnElement[int]
    archived: ColumnElement[int]

    @classmethod
    def of(cls, past: Past, wanted: Sequence[int] | None = None) -> Then:
        """Walk back the events of everybody, or of `wanted` people only."""
        roles = {role.slug: int(role) for role in Role}
        changed = (
            select(
                AuditEvent.subject_id.label("id"),
                _first_old("role", roles, _ROLES).label("role"),
                _first_old("status", {ACTIVE: 0, ARCHIVED: 1}, _STATES).label("archived"),
            )
            .where(_events_of(past, _CHANGED, wanted))
            .group_by(AuditEvent.subject_id)
            .subquery("changed")
        )
        untold = case((User.status == ACTIVE, 0), (User.archived_at >= past.end, 0), else_=1)
        return cls(
            changed, func.coalesce(changed.c.role, User.role), func.coalesce(changed.c.archived, untold)
        )


def seats_then(
    past: Past, *, licenses: Sequence[int] | None = None, wanted: Sequence[int] | None = None
) -> Subquery:
    """Return who had which seat to do with, and whether it was theirs: `lost` is 0 where it was.

    The first event since decides, and where there is none that it is held now. That stands behind the last event, so one
    aggregate answers for both: a join that asks for what is missing would be taken for one that finds nobody, and
    PostgreSQL would walk all seats for each person.
    """
    license_id = _DETAILS[("license", "id")].as_integer().label("license_id")
    given = case((AuditEvent.action == _GIVEN, 1), else_=0)
    told = select(
        AuditEvent.subject_id.label("user_id"), license_id, (_EVENT * _STATES + given).label("marked")
    ).where(_events_of(past, (_GIVEN, _REVOKED), wanted))
    held = select(Seat.user_id, Seat.license_id, literal(_LAST, BigInteger)).where(Seat.held_since < past.end)
    if wanted is not None:
        held = held.where(Seat.user_id.in_(wanted))
    if licenses is not None:
        held = held.where(Seat.license_id.in_(licenses))
        told = told.where(_DETAILS[("license", "id")].as_integer().in_(licenses))
    marks = union_all(told, held).subquery("marks")
    lost = (func.min(marks.c.marked) % _STATES).label("lost")
    owned = (marks.c.user_id, marks.c.license_id)
    return select(*owned, lost).group_by(*owned).subquery("seats_then")


def license_names(db: Session, past: Past) -> dict[int, str]:
    """Return how the licenses of that day were called: renamed and removed ones too, but none that came later."""
    named = select(License.id, License.name).where(License.created_at < past.end)
    names = {row.id: row.name for row in db.execute(named)}
    old_name = _DETAILS[("name", "old")].as_string().label("old_name")
    columns = (AuditEvent.action, AuditEvent.subject_id, AuditEvent.subject_label, old_name)
    events = select(*columns).where(after(past), AuditEvent.subject_kind == "license")
    for event in db.execute(events.order_by(AuditEvent.id.desc())):
        if event.action == "license.added":
            names.pop(event.subject_id, None)
        elif event.action == "license.removed":
            names[event.subject_id] = event.subject_label
        elif event.old_name is not None:
            names[event.subject_id] = event.old_name
    return names
