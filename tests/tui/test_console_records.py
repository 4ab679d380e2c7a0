"""The audit trail, the mails and the jobs: what they show, and what can be done from there."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import update
from textual import events

from core.models import OutboxMail
from core.reading import mail
from core.services.inviting import Line, Offer, invite_many, withdraw
from core.services.mailing import deliver_due
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tui.screens.job_list import JobScreen

pytestmark = [sqlite_only, pytest.mark.slow]


@pytest.fixture
def busy(company: House) -> House:
    """Return a company with a bulk invitation of three, a single one that was withdrawn, and mails in several states."""
    single = company.invite("solo@example.com")
    with company.core.work(company.admin) as work:
        invite_many(work, [Line(number, f"p{number}@example.com") for number in range(1, 4)], Offer())
    deliver_due(company.core, limit=2)
    with company.core.work(company.admin) as work:
        work.db.execute(
            update(OutboxMail)
            .where(OutboxMail.to_address == "p3@example.com")
            .values(state="failed", attempts=4, last_error="550 5.1.1 no such user here")
        )
        withdraw(work, [single])
    return company


def test_the_audit_trail_at_80x24(busy: House) -> None:
    """The newest change is on top, with old and new value, and the bulk change has a name."""

    async def story(admin: Admin) -> None:
        await admin.press("7")
        assert "[7 Audit]" in admin.lines[0]
        assert admin.lines[1].split()[:4] == ["▸When", "(UTC)▼", "What", "On"]
        assert "user.signed_in" in admin.lines[2]
        row = admin.row("invitation.withdr").split()
        assert row[3:] == ["solo@example.com", "open", "withdrawn"]
        assert len([line for line in admin.lines if "@example.com" in line]) >= 6

    play(busy.core, story)


def test_the_audit_trail_at_120x40_adds_who_and_the_bulk_change(busy: House) -> None:
    """The wide screen has room for whose change it was and for the name of the run."""

    async def story(admin: Admin) -> None:
        await admin.press("7")
        assert admin.lines[1].split()[-3:] == ["By", "Bulk", "change"]
        assert len(admin.row("p3@example.com").split()[-1]) == 10

    play(busy.core, story, size=(120, 40))


def test_the_facts_of_a_change_hold_old_and_new_value(busy: House) -> None:
    """Enter on a change shows everything it tells, field by field."""

    async def story(admin: Admin) -> None:
        await admin.type(":audit action:withdrawn\r")
        await admin.press("enter")
        assert admin.value("Who") == "ada@example.com"
        assert admin.value("On") == "invitation solo@example.com"
        assert admin.value("value") == "open → withdrawn"
        assert admin.value("Bulk change") == "none; made alone"

    play(busy.core, story)


def test_undo_on_a_change_that_was_made_alone_says_so(busy: House) -> None:
    """`u` on such a row takes nothing back, and on a row of a bulk change it shows the plan of undoing that one."""

    async def story(admin: Admin) -> None:
        await admin.type(":audit action:withdrawn\r")
        await admin.press("u")
        assert "This change was made alone." in admin.said
        await admin.type(":audit action:created p2\r")
        await admin.press("u")
        assert "Withdraw 3 of the 3 invitations" in " ".join(admin.text.split())

    play(busy.core, story)


def test_an_audit_trail_of_one_bulk_change_says_what_it_was(busy: House) -> None:
    """Narrowed down to a run, the status line tells its sum and the key that takes it back."""

    async def story(admin: Admin) -> None:
        await admin.press("J", "enter")
        assert "[7 Audit]" in admin.lines[0]
        assert "3 done, 0 not, by ada@example.com; u takes it back" in admin.said
        assert all(f"p{number}@example.com" in admin.text for number in (1, 2, 3))
        assert "solo@example.com" not in admin.text

    play(busy.core, story)


def test_enter_typed_ahead_waits_for_the_list_of_jobs(busy: House) -> None:
    """Enter that comes while the list of jobs is still being read opens its first row once that is there."""

    async def story(admin: Admin) -> None:
        may_read = threading.Event()
        admin.console.jobs.ask(lambda _look: may_read.wait(10), lambda _answer: None, lambda _problem: None)
        for key in ("J", "enter"):
            admin.console.keyboard.take(events.Key(key, None))
        while not isinstance(admin.console.screen, JobScreen):
            await admin.pilot.pause()
        for _ in range(10):
            await admin.pilot.pause()
        may_read.set()
        await admin.quiet()
        assert "[7 Audit]" in admin.lines[0]

    play(busy.core, story)


def test_the_jobs_list_what_was_done_and_undo_it(busy: House) -> None:
    """`J` shows the bulk change with its number and who did it, and `u` there shows the plan of taking it back."""

    async def story(admin: Admin) -> None:
        await admin.press("J")
        row = admin.row("invite").split()
        assert row[-3:] == ["3", "done", "ada@exampl…"]
        await admin.press("u")
        assert "Withdraw 3 of the 3 invitations" in " ".join(admin.text.split())

    play(busy.core, story)


def test_the_mails_at_80x24_hold_the_servers_answers(busy: House) -> None:
    """Each mail is there with its state and the mail server's own words, and the line below says how the line stands."""

    async def story(admin: Admin) -> None:
        await admin.press("8")
        assert "[8 Mail]" in admin.lines[0]
        assert " failed " in admin.row("p3@example.com")
        assert "550 5.1.1" in admin.row("p3@example.com")
        assert admin.row("solo@example.com").split()[1:3] == ["invitation", "sent"]
        assert "Mails leave. 2 waiting, 1 sent, 1 failed." in admin.said

    play(busy.core, story)


def test_a_failed_mail_is_tried_again_with_a_key(busy: House) -> None:
    """`r` lets the mail wait anew, and its facts held the whole answer before."""

    async def story(admin: Admin) -> None:
        await admin.type(":mail state:failed\r")
        await admin.press("enter")
        assert admin.value("Server's answer") == "550 5.1.1 no such user here"
        assert admin.value("State") == "failed: the server refused it; r tries again"
        await admin.press("escape", "r")
        assert "1 mail is tried again." in admin.said

    play(busy.core, story)
    with busy.core.operator_look() as look:
        assert mail.counts(look)["failed"] == 0


def test_marked_mails_are_tried_again_after_a_question_and_the_others_say_why_not(busy: House) -> None:
    """The question says how many, and a mail that was sent is left alone with the reason."""

    async def story(admin: Admin) -> None:
        await admin.press("8", "asterisk", "r")
        assert "Try 4 marked mails again?" in admin.text
        await admin.press("y")
        assert "3 mails are tried again." in admin.said
        assert "only a failed or waiting one can be tried again." in admin.said

    play(busy.core, story)


def test_a_test_mail_to_oneself_goes_the_way_of_every_mail(busy: House) -> None:
    """`T` queues a mail to the admin's own address, and the next delivery sends it."""

    async def story(admin: Admin) -> None:
        await admin.press("8", "T")
        assert "A test mail to ada@example.com is queued." in admin.said
        await admin.press("g")
        assert admin.lines[2].split()[1:4] == ["ada@example.com", "test", "waiting"]
        deliver_due(busy.core)
        await admin.notice_changes()
        assert "sent" in admin.lines[2]

    play(busy.core, story)
