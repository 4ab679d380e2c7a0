"""Long changes: how far they are, stopping them, and what is said before somebody leaves them behind."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select
from textual import events

from core.models import Department
from core.services.places import add_department
from core.work import Work
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play
from tests.tui.screen_text import until
from tui.leash import BAR, Leash, Run, Stopped
from tui.screens.actions import ActingList

STEPS = {"judge": 0, "write": 4}


class Held:
    """A change that stops in the middle of its work until somebody lets it go on."""

    def __init__(self) -> None:
        self.run = Run("department: Ghost", STEPS)
        self.in_the_middle, self.may_go_on = threading.Event(), threading.Event()
        self.answers: list[str] = []
        self.problems: list[str] = []

    def change(self, work: Work, run: Run, name: str) -> str:
        """Write a department, and only then hear whether to stop."""
        run("judge", 0)
        add_department(work, "Ghost")
        run("write", 2)
        self.in_the_middle.set()
        self.may_go_on.wait(20)
        run("write", 3)
        return name or "done"

    async def begin(self, admin: Admin, begin: Callable[[Work], str] | None = None) -> None:
        """Let the list in front begin it, and wait until it is in the middle."""
        front = front_of(admin)

        def failed(problem: Exception) -> None:
            self.problems.append(str(problem))
            front.say(str(problem))

        front.jobs.run_change(self.run, self.change, self.answers.append, failed, begin=begin)
        await until(admin.pilot, lambda: self.in_the_middle.is_set() and "▰" in admin.text)

    async def end(self, admin: Admin) -> None:
        """Let it go on to its end."""
        self.may_go_on.set()
        await admin.quiet()


def front_of(admin: Admin) -> ActingList[object]:
    """Return the list in front."""
    front = admin.console.desk.front
    assert front is not None
    return front


async def touch(admin: Admin, *keys: str) -> None:
    """Press keys while a change is held, so without waiting for it."""
    for key in keys:
        admin.console.keyboard.take(events.Key(key, None))
    await admin.console.keyboard.idle()
    await admin.pilot.pause()


def departments(house: House) -> list[str]:
    """Return the names of all departments."""
    with house.core.operator_look() as look:
        return list(look.db.scalars(select(Department.name)))


def test_a_leash_tells_a_few_times_a_second_and_each_new_step_at_once() -> None:
    """A thousand numbers of one step are told once or twice, and a change of step is never held back."""
    told: list[tuple[str, int]] = []
    leash = Leash(lambda step, number: told.append((step, number)))
    for number in range(1000):
        leash("write", number)
    leash("commit", 0)
    assert told[0] == ("write", 0)
    assert told[-1] == ("commit", 0)
    assert len(told) < 20
    leash.stop()
    with pytest.raises(Stopped):
        leash("commit", 0)


def test_the_bar_of_a_run_only_grows() -> None:
    """Each named step fills its part of the bar, counted steps bit by bit, and an unknown step leaves it where it is."""
    run = Run("role: Trainer", STEPS)
    shares = []
    for step, number in (("begin", 0), ("judge", 0), ("write", 0), ("write", 2), ("other", 9), ("commit", 0)):
        run._note(step, number)
        shares.append(run.share)
    assert shares == sorted(shares)
    assert shares[3] == shares[4] == (2 + 0.5) / 4
    assert run.text == f"{'▰' * 8}{'▱' * (BAR - 8)} role: Trainer  commit  Ctrl+C cancels"
    run._note("write", 3)
    assert "write 3/4" in run.text
    run.stop()
    assert run.text == "Stopping role: Trainer …"


@sqlite_only
@pytest.mark.slow
def test_a_long_change_shows_how_far_it_is_and_ends_with_its_answer(company: House) -> None:
    """The status line carries the bar while it works, and the answer comes with the name of the run that was begun."""
    held = Held()

    async def story(admin: Admin) -> None:
        await held.begin(admin, lambda _work: "run 7")
        assert "▰▰▰▰▰▰▱▱▱▱ department: Ghost  write 2/4  Ctrl+C cancels" in admin.lines[22]
        assert [run.title for run in admin.console.jobs.runs] == ["department: Ghost"]
        await held.end(admin)
        assert held.answers == ["run 7"]
        assert not admin.console.jobs.runs
        assert "▰" not in admin.text

    play(company.core, story)
    assert "Ghost" in departments(company)


@sqlite_only
@pytest.mark.slow
def test_ctrl_c_stops_a_long_change_and_nothing_of_it_stays(company: House) -> None:
    """What was written before the stop is rolled back, and the sentence says so."""
    held = Held()

    async def story(admin: Admin) -> None:
        await held.begin(admin)
        await touch(admin, "ctrl+c")
        assert "Stopping department: Ghost …" in admin.lines[22]
        await held.end(admin)
        assert "Stopped. Nothing was changed." in admin.said
        assert not held.answers

    play(company.core, story)
    assert "Ghost" not in departments(company)


@sqlite_only
@pytest.mark.slow
@pytest.mark.parametrize("key", ["Q", "O"])
def test_leaving_asks_while_a_change_runs_and_stops_it(company: House, key: str) -> None:
    """Q and O ask first, `n` goes on as if nothing was, and `y` stops the change and leaves."""
    held = Held()

    async def story(admin: Admin) -> None:
        await held.begin(admin)
        await touch(admin, key)
        assert "department: Ghost is still running. Stop it and leave?" in admin.text
        await touch(admin, "n")
        assert "still running" not in admin.text
        await touch(admin, key, "y")
        held.may_go_on.set()
        if key == "O":
            await admin.quiet()
            assert "You are signed out." in admin.text

    play(company.core, story)
    assert not held.answers
    assert "Ghost" not in departments(company)


@sqlite_only
@pytest.mark.slow
def test_the_jobs_show_what_runs_and_stop_it(company: House) -> None:
    """`J` shows the running change with its bar, `x` stops it, and Esc goes back to the list."""
    held = Held()

    async def story(admin: Admin) -> None:
        await held.begin(admin)
        await touch(admin, "J")
        await until(admin.pilot, lambda: "▰▰▰▰▰▰▱▱▱▱ department: Ghost" in admin.lines[1])
        await touch(admin, "x")
        await until(admin.pilot, lambda: "Stopping department: Ghost …" in admin.lines[1])
        await held.end(admin)
        assert "Nothing is running." in admin.lines[1]
        await admin.press("escape")
        assert "[1 Users]" in admin.lines[0]

    play(company.core, story)
    assert "Ghost" not in departments(company)
