"""What stands in the way of changing a person: their role, their state, their place (R33-R45, D7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from core.errors.families import NotAllowed, NotNow
from core.roles import Actor, Role


@dataclass(eq=False)
class OwnAccount(NotAllowed):
    """R34: one's own role, place and state are for somebody else to change; one's own master data is not."""

    code: ClassVar[str] = "own_account"
    sentence: ClassVar[str] = (
        "This is your own account: another person above your role, or the operator of the host, can change that."
    )


@dataclass(eq=False)
class TargetNotBelowOwn(NotAllowed):
    """R34: nobody at or above one's own role can be edited, archived or deleted."""

    code: ClassVar[str] = "target_not_below_own"
    address: str
    role: Role
    own: Role

    @classmethod
    def about(cls, actor: Actor, row: Any) -> Self:
        """Build the refusal from the person who was judged and the actor's own role."""
        return cls(row.address, Role(row.role), actor.role)

    @property
    def message(self) -> str:
        """The sentence for a person."""
        above = "an Operator or the operator of the host"
        if self.role < Role.COMPANY_ADMIN:
            above = "a Company Admin"
        return (
            f"{self.address} is {self.role.label}, which is not below your own role ({self.own.label}). "
            f"Only {above} can change this account."
        )


@dataclass(eq=False)
class UnknownUser(NotNow):
    """S18: a listed address that no account has."""

    code: ClassVar[str] = "unknown_user"
    sentence: ClassVar[str] = "Nobody here has the address {address}. Check its spelling, or invite it first."
    address: str


@dataclass(eq=False)
class LastAdmin(NotNow):
    """D7: somebody must be left who can work in the console."""

    code: ClassVar[str] = "last_admin"
    sentence: ClassVar[str] = (
        "{address} is the last active Company Admin. Have the operator of the host appoint another one first."
    )
    address: str


@dataclass(eq=False)
class AlreadyArchived(NotNow):
    """R41: archiving whoever is archived changes nothing."""

    code: ClassVar[str] = "already_archived"
    sentence: ClassVar[str] = "{address} is archived already."
    skips: ClassVar[bool] = True
    address: str


@dataclass(eq=False)
class AlreadyActive(NotNow):
    """R45: only archived people can be reactivated."""

    code: ClassVar[str] = "already_active"
    sentence: ClassVar[str] = "{address} is active already."
    skips: ClassVar[bool] = True
    address: str


@dataclass(eq=False)
class Unchanged(NotNow):
    """The person is as they are to be; nothing is written and nothing is recorded."""

    code: ClassVar[str] = "unchanged"
    sentence: ClassVar[str] = "{address} is so already; nothing changes."
    skips: ClassVar[bool] = True
    address: str


@dataclass(eq=False)
class PersonGone(NotNow):
    """Somebody has deleted the person since they were chosen."""

    code: ClassVar[str] = "person_gone"
    sentence: ClassVar[str] = "Person {id} does not exist any more. Refresh the list."
    id: int


@dataclass(eq=False)
class PlanChanged(NotNow):
    """What was confirmed is not what would happen now; nothing was written."""

    code: ClassVar[str] = "plan_changed"
    planned: int
    now: int

    @property
    def message(self) -> str:
        """The sentence for a person."""
        confirmed = "1 person was" if self.planned == 1 else f"{self.planned:,} people were"
        return (
            f"The plan has changed: {confirmed} confirmed, now it would be {self.now:,}. "
            "Nothing was written. Look at the plan again."
        )
