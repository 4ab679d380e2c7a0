"""Bulk changes of people that meet each other, registrations and sign-ins; and those that die (R38, R57, D8, D9)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import perf_counter

import pytest
from sqlalchemy import func, select

from core.core import Core
from core.errors import SignedOut
from core.models import AuditEvent, Batch, SignIn, User
from core.models.people import ACTIVE
from core.ports import Hasher
from core.roles import Role
from core.selection import lock_company
from core.services.people import Archive, change_people
from core.settings import Settings
from core.targets import Target
from tests.databases import postgresql_only
from tests.people import House
from tests.races.racers import PATIENCE, kill, race
from tests.services import rows
from tests.services.changes import add_people, assert_sound, change

pytestmark = pytest.mark.slow

PEOPLE, KILLS = 5_000, 6


@pytest.fixture
def house(settings: Settings, hasher: Hasher) -> Iterator[House]:
    """Lend a company that lives in today's time, like the racing processes."""
    with Core.open(settings, hasher=hasher) as core:
        yield House.set_up(core)


def active(core: Core) -> int:
    """Return who counts against the cap."""
    [row] = rows.all_of(core, select(func.count()).select_from(User).where(User.status == ACTIVE))
    return int(row[0])


def test_the_last_places_go_once_to_those_who_come_back_or_come_in(house: House, settings: Settings) -> None:
    """Registrations and bulk runs that bring people back meet at the cap, and together they fill it exactly (D9)."""
    invited = [house.invite(f"new{number}@example.com") for number in range(4)]
    away = add_people(house.core, 12)
    change(house, away, Archive())
    rows.set_cap(house.core, 1 + 5)
    runs: list[tuple[object, ...]] = [("register", house.token_of(each), "Bo") for each in invited]
    parts = (away[:4], away[4:8], away[8:])
    runs += [("bring_back", str(house.sign_in()), *part) for part in parts]
    told = race(settings, runs)
    came = sum(answer.startswith("registered") for answer in told)
    back = sum(int(answer.split()[1]) for answer in told if answer.startswith("back"))
    assert came + back == 5
    assert active(house.core) == 1 + 5
    assert_sound(house.core)


def test_two_runs_over_the_same_people_change_each_once(house: House, settings: Settings) -> None:
    """Whoever was brought back by one run is skipped by the other, and has one event."""
    away = add_people(house.core, 500)
    change(house, away, Archive())
    told = race(settings, [("bring_back", str(house.sign_in()), *away) for _ in range(2)])
    assert sorted(told) == ["back 0", "back 500"]
    assert rows.actions(house.core)["user.reactivated"] == 500


def test_roles_given_at_once_form_a_chain(house: House, settings: Settings) -> None:
    """Two runs that give the same people different roles come one after the other: each event begins where one ended."""
    ids = add_people(house.core, 300)
    told = race(settings, [("set_role", role, *ids) for role in (20, 30)])
    assert sorted(told) == ["changed 300", "changed 300"]
    chains: dict[int | None, list[tuple[str, str]]] = {}
    for each in rows.events(house.core, "user.role_changed"):
        chains.setdefault(each.subject_id, []).append(
            (each.details["role"]["old"], each.details["role"]["new"])
        )
    assert len(chains) == 300
    assert all(first[1] == second[0] for first, second in chains.values())


@pytest.mark.parametrize("turn", range(4))
def test_a_sign_in_that_meets_a_demotion_never_outranks_its_user(
    house: House, settings: Settings, turn: int
) -> None:
    """Whichever comes first, nobody is left signed in with a role they no longer have (R38)."""
    peer = house.register("peer@example.com", Role.CONTENT_MANAGER)
    rows.set_role(house.core, peer, Role.COMPANY_ADMIN)
    runs = [("come_in", "peer@example.com", house.password), ("set_role", 10, peer)]
    told = race(settings, runs if turn % 2 else runs[::-1])
    assert "changed 1" in told
    assert_sound(house.core)
    opened = rows.all_of(house.core, select(SignIn.role).where(SignIn.user_id == peer))
    assert {row.role for row in opened} <= {Role.LEARNER}


def test_a_killed_run_left_all_or_nothing_and_says_which(house: House, settings: Settings) -> None:
    """Killed at random moments a run has either changed everybody or nobody, and its row among the batches tells."""
    add_people(house.core, PEOPLE)
    begun = perf_counter()
    assert race(settings, [("set_title_of_all", str(house.admin), "first")]) == [f"changed {PEOPLE}"]
    lasts = perf_counter() - begun
    known: set[str] = set()
    assert _changed(house, "first", known) == PEOPLE
    chance = random.Random(20261122)  # noqa: S311 - moments, not secrets
    for turn in range(KILLS):
        title = f"turn {turn}"
        run = ("set_title_of_all", str(house.admin), title)
        ended = kill(settings, run, after=lasts * (turn + chance.random()) / KILLS)
        changed = _changed(house, title, known)
        assert changed in ({PEOPLE} if ended else {0, PEOPLE})
    told = race(settings, [("set_title_of_all", str(house.admin), "last")])
    assert told == [f"changed {PEOPLE}"]
    assert _changed(house, "last", known) == PEOPLE


def _changed(house: House, title: str, known: set[str]) -> int:
    """Return how many have the title: all of one run or none, each with its event, as the run's own row says."""
    with house.core.operator() as work:
        lock_company(work.db)  # a server notices only after a moment that its client was killed
    [titled] = rows.all_of(house.core, select(func.count()).where(User.job_title == title))
    newest = select(Batch.name, Batch.finished_at, Batch.done).order_by(Batch.id.desc()).limit(1)
    [batch] = rows.all_of(house.core, newest)
    if batch.name in known:
        assert titled[0] == 0
        return 0
    known.add(batch.name)
    [events] = rows.all_of(house.core, select(func.count()).where(AuditEvent.batch == batch.name))
    assert titled[0] == events[0] == batch.done
    assert (batch.finished_at is not None) == bool(titled[0])
    return int(titled[0])


@postgresql_only
def test_whoever_is_demoted_may_be_at_work(house: House) -> None:
    """A run over somebody whose own verb waits for the company's lock does not wait for it, and it changes nothing."""
    peer = rows.add_admin(house.core, "peer@example.com", "x")
    sign_in_id = rows.open_sign_in(house.core, "peer@example.com")
    is_open = Event()

    def work_meanwhile() -> str:
        with house.core.work(sign_in_id) as work:
            is_open.set()
            lock_company(work.db)
            return work.actor.label

    with ThreadPoolExecutor(1) as pool:
        with house.core.operator() as work:
            lock_company(work.db)
            other = pool.submit(work_meanwhile)
            assert is_open.wait(PATIENCE)
            assert change_people(work, Target(ids=[peer]), Archive()).done == 1
        with pytest.raises(SignedOut):
            other.result(PATIENCE)
    assert_sound(house.core)
