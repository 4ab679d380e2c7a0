"""Signing in to the console and out of it again."""

from __future__ import annotations

from sqlalchemy import select

from core.models import SignIn
from core.roles import Role
from core.services.signing_in import change_own_password
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import ADMIN_ADDRESS, PASSWORD, House
from tests.tui.console_app import Admin, play

OTHERS = "2 Inv 3 Lic 4 Dep 5 Grp 6 Rol 7 Aud 8 Mail 9 Co"
pytestmark = sqlite_only


def test_the_right_password_opens_the_list_of_people(company: House) -> None:
    """After signing in the list of people is in front, with the company, its lists and the admin's name above it."""

    async def story(admin: Admin) -> None:
        await admin.sign_in()
        assert admin.lines[0] == f" [1 Users] {OTHERS}  Engine …  Ada Byron"
        assert "Ada Byron" in admin.lines[2]

    play(company.core, story, signed_in=False)


def test_a_wrong_password_is_refused_and_only_the_address_stays(company: House) -> None:
    """The refusal is a sentence, the address stays, the password is gone, and the right one then works."""

    async def story(admin: Admin) -> None:
        await admin.sign_in(password="wrong harbor 1815")
        assert "fit" in admin.said or "wrong" in admin.said or "not" in admin.said
        assert ADMIN_ADDRESS in admin.text
        assert "•" not in admin.text
        await admin.type(f"{PASSWORD}\r")
        assert admin.has_row("[1 Users]")

    play(company.core, story, signed_in=False)


def test_too_many_wrong_passwords_have_to_wait(company: House, clock: MovableClock) -> None:
    """After some failures the console says how long to wait, and lets the admin in when the time is over."""

    async def story(admin: Admin) -> None:
        await admin.sign_in(password="wrong harbor 1")
        for _ in range(4):
            await admin.type("wrong harbor 2\r")
        assert "Too many failed sign-ins from here. Wait" in admin.said
        clock.move(minutes=10)
        await admin.type(f"{PASSWORD}\r")
        assert admin.has_row("[1 Users]")

    play(company.core, story, signed_in=False)


def test_a_learner_is_told_which_role_it_takes(company: House) -> None:
    """Somebody with the right password and too low a role hears so, and stays outside."""
    company.register("lea@example.com", Role.LEARNER)

    async def story(admin: Admin) -> None:
        await admin.sign_in("lea@example.com")
        assert "takes the role Company Admin; yours is Learner" in admin.said
        assert not admin.has_row("[1 Users]")

    play(company.core, story, signed_in=False)


def test_empty_fields_are_asked_for(company: House) -> None:
    """Enter on an empty password asks for both fields and tries nothing."""

    async def story(admin: Admin) -> None:
        await admin.type(f"{ADMIN_ADDRESS}\r\r")
        assert "Enter your email address and your password." in admin.said

    play(company.core, story, signed_in=False)


def test_signing_out_closes_the_sign_in_and_forgets_what_was_shown(company: House) -> None:
    """O signs out: the sign-in is closed in the database, the lists are gone, and one can sign in again."""

    async def story(admin: Admin) -> None:
        await admin.press("2", "O")
        assert "You are signed out." in admin.said
        assert "Invitations" not in admin.text
        with company.core.glance() as visit:
            opened = visit.db.scalars(select(SignIn).where(SignIn.id != company.admin)).all()
        assert [one.closed_at is None for one in opened] == [False]
        await admin.type(f"{PASSWORD}\r")
        assert admin.has_row("[1 Users]")
        await admin.press("2")
        assert admin.has_row("[2 Invitations]")
        assert "No invitations yet. Press i to invite somebody." in admin.text

    play(company.core, story)


def test_a_sign_in_closed_elsewhere_leads_back_to_the_sign_in(company: House) -> None:
    """When a new password has ended the sign-in, the next action shows the sign-in with the reason."""

    async def story(admin: Admin) -> None:
        await admin.press("i")
        change_own_password(company.core, company.admin, old=PASSWORD, new="granite window 77")
        await admin.type("new@example.com\r")
        await admin.press("shift+tab", "shift+tab", "enter")
        assert "Your sign-in has ended" in admin.said or "sign in again" in admin.said.lower()
        assert "Password" in admin.text
        assert not admin.has_row("Invite people")
        await admin.type("granite window 77\r")
        assert admin.has_row("[1 Users]")

    play(company.core, story)


def test_the_password_never_stands_on_the_screen(company: House) -> None:
    """A typed password is dots."""

    async def story(admin: Admin) -> None:
        await admin.type(f"{ADMIN_ADDRESS}\r{PASSWORD}")
        assert PASSWORD not in admin.text
        assert "•" * len(PASSWORD) in admin.text

    play(company.core, story, signed_in=False)


def test_ones_own_password_can_be_changed(company: House) -> None:
    """The dialog refuses two different new passwords and a wrong old one, then changes it."""

    async def story(admin: Admin) -> None:
        await admin.type(":password\r")
        await admin.type(f"{PASSWORD}\rgranite window 77\rgranite window 78\r")
        assert "The two new passwords differ. Type them again." in admin.said
        await admin.press("ctrl+u")
        await admin.type("granite window 77\r")
        assert "Your password is changed. Your other sign-ins have ended." in admin.said
        await admin.press("O")
        await admin.type("granite window 77\r")
        assert admin.has_row("[1 Users]")

    play(company.core, story)


def test_ctrl_c_leaves_at_the_sign_in_and_tells_how_to_leave_inside(company: House) -> None:
    """Ctrl+C ends the console where nothing can be lost, and on a list says which key does."""

    async def story(admin: Admin) -> None:
        await admin.press("ctrl+c")
        assert "Press Q to leave the console, O to sign out." in admin.said
        assert admin.console.is_running
        await admin.press("O", "ctrl+c")
        assert admin.console.return_value == 0

    play(company.core, story)
