"""One run of a sender: claiming mails, handing them over, writing down what became of them; no verb, `mailing` runs it.

Between two mails, or every two milliseconds, it asks the database whether anybody has committed anything; only then it
looks whether the next mails are still wanted, whether the line was paused and whether a single mail wants to go first.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from itertools import islice

from sqlalchemy import select

from core.core import Core
from core.errors import Busy, DatabaseAway, InvitationClosed, PostError, Problem, Setback
from core.mail.about import LOOKED_UP, About, about
from core.mail.line import Line, held_line, line_of, take_slots
from core.mail.outbox import (
    SLOWEST_MAIL,
    Claim,
    InvitationToMail,
    Outcome,
    claim,
    invitations_of,
    is_any_due,
    next_try,
    record,
)
from core.mail.parts import INVITATION, Mail, Warned
from core.mail.plain import one_line
from core.mail.post import OneConnection
from core.mail.rendering import Writer, letterhead_of
from core.models import Company
from core.models.outbox import SINGLE
from core.services.mail_line import REASON_MOST, pause
from core.work import Visit

_LOOKED_UP_AT_ONCE = 100
_ASKED_EVERY = 0.002  # seconds; asking costs a tenth of a quick server's mail
_RECORDED_AT_ONCE = 100
_RECORDED_WITHIN = timedelta(seconds=1)
_RECORD_TRIES = (
    12  # SQLite waits five seconds for another writer each time; an import can hold it for half a minute
)
_BREAKS_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail as it is to be sent, until its link expires."""

    claim: Claim
    expires_at: datetime | None
    message: EmailMessage

    def is_for(self, claim: Claim, now: datetime) -> bool:
        """Tell whether it is what `claim` asks for, still good at `now`."""
        return self.claim is claim and (self.expires_at is None or now < self.expires_at)


@dataclass(slots=True)
class Run:
    """One run: what it needs, what it has counted, and why it stopped.

    Attributes:
        paused: why the run ended before its mails did. is_line_paused: until a person resumes it; else for a while.
        next_at: when the rate lets the next mail leave.
    """

    core: Core
    post: OneConnection
    stop: Callable[[], bool]
    chance: Callable[[], float]
    counts: Counter[str] = field(default_factory=Counter)
    paused: str | None = None
    is_line_paused: bool = False
    next_at: datetime | None = None
    _writer: Writer | None = None
    _line: Line = field(default_factory=Line)
    _waiting: deque[Claim] = field(default_factory=deque)
    _invitations: dict[int, InvitationToMail] = field(default_factory=dict)
    _abouts: dict[int, About] = field(default_factory=dict)
    _ahead: _Letter | None = None
    _token: object = None
    _ask_at: float = 0.0
    _breaks: int = 0
    _is_away: bool = False

    def claim(self, most: int) -> list[Claim]:
        """Claim due mails; looks first, so that an idle, a paused or a slowed sender never takes the write lock."""
        if self._writer is None:
            self._look_around()
        if self._writer is None:
            return []
        with self.core.system("outbox") as work:
            line = held_line(work.db)
            if not self._moves(line):
                return []
            room = line.room(work.now)
            claimed = claim(work.db, work.now, most if room is None else min(most, room))
            take_slots(work.db, line, len(claimed), work.now)
        return claimed

    def send(self, claims: Sequence[Claim]) -> int:
        """Send claimed mails, write down what became of each, and return how many were tried.

        What is not sent is given back. The mail in hand when a signal or a bug ends the run stays claimed: nobody knows
        whether the server has it, and its lease brings it back.
        """
        self._waiting, done = deque(claims), list[Outcome]()
        recorded_at = self._now()
        try:
            while self._waiting and self._goes_on(self._waiting[0]):
                done.append(self._outcome_of(self._waiting.popleft()))
                if len(done) >= _RECORDED_AT_ONCE or self._now() - recorded_at >= _RECORDED_WITHIN:
                    self._record(done)
                    done, recorded_at = [], self._now()
            if self._is_away:
                done += [self._later(claimed, self.paused or "") for claimed in self._waiting]
                self._waiting.clear()
        finally:
            self._record([*done, *(Outcome.back(each, self.paused or "") for each in self._waiting)])
        return len(claims) - len(self._waiting)

    # --- whether to go on -----------------------------------------------------------------------------------------

    def _look_around(self) -> None:
        """Prepare to write mails, if there is any to send."""
        with self.core.glance() as visit:
            company = visit.db.execute(
                select(Company.name, Company.email, Company.color, Company.language)
            ).one_or_none()
            if company is None or not is_any_due(visit.db, visit.now) or not self._moves(line_of(visit.db)):
                return
        self._writer = Writer(
            letterhead_of(
                self.core.settings,
                company=company.name,
                helpdesk=company.email,
                color=company.color,
                language=company.language,
            )
        )

    def _moves(self, line: Line) -> bool:
        """Tell whether the line lets a mail leave now; note why not."""
        self._line = line
        if line.paused:
            self.paused, self.is_line_paused = line.why_paused, True
            return False
        self.next_at = line.opens_at(self._now())
        return self.next_at is None

    def _goes_on(self, upcoming: Claim) -> bool:
        if self.paused is not None or self.stop():
            return False
        has_time = self._now() < upcoming.leased_until - SLOWEST_MAIL
        return has_time and self._nothing_comes_first(upcoming)

    def _nothing_comes_first(self, upcoming: Claim) -> bool:
        """Tell whether `upcoming` is still the next mail to leave, after a look where anything was committed."""
        if time.monotonic() < self._ask_at:
            return True
        token = self.core.change_token()
        self._ask_at = time.monotonic() + _ASKED_EVERY
        if token == self._token:
            return True
        self._token = token
        self._invitations.clear()
        self._abouts.clear()
        self._ahead = None
        with self.core.glance() as visit:
            if line_of(visit.db).order != self._line.order:
                return False
            if upcoming.priority != SINGLE and is_any_due(visit.db, visit.now, single=True):
                return False
            self._look_up(visit, self._waiting)
        return True

    # --- one mail -------------------------------------------------------------------------------------------------

    def _outcome_of(self, claimed: Claim) -> Outcome:
        try:
            outcome = self._hand_over(claimed)
        except PostError as error:
            outcome = self._after(error, claimed)
        else:
            self._breaks = 0
        return outcome

    def _hand_over(self, claimed: Claim) -> Outcome:
        ahead, self._ahead = self._ahead, None
        is_good = ahead is not None and ahead.is_for(claimed, self._now())
        letter = ahead if ahead is not None and is_good else self._letter_for(claimed)
        if isinstance(letter, str):
            return Outcome.dropped(claimed, letter)
        self.post.send(letter.message, self._write_ahead)
        return Outcome.sent(claimed, self._now())

    def _write_ahead(self) -> None:
        """Write the next mail while the server reads this one; whatever is in the way shows when its turn comes."""
        if self._waiting:
            with suppress(Problem):
                letter = self._letter_for(self._waiting[0])
                self._ahead = None if isinstance(letter, str) else letter

    def _letter_for(self, claimed: Claim) -> _Letter | str:
        """Return the mail as it is to be sent, or why nobody needs it any more."""
        if self._writer is None:
            raise RuntimeError("nothing was claimed")
        mail = self._mail_of(claimed)
        if isinstance(mail, str):
            return mail
        return _Letter(claimed, mail.expires_at, self._writer.write(mail, now=self._now()))

    def _mail_of(self, claimed: Claim) -> Mail | str:
        """Return the mail with what it is about as it is now, or why nobody needs it any more."""
        one = partial(Mail, claimed.id, claimed.kind, claimed.to, claimed.language, claimed.created_at)
        if claimed.kind == INVITATION:
            found = self._invitation_of(claimed)
            if not found.live:
                return InvitationClosed(found.address, found.state).message
            return one(self.core.ports.links.link_for(found.public_id), found.expires_at)
        if claimed.kind not in LOOKED_UP:
            return one()
        facts = self._about(claimed)
        if isinstance(facts, str):
            return facts
        return one(warned=facts) if isinstance(facts, Warned) else one(opened=facts)

    def _after(self, error: PostError, claimed: Claim) -> Outcome:
        """Return what becomes of a mail that was not taken; note whether the run has to end."""
        self._breaks = self._breaks + 1 if error.setback is Setback.RECONNECT else 0
        if error.setback is Setback.REFUSED:
            return Outcome.failed(claimed, error.message)
        if error.setback is Setback.PAUSE:
            self.paused, self.is_line_paused = error.message, True
            return Outcome.back(claimed, error.message)
        if error.setback is Setback.AWAY or self._breaks >= _BREAKS_IN_A_ROW:
            self.paused, self._is_away = error.message, True
        return self._later(claimed, error.message)

    def _later(self, claimed: Claim, answer: str) -> Outcome:
        ends = self._invitation_of(claimed).expires_at if claimed.kind == INVITATION else None
        due_at = next_try(self._now(), claimed.attempts, ends=ends, chance=self.chance())
        return Outcome.later(claimed, answer, due_at)

    def _invitation_of(self, claimed: Claim) -> InvitationToMail:
        """Return the invitation as it is; looked up with those of the next mails, anew once one of them has expired."""
        wanted = claimed.invitation_id or 0
        found = self._invitations.get(wanted)
        if found is None or (found.live and found.expires_at <= self._now()):
            with self.core.glance() as visit:
                self._look_up(visit, (claimed, *self._waiting))
            found = self._invitations[wanted]
        return found

    def _about(self, claimed: Claim) -> About:
        """Return what a mail is about; looked up with the next mails."""
        if claimed.id not in self._abouts:
            with self.core.glance() as visit:
                self._look_up(visit, (claimed, *self._waiting))
        return self._abouts[claimed.id]

    def _look_up(self, visit: Visit, claims: Iterable[Claim]) -> None:
        """Note what the first of these mails are about, as it is now."""
        soon = list(islice(claims, _LOOKED_UP_AT_ONCE))
        self._abouts |= about(visit.db, soon, visit.now)
        ids = {each.invitation_id or 0 for each in soon if each.kind == INVITATION}
        if ids:
            self._invitations |= invitations_of(visit.db, ids, visit.now)

    # --- what is written down -------------------------------------------------------------------------------------

    def _now(self) -> datetime:
        return self.core.ports.clock.now()

    def _record(self, outcomes: Sequence[Outcome]) -> None:
        """Write down outcomes; worth some waiting, since what is not written down is sent once more."""
        if not outcomes:
            return
        for tries_left in reversed(range(_RECORD_TRIES)):
            try:
                with self.core.system("outbox") as work:
                    record(work.db, outcomes)
                    if self.is_line_paused and not line_of(work.db).paused:
                        pause(work, one_line(self.paused or "")[:REASON_MOST])
                break
            except Busy as problem:
                if not tries_left or isinstance(problem, DatabaseAway):
                    raise
        self.counts.update(each.state for each in outcomes if not each.gave_back)
