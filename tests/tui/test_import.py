"""The way of an import: staged, judged, planned, confirmed, written, shown."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import update

from core.models import Company, OutboxMail, User
from core.roles import Role
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tests.tui.importing import addresses, bench, invitations, pasted, people, stage

pytestmark = sqlite_only

MIXED = "a@example.com\r\nb@example.com; bo@example.com, Open <open@example.com>\nx@gmial.com a@example.com nonsense@"


@pytest.fixture
def busy(company: House) -> House:
    """Return a company with a person and an open invitation."""
    company.register("bo@example.com")
    company.invite("open@example.com")
    return company


def test_the_empty_workbench_at_80x24_to_the_letter(company: House) -> None:
    """An import begins with one sentence about how addresses get in, and everything they would get."""

    async def story(admin: Admin) -> None:
        await admin.press("I")
        assert admin.lines[:6] == [
            " Import people into Engine Works",
            " As Learner, no department, no groups, link 7 days; open invitations skipped",
            "",
            "  ▸ Line▲ Address                    Verdict      Why",
            "",
            "  Paste addresses here, any number in any form. Or press f and type the path",
        ]
        assert (
            admin.lines[-1] == " I import   f file   o role   e mend   x drop   t typo   p problems   ? help"
        )

    play(company.core, story)


def test_every_kind_of_row_at_120x40_to_the_letter(busy: House) -> None:
    """Each row says what would become of it and why, and the counts say it for all of them."""

    async def story(admin: Admin) -> None:
        await admin.type("I" + pasted(MIXED))
        assert admin.lines[2:13] == [
            " Read: 7 pasted",
            "   ▸ Line▲  Address                     Verdict       Why",
            "▸        1  a@example.com               ready",
            "         2  b@example.com               ready",
            "         3  bo@example.com              has account   bo@example.com already has an account. Find it under Users.",
            "         4  open@example.com            invited       open@example.com already has an open invitation. Choose renew to …",
            "         5  x@gmial.com                 typo?         Probably x@gmail.com: t takes it.",
            "         6  a@example.com               twice         a@example.com is listed twice; the first one counts.",
            "         7  nonsense@                   no address    “nonsense@” is not an email address: There must be something afte…",
            "",
            "",
        ]
        counts = " 2 ready  1 typo?  1 has account  1 invited  1 no address  1 twice"
        assert admin.lines[36].startswith(counts)
        assert admin.lines[36].endswith("1–7 of 7")

    play(busy.core, story, size=(120, 40))


def test_the_plan_at_80x24_to_the_letter(busy: House) -> None:
    """Before anything is written the plan counts what is invited, skipped and wrong, and says what everybody gets."""

    async def story(admin: Admin) -> None:
        await admin.type("I" + pasted(MIXED) + "I")
        assert admin.lines[9:] == [
            "─" * 80,
            " Invite 3 people?",
            "         3  will be invited",
            "         1  skipped, with an open invitation: r renews it",
            "         1  skipped, with an account already",
            "         1  skipped, listed twice; the first one counts",
            "         1  error, not an email address",
            "",
            " Role              Learner",
            " Department        none",
            " Learning groups   none",
            " The link works    7 days",
            " Mistyped?         1 of them look so; Esc, then p shows and T mends them",
            "",
            " y yes   n no",
        ]
        await admin.type("n")
        assert "Nothing was imported." in admin.said

    play(busy.core, story)
    assert addresses(busy.core) == ["open@example.com"]


def test_what_is_said_is_what_is_in_the_database(busy: House) -> None:
    """The result counts what was written, names every other row with its reason, and leads to the import's own view."""

    async def story(admin: Admin) -> None:
        await admin.type("I" + pasted(MIXED) + "Iy")
        assert " 3 created, 3 skipped, 1 error" in admin.lines
        assert admin.row("line 3").endswith("bo@example.com already has an account. Find it under Users.")
        assert "line 7" in admin.text
        await admin.press("escape")
        assert "3 invited: 3 open. Mails: 3 waiting. They leave in 10 s. u takes it back" in admin.said
        assert [address in admin.text for address in ("a@example.com", "b@example.com", "x@gmial.com")] == [
            True
        ] * 3
        assert "open@example.com" not in admin.text

    play(busy.core, story)
    made = [one for one in invitations(busy.core) if one.batch]
    assert [one.address for one in made] == ["a@example.com", "b@example.com", "x@gmial.com"]
    assert len({one.batch for one in made}) == 1


def test_the_view_of_an_import_follows_its_mails(company: House) -> None:
    """While mails leave, the line of the import's own view counts them by itself."""

    async def story(admin: Admin) -> None:
        await stage(admin, people(3))
        await admin.type("Iy")
        await admin.press("escape")
        assert "Mails: 3 waiting." in admin.said
        with company.core.operator() as work:
            first = work.db.query(OutboxMail.id).order_by(OutboxMail.id).limit(2).subquery()
            work.db.execute(
                update(OutboxMail).where(OutboxMail.id.in_(work.db.query(first.c.id))).values(state="sent")
            )
        await admin.notice_changes()
        assert "Mails: 2 sent, 1 waiting." in admin.said

    play(company.core, story)


def test_many_are_confirmed_by_their_number(company: House) -> None:
    """Above twenty-five people neither y nor another number starts the import, the right number does."""

    async def story(admin: Admin) -> None:
        await stage(admin, people(26))
        await admin.type("Iy\r")
        assert addresses(company.core) == []
        await admin.type("I25\r")
        assert addresses(company.core) == []
        await admin.type("I26\r")
        assert " 26 created, 0 skipped, 0 errors" in admin.lines

    play(company.core, story)
    assert addresses(company.core) == people(26)


def test_five_thousand_pasted_addresses_are_all_there(company: House) -> None:
    """A paste of five thousand addresses is staged and judged whole, in its order, and is imported whole."""

    async def story(admin: Admin) -> None:
        await stage(admin, people(5000))
        assert " 5,000 ready" in admin.text
        assert "1–16 of 5,000" in admin.text
        assert [entry.text for entry in bench(admin).bench.staging.entries.values()] == people(5000)
        await admin.press("G")
        assert "person5000@example.com" in admin.text
        await admin.type("I5000\r")
        assert " 5,000 created, 0 skipped, 0 errors" in admin.lines

    play(company.core, story)
    assert addresses(company.core) == people(5000)


def test_two_pastes_come_one_after_the_other(company: House) -> None:
    """A second paste is added behind the first, its rows go on counting, and one address in both is twice."""

    async def story(admin: Admin) -> None:
        await admin.type("I" + pasted("a@example.com b@example.com") + pasted("c@example.com a@example.com"))
        assert admin.row("c@example.com").split()[:2] == ["3", "c@example.com"]
        assert "3 ready  1 twice" in admin.text
        assert "Read: 4 pasted" in admin.text

    play(company.core, story)


def test_hostile_text_does_nothing(company: House) -> None:
    """Escape sequences, marks of direction and brackets in a paste become rows that can be seen, and no key."""
    hostile = "\x1b]52;c;aGk=\x07evil@example.com\n\x1bIy\x1b[A\n\u202egro@example.com\n[/x] [@click=app.exit]\nok@example.com"

    async def story(admin: Admin) -> None:
        await admin.type("I" + pasted(hostile))
        assert "ok@example.com" in admin.row("ready")
        assert "␛" in admin.text
        assert "[/x]" in admin.text
        assert not {"\x1b", "\x07", "\u202e"} & set(admin.text)
        await admin.press("G", "home", "e")
        assert "\x1b" not in admin.text
        await admin.press("escape")
        await admin.type("Iy")
        assert "\x1b" not in admin.text
        assert admin.text.count("ok@example.com") <= 1

    play(company.core, story)
    assert addresses(company.core) == ["ok@example.com"]


def test_a_paste_where_a_path_is_typed_is_staged(company: House) -> None:
    """Addresses that are pasted into the prompt for a path are staged all the same, none of them lost."""

    async def story(admin: Admin) -> None:
        await admin.type("If" + pasted("a@example.com\nb@example.com"))
        assert "2 ready" in admin.text
        assert admin.focus == "grid"

    play(company.core, story)


def test_the_room_is_told_before_and_given_in_order(company: House) -> None:
    """Where places run out, the plan says for how many, and the first rows get them (D2)."""
    with company.core.operator() as work:
        work.db.execute(update(Company).values(user_cap=3))

    async def story(admin: Admin) -> None:
        await stage(admin, people(4))
        assert "2 ready  2 no place" in admin.text
        await admin.type("I")
        assert "         2  errors, without a place under the company's maximum" in admin.lines
        assert " Room              0 places are left afterwards" in admin.lines
        await admin.type("y")
        assert " 2 created, 0 skipped, 2 errors" in admin.lines

    play(company.core, story)
    assert addresses(company.core) == people(2)


def test_everybody_gets_the_highest_role_that_was_ticked(company: House) -> None:
    """Of several roles the highest is given and the screen says so; department, groups and days go with it (R16)."""

    async def story(admin: Admin) -> None:
        await stage(admin, people(2))
        await admin.type("o\r\t")
        await admin.press("down", "tab", "enter")
        assert admin.value("Role") == "Trainer, the highest of Learner, Trainer"
        await admin.type("\t\rsup\r\t\rnight\r\t")
        await admin.press("ctrl+u")
        await admin.type("30\t\r")
        assert "As Trainer, the highest of Learner, Trainer, Support, Night shift, link 30" in admin.text
        await admin.type("I")
        assert " Role              Trainer, the highest of Learner, Trainer" in admin.lines
        await admin.type("y")

    play(company.core, story)
    for one in invitations(company.core):
        assert (one.role, one.department_id) == (Role.TRAINER, company.departments["Support"])
        assert (one.expires_at - one.created_at).days == 30


def test_a_role_too_high_is_refused_before_anything_is_written(company: House) -> None:
    """A role at one's own level cannot be ticked, and where it was demanded all the same core refuses the run (R19)."""

    async def story(admin: Admin) -> None:
        await stage(admin, people(2))
        await admin.type("o\rcompany admin\r")
        assert "Company Admin is not below your own role" in admin.said
        await admin.press("escape", "escape")
        bench(admin).bench.wish = type(bench(admin).bench.wish)((Role.COMPANY_ADMIN,))
        await admin.type("Iy")
        assert "Company Admin is not below your own role" in admin.said

    play(company.core, story)
    assert invitations(company.core) == []


def test_escape_stops_a_running_import_and_nothing_is_left(company: House) -> None:
    """An import that is stopped while it runs writes nothing, says so, and what was staged is still there."""
    gate = threading.Event()

    async def story(admin: Admin) -> None:
        await stage(admin, people(20))
        await admin.type("I")
        admin.console.jobs.run(lambda _core: gate.wait(60), lambda _done: None, admin.console.jobs.finish)  # type: ignore[arg-type]
        for key in ("y", "escape"):
            admin.console.simulate_key(key)
            await admin.console.keyboard.idle()
        assert "Stopping" in admin.said
        gate.set()
        await admin.quiet()
        assert "Stopped. Nothing was changed." in admin.said
        assert "20 ready" in admin.text
        await admin.type("Iy")
        assert " 20 created, 0 skipped, 0 errors" in admin.lines

    play(company.core, story)
    assert addresses(company.core) == people(20)


def test_what_was_refused_is_saved_and_imports_once_mended(busy: House) -> None:
    """The file holds the lines with errors and their reasons, none that was skipped, and imports once mended."""

    async def story(admin: Admin) -> None:
        await admin.type("I" + pasted("good@example.com\nnonsense@\nbo@example.com") + "Iy")
        await admin.type("s")
        assert "Saved as" in admin.said
        await admin.press("escape")
        [path] = saved()
        assert path.stat().st_mode & 0o077 == 0
        mended = path.read_text("utf-8-sig").replace("nonsense@", "mended@example.com")
        path.write_text(mended, "utf-8")
        await admin.type(f":import {path}\r")
        assert "1 ready" in admin.text
        assert "has account" not in admin.text
        await admin.type("Iy")
        assert " 1 created, 0 skipped, 0 errors" in admin.lines

    def saved() -> list[Path]:
        return list((busy.core.settings.home / "rejects").iterdir())

    play(busy.core, story)
    assert addresses(busy.core)[-2:] == ["good@example.com", "mended@example.com"]


def test_rejects_of_one_second_are_two_files(busy: House) -> None:
    """Saving twice within a second overwrites nothing."""

    async def story(admin: Admin) -> None:
        await stage(admin, ["good@example.com", "nonsense@"])
        await admin.type("Iy")
        await admin.type("s")
        await admin.type("s")

    play(busy.core, story)
    first, second = sorted((busy.core.settings.home / "rejects").iterdir())
    assert first.read_bytes() == second.read_bytes()
    assert "nonsense@" in first.read_text("utf-8-sig").splitlines()


def test_an_archived_person_is_told_apart(busy: House) -> None:
    """An address of an archived account is skipped, and the reason says where to reactivate it (R22, R45)."""
    with busy.core.operator() as work:
        work.db.execute(
            update(User)
            .where(User.address == "bo@example.com")
            .values(status="archived", archived_at=work.now)
        )

    async def story(admin: Admin) -> None:
        await stage(admin, ["bo@example.com"])
        assert "archived" in admin.row("bo@example.com")
        assert "Reactivate it under Users (status:archived)." in admin.said
        await admin.type("I")
        assert "Nobody can be invited: every row has a reason against it." in admin.said

    play(busy.core, story)


def test_leaving_with_rows_staged_is_asked_first(company: House) -> None:
    """Esc and Ctrl+C ask before staged rows are thrown away, and leave at once where there are none."""

    async def story(admin: Admin) -> None:
        await admin.press("I", "escape")
        assert "[1 Users]" in admin.lines[0]
        await stage(admin, people(2))
        await admin.press("ctrl+c")
        assert "Leave without importing? 2 rows are staged." in admin.said
        await admin.type("n")
        assert "2 ready" in admin.text
        await admin.press("escape", "y")
        assert "[1 Users]" in admin.lines[0]

    play(company.core, story)
