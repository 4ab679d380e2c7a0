"""Whoever lost the right to a change while waiting for their turn changes nothing (R38, R39)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event, func, select

from core.errors import Missing, PermissionNeeded, SignedOut
from core.models import Department
from core.roles import Role
from core.services.people import Archive, GiveRole, Place, change_people
from core.services.places import add_department, delete_department
from core.services.signing_in import sign_out
from core.targets import Target
from tests.clock import MovableClock
from tests.databases import postgresql_only
from tests.people import House
from tests.services import rows
from tests.services.changes import change_on_host

pytestmark = postgresql_only  # on SQLite a transaction that writes lets nobody in between


def departments(house: House) -> int:
    """Return how many departments there are."""
    [[number]] = rows.all_of(house.core, select(func.count()).select_from(Department))
    return int(number)


def work_through(house: House, clock: MovableClock, loss: Archive | GiveRole) -> None:
    """Add a department as the admin, to whom the host's operator does something meanwhile."""
    with house.core.work(house.admin) as work:
        clock.move(seconds=1)
        change_on_host(house.core, [house.admin_id], loss)
        add_department(work, "Legal")


def test_whoever_is_archived_while_at_work_changes_nothing(company: House, clock: MovableClock) -> None:
    """The sign-in was open when the work began, and is closed before its end: all of it is undone (R39)."""
    before = departments(company)
    with pytest.raises(SignedOut):
        work_through(company, clock, Archive())
    assert departments(company) == before


def test_whoever_is_demoted_while_at_work_changes_nothing(company: House, clock: MovableClock) -> None:
    """A loss of role counts at once, also for a change that was waiting for its turn (R38)."""
    before = departments(company)
    with pytest.raises(PermissionNeeded):
        work_through(company, clock, GiveRole(Role.TRAINER))
    assert departments(company) == before


def test_a_department_deleted_while_waiting_is_missing(company: House) -> None:
    """Whether a department is there is asked under the company's lock, so it stays until the run has ended (R35)."""
    ann = company.register("ann@example.com", Role.LEARNER)
    with company.core.operator() as work:
        legal = add_department(work, "Legal")
    waits = Event()

    def about_to_wait(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FOR UPDATE" in statement:
            waits.set()

    def place() -> None:
        with company.core.work(company.admin) as work:
            event.listen(work.db.connection(), "before_cursor_execute", about_to_wait)
            change_people(work, Target(ids=[ann]), Place(legal))

    with ThreadPoolExecutor(1) as pool:
        with company.core.operator() as work:
            delete_department(work, legal)
            other = pool.submit(place)
            assert waits.wait(10)
        with pytest.raises(Missing):
            other.result(10)


def test_signing_out_is_a_work_that_ends_well(company: House) -> None:
    """Closing the own sign-in is the one change that a work may make to it."""
    with company.core.work(company.admin) as work:
        sign_out(work)
    with pytest.raises(SignedOut), company.core.look(company.admin):
        pass
