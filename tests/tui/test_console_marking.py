"""Marking on the lists: by a filter, by a cell, all and swapped; going from mark to mark; seeing only those."""

from __future__ import annotations

import pytest

from core.core import Core
from core.roles import Role
from core.services.inviting import Line, Offer, invite_many
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play

pytestmark = [sqlite_only, pytest.mark.slow]


@pytest.fixture
def crowd(company: House) -> House:
    """Return a company with six people in three roles and two departments."""
    for name, role, department in (
        ("bo", Role.TRAINER, "Sales"),
        ("cy", Role.TRAINER, "Sales"),
        ("di", Role.TRAINER, "Support"),
        ("ed", Role.LEARNER, "Sales"),
        ("fay", Role.LEARNER, None),
    ):
        company.register(
            f"{name}@example.com", role, first_name=name.title(), last_name="Zz", department=department
        )
    return company


def marked(admin: Admin) -> list[str]:
    """Return the first words of the marked rows in view."""
    return [line[1:].split()[1] for line in admin.lines[2:22] if line[1:2] == "●"]


def test_the_status_line_says_whom_an_action_hits(crowd: House) -> None:
    """Nothing marked means the row under the cursor, and the screen says so; marks are counted, hidden ones too."""

    async def story(admin: Admin) -> None:
        assert admin.lines[22].endswith("this row  1–6 of 6")
        await admin.press("asterisk")
        assert admin.lines[22].endswith("6 marked  1–6 of 6")
        await admin.type("/role:trainer\r")
        assert admin.lines[22].endswith("6 marked, 3 hidden by the filter  1–3 of 3")
        await admin.press("M")
        assert admin.lines[22].endswith("this row  1–3 of 3")
        await admin.type("/\x15nobody\r")
        assert admin.lines[22].endswith("  none")

    play(crowd.core, story, size=(100, 24))


def test_rows_are_marked_and_unmarked_by_a_filter(crowd: House) -> None:
    """`|` adds what a filter finds, shown or not, and the backslash takes away; each says how many it found and changed."""

    async def story(admin: Admin) -> None:
        await admin.type("/role:learner\r")
        await admin.type("|role:trainer\r")
        assert "role:trainer finds 3: 3 marked." in admin.said
        assert "3 marked, 3 hidden by the filter" in admin.lines[22]
        await admin.type(r"\dept:sales" + "\r")
        assert "dept:sales finds 3: 2 unmarked." in admin.said
        await admin.press("escape")
        assert marked(admin) == ["Di"]
        await admin.type(":mark-filter cy\r")
        assert marked(admin) == ["Cy", "Di"]

    play(crowd.core, story, size=(110, 24))


def test_a_wrong_filter_marks_nothing_and_is_named(crowd: House) -> None:
    """A key or a value that does not exist is named with what exists; an empty filter is no filter."""

    async def story(admin: Admin) -> None:
        await admin.type("|colour:red\r")
        assert "there is no key colour" in admin.said
        assert admin.lines[23] == " mark colour:red"
        await admin.type("\x15dept:nowhere\r")
        assert "there is no department nowhere" in admin.said
        await admin.type("|\r")
        assert "Type a filter to mark by" in admin.said
        assert marked(admin) == []

    play(crowd.core, story)


def test_rows_that_say_the_same_are_marked(crowd: House) -> None:
    """`,` marks the rows of the list with the value of the cell under the cursor, and none that a filter hides."""

    async def story(admin: Admin) -> None:
        await admin.type("/dept:sales\r")
        await admin.press("right", "right", "comma")
        assert "role:trainer finds 2: 2 marked." in admin.said
        assert marked(admin) == ["Bo", "Cy"]
        await admin.press("escape", "M", "G", "dollar_sign", *["left"] * 4)
        assert admin.console.screen.grid.column_key == "department"  # type: ignore[attr-defined]
        await admin.press("comma")
        assert "dept:none finds 2: 2 marked." in admin.said
        assert marked(admin) == ["Fay", "Ada"] or marked(admin) == ["Ada", "Fay"]

    play(crowd.core, story)


def test_only_the_marked_rows_are_seen_wherever_they_are(crowd: House) -> None:
    """`&` shows what is marked, hidden or not, in any order; again, or Esc, shows the list as it was."""

    async def story(admin: Admin) -> None:
        await admin.press("ampersand")
        assert "No row is marked." in admin.said
        await admin.type("|role:trainer\r")
        await admin.type("/role:learner\r")
        await admin.press("ampersand")
        assert admin.lines[22].startswith(" only marked rows, & shows all")
        assert marked(admin) == ["Bo", "Cy", "Di"]
        await admin.press("right_square_bracket")
        assert marked(admin) == ["Di", "Cy", "Bo"]
        await admin.press("escape")
        assert admin.lines[22].startswith(" /role:learner")
        assert marked(admin) == []
        await admin.press("ampersand")
        await admin.type("/\x15cy\r")
        assert admin.lines[22].startswith(" /cy")

    play(crowd.core, story, size=(110, 24))


def test_the_cursor_goes_from_mark_to_mark(crowd: House) -> None:
    """`}` and `{` go to the next and the previous marked row, and say when there is none."""

    async def story(admin: Admin) -> None:
        await admin.press("right_curly_bracket")
        assert "No row is marked." in admin.said
        await admin.type("|role:trainer\r")
        await admin.press("G", "left_curly_bracket")
        assert admin.row("Di Zz").startswith("▸●")
        await admin.press("left_curly_bracket", "left_curly_bracket")
        assert admin.row("Bo Zz").startswith("▸●")
        await admin.press("left_curly_bracket")
        assert "No row is marked further up." in admin.said
        await admin.press("right_curly_bracket", "right_curly_bracket", "right_curly_bracket")
        assert "No row is marked further down." in admin.said
        await admin.type("/role:learner\r}")
        assert "Every marked row is hidden by the filter; & shows them." in admin.said

    play(crowd.core, story)


def test_all_marks_rows_that_were_still_on_their_way(core: Core, company: House) -> None:
    """`*` in the first moment of a long list marks the rest of it too."""
    with core.work(company.admin) as work:
        invite_many(work, [Line(number, f"p{number:05}@example.com") for number in range(1, 5001)], Offer())

    async def story(admin: Admin) -> None:
        await admin.press("2", "asterisk")
        assert "5,000 marked" in admin.lines[22]
        await admin.press("exclamation_mark")
        assert "this row" in admin.lines[22]

    play(core, story)
