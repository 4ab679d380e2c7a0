"""`:as-of`: the people of a past day in the console, narrowed down, moved to another day, opened."""

from __future__ import annotations

import pytest

from core.roles import Role
from core.services.people import Archive, GiveRole
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.services.changes import add_license, change, give_seat
from tests.tui.console_app import Admin, play
from tests.tui.crew import BO, crew
from tui.screens.past_list import PastScreen

pytestmark = [sqlite_only, pytest.mark.slow]


@pytest.fixture
def since(company: House, clock: MovableClock) -> House:
    """Return a company on 2026-03-04, where Bo had a seat two days ago and is archived now, and Di is a trainer since."""
    people = crew(company)
    give_seat(company.core, add_license(company.core), people[BO])
    clock.move(days=2)
    change(company, [people[BO]], Archive())
    change(company, [people["di@example.com"]], GiveRole(Role.TRAINER))
    return company


def test_a_past_day_is_shown_narrowed_down_and_left(since: House) -> None:
    """The day shows what was; a filter and another day are typed there, and Esc goes back step by step."""

    async def story(admin: Admin) -> None:
        await admin.type(":as-of 2026-03-02\r")
        assert admin.lines[0].startswith(" People as of 2026-03-02")
        assert admin.row(BO).split()[-4:] == ["Learner", "active", "Premium", "Sales"]
        await admin.type("/role:learner\r")
        assert admin.has_row("di@example.com")
        assert not admin.has_row("cy@example.com")
        assert "/role:learner" in admin.lines[22]
        await admin.type("d\x152026-03-04\r")
        assert admin.lines[0].startswith(" People as of 2026-03-04")
        assert "Nobody matches role:learner. Esc drops the filter." in admin.text
        await admin.press("escape")
        assert "Trainer" in admin.row("di@example.com")
        assert not admin.has_row(BO)
        await admin.press("escape")
        assert admin.lines[0].startswith(" [1 Users]")

    play(since.core, story)


def test_what_cannot_be_told_is_said_where_it_was_typed(since: House) -> None:
    """A wrong day or word leaves the list, or the day that is shown, as it was; the word can be mended."""

    async def story(admin: Admin) -> None:
        for typed, sentence in (
            ("31.3.2026", "Write the date as 2026-12-31"),
            ("2026-03-05", "2026-03-05 has not come yet."),
            (
                "2026-03-02 dept:sales",
                "The filter word dept:sales: what it asks for is not known of a past day.",
            ),
        ):
            await admin.type(f":as-of {typed}\r")
            assert sentence in admin.said
            assert admin.lines[0].startswith(" [1 Users]")
        await admin.type(":as-of 2026-03-03 bo\r")
        await admin.type("/\x15lang:de\r")
        assert "The filter word lang:de" in admin.said
        assert admin.focus == "prompt-field"
        await admin.press("escape")
        assert admin.has_row(BO)
        await admin.type("d\x152001-01-01\r")
        assert "On 2001-01-01 there was no company here yet." in admin.said
        assert admin.lines[0].startswith(" People as of 2026-03-03")

    play(since.core, story)


def test_enter_shows_the_person_of_today_and_their_keys_lead_back_to_users(since: House) -> None:
    """Who is opened stands there as they are now; a key that changes them leaves the past for the list."""

    async def story(admin: Admin) -> None:
        await admin.type(":as-of 2026-03-02 bo\r\r")
        assert "Learner, archived" in admin.text
        await admin.press("escape")
        assert admin.lines[0].startswith(" People as of 2026-03-02")
        await admin.press("enter", "w", "A")
        assert not admin.lines[0].startswith(" People as of")
        assert "reactivate" in admin.text.lower()
        assert not any(isinstance(each, PastScreen) for each in admin.console.screen_stack)

    play(since.core, story, size=(120, 40))
