"""What the rules are asked about: rows of numbers and codes, each known to `core.rules` by the names of its fields.

A fact is never NULL, so that Python and both databases agree. Where a rule is asked about columns, the columns have
the same names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

NEVER = datetime.min.replace(tzinfo=UTC)
"""The moment of what has not come about: a fact is never NULL."""


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role to be given, or that of the person to be touched."""

    role: int


@dataclass(frozen=True, slots=True)
class InviteFacts:
    """One address to invite; the flags are 0 or 1, `occurrence` counts from 1 within the run."""

    address: str
    role: int
    occurrence: int
    active_user: int
    archived_user: int
    live_invitation: int
    renew: int


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """A row that may take a place: its position among those that do, and the room under the lock."""

    takes_place: int
    position: int
    room: int
    group: str = ""


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """An invitation, and the moment it is looked at; `closed_at` is told where the answer may name that moment."""

    address: str
    role: int
    state: str
    expires_at: datetime
    now: datetime
    closed_at: datetime = NEVER


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """A bulk change: whether it did something that can be taken back, and whether that was done (0 or 1)."""

    batch: str
    undoable: int
    undone: int


@dataclass(frozen=True, slots=True)
class AcceptFacts:
    """What must still be true when the form comes back; `inviter_role` is 0 for one who may no longer invite."""

    role: int
    inviter_role: int
    accounts: int
    active_users: int
    room: int


@dataclass(frozen=True, slots=True)
class MailFacts:
    """A mail in the outbox."""

    id: int
    state: str


@dataclass(frozen=True, slots=True)
class PlaceUseFacts:
    """A department or learning group, and what it holds: people by status, and open or expired invitations."""

    kind: str
    name: str
    active: int
    archived: int
    invitations: int


@dataclass(frozen=True, slots=True)
class GroupSizeFacts:
    """A learning group that has or is to have a maximum size; `held` counts active members and live invitations."""

    group: str
    held: int
    max_size: int


@dataclass(frozen=True, slots=True)
class UnmergeFacts:
    """A merge to take back: the name of the place that is gone, and that of one that took the old name; or empty."""

    kind: str
    missing: str
    taken: str


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person to be changed; `role` is 0 for one who is gone, the flags are 0 or 1.

    Attributes:
        last_admin: whether they are the last active Company Admin and would be none any more.
        changes: whether anything would differ.
    """

    id: int
    address: str
    role: int
    status: str
    last_admin: int = 0
    changes: int = 1


@dataclass(frozen=True, slots=True)
class ListedFacts:
    """An address of a list; `occurrence` counts from 1 within the list, `known` is 1 where an account has it."""

    address: str
    occurrence: int
    known: int


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """An address somebody is to get, and whether another account has it (0 or 1)."""

    address: str
    taken: int


@dataclass(frozen=True, slots=True)
class ReopenFacts:
    """A closed invitation that is to be open again; the flags are 0 or 1.

    Attributes:
        changed: whether it is no longer what the bulk change left.
        other_invitation: whether another one of the address is open.
        inviter_role: of its sender; 0 for one who may no longer invite.
    """

    address: str
    role: int
    changed: int
    active_user: int
    archived_user: int
    other_invitation: int
    inviter_role: int


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """A person who is to get or to lose a seat; the flags are 0 or 1.

    Attributes:
        status: as it will be when the seat is given.
        expired, until: of the license; `until` is empty without an end.
        used: whether the seat counts as used where only unused ones are taken.
    """

    address: str
    status: str
    license: str
    held: int
    expired: int
    until: str = ""
    used: int = 0


@dataclass(frozen=True, slots=True)
class SeatPlaceFacts:
    """A row that may take a seat: its position among those that do, and the room under the lock.

    `waiting` is 1 where the license keeps a waiting list.
    """

    takes_place: int
    position: int
    room: int
    waiting: int
    license: str


@dataclass(frozen=True, slots=True)
class LicenseFacts:
    """A license that is to have `total` seats, of which `used` are held; to be removed with 0."""

    license: str
    used: int
    total: int


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """A person before a course: how many licenses include it, on how many of those they hold a seat, how many are in force."""

    address: str
    status: str
    course: str
    licenses: int
    seats: int
    in_force: int
