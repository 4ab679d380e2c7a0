"""Tasks: done once at their time, however many look and whatever goes wrong; and leaving on a date."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest

from core.core import Core
from core.errors import Missing, PlanChanged
from core.models import Task
from core.reading.tasks import TaskRow
from core.reading.tasks import tasks as listed
from core.roles import Role
from core.schedule import LEAVERS, Scheduled
from core.services.leaving import archive_leavers
from core.services.people import Leave, change_people
from core.services.tasks import TaskRun, Told, run_due, run_one, run_tasks_forever
from core.services.undoing import undo
from core.targets import Target
from core.work import Work
from tests.clock import MovableClock
from tests.people import House
from tests.services import rows

HOURLY = Scheduled("sweeping", timedelta(hours=1), "sweeps")


def tasks_of(core: Core) -> dict[str, TaskRow]:
    """Return the tasks as the host sees them."""
    with core.operator_look() as look:
        return {row.name: row for row in listed(look)}


def leave(core: Core, user_id: int, day: date) -> None:
    """Let a person leave on a coming day."""
    with core.operator() as work:
        assert change_people(work, Target(ids=[user_id]), Leave(day)).done == 1


def sweep(work: Work) -> Told:
    """Leave a trace that can be counted."""
    work.record("floor.swept", "company", 1, "floor")
    return Told("Swept.")


def swept(core: Core) -> int:
    """Return how often it was swept."""
    return rows.actions(core)["floor.swept"]


def test_a_task_is_done_once_an_hour_on_the_hour(company: House, clock: MovableClock) -> None:
    """It runs when it was never done, then at full hours in UTC, and its row tells of the last and the next time."""
    core = company.core
    clock.move(minutes=50)
    assert [run.result for run in run_due(core, tasks=[(HOURLY, sweep)])] == ["Swept."]
    assert run_due(core, tasks=[(HOURLY, sweep)]) == []
    clock.move(minutes=9, seconds=59)
    assert run_due(core, tasks=[(HOURLY, sweep)]) == []
    clock.move(seconds=1)
    assert len(run_due(core, tasks=[(HOURLY, sweep)])) == 1
    assert swept(core) == 2
    before_midnight = clock.now().replace(hour=23, minute=59)
    assert HOURLY.next_after(before_midnight) == before_midnight + timedelta(minutes=1)
    [row] = rows.all_of(core, Task.__table__.select())
    assert (row.last_run_at, row.next_run_at) == (clock.now(), clock.now() + timedelta(hours=1))


def test_two_processes_do_it_once(company: House) -> None:
    """Whoever comes while a task is under way, or has waited for it to end, does not do it again."""
    core, begun = company.core, threading.Barrier(4)
    ran: list[TaskRun] = []

    def race() -> None:
        begun.wait()
        ran.extend(run_due(core, tasks=[(HOURLY, sweep)]))

    racers = [threading.Thread(target=race) for _ in range(4)]
    for each in racers:
        each.start()
    for each in racers:
        each.join(30)
    assert [run.result for run in ran] == ["Swept."]
    assert swept(core) == 1


def test_a_task_that_fails_leaves_its_sentence_and_nothing_else(company: House, clock: MovableClock) -> None:
    """What went wrong is written down, what was begun is not kept, the next task runs, and both are tried again later."""
    core = company.core
    broken = Scheduled("breaking", timedelta(hours=3), "breaks")

    def refused(work: Work) -> Told:
        sweep(work)
        raise PlanChanged(1, 2)

    def crashed(work: Work) -> Told:
        sweep(work)
        raise ZeroDivisionError

    tasks = [(broken, refused), (HOURLY, crashed), (Scheduled("x", timedelta(hours=1), "sweeps"), sweep)]
    runs = run_due(core, tasks=tasks)
    assert [run.failed for run in runs] == [True, True, False]
    assert runs[0].result == PlanChanged(1, 2).message
    assert runs[1].result == "It stopped because of a mistake in the program (ZeroDivisionError)."
    assert swept(core) == 1
    kept = {row.name: (row.failed, row.result) for row in rows.all_of(core, Task.__table__.select())}
    assert kept == {run.name: (run.failed, run.result) for run in runs}
    assert run_due(core, tasks=tasks) == []
    clock.move(hours=1)
    assert [run.name for run in run_due(core, tasks=tasks)] == ["sweeping", "x"]


def test_the_loop_outlives_a_database_that_goes_away(company: House, clock: MovableClock) -> None:
    """Nothing ends the loop but being told to stop; it reports what was done."""
    core = company.core
    told: list[TaskRun] = []
    polls: list[float | None] = []

    class Moving(threading.Event):
        """Breaks the database for one poll and ends the loop after the next."""

        def wait(self, timeout: float | None = None) -> bool:
            polls.append(timeout)
            if len(polls) == 1:
                _rename(core, "tasks", "elsewhere")
            elif len(polls) == 2:
                _rename(core, "elsewhere", "tasks")
            else:
                self.set()
            return self.is_set()

    leave(core, company.register("bo@example.com"), date(2026, 3, 3))
    clock.move(days=1)
    run_tasks_forever(core, Moving(), poll=7, report=told.append)
    assert [(run.name, run.result) for run in told] == [(LEAVERS, "1 person was archived.")]
    assert polls == [7, 7, 7]


def _rename(core: Core, old: str, new: str) -> None:
    with core.operator() as work:
        work.db.connection().exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")


def test_the_list_of_tasks_knows_what_never_ran_and_what_nobody_runs(
    company: House, clock: MovableClock
) -> None:
    """Each task is listed before its first run, and is overdue once it has missed a whole turn."""
    core = company.core
    assert {(row.last_run, row.overdue) for row in tasks_of(core).values()} == {(None, False)}
    assert run_one(core, "warnings").failed is False
    assert [run.name for run in run_due(core)] == [LEAVERS]
    clock.move(hours=2)
    assert {row.overdue for row in tasks_of(core).values()} == {False}
    clock.move(seconds=1)
    assert {row.overdue for row in tasks_of(core).values()} == {True}
    with pytest.raises(Missing) as missing:
        run_one(core, "gardening")
    assert missing.value.known == ("leavers", "warnings")


def test_whoever_leaves_is_archived_when_the_day_begins(company: House, clock: MovableClock) -> None:
    """On the day itself, counted in UTC, and in one bulk change by the program; who leaves later stays."""
    core = company.core
    bo, cy, di = (company.register(f"{each}@example.com") for each in ("bo", "cy", "di"))
    for each, day in ((bo, date(2026, 3, 3)), (cy, date(2026, 3, 3)), (di, date(2026, 3, 4))):
        leave(core, each, day)
    clock.move(hours=14, minutes=59, seconds=59)
    assert run_one(core, LEAVERS).result == ""
    clock.move(seconds=1)
    assert run_one(core, LEAVERS).result == "2 people were archived."
    assert [rows.person(core, each).status for each in (bo, cy, di)] == ["archived", "archived", "active"]
    archived = rows.events(core, "user.archived")
    assert {event.actor_label for event in archived} == {"system leavers"}
    [batch] = {event.batch for event in archived}
    with core.work(company.admin) as work:
        assert undo(work, batch or "").done == 2
    assert [rows.person(core, each).leaves_on for each in (bo, di)] == [None, date(2026, 3, 4)]
    clock.move(hours=1)
    assert run_one(core, LEAVERS).result == ""


def test_the_last_company_admin_stays(company: House, clock: MovableClock) -> None:
    """A date never leaves the company without an admin: the last one stays, and the task says so without a name."""
    core = company.core
    other = rows.add_admin(core, "cy@example.com", "none")
    bo = company.register("bo@example.com", Role.TRAINER)
    for each, day in ((company.admin_id, 5), (other, 4), (bo, 3)):
        leave(core, each, date(2026, 3, day))
    clock.move(days=3)
    run = run_one(core, LEAVERS)
    assert (run.failed, run.result) == (
        True,
        "2 people were archived. Left as they are: 1 (last admin). See them: academy users leaves:any",
    )
    assert rows.person(core, company.admin_id).status == "active"
    assert rows.person(core, other).status == "archived"
    with core.system(LEAVERS) as work:
        tally = archive_leavers(work)
    assert (tally.done, tally.verdicts[0].address) == (0, "ada@example.com")
