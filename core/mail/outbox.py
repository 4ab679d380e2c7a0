"""The rows of the outbox: claiming some to send, writing down what became of them.

A claim is a lease and a fence. Committed before anything is sent, it keeps other senders away for `LEASE`; an outcome
is written only by the claim it belongs to, told by its number and the end of its lease. A sender that dies between the
mail server's yes and our commit leaves a lease to run out, after which the identical mail is sent once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal_column, select, update
from sqlalchemy.orm import Session

from core.dialects import skip_locked
from core.models import Invitation, OutboxMail
from core.models.base import UtcDateTime
from core.models.invitations import OPEN, WITHDRAWN
from core.models.outbox import BULK, DROPPED, FAILED, SENDING, SENT, SINGLE, WAITING
from core.selection import live_invitation

LEASE = timedelta(minutes=10)
# Fifteen steps of a talk, connecting and connecting once more included; no mail is begun in the lease's last minutes.
SLOWEST_MAIL = timedelta(minutes=5)
_RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
_LATER_RETRIES = timedelta(hours=1)
_LONGEST_TRYING = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that is ours to send until the lease ends.

    Attributes:
        attempts: how often it was claimed, this time included; the fence together with `leased_until`.
        last_error: of the claim before.
        user_id, details: whose account it is about and what it names there.
    """

    id: int
    kind: str
    to: str
    language: str
    invitation_id: int | None
    created_at: datetime
    due_at: datetime
    attempts: int
    leased_until: datetime
    last_error: str
    priority: int
    user_id: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InvitationToMail:
    """The invitation a mail is about, as it is now; `live` while its link works."""

    public_id: bytes = field(repr=False)
    address: str
    state: str
    expires_at: datetime
    live: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a claimed mail; `gave_back` undoes the claim, so it does not count as an attempt."""

    claim: Claim
    state: str
    due_at: datetime
    answer: str = ""
    sent_at: datetime | None = None
    gave_back: bool = False

    @classmethod
    def sent(cls, claim: Claim, now: datetime) -> Outcome:
        """Return: the server took it."""
        return cls(claim, SENT, claim.due_at, sent_at=now)

    @classmethod
    def failed(cls, claim: Claim, answer: str) -> Outcome:
        """Return: never, for the reason in `answer`."""
        return cls(claim, FAILED, claim.due_at, answer)

    @classmethod
    def dropped(cls, claim: Claim, reason: str) -> Outcome:
        """Return: no longer wanted."""
        return cls(claim, DROPPED, claim.due_at, reason)

    @classmethod
    def back(cls, claim: Claim, answer: str = "") -> Outcome:
        """Return: not tried, to be claimed again at once."""
        return cls(claim, WAITING, claim.due_at, answer or claim.last_error, gave_back=True)

    @classmethod
    def later(cls, claim: Claim, answer: str, due_at: datetime | None) -> Outcome:
        """Return: again at `due_at`; failed where that is None."""
        return cls.failed(claim, answer) if due_at is None else cls(claim, WAITING, due_at, answer)


def next_try(now: datetime, attempts: int, *, ends: datetime | None, chance: float) -> datetime | None:
    """Return when to try again after the attempt number `attempts`: 1, 5, 15 and 60 minutes, then hourly for a day.

    Args:
        now: the moment of the attempt that did not succeed.
        attempts: how many there were.
        ends: when the mail's link expires; a mail after that would be useless.
        chance: from 0 to 1; up to a tenth later, so that a thousand mails do not come back in the same second.

    Returns:
        None where it is over.
    """
    if attempts <= len(_RETRIES):
        wait = _RETRIES[attempts - 1]
    else:
        wait = _LATER_RETRIES
        tried = sum(_RETRIES, timedelta()) + (attempts - len(_RETRIES)) * _LATER_RETRIES
        if tried > _LONGEST_TRYING:
            return None
    due_at = now + wait * (1 + chance / 10)
    return None if ends is not None and due_at >= ends else due_at


def _unfinished() -> ColumnElement[bool]:
    """Return the condition of the index on due mails; word for word, or SQLite would not use it."""
    return _MAILS.state.in_([literal_column(f"'{state}'") for state in (WAITING, SENDING)])


def _due() -> ColumnElement[bool]:
    """Return the condition of a mail to be claimed now; a claimed one was due before, so `due_at` fits both."""
    is_free = (_MAILS.state == WAITING) | (_MAILS.leased_until <= _NOW)
    return _unfinished() & (_MAILS.due_at <= _NOW) & is_free


# Run for every hundred mails of a run that should not be slower than the server: built once, and on the bare table,
# which halves the time they take.
_MAILS = OutboxMail.__table__.c
_NOW = bindparam("now", type_=UtcDateTime())
_ANY_DUE = select(_MAILS.id).where(_due()).limit(1)
_SINGLE_DUE = _ANY_DUE.where(_MAILS.priority == SINGLE)
_TO_CLAIM = (
    select(
        *(_MAILS.id, _MAILS.kind, _MAILS.to_address, _MAILS.language, _MAILS.invitation_id),
        *(_MAILS.created_at, _MAILS.due_at, _MAILS.attempts, _MAILS.last_error),
        *(_MAILS.priority, _MAILS.user_id, _MAILS.details),
    )
    .where(_due())
    .order_by(_MAILS.priority, _MAILS.due_at, _MAILS.id)
    .limit(bindparam("most"))
)
_AS_CLAIMED = (
    update(OutboxMail)
    .where(_MAILS.id.in_(bindparam("ids", expanding=True)))
    .values(state=SENDING, attempts=_MAILS.attempts + 1, leased_until=bindparam("end"))
)
_AS_SENT = (
    update(OutboxMail)
    .where(
        _MAILS.id.in_(bindparam("ids", expanding=True)),
        _MAILS.state == SENDING,
        _MAILS.attempts == bindparam("number"),
        _MAILS.leased_until == bindparam("end"),
    )
    .values(state=SENT, sent_at=bindparam("at"), last_error="", leased_until=None)
)
_INVITED = select(
    Invitation.id,
    Invitation.public_id,
    Invitation.address,
    Invitation.state,
    Invitation.expires_at,
    live_invitation(_NOW).label("live"),
).where(Invitation.id.in_(bindparam("ids", expanding=True)))


def is_any_due(db: Session, now: datetime, *, single: bool = False) -> bool:
    """Tell whether there is anything to claim, or any single mail."""
    return db.connection().scalar(_SINGLE_DUE if single else _ANY_DUE, {"now": now}) is not None


def next_due_at(db: Session) -> datetime | None:
    """Return when the next mail can be claimed, or None where none waits."""
    waiting = [
        db.scalar(
            select(OutboxMail.due_at)
            .where(_unfinished(), OutboxMail.priority == priority, OutboxMail.state == WAITING)
            .order_by(OutboxMail.due_at)
            .limit(1)
        )
        for priority in (SINGLE, BULK)
    ]
    leased = db.scalar(
        select(OutboxMail.leased_until)
        .where(_unfinished(), OutboxMail.state == SENDING)
        .order_by(OutboxMail.leased_until)
        .limit(1)
    )
    return min((moment for moment in (*waiting, leased) if moment is not None), default=None)


def claim(db: Session, now: datetime, most: int) -> list[Claim]:
    """Claim up to `most` due mails, single ones before those of bulk runs; commit before sending any."""
    connection = db.connection()
    found = connection.execute(skip_locked(_TO_CLAIM, db), {"now": now, "most": most}).all()
    leased_until = now + LEASE
    connection.execute(_AS_CLAIMED, {"ids": [row.id for row in found], "end": leased_until})
    return [
        Claim(
            id=row.id,
            kind=row.kind,
            to=row.to_address,
            language=row.language,
            invitation_id=row.invitation_id,
            created_at=row.created_at,
            due_at=row.due_at,
            attempts=row.attempts + 1,
            leased_until=leased_until,
            last_error=row.last_error,
            priority=row.priority,
            user_id=row.user_id,
            details=row.details,
        )
        for row in found
    ]


def record(db: Session, outcomes: Sequence[Outcome]) -> None:
    """Write down outcomes; one whose claim was taken over meanwhile changes nothing."""
    sent = groupby(
        sorted((each for each in outcomes if each.state == SENT), key=_fence_of, reverse=True), key=_fence_of
    )
    for (number, end), taken in sent:
        _record_sent(db, list(taken), number, end)
    others = [each for each in outcomes if each.state != SENT]
    if others:
        _record_each(db, others)


def _fence_of(outcome: Outcome) -> tuple[int, datetime]:
    return outcome.claim.attempts, outcome.claim.leased_until


def _record_sent(db: Session, outcomes: Sequence[Outcome], number: int, end: datetime) -> None:
    """Write down mails of one claim that were taken, in one statement and with the moment of the last of them."""
    sent = {"ids": [each.claim.id for each in outcomes], "number": number, "end": end}
    db.connection().execute(_AS_SENT, {**sent, "at": outcomes[-1].sent_at})


def _record_each(db: Session, outcomes: Sequence[Outcome]) -> None:
    table = OutboxMail.__table__
    statement = (
        update(OutboxMail)
        .where(
            table.c.id == bindparam("claim_id"),
            table.c.state == SENDING,
            table.c.attempts == bindparam("claim_number"),
            table.c.leased_until == bindparam("claim_end"),
        )
        .values(
            state=bindparam("new_state"),
            due_at=bindparam("new_due_at"),
            sent_at=bindparam("new_sent_at"),
            last_error=bindparam("new_answer"),
            attempts=bindparam("new_attempts"),
            leased_until=None,
        )
    )
    rows = [
        {
            "claim_id": each.claim.id,
            "claim_number": each.claim.attempts,
            "claim_end": each.claim.leased_until,
            "new_state": each.state,
            "new_due_at": each.due_at,
            "new_sent_at": each.sent_at,
            "new_answer": each.answer,
            "new_attempts": each.claim.attempts - each.gave_back,
        }
        for each in outcomes
    ]
    db.connection().execute(statement, rows)


def invitations_of(db: Session, ids: Iterable[int], now: datetime) -> dict[int, InvitationToMail]:
    """Return invitations as they are at `now`, by id; those that were deleted look withdrawn."""
    wanted = list(ids)
    rows = db.connection().execute(_INVITED, {"now": now, "ids": wanted})
    gone = InvitationToMail(b"", "", WITHDRAWN, now, live=False)
    return dict.fromkeys(wanted, gone) | {
        row.id: InvitationToMail(
            row.public_id,
            row.address,
            "expired" if row.state == OPEN and not row.live else row.state,
            row.expires_at,
            live=row.live,
        )
        for row in rows
    }
