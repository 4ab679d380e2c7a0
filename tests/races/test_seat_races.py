"""Many processes give, take and free the same seats at one moment, on both databases (R39, R43, R47, R57, D8)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from core.core import Core
from core.models import Seat, User
from core.ports import Hasher
from core.settings import Settings
from tests.people import House
from tests.properties.sound import assert_all_sound
from tests.races.racers import race
from tests.services import rows
from tests.services.changes import add_license, add_people, keep_waiting

pytestmark = pytest.mark.slow

PEOPLE, SEATS, AWAITED = 500, 50, 5
HANDING_OUT, COMING_AND_GOING = 11, 5


@pytest.fixture
def house(settings: Settings, hasher: Hasher) -> Iterator[House]:
    """Lend a company that lives in today's time, like the racing processes."""
    with Core.open(settings, hasher=hasher) as core:
        yield House.set_up(core)


def test_sixteen_processes_never_give_a_seat_too_many(house: House, settings: Settings) -> None:
    """While others archive, reactivate and delete 500 people, 50 seats are never held by more, and the trail adds up."""
    core = house.core
    people = add_people(core, PEOPLE)
    bought, awaited = add_license(core, seats=SEATS), add_license(core, "Leadership", seats=AWAITED)
    keep_waiting(core, awaited)
    names = ["hand_out"] * HANDING_OUT + ["come_and_go"] * COMING_AND_GOING
    runs = [
        (name, str(house.sign_in()), seed, [bought, awaited] if seed % 2 else [bought], people)
        for seed, name in enumerate(names)
    ]
    told: Counter[str] = Counter()
    for answer in race(settings, runs):
        told.update(json.loads(answer))
    assert all(told[verb] for verb in ("allocate", "revoke", "archive", "reactivate", "delete"))
    assert_all_sound(core)
    assert _most_ever_held(core, bought) <= SEATS
    assert _most_ever_held(core, awaited) <= AWAITED
    happened = rows.actions(core)
    assert happened["user.archived"] == told["archive"]
    assert happened["user.reactivated"] == told["reactivate"]
    assert happened["user.deleted"] == told["delete"]
    assert rows.count(core, User) == 1 + PEOPLE - told["delete"]


def _most_ever_held(core: Core, license_id: int) -> int:
    """Walk through the trail and return how many seats of a license were in use at its fullest moment."""
    steps = {"seat.given": 1, "seat.revoked": -1}
    held = most = 0
    for event in rows.events(core):
        if event.action in steps and event.details["license"]["id"] == license_id:
            held += steps[event.action]
            most = max(most, held)
    in_use = select(func.count()).select_from(Seat).where(Seat.license_id == license_id)
    assert rows.all_of(core, in_use) == [(held,)]
    return most
