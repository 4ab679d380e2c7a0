"""Delivering mails: what is sent, what waits, what is dropped, and that no crash loses or invents one."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import MetaData, create_engine, select, text

from core.core import Core
from core.errors import DatabaseAway, InvalidAddress, Missing, PostError, Problem, Setback
from core.mail.outbox import LEASE, Claim, Outcome, claim, record
from core.models.search import SEARCH, SEARCH_TERMS
from core.reading import mail as reading
from core.services.inviting import Offer, invite, withdraw
from core.services.mail_line import resume
from core.services.mailing import Delivery, deliver_due, next_due, queue_test, retry, run_forever
from tests.clock import MovableClock
from tests.databases import Database, sqlite_only
from tests.people import House
from tests.posts import Killed, ScriptedPost, addresses, invite_all, link_in, mails_of

pytestmark = pytest.mark.slow


@pytest.fixture
def post() -> ScriptedPost:
    """Return the mail server of the test's core."""
    return ScriptedPost()


# --- what is sent, and when ---------------------------------------------------------------------------------------


def test_an_invitation_is_mailed_with_its_link(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """A queued invitation goes to its address once, with the link that opens it."""
    one = company.invite("Bo@Example.com")
    assert deliver_due(company.core) == Delivery(sent=1)
    assert deliver_due(company.core) == Delivery()
    [message] = post.taken
    assert message["To"] == "Bo@example.com"
    assert link_in(message) == company.link_of(one)
    [row] = mails_of(company)
    assert (row.state, row.attempts, row.sent_at, row.last_error) == ("sent", 1, clock.now(), "")


def test_mails_of_a_bulk_run_wait_a_moment(company: House, post: ScriptedPost, clock: MovableClock) -> None:
    """Mails of a bulk run are held for some seconds, so that undo beats the send."""
    invite_all(company, *addresses(2))
    assert deliver_due(company.core) == Delivery()
    clock.move(seconds=11)
    assert deliver_due(company.core) == Delivery(sent=2)
    assert post.connections == 1


def test_single_mails_go_before_those_of_a_bulk_run(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """A single invitation overtakes a bulk run that was queued before it."""
    invite_all(company, *addresses(3))
    clock.move(seconds=11)
    company.invite("bo@example.com")
    deliver_due(company.core)
    assert post.tried == ["bo@example.com", *addresses(3)]


def test_a_limit_ends_the_run(company: House, post: ScriptedPost, clock: MovableClock) -> None:
    """No more mails than the limit leave; the others wait."""
    invite_all(company, *addresses(5))
    clock.move(seconds=11)
    assert deliver_due(company.core, limit=2) == Delivery(sent=2)
    assert [row.state for row in mails_of(company)] == ["sent", "sent", "waiting", "waiting", "waiting"]


def test_more_mails_than_one_claim_holds_all_leave(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """A run goes on claiming until nothing is due, over the same connection."""
    invite_all(company, *addresses(230))
    clock.move(seconds=11)
    assert deliver_due(company.core) == Delivery(sent=230)
    assert (post.tried, post.connections) == (addresses(230), 1)


def test_stopping_leaves_the_rest_waiting(company: House, post: ScriptedPost, clock: MovableClock) -> None:
    """A run that is told to stop sends nothing more and gives back what it had claimed."""
    invite_all(company, *addresses(3))
    clock.move(seconds=11)
    assert deliver_due(company.core, stop=lambda: bool(post.taken)) == Delivery(sent=1)
    assert [(row.state, row.attempts) for row in mails_of(company)] == [
        ("sent", 1),
        ("waiting", 0),
        ("waiting", 0),
    ]


def test_registering_is_confirmed_without_a_token(company: House, post: ScriptedPost) -> None:
    """After registering the person gets a notice that holds no link of an invitation."""
    company.register("bo@example.com")
    assert deliver_due(company.core) == Delivery(sent=1, dropped=1)
    [message] = post.taken
    assert message["Subject"] == "Your account on the learning platform of Engine Works is ready"
    assert "/i/" not in message.as_string()


def test_when_the_next_mail_is_due(company: House, clock: MovableClock) -> None:
    """The time of the next mail is that of the earliest waiting one, or the end of a lease."""
    with company.core.look(company.admin) as look:
        assert next_due(look) is None
    invite_all(company, *addresses(2))
    with company.core.look(company.admin) as look:
        assert next_due(look) == clock.now() + timedelta(seconds=10)
    clock.move(seconds=11)
    _claim(company.core)
    with company.core.look(company.admin) as look:
        assert next_due(look) == clock.now() + LEASE


# --- crashes ------------------------------------------------------------------------------------------------------


def _claim(core: Core, most: int = 100) -> list[Claim]:
    """Claim mails as a sender does, and do nothing with them."""
    with core.system("outbox") as work:
        return claim(work.db, work.now, most)


def test_a_sender_killed_after_handing_over_sends_the_identical_mail_again(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """When nobody could write down that a mail was taken, it goes out once more, alike but for its date."""
    company.invite("bo@example.com")
    post.answers = [Killed()]
    with pytest.raises(Killed):
        deliver_due(company.core)
    assert [row.state for row in mails_of(company)] == ["sending"]
    assert deliver_due(company.core) == Delivery()
    clock.move(minutes=10)
    assert deliver_due(company.core) == Delivery(sent=1)
    first, second = (message.as_string() for message in post.taken)
    assert post.taken[0]["Message-ID"] == post.taken[1]["Message-ID"]
    assert link_in(post.taken[0]) == link_in(post.taken[1])
    assert re.sub("Date: .*", "", first) == re.sub("Date: .*", "", second)


def test_a_killed_sender_writes_down_what_it_knows(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """Of a run that is cut off the mails before are sent, the one in hand is claimed, those behind wait."""
    invite_all(company, *addresses(3))
    clock.move(seconds=11)
    post.answers = [None, Killed()]
    with pytest.raises(Killed):
        deliver_due(company.core)
    assert [row.state for row in mails_of(company)] == ["sent", "sending", "waiting"]


def test_a_claim_keeps_others_away_until_its_lease_ends(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """An abandoned claim holds its mail for ten minutes and not a moment longer."""
    company.invite("bo@example.com")
    _claim(company.core)
    clock.move(minutes=9, seconds=59)
    assert deliver_due(company.core) == Delivery()
    clock.move(seconds=1)
    assert deliver_due(company.core) == Delivery(sent=1)


def test_a_claim_that_was_taken_over_writes_nothing_down(company: House, clock: MovableClock) -> None:
    """The outcome of a sender that was too slow does not overwrite that of the one that took over."""
    company.invite("bo@example.com")
    [slow] = _claim(company.core)
    clock.move(minutes=10)
    [quick] = _claim(company.core)
    with company.core.system("outbox") as work:
        record(work.db, [Outcome.failed(slow, "too slow")])
    assert mails_of(company)[0].state == "sending"
    with company.core.system("outbox") as work:
        record(work.db, [Outcome.back(quick)])
    [again] = _claim(company.core)
    assert again.attempts == quick.attempts
    with company.core.system("outbox") as work:
        record(work.db, [Outcome.failed(slow, "too slow"), Outcome.failed(quick, "too slow as well")][:1])
        record(work.db, [Outcome.sent(again, work.now)])
    assert [(row.state, row.last_error) for row in mails_of(company)] == [("sent", "")]


def test_two_senders_share_the_work(company: House, post: ScriptedPost, clock: MovableClock) -> None:
    """Two senders at once send every mail exactly once."""
    invite_all(company, *addresses(60))
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
    assert sum(counts) == 60
    assert sorted(post.tried) == sorted(addresses(60))


# --- no longer wanted ---------------------------------------------------------------------------------------------


def test_an_invitation_withdrawn_in_the_last_moment_is_not_mailed(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """A mail that is claimed already is dropped when its invitation is withdrawn before it leaves."""
    company.invite("first@example.com")
    second = company.invite("second@example.com")

    def take_back() -> None:
        with company.core.work(company.admin) as work:
            withdraw(work, [second])

    post.answers = [take_back]
    assert deliver_due(company.core) == Delivery(sent=1, dropped=1)
    assert post.tried == ["first@example.com"]
    assert "withdrawn" in mails_of(company)[1].last_error


def test_a_replaced_invitation_is_not_mailed(company: House, post: ScriptedPost) -> None:
    """Of two invitations of one address only the newer one's link is mailed."""
    company.invite("bo@example.com")
    newer = company.invite("bo@example.com")
    deliver_due(company.core)
    assert [link_in(message) for message in post.taken] == [company.link_of(newer)]


def test_an_expired_invitation_is_not_mailed(company: House, post: ScriptedPost, clock: MovableClock) -> None:
    """A mail whose link has died while it waited is dropped, and says so."""
    company.invite("bo@example.com", days=1)
    clock.move(days=1)
    assert deliver_due(company.core) == Delivery(dropped=1)
    assert not post.tried
    assert "expired" in mails_of(company)[0].last_error


# --- by hand ------------------------------------------------------------------------------------------------------


def test_a_failed_mail_can_be_tried_again(company: House, post: ScriptedPost) -> None:
    """Retrying makes a failed mail due at once, counts its attempts anew and is written to the audit trail."""
    company.invite("bo@example.com")
    post.answers = [PostError(Setback.REFUSED, "5.2.2 Mailbox full", 552)]
    deliver_due(company.core)
    [row] = mails_of(company)
    with company.core.work(company.admin) as work:
        assert retry(work, [row.id]).done == 1
    assert [(mail.state, mail.attempts) for mail in mails_of(company)] == [("waiting", 0)]
    assert deliver_due(company.core) == Delivery(sent=1)
    with company.core.operator() as work:
        details = work.db.execute(text("SELECT actor_label FROM audit_events WHERE action = 'mail.retried'"))
        assert details.scalars().all() == [company.admin_address]


def test_a_mail_that_was_sent_is_not_sent_again_by_hand(company: House, clock: MovableClock) -> None:
    """Retrying tells of each mail that is sent already, and does the others."""
    company.invite("first@example.com")
    deliver_due(company.core)
    invite_all(company, *addresses(2))
    sent, *waiting = (row.id for row in mails_of(company))
    with company.core.work(company.admin) as work:
        tally = retry(work, [sent, *waiting])
    assert (tally.done, tally.failed) == (2, {"mail_not_waiting": 1})
    assert [verdict.id for verdict in tally.verdicts] == [sent]
    assert deliver_due(company.core) == Delivery(sent=2)


def test_retrying_a_mail_that_does_not_exist_changes_nothing(company: House) -> None:
    """One unknown id refuses the whole run."""
    with pytest.raises(Missing, match="There is no mail 99"), company.core.work(company.admin) as work:
        retry(work, [99])


def test_a_test_mail_arrives(company: House, post: ScriptedPost) -> None:
    """A queued test goes to its address and names the company."""
    with company.core.work(company.admin) as work:
        queue_test(work, " help@example.com ")
    assert deliver_due(company.core) == Delivery(sent=1)
    [message] = post.taken
    assert (message["To"], message["Subject"]) == (
        "help@example.com",
        "Test mail of the learning platform of Engine Works",
    )
    with pytest.raises(InvalidAddress), company.core.work(company.admin) as work:
        queue_test(work, "nobody")


def test_lists_of_mails_come_in_pages(company: House, clock: MovableClock) -> None:
    """Mails are listed newest first, a page at a time, by state, and counted by state."""
    company.invite("bo@example.com")
    deliver_due(company.core)
    invite_all(company, *addresses(5))
    with company.core.look(company.admin) as look:
        page = reading.newest(look, limit=4)
        rest = reading.newest(look, limit=4, before_id=page[-1].id)
        sent = reading.newest(look, states=["sent"])
        counts = reading.counts(look)
    assert [row.to for row in (*page, *rest)] == [*addresses(5)[::-1], "bo@example.com"]
    assert sent == rest[-1:]
    assert counts == {"waiting": 5, "sending": 0, "sent": 1, "failed": 0, "dropped": 0}


# --- secrets ------------------------------------------------------------------------------------------------------


def test_no_table_holds_a_token(company: House, post: ScriptedPost, database: Database) -> None:
    """After mails were sent, refused and dropped, no table holds a token, whole or in part."""
    ids = [company.invite(address) for address in addresses(3)]
    post.answers = [
        None,
        PostError(Setback.REFUSED, "5.7.1 Spam", 554),
        PostError(Setback.RETRY, "4.7.1 Greylisted", 450),
    ]
    assert deliver_due(company.core) == Delivery(sent=1, failed=1, retried=1)
    tokens = [company.token_of(each) for each in ids]
    engine, tables = create_engine(database.url.reveal()), MetaData()
    # The search index cannot be read as a table; the tables that SQLite keeps it in can.
    tables.reflect(engine, only=lambda name, _: name not in {SEARCH, SEARCH_TERMS})
    with engine.connect() as connection:
        rows = [row for table in tables.sorted_tables for row in connection.execute(select(table))]
    dump = [str(value) for row in rows for value in row]
    engine.dispose()
    assert "p0@example.com" in dump
    assert not [value for value in dump for token in tokens if token in value or token[23:] in value]


# --- the loop -----------------------------------------------------------------------------------------------------


def test_the_loop_delivers_until_it_is_stopped(company: House, post: ScriptedPost) -> None:
    """The loop outlives a pause that is resumed and a database that is away, tells of both, and ends when stopped."""
    company.invite("first@example.com")
    company.invite("second@example.com")
    post.closed = [PostError(Setback.PAUSE, "5.7.8 Bad credentials", 535)]
    post.answers = [None, DatabaseAway("it restarts")]
    stop, told = threading.Event(), list[Delivery | Problem]()

    def report(news: Delivery | Problem) -> None:
        told.append(news)
        if isinstance(news, Problem):
            stop.set()
        else:
            with company.core.operator() as work:
                resume(work)

    loop = threading.Thread(
        target=run_forever,
        args=(company.core, stop),
        kwargs={"poll": 0, "rest": 0, "report": report},
        daemon=True,
    )
    loop.start()
    loop.join(20)
    assert not loop.is_alive()
    paused, away = told
    assert isinstance(paused, Delivery)
    assert paused.paused == "The mail server answered: 535 5.7.8 Bad credentials"
    assert isinstance(away, DatabaseAway)
    assert [row.state for row in mails_of(company)] == ["sent", "sending"]


@sqlite_only
def test_an_idle_sender_takes_no_write_lock(company: House, database: Database) -> None:
    """Looking for due mails works while another process writes."""
    engine = create_engine(database.url.reveal())
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        assert deliver_due(company.core) == Delivery()
        connection.rollback()
    engine.dispose()


def test_an_operator_without_an_account_can_invite_and_deliver(company: House, post: ScriptedPost) -> None:
    """What the host's operator invites is mailed like anybody's."""
    with company.core.operator() as work:
        invite(work, "bo@example.com", Offer())
    assert deliver_due(company.core) == Delivery(sent=1)
