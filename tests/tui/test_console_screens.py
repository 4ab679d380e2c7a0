"""Every list and every panel over it as text, on the small and on the wide screen: whole, within it, and nothing torn."""

from __future__ import annotations

import pytest

from core.roles import Role
from core.services.licenses import add_license
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tui.text import width

pytestmark = [sqlite_only, pytest.mark.slow]
SIZES = [(80, 24), (120, 40)]
LISTS = {
    "users": ("1", ["[1 Users]", "Name", "Email", "bo@example.com", "Trainer", "? help"]),
    "invitations": ("2", ["[2 Invitations]", "Email", "cy@example.com", "open", "X withdraw", "? help"]),
    "licenses": ("3", ["[3 Licenses]", "Seats used", "Premium Sales", "0/2", "no end", "? help"]),
    "departments": ("4", ["[4 Departments]", "People", "Sales", "n new", "? help"]),
    "groups": ("5", ["[5 Groups]", "Learning group", "Night shift", "no limit", "? help"]),
    "roles": ("6", ["[6 Roles]", "Company Admin", "out of reach", "w why?", "? help"]),
    "audit": ("7", ["[7 Audit]", "When (UTC)", "user.signed_in", "ada@example.com", "? help"]),
    "mail": ("8", ["[8 Mail]", "Server's", "cy@example.com", "r retry", "? help"]),
    "company": ("9", ["[9 Company]", "Engine Works", "Days links work", "e edit", "? help"]),
}
PANELS = {
    "facets": ("llF", ["Role: 2 values in 3 rows", "Trainer", "67 %", "Space mark its rows"]),
    "columns": ("c", ["Columns of this list", "▸ ● Name", "as wide as needed", "Esc undo"]),
    "views": (":view mine\r\0;", ["Saved views", "▸ mine", "all rows  by name up", "D drop"]),
    "messages": ("E", ["What the console has said", "Saved as mine.", "Esc close"]),
    "palette": ("\x10", ["Run", "type to narrow down", "▸ Enter  :open", "Enter take"]),
    "help": ("?", ["Commands and keys", "This row", "▸ Enter  :open", "Enter take"]),
    "jobs": ("J", [" Jobs: what runs", " Nothing is running.", "No bulk change was made yet.", "Esc back"]),
    "filter": ("/role:", ["role:trainer", "\n /role:"]),
    "command": (":thm\x15theme p", ["plain", "\n :theme p"]),
}


@pytest.fixture
def few(company: House) -> House:
    """Return a company with two people beside the admin, and an open invitation."""
    for name in ("bo", "di"):
        company.register(
            f"{name}@example.com", Role.TRAINER, first_name="Bo", last_name="Berg", department="Sales"
        )
    company.invite("cy@example.com", groups=["Night shift"])
    with company.core.operator() as work:
        add_license(work, "Premium Sales", seats=2)
    return company


def check_whole(admin: Admin, words: list[str]) -> None:
    """Check that the words are there, and that no line is longer than the screen."""
    missing = [word for word in words if word not in admin.text]
    assert not missing, f"{missing} not on the screen:\n{admin.text}"
    columns, lines = admin.console.size
    assert len(admin.lines) == lines
    assert max(map(width, admin.lines)) <= columns


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
def test_every_list_shows_what_it_is_and_what_to_press(few: House, size: tuple[int, int]) -> None:
    """Each list has its tab, its titles, its rows and its hints."""

    async def story(admin: Admin) -> None:
        for key, words in LISTS.values():
            await admin.press(key)
            check_whole(admin, words)

    play(few.core, story, size=size)


@pytest.mark.parametrize("panels", [slice(0, 4), slice(4, None)], ids=["what is shown", "the console"])
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
def test_every_panel_of_a_list_shows_what_it_is_and_what_to_press(
    few: House, size: tuple[int, int], panels: slice
) -> None:
    """Each panel over a list has its title, its lines and the keys that work in it, and Esc closes it."""

    async def story(admin: Admin) -> None:
        for keys, words in list(PANELS.values())[panels]:
            for burst in keys.split("\0"):
                await admin.type(burst)
            check_whole(admin, words)
            await admin.press("escape")
            assert "[1 Users]" in admin.lines[0]
            await admin.press("0")

    play(few.core, story, size=size)
