"""Setting up the company, its departments and learning groups (S12, S23, S24, S30), on both databases."""

from __future__ import annotations

import re

import pytest

from core.colors import contrast
from core.core import Core
from core.errors import AlreadySetUp, CapReached, EditConflict, Invalid, NameTaken, PermissionNeeded
from core.models import Company, Department, Group, User
from core.reading.company import record
from core.roles import Role
from core.services.company import FirstAdmin, edit_company, set_cap, set_logo, set_up
from core.services.places import add_department, add_group
from core.values import Address
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows

pytestmark = pytest.mark.slow

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


# --- the record -------------------------------------------------------------------------------------------------


def _fields(house: House) -> dict[str, str]:
    with house.core.operator_look() as look:
        return dict(record(look).fields)


def test_the_record_is_edited_field_by_field(company: House) -> None:
    """Only what differs is written, and one event tells old and new of each field (S23, R60)."""
    wanted = {
        "name": " Engine & Sons ",
        "email": "help@example.com",
        "phone": "+49 40 123456",
        "website": "https://engine.example",
        "address": "Kai 5\r\n20457 Hamburg",
        "link_days": "014",
        "language": "DE",
        "color": "#0550AE",
    }
    with company.core.work(company.admin) as work:
        assert edit_company(work, wanted)
        assert not edit_company(work, {"name": "Engine & Sons", "color": "#0550ae"})
    assert _fields(company) == {
        "name": "Engine & Sons",
        "email": "help@example.com",
        "phone": "+49 40 123456",
        "website": "https://engine.example",
        "address": "Kai 5\n20457 Hamburg",
        "link_days": "14",
        "language": "de",
        "color": "#0550ae",
    }
    [event] = rows.events(company.core, "company.edited")
    assert event.details["link_days"] == {"old": "7", "new": "14"}
    assert event.details["name"] == {"old": "Engine Works", "new": "Engine & Sons"}


def test_everything_but_name_days_and_language_can_be_emptied(company: House) -> None:
    """Contact fields and the color are optional (S23)."""
    with company.core.work(company.admin) as work:
        edit_company(work, {"email": "help@example.com", "color": "#0550ae", "phone": "040 123456"})
        edit_company(work, {"email": " ", "color": "", "phone": "", "website": "", "address": ""})
    assert [_fields(company)[field] for field in ("email", "color", "phone")] == ["", "", ""]


@sqlite_only
@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("email", "help"),
        ("phone", "call me"),
        ("website", "engine.example"),
        ("website", "javascript:alert(1)"),
        ("website", "https://"),
        ("website", "https://[::1"),
        ("website", "https://engine example"),
        ("address", "x" * 501),
        ("link_days", "0"),
        ("link_days", "91"),
        ("link_days", "\u0667"),
        ("link_days", ""),
        ("language", "tlh"),
        ("language", ""),
        ("color", "red"),
        ("color", "#05f"),
        ("shape", "round"),
    ],
)
def test_a_wrong_field_of_the_record_is_named(company: House, field: str, text: str) -> None:
    """What cannot be meant is refused under its own name, and nothing of the run is written."""
    with pytest.raises(Invalid) as caught, company.core.work(company.admin) as work:
        edit_company(work, {"phone": "+49 40 1", "address": "Kai 5"} | {field: text})
    assert field in caught.value.fields
    assert _fields(company)["address"] == ""


@sqlite_only
@pytest.mark.parametrize("color", ["#ffffff", "#ffcc00", "#7f7f7f", "#00ff00"])
def test_a_color_that_cannot_be_read_is_refused_with_one_that_can(company: House, color: str) -> None:
    """The house color stands apart from white by 4.5, and the refusal names the nearest shade that does (S29)."""
    with pytest.raises(Invalid, match="too light") as caught, company.core.work(company.admin) as work:
        edit_company(work, {"color": color})
    darker = re.findall("#[0-9a-f]{6}", caught.value.message)[-1]
    assert darker != color
    assert contrast(darker, "#ffffff") >= 4.5
    with company.core.work(company.admin) as work:
        assert edit_company(work, {"color": darker})


def test_two_admins_who_edit_the_record_at_once_hear_of_each_other(company: House) -> None:
    """Who saves later is told what each crossed field says now and who wrote it; other fields do not get in the way."""
    seen = _fields(company)
    with company.core.work(company.admin) as work:
        edit_company(work, {"name": "Engine & Sons", "email": "help@example.com"}, seen=seen)
    with pytest.raises(EditConflict) as caught, company.core.operator() as work:
        edit_company(work, {"name": "Motors", "email": "help@example.com", "phone": "040 123456"}, seen=seen)
    [conflict] = caught.value.conflicts
    assert (conflict.field, conflict.seen, conflict.now, conflict.wanted, conflict.who) == (
        "name", "Engine Works", "Engine & Sons", "Motors", "ada@example.com",
    )  # fmt: skip
    with company.core.operator() as work:
        assert edit_company(work, {"phone": "040 123456"}, seen=seen)


def test_the_days_of_links_count_for_new_invitations(company: House) -> None:
    """A link that is out keeps its days; the next one gets the new number (R10)."""
    first = company.invite("bo@example.com")
    with company.core.work(company.admin) as work:
        edit_company(work, {"link_days": "30"})
    second = company.invite("cy@example.com")
    days = [
        (rows.invitation(company.core, each).expires_at - rows.invitation(company.core, each).created_at).days
        for each in (first, second)
    ]
    assert days == [7, 30]


# --- what the operator sets, and the logo -----------------------------------------------------------------------


def test_only_the_operator_sets_the_maximum(company: House) -> None:
    """A Company Admin is refused, the operator sets and lifts it, each time with an event (R49, R51)."""
    with company.core.work(company.admin) as work, pytest.raises(PermissionNeeded):
        set_cap(work, 5)
    with company.core.operator() as work:
        assert set_cap(work, 5)
        assert not set_cap(work, 5)
        assert set_cap(work, None)
    details = [event.details["user_cap"] for event in rows.events(company.core, "company.cap_set")]
    assert details == [{"old": None, "new": 5}, {"old": 5, "new": None}]


def test_a_maximum_below_what_is_held_takes_nothing_away(company: House) -> None:
    """Whoever is in stays, and nobody new gets in until there is room (R50)."""
    company.register("bo@example.com")
    with company.core.operator() as work:
        set_cap(work, 1)
    assert rows.person(company.core, company.admin_id).status == "active"
    with company.core.operator_look() as look:
        assert record(look).room.places_left == 0
    with pytest.raises(CapReached):
        company.invite("cy@example.com")


@sqlite_only
@pytest.mark.parametrize("cap", [0, -1, 10**9])
def test_a_maximum_that_cannot_be_meant_is_refused(company: House, cap: int) -> None:
    """The maximum is one or more, and no fantastic number."""
    with pytest.raises(Invalid) as caught, company.core.operator() as work:
        set_cap(work, cap)
    assert list(caught.value.fields) == ["cap"]


PNG, JPEG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20, b"\xff\xd8\xff\xe0" + b"\0" * 20


def test_the_logo_is_a_png_or_a_jpeg(company: House) -> None:
    """An image is told by its first bytes, can be replaced and taken away, and its bytes stay out of the trail (S29)."""
    with company.core.work(company.admin) as work:
        assert set_logo(work, PNG)
        assert not set_logo(work, PNG)
        assert set_logo(work, JPEG)
    with company.core.operator_look() as look:
        found = look.db.get_one(Company, 1)
        assert (found.logo, found.logo_type, record(look).logo_size) == (JPEG, "image/jpeg", len(JPEG))
    with company.core.work(company.admin) as work:
        assert set_logo(work, b"")
    told = [event.details["logo"]["new"] for event in rows.events(company.core, "company.edited")]
    assert told == ["image/png, 28 bytes", "image/jpeg, 24 bytes", ""]


@sqlite_only
@pytest.mark.parametrize(
    "image", [b"<svg/>", b"GIF89a", b"PNG", PNG + b"\0" * 200_000], ids=["svg", "gif", "name", "large"]
)
def test_any_other_logo_is_refused(company: House, image: bytes) -> None:
    """What is no PNG or JPEG by its first bytes, or larger than 200,000 of them, is refused."""
    with pytest.raises(Invalid) as caught, company.core.work(company.admin) as work:
        set_logo(work, image)
    assert list(caught.value.fields) == ["logo"]


@sqlite_only
def test_the_record_is_the_company_admins_matter(company: House) -> None:
    """A Content Manager changes neither record nor logo (S9)."""
    company.register("bo@example.com", Role.CONTENT_MANAGER)
    with company.core.work(rows.open_sign_in(company.core, "bo@example.com")) as work:
        with pytest.raises(PermissionNeeded):
            edit_company(work, {"name": "Bo Ltd"})
        with pytest.raises(PermissionNeeded):
            set_logo(work, PNG)
