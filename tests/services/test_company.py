"""Setting up the company, its departments and learning groups (S12, S23, S24, S30), on both databases."""

from __future__ import annotations

import pytest

from core.core import Core
from core.errors import AlreadySetUp, Invalid, NameTaken, PermissionNeeded
from core.models import Company, Department, Group, User
from core.roles import Role
from core.services.company import FirstAdmin, add_department, add_group, set_up
from core.values import Address
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows

FIRST = FirstAdmin(Address.parse("Ada@Example.com"), "hash", "Ada", "Byron")


def test_setting_up_makes_the_company_and_its_first_admin(core: Core) -> None:
    """One company and one active Company Admin, both recorded as the operator's doing (S12)."""
    with core.operator() as work:
        user_id = set_up(work, name="  Engine Works ", admin=FIRST, user_cap=5)
    with core.operator_look() as look:
        company = look.db.get_one(Company, 1)
    assert (company.name, company.user_cap, company.link_days, company.language) == (
        "Engine Works",
        5,
        7,
        "en",
    )
    user = rows.person(core, user_id)
    assert (user.address, user.address_key) == ("Ada@Example.com", "ada@example.com")
    assert (user.role, user.status, user.sort_key) == (
        Role.COMPANY_ADMIN,
        "active",
        "byron ada ada@example.com",
    )
    assert rows.actions(core) == {"company.set_up": 1, "user.created": 1}
    assert {event.actor_label.split()[0] for event in rows.events(core)} == {"operator"}


def test_setting_up_twice_is_refused(company: House) -> None:
    """A database belongs to one company for good, and the sentence names it."""
    with pytest.raises(AlreadySetUp, match="Engine Works"), company.core.operator() as work:
        set_up(work, name="Other Works", admin=FirstAdmin(Address.parse("cy@example.com"), "hash"))
    assert rows.count(company.core, User) == 1


@sqlite_only
@pytest.mark.parametrize("name", ["", " \u200b ", "x" * 201, "a\nb"])
def test_a_company_needs_a_name(core: Core, name: str) -> None:
    """A name that is empty, too long or of several lines is refused, and nothing is made (S23)."""
    with pytest.raises(Invalid) as caught, core.operator() as work:
        set_up(work, name=name, admin=FIRST)
    assert list(caught.value.fields) == ["company"]
    assert rows.count(core, Company) == rows.count(core, User) == 0


@sqlite_only
@pytest.mark.parametrize("cap", [0, -1])
def test_a_maximum_number_of_users_is_at_least_one(core: Core, cap: int) -> None:
    """A company in which even its admin has no place is refused (R49)."""
    with pytest.raises(Invalid) as caught, core.operator() as work:
        set_up(work, name="Engine Works", admin=FIRST, user_cap=cap)
    assert list(caught.value.fields) == ["user_cap"]


@sqlite_only
def test_only_the_host_sets_up(company: House) -> None:
    """A Company Admin cannot set up a company from the console (S10)."""
    with company.core.work(company.admin) as work, pytest.raises(PermissionNeeded):
        set_up(work, name="Other Works", admin=FIRST)


def test_departments_and_groups_are_told_apart_by_name(company: House) -> None:
    """Case, blanks and Unicode form make no second department or group (S24, S30)."""
    with company.core.work(company.admin) as work:
        add_department(work, "Büro  Süd")
        add_group(work, "Choir", description="  sings\r\non Fridays ", max_size=12)
    for name in ("BÜRO SÜD", "bu\u0308ro su\u0308d", " sales"):
        with pytest.raises(NameTaken), company.core.work(company.admin) as work:
            add_department(work, name)
    with (
        pytest.raises(NameTaken, match="learning group named CHOIR"),
        company.core.work(company.admin) as work,
    ):
        add_group(work, "CHOIR")
    with company.core.operator_look() as look:
        choir = look.db.query(Group).filter_by(name="Choir").one()
    assert (choir.description, choir.max_size) == ("sings\non Fridays", 12)
    assert rows.count(company.core, Department) == 3


@pytest.mark.parametrize("name", ["", " \ufeff", "x" * 201, "\ufdfa" * 200, "a\x00b"])
def test_a_place_needs_a_name_that_both_databases_hold(company: House, name: str) -> None:
    """Nothing, too much, NUL and letters whose plain form is too long are refused the same way everywhere (R61)."""
    for verb in (add_department, add_group):
        with pytest.raises(Invalid) as caught, company.core.work(company.admin) as work:
            verb(work, name)
        assert list(caught.value.fields) == ["name"]


@sqlite_only
@pytest.mark.parametrize(
    ("field", "value"),
    [("max_size", 0), ("max_size", -1), ("description", "x" * 2001), ("description", "a\x00b")],
)
def test_a_group_is_judged_field_by_field(company: House, field: str, value: object) -> None:
    """A maximum size below one and a description that cannot be stored are refused."""
    with pytest.raises(Invalid) as caught, company.core.work(company.admin) as work:
        add_group(work, "Choir", **{field: value})  # type: ignore[arg-type]  # one field at a time
    assert list(caught.value.fields) == [field]


@sqlite_only
def test_places_are_added_by_admins_and_recorded(company: House) -> None:
    """Each department and group leaves one event, and nobody below a Company Admin adds one (S9, R60)."""
    assert rows.actions(company.core)["department.added"] == rows.actions(company.core)["group.added"] == 2
    company.register("bo@example.com", Role.CONTENT_MANAGER)
    with company.core.work(rows.open_sign_in(company.core, "bo@example.com")) as work:
        for verb in (add_department, add_group):
            with pytest.raises(PermissionNeeded):
                verb(work, "Stores")
