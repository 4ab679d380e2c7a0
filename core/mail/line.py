"""The line that mails wait in: whether it moves, and how many mails a minute leave.

The rate is a row of slots in the database, so that senders share it: a claim takes as many slots as mails, and the
next one is free a while later. Slots that pass unused are lost but for the last second's, so nothing piles up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.dialects import lock_row
from core.models import MailLine

_SECONDS = 60
_MINUTE = timedelta(minutes=1)
_LINE = MailLine.__table__.c
_STANDS = select(_LINE.paused, _LINE.reason, _LINE.per_minute, _LINE.next_slot_at).where(_LINE.id == 1)


@dataclass(frozen=True, slots=True)
class Line:
    """How the line stands; where nobody has touched it, it moves as fast as the server takes mails."""

    paused: bool = False
    reason: str = ""
    per_minute: int | None = None
    next_slot_at: datetime | None = None

    @property
    def order(self) -> tuple[bool, int | None]:
        """What a person has told the line; slots come and go."""
        return self.paused, self.per_minute

    @property
    def why_paused(self) -> str:
        """The reason for a person, also where none was given."""
        return self.reason or "it was paused by hand."

    def opens_at(self, now: datetime) -> datetime | None:
        """Return when the next mail may leave, or None for at once."""
        if self.per_minute is None or self.next_slot_at is None or self.next_slot_at <= now:
            return None
        return self.next_slot_at

    def room(self, now: datetime) -> int | None:
        """Return how many mails may leave at once, or None for any number."""
        if self.per_minute is None:
            return None
        passed = now - self._first_slot(now)
        return 0 if passed < timedelta() else min(self._at_once, int(passed / self._apart) + 1)

    def after(self, mails: int, now: datetime) -> datetime:
        """Return the next free slot once `mails` more have left."""
        return self._first_slot(now) + mails * self._apart

    @property
    def _at_once(self) -> int:
        """How many mails one second's slots are; at least one."""
        return max(1, (self.per_minute or 0) // _SECONDS)

    @property
    def _apart(self) -> timedelta:
        return _MINUTE / (self.per_minute or 1)

    def _first_slot(self, now: datetime) -> datetime:
        oldest = now - (self._at_once - 1) * self._apart
        return max(self.next_slot_at or oldest, oldest)


def line_of(db: Session) -> Line:
    """Return how the line stands."""
    return _read(db.execute(_STANDS).one_or_none())


def held_line(db: Session) -> Line:
    """Return how the line stands, so that nobody changes it or takes a slot before the transaction ends."""
    return _read(lock_row(db, _STANDS))


def take_slots(db: Session, line: Line, mails: int, now: datetime) -> None:
    """Take a slot for each of `mails` claimed mails; `line` is held."""
    if line.per_minute is None or not mails:
        return
    db.execute(
        update(MailLine)
        .where(MailLine.id == 1)
        .values(next_slot_at=line.after(mails, now))
        .execution_options(synchronize_session=False)
    )


def _read(row: Any) -> Line:
    return Line() if row is None else Line(*row)
