"""Changing people from their list: a key, a plan, an answer, a report."""

from __future__ import annotations

import threading
from array import array

import pytest
from sqlalchemy import update
from textual import events

from core.errors import Busy
from core.filter_keys import parse_users
from core.models import User
from core.reading import batches, users
from core.reading.users import UserRow
from core.roles import Role
from core.services.people import GiveRole, Place, change_people
from core.services.places import add_department
from core.services.runs import begin_run
from core.tally import Effects, Tally
from core.targets import Target
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tests.tui.screen_text import until
from tui.screens import plan_flow
from tui.screens.people_actions import UserList
from tui.screens.plan_people import Aim, ChangeProposal, Wanted
from tui.screens.plan_proposal import Asked
from tui.screens.plan_words import plan_entries

pytestmark = [sqlite_only, pytest.mark.slow]

ADA, BO, CY, DI = "ada@example.com", "bo@example.com", "cy@example.com", "di@example.com"


def crew(house: House) -> dict[str, int]:
    """Register two learners and a trainer; return address -> id."""
    return {
        BO: house.register(BO, department="Sales"),
        CY: house.register(CY, Role.TRAINER, first_name="Cy", last_name="Dahl"),
        DI: house.register(DI, first_name="Di", last_name="Eis", department="Support"),
    }


def crowd(house: House, number: int) -> list[int]:
    """Register that many learners; return their ids."""
    return [house.register(f"p{each}@example.com", last_name=f"P{each:03}") for each in range(number)]


def people(house: House) -> dict[str, UserRow]:
    """Return everybody by address, as lists show them."""
    with house.core.operator_look() as look:
        every = [row_id for chunk in users.ids(look, parse_users("status:any")) for row_id in chunk]
        return {row.address: row for row in users.rows(look, every)}


def roles(house: House) -> dict[str, Role]:
    """Return everybody's role by address."""
    return {address: row.role for address, row in people(house).items()}


def test_a_role_is_planned_confirmed_applied_and_reported(company: House) -> None:
    """`r` picks a role, the plan says before and after with each refusal, `y` applies it, the report says what was done."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type("*rtrain\r")
        assert admin.lines[14:] == [
            " Role → Trainer for 2 of 4 people",
            " For 4 marked people.",
            " ▸ 2  Learner → Trainer",
            "   1  refused: ada@example.com is the last active Company Admin. Have the",
            "      operator of the host appoint another one first.",
            "   1  unchanged: cy@example.com is so already; nothing changes.",
            "      A higher role counts from the next sign-in: tell those people to sign out",
            "      and in again.",
            " y apply to 2   n cancel",
            " ↑↓ move   v view rows   x leave out   Esc cancel",
        ]
        assert roles(company)[BO] is Role.LEARNER
        await admin.type("y")
        assert "Done: Role → Trainer for 2 people, 2 as they were" in admin.text
        assert "u takes it back." in admin.said
        await admin.press("ctrl+c")
        assert "Role → Trainer for 2 people: done." in admin.said
        assert "marked" not in admin.lines[22]
        assert "ΔTrainer" in admin.row(BO)

    play(company.core, story)
    assert roles(company) == {ADA: Role.COMPANY_ADMIN, BO: Role.TRAINER, CY: Role.TRAINER, DI: Role.TRAINER}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_nobody_breaks_the_plan_by_a_name(company: House, size: tuple[int, int]) -> None:
    """Names with markup, escape codes, emoji, Arabic and combining marks stand harmless in plan, rows and report."""
    names = ("Eve [/x]", "\x1b[31mRed", "زينب", "王小明", "👩‍👩‍👧 Fam", "e\u0301\u0301\u0301\u0301\u0301")
    ids = [company.register(f"n{each}@example.com", last_name=f"N{each}") for each in range(len(names))]
    with company.core.operator() as work:
        for row_id, name in zip(ids, names, strict=True):
            work.db.execute(update(User).where(User.id == row_id).values(first_name=name))

    async def story(admin: Admin) -> None:
        for row_id in range(len(ids)):
            await admin.press("g", *("j",) * (row_id + 1))
            await admin.type(":role trainer\r")
            assert "Role → Trainer for " in admin.text
            assert "\x1b" not in admin.text
            await admin.press("escape")
        await admin.type("*:department support\r")
        await admin.type("v")
        assert "Eve [/x] N0" in admin.text
        assert all(len(line) <= size[0] for line in admin.lines)
        await admin.press("escape", "y", "v")
        assert "Eve [/x] N0" in admin.text

    play(company.core, story, size=size)
    assert {row.department for row in people(company).values() if row.address != ADA} == {"Support"}


def test_a_run_that_fails_behind_another_screen_says_so_there(company: House) -> None:
    """Somebody opened a person while the change was waiting: the refusal is told on that screen, and on the list."""
    crew(company)

    async def story(admin: Admin) -> None:
        front = admin.console.desk.front
        assert isinstance(front, UserList)
        nobody = Aim(array("q"), "", "")
        proposal = ChangeProposal(Wanted(GiveRole(Role.TRAINER), "", ""), nobody)
        failing = plan_flow.Flow(front, proposal, lambda _tally: None)
        await admin.press("j", "enter")
        failing._failed(Busy())
        await admin.quiet()
        assert "busy right now" in admin.said
        await admin.press("escape")
        assert "busy right now" in admin.said

    play(company.core, story)


def test_with_nothing_marked_the_row_under_the_cursor_is_meant(company: House) -> None:
    """The plan names the person, `y` applies it, and one row needs no report but a sentence."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type(":role content manager\r")
        assert "Role → Content Manager for Bo Berg" in admin.said
        assert "For the row under the cursor: Bo Berg, bo@example.com." in admin.said
        await admin.type("y")
        assert "Role → Content Manager for Bo Berg: done. A higher role counts from the next" in admin.said
        assert "u takes it back." in admin.said

    play(company.core, story)
    assert roles(company)[BO] is Role.CONTENT_MANAGER
    assert roles(company)[DI] is Role.LEARNER


def test_marked_rows_that_a_filter_hides_are_counted_and_hit(company: House) -> None:
    """The target says how many of the marked rows are hidden, and they are changed with the others."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type("*/di@\r")
        await admin.type("d")
        assert "Department for 4 marked people, 3 of them hidden by the filter" in admin.said
        await admin.type("support\r")
        assert "For 4 marked people, 3 of them hidden by the filter." in admin.said
        await admin.type("y")

    play(company.core, story)
    assert {address: row.department for address, row in people(company).items()} == {
        ADA: "",
        BO: "Support",
        CY: "Support",
        DI: "Support",
    }


def test_enter_and_the_same_key_never_confirm(company: House) -> None:
    """Enter, Space and the key that led here leave the plan open; Esc and `n` close it with nothing written."""
    crew(company)

    async def story(admin: Admin) -> None:
        for leave in ("escape", "n", "q"):
            await admin.type(":role trainer\r")
            for key in ("enter", "space", "r", "full_stop"):
                await admin.press(key)
                assert "Role → Trainer for Bo Berg" in admin.said
            assert "Enter alone changes nothing: y applies it." in admin.said
            await admin.press(leave)
            assert "Nothing was changed." in admin.said

    play(company.core, story)
    assert roles(company)[BO] is Role.LEARNER


def test_above_twenty_five_the_number_is_typed(company: House) -> None:
    """For 26 rows `y` says what to type, a wrong number is told and dropped, Backspace mends one, the right one applies."""
    crowd(company, 26)

    async def story(admin: Admin) -> None:
        await admin.type("*:role trainer\r")
        assert "type 26 and Enter to go on, Esc to stop" in admin.said
        await admin.type("y")
        assert "y is not enough here: type 26 and press Enter." in admin.said
        await admin.type("62\r")
        assert "62 is not the number of rows." in admin.said
        assert set(roles(company).values()) == {Role.LEARNER, Role.COMPANY_ADMIN}
        await admin.type("27")
        assert "Esc to stop 27▏" in admin.said
        await admin.press("backspace")
        await admin.type("6\r")
        assert "Done: Role → Trainer for 26 people" in admin.text

    play(company.core, story)
    assert sorted(roles(company).values()).count(Role.TRAINER) == 26


def test_archiving_always_takes_the_number(company: House) -> None:
    """Even for one person `y` does not archive; typing 1 does, and the person can be reactivated where they are shown."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type("Xy")
        assert "Archive Bo Berg" in admin.said
        assert "Archived people can no longer sign in." in admin.said
        assert people(company)[BO].status == "active"
        await admin.type("1\r")
        assert people(company)[BO].status == "archived"
        await admin.type("/status:archived\r")
        await admin.type("A")
        assert "Reactivate Bo Berg" in admin.said
        await admin.type("y")

    play(company.core, story)
    assert people(company)[BO].status == "active"


def test_the_rows_of_a_line_can_be_looked_at_and_left_out(company: House) -> None:
    """`v` shows who stands behind a line and why, `x` leaves rows or a whole line out, and takes them back in."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type("*:role trainer\r")
        await admin.press("v")
        assert admin.lines[0] == " Learner → Trainer" + " " * 60 + "2"
        assert [address in admin.text for address in (BO, CY, DI)] == [True, False, True]
        await admin.press("j", "x")
        assert "Role → Trainer for 1 of 3 people" in admin.text
        assert "1 left out of the plan; x takes them back in" in admin.said
        await admin.press("j", "v")
        assert "is the last active Company Admin" in admin.said
        assert ADA in admin.text
        await admin.press("escape", "x")
        assert "Nothing happens to these rows anyway." in admin.said
        await admin.press("j", "j", "x")
        assert "Role → Trainer for 2 of 4 people" in admin.text
        await admin.press("k", "k", "k", "x")
        assert "Nothing can be changed here." in admin.said
        await admin.press("y")
        assert "There is nothing to do here." in admin.said
        await admin.press("escape")

    play(company.core, story)
    assert roles(company)[BO] is Role.LEARNER


def test_a_row_left_out_stays_as_it_is(company: House) -> None:
    """What was left out of the plan is not changed by it."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type("*:role trainer\r")
        await admin.press("v", "x", "y")

    play(company.core, story)
    assert (roles(company)[BO], roles(company)[DI]) == (Role.LEARNER, Role.TRAINER)


def test_a_plan_that_has_changed_meanwhile_is_shown_again(company: House) -> None:
    """Where somebody else was faster nothing is written, and the new plan stands there with a sentence."""
    ids = crew(company)

    async def story(admin: Admin) -> None:
        await admin.type("*:role trainer\r")
        with company.core.operator() as work:
            change_people(work, Target(ids=[ids[DI]]), GiveRole(Role.TRAINER))
        await admin.press("y")
        assert "The plan has changed: 2 people were confirmed, now it would be 1." in admin.said
        assert "Role → Trainer for 1 of 4 people" in admin.text
        assert roles(company)[BO] is Role.LEARNER
        await admin.press("y")
        assert "Done: Role → Trainer for 1 person" in admin.text

    play(company.core, story)
    assert roles(company)[BO] is Role.TRAINER
    with company.core.operator_look() as look:
        assert all(row.finished for row in batches.recent(look))


def test_a_run_is_stopped_by_ctrl_c(company: House) -> None:
    """While it runs the status line shows how far it is; stopped, nothing is written and no begun run is left behind."""
    crew(company)
    hold = threading.Event()

    async def story(admin: Admin) -> None:
        await admin.type("*:role trainer\r")
        admin.console.jobs.run(lambda _core: hold.wait(10), lambda _held: None, lambda _problem: None)
        admin.console.keyboard.take(events.Key("y", "y"))
        await until(admin.pilot, lambda: "role: Trainer  waits for its turn  Ctrl+C cancels" in admin.text)
        admin.console.action_interrupt()
        hold.set()
        await admin.quiet()
        assert "Stopped. Nothing was changed." in admin.said

    play(company.core, story)
    assert roles(company)[BO] is Role.LEARNER
    with company.core.operator_look() as look:
        assert batches.recent(look) == []


def test_what_cannot_be_done_to_one_person_is_just_said(company: House) -> None:
    """A refusal of a single row needs no plan."""

    async def story(admin: Admin) -> None:
        await admin.type(":role learner\r")
        assert "ada@example.com is the last active Company Admin." in admin.said
        assert "apply" not in admin.text

    play(company.core, story)


def test_roles_out_of_reach_say_why(company: House) -> None:
    """In the list of roles those not below one's own are greyed with their reason, by key and by name."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.press("r", "down", "down", "down")
        assert "Company Admin out of reach" in admin.said
        assert "The next Company Admin is appointed by the operator of the host." in admin.said
        await admin.press("enter")
        assert "out of reach" in admin.text
        await admin.press("escape")
        await admin.type(":role company-admin\r")
        assert "The next Company Admin is appointed by the operator of the host." in admin.said
        await admin.type(":role boss\r")
        assert "There is no boss. There is: Learner, Trainer, Content Manager" in admin.said

    play(company.core, story)


def test_learning_groups_are_joined_and_left(company: House) -> None:
    """Tab goes from joining to leaving to neither, a typed minus leaves, and an unknown name lists what there is."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.press("t", "tab", "down", "tab", "tab")
        assert "+ Night shift join" in admin.said
        assert "- Q3 onboarding leave" in admin.said
        await admin.press("tab", "enter")
        assert "Join Night shift for Bo Berg" in admin.said
        await admin.press("y")
        assert people(company)[BO].groups == ("Night shift",)
        await admin.type(":teams q3 onboarding, -night\r")
        assert "Join Q3 onboarding and leave Night shift for Bo Berg" in admin.said
        await admin.press("y")
        await admin.type(":teams x\r")
        assert "There is no x. There is: Night shift, Q3 onboarding." in admin.said

    play(company.core, story)
    assert people(company)[BO].groups == ("Q3 onboarding",)


def test_department_language_and_job_title_by_name(company: House) -> None:
    """`:department none`, `:language deutsch` and a job title that is asked for change the row under the cursor."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type(":department none\ry")
        await admin.type(":language deutsch\ry")
        await admin.type(":job-title\r")
        assert "Job title for the row under the cursor: Bo Berg, bo@example.com" in admin.said
        await admin.type("Clerk [b]\r")
        assert "Job title → Clerk [b] for Bo Berg" in admin.said
        await admin.type("y")

    play(company.core, story)
    row = people(company)[BO]
    assert (row.department, row.language) == ("", "de")
    with company.core.operator_look() as look:
        assert users.one(look, row.id).job_title == "Clerk [b]"


def test_the_last_change_is_repeated_on_others(company: House) -> None:
    """`.` plans the last change for what is marked now, and says so where there is none."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.press("full_stop")
        assert "No change was made yet that could be repeated." in admin.said
        await admin.type(":role trainer\ry")
        await admin.press("j", "j", "j", "full_stop")
        assert "Role → Trainer for Di Eis" in admin.said
        await admin.press("y")

    play(company.core, story)
    assert (roles(company)[BO], roles(company)[DI]) == (Role.TRAINER, Role.TRAINER)


def test_the_menu_says_what_core_refuses(company: House) -> None:
    """`a` lists every action for the row, greyed with core's sentence, and Enter runs the one under the cursor."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.press("j", "a")
        assert "Actions for the row under the cursor: Ada Byron, ada@example.com" in admin.text
        assert admin.row("r     role").rstrip().endswith("out of reach")
        await admin.type("archive")
        assert "ada@example.com is the last active Company Admin." in admin.said
        await admin.press("escape", "k", "a")
        assert admin.row("A     reactivate").rstrip().endswith("out of reach")
        await admin.type("another role\r")
        assert "Role for the row under the cursor: Bo Berg" in admin.said

    play(company.core, story)


def test_a_group_of_the_report_is_marked_to_act_on_next(company: House) -> None:
    """`m` in the report marks the rows of a line and nothing else."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type("*:role trainer\ry")
        await admin.press("m")
        assert "2 marked." in admin.said
        assert [address in admin.text for address in (BO, DI)] == [True, True]
        assert admin.row(BO).startswith("▸● ")
        assert admin.row(CY).startswith("   ")

    play(company.core, story)


def test_a_run_that_came_to_nothing_is_told_once(company: House) -> None:
    """After a sign-in the console says that a begun change was not applied; the next time it is silent."""
    with company.core.work(company.admin) as work:
        begin_run(work, "role", "role: Trainer")

    async def told(admin: Admin) -> None:
        assert "Your change “role: Trainer” of 2026-03-02 09:00 UTC did not come to its end" in admin.said
        assert "nothing of it was applied." in admin.said

    async def silent(admin: Admin) -> None:
        assert "nothing of it was applied" not in admin.said

    play(company.core, told)
    play(company.core, silent)


def test_what_would_be_taken_over_is_said(company: House) -> None:
    """The plan counts invitations that lose their sender, `o` chooses, and it means nothing where there are none (D6)."""
    crew(company)

    async def story(admin: Admin) -> None:
        await admin.type(":role trainer\r")
        assert "take over" not in admin.said
        await admin.press("o")
        assert "No invitation loses its sender by this." in admin.said

    play(company.core, story)
    proposal = ChangeProposal(
        Wanted(GiveRole(Role.TRAINER), "Role → Trainer", "role: Trainer"),
        Aim(array("q", [1]), "", "1 marked person"),
    )
    withdrawn = Tally(1, preview=True, effects=Effects(invitations_withdrawn=2))
    assert _texts(withdrawn, proposal, Asked()) == [
        "2 open invitations are withdrawn; o takes them over instead"
    ]
    kept = Tally(1, preview=True, effects=Effects(invitations_taken_over=1))
    assert _texts(kept, proposal, Asked(take_over=True)) == [
        "1 open invitation becomes yours; o withdraws them instead"
    ]


def _texts(tally: Tally, proposal: ChangeProposal, asked: Asked) -> list[str]:
    return [
        f"{entry.number} {entry.text}"
        for entry in plan_entries(tally, proposal, asked)
        if "invitation" in entry.text
    ]


def test_a_long_plan_says_how_much_is_further_down(company: House) -> None:
    """The keys say how many lines are out of sight, moving down brings them up, and a notice pushes nothing else out."""
    places = [f"Team {each:02}" for each in range(24)]
    with company.core.work(company.admin) as work:
        ids = [add_department(work, name) for name in places]
    for number, department in enumerate(ids):
        row_id = company.register(f"p{number}@example.com", last_name=f"P{number:02}")
        with company.core.operator() as work:
            change_people(work, Target(ids=[row_id]), Place(department_id=department))

    async def story(admin: Admin) -> None:
        await admin.type("*:department sales\r")
        assert "Department → Sales for 24 of 25 people" in admin.text
        assert "↑↓ 8 more below" in admin.said
        assert "more below" in admin.said
        await admin.type("o")
        assert "No invitation loses its sender by this." in admin.said
        assert admin.lines[2] == " Department → Sales for 24 of 25 people"
        assert admin.lines[-2:] == [
            " y apply to 24   n cancel",
            " ↑↓ 9 more below   v view rows   x leave out   Esc cancel",
        ]
        await admin.press("pagedown", "pagedown", "pagedown", "pagedown")
        assert "more below" not in admin.said
        assert "1 refused" in admin.said

    play(company.core, story)
