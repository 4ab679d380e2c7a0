"""The line of mails: pausing, resuming, keeping to a rate, and who may."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from core.core import Core
from core.dialects import is_sqlite
from core.errors import Invalid, PermissionNeeded, PostError, Problem, Setback
from core.mail.line import Line
from core.mail.outbox import claim, is_any_due
from core.models import MailLine, OutboxMail
from core.reading import mail as reading
from core.roles import Role
from core.services.mail_line import pause, resume, set_rate
from core.services.mailing import Delivery, deliver_due, run_forever
from core.work import Work
from tests.clock import FIRST_MOMENT, MovableClock
from tests.people import House
from tests.posts import ScriptedPost, addresses, invite_all, mails_of
from tests.services import rows

pytestmark = pytest.mark.slow


@pytest.fixture
def post() -> ScriptedPost:
    """Return the mail server of the test's core."""
    return ScriptedPost()


def change(house: House, verb: Callable[..., None], *given: Any) -> None:
    """Run a verb as the admin."""
    with house.core.work(house.admin) as work:
        verb(work, *given)


def line_of(house: House) -> reading.LineRow:
    """Return how the line stands."""
    with house.core.look(house.admin) as look:
        return reading.line(look)


# --- pausing ------------------------------------------------------------------------------------------------------


def test_a_paused_line_sends_nothing_until_it_is_resumed(company: House, post: ScriptedPost) -> None:
    """While the line is paused mails queue up and the reason is told; after resuming they leave."""
    change(company, pause, "the provider moves")
    company.invite("bo@example.com")
    delivery = deliver_due(company.core)
    assert (delivery, delivery.is_line_paused) == (Delivery(paused="the provider moves"), True)
    assert not post.connections
    change(company, resume)
    assert deliver_due(company.core) == Delivery(sent=1)


def test_pausing_stops_a_run_that_is_under_way(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """A run that is sending when somebody pauses ends with the mail in hand and gives back the others."""
    invite_all(company, *addresses(4))
    clock.move(seconds=11)
    post.answers = [None, lambda: change(company, pause, "enough")]
    assert deliver_due(company.core) == Delivery(sent=2, paused="enough")
    assert [(row.state, row.attempts) for row in mails_of(company)][2:] == [("waiting", 0)] * 2


def test_trouble_that_concerns_every_mail_pauses_the_line(company: House, post: ScriptedPost) -> None:
    """When the server refuses the login, the line is paused with its answer, for every sender and to be seen."""
    company.invite("bo@example.com")
    post.closed = [PostError(Setback.PAUSE, "5.7.8 Bad credentials", 535)]
    deliver_due(company.core)
    line = line_of(company)
    assert (line.paused, line.reason) == (True, "The mail server answered: 535 5.7.8 Bad credentials")
    [event] = rows.events(company.core, "mail.paused")
    assert event.actor_label == "system outbox"


def test_the_line_tells_how_it_stands(company: House, clock: MovableClock) -> None:
    """State, reason, rate, counts and the oldest waiting mail can be asked for."""
    untouched = line_of(company)
    assert (untouched.paused, untouched.reason, untouched.per_minute) == (False, "", None)
    assert untouched.oldest_waiting is None
    company.invite("bo@example.com")
    first = clock.now()
    clock.move(minutes=3)
    company.invite("cy@example.com")
    change(company, set_rate, 30)
    line = line_of(company)
    assert (line.per_minute, line.counts["waiting"], line.oldest_waiting) == (30, 2, first)


def test_changes_of_the_line_are_audited_with_old_and_new(company: House) -> None:
    """Each change leaves one event with what was and what is; what is so already leaves none."""
    change(company, resume)
    change(company, set_rate, 60)
    change(company, set_rate, 60)
    change(company, set_rate, None)
    change(company, pause, "a")
    change(company, pause, "b")
    change(company, resume)
    found = [(each.action, each.details) for each in rows.events(company.core) if "mail." in each.action]
    assert found == [
        ("mail.rate_set", {"old": {"per_minute": None}, "new": {"per_minute": 60}}),
        ("mail.rate_set", {"old": {"per_minute": 60}, "new": {"per_minute": None}}),
        ("mail.paused", {"old": {"paused": False, "reason": ""}, "new": {"paused": True, "reason": "a"}}),
        ("mail.paused", {"old": {"paused": True, "reason": "a"}, "new": {"paused": True, "reason": "b"}}),
        ("mail.resumed", {"old": {"paused": True, "reason": "b"}, "new": {"paused": False, "reason": ""}}),
    ]


@pytest.mark.parametrize("per_minute", [0, -1, 100_001])
def test_a_rate_that_cannot_be_meant_is_refused(company: House, per_minute: int) -> None:
    """A rate below one mail or beyond all sense names its field."""
    with pytest.raises(Invalid, match="from 1 to 100,000"):
        change(company, set_rate, per_minute)


# --- the rate -----------------------------------------------------------------------------------------------------


def test_a_rate_spreads_mails_over_the_minute(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """With six mails a minute one leaves each ten seconds, and a run says when the next may."""
    change(company, set_rate, 6)
    invite_all(company, *addresses(8))
    clock.move(seconds=11)
    left = []
    for _ in range(60):
        delivery = deliver_due(company.core)
        left.append(delivery.sent)
        if len(left) == 1:
            assert delivery.next_at == clock.now() + timedelta(seconds=10)
        clock.move(seconds=1)
    assert [second for second, sent in enumerate(left) if sent] == [0, 10, 20, 30, 40, 50]
    assert set(left) == {0, 1}


def test_a_fast_rate_lets_one_seconds_mails_leave_at_once(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """With 600 a minute ten leave at once, ten more a second later, and unused time does not pile up."""
    change(company, set_rate, 600)
    invite_all(company, *addresses(30))
    clock.move(seconds=11)
    assert deliver_due(company.core).sent == 10
    assert deliver_due(company.core).sent == 0
    clock.move(minutes=5)
    assert deliver_due(company.core).sent == 10


def test_two_senders_share_a_rate(company: House, clock: MovableClock) -> None:
    """Two senders at once together send no more than the rate allows."""
    change(company, set_rate, 600)
    invite_all(company, *addresses(40))
    clock.move(seconds=11)
    start, counts = threading.Barrier(2), list[int]()

    def deliver() -> None:
        start.wait(10)
        counts.append(deliver_due(company.core).sent)

    senders = [threading.Thread(target=deliver) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(30)
    assert sum(counts) == 10


@pytest.mark.parametrize("per_minute", [1, 7, 60, 61, 119, 600])
def test_no_minute_holds_more_than_the_rate_and_one_second(per_minute: int) -> None:
    """Whoever asks whenever a slot opens gets, in any minute, the rate and at most one second's mails more."""
    line, now, taken = Line(per_minute=per_minute), FIRST_MOMENT, deque[tuple[datetime, int]]()
    worst = total = 0
    while now < FIRST_MOMENT + timedelta(minutes=3):
        room = line.room(now) or 0
        taken.append((now, room))
        while taken[0][0] <= now - timedelta(minutes=1):
            taken.popleft()
        total += room
        worst = max(worst, sum(each for _, each in taken) if room else 0)
        line = Line(per_minute=per_minute, next_slot_at=line.after(room, now))
        now = line.opens_at(now) or now + timedelta(seconds=0.1)
    assert worst <= per_minute + max(1, per_minute // 60)
    assert total >= 3 * per_minute * 0.95


# --- the loop -----------------------------------------------------------------------------------------------------


def test_the_loop_tells_a_pause_once_and_goes_on_by_itself(company: House, post: ScriptedPost) -> None:
    """The loop reports a paused line once, keeps looking, and delivers when somebody has resumed it."""
    change(company, pause)
    company.invite("bo@example.com")
    stop, told, looks = threading.Event(), list[Delivery | Problem](), list[int]()

    class Counting(threading.Event):
        """Resumes the line at the third look."""

        def wait(self, timeout: float | None = None) -> bool:
            del timeout
            looks.append(len(told))
            if len(looks) == 3:
                change(company, resume)
            return super().wait(0) or len(looks) > 50

        def is_set(self) -> bool:
            return len(post.taken) > 0 or len(looks) > 50

    stop = Counting()
    run_forever(company.core, stop, report=told.append)
    assert told == [Delivery(paused="it was paused by hand."), Delivery(sent=1)]
    assert looks[:3] == [1, 1, 1]


def test_the_loop_waits_for_the_next_slot_on_one_connection(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """With a rate the loop waits as long as the next slot is away, and keeps its connection meanwhile."""
    change(company, set_rate, 60)
    invite_all(company, *addresses(3))
    clock.move(seconds=11)
    waits = list[float]()

    class Moving(threading.Event):
        """Moves the clock instead of waiting."""

        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            clock.move(seconds=timeout or 0.0)
            return False

        def is_set(self) -> bool:
            return len(post.taken) == 3 or len(waits) > 50

    run_forever(company.core, Moving(), poll=30)
    assert (waits[:2], post.connections) == ([1.0, 1.0], 1)


# --- singles first ------------------------------------------------------------------------------------------------


def test_a_single_mail_overtakes_a_bulk_run_under_way(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """An invitation made while a bulk run is being sent leaves long before its batch is through."""
    invite_all(company, *addresses(60))
    clock.move(seconds=11)

    def invite_one() -> None:
        company.invite("bo@example.com")

    post.answers = [None, invite_one]
    assert deliver_due(company.core) == Delivery(sent=61)
    assert post.tried.index("bo@example.com") <= 10
    assert {row.attempts for row in mails_of(company)} == {1}


# --- a hundred thousand -------------------------------------------------------------------------------------------


def _queue(work: Work, mails: int) -> None:
    row = {"kind": "test", "details": {}, "priority": 1, "created_at": work.now, "due_at": work.now}
    work.db.execute(
        insert(OutboxMail), [{**row, "to_address": f"p{number}@example.com"} for number in range(mails)]
    )


def _plan_of_a_claim(core: Core) -> str:
    """Return how the database finds the mails of a claim."""
    told: list[str] = []
    with core.system("outbox") as work:
        connection = work.db.connection()
        explain = "EXPLAIN QUERY PLAN " if is_sqlite(work.db) else "EXPLAIN "
        execute = connection.exec_driver_sql

        def spy(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            if "outbox" in statement and statement.startswith("SELECT"):
                told.append("\n".join(str(row) for row in execute(f"{explain}{statement}", parameters)))

        from sqlalchemy import event  # noqa: PLC0415 - for this spy only

        event.listen(connection, "after_cursor_execute", spy)
        assert is_any_due(work.db, work.now)
        assert len(claim(work.db, work.now, 100)) == 100
        event.remove(connection, "after_cursor_execute", spy)
    assert len(told) == 2
    return "\n".join(told)


@pytest.mark.slow
def test_a_claim_walks_the_index_of_due_mails(company: House) -> None:
    """Among 20,000 mails due at one moment a claim reads the partial index in its order, without sorting."""
    with company.core.system("outbox") as work:
        _queue(work, 20_000)
    with company.core.operator() as work:
        work.db.execute(text("ANALYZE"))
    plan = _plan_of_a_claim(company.core)
    assert plan.count("ix_outbox_due") >= 1
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [pause, resume, set_rate])
def test_only_who_manages_mail_may_change_the_line(company: House, verb: Callable[..., None]) -> None:
    """A Content Manager is refused whatever the verb, and nothing is written."""
    company.register("bo@example.com", Role.CONTENT_MANAGER)
    lesser = rows.open_sign_in(company.core, "bo@example.com")
    with pytest.raises(PermissionNeeded), company.core.work(lesser) as work:
        verb(work, 5) if verb is set_rate else verb(work)
    assert rows.count(company.core, MailLine) == 0
