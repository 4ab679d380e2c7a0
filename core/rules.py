"""Every rule of the product, written once: who may do what, and what stands in the way.

A rule is one refusal and one condition. The condition takes an actor and a row of facts: an object with numbers and
codes gives True or False, an object with columns of the same names gives a SQL condition. So the console greys a key
by the very rule that a verb uses to judge 100,000 rows, and a test holds Python and both databases against each
other. For that to work facts are never NULL, and conditions use `&`, `|` and comparisons only.

Who may invite whom: `INVITE`. Who may register: `LINK`, then `ACCEPT`. Who may change whom: `TOUCH_PERSON` and
`EDIT_PERSON`. Limits are rules too: `position` among the rows that take a place against the `room` read under the
lock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal, not_

from core.errors import (
    AccountArchived,
    AddressHasAccount,
    AddressTaken,
    AlreadyActive,
    AlreadyArchived,
    AlreadyInvited,
    AlreadyUndone,
    AlreadyUser,
    ArchivedNoSeat,
    ArchivedUser,
    CapReached,
    ChangedSince,
    CourseNotLicensed,
    GroupFull,
    GroupTooSmall,
    InvitationClosed,
    InviterMayNoLonger,
    LastAdmin,
    LicenseExpired,
    LicenseInUse,
    LinkExpired,
    LinkReplaced,
    LinkUsed,
    LinkWithdrawn,
    MailNotWaiting,
    NoneInForce,
    NoPlaceLeft,
    NoSeatHeld,
    NoSeatLeft,
    NotUndoable,
    NotUnmergeable,
    OwnAccount,
    PersonGone,
    PlaceInUse,
    Refused,
    RoleNotBelowOwn,
    SeatHeld,
    SeatNeeded,
    SeatsInUse,
    SeatUsed,
    SenderMayNoLonger,
    TargetNotBelowOwn,
    TwiceInFile,
    Unchanged,
    UnknownUser,
    WaitsForSeat,
)
from core.facts import (
    AcceptFacts,
    AddressFacts,
    BatchFacts,
    CourseFacts,
    GroupSizeFacts,
    InvitationFacts,
    InviteFacts,
    LicenseFacts,
    ListedFacts,
    MailFacts,
    PersonFacts,
    PlaceFacts,
    PlaceUseFacts,
    ReopenFacts,
    RoleFacts,
    SeatFacts,
    SeatPlaceFacts,
    UnmergeFacts,
)
from core.models.invitations import ACCEPTED, OPEN, REPLACED, WITHDRAWN
from core.models.outbox import FAILED, WAITING
from core.models.people import ACTIVE, ARCHIVED
from core.roles import Actor, Role

NO_LIMIT = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Rule:
    """One refusal and the condition that spares it."""

    refusal: type[Refused]
    holds: Callable[[Actor, Any], Any]


Rules = Sequence[Rule]


def _fits(_actor: Actor, row: Any) -> Any:
    return (row.takes_place == 0) | (row.position <= row.room)


# --- the rules --------------------------------------------------------------------------------------------------

BELOW_OWN = (
    # R7, S12, R34: strictly below one's own role, whether a role is given or somebody who holds it is touched.
    Rule(RoleNotBelowOwn, lambda actor, row: row.role < actor.role),
)

NO_ACCOUNT = (
    # R22, R45: kept apart.
    Rule(AlreadyUser, lambda _actor, row: row.active_user == 0),
    Rule(ArchivedUser, lambda _actor, row: row.archived_user == 0),
)

ONCE = (Rule(TwiceInFile, lambda _actor, row: row.occurrence == 1),)

INVITE = (
    *BELOW_OWN,
    # R22: in this order.
    *ONCE,
    *NO_ACCOUNT,
    # R8, D1, R12: an open invitation is replaced on request; an expired one never stands in the way.
    Rule(AlreadyInvited, lambda _actor, row: (row.live_invitation == 0) | (row.renew == 1)),
)

# D9: active users and open unexpired invitations count; replacing a live invitation takes no new place.
PLACES = (Rule(CapReached, _fits),)

# S30: members and live invitations count against a group's maximum size, as with the cap.
GROUP_PLACES = (Rule(GroupFull, _fits),)

WITHDRAW = (
    *BELOW_OWN,
    Rule(InvitationClosed, lambda _actor, row: row.state == OPEN),
)

# D6, P31: an invitation stays open, and opens again, only while its sender could send it.
SENDER = (Rule(SenderMayNoLonger, lambda _actor, row: row.inviter_role > row.role),)

REOPEN = (
    # R60: an invitation that a bulk change closed works again, unless something came in between.
    *BELOW_OWN,
    Rule(ChangedSince, lambda _actor, row: row.changed == 0),
    *NO_ACCOUNT,
    Rule(AlreadyInvited, lambda _actor, row: row.other_invitation == 0),
    *SENDER,
)

UNDO = (
    # R60: a bulk change is taken back as a whole, once.
    Rule(NotUndoable, lambda _actor, row: row.undoable == 1),
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

# S24: only what is empty; archived people may come back, expired invitations may be renewed.
DELETE_PLACE = (Rule(PlaceInUse, lambda _actor, row: row.active + row.archived + row.invitations == 0),)

# S30: never below what is held, whether the maximum is lowered or another group is merged in.
GROUP_SIZE = (Rule(GroupTooSmall, lambda _actor, row: row.held <= row.max_size),)

UNMERGE = (
    # R60: as long as nobody took the old name and the place that took everybody in is there.
    Rule(NotUnmergeable, lambda _actor, row: (row.missing == "") & (row.taken == "")),
)

PRESENT = (Rule(PersonGone, lambda _actor, row: row.role > 0),)

EDIT_PERSON = (
    # R34: nobody at or above one's own role is edited; one's own master data is.
    Rule(TargetNotBelowOwn, lambda actor, row: (row.role < actor.role) | (row.id == actor.user_id)),
)

LAST_ADMIN = (
    # D7: only the operator may leave the company without an active Company Admin.
    Rule(LastAdmin, lambda actor, row: (row.last_admin == 0) | (actor.role > Role.COMPANY_ADMIN)),
)

TOUCH_PERSON = (
    # R34: role, state and place are changed by somebody above; never one's own.
    *LAST_ADMIN,
    Rule(OwnAccount, lambda actor, row: row.id != actor.user_id),
    Rule(TargetNotBelowOwn, lambda actor, row: row.role < actor.role),
)

ARCHIVE = (*TOUCH_PERSON, Rule(AlreadyArchived, lambda _actor, row: row.status != ARCHIVED))

REACTIVATE = (*TOUCH_PERSON, Rule(AlreadyActive, lambda _actor, row: row.status != ACTIVE))

# R34, R42, D7: whom one could archive; deleting asks for the address besides.
DELETE_PERSON = TOUCH_PERSON

RETURN_SEAT = (
    # R43, R47, R60: for active people, one each; what is taken back brings seats on expired licenses again too.
    Rule(ArchivedNoSeat, lambda _actor, row: row.status == ACTIVE),
    Rule(SeatHeld, lambda _actor, row: row.held == 0),
)

# D8: new ones only on a license in force.
GIVE_SEAT = (*RETURN_SEAT, Rule(LicenseExpired, lambda _actor, row: row.expired == 0))

SEAT_PLACES = (
    # D8: never more seats in use than bought.
    Rule(WaitsForSeat, lambda actor, row: _fits(actor, row) | (row.waiting == 0)),
    Rule(NoSeatLeft, _fits),
)

TAKE_SEAT = (
    Rule(NoSeatHeld, lambda _actor, row: row.held == 1),
    Rule(SeatUsed, lambda _actor, row: row.used == 0),
)

RESIZE = (Rule(SeatsInUse, lambda _actor, row: row.used <= row.total),)

REMOVE_LICENSE = (Rule(LicenseInUse, lambda _actor, row: row.used == 0),)

SIGN_IN = (
    # R39: at once.
    Rule(AccountArchived, lambda _actor, row: row.status == ACTIVE),
)

OPEN_COURSE = (
    # R47, R48, D8: an account, a license that includes the course, a seat on it, and that in force; in this order.
    *SIGN_IN,
    Rule(CourseNotLicensed, lambda _actor, row: row.licenses > 0),
    Rule(SeatNeeded, lambda _actor, row: row.seats > 0),
    Rule(NoneInForce, lambda _actor, row: row.in_force > 0),
)

# S18: who is meant by a line of a list.
LISTED = (*ONCE, Rule(UnknownUser, lambda _actor, row: row.known == 1))

ADDRESS = (
    # R58: one account for an address, active or archived.
    Rule(AddressTaken, lambda _actor, row: row.taken == 0),
)

CHANGED = (Rule(Unchanged, lambda _actor, row: row.changes == 1),)

RETRY_MAIL = (Rule(MailNotWaiting, lambda _actor, row: (row.state == FAILED) | (row.state == WAITING)),)


RULE_SETS: dict[str, tuple[Rules, type]] = {
    "BELOW_OWN": (BELOW_OWN, RoleFacts),
    "INVITE": (INVITE, InviteFacts),
    "PLACES": (PLACES, PlaceFacts),
    "GROUP_PLACES": (GROUP_PLACES, PlaceFacts),
    "WITHDRAW": (WITHDRAW, InvitationFacts),
    "COPY_LINK": (COPY_LINK, InvitationFacts),
    "SENDER": (SENDER, ReopenFacts),
    "REOPEN": (REOPEN, ReopenFacts),
    "UNDO": (UNDO, BatchFacts),
    "LINK": (LINK, InvitationFacts),
    "ACCEPT": (ACCEPT, AcceptFacts),
    "DELETE_PLACE": (DELETE_PLACE, PlaceUseFacts),
    "GROUP_SIZE": (GROUP_SIZE, GroupSizeFacts),
    "UNMERGE": (UNMERGE, UnmergeFacts),
    "PRESENT": (PRESENT, PersonFacts),
    "EDIT_PERSON": (EDIT_PERSON, PersonFacts),
    "TOUCH_PERSON": (TOUCH_PERSON, PersonFacts),
    "ARCHIVE": (ARCHIVE, PersonFacts),
    "REACTIVATE": (REACTIVATE, PersonFacts),
    "GIVE_SEAT": (GIVE_SEAT, SeatFacts),
    "SEAT_PLACES": (SEAT_PLACES, SeatPlaceFacts),
    "RETURN_SEAT": (RETURN_SEAT, SeatFacts),
    "TAKE_SEAT": (TAKE_SEAT, SeatFacts),
    "RESIZE": (RESIZE, LicenseFacts),
    "REMOVE_LICENSE": (REMOVE_LICENSE, LicenseFacts),
    "OPEN_COURSE": (OPEN_COURSE, CourseFacts),
    "LISTED": (LISTED, ListedFacts),
    "ADDRESS": (ADDRESS, AddressFacts),
    "CHANGED": (CHANGED, PersonFacts),
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
