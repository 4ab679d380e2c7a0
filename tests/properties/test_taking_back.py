"""Whatever admins do to people in bulk, taking it back from the last to the first restores everybody (R60)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.models import GroupMember, Seat, User
from core.roles import Role
from core.services.editing import Edit, edit_people, texts
from core.services.people import (
    KEEP,
    Archive,
    Change,
    GiveRole,
    Place,
    Reactivate,
    SetJobTitle,
    SetLanguage,
    change_people,
)
from core.services.undoing import undo
from core.targets import Target
from tests.people import House
from tests.properties.effort import effort
from tests.services import rows
from tests.services.changes import add_license, add_people, assert_sound, give_seat

PEOPLE = 4
GROUPS = st.sets(st.sampled_from([1, 2]))
PLACES = st.builds(
    lambda department, join, leave: Place(department, tuple(join), tuple(leave - join)),
    st.sampled_from([None, 1, 2]) | st.just(KEEP),
    GROUPS,
    GROUPS,
).filter(lambda place: place.department_id != KEEP or bool(place.join or place.leave))
CHANGES: st.SearchStrategy[Change] = (
    st.builds(GiveRole, st.sampled_from([Role.LEARNER, Role.TRAINER, Role.CONTENT_MANAGER]))
    | PLACES
    | st.just(Archive())
    | st.just(Reactivate())
    | st.builds(SetLanguage, st.sampled_from(["", "de"]))
    | st.builds(SetJobTitle, st.sampled_from(["", "Engineer", 'O"Hara\\, {x}']))
)
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.sampled_from(["Bo", "Zoë", 'A "B"']),
        "last_name": st.sampled_from(["Berg", "王", "\\u0041"]),
        "postal_address": st.sampled_from(["", "Street 1\nTown"]),
        "born_on": st.sampled_from(["", "1990-03-27"]),
        "role": st.sampled_from(["learner", "trainer"]),
        "department": st.sampled_from(["", "Sales", "Support"]),
        "groups": st.sampled_from(["", "Night shift", "Night shift, Q3 onboarding"]),
    },
).filter(bool)
SHEETS = st.dictionaries(st.integers(0, PEOPLE - 1), EDITS, min_size=1)
STEPS = st.lists(
    st.tuples(st.sets(st.integers(0, PEOPLE - 1), min_size=1), CHANGES) | SHEETS, min_size=1, max_size=5
)


def stands(house: House) -> list[Any]:
    """Return people, memberships and seats as they stand, but for the counter of changes."""
    columns = [
        column for column in User.__table__.columns if column.name not in {"version", "last_sign_in_at"}
    ]
    return [
        rows.all_of(house.core, select(*columns).order_by(User.id)),
        sorted(rows.all_of(house.core, select(GroupMember.group_id, GroupMember.user_id))),
        sorted(rows.all_of(house.core, select(Seat.license_id, Seat.user_id, Seat.held_since))),
    ]


def take_step(house: House, ids: list[int], step: Any) -> str | None:
    """Change people in bulk, or edit a sheet; return the run's name where it did something."""
    with house.core.work(house.admin) as work:
        if isinstance(step, tuple):
            places, change = step
            return change_people(work, Target([ids[place] for place in sorted(places)]), change).batch
        seen = {person.id: person.values for person in texts(work, ids)}
        edits = [Edit(ids[place], values, seen[ids[place]]) for place, values in step.items()]
        return edit_people(work, edits).batch


@pytest.fixture
def people(company: House) -> list[int]:
    """Make a few learners, two of them with a seat of a license that has no more."""
    ids = add_people(company.core, PEOPLE)
    license_id = add_license(company.core, seats=2)
    for user_id in ids[:2]:
        give_seat(company.core, license_id, user_id)
    return ids


def test_taking_back_everything_restores_everybody(company: House, people: list[int]) -> None:
    """After any few bulk changes and edits, undoing them in reverse leaves people, places and seats as they were."""
    before = stands(company)

    @effort(12, 25)
    @given(STEPS)
    def restores(steps: list[Any]) -> None:
        names = [name for step in steps if (name := take_step(company, people, step))]
        for name in reversed(names):
            with company.core.work(company.admin) as work:
                assert not undo(work, name).refused
        assert stands(company) == before
        assert_sound(company.core)

    restores()
