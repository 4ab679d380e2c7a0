"""Who belongs to which department, learning group and role, counted alike on both databases (S24, S30, R55)."""

from __future__ import annotations

import itertools

import pytest

from core.errors import Invalid, InvalidFilter, PermissionNeeded
from core.filter_keys import parse_places, parse_words
from core.filters import Filter
from core.reading import ladder, places
from core.reading.lists import Sort
from core.roles import Role
from core.services.places import add_department, add_group
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows

pytestmark = pytest.mark.slow


@pytest.fixture
def crowd(company: House, clock: MovableClock) -> House:
    """Return a company whose Sales has one of each: active, archived, invited, and one whose days are over."""
    company.register(
        "bo@example.com", Role.TRAINER, department="Sales", groups=["Q3 onboarding", "Night shift"]
    )
    cy = company.register("cy@example.com", department="Sales", groups=["Q3 onboarding"])
    rows.archive(company.core, cy)
    company.invite("di@example.com", department="Sales", groups=["Q3 onboarding"], days=1)
    clock.move(days=2)
    company.admin = company.sign_in()
    company.invite("eve@example.com", Role.TRAINER, department="Sales", groups=["Q3 onboarding"])
    rows.set_group_size(company.core, company.groups["Night shift"], 1)
    with company.core.work(company.admin) as work:
        company.departments["Büro"] = add_department(work, "Büro")
        company.groups["100% open_air"] = add_group(
            work, "100% open_air", description="Bring boots.", max_size=5
        )
    return company


def departments(house: House, text: str = "", sort: Sort = places.BY_NAME) -> list[str]:
    """Return the names of the departments that a filter finds, in order."""
    with house.core.look(house.admin) as look:
        found = places.department_ids(look, parse_places(text), sort)
        return [row.name for row in places.department_rows(look, list(itertools.chain.from_iterable(found)))]


def groups(house: House, text: str = "", sort: Sort = places.BY_NAME) -> list[str]:
    """Return the names of the learning groups that a filter finds, in order."""
    with house.core.look(house.admin) as look:
        found = places.group_ids(look, parse_places(text), sort)
        return [row.name for row in places.group_rows(look, list(itertools.chain.from_iterable(found)))]


def test_a_department_counts_people_and_invitations(crowd: House) -> None:
    """Active, archived, invited and expired are counted apart, and what keeps it from being deleted is said."""
    with crowd.core.look(crowd.admin) as look:
        sales, office = places.department_rows(look, [crowd.departments["Sales"], crowd.departments["Büro"]])
    assert (sales.active, sales.archived, sales.invited, sales.expired) == (1, 1, 1, 1)
    assert sales.kept
    assert "2 open or expired invitations" in sales.kept.message
    assert (office.active, office.archived, office.invited, office.expired, office.kept) == (0, 0, 0, 0, None)


def test_a_group_tells_its_room(crowd: House) -> None:
    """Active members and live invitations take room, archived and expired ones do not (S30)."""
    with crowd.core.look(crowd.admin) as look:
        quarter, night, air = places.group_rows(look, list(crowd.groups.values()))
    assert (quarter.active, quarter.archived, quarter.invited, quarter.expired, quarter.room) == (
        1,
        1,
        1,
        1,
        None,
    )
    assert (night.max_size, night.active, night.room) == (1, 1, 0)
    assert (air.description, air.room, air.kept) == ("Bring boots.", 5, None)


def test_places_are_found_by_words(crowd: House) -> None:
    """Bare words match names, signs of patterns mean themselves, is: finds empty, full and limited ones."""
    assert departments(crowd) == ["Büro", "Sales", "Support"]
    assert departments(crowd, "BÜ") == ["Büro"]
    assert departments(crowd, "s -up") == ["Sales"]
    assert departments(crowd, "is:empty") == ["Büro", "Support"]
    assert departments(crowd, "-is:empty") == ["Sales"]
    assert groups(crowd, "0%") == groups(crowd, "n_a") == ["100% open_air"]
    assert groups(crowd, "is:full") == ["Night shift"]
    assert groups(crowd, "is:limited") == ["100% open_air", "Night shift"]
    assert groups(crowd, "is:empty") == ["100% open_air"]
    assert groups(crowd, "is:empty is:full") == ["100% open_air", "Night shift"]


def test_places_can_be_ordered_by_every_column(crowd: House) -> None:
    """Counts, sizes and room order the list both ways; a column that is not there is named."""
    for column in ("name", "active", "archived", "invited", "expired"):
        up, down = departments(crowd, sort=Sort(column)), departments(crowd, sort=Sort(column, True))
        assert up == down[::-1]
    assert departments(crowd, sort=Sort("active", True))[0] == "Sales"
    for column in ("name", "active", "archived", "invited", "expired", "max_size", "room", "description"):
        up, down = groups(crowd, sort=Sort(column)), groups(crowd, sort=Sort(column, True))
        assert up == down[::-1]
    assert groups(crowd, sort=Sort("room", True))[0] == "100% open_air"
    with pytest.raises(Invalid, match="There is no column color"):
        departments(crowd, sort=Sort("color"))


def test_a_wrong_word_is_named(crowd: House) -> None:
    """A key or a value that does not exist is named, with what exists."""
    with pytest.raises(InvalidFilter, match=r"is:round.*empty, full, limited"):
        groups(crowd, "is:round")
    with pytest.raises(InvalidFilter, match=r"is:full.*There is: empty"):
        departments(crowd, "is:full")
    with pytest.raises(InvalidFilter, match="no key dept"):
        departments(crowd, "dept:sales")


def test_a_place_that_is_gone_is_left_out(crowd: House) -> None:
    """Rows come in the order asked for, without those that do not exist."""
    wanted = [crowd.departments["Support"], 999, crowd.departments["Sales"]]
    with crowd.core.look(crowd.admin) as look:
        assert [row.name for row in places.department_rows(look, wanted)] == ["Support", "Sales"]
        assert places.group_rows(look, [999]) == []


def test_the_ladder_tells_who_holds_what_and_who_could_give_it(crowd: House) -> None:
    """Each role has its holders and, out of reach, the reason and who could give it (S8, R55)."""
    with crowd.core.look(crowd.admin) as look:
        ids = list(itertools.chain.from_iterable(ladder.role_ids(look, Filter())))
        found = ladder.role_rows(look, ids)
    assert [row.role for row in found] == sorted(Role, reverse=True)
    trainer, learner = found[3], found[4]
    assert (trainer.active, trainer.archived, trainer.invited, trainer.refusal) == (1, 0, 1, None)
    assert (learner.active, learner.archived, learner.invited) == (0, 1, 0)
    assert found[0].refusal
    assert "given on the host only" in found[0].refusal.message
    assert found[1].refusal
    assert "appointed by the operator" in found[1].refusal.message
    assert len(found[1].permissions) > len(trainer.permissions)


def test_roles_are_found_and_ordered(crowd: House) -> None:
    """Bare words match name and summary, counts order the ladder, a column that is not there is named."""

    def found(text: str, sort: Sort = ladder.HIGHEST_FIRST) -> list[int]:
        with crowd.core.look(crowd.admin) as look:
            return list(itertools.chain.from_iterable(ladder.role_ids(look, parse_words(text), sort)))

    assert found("manager") == [30]
    assert found("-manager reports") == []
    assert found("", Sort("active", True))[:2] == [40, 20]
    assert found("", Sort("gives")) == [40, 50, 10, 20, 30]
    with pytest.raises(Invalid, match="no column color"):
        found("", Sort("color"))


@sqlite_only
def test_places_and_ladder_are_the_company_admins_to_see(company: House) -> None:
    """A Trainer is shown neither departments nor groups nor roles (S9)."""
    company.register("bo@example.com", Role.TRAINER)
    with company.core.look(rows.open_sign_in(company.core, "bo@example.com")) as look:
        for question in (
            lambda: places.department_rows(look, [1]),
            lambda: places.group_rows(look, [1]),
            lambda: list(places.department_ids(look, Filter())),
            lambda: list(places.group_ids(look, Filter())),
            lambda: ladder.role_rows(look, [10]),
            lambda: list(ladder.role_ids(look, Filter())),
        ):
            with pytest.raises(PermissionNeeded):
                question()
