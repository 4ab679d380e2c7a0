"""Why? The facts in order with signs, and the key that changes them, pressed right there."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.models import User
from core.roles import Role
from core.services.inviting import withdraw
from tests.databases import sqlite_only
from tests.learners import bought
from tests.people import House
from tests.tui.console_app import Admin, play
from tui import keys
from tui.screens.why_screen import about_refusal, about_role, open_why

pytestmark = [sqlite_only, pytest.mark.slow]
HOSTILE = "Eve [/x]\x1b]52;c;aGVsbG8=\x07 محمد"


@pytest.fixture
def crowd(company: House) -> House:
    """Return a company with two people below the admin."""
    company.register("bo@example.com", Role.TRAINER, department="Sales")
    company.register("cyrus@example.com", Role.CONTENT_MANAGER, first_name="Cyrus", last_name="Çelik")
    return company


def role_of(house: House, address: str) -> int:
    """Return somebody's role as it is in the database."""
    with house.core.look(house.admin) as look:
        return look.db.scalars(select(User.role).where(User.address == address)).one()


def test_why_on_a_person_at_80x24(crowd: House) -> None:
    """Each fact has its sign, what is in the way says so, and the key that changes it stands behind it."""

    async def story(admin: Admin) -> None:
        await admin.press("w")
        assert "Why? Bo Berg" in admin.text
        assert admin.row("Account").startswith(" ▸ ✓ Account")
        assert admin.row("Sign-in to the console").startswith("   ✗ Sign-in to the console")
        assert admin.row("Department ").startswith("   · Department")
        assert "Sales  [d department]" in admin.row("· Department")
        assert "[X archive now]" in admin.row("You may archive")
        assert "↑↓ move   Enter or the key changes it   Esc close" in admin.text

    play(crowd.core, story)


def test_why_at_120x40_needs_fewer_lines(crowd: House) -> None:
    """On the wide screen facts stay on one line each."""

    async def story(admin: Admin) -> None:
        await admin.press("w")
        assert "runs own courses, enrolls and follows participants" in admin.row("· Role ")
        assert len(admin.lines) == 40

    play(crowd.core, story, size=(120, 40))


def test_the_key_is_pressed_right_there_and_hits_this_person_whatever_is_marked(crowd: House) -> None:
    """`r` on the panel opens the roles for the person asked about, not for the marked one."""

    async def story(admin: Admin) -> None:
        await admin.press("space", "j", "w")
        assert "Why? Cyrus Çelik" in admin.text
        await admin.press("r")
        assert "Role for" in admin.text
        await admin.type("learner\r")
        assert "Content Manager → Learner" in admin.said
        await admin.press("y")

    play(crowd.core, story)
    assert role_of(crowd, "cyrus@example.com") == Role.LEARNER
    assert role_of(crowd, "bo@example.com") == Role.TRAINER


def test_enter_runs_what_stands_behind_the_fact_under_the_cursor(crowd: House) -> None:
    """On the fact about editing, Enter opens the form; a fact without a key does nothing."""

    async def story(admin: Admin) -> None:
        await admin.press("w", "enter")
        assert "Why? Bo Berg" in admin.text
        while not admin.row("You may edit").startswith(" ▸"):
            await admin.press("down")
        await admin.press("enter")
        assert "Edit Bo Berg" in admin.lines[0]

    play(crowd.core, story)


def test_why_from_the_screen_of_a_person_opens_the_form_at_the_field(crowd: House) -> None:
    """`w` then `d` on a person goes to the department in their form; `X` goes back to the list and asks there."""

    async def story(admin: Admin) -> None:
        await admin.press("enter", "w", "d")
        assert "Edit Bo Berg" in admin.lines[0]
        assert admin.focus == "person-department"
        await admin.press("escape", "w")
        await admin.type("X")
        assert "Archive Bo Berg" in admin.said
        assert "[1 Users]" in admin.lines[0]

    play(crowd.core, story)


def test_why_on_an_invitation_names_the_dead_link_and_what_mends_it(company: House) -> None:
    """A withdrawn invitation says by whom, and `r` renews it."""
    gone = company.invite("gone@example.com")
    with company.core.work(company.admin) as work:
        withdraw(work, [gone])

    async def story(admin: Admin) -> None:
        await admin.press("2", "w")
        assert "Why? the invitation of gone@example.com" in admin.text
        assert "withdrawn on 2026-03-02 09:00 UTC by ada@example.com." in " ".join(admin.text.split())
        assert "[r renew]" in admin.text
        await admin.press("r")
        assert "Renew the invitation of gone@example.com?" in admin.text

    play(company.core, story)


def test_the_history_of_an_invitation_is_in_the_audit_trail(company: House) -> None:
    """`H` goes to the trail, narrowed down to the address."""
    company.invite("new@example.com")

    async def story(admin: Admin) -> None:
        await admin.press("2")
        await admin.type("H")
        assert "new@example.com" in admin.text
        assert "[7 Aud" in admin.lines[0]

    play(company.core, story)


def test_why_on_a_role_and_on_a_refusal(company: House) -> None:
    """A role tells what it permits, who holds it and who may give it; a refusal its sentence with the sign of a barrier."""

    async def story(admin: Admin) -> None:
        open_why(admin.console, about_role(Role.OPERATOR), keys.USERS, lambda _command: None)
        await admin.quiet()
        assert "Why? the role Operator" in admin.text
        await admin.press("G", *["pagedown"] * 3)
        assert "✗ You may give it" in admin.text
        assert "It is given on the host only." in " ".join(admin.text.split())
        await admin.press("escape")
        open_why(
            admin.console,
            about_refusal(HOSTILE, f"{HOSTILE} is out of reach."),
            keys.USERS,
            lambda _command: None,
        )
        await admin.quiet()
        assert "✗ Out of reach" in admin.text
        assert "\x1b" not in admin.text

    play(company.core, story)


def test_a_greyed_role_in_a_list_of_choices_is_explained_by_a_question_mark(crowd: House) -> None:
    """`?` on a role tells what it permits and why it is out of reach; on a department it is a letter."""

    async def story(admin: Admin) -> None:
        await admin.press("r")
        await admin.type("operator?")
        assert "Why? the role Operator" in admin.text
        await admin.press("escape")
        await admin.press("escape", "d")
        await admin.type("sales?")
        assert "Nothing fits what was typed." in admin.text

    play(crowd.core, story)


def test_why_they_cannot_see_a_course_and_the_key_that_lets_them(crowd: House) -> None:
    """From the reasons about a person `c` goes on to a course; its reasons stand in order, and `s` gives the seat."""
    bought(crowd, "Premium Sales", ["Closing deals", "Opening"])

    async def story(admin: Admin) -> None:
        await admin.press("w", "c")
        assert "Closing deals  ✗ no seat" in admin.text
        await admin.type("clos\r")
        assert "Why? Bo Berg cannot open Closing deals" in admin.text
        signs = [line[3] for line in admin.lines if line[3:4] in {"✓", "✗", "·"} and "Bo Berg" not in line]
        assert signs[-6:] == ["✓", "✓", "✓", "✗", "·", "·"]
        assert "bo@example.com holds no seat of a license that includes Closing deals." in admin.said
        assert "A Company Admin can give one. [s seats]" in admin.said
        await admin.press("s")
        assert "Give a seat of Premium Sales to Bo Berg" in admin.text
        await admin.press("y", "w", "c")
        assert "Closing deals  ✓ opens" in admin.text
        await admin.press("escape", "escape")
        assert "Why?" not in admin.text

    play(crowd.core, story)


def test_esc_goes_back_from_a_course_to_the_person_and_without_courses_there_is_no_key(
    crowd: House,
) -> None:
    """From the screen of a person the way is the same; the reasons about a course close onto those about the person."""

    async def story(admin: Admin) -> None:
        await admin.press("enter", "w", "c")
        assert "Which course" not in admin.text
        assert "a course" not in admin.text
        await admin.press("escape")
        bought(crowd, "Premium Sales", ["Closing deals"])
        await admin.press("w", "c", "enter")
        assert "cannot open Closing deals" in admin.text
        await admin.press("escape")
        assert "cannot open" not in admin.text
        assert "Why? Bo Berg" in admin.text
        await admin.press("escape")
        assert admin.lines[0].startswith(" Bo Berg")

    play(crowd.core, story)
