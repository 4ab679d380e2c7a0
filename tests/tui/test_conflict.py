"""The panel of conflicts: nothing is merged silently, and overwriting many takes their number, typed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.models import User
from core.services.editing import Edit, edit_people
from core.tally import Conflict
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tui.screens.conflict_panel import ConflictPanel, Decisions

pytestmark = [sqlite_only, pytest.mark.slow]
CONFLICTS = (
    *(Conflict(number, f"p{number}@example.com", "role", "learner", "trainer", "content-manager", "ada@example.com")
      for number in range(1, 9)),
    Conflict(9, "李雷@example.com", "first_name", "", "[b]\x1b[31mEve", "Z\u0301oe 👩\u200d💻"),
)  # fmt: skip


async def open_panel(admin: Admin, given: list[Decisions | None]) -> None:
    """Show the panel over the list; what it answers is put into `given`."""
    admin.console.push_screen(ConflictPanel(CONFLICTS), given.append)
    await admin.quiet()


def test_the_panel_at_80x24_to_the_letter(company: House) -> None:
    """Each conflict with what becomes of it, and the one under the cursor in full."""

    async def story(admin: Admin) -> None:
        await open_panel(admin, [])
        assert admin.lines[9:24] == [
            "─" * 80,
            " Somebody else has changed 9 fields of 9 people meanwhile. What you do not",
            " overwrite stays as it is now.",
            " ▸ skip       p1@example.com                       Role",
            "   skip       p2@example.com                       Role",
            "   skip       p3@example.com                       Role",
            "   skip       p4@example.com                       Role",
            "   skip       p5@example.com                       Role",
            "   skip       p6@example.com                       Role",
            "",
            " When you looked   Learner",
            " Now               Trainer  (ada@example.com)",
            " You wanted        Content Manager",
            "",
            " s skip   o overwrite   O overwrite all of this kind   Enter go on   Esc back",
        ]

    play(company.core, story)


def test_skipping_is_what_happens_to_whatever_was_not_decided(company: House) -> None:
    """Enter at once skips all; `o` overwrites one and goes on; Esc answers nothing."""
    given: list[Decisions | None] = []

    async def story(admin: Admin) -> None:
        await open_panel(admin, given)
        await admin.press("enter")
        await open_panel(admin, given)
        await admin.press("o", "j", "o", "k", "s", "enter")
        await open_panel(admin, given)
        await admin.press("o", "escape")

    play(company.core, story)
    nothing, some, left = given
    assert nothing == {(each.id, each.field): False for each in CONFLICTS}
    assert some is not None
    assert [key for key, overwrite in some.items() if overwrite] == [(1, "role")]
    assert left is None


def test_overwriting_all_of_a_kind_takes_their_number(company: House) -> None:
    """A wrong number overwrites nothing; the right one overwrites this field of everybody, and no other field."""
    given: list[Decisions | None] = []

    async def story(admin: Admin) -> None:
        await open_panel(admin, given)
        await admin.type("O")
        assert "type 8 and Enter to overwrite 8 × Role, Esc not" in admin.said
        await admin.type("9\r")
        assert "overwrite  p1@" not in admin.text
        await admin.type("O8\r")
        assert "overwrite  p1@" in admin.text
        await admin.press("enter")

    play(company.core, story)
    assert given[0] == {(each.id, each.field): each.field == "role" for each in CONFLICTS}


def test_hostile_texts_are_shown_harmless(company: House) -> None:
    """Markup, escape codes, marks and joined emoji are text, in whatever script."""

    async def story(admin: Admin) -> None:
        await open_panel(admin, [])
        await admin.press(*["j"] * 8)
        assert admin.value("When you looked") == "not given"
        assert admin.value("Now") == "[b]␛[31mEve"
        assert "\x1b" not in admin.text

    play(company.core, story, size=(120, 40))


def test_core_and_the_panel_agree_on_what_a_conflict_is(company: House) -> None:
    """What core tells of an edit that comes too late is what the panel takes, and overwriting it works."""
    bo = company.register("bo@example.com")
    late = Edit(bo, {"first_name": "Mine"}, {"first_name": "Somebody"})
    given: list[Decisions | None] = []
    with company.core.work(company.admin) as work:
        tally = edit_people(work, [late], preview=True)

    async def story(admin: Admin) -> None:
        admin.console.push_screen(ConflictPanel(tally.conflicts), given.append)
        await admin.quiet()
        await admin.press("o", "enter")

    play(company.core, story)
    assert given == [{(bo, "first_name"): True}]
    with company.core.work(company.admin) as work:
        now = tally.conflicts[0].now
        assert edit_people(work, [Edit(bo, late.values, {"first_name": now})]).done == 1
        assert work.db.scalars(select(User.first_name).where(User.id == bo)).one() == "Mine"
