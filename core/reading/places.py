"""Questions about departments and learning groups: who belongs to them, and how much room is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Subquery, and_, func, select

from core.errors import Refused
from core.errors.places import DEPARTMENT, GROUP
from core.facts import PlaceUseFacts
from core.filter_keys import Condition, place_conditions
from core.filters import Filter
from core.models import Department, Group, GroupMember, Invitation, InvitationGroup, User
from core.models.invitations import OPEN
from core.models.people import ARCHIVED
from core.reading.lists import Sort, id_chunks, ordered
from core.roles import Permission
from core.rules import DELETE_PLACE, refusal_of
from core.work import Look

BY_NAME = Sort("name")


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department as lists show it.

    Attributes:
        active, archived: people in it.
        invited: invitations into it whose link works.
        expired: open invitations into it whose days are over; they can be renewed.
        kept: why it cannot be deleted; None where it can.
    """

    id: int
    name: str
    active: int
    archived: int
    invited: int
    expired: int
    kept: Refused | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A learning group as lists show it.

    Attributes:
        max_size: how many may be in it; None for any number.
        active, archived: members.
        invited: invitations into it whose link works; each holds a place.
        expired: open invitations into it whose days are over; they can be renewed.
        kept: why it cannot be deleted; None where it can.
    """

    id: int
    name: str
    description: str
    max_size: int | None
    active: int
    archived: int
    invited: int
    expired: int
    kept: Refused | None = field(default=None, compare=False)

    @property
    def room(self) -> int | None:
        """How many more may join or be invited; None for any number."""
        return None if self.max_size is None else max(0, self.max_size - self.active - self.invited)


def department_ids(look: Look, chosen: Filter, sort: Sort = BY_NAME) -> Iterator[Sequence[int]]:
    """Yield the ids of departments in order, in chunks.

    Raises:
        InvalidFilter, Invalid: an unknown value or column.
    """
    look.require(Permission.SEE_PEOPLE)
    counted = _counts(_department_parts(look.now), Department)
    condition = place_conditions(chosen, Department.name_key, {"empty": counted.empty})
    sorts = {"name": Department.name_key, **counted.sorts}
    statement = select(Department.id).where(condition)
    if sort.column != "name" or chosen.of("is"):
        statement = counted.joined(statement)
    return id_chunks(look, ordered(statement, sort, sorts, Department.id))


def department_rows(look: Look, wanted: Sequence[int]) -> list[DepartmentRow]:
    """Return the departments with these ids, in that order; those that are gone are left out."""
    look.require(Permission.SEE_PEOPLE)
    counted = _counts(_department_parts(look.now, wanted), Department)
    columns = counted.joined(select(Department.id, Department.name, *counted.columns))
    rows = look.db.execute(columns.where(Department.id.in_(wanted)))
    found = {
        row.id: DepartmentRow(row.id, row.name, *_numbers(row), _kept(look, DEPARTMENT, row)) for row in rows
    }
    return [found[each] for each in wanted if each in found]


def group_ids(look: Look, chosen: Filter, sort: Sort = BY_NAME) -> Iterator[Sequence[int]]:
    """Yield the ids of learning groups in order, in chunks.

    Raises:
        InvalidFilter, Invalid: an unknown value or column.
    """
    look.require(Permission.SEE_PEOPLE)
    counted = _counts(_group_parts(look.now), Group)
    room = Group.max_size - counted.active - counted.invited
    meanings = {
        "empty": counted.empty,
        "full": and_(Group.max_size.is_not(None), room <= 0),
        "limited": Group.max_size.is_not(None),
    }
    condition = place_conditions(chosen, Group.name_key, meanings)
    sorts = {
        "name": Group.name_key,
        "max_size": Group.max_size,
        "room": room,
        "description": Group.description,
        **counted.sorts,
    }
    statement = select(Group.id).where(condition)
    if sort.column not in {"name", "max_size", "description"} or chosen.of("is"):
        statement = counted.joined(statement)
    return id_chunks(look, ordered(statement, sort, sorts, Group.id))


def group_rows(look: Look, wanted: Sequence[int]) -> list[GroupRow]:
    """Return the learning groups with these ids, in that order; those that are gone are left out."""
    look.require(Permission.SEE_PEOPLE)
    counted = _counts(_group_parts(look.now, wanted), Group)
    columns = counted.joined(
        select(Group.id, Group.name, Group.description, Group.max_size, *counted.columns)
    )
    rows = look.db.execute(columns.where(Group.id.in_(wanted)))
    found = {
        row.id: GroupRow(
            row.id, row.name, row.description, row.max_size, *_numbers(row), _kept(look, GROUP, row)
        )
        for row in rows
    }
    return [found[each] for each in wanted if each in found]


# --- inside -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Counts:
    """The counts of each place, to be joined to it; one grouped query each, whatever the number of places."""

    owner: Any
    parts: tuple[Subquery, ...]

    @property
    def columns(self) -> tuple[Any, ...]:
        """Active, archived, invited, expired."""
        people, archived, live, expired = (func.coalesce(part.c.number, 0) for part in self.parts)
        return (
            (people - archived).label("active"),
            archived.label("archived"),
            live.label("invited"),
            expired.label("expired"),
        )

    @property
    def active(self) -> Any:
        return self.columns[0]

    @property
    def invited(self) -> Any:
        return self.columns[2]

    @property
    def sorts(self) -> dict[str, Any]:
        active, archived, invited, expired = self.columns
        return {"active": active, "archived": archived, "invited": invited, "expired": expired}

    @property
    def empty(self) -> Condition:
        return and_(*(part.c.number.is_(None) for part in self.parts))

    def joined(self, statement: Select[Any]) -> Select[Any]:
        for part in self.parts:
            statement = statement.outerjoin(part, part.c.place == self.owner.id)
        return statement


def _numbers(row: Any) -> tuple[int, int, int, int]:
    return row.active, row.archived, row.invited, row.expired


def _kept(look: Look, kind: str, row: Any) -> Refused | None:
    """Return why a place cannot be deleted (S24)."""
    facts = PlaceUseFacts(kind, row.name, row.active, row.archived, row.invited + row.expired)
    return refusal_of(DELETE_PLACE, look.actor, facts)


def _counts(parts: Sequence[Select[Any]], owner: type[Department | Group]) -> _Counts:
    return _Counts(owner, tuple(part.group_by(part.selected_columns[0]).subquery() for part in parts))


def _department_parts(now: datetime, wanted: Sequence[int] | None = None) -> list[Select[Any]]:
    """Return how many people, archived ones among them, and live and expired invitations each department has.

    Archived people are counted apart, and active ones are the rest: both counts are answered from an index, while one
    count by status would read every person's row.
    """
    place = User.department_id
    people: Any = select(place.label("place"), func.count().label("number")).where(place.is_not(None))
    into = Invitation.department_id
    invited: Any = select(into.label("place"), func.count().label("number")).where(
        into.is_not(None), Invitation.state == OPEN
    )
    parts: list[Select[Any]] = [
        people,
        people.where(User.status == ARCHIVED),
        invited.where(Invitation.expires_at > now),
        invited.where(Invitation.expires_at <= now),
    ]
    return parts if wanted is None else [part.where(part.selected_columns[0].in_(wanted)) for part in parts]


def _group_parts(now: datetime, wanted: Sequence[int] | None = None) -> list[Select[Any]]:
    """Return the same for learning groups."""
    members: Any = select(GroupMember.group_id.label("place"), func.count().label("number"))
    invited: Any = (
        select(InvitationGroup.group_id.label("place"), func.count().label("number"))
        .join(Invitation, Invitation.id == InvitationGroup.invitation_id)
        .where(Invitation.state == OPEN)
    )
    parts: list[Select[Any]] = [
        members,
        members.join(User, User.id == GroupMember.user_id).where(User.status == ARCHIVED),
        invited.where(Invitation.expires_at > now),
        invited.where(Invitation.expires_at <= now),
    ]
    return parts if wanted is None else [part.where(part.selected_columns[0].in_(wanted)) for part in parts]
