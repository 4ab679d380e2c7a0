"""One rule, two readings: Python judges a row and both databases judge columns, and they never disagree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Integer, String, create_engine, literal, select
from sqlalchemy.types import TypeEngine

from core.models.base import UtcDateTime
from core.models.invitations import ACCEPTED, OPEN, REPLACED, WITHDRAWN
from core.models.outbox import DROPPED, FAILED, SENDING, SENT, WAITING
from core.models.people import ACTIVE, ARCHIVED
from core.roles import Actor, Role
from core.rules import RULE_SETS, all_hold, refusal_code, refusal_named, refusal_of
from tests.databases import Database
from tests.properties.effort import effort

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STATES = (OPEN, ACCEPTED, REPLACED, WITHDRAWN, WAITING, SENDING, SENT, FAILED, DROPPED)
# The same few moments in several zones, so that "equal" and "just before" come up often.
MOMENTS = st.builds(
    lambda micros, hours: (NOW + timedelta(microseconds=micros)).astimezone(timezone(timedelta(hours=hours))),
    st.integers(-2, 2) | st.integers(-(10**9), 10**9),
    st.integers(-12, 14),
)
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "role": st.sampled_from([0, *(int(role) for role in Role)]),
    "inviter_role": st.sampled_from([0, *(int(role) for role in Role)]),
    "state": st.sampled_from(STATES),
    "status": st.sampled_from([ACTIVE, ARCHIVED, ""]),
    "last_admin": st.integers(0, 1),
    "changes": st.integers(0, 1),
    "expires_at": MOMENTS,
    "closed_at": MOMENTS,
    "now": MOMENTS,
}
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(0, 4),
    "str": st.sampled_from(["", "a", "Bo"]),
}
COLUMNS: dict[str, TypeEngine[Any]] = {"int": Integer(), "str": String(), "datetime": UtcDateTime()}
ACTORS = st.builds(Actor, st.sampled_from(Role), st.just("somebody"), st.integers(0, 3))


def facts_of(kind: type) -> st.SearchStrategy[Any]:
    """Return rows of facts with values that often meet in the middle of a rule."""
    assert is_dataclass(kind)
    values = {
        each.name: BY_NAME[each.name] if each.name in BY_NAME else BY_TYPE[str(each.type)]
        for each in fields(kind)
    }
    return st.builds(kind, **values)


def as_columns(row: Any) -> SimpleNamespace:
    """Return the same facts as columns of one row."""
    kinds = {each.name: COLUMNS[str(each.type)] for each in fields(row)}
    chosen = select(
        *(literal(value, kinds[name]).label(name) for name, value in asdict(row).items())
    ).subquery()
    return SimpleNamespace(**{name: chosen.c[name] for name in kinds})


@pytest.fixture
def connection(blank_database: Database) -> Iterator[Connection]:
    """Lend a connection to a database of each kind."""
    engine = create_engine(blank_database.url.reveal())
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.mark.parametrize("name", RULE_SETS)
def test_python_and_sql_break_the_same_rule_first(name: str, connection: Connection) -> None:
    """For any actor and any facts, the row in Python and the columns in SQL name the same refusal."""
    rules, kind = RULE_SETS[name]

    @effort(60, 120)
    @given(ACTORS, facts_of(kind))
    def agree(actor: Actor, row: Any) -> None:
        refusal = refusal_of(rules, actor, row)
        columns = as_columns(row)
        code, whole = connection.execute(
            select(refusal_code(rules, actor, columns), all_hold(rules, actor, columns))
        ).one()
        assert code == (refusal.code if refusal else "")
        assert bool(whole) == (refusal is None)
        if refusal:
            assert refusal_named(rules, code, actor, row).message == refusal.message

    agree()
