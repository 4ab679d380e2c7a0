"""The lists: what they show, how they are narrowed down, and that they show what others do without a key."""

from __future__ import annotations

import pytest

from core.core import Core
from core.roles import Role
from core.services.inviting import Line, Offer, invite_many, withdraw
from core.services.mailing import deliver_due
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play, register

pytestmark = [sqlite_only, pytest.mark.slow]


@pytest.fixture
def crowd(company: House, clock: MovableClock) -> House:
    """Return a company with three people and invitations in every state."""
    company.register("bo@example.com", Role.TRAINER, department="Sales", groups=["Night shift"])
    company.register("cyrus@example.com", Role.CONTENT_MANAGER, first_name="Cyrus", last_name="Çelik")
    company.invite("old@example.com", days=1)
    clock.move(days=2)
    company.invite("late@example.com", Role.TRAINER, department="Sales")
    company.invite("late@example.com", Role.TRAINER, department="Sales")
    gone = company.invite("gone@example.com")
    with company.core.work(company.admin) as work:
        withdraw(work, [gone])
    return company


def test_the_users_at_80x24_to_the_letter(crowd: House) -> None:
    """The list of people on the small screen, with its title, position and hints."""

    async def story(admin: Admin) -> None:
        assert admin.lines[:23] == [
            " [1 Users] 2 Inv 3 Lic 4 Dep 5 Grp 6 Rol 7 Aud 8 Mail 9 Co  Engine …  Ada Byron",
            "  ▸Name▲              Email                  Role            Status   Department",
            "▸  Bo Berg            bo@example.com         Trainer         active   Sales",
            "   Ada Byron          ada@example.com        Company Admin   active",
            "   Cyrus Çelik        cyrus@example.com      Content Manager active",
            *[""] * 17,
            "                                                             this row  1–3 of 3",
        ]
        assert admin.lines[23].startswith(" i invite   Enter open   ")
        assert "? help" in admin.lines[23]

    play(crowd.core, story)


def test_the_users_at_120x40_have_room_for_more(crowd: House) -> None:
    """The wide screen adds groups, seats and the last sign-in."""

    async def story(admin: Admin) -> None:
        assert len(admin.lines) == 40
        titles = ["▸Name▲", "Email", "Role", "Status", "Department", "Groups", "Seats", "Last", "seen"]
        assert admin.lines[1].split() == titles
        assert admin.row("Bo Berg").split()[-3:] == ["Night", "s…", "never"]
        assert admin.row("Ada Byron    ").endswith("2026-03-04")

    play(crowd.core, story, size=(120, 40))


def test_the_invitations_at_80x24_to_the_letter(crowd: House) -> None:
    """The list of invitations, newest first, with the state of each and of its mail in words."""

    async def story(admin: Admin) -> None:
        await admin.press("2")
        assert admin.lines[:8] == [
            " 1 Users [2 Invitations] 3 Lic 4 Dep 5 Grp 6 Rol 7 Aud 8 Mail 9 Co    Ada Byron",
            "  ▸Email                      State     Mail     Role            Valid until",
            "▸  gone@example.com           withdrawn dropped  Learner         2026-03-11",
            "   late@example.com           open      waiting  Trainer         2026-03-11",
            "   late@example.com           replaced  dropped  Trainer         2026-03-11",
            "   old@example.com            expired   waiting  Learner         2026-03-03",
            "   cyrus@example.com          accepted  waiting  Content Manager 2026-03-09",
            "   bo@example.com             accepted  waiting  Trainer         2026-03-09",
        ]
        assert admin.lines[23].startswith(" i invite   Enter open   a actions   r renew   X withdraw   ")
        assert admin.lines[23].endswith("? help")

    play(crowd.core, story)


def test_the_facts_of_an_invitation_say_what_to_do_next(crowd: House) -> None:
    """Enter shows everything about an invitation: its mail, what the server said, and the key that mends it."""

    async def story(admin: Admin) -> None:
        await admin.press("2", "down", "enter")
        assert "Invitation of late@example.com" in admin.text
        assert admin.value("Department") == "Sales"
        assert admin.value("Mail") == "waiting: waiting to be sent"
        assert admin.value("What to do") == "r sends a new link, L shows this one, X withdraws it"
        await admin.press("escape")
        assert "Invitation of" not in admin.text

    play(crowd.core, story)


def test_a_domain_that_looks_like_another_is_told_by_its_letters(company: House) -> None:
    """P12: beside a domain beyond ASCII the facts show the one that the mail really goes to."""
    company.invite("bo@\u0430pple.example")

    async def story(admin: Admin) -> None:
        await admin.press("2", "enter")
        assert "xn--pple-43d.example" in admin.text

    play(company.core, story)


def test_the_facts_of_a_person(crowd: House) -> None:
    """Enter shows everything about a person, also what is not given."""

    async def story(admin: Admin) -> None:
        await admin.press("enter")
        assert "bo@example.com" in admin.text
        assert "Night shift" in admin.text
        assert "never" in admin.text

    play(crowd.core, story)


def test_the_state_of_the_mail_changes_before_ones_eyes(crowd: House) -> None:
    """When the mail was handed over, the row says so without a key."""

    async def story(admin: Admin) -> None:
        await admin.press("2")
        assert " waiting " in admin.row("late@example.com           open")
        deliver_due(crowd.core)
        await admin.notice_changes()
        assert " Δsent " in admin.row("late@example.com           open")

    play(crowd.core, story)


def test_somebody_who_registers_turns_up_without_a_key(company: House) -> None:
    """While the admin watches, the invitation turns accepted, and the person appears among the people."""
    invitation = company.invite("bo@example.com", Role.TRAINER)

    async def story(admin: Admin) -> None:
        await admin.press("2")
        assert " open " in admin.row("bo@example.com")
        register(company, invitation)
        await admin.notice_changes()
        assert "accepted" in admin.row("bo@example.com")
        await admin.press("1")
        assert "active" in admin.row("Bo Berg")

    play(company.core, story)


def test_a_new_person_is_told_and_comes_in_with_a_key(company: House) -> None:
    """While the list of people is in front, a registration moves nothing, is counted, and `R` takes it in."""
    invitation = company.invite("bo@example.com")

    async def story(admin: Admin) -> None:
        assert "Bo Berg" not in admin.text
        register(company, invitation)
        await admin.notice_changes()
        assert "Bo Berg" not in admin.text
        assert "1 new" in admin.lines[22]
        await admin.press("R")
        assert "Bo Berg" in admin.text
        assert admin.row("Ada Byron   ").startswith("▸")

    play(company.core, story)


def test_nothing_moves_while_somebody_types_and_it_is_made_up_for_afterwards(company: House) -> None:
    """A change that comes while the prompt is open waits until it closes."""
    invitation = company.invite("bo@example.com")

    async def story(admin: Admin) -> None:
        await admin.press("slash")
        register(company, invitation)
        await admin.notice_changes()
        assert "Bo Berg" not in admin.text
        assert "1 new" not in admin.lines[22]
        await admin.press("escape")
        assert "1 new" in admin.lines[22]

    play(company.core, story)


def test_a_filter_narrows_the_list_down_and_says_so(crowd: House) -> None:
    """`/` with words and keys leaves the rows they match, and the status line shows the filter and the count."""

    async def story(admin: Admin) -> None:
        await admin.type("/berg\r")
        assert [name in admin.text for name in ("Bo Berg", "Cyrus")] == [True, False]
        assert admin.lines[22] == " /berg" + " " * 55 + "this row  1–1 of 1"
        await admin.press("equals_sign")
        await admin.type("/-role:trainer\r")
        assert [name in admin.text for name in ("Bo Berg", "Cyrus")] == [False, True]
        await admin.type("/\x15nobody\r")
        assert "Nothing matches nobody. Esc drops the filter." in admin.text

    play(crowd.core, story)


def test_a_filter_works_while_it_is_typed(crowd: House) -> None:
    """After a pause the list is narrow by what is whole so far, and Esc brings it back as it was."""

    async def story(admin: Admin) -> None:
        await admin.type("/cyr dept:")
        await admin.pilot.pause(0.4)
        await admin.quiet()
        assert [name in admin.text for name in ("Bo Berg", "Cyrus")] == [False, True]
        await admin.press("escape")
        assert [name in admin.text for name in ("Bo Berg", "Cyrus")] == [True, True]

    play(crowd.core, story)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("colour:red", "The filter word colour:red: there is no key colour. There is:"),
        ("role:boss", "role:boss"),
        (
            "dept:nowhere",
            "The filter word dept:nowhere: there is no department nowhere. There is: Sales, Support.",
        ),
        ('"open', "a quote is not closed"),
    ],
)
def test_a_wrong_filter_word_is_named_and_stays_to_be_mended(crowd: House, typed: str, sentence: str) -> None:
    """The sentence names the word and what exists, what was typed stays, and Esc leaves rows and filter as before."""

    async def story(admin: Admin) -> None:
        await admin.type("/berg\r")
        await admin.type(f"/\x15{typed}\r")
        assert sentence in admin.said
        assert "Bo Berg" in admin.text
        assert admin.lines[23] == f" /{typed}"
        await admin.press("escape")
        assert admin.lines[22].startswith(" /berg")
        assert "Bo Berg" in admin.text

    play(crowd.core, story)


def test_a_filter_and_enter_in_one_burst(crowd: House) -> None:
    """A filter with its Enter, and a key behind it, do what they do when typed slowly."""

    async def story(admin: Admin) -> None:
        await admin.type("/cyrus\r\r")
        assert "[1 Users]" not in admin.lines[0]
        assert "cyrus@example.com" in admin.text

    play(crowd.core, story)


def test_esc_takes_one_step_back_at_a_time(crowd: House) -> None:
    """Esc leaves the prompt, then the range, then the filter, and then says how to leave the console."""

    async def story(admin: Admin) -> None:
        await admin.type("/example\r")
        await admin.press("v", "j", "slash")
        assert admin.lines[23].startswith(" /")
        await admin.press("escape")
        assert admin.lines[23].startswith(" i invite")
        assert "range  2 marked" in admin.lines[22]
        await admin.press("escape")
        assert "marked" not in admin.lines[22]
        assert admin.lines[22].startswith(" /example")
        await admin.press("escape")
        assert not admin.lines[22].startswith(" /example")
        await admin.press("q")
        assert "Press Q to leave the console, O to sign out." in admin.said
        assert admin.console.is_running

    play(crowd.core, story)


def test_marks_survive_a_filter_and_are_counted(crowd: House) -> None:
    """Marked rows that a filter hides are counted as hidden."""

    async def story(admin: Admin) -> None:
        await admin.press("space", "space")
        await admin.type("/cyrus\r")
        assert "2 marked, 2 hidden by the filter" in admin.lines[22]

    play(crowd.core, story)


def test_a_list_can_be_put_in_another_order(crowd: House) -> None:
    """`]` on a column sorts by it downwards, and the header carries the sign."""

    async def story(admin: Admin) -> None:
        await admin.press("right", "right", "right_square_bracket")
        assert "▸Role▼" in admin.lines[1]
        assert [line.split()[0] for line in admin.lines[2:5]][-1] != "Ada"
        assert "Ada Byron" in admin.lines[2] + admin.lines[3]

    play(crowd.core, story)


def test_a_column_that_cannot_sort_says_nothing_and_changes_nothing(crowd: House) -> None:
    """`[` on a column without an order leaves the list as it is."""

    async def story(admin: Admin) -> None:
        await admin.press("2")
        before = admin.lines[2:8]
        await admin.press("right", "right", "left_square_bracket")
        assert admin.lines[2:8] == before

    play(crowd.core, story)


def test_minus_goes_back_to_the_list_before(crowd: House) -> None:
    """`-` swaps the two lists, which keep their cursor and filter; without one before it says so."""

    async def story(admin: Admin) -> None:
        await admin.press("minus")
        assert "There is no list before this one." in admin.said
        await admin.press("j", "2", "minus")
        assert "[1 Users]" in admin.lines[0]
        assert admin.lines[3].startswith("▸")
        await admin.press("minus")
        assert "[2 Invitations]" in admin.lines[0]

    play(crowd.core, story)


def test_lists_can_be_visited_again_and_again(crowd: House) -> None:
    """Going to and fro between the lists keeps both alive."""

    async def story(admin: Admin) -> None:
        for _ in range(4):
            await admin.press("2")
            assert "gone@example.com" in admin.lines[2]
            await admin.press("1")
            assert "Bo Berg" in admin.lines[2]

    play(crowd.core, story)


def test_addresses_of_the_marked_rows_are_copied(crowd: House) -> None:
    """`y` copies the addresses of the marked rows, or of the row under the cursor, and says how many."""

    async def story(admin: Admin) -> None:
        await admin.press("y")
        assert admin.copied == "bo@example.com"
        assert "1 address copied." in admin.said
        await admin.press("asterisk", "y")
        assert set(admin.copied.split()) == {"ada@example.com", "bo@example.com", "cyrus@example.com"}
        assert "3 addresses copied." in admin.said

    play(crowd.core, story)


def test_a_long_list_scrolls_through_all_its_rows(core: Core, company: House) -> None:
    """A list of several pages shows its last row at the end and its first at the top."""
    with core.work(company.admin) as work:
        invite_many(work, [Line(number, f"p{number:03}@example.com") for number in range(1, 331)], Offer())

    async def story(admin: Admin) -> None:
        await admin.press("2", "G")
        assert "p001@example.com" in admin.lines[21]
        assert "311–330 of 330" in admin.lines[22]
        await admin.press("g")
        assert "p330@example.com" in admin.lines[2]
        await admin.type(":200\r")
        assert admin.row("p131@example.com").startswith("▸")

    play(core, story)


def test_a_window_that_becomes_too_small_says_so_and_nothing_is_lost(crowd: House) -> None:
    """Below 80x24 a sentence says what is needed; made larger again, the half-typed form is there as it was."""

    async def story(admin: Admin) -> None:
        await admin.type("igrace@ex")
        await admin.pilot.resize_terminal(60, 20)
        await admin.quiet()
        assert "This window has 60 columns and 20 lines." in admin.text
        assert "The console needs 80 and 24. Make it larger to go on." in admin.text
        assert "Users" not in admin.text
        await admin.pilot.resize_terminal(120, 40)
        await admin.quiet()
        assert admin.value("Email, one or several") == "grace@ex"
        await admin.type("ample.com")
        assert admin.value("Email, one or several") == "grace@example.com"

    play(crowd.core, story)
