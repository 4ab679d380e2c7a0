"""Questions about mails: the outbox with the mail server's answers (R53)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from core.filter_keys import OUTBOX_STATES, mail_conditions
from core.filters import Filter
from core.mail.line import line_of
from core.mail.parts import (
    ACCOUNT_READY,
    CAP_NEAR,
    INVITATION,
    LICENSE_EXPIRING,
    SEAT_GRANTED,
    SEATS_USED,
    TEST,
)
from core.models import OutboxMail
from core.models.outbox import SENDING, WAITING
from core.reading.lists import Sort, id_chunks, ordered
from core.roles import Permission
from core.work import Look

STATES = OUTBOX_STATES
_LATE = timedelta(
    hours=24
)  # a link's days count from the invitation, so a mail that leaves later shortens them
KINDS = {
    INVITATION: "invitation",
    ACCOUNT_READY: "account is ready",
    TEST: "test",
    SEAT_GRANTED: "access granted",
    LICENSE_EXPIRING: "license expires",
    SEATS_USED: "few seats left",
    CAP_NEAR: "few places left",
}
NEWEST_FIRST = Sort("created", descending=True)
SORTS: dict[str, Any] = {"created": OutboxMail.id}  # rows are written in the order of time


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail as lists show it.

    Attributes:
        state: `waiting sending sent failed dropped`; where no mail server is set, sent means written as a file.
        attempts: how often it was tried since it was queued or retried by hand.
        last_error: why it is not sent yet, in the mail server's words where it gave any.
        batch: name of the bulk run it belongs to, empty for a single mail.
        late: how long after it was queued it left, or has waited by now, where that is more than a day; else None.
    """

    id: int
    kind: str
    to: str
    state: str
    attempts: int
    created: datetime
    due_at: datetime
    sent_at: datetime | None
    last_error: str
    invitation_id: int | None
    batch: str
    late: timedelta | None = None

    @property
    def kind_words(self) -> str:
        """What the mail is, for people."""
        return KINDS.get(self.kind, self.kind)


@dataclass(frozen=True, slots=True)
class LineRow:
    """The line that mails wait in.

    Attributes:
        reason: why it is paused, in a person's or the mail server's words; empty where nobody gave one.
        per_minute: how many mails may leave in a minute, None for as many as the server takes.
        counts: how many mails are in each state; every state is named.
        oldest_waiting: when the mail was queued that waits longest; None where none waits.
        late: how long that one has waited, where it is more than a day; else None.
    """

    paused: bool
    reason: str
    per_minute: int | None
    counts: dict[str, int]
    oldest_waiting: datetime | None
    late: timedelta | None = None


def count(look: Look, chosen: Filter) -> int:
    """Return how many mails the filter finds."""
    look.require(Permission.MANAGE_MAIL)
    condition = mail_conditions(chosen, look.now)
    return look.db.scalar(select(func.count()).select_from(OutboxMail).where(condition)) or 0


def ids(look: Look, chosen: Filter, sort: Sort = NEWEST_FIRST) -> Iterator[Sequence[int]]:
    """Yield the ids of the mails found, in order, in chunks.

    Raises:
        InvalidFilter, Invalid: an unknown value or column.
    """
    look.require(Permission.MANAGE_MAIL)
    return id_chunks(look, _ordered_ids(look, chosen, sort))


def first(look: Look, chosen: Filter, sort: Sort = NEWEST_FIRST, *, limit: int = 100) -> list[MailRow]:
    """Return the first rows in order, without waiting for all ids."""
    look.require(Permission.MANAGE_MAIL)
    return rows(look, look.db.scalars(_ordered_ids(look, chosen, sort).limit(limit)).all())


def rows(look: Look, wanted: Sequence[int]) -> list[MailRow]:
    """Return the mails with these ids, in that order; those that are gone are left out."""
    look.require(Permission.MANAGE_MAIL)
    found = look.db.scalars(select(OutboxMail).where(OutboxMail.id.in_(wanted)))
    by_id = {each.id: _row(each, look.now) for each in found}
    return [by_id[each] for each in wanted if each in by_id]


def newest(
    look: Look, *, states: Collection[str] | None = None, limit: int = 100, before_id: int | None = None
) -> list[MailRow]:
    """Return mails, newest first.

    Args:
        look: the open transaction.
        states: only those; None for all.
        limit: how many at most.
        before_id: go on after the row with this id, the last one of the page before.
    """
    look.require(Permission.MANAGE_MAIL)
    statement = select(OutboxMail).order_by(OutboxMail.id.desc()).limit(limit)
    if states is not None:
        statement = statement.where(OutboxMail.state.in_(states))
    if before_id is not None:
        statement = statement.where(OutboxMail.id < before_id)
    return [_row(mail, look.now) for mail in look.db.scalars(statement)]


def counts(look: Look) -> dict[str, int]:
    """Return how many mails are in each state; every state is named."""
    look.require(Permission.MANAGE_MAIL)
    found = look.db.execute(select(OutboxMail.state, func.count()).group_by(OutboxMail.state))
    return dict.fromkeys(STATES, 0) | {row[0]: row[1] for row in found}


def line(look: Look) -> LineRow:
    """Return how the line stands."""
    look.require(Permission.MANAGE_MAIL)
    oldest = look.db.scalar(select(func.min(OutboxMail.created_at)).where(OutboxMail.state == WAITING))
    stands = line_of(look.db)
    late = lateness(oldest, look.now) if oldest else None
    return LineRow(stands.paused, stands.reason, stands.per_minute, counts(look), oldest, late)


def lateness(queued: datetime, left: datetime) -> timedelta | None:
    """Return how long a mail took to leave, where that is more than a day; else None."""
    took = left - queued
    return took if took > _LATE else None


def _ordered_ids(look: Look, chosen: Filter, sort: Sort) -> Select[int]:
    return ordered(select(OutboxMail.id).where(mail_conditions(chosen, look.now)), sort, SORTS, OutboxMail.id)


def _row(mail: OutboxMail, now: datetime) -> MailRow:
    left = now if mail.state in {WAITING, SENDING} else mail.sent_at
    return MailRow(
        id=mail.id,
        kind=mail.kind,
        to=mail.to_address,
        state=mail.state,
        attempts=mail.attempts,
        created=mail.created_at,
        due_at=mail.due_at,
        sent_at=mail.sent_at,
        last_error=mail.last_error,
        invitation_id=mail.invitation_id,
        batch=mail.batch or "",
        late=lateness(mail.created_at, left) if left else None,
    )
