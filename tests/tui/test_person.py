"""The screen of one person: read, edited in place, saved only when told to, and the next one of the list."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete, select

from core.models import AuditEvent, User
from core.roles import Role
from core.selection import license_named
from core.services.editing import Edit, edit
from core.services.learning import issue_certificate, record_lesson, record_progress
from core.services.people import Archive, GiveSeat, Leave, change_people
from core.targets import Target
from tests.databases import sqlite_only
from tests.learners import bought, hold
from tests.people import House
from tests.tui.console_app import Admin, play

pytestmark = [sqlite_only, pytest.mark.slow]
HOSTILE = ("Eve [/x]\x1b]52;c;aGVsbG8=\x07", "李雷 محمد", "Z\u0301oe\u0308 👩\u200d💻")


@pytest.fixture
def crowd(company: House) -> House:
    """Return a company with two people below the admin."""
    company.register("bo@example.com", Role.TRAINER, department="Sales", groups=["Night shift"])
    company.register("cyrus@example.com", Role.CONTENT_MANAGER, first_name="Cyrus", last_name="Çelik")
    return company


def person(house: House, address: str) -> User:
    """Return somebody as they are in the database."""
    with house.core.look(house.admin) as look:
        user = look.db.scalars(select(User).where(User.address == address)).one()
        look.db.expunge(user)
    return user


def test_a_person_at_80x24_to_the_letter(crowd: House) -> None:
    """Facts in two columns, then sign-ins and history, newest first, and the keys that work here."""

    async def story(admin: Admin) -> None:
        await admin.press("enter")
        assert admin.lines[:15] == [
            " Bo Berg                                                                 1 of 3",
            " bo@example.com  Trainer, active",
            "",
            " Role             Trainer                Status           active",
            " Department       Sales                  Joined           2026-03-02",
            " Learning groups  Night shift            Last sign-in     never",
            " Job title        not given              Open sign-ins    0",
            " Phone            not given              License seats    none",
            " Address          not given              Lessons done     0",
            " Date of birth    not given              Certificates     0",
            " Language         the company's",
            "",
            " History",
            " 2026-03-02 09:00  bo@example.com           registered as Trainer",
            "",
        ]
        assert admin.lines[23].startswith(" e edit   j next   k previous   w why?")

    play(crowd.core, story)


def test_a_person_at_120x40_with_sign_ins(crowd: House) -> None:
    """On the wide screen the columns move apart; one's own sign-ins are listed with the role that counts in them."""

    async def story(admin: Admin) -> None:
        await admin.press("j", "enter")
        assert admin.lines[3].startswith(
            " Role             Company Admin                              Status"
        )
        assert "console, as Company Admin, open" in admin.row("2026-03-02 09:00  console")
        assert len(admin.lines) == 40

    play(crowd.core, story, size=(120, 40))


def test_the_form_at_80x24_to_the_letter(crowd: House) -> None:
    """`e` puts the form in place of the facts: what can be typed, what opens a list, and how it is saved."""

    async def story(admin: Admin) -> None:
        await admin.press("enter", "e")
        assert admin.lines[:17] == [
            " Edit Bo Berg                                                            1 of 3",
            " bo@example.com  Trainer, active",
            "",
            " First name       Bo",
            " Last name        Berg",
            " Email            bo@example.com",
            " Role             Trainer",
            " Department       Sales",
            " Learning groups  Night shift",
            " Job title",
            " Phone",
            " Address                                       | begins a new line",
            " Date of birth                                 such as 1990-03-27",
            " Language         the company's",
            "",
            "   [ Save ]",
            "",
        ]
        assert admin.lines[23].startswith(" Ctrl+O save   Tab next   Shift+Tab back")

    play(crowd.core, story)


def test_saving_is_explicit_and_the_history_tells_old_and_new(crowd: House) -> None:
    """What is typed is written on Ctrl+O and not before, in one audit event, and shows at once as changed."""

    async def story(admin: Admin) -> None:
        await admin.press("enter", "e", "tab")
        await admin.type("\x15Bergström")
        for _ in range(7):
            await admin.press("tab")
        await admin.type("Main St 1 | 1234 Town")
        assert person(crowd, "bo@example.com").last_name == "Berg"
        await admin.press("ctrl+o")
        assert "Saved." in admin.text
        assert "Bo Bergström" in admin.lines[0]
        assert "Last name: Berg → Bergström" in admin.row("Last name")
        assert "Address         ΔMain St 1" in admin.text
        await admin.press("escape")
        assert "Bo Bergström" in admin.row("bo@example.com")
        await admin.press("u")
        assert "last name: Bergström → Berg" in admin.said
        await admin.press("escape")

    play(crowd.core, story)
    found = person(crowd, "bo@example.com")
    assert (found.last_name, found.postal_address) == ("Bergström", "Main St 1\n1234 Town")


def test_leaving_the_form_asks_and_no_keeps_what_was_typed(crowd: House) -> None:
    """Esc asks with the names of the fields; `n` goes back to them, `y` throws away, and without changes nobody asks."""

    async def story(admin: Admin) -> None:
        await admin.press("enter", "e")
        await admin.type("by")
        await admin.press("escape")
        assert "Changed here: First name." in admin.text
        await admin.press("n")
        assert admin.value("First name") == "Boby"
        await admin.press("escape", "y")
        assert "Nothing was saved." in admin.text
        await admin.press("e", "escape")
        assert "Edit Bo Berg" not in admin.text
        await admin.press("escape")
        assert "[1 Users]" in admin.text

    play(crowd.core, story)
    assert person(crowd, "bo@example.com").first_name == "Bo"


def test_a_wrong_field_is_marked_beside_it_and_nothing_typed_is_lost(crowd: House) -> None:
    """Core's sentences stand beside the fields, the cursor goes to the first, and typing anew takes the mark away."""

    async def story(admin: Admin) -> None:
        await admin.press("enter", "e")
        await admin.type("\x15Otto")
        await admin.press(*["tab"] * 7)
        await admin.type("call me")
        await admin.press(*["tab"] * 2)
        await admin.type("yesterday")
        await admin.press("ctrl+o")
        assert "Enter a phone number" in admin.row("call me")
        assert "Otto" in admin.row("First name")
        assert admin.focus == "person-phone"
        await admin.type("\x15+49 30 901820")
        assert "Enter a phone number" not in admin.text
        await admin.press(*["tab"] * 2)
        await admin.type("\x151990-03-27\x0f")
        assert "Saved." in admin.text

    play(crowd.core, story)
    found = person(crowd, "bo@example.com")
    assert (found.first_name, found.phone, str(found.born_on)) == ("Otto", "+49 30 901820", "1990-03-27")


def test_a_new_role_shows_what_follows_and_counts_from_the_next_sign_in(crowd: House) -> None:
    """Roles out of reach are greyed with the reason; the plan says what follows; `y` saves, Esc keeps the form."""

    async def story(admin: Admin) -> None:
        await admin.press("enter", "e", "tab", "tab", "tab", "enter")
        assert "Company Admin    out of reach" in admin.text
        await admin.type("content\r")
        assert "counts from the next sign-in" in admin.row("Role")
        await admin.press("ctrl+o")
        assert "Trainer → Content Manager" in admin.said
        assert "sign out and in again" in admin.said
        await admin.press("escape")
        assert "What you typed is still here." in admin.said
        assert person(crowd, "bo@example.com").role == Role.TRAINER
        await admin.press("ctrl+o", "y")
        assert "Saved. A new role counts from the next sign-in." in admin.said

    play(crowd.core, story)
    assert person(crowd, "bo@example.com").role == Role.CONTENT_MANAGER


def test_department_and_groups_are_chosen_from_what_there_is(crowd: House) -> None:
    """A department is taken from the list, groups are ticked, and both are saved together in one event."""

    async def story(admin: Admin) -> None:
        await admin.press("enter", "e", *["tab"] * 4, "enter")
        await admin.type("supp\r")
        await admin.press("tab", "enter")
        await admin.type("q3\t\r")
        assert admin.value("Learning groups") == "Night shift, Q3 onboarding"
        await admin.press("ctrl+o")
        assert admin.value("Department").startswith("ΔSupport") or "ΔSupport" in admin.row("Department")

    play(crowd.core, story)
    with crowd.core.look(crowd.admin) as look:
        bo = look.db.scalars(select(User.id).where(User.address == "bo@example.com")).one()
        events = select(AuditEvent).where(AuditEvent.subject_id == bo, AuditEvent.action == "user.edited")
        [event] = look.db.scalars(events)
    assert set(event.details) == {"department", "groups"}


def test_ones_own_name_can_be_edited_and_ones_own_role_says_why_not(crowd: House) -> None:
    """R34: the field of the own role is out of reach, Enter on it gives the reason, and the name is saved."""

    async def story(admin: Admin) -> None:
        await admin.press("j", "e")
        assert "out of reach; Enter says why" in admin.row("Role")
        await admin.press("tab", "tab", "tab", "enter")
        assert "This is your own account" in admin.said
        await admin.press("escape", "up", "up")
        await admin.type("\x15Lovelace\x0f")
        assert "Saved." in admin.text

    play(crowd.core, story)
    assert person(crowd, "ada@example.com").last_name == "Lovelace"


def test_the_next_person_comes_without_closing_and_the_list_follows(crowd: House) -> None:
    """`j` and `k` go through the list; its ends say so; and the cursor of the list is where one left."""

    async def story(admin: Admin) -> None:
        await admin.press("enter", "k")
        assert "This is the first one of the list." in admin.text
        await admin.press("j", "j")
        assert "Cyrus Çelik" in admin.lines[0]
        assert admin.lines[0].endswith("3 of 3")
        await admin.press("j")
        assert "There is nobody further in this list." in admin.text
        await admin.press("escape")
        assert admin.row("Cyrus").startswith("▸")

    play(crowd.core, story)


def test_history_copy_help_and_refresh_have_their_keys(crowd: House) -> None:
    """`H` on the list opens the history, `y` copies the address, `?` lists the keys and runs them, `R` reads again."""

    async def story(admin: Admin) -> None:
        await admin.type("H")
        assert "registered as Trainer" in admin.text
        await admin.press("y")
        assert admin.copied == "bo@example.com"
        await admin.type("?")
        assert "Go to the next person of the list." in admin.text
        await admin.type("next\r")
        assert "Ada Byron" in admin.lines[0]
        await admin.type("R")
        assert "Ada Byron" in admin.lines[0]

    play(crowd.core, story)


def test_a_person_nobody_changed_says_so_under_history(crowd: House) -> None:
    """An empty history is a sentence, not a heading over nothing."""
    with crowd.core.operator() as work:
        work.db.execute(delete(AuditEvent))

    async def story(admin: Admin) -> None:
        await admin.press("enter")
        heading = admin.lines.index(" History")
        assert admin.lines[heading + 1] == " Nothing was changed here so far."

    play(crowd.core, story)


def test_what_others_change_shows_without_a_key(crowd: House) -> None:
    """The person on the screen is shown anew with a sign, and the form says so before anything is saved."""
    other = crowd.sign_in()
    bo = person(crowd, "bo@example.com").id

    async def story(admin: Admin) -> None:
        await admin.press("enter")
        with crowd.core.work(other) as work:
            edit(work, Edit(bo, {"job_title": "Captain"}))
        await admin.notice_changes()
        assert "Job title       ΔCaptain" in admin.text
        await admin.press("e")
        with crowd.core.work(other) as work:
            edit(work, Edit(bo, {"job_title": "Major"}))
        await admin.notice_changes()
        assert "Somebody has just changed Job title." in admin.said

    play(crowd.core, story)


def test_a_conflict_is_decided_field_by_field(crowd: House) -> None:
    """What was looked at, what is there now and by whom, and what was wanted; `o` overwrites, the default skips."""
    other = crowd.sign_in()
    bo = person(crowd, "bo@example.com").id

    async def story(admin: Admin) -> None:
        await admin.press("enter", "e")
        await admin.type("\x15Mine")
        await admin.press("tab")
        await admin.type("\x15Mine too")
        with crowd.core.work(other) as work:
            edit(work, Edit(bo, {"first_name": "Theirs", "last_name": "Theirs too"}))
        await admin.press("ctrl+o")
        assert admin.value("When you looked") == "Bo"
        assert admin.value("Now").startswith("Theirs  (ada@example.com, 2026-03-02 09:00 UTC)")
        assert admin.value("You wanted") == "Mine"
        await admin.press("escape")
        assert admin.value("First name") == "Mine"
        await admin.press("ctrl+o", "s", "o", "enter")
        assert "Saved." in admin.text

    play(crowd.core, story)
    found = person(crowd, "bo@example.com")
    assert (found.first_name, found.last_name) == ("Theirs", "Mine too")


def test_somebody_at_ones_own_level_can_be_read_and_not_edited(company: House) -> None:
    """R34: `e` says who could, and the reason stands on the screen from the beginning."""
    with company.core.operator() as work:
        user = User(
            address="eve@example.com",
            address_key="eve@example.com",
            role=int(Role.COMPANY_ADMIN),
            first_name="Eve",
            last_name="Adams",
            password_hash="x",
            search_key="eve adams eve@example.com",
            sort_key="adams eve eve@example.com",
            created_at=work.now,
        )
        work.db.add(user)

    async def story(admin: Admin) -> None:
        await admin.press("enter")
        assert "Eve Adams" in admin.lines[0]
        assert "is not below your own role" in admin.said
        await admin.press("e")
        assert "Edit Eve" not in admin.text

    play(company.core, story)


def test_names_of_any_script_and_escape_codes_break_nothing(company: House) -> None:
    """Whatever is in a name, it is shown harmless on the screen and in the form, and saving something else keeps it."""
    for number, name in enumerate(HOSTILE):
        company.register(f"p{number}@example.com", first_name=name, last_name="Z" * 90)

    async def story(admin: Admin) -> None:
        await admin.type("/p0\r")
        await admin.press("enter", "e", *["tab"] * 6)
        await admin.type("Captain\x0f")
        assert "Saved." in admin.text
        assert "\x1b" not in admin.text
        assert "Eve [/x]␛]52" in admin.lines[0]

    play(company.core, story)
    found = person(company, "p0@example.com")
    assert (found.first_name, found.job_title) == (HOSTILE[0], "Captain")


def test_seats_and_what_was_learned_at_80x24_to_the_letter(crowd: House) -> None:
    """Seats with their ends, then per course how far, how many lessons and certificates; a coming leave stands above."""
    bo = person(crowd, "bo@example.com").id
    hold(crowd, bought(crowd, "Premium Sales", ["Closing deals"], until=date(2026, 12, 31)), bo)
    hold(crowd, bought(crowd, "Pilot 2024", ["Welding"], until=date(2024, 12, 31)), bo)
    with crowd.core.system("platform") as work:
        record_lesson(work, bo, "Closing deals", "Lesson 1")
        record_lesson(work, bo, "Closing deals", "Lesson 2")
        record_progress(work, bo, "Closing deals", 64)
        issue_certificate(work, bo, "Welding", "2026-1")
    with crowd.core.work(crowd.admin) as work:
        change_people(work, Target(ids=[bo]), Leave(date(2026, 12, 31)))

    async def story(admin: Admin) -> None:
        await admin.press("enter")
        assert admin.lines[3:22] == [
            " Role             Trainer                Status           active",
            " Department       Sales                  Joined           2026-03-02",
            " Learning groups  Night shift            Last sign-in     never",
            " Job title        not given              Open sign-ins    0",
            " Phone            not given              License seats    2, 1 expired",
            " Address          not given              Lessons done     2",
            " Date of birth    not given              Certificates     1",
            " Language         the company's          Leaves on        2026-12-31, by itself",
            "",
            " Seats",
            " Pilot 2024                    expired on 2024-12-31: gives no access",
            " Premium Sales                 until 2026-12-31, held since 2026-03-02",
            "",
            " Learning",
            " Closing deals                 ▰▰▰▰▰▰▱▱▱▱  64 %  2 lessons, last 2026-03-02",
            " Welding                       certificate 2026-1 of 2026-03-02",
            "",
            " History",
            " 2026-03-02 09:00  ada@example.com          Leaves on: no date → 2026-12-31",
        ]

    play(crowd.core, story)


def test_an_archived_person_shows_the_seats_they_lost_and_whether_one_is_free(crowd: House) -> None:
    """R46: under the former seats core says whether one could be theirs again, and the history names the license."""
    bo, cyrus = (person(crowd, f"{name}@example.com").id for name in ("bo", "cyrus"))
    for name in ("Roomy", "Small"):
        hold(crowd, bought(crowd, name, seats=1), bo)
    with crowd.core.work(crowd.admin) as work:
        change_people(work, Target(ids=[bo]), Archive())
    with crowd.core.work(crowd.admin) as work:
        small = license_named(work.db, "Small")
        change_people(work, Target(ids=[cyrus]), GiveSeat(small))

    async def story(admin: Admin) -> None:
        await admin.type("/status:archived\r")
        await admin.press("enter")
        assert admin.value("Roomy") == "one is free now"
        assert admin.value("Small").startswith("No seat of Small is left.")
        assert "seat of Small revoked" in admin.text
        assert ("Former seats" in admin.text, " Seats\n" in admin.text) == (True, False)

    play(crowd.core, story)
