"""What one edit comes to: each text judged, compared with what stands there and with what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid, Refused
from core.facts import AddressFacts
from core.models import User
from core.registration import MASTER_DATA, parse_master_data
from core.roles import Actor
from core.rules import ADDRESS, refusal_of
from core.services.texts import NAMING, Places, Texts, role_named
from core.tally import Conflict
from core.values import Address, search_key, sort_key


@dataclass(frozen=True, slots=True)
class Edit:
    """One person's new values.

    Attributes:
        values: field -> text wanted; fields are those of `texts.FIELDS`, and what is left out stays.
        seen: field -> text that stood there when it was looked at; a missing one cannot conflict.
    """

    id: int
    values: Mapping[str, str]
    seen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EditedRow:
    """One person as they are to become.

    Attributes:
        columns: every column that can be edited, changed or not, and `groups`; empty for somebody who is gone.
        groups_before: the learning groups they are in.
        conflicts: fields that somebody else changed since.
        problem: what stands in the way: a wrong text, or an address of somebody else.
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    groups_before: frozenset[int] = frozenset()
    conflicts: tuple[Conflict, ...] = ()
    problem: Refused | Invalid | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """What is the same for all edits of a run."""

    db: Session
    actor: Actor
    today: date
    places: Places

    def row(self, edit: Edit, person: Texts | None) -> EditedRow:
        """Return what an edit comes to for a person as they stand; None for one who is gone."""
        if person is None:
            return EditedRow()
        stands, before = dict(person.columns), person.columns["groups"]
        try:
            wanted = self._judged(edit, person)
        except Invalid as problem:
            return EditedRow(stands, before, problem=problem)
        changed = {
            name: columns
            for name, columns in wanted.items()
            if any(stands[column] != value for column, value in columns.items())
        }
        crossed = tuple(_conflict(edit, person, name) for name in changed if _was_changed(edit, person, name))
        columns = stands | {column: value for each in changed.values() for column, value in each.items()}
        if set(NAMING) & changed.keys():
            names = (columns["address_key"], columns["first_name"], columns["last_name"])
            columns |= {"search_key": search_key(*names), "sort_key": sort_key(*names)}
        taken = self._taken(edit.id, columns) if "address" in changed else None
        return EditedRow(columns, before, crossed, taken)

    def _judged(self, edit: Edit, person: Texts) -> dict[str, dict[str, Any]]:
        """Return field -> its columns as they may be stored, of every text that differs from what stands there.

        Raises:
            Invalid: every wrong field.
        """
        wrong: dict[str, str] = {}
        judged: dict[str, dict[str, Any]] = {}
        for name, text in edit.values.items():
            if text == person.values[name]:
                continue
            try:
                judged[name] = self._columns(name, text)
            except Invalid as problem:
                wrong[name] = problem.message
        if wrong:
            raise Invalid(wrong)
        return judged

    def _columns(self, name: str, text: str) -> dict[str, Any]:
        if name in MASTER_DATA:
            return parse_master_data({name: text}, today=self.today)
        if name == "role":
            return {"role": int(role_named(text))}
        if name == "department":
            return {"department_id": self.places.department(text)}
        if name == "groups":
            return {"groups": self.places.groups(text)}
        address = Address.parse(text)
        return {"address": address.typed, "address_key": address.key}

    def _taken(self, user_id: int, columns: Mapping[str, Any]) -> Refused | None:
        key = columns["address_key"]
        other = self.db.scalar(select(User.id).where(User.address_key == key, User.id != user_id))
        return refusal_of(ADDRESS, self.actor, AddressFacts(columns["address"], int(other is not None)))


def _was_changed(edit: Edit, person: Texts, name: str) -> bool:
    return edit.seen.get(name, person.values[name]) != person.values[name]


def _conflict(edit: Edit, person: Texts, name: str) -> Conflict:
    return Conflict(edit.id, person.address, name, edit.seen[name], person.values[name], edit.values[name])
