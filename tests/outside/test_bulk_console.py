"""Bulk changes by keys on a real terminal: a whole department, two admins at once, processes that die on the way (R57, R60)."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from core.core import Core
from core.models import AuditEvent, Batch, User
from core.ports import SystemClock
from core.roles import Role
from tests.databases import sqlite_only
from tests.house.sources import ROOT
from tests.outside.terminal import ENTER, ESCAPE, TAB, Terminal
from tests.people import ADMIN_ADDRESS, PASSWORD, House
from tests.services import rows
from tests.services.changes import add_people, assert_sound

pytestmark = [sqlite_only, pytest.mark.slow]

CONSOLE = (sys.executable, "-m", "tui.cli.main")
SEEN_WITHIN = 3.0
LEAVE_WITHIN = 2.0

Open = Callable[[], Terminal]


@pytest.fixture
def clock() -> SystemClock:
    """Return the real clock, by which the processes in the terminals go too."""
    return SystemClock()


@pytest.fixture
def opened(company: House, home: Path) -> Iterator[Open]:
    """Open the console of the company, signed in, in a terminal of its own; every process is gone afterwards."""
    environment = {"ACADEMY_HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    with ExitStack() as stack:

        def start() -> Terminal:
            terminal = stack.enter_context(Terminal(CONSOLE, environment=environment))
            terminal.wait_for("Password")
            terminal.type(f"{ADMIN_ADDRESS}\r{PASSWORD}\r")
            terminal.wait_for("[1 Users]")
            terminal.wait_for("? help")
            return terminal

        yield start


def fill_sales(company: House, number: int) -> None:
    """Put so many learners into Sales."""
    add_people(company.core, number)
    with company.core.operator() as work:
        work.db.execute(
            update(User)
            .where(User.role == int(Role.LEARNER))
            .values(department_id=company.departments["Sales"])
            .execution_options(synchronize_session=False)
        )


def give_role(terminal: Terminal, number: int) -> None:
    """Mark the learners of Sales and have the role Trainer planned for them."""
    terminal.press("/", "dept:sales role:learner", ENTER)
    terminal.wait_for(f"of {number:,}")
    terminal.press("*")
    terminal.wait_for(f"{number:,} marked")
    terminal.press("r", "trainer", ENTER)
    terminal.wait_for(f"Role → Trainer for {number:,} people")
    terminal.wait_for("Learner → Trainer")


def roles(core: Core) -> Counter[int]:
    """Return how many people hold each role."""
    return Counter(dict(rows.all_of(core, select(User.role, func.count()).group_by(User.role))))


def changed(core: Core) -> list[tuple[str, int]]:
    """Return the runs that changed roles, with the number of audit rows of each."""
    query = (
        select(AuditEvent.batch, func.count())
        .where(AuditEvent.action == "user.role_changed")
        .group_by(AuditEvent.batch)
        .order_by(func.min(AuditEvent.id))
    )
    return [(batch, number) for batch, number in rows.all_of(core, query)]


def test_ten_thousand_people_get_a_role_and_back(opened: Open, company: House) -> None:
    """Filter, mark, role, plan, apply: one batch with a row for each person; one key and its plan take it back."""
    number = 10_000
    fill_sales(company, number)
    before = roles(company.core)
    terminal = opened()
    give_role(terminal, number)
    assert roles(company.core) == before
    terminal.press(str(number), ENTER)
    terminal.wait_for(f"Done: Role → Trainer for {number:,} people")
    assert roles(company.core) == {Role.TRAINER: number, Role.COMPANY_ADMIN: 1}
    [(batch, events)] = changed(company.core)
    assert events == number
    terminal.press("u")
    terminal.wait_for("Take back “role: Trainer”")
    terminal.wait_for("Trainer → Learner")
    assert batch in terminal.text
    terminal.press(str(number), ENTER)
    terminal.wait_for("Done: Take back “role: Trainer”")
    assert roles(company.core) == before
    assert [events for _, events in changed(company.core)] == [number, number]
    assert_sound(company.core)


def test_another_console_sees_a_change_and_a_conflict(opened: Open, company: House) -> None:
    """What one admin saves is in the other's list in moments, and the other's form shows it instead of overwriting it."""
    company.register("bo@example.com", first_name="Bo", last_name="Berg")
    first, second = opened(), opened()
    for terminal in (first, second):
        terminal.press("/bo@", ENTER)
        terminal.wait_for("Bo Berg")
    second.press(ENTER)
    second.wait_for("Joined")
    second.press("e")
    second.wait_for("[ Save ]")
    first.press(ENTER)
    first.wait_for("Joined")
    first.press("e")
    first.wait_for("[ Save ]")
    first.press(TAB, "\x15", "Holm")
    first.press("\x0f")
    first.wait_for("Bo Holm")
    second.press(TAB, "\x15", "Dahl")
    second.press("\x0f")
    second.wait_for("When you looked")
    for told in ("Berg", "Holm", "Dahl", ADMIN_ADDRESS):
        assert told in second.text
    assert [
        row.last_name
        for row in rows.all_of(company.core, select(User.last_name).where(User.first_name == "Bo"))
    ] == ["Holm"]
    second.press(ESCAPE)


def test_a_change_elsewhere_shows_in_the_list(opened: Open, company: House) -> None:
    """A list that nobody touches shows what another admin changed within three seconds."""
    user_id = company.register("bo@example.com", first_name="Bo", last_name="Berg")
    terminal = opened()
    terminal.wait_for("Bo Berg")
    terminal.settle()
    with company.core.operator() as work:
        work.db.execute(
            update(User).where(User.id == user_id).values(last_name="Holm", version=User.version + 1)
        )
    start = time.monotonic()
    terminal.wait_for("Bo Holm")
    assert time.monotonic() - start < SEEN_WITHIN


@pytest.mark.parametrize("end", ["killed", "hung up"])
def test_a_run_that_is_cut_off_is_done_or_not_at_all(opened: Open, company: House, end: str) -> None:
    """When the process dies in the middle, everybody or nobody has the role, and the next sign-in says which."""
    number = 20_000
    fill_sales(company, number)
    terminal = opened()
    give_role(terminal, number)
    terminal.type(str(number), ENTER)
    terminal.wait(lambda: bool(rows.all_of(company.core, select(Batch.id))), "the run's row")
    if end == "killed":
        os.kill(terminal.process.pid, signal.SIGKILL)
    else:
        terminal.hang_up()
    terminal.process.wait(LEAVE_WITHIN)
    trainers, events = roles(company.core)[Role.TRAINER], [number for _, number in changed(company.core)]
    assert (trainers, events) in ((0, []), (number, [number]))
    [finished] = [row.finished_at for row in rows.all_of(company.core, select(Batch.finished_at))]
    assert (finished is not None) == bool(trainers)
    assert_sound(company.core)
    again = opened()
    if not trainers:
        again.wait_for("nothing of it was applied")
    again.press("J")
    again.wait_for("role: Trainer")
