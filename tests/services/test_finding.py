"""What helps to find: counts by column, ways to go on typing, the lists of the audit trail and of mails."""

from __future__ import annotations

import itertools

import pytest

from core.errors import Invalid, PermissionNeeded
from core.filter_keys import parse_audit, parse_invitations, parse_mail, parse_users
from core.filters import Filter
from core.reading import audit, invitations, mail, users
from core.reading.completion import complete, last_word
from core.reading.lists import Sort
from core.roles import Role
from core.services.inviting import Line, Offer, invite_many
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows

pytestmark = pytest.mark.slow

USER_COLUMNS = (
    "role",
    "status",
    "department",
    "groups",
    "seats",
    "language",
    "job_title",
    "seen",
    "joined",
)


@pytest.fixture
def people(company: House, clock: MovableClock) -> House:
    """Return a company with people who share some values and not others."""
    company.register("bo@example.com", Role.TRAINER, department="Sales", groups=["Night shift"])
    company.register("cy@example.com", department="Sales", groups=["Night shift", "Q3 onboarding"])
    rows.archive(company.core, company.register("gone@example.com"))
    clock.move(days=40)
    company.register("di@example.com")
    rows.open_sign_in(company.core, "di@example.com")
    return company


def facets(house: House, text: str, column: str) -> dict[str, int]:
    """Return the counts of a column by the label that is shown, each checked against what its filter word finds."""
    with house.core.look(house.admin) as look:
        found = users.facets(look, parse_users(text), column)
        for facet in found:
            assert users.count(look, parse_users(f"{text} {facet.filter_word}")) == facet.people
        return {facet.label: facet.people for facet in found}


def test_people_are_counted_by_column(people: House) -> None:
    """Each value comes with as many people as its filter word finds, archived ones left out like in the list (R44)."""
    assert facets(people, "", "role") == {"Learner": 2, "Trainer": 1, "Company Admin": 1}
    assert facets(people, "", "status") == {"active": 4, "archived": 1}
    assert facets(people, "", "department") == {"Sales": 2, "no department": 2}
    assert facets(people, "", "groups") == {"Night shift": 2, "no group": 2, "Q3 onboarding": 1}
    assert facets(people, "", "seats") == {"no seat": 4}
    assert facets(people, "dept:sales", "groups") == {"Night shift": 2, "Q3 onboarding": 1}
    assert sum(facets(people, "", "seen").values()) == sum(facets(people, "", "joined").values()) == 4
    assert facets(people, "", "joined") == {"2026-03": 3, "2026-04": 1}
    assert not facets(people, "nobody", "joined")


def test_every_column_can_be_counted(people: House) -> None:
    """No column's counts hold more or fewer people than the words that they offer; another column is named."""
    for column in USER_COLUMNS:
        assert facets(people, "", column)
    with pytest.raises(Invalid, match="nothing to count by shoe_size"):
        facets(people, "", "shoe_size")


def test_invitations_are_counted_by_column(company: House, clock: MovableClock) -> None:
    """State, mail, role, inviter and department come with as many invitations as their words find."""
    company.invite("old@example.com", days=1)
    clock.move(days=2)
    company.invite("bo@example.com", Role.TRAINER, department="Sales")
    expected = {
        "state": {"open": 1, "expired": 1},
        "mail": {"waiting": 2},
        "role": {"Learner": 1, "Trainer": 1},
        "by": {company.admin_address: 2},
        "department": {"Sales": 1, "no department": 1},
    }
    with company.core.look(company.admin) as look:
        for column, counts in expected.items():
            found = invitations.facets(look, Filter(), column)
            assert {facet.label: facet.people for facet in found} == counts
            for facet in found:
                assert invitations.count(look, parse_invitations(facet.filter_word)) == facet.people
        assert invitations.count_up_to(look, Filter(), 1) == 2


def words(house: House, kind: str, text: str) -> list[str]:
    """Return the words that are offered to go on with."""
    with house.core.look(house.admin) as look:
        return [offer.word for offer in complete(look, kind, text)]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("users", "anna ro", ["role:"]),
        ("users", "-de", ["-dept:"]),
        ("users", "dept:", ["dept:Sales", "dept:Support", "dept:none"]),
        ("users", "-dept:sup", ["-dept:Support"]),
        ("users", "role:tr", ["role:trainer"]),
        ("users", "role<=con", ["role<=content-manager"]),
        ("users", 'role:learner group:"q3 on', ['group:"Q3 onboarding"']),
        ("users", "status:a", ["status:active", "status:archived", "status:any"]),
        ("users", "seen:n", ["seen:never"]),
        ("users", "joined<3", ["joined<30d"]),
        ("users", "lang:po", []),
        ("users", "nobody", []),
        ("users", "salary:", []),
        ("users", "dept<", []),
        (
            "users",
            "",
            [
                f"{key}:"
                for key in (
                    *("role", "dept", "group", "seat", "status", "seen", "joined", "lang", "title"),
                    *("leaves", "unused", "waits"),
                )
            ],
        ),
        ("invitations", "by:a", ["by:ada@example.com", "by:operator"]),
        ("audit", "action:user.sig", ["action:user.signed_in"]),
        ("mail", "kind:inv", ["kind:invitation"]),
        ("mail", "state:f", ["state:failed"]),
    ],
)
def test_typing_can_go_on(people: House, kind: str, text: str, expected: list[str]) -> None:
    """The last word goes on with keys, and behind a key with values that exist, in quotes where they need them."""
    assert words(people, kind, text) == expected


def test_an_offer_tells_how_many(people: House) -> None:
    """A place or a role comes with the number of active people in it."""
    with people.core.look(people.admin) as look:
        notes = {offer.word: offer.note for offer in complete(look, "users", "dept:")}
        assert notes == {
            "dept:Sales": "2 people",
            "dept:Support": "0 people",
            "dept:none": "in no department",
        }
        [trainer] = complete(look, "users", "role:trainer")
    assert trainer.note == "Trainer, 1 person"


@pytest.mark.parametrize(
    ("text", "last"), [("", ""), ("a b", "b"), ("a ", ""), ('x group:"a b', 'group:"a b'), ('"a b" c', "c")]
)
def test_the_last_word_may_hold_blanks(text: str, last: str) -> None:
    """Behind an open quote blanks belong to the word."""
    assert last_word(text) == last


def test_the_audit_trail_and_the_mails_are_lists(company: House) -> None:
    """Both come by ids, newest first or oldest first, narrowed down by their own words (R53, R60)."""
    with company.core.work(company.admin) as work:
        batch = invite_many(work, [Line(n, f"p{n}@example.com") for n in range(3)], Offer()).batch
    company.invite("zoe@example.com")
    with company.core.look(company.admin) as look:
        for text, count in ((f"batch:{batch}", 3), ("action:created zoe", 1), ("-action:invitation zoe", 0)):
            chosen = parse_audit(text)
            ids = list(itertools.chain.from_iterable(audit.ids(look, chosen)))
            assert ids == sorted(ids, reverse=True)
            assert [row.id for row in audit.rows(look, ids)] == ids
            assert audit.count(look, chosen) == len(ids) == count
            assert [row.id for row in audit.first(look, chosen, Sort("at"), limit=2)] == ids[::-1][:2]
        for text, count in (("", 4), ("to:zoe", 1), ("p1", 1), ("state:waiting -zoe", 3), ("kind:test", 0)):
            wanted = parse_mail(text)
            ids = list(itertools.chain.from_iterable(mail.ids(look, wanted)))
            assert ids == sorted(ids, reverse=True)
            assert [row.id for row in mail.rows(look, ids)] == ids
            assert mail.count(look, wanted) == len(ids) == count
            assert [row.id for row in mail.first(look, wanted, Sort("created"), limit=2)] == ids[::-1][:2]


@sqlite_only
def test_finding_asks_for_the_permission(company: House) -> None:
    """Whoever is less than a Company Admin learns no numbers, no values and no mails (S9)."""
    company.register("bo@example.com", Role.CONTENT_MANAGER)
    everything = Filter()
    questions = (
        lambda look: users.facets(look, everything, "role"),
        lambda look: users.count_up_to(look, everything, 10),
        lambda look: invitations.facets(look, everything, "role"),
        lambda look: invitations.count_up_to(look, everything, 10),
        lambda look: complete(look, "users", ""),
        lambda look: audit.ids(look, everything),
        lambda look: audit.rows(look, [1]),
        lambda look: audit.count(look, everything),
        lambda look: mail.ids(look, everything),
        lambda look: mail.rows(look, [1]),
        lambda look: mail.count(look, everything),
    )
    with company.core.look(rows.open_sign_in(company.core, "bo@example.com")) as look:
        for question in questions:
            with pytest.raises(PermissionNeeded):
                question(look)
