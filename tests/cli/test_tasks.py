"""`academy tasks`: what is done by itself, and doing it now."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from core.models import User
from tests.cli.running import Host
from tests.databases import sqlite_only
from tests.people import House

pytestmark = sqlite_only


def _leave(house: House, user_id: int) -> None:
    with house.core.operator() as work:
        gone = work.now.date() - timedelta(days=1)
        work.db.execute(update(User).where(User.id == user_id).values(leaves_on=gone))


def test_tasks_are_listed_and_run(house: House, host: Host) -> None:
    """The list tells of the last and the next run; a run does what is due, and a named one runs in any case."""
    rows = host("tasks", "--json").json
    assert [(row["id"], row["state"], row["last_run"]) for row in rows] == [
        ("leavers", "never ran", None),
        ("warnings", "never ran", None),
    ]
    _leave(house, house.register("bo@example.com"))
    ran = host("tasks", "run")
    assert (ran.code, ran.out) == (0, "leavers: 1 person was archived.\nwarnings: nothing to do.\n")
    again = host("tasks", "run")
    assert (again.code, again.out) == (0, "")
    assert "No task is due." in again.err
    named = host("tasks", "run", "leavers", "--json")
    assert [(row["id"], row["ok"], row["message"]) for row in named.json] == [("leavers", True, "")]
    listed = host("tasks").out.splitlines()
    assert listed[0].split()[:3] == ["task", "last", "run"]
    assert [line.split()[5] for line in listed[1:]] == ["ok", "ok"]
    assert host("tasks", "run", "gardening", "--json").json["error"] == "missing"


def test_a_task_that_fails_is_a_refusal(house: House, host: Host) -> None:
    """Where one of two tasks fails the run is done in part, and alone it is refused, with its sentence."""
    _leave(house, house.admin_id)
    ran = host("tasks", "run")
    assert ran.code == 3
    assert "leavers: Nobody was archived. Left as they are: 1 (last admin)." in ran.out
    assert host("tasks", "run", "leavers").code == 1
    assert host("tasks", "--json").json[0]["state"] == "failed"
