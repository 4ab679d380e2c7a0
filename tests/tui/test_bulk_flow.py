"""Changing people from their list: a key, a plan, an answer, a report."""

from __future__ import annotations

import threading
from array import array

import pytest
from textual import events

from core.errors import Busy
from core.reading import batches, users
from core.roles import Role
from core.services.people import GiveRole
from core.services.runs import begin_run
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows
from tests.tui.console_app import Admin, play
from tests.tui.crew import ADA, BO, CY, DI, crew, people, roles
from tests.tui.screen_text import until
from tui.screens import plan_flow
from tui.screens.people_actions import UserList
from tui.screens.plan_people import Aim, ChangeProposal, Wanted

pytestmark = [sqlite_only, pytest.mark.slow]


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


def test_when_the_row_leaves_the_filter_the_next_one_comes_under_the_cursor(company: House) -> None:
    """Reactivated among the archived, a person leaves the list, and the cursor stays on its line."""
    ids = [company.register(f"p{each}@example.com", last_name=f"P{each}") for each in range(3)]
    for row_id in ids:
        rows.archive(company.core, row_id)

    async def story(admin: Admin) -> None:
        await admin.type("/status:archived\rj")
        assert admin.lines[3].startswith("▸  Bo P1")
        await admin.type("Ay")
        assert admin.lines[3].startswith("▸  Bo P2")

    play(company.core, story)


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
