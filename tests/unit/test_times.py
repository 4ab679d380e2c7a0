"""Moments are aware and in UTC, on the way into a database and out of it (P20)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.engine import Dialect, make_url

from core.models.base import UtcDateTime
from core.ports import SystemClock

BERLIN = timezone(timedelta(hours=2))
MOMENT = datetime(2026, 3, 29, 3, 0, tzinfo=BERLIN)
DIALECTS: list[Dialect] = [
    make_url(f"{name}://").get_dialect()() for name in ("sqlite", "postgresql+psycopg")
]


@pytest.fixture(params=["Asia/Kolkata", "America/St_Johns", "UTC"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let the process live in another time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_naive_moment_raises(dialect: Dialect) -> None:
    """A moment without a zone is a mistake of ours and never reaches a database."""
    with pytest.raises(ValueError, match="without a zone"):
        UtcDateTime().process_bind_param(datetime(2026, 3, 2, 9, 0), dialect)  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_moment_comes_back_in_utc(dialect: Dialect, zone: str) -> None:
    """Whatever zone a moment was written in and the host lives in, the same moment comes back in UTC."""
    stored = UtcDateTime().process_bind_param(MOMENT, dialect)
    found = UtcDateTime().process_result_value(stored, dialect)
    assert found == MOMENT
    assert found is not None
    assert found.tzinfo is UTC


def test_nothing_stays_nothing() -> None:
    """An empty moment is empty on both ways."""
    assert UtcDateTime().process_bind_param(None, DIALECTS[0]) is None
    assert UtcDateTime().process_result_value(None, DIALECTS[0]) is None


def test_the_systems_clock_is_aware(zone: str) -> None:
    """The clock of production tells UTC in every zone."""
    before = time.time()
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert before <= now.timestamp() <= time.time()
