"""What the company is warned of, over every list."""

from __future__ import annotations

from datetime import date

import pytest

from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows
from tests.services.test_seat_mails import hold, license_of
from tests.tui.console_app import Admin, play

pytestmark = [sqlite_only, pytest.mark.slow]

NAME = "Premium Sales for everybody in Europe, the Middle East and Africa"


def test_a_low_window_shows_the_worst_warning_while_its_status_is_free(company: House) -> None:
    """At 80x24 no row is lost: the worst warning and how many more stand in one status line, until something is said."""
    core = company.core
    hold(core, license_of(core, "Basics", seats=1), company.admin_id)

    async def story(admin: Admin) -> None:
        rows_before = admin.lines[1:22]
        assert admin.lines[22].split("  ")[0] == " ! Basics: 1 of 1 seats in use"
        license_of(core, NAME, until=date(2026, 3, 5))
        await admin.notice_changes()
        assert admin.lines[1:22] == rows_before
        assert admin.lines[22].startswith(" ! Premium Sales for everybody")
        assert admin.lines[22].endswith("…  +1  this row  1–1 of 1")
        await admin.type("/role:learner\r")
        assert admin.lines[22].startswith(" /role:learner")

    play(core, story)


def test_a_high_window_has_a_line_for_it_as_long_as_there_is_something(company: House) -> None:
    """With room to spare the warning stands under the title of every list; `:warnings` shows all and opens their license."""
    core = company.core
    rows.set_cap(core, 1)

    async def story(admin: Admin) -> None:
        assert admin.lines[1] == " ! 1 of 1 places for users taken"
        hold(core, license_of(core, "Basics", seats=1), company.admin_id)
        await admin.notice_changes()
        assert admin.lines[1].endswith("  +1, :warnings shows them")
        await admin.type("2:warnings\r")
        assert [line[3:] for line in admin.lines if line[:3] in {" ▸ ", "   "} and line[3:]][-2:] == [
            "1 of 1 places for users taken",
            "Basics: 1 of 1 seats in use",
        ]
        await admin.type("j\r")
        assert admin.lines[0].startswith(" License: Basics")
        await admin.type("1:warnings\r\r")
        assert "[9 Company]" in admin.lines[0]
        rows.set_cap(core, 10)
        await admin.notice_changes()
        assert "places for users" not in admin.text

    play(core, story, size=(100, 30))
