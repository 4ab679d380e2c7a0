"""What can be done to people as a bulk change: one frozen value each, which says itself in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Final

from core.registration import LANGUAGES
from core.roles import Role

KEEP: Final = 0  # no department has this number


@dataclass(frozen=True, slots=True)
class Names:
    """How departments, learning groups and licenses are called, by id."""

    departments: Mapping[int, str] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)
    licenses: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GiveRole:
    """R33: another role; open invitations that the person could no longer send are withdrawn or taken over (D6)."""

    verb: ClassVar[str] = "role"
    action: ClassVar[str] = "user.role_changed"
    role: Role
    take_over: bool = False

    def describe(self, _names: Names) -> str:
        """Return the change in a few words."""
        return f"role: {self.role.label}"


@dataclass(frozen=True, slots=True)
class Place:
    """R35: another department (None: out of any), and learning groups to join and to leave."""

    verb: ClassVar[str] = "place"
    action: ClassVar[str] = "user.placed"
    department_id: int | None = KEEP
    join: tuple[int, ...] = ()
    leave: tuple[int, ...] = ()

    def describe(self, names: Names) -> str:
        """Return the change in a few words."""
        parts = []
        if self.department_id is None:
            parts.append("department: none")
        elif self.department_id != KEEP:
            parts.append(f"department: {names.departments.get(self.department_id, '?')}")
        if self.join:
            parts.append(f"join: {', '.join(names.groups.get(each, '?') for each in self.join)}")
        if self.leave:
            parts.append(f"leave: {', '.join(names.groups.get(each, '?') for each in self.leave)}")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Archive:
    """R39-R43: sign-in stops at once, seats are freed, what was learned is kept; invitations as in `GiveRole`."""

    verb: ClassVar[str] = "archive"
    action: ClassVar[str] = "user.archived"
    take_over: bool = False

    def describe(self, _names: Names) -> str:
        """Return the change in a few words."""
        return "archive"


@dataclass(frozen=True, slots=True)
class Reactivate:
    """R45: back with the role they had, as far as there is room; seats do not come back by themselves (R46).

    Attributes:
        seats: ids of licenses of which each of them gets a seat too, as far as there is room; they come back either way.
        former: likewise, for those alone who lost a seat of the license when they were archived last.
    """

    verb: ClassVar[str] = "reactivate"
    action: ClassVar[str] = "user.reactivated"
    seats: tuple[int, ...] = ()
    former: tuple[int, ...] = ()

    def describe(self, names: Names) -> str:
        """Return the change in a few words."""
        parts = [
            *([_licenses(self.seats, names)] if self.seats else []),
            *(["former seats"] if self.former else []),
        ]
        return f"reactivate with {' and '.join(parts)}" if parts else "reactivate"


@dataclass(frozen=True, slots=True)
class Leave:
    """R39: archived by itself on a coming day, counted in UTC; None takes that back."""

    verb: ClassVar[str] = "leave"
    action: ClassVar[str] = "user.leaving_set"
    on: date | None

    def describe(self, _names: Names) -> str:
        """Return the change in a few words."""
        return f"leaves on {self.on.isoformat()}" if self.on else "stays"


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """R36: the language of the page and of mails; empty for the company's."""

    verb: ClassVar[str] = "language"
    action: ClassVar[str] = "user.edited"
    language: str

    def describe(self, _names: Names) -> str:
        """Return the change in a few words."""
        return f"language: {LANGUAGES.get(self.language, self.language) or 'the company’s'}"


@dataclass(frozen=True, slots=True)
class SetJobTitle:
    """R36: the job title; empty for none."""

    verb: ClassVar[str] = "job_title"
    action: ClassVar[str] = "user.edited"
    job_title: str

    def describe(self, _names: Names) -> str:
        """Return the change in a few words, without the title: that is a person's own data."""
        return "job title" if self.job_title else "job title: none"


@dataclass(frozen=True, slots=True)
class GiveSeat:
    """S17, S18: a seat of a license, in the order of the list as far as there is room (D8).

    Attributes:
        all_or_none: where some would find no seat, nobody gets one.
    """

    verb: ClassVar[str] = "allocate"
    action: ClassVar[str] = "seat.given"
    license_id: int
    all_or_none: bool = False

    def describe(self, names: Names) -> str:
        """Return the change in a few words."""
        return f"give a seat: {_licenses((self.license_id,), names)}"


@dataclass(frozen=True, slots=True)
class TakeSeat:
    """S20: seats are taken away; access ends at once, what was learned is kept.

    Attributes:
        unused_days: only seats held that long by people who have not signed in for that long, or never.
    """

    verb: ClassVar[str] = "revoke"
    action: ClassVar[str] = "seat.revoked"
    license_ids: tuple[int, ...]
    unused_days: int | None = None

    def describe(self, names: Names) -> str:
        """Return the change in a few words."""
        verb = "revoke unused" if self.unused_days else "revoke"
        return f"{verb}: {_licenses(self.license_ids, names)}"


Change = GiveRole | Place | Archive | Reactivate | Leave | SetLanguage | SetJobTitle | GiveSeat | TakeSeat


def licenses_of(change: Change) -> tuple[int, ...]:
    """Return the ids of the licenses that a change names."""
    match change:
        case GiveSeat():
            return (change.license_id,)
        case TakeSeat():
            return change.license_ids
        case Reactivate():
            return tuple(dict.fromkeys((*change.seats, *change.former)))
    return ()


def _licenses(license_ids: tuple[int, ...], names: Names) -> str:
    """Return the name of one license, or how many there are."""
    if len(license_ids) == 1:
        return names.licenses.get(license_ids[0], "?")
    return f"{len(license_ids)} licenses"
