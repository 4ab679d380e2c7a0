"""Searching by index and searching by looking at everybody find the same people, in the same order (R32, R61)."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from core.core import Core
from core.dialects import is_sqlite
from core.filter_keys import ways_to_find
from core.filters import TEXT, Filter, Term
from core.models import User
from core.models.people import ACTIVE, ARCHIVED
from core.reading import people_order, users
from core.reading.lists import Sort
from core.values import fold, search_key, sort_key
from tests.databases import sqlite_only
from tests.people import House
from tests.properties.effort import effort

PEOPLE = 2_500  # more than are sorted without trying a walk first
NASTY = "aAeéñßıłøŁ王李伟張يوسفطđ%_'\"\\/-:*^ .,()&|~`\u0301\u0323\u200d\u00a0😀👩🏽‍ℂﬁﷺ\U0010ffff0129"  # noqa: RUF001 - the more alike the better
LETTERS = st.text(st.sampled_from(NASTY) | st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
Row = tuple[int, str, str, str, int, Any]


def made_up(core: Core) -> list[dict[str, Any]]:
    """Return people with names that search has a hard time with."""
    chance = random.Random(7)  # noqa: S311 - test data
    now = core.ports.clock.now()
    people = []
    for number in range(PEOPLE):
        first, last = ("".join(chance.choices(NASTY, k=chance.randrange(9))) for _ in range(2))
        address = f"p{number}@{chance.choice(('example.com', 'mail.example.org', 'x.io'))}"
        status = chance.choice((ACTIVE, ACTIVE, ACTIVE, ARCHIVED))
        people.append(
            {
                "address": address,
                "address_key": address,
                "role": chance.choice((10, 10, 20, 30)),
                "status": status,
                "first_name": first,
                "last_name": last,
                "password_hash": "x",
                "search_key": search_key(address, first, last),
                "sort_key": sort_key(address, first, last),
                "created_at": now - timedelta(days=number % 40),
                "archived_at": now if status == ARCHIVED else None,
                "last_sign_in_at": None if number % 3 else now - timedelta(hours=number % 50),
            }
        )
    return people


@pytest.fixture
def crowd(company: House) -> House:
    """Return a company with many people of nasty names, some of whom were renamed and some deleted."""
    with company.core.operator() as work:
        work.db.execute(insert(User), made_up(company.core))
        renamed = {"search_key": "zoe renamed zoe.renamed@example.com", "sort_key": "renamed zoe"}
        work.db.execute(update(User).where(User.id % 50 == 7).values(renamed))
        work.db.execute(update(User).where(User.id % 50 == 8).values(phone="030", search_key=User.search_key))
        work.db.execute(delete(User).where(User.id % 50 == 9))
    return company


def everybody(core: Core) -> list[Row]:
    """Return what the oracle needs to know of each person."""
    columns = (User.id, User.search_key, User.sort_key, User.status, User.role, User.last_sign_in_at)
    with core.operator_look() as look:
        return [
            (row.id, row.search_key, row.sort_key, row.status, row.role, row.last_sign_in_at)
            for row in look.db.execute(select(*columns))
        ]


ORDERS: dict[str, Callable[[Row], Any]] = {
    "name": lambda row: (row[2], row[0]),
    "role": lambda row: (row[4], row[0]),
    "status": lambda row: (row[3], row[0]),
    "seen": lambda row: (row[5] is not None, row[5] or 0, row[0]),
}


def expected(people: list[Row], chosen: Filter, sort: Sort) -> list[int]:
    """Return who is to be found, by looking at everybody."""
    terms = [(fold(term.value), term.negated) for term in chosen.of(TEXT)]
    hidden = not chosen.of("status")
    found = [
        row
        for row in people
        if all((word in row[1]) != negated for word, negated in terms) and not (hidden and row[3] != ACTIVE)
    ]
    return [row[0] for row in sorted(found, key=ORDERS[sort.column], reverse=sort.descending)]


def words_of(people: list[Row]) -> st.SearchStrategy[str]:
    """Return words of one letter and more: pieces of what is there, as typed by somebody, and nonsense."""
    keys = [row[1] for row in people]
    pieces = st.tuples(st.sampled_from(keys), st.integers(0, 40), st.integers(1, 8))
    cut = pieces.map(lambda piece: piece[0][piece[1] : piece[1] + piece[2]])
    return (
        cut
        | cut.map(str.upper)
        | LETTERS
        | st.sampled_from(["e", "com", "example", "io", "g", "zoe ren", "%", "_"])
    )


def test_every_way_of_searching_finds_the_same_people(crowd: House) -> None:
    """Any words, negated or not, in any order of the list, find whoever has them, each once and sorted."""
    people = everybody(crowd.core)
    terms = st.builds(Term, st.just(TEXT), st.just(":"), words_of(people), st.booleans())
    status = st.sampled_from([(), (Term("status", ":", "any", negated=False),)])

    @effort(25, 80)
    @given(
        st.lists(terms, min_size=1, max_size=3),
        status,
        st.builds(Sort, st.sampled_from(list(ORDERS)), st.booleans()),
    )
    def agree(words: list[Term], others: tuple[Term, ...], sort: Sort) -> None:
        chosen = Filter((*words, *others))
        wanted = expected(people, chosen, sort)
        with crowd.core.operator_look() as look:
            assert list(itertools.chain.from_iterable(users.ids(look, chosen, sort))) == wanted
            assert [row.id for row in users.first(look, chosen, sort, limit=7)] == wanted[:7]
            assert users.count(look, chosen) == len(wanted)
            assert users.count_up_to(look, chosen, 5) == min(len(wanted), 6)

    agree()


@sqlite_only
def test_names_that_begin_with_a_word_are_met_together_with_the_others(crowd: House) -> None:
    """The short cut for words that stand at the beginning of names finds the first people in order, or does not apply."""
    people = everybody(crowd.core)

    @effort(40, 100)
    @given(words_of(people), st.booleans())
    def agree(word: str, descending: bool) -> None:  # noqa: FBT001 - hypothesis hands values over by place
        chosen, sort = Filter((Term(TEXT, ":", word, negated=False),)), Sort("name", descending)
        with crowd.core.operator_look() as look:
            ways = ways_to_find(look.db, chosen, look.now)
            met = people_order._meet_around(look, ways, sort=sort, wanted=20)
        assert list(met) == ([] if ways.proposed is None else expected(people, chosen, sort)[:20])

    agree()


def test_the_first_rows_are_the_beginning_of_all(crowd: House) -> None:
    """In each order nobody is lost or doubled between the first rows, the first chunk and the rest."""
    people = everybody(crowd.core)
    for column, descending in itertools.product(users.SORTS, (False, True)):
        begins_alike(crowd, people, Sort(column, descending))


def begins_alike(crowd: House, people: list[Row], sort: Sort) -> None:
    """Check one order, without words and with some."""
    for words in (
        [],
        [Term(TEXT, ":", "example", negated=False)],
        [Term("role", ":", "learner", negated=False)],
    ):
        chosen = Filter(tuple(words))
        with crowd.core.operator_look() as look:
            ids = list(itertools.chain.from_iterable(users.ids(look, chosen, sort)))
            assert [row.id for row in users.first(look, chosen, sort, limit=30)] == ids[:30]
            assert len(set(ids)) == len(ids) == users.count(look, chosen)
        if sort.column in ORDERS and not chosen.of("role"):
            assert ids == expected(people, chosen, sort)


def test_a_search_without_its_index_walks(crowd: House) -> None:
    """Where the search index could not be made, or is gone, everybody is found all the same."""
    people = everybody(crowd.core)
    with crowd.core.operator() as work:
        names = ("insert", "delete", "update")
        gone = [f"DROP TRIGGER users_search_{name}" for name in names] + [
            "DROP TABLE users_search_terms",
            "DROP TABLE users_search",
        ]
        if not is_sqlite(work.db):
            gone = ["DROP INDEX ix_users_search_trigrams", "DROP INDEX ix_users_search_letters"]
        for statement in gone:
            work.db.execute(text(statement))
    with Core.open(crowd.core.settings) as anew, anew.operator_look() as look:
        for word in ("zoe", "王", "e", "ampl", "%"):
            chosen = Filter((Term(TEXT, ":", word, negated=False),))
            ids = list(itertools.chain.from_iterable(users.ids(look, chosen)))
            assert ids == expected(people, chosen, users.BY_NAME)
