"""The list of licenses and the screen of one: what they show, and every way to give seats and take them back."""

from __future__ import annotations

from datetime import date

import pytest

from core.reading.seats import waiters
from core.services.licenses import resize_license
from core.services.people import GiveSeat, change_people
from core.services.waiting import keep_waiting_list
from core.targets import Target
from tests.databases import sqlite_only
from tests.learners import bought, hold
from tests.people import House
from tests.services import rows
from tests.tui.console_app import Admin, play
from tests.tui.crew import ADA, BO, CY, DI, crew, crowd, people

pytestmark = [sqlite_only, pytest.mark.slow]


@pytest.fixture
def ids(company: House) -> dict[str, int]:
    """Return four people by address and three licenses by name, in a company that has them: one full, one over."""
    found = crew(company)
    full = bought(company, "Premium Sales", ["Negotiation"], seats=2, paths=["Closing"])
    over = bought(company, "Fire safety", seats=5, until=date(2026, 2, 1))
    soon = bought(company, "Languages", ["French", "German"], seats=4, until=date(2026, 3, 12))
    hold(company, full, found[BO], found[CY])
    hold(company, over, found[DI])
    return {**found, "full": full, "over": over, "soon": soon}


def seats(house: House) -> dict[str, tuple[str, ...]]:
    """Return who holds seats of which licenses, by address."""
    return {address: row.seats for address, row in people(house).items() if row.seats}


def test_the_licenses_at_80x24_to_the_letter(company: House, ids: dict[str, int]) -> None:
    """Bars and states are words and signs, the status line says what is wrong, the end sorts, `is:` filters."""

    async def story(admin: Admin) -> None:
        await admin.press("3")
        assert admin.lines[1:5] == [
            "  ▸License▲            Seats used             Free Until                Waiting",
            "▸  Fire safety         ▰▱▱▱▱▱▱▱ 1/5              4 expired 2026-02-01   off",
            "   Languages           ▱▱▱▱▱▱▱▱ 0/4              4 2026-03-12, 10 days  off",
            "   Premium Sales       ▰▰▰▰▰▰▰▰ 2/2           full no end               off",
        ]
        assert "The license Fire safety expired on 2026-02-01. Have the operator" in admin.said
        assert (
            admin.lines[23] == " n give a seat   Enter open   m members   U unused seats   / filter   ? help"
        )
        await admin.press("j")
        assert "Languages opens French, German." in admin.said
        await admin.type("lll]")
        assert admin.lines[2].startswith("   Premium Sales")
        await admin.press("g", "h", "apostrophe")
        assert "/is:full" in admin.said
        await admin.type("m")
        assert '/seat:"Premium Sales"' in admin.said
        assert admin.has_row(BO)
        assert not admin.has_row(DI)

    assert ids
    play(company.core, story)


def test_too_few_seats_are_served_in_list_order_or_not_at_all(company: House, ids: dict[str, int]) -> None:
    """The plan says how many are given and are missing, `o` chooses, the report tells, `u` takes the seats away."""
    bought(company, "Coaching", seats=3)

    async def story(admin: Admin) -> None:
        await admin.type("*:seats co\t\r")
        expected = [
            " Give a seat of Coaching to 3 of 4 people",
            " For 4 marked people.",
            " ▸ 3  will get a seat",
            "      3 seats will be allocated, 0 remain free.",
            "      Coaching is 1 seat short: 4 people, 3 free. They go in the order of the",
            "      list.",
            "      o gives nobody a seat unless there is one for everybody.",
            "   1  refused: No seat of Coaching is left. Revoke one, or have the operator of",
            "      the host buy more.",
            "   3  mails go out",
        ]
        assert admin.lines[admin.lines.index(expected[0]) :][: len(expected)] == expected
        assert "3 seats will be allocated, 0 remain free." in admin.said
        assert "1 refused: No seat of Coaching is left." in admin.said
        await admin.type("oy")
        assert "All or nobody was chosen; o serves in the order of the list instead." in admin.said
        assert "4 refused, such as: No seat of Coaching is left." in admin.said
        assert "There is nothing to do here." in admin.said
        assert "Coaching" not in str(seats(company))
        await admin.type("oy")
        assert "Done: Give a seat of Coaching to 3 people, 1 as they were" in admin.text
        assert "Coaching: 0 of 3 before, 3 now" in admin.text
        assert {address for address, held in seats(company).items() if "Coaching" in held} == {BO, ADA, CY}
        await admin.type("uy")
        assert "Coaching" not in str(seats(company))

    assert ids
    play(company.core, story)


def test_what_cannot_be_given_or_taken_says_why(company: House, ids: dict[str, int]) -> None:
    """Full and expired licenses stand last in the picker and greyed, and every refusal is core's sentence."""
    rows.archive(company.core, ids[DI])

    async def story(admin: Admin) -> None:
        await admin.press("s")
        give = admin.lines.index("  Give a seat")
        assert admin.lines[give + 1 : give + 6] == [
            " ▸ Languages      4 of 4 free  until 2026-03-12, in 10 days",
            "   Fire safety    expired 2026-02-01",
            "   Premium Sales  full, 2 in use  no end",
            "  Take a seat back",
            "   Premium Sales  held since 2026-03-02  no end",
        ]
        await admin.press("down", "down")
        assert "No seat of Premium Sales is left. Revoke one, or have the operator" in admin.said
        await admin.press("escape")
        for command, sentence in (
            (":seats fire", "The license Fire safety expired on 2026-02-01."),
            (":seats premium", "No seat of Premium Sales is left."),
            (":revoke languages", "There is no languages. There is: Premium Sales."),
            (
                "/status:archived\r:seats languages",
                "di@example.com is archived, so no seat of Languages can be given.",
            ),
            (":leave 2026-02-30", "There is no day 2026-02-30 in the calendar."),
            (":leave soon", "Write the date as 2026-12-31: year, month and day."),
        ):
            await admin.type(f"{command}\r")
            assert sentence in admin.said
        await admin.type("/status:any\r*:revoke premium\r")
        assert "2 left alone, such as: ada@example.com holds no seat of Premium Sales." in admin.said
        await admin.press("escape")
        await admin.type("a")
        assert " D     delete            out of reach" in admin.text

    play(company.core, story, size=(80, 40))


def test_a_license_opens_with_its_facts_and_its_members(company: House, ids: dict[str, int]) -> None:
    """The screen shows seats, end and courses; a person is found by typing and gets a seat, `X` takes it back."""

    async def story(admin: Admin) -> None:
        await admin.type("3j\r")
        assert admin.lines[:7] == [
            " License: Languages                                                    Esc back",
            " Seats    ▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱ 0/4   0 % used   4 of 4 free",
            " Until    2026-03-12, in 10 days",
            " Opens    French, German",
            " Waiting  off   Tab shows who, W turns the list on",
            "  ▸Name▲              Email                  Department Status   Role",
            "",
        ]
        assert admin.lines[7] == "  Nobody holds a seat yet. Press n to add a person, p to paste a list."
        await admin.type("ndi@e\ry")
        assert "Give a seat of Languages to Di Eis: done." in admin.said
        assert admin.lines[6].startswith("▸  Di Eis")
        await admin.type("dsales\ry")
        await admin.type("frole:trainer\ry")
        assert admin.value("Seats").endswith("3/4   75 % used   1 of 4 free")
        await admin.type("fdept:nowhere\r")
        assert "there is no department nowhere" in admin.said
        await admin.type("*Xy")
        assert "Done: Take the seat of Languages from 3 people" in admin.text
        await admin.type("m")
        assert "[1 Users]" in admin.lines[0]
        assert "3 marked" in admin.said
        await admin.type("3\rX")
        assert "Nobody is here. n gives somebody a seat." in admin.said

    assert ids
    play(company.core, story)
    assert "Languages" not in str(seats(company))


def test_who_finds_no_seat_waits_for_the_next(company: House, ids: dict[str, int]) -> None:
    """`W` turns the waiting list on, the plan puts people on it, a revoked seat goes to the first, `X` takes one off."""

    async def story(admin: Admin) -> None:
        await admin.type("3GW")
        assert "Premium Sales keeps a waiting list now: who finds no seat gets the next" in admin.said
        await admin.type(":give status:any\r")
        assert "2 put on the waiting list, such as: No seat of Premium Sales is left;" in admin.said
        assert "y put them on the waiting list" in admin.said
        await admin.type("y")
        assert "Done: 2 people put on the waiting list, 2 as they were" in admin.text
        await admin.type("u")
        assert "Places on waiting lists that are given up: 2." in admin.said
        await admin.type("y:give status:any\ry")
        await admin.press("escape", "enter", "tab")
        assert admin.value("Waiting").startswith("2 wait")
        assert [line[3:13].strip() for line in admin.lines[6:8]] == ["Ada Byron", "Di Eis"]
        await admin.press("tab")
        await admin.type("Xy")
        assert "from Bo Berg: done. 1 seat went to whoever waited longest." in admin.said
        assert admin.has_row(ADA)
        await admin.type("u")
        assert "“revoke: Premium Sales” cannot be taken back. No seat of Premium Sales is left." in admin.said
        await admin.press("tab")
        await admin.type("Xy")
        assert "Di Eis waits no longer." in admin.said
        await admin.press("escape", "escape")
        assert "[3 Licenses]" in admin.lines[0]

    play(company.core, story)
    assert seats(company)[ADA] == ("Premium Sales",)
    with company.core.operator_look() as look:
        assert waiters(look, ids["full"]) == []


def test_who_waits_gets_a_seat_by_a_list_turned_on_and_waits_again_after_an_undo(
    company: House, ids: dict[str, int]
) -> None:
    """`W` says how many were served at once; the plan of `u` says that an archiving's places are given back."""
    with company.core.operator() as work:
        keep_waiting_list(work, ids["full"], on=True)
        change_people(work, Target(ids=[company.admin_id, ids[DI]]), GiveSeat(ids["full"]))
        keep_waiting_list(work, ids["full"], on=False)
        resize_license(work, ids["full"], 3)

    async def story(admin: Admin) -> None:
        await admin.type("3GW")
        assert "gets the next that becomes free. 1 person who waited got a seat." in admin.said
        await admin.type("1/di@example.com\rX1\r")
        await admin.press("escape")
        await admin.type("u")
        assert "1 place on a waiting list is given back" in " ".join(admin.text.split())
        await admin.type("y")
        assert "“archive” is taken back for 1 person." in admin.said

    play(company.core, story)
    with company.core.operator_look() as look:
        assert [each.user_id for each in waiters(look, ids["full"])] == [ids[DI]]


def test_whoever_waits_counts_for_the_number_that_has_to_be_typed(company: House) -> None:
    """One seat for many: `y` is not enough to put the others on the waiting list, and the question says who gets what."""
    license_id = bought(company, "Premium Sales", seats=1)
    crowd(company, 26)
    with company.core.work(company.admin) as work:
        keep_waiting_list(work, license_id, on=True)

    async def story(admin: Admin) -> None:
        await admin.type("*:seats premium\ry")
        assert "y is not enough here: type 27 and press Enter." in admin.said
        assert "type 27 and Enter: 1 gets a seat, 26 wait, Esc to stop" in admin.said
        await admin.type("27\r")
        assert "to 1 person, 26 people put on the" in admin.text
        await admin.press("escape")
        assert "done. 26 people wait for the next seat. u takes it back." in admin.said
        await admin.type("/p003\r:seats premium\r")
        assert "No seat is left, and who was to get one waits for the next already." in admin.said

    play(company.core, story)


def test_a_pasted_list_gets_seats_line_by_line(company: House, ids: dict[str, int]) -> None:
    """Unknown, malformed and repeated addresses are told with their lines, the others get seats in order."""
    text = f"{DI}\nnobody@example.com\nCY@example.com\nno address\n{DI}"

    async def story(admin: Admin) -> None:
        await admin.type("3j\r")
        await admin.type(f"\x1b[200~{text}\x1b[201~")
        assert "Give a seat of Languages to 2 people of 5 lines" in admin.text
        assert "Nobody here has the address nobody@example.com." in admin.said
        assert "(line 2)" in admin.said
        await admin.type("jjv")
        assert admin.value("line 4").startswith("“no address” is not an email address:")
        await admin.press("escape")
        await admin.type("y")
        assert "2 got a seat" in " ".join(admin.text.split())
        await admin.press("escape")
        assert admin.has_row(CY)

    assert ids
    play(company.core, story)
    assert {address for address, held in seats(company).items() if "Languages" in held} == {CY, DI}


def test_the_screens_of_seats_are_whole_on_a_wide_screen_too(company: House, ids: dict[str, int]) -> None:
    """At 120x40 the list shows the courses, and the screen of a license every key but those of the console."""
    with company.core.work(company.admin) as work:
        keep_waiting_list(work, ids["full"], on=True)

    async def story(admin: Admin) -> None:
        await admin.press("3")
        assert "French, German" in admin.row("Languages")
        assert admin.row("Premium Sales").split()[-4:] == ["on", "Negotiation,", "Closing", "(path)"]
        await admin.press("G", "enter")
        assert "W turns the list off" in admin.text
        assert "f by filter" in admin.text
        await admin.press("question_mark")
        assert "Give a seat to everybody in a pasted list" in admin.text
        await admin.press("escape", "enter")
        assert admin.lines[0].startswith(" Bo Berg")
        assert "Premium Sales" in admin.text
        await admin.type("w")
        await admin.type("X")
        assert "Archive Bo Berg" in admin.text

    play(company.core, story, size=(120, 40))
