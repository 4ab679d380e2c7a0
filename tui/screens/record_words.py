"""What the lists of records share: moments in UTC, and the filter word of a value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.filters import Term


def moment_text(moment: datetime | None) -> str:
    """Return a moment to the minute; nothing for none."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if moment else ""


def hours_text(time: timedelta) -> str:
    """Return a span of more than a day in whole hours."""
    return f"{int(time.total_seconds()) // 3600:,} hours"


def day_text(moment: datetime) -> str:
    """Return the day of a moment, as filters write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def word_of(key: str, value: str) -> tuple[Term, ...]:
    """Return the filter word for a value; none where it cannot be written as one."""
    return (Term(key, ":", value, negated=False),) if value and '"' not in value else ()
