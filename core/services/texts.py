"""A person as texts, field by field: what a sheet shows, what an edit sends back, and what is compared (R36, R37)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.errors import Invalid, Missing
from core.models import Department, Group, GroupMember, User
from core.registration import MASTER_DATA, parse_master_data
from core.roles import Permission, Role
from core.values import Address, name_key, strip_edges
from core.work import Look

# Every field an edit can name, in the order of a sheet. `address` only where one person is edited.
FIELDS = (*MASTER_DATA, "role", "department", "groups", "address")
LABELS = {"born_on": "date of birth", "postal_address": "postal address", "groups": "learning groups"}
COLUMNS = (*MASTER_DATA, "role", "department_id", "address", "address_key", "search_key", "sort_key")
NAMING = ("first_name", "last_name", "address")  # what people are found and sorted by
DERIVED = ("search_key", "sort_key")
_AT_ONCE = 5000
_MOST_LISTED = 12
_QUOTE = '"'


@dataclass(frozen=True, slots=True)
class Texts:
    """One person.

    Attributes:
        values: field -> text: a role by its slug, a department by its name (or empty), learning groups by their names
            with commas between, a date as 1990-03-27.
        columns: what stands in the table; `groups` holds the ids of the learning groups.
    """

    id: int
    address: str
    role: Role
    values: Mapping[str, str]
    columns: Mapping[str, Any] = field(repr=False)


def texts(look: Look, ids: Sequence[int]) -> list[Texts]:
    """Return these people in this order; those who are gone are left out."""
    look.require(Permission.SEE_PEOPLE)
    found: dict[int, Texts] = {}
    for start in range(0, len(ids), _AT_ONCE):
        found |= read_texts(look.db, User.id.in_(ids[start : start + _AT_ONCE]))
    return [found[each] for each in ids if each in found]


def judge(values: Mapping[str, str], *, today: date) -> dict[str, str]:
    """Return what is wrong with texts as they are typed: field -> sentence; role and places are judged on saving."""
    wrong: dict[str, str] = {}
    for name, text in values.items():
        try:
            if name in MASTER_DATA:
                parse_master_data({name: text}, today=today)
            elif name == "address":
                Address.parse(text)
        except Invalid as problem:
            wrong[name] = problem.message
    return wrong


def read_texts(db: Session, condition: ColumnElement[bool]) -> dict[int, Texts]:
    """Return the people under a condition on `User`, by id, in two statements."""
    names: dict[int, list[tuple[int, str]]] = {}
    memberships = (
        select(GroupMember.user_id, Group.id, Group.name)
        .join(Group, Group.id == GroupMember.group_id)
        .join(User, User.id == GroupMember.user_id)
        .where(condition)
        .order_by(Group.name_key)
    )
    for user_id, group_id, name in db.execute(memberships):
        names.setdefault(user_id, []).append((group_id, name))
    people = (
        select(User.id, *(getattr(User, name) for name in COLUMNS), Department.name.label("department"))
        .outerjoin(Department, Department.id == User.department_id)
        .where(condition)
    )
    return {row.id: _texts(row, names.get(row.id, [])) for row in db.execute(people)}


def _texts(row: Any, groups: Sequence[tuple[int, str]]) -> Texts:
    values = {name: getattr(row, name) for name in MASTER_DATA if name != "born_on"}
    values["born_on"] = row.born_on.isoformat() if row.born_on else ""
    values |= {
        "role": Role(row.role).slug,
        "department": row.department or "",
        "groups": joined(name for _, name in groups),
        "address": row.address,
    }
    columns = {name: getattr(row, name) for name in COLUMNS}
    columns["groups"] = frozenset(each for each, _ in groups)
    return Texts(row.id, row.address, Role(row.role), values, columns)


def joined(names: Iterable[str]) -> str:
    """Return names with commas between; one that holds a comma or a quote stands in quotes."""
    return ", ".join(
        f'"{name.replace(_QUOTE, 2 * _QUOTE)}"' if set(name) & {",", _QUOTE} else name for name in names
    )


def parted(text: str) -> list[str]:
    """Return the names that `joined` put together; empty ones are left out.

    Raises:
        ValueError: a quote is not closed, or something stands behind one.
    """
    try:
        [names] = csv.reader([text], skipinitialspace=True, strict=True) if strip_edges(text) else [[]]
    except csv.Error as error:
        raise ValueError(str(error)) from None
    return [name for name in names if strip_edges(name)]


def columns_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the columns behind fields, with those that follow from them; learning groups have none."""
    found: list[str] = []
    for name in names:
        if name == "department":
            found.append("department_id")
        elif name != "groups":
            found += [
                name,
                *(("address_key",) if name == "address" else ()),
                *(DERIVED if name in NAMING else ()),
            ]
    return tuple(dict.fromkeys(found))


class Places:
    """The departments and learning groups of the company by name, read once for a run."""

    def __init__(self, db: Session) -> None:
        """Read nothing yet."""
        self._db = db
        self._known: dict[str, dict[str, tuple[int, str]]] = {}

    def department(self, text: str) -> int | None:
        """Return the id of the department called so; None for an empty text.

        Raises:
            Invalid: field `department`.
        """
        return self._one(Department, "department", "department", text) if strip_edges(text) else None

    def groups(self, text: str) -> frozenset[int]:
        """Return the ids of the learning groups called so.

        Raises:
            Invalid: field `groups`.
        """
        try:
            names = parted(text)
        except ValueError:
            raise Invalid(
                {"groups": 'Write learning groups with commas between, such as: Night shift, "Sales, North".'}
            ) from None
        return frozenset(self._one(Group, "groups", "learning group", name) for name in names)

    def _one(self, model: type[Department | Group], of_field: str, kind: str, text: str) -> int:
        if of_field not in self._known:
            rows = self._db.execute(select(model.id, model.name, model.name_key))
            self._known[of_field] = {row.name_key: (row.id, row.name) for row in rows}
        known = self._known[of_field]
        found = known.get(name_key(text))
        if found is None:
            listed = tuple(name for _, name in sorted(known.values(), key=lambda each: name_key(each[1])))
            raise Invalid({of_field: Missing(kind, strip_edges(text), listed[:_MOST_LISTED]).message})
        return found[0]


def role_named(text: str) -> Role:
    """Return the role written so.

    Raises:
        Invalid: field `role`.
    """
    role = Role.from_slug(text)
    if role is None:
        known = ", ".join(each.slug for each in Role)
        raise Invalid({"role": f"There is no role {strip_edges(text)}. There is: {known}."})
    return role
