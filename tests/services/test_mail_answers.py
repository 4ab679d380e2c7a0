"""What the mail server answers, and what becomes of the mail, of those behind it and of the whole queue."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import PostError, Setback
from core.services.mail_line import resume
from core.services.mailing import Delivery, deliver_due
from tests.clock import MovableClock
from tests.people import House
from tests.posts import ScriptedPost, addresses, invite_all, mails_of


@pytest.fixture
def post() -> ScriptedPost:
    """Return the mail server of the test's core."""
    return ScriptedPost()


_GREYLISTED = PostError(Setback.RETRY, "4.7.1 Greylisted", 450)


def test_a_mail_that_is_not_taken_now_is_tried_for_a_day(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """Tries come after 1, 5, 15 and 60 minutes, then hourly, and end within 24 hours."""
    company.invite("bo@example.com", days=90)
    began, waits = clock.now(), []
    while True:
        post.answers = [_GREYLISTED]
        delivery = deliver_due(company.core, chance=lambda: 0.0)
        [row] = mails_of(company)
        assert row.last_error == "The mail server answered: 450 4.7.1 Greylisted"
        if row.state == "failed":
            break
        assert delivery == Delivery(retried=1)
        waits.append((row.due_at - clock.now()) / timedelta(minutes=1))
        clock.move(seconds=(row.due_at - clock.now()).total_seconds())
    assert waits[:6] == [1, 5, 15, 60, 60, 60]
    assert set(waits[6:]) == {60}
    assert timedelta(hours=23) < clock.now() - began <= timedelta(hours=24)


def test_tries_are_spread(company: House, post: ScriptedPost, clock: MovableClock) -> None:
    """Chance puts a retry off by up to a tenth, so that many do not come back together."""
    company.invite("bo@example.com")
    post.answers = [_GREYLISTED]
    deliver_due(company.core, chance=lambda: 1.0)
    assert mails_of(company)[0].due_at == clock.now() + timedelta(seconds=66)


def test_nothing_is_tried_after_the_link_has_expired(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """A retry that would come after the link's end is not made: the mail has failed."""
    company.invite("bo@example.com", days=1)
    clock.move(days=1, seconds=-30)
    post.answers = [_GREYLISTED]
    assert deliver_due(company.core) == Delivery(failed=1)


def test_a_refused_recipient_fails_alone(company: House, post: ScriptedPost) -> None:
    """A mail that the server refuses for good fails with the server's words; the next one leaves."""
    company.invite("nobody@example.com")
    company.invite("bo@example.com")
    post.answers = [PostError(Setback.REFUSED, "5.1.1 No such user", 550)]
    assert deliver_due(company.core) == Delivery(sent=1, failed=1)
    assert [(row.state, row.last_error) for row in mails_of(company)] == [
        ("failed", "The mail server answered: 550 5.1.1 No such user"),
        ("sent", ""),
    ]


@pytest.mark.parametrize("where", ["opening", "sending"])
def test_a_wrong_password_pauses_everything(
    company: House, post: ScriptedPost, clock: MovableClock, where: str
) -> None:
    """When the server does not want us, one try is made, every mail waits untouched until somebody resumes, and the run says why."""
    invite_all(company, *addresses(3))
    clock.move(seconds=11)
    refusal = PostError(Setback.PAUSE, "5.7.8 Bad credentials", 535)
    if where == "opening":
        post.closed = [refusal]
    else:
        post.answers = [refusal]
    before = mails_of(company)
    delivery = deliver_due(company.core)
    assert delivery == Delivery(paused="The mail server answered: 535 5.7.8 Bad credentials")
    assert post.connections == 1
    after = mails_of(company)
    assert [(row.state, row.attempts, row.due_at) for row in after] == [
        ("waiting", 0, row.due_at) for row in before
    ]
    assert {row.last_error for row in after} == {delivery.paused}
    assert deliver_due(company.core) == delivery
    assert post.connections == 1
    with company.core.work(company.admin) as work:
        resume(work)
    assert deliver_due(company.core) == Delivery(sent=3)


def test_a_server_that_is_away_is_asked_once(company: House, post: ScriptedPost, clock: MovableClock) -> None:
    """When no connection comes about, every claimed mail is put off after a single try."""
    invite_all(company, *addresses(3))
    clock.move(seconds=11)
    post.closed = [PostError(Setback.AWAY, "The mail server mail.example:25 cannot be reached.")]
    delivery = deliver_due(company.core, chance=lambda: 0.0)
    assert delivery == Delivery(retried=3, paused="The mail server mail.example:25 cannot be reached.")
    assert post.connections == 1
    assert {row.due_at for row in mails_of(company)} == {clock.now() + timedelta(minutes=1)}


def test_a_broken_connection_costs_one_mail_its_turn(company: House, post: ScriptedPost) -> None:
    """After the server broke off, the mail comes later and the next one at once."""
    company.invite("first@example.com")
    company.invite("second@example.com")
    post.answers = [PostError(Setback.RECONNECT, "The mail server broke off.")]
    assert deliver_due(company.core) == Delivery(sent=1, retried=1)


def test_a_server_that_keeps_breaking_off_is_left_alone(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """After three broken connections in a row the run ends and every mail comes later."""
    invite_all(company, *addresses(6))
    clock.move(seconds=11)
    post.answers = [None, *[PostError(Setback.RECONNECT, "The mail server broke off.")] * 9]
    delivery = deliver_due(company.core)
    assert delivery == Delivery(sent=1, retried=5, paused="The mail server broke off.")
    assert len(post.tried) == 4
