"""A clock that stands still until a test moves it: the clock port of every test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

FIRST_MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class MovableClock:
    """Time as a test wants it."""

    def __init__(self, moment: datetime = FIRST_MOMENT) -> None:
        """Stand at `moment`, which is aware."""
        self._moment = moment

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        return self._moment

    def move(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Go forward (or back, with negative numbers) and return the new moment."""
        self._moment += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self._moment
