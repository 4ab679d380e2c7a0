"""Which cells carry the sign that they have just changed, and until when."""

from __future__ import annotations

from collections.abc import Sequence


class Flags:
    """Cells by row id and column key, each row with the instant its signs come off."""

    def __init__(self, seconds: float) -> None:
        """Start with none.

        Args:
            seconds: how long a sign stays.
        """
        self.seconds = seconds
        self._rows: dict[int, tuple[frozenset[str], float]] = {}

    def of(self, row_id: int) -> frozenset[str]:
        """Return the keys of a row's signed cells."""
        signed = self._rows.get(row_id)
        return signed[0] if signed else frozenset()

    def add(self, row_id: int, keys: frozenset[str], now: float) -> None:
        """Sign cells of a row, beside those that are; the row's time starts again."""
        if keys:
            self._rows[row_id] = (self.of(row_id) | keys, now + self.seconds)

    def take_off(self, now: float) -> Sequence[int]:
        """Take off the signs whose time is over; return the ids of their rows."""
        over = [row_id for row_id, (_, until) in self._rows.items() if until <= now]
        for row_id in over:
            del self._rows[row_id]
        return over

    def seconds_left(self, now: float) -> float | None:
        """Return the seconds until the next sign comes off; None while there is none."""
        return min((max(0.0, until - now) for _, until in self._rows.values()), default=None)
