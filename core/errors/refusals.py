"""Every refusal of the product, with its sentence; the rules that raise them are in `core.rules`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from core.errors.families import DeadLink, NotAllowed, NotNow
from core.roles import Actor, Permission, Role
from core.sentences import Sentence, mark

# --- who may what -----------------------------------------------------------------------------------------------


@dataclass(eq=False)
class PermissionNeeded(NotAllowed):
    """The actor's role does not include what the verb asks for (S9)."""

    code: ClassVar[str] = "permission_needed"
    permission: Permission
    own: Role

    @property
    def message(self) -> str:
        """The sentence for a person."""
        return (
            f"To {self.permission.label} takes the role {self.permission.lowest.label}; yours is {self.own.label}. "
            f"Ask a {self.permission.lowest.label}."
        )


@dataclass(eq=False)
class RoleNotBelowOwn(NotAllowed):
    """R7, S12: only roles strictly below one's own can be given; R55: say who could."""

    code: ClassVar[str] = "role_not_below_own"
    role: Role
    own: Role

    @classmethod
    def about(cls, actor: Actor, row: Any) -> Self:
        """Build the refusal from the role that was judged and the actor's own."""
        return cls(Role(row.role), actor.role)

    @property
    def message(self) -> str:
        """The sentence for a person."""
        ask = "A Company Admin or the operator of the host can give it."
        if self.role is Role.COMPANY_ADMIN:
            ask = "The next Company Admin is appointed by the operator of the host."
        if self.role is Role.OPERATOR:
            ask = "It is given on the host only."
        return f"{self.role.label} is not below your own role ({self.own.label}). {ask}"


@dataclass(eq=False)
class SignedOut(NotAllowed):
    """The sign-in was closed: by signing out, archiving, deleting or a new password (R39)."""

    code: ClassVar[str] = "signed_out"
    sentence: ClassVar[str] = "This sign-in has ended. Sign in again."


@dataclass(eq=False)
class WrongCredentials(NotAllowed):
    """Address or password do not fit; deliberately does not say which."""

    code: ClassVar[str] = "wrong_credentials"
    sentence: ClassVar[str] = "The address or the password is wrong. Check both and try again."


@dataclass(eq=False)
class TooManyTries(NotAllowed):
    """The growing delay after failed sign-ins; it counts per account and source, so outsiders lock nobody out."""

    code: ClassVar[str] = "too_many_tries"
    seconds: int

    @property
    def message(self) -> str:
        """The sentence for a person."""
        unit = "second" if self.seconds == 1 else "seconds"
        return f"Too many failed sign-ins from here. Wait {self.seconds} {unit}, then try again."


# --- inviting ---------------------------------------------------------------------------------------------------


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


@dataclass(eq=False)
class TwiceInFile(NotNow):
    """R22: the address stood in an earlier row of the same run."""

    code: ClassVar[str] = "twice_in_file"
    sentence: ClassVar[str] = "{address} is listed twice; the first one counts."
    skips: ClassVar[bool] = True
    address: str = ""


@dataclass(eq=False)
class AlreadyUser(NotNow):
    """R22: the address belongs to an active account."""

    code: ClassVar[str] = "already_user"
    sentence: ClassVar[str] = "{address} already has an account. Find it under Users."
    skips: ClassVar[bool] = True
    address: str = ""


@dataclass(eq=False)
class ArchivedUser(NotNow):
    """R22, R45: the address belongs to an archived account; inviting must not make a second one."""

    code: ClassVar[str] = "archived_user"
    sentence: ClassVar[str] = (
        "{address} belongs to an archived account. Reactivate it under Users (status:archived)."
    )
    skips: ClassVar[bool] = True
    address: str = ""


@dataclass(eq=False)
class AlreadyInvited(NotNow):
    """D1: an invitation is open and the run does not renew."""

    code: ClassVar[str] = "already_invited"
    sentence: ClassVar[str] = "{address} already has an open invitation. Choose renew to replace it."
    skips: ClassVar[bool] = True
    address: str = ""


@dataclass(eq=False)
class CapReached(NotNow):
    """R50, D9: no place is left under the company's maximum number of users."""

    code: ClassVar[str] = "cap_reached"
    sentence: ClassVar[str] = (
        "The company's maximum number of users is reached. "
        "Archive somebody, withdraw an open invitation, or have the operator raise the maximum."
    )


@dataclass(eq=False)
class GroupFull(NotNow):
    """S30: the learning group has reached its maximum size."""

    code: ClassVar[str] = "group_full"
    sentence: ClassVar[str] = "The learning group {group} is full. Raise its maximum size or choose another."
    group: str = ""


@dataclass(eq=False)
class InvitationClosed(NotNow):
    """Only an open invitation can be withdrawn or its link copied."""

    code: ClassVar[str] = "invitation_closed"
    sentence: ClassVar[str] = (
        "The invitation of {address} is {state}, so its link is dead already. Only an open invitation can be withdrawn or have its link shown."
    )
    address: str = ""
    state: str = ""

    @classmethod
    def about(cls, actor: Actor, row: Any) -> Self:  # noqa: ARG003
        """Build the refusal; an open invitation is refused only because its days are over."""
        state = "expired" if row.state == "open" else row.state
        return cls(row.address, state)


# --- registering ------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class LinkUnknown(DeadLink):
    """Not one of ours, or garbled: reveals nothing."""

    code: ClassVar[str] = "link_unknown"
    sentence: ClassVar[str] = mark(
        "This link is not valid. Copy the whole link from the mail, or ask to be invited again."
    )


@dataclass(eq=False)
class LinkExpired(DeadLink):
    """R10: its days are over."""

    code: ClassVar[str] = "link_expired"
    sentence: ClassVar[str] = mark("This link expired on {at}. Ask to be invited again.")
    at: datetime

    @classmethod
    def about(cls, actor: Actor, row: Any) -> Self:  # noqa: ARG003
        """Build the refusal from the moment the link expired."""
        return cls(row.expires_at)

    @property
    def message(self) -> str:
        """The sentence for a person."""
        return Sentence(self.sentence.format(at=_day(self.at)), self.sentence, {"at": self.at})


@dataclass(eq=False)
class LinkUsed(DeadLink):
    """R11: it has made its account."""

    code: ClassVar[str] = "link_used"
    sentence: ClassVar[str] = mark(
        "This link has already been used. If it was you, your account is ready: just sign in."
    )


@dataclass(eq=False)
class LinkReplaced(DeadLink):
    """R8: a newer invitation was sent."""

    code: ClassVar[str] = "link_replaced"
    sentence: ClassVar[str] = mark(
        "A newer invitation was sent to this address on {at}. Use the link in the newest mail."
    )
    at: datetime

    @classmethod
    def about(cls, actor: Actor, row: Any) -> Self:  # noqa: ARG003
        """Build the refusal from the moment the newer one took its place."""
        return cls(row.closed_at)

    @property
    def message(self) -> str:
        """The sentence for a person."""
        return Sentence(self.sentence.format(at=_day(self.at)), self.sentence, {"at": self.at})


@dataclass(eq=False)
class LinkWithdrawn(DeadLink):
    """The company took the invitation back."""

    code: ClassVar[str] = "link_withdrawn"
    sentence: ClassVar[str] = mark("This invitation was withdrawn. Ask the person who invited you.")


@dataclass(eq=False)
class AddressHasAccount(DeadLink):
    """The invited address got an account in another way meanwhile (P15): never a second one, never a stranger's data."""

    code: ClassVar[str] = "address_has_account"
    sentence: ClassVar[str] = mark(
        "This invitation cannot be used any more. If you already have an account, just sign in; otherwise ask the person who invited you."
    )


@dataclass(eq=False)
class InviterMayNoLonger(NotNow):
    """R7 again at acceptance (P31): the inviter was archived, deleted or lost the right to give this role."""

    code: ClassVar[str] = "inviter_may_no_longer"
    sentence: ClassVar[str] = mark(
        "This invitation cannot be accepted at the moment: it has to be confirmed by an administrator. Ask your company to invite you again."
    )


@dataclass(eq=False)
class NoPlaceLeft(NotNow):
    """D5: the cap was reached between invitation and submit; the link keeps working."""

    code: ClassVar[str] = "no_place_left"
    sentence: ClassVar[str] = mark(
        "Your company has no free place at the moment. Nothing is lost: tell the person who invited you, "
        "and send the form again with the same link once there is room."
    )


# --- setting up -------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class AlreadySetUp(NotNow):
    """`init` on a database that has its company already."""

    code: ClassVar[str] = "already_set_up"
    sentence: ClassVar[str] = (
        "This database already belongs to {company}. Choose another ACADEMY_HOME for another company."
    )
    company: str


@dataclass(eq=False)
class NameTaken(NotNow):
    """Departments and groups are told apart by name, without regard to case."""

    code: ClassVar[str] = "name_taken"
    sentence: ClassVar[str] = "A {kind} named {name} exists already. Choose another name."
    kind: str
    name: str


@dataclass(eq=False)
class MailNotWaiting(NotNow):
    """Only a mail that failed or still waits can be tried again."""

    code: ClassVar[str] = "mail_not_waiting"
    sentence: ClassVar[str] = "Mail {id} is {state}; only a failed or waiting one can be tried again."
    id: int
    state: str


@dataclass(eq=False)
class AlreadyUndone(NotNow):
    """A bulk change is taken back once."""

    code: ClassVar[str] = "already_undone"
    sentence: ClassVar[str] = "The change {batch} has been undone already."
    batch: str


@dataclass(eq=False)
class NotUndoable(NotNow):
    """What a bulk change did cannot be taken back by a click."""

    code: ClassVar[str] = "not_undoable"
    sentence: ClassVar[str] = "The change {batch} did nothing that can be taken back."
    batch: str
