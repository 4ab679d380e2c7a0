"""The filter word behind a cell, and what becomes of a filter that it joins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.filter_keys import parse_invitations, parse_users
from core.filters import Filter
from core.reading.cell_words import invitation_words, narrowed, user_words
from core.reading.invitations import InvitationRow
from core.reading.users import UserRow
from core.roles import Role

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROW = UserRow(
    id=1,
    address="bo@example.com",
    first_name="Bo",
    last_name="Berg",
    role=Role.CONTENT_MANAGER,
    status="active",
    department="Sales",
    groups=("Night shift", "Q3"),
    seats=(),
    language="",
    joined=NOON,
    last_sign_in=None,
    version=1,
)


@pytest.mark.parametrize(
    ("column", "word"),
    [
        ("name", '"Bo Berg"'),
        ("address", "bo@example.com"),
        ("role", "role:content-manager"),
        ("status", "status:active"),
        ("department", "dept:Sales"),
        ("groups", 'group:"Night shift" group:Q3'),
        ("seats", "seat:none"),
        ("seen", "seen:never"),
        ("joined", "joined:2026-03-02"),
        ("language", "lang:none"),
        ("unheard-of", ""),
    ],
)
def test_a_cell_of_a_person_has_its_word(column: str, word: str) -> None:
    """What is typed to find the rows that say the same."""
    assert str(Filter(user_words(ROW, column))) == word


@given(st.text(min_size=1), st.text(min_size=1))
def test_every_word_can_be_typed(name: str, department: str) -> None:
    """Whatever a name or a department is made of, its word is read back as it was meant."""
    row = replace(ROW, first_name=name, last_name="", department=department)
    for column in ("name", "department"):
        made = Filter(user_words(row, column))
        assert parse_users(str(made)) == made


def test_a_department_that_is_called_none_has_no_word() -> None:
    """`dept:none` means nobody's department, so it must not stand for that one."""
    assert user_words(replace(ROW, department="None"), "department") == ()


def test_a_cell_of_an_invitation_has_its_word() -> None:
    """Every column of the list of invitations."""
    row = InvitationRow(
        id=1,
        address="bo@example.com",
        role=Role.LEARNER,
        state="expired",
        mail="failed",
        mail_answer="",
        invited_by="ada@example.com",
        created=NOON,
        expires=NOON,
        department="",
        groups=(),
        batch="",
        user_id=None,
    )
    columns = ("address", "state", "mail", "role", "expires", "created", "department", "groups", "by")
    words = [str(Filter(invitation_words(row, column))) for column in columns]
    assert words == [
        "bo@example.com",
        "state:expired",
        "mail:failed",
        "role:learner",
        "expires:2026-03-02",
        "created:2026-03-02",
        "dept:none",
        "group:none",
        "by:ada@example.com",
    ]
    assert all(str(parse_invitations(word)) == word for word in words)


def test_a_word_takes_the_place_of_those_it_was_or_ed_with() -> None:
    """Two roles and a click on one leave that one; bare words, negations and comparisons stay beside it."""
    chosen = parse_users("role:trainer role:learner -role:operator role<admin ann seen>9d")
    assert str(narrowed(chosen, user_words(ROW, "role"))) == (
        "-role:operator role<admin ann seen>9d role:content-manager"
    )
    again = narrowed(chosen, user_words(ROW, "name"))
    assert narrowed(again, user_words(ROW, "name")) == again
