"""What holds when several processes do the same thing at the same moment, on both databases (R57, P6, P29)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from core.core import Core
from core.models import Invitation, SignInFailure, User
from core.models.outbox import DROPPED, WAITING
from core.ports import Hasher
from core.settings import Settings
from tests.people import House
from tests.races.racers import race
from tests.services import rows

pytestmark = pytest.mark.slow

RACERS = 8


@pytest.fixture
def house(settings: Settings, hasher: Hasher) -> Iterator[House]:
    """Lend a company that lives in today's time, like the racing processes."""
    with Core.open(settings, hasher=hasher) as core:
        yield House.set_up(core)


def test_the_last_places_are_given_once(house: House, settings: Settings) -> None:
    """Eight admins invite into the last three free places at once, and exactly three succeed."""
    admins = [str(house.sign_in()) for _ in range(RACERS)]
    rows.set_cap(house.core, 1 + 3)
    told = Counter(
        answer.split()[0]
        for answer in race(
            settings, [("bring_in", admin, f"p{n}@example.com") for n, admin in enumerate(admins)]
        )
    )
    assert told == {"invited": 3, "cap_reached": RACERS - 3}
    assert list(rows.states(house.core).values()) == ["open"] * 3
    assert len(rows.mails(house.core)) == 3


def test_the_last_places_of_a_file_are_given_once(house: House, settings: Settings) -> None:
    """Four imports of different files meet at the cap, and together they fill it exactly."""
    rows.set_cap(house.core, 1 + 10)
    files = [[f"p{file}-{line}@example.com" for line in range(4)] for file in range(4)]
    told = race(settings, [("bring_in_many", str(house.sign_in()), *file) for file in files])
    assert sum(int(answer.split()[1]) for answer in told) == 10
    assert rows.count(house.core, Invitation) == 10


def test_one_address_has_one_open_invitation(house: House, settings: Settings) -> None:
    """Admins who invite the same address at once leave one open invitation with one waiting mail."""
    told = race(settings, [("bring_in", str(house.sign_in()), "bo@example.com") for _ in range(4)])
    assert {answer.split()[0] for answer in told} == {"invited"}
    assert Counter(rows.states(house.core).values()) == {"open": 1, "replaced": 3}
    assert Counter(mail.state for mail in rows.mails(house.core)) == {WAITING: 1, DROPPED: 3}
    assert rows.actions(house.core)["invitation.replaced"] == 3


@pytest.mark.parametrize("turn", range(3))
def test_accepting_meets_withdrawing(house: House, settings: Settings, turn: int) -> None:
    """When a submit and a withdrawal meet, exactly one of them wins and the other is told so."""
    invitation_id = house.invite(f"bo{turn}@example.com")
    register = ("register", house.token_of(invitation_id), "Bo")
    take_back = ("take_back", str(house.admin), invitation_id)
    runs = [register, take_back] if turn % 2 else [take_back, register]
    told = {answer.split()[0] for answer in race(settings, runs)}
    state = rows.invitation(house.core, invitation_id).state
    assert (told, state) in (
        ({"registered", "invitation_closed"}, "accepted"),
        ({"link_withdrawn", "withdrawn"}, "withdrawn"),
    )
    assert rows.count(house.core, User) == 1 + (state == "accepted")


def test_accepting_meets_replacing(house: House, settings: Settings) -> None:
    """When a submit and a new invitation of the same address meet, there is one account or one open invitation."""
    invitation_id = house.invite("bo@example.com")
    told = {
        answer.split()[0]
        for answer in race(
            settings,
            [
                ("register", house.token_of(invitation_id), "Bo"),
                ("bring_in", str(house.admin), "bo@example.com"),
            ],
        )
    }
    assert told in ({"registered", "already_user"}, {"link_replaced", "invited"})


def test_places_are_not_given_twice_at_the_accept_door(house: House, settings: Settings) -> None:
    """With the cap lowered below the open invitations, as many get in as there are places (D5, D9)."""
    invited = [house.invite(f"p{n}@example.com") for n in range(6)]
    rows.set_cap(house.core, 1 + 2)
    told = Counter(
        answer.split()[0]
        for answer in race(settings, [("register", house.token_of(each), "Bo") for each in invited])
    )
    assert told == {"registered": 2, "no_place_left": 4}
    assert rows.count(house.core, User) == 3


def test_guesses_at_once_are_all_counted(house: House, settings: Settings) -> None:
    """Wrong passwords from several processes at once are each counted, and none ends in a database error."""
    told = Counter(race(settings, [("guess", "ada@example.com") for _ in range(RACERS)]))
    assert set(told) <= {"wrong_credentials", "too_many_tries"}
    found = rows.all_of(house.core, select(SignInFailure.failures))
    assert {row.failures for row in found} == {told["wrong_credentials"]}
