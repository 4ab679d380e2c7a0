"""Several consoles edit the same person or take back the same change at one moment, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from core.core import Core
from core.ports import Hasher
from core.roles import Role
from core.services.people import GiveRole, change_people
from core.settings import Settings
from core.targets import Target
from tests.people import House
from tests.races.racers import race
from tests.services import rows
from tests.services.changes import add_people

pytestmark = pytest.mark.slow

RACERS = 6


@pytest.fixture
def house(settings: Settings, hasher: Hasher) -> Iterator[House]:
    """Lend a company that lives in today's time, like the racing processes."""
    with Core.open(settings, hasher=hasher) as core:
        yield House.set_up(core)


def test_one_of_several_edits_is_saved_and_the_others_hear_of_it(house: House, settings: Settings) -> None:
    """Six consoles that looked at the same name write six others at once: one is saved, five are conflicts."""
    bo = house.register("bo@example.com")
    admins = [str(house.sign_in()) for _ in range(RACERS)]
    told = Counter(
        race(settings, [("rename", admin, bo, "Berg", f"Borg{n}") for n, admin in enumerate(admins)])
    )
    assert told == {"saved 1": 1, "edit_conflict": RACERS - 1}
    assert rows.person(house.core, bo).version == 2
    assert len(rows.events(house.core, "user.edited")) == 1


def test_a_change_is_taken_back_by_one(house: House, settings: Settings) -> None:
    """Six consoles take back the same change at once: one does, five are told that it is done."""
    people = add_people(house.core, 20)
    with house.core.work(house.admin) as work:
        batch = change_people(work, Target(people), GiveRole(Role.TRAINER)).batch
    admins = [str(house.sign_in()) for _ in range(RACERS)]
    told = Counter(race(settings, [("undo_run", admin, batch) for admin in admins]))
    assert told == {"undone 20": 1, "already_undone": RACERS - 1}
    assert {rows.person(house.core, user_id).role for user_id in people} == {Role.LEARNER}
