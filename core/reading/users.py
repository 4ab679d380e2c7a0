"""Questions about people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from core.errors import Missing
from core.filter_keys import user_conditions
from core.filters import Filter
from core.models import (
    Certificate,
    Department,
    Group,
    GroupMember,
    LessonCompletion,
    License,
    Seat,
    SignIn,
    User,
)
from core.reading.facets import Facet, user_facets
from core.reading.lists import Sort
from core.reading.people_order import BY_NAME, SORTS, ordered_ids
from core.roles import Permission, Role
from core.values import Address
from core.work import Look

__all__ = [
    "BY_NAME",
    "SORTS",
    "UserDetail",
    "UserRow",
    "by_address",
    "count",
    "count_up_to",
    "facets",
    "first",
    "ids",
    "one",
    "rows",
]


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person as lists show them; the fields are the promised JSON keys.

    Attributes:
        leaves_on: the day, in UTC, on which the account is archived by itself.
    """

    id: int
    address: str
    first_name: str
    last_name: str
    role: Role
    status: str
    department: str
    groups: tuple[str, ...]
    seats: tuple[str, ...]
    language: str
    joined: datetime
    last_sign_in: datetime | None
    version: int
    leaves_on: date | None = None

    @property
    def name(self) -> str:
        """First and last name, or the address where nobody has filled them in."""
        return f"{self.first_name} {self.last_name}".strip() or self.address


@dataclass(frozen=True, slots=True)
class UserDetail:
    """Everything about one person."""

    row: UserRow
    phone: str
    postal_address: str
    born_on: date | None
    job_title: str
    archived_at: datetime | None
    open_sign_ins: int
    lessons: int
    certificates: int


def count(look: Look, chosen: Filter) -> int:
    """Return how many people the filter finds."""
    look.require(Permission.SEE_PEOPLE)
    condition = user_conditions(look.db, chosen, look.now)
    return look.db.scalar(select(func.count()).select_from(User).where(condition)) or 0


def count_up_to(look: Look, chosen: Filter, most: int) -> int:
    """Return how many people the filter finds, counting no further than `most` + 1: more than `most` means "more".

    Raises:
        InvalidFilter: an unknown value.
    """
    look.require(Permission.SEE_PEOPLE)
    found = select(User.id).where(user_conditions(look.db, chosen, look.now)).limit(most + 1).subquery()
    return look.db.scalar(select(func.count()).select_from(found)) or 0


def facets(look: Look, chosen: Filter, column: str) -> list[Facet]:
    """Return how many of the people found share each value of a column.

    Raises:
        InvalidFilter: an unknown value. Invalid: a column that cannot be counted; lists what can.
    """
    look.require(Permission.SEE_PEOPLE)
    return user_facets(look, chosen, column)


def ids(look: Look, chosen: Filter, sort: Sort = BY_NAME) -> Iterator[Sequence[int]]:
    """Yield the ids of the people found, in order, in chunks.

    Raises:
        InvalidFilter, Invalid: an unknown value or column.
    """
    look.require(Permission.SEE_PEOPLE)
    return ordered_ids(look, chosen, sort)


def first(look: Look, chosen: Filter, sort: Sort = BY_NAME, *, limit: int = 100) -> list[UserRow]:
    """Return the first rows in order, without waiting for all ids."""
    look.require(Permission.SEE_PEOPLE)
    return rows(look, [each for chunk in ordered_ids(look, chosen, sort, most=limit) for each in chunk])


def rows(look: Look, wanted: Sequence[int]) -> list[UserRow]:
    """Return the people with these ids, in that order; those who are gone are left out."""
    look.require(Permission.SEE_PEOPLE)
    found = look.db.execute(
        select(
            User.id,
            User.address,
            User.first_name,
            User.last_name,
            User.role,
            User.status,
            Department.name.label("department"),
            User.language,
            User.created_at,
            User.last_sign_in_at,
            User.version,
            User.leaves_on,
        )
        .outerjoin(Department, Department.id == User.department_id)
        .where(User.id.in_(wanted))
    ).all()
    groups = _names(look, select(GroupMember.user_id, Group.name).join(Group), GroupMember.user_id, wanted)
    seats = _names(look, select(Seat.user_id, License.name).join(License), Seat.user_id, wanted)
    by_id = {
        row.id: UserRow(
            id=row.id,
            address=row.address,
            first_name=row.first_name,
            last_name=row.last_name,
            role=Role(row.role),
            status=row.status,
            department=row.department or "",
            groups=groups.get(row.id, ()),
            seats=seats.get(row.id, ()),
            language=row.language,
            joined=row.created_at,
            last_sign_in=row.last_sign_in_at,
            version=row.version,
            leaves_on=row.leaves_on,
        )
        for row in found
    }
    return [by_id[each] for each in wanted if each in by_id]


def by_address(look: Look, address: str) -> int:
    """Return the id of the person with this address, archived ones too.

    Raises:
        InvalidAddress: it is none. Missing: nobody has it.
    """
    look.require(Permission.SEE_PEOPLE)
    parsed = Address.parse(address)
    found = look.db.scalar(select(User.id).where(User.address_key == parsed.key))
    if found is None:
        raise Missing("user", parsed.typed)
    return found


def one(look: Look, user_id: int) -> UserDetail:
    """Return everything about one person.

    Raises:
        Missing: no such person.
    """
    look.require(Permission.SEE_PEOPLE)
    found = rows(look, [user_id])
    if not found:
        raise Missing("user", str(user_id))
    user = look.db.get_one(User, user_id)

    def number(model: type[SignIn | LessonCompletion | Certificate], *conditions: Any) -> int:
        query = select(func.count()).select_from(model).where(model.user_id == user_id, *conditions)
        return look.db.scalar(query) or 0

    return UserDetail(
        row=found[0],
        phone=user.phone,
        postal_address=user.postal_address,
        born_on=user.born_on,
        job_title=user.job_title,
        archived_at=user.archived_at,
        open_sign_ins=number(SignIn, SignIn.closed_at.is_(None)),
        lessons=number(LessonCompletion),
        certificates=number(Certificate),
    )


def _names(
    look: Look, statement: Select[int, str], owner: Any, wanted: Sequence[int]
) -> dict[int, tuple[str, ...]]:
    names: dict[int, tuple[str, ...]] = {}
    for owner_id, name in look.db.execute(statement.where(owner.in_(wanted))):
        names[owner_id] = tuple(sorted((*names.get(owner_id, ()), name)))
    return names
