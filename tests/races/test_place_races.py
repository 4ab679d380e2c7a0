"""Departments that are merged while people come in, and from both sides at once, on both databases (R57, S24)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from core.core import Core
from core.models import Department, User
from core.ports import Hasher
from core.settings import Settings
from tests.people import House
from tests.races.racers import race
from tests.services import rows

pytestmark = pytest.mark.slow


@pytest.fixture
def house(settings: Settings, hasher: Hasher) -> Iterator[House]:
    """Lend a company that lives in today's time, like the racing processes."""
    with Core.open(settings, hasher=hasher) as core:
        yield House.set_up(core)


def test_who_registers_during_a_merge_lands_in_the_department_that_stays(
    house: House, settings: Settings
) -> None:
    """Six links into Sales are used while Sales is merged into Support: every account is in Support."""
    sales, support = house.departments["Sales"], house.departments["Support"]
    tokens = [
        house.token_of(house.invite(f"p{number}@example.com", department="Sales")) for number in range(6)
    ]
    runs = [("register", token, "Bo") for token in tokens]
    told = race(settings, [*runs[:3], ("merge", str(house.admin), sales, support), *runs[3:]])
    assert Counter(answer.split()[0] for answer in told) == {"registered": 6, "merged": 1}
    found = rows.all_of(house.core, select(User.department_id).where(User.role == 10))
    assert [row.department_id for row in found] == [support] * 6
    assert rows.count(house.core, Department) == 1


def test_two_departments_merged_into_each_other_leave_one(house: House, settings: Settings) -> None:
    """Of two admins who merge in opposite directions at once one succeeds, the other hears what is missing."""
    house.register("bo@example.com", department="Sales")
    sales, support = house.departments["Sales"], house.departments["Support"]
    told = race(
        settings,
        [
            ("merge", str(house.sign_in()), sales, support),
            ("merge", str(house.sign_in()), support, sales),
        ],
    )
    assert sorted(answer.split()[0] for answer in told) == ["merged", "missing"]
    [left] = rows.all_of(house.core, select(Department.id))
    assert [
        row.department_id
        for row in rows.all_of(house.core, select(User.department_id).where(User.role == 10))
    ] == [left.id]
