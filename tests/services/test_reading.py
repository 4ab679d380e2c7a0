"""The questions of core: who and what is found, in which order, and by whom (R32, R44, R53), on both databases."""

from __future__ import annotations

import itertools
from dataclasses import FrozenInstanceError

import pytest

from core.errors import Invalid, InvalidFilter, Missing, PermissionNeeded
from core.filter_keys import parse_audit, parse_invitations, parse_users
from core.filters import Filter
from core.reading import audit, invitations, users
from core.reading import company as places
from core.reading.lists import CHUNK, FIRST, Sort
from core.roles import Role
from core.services.accepting import accept
from core.services.inviting import Line, Offer, invite, invite_many, withdraw
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows

pytestmark = pytest.mark.slow

FIELDS = {"first_name": "Bo", "last_name": "Berg", "password": "violet harbor 1815"}


def found(house: House, text: str, sort: Sort = users.BY_NAME) -> list[str]:
    """Return the addresses of the people a filter finds, in order, checked against the count."""
    with house.core.look(house.admin) as look:
        chosen = parse_users(text)
        ids = list(itertools.chain.from_iterable(users.ids(look, chosen, sort)))
        assert users.count(look, chosen) == len(ids)
        assert [row.id for row in users.first(look, chosen, sort)] == ids[:100]
        return [row.address.removesuffix("@example.com") for row in users.rows(look, ids)]


def invited(house: House, text: str, sort: Sort = invitations.NEWEST_FIRST) -> list[str]:
    """Return the addresses of the invitations a filter finds, in order, checked against the count."""
    with house.core.look(house.admin) as look:
        chosen = parse_invitations(text)
        ids = list(itertools.chain.from_iterable(invitations.ids(look, chosen, sort)))
        assert invitations.count(look, chosen) == len(ids)
        return [row.address.removesuffix("@example.com") for row in invitations.rows(look, ids)]


@pytest.fixture
def people(company: House, clock: MovableClock) -> House:
    """Return a company with five people beside its admin; one is archived, one came later."""
    company.register(
        "zoe@example.com", Role.TRAINER, first_name="Zoë", last_name="Ångström", department="Sales"
    )
    company.register(
        "bo@example.com", first_name="Bo", last_name="Müller", groups=["Night shift", "Q3 onboarding"]
    )
    company.register(
        "al_50%@example.com",
        first_name="Al",
        last_name="de Groot",
        department="Sales",
        groups=["Night shift"],
    )
    rows.archive(company.core, company.register("gone@example.com", first_name="Gil", last_name="Gone"))
    clock.move(days=10)
    company.register(
        "cy@example.com", Role.CONTENT_MANAGER, first_name="Cy", last_name="müller", department="Support"
    )
    return company


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["zoe", "ada", "al_50%", "bo", "cy"]),
        ("status:any", ["zoe", "ada", "al_50%", "gone", "bo", "cy"]),
        ("status:archived", ["gone"]),
        ("status:archived status:active", ["zoe", "ada", "al_50%", "gone", "bo", "cy"]),
        ("MÜLLER", ["bo", "cy"]),
        ("muller", ["bo", "cy"]),
        ("angstrom", ["zoe"]),
        ("ZOË ang", ["zoe"]),
        ('"de groot"', ["al_50%"]),
        ("_", ["al_50%"]),
        ("50%", ["al_50%"]),
        ("%", ["al_50%"]),
        ("@example.com -muller", ["zoe", "ada", "al_50%"]),
        ("nobody", []),
        ("role:learner", ["al_50%", "bo"]),
        ("role:learner role:trainer", ["zoe", "al_50%", "bo"]),
        ("role>trainer", ["ada", "cy"]),
        ("role<=trainer", ["zoe", "al_50%", "bo"]),
        ("role:admin", ["ada"]),
        ("-role:learner", ["zoe", "ada", "cy"]),
        ("dept:sales", ["zoe", "al_50%"]),
        ("dept:s", ["zoe", "al_50%", "cy"]),
        ("dept:none", ["ada", "bo"]),
        ("-dept:sales", ["ada", "bo", "cy"]),
        ('group:"night shift"', ["al_50%", "bo"]),
        ("group:q3", ["bo"]),
        ("group:none", ["zoe", "ada", "cy"]),
        ("-group:night", ["zoe", "ada", "cy"]),
        ("seen:never", ["zoe", "al_50%", "bo", "cy"]),
        ("-seen:never", ["ada"]),
        ("seen>9d", ["ada"]),
        ("seen<9d", []),
        ("joined:2026-03-12", ["cy"]),
        ("joined<2026-03-12", ["zoe", "ada", "al_50%", "bo"]),
        ("joined<=2026-03-12", ["zoe", "ada", "al_50%", "bo", "cy"]),
        ("joined>2026-03-12", []),
        ("joined>1d", ["zoe", "ada", "al_50%", "bo"]),
        ("lang:none", ["zoe", "ada", "al_50%", "bo", "cy"]),
        ("lang:de", []),
    ],
)
def test_people_are_found(people: House, text: str, expected: list[str]) -> None:
    """Words look into name and address without regard to case and accents, keys narrow down, archived people are hidden (R32, R44)."""
    assert found(people, text) == expected


def test_every_order_is_total(people: House) -> None:
    """Each column sorts both ways, equal rows stay apart, and nobody is lost."""
    everybody = set(found(people, "status:any"))
    for column in users.SORTS:
        up, down = (found(people, "status:any", Sort(column, descending)) for descending in (False, True))
        assert up == down[::-1]
        assert set(up) == everybody
    assert found(people, "", Sort("address")) == ["ada", "al_50%", "bo", "cy", "zoe"]
    assert found(people, "", Sort("seen"))[-1] == "ada"
    with pytest.raises(Invalid, match="There is: name, address"):
        found(people, "", Sort("salary"))


@pytest.mark.parametrize(
    "text", ["dept:stores", "group:choir", "seat:excel", "role:boss", "status:new", "lang:tlh", "seen>soon"]
)
def test_a_value_that_does_not_exist_is_named(people: House, text: str) -> None:
    """What is not there is told with the word, and with what there is."""
    with pytest.raises(InvalidFilter, match=text) as caught:
        found(people, text)
    assert "There is: " in caught.value.message or "expected a date" in caught.value.message


def test_a_person_is_told_in_full(people: House) -> None:
    """The row and the detail of one person hold where they belong and what they have (R48)."""
    with people.core.look(people.admin) as look:
        detail = users.one(look, users.by_address(look, "BO@example.com"))
        assert detail.row.groups == ("Night shift", "Q3 onboarding")
        assert (detail.row.name, detail.row.role, detail.row.department) == ("Bo Müller", Role.LEARNER, "")
        assert (detail.lessons, detail.certificates, detail.open_sign_ins) == (0, 0, 0)
        with pytest.raises(FrozenInstanceError):
            detail.row.role = Role.OPERATOR  # type: ignore[misc]  # that is the point
        for wanted in ("nobody@example.com", "gone2@example.com"):
            with pytest.raises(Missing, match=wanted):
                users.by_address(look, wanted)
        with pytest.raises(Missing):
            users.one(look, 999)
        assert users.rows(look, [999, detail.row.id]) == [detail.row]


def test_invitations_are_found_by_state(company: House, clock: MovableClock) -> None:
    """Expired is told by the time of looking, and each state finds its own (R53, R54)."""
    company.invite("old@example.com", days=1)
    accept(company.core, company.token_of(company.invite("used@example.com")), FIELDS)
    gone = company.invite("gone@example.com")
    with company.core.work(company.admin) as work:
        withdraw(work, [gone])
    company.invite("twice@example.com")
    company.invite("twice@example.com", Role.TRAINER, department="Sales", groups=["Night shift"])
    with company.core.operator() as work:
        invite(work, "chief@example.com", Offer(Role.COMPANY_ADMIN))
    clock.move(days=1)
    expected = {
        "": ["chief", "twice", "twice", "gone", "used", "old"],
        "state:any": ["chief", "twice", "twice", "gone", "used", "old"],
        "state:open": ["chief", "twice"],
        "state:expired": ["old"],
        "state:accepted": ["used"],
        "state:replaced": ["twice"],
        "state:withdrawn": ["gone"],
        "state:open state:expired": ["chief", "twice", "old"],
        "role:trainer": ["twice"],
        "role>trainer": ["chief"],
        "mail:dropped": ["twice", "gone"],
        "mail:waiting state:open": ["chief", "twice"],
        "mail:none": [],
        "by:ada": ["twice", "twice", "gone", "used", "old"],
        "by:operator": ["chief"],
        "-by:ada": ["chief"],
        "-dept:sales -state:expired": ["chief", "twice", "gone", "used"],
        "-batch:abc state:open": ["chief", "twice"],
        "dept:sales": ["twice"],
        "dept:none -state:expired": ["chief", "twice", "gone", "used"],
        'group:"night shift"': ["twice"],
        "created:2026-03-02 old": ["old"],
        "expires<2026-03-04": ["old"],
    }
    assert {text: invited(company, text) for text in expected} == expected


def test_an_invitation_is_told_in_full(company: House, clock: MovableClock) -> None:
    """The row holds inviter, places, mail and state; the newest of an address is found whatever its state (R53)."""
    company.invite("bo@example.com")
    newest = company.invite("Bo@example.com", Role.TRAINER, department="Sales", groups=["Night shift"])
    with company.core.look(company.admin) as look:
        row = invitations.newest_of(look, "bo@EXAMPLE.com")
        with pytest.raises(Missing, match=r"nobody@example\.com"):
            invitations.newest_of(look, "nobody@example.com")
    assert (row.id, row.address, row.role, row.state) == (newest, "Bo@example.com", Role.TRAINER, "open")
    assert (row.mail, row.mail_answer, row.invited_by) == ("waiting", "", company.admin_address)
    assert (row.department, row.groups, row.user_id) == ("Sales", ("Night shift",), None)
    clock.move(days=7)
    with company.core.look(company.admin) as look:
        assert invitations.rows(look, [newest])[0].state == "expired"


def test_a_batch_is_found_again(company: House) -> None:
    """The name of a run finds its invitations and its events (R60)."""
    with company.core.work(company.admin) as work:
        tally = invite_many(work, [Line(1, "bo@example.com"), Line(2, "cy@example.com")], Offer())
    assert invited(company, f"batch:{tally.batch}") == ["cy", "bo"]
    with company.core.look(company.admin) as look:
        events = audit.events(look, parse_audit(f"batch:{tally.batch} action:created by:ADA"))
        assert [event.subject for event in events] == ["cy@example.com", "bo@example.com"]
        [older] = audit.events(look, parse_audit(f"batch:{tally.batch}"), limit=1, before_id=events[0].id)
        assert older.id == events[1].id


def test_the_company_knows_its_room(company: House, clock: MovableClock) -> None:
    """Places left are the cap less active people and live invitations, and never below none (D9)."""
    with company.core.look(company.admin) as look:
        assert places.company(look).places_left is None
    rows.set_cap(company.core, 4)
    rows.archive(company.core, company.register("gone@example.com"))
    company.invite("bo@example.com")
    with company.core.look(company.admin) as look:
        row = places.company(look)
    assert (row.name, row.active_users, row.live_invitations, row.places_left) == ("Engine Works", 1, 1, 2)
    clock.move(days=7)
    rows.set_cap(company.core, 1)
    with company.core.look(company.admin) as look:
        assert (places.company(look).live_invitations, places.company(look).places_left) == (0, 0)


def test_places_and_roles_to_choose(company: House) -> None:
    """Departments and groups come by name, and each role out of reach carries the reason (R55)."""
    with company.core.look(company.admin) as look:
        assert [place.name for place in places.departments(look)] == ["Sales", "Support"]
        assert [place.name for place in places.groups(look)] == ["Night shift", "Q3 onboarding"]
        reach = {choice.role: choice.refusal for choice in places.roles(look)}
    assert [role for role, refusal in reach.items() if refusal is None] == [
        Role.LEARNER,
        Role.TRAINER,
        Role.CONTENT_MANAGER,
    ]
    assert all(refusal.message.startswith(role.label) for role, refusal in reach.items() if refusal)


@sqlite_only
def test_every_question_asks_for_the_permission(company: House) -> None:
    """Whoever is less than a Company Admin is told nothing (S9)."""
    company.register("bo@example.com", Role.CONTENT_MANAGER)
    everything = Filter()
    questions = (
        lambda look: users.count(look, everything),
        lambda look: users.ids(look, everything),
        lambda look: users.first(look, everything),
        lambda look: users.rows(look, [1]),
        lambda look: users.one(look, 1),
        lambda look: users.by_address(look, "ada@example.com"),
        lambda look: invitations.count(look, everything),
        lambda look: invitations.ids(look, everything),
        lambda look: invitations.first(look, everything),
        lambda look: invitations.rows(look, [1]),
        lambda look: invitations.newest_of(look, "bo@example.com"),
        lambda look: audit.events(look, everything),
        places.company,
        places.departments,
        places.groups,
        places.roles,
    )
    with company.core.look(rows.open_sign_in(company.core, "bo@example.com")) as look:
        for question in questions:
            with pytest.raises(PermissionNeeded):
                question(look)


@sqlite_only
def test_ids_come_in_chunks(company: House) -> None:
    """The first few ids come by themselves, then some thousand at a time, all of them once and in order."""
    with company.core.work(company.admin) as work:
        invite_many(work, [Line(n, f"p{n:05}@example.com") for n in range(FIRST + CHUNK + 5)], Offer())
    with company.core.look(company.admin) as look:
        chunks = list(invitations.ids(look, Filter(), Sort("address")))
    assert [len(chunk) for chunk in chunks] == [FIRST, CHUNK, 5]
    assert len(set(itertools.chain.from_iterable(chunks))) == FIRST + CHUNK + 5
