"""Refusals about the company, its departments and its learning groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from core.errors.families import NotNow
from core.roles import Actor

DEPARTMENT, GROUP = "department", "learning group"
"""What the two are called in sentences."""


@dataclass(eq=False)
class PlaceInUse(NotNow):
    """S24: only an empty department or learning group can be deleted; archived people and expired invitations count."""

    code: ClassVar[str] = "place_in_use"
    kind: str
    name: str
    active: int
    archived: int
    invitations: int

    @property
    def message(self) -> str:
        """The sentence for a person."""
        parts = (
            (self.active, "active person", "active people"),
            (self.archived, "archived person", "archived people"),
            (self.invitations, "open or expired invitation", "open or expired invitations"),
        )
        held = [f"{number:,} {one if number == 1 else many}" for number, one, many in parts if number]
        there = " and ".join([", ".join(held[:-1]), held[-1]] if len(held) > 1 else held)
        return (
            f"The {self.kind} {self.name} cannot be deleted: it has {there}. "
            f"Merge it into another {self.kind}, or move them out first."
        )


@dataclass(eq=False)
class GroupTooSmall(NotNow):
    """S30: a maximum size is never below what is held; live invitations hold a place too, as with the cap."""

    code: ClassVar[str] = "group_too_small"
    group: str
    held: int
    max_size: int

    @property
    def message(self) -> str:
        """The sentence for a person."""
        return (
            f"A maximum size of {self.max_size:,} is too small for the learning group {self.group}: active members and "
            f"open invitations need {self.held:,}. Allow {self.held:,} or more, or let somebody leave first."
        )


@dataclass(eq=False)
class NotUnmergeable(NotNow):
    """R60: what was merged is parted again only while both places are as the merge left them."""

    code: ClassVar[str] = "not_unmergeable"
    kind: str
    name: str

    @classmethod
    def about(cls, actor: Actor, row: Any) -> Self:  # noqa: ARG003 - the form of every refusal
        """Build the refusal from the place that is gone or taken."""
        return cls(row.kind, row.missing or row.taken)

    @property
    def message(self) -> str:
        """The sentence for a person."""
        return (
            f"The merge cannot be taken back: the {self.kind} {self.name} was deleted, renamed or made anew since. "
            "Add what is missing and move people by hand."
        )
