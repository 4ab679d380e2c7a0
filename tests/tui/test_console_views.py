"""How a list is looked at: filtered by a cell, counted by a column, with other columns, and saved under a name."""

from __future__ import annotations

from typing import Any

import pytest

from core.roles import Role
from core.services.places import add_department
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tests.tui.screen_text import column_of

pytestmark = [sqlite_only, pytest.mark.slow]
NASTY = 'Arts "and" [b]Crafts[/b] 王'


@pytest.fixture
def crowd(company: House) -> House:
    """Return a company with four people, one of them in a department with an ugly name."""
    with company.core.work(company.admin) as work:
        company.departments[NASTY] = add_department(work, NASTY)
    for name, role, department in (
        ("bo", Role.TRAINER, "Sales"),
        ("cy", Role.TRAINER, NASTY),
        ("di", Role.LEARNER, None),
    ):
        company.register(
            f"{name}@example.com", role, first_name=name.title(), last_name="Zz", department=department
        )
    return company


def grid_of(admin: Admin) -> Any:
    """Return the grid of the list in front."""
    return admin.console.screen_stack[-1].query_one("#grid")


def names(admin: Admin) -> list[str]:
    """Return the first words of the rows in view."""
    return [line.strip("▸● ").split()[0] for line in admin.lines[2:22] if line.strip()]


def test_a_cell_becomes_the_filter(crowd: House) -> None:
    """`'` narrows down to the value of the cell, quoted where it has to be, beside what the filter already says."""

    async def story(admin: Admin) -> None:
        await admin.press("j", "right", "right", "apostrophe")
        assert admin.lines[22].startswith(" /role:trainer")
        assert names(admin) == ["Bo", "Cy"]
        await admin.press("right", "right", "j", "apostrophe")
        assert names(admin) == ["Cy"]
        assert admin.lines[22].startswith(' /role:trainer dept:"')
        await admin.press("escape", "left", "left", "apostrophe", "G", "apostrophe")
        assert names(admin) == ["Bo", "Cy"]
        await admin.press("equals_sign", "right", "right", "G", "apostrophe")
        assert admin.lines[22].startswith(" /dept:none")
        assert names(admin) == ["Ada", "Di"]

    play(crowd.core, story)


def test_a_column_is_counted_to_filter_or_mark_by(crowd: House) -> None:
    """`F` counts the column within the filter; Space marks a group's rows, Enter narrows down to it, Esc leaves."""

    async def story(admin: Admin) -> None:
        await admin.press("right", "right", "F")
        assert "Role: 3 values in 4 rows" in admin.text
        assert admin.row("Trainer        2").split() == ["Trainer", "2", "━━━━━━━━━━━━", "50", "%"]
        assert admin.row("▸   Learner").split()[2:] == ["1", "━━━━━━", "25", "%"]
        await admin.press("j", "space")
        assert "2 marked: Trainer." in admin.said
        await admin.press("escape")
        assert [line[1] for line in admin.lines[2:6]].count("●") == 2
        await admin.press("F", "enter")
        assert admin.lines[22].startswith(" /role:learner")
        assert names(admin) == ["Di"]
        await admin.press("F")
        assert "Role: 1 value in 1 row" in admin.text
        await admin.press("escape", "escape", "right", "right", "F")
        assert "Department: 3 values in 4 rows" in admin.text
        await admin.press("down", "enter")
        assert len(names(admin)) == 1

    play(crowd.core, story)


def test_a_column_without_counts_says_so(crowd: House) -> None:
    """Counting by a name is no use; the sentence lists what can be counted."""

    async def story(admin: Admin) -> None:
        await admin.press("F")
        assert "There is nothing to count by name. There is: role" in admin.said
        await admin.type(":count job-title\r")
        assert "job-title: 1 value in 4 rows" in admin.text

    play(crowd.core, story)


def test_columns_are_hidden_moved_and_sized(crowd: House) -> None:
    """`c` opens the columns; every key shows at once, Esc takes it back, Enter keeps it, `=` resets."""

    async def story(admin: Admin) -> None:
        before = admin.lines[1]
        await admin.press("c")
        assert "Columns of this list" in admin.text
        assert "no room" in admin.row(" Joined ")
        await admin.press("j", "space")
        assert "Email" not in admin.lines[1]
        assert admin.row("hidden").split() == ["Email", "hidden"]
        await admin.press("escape")
        assert admin.lines[1] == before
        await admin.press("c", "j", "space", "K", "K", "K", "greater_than_sign", "enter")
        assert admin.lines[1].split()[0] == "Role"
        assert "Email" not in admin.lines[1]
        assert grid_of(admin).column_layout.widths == (("role", 17),)
        await admin.press("equals_sign")
        assert admin.lines[1] == before

    play(crowd.core, story, size=(100, 30))


def test_one_column_always_stays(crowd: House) -> None:
    """The last column that is shown cannot be hidden."""

    async def story(admin: Admin) -> None:
        await admin.press("c", *["space"] * 9)
        assert "One column has to stay." in admin.said
        await admin.press("enter")
        assert len(admin.lines[1].split()) >= 1

    play(crowd.core, story)


def test_a_column_gets_wider_and_narrower(crowd: House) -> None:
    """`>` and `<` size the column under the cursor; what is right of it moves."""

    async def story(admin: Admin) -> None:
        start = column_of(admin.lines[1], "Email")
        await admin.press("greater_than_sign", "greater_than_sign")
        assert column_of(admin.lines[1], "Email") == start + 4
        await admin.press("less_than_sign")
        assert column_of(admin.lines[1], "Email") == start + 2
        await admin.press(*["less_than_sign"] * 30)
        assert "…" in admin.row("bo@example.com")

    play(crowd.core, story, size=(120, 24))


def test_a_view_is_saved_opened_and_dropped(crowd: House) -> None:
    """`:view NAME` keeps filter, order and columns; `;` opens it again; `D` drops it after another key."""

    async def story(admin: Admin) -> None:
        await admin.press("semicolon")
        assert "No view is saved yet. :view NAME saves filter, order and columns." in admin.said
        await admin.type(":view\r")
        assert "Type a name for the view: :view NAME." in admin.said
        await admin.type("/role:trainer\r")
        await admin.press("right_square_bracket", "right", "less_than_sign")
        header = admin.lines[1]
        await admin.type(":view The [b]trainers\r")
        assert "Saved as The [b]trainers. ; opens saved views." in admin.said
        await admin.press("equals_sign")
        assert len(names(admin)) == 4
        await admin.press("semicolon")
        assert "The [b]trainers  /role:trainer  by name down" in admin.row("[b]")
        await admin.press("enter")
        assert names(admin) == ["Cy", "Bo"]
        assert admin.lines[1].replace("▸", " ") == header.replace("▸", " ")
        await admin.press("semicolon", "D")
        assert "Drop the view The [b]trainers?" in admin.said
        await admin.press("n", "D", "y")
        await admin.press("semicolon")
        assert "No view is saved yet." in admin.said

    play(crowd.core, story)
