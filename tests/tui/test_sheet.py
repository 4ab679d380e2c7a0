"""The sheet in the console: marked people as a grid to type in, saved as one batch after its plan was seen."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.models import AuditEvent, User
from core.roles import Role
from core.services.editing import Edit, edit
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tui.screens.sheet_screen import open_sheet as open_directly

pytestmark = [sqlite_only, pytest.mark.slow]
HOSTILE = ("Eve [/x]\x1b]52;c;aGVsbG8=\x07", "李雷 محمد", "Z\u0301oe\u0308 👩\u200d💻")


@pytest.fixture
def crowd(company: House) -> House:
    """Return a company with three people below the admin."""
    company.register("bo@example.com", Role.TRAINER, department="Sales", groups=["Night shift"])
    company.register("cyrus@example.com", Role.CONTENT_MANAGER, first_name="Cyrus", last_name="Çelik")
    company.register("dee@example.com", first_name="Dee", last_name="Dunn")
    return company


def people(house: House) -> dict[str, User]:
    """Return everybody by address."""
    with house.core.look(house.admin) as look:
        found = {user.address: user for user in look.db.scalars(select(User))}
        look.db.expunge_all()
    return found


async def open_sheet(admin: Admin) -> None:
    """Mark everybody and press `e`."""
    await admin.type("*e")


def paste(text: str) -> str:
    """Return what a terminal sends when `text` is pasted."""
    return f"\x1b[200~{text}\x1b[201~"


def test_the_sheet_at_80x24_to_the_letter(crowd: House) -> None:
    """Who it is, the columns that fit, and what is to be done, with nothing changed."""

    async def story(admin: Admin) -> None:
        await open_sheet(admin)
        assert admin.lines[:6] == [
            " Edit 4 people                                   nothing is saved before Ctrl+O",
            "  Who                 ▸First name   Last name      Department    Role          …",
            "▸ bo@example.com       Bo           Berg           Sales         Trainer",
            "  ada@example.com      Ada          Byron                        Company Admin",
            "  cyrus@example.com    Cyrus        Çelik                        Content Manager",
            "  dee@example.com      Dee          Dunn                         Learner",
        ]
        assert (
            admin.lines[22]
            == " Nothing is changed.                                   1–4 of 4  4 more columns"
        )
        assert admin.lines[23].startswith(" Enter type   Ctrl+O save   . fill down   u undo")

    play(crowd.core, story)


def test_the_sheet_at_120x40_shows_more_columns(crowd: House) -> None:
    """The wide screen adds the job title, and every column is wider."""

    async def story(admin: Admin) -> None:
        await open_sheet(admin)
        assert admin.lines[1].split("  ")[-1].strip() == "…"
        titles = "Who ▸First name Last name Department Role Job title …"
        assert " ".join(admin.lines[1].split()) == titles
        assert len(admin.lines) == 40

    play(crowd.core, story, size=(120, 40))


def test_typing_replaces_enter_goes_down_tab_goes_right_and_esc_stops(crowd: House) -> None:
    """The first letter replaces the old text; Right keeps it to be amended; Esc leaves the last cell as it was."""

    async def story(admin: Admin) -> None:
        await open_sheet(admin)
        await admin.type("\rOtto\r")
        await admin.type("\x1b[CX\tLast\x1b[Bnever")
        await admin.press("escape")
        assert "ΔOtto         Berg" in admin.row("bo@example.com")
        assert "ΔAdaX        ΔLast" in admin.row("ada@example.com")
        assert " Cyrus        Çelik" in admin.row("cyrus@example.com")
        assert "3 cells of 2 people changed" in admin.text

    play(crowd.core, story)


def test_letters_typed_beyond_the_last_row_are_no_commands(crowd: House) -> None:
    """Fast hands type one name too many: it is dropped with a sentence, and any other key goes on."""

    async def story(admin: Admin) -> None:
        await open_sheet(admin)
        await admin.type("G\rDaisy\rxu.Sq\r")
        assert "ΔDaisy" in admin.row("dee@example.com")
        assert "That was the last cell. What you typed after it was dropped." in admin.text
        await admin.press("up", "down")
        await admin.type("x")
        assert "Nothing is changed." in admin.text

    play(crowd.core, story)


def test_saving_shows_the_differences_and_writes_them_as_one_batch_that_is_taken_back(crowd: House) -> None:
    """Nothing is written before `y`; then every person has one audit row of one batch, and `u` restores all."""

    async def story(admin: Admin) -> None:
        await open_sheet(admin)
        await admin.type("G\rDaisy\r")
        await admin.press("home")
        await admin.type("ll\rsup\r")
        await admin.press("escape", "ctrl+o")
        assert "Edit 2 people" in admin.said
        assert people(crowd)["dee@example.com"].first_name == "Dee"
        await admin.press("y")
        assert "2 people edited." in admin.said
        assert people(crowd)["dee@example.com"].first_name == "Daisy"
        assert people(crowd)["bo@example.com"].department_id == crowd.departments["Support"]
        await admin.press("u")
        await admin.press("y")
        assert people(crowd)["dee@example.com"].first_name == "Dee"

    play(crowd.core, story)
    with crowd.core.look(crowd.admin) as look:
        batches = look.db.scalars(
            select(AuditEvent.batch).where(AuditEvent.action.in_(["user.edited", "user.placed"]))
        )
        assert len(set(batches)) == 2


def test_a_column_from_a_spreadsheet_fills_the_rows_below(crowd: House) -> None:
    """Lines go down and tabs right; names of departments and roles are taken in any case; what has no room is told."""

    async def story(admin: Admin) -> None:
        await open_sheet(admin)
        await admin.type("jjll" + paste("SUPPORT\tlearner\nsales\tTrainer\nnobody\n"))
        assert "ΔSupport      ΔLearner" in admin.row("cyrus@example.com")
        assert "ΔSales        ΔTrainer" in admin.row("dee@example.com")
        assert "4 cells pasted. 1 found no room and was left out." in admin.text

    play(crowd.core, story)


def test_a_wrong_value_is_marked_with_its_sentence_and_n_goes_there(crowd: House) -> None:
    """The sign is in the cell, the sentence below names what exists, and the plan refuses that person alone."""

    async def story(admin: Admin) -> None:
        await open_sheet(admin)
        await admin.type("jjll" + paste("Nowhere"))
        await admin.type("jh" + paste("Dawn"))
        await admin.type("gn")
        assert "✗Nowhere" in admin.row("cyrus@example.com")
        assert "Department: There is no department Nowhere. There is: Sales, Support." in admin.said
        await admin.press("ctrl+o")
        assert "Edit 1 of 2 people" in admin.said
        assert "There is no department Nowhere" in admin.said
        await admin.press("y")
        assert people(crowd)["dee@example.com"].last_name == "Dawn"
        assert "✗Nowhere" in admin.row("cyrus@example.com")
        assert " Dawn" in admin.row("dee@example.com")

    play(crowd.core, story)


def test_fill_down_undo_redo_empty_and_back(crowd: House) -> None:
    """`.` copies into the next cell or down a range, `u` and `U` go through the steps, Del empties, `x` restores."""

    async def story(admin: Admin) -> None:
        await open_sheet(admin)
        await admin.type("$" + paste("4711") + "vG.")
        assert admin.text.count("Δ4711") == 4
        await admin.type("\x1bu")
        assert admin.text.count("Δ4711") == 1
        await admin.type("U")
        assert admin.text.count("Δ4711") == 4
        await admin.type("g\x1b[3~")
        assert admin.text.count("Δ4711") == 3
        await admin.type("vGx")
        assert "Nothing is changed." in admin.text
        await admin.type("\x1bg" + paste("0815") + "..")
        assert admin.text.count("Δ0815") == 3

    play(crowd.core, story)


def test_ones_own_role_and_whoever_is_not_below_are_locked_and_say_why(crowd: House) -> None:
    """One's own name can be typed, one's own role cannot; `w` gives the reasons in order."""

    async def story(admin: Admin) -> None:
        await open_sheet(admin)
        await admin.type("j$hhhh\r")
        assert "This is your own account" in admin.said
        await admin.press("w")
        assert "Why? Ada Byron" in admin.text
        assert "✗ You may give another role" in admin.text

    play(crowd.core, story)


def test_choosing_shows_what_is_out_of_reach_and_says_why(crowd: House) -> None:
    """`o` opens what there is; a role at one's own level is greyed, with the reason and, by `?`, all there is to it."""

    async def story(admin: Admin) -> None:
        await open_sheet(admin)
        await admin.type("lllo")
        assert "Company Admin    out of reach" in admin.text
        await admin.type("company ad")
        assert "is not below your own role" in admin.said
        await admin.type("?")
        assert "Why?" in admin.text
        await admin.type("qq\x15learner\r")
        assert "ΔLearner" in admin.row("bo@example.com")

    play(crowd.core, story)


def test_a_conflict_is_shown_field_by_field_and_theirs_stays_by_default(crowd: House) -> None:
    """Somebody else renames a person meanwhile: Enter skips that field, the rest is planned and saved."""
    bo = people(crowd)["bo@example.com"].id
    other = crowd.sign_in()

    async def story(admin: Admin) -> None:
        await open_sheet(admin)
        await admin.type(paste("Mine") + "$" + paste("4711"))
        with crowd.core.work(other) as work:
            edit(work, Edit(bo, {"first_name": "Theirs"}))
        await admin.press("ctrl+o")
        assert "Somebody else has changed a field meanwhile" in admin.said
        assert admin.value("When you looked") == "Bo"
        assert admin.value("Now").startswith("Theirs  (ada@example.com, ")
        assert admin.value("You wanted") == "Mine"
        await admin.press("enter")
        assert "Edit 1 person" in admin.said
        await admin.press("y")

    play(crowd.core, story)
    found = people(crowd)["bo@example.com"]
    assert (found.first_name, found.phone) == ("Theirs", "4711")


def test_leaving_with_changes_asks_and_what_was_typed_stays_on_no(crowd: House) -> None:
    """Esc asks; `n` goes on, `y` throws it away, and nothing was ever written."""

    async def story(admin: Admin) -> None:
        await open_sheet(admin)
        await admin.type(paste("Gone"))
        await admin.press("escape")
        assert "Leave without saving? 1 cell of 1 person changed" in admin.text
        await admin.press("n")
        assert "ΔGone" in admin.text
        await admin.press("escape", "y")
        assert "Edit 4 people" not in admin.text

    play(crowd.core, story)
    assert people(crowd)["bo@example.com"].first_name == "Bo"


def test_names_of_any_script_and_escape_codes_break_nothing(company: House) -> None:
    """Whatever is in a name, every line of the sheet is as wide as the screen and nothing in it acts."""
    for number, name in enumerate(HOSTILE):
        company.register(f"p{number}@example.com", first_name=name, last_name="x" * 90)

    async def story(admin: Admin) -> None:
        await open_sheet(admin)
        await admin.type("jl\r")
        await admin.press("escape")
        assert "\x1b" not in admin.text
        assert "Eve [/x]␛]5" in admin.text
        assert "Nothing is changed." in admin.text

    play(company.core, story)


def test_more_people_than_a_sheet_holds_are_refused_with_the_number(crowd: House) -> None:
    """The sentence says how many are possible, and what works for any number."""

    async def story(admin: Admin) -> None:
        open_directly(admin.console, range(1, 5_002))
        await admin.quiet()
        assert "5,001 people are too many for a sheet; up to 5,000 are possible." in admin.said

    play(crowd.core, story)
