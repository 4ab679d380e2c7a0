"""Delivering what waits in the outbox, and what a person can do about a mail (section 7 of the security page).

A run claims some mails, commits, sends them over one connection outside any transaction and writes down what became
of each (`sending`). Whether a mail is still wanted is looked up just before it leaves. The line can be paused and
slowed (`mail_line`); trouble that concerns every mail, such as a refused login, pauses it until somebody resumes.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from core.core import Core
from core.errors import Busy, Missing, Problem
from core.mail.outbox import next_due_at
from core.mail.parts import TEST
from core.mail.post import OneConnection
from core.models import AuditEvent, OutboxMail
from core.models.outbox import DROPPED, FAILED, SENT, WAITING
from core.roles import Permission
from core.rules import NO_LIMIT, RETRY_MAIL, refusal_code, refusal_named
from core.selection import picked
from core.services.sending import Run
from core.tally import Tally, Verdict
from core.values import Address
from core.work import Look, Work, new_batch

CLAIMED_AT_ONCE = 100
_HELD_FOR = timedelta(
    seconds=10
)  # how long a connection is kept for the next slot; servers hang up after longer

POLL_SECONDS = 2.0
REST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one run did.

    Attributes:
        sent: taken by the mail server, or written as files.
        failed: given up. retried: put off to a later time. dropped: no longer wanted.
        paused: why the run ended early; None where it came to its end. The mails wait.
        is_line_paused: it goes on when somebody resumes it, not by itself.
        next_at: when the rate lets the next mail leave, where it ended the run.
    """

    sent: int = 0
    failed: int = 0
    retried: int = 0
    dropped: int = 0
    paused: str | None = None
    is_line_paused: bool = field(default=False, compare=False)
    next_at: datetime | None = field(default=None, compare=False)

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
    """Send what is due, single mails before those of bulk runs, until nothing is due or the rate allows no more.

    Args:
        core: its post is opened once, with the first mail.
        limit: how many mails at most.
        stop: asked before each mail; when it says yes, what is not sent yet waits on.
        chance: 0 to 1, spreads retries.

    Raises:
        Busy, DatabaseAway: what is not written down is sent once more, identically. Misconfigured: the sender address.
    """
    with OneConnection(core.ports.post) as post:
        return _deliver(Run(core, post, stop, chance), limit)


def run_forever(
    core: Core,
    stop: threading.Event,
    *,
    poll: float = POLL_SECONDS,
    rest: float = REST_SECONDS,
    report: Callable[[Delivery | Problem], None] = lambda _: None,
) -> None:
    """Deliver until `stop` is set; a database or mail server that is away is waited for, and so is a paused line.

    Args:
        core: the loop opens its own doors.
        stop: wakes the loop at once, in the middle of a run too.
        poll: seconds between two looks; a look that finds nothing takes no write lock.
        rest: seconds to wait after a problem.
        report: told of each run that did something, of each problem, and once of a pause; called from this thread.
    """
    told: Delivery | None = None
    with OneConnection(core.ports.post) as post:
        while not stop.is_set():
            wait = poll
            try:
                delivery = _deliver(Run(core, post, stop.is_set, random.random), None)
            except Problem as problem:
                post.close()
                report(problem)
                wait = poll if type(problem) is Busy else rest
            else:
                if not delivery.is_empty and delivery != told:
                    report(delivery)
                told = delivery if delivery.is_line_paused else None
                if delivery.paused is not None and not delivery.is_line_paused:
                    wait = rest
                wait = min(wait, _wait_for_slot(core, post, delivery))
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


def _deliver(run: Run, limit: int | None) -> Delivery:
    left = NO_LIMIT if limit is None else limit
    while left > 0 and run.paused is None and not run.stop():
        claimed = run.claim(min(left, CLAIMED_AT_ONCE))
        if not claimed:
            break
        left -= run.send(claimed)
    counts = run.counts
    return Delivery(
        counts[SENT],
        counts[FAILED],
        counts[WAITING],
        counts[DROPPED],
        run.paused,
        is_line_paused=run.is_line_paused,
        next_at=run.next_at,
    )


def _wait_for_slot(core: Core, post: OneConnection, delivery: Delivery) -> float:
    """Return the seconds until the next slot; hang up unless it is near."""
    if delivery.next_at is None:
        post.close()
        return threading.TIMEOUT_MAX
    away = delivery.next_at - core.ports.clock.now()
    if away > _HELD_FOR:
        post.close()
    return max(0.0, away.total_seconds())


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
