"""What stands in the way of a change that somebody has prepared or wants taken back (R36, R60)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.errors.families import NotNow


@dataclass(eq=False)
class AlreadyRun(NotNow):
    """A bulk run is carried out once; its name does not serve a second one."""

    code: ClassVar[str] = "already_run"
    sentence: ClassVar[str] = "The change {batch} was carried out already. Look at its report."
    batch: str


@dataclass(eq=False)
class ChangedSince(NotNow):
    """Taking back leaves alone what somebody has changed after the bulk change."""

    code: ClassVar[str] = "changed_since"
    sentence: ClassVar[str] = "{address} has been changed since, so nothing of it is taken back."
    address: str = ""


@dataclass(eq=False)
class SenderMayNoLonger(NotNow):
    """P31: nobody could accept an invitation whose sender lost the right to send it, so it is not opened again."""

    code: ClassVar[str] = "sender_may_no_longer"
    sentence: ClassVar[str] = (
        "Whoever invited {address} may no longer give this role, so the invitation stays as it is. Invite them anew."
    )
    address: str = ""


@dataclass(eq=False)
class EditConflict(NotNow):
    """Somebody else has changed the very field since it was looked at; nothing is merged silently.

    Attributes:
        conflicts: each a `core.tally.Conflict`.
    """

    code: ClassVar[str] = "edit_conflict"
    conflicts: tuple[Any, ...] = ()

    @property
    def message(self) -> str:
        """The sentence for a person."""
        told = " ".join(
            f"{each.field.replace('_', ' ').capitalize()} was “{each.seen}” when you looked and is “{each.now}” now"
            f"{f' ({each.who})' if each.who else ''}; you wanted “{each.wanted}”."
            for each in self.conflicts
        )
        return (
            f"Somebody has changed this meanwhile. {told} Nothing was saved; look again and decide.".replace(
                "  ", " "
            )
        )


@dataclass(eq=False)
class AddressTaken(NotNow):
    """R58: an address belongs to one account, active or archived."""

    code: ClassVar[str] = "address_taken"
    sentence: ClassVar[str] = (
        "{address} belongs to another account already. Find it under Users (status:any)."
    )
    address: str = ""
