"""Delivering what waits in the outbox, and what a person can do about a mail (section 7 of the security page).

A run claims some mails, commits, sends them over one connection outside any transaction and writes down what became
of each. Whether a mail is still wanted is looked up just before it leaves.
"""

from __future__ import annotations

import random
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from core.core import Core
from core.errors import Busy, DatabaseAway, InvitationClosed, Missing, PostError, Problem, Setback
from core.mail.letters import INVITATION, TEST, Mail
from core.mail.outbox import (
    SLOWEST_MAIL,
    Claim,
    InvitationToMail,
    Outcome,
    claim,
    invitation_of,
    is_any_due,
    next_due_at,
    next_try,
    record,
)
from core.mail.post import OneConnection
from core.mail.rendering import Writer, letterhead_of
from core.models import AuditEvent, Company, OutboxMail
from core.models.outbox import DROPPED, FAILED, SENT, WAITING
from core.roles import Permission
from core.rules import NO_LIMIT, RETRY_MAIL, refusal_code, refusal_named
from core.selection import picked
from core.tally import Tally, Verdict
from core.values import Address
from core.work import Look, Work, new_batch

CLAIMED_AT_ONCE = 100
_RECORDED_AT_ONCE = 25
_RECORDED_WITHIN = timedelta(seconds=1)
_RECORD_TRIES = (
    12  # SQLite waits five seconds for another writer each time; an import can hold it for half a minute
)
_BREAKS_IN_A_ROW = 3

POLL_SECONDS = 2.0
REST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one run did.

    Attributes:
        sent: taken by the mail server, or written as files.
        failed: given up. retried: put off to a later time. dropped: no longer wanted.
        paused: why the run ended early; None where it came to its end. The mails wait.
    """

    sent: int = 0
    failed: int = 0
    retried: int = 0
    dropped: int = 0
    paused: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to do and nothing to tell."""
        return self == Delivery()


def deliver_due(
    core: Core,
    *,
    limit: int | None = None,
    stop: Callable[[], bool] = lambda: False,
    chance: Callable[[], float] = random.random,
) -> Delivery:
    """Send what is due, single mails before those of bulk runs, until nothing is due any more.

    Args:
        core: its post is opened once, with the first mail.
        limit: how many mails at most.
        stop: asked before each mail; when it says yes, what is not sent yet waits on.
        chance: 0 to 1, spreads retries.

    Raises:
        Busy, DatabaseAway: what is not written down is sent once more, identically. Misconfigured: the sender address.
    """
    left = NO_LIMIT if limit is None else limit
    with OneConnection(core.ports.post) as post:
        run = _Run(core, post, stop, chance)
        while left > 0 and run.paused is None and not stop():
            claimed = run.claim(min(left, CLAIMED_AT_ONCE))
            if not claimed:
                break
            run.send(claimed)
            left -= len(claimed)
    counts = run.counts
    return Delivery(counts[SENT], counts[FAILED], counts[WAITING], counts[DROPPED], run.paused)


def run_forever(
    core: Core,
    stop: threading.Event,
    *,
    poll: float = POLL_SECONDS,
    rest: float = REST_SECONDS,
    report: Callable[[Delivery | Problem], None] = lambda _: None,
) -> None:
    """Deliver until `stop` is set; a database or mail server that is away is waited for.

    Args:
        core: the loop opens its own doors.
        stop: wakes the loop at once, in the middle of a run too.
        poll: seconds between two looks; a look that finds nothing takes no write lock.
        rest: seconds to wait after a problem.
        report: told of each run that did something and of each problem; called from this thread.
    """
    while not stop.is_set():
        wait = poll
        try:
            delivery = deliver_due(core, stop=stop.is_set)
        except Problem as problem:
            report(problem)
            wait = poll if type(problem) is Busy else rest
        else:
            if not delivery.is_empty:
                report(delivery)
            if delivery.paused is not None:
                wait = rest
        stop.wait(wait)


def next_due(look: Look) -> datetime | None:
    """Return when the next mail is due, which may be past, or None where none waits."""
    look.require(Permission.MANAGE_MAIL)
    return next_due_at(look.db)


def retry(work: Work, mail_ids: Iterable[int]) -> Tally:
    """Send failed or waiting mails now; their attempts are counted anew.

    Raises:
        Missing: an id that does not exist.
    """
    work.require(Permission.MANAGE_MAIL)
    wanted = sorted(set(mail_ids))
    with picked(work.db, wanted) as chosen:
        found = work.db.execute(
            select(
                OutboxMail.id,
                OutboxMail.to_address,
                OutboxMail.state,
                refusal_code(RETRY_MAIL, work.actor, OutboxMail).label("code"),
            )
            .join(chosen, chosen.c.id == OutboxMail.id)
            .order_by(OutboxMail.id)
            .with_for_update(of=OutboxMail)
        ).all()
    missing = set(wanted) - {row.id for row in found}
    if missing:
        raise Missing("mail", str(min(missing)))
    allowed = [row for row in found if not row.code]
    batch = new_batch() if len(allowed) > 1 else None
    if allowed:
        with picked(work.db, (row.id for row in allowed)) as chosen:
            work.db.execute(
                update(OutboxMail)
                .where(OutboxMail.id.in_(select(chosen.c.id)))
                .values(state=WAITING, due_at=work.now, attempts=0)
                .execution_options(synchronize_session=False)
            )
        work.db.execute(insert(AuditEvent), [_retried(work, row, batch) for row in allowed])
    verdicts = tuple(
        Verdict.of(refusal_named(RETRY_MAIL, row.code, work.actor, row), row.to_address, id=row.id)
        for row in found
        if row.code
    )
    return Tally(len(allowed), verdicts, batch=batch)


def queue_test(work: Work, address: str) -> int:
    """Queue a mail that says that mails arrive, and return its id.

    Raises:
        InvalidAddress: it is none.
    """
    work.require(Permission.MANAGE_MAIL)
    parsed = Address.parse(address)
    mail = OutboxMail(kind=TEST, to_address=parsed.typed, details={}, created_at=work.now, due_at=work.now)
    work.db.add(mail)
    work.db.flush()
    work.record("mail.test_queued", "mail", mail.id, parsed.typed)
    return mail.id


# --- inside -----------------------------------------------------------------------------------------------------


def _retried(work: Work, row: Any, batch: str | None) -> dict[str, Any]:
    return {
        "at": work.now,
        "action": "mail.retried",
        "actor_id": work.actor.user_id or None,
        "actor_label": work.actor.label,
        "subject_kind": "mail",
        "subject_id": row.id,
        "subject_label": row.to_address,
        "details": {"old": row.state, "new": WAITING},
        "batch": batch,
    }


@dataclass(slots=True)
class _Run:
    """One run: what it needs, what it has counted, and why it stopped."""

    core: Core
    post: OneConnection
    stop: Callable[[], bool]
    chance: Callable[[], float]
    counts: Counter[str] = field(default_factory=Counter)
    paused: str | None = None
    _writer: Writer | None = None
    _breaks: int = 0
    _is_away: bool = False

    def claim(self, most: int) -> list[Claim]:
        """Claim due mails; looks first, so that an idle sender never takes the write lock."""
        with self.core.glance() as visit:
            company = visit.db.execute(select(Company.name, Company.email, Company.color)).one_or_none()
            if company is None or not is_any_due(visit.db, visit.now):
                return []
        if self._writer is None:
            self._writer = Writer(
                letterhead_of(
                    self.core.settings, company=company.name, helpdesk=company.email, color=company.color
                )
            )
        with self.core.system("outbox") as work:
            return claim(work.db, work.now, most)

    def send(self, claims: Sequence[Claim]) -> None:
        """Send claimed mails and write down what became of each, a few at a time.

        The mail in hand when a signal or a bug ends the run stays claimed: nobody knows whether the server has it, and
        its lease brings it back.
        """
        waiting, done = deque(claims), list[Outcome]()
        recorded_at = self._now()
        try:
            while waiting and self.paused is None and not self.stop() and self._has_time_for(waiting[0]):
                done.append(self._outcome_of(waiting.popleft()))
                if len(done) >= _RECORDED_AT_ONCE or self._now() - recorded_at >= _RECORDED_WITHIN:
                    self._record(done)
                    done, recorded_at = [], self._now()
            if self._is_away:
                done += [self._later(waiting.popleft(), self.paused or "") for _ in range(len(waiting))]
        finally:
            self._record([*done, *(Outcome.back(each, self.paused or "") for each in waiting)])

    def _now(self) -> datetime:
        return self.core.ports.clock.now()

    def _has_time_for(self, claimed: Claim) -> bool:
        return self._now() < claimed.leased_until - SLOWEST_MAIL

    def _outcome_of(self, claimed: Claim) -> Outcome:
        try:
            outcome = self._hand_over(claimed)
        except PostError as error:
            outcome = self._after(error, claimed)
        else:
            self._breaks = 0
        return outcome

    def _hand_over(self, claimed: Claim) -> Outcome:
        if self._writer is None:
            raise RuntimeError("nothing was claimed")
        link, expires_at = None, None
        if claimed.kind == INVITATION:
            found = self._invitation_of(claimed)
            if not found.live:
                return Outcome.dropped(claimed, InvitationClosed(found.address, found.state).message)
            link, expires_at = self.core.ports.links.link_for(found.public_id), found.expires_at
        mail = Mail(
            claimed.id, claimed.kind, claimed.to, claimed.language, claimed.created_at, link, expires_at
        )
        self.post.send(self._writer.write(mail, now=self._now()))
        return Outcome.sent(claimed, self._now())

    def _after(self, error: PostError, claimed: Claim) -> Outcome:
        """Return what becomes of a mail that was not taken; note whether the run has to end."""
        self._breaks = self._breaks + 1 if error.setback is Setback.RECONNECT else 0
        if error.setback is Setback.REFUSED:
            return Outcome.failed(claimed, error.message)
        if error.setback is Setback.PAUSE:
            self.paused = error.message
            return Outcome.back(claimed, error.message)
        if error.setback is Setback.AWAY or self._breaks >= _BREAKS_IN_A_ROW:
            self.paused, self._is_away = error.message, True
        return self._later(claimed, error.message)

    def _later(self, claimed: Claim, answer: str) -> Outcome:
        ends = self._invitation_of(claimed).expires_at if claimed.kind == INVITATION else None
        due_at = next_try(self._now(), claimed.attempts, ends=ends, chance=self.chance())
        return Outcome.later(claimed, answer, due_at)

    def _invitation_of(self, claimed: Claim) -> InvitationToMail:
        with self.core.glance() as visit:
            return invitation_of(visit.db, claimed.invitation_id, visit.now)

    def _record(self, outcomes: Sequence[Outcome]) -> None:
        """Write down outcomes; worth some waiting, since what is not written down is sent once more."""
        if not outcomes:
            return
        for tries_left in reversed(range(_RECORD_TRIES)):
            try:
                with self.core.system("outbox") as work:
                    record(work.db, outcomes)
                break
            except Busy as problem:
                if not tries_left or isinstance(problem, DatabaseAway):
                    raise
        self.counts.update(each.state for each in outcomes if not each.gave_back)
