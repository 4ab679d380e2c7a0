"""Every rule of the product, written once: who may do what, and what stands in the way.

A rule is one refusal and one condition. The condition takes an actor and a row of facts: an object with numbers and
codes gives True or False, an object with columns of the same names gives a SQL condition. So the console greys a key
by the very rule that a verb uses to judge 100,000 rows, and a test holds Python and both databases against each
other. For that to work facts are never NULL, and conditions use `&`, `|` and comparisons only.

Who may invite whom: `INVITE`. Who may register: `LINK`, then `ACCEPT`. Limits are rules too: `position` among the
rows that take a place against the `room` read under the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal, not_

from core.errors import (
    AddressHasAccount,
    AlreadyInvited,
    AlreadyUndone,
    AlreadyUser,
    ArchivedUser,
    CapReached,
    GroupFull,
    InvitationClosed,
    InviterMayNoLonger,
    LinkExpired,
    LinkReplaced,
    LinkUsed,
    LinkWithdrawn,
    MailNotWaiting,
    NoPlaceLeft,
    NotUndoable,
    Refused,
    RoleNotBelowOwn,
    TwiceInFile,
)
from core.models.invitations import ACCEPTED, OPEN, REPLACED, WITHDRAWN
from core.models.outbox import FAILED, WAITING
from core.roles import Actor

NO_LIMIT = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Rule:
    """One refusal and the condition that spares it."""

    refusal: type[Refused]
    holds: Callable[[Actor, Any], Any]


Rules = Sequence[Rule]


# --- the rules --------------------------------------------------------------------------------------------------

BELOW_OWN = (
    # R7, S12, R34: strictly below one's own role, whether a role is given or somebody who holds it is touched.
    Rule(RoleNotBelowOwn, lambda actor, row: row.role < actor.role),
)

INVITE = (
    *BELOW_OWN,
    # R22: kept apart, in this order.
    Rule(TwiceInFile, lambda _actor, row: row.occurrence == 1),
    Rule(AlreadyUser, lambda _actor, row: row.active_user == 0),
    Rule(ArchivedUser, lambda _actor, row: row.archived_user == 0),
    # R8, D1, R12: an open invitation is replaced on request; an expired one never stands in the way.
    Rule(AlreadyInvited, lambda _actor, row: (row.live_invitation == 0) | (row.renew == 1)),
)

PLACES = (
    # D9: active users and open unexpired invitations count; replacing a live invitation takes no new place.
    Rule(CapReached, lambda _actor, row: (row.takes_place == 0) | (row.position <= row.room)),
)

GROUP_PLACES = (
    # S30: members and live invitations count against a group's maximum size, as with the cap.
    Rule(GroupFull, lambda _actor, row: (row.takes_place == 0) | (row.position <= row.room)),
)

WITHDRAW = (
    *BELOW_OWN,
    Rule(InvitationClosed, lambda _actor, row: row.state == OPEN),
)

UNDO = (
    # R60: a bulk change is taken back as a whole, once.
    Rule(NotUndoable, lambda _actor, row: row.invitations > 0),
    Rule(AlreadyUndone, lambda _actor, row: row.undone == 0),
)

COPY_LINK = (
    # A link is the key to the role it gives, so it is shown only to those who could give that role.
    *BELOW_OWN,
    Rule(InvitationClosed, lambda _actor, row: (row.state == OPEN) & (row.expires_at > row.now)),
)

LINK = (
    # R8, R10, R11, R29: `now == expires_at` is expired.
    Rule(LinkUsed, lambda _actor, row: row.state != ACCEPTED),
    Rule(LinkReplaced, lambda _actor, row: row.state != REPLACED),
    Rule(LinkWithdrawn, lambda _actor, row: row.state != WITHDRAWN),
    Rule(LinkExpired, lambda _actor, row: row.expires_at > row.now),
)

ACCEPT = (
    # P15: whoever has an account, active or archived, never gets a second one.
    Rule(AddressHasAccount, lambda _actor, row: row.accounts == 0),
    # R7 again at acceptance (P31): the inviter must still be active and above the role.
    Rule(InviterMayNoLonger, lambda _actor, row: row.inviter_role > row.role),
    # R50, D9: at this door active users count.
    Rule(NoPlaceLeft, lambda _actor, row: row.active_users < row.room),
)

RETRY_MAIL = (Rule(MailNotWaiting, lambda _actor, row: (row.state == FAILED) | (row.state == WAITING)),)


# --- the facts they are asked about -----------------------------------------------------------------------------


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
    """An invitation, and the moment it is looked at."""

    address: str
    role: int
    state: str
    expires_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """A bulk change: how many invitations it made, and how often it was undone."""

    batch: str
    invitations: int
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


RULE_SETS: dict[str, tuple[Rules, type]] = {
    "BELOW_OWN": (BELOW_OWN, RoleFacts),
    "INVITE": (INVITE, InviteFacts),
    "PLACES": (PLACES, PlaceFacts),
    "GROUP_PLACES": (GROUP_PLACES, PlaceFacts),
    "WITHDRAW": (WITHDRAW, InvitationFacts),
    "COPY_LINK": (COPY_LINK, InvitationFacts),
    "UNDO": (UNDO, BatchFacts),
    "LINK": (LINK, InvitationFacts),
    "ACCEPT": (ACCEPT, AcceptFacts),
    "RETRY_MAIL": (RETRY_MAIL, MailFacts),
}


# --- asking -----------------------------------------------------------------------------------------------------


def refusal_of(rules: Rules, actor: Actor, row: Any) -> Refused | None:
    """Return the first broken rule's refusal with its sentence, or None."""
    for rule in rules:
        if not rule.holds(actor, row):
            return rule.refusal.about(actor, row)
    return None


def check(rules: Rules, actor: Actor, row: Any) -> None:
    """Go on only where every rule holds.

    Raises:
        Refused: that of the first broken rule.
    """
    refusal = refusal_of(rules, actor, row)
    if refusal is not None:
        raise refusal


def refusal_code(rules: Rules, actor: Actor, columns: Any) -> ColumnElement[str]:
    """Return a SQL expression: the code of the first broken rule, or the empty string."""
    return case(*((not_(_condition(rule, actor, columns)), rule.refusal.code) for rule in rules), else_="")


def all_hold(rules: Rules, actor: Actor, columns: Any) -> ColumnElement[bool]:
    """Return a SQL condition: no rule is broken."""
    return and_(*(_condition(rule, actor, columns) for rule in rules))


def refusal_named(rules: Rules, code: str, actor: Actor, row: Any) -> Refused:
    """Return the refusal that `refusal_code` named, rebuilt from the row's facts."""
    return next(rule.refusal for rule in rules if rule.refusal.code == code).about(actor, row)


def _condition(rule: Rule, actor: Actor, columns: Any) -> ColumnElement[bool]:
    found = rule.holds(actor, columns)
    return literal(found) if isinstance(found, bool) else found
