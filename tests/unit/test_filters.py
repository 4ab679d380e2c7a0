"""The filter language: how a text becomes terms, and that a wrong word is named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidFilter
from core.filter_keys import INVITATION_KEYS, USER_KEYS, parse_audit, parse_invitations, parse_users
from core.filters import TEXT, Filter, Term, moment_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
VALUES = st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"]), min_size=1, max_size=12)


def text(value: str, *, negated: bool = False) -> Term:
    """Return the term of a bare word."""
    return Term(TEXT, ":", value, negated)


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", ()),
        ("  \u00a0 ", ()),
        ("ada", (text("ada"),)),
        ("ada byron", (text("ada"), text("byron"))),
        ('"ada byron"', (text("ada byron"),)),
        ("-ada", (text("ada", negated=True),)),
        ("role:learner", (Term("role", ":", "learner", False),)),
        ("ROLE:Learner", (Term("role", ":", "Learner", False),)),
        ("role>=trainer", (Term("role", ">=", "trainer", False),)),
        ("-role<admin", (Term("role", "<", "admin", True),)),
        ('dept:"Field Sales" x', (Term("dept", ":", "Field Sales", False), text("x"))),
        ("ada@example.com", (text("ada@example.com"),)),
        ("o'brien 50%", (text("o'brien"), text("50%"))),
    ],
)
def test_a_text_becomes_terms(typed: str, terms: tuple[Term, ...]) -> None:
    """Words, keys with operators, quotes and the minus are read as they are written."""
    assert parse_users(typed).terms == terms


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("rolle:learner", ("rolle:learner", "no key rolle", "role, dept, group")),
        ("http://x", ("http://x", "no key http")),
        ("role:", ("role:", "a value is missing")),
        ('role:""', ('role:""', "a value is missing")),
        ("dept>sales", ("dept>sales", "dept takes dept:…")),
        ("ada -", ("-", "a minus needs a word")),
        ('dept:"Field Sales', ('dept:"Field Sales', "quote is not closed")),
    ],
)
def test_a_wrong_word_is_named(typed: str, named: tuple[str, ...]) -> None:
    """The sentence repeats the word, says what is wrong and lists what exists."""
    with pytest.raises(InvalidFilter) as caught:
        parse_users(typed)
    assert list(caught.value.fields) == ["filter"]
    assert not [part for part in named if part not in caught.value.message]


def test_each_list_has_its_own_keys() -> None:
    """A key of one list is unknown in another, and the sentence lists those that exist there."""
    assert parse_invitations("state:open mail:failed").terms
    assert parse_audit("action:invit by:ada").terms
    with pytest.raises(InvalidFilter, match="There is: action, by"):
        parse_audit("state:open")
    with pytest.raises(InvalidFilter, match="no key state"):
        parse_users("state:open")


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["-", '"', ":", "role", "seen<", "90d", " ", "none", ">"])).map("".join)
)
def test_any_text_is_a_filter_or_refused(typed: str) -> None:
    """Whatever is typed is understood or answered with a sentence."""
    try:
        assert isinstance(parse_users(typed), Filter)
    except InvalidFilter as problem:
        assert problem.message.startswith("The filter word ")  # noqa: PT017 - it need not be refused


@given(
    st.lists(
        st.builds(text, VALUES, negated=st.booleans())
        | st.builds(
            Term,
            st.sampled_from(sorted(USER_KEYS.keys() & INVITATION_KEYS.keys())),
            st.just(":"),
            VALUES,
            st.booleans(),
        ),
        max_size=4,
    )
)
def test_a_filter_is_written_as_it_is_read(terms: list[Term]) -> None:
    """The text shown for a filter means the same filter again."""
    chosen = Filter(tuple(terms))
    assert parse_users(str(chosen)) == chosen


@pytest.mark.parametrize(
    ("word", "operator", "moment"),
    [
        ("seen>90d", "<", datetime(2025, 12, 2, 9, 0, tzinfo=UTC)),
        ("seen<2h", ">", datetime(2026, 3, 2, 7, 0, tzinfo=UTC)),
        ("seen<=1W", ">=", datetime(2026, 2, 23, 9, 0, tzinfo=UTC)),
        ("joined:2026-01-31", ":", datetime(2026, 1, 31, tzinfo=UTC)),
        ("joined>2026-01-31", ">", datetime(2026, 1, 31, tzinfo=UTC)),
    ],
)
def test_dates_and_ages_become_moments(word: str, operator: str, moment: datetime) -> None:
    """A date is its first moment in UTC; an age counts back from now and turns the comparison round."""
    assert moment_of(parse_users(word).terms[0], NOW) == (operator, moment)


@pytest.mark.parametrize(
    "value",
    ["yesterday", "2026-02-30", "90", "d", "-5d", "99999y", "9999-12-31", "2026-01-31T00:00", "\u0663d"],
)
def test_a_moment_that_is_none_is_named(value: str) -> None:
    """What is neither date nor age, or lies beyond the calendar, is named with an example of each."""
    with pytest.raises(InvalidFilter, match="expected a date such as") as caught:
        moment_of(Term("seen", ">", value, False), NOW)
    assert value in caught.value.message
