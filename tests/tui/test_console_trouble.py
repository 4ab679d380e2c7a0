"""What the console does with refusals, with mistakes in itself, and with names that mean harm."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
from rich.cells import cell_len
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError
from textual.css.query import NoMatches

from core.core import Core
from core.models import Company, Department
from core.roles import Role
from core.services.places import add_department, add_group
from core.values import Secret
from tests.databases import sqlite_only
from tests.people import ADMIN_ADDRESS, PASSWORD, House
from tests.tui.console_app import Admin, play, register
from tests.tui.screen_text import screen_lines
from tui.owned_jobs import OwnedJobs
from tui.screens.facts import FactsScreen

pytestmark = [sqlite_only, pytest.mark.slow]

HARD_NAMES = (
    "Eve [/x]",
    "[@click=app.quit]Click me[/]",
    "\x1b]52;c;aGVsbG8=\x07Zed",
    "محمد علي",
    "王小明",
    "👨\u200d👩\u200d👧 Family",
    "Zoe\u0308 Q\u0301",
    "Bob\u202egnp.exe",
)


def harmless(admin: Admin) -> bool:
    """Return whether the screen holds whole lines of ordinary characters."""
    lines = screen_lines(admin.console)
    return all(cell_len(line) == 80 and line.isprintable() and "\u202e" not in line for line in lines)


@pytest.mark.parametrize("name", HARD_NAMES)
def test_a_hostile_name_is_shown_harmlessly_everywhere(company: House, name: str) -> None:
    """In lists, facts, choices and questions a name can neither act nor break a line."""
    with company.core.work(company.admin) as work:
        work.db.execute(update(Company).values(name=name))
        department, group = add_department(work, name), add_group(work, name)
    assert department
    assert group
    company.departments[name], company.groups[name] = department, group
    company.register("eve@example.com", first_name=name, last_name=name, department=name, groups=[name])
    company.invite("next@example.com", department=name, groups=[name])

    async def story(admin: Admin) -> None:
        for keys in (
            ["slash", *"eve", "enter"],
            ["enter"],
            ["escape", "2"],
            ["enter"],
            ["escape", "i", "tab", "tab", "enter"],
            ["down", "enter"],
            ["tab", "enter"],
            ["escape", "escape", "X"],
            ["n", "L"],
        ):
            await admin.press(*keys)
            assert harmless(admin)
        assert admin.console.is_running

    play(company.core, story)


def test_a_hostile_address_in_a_command_is_shown_harmlessly(company: House) -> None:
    """Text that comes back in a sentence passes the same door."""

    async def story(admin: Admin) -> None:
        await admin.type(":")
        await admin.type("\x1b[200~[/x]\u202e\x1b[201~")
        await admin.press("enter")
        assert "There is no command [/x]�." in admin.said
        await admin.type("/role:[/x]\r")
        assert "role:[/x]" in admin.said
        assert harmless(admin)

    play(company.core, story)


def test_a_refusal_becomes_a_sentence_and_the_console_goes_on(company: House) -> None:
    """When a choice has vanished meanwhile, core's sentence stands in the form, and the console works on."""

    async def story(admin: Admin) -> None:
        await admin.type("ibo@example.com")
        await admin.type("\t\t\rsales\r")
        assert admin.value("Department") == "Sales"
        with company.core.operator() as work:
            work.db.delete(work.db.get_one(Department, company.departments["Sales"]))
        await admin.press("tab", "tab", "tab", "enter")
        assert "There is no department" in admin.said
        await admin.press("escape", "j")
        assert admin.console.is_running

    play(company.core, story)


def test_a_database_that_is_locked_is_said(company: House, core: Core) -> None:
    """While somebody else holds the database, inviting says that it is busy and keeps the form."""
    other = sqlite3.connect(core.settings.home / "academy.db", isolation_level=None)
    hasty = replace(core.settings, database_url=Secret(f"{core.settings.database_url.reveal()}?timeout=0.2"))

    async def story(admin: Admin) -> None:
        await admin.type("ibo@example.com")
        other.execute("BEGIN IMMEDIATE")
        await admin.press("shift+tab", "enter")
        assert "Nothing was changed; try again in a moment." in admin.said
        other.execute("ROLLBACK")
        await admin.press("enter")
        assert "Invited bo@example.com as Learner." in admin.said

    with Core.open(hasty) as impatient:
        play(impatient, story)
    other.close()


def test_a_mistake_in_the_program_ends_it_with_a_reference_and_no_data(company: House, core: Core) -> None:
    """An unexpected error leaves with a sentence and a file that says where, but not with which values."""

    async def story(admin: Admin) -> None:
        with core.operator() as work:
            work.db.execute(text("DROP TABLE group_members"))
        await admin.type("/ada\r")
        await admin.press("R")
        raise AssertionError("the console should have ended")

    consoles: list[Admin] = []

    async def remember(admin: Admin) -> None:
        consoles.append(admin)
        await story(admin)

    with pytest.raises(OperationalError):
        play(core, remember)
    [admin] = consoles
    assert "The console had to stop because of a mistake in it." in admin.console.trouble
    [path] = core.settings.home.glob("crash-*.log")
    assert str(path) in admin.console.trouble
    kept = path.read_text("utf-8")
    assert "sqlalchemy.exc.OperationalError" in kept
    assert "list_reading.py" in kept
    assert not [word for word in (ADMIN_ADDRESS, PASSWORD, "SELECT", "no such table") if word in kept]
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_admin_who_lost_the_right_is_told_at_the_next_action(company: House) -> None:
    """Somebody demoted while signed in hears at the next action which role it takes, and nothing is written."""
    company.register("cleo@example.com", Role.LEARNER)
    invitation = company.invite("bo@example.com")

    async def story(admin: Admin) -> None:
        await admin.type("ix@example.com")
        with company.core.operator() as work:
            work.db.execute(text("UPDATE sign_ins SET role = 10 WHERE id IN (SELECT id FROM sign_ins)"))
        await admin.press("shift+tab", "enter")
        assert "takes the role Company Admin; yours is Learner" in admin.said

    play(company.core, story)
    register(company, invitation)


def test_an_answer_to_a_screen_that_is_gone_is_dropped(company: House) -> None:
    """A job that ends after its screen was taken down disturbs nobody, and the console is quiet again."""
    heard: list[str] = []

    async def story(admin: Admin) -> None:
        gone = FactsScreen("Gone", ())
        jobs = OwnedJobs(admin.console.jobs, gone)
        await admin.console.push_screen(gone)
        jobs.run(lambda _core: "there", heard.append, lambda _problem: None)
        await admin.quiet()
        await admin.press("escape")
        jobs.run(lambda _core: "gone", heard.append, lambda _problem: None)
        await admin.quiet()
        assert heard == ["there"]
        assert "[1 Users]" in admin.lines[0]
        assert not admin.console.jobs.busy

    play(company.core, story)


def test_a_widget_that_is_missing_from_a_screen_that_stands_ends_the_console(company: House) -> None:
    """An answer that asks for a widget nobody has is a mistake, and it is not passed over in silence."""

    async def story(admin: Admin) -> None:
        front = admin.console.desk.front
        assert front is not None
        front.jobs.run(lambda _core: None, lambda _none: front.query_one("#grit"), lambda _problem: None)
        await admin.quiet()
        raise AssertionError("the console should have ended")

    with pytest.raises(NoMatches):
        play(company.core, story)
