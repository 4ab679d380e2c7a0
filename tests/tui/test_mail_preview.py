"""Reading mails in the console before anybody gets one, and seeing which ones left late."""

from __future__ import annotations

import pytest

from core.services.mailing import deliver_due
from core.tongues import offered
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play

pytestmark = [sqlite_only, pytest.mark.slow]


def test_a_mail_is_read_before_it_is_sent(company: House) -> None:
    """`p` shows subject, sender and text at 80x24; arrows go through the kinds, and Esc goes back to the list."""

    async def story(admin: Admin) -> None:
        await admin.press("8", "p")
        assert "Preview: invitation, English." in admin.text
        assert admin.row("Subject:").strip() == "Subject: Engine Works invites you to its learning platform"
        assert "From: Engine Works <academy@" in admin.text
        assert "someone@example.com to its learning platform. Open the link" in admin.text
        assert "THIS-LINK-IS-AN-EXAMPLE" in admin.text
        assert "l L language" in admin.lines[-1]
        await admin.press("right")
        assert "Preview: account is ready, English." in admin.text
        await admin.press("left", "left")
        assert "Preview: test, English." in admin.text
        await admin.press("escape")
        assert "Preview" not in admin.text
        assert "[8 Mail]" in admin.lines[0]

    play(company.core, story)


def test_the_whole_mail_can_be_reached(company: House) -> None:
    """What does not fit is scrolled to, by line and by page, and another mail begins at its top."""

    async def story(admin: Admin) -> None:
        await admin.press("8", "p")
        assert "without you no account is" not in " ".join(admin.text.split())
        await admin.press("pagedown", "j", "j")
        assert "without you no account is created." in " ".join(admin.text.split())
        assert "Subject:" not in admin.text
        await admin.press("right")
        assert "Subject:" in admin.text

    play(company.core, story)


def test_every_language_is_a_key_away(company: House) -> None:
    """`l` goes through the languages that mails are written in, and comes back to the first; `L` goes the other way."""

    async def story(admin: Admin) -> None:
        await admin.press("8", "p")
        first = admin.row("Preview:")
        seen = {first}
        for _ in offered()[1:]:
            await admin.press("l")
            seen.add(admin.row("Preview:"))
        assert len(seen) == len(offered())
        await admin.press("l")
        assert admin.row("Preview:") == first
        await admin.press("L", "l")
        assert admin.row("Preview:") == first

    play(company.core, story)


def test_the_kind_under_the_cursor_or_the_one_typed_is_shown(company: House) -> None:
    """On a row the preview begins with that kind; `:mail-preview` takes a kind and a language, and says what there is."""
    company.register("bo@example.com")

    async def story(admin: Admin) -> None:
        await admin.press("8", "g", "p")
        assert "Preview: account is ready, English." in admin.text
        await admin.press("q")
        await admin.type(":mail-preview seat-granted de\r")
        assert "Preview: access granted, Deutsch." in admin.text
        await admin.press("p")
        await admin.type(":mail-preview postcard\r")
        assert "There is no mail called postcard. There is: invitation" in admin.said

    play(company.core, story)


def test_a_mail_that_left_late_says_so_on_its_row_and_in_its_facts(
    company: House, clock: MovableClock
) -> None:
    """More than a day after it was queued a mail is late: waiting it is told below, sent on its row, and with the invitation."""
    company.invite("bo@example.com")
    clock.move(hours=23)
    company.invite("cy@example.com")
    clock.move(hours=3)

    async def story(admin: Admin) -> None:
        await admin.press("8")
        assert "The oldest waits for 26 hours by now." in admin.said
        await admin.press("G", "enter")
        assert admin.value("Sent") == "not yet; waits for 26 hours by now"
        await admin.press("escape")
        deliver_due(company.core)
        await admin.press("R")
        assert " sent late " in admin.row("bo@example.com").replace("Δ", " ")
        assert "late" not in admin.row("cy@example.com")
        assert "The oldest waits" not in admin.said
        await admin.press("enter")
        assert admin.value("Sent") == "2026-03-03 11:00 UTC, LATE: 26 hours after it was queued"
        await admin.press("escape", "2", "G", "enter")
        assert admin.value("Mail sent") == "2026-03-03 11:00 UTC, LATE: 26 hours after the invitation,"
        await admin.press("escape", "w")
        assert "more than a day after the invitation" in " ".join(admin.text.split())

    play(company.core, story)
